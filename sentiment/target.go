package sentiment

import (
	"slices"
	"sort"
	"strings"
	"unicode/utf8"

	"reputed/internal/reputation"
)

// outside drops the findings that lie in the name of a target: 好利来 is no praise.
func outside(findings []finding, topics []topic) []finding {
	next := 0
	return slices.DeleteFunc(findings, func(f finding) bool {
		for next < len(topics) && (topics[next].kind == aspect || topics[next].end < f.end) {
			next++
		}
		return next < len(topics) && topics[next].start <= f.start
	})
}

// relation is how a finding stands to the nearest place of its target, in the
// order of how surely it speaks of the target.
type relation uint8

const (
	elsewhere relation = iota // it speaks of another thing
	distant                   // nothing says what it speaks of
	before                    // in front of the target, which more is said of, or in the clause before
	onward                    // in a clause that goes on without a topic of its own
	next                      // the same, where the target's own clause says nothing
	direct                    // of the target
)

// remainder is what remains of a finding's weight, and the words for it.
func (r relation) remainder() (factor float64, cause string) {
	switch r {
	case elsewhere:
		return 0.01, "about something else"
	case distant:
		return 0.15, "distance"
	case before:
		return 0.3, "before it"
	case onward:
		return 0.4, "further on"
	case next:
		return 0.8, "further on"
	}
	return 1, ""
}

// focus weakens the findings that speak of something else than the target, and
// turns round those that measure something against it. The target is whole if it
// is a brand, so that aspects are aspects of it.
func (l *Lexicon) focus(t reputation.Text, findings []finding, clauses []int, topics []topic, whole bool) {
	a := attention{l, t, findings, clauses, topics, make([]relation, len(findings)), whole}
	a.compare()
	for i, o := range topics {
		if o.kind == target && !o.yardstick {
			a.attend(i)
		}
	}
	a.rest()
	for i, r := range a.relations {
		if factor, how := r.remainder(); factor < 1 {
			findings[i].scale(factor, cause{how: how})
		}
	}
}

// longestList bounds what is read of an enumeration.
const longestList = 16

// attention tells which findings speak of a target.
type attention struct {
	lexicon   *Lexicon
	text      reputation.Text
	findings  []finding
	clauses   []int // where they end
	topics    []topic
	relations []relation // of the findings
	whole     bool
}

// compare takes out the topics that something is only compared with. Where that is
// the target, the comparison speaks of it the other way round.
func (a *attention) compare() {
	for i := range a.findings {
		f := &a.findings[i]
		if f.standard.start == f.standard.end || i > 0 && a.findings[i-1].start >= f.standard.start && a.findings[i-1].end <= f.standard.end {
			continue // none, or one that an earlier finding closed
		}
		j := sort.Search(len(a.topics), func(j int) bool { return a.topics[j].start >= f.standard.start })
		turned := false
		for n := 0; n < longestList && j < len(a.topics) && a.topics[j].end <= f.standard.end; j, n = j+1, n+1 {
			if a.topics[j].kind == target && !turned {
				f.scale(f.standard.factor, cause{how: "compared with it"})
				a.relations[i], turned = direct, true
			}
			a.topics[j].yardstick = true
		}
	}
}

// attend relates the findings around the target at topics[at] to it.
func (a *attention) attend(at int) {
	own := a.clauseOf(a.topics[at].start)
	last := own // of its clauses: those of an enumeration are one
	for last-own < longestList && a.enumerated(last) {
		last++
	}
	first := sort.Search(len(a.findings), func(i int) bool { return a.findings[i].end > a.topics[at].start })
	i, said, cut := a.after(at, first, last)
	said = a.before(at, first, own, said)
	if !cut {
		said = a.goOn(at, i, last, said)
	}
	if !said {
		a.previous(at, first, own)
	}
}

// after takes what is said of the target in its own clauses. It returns the finding
// after that, and whether another topic begins before it.
func (a *attention) after(at, first, last int) (i int, said, cut bool) {
	topic := at + 1
	for i = first; i < len(a.findings) && a.findings[i].clause <= last; i++ {
		for ; topic < len(a.topics) && a.topics[topic].start <= a.findings[i].start; topic++ {
			switch o := a.topics[topic]; {
			case o.kind == target: // what follows is for that place of it to take
				return i, true, true
			case said && a.cuts(o):
				return i, true, true
			}
		}
		a.relate(i, direct)
		said = true
	}
	return i, said, false
}

// before takes what stands in the target's clause in front of it and belongs to no
// other topic there (好吃的红烧肉, 推荐红烧肉), and tells whether anything was said now.
func (a *attention) before(at, first, own int, said bool) bool {
	for i := at - 1; i >= 0 && a.topics[i].start >= opening(a.clauses, own); i-- {
		if a.cuts(a.topics[i]) || a.topics[i].kind == target {
			return said
		}
	}
	as := direct
	if said {
		as = before
	}
	for i := first - 1; i >= 0 && a.findings[i].clause == own; i-- {
		a.relate(i, as)
		said = true
	}
	return said
}

// goOn takes what the clauses say that follow without a topic of their own, and
// tells whether anything was said now.
func (a *attention) goOn(at, i, last int, said bool) bool {
	sentence := -1
	if said && i > 0 {
		sentence = a.findings[i-1].sentence
	}
	for topic := at + 1; i < len(a.findings); i++ {
		f := &a.findings[i]
		for ; topic < len(a.topics) && a.topics[topic].start <= f.start; topic++ {
			o := a.topics[topic]
			if o.kind == target || a.cuts(o) && (said || a.clauseOf(o.start) > last) {
				return said
			}
		}
		switch {
		case topic < len(a.topics) && a.cuts(a.topics[topic]) && a.attributive(f, a.topics[topic]):
			return said
		case !said:
			a.relate(i, next)
			said, last, sentence = true, f.clause, f.sentence
		case f.sentence == sentence && (f.clause == last || a.bare(f)):
			a.relate(i, onward)
			last = f.clause // which is found bare once, not for each of its findings
		default:
			return said
		}
	}
	return said
}

// attributive tells whether a finding is said of a topic that follows it:
// 不满意的是内饰, 难吃的凉粉.
func (a *attention) attributive(f *finding, o topic) bool {
	const longest = len("的就是")
	if o.start-f.end > longest || o.start < f.end {
		return false
	}
	between := a.text.Norm[f.end:o.start]
	return strings.HasPrefix(between, "的") || strings.HasSuffix(between, "是")
}

// previous takes what the clause before the target's says, if it speaks of nothing
// else.
func (a *attention) previous(at, first, own int) {
	if own == 0 {
		return
	}
	for i := at - 1; i >= 0 && a.topics[i].start >= opening(a.clauses, own-1); i-- {
		if a.cuts(a.topics[i]) || a.topics[i].kind == target {
			return
		}
	}
	for i := first - 1; i >= 0 && a.findings[i].clause >= own-1; i-- {
		a.relate(i, before)
	}
}

// rest decides on the findings that nothing relates to the target so far. Those
// that stand after another target speak of that; of the rest, all speak of a target
// that is whole, and of any if nothing else does.
func (a *attention) rest() {
	as, after := distant, distant
	if a.whole {
		as, after = before, onward
	} else if slices.ContainsFunc(a.relations, func(r relation) bool { return r >= onward }) {
		return
	}
	theirs := false
	topic := 0
	for i := range a.findings {
		f := &a.findings[i]
		for ; topic < len(a.topics) && a.topics[topic].start <= f.start; topic++ {
			switch o := a.topics[topic]; {
			case o.yardstick:
			case o.kind == target:
				theirs, as = false, after
			case o.kind == other:
				theirs = true
			}
		}
		upcoming := topic < len(a.topics) && a.topics[topic].kind == other && a.clauseOf(a.topics[topic].start) == f.clause
		if !theirs && !upcoming {
			a.relate(i, as)
		}
	}
}

func (a *attention) relate(i int, r relation) { a.relations[i] = max(a.relations[i], r) }

// cuts tells whether what follows the topic is no longer said of the target.
func (a *attention) cuts(o topic) bool {
	return !o.yardstick && (o.kind == other || o.kind == aspect && !a.whole)
}

func (a *attention) clauseOf(at int) int { return sort.SearchInts(a.clauses, at+1) }

// enumerated tells whether clause c ends in 、.
func (a *attention) enumerated(c int) bool {
	return c < len(a.clauses) && strings.HasSuffix(a.text.Norm[:a.clauses[c]], "、")
}

// bare tells whether no noun stands in the finding's clause before it, as far as
// the lexicon can tell: whether all long words there are its own.
func (a *attention) bare(f *finding) bool {
	start := opening(a.clauses, f.clause)
	i := sort.Search(len(a.text.Words), func(i int) bool { return a.text.Words[i].Start >= start })
	for ; i < len(a.text.Words) && a.text.Words[i].End <= f.start; i++ {
		word := a.text.Norm[a.text.Words[i].Start:a.text.Words[i].End]
		if utf8.RuneCountInString(word) > 1 && a.lexicon.words.find(word) == nil {
			return a.whole
		}
	}
	return true
}

// ofPattern is how a hint stands to the target. Its neighbours tell nothing of that:
// it speaks of what its clause names, and where that is nothing, of a target that is
// whole. In the name of a target it says nothing.
func ofPattern(p pattern, clauses []int, topics []topic, whole bool) (said relation, ok bool) {
	said = distant
	if whole {
		said = onward
	}
	for _, o := range topics {
		switch in := sort.SearchInts(clauses, o.start+1); {
		case o.kind != aspect && o.start < p.end && p.start < o.end:
			return said, false
		case in != p.clause || o.yardstick || said == direct:
		case o.kind == target:
			said = direct
		case o.kind == other || !whole:
			said = elsewhere
		}
	}
	return said, true
}
