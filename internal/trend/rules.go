package trend

import (
	"maps"
	"math"
	"slices"
	"time"

	"reputed/internal/reputation"
)

// Judge judges the talk by every rule that warns without being tuned: first the
// volume of negative mentions, then their share, net sentiment, each driver, each
// signal, the share of voice, and silence. What was said live and what a replay
// looks back at come through this one function.
//
// It looks at the last Hours of the talk, and at no others.
//
// For a rule on a fall Observed is how many mentions are missing, and Expected is
// 0, so that of every rule the greater Observed is the worse. Usual is the usual
// share, or net sentiment.
func Judge(t reputation.Talk) []reputation.RuleJudgement {
	type judged = reputation.RuleJudgement
	t = t.Window(len(t.Hours), Hours)
	all := []judged{{Rule: reputation.RuleNegativeVolume, Judgement: Default().Judge(t.Hours, t.Since, t.To)}}
	if len(t.Hours) == 0 {
		return all
	}
	mentions, bad := count(t, hourMentions), count(t, hourNegative)
	all = append(all, judged{Rule: reputation.RuleNegativeShare, Judgement: NegativeShare().judgement(bad, mentions)})
	all = append(all, judged{Rule: reputation.RuleNetSentiment, Judgement: NetSentiment().judgement(listed(t, t.Positive), bad, mentions)})
	for _, name := range slices.Sorted(maps.Keys(t.Drivers)) {
		all = append(all, judged{Rule: reputation.DriverRule(name), Judgement: Driver().judgement(listed(t, t.Drivers[name]), bad)})
	}
	for _, name := range slices.Sorted(maps.Keys(t.Signals)) {
		if slices.Contains(reputation.AlarmingSignals(), name) {
			all = append(all, judged{Rule: reputation.SignalRule(name), Judgement: Signal().judgement(listed(t, t.Signals[name]), mentions)})
		}
	}
	if t.Rivals != nil {
		whole := listed(t, t.Rivals)
		for i, x := range mentions.Counts {
			whole.Counts[i] += x
		}
		all = append(all, judged{Rule: reputation.RuleShareOfVoice, Judgement: ShareOfVoice().judgement(mentions, whole)})
	}
	return append(all, judged{Rule: reputation.RuleSilence, Judgement: SuddenSilence().judgement(mentions)})
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
		h.Counts[i] = float64(n)
		if end := t.To.Add(-time.Duration(len(counts)-1-i) * time.Hour); !t.Since.IsZero() && !end.Before(t.Since) {
			h.Covered[i] = 1 - min(max(t.Hours[i].Missed, 0), 1)
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

// last sums the last n counts.
func last(h Hourly, n int) (sum float64) {
	for _, x := range h.Counts[max(0, len(h.Counts)-n):] {
		sum += x
	}
	return sum
}
