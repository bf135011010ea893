package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"reputed/internal/reputation"
	"reputed/internal/store"
	"reputed/internal/trend"
)

type backtestCommand struct {
	Config string `default:"config.yaml" placeholder:"FILE" type:"path" help:"Configuration whose database and brands are replayed (${default})."`
	Since  string `placeholder:"T" help:"Begin at this time (UTC): 2026-11-01, 2026-11-01T08:00:00Z, or 30d for thirty days ago."`
	Series string `placeholder:"FILE" type:"existingfile" help:"Replay a CSV file timestamp,value instead (times in UTC)."`
}

func (c backtestCommand) Run(ctx context.Context, env environment) error {
	var alerts []reputation.Alert
	var err error
	if c.Series != "" {
		alerts, err = c.replaySeries(ctx)
	} else {
		alerts, err = c.replayHistory(ctx, env)
	}
	if err != nil {
		return err
	}
	out := csv.NewWriter(env.stdout)
	lines := [][]string{{"opened_at", "brand", "severity", "resolved_at", "observed", "expected", "deviation", "surprise", "peak", "rule", "probability"}}
	for _, a := range alerts {
		lines = append(lines, row(a))
	}
	if err := out.WriteAll(lines); err != nil {
		return fmt.Errorf("write standard output: %w", err)
	}
	return nil
}

func (c backtestCommand) replaySeries(ctx context.Context) ([]reputation.Alert, error) {
	series, err := readSeries(c.Series)
	if err != nil {
		return nil, err
	}
	name := strings.TrimSuffix(filepath.Base(c.Series), filepath.Ext(c.Series))
	first, last := series.Span()
	detect := func(_ []reputation.Hour, _, to time.Time) reputation.Judgement {
		return trend.Volume().JudgeSeries(series, to)
	}
	return replay(ctx, series, counted{}, detect, nil, name, first, last)
}

func (c backtestCommand) replayHistory(ctx context.Context, env environment) ([]reputation.Alert, error) {
	now := time.Now().UTC()
	since, err := parseSince(c.Since, now)
	if err != nil {
		return nil, err
	}
	cfg, err := loadConfig(c.Config, env)
	if err != nil {
		return nil, err
	}
	db, err := store.OpenReader(ctx, cfg.Database)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	var alerts []reputation.Alert
	for _, brand := range cfg.Brands {
		name := brand.Name
		var series trend.Series
		if err := db.Moments(ctx, name, now, series.Add); err != nil {
			return nil, err
		}
		first, _ := series.Span()
		if first.IsZero() { // no mention yet
			continue
		}
		if since.After(first) {
			first = since
		}
		rules, err := pastRules(ctx, db, brand, first, now)
		if err != nil {
			return nil, err
		}
		replayed, err := replay(ctx, &series, db, trend.Default().Judge, rules, name, first, now)
		if err != nil {
			return nil, err
		}
		alerts = append(alerts, replayed...)
	}
	slices.SortStableFunc(alerts, func(a, b reputation.Alert) int { return a.OpenedAt.Compare(b.OpenedAt) })
	return alerts, nil
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

// parseSince reads a day or time in UTC, or a number of days before now; "" is the
// beginning of time.
func parseSince(s string, now time.Time) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	if days, ok := strings.CutSuffix(s, "d"); ok {
		if n, err := strconv.Atoi(days); err == nil && n >= 0 {
			return now.AddDate(0, 0, -n), nil
		}
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04", time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, nil
		}
	}
	return time.Time{}, usageError(fmt.Sprintf("--since %q is no time; write 2026-11-01, 2026-11-01T08:00:00Z or 30d", s))
}

// readSeries reads a CSV file with a header, a time and a count a line.
func readSeries(path string) (*trend.Series, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	lines := csv.NewReader(file)
	lines.FieldsPerRecord = 2
	lines.ReuseRecord = true
	if _, err := lines.Read(); err != nil {
		return nil, fmt.Errorf("series %s: want a header line timestamp,value: %w", path, err)
	}
	var series trend.Series
	for {
		record, err := lines.Read()
		if errors.Is(err, io.EOF) {
			return &series, nil
		}
		if err != nil {
			return nil, fmt.Errorf("series %s: %w", path, err)
		}
		line, _ := lines.FieldPos(0)
		at, err := parseSince(record[0], time.Time{})
		if err != nil || record[0] == "" {
			return nil, fmt.Errorf("series %s, line %d: %q is no time; write 2026-11-01 08:00:00", path, line, record[0])
		}
		count, err := strconv.ParseFloat(record[1], 64)
		if err != nil || !(count >= 0 && count < 1e12) {
			return nil, fmt.Errorf("series %s, line %d: %q is no count", path, line, record[1])
		}
		if _, last := series.Span(); at.Before(last) {
			return nil, fmt.Errorf("series %s, line %d: %s lies before the line above; sort the file by time", path, line, record[0])
		}
		series.Add(at, reputation.Hour{Mentions: int(count), Negative: int(count), Stories: int(count)})
	}
}
