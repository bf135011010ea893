package main

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
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

const rival = "青橙"

// said is what is said of a brand in the ten minutes before a time: a complaint
// about the service an hour among other talk, a crisis of quality of four hours that
// grows, and half a day later another. Then a rival is the talk of the town, and in the
// end nobody speaks of the brand.
func said(brand string, start, at time.Time) []reputation.Mention {
	calm, angry, driver := 1, 0, "quality"
	if at.Minute() == 20 {
		angry, driver = 1, "service"
	}
	switch hour := at.Sub(start).Hours(); {
	case brand == rival && hour > 214 && hour <= 232:
		calm = 30
	case brand == rival:
	case hour > 232 && hour <= 238:
		return nil
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
			m.Score, m.Driver = reputation.Score{Label: reputation.Negative, Value: -0.5}, driver
			if driver == "quality" {
				m.Signals = []string{"boycott"}
			}
		}
		mentions = append(mentions, m)
	}
	return mentions
}

// What a replay of the stored past raises is what the live run raised when it was
// the present.
func TestReplayEqualsTheLiveRun(t *testing.T) {
	ctx := t.Context()
	path := filepath.Join(t.TempDir(), "reputed.db")
	db, err := store.Open(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	const brand = "青柠"
	start := time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC)
	live := recorder{db, map[int64]reputation.Alert{}}
	alerter := alerting.NewAlerter(live, nil, alerting.Policy{}, trend.Default().Judge, trend.Remembered, []string{brand}, slog.New(slog.DiscardHandler))
	brands := []config.Brand{{Name: brand, Competitors: []string{rival}}}
	alerter.Rules = rulesOf(db, brands, trend.Default().Probability)
	from, to := start.Add(196*time.Hour), start.Add(242*time.Hour)
	var early []reputation.Mention
	for at := start.Add(step); !at.After(to); at = at.Add(step) {
		mentions := append(said(brand, start, at), said(rival, start, at)...)
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
	}
	var series trend.Series
	if err := db.Moments(ctx, brand, to, series.Add); err != nil {
		t.Fatal(err)
	}
	rules, err := pastRules(ctx, db, brands[0], from, to, trend.Default().Probability)
	if err != nil {
		t.Fatal(err)
	}
	replayed, changes, err := replay(ctx, &series, db, trend.Default().Judge, rules, brand, from, to)
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
		if c.alert.Rule != alerting.RuleNegativeVolume {
			continue
		}
		events = append(events, c.event)
	}
	if want := []reputation.Event{reputation.Opened, reputation.Escalated, reputation.Ended}; len(events) < 3 || !slices.Equal(events[:2], want[:2]) || !slices.Contains(events, reputation.Ended) {
		t.Errorf("the crisis %v, want %v", events, want)
	}
	var broken []string
	for _, a := range replayed {
		broken = append(broken, a.Rule)
	}
	want := []string{"driver-quality", "negative-share", "negative-volume", "net-sentiment", "share-of-voice", "signal-boycott", "silence"}
	if got := slices.Compact(slices.Sorted(slices.Values(broken))); !slices.Equal(got, want) {
		t.Errorf("rules that were broken: %v, want %v", got, want)
	}
	checkExplained(t, path, db, brands, replayed)
}

// checkExplained checks that the explanation of each alert counts what was judged, and that
// its SQL does.
func checkExplained(t *testing.T, path string, db *store.Store, brands []config.Brand, alerts []reputation.Alert) {
	file := openFile(t, path)
	for _, a := range alerts {
		e, err := explainAlert(t.Context(), db, trend.Default(), brands, a)
		if err != nil {
			t.Fatal(err)
		}
		j := a.Judgement
		if e.Again != "spike" || e.Now.Observed != j.Observed || e.Probability != j.Probability {
			t.Errorf("%s: explained as %+v, judged as %+v", a.Rule, e, j)
		}
		if text := e.text(a, path, time.UTC, 3); strings.Contains(text, "%!") || !strings.Contains(text, "counted again") {
			t.Errorf("%s: explained as\n%s", a.Rule, text)
		}
		for _, query := range []string{e.BaselineSQL, e.MentionsSQL} {
			if _, err := file.ExecContext(t.Context(), query); err != nil {
				t.Errorf("%s: %v in\n%s", a.Rule, err, query)
			}
		}
		_, onDriver := reputation.DriverOf(a.Rule)
		_, onSignal := reputation.SignalOf(a.Rule)
		switch {
		case onDriver, onSignal, a.Rule == reputation.RuleNegativeShare:
			var part, whole int
			var share float64
			if err := file.QueryRow(e.ObservedSQL).Scan(&part, &whole, &share); err != nil || part != j.Observed || whole != j.Mentions {
				t.Errorf("%s: %d of %d (%v) by\n%s\nwant %d of %d", a.Rule, part, whole, err, e.ObservedSQL, j.Observed, j.Mentions)
			}
		case a.Rule == reputation.RuleShareOfVoice:
			var own, all int
			var share float64
			if err := file.QueryRow(e.ObservedSQL).Scan(&own, &all, &share); err != nil || all != j.Mentions || math.Abs(j.Usual*float64(all)-float64(own)-float64(j.Observed)) > 0.51 {
				t.Errorf("%s: %d of %d (%v) by\n%s\nwant %+v", a.Rule, own, all, err, e.ObservedSQL, j)
			}
		case a.Rule == reputation.RuleNetSentiment:
			var mentions, positive, negative int
			var net float64
			value := reputation.RuleJudgement{Rule: a.Rule, Judgement: j}.Value()
			if err := file.QueryRow(e.ObservedSQL).Scan(&mentions, &positive, &negative, &net); err != nil || mentions != j.Mentions || math.Abs(net-value) > 0.01 {
				t.Errorf("%s: %g of %d (%v), want %g of %d", a.Rule, net, mentions, err, value, j.Mentions)
			}
		case a.Rule == reputation.RuleSilence:
			var mentions int
			if err := file.QueryRow(strings.Replace(e.ObservedSQL, ", max(at) AS latest", "", 1)).Scan(&mentions); err != nil || mentions != 0 {
				t.Errorf("%s: %d mentions, %v", a.Rule, mentions, err)
			}
		}
	}
}

// A source without a history brings complaints by the dozen: no rule takes that for a
// change in what is said, and each does when a source with a history brings them.
func TestYoungSourcesChangeNoShare(t *testing.T) {
	ctx := t.Context()
	const brand = "青柠"
	start := time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC)
	to := start.Add(15 * 24 * time.Hour)
	for _, source := range []string{"board", "forum"} {
		db, err := store.Open(ctx, filepath.Join(t.TempDir(), "reputed.db"))
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		mention := func(at time.Time, label reputation.Label) reputation.Mention {
			m := reputation.Mention{
				Item: reputation.Item{ID: at.String(), Text: brand + at.String(), Published: at, Fetched: at},
				Span: reputation.Span{Brand: brand, Term: brand, End: len(brand)}, Score: reputation.Score{Label: label},
			}
			if label == reputation.Negative {
				m.Driver, m.Signals = "service", []string{"churn"}
			}
			return m
		}
		var usual, complaints []reputation.Mention
		for at := start; at.Before(to); at = at.Add(2 * time.Hour) {
			label := reputation.Neutral
			if at.Hour() == 12 {
				label = reputation.Positive
			}
			usual = append(usual, mention(at, label))
		}
		for i := range 40 {
			complaints = append(complaints, mention(to.Add(-time.Duration(i+1)*time.Minute), reputation.Negative))
		}
		for _, batch := range []struct {
			source   string
			mentions []reputation.Mention
		}{{"forum", usual}, {source, complaints}} {
			for i := range batch.mentions {
				batch.mentions[i].Item.Source = batch.source
			}
			if _, err := db.Commit(ctx, batch.source, reputation.Cursor{}, batch.mentions, to); err != nil {
				t.Fatal(err)
			}
		}
		var spikes []string
		judged, err := rulesOf(db, []config.Brand{{Name: brand}}, trend.Default().Probability)(ctx, brand, to)
		if err != nil {
			t.Fatal(err)
		}
		for _, j := range judged {
			if j.Spike {
				spikes = append(spikes, j.Rule)
			} else if j.Reason == "" {
				t.Errorf("%s: no reason why %s is no spike", source, j.Rule)
			}
		}
		want := map[string][]string{"board": nil, "forum": {"negative-share", "net-sentiment", "driver-service", "signal-churn"}}[source]
		if !slices.Equal(spikes, want) {
			t.Errorf("complaints in %s: %v, want %v", source, spikes, want)
		}
	}
}
