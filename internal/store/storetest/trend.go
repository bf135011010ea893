package storetest

import (
	"testing"
	"time"

	"reputed/internal/reputation"
)

func testHours(t *testing.T, s Store) {
	to := noon().Add(17 * time.Minute)
	other := mention("news", "other", reputation.Negative, to)
	other.Span.Brand = "青禾"
	mustCommit(t, s, "news",
		mention("news", "1", reputation.Negative, to),
		mention("news", "2", reputation.Neutral, to.Add(-time.Hour+time.Second)),
		mention("news", "3", reputation.Negative, to.Add(-time.Hour)),
		mention("news", "4", reputation.Positive, to.Add(-90*time.Minute)),
		mention("news", "5", reputation.Negative, to.Add(-3*time.Hour)), // the start of the first hour is outside
		mention("news", "6", reputation.Negative, to.Add(time.Second)),  // dated in the future
		other,
	)
	got, err := s.Hours(t.Context(), "云杉", to, 3)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "hours", got, []reputation.Hour{
		{},
		{Mentions: 2, Negative: 1, Stories: 1},
		{Mentions: 2, Negative: 1, Stories: 1},
	})
}

func testStories(t *testing.T, s Store) {
	const report = "云杉咖啡一家门店的牛奶过期三天仍在使用，市场监管部门已经介入调查。"
	told := func(source, id, url, text string) reputation.Mention {
		m := mention(source, id, reputation.Negative, noon())
		m.Item.URL, m.Item.Text = url, text
		return m
	}
	tests := []struct {
		name    string
		mention reputation.Mention
		stories int
	}{
		{"the first", told("news", "1", "https://news.example/1", report), 1},
		{"the same URL elsewhere", told("forum", "1", "https://news.example/1", "转：云杉"), 1},
		{"the same text, other punctuation", told("portal", "1", "https://portal.example/9", "云杉咖啡，一家门店的牛奶过期三天，仍在使用！市场监管部门已经介入调查"), 1},
		{"a copy of a copy", told("blog", "1", "https://portal.example/9", "看看这个，云杉又出事了"), 1},
		{"another story", told("blog", "2", "", "云杉咖啡的会员积分一夜之间全部清零，客服说是系统升级造成的。"), 2},
		{"short texts are told by many", told("blog", "3", "", "云杉 差评"), 3},
		{"and count each", told("forum", "3", "", "云杉 差评"), 4},
	}
	for i, test := range tests {
		mustCommit(t, s, test.mention.Item.Source, test.mention)
		hours, err := s.Hours(t.Context(), "云杉", noon(), 1)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, test.name, hours, []reputation.Hour{{Mentions: i + 1, Negative: i + 1, Stories: test.stories}})
	}
}

func testSince(t *testing.T, s Store) {
	since := func() time.Time {
		t.Helper()
		got, err := s.Since(t.Context(), "云杉")
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	if got := since(); !got.IsZero() {
		t.Errorf("without mentions: %v, want the zero time", got)
	}
	mustCommit(t, s, "news", mention("news", "1", reputation.Neutral, noon()))
	mustCommit(t, s, "news", mention("news", "2", reputation.Neutral, noon().Add(-9*24*time.Hour)))
	if got, want := since(), noon().Add(-9*24*time.Hour); !got.Equal(want) {
		t.Errorf("got %v, want the oldest publication time %v, not the oldest poll", got, want)
	}
}

func testNegative(t *testing.T, s Store) {
	full := reputation.Mention{
		Item: reputation.Item{
			Source: "news", ID: "full", URL: "https://news.example/full", Title: "云杉咖啡道歉", Text: "客服态度差，道歉也没有用。", Author: "a1b2", Lang: "zh",
			Published: noon(), Fetched: noon().Add(time.Minute),
		},
		Span: reputation.Span{Brand: "云杉", Term: "云杉咖啡", Start: 0, End: 12},
		Score: reputation.Score{Value: -0.75, Label: reputation.Negative, Evidence: []reputation.Evidence{
			{Term: "差", Weight: -0.5, Start: 31, End: 34, Rule: "差 -3"},
			{Term: "没有用", Weight: -0.25, Start: 46, End: 55, Rule: "有用 +2 × 没 -0.7"},
		}},
		Driver: "service", Stage: "relationship", Signals: []string{"complaint", "churn"},
		LoyaltyEvidence: []reputation.Evidence{{Term: "客服", Weight: 3, Start: 19, End: 25, Rule: "driver service +3"}},
	}
	scored := func(id string, score float64, at time.Time) reputation.Mention {
		m := mention("news", id, reputation.Negative, at)
		m.Score.Value = score
		return m
	}
	mustCommit(t, s, "news",
		scored("mild", -0.25, noon()),
		full,
		scored("before", -1, noon().Add(-time.Hour)),
		scored("after", -1, noon().Add(time.Second)),
		mention("news", "positive", reputation.Positive, noon()),
		scored("worst", -1, noon().Add(-time.Hour+time.Second)),
	)
	got, copies, err := s.Negative(t.Context(), "云杉", noon().Add(-time.Hour), noon(), -1)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, m := range got {
		ids = append(ids, m.Item.ID)
	}
	equal(t, "order", ids, []string{"worst", "full", "mild"})
	equal(t, "copies", copies, []int{0, 0, 0})
	full.Story, full.ID = got[1].Story, got[1].ID
	equal(t, "mention", got[1], full)
	if full.Story == 0 || full.Story == got[0].Story {
		t.Errorf("stories %d and %d of two different texts", got[0].Story, full.Story)
	}
	if full.ID == 0 || full.ID == got[0].ID {
		t.Errorf("numbers %d and %d of two mentions", got[0].ID, full.ID)
	}

	got, copies, err = s.Negative(t.Context(), "云杉", noon().Add(-time.Hour), noon(), 1)
	if err != nil || len(got) != 1 || len(copies) != 1 || got[0].Item.ID != "worst" {
		t.Errorf("limit 1: %+v, %v, %v; want the worst one", got, copies, err)
	}
}

func testNegativeCopies(t *testing.T, s Store) {
	original := mention("news", "1", reputation.Negative, noon())
	mustCommit(t, s, "news", original)
	for _, source := range []string{"forum", "portal"} {
		m := original
		m.Item.Source = source
		m.Item.Published = noon().Add(-3 * time.Hour) // outside the hour, and still a copy
		mustCommit(t, s, source, m)
	}
	blog := original
	blog.Item.Source, blog.Item.Published = "blog", noon().Add(-time.Minute)
	mustCommit(t, s, "blog", blog, mention("blog", "2", reputation.Negative, noon()))

	got, copies, err := s.Negative(t.Context(), "云杉", noon().Add(-time.Hour), noon(), -1)
	if err != nil {
		t.Fatal(err)
	}
	count, stories := make(map[string]int), make(map[int64]bool)
	for i, m := range got {
		stories[m.Story] = true
		count[m.Item.Source+" "+m.Item.ID] = copies[i]
	}
	equal(t, "other items with the same story", count, map[string]int{"news 1": 3, "blog 1": 3, "blog 2": 0})
	if len(stories) != 2 {
		t.Errorf("stories %v, want two", stories)
	}
	if got[0].Item.Source == "blog" && got[0].Item.ID == "1" {
		t.Error("a copy stands before its original")
	}
}
