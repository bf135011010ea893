package sentiment

import "math"

// Factors and reach of negators and degree adverbs.
const (
	negatorScope = 6    // words between a negator and what it negates
	degreeScope  = 4    // words between a degree adverb and what it strengthens
	plainDenial  = -0.9 // the factor of 不
	mildDenial   = 0.6  // 不差 is fainter praise than 好 is
	doubleDenial = 0.8  // 不是不好 is a little less than 好
	deniedDegree = 0.8  // 不很好 denies less than 不好
	forbidden    = 0.6  // 别再坑人, 要是不漏水: what is to stop is going on
)

// modify puts the modifiers on a finding. One negator turns it round; two cancel
// each other.
func (r *reading) modify(f *finding, m mark) {
	negators := 0
	for _, mod := range r.modifiers {
		if mod.entry.negates != 0 {
			negators++
		}
	}
	for _, mod := range r.modifiers {
		term := r.norm[mod.start:mod.end]
		switch {
		case mod.entry.negates != 0:
			factor, alone := r.denial(mod.entry, m.entry, negators)
			f.scale(factor, cause{term: term})
			f.denied, f.alone, f.tag = true, alone, mod.entry.asks == tag
			if mod.entry.compares == beats && f.value > 0 {
				f.standard = standard{mod.end, m.start, -1} // 没有 B 好
			}
		case m.word-mod.word > degreeScope:
		case f.denied:
			f.scale(deniedDegree, cause{term: term})
		default:
			f.scale(mod.entry.degree, cause{term: term})
			f.emphatic = mod.entry.degree > 1
			f.exclaimed = f.exclaimed || mod.entry.mocks == exclaim
		}
	}
}

// denial is the factor of one of several negators on a term, and tells whether it
// stands alone and turns the term round, so that what was learned of such denials
// holds.
func (r *reading) denial(negator, e *entry, negators int) (factor float64, alone bool) {
	switch {
	case negators > 1:
		return -math.Sqrt(doubleDenial), false
	case e.valence < 0 && (negator.forbids || r.supposed.entry != nil):
		return forbidden, false
	}
	return e.afterNegator() / e.valence * (negator.negates / plainDenial), true
}

// afterNegator is the valence of a term after a plain negator.
func (e *entry) afterNegator() float64 {
	switch {
	case e.denied != 0:
		return e.denied
	case e.valence < 0:
		return e.valence * plainDenial * mildDenial
	}
	return e.valence * plainDenial
}

// release lets go of the first n modifiers. Negators among them that have found
// nothing to negate may say something by themselves: 毫无保湿效果, didn't charge.
func (r *reading) release(n int) {
	for _, mod := range r.modifiers[:n] {
		if mod.entry.negates != 0 && mod.entry.valence != 0 && mod.entry.compares != beats {
			f := r.found(mod)
			r.hold(&f)
			r.findings = append(r.findings, f)
		}
	}
	r.modifiers = append(r.modifiers[:0], r.modifiers[n:]...)
}
