package sentiment

// mockery is the factor on praise that is not meant.
const mockery = -0.8

// irony tells what a term has to do with it.
type irony string

const (
	sneer   irony = "sneer"   // praise beside it is not meant: 呵呵
	feigned irony = "feigned" // praise that is seldom meant beside a fault: 恭喜
)

// mocked is the state of a reading that irony needs.
type mocked struct {
	turned bool // the sentence has a turning word: what differs is set apart, not mocked
	cue    mark // of the sentence; its entry is nil if there is none

	cueClause int // number of the cue's clause
}

// hardFault is the weight of a fault that makes praise beside it a mockery.
const hardFault = -1.2

// mock takes note of a cue of irony.
func (r *reading) mock(m mark) {
	if m.entry.mocks == sneer {
		r.cue, r.cueClause = m, len(r.clauses)
	}
}

// seeThrough turns praise that is not meant: emphatic praise beside a hard fault
// with nothing between them that sets one against the other (真省心，修了两个月), and
// any praise in a sentence with a cue (回复真及时[微笑]).
func (r *reading) seeThrough() {
	defer func() { r.mocked = mocked{} }()
	fault := -1
	for i := r.opening; i < len(r.findings); i++ {
		if r.findings[i].weight() <= hardFault {
			fault = i
		}
	}
	for i := r.opening; i < len(r.findings); i++ {
		f := &r.findings[i]
		switch {
		case f.weight() <= 0 || f.denied:
		case r.cue.entry != nil && (f.emphatic || f.feigned) && r.cueClause-f.clause <= 1 && f.clause-r.cueClause <= 1:
			f.scale(mockery, "mocked by "+r.norm[r.cue.start:r.cue.end])
		case fault >= 0 && !r.turned && f.clause != r.findings[fault].clause && f.feigned:
			f.scale(mockery, "mocked by "+r.norm[r.findings[fault].start:r.findings[fault].end])
		}
	}
}
