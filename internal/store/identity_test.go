package store_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"reputed/internal/reputation"
)

const (
	leak    = "云杉咖啡的会员积分一夜之间全部清零，客服说是系统升级造成的，正在恢复，请耐心等待。"
	leak2   = "云杉咖啡的会员积分一夜之间全部清零，客服承认是程序出错造成的，正在恢复，请耐心等待。"
	expired = "市场监管部门在云杉咖啡一家门店查出过期三天的牛奶，已经立案调查，门店停业整顿。"
)

// told is a mention as the pipeline gives it to the store.
func told(t *testing.T, source, id, url, text string) reputation.Mention {
	m := mention(source, id, "云杉", text, start)
	m.Item.URL, m.Words = url, normaliser(t)(text)
	return m
}

// What the same identifier, address and text say of whether it is the same item.
func TestItemsOfASource(t *testing.T) {
	tests := []struct {
		name             string
		polls            []reputation.Mention
		items, revisions int
		elsewhere        bool // another source had the story before
	}{
		{"edited", []reputation.Mention{
			told(t, "news", "1", "https://a.example/1", leak), told(t, "news", "1", "https://a.example/1", leak2),
		}, 1, 1, false},
		{"edited, and back again", []reputation.Mention{
			told(t, "news", "1", "https://a.example/1", leak), told(t, "news", "1", "https://a.example/1", leak2),
			told(t, "news", "1", "https://a.example/1", leak), told(t, "news", "1", "https://a.example/1", leak2),
		}, 1, 1, false},
		{"other marks are no edit", []reputation.Mention{
			told(t, "news", "1", "https://a.example/1", leak), told(t, "news", "1", "https://a.example/1", "【"+leak+"】"),
		}, 1, 0, false},
		{"rewritten at its address", []reputation.Mention{
			told(t, "news", "1", "https://a.example/1", leak), told(t, "news", "1", "https://a.example/1", expired),
		}, 1, 1, false},
		{"edited and moved", []reputation.Mention{
			told(t, "news", "1", "https://a.example/1", leak), told(t, "news", "1", "https://a.example/moved", leak2),
		}, 1, 1, false},
		{"edited, with a new identifier", []reputation.Mention{
			told(t, "news", "1", "https://a.example/1", leak), told(t, "news", "1b", "https://a.example/1", leak2),
		}, 1, 1, false},
		{"edited, with a new identifier, after another source", []reputation.Mention{
			told(t, "news", "1", "https://a.example/1", leak), told(t, "news", "1b", "https://a.example/1", leak2),
		}, 1, 1, true},
		{"an identifier that was given to another item", []reputation.Mention{
			told(t, "news", "1", "https://a.example/1", leak), told(t, "news", "1", "https://a.example/2", expired),
			told(t, "news", "1", "https://a.example/2", expired), told(t, "news", "1", "https://a.example/1", leak),
		}, 2, 0, false},
		{"all items at one address", []reputation.Mention{
			told(t, "news", "1", "https://a.example/", leak), told(t, "news", "2", "https://a.example/", expired),
		}, 2, 0, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "reputed.db")
			s := create(t, path)
			if test.elsewhere {
				commit(t, s, "wire", told(t, "wire", "1", "https://a.example/1", leak))
			}
			for _, m := range test.polls {
				commit(t, s, "news", m)
			}
			db := connect(t, path)
			items, revisions := one[int](t, db, `SELECT count(*) FROM items WHERE source = 'news'`), one[int](t, db, `SELECT count(*) FROM revisions`)
			if items != test.items || revisions != test.revisions {
				t.Errorf("%d items with %d revisions, want %d with %d", items, revisions, test.items, test.revisions)
			}
			if mentions := one[int](t, db, `SELECT sum(mentions) FROM sentiment_daily WHERE source = 'news'`); mentions != test.items {
				t.Errorf("%d mentions of %d items", mentions, test.items)
			}
			if err := s.Check(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

// The item shows what was counted and alerted on; the revision, what became of it.
func TestRevision(t *testing.T) {
	path := filepath.Join(t.TempDir(), "reputed.db")
	s := create(t, path)
	first := told(t, "news", "1", "https://a.example/1", leak)
	first.Score = reputation.Score{Value: -0.5, Label: reputation.Negative}
	commit(t, s, "news", first)
	for _, brand := range []string{"云杉", `"青禾".$[1]`} {
		m := told(t, "news", "1", "https://a.example/1", leak2)
		m.Item.Title, m.Item.Fetched, m.Span.Brand = "更正", start.Add(time.Hour), brand
		commit(t, s, "news", m)
	}
	db := connect(t, path)
	got := rows(t, db, `SELECT r.title, r.text = ?, r.fetched_at, b.key, b.value ->> 'score', b.value ->> 'label', i.text = ?, m.label
		FROM revisions r JOIN items i ON i.id = r.item_id JOIN mentions m ON m.item_id = i.id AND m.brand = '云杉', json_each(r.ratings) b ORDER BY b.key`, leak2, leak)
	want := "更正12026-11-01T01:00:00Z\"青禾\".$[1]0neutral1negative\n更正12026-11-01T01:00:00Z云杉0neutral1negative"
	if strings.Join(got, "\n") != want {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), want)
	}
}

// A page that shows a clock has another text at each poll.
func TestRevisionsAreBounded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "reputed.db")
	s := create(t, path)
	for i := range 100 {
		commit(t, s, "news", told(t, "news", "1", "https://a.example/1", fmt.Sprintf("%s 现在时间 %d", leak, i)))
	}
	if n := one[int](t, connect(t, path), `SELECT count(*) FROM revisions`); n != 20 {
		t.Errorf("%d revisions, want 20", n)
	}
}

// answer is one to a survey about 云杉; a rating below 0 is none.
func answer(t *testing.T, id, text string, nps, csat int) reputation.Mention {
	m := told(t, "survey", id, "", text)
	m.Item.Brand = "云杉"
	m.Item.NPS, m.Item.CSAT = reputation.Rating{Given: nps >= 0, Value: nps}, reputation.Rating{Given: csat >= 0, Value: csat}
	if text == "" {
		m.Score.Label = ""
	}
	return m
}

// Two customers who answer the same are two answers and no copies of each other, and
// an answer without words is no mention.
func TestAnswers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "reputed.db")
	s := create(t, path)
	all := []reputation.Mention{
		answer(t, "1", leak, 0, 2), answer(t, "2", leak, 6, -1), answer(t, "3", "", 9, 5), answer(t, "4", "", 7, 4), answer(t, "5", "还行", -1, 3),
		answer(t, "6", "好", 10, -1),
	}
	if fresh := commit(t, s, "survey", all...); len(fresh) != len(all) {
		t.Errorf("%d of %d answers are new", len(fresh), len(all))
	}
	if fresh := commit(t, s, "survey", all...); len(fresh) != 0 {
		t.Errorf("%d answers are new again", len(fresh))
	}
	db := connect(t, path)
	if n := one[int](t, db, `SELECT count(*) FROM answers`); n != len(all) {
		t.Errorf("%d answers, want %d", n, len(all))
	}
	got := rows(t, db, `SELECT brand, source, day, answers, promoters, passives, detractors, nps, csat_answers, csat FROM survey_daily`)
	if want := "云杉survey2026-11-016 2 1 2 0 4 50"; len(got) != 1 || got[0] != want {
		t.Errorf("survey_daily: %q, want %q", got, want)
	}
	if n := one[int](t, db, `SELECT sum(mentions) FROM sentiment_daily`); n != 4 {
		t.Errorf("%d mentions, want the 4 answers with words", n)
	}
	if n := one[int](t, db, `SELECT count(*) FROM items WHERE duplicate_of IS NOT NULL`); n != 0 {
		t.Errorf("%d answers are copies", n)
	}
	if err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

// A later export may correct a rating, give one that was missing, or take one back.
func TestAnAnswerHasTheRatingsOfTheLastExport(t *testing.T) {
	path := filepath.Join(t.TempDir(), "reputed.db")
	s := create(t, path)
	commit(t, s, "survey", answer(t, "1", leak, 0, 2), answer(t, "2", "", 9, -1), answer(t, "3", "还行", 7, 4))
	if fresh := commit(t, s, "survey", answer(t, "1", leak, 10, 2), answer(t, "2", "", 9, 5), answer(t, "3", "还行", -1, 4)); len(fresh) != 0 {
		t.Errorf("%d corrected answers are new", len(fresh))
	}
	got := rows(t, connect(t, path), `SELECT item_id || ' ' || ifnull(nps, '-') || ' ' || ifnull(csat, '-') FROM answers ORDER BY item_id`)
	if want := "1 10 2\n2 9 5\n3 - 4"; strings.Join(got, "\n") != want {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), want)
	}
}
