package sentiment

import (
	"math"
	"strconv"
)

// Factors of the rules. They are few and round on purpose: each stands for a
// judgement that a reader of the evidence can follow.
const (
	negatorScope = 6   // words between a negator and what it negates
	degreeScope  = 4   // words between a degree adverb and what it strengthens
	mildDenial   = 0.6 // 不差 is fainter praise than 好 is
	doubleDenial = 0.8 // 不是不好 is a little less than 好
	deniedDegree = 0.8 // 不很好 denies less than 不好
	yielding     = 0.6 // what stands before 但是, or in a clause with 虽然
	insisting    = 1.3 // what stands after 但是
	reservation  = 0.6 // what stands after 就是
	unreal       = 0.4 // wishes, conditions, expectations
	asking       = 0.6 // questions
)

// finding is an evaluating term, its value, and the factors that the rules put on
// it.
type finding struct {
	start, end int // byte offsets into Norm
	value      float64
	factor     float64
	steps      []step
	clause     int // number of the clause it stands in, from 0
	sentence   int // number of the sentence
	standard   standard
}

// step is a factor and the term or rule that it comes from.
type step struct {
	cause  string
	factor float64
}

func (f *finding) weight() float64 { return f.value * f.factor }

func (f *finding) scale(factor float64, cause string) {
	f.factor *= factor
	f.steps = append(f.steps, step{cause, factor})
}

// rule puts into words how the weight came about: 好吃 +3 × 非常 1.6.
func (f *finding) rule(norm string) string {
	rule := make([]byte, 0, 64)
	rule = append(rule, norm[f.start:f.end]...)
	rule = append(rule, ' ')
	if f.value > 0 {
		rule = append(rule, '+')
	}
	rule = strconv.AppendFloat(rule, f.value, 'g', 3, 64)
	for _, s := range f.steps {
		rule = append(rule, " × "...)
		rule = append(rule, s.cause...)
		rule = append(rule, ' ')
		rule = strconv.AppendFloat(rule, s.factor, 'g', 3, 64)
	}
	return string(rule)
}

// reading is the state of one pass over the marks of a text.
type reading struct {
	norm      string
	findings  []finding
	modifiers []mark  // negators and degree adverbs that wait for an evaluating word
	factor    float64 // of the clause
	onward    float64 // of the rest of the sentence
	reason    string  // of factor and onward
	first     int     // index of the clause's first finding
	clauses   []int   // where each clause ended so far, as byte offset into Norm
	sentence  int
	compared
}

// applyRules weighs the evaluating terms among the marks by what stands around
// them. It also returns where each clause but the last ends.
func applyRules(norm string, marks []mark) (findings []finding, clauses []int) {
	r := reading{norm: norm, factor: 1, onward: 1}
	for i, m := range marks {
		if m.pause != noPause {
			r.pauseAt(m)
			continue
		}
		if m.entry.turn != "" {
			r.turn(m)
		}
		last := i+1 == len(marks) || marks[i+1].pause != noPause
		if m.entry.compares != "" {
			r.compare(m, last)
		}
		next := i+1 < len(marks) && marks[i+1].pause == noPause && marks[i+1].entry.valence != 0 && marks[i+1].start == m.end
		switch {
		case m.entry.degree != 0 && m.entry.after && len(r.findings) > r.first:
			r.strengthen(m)
		case m.entry.valence != 0 && !(m.entry.degree != 0 && next):
			r.evaluate(m)
			if m.entry.compares == beats && m.entry.negates != 0 {
				r.modifiers = append(r.modifiers, m) // 不如 B 好
			}
		case m.entry.negates != 0 || m.entry.degree != 0 && !m.entry.after:
			r.modifiers = append(r.modifiers, m)
		}
	}
	r.closeStandards(mark{start: len(norm), pause: sentence})
	return r.findings, r.clauses
}

func (r *reading) pauseAt(m mark) {
	if m.pause == question {
		for i := r.first; i < len(r.findings); i++ {
			r.findings[i].scale(asking, "question")
		}
	}
	r.modifiers = r.modifiers[:0]
	r.closeStandards(m)
	r.first = len(r.findings)
	r.clauses = append(r.clauses, m.end)
	r.factor = 1
	if m.pause != clause {
		r.onward, r.reason = 1, ""
		r.sentence++
	}
}

// faint is the factor below which further contrasts change a finding no more, nor
// those before it: in a text without full stops, each contrast would go over all
// that stands before it.
const faint = 0.01

func (r *reading) turn(m mark) {
	term := r.norm[m.start:m.end]
	switch m.entry.turn {
	case contrast:
		for i := len(r.findings) - 1; i >= 0 && r.findings[i].sentence == r.sentence && math.Abs(r.findings[i].factor) >= faint; i-- {
			r.findings[i].scale(yielding, "before "+term)
		}
		r.onward, r.factor, r.reason = insisting, 1, "after "+term
	case afterthought:
		r.onward, r.reason = reservation, "after "+term
	case concession:
		r.factor, r.reason = yielding, "with "+term
	case irrealis:
		r.factor, r.reason = unreal, "with "+term
	}
	r.modifiers = r.modifiers[:0]
}

// strengthen applies a degree adverb that follows its word.
func (r *reading) strengthen(m mark) {
	last := &r.findings[len(r.findings)-1]
	if last.end == m.start {
		last.scale(m.entry.degree, r.norm[m.start:m.end])
	}
}

// evaluate weighs an evaluating term by the modifiers before it. One negator turns
// it round; two cancel each other.
func (r *reading) evaluate(m mark) {
	f := finding{
		start: m.start, end: m.end, value: m.entry.valence, factor: 1,
		clause: len(r.clauses), sentence: r.sentence,
	}
	negators := 0
	for _, mod := range r.modifiers {
		if mod.entry.negates != 0 && m.word-mod.word <= negatorScope {
			negators++
		}
	}
	denied := false
	for _, mod := range r.modifiers {
		term, distance := r.norm[mod.start:mod.end], m.word-mod.word
		switch {
		case mod.entry.negates != 0 && distance <= negatorScope:
			f.scale(denial(mod.entry.negates, f.value, negators), term)
			denied = true
			if mod.entry.compares == beats && f.value > 0 {
				f.standard = standard{mod.end, m.start, -1} // 没有 B 好
			}
		case mod.entry.degree != 0 && distance <= degreeScope && denied:
			f.scale(deniedDegree, term)
		case mod.entry.degree != 0 && distance <= degreeScope:
			f.scale(mod.entry.degree, term)
		}
	}
	if r.factor != 1 {
		f.scale(r.factor, r.reason)
	} else if r.onward != 1 {
		f.scale(r.onward, r.reason)
	}
	r.measure(&f, m)
	r.modifiers = r.modifiers[:0]
	r.findings = append(r.findings, f)
}

// denial is the factor of one of several negators on a term of the given value.
func denial(negates, value float64, negators int) float64 {
	switch {
	case negators > 1:
		return -math.Sqrt(doubleDenial)
	case value < 0:
		return negates * mildDenial
	}
	return negates
}
