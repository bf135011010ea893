package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"reputed/internal/reputation"
	"reputed/internal/store"
)

type sourcesListCommand struct {
	Config string `default:"config.yaml" placeholder:"FILE" type:"path" help:"Configuration whose database is read (${default})."`
	Format string `enum:"table,json" default:"table" help:"table: for reading, times in the configured zone; json: one object a line, times in UTC (${default})."`
}

func (c sourcesListCommand) Run(ctx context.Context, env environment) error {
	cfg, db, err := openConfigured(ctx, c.Config, env, store.OpenReader)
	if err != nil {
		return err
	}
	defer db.Close() // nothing was written
	list, err := db.Health(ctx)
	if err != nil {
		return err
	}
	if c.Format == "json" {
		err = writeHealth(env, list)
	} else {
		s, _ := screenOf(env)
		_, err = fmt.Fprintln(env.stdout, healthTable(list, cfg.Timezone, s.colour))
	}
	if err != nil {
		return fmt.Errorf("write standard output: %w", err)
	}
	return nil
}

// healthTable sets the sources in a table, and below it the errors in full, since
// their end says what to do.
func healthTable(list []reputation.SourceHealth, zone *time.Location, colour bool) string {
	t := table.NewWriter()
	style := table.StyleLight
	style.Options = table.OptionsNoBordersAndSeparators
	style.Format.Header = text.FormatDefault
	t.SetStyle(style)
	t.AppendHeader(table.Row{"source", "state", "last success", "last new item", "items a day", "failures", "next poll"})
	t.SetColumnConfigs([]table.ColumnConfig{
		{Name: "items a day", Align: text.AlignRight},
		{Name: "failures", Align: text.AlignRight},
	})
	at := func(when time.Time) string {
		if when.IsZero() {
			return "-"
		}
		return when.In(zone).Format("2006-01-02 15:04")
	}
	var errs []string
	for _, h := range list {
		name, state := shorten(h.Name, 40), h.State
		if colour {
			state = stateStyle(h) + state + styleOff
		}
		t.AppendRow(table.Row{name, state, at(h.LastSuccess), at(h.LastItem), fmt.Sprintf("%.1f", h.ItemsADay), h.Failures, at(h.NextPoll)})
		if h.Error != "" && h.State != "retired" {
			errs = append(errs, name+": "+reputation.OneLine(strings.TrimPrefix(h.Error, "source "+h.Name+": ")))
		}
	}
	lines := strings.Split(t.Render(), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " ")
	}
	if len(errs) > 0 {
		lines = append(append(lines, ""), errs...)
	}
	return strings.Join(lines, "\n")
}

// stateStyle is how a terminal shows a source's state: red where people are needed.
func stateStyle(h reputation.SourceHealth) string {
	switch h.State {
	case "ok":
		return styleGreen
	case string(h.Trouble):
		return styleBold + styleRed
	case "retrying":
		return styleRed
	}
	return styleFaint
}

// writeHealth writes the sources as JSON, one a line; what is not known is null.
func writeHealth(env environment, list []reputation.SourceHealth) error {
	at := func(when time.Time) *string {
		if when.IsZero() {
			return nil
		}
		s := stamp(when)
		return &s
	}
	out := newEncoder(env.stdout)
	for _, h := range list {
		err := out.Encode(struct {
			Name         string  `json:"name"`
			Kind         string  `json:"kind"`
			URL          string  `json:"url"`
			State        string  `json:"state"`
			LastSuccess  *string `json:"last_success_at"`
			LastItem     *string `json:"last_item_at"`
			ItemsADay    float64 `json:"items_a_day"`
			Failures     int     `json:"failures"`
			FailingSince *string `json:"failing_since"`
			Error        string  `json:"error"`
			NextPoll     *string `json:"next_poll_at"`
			QuietUntil   *string `json:"quiet_until"`
			TroubleSince *string `json:"trouble_since"`
		}{
			h.Name, h.Kind, h.URL, h.State, at(h.LastSuccess), at(h.LastItem), h.ItemsADay, h.Failures, at(h.FailingSince), h.Error,
			at(h.NextPoll), at(h.QuietUntil), at(h.Since),
		})
		if err != nil {
			return err
		}
	}
	return nil
}
