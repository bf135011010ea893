package sentiment

import (
	"strconv"
	"unicode"
	"unicode/utf8"
)

// Factors of the rules. They are few and round on purpose: each stands for a
// judgement that a reader of the evidence can follow.
const (
	yielding    = 0.6  // what stands before 但是, or in a clause with 虽然
	insisting   = 1.3  // what stands after 但是
	reservation = 0.6  // what stands after 就是
	grave       = -2   // weight of what is no small reservation
	granted     = 0.4  // what is said twice to set it aside: 贵是贵
	grim        = -0.5 // valence of a contrast that is bad news by itself: 可惜
	unsaid      = -1.6 // what stands before 但是 when nothing after it speaks: the contrary is meant
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

	hint      bool // no rule touches it
	denied    bool // by a negator
	further   bool // by 更
	alone     bool // by one alone, so that what was learned of the denied term holds
	tag       bool // by one that asks for assent at the end of a question: 不是…吗
	emphatic  bool // by a degree adverb
	feigned   bool // may be meant as mockery
	object    bool // is for what follows, if it is praise: 喜提
	goesOn    bool // to what it is for: thanks for
	opens     bool // the first thing said in its clause
	exclaimed bool // by a degree adverb of mockery: 真
	quoted    bool // stands in quotes
	tears     bool // an emoji that cries
}

// step is a factor and what it comes from.
type step struct {
	cause
	factor float64
}

// cause is what a rule goes by: how a term stands to the finding (after 但是), or one
// of both alone.
type cause struct{ how, term string }

func (f *finding) weight() float64 { return f.value * f.factor }

func (f *finding) scale(factor float64, c cause) {
	f.factor *= factor
	f.steps = append(f.steps, step{c, factor})
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
	if f.hint {
		rule = append(rule, " hint"...)
	}
	for _, s := range f.steps {
		rule = append(rule, " × "...)
		for _, word := range [...]string{s.how, s.term} {
			if word != "" {
				rule = append(rule, word...)
				rule = append(rule, ' ')
			}
		}
		rule = strconv.AppendFloat(rule, s.factor, 'g', 3, 64)
	}
	return string(rule)
}

// reading is the state of one pass over the marks of a text. The zero reading is
// ready for use, and keeps its memory from one text to the next.
type reading struct {
	norm      string
	findings  []finding
	modifiers []mark  // negators and degree adverbs that wait for an evaluating word
	factor    float64 // of the clause
	onward    float64 // of the rest of the sentence
	mood      turn    // irrealis, wish, lack or claim when the clause speaks of what may not be so
	reason    cause   // of factor, onward and mood
	first     int     // index of the clause's first finding
	begin     int     // index of the sentence's first finding
	clauses   []int   // where each clause ended so far, as byte offset into Norm
	sentence  int
	supposed  mark // the sentence's word of kind irrealis, wish or lack; its entry is nil if there is none
	even      mark // the clause's 连; its entry is nil if there is none
	burden    mark // the clause's noun of what there should be little; its entry is nil if there is none
	turner    mark // the sentence's last contrast; its entry is nil if there is none
	compared
	asked
	mocked
}

// apply weighs the evaluating terms among the marks by what stands around them. It
// also returns where each clause but the last ends. Both results are valid until
// the next call.
func (r *reading) apply(norm string, marks []mark) (findings []finding, clauses []int) {
	*r = reading{
		norm: norm, factor: 1, onward: 1,
		findings: r.findings[:0], modifiers: r.modifiers[:0], clauses: r.clauses[:0],
	}
	past := 0
	for i, m := range marks {
		if m.start < past {
			continue
		}
		if m.pause != noPause {
			r.pauseAt(m)
			continue
		}
		last, before := m.end == len(norm), false // the clause ends here; an evaluating word follows at once
		if i+1 < len(marks) && marks[i+1].start == m.end {
			last, before = marks[i+1].pause != noPause, marks[i+1].entry != nil && marks[i+1].entry.valence != 0
		}
		supposes := r.supposed.entry != nil
		r.turn(m, before)
		r.compare(m, last)
		r.ask(m, last, before)
		if end, value := r.wait(m); value != 0 {
			m.end, past = end, end
			m.entry = &entry{valence: value}
		}
		switch e := m.entry; {
		case e.degree != 0 && e.after && r.touches(m):
			r.strengthen(m)
		case e.degree != 0 && e.degree < 1 && r.mood == wish && r.touches(m):
			r.wantMore(m)
		case e.turn == remedy && r.wishes(), e.turn == regret && supposes && e.valence >= 0:
		case e.behind && r.deny(m):
		case e.valence != 0 && (e.negates == 0 || e.behind) && !(e.degree != 0 && before):
			r.evaluate(m)
		case e.compares == beats && e.valence != 0:
			r.evaluate(m) // 不如 speaks by itself, and denies what follows: 不如 B 好
			r.modifiers = append(r.modifiers, m)
		case e.negates != 0 && r.within(m): // 没两天就坏了 denies nothing
		case e.negates != 0 || e.degree != 0 && !e.after:
			r.modifiers = append(r.modifiers, m)
		}
		r.mock(m)
	}
	r.endClause(mark{start: len(norm), pause: sentence})
	r.endSentence()
	r.dry()
	return r.findings, r.clauses
}

func (r *reading) pauseAt(m mark) {
	r.endClause(m)
	r.clauses = append(r.clauses, m.end)
	if m.pause != clause {
		r.endSentence()
	}
}

func (r *reading) endClause(pause mark) {
	r.release(len(r.modifiers))
	r.level()
	r.yield()
	r.answer(pause)
	r.closeStandards(pause)
	if r.factor == yielding && r.onward == 1 && len(r.findings) > r.first {
		r.onward = insisting
	}
	r.first = len(r.findings)
	r.factor, r.mood, r.burden = 1, "", mark{}
	r.even = mark{}
}

func (r *reading) endSentence() {
	r.imply()
	r.seeThrough()
	r.begin = len(r.findings)
	r.onward, r.reason = 1, cause{}
	r.asked, r.supposed, r.turner = asked{}, mark{}, mark{}
	r.sentence++
}

// opening is where clause c begins, by where the clauses end.
func opening(clauses []int, c int) int {
	if c == 0 {
		return 0
	}
	return clauses[c-1]
}

// opens tells whether the mark is the first thing said in its clause.
func (r *reading) opens(m mark) bool {
	start := min(opening(r.clauses, len(r.clauses)), m.start) // a term may begin in the pause
	for _, c := range r.norm[start:m.start] {
		if !unicode.IsSpace(c) {
			return false
		}
	}
	return true
}

// strengthen applies a degree adverb that follows its word.
func (r *reading) strengthen(m mark) {
	last := &r.findings[len(r.findings)-1]
	last.scale(m.entry.degree, cause{term: r.norm[m.start:m.end]})
	last.emphatic = m.entry.degree > 1
}

// touches tells whether a finding of the clause ends where the mark begins.
func (r *reading) touches(m mark) bool {
	n := len(r.findings)
	return n > r.first && r.findings[n-1].end == m.start
}

// evaluate weighs an evaluating term by the modifiers before it.
func (r *reading) evaluate(m mark) {
	if r.symbol(m.start) { // an emoticon says what it says: 没有的事[怒]
		r.release(len(r.modifiers))
	}
	reached := 0
	for reached < len(r.modifiers) && m.word-r.modifiers[reached].word > negatorScope {
		reached++
	}
	r.release(reached)
	f := r.found(m)
	f.object, f.tears = m.entry.mocks == object, m.entry.mocks == tears
	f.feigned = f.object || m.entry.mocks == feigned
	f.quoted, f.opens = r.quoted(m), r.opens(m)
	r.modify(&f, m)
	r.complete(&f)
	if m.entry.turn == move && r.burden.entry != nil {
		f.scale(-1, cause{"of", r.norm[r.burden.start:r.burden.end]})
	}
	r.hold(&f)
	r.measure(&f, m)
	r.modifiers = r.modifiers[:0]
	r.findings = append(r.findings, f)
	r.praised = r.praised || f.feigned || f.exclaimed
	r.grant(m)
}

// found is the finding of a mark, which is appended to the findings next.
func (r *reading) found(m mark) finding {
	f := finding{
		start: m.start, end: m.end, value: m.entry.valence, factor: 1,
		clause: len(r.clauses), sentence: r.sentence,
	}
	if n := len(r.findings); n < cap(r.findings) {
		f.steps = r.findings[:n+1][n].steps[:0] // the memory of an earlier text
	}
	return f
}

// hold puts the factor of the clause, or of the rest of the sentence, on a finding.
func (r *reading) hold(f *finding) {
	switch {
	case r.mood != "" && f.further:
		f.scale(hoped, r.reason)
	case r.mood == claim && f.weight() < 0:
	case r.mood != "" && f.weight() < 0:
		f.scale(feared, r.reason)
	case r.mood == claim:
		f.scale(claimed, r.reason)
	case r.mood == lack:
		f.scale(missing, r.reason)
	case r.mood == irrealis:
		f.scale(unreal, r.reason)
	case r.mood == wish:
		f.scale(wished, r.reason)
	case r.factor != 1:
		f.scale(r.factor, r.reason)
	case r.onward == reservation && f.weight() <= grave:
	case r.onward != 1:
		f.scale(r.onward, r.reason)
	}
}

// symbol tells whether what begins there is an emoji or emoticon.
func (r *reading) symbol(start int) bool {
	c, _ := utf8.DecodeRuneInString(r.norm[start:])
	return !unicode.IsLetter(c) && !unicode.IsDigit(c)
}
