package sentiment

import (
	"math"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Factors of questions.
const (
	wondering = 0.25 // a question that wants an answer says little of its subject
	grumbling = 0.5  // unless it finds fault: 怎么这么慢
	asking    = 0.6  // one that only a question mark shows: often an exclamation
	informing = 0.1  // a notice says little of its subject
	reserved  = 0.15 // what stands before 暂不评价
)

// inquiry tells what a term does in a question.
type inquiry string

const (
	request    inquiry = "request"    // the sentence asks somebody for an answer: 请问
	wanted     inquiry = "wanted"     // the clause asks if a question mark ends it: 什么
	sought     inquiry = "sought"     // as wanted, and finds no fault: 哪里
	particle   inquiry = "particle"   // the clause asks if it ends in the term: 吗
	rhetorical inquiry = "rhetorical" // the clause claims the contrary of what it asks: 谁会喜欢
	tag        inquiry = "tag"        // a negator that denies nothing before 吗: 不是挺好吗
	notice     inquiry = "notice"     // the clause tells a procedure or a date: 如需退货
	abstention inquiry = "abstention" // nothing before it is a verdict yet: 没收到货，暂不评价
)

// asked is the state of a reading that questions need.
type asked struct {
	wants   bool // the clause has a word of kind wanted or sought
	seeks   bool // of kind sought
	ends    bool // the clause ends in a particle
	request mark // of the sentence; its entry is nil if there is none
	notice  mark // of the clause; its entry is nil if there is none
	claims  mark // the clause's rhetorical word; its entry is nil if there is none
}

// ask takes note of a word of questions. A clause ends after the mark if last; an
// evaluating word follows at once if before.
func (r *reading) ask(m mark, last, before bool) {
	if m.entry.opening && !r.opens(m) {
		return
	}
	switch m.entry.asks {
	case request:
		r.request = m
	case wanted:
		r.wants = r.wants || !before // 什么垃圾 asks nothing
	case sought:
		r.wants, r.seeks = true, true
	case particle:
		r.ends = last
	case rhetorical:
		r.claims = m
	case notice:
		r.notice = m
	case abstention:
		for i := len(r.findings) - 1; i >= 0 && math.Abs(r.findings[i].factor) >= faint; i-- {
			r.findings[i].scale(reserved, cause{"before", r.norm[m.start:m.end]})
		}
	}
}

// answer applies the question that ends at the pause, if one does, to the
// findings of its clause.
func (r *reading) answer(pause mark) {
	factor, why := 1.0, cause{how: "question"}
	switch {
	case r.claims.entry != nil:
		r.contradict()
	case r.request.entry != nil:
		factor, why = wondering, cause{"with", r.norm[r.request.start:r.request.end]}
	case r.notice.entry != nil:
		factor, why = informing, cause{"with", r.norm[r.notice.start:r.notice.end]}
	case pause.pause == question && (r.seeks || r.chooses(pause)):
		factor, r.seeks = wondering, true
	case r.ends, r.wants && pause.pause == question:
		factor = wondering
	case pause.pause == question:
		factor = asking
	}
	for i := r.first; i < len(r.findings); i++ {
		f := &r.findings[i]
		switch {
		case f.tag && (r.ends || pause.pause == question):
			f.scale(-1, cause{term: "…吗"})
		case r.symbol(f.start):
		case factor == wondering && f.weight() < 0 && r.request.entry == nil && r.notice.entry == nil && !r.seeks:
			f.scale(grumbling, why)
		case factor != 1:
			f.scale(factor, why)
		}
	}
	r.seeks = false
	r.wants, r.ends, r.claims, r.notice = false, false, mark{}, mark{}
}

// chooses tells whether the clause asks by naming a thing and its contrary: 吵不吵.
func (r *reading) chooses(pause mark) bool {
	start := opening(r.clauses, len(r.clauses))
	if start >= pause.start {
		return false
	}
	text := r.norm[start:pause.start]
	for at, c := range text {
		if c != '不' {
			continue
		}
		x, _ := utf8.DecodeLastRuneInString(text[:at])
		y, _ := utf8.DecodeRuneInString(text[at+len("不"):])
		if x == y && !strings.ContainsRune("动一不时", x) && unicode.Is(unicode.Han, x) {
			return true
		}
	}
	return false
}

// contradict applies a rhetorical question: nobody would (谁会喜欢), everybody does
// (谁能不爱). Blame stays blame: 谁会买这种垃圾.
func (r *reading) contradict() {
	for i := r.first; i < len(r.findings); i++ {
		f := &r.findings[i]
		if f.start >= r.claims.end && (f.value > 0 || f.denied) {
			f.scale(-1, cause{term: r.norm[r.claims.start:r.claims.end]})
		}
	}
}
