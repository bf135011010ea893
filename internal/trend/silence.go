package trend

import "fmt"

// Silence is a rule on a brand or a source of which nothing is heard any more.
type Silence struct {
	Probability float64 // the most that so long a silence may be probable, in (0, 1)
	Expected    float64 // the least mentions that the silence must have swallowed
	WarmUp      int     // hours with collectors at work that a judgement needs
}

// SuddenSilence warns of a silence that comes by chance once in years, after at
// least ten mentions are missing.
func SuddenSilence() Silence {
	return Silence{Probability: 1e-5, Expected: 10, WarmUp: 7 * 24}
}

// sensitive is the rule with so many times the probability.
func (s Silence) sensitive(times float64) Silence {
	s.Probability *= times
	return s
}

// Judge judges the hours since the last mention. Hours in which the collectors
// were down expect nothing, so that an outage of ours is no silence of theirs.
// Observed is the silence in hours, Expected the mentions that it should have
// brought.
func (s Silence) Judge(h Hourly) Finding {
	quiet := 0
	for i := len(h.Counts) - 1; i >= 0 && h.Counts[i] == 0; i-- {
		quiet++
	}
	f := Finding{Observed: float64(quiet), Probability: 1}
	if quiet == 0 && len(h.Counts) > 0 {
		return f.conclude("", s.Probability)
	}
	from := len(h.Counts) - quiet
	past := h.first(from)
	baseline := Learn(past)
	known := baseline.Known
	if quiet > 0 {
		v := baseline.Judge(h, quiet)
		f.Expected, f.Probability = v.Expected, v.Fewer
	}
	switch {
	case known < float64(s.WarmUp):
		return f.conclude(fmt.Sprintf("less than %d hours of history", s.WarmUp), s.Probability)
	case f.Expected < s.Expected:
		return f.conclude(fmt.Sprintf("fewer than %g mentions are missing", s.Expected), s.Probability)
	}
	return f.conclude("", s.Probability)
}

// Risk is a rule on a single mention with a risk word, such as a fire or a recall.
type Risk struct {
	Reach float64 // the least product of severity and readers that is worth a warning
}

// RiskWord warns of the gravest words from a source with a thousand readers a day, and
// of milder ones from a source with the more. A source whose readers are not known
// counts as one without: it warns of nothing by itself.
func RiskWord() Risk { return Risk{Reach: 1000} }

// Judge judges a mention by the severity of its risk word, in [0, 1], and the
// readers that its source reaches. Observed is their product; there is no history
// to compare with, so that the probability is 1.
func (r Risk) Judge(severity, readers float64) Finding {
	f := Finding{Observed: severity * readers, Expected: r.Reach, Probability: 1}
	if f.Alert = f.Observed >= r.Reach; !f.Alert {
		f.Reason = "too small a source for so mild a word"
	}
	return f
}
