package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"reputed/internal/reputation"
)

const (
	alertsPage = 50 // alerts on a page of the list

	// behindLimit is how many mentions behind an alert its page shows: those below
	// move its reader no more.
	behindLimit = 50
)

// alertRow is an alert in a list.
type alertRow struct {
	ID       int64     `json:"id"`
	Brand    string    `json:"brand"`
	Href     string    `json:"-"` // of the brand
	Rule     string    `json:"rule"`
	Severity string    `json:"severity"`
	State    string    `json:"state"`
	Opened   time.Time `json:"opened_at"`
	Resolved time.Time `json:"resolved_at,omitzero"`
	Observed int       `json:"observed"`
	Expected float64   `json:"expected"`
	Peak     int       `json:"peak"`
	MutedBy  string    `json:"muted_by,omitempty"` // why people were not told last
}

func rowOf(a reputation.Alert) alertRow {
	return alertRow{
		a.ID, reputation.OneLine(a.Brand), brandHref(a.Brand), a.Rule, string(a.Severity), string(a.State), a.OpenedAt, a.ResolvedAt,
		a.Judgement.Observed, a.Judgement.Expected, a.Peak, reputation.OneLine(a.MutedBy),
	}
}

func digestRow(a reputation.DigestAlert) alertRow {
	return alertRow{
		ID: a.ID, Brand: reputation.OneLine(a.Brand), Href: brandHref(a.Brand), Rule: a.Rule, Severity: string(a.Severity), State: string(a.State),
		Opened: a.OpenedAt, Resolved: a.ResolvedAt, Observed: a.Observed, Peak: a.Peak,
	}
}

// alertsData is a page of the list of alerts.
type alertsData struct {
	Alerts       []alertRow `json:"alerts"`
	Newer, Older string     `json:"-"`
}

func (alertsData) title(l language) string { return l.say.Alerts }

// alerts lists the alerts, the latest first.
func (p *pages) alerts(r *http.Request, _ language) (any, error) {
	n, err := strconv.Atoi(r.URL.Query().Get("page"))
	if err != nil || n < 1 || n > 1e6 {
		n = 1
	}
	list, err := p.Store.AlertList(r.Context(), reputation.AlertFilter{Limit: alertsPage + 1, Offset: (n - 1) * alertsPage})
	if err != nil {
		return nil, err
	}
	var d alertsData
	for _, a := range list[:min(len(list), alertsPage)] {
		d.Alerts = append(d.Alerts, rowOf(a))
	}
	d.Alerts = listed(d.Alerts)
	if n > 1 {
		d.Newer = with(r.URL, "page", strconv.Itoa(n-1))
	}
	if len(list) > alertsPage {
		d.Older = with(r.URL, "page", strconv.Itoa(n+1))
	}
	return d, nil
}

// alertData is an alert with all that stands behind it.
type alertData struct {
	alertRow
	Says       string        `json:"title"`
	Opening    []Fact        `json:"opening"`
	Standing   []Fact        `json:"standing"`
	Facts      []Fact        `json:"facts"`
	Advice     []string      `json:"advice"`
	Judged     [2]time.Time  `json:"judged"` // from, to
	Deviation  float64       `json:"deviation"`
	Surprise   float64       `json:"surprise"`
	Chance     float64       `json:"probability,omitempty"`
	TakenBy    string        `json:"acknowledged_by,omitempty"`
	TakenAt    time.Time     `json:"acknowledged_at,omitzero"`
	Crisis     *crisisData   `json:"crisis,omitempty"`
	Behind     int           `json:"mentions_behind"`
	BehindCut  bool          `json:"more_behind,omitempty"` // only the most negative ones of its hours were read
	Mentions   []storyRow    `json:"mentions"`
	Deliveries []deliveryRow `json:"messages"`
	Actions    []actionRow   `json:"actions"`
	Commands   []string      `json:"commands"`
	Queries    []string      `json:"queries"`
	Charts     []chart       `json:"-"` // of two days and of two weeks
}

func (d alertData) title(language) string { return d.Says }

type deliveryRow struct {
	Event     string    `json:"event"`
	At        time.Time `json:"at"`
	To        string    `json:"receiver"`
	Channel   string    `json:"channel,omitempty"`
	Delivered time.Time `json:"delivered_at,omitzero"`
	Failures  int       `json:"failures,omitempty"`
	Error     string    `json:"error,omitempty"`
}

type actionRow struct {
	At      time.Time `json:"at"`
	By      string    `json:"by"`
	What    string    `json:"what"`
	Alert   int64     `json:"alert,omitempty"`
	Mention int64     `json:"mention,omitempty"`
	Detail  string    `json:"detail,omitempty"` // of a silence its end and matchers, of a correction the label
}

func actionRows(list []reputation.Action) []actionRow {
	rows := make([]actionRow, len(list))
	for i, a := range list {
		rows[i] = actionRow{a.At, reputation.OneLine(a.By), string(a.What), a.Alert, a.Mention, reputation.OneLine(a.Detail)}
	}
	return rows
}

// alert shows an alert with all that stands behind it.
func (p *pages) alert(r *http.Request, l language) (any, error) {
	id, err := number(r)
	if err != nil {
		return nil, err
	}
	ctx := r.Context()
	a, ok, err := p.Store.Alert(ctx, id)
	if err != nil || !ok {
		return nil, errOr(err, errNone)
	}
	c, err := p.Explain(ctx, a, l.say.lang, p.Now())
	if err != nil {
		return nil, err
	}
	j := a.Judgement
	d := alertData{
		alertRow: rowOf(a), Says: reputation.OneLine(c.Title), Opening: inertFacts(c.Opening), Standing: inertFacts(c.Standing), Facts: inertFacts(c.Facts), Advice: c.Advice,
		Judged: [2]time.Time{j.From, j.To}, Deviation: j.Deviation, Surprise: j.Surprise, Chance: j.Probability, Behind: len(c.Mentions), BehindCut: c.Cut,
		Commands: c.Commands, Queries: c.Queries,
	}
	if a.Acknowledged() {
		d.TakenBy, d.TakenAt = reputation.OneLine(a.AcknowledgedBy), a.AcknowledgedAt
	}
	told := make(map[int64]bool) // stories: a copy says nothing new
	for i, m := range c.Mentions {
		if len(d.Mentions) == behindLimit || m.Story != 0 && told[m.Story] {
			continue
		}
		told[m.Story] = true
		row := mentionRow(m)
		row.Items = c.Copies[i] + 1
		d.Mentions = append(d.Mentions, row)
	}
	e, in, err := p.Store.EpisodeDuring(ctx, a.Brand, j.From, j.To)
	if err != nil {
		return nil, err
	}
	if in {
		crisis := crisisOf(e)
		d.Crisis = &crisis
	}
	messages, err := p.Store.AlertMessages(ctx, id)
	if err != nil {
		return nil, err
	}
	for _, m := range messages {
		d.Deliveries = append(d.Deliveries, deliveryRow{
			string(m.Event), m.At, reputation.OneLine(m.Target.Receiver), reputation.OneLine(m.Target.Channel), m.Delivered, m.Failures, reputation.OneLine(m.Error),
		})
	}
	actions, err := p.Store.Actions(ctx, id)
	if err != nil {
		return nil, err
	}
	d.Actions = actionRows(actions)
	d.Facts, d.Advice, d.Mentions, d.Deliveries = listed(d.Facts), listed(d.Advice), listed(d.Mentions), listed(d.Deliveries)
	d.Commands, d.Queries = listed(d.Commands), listed(d.Queries)
	for _, days := range []int{2, 14} {
		d.Charts = append(d.Charts, alertChart(a, c, days, p.Zone, l))
	}
	return d, nil
}

// alertChart draws so many days up to now, or to the end of the alert.
func alertChart(a reputation.Alert, c Case, days int, zone *time.Location, l language) chart {
	hours := c.Negative[max(0, len(c.Negative)-24*days):]
	bars := make([]bar, len(hours))
	for i, n := range hours {
		bars[i] = bar{at: c.End.Add(-time.Duration(len(hours)-i) * time.Hour), negative: n}
	}
	band := 0.0
	if a.Rule == reputation.RuleNegativeVolume {
		band = a.Judgement.Expected + 2*a.Judgement.Deviation
	}
	drawn := newChart(bars, time.Hour, band, zone, l)
	drawn.Title = fmt.Sprintf(l.say.HourlyOf, days)
	drawn.opened(a.OpenedAt)
	return drawn
}

func inertFacts(list []Fact) []Fact {
	facts := make([]Fact, len(list))
	for i, f := range list {
		facts[i] = Fact{f.Label, reputation.OneLine(f.Value)}
	}
	return facts
}

func errOr(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

// webURL is a link that people can follow safely, or nothing: absolute, http or https.
func webURL(raw string) string {
	u, err := url.Parse(reputation.OneLine(raw))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return ""
	}
	u.User = nil
	return u.String()
}
