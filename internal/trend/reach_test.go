package trend_test

import (
	"testing"
	"time"

	"reputed/internal/reputation"
	"reputed/internal/trend"
)

// A brand that was lively on some days of late is asked for more than one that was
// not, and for no more once those days are long past.
func TestLivelyDaysRaiseTheReach(t *testing.T) {
	const burst = 2 // hours of each
	talk := func(seed uint64, daysBefore ...int) *trend.Series {
		calm := poisson(seed, 20)
		var s trend.Series
		for i := range trend.Remembered {
			left := trend.Remembered - i
			n := int(calm(i))
			for _, d := range daysBefore {
				if at := 24*d + 5*d%24; left > at && left <= at+burst { // at another hour each: they are no rhythm
					n += 60
				}
			}
			if left <= burst {
				n += 35
			}
			s.Add(now.Add(-time.Duration(left-1)*time.Hour), reputation.Hour{Mentions: n, Negative: n, Stories: n})
		}
		return &s
	}
	tests := []struct {
		name   string
		before []int // days before the judged burst that had a greater one
		spike  bool
	}{
		{"no day was lively", nil, true},
		{"one lively day", []int{6}, true},
		{"four lively days", []int{2, 4, 7, 9}, false},
		{"four that are long past", []int{15, 16, 18, 20}, true},
	}
	alike := trend.Volume() // for every brand
	alike.Rise = 0
	for _, test := range tests {
		for seed := range uint64(5) {
			if j := trend.Volume().JudgeSeries(talk(seed, test.before...), now); j.Spike != test.spike {
				t.Errorf("%s: spike is %t (%s), want %t", test.name, j.Spike, j.Reason, test.spike)
			}
			if j := alike.JudgeSeries(talk(seed, test.before...), now); !j.Spike {
				t.Errorf("%s, and no rise: %s", test.name, j.Reason)
			}
		}
	}
}

func TestLivelyDays(t *testing.T) {
	h := hourly(20*24, poisson(7, 30))
	for _, daysBefore := range []int{1, 3, 3, 5} { // one day with two bursts is one day
		h.Counts[len(h.Counts)-24*daysBefore-10] = 200
	}
	h.Counts[len(h.Counts)-24*3-16] = 200
	if n := trend.LivelyDays(h, 2, 3); n != 3 {
		t.Errorf("%d lively days, want 3", n)
	}
	h.Counts[len(h.Counts)-3] = 400 // the first signs of what is judged
	if n := trend.LivelyDays(h, 2, 3); n != 3 {
		t.Errorf("%d lively days with the present burst, want 3", n)
	}
	if n := trend.LivelyDays(hourly(20, poisson(7, 30)), 2, 3); n != 0 {
		t.Errorf("%d lively days of less than one", n)
	}
}
