package trend

import (
	"math"
	"slices"
	"time"
)

// Hourly is what was counted in the hours before To, oldest first: the last count
// is of (To-1h, To].
type Hourly struct {
	To      time.Time
	Counts  []float64 // mentions in the hour, from 0
	Covered []float64 // share of the hour in which the collectors worked, in [0, 1]; nil if they always did
}

// covered is the share of hour i in which the collectors worked.
func (h Hourly) covered(i int) float64 {
	if h.Covered == nil {
		return 1
	}
	return h.Covered[i]
}

// first returns the first n hours.
func (h Hourly) first(n int) Hourly {
	part := Hourly{To: h.To.Add(-time.Duration(len(h.Counts)-n) * time.Hour), Counts: h.Counts[:n]}
	if h.Covered != nil {
		part.Covered = h.Covered[:n]
	}
	return part
}

// Baseline is what a brand's hours usually bring: a negative binomial count whose
// mean follows the hour of the day and the day of the week, in the manner of
// Farrington's and Noufaily's methods for health surveillance (Noufaily et al.,
// "An improved algorithm for outbreak detection in multiple surveillance systems",
// Statistics in Medicine 32, 2013), but with every part drawn towards what is
// known without it, so that two days of history are as honest as two months.
type Baseline struct {
	Level float64     // mentions in an average hour
	Day   [24]float64 // factor of each hour of the day (UTC), mean about 1
	Week  [7]float64  // factor of each day of the week (UTC), Sunday first
	Known float64     // covered hours it was learnt from

	past     Hourly
	expected []float64             // of each hour of the past
	hours    float64               // dispersion of single hours: variance beyond a Poisson count's, in parts of the mean squared,
	spread   [len(windows)]float64 // and of windows of each length
	level    float64               // variance of the level, in parts of its square,
	rhythm   float64               // and that of the factor of an hour of the day, in the mean
	fitted   float64               // how many parameters the fit is worth
}

const (
	leastCovered = 0.5   // hours of which the collectors missed more say nothing
	rhythmSpread = 0.35  // variance of the factors of the hours of a day among brands
	smoothness   = 0.02  // variance of the factor of an hour around those of its neighbours
	weekSpread   = 0.1   // variance of the factors of working days and weekends among brands
	daySpread    = 0.005 // variance of the factors of the days of one kind
	dayNoise     = 0.01  // variance of whole days around their factor
	priorSpread  = 0.2   // dispersion of a brand of which nothing is known,
	priorWeight  = 2.0   // and how many squared mentions it counts for
	priorWindows = 5     // the same for longer windows, in windows that do not overlap
	leastSpread  = 1e-4  // a brand's talk is never quite as even as chance alone
	doubt        = 1.5   // deviations by which the dispersion is taken for more than it was found to be
	doubtCount   = 0.2   // the same for few mentions, which tell the less of it: in mentions
	rounds       = 4     // of estimating what is usual and cutting what is not
)

// Learn learns a baseline from past hours. Bursts are left out of level, rhythm
// and dispersion, so that an earlier spike does not hide the next. Hours that the
// collectors missed are left out too, or counted for the part that they saw. The
// baseline keeps the past, which must not be changed after that.
func Learn(past Hourly) Baseline {
	b := Baseline{past: past, expected: make([]float64, len(past.Counts)), hours: priorSpread}
	for i := range b.Day {
		b.Day[i] = 1
	}
	for i := range b.Week {
		b.Week[i] = 1
	}
	most := slices.Repeat([]float64{cut(startingLevel(past), priorSpread)}, len(past.Counts)) // where each hour is cut
	first := past.hourOfWeek()
	for round := range rounds {
		b.fit(most, round == rounds-1)
		for i := range b.expected {
			b.expected[i] = b.usual(first+i) * past.covered(i)
		}
		b.hours = b.scatter(1)
		for i, mean := range b.expected {
			most[i] = cut(mean, b.hours)
		}
	}
	for k, w := range windows {
		b.spread[k] = b.scatter(w)
	}
	return b
}

// cut is the count from which on a window is a burst, and no longer tells what is
// usual.
func cut(mean, dispersion float64) float64 {
	return mean + 4*math.Sqrt(mean+mean*mean*dispersion) + 2
}

// startingLevel is a first guess of the mentions in an hour that a few large
// spikes cannot move: the median of the covered hours.
func startingLevel(past Hourly) float64 {
	var known []float64
	for i, x := range past.Counts {
		if c := past.covered(i); c >= leastCovered {
			known = append(known, x/c)
		}
	}
	if len(known) == 0 {
		return 0
	}
	slices.Sort(known)
	return known[len(known)/2]
}

// hourOfWeek returns the hour of the week in which the first hour began, in the
// zone of To, from Sunday at midnight. The others are counted on from it, so that
// a rhythm is not torn by a change of the clock.
func (h Hourly) hourOfWeek() int {
	start := h.To.Add(-time.Duration(len(h.Counts)) * time.Hour)
	return int(start.Weekday())*24 + start.Hour()
}

// usual is what a baseline expects of an hour of the week.
func (b Baseline) usual(hourOfWeek int) float64 {
	return b.Level * b.Day[hourOfWeek%24] * b.Week[hourOfWeek/24%7]
}

// expect sums what the baseline expects of the last w hours, of which the
// collectors saw a part.
func (b Baseline) expect(h Hourly, w int) (sum float64) {
	first := h.hourOfWeek()
	for i := max(0, len(h.Counts)-w); i < len(h.Counts); i++ {
		sum += b.usual(first+i) * h.covered(i)
	}
	return sum
}

// fit estimates level and rhythm from the hours, each cut at most. Without those
// that were cut the estimates are better, but only once the rhythm is known: until
// then it may be the busy hours of every day that are cut.
func (b *Baseline) fit(most []float64, without bool) {
	past := b.past
	used := func(i int) bool { return past.covered(i) >= leastCovered && !(without && past.Counts[i] > most[i]) }
	b.Known, b.Level = 0, 0
	for i, x := range past.Counts {
		if used(i) {
			b.Known += past.covered(i)
			b.Level += min(x, most[i])
		}
	}
	// Of no mention in all that time half a mention is known, and not that there
	// never will be one.
	b.Level = max(b.Level, 0.5) / max(b.Known, 1)
	// Each factor is what was counted over what was expected without it, drawn
	// towards 1 by as much as chance could have moved it.
	var counted, expected, hours [24]float64
	var countedDay, expectedDay, hoursDay [7]float64
	first := past.hourOfWeek()
	for i, x := range past.Counts {
		if !used(i) {
			continue
		}
		c := past.covered(i)
		hour, day := (first+i)%24, (first+i)/24%7
		x = min(x, most[i])
		counted[hour] += x
		expected[hour] += b.Level * b.Week[day] * c
		hours[hour] += c
		countedDay[day] += x
		expectedDay[day] += b.Level * b.Day[hour] * c
		hoursDay[day] += c
	}
	b.level = 1/max(b.Level*b.Known, 1) + b.hours/max(b.Known, 1)
	b.rhythm = 0
	b.fitted = 1
	for h := range b.Day {
		// The rhythm of a day is smooth, so that the neighbouring hours count for as
		// much as the hour's own factor is in doubt.
		before, after := (h+23)%24, (h+1)%24
		noise := 1/max(expected[h], 1e-9) + b.hours/max(hours[h], 1e-9)
		part := noise / (noise + smoothness) / 2
		o := counted[h] + part*(counted[before]+counted[after])
		e := expected[h] + part*(expected[before]+expected[after])
		var trust float64
		b.Day[h], trust = drawn(o, e, 1, rhythmSpread, noise/(1+2*part))
		b.rhythm += rhythmSpread * (1 - trust) / 24
		b.fitted += trust / (1 + 2*part)
	}
	// A day of the week is drawn towards the others of its kind, and those towards
	// the whole week.
	for _, kind := range [][]int{{0, 6}, {1, 2, 3, 4, 5}} {
		var o, e, n float64
		for _, d := range kind {
			o, e, n = o+countedDay[d], e+expectedDay[d], n+hoursDay[d]
		}
		noise := func(e, n float64) float64 { return 1/max(e, 1e-9) + (b.hours+24*dayNoise)/max(n, 1e-9) }
		common, trust := drawn(o, e, 1, weekSpread, noise(e, n))
		b.fitted += trust
		shared := weekSpread * (1 - trust)
		for _, d := range kind {
			b.Week[d], trust = drawn(countedDay[d], expectedDay[d], common, daySpread, noise(expectedDay[d], hoursDay[d]))
			b.fitted += trust
			b.level += (daySpread*(1-trust) + shared) / 7
		}
	}
}

// drawn returns the factor o/e drawn towards a common one: between is the variance
// of such factors, noise that of this one by chance. Trust is in [0, 1].
func drawn(o, e, common, between, noise float64) (factor, trust float64) {
	if e <= 0 {
		return common, 0
	}
	trust = between / (between + noise)
	return common + trust*(o/e-common), trust
}

// scatter estimates the dispersion of windows of w hours around what was expected
// of the hours, by moments, without the bursts among them.
func (b Baseline) scatter(w int) float64 {
	type window struct{ count, mean float64 }
	all := make([]window, 0, len(b.past.Counts))
	var sum window
	covered := 0.0
	for i, x := range b.past.Counts {
		sum.count += x
		sum.mean += b.expected[i]
		covered += b.past.covered(i)
		if j := i - w; j >= 0 {
			sum.count -= b.past.Counts[j]
			sum.mean -= b.expected[j]
			covered -= b.past.covered(j)
		}
		if i >= w-1 && covered >= leastCovered*float64(w) {
			all = append(all, window{max(sum.count, 0), max(sum.mean, 0)})
		}
	}
	lost := 1.0 // the parameters fitted to the same hours took part of their scatter
	if n := float64(len(all)); n > 2*b.fitted {
		lost = n / (n - b.fitted)
	}
	prior, trust := priorSpread, priorWeight // squared mentions that the prior counts for
	if w > 1 {
		// Two weeks hold few days. The hours, of which they hold many, tell what hours
		// that do not depend on each other would make of a day.
		prior = b.hours/float64(w) + dayNoise
		for _, x := range all {
			trust += priorWindows * float64(w) * x.mean * x.mean / float64(len(all))
		}
	}
	dispersion := prior
	for range rounds {
		square, weight := trust*prior, trust
		for _, x := range all {
			if x.count > cut(x.mean, dispersion) {
				continue
			}
			d := x.count - x.mean
			square += d*d*lost - x.mean
			weight += x.mean * x.mean
		}
		dispersion = max(square/weight, leastSpread)
	}
	return dispersion
}
