package sentiment

// mockery is the factor on praise that is not meant.
const mockery = -0.8

// irony tells what a term has to do with it.
type irony string

const (
	sneer   irony = "sneer"   // praise beside it is not meant: 呵呵
	feigned irony = "feigned" // praise that is seldom meant beside a fault: 恭喜
	exclaim irony = "exclaim" // a degree adverb that makes it so: 真省心
)

// mocked is the state of a reading that irony needs.
type mocked struct {
	turned bool // the sentence has a turning word: what differs is set apart, not mocked
	cue    mark // of the sentence; its entry is nil if there is none

	cueClause int // number of the cue's clause
}

// plainFault is the weight of a fault that makes praise beside it a mockery.
const plainFault = -0.4

// mock takes note of a cue of irony.
func (r *reading) mock(m mark) {
	if m.entry.mocks == sneer && (!m.entry.opening || r.opens(m)) {
		r.cue, r.cueClause = m, len(r.clauses)
	}
}

// seeThrough turns praise of the sentence that is not meant: any with a sneer and
// emphasis or a fault beside it (回复真及时[微笑]), and without a sneer an exclamation
// of praise beside a fault, when no word sets one against the other (真省心，修了两个月).
func (r *reading) seeThrough() {
	fault := -1
	for i := r.begin; i < len(r.findings); i++ {
		if r.findings[i].weight() <= plainFault && !r.symbol(mark{start: r.findings[i].start}) && (fault < 0 || r.findings[i].weight() < r.findings[fault].weight()) {
			fault = i
		}
	}
	for i := r.begin; i < len(r.findings); i++ {
		f := &r.findings[i]
		apart := fault >= 0 && r.findings[fault].clause != f.clause
		switch {
		case f.weight() <= 0 || f.denied || r.symbol(mark{start: f.start}):
		case r.cue.entry != nil && (f.emphatic || f.feigned || fault >= 0) && near(f.clause, r.cueClause):
			f.scale(mockery, cause{"mocked by", r.norm[r.cue.start:r.cue.end]})
		case apart && !r.turned && (f.exclaimed || f.feigned) && r.alone(f):
			f.scale(mockery, cause{"mocked by", r.norm[r.findings[fault].start:r.findings[fault].end]})
		}
	}
	r.mocked = mocked{}
}

// near tells whether two clauses are the same or neighbours.
func near(a, b int) bool { return a-b <= 1 && b-a <= 1 }

// alone tells whether the clause of the finding says nothing else: 恭喜，….
func (r *reading) alone(f *finding) bool {
	const few = 12 // bytes: four Chinese characters
	start, end := 0, len(r.norm)
	if f.clause > 0 {
		start = r.clauses[f.clause-1]
	}
	if f.clause < len(r.clauses) {
		end = r.clauses[f.clause]
	}
	return end-start-(f.end-f.start) <= few
}
