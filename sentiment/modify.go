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
	complement   = 1.3  // what has a degree: 香得掉渣
	forbidden    = 0.6  // 别再坑人, 要是不漏水: what is to stop is going on
)

// modify puts the modifiers on a finding. One negator turns it round; two cancel
// each other.
func (r *reading) modify(f *finding, m mark) {
	negators := 0
	for i, mod := range r.modifiers {
		if mod.entry.negates != 0 && !r.never(i) {
			negators++
		}
	}
	for i, mod := range r.modifiers {
		term := r.norm[mod.start:mod.end]
		switch {
		case mod.entry.negates != 0 && r.never(i):
		case mod.entry.negates != 0:
			factor, alone := r.denial(mod.entry, m.entry, negators)
			f.scale(factor, cause{term: term})
			f.denied, f.alone, f.tag = true, alone, mod.entry.asks == tag && (!mod.entry.opening || r.opens(mod))
			if mod.entry.compares == beats && f.value > 0 {
				f.standard = standard{mod.end, m.start, -1} // 没有 B 好
			}
		case mod.entry.further && r.unrivalled(mod, negators):
			f.scale(mod.entry.degree/plainDenial, cause{term: term})
		case m.word-mod.word > degreeScope:
		case f.denied:
			f.scale(deniedDegree, cause{term: term})
		default:
			f.scale(mod.entry.degree, cause{term: term})
			f.emphatic, f.further = mod.entry.degree > 1, f.further || mod.entry.further
			f.exclaimed = f.exclaimed || mod.entry.mocks == exclaim
		}
	}
}

// complete takes a finding that only says how much of the one before it there is for
// its degree: 香得掉渣, 难吃得感人.
func (r *reading) complete(f *finding) {
	const plain = 1.2 // valence of a word that judges: 处理得很差 judges what was done
	n := len(r.findings)
	if n == r.first {
		return
	}
	of := &r.findings[n-1]
	rest := r.norm[of.end:]
	switch {
	case of.denied || f.denied || math.Abs(of.value) < plain || of.value > 0 == (f.weight() > 0):
	case strings.HasPrefix(rest, "到") && !strings.HasPrefix(rest, "到了"), strings.HasPrefix(rest, "得") && !strings.HasPrefix(rest, "得到"):
		why := r.norm[of.end:f.end]
		f.scale(faint, cause{how: "degree of", term: r.norm[of.start:of.end]})
		of.scale(complement, cause{term: why})
	}
}

// deny puts a negator on the finding right before it, if that is all or a bit of
// something: 一点异味都没有, 什么毛病都没有.
func (r *reading) deny(m mark) bool {
	n := len(r.findings)
	if n == r.first {
		return false
	}
	f := &r.findings[n-1]
	if between := r.norm[f.end:m.start]; between != "" && between != "都" && between != "也" {
		return false
	}
	const reach = 12 // bytes: four Chinese characters
	if f.denied || !strings.ContainsAny(r.norm[max(f.start-reach, 0):f.start], "一半任何什啥丝") && !strings.HasPrefix(r.norm[f.start:], "一") {
		return false
	}
	factor, _ := r.denial(m.entry, &entry{valence: f.value}, 1)
	f.scale(factor/min(f.factor, 1), cause{term: r.norm[m.start:m.end]}) // 一点 weakens nothing here
	f.denied = true
	r.modifiers = r.modifiers[:0] // 都
	return true
}

// never tells whether the negator among the modifiers says only that there was
// nothing like it before: 没见过这么好的, never had such a good meal.
func (r *reading) never(i int) bool {
	for _, degree := range r.modifiers[i+1:] {
		if degree.entry.thus {
			between := r.norm[r.modifiers[i].end:degree.start]
			return strings.HasSuffix(between, "过") || len(between) > 1 && between[0] == ' ' && strings.HasSuffix(r.norm[:r.modifiers[i].end], "never")
		}
	}
	return false
}

// unrivalled tells whether the negator before a comparison denies that there is
// anything like its subject: 没有哪家比这家更好.
func (r *reading) unrivalled(mod mark, negators int) bool {
	s := r.compared.standard
	return negators == 1 && r.under.entry == nil && r.modifiers[0].entry.negates != 0 && s.end == open && r.modifiers[0].end <= s.start && s.start <= mod.start
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
	if !m.entry.outcome {
		return false
	}
	verb, _ := utf8.DecodeLastRuneInString(r.norm[:m.start])
	const others = "都也就还又才可是再从并决绝的了很好要会能说对少差错离忍想" // before which 不 belongs to what follows
	return unicode.Is(unicode.Han, verb) && !strings.ContainsRune(others, verb)
}

// release lets go of the first n modifiers. Negators among them that have found
// nothing to negate may say something by themselves: 毫无保湿效果, didn't charge.
func (r *reading) release(n int) {
	for _, mod := range r.modifiers[:n] {
		switch e := mod.entry; {
		case r.fails(mod) || r.even.entry != nil && e.negates != 0 && e.valence == 0:
			mod.entry = &entry{valence: failed}
		case e.negates == 0 || e.valence == 0 || e.compares == beats:
			continue
		}
		f := r.found(mod)
		r.hold(&f)
		r.findings = append(r.findings, f)
	}
	r.modifiers = append(r.modifiers[:0], r.modifiers[n:]...)
}
