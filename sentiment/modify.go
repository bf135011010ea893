package sentiment

import (
	"math"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Factors and reach of negators and degree adverbs.
const (
	negatorScope = 6    // words between a negator and what it negates
	degreeScope  = 4    // words between a degree adverb and what it strengthens
	plainDenial  = -0.9 // the factor of 不
	mildDenial   = 0.6  // 不差 is fainter praise than 好 is
	doubleDenial = 0.8  // 不是不好 is a little less than 好
	deniedDegree = 0.8  // 不很好 denies less than 不好
	failed       = -0.8 // what cannot be done: 关不严, 搜不到
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
			f.denied, f.alone, f.tag = true, alone, mod.entry.asks == tag && (!mod.entry.opening || r.opens(mod))
			if mod.entry.compares == beats && f.value > 0 {
				f.standard = standard{mod.end, m.start, -1} // 没有 B 好
			}
		case r.further(term) && r.unrivalled(mod, negators):
			f.scale(mod.entry.degree/plainDenial, cause{term: term})
		case m.word-mod.word > degreeScope:
		case f.denied:
			f.scale(deniedDegree, cause{term: term})
		default:
			f.scale(mod.entry.degree, cause{term: term})
			f.emphatic, f.further = mod.entry.degree > 1, f.further || r.further(term)
			f.exclaimed = f.exclaimed || mod.entry.mocks == exclaim
		}
	}
}

// further tells whether the term says that something goes beyond another thing.
func (r *reading) further(term string) bool {
	switch term {
	case "更", "更加", "更为", "还":
		return true
	}
	return false
}

// unrivalled tells whether the negator before a comparison denies that there is
// anything like its subject: 没有哪家比这家更好.
func (r *reading) unrivalled(mod mark, negators int) bool {
	s := r.compared.standard
	return negators == 1 && r.modifiers[0].entry.negates != 0 && s.end == open && r.modifiers[0].end <= s.start && s.start <= mod.start
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

// plenty takes back what cannot be done enough: can't thank them enough.
func (r *reading) plenty(m mark) {
	for i := r.first; i < len(r.findings); i++ {
		f := &r.findings[i]
		if len(f.steps) > 0 && f.denied && f.value > 0 && strings.HasPrefix(f.steps[0].term, "c") {
			f.scale(1/plainDenial, cause{term: r.norm[m.start:m.end]})
		}
	}
}

// fails tells whether the negator stands between a verb and what does not come of
// it: 关不严.
func (r *reading) fails(m mark) bool {
	if r.norm[m.start:m.end] != "不" {
		return false
	}
	verb, _ := utf8.DecodeLastRuneInString(r.norm[:m.start])
	if !unicode.Is(unicode.Han, verb) || strings.ContainsRune("都也就还又才可是再从并决绝的了很好要会能说对少差错离忍想", verb) {
		return false
	}
	for _, outcome := range []string{"了", "上", "到", "严", "牢", "住", "紧", "开", "动", "进", "出", "掉", "起来", "下去", "干净", "清", "全", "稳", "准", "平", "齐", "亮", "熟", "透", "匀"} {
		if strings.HasPrefix(r.norm[m.end:], outcome) {
			return true
		}
	}
	return false
}

// release lets go of the first n modifiers. Negators among them that have found
// nothing to negate may say something by themselves: 毫无保湿效果, didn't charge.
func (r *reading) release(n int) {
	for _, mod := range r.modifiers[:n] {
		if r.fails(mod) {
			mod.entry = &entry{valence: failed}
			f := r.found(mod)
			r.hold(&f)
			r.findings = append(r.findings, f)
			continue
		}
		if mod.entry.negates != 0 && mod.entry.valence != 0 && mod.entry.compares != beats {
			f := r.found(mod)
			r.hold(&f)
			r.findings = append(r.findings, f)
		}
	}
	r.modifiers = append(r.modifiers[:0], r.modifiers[n:]...)
}
