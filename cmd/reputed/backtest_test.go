package main

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"reputed/internal/config"
	"reputed/internal/reputation"
	"reputed/internal/store"
	"reputed/internal/trend"
)

// storedCrisis is a backtest over nine days of what is said, with its two bursts, of a
// brand with a Chinese name.
func storedCrisis(t *testing.T) *backtest {
	t.Helper()
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "reputed.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	const brand = "青柠"
	start := time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC)
	end := start.Add(226 * time.Hour)
	var mentions []reputation.Mention
	for at := start.Add(step); !at.After(end); at = at.Add(step) {
		mentions = append(mentions, said(brand, start, at)...)
	}
	if _, err := db.Commit(t.Context(), "forum", reputation.Cursor{}, mentions, end); err != nil {
		t.Fatal(err)
	}
	var series trend.Series
	if err := db.Moments(t.Context(), brand, end, series.Add); err != nil {
		t.Fatal(err)
	}
	zone := time.FixedZone("Asia/Shanghai", 8*60*60)
	s := subject{"negative mentions", config.Brand{Name: brand}, &series, start, end}
	return &backtest{subjects: []subject{s}, zone: zone, db: db}
}

// What a person sees of a replay: a chart as wide as the terminal, the alerts, and what
// each rule would have sent.
func TestBacktestPage(t *testing.T) {
	b := storedCrisis(t)
	past, err := b.replay(t.Context(), b.subjects[0])
	if err != nil {
		t.Fatal(err)
	}
	var page strings.Builder
	for _, width := range []int{120, 80, 40} {
		chart := past.chart(width, b.zone)
		for line := range strings.Lines(chart) {
			if line = strings.TrimSuffix(line, "\n"); len([]rune(line)) > width && !strings.ContainsAny(line, ":;,") { // a sentence is the terminal's to wrap
				t.Errorf("%d columns are too wide for %d: %s", len([]rune(line)), width, line)
			}
		}
		page.WriteString(chart + "\n")
	}
	page.WriteString(backtestTables([]replayed{past}, b.zone))
	checkGolden(t, "testdata/backtest/page.txt", page.String())
}

// A lower probability never brings more spikes, the setting in force is marked, and what
// is swept is what a backtest with that setting raises.
func TestSweep(t *testing.T) {
	b := storedCrisis(t)
	b.sensitivity.Sensitivity = "0.0005"
	rungs, err := b.sweep(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	checkGolden(t, "testdata/backtest/sweep.txt", sweepTable(rungs)+"\n")
	at := slices.IndexFunc(rungs, func(r rung) bool { return r.Present })
	if len(rungs) != len(ladder)+1 || at < 0 || rungs[at].Probability != 0.0005 {
		t.Fatalf("rungs %+v", rungs)
	}
	past, err := b.replay(t.Context(), b.subjects[0])
	if err != nil {
		t.Fatal(err)
	}
	if rules := sumOfRules([]replayed{past}); rules[slices.IndexFunc(rules, func(r perRule) bool { return r.Rule == "negative-volume" })].Alerts != rungs[at].Alerts {
		t.Errorf("%d alerts swept, but a backtest says %+v", rungs[at].Alerts, rules)
	}
}

// What the configuration calls normal is the detector as it was measured.
func TestNormalSensitivityIsTheDefault(t *testing.T) {
	for _, word := range []string{"", "normal"} {
		if d := detectorOf(&config.Config{Alerts: config.Alerts{Sensitivity: word}}); d != trend.Default() {
			t.Errorf("%q is %+v", word, d)
		}
	}
}
