package store_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"reputed/internal/reputation"
	"reputed/internal/store"
)

const praise = "云杉的新店排队两小时，好喝到哭，这也太离谱了吧，下次还来。"

// ratedWrongly stores praise that was rated negative, as mention 1, beside a
// complaint about the same.
func ratedWrongly(t *testing.T, s *store.Store) {
	t.Helper()
	wrong := mention("news", "1", "云杉", praise, start)
	wrong.Score, wrong.Driver = complaint(-0.4, "离谱"), "quality"
	wrong.Score.Evidence = append(wrong.Score.Evidence, reputation.Evidence{Term: "哭", Weight: -0.2})
	right := mention("news", "2", "云杉", "云杉的价格离谱", start)
	right.Score, right.Driver = complaint(-0.5, "离谱"), "quality"
	commit(t, s, "news", wrong, right)
}

// A single mention is read with the copies of its story, and with what people said of it.
func TestMention(t *testing.T) {
	s := open(t)
	ratedWrongly(t, s)
	m, copies, ok, err := s.Mention(t.Context(), 1)
	if err != nil || !ok || copies != 0 || m.ID != 1 || m.Item.Text != praise || len(m.Score.Evidence) != 2 || m.Driver != "quality" {
		t.Errorf("mention %+v with %d copies, %t, %v", m, copies, ok, err)
	}
	if _, _, ok, err := s.Mention(t.Context(), 99); ok || err != nil {
		t.Errorf("a mention that is not there: %t, %v", ok, err)
	}
	if _, ok, err := s.Correction(t.Context(), 1); ok || err != nil {
		t.Errorf("corrected before anybody said so: %t, %v", ok, err)
	}
	if _, err := s.Correct(t.Context(), 1, reputation.Positive, "li", start); err != nil {
		t.Fatal(err)
	}
	c, ok, err := s.Correction(t.Context(), 1)
	if err != nil || !ok || c.Rated != reputation.Negative || c.Label != reputation.Positive || c.By != "li" || !c.At.Equal(start) {
		t.Errorf("correction %+v, %t, %v", c, ok, err)
	}
	if m, _, _, err := s.Mention(t.Context(), 1); err != nil || m.Score.Label != reputation.Positive {
		t.Errorf("label %s, %v", m.Score.Label, err)
	}
}

// A corrected label counts wherever people look; what was rated stays to be seen.
func TestCorrect(t *testing.T) {
	path := filepath.Join(t.TempDir(), "reputed.db")
	s := create(t, path)
	ratedWrongly(t, s)
	at := start.Add(time.Hour)
	got, err := s.Correct(t.Context(), 1, reputation.Positive, "li", at)
	want := reputation.Correction{
		Mention: 1, Brand: "云杉", Content: praise, Score: -0.4,
		Rated: reputation.Negative, Before: reputation.Negative, Label: reputation.Positive, By: "li", At: at,
	}
	if err != nil || got != want {
		t.Errorf("corrected %+v, %v, want %+v", got, err, want)
	}
	db := connect(t, path)
	for query, want := range map[string]string{
		`SELECT concat(label, ' ', score, ' ', evidence ->> '$[0].term') FROM mentions WHERE id = 1`:                                 "positive -0.4 离谱",
		`SELECT concat(positive, ' ', negative, ' ', net_sentiment, ' ', mean_score) FROM sentiment_hourly`:                          "1 1 0.0 -0.45",
		`SELECT concat(positive, ' ', negative, ' ', net_sentiment) FROM sentiment_daily`:                                            "1 1 0.0",
		`SELECT concat(driver, ' ', mentions, ' ', negative) FROM drivers_daily`:                                                     "quality 2 1",
		`SELECT concat(term, ' ', mentions) FROM negative_terms_daily`:                                                               "离谱 1",
		`SELECT concat(mention_id, ' ', brand, ' ', rated, ' ', label, ' ', at, ' ', by, ' ', length(fingerprint)) FROM corrections`: "1 云杉 negative positive 2026-11-01T01:00:00Z li 32",
	} {
		if got := strings.Join(column(t, db, query), "; "); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
	hours, err := s.Hours(t.Context(), "云杉", start, 1)
	if err != nil || len(hours) != 1 || hours[0].Mentions != 2 || hours[0].Negative != 1 {
		t.Errorf("the hour is %+v, %v, want one negative mention of two", hours, err)
	}
	negative, _, err := s.Negative(t.Context(), "云杉", start.Add(-time.Hour), at, 10)
	if err != nil || len(negative) != 1 || negative[0].Item.ID != "2" {
		t.Errorf("the alerter is shown %v, %v, want the true complaint alone", negative, err)
	}

	// The second correction replaces the first, and the rating is not forgotten.
	if got, err = s.Correct(t.Context(), 1, reputation.Neutral, "wang", at); err != nil || got.Before != reputation.Positive || got.Rated != reputation.Negative {
		t.Errorf("corrected again: %+v, %v", got, err)
	}
	if got, err = s.Correct(t.Context(), 1, reputation.Negative, "wang", at); err != nil || got.Before != reputation.Neutral {
		t.Errorf("corrected back: %+v, %v", got, err)
	}
	if got := one[int](t, db, `SELECT mentions FROM negative_terms_daily WHERE term = '离谱'`); got != 2 {
		t.Errorf("a term of two negative mentions counts %d", got)
	}
	all, err := s.Corrections(t.Context())
	if err != nil || len(all) != 1 || all[0].Label != reputation.Negative || all[0].By != "wang" {
		t.Errorf("corrections %+v, %v, want the last one alone", all, err)
	}
	if err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestCorrectRefuses(t *testing.T) {
	s := open(t)
	ratedWrongly(t, s)
	if _, err := s.Correct(t.Context(), 3, reputation.Positive, "", start); !errors.Is(err, store.ErrNoMention) || !strings.Contains(err.Error(), "correct mention 3: there is no such mention") {
		t.Errorf("a mention that is not there: %v", err)
	}
	if _, err := s.Correct(t.Context(), 1, "good", "", start); err == nil || !strings.Contains(err.Error(), "positive, neutral or negative") {
		t.Errorf("a label that is none: %v", err)
	}
	if all, err := s.Corrections(t.Context()); err != nil || len(all) != 0 {
		t.Errorf("corrections %+v, %v, want none", all, err)
	}
}

// What people said outlives the mention, without the text, and is of use again when
// the text comes again.
func TestCorrectionOutlivesMention(t *testing.T) {
	path := filepath.Join(t.TempDir(), "reputed.db")
	s := create(t, path)
	ratedWrongly(t, s)
	for id, label := range map[int64]reputation.Label{1: reputation.Positive, 2: reputation.Negative} {
		if _, err := s.Correct(t.Context(), id, label, "li", start); err != nil {
			t.Fatal(err)
		}
	}
	execute(t, path, `PRAGMA foreign_keys = on; DELETE FROM mentions; DELETE FROM items; DELETE FROM search`)
	if got := one[int](t, connect(t, path), `SELECT count(*) FROM corrections WHERE mention_id IS NULL`); got != 2 {
		t.Errorf("%d corrections are left, want 2", got)
	}
	if all, err := s.Corrections(t.Context()); err != nil || len(all) != 0 {
		t.Errorf("corrections %+v, %v, want none without a text", all, err)
	}
	commit(t, s, "forum", mention("forum", "9", "云杉", praise, start))
	all, err := s.Corrections(t.Context())
	if err != nil || len(all) != 1 || all[0].Content != praise || all[0].Label != reputation.Positive || all[0].Brand != "云杉" {
		t.Errorf("corrections %+v, %v, want that of the text that came again", all, err)
	}
}

// A command corrects beside a daemon that has the database open, and makes none
// where there is none.
func TestOpenBeside(t *testing.T) {
	path := filepath.Join(t.TempDir(), "reputed.db")
	if _, err := store.OpenBeside(t.Context(), path); err == nil || !strings.Contains(err.Error(), "there is no such file") {
		t.Errorf("without a file: %v", err)
	}
	daemon := create(t, path)
	unlock, err := store.Lock(path)
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	ratedWrongly(t, daemon)
	s, err := store.OpenBeside(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Correct(t.Context(), 1, reputation.Positive, "li", start); err != nil {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if all, err := daemon.Corrections(t.Context()); err != nil || len(all) != 1 {
		t.Errorf("the daemon sees %v, %v", all, err)
	}
}
