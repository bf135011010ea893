package simulate

import (
	"math"
	"math/rand/v2"
	"time"

	"reputed/internal/trend"
)

// lengths and sizes of the tilts that Calibration draws from: the last hours of
// talk with a mean raised by so many standard deviations of their sum.
var (
	tiltHours = [...]int{1, 2, 4, 8, 24}
	tiltSizes = [...]float64{2.5, 4.5}
)

// Calibration is how often the baseline finds usual talk no more probable than
// nominal, as a share of the hours: the share that is nominal is calibrated. For
// each of so many brands it simulates weeks of talk without bursts, and anew and
// again draws the last day of it. Since such hours are rare, most days are drawn
// with a raised mean, and each counts for as much as it is likelier to come of
// usual talk: importance sampling with the balance heuristic (Veach and Guibas,
// "Optimally combining sampling techniques for Monte Carlo rendering", SIGGRAPH
// 1995).
//
// Whole is that for counts as they are. Whole numbers can only do less often than
// nominal what there is no count for; smooth fills the steps between them in, as a
// randomised test does, and is what calibration means for counts (Czado, Gneiting
// and Held, "Predictive model assessment for count data", Biometrics 65, 2009).
func Calibration(source rand.Source, talk Talk, brands, days int, nominal ...float64) (smooth, whole []float64) {
	smooth, whole = make([]float64, len(nominal)), make([]float64, len(nominal))
	pick := rand.New(source)
	for range brands {
		n := before + pick.IntN(7*24)
		h := talk.Hours(source, begin.Add(time.Duration(n)*time.Hour), n, Burst{})
		h.Counts = h.Counts[n-trend.Hours:]
		day := talk.lastDay(h)
		for range days {
			for k := range day.tilts {
				weight := day.draw(source, k) / float64(brands*days)
				w, s := probabilities(h, pick.Float64())
				for i, p := range nominal {
					if w <= p {
						whole[i] += weight
					}
					if s <= p {
						smooth[i] += weight
					}
				}
			}
		}
	}
	return smooth, whole
}

// probabilities judges the last hours by what came before, as a detector does: for
// the counts as they are, and with the step below each count filled in up to a
// part in [0, 1).
func probabilities(h trend.Hourly, part float64) (whole, smooth float64) {
	windows := learn(h).Windows(h)
	whole = trend.Combined(windows)
	for i, v := range windows {
		more := 1 - v.Fewer
		windows[i].Probability = more + part*(v.Probability-more)
	}
	return whole, trend.Combined(windows)
}

// learn learns the baseline that a detector compares the last hour with.
func learn(h trend.Hourly) trend.Baseline {
	n := len(h.Counts) - 1 - trend.Guard
	return trend.Learn(trend.Hourly{To: h.To.Add(-(1 + trend.Guard) * time.Hour), Counts: h.Counts[max(0, n-trend.History):n]})
}

// day is the last day of some talk, to be drawn again.
type day struct {
	talk   Talk
	counts []float64 // that are drawn
	means  []float64 // of the usual talk
	tilts  []tilt
}

// tilt raises the mean of the last hours by a factor.
type tilt struct {
	hours  int
	factor float64
}

// lastDay prepares the draws. The first tilt is none.
func (t Talk) lastDay(h trend.Hourly) day {
	d := day{talk: t, counts: h.Counts[len(h.Counts)-24:], tilts: []tilt{{0, 1}}}
	for i := range d.counts {
		d.means = append(d.means, t.Mean(h.To.Add(time.Duration(i-24)*time.Hour)))
	}
	for _, hours := range tiltHours {
		mean, variance := 0.0, 0.0
		for _, m := range d.means[24-hours:] {
			mean += m
			variance += m + t.Dispersion*m*m
		}
		for _, size := range tiltSizes {
			d.tilts = append(d.tilts, tilt{hours, 1 + size*math.Sqrt(variance)/mean})
		}
	}
	return d
}

// draw draws the day with a tilt and returns how much likelier it is of usual talk
// than of the tilts one with another, divided by their number.
func (d day) draw(source rand.Source, k int) float64 {
	for i, m := range d.means {
		if i >= 24-d.tilts[k].hours {
			m *= d.tilts[k].factor
		}
		d.counts[i] = d.talk.draw(source, m)
	}
	sum := 0.0
	for _, t := range d.tilts {
		log := 0.0 // of how much likelier it is of the tilt than of usual talk
		for i := 24 - t.hours; i < 24; i++ {
			x, m := d.counts[i], d.means[i]
			log += x*math.Log(t.factor) - (1/d.talk.Dispersion+x)*math.Log((1+d.talk.Dispersion*m*t.factor)/(1+d.talk.Dispersion*m))
		}
		sum += math.Exp(log)
	}
	return 1 / sum
}
