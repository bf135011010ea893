package main

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"reputed/internal/reputation"
	"reputed/internal/store"
	"reputed/internal/trend"
)

// An outage of the daemon for half a day is no silence of the brand, and what it reads
// afterwards of that time is no burst.
func TestOutageIsNeitherSilenceNorSpike(t *testing.T) {
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "reputed.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	const brand = "青柠"
	start := time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC)
	down, up := start.Add(400*time.Hour), start.Add(412*time.Hour)
	rng := rand.New(rand.NewPCG(2026, 11))
	var waiting []reputation.Mention // published, and not read yet
	n := 0
	// publish lets an hour pass, with some four negative mentions of ten.
	publish := func(from time.Time) {
		for range 7 + rng.IntN(7) {
			n++
			m := reputation.Mention{Span: reputation.Span{Brand: brand}, Score: reputation.Score{Label: reputation.Neutral}}
			m.Driver = []string{"service", "delivery", ""}[rng.IntN(3)]
			if rng.IntN(10) == 0 {
				m.Signals = []string{"churn"}
			}
			at := from.Add(time.Duration(rng.IntN(3599)+1) * time.Second)
			m.Item = reputation.Item{Source: "forum", ID: fmt.Sprint(n), Text: fmt.Sprint(n), Published: at, Fetched: at}
			if rng.IntN(10) < 4 {
				m.Score = reputation.Score{Value: -0.5, Label: reputation.Negative}
			}
			waiting = append(waiting, m)
		}
	}
	read := func(at time.Time) {
		if _, err := db.Commit(t.Context(), "forum", reputation.Cursor{}, waiting, at); err != nil {
			t.Fatal(err)
		}
		waiting = nil
		if err := db.Polled(t.Context(), []reputation.Poll{{Source: "forum", At: at, Next: at.Add(15 * time.Minute)}}); err != nil {
			t.Fatal(err)
		}
	}
	for at := start; at.Before(down); at = at.Add(time.Hour) {
		publish(at)
		for minute := time.Duration(15); minute <= 60; minute += 15 {
			read(at.Add(minute * time.Minute))
		}
	}
	alerts := func(at time.Time) (rules []string) {
		said, err := db.Talk(t.Context(), brand, nil, at, trend.Hours)
		if err != nil {
			t.Fatal(err)
		}
		for _, j := range trend.Judge(said, trend.Default().Probability) {
			if j.Spike {
				rules = append(rules, j.Rule)
			}
		}
		hours, err := db.Hours(t.Context(), brand, at, trend.Remembered)
		if err != nil {
			t.Fatal(err)
		}
		if j := trend.Default().Judge(hours, said.Since, at); j.Spike {
			rules = append(rules, fmt.Sprintf("%d negative mentions of %.0f expected", j.Observed, j.Expected))
		}
		return rules
	}
	for at := down; at.Before(up); at = at.Add(time.Hour) {
		if rules := alerts(at); rules != nil {
			t.Errorf("alerts at %s, without a source that could be read: %v", at, rules)
		}
		publish(at)
	}
	// The same hours, had the sources been read in vain, are a silence.
	said, err := db.Talk(t.Context(), brand, nil, up, trend.Hours)
	if err != nil {
		t.Fatal(err)
	}
	for i := range said.Hours {
		said.Hours[i].Missed = 0
	}
	silent := slices.ContainsFunc(trend.Judge(said, trend.Default().Probability), func(j reputation.RuleJudgement) bool { return j.Rule == "silence" && j.Spike })
	if !silent {
		t.Error("half a day without mentions, with all sources read, is no silence")
	}

	read(up.Add(5 * time.Minute)) // all of the backlog
	for at := up.Add(30 * time.Minute); at.Before(up.Add(30 * time.Hour)); at = at.Add(30 * time.Minute) {
		if at.Equal(at.Truncate(time.Hour)) {
			publish(at.Add(-time.Hour))
		}
		for minute := -15 * time.Minute; minute <= 0; minute += 15 * time.Minute {
			read(at.Add(minute))
		}
		if rules := alerts(at); rules != nil {
			t.Errorf("alerts at %s, after the outage: %v", at, rules)
		}
	}
}
