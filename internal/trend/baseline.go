package trend

import (
	"math"
	"slices"
	"time"

	"gonum.org/v1/gonum/mathext"
	"gonum.org/v1/gonum/stat/distuv"
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

	windows map[int]spread // by hours of the window
	error   float64        // variance of an expected count, in parts of its square

	dispersion float64 // of single hours
	parameters float64 // how many the fit is worth
}

// spread is how the counts of windows of one length scatter.
type spread struct {
	dispersion float64 // variance beyond a Poisson count's, in parts of the mean squared
	habit      float64 // how many times further than that dispersion the brand's windows went, from 1
}

const (
	leastCovered = 0.5  // hours of which the collectors missed more say nothing
	rhythmSpread = 0.35 // variance of the factors of the hours of a day among brands
	weekSpread   = 0.06 // variance of the factors of the days of a week among brands
	dayNoise     = 0.05 // variance of whole days around their factor
	priorSpread  = 0.2  // dispersion of a brand of which nothing is known,
	priorWeight  = 2.0  // and how many squared mentions it counts for
	leastSpread  = 1e-4 // a brand's talk is never quite as even as chance alone
	outlying     = 3.0  // deviations from which a window is a burst rather than chance
	rounds       = 4    // of estimating what is usual and cutting what is not
)

// Learn learns a baseline from past hours, for judging windows of the given
// lengths in hours. Bursts are cut for level, rhythm and dispersion, so that an
// earlier spike does not hide the next; but a brand that bursts every day has the
// habit of bursting, which the last habitDays tell.
func Learn(past Hourly, habitDays int, windows ...int) Baseline {
	b := Baseline{windows: make(map[int]spread, len(windows)), dispersion: priorSpread}
	n := len(past.Counts)
	most := slices.Repeat([]float64{cut(startingLevel(past), priorSpread)}, n) // where each hour is cut
	expected := make([]float64, n)
	for range rounds {
		b.fit(past, most)
		for i := range expected {
			expected[i] = b.at(past, i)
		}
		b.dispersion = scatter(past, expected, 1, 0, b.parameters).dispersion
		for i, mean := range expected {
			most[i] = cut(mean, b.dispersion)
		}
	}
	for _, w := range windows {
		b.windows[w] = scatter(past, expected, w, habitDays*24, b.parameters)
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

// slot returns the hour of the day and the day of the week in which hour i began.
func (h Hourly) slot(i int) (hour, day int) {
	start := h.To.Add(time.Duration(i-len(h.Counts)) * time.Hour)
	return start.Hour(), int(start.Weekday())
}

// at is what the baseline expects of hour i, of which the collectors saw a part.
func (b Baseline) at(h Hourly, i int) float64 {
	hour, day := h.slot(i)
	return b.Level * b.Day[hour] * b.Week[day] * h.covered(i)
}

// fit estimates level and rhythm from the hours, each cut at most.
func (b *Baseline) fit(past Hourly, most []float64) {
	dispersion := b.dispersion
	b.Known, b.Level = 0, 0
	for i, x := range past.Counts {
		if c := past.covered(i); c >= leastCovered {
			b.Known += c
			b.Level += min(x, most[i])
		}
	}
	b.Level /= max(b.Known, 1)
	if b.Week == [7]float64{} {
		for i := range b.Week {
			b.Week[i] = 1
		}
		for i := range b.Day {
			b.Day[i] = 1
		}
	}
	// Each factor is what was counted over what was expected without it, drawn
	// towards 1 by as much as chance could have moved it.
	var counted, expected, hours [24]float64
	var countedDay, expectedDay, hoursDay [7]float64
	for i, x := range past.Counts {
		c := past.covered(i)
		if c < leastCovered {
			continue
		}
		hour, day := past.slot(i)
		x = min(x, most[i])
		counted[hour] += x
		expected[hour] += b.Level * b.Week[day] * c
		hours[hour] += c
		countedDay[day] += x
		expectedDay[day] += b.Level * b.Day[hour] * c
		hoursDay[day] += c
	}
	b.error = 1/max(b.Level*b.Known, 1) + dispersion/max(b.Known, 1)
	b.parameters = 1
	for h := range b.Day {
		// Neighbouring hours count half: the rhythm of a day is smooth.
		before, after := (h+23)%24, (h+1)%24
		o := counted[h] + (counted[before]+counted[after])/2
		e := expected[h] + (expected[before]+expected[after])/2
		n := hours[h] + (hours[before]+hours[after])/2
		var trust float64
		b.Day[h], trust = drawn(o, e, rhythmSpread, 1/max(e, 1e-9)+dispersion/max(n, 1e-9))
		b.error += rhythmSpread * (1 - trust) / 24 * min(1, b.Known/24)
		b.parameters += trust / 2
	}
	for d := range b.Week {
		e, n := expectedDay[d], hoursDay[d]
		var trust float64
		b.Week[d], trust = drawn(countedDay[d], e, weekSpread, 1/max(e, 1e-9)+(dispersion+24*dayNoise)/max(n, 1e-9))
		b.parameters += trust
	}
}

// drawn returns the factor o/e drawn towards 1: between is the variance of such
// factors among brands, noise that of this one by chance. Trust is in [0, 1].
func drawn(o, e, between, noise float64) (factor, trust float64) {
	if e <= 0 {
		return 1, 0
	}
	trust = between / (between + noise)
	return 1 + trust*(o/e-1), trust
}

// scatter estimates how the counts of windows of w hours scatter around what was
// expected of them; the habit is that of the last hours, all if last is 0.
func scatter(past Hourly, expected []float64, w, last int, parameters float64) spread {
	n := len(past.Counts)
	type window struct{ count, mean float64 }
	var all []window
	recent := 0 // of all, those in the last hours
	var sum window
	covered := 0.0
	for i := range n {
		sum.count += past.Counts[i]
		sum.mean += expected[i]
		covered += past.covered(i)
		if j := i - w; j >= 0 {
			sum.count -= past.Counts[j]
			sum.mean -= expected[j]
			covered -= past.covered(j)
		}
		if i >= w-1 && covered >= leastCovered*float64(w) {
			all = append(all, window{max(sum.count, 0), max(sum.mean, 0)})
			if i >= n-last {
				recent++
			}
		}
	}
	s := spread{dispersion: priorSpread, habit: 1}
	if len(all) == 0 {
		return s
	}
	lost := 1.0 // the parameters fitted to the same hours took part of their scatter
	if k := float64(len(all)) / float64(w); k > 2*parameters {
		lost = k / (k - parameters)
	}
	for range rounds {
		square, weight := priorWeight*priorSpread, priorWeight
		for _, x := range all {
			d := min(x.count, cut(x.mean, s.dispersion)) - x.mean
			square += d*d*lost - x.mean
			weight += x.mean * x.mean
		}
		s.dispersion = max(square/weight, leastSpread)
	}
	beyond := 0.0
	for _, x := range all[len(all)-recent:] {
		if r := 2 * (math.Sqrt(x.count) - math.Sqrt(x.mean)) / math.Sqrt(1+x.mean*s.dispersion); r > outlying {
			beyond += r*r - outlying*outlying
		}
	}
	s.habit = math.Sqrt(1 + beyond/max(float64(recent), 1))
	return s
}

// Surprise is the probability that the baseline gives the window of the last w
// hours as many mentions as were counted, or more. It is calibrated: of the hours
// of a brand without bursts, a share p has a surprise of p or less, up to the
// steps that whole numbers make.
func (b Baseline) Surprise(now Hourly, w int) (observed, expected, probability float64) {
	n := len(now.Counts)
	for i := max(0, n-w); i < n; i++ {
		observed += now.Counts[i]
		expected += b.at(now, i)
	}
	s := b.windows[w]
	p := atLeast(observed, expected, s.dispersion+b.error)
	if s.habit > 1 && p < 0.5 {
		p = distuv.UnitNormal.Survival(-mathext.NormalQuantile(max(p, 1e-300)) / s.habit)
	}
	return observed, expected, p
}

// atLeast is the probability that a negative binomial count with a mean and a
// dispersion (variance = mean + dispersion * mean^2) is x or more.
func atLeast(x, mean, dispersion float64) float64 {
	switch {
	case x <= 0:
		return 1
	case mean <= 0:
		return 0
	case dispersion*mean < 1e-9:
		return mathext.GammaIncReg(x, mean)
	}
	return mathext.RegIncBeta(x, 1/dispersion, mean*dispersion/(1+mean*dispersion))
}
