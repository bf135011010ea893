package simulate

import (
	"math"
	"math/rand/v2"
	"slices"
	"sort"
	"time"

	"reputed/internal/trend"
)

// refractory is the least number of hours between two alerts about a brand.
const refractory = 24

// begin is when simulated talk begins: a Monday.
var begin = time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)

// Trial is talk without and with bursts, judged hour by hour by each rule.
type Trial struct {
	rules  []Rule
	source rand.Source
	talk   Talk
	calm   [][][]float64 // by rule and brand, the values of hours without bursts
	burst  [][][]float64 // by rule and burst, the values from its first hour on
}

const (
	before      = 21 * 24 // hours of talk before anything is judged
	burstLength = 6       // hours
)

// NewTrial lets the rules judge brands with weeks of talk without a burst.
func NewTrial(source rand.Source, talk Talk, brands, weeks int, rules ...Rule) Trial {
	t := Trial{rules: rules, source: source, talk: talk, calm: make([][][]float64, len(rules))}
	for range brands {
		n := before + weeks*7*24
		t.judge(t.calm, talk.Hours(source, begin.Add(time.Duration(n)*time.Hour), n, Burst{}), before)
	}
	return t
}

// Burst lets the rules judge as many brands with one burst of six hours each, that
// begins at a random hour of the week, instead of those before.
func (t *Trial) Burst(factor float64, bursts int) {
	t.burst = make([][][]float64, len(t.rules))
	pick := rand.New(t.source)
	for range bursts {
		at := before + pick.IntN(7*24)
		n := at + refractory
		h := t.talk.Hours(t.source, begin.Add(time.Duration(n)*time.Hour), n, Burst{At: at, Hours: burstLength, Factor: factor})
		t.judge(t.burst, h, at)
	}
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

// Detected is the share of bursts for which a rule raises an alert within a day of
// their first hour, in [0, 1], and the median of the hours until then; the alert
// at the end of the first hour is one hour late.
func (t Trial) Detected(rule int, threshold float64) (share, delay float64) {
	delays := slices.DeleteFunc(t.delays(rule, threshold), math.IsNaN)
	if len(delays) == 0 {
		return 0, math.NaN()
	}
	slices.Sort(delays)
	return float64(len(delays)) / float64(len(t.burst[rule])), delays[len(delays)/2]
}

// delays are the hours until each burst is found, NaN where it is not within a day.
func (t Trial) delays(rule int, threshold float64) []float64 {
	delays := make([]float64, len(t.burst[rule]))
	for k, row := range t.burst[rule] {
		delays[k] = math.NaN()
		if i := slices.IndexFunc(row, func(v float64) bool { return v >= threshold }); i >= 0 {
			delays[k] = float64(i + 1)
		}
	}
	return delays
}

// DetectedAt is what Detected returns where the threshold of the rule lets it raise
// so many false alerts a brand-week.
func (t Trial) DetectedAt(rule int, alerts float64) (share, delay float64) {
	high, low, weight := t.thresholds(rule, alerts)
	share, delay = t.Detected(rule, high)
	more, sooner := t.Detected(rule, low)
	if share == 0 {
		return weight * more, sooner
	}
	return share + weight*(more-share), delay + weight*(sooner-delay)
}

// Ahead is by how much greater a share of the bursts one rule finds than another, where
// both raise the false alerts that the other raises by its own threshold, and the
// standard error of that: both judge the same bursts.
func (t Trial) Ahead(rule, other int) (difference, deviation float64) {
	threshold := t.rules[other].Threshold
	high, low, weight := t.thresholds(rule, t.FalseAlerts(other, threshold))
	few, many, theirs := t.delays(rule, high), t.delays(rule, low), t.delays(other, threshold)
	one := func(delay float64) float64 {
		if math.IsNaN(delay) {
			return 0
		}
		return 1
	}
	differences := make([]float64, len(theirs))
	for i := range theirs {
		differences[i] = one(few[i]) + weight*(one(many[i])-one(few[i])) - one(theirs[i])
	}
	difference, deviation = moments(differences)
	return difference, deviation / math.Sqrt(float64(len(differences)))
}

// thresholds are those between which a rule raises so many false alerts a brand-week,
// and with which weight the lower one is to be drawn. Counts are whole numbers, so that
// there may be no threshold that does.
func (t Trial) thresholds(rule int, alerts float64) (high, low, weight float64) {
	var all []float64
	for _, row := range t.calm[rule] {
		all = append(all, row...)
	}
	slices.Sort(all)
	all = slices.Compact(append(all, math.Inf(1)))
	i := sort.Search(len(all), func(i int) bool { return t.FalseAlerts(rule, all[i]) <= alerts })
	if i == 0 {
		return all[0], all[0], 0
	}
	few, many := t.FalseAlerts(rule, all[i]), t.FalseAlerts(rule, all[i-1])
	return math.Nextafter(all[i-1], math.Inf(1)), all[i-1], (alerts - few) / (many - few)
}
