package trend_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"reputed/internal/reputation"
	"reputed/internal/trend"
)

var now = time.Date(2026, 11, 22, 15, 40, 0, 0, time.UTC)

// calm returns hours of which every third has one negative mention of four.
func calm() []reputation.Hour {
	hours := make([]reputation.Hour, trend.Hours)
	for i := range hours {
		hours[i].Mentions = 4
		if i%3 == 0 {
			hours[i].Negative, hours[i].Stories = 1, 1
		}
	}
	return hours
}

func TestJudge(t *testing.T) {
	last := trend.Hours - 1
	tests := []struct {
		name   string
		change func(h []reputation.Hour)
		since  time.Time
		want   string // the reason why it is no spike
	}{
		{"a crisis", func(h []reputation.Hour) { h[last] = reputation.Hour{Mentions: 40, Negative: 35, Stories: 30} }, now.AddDate(0, 0, -20), ""},
		{"an hour as usual", func([]reputation.Hour) {}, now.AddDate(0, 0, -20), "fewer than 5 negative mentions"},
		{"a launch with much talk of every kind", func(h []reputation.Hour) { h[last] = reputation.Hour{Mentions: 200, Negative: 17, Stories: 17} }, now.AddDate(0, 0, -20), "the share of negative mentions is as usual"},
		{"one text in many copies", func(h []reputation.Hour) { h[last] = reputation.Hour{Mentions: 40, Negative: 38, Stories: 1} }, now.AddDate(0, 0, -20), "fewer than 3 different stories"},
		{"a brand without a week of history", func(h []reputation.Hour) { h[last] = reputation.Hour{Mentions: 40, Negative: 35, Stories: 30} }, now.AddDate(0, 0, -6), "less than 7 days of history"},
		{"a brand never heard of", func(h []reputation.Hour) { h[last] = reputation.Hour{Mentions: 40, Negative: 35, Stories: 30} }, time.Time{}, "less than 7 days of history"},
		{"first signs in the guard do not hide the spike", func(h []reputation.Hour) {
			for i := last - 2; i <= last; i++ {
				h[i] = reputation.Hour{Mentions: 40, Negative: 35, Stories: 30}
			}
		}, now.AddDate(0, 0, -20), ""},
		{"a spike of last week does not hide the next", func(h []reputation.Hour) {
			for i := 100; i < 106; i++ {
				h[i] = reputation.Hour{Mentions: 60, Negative: 50, Stories: 50}
			}
			h[last] = reputation.Hour{Mentions: 40, Negative: 35, Stories: 30}
		}, now.AddDate(0, 0, -20), ""},
		{"a brand that is only spoken ill of", func(h []reputation.Hour) {
			for i := range h {
				h[i] = reputation.Hour{Mentions: i % 2, Negative: i % 2, Stories: i % 2}
			}
			h[last] = reputation.Hour{Mentions: 30, Negative: 30, Stories: 30}
		}, now.AddDate(0, 0, -20), ""},
		{"one old post and the talk of today", func(h []reputation.Hour) {
			clear(h)
			h[100] = reputation.Hour{Mentions: 1}
			h[last-5] = reputation.Hour{Mentions: 20, Negative: 2, Stories: 2}
			h[last] = reputation.Hour{Mentions: 30, Negative: 25, Stories: 25}
		}, now.AddDate(0, 0, -20), "less than 7 days of history"},
		{"a brand that is always much talked of", func(h []reputation.Hour) {
			for i := range h {
				h[i] = reputation.Hour{Mentions: 1000, Negative: 100 + i%2*10, Stories: 100}
			}
			h[last].Negative = 120
		}, now.AddDate(0, 0, -20), "usual for this time of the week"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			hours := calm()
			test.change(hours)
			j := trend.Default().Judge(hours, test.since, now)
			if j.Reason != test.want || j.Spike != (test.want == "") {
				t.Errorf("spike %v, reason %q (%+v), want %q", j.Spike, j.Reason, j, test.want)
			}
		})
	}
}

func TestJudgementFigures(t *testing.T) {
	hours := calm()
	hours[len(hours)-1] = reputation.Hour{Mentions: 20, Negative: 10, Stories: 9}
	j := trend.Default().Judge(hours, now.AddDate(0, 0, -20), now)
	if j.Expected < 0.2 || j.Expected > 0.6 || j.Deviation != 1 || math.Abs(j.Surprise-(10-j.Expected)) > 1e-9 {
		t.Errorf("expected %g ± %g, surprise %g; want about a third, the floor of 1, and their difference", j.Expected, j.Deviation, j.Surprise)
	}
	if j.Probability <= 0 || j.Probability > 1e-5 {
		t.Errorf("probability %g, want next to nothing", j.Probability)
	}
	if math.Abs(j.Usual-1.0/12) > 0.001 || j.Share() != 0.5 || j.Calm {
		t.Errorf("usual share %g, share %g, calm %v", j.Usual, j.Share(), j.Calm)
	}
	if !j.From.Equal(now.Add(-time.Hour)) || !j.To.Equal(now) {
		t.Errorf("hour from %v to %v", j.From, j.To)
	}
}

// Hours before the first mention are unknown, not silent.
func TestShortHistoryCountsOnlyKnownHours(t *testing.T) {
	hours := make([]reputation.Hour, trend.Hours)
	for i := trend.Hours - 1 - trend.Guard - 8*24; i < len(hours); i++ {
		hours[i] = reputation.Hour{Mentions: 4, Negative: 2, Stories: 2}
	}
	since := now.Add(-(8*24 + trend.Guard + 1) * time.Hour)
	if j := trend.Default().Judge(hours, since, now); math.Abs(j.Expected-2) > 1e-9 {
		t.Errorf("expected %g, want the 2 of the eight known days", j.Expected)
	}
}

func TestNoHours(t *testing.T) {
	if j := trend.Default().Judge(nil, now, now); j.Spike || j.Reason == "" {
		t.Errorf("got %+v", j)
	}
}

func TestSeriesHours(t *testing.T) {
	var s trend.Series
	add := func(before time.Duration, negative int) {
		s.Add(now.Add(-before), reputation.Hour{Mentions: negative + 1, Negative: negative, Stories: 1})
	}
	add(3*time.Hour, 7) // at the very beginning of the three hours: not in them
	add(2*time.Hour, 1) // the end of the first
	add(90*time.Minute, 2)
	add(0, 4)
	want := []reputation.Hour{{Mentions: 2, Negative: 1, Stories: 1}, {Mentions: 3, Negative: 2, Stories: 1}, {Mentions: 5, Negative: 4, Stories: 1}}
	if got := s.Hours(now, 3); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if first, last := s.Span(); !first.Equal(now.Add(-3*time.Hour)) || !last.Equal(now) {
		t.Errorf("span %v to %v", first, last)
	}
}

func BenchmarkJudge(b *testing.B) {
	hours := calm()
	for b.Loop() {
		trend.Default().Judge(hours, now.AddDate(0, 0, -20), now)
	}
}

func ExampleDetector() {
	hours := make([]reputation.Hour, trend.Hours)
	for i := range hours {
		hours[i] = reputation.Hour{Mentions: 10, Negative: i % 3, Stories: i % 3}
	}
	hours[len(hours)-1] = reputation.Hour{Mentions: 60, Negative: 42, Stories: 40}
	j := trend.Default().Judge(hours, now.AddDate(0, 0, -21), now)
	fmt.Printf("observed %d, expected %.0f ± %.0f: spike %v\n", j.Observed, j.Expected, j.Deviation, j.Spike)
	// Output: observed 42, expected 1 ± 1: spike true
}

// The same burst is news of a brand that never had one, also in the night, when it
// brings no more than any noon, and none of a brand that has one every other day.
func TestEarlierBurstsAreAPrecedent(t *testing.T) {
	const night = 3 // the hour at whose end the burst is judged
	to := time.Date(2026, 6, 29, night, 0, 0, 0, time.UTC)
	burst := func(i int) bool { return i >= trend.Hours-2 }
	often := func(i int) bool { return burst(i) || i%40 < 2 }
	for name, test := range map[string]struct {
		burst func(int) bool
		spike bool
	}{"never before": {burst, true}, "every other day": {often, false}} {
		hours := make([]reputation.Hour, trend.Hours)
		for i := range hours {
			n := 4
			if hour := to.Add(time.Duration(i-trend.Hours) * time.Hour).Hour(); hour >= 8 && hour < 20 {
				n = 30
			}
			n += i % 3
			if test.burst(i) {
				n += 24
			}
			hours[i] = reputation.Hour{Mentions: 2 * n, Negative: n, Stories: n}
		}
		d := trend.Default()
		d.Share = 1
		if j := d.Judge(hours, to.AddDate(0, 0, -20), to); j.Spike != test.spike {
			t.Errorf("%s: %+v", name, j)
		}
		if test.spike {
			d.Precedent = 0
			if j := d.Judge(hours, to.AddDate(0, 0, -20), to); j.Spike {
				t.Errorf("asking for the reach: %+v", j)
			}
		}
	}
}

// A burst that a detector finds is found by each more sensitive one, and the default
// sensitivity changes nothing.
func TestSensitive(t *testing.T) {
	for _, d := range []trend.Detector{trend.Default(), trend.Volume()} {
		if same := d.Sensitive(d.Probability); same != d {
			t.Errorf("%+v became %+v", d, same)
		}
	}
	ladder := []float64{1e-9, 1e-6, 1e-4, 1e-3, 0.003, 0.02, 0.05}
	first := map[float64]int{} // the smallest burst that is a spike
	to := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for _, p := range ladder {
		for burst := range 400 {
			hours := make([]reputation.Hour, trend.Hours)
			for i := range hours {
				n := 10 + i*i%7
				hours[i] = reputation.Hour{Mentions: 4 * n, Negative: n, Stories: n}
			}
			last := &hours[len(hours)-1]
			last.Mentions, last.Negative, last.Stories = last.Mentions+burst, last.Negative+burst, last.Stories+burst
			if trend.Default().Sensitive(p).Judge(hours, to.AddDate(0, -1, 0), to).Spike {
				first[p] = burst
				break
			}
		}
	}
	for i, p := range ladder {
		if first[p] == 0 || i > 0 && first[p] > first[ladder[i-1]] {
			t.Errorf("smallest burst of each sensitivity: %v", first)
		}
	}
	if first[1e-9] <= first[0.003] || first[0.003] <= first[0.05] {
		t.Errorf("the sensitivity makes no difference: %v", first)
	}
}
