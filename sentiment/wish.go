package sentiment

// Factors of what is not so: wishes, conditions, expectations.
const (
	unreal   = 0.5  // what is good in conditions and expectations
	wished   = 0.3  // what is good in wishes: it is not so yet
	feared   = 0.6  // what is bad in them: it is why they are spoken of
	missing  = -0.5 // what is good after 要是能: it is what the thing lacks
	claimed  = -0.4 // what a thing is said to be: 号称
	enduring = 1.2  // what a wish wants to last: 希望一直开下去
	hoped    = 0.1  // what would be even better: it is good enough now
	lacking  = -1.5 // a merit that a wish asks more of
	wanting  = -1   // what a wish asks to be mended is amiss, and so is what would be good
)

// wishes tells whether the sentence asks for something.
func (r *reading) wishes() bool {
	return r.supposed.entry != nil && r.supposed.entry.turn != irrealis
}

// want turns the remedy that a wish asks for into the fault that it is to mend:
// 希望改进.
func (r *reading) want(m mark) {
	if !r.wishes() {
		return
	}
	f := r.found(m)
	f.value = max(f.value, 1)
	f.scale(wanting, cause{"with", r.norm[r.supposed.start:r.supposed.end]})
	r.findings = append(r.findings, f)
}

// goOn praises what a wish wants to last: 希望一直开下去.
func (r *reading) goOn(m mark) {
	if !r.wishes() || len(r.modifiers) > 0 || len(r.findings) > r.first && r.findings[len(r.findings)-1].weight() < 0 {
		return
	}
	f := r.found(m)
	f.value = enduring
	r.findings = append(r.findings, f)
}

// wantMore turns what there is too little of into a fault: 希望便宜一点.
func (r *reading) wantMore(m mark) {
	if f := &r.findings[len(r.findings)-1]; f.weight() > 0 {
		f.scale(lacking, cause{"with", r.norm[m.start:m.end]})
	}
}

// regret turns what is good in a condition into what the thing lacks (要是耐用就好了), and
// tells of a lack where the text says nothing else: 要是座椅再宽一点就好了.
func (r *reading) regret(m mark) {
	for i := r.begin; i < len(r.findings) && r.supposed.entry != nil; i++ {
		if f := &r.findings[i]; f.weight() > 0 && f.start > r.supposed.start {
			f.scale(wanting, cause{term: r.norm[m.start:m.end]})
		}
	}
	if len(r.findings) == 0 && r.supposed.entry != nil {
		f := r.found(m)
		f.value = wanting
		r.findings = append(r.findings, f)
	}
	r.supposed = mark{}
}
