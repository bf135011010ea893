package trend_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"

	"reputed/internal/trend"
)

// The chance is how often such counts occur.
func TestChance(t *testing.T) {
	tests := []struct {
		observed            int
		expected, deviation float64
	}{{5, 2, 1}, {5, 2, 3}, {20, 8.7, 4.06}, {3, 0.5, 1}, {1, 0.2, 0.5}, {0, 3, 2}}
	for _, test := range tests {
		source := rand.NewPCG(7, uint64(test.observed))
		const draws = 400_000
		hits := 0
		variance := max(test.deviation*test.deviation, test.expected)
		for range draws {
			mean := test.expected
			if variance > test.expected { // a Poisson count whose mean is gamma distributed
				rate := test.expected / (variance - test.expected)
				mean = distuv.Gamma{Alpha: test.expected * rate, Beta: rate, Src: source}.Rand()
			}
			if poisson := (distuv.Poisson{Lambda: mean, Src: source}); poisson.Rand() >= float64(test.observed) {
				hits++
			}
		}
		want, got := float64(hits)/draws, trend.Chance(test.observed, test.expected, test.deviation)
		if math.Abs(got-want) > 5*math.Sqrt(want/draws)+1e-5 {
			t.Errorf("%d or more of %g ± %g: %g, want about %g", test.observed, test.expected, test.deviation, got, want)
		}
	}
	for _, extreme := range []float64{
		trend.Chance(42, 0, 1), trend.Chance(100_000, 3, 2), trend.Chance(5, 2, 0), trend.Chance(1, 1e-9, 1e-9), trend.Chance(1_000_000, 1e6, 1e4),
	} {
		if !(extreme >= 0 && extreme <= 1) {
			t.Errorf("%g is no probability", extreme)
		}
	}
}
