package simulate

import (
	"math"
	"time"

	"reputed/internal/trend"
)

// Rule judges the last of some hours: the higher the value, the more is said. An
// alert is raised from Threshold on.
type Rule struct {
	Name      string
	Value     func(h trend.Hourly) float64
	Threshold float64
}

// Surprise is the product's baseline alone: the negative decimal logarithm of the
// probability that the last hours bring as much talk. The threshold is the default
// detector's.
func Surprise() Rule {
	return Rule{"surprise", surprise, -math.Log10(trend.Default().Probability)}
}

// Volume is the product's detector of volume: the surprise of those hours that are
// also beyond the ups and downs of the days before.
func Volume() Rule {
	least := trend.Volume().Reach
	return Rule{"surprise and reach", func(h trend.Hourly) float64 {
		if reach, ok := trend.Reach(h, 2, trend.Guard, 10); !ok || reach < least {
			return 0
		}
		return surprise(h)
	}, -math.Log10(trend.Volume().Probability)}
}

func surprise(h trend.Hourly) float64 {
	n := len(h.Counts) - 1 - trend.Guard
	past := trend.Hourly{To: h.To.Add(-(1 + trend.Guard) * time.Hour), Counts: h.Counts[max(0, n-trend.History):n]}
	return -math.Log10(max(trend.Learn(past).Busiest(h).Probability, 1e-300))
}

// MeanSigma is the rule that most tools use: an hour above the mean of the last
// two weeks by three standard deviations.
func MeanSigma() Rule {
	return Rule{"mean + 3 sigma", func(h trend.Hourly) float64 {
		now, past := split(h, 1, 0, 14*24)
		mean, deviation := moments(past)
		return (now - mean) / max(deviation, 1e-9)
	}, 3}
}

// Percentage is an hour in per cent of the hourly average of the last seven days.
func Percentage() Rule {
	return Rule{"7-day percentage", func(h trend.Hourly) float64 {
		now, past := split(h, 1, 0, 7*24)
		mean, _ := moments(past)
		return 100 * now / max(mean, 1.0/(7*24))
	}, 300}
}

// EARS is the C2 algorithm of the Early Aberration Reporting System: a day's count
// against mean and standard deviation of seven days, with two days between
// (Hutwagner et al., "The bioterrorism preparedness and response Early Aberration
// Reporting System", Journal of Urban Health 80, 2003). The day ends with the
// judged hour.
func EARS() Rule {
	return Rule{"EARS C2", func(h trend.Hourly) float64 {
		days := make([]float64, 10)
		for d := range days {
			end := len(h.Counts) - 24*d
			for _, x := range h.Counts[end-24 : end] {
				days[d] += x
			}
		}
		mean, deviation := moments(days[3:])
		return (days[0] - mean) / max(deviation, 0.5)
	}, 3}
}

// split returns the sum of the last w hours and the n hours before the guard.
func split(h trend.Hourly, w, guard, n int) (now float64, past []float64) {
	end := len(h.Counts) - w
	for _, x := range h.Counts[end:] {
		now += x
	}
	end -= guard
	return now, h.Counts[max(0, end-n):end]
}

func moments(xs []float64) (mean, deviation float64) {
	for _, x := range xs {
		mean += x / float64(len(xs))
	}
	for _, x := range xs {
		deviation += (x - mean) * (x - mean) / float64(len(xs)-1)
	}
	return mean, math.Sqrt(deviation)
}
