package web

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"reputed/internal/reputation"
)

const (
	sparkDays  = 14 // that the overview draws
	sparkHours = 6  // that a column of it stands for
)

// figures are counts of mentions with what follows from them.
type figures struct {
	Mentions     int     `json:"mentions"`
	Positive     int     `json:"positive"`
	Neutral      int     `json:"neutral"`
	Negative     int     `json:"negative"`
	NetSentiment float64 `json:"net_sentiment"`
}

func figuresOf(f reputation.Figures) figures {
	return figures{f.Mentions, f.Positive, f.Neutral, f.Negative, f.NetSentiment()}
}

// overviewData is how all brands stand.
type overviewData struct {
	Brands   []brandStanding `json:"brands"`
	Open     []alertRow      `json:"open_alerts"`
	Troubles []troubleRow    `json:"sources_in_trouble"`
}

func (overviewData) title(l language) string { return l.say.Overview }

// brandStanding is how a brand stands.
type brandStanding struct {
	Brand  string     `json:"brand"`
	Href   string     `json:"-"`
	Day    figures    `json:"last_24_hours"`
	Usual  *usualDay  `json:"usual_24_hours,omitempty"` // nil of a brand that was not spoken of for three days before
	Week   figures    `json:"last_7_days"`
	Before figures    `json:"7_days_before"`
	Latest time.Time  `json:"latest_mention,omitzero"`
	Phase  string     `json:"crisis_phase,omitempty"`
	Since  time.Time  `json:"crisis_phase_since,omitzero"`
	Alerts []alertRow `json:"-"`
	Worst  string     `json:"severity,omitempty"` // of the alerts that fire
	Spark  chart      `json:"-"`
}

// usualDay is what 24 hours usually bring: the medians of up to 13 stretches of 24 hours
// before the last, from the first with a mention on.
type usualDay struct {
	Mentions int `json:"mentions"`
	Negative int `json:"negative"`
}

// troubleRow is a source in trouble.
type troubleRow struct {
	Source  string    `json:"source"`
	Trouble string    `json:"trouble"`
	Since   time.Time `json:"since"`
	Cause   string    `json:"cause"`
}

// overview shows how all brands stand.
func (p *pages) overview(r *http.Request, l language) (any, error) {
	ctx, now := r.Context(), p.Now()
	end := present(now)
	var data overviewData
	for _, brand := range p.Brands {
		st, err := p.Store.Status(ctx, brand, now)
		if err != nil {
			return nil, err
		}
		hours, err := p.Store.HourlyFigures(ctx, brand, end.AddDate(0, 0, -sparkDays), end)
		if err != nil {
			return nil, err
		}
		b := brandStanding{
			Brand: reputation.OneLine(brand), Href: brandHref(brand), Latest: st.Last,
			Day: ofLast(hours, 1, 0), Usual: usualOf(hours), Week: ofLast(hours, 7, 0), Before: ofLast(hours, 7, 7),
			Spark: newChart(ofHours(hours, end.AddDate(0, 0, -sparkDays), sparkHours), sparkHours*time.Hour, 0, p.Zone, l),
		}
		b.Spark.Title = fmt.Sprintf(l.say.SparkOf, sparkDays)
		b.Phase, b.Since, b.Worst = stateOf(st)
		for _, a := range st.Firing {
			b.Alerts = append(b.Alerts, digestRow(a))
		}
		data.Brands, data.Open = append(data.Brands, b), append(data.Open, b.Alerts...)
		if data.Troubles == nil {
			data.Troubles = troubleRows(st.Troubles)
		}
	}
	slices.SortStableFunc(data.Open, func(a, b alertRow) int { return b.Opened.Compare(a.Opened) })
	data.Brands, data.Open, data.Troubles = listed(data.Brands), listed(data.Open), listed(data.Troubles)
	return data, nil
}

// stateOf is the phase of a brand's open crisis and when that began, and the severity of
// its worst alert that fires; empty without.
func stateOf(st reputation.Status) (phase string, since time.Time, worst string) {
	if st.Episode != nil {
		phase, since = string(st.Episode.Phase), st.Episode.Since
	}
	for _, a := range st.Firing {
		if worst != string(reputation.Critical) {
			worst = string(a.Severity)
		}
	}
	return phase, since, worst
}

// present is the end of the hour of the clock that is under way: what it brought so far
// counts.
func present(now time.Time) time.Time { return now.UTC().Truncate(time.Hour).Add(time.Hour) }

// ofLast sums up so many of the last days, without the very last ones.
func ofLast(hours []reputation.Figures, days, without int) figures {
	end := len(hours) - 24*without
	return figuresOf(sum(hours[end-24*days : end]))
}

// usualOf is what 24 hours usually bring, by the hours before the last 24.
func usualOf(hours []reputation.Figures) *usualDay {
	first := slices.IndexFunc(hours, func(f reputation.Figures) bool { return f.Mentions > 0 })
	var mentions, negative []int
	for end := len(hours) - 24; first >= 0 && end-24 >= first; end -= 24 {
		day := sum(hours[end-24 : end])
		mentions, negative = append(mentions, day.Mentions), append(negative, day.Negative)
	}
	const fewest = 3
	if len(mentions) < fewest {
		return nil
	}
	slices.Sort(mentions)
	slices.Sort(negative)
	return &usualDay{mentions[len(mentions)/2], negative[len(negative)/2]}
}

func sum(hours []reputation.Figures) (f reputation.Figures) {
	for _, h := range hours {
		f.Mentions, f.Positive, f.Neutral, f.Negative = f.Mentions+h.Mentions, f.Positive+h.Positive, f.Neutral+h.Neutral, f.Negative+h.Negative
	}
	return f
}

func troubleRows(list []reputation.SourceTrouble) []troubleRow {
	rows := make([]troubleRow, len(list))
	for i, t := range list {
		rows[i] = troubleRow{reputation.OneLine(t.Source), string(t.Trouble), t.Began, reputation.OneLine(t.Cause)}
	}
	return rows
}

// brandHref is the address of a brand's page.
func brandHref(brand string) string { return "/brands/" + url.PathEscape(brand) }
