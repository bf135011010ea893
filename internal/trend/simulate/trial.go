package simulate

import (
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"reputed/internal/trend"
)

// refractory is the least number of hours between two alerts about a brand.
const refractory = 24

// begin is when simulated talk begins: a Monday.
var begin = time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)

// Trial is talk without and with bursts, judged hour by hour by each rule.
type Trial struct {
	rules []Rule
	calm  [][][]float64 // by rule and brand, the values of hours without bursts
	burst [][][]float64 // by rule and burst, the values from its first hour on
}

// NewTrial lets the rules judge brands with weeks of talk without a burst, and as
// many brands as there shall be bursts with one burst of six hours each, after
// three weeks, at a random hour of the week.
func NewTrial(seed uint64, talk Talk, factor float64, brands, weeks, bursts int, rules ...Rule) Trial {
	t := Trial{rules: rules, calm: make([][][]float64, len(rules)), burst: make([][][]float64, len(rules))}
	const before, after = 21 * 24, refractory
	source := rand.NewPCG(seed, 0)
	for range brands {
		n := before + weeks*7*24
		t.judge(t.calm, talk.Hours(source, begin.Add(time.Duration(n)*time.Hour), n, Burst{}), before)
	}
	pick := rand.New(source)
	for range bursts {
		at := before + pick.IntN(7*24)
		n := at + after
		h := talk.Hours(source, begin.Add(time.Duration(n)*time.Hour), n, Burst{At: at, Hours: 6, Factor: factor})
		t.judge(t.burst, h, at)
	}
	return t
}

// judge appends the values of each rule for the hours from a first one on.
func (t Trial) judge(values [][][]float64, h trend.Hourly, first int) {
	for r, rule := range t.rules {
		var row []float64
		for end := first + 1; end <= len(h.Counts); end++ {
			part := trend.Hourly{To: h.To.Add(time.Duration(end-len(h.Counts)) * time.Hour), Counts: h.Counts[max(0, end-trend.Hours):end]}
			row = append(row, rule.Value(part))
		}
		values[r] = append(values[r], row)
	}
}

// FalseAlerts is how many alerts a rule raises in a brand-week without bursts.
func (t Trial) FalseAlerts(rule int, threshold float64) float64 {
	alerts, hours := 0, 0
	for _, row := range t.calm[rule] {
		hours += len(row)
		for i := 0; i < len(row); i++ {
			if row[i] >= threshold {
				alerts++
				i += refractory - 1
			}
		}
	}
	return float64(alerts) / float64(hours) * 7 * 24
}

// Threshold is the lowest threshold at which a rule raises at most so many false
// alerts a brand-week.
func (t Trial) Threshold(rule int, alerts float64) float64 {
	var all []float64
	for _, row := range t.calm[rule] {
		all = append(all, row...)
	}
	slices.Sort(all)
	all = slices.Compact(all)
	low, high := 0, len(all) // the threshold at high raises no alert
	for low < high {
		if mid := (low + high) / 2; t.FalseAlerts(rule, all[mid]) <= alerts {
			high = mid
		} else {
			low = mid + 1
		}
	}
	if low == len(all) {
		return math.Nextafter(all[len(all)-1], math.Inf(1))
	}
	return all[low]
}

// Detected is the share of bursts for which a rule raises an alert within a day of
// their first hour, in [0, 1], and the median of the hours until then; the alert
// at the end of the first hour is one hour late.
func (t Trial) Detected(rule int, threshold float64) (share, delay float64) {
	var delays []float64
	for _, row := range t.burst[rule] {
		if i := slices.IndexFunc(row, func(v float64) bool { return v >= threshold }); i >= 0 {
			delays = append(delays, float64(i+1))
		}
	}
	if len(delays) == 0 {
		return 0, math.NaN()
	}
	slices.Sort(delays)
	return float64(len(delays)) / float64(len(t.burst[rule])), delays[len(delays)/2]
}
