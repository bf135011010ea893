package trend_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"reputed/internal/reputation"
	"reputed/internal/trend"
)

// monday is the start of a week, four weeks after which the tests ask.
var monday = time.Date(2026, 10, 26, 0, 0, 0, 0, time.UTC)

// history returns the hours of the weeks from monday on in which speaks is true.
func history(weeks int, speaks func(at time.Time) bool) reputation.Arrivals {
	a := reputation.Arrivals{Source: "news", Since: monday}
	for at := monday; at.Before(monday.AddDate(0, 0, 7*weeks)); at = at.Add(time.Hour) {
		if speaks(at) {
			a.Hours = append(a.Hours, reputation.Arrival{Hour: at, Items: 2})
		}
	}
	return a
}

func office(at time.Time) bool {
	return at.Weekday() != time.Saturday && at.Weekday() != time.Sunday && at.Hour() >= 1 && at.Hour() < 10
}

// Each source is asked after its last hour: from when on is its silence unusual?
func TestQuietUntil(t *testing.T) {
	end := monday.AddDate(0, 0, 28) // a Monday
	tests := []struct {
		name        string
		history     reputation.Arrivals
		least, most time.Time
	}{
		{"every hour", history(4, func(time.Time) bool { return true }), end.Add(2 * time.Hour), end.Add(4 * time.Hour)},
		{"once a day", history(4, func(at time.Time) bool { return at.Hour() == 9 }), end.AddDate(0, 0, 1), end.AddDate(0, 0, 4)},
		{"in office hours, not at weekends", history(4, office), end.Add(3 * time.Hour), end.Add(9 * time.Hour)},
		{"at weekends only", history(4, func(at time.Time) bool { return !office(at) && at.Weekday()%6 == 0 && at.Hour() > 6 }), end.AddDate(0, 0, 5), end.AddDate(0, 0, 7)},
	}
	for _, test := range tests {
		until, ok := trend.QuietUntil(test.history)
		if !ok || until.Before(test.least) || until.After(test.most) {
			t.Errorf("%s: quiet until %v (%v), want from %v to %v", test.name, until, ok, test.least, test.most)
		}
	}
}

func TestHabitNeedsEvidence(t *testing.T) {
	tests := []struct {
		name    string
		history reputation.Arrivals
	}{
		{"nothing", reputation.Arrivals{}},
		{"less than two weeks", history(1, office)},
		{"a new source with an old archive", func() reputation.Arrivals {
			a := history(4, office)
			a.Since = monday.AddDate(0, 0, 20)
			return a
		}()},
		{"one item a week", history(4, func(at time.Time) bool { return at.Weekday() == time.Friday && at.Hour() == 9 })},
	}
	for _, test := range tests {
		if until, ok := trend.QuietUntil(test.history); ok {
			t.Errorf("%s: quiet until %v, want no judgement", test.name, until)
		}
	}
}

// Half days without the daemon are no habit of the source.
func TestHabitLeavesOutages(t *testing.T) {
	down := func(at time.Time) bool { return at.YearDay()%4 == 1 && at.Hour() >= 12 }
	unmarked := history(4, func(at time.Time) bool { return !down(at) })
	marked := reputation.Arrivals{Since: monday}
	for _, h := range unmarked.Hours {
		marked.Hours = append(marked.Hours, h)
		if next := h.Hour.Add(time.Hour); down(next) {
			marked.Hours = append(marked.Hours, reputation.Arrival{Hour: next})
		}
	}
	without, _ := trend.QuietUntil(unmarked)
	with, ok := trend.QuietUntil(marked)
	if end := monday.AddDate(0, 0, 28); !ok || with.After(end.Add(6*time.Hour)) || !without.After(with) {
		t.Errorf("quiet until %v, without marks %v; want within six hours, and earlier", with, without)
	}
}

// Sources whose items come at random, more by day, are hardly ever taken for
// silent while they are well: over a year of each, at most one notice.
func TestHabitRaisesFewFalseNotices(t *testing.T) {
	for _, perDay := range []float64{2, 6, 24} {
		rng := rand.New(rand.NewPCG(2026, uint64(perDay)))
		speaks := func(at time.Time) bool {
			rate := perDay / 24
			if at.Hour() >= 16 { // night in China
				rate /= 10
			}
			return rng.Float64() < rate
		}
		var known []reputation.Arrival
		notices := 0
		for at := monday; at.Before(monday.AddDate(1, 0, 0)); at = at.Add(time.Hour) {
			if !speaks(at) {
				continue
			}
			for len(known) > 0 && at.Sub(known[0].Hour) > 28*24*time.Hour {
				known = known[1:]
			}
			if until, ok := trend.QuietUntil(reputation.Arrivals{Since: monday, Hours: known}); ok && at.After(until) {
				notices++
			}
			known = append(known, reputation.Arrival{Hour: at, Items: 1})
		}
		t.Logf("%g items a day: %d false notices in a year", perDay, notices)
		if notices > 1 {
			t.Errorf("%g items a day: %d false notices in a year", perDay, notices)
		}
	}
}
