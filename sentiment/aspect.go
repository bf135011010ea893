package sentiment

import (
	"cmp"
	"fmt"
	"io/fs"
	"slices"
	"sort"

	"reputed/internal/reputation"
)

// aspects is what the lexicon knows of the things that reviews speak of.
type aspects struct {
	nouns   *terms[liking]
	amounts *terms[amount]
}

// liking says what it means that there is much or little of an aspect; it is empty
// for nouns that the lexicon does not know.
type liking string

const (
	more  liking = "more"  // much of it is praise, little blame: 空间
	less  liking = "less"  // much of it is blame, little praise: 油耗
	plain liking = "plain" // as of nouns that the lexicon does not know: 按键
	none  liking = "none"  // it may be either: 机身
)

// amount is a word that says how much there is of an aspect.
type amount struct {
	valence float64 // of an aspect of which more is better
	aspect  bool    // it speaks of known aspects only
}

func newAspects() aspects {
	return aspects{nouns: newTerms[liking](), amounts: newTerms[amount]()}
}

func (a *aspects) load(files fs.FS, n *Normaliser) []error {
	return []error{
		readTable(files, "rules/aspects.tsv", n, func(term string, fields []string) error {
			switch kind := liking(fields[0]); kind {
			case more, less, plain, none:
				*a.nouns.entry(term) = kind
				return nil
			}
			return fmt.Errorf("kind %q is not one of more, less, plain, none", fields[0])
		}),
		readTable(files, "rules/amounts.tsv", n, func(term string, fields []string) (err error) {
			m := a.amounts.entry(term)
			if m.aspect = len(fields) > 1; m.aspect && fields[1] != "aspect" {
				return fmt.Errorf("%q is not aspect", fields[1])
			}
			m.valence, err = number(fields, 0, -2, 2)
			return err
		}),
	}
}

// of is the valence of an amount of an aspect; 0 if it says nothing.
func (a *amount) of(kind liking) float64 {
	switch {
	case a == nil:
		return 0
	case kind == none, (kind == plain || kind == "") && a.aspect:
		return 0
	case kind == less:
		return -a.valence
	}
	return a.valence
}

// topic is a place where a text begins to speak of something.
type topic struct {
	start, end int // byte offsets into Norm
	kind       topicKind
	liking     liking
	yardstick  bool // only what something is compared with
}

type topicKind uint8

const (
	aspect topicKind = iota // a noun of the lexicon
	other                   // another target
	target
)

// topics lists what the text speaks of, in order: the target, the others, and the
// aspects that the lexicon knows. Of aspects in a target's name, the last says what
// an amount of it means: it is the head of a Chinese compound.
func (a *aspects) topics(t reputation.Text, own, others []reputation.Span) []topic {
	named := make([]topic, 0, len(own)+len(others))
	for _, s := range others {
		named = append(named, topic{start: normalised(t, s.Start), end: normalised(t, s.End), kind: other})
	}
	for _, s := range own {
		named = append(named, topic{start: normalised(t, s.Start), end: normalised(t, s.End), kind: target})
	}
	slices.SortStableFunc(named, func(a, b topic) int { return cmp.Compare(a.start, b.start) })

	topics := make([]topic, 0, len(named)+8)
	next, past := 0, 0
	for i, w := range t.Words {
		if w.Start < past {
			continue
		}
		kind, end := a.nouns.longest(t.Norm, t.Words[i:], w.Start)
		if end == 0 {
			if kind, end = a.within(t.Norm, w); end == 0 {
				continue
			}
		}
		past = end
		for next < len(named) && named[next].end <= w.Start {
			topics = append(topics, named[next])
			next++
		}
		if next < len(named) && named[next].start < end {
			named[next].liking = *kind
		} else {
			topics = append(topics, topic{start: w.Start, end: end, liking: *kind})
		}
	}
	return append(topics, named[next:]...)
}

// within finds the aspect of two characters that a word of four begins with, as
// 价格昂贵 does: some phrases are words of the dictionary.
func (a *aspects) within(norm string, w reputation.Word) (kind *liking, end int) {
	const han = 3 // bytes of a character
	if w.End-w.Start != 4*han {
		return nil, 0
	}
	if kind = a.nouns.find(norm[w.Start : w.Start+2*han]); kind != nil {
		end = w.Start + 2*han
	}
	return kind, end
}

// normalised returns where a place of the original text is in Norm.
func normalised(t reputation.Text, raw int) int {
	return sort.Search(len(t.Norm), func(i int) bool { return int(t.Map[i]) >= raw })
}

// amountScope is the number of words between a topic and what is said of its
// amount.
const amountScope = 6

// weigh adds marks for the amounts that stand after a topic and praise or blame it
// (油耗高, 空间不大), and lets them stand for what such a word means elsewhere.
func (a *aspects) weigh(t reputation.Text, marks []mark, topics []topic) []mark {
	found, at, word := len(marks), 0, 0
	for i, o := range topics {
		for word < len(t.Words) && t.Words[word].Start < o.end {
			word++
		}
		for at < found && marks[at].end <= o.start {
			at++
		}
		if o.kind == target && at > 0 && at <= found {
			absent(t.Norm, marks[:found], at, o)
		}
		end := len(t.Norm)
		if i+1 < len(topics) {
			end = topics[i+1].start
		}
		if o.liking != none {
			marks = a.weighOne(t, marks, marks[at:found], o, word, end)
		}
	}
	if len(marks) > found {
		slices.SortStableFunc(marks, func(a, b mark) int { return cmp.Compare(a.start, b.start) })
	}
	return marks
}

// absent lets the mark before the target speak if it says that there is none (没有停车位)
// and nothing else is said of the target (没有停车位好).
func absent(norm string, marks []mark, at int, o topic) {
	const near = len("专门的") // between 没有 and the target
	m := &marks[at-1]
	for at < len(marks) && marks[at].end <= o.end { // what stands in its name
		at++
	}
	if m.pause != noPause || o.start-m.end > near || at < len(marks) && marks[at].pause == noPause && marks[at].entry.valence != 0 {
		return
	}
	switch norm[m.start:m.end] {
	case "没有", "没", "无", "缺少", "缺乏", "不带", "不支持":
		value := -1.2
		if o.liking == less {
			value = -value
		}
		m.end, m.entry = o.end, &entry{valence: value}
	}
}

// weighOne looks for the amount of one topic from a word up to an offset. Near are
// the marks from the topic on; the first may be the topic's own (性价比).
func (a *aspects) weighOne(t reputation.Text, marks, near []mark, o topic, word, end int) []mark {
	var noun *mark
	if len(near) > 0 && near[0].start >= o.start && near[0].end <= o.end && near[0].pause == noPause {
		noun = &near[0]
	}
	for i := word; i < len(t.Words) && i-word <= amountScope && t.Words[i].Start < end; i++ {
		w := t.Words[i]
		for len(near) > 0 && near[0].end <= w.Start {
			near = near[1:]
		}
		m, to := a.amounts.longest(t.Norm, t.Words[i:], w.Start)
		covered := 0 // marks that the amount stands for
		for covered < len(near) && near[covered].start >= w.Start && near[covered].end <= to {
			covered++
		}
		whole := covered == len(near) || near[covered].start >= to
		if value := m.of(o.liking); value != 0 && whole {
			for j := range near[:covered] {
				near[j].entry = &entry{}
			}
			if noun != nil {
				noun.entry = &entry{}
			}
			return append(marks, mark{start: w.Start, end: to, word: i, entry: &entry{valence: value}})
		}
		if len(near) > 0 && near[0].start < w.End && (near[0].pause != noPause || !near[0].entry.modifies()) {
			return marks
		}
	}
	return marks
}

// modifies tells whether the term does nothing but modify others.
func (e *entry) modifies() bool { return e.degree != 0 || e.negates != 0 || e.valence == 0 }
