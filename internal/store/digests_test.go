package store_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"reputed/internal/reputation"
	"reputed/internal/store"
)

// What a digest and the slash command show is read by an index, however long the history.
func TestDigestQueriesUseIndices(t *testing.T) {
	path := filepath.Join(t.TempDir(), "reputed.db")
	s := create(t, path)
	fill(t, s, time.Now().UTC().Truncate(time.Second))
	db := connect(t, path)
	for name, query := range store.DigestQueries() {
		var args []any
		for range strings.Count(query, "?") - strings.Count(query, "?1") + min(1, strings.Count(query, "?1")) {
			args = append(args, "x")
		}
		if strings.Contains(query, "?1") {
			args = []any{1, "x", "x", "x"}
		}
		for _, step := range rows(t, db, "EXPLAIN QUERY PLAN "+query, args...) {
			if strings.Contains(step, "SCAN") && !strings.Contains(step, "USING INDEX") {
				t.Errorf("%s: %s", name, step)
			}
		}
	}
}

func TestStatusAndTop(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 30, 0, 0, time.UTC)
	s := open(t)
	fill(t, s, now)
	st, err := s.Status(t.Context(), "云杉", now)
	if err != nil {
		t.Fatal(err)
	}
	// From noon to noon: one mention every three hours of two sources.
	if st.Now.Mentions != 16 || st.Now.Positive+st.Now.Neutral+st.Now.Negative != 16 || st.Before.Mentions < 16 || len(st.Firing) != 0 || st.Episode != nil {
		t.Errorf("status %+v", st)
	}
	if want := now.Add(-time.Minute); !st.Last.Equal(want) {
		t.Errorf("latest mention at %v, want %v", st.Last, want)
	}
	stories, err := s.Top(t.Context(), "云杉", now.Add(-60*time.Hour), 4)
	if err != nil {
		t.Fatal(err)
	}
	if len(stories) != 4 {
		t.Fatalf("%d stories, want 4", len(stories))
	}
	for i, story := range stories {
		if story.Items < 1 || story.Sources < 1 || story.Mention.Item.Text == "" || i > 0 && story.Items > stories[i-1].Items && stories[i-1].Items > 1 {
			t.Errorf("story %d stands %d times in %d sources: %q", i, story.Items, story.Sources, story.Mention.Item.Text)
		}
	}
	if stories[0].Items < 3 || stories[0].Sources < 2 {
		t.Errorf("the top story stands %d times in %d sources, want one that is told again and again", stories[0].Items, stories[0].Sources)
	}
	if none, err := s.Top(t.Context(), "nobody", now.Add(-time.Hour), 4); err != nil || len(none) != 0 {
		t.Errorf("of a brand without mentions: %v, %v", none, err)
	}
}

// The hours of a page add up to what a digest says of the same time, each in its place.
func TestHourlyFigures(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 30, 0, 0, time.UTC)
	s := open(t)
	fill(t, s, now)
	to := now.Truncate(time.Hour)
	from := to.Add(-48 * time.Hour)
	hours, err := s.HourlyFigures(t.Context(), "云杉", from, to)
	if err != nil || len(hours) != 48 {
		t.Fatalf("%d hours, %v", len(hours), err)
	}
	var all reputation.Figures
	for i, h := range hours {
		one, err := s.Figures(t.Context(), "云杉", from.Add(time.Duration(i)*time.Hour), from.Add(time.Duration(i+1)*time.Hour))
		if err != nil || one != h {
			t.Errorf("hour %d: %+v, want %+v, %v", i, h, one, err)
		}
		all.Mentions += h.Mentions
	}
	if whole, err := s.Figures(t.Context(), "云杉", from, to); err != nil || whole.Mentions != all.Mentions || all.Mentions == 0 {
		t.Errorf("%d mentions, want %d, %v", all.Mentions, whole.Mentions, err)
	}
}

// A digest goes into the outbox once; what a clock that was ahead noted does not keep a
// later one from being told; and the alerts that it names are not told in its channel.
func TestQueueDigest(t *testing.T) {
	path := filepath.Join(t.TempDir(), "reputed.db")
	s := create(t, path)
	due := time.Date(2026, 11, 22, 1, 0, 0, 0, time.UTC)
	fill(t, s, due)
	alerts, err := s.AlertsDuring(t.Context(), "", due.AddDate(0, 0, -7), due)
	if err != nil || len(alerts) != 1 {
		t.Fatalf("alerts %+v, %v", alerts, err)
	}
	queue := func(day int, m *reputation.Message) {
		t.Helper()
		at := due.AddDate(0, 0, day)
		if err := s.QueueDigest(t.Context(), reputation.Daily, at.Format(time.DateOnly), at, m); err != nil {
			t.Fatal(err)
		}
	}
	m := &reputation.Message{
		Target: reputation.Target{Receiver: "slack", Channel: "#digests"}, Event: reputation.Opened, At: due,
		Digest: &reputation.Digest{Kind: reputation.Daily, From: due.AddDate(0, 0, -1), To: due, Alerts: alerts},
	}
	queue(365, m)
	queue(0, m)
	queue(0, m)
	queue(1, nil)
	db := connect(t, path)
	want := []string{"daily 2026-11-22 true", "daily 2026-11-23 false"}
	if got := rows(t, db, `SELECT kind || ' ' || day || ' ' || iif(outbox_id IS NULL, 'false', 'true') FROM digests ORDER BY day`); strings.Join(got, ",") != strings.Join(want, ",") {
		t.Errorf("digests %q, want %q", got, want)
	}
	done, before, err := s.DigestDays(t.Context(), reputation.Daily, "2026-11-23")
	if err != nil || !done || before != "2026-11-22" {
		t.Errorf("done %v, before it %s, %v", done, before, err)
	}
	if got := one[int](t, db, `SELECT count(*) FROM outbox WHERE channel = '#digests'`); got != 2 { // the one of next year, and this
		t.Errorf("%d messages, want 2", got)
	}
	if got := one[int](t, db, `SELECT count(*) FROM threads WHERE channel = '#digests'`); got != 0 {
		t.Errorf("%d alerts are told in the channel of the digests", got)
	}
	pending, err := s.Pending(t.Context(), due.AddDate(0, 0, 1))
	if err != nil {
		t.Fatal(err)
	}
	if last := pending[len(pending)-1]; last.Digest == nil || fmt.Sprint(last.Digest.Alerts) != fmt.Sprint(alerts) {
		t.Errorf("the pending message is %+v", last)
	}
}
