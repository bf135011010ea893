package main

import (
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"

	"reputed/internal/config"
	"reputed/internal/reputation"
)

// ladder are the settings of alerts.sensitivity that a sweep tries, besides that in force.
var ladder = [...]string{"high", "0.01", "normal", "0.001", "low", "1e-4", "1e-5", "1e-6"}

// rung is what one sensitivity would have raised about a brand.
type rung struct {
	Sensitivity string  `json:"sensitivity"` // as it is written in the configuration
	Probability float64 `json:"probability"` // that it stands for
	Brand       string  `json:"brand"`
	Alerts      int     `json:"alerts"` // of the rule negative-volume, as the next three
	Weekly      float64 `json:"alerts_a_week"`
	Critical    int     `json:"critical"`
	Hours       float64 `json:"median_hours"` // how long the alerts lasted; 0 without any
	Present     bool    `json:"present"`      // the setting in force
	Others      int     `json:"other_alerts"` // of the other rules

	subject subject
}

// sweep replays every subject with each sensitivity, the most sensitive first.
func (b *backtest) sweep(ctx context.Context) ([]rung, error) {
	present, _ := b.sensitivity.Probability() // checked when the configuration was read
	settings := make(map[float64]string)
	for _, word := range append(ladder[:], cmp.Or(b.sensitivity.Sensitivity, "normal")) {
		p, _ := config.Alerts{Sensitivity: word}.Probability() // the same
		settings[p] = cmp.Or(settings[p], word)
	}
	var rungs []rung
	for _, s := range b.subjects {
		for p, word := range settings {
			rungs = append(rungs, rung{Sensitivity: word, Probability: p, Brand: reputation.OneLine(s.brand.Name), Present: p == present, subject: s})
		}
	}
	slices.SortStableFunc(rungs, func(a, b rung) int { return cmp.Compare(b.Probability, a.Probability) })
	var running sync.WaitGroup
	errs, slots := make([]error, len(rungs)), make(chan struct{}, runtime.GOMAXPROCS(0))
	for i := range rungs {
		running.Go(func() {
			slots <- struct{}{}
			errs[i] = rungs[i].replay(ctx, b)
			<-slots
		})
	}
	running.Wait()
	return rungs, errors.Join(errs...)
}

// replay fills in what the sensitivity would have raised.
func (r *rung) replay(ctx context.Context, b *backtest) error {
	s := r.subject
	others, err := b.rules(ctx, s, r.Probability)
	if err != nil {
		return err
	}
	alerts, _, err := replay(ctx, s.series, b.told(), b.detect(s, r.Probability), others, s.brand.Name, s.first, s.last)
	if err != nil {
		return err
	}
	var lasted []time.Duration
	for _, a := range alerts {
		if a.Rule != reputation.RuleNegativeVolume {
			r.Others++
			continue
		}
		if a.Severity == reputation.Critical {
			r.Critical++
		}
		end := a.ResolvedAt
		if end.IsZero() {
			end = s.last
		}
		lasted = append(lasted, end.Sub(a.OpenedAt))
	}
	r.Alerts, r.Weekly, r.Hours = len(lasted), weekly(len(lasted), s.weeks()), median(lasted).Hours()
	return nil
}

// median is the middle one, or the mean of the middle two; 0 if there is none.
func median(all []time.Duration) time.Duration {
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return (all[(len(all)-1)/2] + all[len(all)/2]) / 2
}

// sweepTable sets out a sweep.
func sweepTable(rungs []rung) string {
	t := plainTable(table.Row{"sensitivity", "probability", "brand", "alerts", "a week", "critical", "median h", "others"})
	t.SetColumnConfigs(rightAligned("probability", "alerts", "a week", "critical", "median h", "others"))
	for _, r := range rungs {
		lasted, word := "-", r.Sensitivity
		if r.Alerts > 0 {
			lasted = fmt.Sprintf("%.1f", r.Hours)
		}
		if r.Present {
			word += ", in force"
		}
		t.AppendRow(table.Row{word, fmt.Sprintf("%g", r.Probability), shorten(r.Brand, 40), r.Alerts, fmt.Sprintf("%.2f", r.Weekly), r.Critical, lasted, r.Others})
	}
	return rendered(t)
}

func writeSweep(env environment, rungs []rung, format string) error {
	switch format {
	case "json":
		out := newEncoder(env.stdout)
		for _, r := range rungs {
			if err := out.Encode(r); err != nil {
				return errorsOf(err)
			}
		}
		return nil
	case "csv":
		lines := [][]string{{"sensitivity", "probability", "brand", "alerts", "alerts_a_week", "critical", "median_hours", "present", "other_alerts"}}
		for _, r := range rungs {
			lines = append(lines, []string{
				r.Sensitivity, strconv.FormatFloat(r.Probability, 'g', -1, 64), cell(r.Brand), strconv.Itoa(r.Alerts), strconv.FormatFloat(r.Weekly, 'f', 2, 64),
				strconv.Itoa(r.Critical), strconv.FormatFloat(r.Hours, 'f', 2, 64), strconv.FormatBool(r.Present), strconv.Itoa(r.Others),
			})
		}
		return errorsOf(csv.NewWriter(env.stdout).WriteAll(lines))
	}
	if len(rungs) == 0 {
		_, err := fmt.Fprintln(env.stderr, "nothing is stored that could be replayed")
		return err
	}
	_, err := fmt.Fprintf(env.stdout, "%s\n\nThe first four figures are of the rule negative-volume, the last is how many alerts the other rules\nwould have raised. Write the sensitivity of your choice under alerts: in the configuration, such as\nsensitivity: low\n", sweepTable(rungs))
	return errorsOf(err)
}
