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

	"reputed/alerting"
	"reputed/internal/config"
	"reputed/internal/reputation"
	"reputed/internal/store"
	"reputed/internal/trend"
)

type backtestCommand struct {
	Config string `default:"config.yaml" placeholder:"FILE" type:"path" help:"Configuration whose database and brands are replayed (${default})."`
	Since  string `placeholder:"T" help:"Begin at this time (UTC): 2026-11-01, 2026-11-01T08:00:00Z, or 30d for thirty days ago."`
	Series string `placeholder:"FILE" type:"existingfile" help:"Replay a CSV file timestamp,value instead (times in UTC), without a configuration."`
	Format string `enum:"auto,csv,table,json" default:"auto" help:"table: for reading, times in the configured zone; json: one object a line; csv: for other programs. Times in json and csv are UTC. By default table on a terminal, else csv."`
	Chart  bool   `help:"Draw charts above the table also where no terminal shows them."`
	Sweep  bool   `help:"Show instead how many alerts a week each sensitivity would have raised, to choose alerts.sensitivity by."`
}

func (c backtestCommand) Run(ctx context.Context, env environment) error {
	s, watched := screenOf(env)
	format := c.Format
	switch {
	case format == "auto" && (watched || c.Chart):
		format = "table"
	case format == "auto":
		format = "csv"
	}
	if c.Chart && (c.Sweep || format != "table") {
		return usageError("--chart draws above the table of alerts; leave out --sweep and --format " + format)
	}
	b, err := c.open(ctx, env)
	if err != nil {
		return err
	}
	defer b.close()
	if c.Sweep {
		rungs, err := b.sweep(ctx)
		if err != nil {
			return err
		}
		return writeSweep(env, rungs, format)
	}
	var pasts []replayed
	for _, subject := range b.subjects {
		past, err := b.replay(ctx, subject)
		if err != nil {
			return err
		}
		pasts = append(pasts, past)
	}
	if format != "table" {
		return writeBacktest(env, pasts, format)
	}
	var page strings.Builder
	if c.Chart || watched {
		for _, past := range pasts {
			page.WriteString(past.chart(s.width, b.zone) + "\n")
		}
	}
	page.WriteString(backtestTables(pasts, b.zone))
	_, err = env.stdout.Write([]byte(page.String()))
	return errorsOf(err)
}

// backtest is what is replayed, with what it needs.
type backtest struct {
	subjects    []subject
	sensitivity config.Alerts // in force
	zone        *time.Location
	db          *store.Store // nil for an outside series
}

// subject is what was said of one brand, from a first to a last time.
type subject struct {
	counts      string // what is counted of it
	brand       config.Brand
	series      *trend.Series
	first, last time.Time
}

// weeks is how long that is.
func (s subject) weeks() float64 { return s.last.Sub(s.first).Hours() / (7 * 24) }

// replayed is what the rules would have raised about a subject.
type replayed struct {
	subject
	alerts   []reputation.Alert
	changes  []change
	expected map[time.Time]float64
}

func (c backtestCommand) open(ctx context.Context, env environment) (*backtest, error) {
	now := time.Now().UTC()
	since, err := parseSince(c.Since, now)
	if err != nil {
		return nil, err
	}
	if since.After(now) {
		return nil, usageError(fmt.Sprintf("--since %q lies in the future; write a time of which something is stored", c.Since))
	}
	if c.Series != "" {
		series, err := readSeries(c.Series)
		if err != nil {
			return nil, err
		}
		first, last := series.Span()
		if since.After(first) {
			first = since
		}
		name := strings.TrimSuffix(filepath.Base(c.Series), filepath.Ext(c.Series))
		return &backtest{subjects: []subject{{"counts", config.Brand{Name: name}, series, first, last}}, zone: time.UTC}, nil
	}
	cfg, err := loadConfig(c.Config, env)
	if err != nil {
		return nil, err
	}
	db, err := store.OpenReader(ctx, cfg.Database)
	if err != nil {
		return nil, err
	}
	b := &backtest{sensitivity: cfg.Alerts, zone: cfg.Timezone, db: db}
	for _, brand := range cfg.Brands {
		var series trend.Series
		if err := db.Moments(ctx, brand.Name, now, series.Add); err != nil {
			return nil, errors.Join(err, db.Close())
		}
		first, _ := series.Span()
		if first.IsZero() { // no mention yet
			continue
		}
		if since.After(first) {
			first = since
		}
		b.subjects = append(b.subjects, subject{"negative mentions", brand, &series, first, now})
	}
	return b, nil
}

func (b *backtest) close() {
	if b.db != nil {
		b.db.Close() // nothing was written
	}
}

// detect judges a subject with a probability in force.
func (b *backtest) detect(s subject, probability float64) alerting.Detect {
	if b.db != nil {
		return trend.Default().Sensitive(probability).Judge
	}
	volume := trend.Volume().Sensitive(probability)
	return func(_ []reputation.Hour, _, to time.Time) reputation.Judgement {
		return volume.JudgeSeries(s.series, to)
	}
}

// told is what is known of single mentions.
func (b *backtest) told() mentions {
	if b.db != nil {
		return b.db
	}
	return counted{}
}

// replay replays a subject with the sensitivity in force.
func (b *backtest) replay(ctx context.Context, s subject) (replayed, error) {
	p, _ := b.sensitivity.Probability() // checked when the configuration was read
	r := replayed{subject: s, expected: make(map[time.Time]float64)}
	judge := b.detect(s, p)
	noted := func(hours []reputation.Hour, since, to time.Time) reputation.Judgement {
		j := judge(hours, since, to)
		r.expected[to] = j.Expected
		return j
	}
	others, err := b.rules(ctx, s, p)
	if err != nil {
		return r, err
	}
	r.alerts, r.changes, err = replay(ctx, s.series, b.told(), noted, others, s.brand.Name, s.first, s.last)
	return r, err
}

// rules judge a subject by the other rules, with a probability in force; a series of
// plain counts has none.
func (b *backtest) rules(ctx context.Context, s subject, probability float64) (rules, error) {
	if b.db == nil {
		return nil, nil
	}
	return pastRules(ctx, b.db, s.brand, s.first, s.last, probability)
}

// inOrder returns the alerts on all subjects in the order of their opening, numbered so.
func inOrder(pasts []replayed) []reputation.Alert {
	var alerts []reputation.Alert
	for _, p := range pasts {
		alerts = append(alerts, p.alerts...)
	}
	slices.SortStableFunc(alerts, func(a, b reputation.Alert) int { return a.OpenedAt.Compare(b.OpenedAt) })
	for i := range alerts {
		alerts[i].ID = int64(i + 1)
	}
	return alerts
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
