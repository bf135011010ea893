package trend

import "math"

// leastReach is the standard deviation of the square root of a small Poisson
// count; a brand's own is never taken for less.
const leastReach = 0.5

// Reach tells how far the count of the last w hours lies beyond the brand's own
// ups and downs: in standard deviations of the square roots of the counts of all
// windows of that length in the days before, without the guard hours before the
// judged ones. Square roots make small and large counts scatter alike (Anscombe,
// "The transformation of Poisson, binomial and negative-binomial data",
// Biometrika 35, 1948).
//
// Other than the probability of a baseline it leaves the bursts of those days in
// and the rhythm of the day out: a brand that is swamped every other day, or every
// night, is only out of the ordinary beyond that. But no window counts for more
// than the judged one, so that it matters how often there was as much talk, and
// not how far one earlier crisis went. For a brand with nothing but such bursts a
// reach of r says that they filled less than 1/(1+r*r) of the time.
//
// The second result is false if there are not hours enough to tell.
func Reach(h Hourly, w, guard, days int) (deviations float64, ok bool) {
	return reach(windowRoots(h, w), w, guard, days, leastKnown)
}

// reach is Reach of the last of windows of w hours, if so many before it are known.
func reach(roots []float64, w, guard, days, least int) (deviations float64, ok bool) {
	if len(roots) == 0 {
		return 0, false
	}
	now := roots[len(roots)-1]
	past := roots[:max(0, len(roots)-w-guard)]
	past = past[max(0, len(past)-24*days):]
	var n, mean, square float64
	for _, x := range past {
		if !math.IsNaN(x) {
			x = min(x, now)
			n++
			mean += x
			square += x * x
		}
	}
	if n < float64(least) || math.IsNaN(now) {
		return 0, false
	}
	mean /= n
	return (now - mean) / math.Sqrt(max(square/n-mean*mean, leastReach*leastReach)), true
}

// LivelyDays counts, among the twelve days before, those on which w hours had a
// reach of at least so many standard deviations beyond what was usual then. A day
// is a stretch of 24 hours; the last one ends with the guard hours before the
// judged ones. What is usual must be known from three days: after one quiet day any
// day is lively. A threshold that follows from how often the brand itself passed a
// lower one of late is the idea of peaks over threshold (Siffer et al., "Anomaly
// Detection in Streams with Extreme Value Theory", KDD 2017).
func LivelyDays(h Hourly, w int, deviations float64) int {
	roots := windowRoots(h, w)
	roots = roots[:max(0, len(roots)-w-Signs)]
	lively := 0
	for range livelyDays {
		for n := len(roots); n > max(0, len(roots)-24); n-- {
			if r, ok := reach(roots[:n], w, Signs, reachDays, 24*talkDays); ok && r >= deviations {
				lively++
				break
			}
		}
		roots = roots[:max(0, len(roots)-24)]
	}
	return lively
}

// windowRoots returns the square root of the count of each window of w hours,
// by its last hour, as if it had been covered in full; NaN where the collectors
// missed too much of it.
func windowRoots(h Hourly, w int) []float64 {
	var roots []float64
	sum, covered := 0.0, 0.0
	for i, x := range h.Counts {
		sum += x
		covered += h.covered(i)
		if j := i - w; j >= 0 {
			sum -= h.Counts[j]
			covered -= h.covered(j)
		}
		switch {
		case i < w-1:
		case covered < leastCovered*float64(w):
			roots = append(roots, math.NaN())
		default:
			roots = append(roots, math.Sqrt(max(sum, 0)*float64(w)/covered))
		}
	}
	return roots
}
