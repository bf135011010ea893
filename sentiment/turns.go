package sentiment

import (
	"math"
	"sort"
	"strings"
	"unicode/utf8"
)

// faint is the factor below which further contrasts change a finding no more, nor
// those before it: in a text without full stops, each contrast would go over all
// that stands before it.
const faint = 0.01

// weaken puts a turning word on the findings before it, back to the one with the
// given index.
func (r *reading) weaken(from int, term string) {
	for i := len(r.findings) - 1; i >= from && math.Abs(r.findings[i].factor) >= faint; i-- {
		r.findings[i].scale(yielding, cause{"before", term})
	}
}

// turn applies a turning word.
func (r *reading) turn(m mark, before bool) {
	e := m.entry
	if e.turn == "" || e.opening && (before || !r.opens(m)) {
		return
	}
	switch e.turn {
	case burden:
		r.burden = m
		return
	case move:
		return
	case remedy:
		r.want(m)
		return
	case even:
		r.even = m
		return
	case lasting:
		r.goOn(m)
		return
	}
	term := r.norm[m.start:m.end]
	r.release(len(r.modifiers))
	switch e.turn {
	case contrast:
		r.weaken(r.begin, term)
		r.onward, r.factor, r.reason = insisting, 1, cause{"after", term}
		r.turner = m
	case summary:
		r.weaken(0, term)
		r.onward, r.factor, r.reason = insisting, 1, cause{"after", term}
	case afterthought:
		r.onward, r.reason = reservation, cause{"after", term}
	case concession:
		r.factor, r.reason = yielding, cause{"with", term}
	case irrealis, wish, lack:
		r.mood, r.reason, r.supposed = e.turn, cause{"with", term}, m
	case claim:
		r.mood, r.reason = claim, cause{"with", term}
	case regret:
		r.regret(m)
		return
	case plenty:
		r.plenty(m)
		return
	}
	r.turned = true
}

// imply reads what a contrast means after which nothing speaks: the contrary of
// what stands right before it, if that is all the text says (画面老气，玩法却让我熬了
// 三个通宵). A contrast that is bad news by itself (可惜) sets aside praise only.
func (r *reading) imply() {
	if r.turner.entry == nil || r.begin > 0 || r.norm[r.turner.start] < utf8.RuneSelf {
		return
	}
	const trace, much = 0.15, 2 // less says nothing; more is meant as it is said
	clause := sort.SearchInts(r.clauses, r.turner.start+1)
	sum, own := 0.0, 0.0 // of what stands before the contrast, and of the word itself
	for i := r.begin; i < len(r.findings); i++ {
		switch f := &r.findings[i]; {
		case f.start == r.turner.start:
			own = f.weight()
		case f.clause == clause-1:
			sum += f.weight()
		case math.Abs(f.weight()) >= trace:
			return
		}
	}
	f := r.found(r.turner)
	f.value, f.clause, f.sentence = unsaid*sum-own, clause, r.sentence
	if math.Abs(sum) > much {
		return
	}
	if sum > 0 || sum < 0 && r.turner.entry.valence > grim {
		r.findings = append(r.findings, f)
	}
}

// grant sets aside what is said twice, and lets the rest of the sentence speak:
// 贵是贵了点，真好用.
func (r *reading) grant(m mark) {
	rest, ok := strings.CutPrefix(r.norm[m.end:], "是")
	if !ok {
		return
	}
	term := r.norm[m.start:m.end]
	_, size := utf8.DecodeLastRuneInString(term)
	if !strings.HasPrefix(rest, term) && !strings.HasPrefix(rest, term[len(term)-size:]) {
		return
	}
	why := cause{term: term + "是…"}
	r.findings[len(r.findings)-1].scale(granted, why)
	r.factor, r.onward, r.reason, r.turned = granted, insisting, why, true
}
