package web

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"reputed/internal/reputation"
)

const (
	brandStories = 12 // stories that the page of a brand shows
	storyDays    = 7  // of which they are at most: those of months would take seconds to find
	storyRunes   = 160
	telling      = 0.2 // of what moved a score most: the part from which on lists mark what moved it
)

// spans are the days that the page of a brand can show; the first stands in for what
// was not asked for.
func spans() []int { return []int{14, 1, 7, 90} }

// brandData is how a brand fared over some days.
type brandData struct {
	Brand   string       `json:"brand"`
	Days    int          `json:"days"`
	From    time.Time    `json:"from"`
	To      time.Time    `json:"to"`
	Now     figures      `json:"figures"`
	Before  figures      `json:"figures_before"` // of as many days before
	Hours   []hourLine   `json:"hours"`
	Phase   string       `json:"crisis_phase,omitempty"`
	Worst   string       `json:"severity,omitempty"` // of the alerts that fire
	Firing  int          `json:"alerts_firing"`
	Drivers []count      `json:"drivers"` // of the negative mentions
	Signals []count      `json:"signals"` // of all mentions
	Stories []storyRow   `json:"stories"`
	Alerts  []alertRow   `json:"alerts"`
	Crises  []crisisData `json:"crises"`
	Chart   chart        `json:"-"`
	Daily   bool         `json:"-"`
	Spans   []span       `json:"-"`

	StoryDays int `json:"-"`
}

func (d brandData) title(language) string { return d.Brand }

type hourLine struct {
	Hour     time.Time `json:"hour"` // its start
	Mentions int       `json:"mentions"`
	Negative int       `json:"negative"`
}

// span is a number of days to choose.
type span struct {
	Days    int
	Href    string
	Current bool
}

// count is a name with how often it occurs, and how often it did in as many days before.
type count struct {
	Name   string `json:"name"`
	N      int    `json:"n"`
	Before int    `json:"before"`
	Part   int    `json:"-"` // of the greatest count, in percent
}

// counted lists counts, most first.
func counted(now, before map[string]int) []count {
	list, most := []count{}, 1
	for name, n := range now {
		if n > 0 {
			list, most = append(list, count{Name: name, N: n, Before: before[name]}), max(most, n)
		}
	}
	for i := range list {
		list[i].Part = max(1, 100*list[i].N/most)
	}
	slices.SortFunc(list, func(a, b count) int { return cmp.Or(b.N-a.N, cmp.Compare(a.Name, b.Name)) })
	return list
}

// storyRow is a story in a list.
type storyRow struct {
	Mention int64     `json:"mention"`
	Pieces  []piece   `json:"-"`
	Text    string    `json:"text"`
	Source  string    `json:"source"`
	URL     string    `json:"url,omitempty"`
	At      time.Time `json:"at"`
	Label   string    `json:"label"`
	Score   float64   `json:"score"`
	Items   int       `json:"items"` // how often it stands, with copies
	Sources int       `json:"sources,omitempty"`
}

// crisisData is an episode of a crisis.
type crisisData struct {
	Phase      string       `json:"phase"`
	Since      time.Time    `json:"phase_since"`
	Began      time.Time    `json:"began"`
	Over       time.Time    `json:"over,omitzero"`
	Peak       int          `json:"peak"` // negative mentions an hour
	PeakAt     time.Time    `json:"peak_at"`
	Mentions   int          `json:"mentions"`
	Negative   int          `json:"negative"`
	Defenders  int          `json:"defenders"`
	Attackers  int          `json:"attackers"`
	ToBaseline float64      `json:"hours_to_baseline,omitempty"`
	Sources    []arrivalRow `json:"sources"` // in order of arrival
}

// Resilience is the share of those who defend the brand among all who take a side.
func (c crisisData) Resilience() (share float64) {
	return float64(c.Defenders) / float64(max(1, c.Defenders+c.Attackers))
}

type arrivalRow struct {
	Source   string    `json:"source"`
	Media    bool      `json:"media"`
	At       time.Time `json:"at"`
	Mention  int64     `json:"mention,omitempty"`
	URL      string    `json:"url,omitempty"`
	Negative int       `json:"negative"`
}

// brand shows how a brand fared.
func (p *pages) brand(r *http.Request, l language) (any, error) {
	brand := r.PathValue("name")
	if !slices.Contains(p.Brands, brand) {
		return nil, errNone
	}
	days := spans()[0]
	if n, err := strconv.Atoi(r.URL.Query().Get("days")); err == nil && slices.Contains(spans(), n) {
		days = n
	}
	ctx := r.Context()
	to := present(p.Now())
	from := to.AddDate(0, 0, -days)
	d := brandData{Brand: reputation.OneLine(brand), Days: days, From: from, To: to, Daily: days > sparkDays}
	hours, err := p.Store.HourlyFigures(ctx, brand, from, to)
	if err != nil {
		return nil, err
	}
	before, err := p.Store.Figures(ctx, brand, from.AddDate(0, 0, -days), from)
	if err != nil {
		return nil, err
	}
	d.Now, d.Before = figuresOf(sum(hours)), figuresOf(before)
	for i, f := range hours {
		d.Hours = append(d.Hours, hourLine{from.Add(time.Duration(i) * time.Hour), f.Mentions, f.Negative})
	}
	if d.Daily {
		d.Chart = newChart(ofDays(hours, from, p.Zone), 24*time.Hour, 0, p.Zone, l)
	} else {
		d.Chart = newChart(ofHours(hours, from, 1), time.Hour, 0, p.Zone, l)
	}
	d.Chart.Title = d.Brand
	st, err := p.Store.Status(ctx, brand, p.Now())
	if err != nil {
		return nil, err
	}
	d.Phase, _, d.Worst = stateOf(st)
	d.Firing = len(st.Firing)
	if d.Drivers, err = moved(ctx, p.Store.NegativeDrivers, brand, from, to); err != nil {
		return nil, err
	}
	if d.Signals, err = moved(ctx, p.Store.Signals, brand, from, to); err != nil {
		return nil, err
	}
	d.StoryDays = min(days, storyDays)
	stories, err := p.Store.Stories(ctx, brand, to.AddDate(0, 0, -d.StoryDays), to, brandStories)
	if err != nil {
		return nil, err
	}
	for _, s := range stories {
		row := mentionRow(s.Mention)
		row.Items, row.Sources = s.Items, s.Sources
		d.Stories = append(d.Stories, row)
	}
	alerts, err := p.Store.AlertList(ctx, reputation.AlertFilter{Brand: brand, Since: from, Limit: alertsPage})
	if err != nil {
		return nil, err
	}
	for _, a := range alerts {
		d.Alerts = append(d.Alerts, rowOf(a))
	}
	crises, err := p.Store.Episodes(ctx, brand, from)
	if err != nil {
		return nil, err
	}
	for _, e := range slices.Backward(crises) {
		d.Crises = append(d.Crises, crisisOf(e))
	}
	for _, n := range []int{1, 7, 14, 90} {
		d.Spans = append(d.Spans, span{n, with(r.URL, "days", strconv.Itoa(n)), n == days})
	}
	d.Stories, d.Alerts, d.Crises = listed(d.Stories), listed(d.Alerts), listed(d.Crises)
	return d, nil
}

// moved counts something of a brand, and the same of as long a time before.
func moved(ctx context.Context, read func(ctx context.Context, brand string, from, to time.Time) (map[string]int, error), brand string, from, to time.Time) ([]count, error) {
	now, err := read(ctx, brand, from, to)
	if err != nil {
		return nil, err
	}
	before, err := read(ctx, brand, from.Add(from.Sub(to)), from)
	if err != nil {
		return nil, err
	}
	return counted(now, before), nil
}

// mentionRow is a mention as lists show it.
func mentionRow(m reputation.Mention) storyRow {
	from, to := part(m, storyRunes)
	return storyRow{
		Mention: m.ID, Pieces: marked(m, from, to, telling), Text: reputation.OneLine(m.Item.Content()[from:to]), Source: reputation.OneLine(m.Item.Source),
		URL: webURL(m.Item.URL), At: m.Item.Published, Label: string(m.Score.Label), Score: m.Score.Value,
	}
}

func crisisOf(e reputation.Episode) crisisData {
	c := crisisData{
		Phase: string(e.Phase), Since: e.Since, Began: e.Began, Over: e.OverAt, Peak: e.Peak, PeakAt: e.PeakAt,
		Mentions: e.Mentions, Negative: e.Negative, Defenders: e.Defenders, Attackers: e.Attackers, ToBaseline: e.ToBaseline().Hours(),
	}
	for _, s := range e.Sources {
		c.Sources = append(c.Sources, arrivalRow{reputation.OneLine(s.Source), s.Media, s.At, s.Mention, webURL(s.URL), s.Negative})
	}
	c.Sources = listed(c.Sources)
	return c
}
