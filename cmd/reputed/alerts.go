package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"reputed/internal/config"
	"reputed/internal/reputation"
	"reputed/internal/store"
)

// alertsCommand groups what looks at alerts.
type alertsCommand struct {
	List    alertsListCommand    `cmd:"" default:"withargs" help:"List alerts, the latest first."`
	Show    alertsShowCommand    `cmd:"" help:"Show an alert: its figures, its crisis, and the messages that told of it."`
	Explain alertsExplainCommand `cmd:"" help:"Explain an alert: what was counted and what was usual, the queries that count it again, and the mentions behind it."`
}

// alertsSource is where the alerts are read from, and how they are written.
type alertsSource struct {
	Config string `default:"config.yaml" placeholder:"FILE" type:"path" help:"Configuration whose database is read (${default})."`
	Format string `enum:"table,json,csv" default:"table" help:"table: for reading, times in the configured zone; json: one object a line; csv: for spreadsheets. Times in json and csv are UTC (${default})."`
}

// open reads the configuration and opens its database for reading.
func (c alertsSource) open(ctx context.Context, env environment) (*config.Config, *store.Store, error) {
	return openConfigured(ctx, c.Config, env, store.OpenReader)
}

type alertsListCommand struct {
	alertsSource `embed:""`
	Brand        string `placeholder:"NAME" help:"Alerts on this brand only."`
	Since        string `default:"30d" placeholder:"T" help:"Opened then or later (UTC): 2026-11-01, 2026-11-01T08:00:00Z, or 30d for thirty days ago (${default}). Alerts that fire are always listed."`
	State        string `enum:"firing,resolved,muted,all" default:"all" help:"Alerts in this state: firing, resolved, muted (of which people were not told last, because a silence, quiet hours or another alert kept them from it) or all (${default})."`
}

func (c alertsListCommand) Run(ctx context.Context, env environment) error {
	since, err := parseSince(c.Since, time.Now())
	if err != nil {
		return err
	}
	cfg, db, err := c.open(ctx, env)
	if err != nil {
		return err
	}
	defer db.Close() // nothing was written
	filter := reputation.AlertFilter{Brand: c.Brand, Since: since, Muted: c.State == "muted"}
	if c.State == "firing" || c.State == "resolved" {
		filter.State = reputation.State(c.State)
	}
	list, err := db.AlertList(ctx, filter)
	if err != nil {
		return err
	}
	switch c.Format {
	case "json":
		out := newLines(env)
		for _, a := range list {
			if err := out.Encode(jsonAlert(a)); err != nil {
				return fmt.Errorf("write standard output: %w", err)
			}
		}
		return nil
	case "csv":
		return writeAlertsCSV(env, list)
	}
	if len(list) == 0 {
		_, err = fmt.Fprintln(env.stderr, "no alerts; see further back with --since, such as --since 365d")
		return err
	}
	_, err = fmt.Fprintln(env.stdout, alertTable(list, cfg.Timezone))
	return err
}

func newLines(env environment) *json.Encoder {
	out := json.NewEncoder(env.stdout)
	out.SetEscapeHTML(false)
	return out
}

// alertTable sets alerts in a table.
func alertTable(list []reputation.Alert, zone *time.Location) string {
	t := plainTable(table.Row{"id", "brand", "rule", "severity", "state", "opened", "lasted", "observed", "expected", "peak"})
	t.SetColumnConfigs(rightAligned("id", "observed", "expected", "peak"))
	for _, a := range list {
		lasted := "-"
		if !a.ResolvedAt.IsZero() {
			lasted = a.ResolvedAt.Sub(a.OpenedAt).Round(time.Minute).String()
			lasted = strings.TrimSuffix(lasted, "0s")
		}
		state := string(a.State)
		if a.MutedBy != "" {
			state += ", muted by " + shorten(a.MutedBy, 40)
		}
		t.AppendRow(table.Row{
			a.ID, shorten(a.Brand, 40), shorten(a.Rule, 40), a.Severity, state, localTime(a.OpenedAt, zone), lasted,
			a.Judgement.Observed, fmt.Sprintf("%.1f", a.Judgement.Expected), a.Peak,
		})
	}
	return rendered(t)
}

// plainTable is a table without lines, in which a Han character takes two columns.
func plainTable(header table.Row) table.Writer {
	t := table.NewWriter()
	style := table.StyleLight
	style.Options = table.OptionsNoBordersAndSeparators
	style.Format.Header = text.FormatDefault
	t.SetStyle(style)
	t.AppendHeader(header)
	return t
}

func rightAligned(columns ...string) []table.ColumnConfig {
	configs := make([]table.ColumnConfig, len(columns))
	for i, name := range columns {
		configs[i] = table.ColumnConfig{Name: name, Align: text.AlignRight, AlignHeader: text.AlignRight}
	}
	return configs
}

// rendered is a table without the spaces at the ends of its lines.
func rendered(t table.Writer) string {
	lines := strings.Split(t.Render(), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " ")
	}
	return strings.Join(lines, "\n")
}

func localTime(at time.Time, zone *time.Location) string {
	if at.IsZero() {
		return "-"
	}
	return at.In(zone).Format("2006-01-02 15:04")
}

// alertLine is an alert as JSON and CSV hold it.
type alertLine struct {
	ID         int64   `json:"id"`
	Brand      string  `json:"brand"`
	Rule       string  `json:"rule"`
	Severity   string  `json:"severity"`
	State      string  `json:"state"`
	OpenedAt   string  `json:"opened_at"`
	ResolvedAt *string `json:"resolved_at"`
	WindowFrom string  `json:"window_from"`
	WindowTo   string  `json:"window_to"`
	Observed   int     `json:"observed"`
	Stories    int     `json:"stories"`
	Mentions   int     `json:"mentions"`
	Expected   float64 `json:"expected"`
	Deviation  float64 `json:"deviation"`
	Surprise   float64 `json:"surprise"`
	UsualShare float64 `json:"usual_share"`
	Peak       int     `json:"peak"`
	MutedBy    string  `json:"muted_by"` // why people were not told last; empty if they were
}

func jsonAlert(a reputation.Alert) alertLine {
	j := a.Judgement
	line := alertLine{
		ID: a.ID, Brand: reputation.OneLine(a.Brand), Rule: a.Rule, Severity: string(a.Severity), State: string(a.State),
		OpenedAt: stamp(a.OpenedAt), WindowFrom: stamp(j.From), WindowTo: stamp(j.To),
		Observed: j.Observed, Stories: j.Stories, Mentions: j.Mentions, Expected: j.Expected, Deviation: j.Deviation,
		Surprise: j.Surprise, UsualShare: j.Usual, Peak: a.Peak, MutedBy: reputation.OneLine(a.MutedBy),
	}
	if !a.ResolvedAt.IsZero() {
		resolved := stamp(a.ResolvedAt)
		line.ResolvedAt = &resolved
	}
	return line
}

func writeAlertsCSV(env environment, list []reputation.Alert) error {
	out := csv.NewWriter(env.stdout)
	rows := [][]string{{"id", "brand", "rule", "severity", "state", "opened_at", "resolved_at", "window_from", "window_to", "observed", "stories", "mentions", "expected", "deviation", "surprise", "usual_share", "peak", "muted_by"}}
	number := func(v float64) string { return strconv.FormatFloat(v, 'g', 6, 64) }
	for _, a := range list {
		j := a.Judgement
		rows = append(rows, []string{
			strconv.FormatInt(a.ID, 10), cell(a.Brand), cell(a.Rule), string(a.Severity), string(a.State), stamp(a.OpenedAt), stamp(a.ResolvedAt),
			stamp(j.From), stamp(j.To), strconv.Itoa(j.Observed), strconv.Itoa(j.Stories), strconv.Itoa(j.Mentions),
			number(j.Expected), number(j.Deviation), number(j.Surprise), number(j.Usual), strconv.Itoa(a.Peak), cell(a.MutedBy),
		})
	}
	if err := out.WriteAll(rows); err != nil {
		return fmt.Errorf("write standard output: %w", err)
	}
	return nil
}

// cell makes a text safe in a spreadsheet, which would take one that begins so for a
// formula, and in a terminal.
func cell(s string) string {
	s = reputation.OneLine(s)
	if s != "" && strings.ContainsRune("=+-@＝＋－＠", []rune(s)[0]) {
		return "'" + s
	}
	return s
}

// readAlert reads the alert that a command is asked for.
func readAlert(ctx context.Context, db *store.Store, id int64) (reputation.Alert, error) {
	a, ok, err := db.Alert(ctx, id)
	if err == nil && !ok {
		err = fmt.Errorf("there is no alert %d in %s; find its number with: reputed alerts list --since 365d", id, db.Path())
	}
	return a, err
}

type alertsShowCommand struct {
	Alert        int64 `arg:"" help:"Number of the alert."`
	alertsSource `embed:""`
}

func (c alertsShowCommand) Run(ctx context.Context, env environment) error {
	cfg, db, err := c.open(ctx, env)
	if err != nil {
		return err
	}
	defer db.Close() // nothing was written
	a, err := readAlert(ctx, db, c.Alert)
	if err != nil {
		return err
	}
	messages, err := db.AlertMessages(ctx, a.ID)
	if err != nil {
		return err
	}
	crisis, in, err := db.EpisodeDuring(ctx, a.Brand, a.Judgement.From, a.Judgement.To)
	if err != nil {
		return err
	}
	switch c.Format {
	case "json":
		line := shownAlert{alertLine: jsonAlert(a), Messages: make([]shownMessage, len(messages))}
		if in {
			line.Episode = &crisis.ID
		}
		for i, m := range messages {
			line.Messages[i] = shownMessage{m.ID, string(m.Event), stamp(m.At), m.Target.Receiver, m.Target.Channel, stamp(m.Delivered), m.Failures, reputation.OneLine(m.Error)}
		}
		return errorsOf(newLines(env).Encode(line))
	case "csv":
		return writeAlertsCSV(env, []reputation.Alert{a})
	}
	var b strings.Builder
	b.WriteString(factsOf(alertFacts(a, cfg.Timezone)))
	if in {
		b.WriteString(factsOf(crisisFacts(crisis, cfg.Timezone)))
	}
	b.WriteString("\n" + messageTable(messages, cfg.Timezone) + "\n")
	_, err = env.stdout.Write([]byte(b.String()))
	return errorsOf(err)
}

// shownAlert is an alert with its messages.
type shownAlert struct {
	alertLine
	Episode  *int64         `json:"episode"`
	Messages []shownMessage `json:"messages"`
}

type shownMessage struct {
	ID        int64  `json:"id"`
	Event     string `json:"event"`
	At        string `json:"at"`
	Receiver  string `json:"receiver"`
	Channel   string `json:"channel"`
	Delivered string `json:"delivered_at"`
	Failures  int    `json:"failures"`
	Error     string `json:"error"`
}

func errorsOf(err error) error {
	if err != nil {
		return fmt.Errorf("write standard output: %w", err)
	}
	return nil
}

// fact is a value with its label.
type fact struct{ label, value string }

// factsOf sets facts one a line, their values below each other.
func factsOf(facts []fact) string {
	const column = 12
	var b strings.Builder
	for _, f := range facts {
		fmt.Fprintf(&b, "%-*s%s\n", column, f.label, f.value)
	}
	return b.String()
}

func alertFacts(a reputation.Alert, zone *time.Location) []fact {
	j := a.Judgement
	lasted := "still firing"
	if !a.ResolvedAt.IsZero() {
		lasted = localTime(a.ResolvedAt, zone)
	}
	facts := []fact{
		{"alert", fmt.Sprintf("%d, %s, %s", a.ID, a.Severity, a.State)},
		{"brand", reputation.OneLine(a.Brand)},
		{"rule", reputation.OneLine(a.Rule)},
		{"opened", localTime(a.OpenedAt, zone) + " " + zone.String()},
		{"resolved", lasted},
		{"judged", localTime(j.From, zone) + " to " + localTime(j.To, zone)},
	}
	facts = append(facts, judgedFacts(a)...)
	if a.MutedBy != "" {
		facts = append(facts, fact{"muted by", reputation.OneLine(a.MutedBy)})
	}
	if a.AcknowledgedBy != "" {
		facts = append(facts, fact{"taken on", "by " + reputation.OneLine(a.AcknowledgedBy) + ", " + localTime(a.AcknowledgedAt, zone)})
	}
	return facts
}

func crisisFacts(e reputation.Episode, zone *time.Location) []fact {
	facts := []fact{{"crisis", fmt.Sprintf("episode %d, %s since %s, began %s", e.ID, strings.ReplaceAll(string(e.Phase), "_", " "), localTime(e.Since, zone), localTime(e.Began, zone))}}
	if len(e.Sources) > 0 {
		s := e.Sources[0]
		facts = append(facts, fact{"started by", strings.TrimSpace(fmt.Sprintf("%s, %s  %s", shorten(s.Source, 60), localTime(s.At, zone), reputation.OneLine(s.URL)))})
	}
	if share, ok := e.Resilience(); ok {
		facts = append(facts, fact{"resilience", fmt.Sprintf("%.0f%%: %d defend the brand, %d speak against it", 100*share, e.Defenders, e.Attackers)})
	}
	if !e.OverAt.IsZero() {
		facts = append(facts, fact{"baseline", fmt.Sprintf("reached again after %.0f hours", e.ToBaseline().Hours())})
	}
	return facts
}

func messageTable(messages []reputation.Delivery, zone *time.Location) string {
	if len(messages) == 0 {
		return "no message told of it"
	}
	t := plainTable(table.Row{"message", "event", "at", "receiver", "delivered", "failures", "error"})
	t.SetColumnConfigs(rightAligned("message", "failures"))
	for _, m := range messages {
		to := strings.TrimSpace(m.Target.Receiver + " " + m.Target.Channel)
		t.AppendRow(table.Row{m.ID, m.Event, localTime(m.At, zone), shorten(to, 40), localTime(m.Delivered, zone), m.Failures, shorten(m.Error, 100)})
	}
	return rendered(t)
}

// judgedFacts are the figures on which an alert opened, in the terms of its rule.
func judgedFacts(a reputation.Alert) []fact {
	j := reputation.RuleJudgement{Rule: a.Rule, Judgement: a.Judgement}
	_, onDriver := reputation.DriverOf(a.Rule)
	_, onSignal := reputation.SignalOf(a.Rule)
	observed, expected := "", fmt.Sprintf("%.2f of as many mentions, with a standard deviation of %.2f; a share of %.1f%%", j.Expected, j.Deviation, 100*j.Usual)
	switch {
	case onDriver:
		observed = fmt.Sprintf("%d of %d negative mentions are about it, a share of %.1f%%", j.Observed, j.Mentions, 100*j.Value())
	case onSignal:
		observed = fmt.Sprintf("%d of %d mentions carry it, a share of %.1f%%", j.Observed, j.Mentions, 100*j.Value())
	case a.Rule == reputation.RuleNegativeShare:
		observed = fmt.Sprintf("%d of %d mentions are negative, a share of %.1f%%", j.Observed, j.Mentions, 100*j.Value())
	case a.Rule == reputation.RuleNetSentiment:
		observed = fmt.Sprintf("net sentiment %+.2f of %d mentions", j.Value(), j.Mentions)
		expected = fmt.Sprintf("net sentiment %+.2f", j.Usual)
	case a.Rule == reputation.RuleShareOfVoice:
		observed = fmt.Sprintf("a share of voice of %.1f%%, of %d mentions with the competitors: %d too few", 100*j.Value(), j.Mentions, j.Observed)
		expected = fmt.Sprintf("a share of %.1f%%", 100*j.Usual)
	case a.Rule == reputation.RuleRiskWord:
		observed = fmt.Sprintf("a risk word that weighs as much as the gravest one before %d readers a day", j.Observed)
		expected = "none"
	case a.Rule == reputation.RuleSilence:
		observed = "no mention"
		expected = fmt.Sprintf("about %d, with a standard deviation of %.2f", j.Observed, j.Deviation)
	default:
		return []fact{
			{"observed", fmt.Sprintf("%d negative mentions in that hour (%d different stories) of %d, a share of %.0f%%", j.Observed, j.Stories, j.Mentions, 100*j.Share())},
			{"expected", fmt.Sprintf("%.2f an hour, with a standard deviation of %.2f; a share of %.0f%%", j.Expected, j.Deviation, 100*j.Usual)},
			{"surprise", fmt.Sprintf("%.1f standard deviations above what was expected", j.Surprise)},
			{"peak", fmt.Sprintf("%d negative mentions in one hour", a.Peak)},
		}
	}
	return []fact{{"observed", observed}, {"expected", expected}}
}
