package trend

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// Finding is what a rule says of the last hours.
type Finding struct {
	Observed    float64 // what was counted or computed, in the unit of the rule
	Expected    float64 // what is usual, in the same
	Probability float64 // of as much, or for a fall as little, by chance; in (0, 1]
	Alert       bool
	Reason      string // why it is no alert, in a few English words; empty for an alert
}

// conclude fills in whether a finding is an alert: it is, unless there was an
// objection or it is too probable.
func (f Finding) conclude(objection string, most float64) Finding {
	f.Reason = objection
	if objection == "" && !(f.Probability <= most) {
		f.Reason = "as usual"
	}
	f.Alert = f.Reason == ""
	return f
}

// Part is a rule on what part of the talk is of a kind. It serves for the negative
// share (negative mentions of all), for a driver (its negative mentions of all
// negative ones), for a signal such as churn or boycott (mentions that carry it,
// of all), and for share of voice (the brand's mentions of those of the brand and
// its competitors), which may also fall.
type Part struct {
	Probability float64 // the most that such a share may be probable, in (0, 1)
	Hours       int     // that are judged together, from 1
	Minimum     int     // the least mentions of the kind that are worth a warning; for a fall, of all
	// Factor is how many times the usual share it must be, from 1, or how many times
	// less than usual the rest; for a fall, how many times less the share.
	Factor float64
	WarmUp int  // hours with collectors at work that a judgement needs
	Fall   bool // warn of a fall instead of a rise
}

// The parts that need no tuning. Whoever is swamped with talk finds small changes
// sure, but not worth a warning: hence the factors.

// NegativeShare warns of a rise of the negative part of two hours' mentions.
func NegativeShare() Part {
	return Part{Probability: 1e-4, Hours: 2, Minimum: 8, Factor: 1.5, WarmUp: 7 * 24}
}

// Driver warns when one driver, say the delivery, makes up more of a day's negative
// mentions than it usually does.
func Driver() Part {
	return Part{Probability: 1e-4, Hours: 24, Minimum: 8, Factor: 2, WarmUp: 7 * 24}
}

// Signal warns when more of a day's mentions carry a signal, such as churn, boycott
// or an expectation gap.
func Signal() Part {
	return Part{Probability: 1e-4, Hours: 24, Minimum: 4, Factor: 2, WarmUp: 7 * 24}
}

// ShareOfVoice warns when a brand's part of a day's talk about it and its
// competitors falls.
func ShareOfVoice() Part {
	return Part{Probability: 1e-4, Hours: 24, Minimum: 30, Factor: 1.5, WarmUp: 7 * 24, Fall: true}
}

// sensitive is the rule with so many times the probability.
func (p Part) sensitive(times float64) Part {
	p.Probability *= times
	return p
}

// Judge judges the parts and wholes of the last hours against those before. Both
// end at the same time and are of the same length; Observed and Expected are
// shares in [0, 1].
func (p Part) Judge(parts, wholes Hourly) Finding {
	n := min(len(parts.Counts), len(wholes.Counts))
	from := max(0, n-p.Hours)
	past := max(0, from-Signs)
	// The shares of windows are learnt, not of hours: what keeps the mentions of an
	// hour alike need not last.
	usual := LearnShare(windowSums(parts.Counts[:past], p.Hours), windowSums(wholes.Counts[:past], p.Hours))
	part, whole, covered, known := 0.0, 0.0, 0.0, 0.0
	for i := range n {
		switch c := wholes.covered(i); {
		case i >= from:
			part, whole, covered = part+parts.Counts[i], whole+wholes.Counts[i], covered+c
		case i < past:
			known += c
		}
	}
	f := Finding{Expected: usual.Mean(), Probability: 1}
	enough, changed := part >= float64(p.Minimum), false
	if whole > 0 {
		f.Observed = part / whole
	}
	if p.Fall {
		f.Probability = usual.AtMost(int(part), int(whole))
		enough, changed = whole >= float64(p.Minimum), f.Observed*p.Factor <= f.Expected
	} else {
		f.Probability = usual.tail(int(part), int(whole))
		// Of a share that is mostly all there is, the rest tells how far it rose.
		changed = f.Observed >= min(f.Expected*p.Factor, 1-(1-f.Expected)/p.Factor)
	}
	switch {
	case known < float64(p.WarmUp):
		return f.conclude(fmt.Sprintf("less than %d hours of history", p.WarmUp), p.Probability)
	case covered < leastCovered*float64(p.Hours):
		return f.conclude("no source could be read", p.Probability)
	case !enough:
		return f.conclude(fmt.Sprintf("fewer than %d mentions", p.Minimum), p.Probability)
	case !changed:
		return f.conclude("too small a change", p.Probability)
	}
	return f.conclude("", p.Probability)
}

// windowSums sums every w counts, without overlap, up to the last.
func windowSums(counts []float64, w int) []float64 {
	var sums []float64
	for end := len(counts); end >= w; end -= w {
		sum := 0.0
		for _, x := range counts[end-w : end] {
			sum += x
		}
		sums = append(sums, sum)
	}
	return sums
}

// Net is a rule on net sentiment: (positive - negative) / all mentions.
type Net struct {
	Probability float64 // the most that such a fall may be probable, in (0, 1)
	Hours       int     // that are judged together, from 1
	Minimum     int     // the least mentions that net sentiment is worth computing of
	Fall        float64 // the least fall that is worth a warning, on the scale from -1 to 1
	WarmUp      int     // hours with collectors at work that a judgement needs
}

// NetSentiment warns when net sentiment of a day falls by two tenths or more.
func NetSentiment() Net {
	return Net{Probability: 1e-4, Hours: 24, Minimum: 20, Fall: 0.2, WarmUp: 7 * 24}
}

// sensitive is the rule with so many times the probability.
func (r Net) sensitive(times float64) Net {
	r.Probability *= times
	return r
}

// Judge judges the net sentiment of the last hours against that before. The three
// end at the same time and are of the same length. The variance of a mean of n
// mentions that count +1, 0 or -1 is that of one mention over n, times how much
// more than that the earlier windows scattered.
func (r Net) Judge(positive, negative, all Hourly) Finding {
	n := min(len(positive.Counts), len(negative.Counts), len(all.Counts))
	from := max(0, n-r.Hours)
	past := max(0, from-Signs)
	up, down, of := windowSums(positive.Counts[:past], r.Hours), windowSums(negative.Counts[:past], r.Hours), windowSums(all.Counts[:past], r.Hours)
	var ups, downs, total float64
	for i := range of {
		ups, downs, total = ups+up[i], downs+down[i], total+of[i]
	}
	mean := (ups - downs) / max(total, 1)
	one := max((ups+downs)/max(total, 1)-mean*mean, 0.05) // of one mention
	scatter, windows := 2.0, 2.0                          // of nothing known, twice chance
	for i, k := range of {
		if k > 0 {
			d := (up[i]-down[i])/k - mean
			scatter += min(d*d*k/one, 16)
			windows++
		}
	}
	var now, count, covered, known float64
	for i := range n {
		switch c := all.covered(i); {
		case i >= from:
			now, count, covered = now+positive.Counts[i]-negative.Counts[i], count+all.Counts[i], covered+c
		case i < past:
			known += c
		}
	}
	f := Finding{Expected: mean, Probability: 1}
	if count > 0 {
		f.Observed = now / count
		deviation := math.Sqrt(one / count * max(scatter/windows, 1))
		t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: windows}
		f.Probability = t.CDF((f.Observed - mean) / deviation)
	}
	switch {
	case known < float64(r.WarmUp):
		return f.conclude(fmt.Sprintf("less than %d hours of history", r.WarmUp), r.Probability)
	case covered < leastCovered*float64(r.Hours):
		return f.conclude("no source could be read", r.Probability)
	case count < float64(r.Minimum):
		return f.conclude(fmt.Sprintf("fewer than %d mentions", r.Minimum), r.Probability)
	case mean-f.Observed < r.Fall:
		return f.conclude("too small a change", r.Probability)
	}
	return f.conclude("", r.Probability)
}
