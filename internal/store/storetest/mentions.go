package storetest

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"reputed/internal/reputation"
)

func testCursor(t *testing.T, s Store) {
	check := func(what string, want reputation.Cursor) {
		t.Helper()
		got, err := s.Cursor(t.Context(), "weibo")
		if err != nil {
			t.Fatal(err)
		}
		equal(t, what, got, want)
	}
	check("before the first poll", reputation.Cursor{})

	polled := reputation.Cursor{ETag: `W/"7"`, LastModified: "Sun, 22 Nov 2026 04:00:00 GMT", Digest: "d", Seen: []string{"a", "b"}}
	if _, err := s.Commit(t.Context(), "weibo", polled, nil, noon()); err != nil {
		t.Fatal(err)
	}
	check("after a poll", polled)

	polled.NotBefore = noon().Add(time.Hour)
	if err := s.Failed(t.Context(), "weibo", polled, noon(), "429 Too Many Requests"); err != nil {
		t.Fatal(err)
	}
	check("after a failed poll", polled)
}

func testFresh(t *testing.T, s Store) {
	first := mention("news", "1", reputation.Negative, noon())
	if fresh := mustCommit(t, s, "news", first); len(fresh) != 1 {
		t.Fatalf("the first mention: %d fresh", len(fresh))
	}
	change := func(f func(*reputation.Mention)) reputation.Mention {
		m := first
		f(&m)
		return m
	}
	short := change(func(m *reputation.Mention) {
		m.Item.ID, m.Item.URL, m.Item.Text = "s1", "https://news.example/s", "云杉 好"
	})
	tests := []struct {
		name     string
		mentions []reputation.Mention
		want     int
	}{
		{"again", []reputation.Mention{first}, 0},
		{"same ID, other text", []reputation.Mention{change(func(m *reputation.Mention) {
			m.Item.Text = "云杉改了这篇文章的全部内容，一个字也没有留下来。"
		})}, 0},
		{"changed ID, same URL and text", []reputation.Mention{change(func(m *reputation.Mention) { m.Item.ID = "1b" })}, 0},
		{"changed ID, same URL, other punctuation", []reputation.Mention{change(func(m *reputation.Mention) { m.Item.ID, m.Item.Text = "1f", "【"+m.Item.Text+"】" })}, 0},
		{"changed ID, same URL, other text", []reputation.Mention{change(func(m *reputation.Mention) {
			m.Item.ID, m.Item.Text = "1c", "云杉的另一篇文章，在同一个地址上。"
		})}, 1},
		{"changed ID and URL, same text", []reputation.Mention{change(func(m *reputation.Mention) { m.Item.ID, m.Item.URL = "1d", "https://news.example/d" })}, 0},
		{"changed ID, URL and time, same text", []reputation.Mention{change(func(m *reputation.Mention) {
			m.Item.ID, m.Item.URL, m.Item.Published = "1g", "https://news.example/g", m.Item.Published.Add(time.Minute)
		})}, 1},
		{"changed ID, no URL, same text", []reputation.Mention{change(func(m *reputation.Mention) { m.Item.ID, m.Item.URL = "1e", "" })}, 0},
		{"short text", []reputation.Mention{short}, 1},
		{"short text, changed ID", []reputation.Mention{func() reputation.Mention { m := short; m.Item.ID = "s2"; return m }()}, 0},
		{"short text, changed ID and text", []reputation.Mention{func() reputation.Mention { m := short; m.Item.ID, m.Item.Text = "s3", "云杉 差"; return m }()}, 1},
		{"other brand of a known item", []reputation.Mention{change(func(m *reputation.Mention) { m.Span.Brand = "青禾" })}, 1},
		{"twice in one poll", []reputation.Mention{mention("news", "2", reputation.Neutral, noon()), mention("news", "2", reputation.Neutral, noon())}, 1},
		{"known and new together", []reputation.Mention{first, mention("news", "3", reputation.Neutral, noon())}, 1},
	}
	for _, test := range tests {
		fresh := mustCommit(t, s, "news", test.mentions...)
		if len(fresh) != test.want {
			t.Errorf("%s: %d fresh, want %d", test.name, len(fresh), test.want)
		}
	}
	same := first
	same.Item.Source = "forum"
	if fresh := mustCommit(t, s, "forum", same); len(fresh) != 1 {
		t.Errorf("same ID in another source: %d fresh, want 1", len(fresh))
	}
}

func testAllOrNothing(t *testing.T, s Store) {
	mustCommit(t, s, "forum")
	bad := mention("news", "2", reputation.Negative, noon())
	bad.Score.Value = -1.5
	foreign := mention("forum", "3", reputation.Negative, noon())
	for _, wrong := range []reputation.Mention{bad, foreign} {
		mentions := []reputation.Mention{mention("news", "1", reputation.Negative, noon()), wrong}
		if fresh, err := s.Commit(t.Context(), "news", reputation.Cursor{ETag: "ahead"}, mentions, noon()); err == nil {
			t.Fatalf("a wrong mention was stored: %+v", fresh)
		}
	}
	cursor, err := s.Cursor(t.Context(), "news")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "cursor after refused polls", cursor, reputation.Cursor{})
	since, err := s.Since(t.Context(), "云杉")
	if err != nil || !since.IsZero() {
		t.Errorf("a part of a refused poll was stored: oldest mention %v, error %v", since, err)
	}
}

func testParallel(t *testing.T, s Store) {
	const sources, polls, size = 4, 8, 5
	var wg sync.WaitGroup
	for i := range sources {
		wg.Go(func() {
			source := fmt.Sprintf("s%d", i)
			for poll := range polls {
				var mentions []reputation.Mention
				for k := range size {
					mentions = append(mentions, mention(source, fmt.Sprintf("%d-%d", poll, k), reputation.Negative, noon()))
				}
				if fresh, err := s.Commit(t.Context(), source, reputation.Cursor{}, mentions, noon()); err != nil || len(fresh) != size {
					t.Errorf("poll %d of %s: %d fresh, %v", poll, source, len(fresh), err)
				}
			}
		})
		wg.Go(func() {
			for range polls {
				hours, err := s.Hours(t.Context(), "云杉", noon(), 1)
				if err != nil || hours[0].Mentions%size != 0 {
					t.Errorf("beside the writers: %+v, %v; want whole polls", hours, err)
				}
			}
		})
	}
	wg.Wait()
	hours, err := s.Hours(t.Context(), "云杉", noon(), 1)
	if err != nil {
		t.Fatal(err)
	}
	const all = sources * polls * size
	equal(t, "in the end", hours, []reputation.Hour{{Mentions: all, Negative: all, Stories: all}})
}

func testChangedText(t *testing.T, s Store) {
	first := mention("news", "1", reputation.Negative, noon())
	mustCommit(t, s, "news", first)
	edited := first
	edited.Item.Text = "更正：" + first.Item.Text + "另外，青禾也出了同样的问题。"
	edited.Span = reputation.Span{Brand: "青禾", Term: "青禾", Start: len(edited.Item.Text) - 30, End: len(edited.Item.Text) - 24}
	edited.Score.Evidence = []reputation.Evidence{{Term: "问题", Weight: -0.5, Start: 90, End: 96, Rule: "问题 -2"}}
	edited.LoyaltyEvidence = []reputation.Evidence{{Term: "质量", Weight: 3, Start: 60, End: 66, Rule: "driver quality +3"}}
	mustCommit(t, s, "news", edited)

	got, _, err := s.Negative(t.Context(), "青禾", noon().Add(-time.Hour), noon(), -1)
	if err != nil || len(got) != 1 {
		t.Fatalf("%d mentions, %v", len(got), err)
	}
	equal(t, "text", got[0].Item.Text, first.Item.Text)
	equal(t, "span", got[0].Span, reputation.Span{Brand: "青禾", Term: "青禾"})
	equal(t, "evidence", got[0].Score.Evidence, []reputation.Evidence{{Term: "问题", Weight: -0.5, Rule: "问题 -2"}})
	equal(t, "loyalty evidence", got[0].LoyaltyEvidence, []reputation.Evidence{{Term: "质量", Weight: 3, Rule: "driver quality +3"}})
}
