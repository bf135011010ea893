package main

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"

	"reputed/alerting"
	"reputed/internal/config"
	"reputed/internal/reputation"
	"reputed/internal/store"
	"reputed/internal/trend"
)

// recorder keeps every alert that is stored, as it is in the end.
type recorder struct {
	*store.Store
	alerts map[int64]reputation.Alert
}

func (r recorder) Record(ctx context.Context, a reputation.Alert, messages []reputation.Message) (reputation.Alert, error) {
	a, err := r.Store.Record(ctx, a, messages)
	r.alerts[a.ID] = a
	return a, err
}

// said is what is said of a brand in the ten minutes before a time: a complaint
// an hour among other talk, a crisis of four hours that grows, and half a day later
// another.
func said(brand string, start, at time.Time) []reputation.Mention {
	calm, angry := 1, 0
	if at.Minute() == 20 {
		angry = 1
	}
	switch hour := at.Sub(start).Hours(); {
	case hour > 198 && hour <= 200, hour > 210 && hour <= 211:
		angry += 4
	case hour > 200 && hour <= 202:
		angry += 14
	}
	var mentions []reputation.Mention
	for i := range calm + angry {
		m := reputation.Mention{
			Item: reputation.Item{
				Source: "forum", ID: fmt.Sprint(brand, at.Unix(), i), Text: fmt.Sprintf("%s %d %s", brand, i, at),
				Published: at.Add(-time.Duration(i) * 20 * time.Second), Fetched: at,
			},
			Span:  reputation.Span{Brand: brand, Term: brand, End: len(brand)},
			Score: reputation.Score{Label: reputation.Neutral},
		}
		if i >= calm {
			m.Score = reputation.Score{Label: reputation.Negative, Value: -0.5}
		}
		mentions = append(mentions, m)
	}
	return mentions
}

// What a replay of the stored past raises is what the live run raised when it was
// the present.
func TestReplayEqualsTheLiveRun(t *testing.T) {
	ctx := t.Context()
	db, err := store.Open(ctx, filepath.Join(t.TempDir(), "reputed.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	const brand = "青柠"
	start := time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC)
	live := recorder{db, map[int64]reputation.Alert{}}
	alerter := alerting.NewAlerter(live, nil, alerting.Policy{}, trend.Default().Judge, trend.Hours, []string{brand}, slog.New(slog.DiscardHandler))
	from, to := start.Add(196*time.Hour), start.Add(216*time.Hour)
	var early []reputation.Mention
	rules := map[string]reputation.Alert{} // as they are in the end
	for at := start.Add(step); !at.After(to); at = at.Add(step) {
		mentions := said(brand, start, at)
		if at.Before(from) { // the quiet week, in one go
			early = append(early, mentions...)
			continue
		}
		if _, err := db.Commit(ctx, "forum", reputation.Cursor{}, append(early, mentions...), at); err != nil {
			t.Fatal(err)
		}
		early = nil
		if err := db.Polled(ctx, []reputation.Poll{{Source: "forum", At: at}}); err != nil {
			t.Fatal(err)
		}
		if err := alerter.Evaluate(ctx, at); err != nil {
			t.Fatal(err)
		}
		if at.Equal(at.Truncate(time.Hour)) {
			talk, err := db.Talk(ctx, brand, nil, at, trend.Hours)
			if err != nil {
				t.Fatal(err)
			}
			for _, j := range trend.Judge(talk) {
				last := rules[j.Rule]
				last.Brand, last.Rule = brand, j.Rule
				rules[j.Rule], _ = alerting.Next(last, j.Judgement, at)
			}
		}
	}
	var series trend.Series
	if err := db.Moments(ctx, brand, to, series.Add); err != nil {
		t.Fatal(err)
	}
	replayed, changes, err := replay(ctx, &series, db, trend.Default().Judge, brand, from, to)
	if err != nil {
		t.Fatal(err)
	}
	if len(replayed) != len(live.alerts) || len(replayed) == 0 {
		t.Fatalf("%d alerts live, %d replayed", len(live.alerts), len(replayed))
	}
	for _, a := range replayed {
		if !reflect.DeepEqual(a, live.alerts[a.ID]) {
			t.Errorf("live\n%+v\nreplayed\n%+v", live.alerts[a.ID], a)
		}
	}
	if a := replayed[0]; a.Severity != reputation.Critical || a.State != reputation.Resolved {
		t.Errorf("the crisis did not escalate and end: %+v", a)
	}
	var events []reputation.Event
	for _, c := range changes {
		events = append(events, c.event)
	}
	if want := []reputation.Event{reputation.Opened, reputation.Escalated, reputation.Ended}; len(events) < 3 || !slices.Equal(events[:2], want[:2]) || !slices.Contains(events, reputation.Ended) {
		t.Errorf("the crisis %v, want %v", events, want)
	}
	other, err := replayRules(ctx, db, config.Brand{Name: brand}, from, to)
	if err != nil {
		t.Fatal(err)
	}
	if len(other) == 0 {
		t.Error("no other rule was broken by the crisis")
	}
	for _, a := range other {
		a.ID = 0 // the numbers are the replay's own
		if rules[a.Rule] != a {
			t.Errorf("live\n%+v\nreplayed\n%+v", rules[a.Rule], a)
		}
	}
}
