package trend

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mathext"
	"gonum.org/v1/gonum/stat/distuv"
)

// The lengths, in hours, of what is judged together: a burst may be over within the
// hour, or be a day of a little more talk, and of a quiet brand an hour says nothing.
var windows = [...]int{1, 2, 4, 8, 24}

// leastExpected is how many mentions a window should usually bring to be judged.
const leastExpected = 0.4

// Windows judges the last hour, and the last 2, 4, 8 and 24 hours, shortest first.
// Of a quiet brand it leaves out those in which hardly a mention is expected.
func (b Baseline) Windows(now Hourly) []Verdict {
	var all []Verdict
	for _, w := range windows {
		if w == windows[len(windows)-1] || b.expect(now, w) >= leastExpected {
			all = append(all, b.Judge(now, w))
		}
	}
	return all
}

// Combined is the probability that the windows together are as busy as they are,
// or busier: the harmonic mean of their own, which holds for windows that overlap
// too (Wilson, "The harmonic mean p-value for combining dependent tests",
// Proceedings of the National Academy of Sciences 116, 2019).
func Combined(windows []Verdict) float64 {
	sum := 0.0
	for _, v := range windows {
		sum += 1 / v.Probability
	}
	return min(float64(len(windows))/sum, 1)
}

// Surprise turns a probability into the standard deviations by which a normal
// variable exceeds its mean with that probability, from -7 to 37.
func Surprise(probability float64) float64 {
	return -distuv.UnitNormal.Quantile(min(max(probability, leastProbability), 1-1e-12))
}

// Precedent is the greatest surprise that the windows of the history which the
// baseline was learnt from would have been. About 3 is what two weeks bring by
// chance; of a brand whose talk comes in bursts it is the more.
func (b Baseline) Precedent() float64 {
	counts, means := runningSums(b.past.Counts), runningSums(b.expected)
	least := 1.0
	for end := windows[len(windows)-1]; end < len(counts); end++ {
		sum, n := 0.0, 0.0
		for k, w := range windows {
			mean := max(means[end]-means[end-w], 0)
			if k < len(windows)-1 && mean < leastExpected {
				continue
			}
			sum += 1 / atLeast(counts[end]-counts[end-w], mean, b.doubted(b.spread[k], mean, w))
			n++
		}
		least = min(least, n/sum)
	}
	return Surprise(least)
}

// runningSums starts with 0 and is longer by one than what it sums.
func runningSums(xs []float64) []float64 {
	sums := make([]float64, len(xs)+1)
	for i, x := range xs {
		sums[i+1] = sums[i] + x
	}
	return sums
}

// Verdict is what a baseline says of the last hours together.
type Verdict struct {
	Hours       int     // how many
	Observed    float64 // mentions counted in them
	Expected    float64 // mentions that they usually bring
	Deviation   float64 // standard deviation of the same
	Probability float64 // that they bring as many as were counted, or more; in [0, 1]
	Fewer       float64 // that they bring as few as were counted, or fewer; in [0, 1]
}

// Judge compares the last w hours with the baseline. The probabilities are
// calibrated: of the hours of a brand without bursts a share p has a probability
// of p or less, up to the steps that whole numbers make.
func (b Baseline) Judge(now Hourly, w int) Verdict {
	v := Verdict{Hours: w, Expected: b.expect(now, w)}
	for _, x := range now.Counts[max(0, len(now.Counts)-w):] {
		v.Observed += x
	}
	var dispersion float64
	if k := slices.Index(windows[:], w); k >= 0 {
		dispersion = b.spread[k]
	} else {
		dispersion = b.scatter(w)
	}
	dispersion = b.doubted(dispersion, v.Expected, w)
	v.Deviation = math.Sqrt(v.Expected + v.Expected*v.Expected*dispersion)
	v.Probability = atLeast(v.Observed, v.Expected, dispersion)
	v.Fewer = 1 - atLeast(v.Observed+1, v.Expected, dispersion)
	return v
}

// doubted widens the dispersion of a window of w hours. What was learnt of few
// hours may be wrong by chance: the level, the rhythm, of which a longer window
// averages the error and a whole day has none, and the dispersion itself.
func (b Baseline) doubted(dispersion, expected float64, w int) float64 {
	dispersion += doubt / math.Sqrt(max(b.Known, 1)) * (dispersion + doubtCount/max(expected, doubtCount))
	if w < 24 {
		dispersion += b.rhythm / max(float64(w)/2, 1)
	}
	return dispersion + b.level
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
