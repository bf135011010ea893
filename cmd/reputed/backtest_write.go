package main

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"

	"reputed/alerting"
	"reputed/internal/reputation"
)

// perRule sums up what a rule would have sent.
type perRule struct {
	Kind     string  `json:"kind"` // "rule"
	Rule     string  `json:"rule"`
	Alerts   int     `json:"alerts"`
	Critical int     `json:"critical"`
	Weekly   float64 `json:"alerts_a_week"` // over all brands
}

// sumOfRules sums the alerts up by their rules, those first that would have sent most. The
// volume of negative mentions, by which people are told, is always there.
func sumOfRules(pasts []replayed) []perRule {
	byName := map[string]*perRule{alerting.RuleNegativeVolume: {}}
	for _, p := range pasts {
		for _, a := range p.alerts {
			r := byName[a.Rule]
			if r == nil {
				r = new(perRule)
				byName[a.Rule] = r
			}
			r.Alerts++
			r.Weekly += weekly(1, p.weeks())
			if a.Severity == reputation.Critical {
				r.Critical++
			}
		}
	}
	var rules []perRule
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		r := *byName[name]
		r.Kind, r.Rule = "rule", name
		rules = append(rules, r)
	}
	slices.SortStableFunc(rules, func(a, b perRule) int { return cmp.Compare(b.Weekly, a.Weekly) })
	return rules
}

// weekly is how many that is a week. What was looked at for less than a day says nothing
// of weeks, and counts as a day.
func weekly(n int, weeks float64) float64 { return float64(n) / max(weeks, 1.0/7) }

// backtestTables sets out the alerts, and below them what each rule would have sent.
func backtestTables(pasts []replayed, zone *time.Location) string {
	page := "no rule would have raised an alert\n"
	if alerts := inOrder(pasts); len(alerts) > 0 {
		page = alertTable(alerts, zone) + "\n"
	}
	t := plainTable(table.Row{"rule", "alerts", "critical", "a week"})
	t.SetColumnConfigs(rightAligned("alerts", "critical", "a week"))
	for _, r := range sumOfRules(pasts) {
		t.AppendRow(table.Row{shorten(r.Rule, 40), r.Alerts, r.Critical, fmt.Sprintf("%.2f", r.Weekly)})
	}
	return page + "\n" + rendered(t) + "\n"
}

// writeBacktest writes the alerts as CSV, or as JSON with what each rule would have sent.
func writeBacktest(env environment, pasts []replayed, format string) error {
	alerts := inOrder(pasts)
	if format == "json" {
		out := newEncoder(env.stdout)
		for _, a := range alerts {
			line := struct {
				Kind string `json:"kind"`
				alertLine
				Probability float64 `json:"probability"`
			}{"alert", jsonAlert(a), a.Judgement.Probability}
			if err := out.Encode(line); err != nil {
				return errorsOf(err)
			}
		}
		for _, r := range sumOfRules(pasts) {
			if err := out.Encode(r); err != nil {
				return errorsOf(err)
			}
		}
		return nil
	}
	lines := [][]string{{"opened_at", "brand", "severity", "resolved_at", "observed", "expected", "deviation", "surprise", "peak", "rule", "probability"}}
	for _, a := range alerts {
		lines = append(lines, row(a))
	}
	return errorsOf(csv.NewWriter(env.stdout).WriteAll(lines))
}

func row(a reputation.Alert) []string {
	number := func(v float64) string { return strconv.FormatFloat(v, 'f', 2, 64) }
	j := a.Judgement
	return []string{
		stamp(a.OpenedAt), a.Brand, string(a.Severity), stamp(a.ResolvedAt), strconv.Itoa(j.Observed),
		number(j.Expected), number(j.Deviation), number(j.Surprise), strconv.Itoa(a.Peak),
		a.Rule, strconv.FormatFloat(j.Probability, 'g', 2, 64),
	}
}
