// Package sentiment rates what a text says: it normalises it, cuts it into
// words, finds the terms of a lexicon, weighs them by rules for negation, degree
// and contrast, and sums them. Nothing in it is hidden: each score comes with the
// terms and rules that made it, and their weights sum to the score.
package sentiment

import (
	"math"

	"reputed/internal/reputation"
)

// Scorer rates texts with a lexicon. It is safe for concurrent use.
type Scorer struct {
	lexicon *Lexicon
	brands  map[string]*Lexicon
}

// NewScorer returns a scorer that uses the lexicon, and for what is said of some
// brands one of their own instead; brands may be nil.
func NewScorer(l *Lexicon, brands map[string]*Lexicon) *Scorer {
	return &Scorer{lexicon: l, brands: brands}
}

// Towards rates what the text says of what stands at its own spans, when others,
// such as another brand, are spoken of too. Spans with a Brand stand for all of it,
// its service and prices too; others for that thing alone. Without own spans the text
// is rated as a whole. A text in which nothing speaks has the value 0 and is neutral.
func (s *Scorer) Towards(t reputation.Text, own, others []reputation.Span) reputation.Score {
	l := s.lexiconFor(own)
	marks := l.find(nil, t)
	if len(own) == 0 {
		findings, _ := applyRules(t.Norm, marks)
		return combine(t, findings, undecided)
	}
	topics := l.aspects.topics(t, own, others)
	findings, clauses := applyRules(t.Norm, l.aspects.weigh(t, marks, topics))
	findings = outside(findings, topics)
	if own[0].Brand != "" {
		l.focus(t, findings, clauses, topics, true)
		return combine(t, findings, undecided)
	}
	l.focus(t, findings, clauses, topics, false)
	return combine(t, findings, untold)
}

// lexiconFor returns the lexicon of the brand that stands at the spans.
func (s *Scorer) lexiconFor(own []reputation.Span) *Lexicon {
	if len(own) > 0 {
		if l := s.brands[own[0].Brand]; l != nil {
			return l
		}
	}
	return s.lexicon
}

const (
	// saturation is the sum of squared valence at which a score reaches 0.71, as
	// in VADER's normalisation x/√(x²+15) (Hutto and Gilbert, 2014).
	saturation = 15
	// undecided is the value below which a text is neutral.
	undecided = 0.1
	// untold is the same towards a part of what the text speaks of: one clause may be
	// all that is said of it.
	untold = 0.015
)

// combine sums the findings to a value in [-1, 1] and turns their weights into
// shares of it. Below the threshold the label is neutral.
func combine(t reputation.Text, findings []finding, threshold float64) reputation.Score {
	sum := 0.0
	for i := range findings {
		sum += findings[i].weight()
	}
	scale := 1 / math.Sqrt(sum*sum+saturation)
	score := reputation.Score{Value: sum * scale, Label: reputation.Neutral}
	switch {
	case score.Value >= threshold:
		score.Label = reputation.Positive
	case score.Value <= -threshold:
		score.Label = reputation.Negative
	}
	if len(findings) > 0 {
		score.Evidence = make([]reputation.Evidence, 0, len(findings))
	}
	for i := range findings {
		f := &findings[i]
		start, end := t.Original(f.start, f.end)
		score.Evidence = append(score.Evidence, reputation.Evidence{
			Term: t.Raw[start:end], Weight: f.weight() * scale, Start: start, End: end, Rule: f.rule(t.Norm),
		})
	}
	return score
}
