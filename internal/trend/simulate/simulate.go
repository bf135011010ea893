// Package simulate makes talk about brands that never were, with bursts at known
// times, and the alarm rules that other tools and health surveillance use. It is
// there to measure detection where the truth is known. Randomness comes in as a
// seeded source, so that a table can be made again.
package simulate

import (
	"math"
	"math/rand/v2"
	"time"

	"gonum.org/v1/gonum/stat/distuv"

	"reputed/internal/trend"
)

// Talk is the usual talk about a brand: a negative binomial count an hour, whose
// mean follows the hour of the day and the day of the week.
type Talk struct {
	PerDay     float64 // mentions on an average day
	Dispersion float64 // variance of an hour beyond a Poisson count's, in parts of the mean squared
	Night      float64 // how far the quietest hour lies below the mean, and the busiest above, in [0, 1)
	Weekend    float64 // mentions on Saturday and Sunday, in parts of a working day's
}

// Usual is talk with the rhythm of an office day: nights at 0.4 of the mean,
// afternoons at 1.6, weekends at 0.6 of a working day.
func Usual(perDay float64) Talk {
	return Talk{PerDay: perDay, Dispersion: 0.2, Night: 0.6, Weekend: 0.6}
}

// Mean is what the hour that begins at a time usually brings, in mentions.
func (t Talk) Mean(at time.Time) float64 {
	day := 7 / (5 + 2*t.Weekend)
	if at.Weekday() == time.Saturday || at.Weekday() == time.Sunday {
		day *= t.Weekend
	}
	return t.PerDay / 24 * day * (1 - t.Night*math.Cos(2*math.Pi*(float64(at.Hour())-3)/24))
}

// Burst multiplies the mean of some hours.
type Burst struct {
	At, Hours int     // first hour of it, counted from the beginning of the talk, and how many
	Factor    float64 // 1 is no burst
}

// Hours returns n hours of talk that end at a time.
func (t Talk) Hours(source rand.Source, to time.Time, n int, b Burst) trend.Hourly {
	h := trend.Hourly{To: to, Counts: make([]float64, n)}
	for i := range h.Counts {
		mean := t.Mean(to.Add(time.Duration(i-n) * time.Hour))
		if i >= b.At && i < b.At+b.Hours {
			mean *= b.Factor
		}
		h.Counts[i] = t.draw(source, mean)
	}
	return h
}

// draw draws a negative binomial count: a Poisson count whose mean is a gamma
// variable.
func (t Talk) draw(source rand.Source, mean float64) float64 {
	if t.Dispersion > 0 {
		mean = distuv.Gamma{Alpha: 1 / t.Dispersion, Beta: 1 / (mean * t.Dispersion), Src: source}.Rand()
	}
	if mean <= 0 {
		return 0
	}
	return distuv.Poisson{Lambda: mean, Src: source}.Rand()
}
