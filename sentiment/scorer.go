// Package sentiment rates what a text says: it normalises it, cuts it into
// words, finds the terms of a lexicon, weighs them by rules for negation, degree
// and contrast, and sums them. Nothing in it is hidden: each score comes with the
// terms and rules that made it, and their weights sum to the score.
package sentiment

import (
	"cmp"
	"math"
	"slices"
	"sync"

	"reputed/internal/reputation"
)

// Scorer rates texts with a lexicon. It is safe for concurrent use.
type Scorer struct {
	lexicon    *Lexicon
	brands     map[string]*Lexicon
	workspaces sync.Pool // of *workspace
}

// workspace is the memory that the rating of one text needs and the next one uses
// again.
type workspace struct {
	marks   []mark
	reading reading
	seen    seen
	found   []found
}

// NewScorer returns a scorer that uses the lexicon, and for what is said of some
// brands one of their own instead; brands may be nil.
func NewScorer(l *Lexicon, brands map[string]*Lexicon) *Scorer {
	return &Scorer{lexicon: l, brands: brands, workspaces: sync.Pool{New: func() any { return new(workspace) }}}
}

// Towards rates what the text says of what stands at its own spans, when others,
// such as another brand, are spoken of too. Spans with a Brand stand for all of it,
// its service and prices too; others for that thing alone. Without own spans, or where the first has
// no extent since all of the text is about its Brand, the text is rated as a whole. A text in which nothing speaks has the value 0 and is neutral.
func (s *Scorer) Towards(t reputation.Text, own, others []reputation.Span) reputation.Score {
	w := s.workspaces.Get().(*workspace)
	defer s.workspaces.Put(w)
	findings := s.weigh(w, t, own, others)
	score, scale := combine(findings, threshold(own))
	slices.SortStableFunc(findings, func(a, b finding) int { return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.end, b.end)) })
	score.Evidence = evidence(t, findings, scale)
	return score
}

// Rate is Towards without the evidence, which takes half of the time.
func (s *Scorer) Rate(t reputation.Text, own, others []reputation.Span) reputation.Score {
	w := s.workspaces.Get().(*workspace)
	defer s.workspaces.Put(w)
	score, _ := combine(s.weigh(w, t, own, others), threshold(own))
	return score
}

// weigh finds what speaks in the text and how much of it counts for the target. The
// findings lie in the workspace.
func (s *Scorer) weigh(w *workspace, t reputation.Text, own, others []reputation.Span) []finding {
	l := s.lexiconFor(own)
	w.marks = l.find(w.marks[:0], t)
	if len(own) == 0 || own[0].Start == own[0].End {
		w.reading.apply(t.Norm, w.marks)
		return w.reading.hint(t, l.hints, &w.seen, nil)
	}
	topics := l.aspects.topics(t, own, others)
	w.marks = l.aspects.weigh(t, w.marks, topics)
	findings, clauses := w.reading.apply(t.Norm, w.marks)
	w.reading.findings = outside(findings, topics)
	whole := own[0].Brand != ""
	l.focus(t, w.reading.findings, clauses, topics, whole)
	return w.reading.hint(t, l.hints, &w.seen, func(p pattern) (relation, bool) { return ofPattern(p, clauses, topics, whole) })
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

// threshold is the value from which a text is positive towards the own spans.
func threshold(own []reputation.Span) float64 {
	if len(own) > 0 && own[0].Brand == "" {
		return untold
	}
	return undecided
}

// combine sums the findings to a value in [-1, 1]; scale turns their weights into
// shares of it. Below the threshold the label is neutral.
func combine(findings []finding, threshold float64) (score reputation.Score, scale float64) {
	sum := 0.0
	for i := range findings {
		sum += findings[i].weight()
	}
	scale = 1 / math.Sqrt(sum*sum+saturation)
	score = reputation.Score{Value: sum * scale, Label: reputation.Neutral}
	switch {
	case score.Value >= threshold:
		score.Label = reputation.Positive
	case score.Value <= -threshold:
		score.Label = reputation.Negative
	}
	return score, scale
}

// evidence shows the findings in the original text, with their shares of the score.
func evidence(t reputation.Text, findings []finding, scale float64) []reputation.Evidence {
	if len(findings) == 0 {
		return nil
	}
	shown := make([]reputation.Evidence, len(findings))
	for i := range findings {
		f := &findings[i]
		start, end := t.Original(f.start, f.end)
		shown[i] = reputation.Evidence{
			Term: t.Raw[start:end], Weight: f.weight() * scale, Start: start, End: end, Rule: f.rule(t.Norm),
		}
	}
	return shown
}
