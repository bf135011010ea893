package main

import (
	"cmp"
	"context"
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"
	"time"

	"reputed/alerting"
	"reputed/internal/reputation"
	"reputed/internal/store"
	"reputed/internal/trend"
)

type alertsExplainCommand struct {
	Alert        int64 `arg:"" help:"Number of the alert."`
	Limit        int   `default:"20" placeholder:"N" help:"Mentions that are shown, the most negative first (${default}); json and csv hold all."`
	alertsSource `embed:""`
}

func (c alertsExplainCommand) Run(ctx context.Context, env environment) error {
	if c.Limit < 0 {
		return usageError(fmt.Sprintf("--limit %d: write 0 or more", c.Limit))
	}
	cfg, db, err := c.open(ctx, env)
	if err != nil {
		return err
	}
	defer db.Close() // nothing was written
	a, err := readAlert(ctx, db, c.Alert)
	if err != nil {
		return err
	}
	e, err := explainAlert(ctx, db, detectorOf(cfg), a)
	if err != nil {
		return err
	}
	switch c.Format {
	case "json":
		return errorsOf(newLines(env).Encode(e))
	case "csv":
		return e.writeCSV(env)
	}
	_, err = env.stdout.Write([]byte(e.text(a, db.Path(), cfg.Timezone, c.Limit)))
	return errorsOf(err)
}

// alertCase is how an alert came about, with what the store holds of that now.
type alertCase struct {
	Alert alertLine `json:"alert"`

	// Probability is the chance that usual talk brings as many negative mentions, by
	// what the rule knew when the alert was opened. An alert of a version that did not
	// keep it has that of the hours as they are counted now.
	Probability float64 `json:"probability"`

	Now      countedHour  `json:"counted_now"`  // the judged hour, counted again
	Baseline baselineLine `json:"baseline_now"` // the hours before it, counted again
	Again    string       `json:"judged_now"`   // what the same rule says of them now: "spike", or why not

	ObservedSQL string `json:"observed_sql"`
	BaselineSQL string `json:"baseline_sql"`
	MentionsSQL string `json:"mentions_sql"`

	Mentions []explainedMention `json:"mentions"`
}

type countedHour struct {
	Mentions int `json:"mentions"`
	Negative int `json:"negative"`
	Stories  int `json:"stories"`
}

// baselineLine sums up the negative mentions of the hours that say what is usual.
type baselineLine struct {
	From  string  `json:"from"` // exclusive
	To    string  `json:"to"`
	Hours int     `json:"hours"`
	Mean  float64 `json:"mean"`
	Most  int     `json:"most"`
}

type explainedMention struct {
	Source string   `json:"source"`
	At     string   `json:"at"`
	Score  float64  `json:"score"`
	Words  []string `json:"words"`
	Copies int      `json:"copies"`
	URL    string   `json:"url"`
	Text   string   `json:"text"`
}

// explainAlert counts again what an alert was opened on.
func explainAlert(ctx context.Context, db *store.Store, detector trend.Detector, a reputation.Alert) (alertCase, error) {
	j := a.Judgement
	e := alertCase{Alert: jsonAlert(a), Probability: j.Probability}
	hours, err := db.Hours(ctx, a.Brand, j.To, trend.Hours)
	if err != nil {
		return e, err
	}
	since, err := db.Since(ctx, a.Brand)
	if err != nil {
		return e, err
	}
	now := hours[len(hours)-1]
	e.Now = countedHour{now.Mentions, now.Negative, now.Stories}
	again := detector.Judge(hours, since, j.To)
	e.Probability = cmp.Or(e.Probability, again.Probability)
	if e.Again = again.Reason; e.Again == "" {
		e.Again = "spike"
	}
	e.baseline(hours[:len(hours)-1-trend.Guard], since, j.To)
	e.queries(a)
	mentions, copies, err := db.Negative(ctx, a.Brand, j.From, j.To, -1)
	if err != nil {
		return e, err
	}
	for i, m := range mentions {
		q := alerting.Quote(m, copies[i])
		for k, word := range q.Words {
			q.Words[k] = reputation.OneLine(word)
		}
		e.Mentions = append(e.Mentions, explainedMention{
			reputation.OneLine(q.Source), stamp(q.At), q.Score, q.Words, q.Copies, reputation.OneLine(q.URL), reputation.OneLine(q.Text),
		})
	}
	return e, nil
}

// baseline sums up the past hours that are known: those after the brand's first mention.
func (e *alertCase) baseline(past []reputation.Hour, since, to time.Time) {
	end := to.Add(-(1 + trend.Guard) * time.Hour)
	known := min(len(past), max(0, int(end.Sub(since)/time.Hour)))
	e.Baseline = baselineLine{From: stamp(end.Add(-time.Duration(known) * time.Hour)), To: stamp(end), Hours: known}
	for _, h := range past[len(past)-known:] {
		e.Baseline.Mean += float64(h.Negative) / float64(known)
		e.Baseline.Most = max(e.Baseline.Most, h.Negative)
	}
}

// queries writes the SQL that counts again, for the shell sqlite3.
func (e *alertCase) queries(a reputation.Alert) {
	window := fmt.Sprintf("brand = %s AND at > '%s' AND at <= '%s'", sqlText(a.Brand), e.Alert.WindowFrom, e.Alert.WindowTo)
	e.ObservedSQL = `SELECT count(*) AS mentions, count(*) FILTER (WHERE label = 'negative') AS negative,
       count(*) FILTER (WHERE label = 'negative' AND copy = 0) AS stories
FROM mentions WHERE ` + window + `;`
	e.BaselineSQL = fmt.Sprintf(`WITH RECURSIVE hours (n, until) AS (
  SELECT 1, '%s' WHERE %d > 0
  UNION ALL SELECT n + 1, strftime('%%Y-%%m-%%dT%%H:%%M:%%SZ', until, '-1 hour') FROM hours WHERE n < %[2]d),
usual AS (
  SELECT (SELECT count(*) FROM mentions WHERE brand = %[3]s AND label = 'negative'
          AND at > strftime('%%Y-%%m-%%dT%%H:%%M:%%SZ', until, '-1 hour') AND at <= until) AS negative FROM hours)
SELECT count(*) AS hours, coalesce(avg(negative), 0) AS mean, coalesce(max(negative), 0) AS most FROM usual;`, e.Baseline.To, e.Baseline.Hours, sqlText(a.Brand))
	e.MentionsSQL = `SELECT m.score, i.source, m.at, i.url, substr(i.content, 1, 80) AS content
FROM mentions m JOIN items i ON i.id = m.item_id
WHERE ` + strings.ReplaceAll(strings.ReplaceAll(window, "brand =", "m.brand ="), " at ", " m.at ") + ` AND m.label = 'negative'
ORDER BY m.score;`
}

// sqlText is a text as a literal of SQL.
func sqlText(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// text sets it out for reading.
func (e *alertCase) text(a reputation.Alert, database string, zone *time.Location, limit int) string {
	facts := alertFacts(a, zone)
	facts = append(facts,
		fact{"probability", fmt.Sprintf("%s that usual talk brings so many negative mentions or more", probability(e.Probability))},
		fact{"baseline", fmt.Sprintf("the %d hours up to %s; counted now they hold %.2f negative mentions on average, %d at most",
			e.Baseline.Hours, localTime(a.Judgement.To.Add(-(1+trend.Guard)*time.Hour), zone), e.Baseline.Mean, e.Baseline.Most)},
		fact{"now", fmt.Sprintf("counted again, the judged hour holds %d negative mentions (%d stories) of %d; judged again: %s", e.Now.Negative, e.Now.Stories, e.Now.Mentions, e.Again)},
	)
	var b strings.Builder
	b.WriteString(factsOf(facts))
	if e.Now.Negative != a.Judgement.Observed {
		b.WriteString("            The counts differ where mentions arrived or were corrected later, or where their\n            source was younger than a week: such sources open no alert.\n")
	}
	fmt.Fprintf(&b, "\nCount again in the shell: sqlite3 -readonly -box %s\n\n%s\n\n%s\n\n%s\n", database, e.ObservedSQL, e.BaselineSQL, e.MentionsSQL)
	fmt.Fprintf(&b, "\n%d negative mentions stand behind it", len(e.Mentions))
	if shown := min(limit, len(e.Mentions)); shown < len(e.Mentions) {
		fmt.Fprintf(&b, "; the %d most negative ones, all with --format csv", shown)
	}
	b.WriteString("\n")
	for _, m := range e.Mentions[:min(limit, len(e.Mentions))] {
		at, err := time.Parse(time.RFC3339, m.At)
		if err != nil {
			at = time.Time{} // it was written from a time: this cannot happen
		}
		fmt.Fprintf(&b, "\n%6.2f  %s  %s", m.Score, localTime(at, zone), m.Source)
		if m.Copies > 0 {
			fmt.Fprintf(&b, ", copied elsewhere: %d", m.Copies)
		}
		fmt.Fprintf(&b, "\n        %s\n", m.Text)
		if len(m.Words) > 0 {
			fmt.Fprintf(&b, "        words: %s\n", strings.Join(m.Words, ", "))
		}
		if m.URL != "" {
			fmt.Fprintf(&b, "        %s\n", m.URL)
		}
	}
	return b.String()
}

// probability writes a probability so that small ones can be told apart.
func probability(p float64) string {
	switch {
	case p >= 0.01:
		return strconv.FormatFloat(p, 'f', 2, 64)
	case p < 1e-12:
		return "less than 1 in a million millions"
	}
	return fmt.Sprintf("1 in %.0f", 1/p)
}

func (e *alertCase) writeCSV(env environment) error {
	out := csv.NewWriter(env.stdout)
	rows := [][]string{{"score", "source", "at", "words", "copies", "url", "text"}}
	for _, m := range e.Mentions {
		rows = append(rows, []string{
			strconv.FormatFloat(m.Score, 'f', -1, 64), cell(m.Source), m.At, cell(strings.Join(m.Words, " ")), strconv.Itoa(m.Copies), cell(m.URL), cell(m.Text),
		})
	}
	return errorsOf(out.WriteAll(rows))
}
