package simulate

import (
	"math"
	"math/rand/v2"
	"time"

	"gonum.org/v1/gonum/mathext"

	"reputed/internal/trend"
)

// Calibration is how often a baseline takes usual talk for talk that is no more
// probable than nominal. For each of so many brands it learns three weeks of
// simulated talk without bursts, finds the count from which on it would raise an
// alert, and computes the probability of that count from the truth that was
// simulated; the means over the brands are returned. Whole is that for counts as
// they are, which are whole numbers and so can only do less often than nominal
// what there is no count for; smooth fills the step below the count in, as a
// randomised test does, and is what calibration means for counts (Czado, Gneiting
// and Held, "Predictive model assessment for count data", Biometrics 65, 2009).
func Calibration(source rand.Source, talk Talk, brands int, nominal ...float64) (smooth, whole []float64) {
	smooth, whole = make([]float64, len(nominal)), make([]float64, len(nominal))
	pick := rand.New(source)
	for range brands {
		n := before + pick.IntN(7*24)
		past := talk.Hours(source, begin.Add(time.Duration(n)*time.Hour), n, Burst{})
		past.Counts = past.Counts[n-trend.History:]
		baseline := trend.Learn(past)
		now := trend.Hourly{To: past.To.Add((1 + trend.Guard) * time.Hour), Counts: make([]float64, 24)}
		w := baseline.Busiest(now).Hours
		last := &now.Counts[len(now.Counts)-1]
		probability := func(x int) float64 {
			*last = float64(x)
			return baseline.Judge(now, w).Probability
		}
		truth := talk.tails(now.To, w)
		for k, p := range nominal {
			x := 1
			for probability(x) > p {
				x *= 2
			}
			for low := x / 2; x-low > 1; { // probable enough at low
				if mid := (low + x) / 2; probability(mid) > p {
					low = mid
				} else {
					x = mid
				}
			}
			whole[k] += truth(x) / float64(brands)
			above, below := probability(x), probability(x-1)
			smooth[k] += (truth(x) + (p-above)/(below-above)*(truth(x-1)-truth(x))) / float64(brands)
		}
	}
	return smooth, whole
}

// tails returns the probability that the last w hours before to bring x mentions or
// more, as a function of x.
func (t Talk) tails(to time.Time, w int) func(x int) float64 {
	sum := []float64{1} // probabilities of 0, 1, ... mentions
	for i := range w {
		mean := t.Mean(to.Add(time.Duration(i-w) * time.Hour))
		hour := t.probabilities(mean)
		next := make([]float64, len(sum)+len(hour)-1)
		for a, p := range sum {
			for b, q := range hour {
				next[a+b] += p * q
			}
		}
		sum = next
	}
	for x := len(sum) - 2; x >= 0; x-- {
		sum[x] += sum[x+1]
	}
	return func(x int) float64 {
		if x >= len(sum) {
			return 0
		}
		return sum[x]
	}
}

// probabilities returns the probabilities of 0, 1, ... mentions in an hour, until
// they are next to nothing.
func (t Talk) probabilities(mean float64) []float64 {
	size := 1 / t.Dispersion
	var ps []float64
	for x := 0.0; ; x++ {
		log := -mathext.Lbeta(size, x+1) - math.Log(size+x) + size*math.Log(size/(size+mean)) + x*math.Log(mean/(size+mean))
		ps = append(ps, math.Exp(log))
		if x > mean && log < -35 {
			return ps
		}
	}
}
