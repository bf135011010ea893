package sentiment

import (
	"math"
	"unicode/utf8"
)

// mockery is the factor on praise that is not meant.
const mockery = -0.8

// irony tells what a term has to do with it.
type irony string

const (
	sneer   irony = "sneer"   // praise beside it is not meant: 呵呵
	feigned irony = "feigned" // praise that is seldom meant beside a fault: 恭喜
	exclaim irony = "exclaim" // a degree adverb that makes it so: 真省心
	mishap  irony = "mishap"  // a fault for praise beside it, though it may say nothing alone: 自动回复
	mended  irony = "mended"  // thanks beside it are meant: 坏了直接换新
	twist   irony = "twist"   // what comes after lone praise with it shows that it is not meant: 才
	onto    irony = "onto"    // what English praise goes on to: thanks for
	object  irony = "object"  // as feigned, and what follows is what it is for: 喜提
	tears   irony = "tears"   // an emoji that cries for grief, or for joy where the text praises: 😭
)

// mocked is the state of a reading that irony needs.
type mocked struct {
	turned  bool // the sentence has a turning word: what differs is set apart, not mocked
	cue     mark // of the sentence; its entry is nil if there is none
	mishap  mark // of the sentence; its entry is nil if there is none
	praised bool // the sentence has a term that is feigned, or an exclamation
	twist   int  // number of the sentence's last clause with a term of kind twist
	mended  bool // the sentence has a term of kind mended

	cueClause    int // number of the cue's clause
	mishapClause int
}

// plainFault is the weight of a fault that makes praise beside it a mockery.
const plainFault = -0.4

// mock takes note of a cue of irony.
func (r *reading) mock(m mark) {
	switch {
	case m.entry.mocks == sneer && (!m.entry.opening || r.opens(m)):
		r.cue, r.cueClause = m, len(r.clauses)
	case m.entry.mocks == onto:
		if n := len(r.findings); n > r.first && r.findings[n-1].end+len(" ") == m.start {
			r.findings[n-1].goesOn = true
		}
	case m.entry.mocks == twist:
		r.twist = len(r.clauses)
	case m.entry.mocks == mended:
		r.mended = true
	case m.entry.mocks == mishap:
		r.mishap, r.mishapClause = m, len(r.clauses)
	}
}

// seeThrough turns praise of the sentence that is not meant: any with a sneer and
// emphasis or a fault beside it (回复真及时[微笑]), and without a sneer an exclamation
// of praise beside a fault, when no word sets one against the other (真省心，修了两个月).
func (r *reading) seeThrough() {
	if r.cue.entry == nil && !r.praised {
		r.mocked = mocked{}
		return
	}
	fault, faultClause, blame := -1, -1, ""
	if r.mishap.entry != nil {
		faultClause, blame = r.mishapClause, r.norm[r.mishap.start:r.mishap.end]
	}
	for i := r.begin; i < len(r.findings); i++ {
		if f := &r.findings[i]; f.weight() <= plainFault && !r.symbol(f.start) && (fault < 0 || f.weight() < r.findings[fault].weight()) {
			fault = i
		}
	}
	if fault >= 0 {
		faultClause, blame = r.findings[fault].clause, r.norm[r.findings[fault].start:r.findings[fault].end]
	}
	through := -1 // clause of which the praise was seen through
	for i := r.begin; i < len(r.findings); i++ {
		f := &r.findings[i]
		apart := faultClause >= 0 && faultClause != f.clause
		why := cause{"mocked by", blame}
		switch {
		case f.weight() <= 0 || f.denied || r.symbol(f.start):
			continue
		case r.cue.entry != nil && (f.emphatic || f.feigned || f.quoted || faultClause >= 0) && near(f.clause, r.cueClause):
			why.term = r.norm[r.cue.start:r.cue.end]
		case apart && !r.turned && !r.mended && (f.exclaimed && f.clause < faultClause || f.feigned) && r.alone(f):
		case fault > i && f.feigned && (f.opens && f.goesOn && !r.turned || f.object && !r.mended) && r.findings[fault].clause == f.clause:
		case r.twist > f.clause && !r.turned && !r.mended && (f.exclaimed || f.feigned) && r.alone(f) && r.lone(i):
			why = cause{how: "belied"}
		case f.quoted && f.exclaimed:
			why = cause{how: "in quotes"}
		case f.clause == through:
			why = cause{how: "beside mockery"}
		default:
			continue
		}
		f.scale(mockery, why)
		if f.exclaimed || f.object {
			through = f.clause
		}
	}
	r.mocked = mocked{}
}

// lone tells whether the sentence judges nothing but in the clause of one finding.
func (r *reading) lone(i int) bool {
	for j := r.begin; j < len(r.findings); j++ {
		if r.findings[j].clause != r.findings[i].clause && math.Abs(r.findings[j].weight()) > -plainFault {
			return false
		}
	}
	return true
}

// quoted tells whether a mark stands in quotes by itself: 真“专业”.
func (r *reading) quoted(m mark) bool {
	before, _ := utf8.DecodeLastRuneInString(r.norm[:m.start])
	after, _ := utf8.DecodeRuneInString(r.norm[m.end:])
	return isQuote(before) && isQuote(after)
}

func isQuote(r rune) bool {
	switch r {
	case '"', '\'', '“', '”', '‘', '’', '「', '」', '『', '』':
		return true
	}
	return false
}

// dry takes tears for tears of joy where all the rest of the text is praise.
func (r *reading) dry() {
	const joy, enough = -0.5, 1
	sum := 0.0
	for i := range r.findings {
		if f := &r.findings[i]; !f.tears {
			sum += f.weight()
			if f.weight() <= plainFault {
				return
			}
		}
	}
	for i := range r.findings {
		if f := &r.findings[i]; f.tears && f.value < 0 && sum >= enough {
			f.scale(joy, cause{how: "tears of joy"})
		}
	}
}

// near tells whether two clauses are the same or neighbours.
func near(a, b int) bool { return a-b <= 1 && b-a <= 1 }

// alone tells whether the clause of the finding says nothing else: 恭喜，….
func (r *reading) alone(f *finding) bool {
	few := 12 // bytes: four Chinese characters
	switch {
	case f.exclaimed:
		few = 24
	case r.norm[f.start] < utf8.RuneSelf:
		few = 4 // in English, what praises a thing names it: great food
	}
	end := len(r.norm)
	if f.clause < len(r.clauses) {
		end = r.clauses[f.clause]
	}
	return end-opening(r.clauses, f.clause)-(f.end-f.start) <= few
}
