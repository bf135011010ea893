package trend

import (
	"slices"
	"time"

	"reputed/internal/reputation"
)

const (
	hoursOfWeek = 7 * 24

	// A habit is known after this time and number of gaps: two weeks show the
	// weekly rhythm twice, and of ten gaps the longest says something.
	habitTime = 14 * 24 * time.Hour
	habitGaps = 10

	habitQuantile = 0.99 // of the gaps, the usual longest
	beyondHabit   = 2.0  // times the usual longest gap
	leastSilence  = 2.5  // arrivals that a source must have missed, however regular it is
	leastHours    = 3    // of silence, however busy the source is

	longestSilence = 60 * 24 * time.Hour
)

// QuietUntil tells up to when it is usual, by its own history, that a source
// brings nothing more after its last arrival. It is false where too little is
// known for that: less than two weeks, or ten gaps between hours with arrivals.
//
// Silence is not measured in hours but in missed arrivals: each hour counts as
// many as that hour of the week usually brings, so that a night or a weekend on
// which nobody ever publishes counts nearly nothing. Measured so, the gaps of a
// process with a rhythm are as those of one without (the time-rescaling theorem:
// Brown et al., The Time-Rescaling Theorem and Its Application to Neural Spike
// Train Data Analysis, Neural Computation 14, 2002). A silence is unusual when it
// is twice as long as 99 of 100 of the source's own gaps.
func QuietUntil(a reputation.Arrivals) (until time.Time, ok bool) {
	arrived := slices.DeleteFunc(slices.Clone(a.Hours), func(h reputation.Arrival) bool { return h.Items == 0 })
	if len(arrived) <= habitGaps {
		return time.Time{}, false
	}
	last := arrived[len(arrived)-1].Hour
	from := arrived[0].Hour
	if last.Sub(a.Since) < habitTime || last.Sub(from) < habitTime {
		return time.Time{}, false
	}
	rates := ratesOf(arrived)
	gaps := gapsOf(a.Hours, rates)
	if len(gaps) < habitGaps {
		return time.Time{}, false
	}
	slices.Sort(gaps)
	usual := gaps[int(habitQuantile*float64(len(gaps)-1)+0.5)]
	bound := max(beyondHabit*usual, leastSilence)
	until = last.Add(time.Hour)
	for missed, hours := 0.0, 0; (missed < bound || hours < leastHours) && until.Sub(last) < longestSilence; hours++ {
		missed += rates[hourOfWeek(until)]
		until = until.Add(time.Hour)
	}
	return until, true
}

// ratesOf returns, for each hour of the week, the share of its hours that brought
// something, in (0, 1]. Few weeks are known, so each share is drawn towards the
// mean of all hours as if by one more week.
func ratesOf(arrived []reputation.Arrival) (rates [hoursOfWeek]float64) {
	hours := arrived[len(arrived)-1].Hour.Sub(arrived[0].Hour).Hours() + 1
	mean := float64(len(arrived)) / hours
	for _, h := range arrived {
		rates[hourOfWeek(h.Hour)]++
	}
	for i, n := range rates {
		rates[i] = min(1, (n+mean)/(hours/hoursOfWeek+1))
	}
	return rates
}

// gapsOf returns the arrivals that were missed, by the rates, from each hour with
// arrivals to the next. Where reading broke off between the two, there is no gap.
func gapsOf(hours []reputation.Arrival, rates [hoursOfWeek]float64) (gaps []float64) {
	for i := 1; i < len(hours); i++ {
		if hours[i].Items == 0 || hours[i-1].Items == 0 {
			continue
		}
		missed := 0.0
		for h := hours[i-1].Hour.Add(time.Hour); !h.After(hours[i].Hour); h = h.Add(time.Hour) {
			missed += rates[hourOfWeek(h)]
		}
		gaps = append(gaps, missed)
	}
	return gaps
}

// hourOfWeek numbers the hours of the week in UTC.
func hourOfWeek(t time.Time) int { return int(t.UTC().Weekday())*24 + t.UTC().Hour() }
