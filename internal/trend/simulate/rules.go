package simulate

import (
	"math"

	"reputed/internal/reputation"
	"reputed/internal/trend"
)

// Rule judges the last of some hours: the higher the value, the more is said. An
// alert is raised from Threshold on.
type Rule struct {
	Name      string
	Value     func(h trend.Hourly) float64
	Threshold float64
}

// Surprise is the probability of the product's baseline alone, as a surprise. The
// threshold is the default detector's. As there, an hour in which nothing was said
// raises no alert.
func Surprise() Rule {
	return Rule{"probability alone", func(h trend.Hourly) float64 {
		if h.Counts[len(h.Counts)-1] == 0 {
			return math.Inf(-1)
		}
		return trend.Surprise(trend.Combined(learn(h).Windows(h)))
	}, trend.Surprise(trend.Default().Probability)}
}

// Detector is a detector as it is, in what it asks of the volume of talk: the
// surprise of the hours that it takes for a spike.
func Detector(name string, d trend.Detector) Rule {
	d.Stories, d.Share = 0, 1
	return Rule{name, func(h trend.Hourly) float64 {
		hours := make([]reputation.Hour, len(h.Counts))
		for i, x := range h.Counts {
			hours[i] = reputation.Hour{Mentions: int(x), Negative: int(x), Stories: int(x)}
		}
		j := d.Judge(hours, begin, h.To)
		if !j.Spike {
			return 0
		}
		return trend.Surprise(j.Probability)
	}, trend.Surprise(d.Probability)}
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
