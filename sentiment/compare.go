package sentiment

import (
	"math"
	"unicode/utf8"
)

// standard is what a finding compares its subject with: B in A 比 B 好. The finding
// counts as it is for what stands elsewhere, and times factor for what stands there.
// The zero standard is none.
type standard struct {
	start, end int     // byte offsets into Norm
	factor     float64 // -1: what speaks for one speaks against the other; 0: nothing is said of it
}

// open is the end of a standard that goes on to the end of its clause.
const open = math.MaxInt

// compared is the state of a reading that comparisons need.
type compared struct {
	standard standard // of the findings to come
	lasting  bool     // to the end of the sentence, not of the clause: 比起 B，…
	equal    mark     // the clause's term of kind equal; its entry is nil if there is none
	with     mark     // the clause's last 和 or 被; its entry is nil if there is none
	under    mark     // the clause's term of kind under; its entry is nil if there is none
}

// compare takes note of a term of comparison. Those that evaluate by themselves
// (不如) are for measure. A clause ends after the mark if last.
func (r *reading) compare(m mark, last bool) {
	const near = 2 // words between 和 and 比 in 和 B 比
	joined := r.with.entry != nil && r.with.entry.compares == with
	switch m.entry.compares {
	case with, passive:
		r.with = m
	case than:
		if n := len(r.findings); n > r.first {
			r.findings[n-1].standard = standard{m.end, open, -1}
		}
	case under:
		if !m.entry.opening || r.opens(m) {
			r.under = m
		}
	case equal:
		r.equal = m
		r.compared.standard, r.lasting = standard{m.end, open, 0}, false
	case over:
		r.compared.standard, r.lasting = standard{m.end, open, -1}, false
		if joined && (last || m.word-r.with.word <= near) {
			r.compared.standard, r.lasting = standard{r.with.end, m.start, -1}, true
		}
	case beside:
		r.compared.standard, r.lasting = standard{m.end, open, -1}, true
		if joined {
			r.compared.standard = standard{r.with.end, m.start, -1}
		}
	}
}

// measure tells what the finding of the mark is compared with.
func (r *reading) measure(f *finding, m mark) {
	if f.standard == (standard{}) {
		f.standard = r.compared.standard
	}
	follows := standard{m.end, open, -1}
	switch kind := m.entry.compares; {
	case (kind == beats || kind == apart) && r.with.entry != nil && r.with.entry.compares == passive:
		f.scale(-1, cause{term: r.norm[r.with.start:r.with.end]})
		f.standard = standard{r.with.end, m.start, -1}
	case kind == beats || kind == matches && f.factor < 0:
		f.standard = follows
	case kind == matches:
		follows.factor = 0
		f.standard = follows
	case kind == apart && r.with.entry != nil:
		f.standard = standard{r.with.end, m.start, -1}
	case f.standard.end == open:
		f.standard.end = m.start
	}
}

// level denies the last evaluating word after 不比, and lets those before it, which
// tell of the other thing, say nothing: 不比五星级差.
func (r *reading) level() {
	if r.equal.entry == nil {
		return
	}
	last, why := true, cause{term: r.norm[r.equal.start:r.equal.end]}
	for i := len(r.findings) - 1; i >= r.first && r.findings[i].start >= r.equal.end; i-- {
		f := &r.findings[i]
		switch {
		case !last:
			f.scale(faint, why)
		case f.denied:
		case f.value < 0:
			f.scale(-mildDenial, why)
		default:
			f.scale(plainDenial, why)
		}
		last = false
	}
	r.equal = mark{}
}

// yield turns what is said of another thing against the one at hand: 别家都比这家好,
// I have had better coffee than this.
func (r *reading) yield() {
	if r.under.entry == nil {
		return
	}
	han := r.norm[r.under.start] >= utf8.RuneSelf
	for i := r.first; i < len(r.findings); i++ {
		if f := &r.findings[i]; f.start != r.under.start && f.start > r.under.start == han && !(f.value < 0 && r.claims.entry != nil) {
			f.scale(-1, cause{term: r.norm[r.under.start:r.under.end]})
		}
	}
	r.under = mark{}
}

// closeStandards lets the standards that go on to the end of the clause end at
// its pause, and forgets those that hold no further. 比 waits for its evaluating
// word across a clause without one: 比 B、C 都好.
func (r *reading) closeStandards(pause mark) {
	waits := r.compared.standard.end == open && !r.lasting && len(r.findings) == r.first && pause.pause == clause
	for i := r.first; i < len(r.findings); i++ {
		if s := &r.findings[i].standard; s.end == open {
			s.end = pause.start
		}
	}
	switch s := &r.compared.standard; {
	case pause.pause != clause || !r.lasting && !waits:
		r.compared = compared{}
	case r.lasting && s.end == open:
		s.end = pause.start
	}
	r.with = mark{}
}
