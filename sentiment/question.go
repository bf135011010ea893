package sentiment

// Factors of questions.
const (
	wondering = 0.25 // a question that wants an answer says little of its subject
	grumbling = 0.5  // unless it finds fault: 怎么这么慢
	asking    = 0.6  // one that only a question mark shows: often an exclamation
)

// inquiry tells what a term does in a question.
type inquiry string

const (
	request    inquiry = "request"    // the sentence asks somebody for an answer: 请问
	wanted     inquiry = "wanted"     // the clause asks if a question mark ends it: 什么
	particle   inquiry = "particle"   // the clause asks if it ends in the term: 吗
	rhetorical inquiry = "rhetorical" // the clause claims the contrary of what it asks: 谁会喜欢
	tag        inquiry = "tag"        // a negator that denies nothing before 吗: 不是挺好吗
)

// asked is the state of a reading that questions need.
type asked struct {
	wants   bool // the clause has a word of kind wanted
	ends    bool // the clause ends in a particle
	request mark // of the sentence; its entry is nil if there is none
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
	case particle:
		r.ends = last
	case rhetorical:
		r.claims = m
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
		case r.symbol(mark{start: f.start}):
		case factor == wondering && f.weight() < 0 && r.request.entry == nil:
			f.scale(grumbling, why)
		case factor != 1:
			f.scale(factor, why)
		}
	}
	r.wants, r.ends, r.claims = false, false, mark{}
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
