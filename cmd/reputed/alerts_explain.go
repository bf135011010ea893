package main

import (
	"cmp"
	"context"
	"encoding/csv"
	"fmt"
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
	e, err := explainAlert(ctx, db, detectorOf(cfg), cfg.Brands, a)
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

	Now      countedHour  `json:"counted_now"`  // the judged hours, counted again
	Baseline baselineLine `json:"baseline_now"` // the hours before them, counted again
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
	Observed int `json:"observed"` // what the rule counts: negative mentions, those about its driver or with its signal, or what is missing
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
func explainAlert(ctx context.Context, db *store.Store, detector trend.Detector, brands []config.Brand, a reputation.Alert) (alertCase, error) {
	j := a.Judgement
	e := alertCase{Alert: jsonAlert(a), Probability: j.Probability}
	if a.Rule != alerting.RuleNegativeVolume {
		if err := e.judgeAgain(ctx, db, brands, detector.Probability, a); err != nil {
			return e, err
		}
		return e, e.readMentions(ctx, db, a)
	}
	hours, err := db.Hours(ctx, a.Brand, j.To, trend.Remembered)
	if err != nil {
		return e, err
	}
	since, err := db.Since(ctx, a.Brand)
	if err != nil {
		return e, err
	}
	now := hours[len(hours)-1]
	e.Now = countedHour{now.Mentions, now.Negative, now.Stories, now.Negative}
	again := detector.Judge(hours, since, j.To)
	e.Probability = cmp.Or(e.Probability, again.Probability)
	if e.Again = again.Reason; e.Again == "" {
		e.Again = "spike"
	}
	e.baseline(hours[len(hours)-trend.Hours:len(hours)-1-trend.Guard], since, j.To)
	e.queries(a)
	return e, e.readMentions(ctx, db, a)
}

// readMentions reads the negative mentions behind an alert, the most negative first.
func (e *alertCase) readMentions(ctx context.Context, db *store.Store, a reputation.Alert) error {
	mentions, copies, err := db.Negative(ctx, a.Brand, a.Judgement.From, a.Judgement.To, -1)
	if err != nil {
		return err
	}
	for i, m := range mentions {
		if !alerting.Behind(a.Rule, m) {
			continue
		}
		q := alerting.Quote(m, copies[i])
		for k, word := range q.Words {
			q.Words[k] = reputation.OneLine(word)
		}
		e.Mentions = append(e.Mentions, explainedMention{
			reputation.OneLine(q.Source), stamp(q.At), q.Score, q.Words, q.Copies, reputation.OneLine(q.URL), reputation.OneLine(q.Text),
		})
	}
	return nil
}

// baseline sums up the past hours that are known: those after the brand's first mention.
func (e *alertCase) baseline(past []reputation.Hour, since, to time.Time) {
	e.Baseline = usualHours(since, to)
	known := e.Baseline.Hours
	for _, h := range past[len(past)-known:] {
		e.Baseline.Mean += float64(h.Negative) / float64(known)
		e.Baseline.Most = max(e.Baseline.Most, h.Negative)
	}
}

// usualHours are the hours that say what is usual to the rule of the volume at a time,
// of a brand that was mentioned first at another: not yet counted.
func usualHours(since, to time.Time) baselineLine {
	end := to.Add(-(1 + trend.Guard) * time.Hour)
	known := min(trend.Hours-1-trend.Guard, max(0, int(end.Sub(since)/time.Hour)))
	return baselineLine{From: stamp(end.Add(-time.Duration(known) * time.Hour)), To: stamp(end), Hours: known}
}

// recount is the SQL that counts again what an alert was opened on; what it finds is not
// counted here.
func recount(ctx context.Context, db *store.Store, brands []config.Brand, a reputation.Alert) ([]string, error) {
	e := alertCase{Alert: jsonAlert(a)}
	if a.Rule == alerting.RuleNegativeVolume {
		since, err := db.Since(ctx, a.Brand)
		if err != nil {
			return nil, err
		}
		e.Baseline = usualHours(since, a.Judgement.To)
		e.queries(a)
	} else {
		e.ruleQueries(a, brands)
	}
	return slices.DeleteFunc([]string{e.ObservedSQL, e.BaselineSQL, e.MentionsSQL}, func(query string) bool { return query == "" }), nil
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

// judgeAgain judges the hours of an alert again by its rule, another than the volume.
func (e *alertCase) judgeAgain(ctx context.Context, db *store.Store, brands []config.Brand, probability float64, a reputation.Alert) error {
	j := a.Judgement
	hours, err := db.Hours(ctx, a.Brand, j.To, max(1, int(j.To.Sub(j.From)/time.Hour)))
	if err != nil {
		return err
	}
	for _, h := range hours {
		e.Now.Mentions, e.Now.Negative, e.Now.Stories = e.Now.Mentions+h.Mentions, e.Now.Negative+h.Negative, e.Now.Stories+h.Stories
	}
	all, err := rulesOf(db, brands, probability)(ctx, a.Brand, j.To)
	if err != nil {
		return err
	}
	e.Again = "nothing that the rule is on is stored"
	for _, again := range all {
		if again.Rule != a.Rule {
			continue
		}
		e.Probability = cmp.Or(e.Probability, again.Probability)
		e.Now.Observed = again.Observed
		if e.Again = again.Reason; again.Spike {
			e.Again = "spike"
		}
	}
	e.ruleQueries(a, brands)
	return nil
}

// ruleQueries writes the SQL that counts again what another rule than the volume
// judges, and the same of the hours that say what is usual.
func (e *alertCase) ruleQueries(a reputation.Alert, brands []config.Brand) {
	from, to := a.Judgement.From, a.Judgement.To
	past := to.Add(-trend.Hours * time.Hour)
	until := from.Add(-trend.Signs * time.Hour)
	if a.Rule == reputation.RuleSilence {
		until = from
	}
	e.Baseline = baselineLine{From: stamp(past), To: stamp(until), Hours: int(until.Sub(past) / time.Hour)}
	e.ObservedSQL, e.BaselineSQL = ruleQuery(a, brands, from, to), ruleQuery(a, brands, past, until)
	if a.Rule == reputation.RuleSilence || a.Rule == reputation.RuleShareOfVoice {
		return
	}
	behind := ""
	if driver, ok := reputation.DriverOf(a.Rule); ok {
		behind = " AND m.driver = " + sqlText(driver)
	}
	if signal, ok := reputation.SignalBehind(a.Rule); ok {
		behind = " AND " + carries("m.signals", signal)
	}
	e.MentionsSQL = fmt.Sprintf(`SELECT m.score, i.source, m.at, i.url, substr(i.content, 1, 80) AS content
FROM mentions m JOIN items i ON i.id = m.item_id
WHERE m.brand = %s AND m.at > '%s' AND m.at <= '%s' AND m.label = 'negative'%s
ORDER BY m.score;`, sqlText(a.Brand), stamp(from), stamp(to), behind)
}

// ruleQuery is the SQL that counts what a rule judges, from a time (exclusive) to another.
func ruleQuery(a reputation.Alert, brands []config.Brand, from, to time.Time) string {
	span := fmt.Sprintf("at > '%s' AND at <= '%s'", stamp(from), stamp(to))
	own := "brand = " + sqlText(a.Brand) + " AND " + span
	if driver, ok := reputation.DriverOf(a.Rule); ok {
		return partQuery("driver = "+sqlText(driver), "about_it", "negative", own+" AND label = 'negative'")
	}
	if signal, ok := reputation.SignalBehind(a.Rule); ok {
		return partQuery(carries("signals", signal), "with_it", "mentions", own)
	}
	switch a.Rule {
	case reputation.RuleNetSentiment:
		return "SELECT count(*) AS mentions, count(*) FILTER (WHERE label = 'positive') AS positive, count(*) FILTER (WHERE label = 'negative') AS negative,\n" +
			"       round(avg((label = 'positive') - (label = 'negative')), 3) AS net_sentiment\nFROM mentions WHERE " + own + ";"
	case reputation.RuleShareOfVoice:
		names := []string{sqlText(a.Brand)}
		for _, b := range brands {
			if b.Name == a.Brand {
				for _, competitor := range b.Competitors {
					names = append(names, sqlText(competitor))
				}
			}
		}
		return partQuery("brand = "+sqlText(a.Brand), "own", "with_competitors", "brand IN ("+strings.Join(names, ", ")+") AND "+span)
	case reputation.RuleSilence:
		return "SELECT count(*) AS mentions, max(at) AS latest FROM mentions WHERE " + own + ";"
	}
	return partQuery("label = 'negative'", "negative", "mentions", own)
}

// partQuery counts what part of some mentions is of a kind.
func partQuery(kind, part, whole, where string) string {
	return fmt.Sprintf("SELECT count(*) FILTER (WHERE %s) AS %s, count(*) AS %s, round(avg(%[1]s), 3) AS share\nFROM mentions WHERE %[4]s;", kind, part, whole, where)
}

// carries is the SQL that a list of signals holds one.
func carries(column, signal string) string {
	return fmt.Sprintf("EXISTS (SELECT 1 FROM json_each(%s) WHERE value = %s)", column, sqlText(signal))
}

// sqlText is a text as a literal of SQL.
func sqlText(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// text sets it out for reading.
func (e *alertCase) text(a reputation.Alert, database string, zone *time.Location, limit int) string {
	volume := a.Rule == alerting.RuleNegativeVolume
	facts := alertFacts(a, zone)
	if volume {
		facts = append(facts,
			fact{"probability", fmt.Sprintf("%s that usual talk brings so many negative mentions or more", probability(e.Probability))},
			fact{"baseline", fmt.Sprintf("the %d hours up to %s; counted now they hold %.2f negative mentions on average, %d at most",
				e.Baseline.Hours, localTime(a.Judgement.To.Add(-(1+trend.Guard)*time.Hour), zone), e.Baseline.Mean, e.Baseline.Most)},
			fact{"now", fmt.Sprintf("counted again, the judged hour holds %d negative mentions (%d stories) of %d; judged again: %s", e.Now.Negative, e.Now.Stories, e.Now.Mentions, e.Again)})
	} else {
		facts = append(facts,
			fact{"probability", fmt.Sprintf("%s that usual talk brings the like or worse", probability(e.Probability))},
			fact{"now", fmt.Sprintf("counted again, the judged hours hold %d mentions, %d of them negative; judged again: %s", e.Now.Mentions, e.Now.Negative, e.Again)})
	}
	var b strings.Builder
	b.WriteString(factsOf(facts))
	if e.Now.Observed != a.Judgement.Observed {
		b.WriteString("            The counts differ where mentions arrived or were corrected later")
		if volume {
			b.WriteString(", or where their\n            source was younger than a week: such sources open no alert")
		}
		b.WriteString(".\n")
	}
	fmt.Fprintf(&b, "\nCount again in the shell: sqlite3 -readonly -box %s\n\n%s\n\n", database, e.ObservedSQL)
	if !volume {
		b.WriteString("The same of the hours that say what is usual. What was learnt of them leaves earlier crises out,\nand how much their shares differ is part of the probability, which no query shows.\n\n")
	}
	fmt.Fprintf(&b, "%s\n", e.BaselineSQL)
	if e.MentionsSQL == "" {
		b.WriteString("\nNo mentions stand behind it.\n")
		return b.String()
	}
	fmt.Fprintf(&b, "\n%s\n", e.MentionsSQL)
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
