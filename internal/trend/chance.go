package trend

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// Chance is the probability, in [0, 1], that an hour brings observed mentions or more
// which usually brings expected ones, with a standard deviation: that of a negative
// binomial count with this mean and deviation, and of a Poisson count where the
// deviation is less than such a count has.
func Chance(observed int, expected, deviation float64) float64 {
	variance, x := deviation*deviation, float64(observed)
	switch {
	case observed <= 0:
		return 1
	case expected <= 0:
		expected = 1.0 / hoursKnown
	}
	if variance <= expected*(1+1e-9) {
		return mathext.GammaIncReg(x, expected)
	}
	size := expected * expected / (variance - expected)
	return min(1, math.Max(0, mathext.RegIncBeta(x, size, 1-expected/variance)))
}

// hoursKnown is the number of hours of a baseline: what did not occur in them is taken
// to occur once in as many.
const hoursKnown = 14 * 24
