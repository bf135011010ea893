package sentiment

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"reputed/internal/reputation"
)

// votes are the names of one table that a phrase speaks for. No votes at all hide
// what stands inside the phrase (爆炸 in 颜值爆炸).
type votes []vote

type vote struct {
	name   uint8 // index into the names of the table
	weight float64
	by     string // the driver or signal that implies the vote; "" of a term
}

// rule puts a vote of a table into words: driver service +2.
func (v vote) rule(in table) string {
	kind, what := [tables]string{"driver", "stage", "signal", "severity of"}[in], unclear
	if int(v.name) < len(namesOf[in]) {
		what = namesOf[in][v.name]
	}
	rule := fmt.Sprintf("%s %s %+.3g", kind, what, v.weight)
	if v.by != "" {
		rule += " by " + v.by
	}
	return rule
}

// table is one of the tables of phrases. They do not hide each other's phrases.
type table uint8

const (
	drivers table = iota
	stages
	signalTable
	risks
	tables // their number
)

// phrases finds the phrases of all tables in one pass over a text.
type phrases struct {
	terms        *terms[piece]
	pairs        map[[2]uint32]*[tables]votes // by the numbers of head and tail
	heads, tails uint32                       // how many there are
}

// piece is what stands in the tables of one piece of text. A phrase with a gap
// (说好…却) is two pieces, its head and its tail.
type piece struct {
	known      [tables]bool
	votes      [tables]votes
	head, tail uint32 // its number as either; 0 if it is none
}

// found is a phrase, or a word that leans, at its place.
type found struct {
	votes      votes
	start, end int // byte offsets into Norm
	tail       int // where the second piece of a phrase with a gap begins; 0 if there is none
	word       int // index of the word that it begins in
	table      table
	leaning    bool // of a single word
	sentence   int  // number of the word's sentence
}

func newPhrases() phrases {
	return phrases{terms: newTerms[piece](), pairs: map[[2]uint32]*[tables]votes{}}
}

// gapMark is what the normal form makes of … .
const gapMark = "..."

// add notes that a phrase in normal form casts a vote; one of weight 0 makes it
// hide what stands inside it.
func (p *phrases) add(in table, text string, v vote) error {
	head, tail, gapped := strings.Cut(text, gapMark)
	head, tail = strings.TrimSpace(head), strings.TrimSpace(tail)
	switch {
	case head == "" || gapped && tail == "" || strings.Contains(tail, gapMark):
		return fmt.Errorf("want a term, or two with one %s between them", gapMark)
	case gapped && v.weight == 0:
		return fmt.Errorf("a term with %s can hide nothing", gapMark)
	case gapped:
		said := new([tables]votes)
		said[in] = votes{v}
		for h := range strings.SplitSeq(head, "|") {
			for t := range strings.SplitSeq(tail, "|") {
				if h == "" || t == "" {
					return errors.New("nothing stands at one side of a |")
				}
				p.pair(h, t, in, said)
			}
		}
		return nil
	}
	entry := p.terms.entry(head)
	if slices.ContainsFunc(entry.votes[in], func(known vote) bool { return known.name == v.name }) {
		return errors.New("stands there twice")
	}
	entry.known[in] = true
	if v.weight != 0 {
		entry.votes[in] = append(entry.votes[in], v)
	}
	return nil
}

// pair notes what a head and a tail say together in one table. The many pairs of one
// line share what they say.
func (p *phrases) pair(head, tail string, in table, said *[tables]votes) {
	number := func(known, count *uint32) uint32 {
		if *known == 0 {
			*count++
			*known = *count
		}
		return *known
	}
	key := [2]uint32{
		number(&p.terms.entry(head).head, &p.heads),
		number(&p.terms.entry(tail).tail, &p.tails),
	}
	if known := p.pairs[key]; known != nil {
		both := *known
		both[in] = said[in]
		said = &both
	}
	p.pairs[key] = said
}

const (
	// widestGap is how many bytes of one sentence may stand between a head and its
	// tail: sixteen Han characters, or some eight English words.
	widestGap = 48
	// openHeads is how many heads wait for their tails at a time; the last ones do.
	openHeads = 8
)

// head is one that waits for its tail.
type head struct {
	number           uint32
	start, end, word int
}

// find appends the phrases of a text to list, for each table the longest at a place
// and none inside another. A phrase begins and ends where words do; one of three
// Han characters or more may stand anywhere, since no chance makes it up.
func (p *phrases) find(t reputation.Text, list []found) []found {
	var (
		past [tables]int
		open [openHeads]head
		next int // number of heads so far in this sentence
		word int
	)
	for at := 0; at < len(t.Norm); {
		for t.Words[word].End <= at {
			word++
		}
		first, size := utf8.DecodeRuneInString(t.Norm[at:])
		if endsSentence(first) {
			next = 0
		}
		if first == '@' {
			at = t.Words[endOfName(t, word)].End
			continue
		}
		var longest [tables]*piece
		var ends [tables]int
		node, runes, last := uint32(root), 0, word
		for end := at; end < len(t.Norm); {
			r, size := utf8.DecodeRuneInString(t.Norm[end:])
			var value uint32
			var ok bool
			if node, value, ok = p.terms.trie.step(node, r); !ok {
				break
			}
			runes++
			end += size
			if value == 0 {
				continue
			}
			for t.Words[last].End < end {
				last++
			}
			whole := at == t.Words[word].Start && end == t.Words[last].End
			if !whole && (runes < 3 || first < utf8.RuneSelf || r < utf8.RuneSelf) {
				continue
			}
			entry := &p.terms.values[value-1]
			for in := range tables {
				if entry.known[in] && (whole || in != risks) {
					longest[in], ends[in] = entry, end
				}
			}
			if entry.tail != 0 {
				for i := range min(next, openHeads) {
					list = p.join(list, open[i], entry.tail, at, end)
				}
			}
			if entry.head != 0 {
				open[next%openHeads] = head{entry.head, at, end, word}
				next++
			}
		}
		for in := range tables {
			if longest[in] == nil || at < past[in] {
				continue
			}
			past[in] = ends[in]
			if v := longest[in].votes[in]; v != nil {
				list = append(list, found{votes: v, start: at, end: ends[in], word: word, table: in})
			}
		}
		at += size
	}
	return list
}

// join appends what a head and a tail that ends at end say together.
func (p *phrases) join(list []found, h head, tail uint32, start, end int) []found {
	if start < h.end || start-h.end > widestGap {
		return list
	}
	pair := p.pairs[[2]uint32{h.number, tail}]
	if pair == nil {
		return list
	}
	for in := range tables {
		if pair[in] != nil {
			list = append(list, found{votes: pair[in], start: h.start, tail: start, end: end, word: h.word, table: in})
		}
	}
	return list
}

func endsSentence(r rune) bool {
	switch r {
	case '。', '!', '?', ';', '\n':
		return true
	}
	return false
}
