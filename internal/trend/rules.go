package trend

import (
	"maps"
	"math"
	"slices"
	"time"

	"reputed/internal/reputation"
)

// Judge judges the talk by every rule that warns without being tuned, but for the volume
// of negative mentions, which a Detector judges: by the share of the negative ones, net
// sentiment, each driver, each signal, the share of voice, silence, and a risk word. What
// was said live and what a replay looks back at come through this one function.
//
// The probability is the detector's, in (0, 0.5). What these rules may hold for chance at
// most grows and shrinks in proportion, so that what is an alert at a lower probability
// is one at a higher; a risk word is one at any.
//
// It looks at the last Hours of the talk, and at no others.
//
// For a rule on a fall Observed is how many mentions are missing, and Expected is
// 0, so that of every rule the greater Observed is the worse. Usual is the usual
// share, or net sentiment.
func Judge(t reputation.Talk, probability float64) []reputation.RuleJudgement {
	type judged = reputation.RuleJudgement
	t = t.Window(len(t.Hours), Hours)
	if len(t.Hours) == 0 {
		return nil
	}
	times := probability / Default().Probability
	var all []judged
	mentions, bad := count(t, hourMentions), count(t, hourNegative)
	all = append(all, judged{Rule: reputation.RuleNegativeShare, Judgement: NegativeShare().sensitive(times).judgement(bad, mentions)})
	all = append(all, judged{Rule: reputation.RuleNetSentiment, Judgement: NetSentiment().sensitive(times).judgement(listed(t, t.Positive), bad, mentions)})
	for _, name := range slices.Sorted(maps.Keys(t.Drivers)) {
		all = append(all, judged{Rule: reputation.DriverRule(name), Judgement: Driver().sensitive(times).judgement(listed(t, t.Drivers[name]), bad)})
	}
	for _, name := range slices.Sorted(maps.Keys(t.Signals)) {
		if slices.Contains(reputation.AlarmingSignals(), name) {
			all = append(all, judged{Rule: reputation.SignalRule(name), Judgement: Signal().sensitive(times).judgement(listed(t, t.Signals[name]), mentions)})
		}
	}
	if t.Rivals != nil {
		whole := listed(t, t.Rivals)
		for i, x := range mentions.Counts {
			whole.Counts[i] += x
		}
		all = append(all, judged{Rule: reputation.RuleShareOfVoice, Judgement: ShareOfVoice().sensitive(times).judgement(mentions, whole)})
	}
	all = append(all, judged{Rule: reputation.RuleSilence, Judgement: SuddenSilence().sensitive(times).judgement(mentions)})
	if t.Risks != nil {
		all = append(all, judged{Rule: reputation.RuleRiskWord, Judgement: RiskWord().judgement(mentions, t.Risks[len(t.Risks)-1])})
	}
	return all
}

func hourMentions(h reputation.Hour) int { return h.Mentions }
func hourNegative(h reputation.Hour) int { return h.Negative }

// count makes one count of each hour.
func count(t reputation.Talk, of func(reputation.Hour) int) Hourly {
	h := listed(t, make([]int, len(t.Hours)))
	for i, hour := range t.Hours {
		h.Counts[i] = float64(of(hour))
	}
	return h
}

// listed makes a list of counts hourly. Hours before the first mention ever say
// nothing, so they count as not covered.
func listed(t reputation.Talk, counts []int) Hourly {
	h := Hourly{To: t.To, Counts: make([]float64, len(counts)), Covered: make([]float64, len(counts))}
	for i, n := range counts {
		if end := t.To.Add(-time.Duration(len(counts)-1-i) * time.Hour); !t.Since.IsZero() && !end.Before(t.Since) {
			h.count(i, n, t.Hours[i].Missed)
		}
	}
	return h
}

// judgement turns what a rule found in the last hours into a judgement: of so many
// mentions, observed ones where expected ones are usual.
func (f Finding) judgement(to time.Time, hours int, mentions, observed, expected, deviation float64) reputation.Judgement {
	deviation = max(deviation, leastDeviation)
	return reputation.Judgement{
		From: to.Add(-time.Duration(hours) * time.Hour), To: to,
		Observed: int(math.Round(observed)), Mentions: int(mentions), Expected: expected, Deviation: deviation,
		Surprise: (observed - expected) / deviation, Probability: max(f.Probability, leastProbability),
		Spike: f.Alert, Calm: observed <= expected+band*deviation, Reason: f.Reason,
	}
}

func (p Part) judgement(parts, wholes Hourly) reputation.Judgement {
	f := p.Judge(parts, wholes)
	part, whole := last(parts, p.Hours), last(wholes, p.Hours)
	usual := f.Expected * whole
	deviation := math.Sqrt(usual * (1 - f.Expected))
	j := f.judgement(parts.To, p.Hours, whole, part, usual, deviation)
	if p.Fall {
		j = f.judgement(parts.To, p.Hours, whole, max(usual-part, 0), 0, deviation)
	}
	j.Usual = f.Expected
	return j
}

func (r Net) judgement(positive, negative, mentions Hourly) reputation.Judgement {
	f := r.Judge(positive, negative, mentions)
	n := last(mentions, r.Hours)
	j := f.judgement(mentions.To, r.Hours, n, max((f.Expected-f.Observed)*n, 0), 0, math.Sqrt(n))
	j.Usual = f.Expected
	return j
}

func (s Silence) judgement(mentions Hourly) reputation.Judgement {
	f := s.Judge(mentions)
	return f.judgement(mentions.To, int(f.Observed), 0, f.Expected, 0, math.Sqrt(f.Expected))
}

// judgement judges the risk word of the last hour. Observed counts those readers of its
// source whom a word of its severity is worth, of which none are usual.
func (r Risk) judgement(mentions Hourly, risk reputation.Risk) reputation.Judgement {
	f := r.Judge(risk.Severity, risk.Readers)
	if risk.Severity == 0 {
		f.Reason = "no risk word from a source whose reach is known"
	}
	j := f.judgement(mentions.To, 1, last(mentions, 1), f.Observed, 0, r.Reach)
	j.Calm = !f.Alert
	return j
}

// last sums the last n counts.
func last(h Hourly, n int) (sum float64) {
	for _, x := range h.Counts[max(0, len(h.Counts)-n):] {
		sum += x
	}
	return sum
}
