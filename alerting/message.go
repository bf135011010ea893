package alerting

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"

	"reputed/internal/reputation"
)

// Wording is how messages read for their readers.
type Wording struct {
	Lang   string         // "zh" or "en"
	Zone   *time.Location // of all times that are shown; nil stands for UTC
	Config string         // path of the configuration, for the command that reproduces an alert
	Web    string         // address of the web page, without a slash at its end; empty: messages link to none
}

// notice is a message put into words: plain text without markup, safe to show
// in one line each, and short enough for every receiver.
type notice struct {
	event   reputation.Event
	level   reputation.Severity
	title   string
	fields  []field
	chart   chart
	facts   []field
	parts   []part
	quotes  []quotation
	calls   []string   // whom to call, by Slack's identifiers
	image   slackImage // instead of the chart
	says    string     // of an answer in one sentence, in mrkdwn: nothing else is shown
	desk    *controls  // nil where nobody can answer
	ailing  []ailing   // sources, in a notice about them
	listing listing    // alerts, in a digest of them
	advice  field
	about   string // the alert and its rule
	again   field  // the command that reproduces the alert
	web     link   // where the web page tells more; empty without a page
}

// field is a value with its label.
type field struct{ label, value string }

// link is an address with what stands there.
type link struct{ label, url string }

// on is the link to a path of the web page.
func (w Wording) on(path string) link {
	if w.Web == "" {
		return link{}
	}
	return link{phrasesOf(w.Lang).web, w.Web + path}
}

// quotation is a quoted mention.
type quotation struct {
	mention int64 // 0 if its rating cannot be corrected
	text    string
	source  string
	url     string // http or https, safe between angle brackets; may be empty
	notes   []string
}

const (
	trendColumns = 36 // hours in the chart: as many as fit on a phone
	topCounts    = 4  // drivers, sources and signals that are named
)

// notice puts a message into words.
func (w Wording) notice(m reputation.Message) notice {
	w.Zone = w.zone()
	if len(m.Troubles) > 0 {
		return w.sourceNotice(m)
	}
	if d := m.Digest; d != nil && (d.Kind == reputation.Outage || d.Kind == reputation.Quiet) {
		return w.heldNotice(m)
	}
	if m.Digest != nil {
		return w.digestNotice(m)
	}
	p := phrasesOf(w.Lang)
	present := presentHour(m)
	n := notice{
		event:  m.Event,
		level:  m.Alert.Severity,
		title:  p.title(m, present.Observed),
		fields: w.fields(m, present, p),
		chart:  newChart(m.Trend, m.At.In(w.Zone), trendColumns, p.trend, hourNegative),
		advice: field{p.advice, strings.Join(p.advise(m), "\n")},
		about:  fmt.Sprintf(p.alert, m.Alert.ID) + " · " + fmt.Sprintf(p.rule, nameOf(p.rules, m.Alert.Rule)),
		again:  field{p.reproduce, w.command(m.Alert)},
		web:    w.on(fmt.Sprintf("/alerts/%d", m.Alert.ID)),
	}
	if a := m.Alert; a.Rule != RuleNegativeVolume && slices.Contains(reputation.Rules(), a.Rule) {
		p, said := rulePhrasesOf(w.Lang), reputation.RuleJudgement{Rule: a.Rule, Judgement: present}
		n.title, n.fields = w.ruleTitle(m, said), w.ruleFields(m, said)
		n.advice.value = strings.Join(p.adviseOn(m, phrasesOf(w.Lang)), "\n")
		if quietOne(a.Rule) {
			n.chart = newChart(m.Trend, m.At.In(w.Zone), trendColumns, p.talk, hourMentions)
		}
	}
	if m.Episode != nil {
		n.facts = append(n.facts, field{crisisPhrasesOf(w.Lang).label, w.crisis(*m.Episode)})
	}
	for _, f := range []field{
		{p.drivers, listed(m.Drivers, p.driverNames, p)},
		{p.sources, listed(m.Sources, nil, p)},
		{p.signals, listed(m.Signals, p.signalNames, p)},
		{p.also, p.alerts(m.Also)},
		{p.muted, p.alerts(m.Muted)},
	} {
		if f.value != "" {
			n.facts = append(n.facts, f)
		}
	}
	for _, q := range m.Quotes[:min(len(m.Quotes), quoteLimit)] {
		n.quotes = append(n.quotes, w.quotation(q, p))
	}
	return n
}

// reply is what a thread needs under a first message that shows the rest: the end
// of an alert is told in short.
func (n notice) reply() notice {
	if n.event == reputation.Ended {
		n.chart, n.image, n.facts, n.quotes = chart{}, slackImage{}, nil, nil
	}
	return n
}

// opening tells whether a message speaks of the hour that opened the alert. One that
// was muted speaks of a later hour.
func opening(m reputation.Message) bool {
	return m.Event == reputation.Opened && !m.At.After(m.Alert.Judgement.To)
}

// presentHour is the hour that a message speaks of, against the baseline of the
// alert's opening; of another rule than the volume what that says of its hours.
func presentHour(m reputation.Message) reputation.Judgement {
	j := m.Alert.Judgement
	if m.Present != nil {
		return *m.Present
	}
	if opening(m) || len(m.Trend) == 0 {
		return j
	}
	hour := m.Trend[len(m.Trend)-1]
	j.From, j.To = m.At.Add(-time.Hour), m.At
	j.Observed, j.Stories, j.Mentions = hour.Negative, hour.Stories, hour.Mentions
	j.Surprise = 0
	if j.Deviation > 0 {
		j.Surprise = (float64(j.Observed) - j.Expected) / j.Deviation
	}
	return j
}

// fields are the figures of a message.
func (w Wording) fields(m reputation.Message, j reputation.Judgement, p phrases) []field {
	a := m.Alert
	usual := field{p.usual, fmt.Sprintf(p.band, number(j.Expected), number(j.Deviation))}
	share := field{p.share, fmt.Sprintf(p.usualShare, percent(j.Share()), percent(j.Usual))}
	peak := field{p.peak, fmt.Sprintf(p.perHour, a.Peak)}
	if m.Event == reputation.Ended {
		return []field{
			{p.now, fmt.Sprintf(p.perHour, j.Observed)},
			usual,
			peak,
			share,
			{p.lasted, p.duration(a.ResolvedAt.Sub(a.OpenedAt))},
			{p.span, p.period(a.OpenedAt.In(w.Zone), a.ResolvedAt.In(w.Zone))},
		}
	}
	observed := field{p.observed, fmt.Sprintf(p.stories, j.Observed, j.Stories)}
	surprise := field{p.surprise, fmt.Sprintf(p.times, number(j.Surprise))}
	window := field{p.window, p.period(j.From.In(w.Zone), j.To.In(w.Zone))}
	if !opening(m) {
		return []field{observed, usual, surprise, share, window, {p.opened, a.OpenedAt.In(w.Zone).Format(p.date)}, peak}
	}
	fields := []field{observed, usual, surprise}
	if j.Probability > 0 { // an alert of an older version does not know it
		rules := rulePhrasesOf(w.Lang)
		fields = append(fields, field{rules.chance, rules.oddsOf(j.Probability)})
	}
	return append(fields, share, field{p.mentions, fmt.Sprintf(p.mentionN, j.Mentions)}, window)
}

// quotation puts a quote into words.
func (w Wording) quotation(q reputation.Quote, p phrases) quotation {
	notes := []string{q.At.In(w.Zone).Format(p.date)}
	var words []string
	for _, word := range q.Words[:min(len(q.Words), quoteWords)] {
		words = append(words, cut(reputation.OneLine(word), 20))
	}
	if len(words) > 0 {
		notes = append(notes, fmt.Sprintf(p.words, strings.Join(words, p.separator)))
	}
	if q.Copies > 0 {
		notes = append(notes, fmt.Sprintf(p.copies, q.Copies))
	}
	return quotation{
		mention: q.Mention,
		text:    cut(reputation.OneLine(q.Text), quoteRunes),
		source:  cut(reputation.OneLine(q.Source), 40),
		url:     webURL(q.URL),
		notes:   notes,
	}
}

// listed writes the first counts, and how many there are besides.
func listed(counts []reputation.Count, names map[string]string, p phrases) string {
	var parts []string
	for _, c := range counts[:min(len(counts), topCounts)] {
		parts = append(parts, fmt.Sprintf("%s %d", nameOf(names, c.Name), c.N))
	}
	if rest := len(counts) - topCounts; rest > 0 {
		parts = append(parts, fmt.Sprintf(p.more, rest))
	}
	return strings.Join(parts, " · ")
}

// nameOf translates a name; one that is not known stands as it is.
func nameOf(names map[string]string, name string) string {
	if translated, ok := names[name]; ok {
		return translated
	}
	return cut(reputation.OneLine(name), 40)
}

// webURL returns a link that people can follow safely, or nothing: absolute,
// http or https, without a user name that could pass for a host, without the
// characters that end a link in Slack, and not too long to show.
func webURL(raw string) string {
	const longest = 1000
	u, err := url.Parse(reputation.OneLine(raw))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return ""
	}
	u.User = nil
	link := strings.NewReplacer("|", "%7C", "<", "%3C", ">", "%3E", "`", "%60", `"`, "%22", " ", "%20").Replace(u.String())
	if len(link) > longest {
		return ""
	}
	return link
}

// command is what an operator types to see the alert come about again.
func (w Wording) command(a reputation.Alert) string {
	return w.configured("reputed backtest") + " --since " + a.Judgement.From.UTC().Format(time.RFC3339)
}

// Explain is the command that explains an alert in a shell.
func (w Wording) Explain(alert int64) string {
	return w.configured(fmt.Sprintf("reputed alerts explain %d", alert))
}

// configured is a command with the configuration that it is to read.
func (w Wording) configured(command string) string {
	if w.Config != "" {
		command += " --config " + quoted(cut(reputation.OneLine(w.Config), 300))
	}
	return command
}

// quoted writes an argument for a shell.
func quoted(arg string) string {
	special := func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("./:@%+=,-_", r)
	}
	if !strings.ContainsFunc(arg, special) {
		return arg
	}
	return "'" + strings.ReplaceAll(arg, "'", `'\''`) + "'"
}
