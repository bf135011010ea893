package trend_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"gonum.org/v1/gonum/stat/distuv"

	"reputed/internal/trend"
)

// midnight is the end of simulated hours: a Monday at midnight.
var midnight = time.Date(2026, 6, 29, 0, 0, 0, 0, time.UTC)

// hourly makes n hours that end at midnight.
func hourly(n int, count func(i int) float64) trend.Hourly {
	h := trend.Hourly{To: midnight, Counts: make([]float64, n)}
	for i := range h.Counts {
		h.Counts[i] = count(i)
	}
	return h
}

// poisson returns random counts with a mean.
func poisson(seed uint64, mean float64) func(int) float64 {
	d := distuv.Poisson{Lambda: mean, Src: rand.NewPCG(seed, 0)}
	return func(int) float64 { return d.Rand() }
}

func TestBaselineLearnsLevelAndRhythm(t *testing.T) {
	// Nights are silent, the day brings 20 an hour, the weekend half of it.
	b := trend.Learn(hourly(28*24, func(i int) float64 {
		mean := 20.0
		if i/24%7 >= 5 { // 28 days that end on a Monday at midnight begin on a Monday
			mean = 10
		}
		if i%24 < 12 {
			mean = 0.2
		}
		return poisson(uint64(i), mean)(i)
	}))
	if b.Level < 8 || b.Level > 9.5 {
		t.Errorf("level %.2f mentions an hour, want about 8.7", b.Level)
	}
	if ratio := b.Day[18] / max(b.Day[6], 1e-9); ratio < 10 {
		t.Errorf("the day is %.1f times the night, want far more", ratio)
	}
	if ratio := b.Week[time.Sunday] / b.Week[time.Wednesday]; ratio < 0.4 || ratio > 0.65 {
		t.Errorf("Sunday is %.2f of a Wednesday, want about half", ratio)
	}
}

func TestBaselineIsRobustToEarlierSpikes(t *testing.T) {
	calm := poisson(1, 5)
	b := trend.Learn(hourly(14*24, func(i int) float64 {
		if i >= 200 && i < 212 {
			return 400
		}
		return calm(i)
	}))
	if math.Abs(b.Level-5) > 0.6 {
		t.Errorf("level %.2f, want about 5", b.Level)
	}
	now := hourly(24, poisson(2, 5))
	now.Counts[23] = 40
	if v := b.Judge(now, 1); v.Probability > 1e-9 {
		t.Errorf("40 mentions where 5 are usual have a probability of %.2g", v.Probability)
	}
}

// At one mention a day and at ten thousand an hour the probability is that of the
// count, and neither nothing nor all.
func TestBaselineIsHonestAtBothEnds(t *testing.T) {
	tests := []struct {
		mean, observed, least, most float64
	}{
		{1.0 / 24, 1, 0.01, 0.1},
		{1.0 / 24, 2, 1e-4, 5e-3},
		{10000, 10000, 0.3, 0.7},
		{10000, 10300, 1e-4, 0.4}, // two weeks do not tell a Monday from a Tuesday to 3 %
		{10000, 13000, 0, 1e-4},
		{10000, 20000, 0, 1e-9},
	}
	for _, test := range tests {
		b := trend.Learn(hourly(14*24, poisson(3, test.mean)))
		now := hourly(1, func(int) float64 { return test.observed })
		if v := b.Judge(now, 1); v.Probability < test.least || v.Probability > test.most {
			t.Errorf("%g mentions where %.3g are usual: probability %.3g, want %g to %g", test.observed, test.mean, v.Probability, test.least, test.most)
		}
	}
}

func TestHoursWithoutCollectorsAreNotQuiet(t *testing.T) {
	h := hourly(14*24, poisson(4, 6))
	h.Covered = slices.Repeat([]float64{1}, len(h.Counts))
	for i := 50; i < 150; i++ {
		h.Counts[i], h.Covered[i] = 0, 0
	}
	b := trend.Learn(h)
	if math.Abs(b.Level-6) > 0.6 || b.Known != 14*24-100 {
		t.Errorf("level %.2f from %g hours, want about 6 from those that were covered", b.Level, b.Known)
	}
	now := trend.Hourly{To: midnight, Counts: []float64{3}, Covered: []float64{0.5}}
	if v := b.Judge(now, 1); v.Expected < 2.4 || v.Expected > 3.6 {
		t.Errorf("%.2f mentions expected of half an hour, want about 3", v.Expected)
	}
}

func TestReachCountsHowOftenNotHowMuch(t *testing.T) {
	calm := poisson(5, 5)
	with := func(burst float64, every, hours int) trend.Hourly {
		h := hourly(12*24, func(i int) float64 {
			if every > 0 && i%every < hours {
				return burst
			}
			return calm(i)
		})
		h.Counts[len(h.Counts)-1] = 100
		return h
	}
	tests := []struct {
		name  string
		hours trend.Hourly
		spike bool
	}{
		{"a brand without bursts", with(0, 0, 0), true},
		{"one crisis of ten times the size", with(1000, 10*24, 6), true},
		{"a burst of the size every other day", with(100, 48, 5), false},
	}
	for _, test := range tests {
		if reach, ok := trend.Reach(test.hours, 1, trend.Guard, 10); !ok || reach >= trend.Default().Reach != test.spike {
			t.Errorf("%s: reach %.1f, %v; spike is %v", test.name, reach, ok, test.spike)
		}
	}
	if _, ok := trend.Reach(hourly(20, calm), 1, trend.Guard, 10); ok {
		t.Error("a reach from less than a day")
	}
}

func TestRhythm(t *testing.T) {
	fine := func(volleys bool) []float64 {
		counts := make([]float64, trend.FineCounts)
		talk := poisson(6, 8)
		for i := range counts {
			counts[i] = talk(i)
			if left := len(counts) - i; volleys && left <= 12*12 && i%12 == 3 {
				counts[i] += 60 // every hour, for twelve hours
			}
		}
		return counts
	}
	if change, ok := trend.Rhythm(fine(false)); !ok || change >= trend.Volume().Rhythm {
		t.Errorf("usual talk changes its rhythm by %.1f, %v", change, ok)
	}
	if change, ok := trend.Rhythm(fine(true)); !ok || change < trend.Volume().Rhythm {
		t.Errorf("volleys change the rhythm by %.1f, %v", change, ok)
	}
	busier := fine(false)
	for i := len(busier) - 12*12; i < len(busier); i++ {
		busier[i] = poisson(uint64(i), 40)(i)
	}
	if change, _ := trend.Rhythm(busier); change >= trend.Volume().Rhythm {
		t.Errorf("more people who talk change the rhythm by %.1f", change)
	}
	if _, ok := trend.Rhythm(nil); ok {
		t.Error("a rhythm of nothing")
	}
}

func ExampleLearn() {
	past := trend.Hourly{To: time.Date(2026, 6, 29, 0, 0, 0, 0, time.UTC), Counts: make([]float64, 14*24)}
	for i := range past.Counts {
		past.Counts[i] = 3
	}
	v := trend.Learn(past).Judge(trend.Hourly{To: past.To.Add(time.Hour), Counts: []float64{30}}, 1)
	fmt.Printf("observed %.0f, expected %.1f, by chance: %t\n", v.Observed, v.Expected, v.Probability > 1e-6)
	// Output: observed 30, expected 3.0, by chance: false
}
