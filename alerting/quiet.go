package alerting

import (
	"slices"
	"time"

	"reputed/internal/reputation"
)

// QuietHours are the hours of the day in which people are not called. What happens in
// them comes in one digest at their end. The zero value holds back nothing.
type QuietHours struct {
	// From and To are times of day on the clock of the zone, in minutes after
	// midnight, From in [0, 1440) and To in (0, 1440]. If To is not later than From,
	// the hours last into the next day.
	From, To int
	Days     []time.Weekday      // on which they begin
	Except   reputation.Severity // what is told all the same; empty: nothing
	Zone     *time.Location      // nil stands for UTC
}

// Cover tells whether the quiet hours hold back an alert of a severity at a time.
// Begin and end are moments, so that an hour which the clock shows twice is quiet at
// most once, and one that it skips begins or ends them when the clock has jumped.
func (q QuietHours) Cover(s reputation.Severity, at time.Time) bool {
	if len(q.Days) == 0 || q.excepts(s) {
		return false
	}
	zone := q.Zone
	if zone == nil {
		zone = time.UTC
	}
	local := at.In(zone)
	for back := range 2 { // they may have begun yesterday
		year, month, day := local.Date()
		day -= back
		weekday := time.Date(year, month, day, 12, 0, 0, 0, zone).Weekday()
		last := day
		if q.To <= q.From {
			last++
		}
		begin, end := wall(year, month, day, q.From, zone), wall(year, month, last, q.To, zone)
		if slices.Contains(q.Days, weekday) && !at.Before(begin) && at.Before(end) {
			return true
		}
	}
	return false
}

func (q QuietHours) excepts(s reputation.Severity) bool { return q.Except != "" && s == q.Except }

// wall is the first moment of a day at which the clock shows so many minutes after
// midnight, or more.
func wall(year int, month time.Month, day, minutes int, zone *time.Location) time.Time {
	t := time.Date(year, month, day, 0, minutes, 0, 0, zone)
	want := time.Date(year, month, day, 0, minutes, 0, 0, time.UTC)
	shown := func(t time.Time) time.Time {
		y, m, d := t.Date()
		return time.Date(y, m, d, t.Hour(), t.Minute(), 0, 0, time.UTC)
	}
	begin, end := t.ZoneBounds()
	switch shows := shown(t); {
	case shows.After(want): // skipped; the zone's new offset has begun
		return begin
	case shows.Before(want):
		return end
	}
	// Shown twice: the first time is before the offset changed.
	if !begin.IsZero() {
		_, before := begin.Add(-time.Second).Zone()
		_, now := t.Zone()
		if earlier := t.Add(time.Duration(now-before) * time.Second); before > now && earlier.Before(begin) && shown(earlier).Equal(want) {
			return earlier
		}
	}
	return t
}
