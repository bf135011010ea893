package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"reputed/alerting"
	"reputed/internal/config"
	"reputed/internal/reputation"
	"reputed/internal/store"
)

// silenceCommand groups what concerns silences.
type silenceCommand struct {
	Add  silenceAddCommand  `cmd:"" help:"Keep people from being told of some alerts, until a time."`
	List silenceListCommand `cmd:"" help:"Show the silences in force, and with --all those that are over."`
	End  silenceEndCommand  `cmd:"" help:"End a silence now; alerts that it held back and that still fire are told."`
}

type silenceAddCommand struct {
	Matchers []string      `arg:"" optional:"" name:"matcher" help:"What an alert must fit, all of them: a label (brand, rule, severity, driver), = != =~ or !~, and a value, such as 'driver=service' or 'brand=~\"小米|华为\"'."`
	Brand    string        `placeholder:"B" help:"The same as brand=B."`
	Rule     string        `placeholder:"R" help:"The same as rule=R."`
	Severity string        `placeholder:"S" help:"The same as severity=S: warning or critical."`
	Driver   string        `placeholder:"D" help:"The same as driver=D."`
	For      string        `placeholder:"D" help:"How long: 30m, 4h, 7d."`
	Until    string        `placeholder:"T" help:"Until when, in the configured zone: 18:00, 2026-11-25, '2026-11-25 09:00'; or 2026-11-25T01:00:00Z."`
	Reason   string        `required:"" placeholder:"TEXT" help:"Why, in a few words."`
	By       string        `placeholder:"NAME" help:"Who makes it; by default who runs the command."`
	Config   string        `default:"config.yaml" placeholder:"FILE" type:"path" help:"Configuration with the brands and the database (${default})."`
	Format   silenceFormat `enum:"table,json" default:"table" help:"table or json, as of silence list (${default})."`
}

// silenceFormat is how silences are written.
type silenceFormat string

func (c silenceAddCommand) Run(ctx context.Context, env environment) error {
	if (c.For == "") == (c.Until == "") {
		return usageError("a silence needs an end: give either --for or --until")
	}
	cfg, err := loadConfig(c.Config, env)
	if err != nil {
		return err
	}
	now := time.Now().UTC().Truncate(time.Second)
	s := reputation.Silence{Author: c.By, Reason: c.Reason, From: now}
	if s.Author == "" {
		s.Author = userName(env)
	}
	if s.Until, err = c.until(now, cfg.Timezone); err != nil {
		return usageError(err.Error())
	}
	if s.Matchers, err = c.matchers(cfg); err != nil {
		return usageError(err.Error())
	}
	if err := alerting.CheckSilence(s, now); err != nil {
		return usageError(err.Error())
	}
	db, err := store.OpenBeside(ctx, cfg.Database)
	if err != nil {
		return err
	}
	defer db.Close() // what was stored is committed
	if s, err = db.AddSilence(ctx, s); err != nil {
		return err
	}
	return writeSilences(env, c.Format, []reputation.Silence{s}, now, cfg.Timezone)
}

// until is the end of the silence.
func (c silenceAddCommand) until(now time.Time, zone *time.Location) (time.Time, error) {
	if c.For != "" {
		d, err := parseSpan(c.For)
		if err != nil {
			return time.Time{}, fmt.Errorf("--for: %w", err)
		}
		return now.Add(d), nil
	}
	if t, err := time.Parse(time.RFC3339, c.Until); err == nil {
		return t, nil
	}
	for _, layout := range []string{"2006-01-02 15:04", "2006-01-02T15:04", time.DateOnly} {
		if t, err := time.ParseInLocation(layout, c.Until, zone); err == nil {
			return t, nil
		}
	}
	clock, err := time.Parse("15:04", c.Until)
	if err != nil {
		return time.Time{}, fmt.Errorf("--until: %q is not a time; write 18:00, 2026-11-25, \"2026-11-25 09:00\" or 2026-11-25T01:00:00Z", c.Until)
	}
	year, month, day := now.In(zone).Date() // the next time that the clock shows it
	t := time.Date(year, month, day, clock.Hour(), clock.Minute(), 0, 0, zone)
	if !t.After(now) {
		t = time.Date(year, month, day+1, clock.Hour(), clock.Minute(), 0, 0, zone)
	}
	return t, nil
}

// parseSpan reads a duration, also in days.
func parseSpan(s string) (time.Duration, error) {
	if days, ok := strings.CutSuffix(s, "d"); ok {
		if n, err := strconv.Atoi(days); err == nil && n > 0 && n <= 3650 {
			return time.Duration(n) * 24 * time.Hour, nil
		}
	}
	d, err := time.ParseDuration(s)
	if err != nil {
		return 0, fmt.Errorf("%q is not a duration; write 30m, 4h or 7d", s)
	}
	return d, nil
}

// matchers are those of the arguments and of the flags. A brand that is not watched
// would be a slip that silences nothing.
func (c silenceAddCommand) matchers(cfg *config.Config) ([]reputation.Matcher, error) {
	var list []reputation.Matcher
	for _, text := range c.Matchers {
		m, err := alerting.ParseMatcher(text)
		if err != nil {
			return nil, err
		}
		list = append(list, m)
	}
	for _, flag := range []struct{ label, value string }{{"brand", c.Brand}, {"rule", c.Rule}, {"severity", c.Severity}, {"driver", c.Driver}} {
		if flag.value != "" {
			list = append(list, reputation.Matcher{Label: flag.label, Op: "=", Value: flag.value})
		}
	}
	names := brandNames(cfg)
	for _, m := range list {
		if m.Label == "brand" && m.Op == "=" && !slices.Contains(names, m.Value) {
			return nil, fmt.Errorf("brand %q is not watched; the configuration has %s", m.Value, strings.Join(names, ", "))
		}
	}
	return list, nil
}

type silenceListCommand struct {
	All    bool          `help:"Also those that are over."`
	Config string        `default:"config.yaml" placeholder:"FILE" type:"path" help:"Configuration whose database is read (${default})."`
	Format silenceFormat `enum:"table,json" default:"table" help:"table: for reading, times in the configured zone; json: one object a line, times in UTC (${default})."`
}

func (c silenceListCommand) Run(ctx context.Context, env environment) error {
	cfg, db, err := openConfigured(ctx, c.Config, env, store.OpenReader)
	if err != nil {
		return err
	}
	defer db.Close() // nothing was written
	now := time.Now()
	after := now
	if c.All {
		after = time.Time{}
	}
	list, err := db.Silences(ctx, after)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		fmt.Fprintln(env.stderr, "no silence is in force")
	}
	return writeSilences(env, c.Format, list, now, cfg.Timezone)
}

type silenceEndCommand struct {
	Silence int64         `arg:"" help:"Number of the silence, as silence list shows it."`
	By      string        `placeholder:"NAME" help:"Who ends it; by default who runs the command."`
	Config  string        `default:"config.yaml" placeholder:"FILE" type:"path" help:"Configuration whose database holds the silence (${default})."`
	Format  silenceFormat `enum:"table,json" default:"table" help:"table or json, as of silence list (${default})."`
}

func (c silenceEndCommand) Run(ctx context.Context, env environment) error {
	cfg, db, err := openConfigured(ctx, c.Config, env, store.OpenBeside)
	if err != nil {
		return err
	}
	defer db.Close() // what was stored is committed
	if c.By == "" {
		c.By = userName(env)
	}
	now := time.Now()
	s, err := db.EndSilence(ctx, c.Silence, c.By, now)
	if errors.Is(err, store.ErrNoSilence) {
		return fmt.Errorf("%w; see their numbers with: reputed silence list --all", err)
	}
	if err != nil {
		return err
	}
	return writeSilences(env, c.Format, []reputation.Silence{s}, now, cfg.Timezone)
}

// written is a matcher as it is typed.
func written(m reputation.Matcher) string { return m.Label + m.Op + strconv.Quote(m.Value) }

// stateOf tells whether a silence is in force.
func stateOf(s reputation.Silence, now time.Time) string {
	switch {
	case now.Before(s.From):
		return "pending"
	case now.Before(s.Until):
		return "active"
	}
	return "over"
}

// writeSilences writes silences as a table or as JSON, one a line.
func writeSilences(env environment, format silenceFormat, list []reputation.Silence, now time.Time, zone *time.Location) error {
	var err error
	if format == "json" {
		err = writeSilencesJSON(env, list, now)
	} else if len(list) > 0 {
		_, err = fmt.Fprintln(env.stdout, silenceTable(list, now, zone))
	}
	if err != nil {
		return fmt.Errorf("write standard output: %w", err)
	}
	return nil
}

func silenceTable(list []reputation.Silence, now time.Time, zone *time.Location) string {
	t := table.NewWriter()
	style := table.StyleLight
	style.Options = table.OptionsNoBordersAndSeparators
	style.Format.Header = text.FormatDefault
	t.SetStyle(style)
	t.AppendHeader(table.Row{"silence", "state", "alerts", "until", "by", "reason", "ended by"})
	for _, s := range list {
		var matchers []string
		for _, m := range s.Matchers {
			matchers = append(matchers, written(m))
		}
		t.AppendRow(table.Row{
			s.ID, stateOf(s, now), shorten(strings.Join(matchers, " "), 80), s.Until.In(zone).Format("2006-01-02 15:04"),
			shorten(s.Author, 30), shorten(s.Reason, 60), shorten(s.EndedBy, 30),
		})
	}
	lines := strings.Split(t.Render(), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " ")
	}
	return strings.Join(lines, "\n")
}

func writeSilencesJSON(env environment, list []reputation.Silence, now time.Time) error {
	out := json.NewEncoder(env.stdout)
	out.SetEscapeHTML(false)
	for _, s := range list {
		err := out.Encode(struct {
			ID       int64                `json:"id"`
			State    string               `json:"state"`
			Matchers []reputation.Matcher `json:"matchers"`
			Author   string               `json:"author"`
			Reason   string               `json:"reason"`
			From     string               `json:"starts_at"`
			Until    string               `json:"ends_at"`
			EndedBy  string               `json:"ended_by"`
		}{s.ID, stateOf(s, now), s.Matchers, s.Author, s.Reason, stamp(s.From), stamp(s.Until), s.EndedBy})
		if err != nil {
			return err
		}
	}
	return nil
}
