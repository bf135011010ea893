package trend

import (
	"math"
	"slices"
	"time"

	"gonum.org/v1/gonum/mathext"
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

	hours   float64         // dispersion of single hours: variance beyond a Poisson count's, in parts of the mean squared
	windows map[int]float64 // the same of windows, by their length in hours
	error   float64         // variance of what is expected of an hour, in parts of its square
	fitted  float64         // how many parameters the fit is worth
}

const (
	leastCovered = 0.5  // hours of which the collectors missed more say nothing
	rhythmSpread = 0.35 // variance of the factors of the hours of a day among brands
	weekSpread   = 0.06 // variance of the factors of the days of a week among brands
	dayNoise     = 0.05 // variance of whole days around their factor
	priorSpread  = 0.2  // dispersion of a brand of which nothing is known,
	priorWeight  = 2.0  // and how many squared mentions it counts for
	leastSpread  = 1e-4 // a brand's talk is never quite as even as chance alone
	rounds       = 4    // of estimating what is usual and cutting what is not
)

// Learn learns a baseline from past hours, for judging windows of the given
// lengths in hours. Bursts are cut for level, rhythm and dispersion, so that an
// earlier spike does not hide the next. Hours that the collectors missed are left
// out, or counted for the part that they saw.
func Learn(past Hourly, windows ...int) Baseline {
	b := Baseline{hours: priorSpread, windows: make(map[int]float64, len(windows))}
	for i := range b.Day {
		b.Day[i] = 1
	}
	for i := range b.Week {
		b.Week[i] = 1
	}
	most := slices.Repeat([]float64{cut(startingLevel(past), priorSpread)}, len(past.Counts)) // where each hour is cut
	expected := make([]float64, len(past.Counts))
	for range rounds {
		b.fit(past, most)
		for i := range expected {
			expected[i] = b.at(past, i)
		}
		b.hours = b.scatter(past, expected, 1)
		for i, mean := range expected {
			most[i] = cut(mean, b.hours)
		}
	}
	for _, w := range windows {
		b.windows[w] = b.scatter(past, expected, w)
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
	b.Known, b.Level = 0, 0
	for i, x := range past.Counts {
		if c := past.covered(i); c >= leastCovered {
			b.Known += c
			b.Level += min(x, most[i])
		}
	}
	b.Level /= max(b.Known, 1)
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
	b.error = 1/max(b.Level*b.Known, 1) + b.hours/max(b.Known, 1)
	b.fitted = 1
	for h := range b.Day {
		// Neighbouring hours count half: the rhythm of a day is smooth.
		before, after := (h+23)%24, (h+1)%24
		o := counted[h] + (counted[before]+counted[after])/2
		e := expected[h] + (expected[before]+expected[after])/2
		n := hours[h] + (hours[before]+hours[after])/2
		var trust float64
		b.Day[h], trust = drawn(o, e, rhythmSpread, 1/max(e, 1e-9)+b.hours/max(n, 1e-9))
		b.error += rhythmSpread * (1 - trust) / 24 * min(1, b.Known/24)
		b.fitted += trust / 2
	}
	for d := range b.Week {
		e, n := expectedDay[d], hoursDay[d]
		var trust float64
		b.Week[d], trust = drawn(countedDay[d], e, weekSpread, 1/max(e, 1e-9)+(b.hours+24*dayNoise)/max(n, 1e-9))
		b.fitted += trust
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

// scatter estimates the dispersion of windows of w hours around what was expected
// of the hours, by moments, with bursts cut.
func (b Baseline) scatter(past Hourly, expected []float64, w int) float64 {
	type window struct{ count, mean float64 }
	var all []window
	var sum window
	covered := 0.0
	for i, x := range past.Counts {
		sum.count += x
		sum.mean += expected[i]
		covered += past.covered(i)
		if j := i - w; j >= 0 {
			sum.count -= past.Counts[j]
			sum.mean -= expected[j]
			covered -= past.covered(j)
		}
		if i >= w-1 && covered >= leastCovered*float64(w) {
			all = append(all, window{max(sum.count, 0), max(sum.mean, 0)})
		}
	}
	lost := 1.0 // the parameters fitted to the same hours took part of their scatter
	if n := float64(len(all)) / float64(w); n > 2*b.fitted {
		lost = n / (n - b.fitted)
	}
	dispersion := priorSpread
	for range rounds {
		square, weight := priorWeight*priorSpread, priorWeight
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

// windows are the lengths, in hours, of what is judged together: bursts seldom
// keep to the hour, and of a quiet brand two hours say nothing.
var windows = []int{2, 4, 8, 24}

// Windows returns the lengths, in hours, for which Window may ask.
func Windows() []int { return slices.Clone(windows) }

// Window returns how many hours to judge together: two, or as many of the windows
// as it takes to expect a mention, but at most a day.
func (b Baseline) Window(now Hourly) int {
	expected, from := 0.0, len(now.Counts)
	for _, w := range windows {
		for ; from > max(0, len(now.Counts)-w); from-- {
			expected += b.at(now, from-1)
		}
		if expected >= 1 {
			return w
		}
	}
	return windows[len(windows)-1]
}

// Verdict is what a baseline says of the last hours together.
type Verdict struct {
	Observed    float64 // mentions counted in them
	Expected    float64 // mentions that they usually bring
	Deviation   float64 // standard deviation of the same
	Probability float64 // that they bring as many as were counted, or more; in (0, 1]
	Fewer       float64 // that they bring as few as were counted, or fewer; in (0, 1]
}

// Judge compares the last w hours with the baseline; w must be 1 or one of those
// that the baseline was learnt for. The probabilities are calibrated: of the hours
// of a brand without bursts a share p has a probability of p or less, up to the
// steps that whole numbers make.
func (b Baseline) Judge(now Hourly, w int) Verdict {
	var v Verdict
	n := len(now.Counts)
	for i := max(0, n-w); i < n; i++ {
		v.Observed += now.Counts[i]
		v.Expected += b.at(now, i)
	}
	dispersion, ok := b.windows[w]
	if !ok {
		dispersion = b.hours
	}
	dispersion += b.error
	v.Deviation = math.Sqrt(v.Expected + v.Expected*v.Expected*dispersion)
	v.Probability = atLeast(v.Observed, v.Expected, dispersion)
	v.Fewer = 1 - atLeast(v.Observed+1, v.Expected, dispersion)
	return v
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
