package store_test

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"reputed/internal/reputation"
)

// After any sequence of polls and corrections, with copies, repeated and edited
// items, the rollups and everything else that is derived equal a recount, and the views
// agree with the mentions.
func TestDerivedDataEqualsRecount(t *testing.T) {
	path := filepath.Join(t.TempDir(), "reputed.db")
	s := create(t, path)
	rng := rand.New(rand.NewPCG(2026, 11))
	total := 0
	for range 25 {
		source := pick(rng, "weibo", "news", "forum")
		mentions := make([]reputation.Mention, rng.IntN(40))
		for i := range mentions {
			mentions[i] = anyMention(rng, source)
		}
		total += len(commit(t, s, source, mentions...))
		for range min(total, 8) {
			label := pick(rng, reputation.Positive, reputation.Neutral, reputation.Negative)
			if _, err := s.Correct(t.Context(), int64(1+rng.IntN(total)), label, "", start); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}
	db := connect(t, path)
	for _, view := range []string{"mentions", "sentiment_hourly", "sentiment_daily", "share_of_voice_daily", "drivers_daily"} {
		query := `SELECT sum(mentions) FROM ` + view
		if view == "mentions" {
			query = `SELECT count(*) FROM mentions`
		}
		if got := one[int](t, db, query); got != total {
			t.Errorf("%s counts %d mentions of %d", view, got, total)
		}
	}
	const recount = `SELECT max(abs(v.net_sentiment - m.net), abs(v.mean_score - m.mean)) FROM sentiment_daily v JOIN (
		SELECT brand, source, substr(at, 1, 10) AS day, avg((label = 'positive') - (label = 'negative')) AS net, avg(score) AS mean
		FROM mentions JOIN items ON items.id = item_id GROUP BY 1, 2, 3) m USING (brand, source, day) ORDER BY 1 DESC LIMIT 1`
	if got := one[float64](t, db, recount); got > 1e-9 {
		t.Errorf("a day's net sentiment or mean score is wrong by %g", got)
	}
	if got := one[float64](t, db, `SELECT max(abs(sum - 1)) FROM (SELECT sum(share) AS sum FROM share_of_voice_daily GROUP BY day)`); got > 1e-9 {
		t.Errorf("a day's shares of voice miss 1 by %g", got)
	}
}

// anyMention is drawn from few identifiers and texts, so that it often collides
// with another.
func anyMention(rng *rand.Rand, source string) reputation.Mention {
	at := start.Add(time.Duration(rng.IntN(72*3600)) * time.Second)
	m := mention(source, fmt.Sprint(rng.IntN(300)), pick(rng, "云杉", "青禾"), "", at)
	m.Item.Title = pick(rng, "", "云杉与青禾")
	m.Item.Text = fmt.Sprintf("%s云杉与青禾的第%d次比较，谁的咖啡更好，顾客怎么说。", pick(rng, "", m.Item.Title), rng.IntN(200))
	if rng.IntN(3) > 0 {
		m.Item.URL = fmt.Sprintf("https://%s.example/%d", pick(rng, "a", "b"), rng.IntN(200))
	}
	m.Driver = pick(rng, "", "service", "price")
	m.Signals = pick(rng, nil, []string{"churn"}, []string{"churn", "a \xff byte"}, []string{"risk"})
	m.LoyaltyEvidence = []reputation.Evidence{
		{Term: "质量", Weight: 4, Rule: "driver quality +4"},
		{Term: "起火", Weight: pick(rng, 1.0, 2, 3), Rule: "severity of risk +1"},
	}
	m.Score.Value = rng.Float64()*2 - 1
	m.Score.Label = pick(rng, reputation.Positive, reputation.Neutral, reputation.Negative)
	for range rng.IntN(5) {
		m.Score.Evidence = append(m.Score.Evidence, reputation.Evidence{Term: pick(rng, "差", "好", "退款", "bad\xff"), Weight: rng.Float64() - 0.7})
	}
	return m
}

func TestDuplicateOf(t *testing.T) {
	const (
		storyA = "云杉咖啡一家门店的牛奶过期三天仍在使用，市场监管部门已经介入调查。"
		storyB = "云杉咖啡的会员积分一夜之间全部清零，客服说是系统升级造成的，正在恢复。"
	)
	path := filepath.Join(t.TempDir(), "reputed.db")
	s := create(t, path)
	items := []struct {
		source, name, url, text string
		want                    string // the name of the original
	}{
		{"news", "a1", "https://a.example/1", storyA, ""},
		{"news", "b1", "https://b.example/1", storyB, ""},
		{"blog", "a2", "https://a.example/2", storyA, "a1"},
		{"forum", "a3", "https://a.example/2", "看这里，云杉", "a1"}, // the URL of a copy leads to its original
		{"news", "a4", "https://a.example/1", "又一条，云杉", ""},    // a feed whose items all link to one page
		{"forum", "both", "https://b.example/1", storyA, "a1"}, // the earliest of two
		{"news", "short1", "", "云杉 好", ""},
		{"news", "short2", "", "云杉 好", ""},
		{"news", "latin1", "", "Yunshan Coffee: never again!!", ""},
		{"blog", "latin2", "", "yunshan coffee — NEVER AGAIN", "latin1"},
	}
	for _, i := range items {
		m := mention(i.source, i.name, "云杉", i.text, start)
		m.Item.URL = i.url
		commit(t, s, i.source, m)
	}
	db := connect(t, path)
	for _, i := range items {
		got := one[sql.NullString](t, db, `SELECT (SELECT guid FROM items o WHERE o.id = items.duplicate_of) FROM items WHERE guid = ?`, i.name)
		if got.String != i.want {
			t.Errorf("%s is a copy of %q, want %q", i.name, got.String, i.want)
		}
	}
}

func TestSearch(t *testing.T) {
	path := filepath.Join(t.TempDir(), "reputed.db")
	s := create(t, path)
	for id, words := range map[string]string{
		"refund":  "我 要 退款 , 客服 不 理",
		"refuse":  "退 了 这 款 手机",
		"english": "the refund never came",
	} {
		m := mention("news", id, "云杉", words, start)
		m.Words = words
		commit(t, s, "news", m, m)
	}
	db := connect(t, path)
	for match, want := range map[string]string{
		"退款":           "refund",
		"退款 客服":        "refund",
		`"不 理"`:        "refund",
		"refund OR 手机": "english,refuse",
		"refun*":       "english",
		"款":            "refuse",
		"没有":           "",
	} {
		got := one[string](t, db, `SELECT coalesce(group_concat(guid), '') FROM (
			SELECT guid FROM search JOIN items ON items.id = search.docid WHERE search MATCH ? ORDER BY guid)`, match)
		if got != want {
			t.Errorf("search for %s finds %q, want %q", match, got, want)
		}
	}
	// What is deleted later is not found any more.
	execute(t, path, `DELETE FROM search WHERE docid = (SELECT id FROM items WHERE guid = 'refund')`)
	if got := one[int](t, db, `SELECT count(*) FROM search WHERE search MATCH '退款'`); got != 0 {
		t.Errorf("a deleted text is found %d times", got)
	}
}

// The offsets of spans and evidence point into the content that the pipeline
// worked on, so the database must make the same of title and text, whatever a
// publisher puts into them.
func FuzzContent(f *testing.F) {
	f.Add("", "云杉咖啡")
	f.Add("云杉咖啡", "")
	f.Add("云杉咖啡", "云杉咖啡道歉")
	f.Add("道歉", "云杉咖啡道歉")
	f.Add("云杉\x00咖啡", "云杉\x00咖啡和别的")
	f.Add("\xff\xfe", "\xff")
	path := filepath.Join(f.TempDir(), "reputed.db")
	s := create(f, path)
	db := connect(f, path)
	n := 0
	f.Fuzz(func(t *testing.T, title, text string) {
		n++
		m := mention("news", fmt.Sprint(n), "云杉", text, start)
		m.Item.Title, m.Item.URL = title, ""
		commit(t, s, "news", m)
		if got := one[string](t, db, `SELECT content FROM items WHERE guid = ?`, fmt.Sprint(n)); got != m.Item.Content() {
			t.Errorf("title %q and text %q: stored content %q, want %q", title, text, got, m.Item.Content())
		}
	})
}

func pick[T any](rng *rand.Rand, choices ...T) T { return choices[rng.IntN(len(choices))] }

// one returns the only value of a query.
func one[T any](t *testing.T, db *sql.DB, query string, args ...any) (value T) {
	t.Helper()
	if err := db.QueryRow(query, args...).Scan(&value); err != nil {
		t.Fatalf("%s: %v", strings.Join(strings.Fields(query), " "), err)
	}
	return value
}
