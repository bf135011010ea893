package sentiment

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"reputed/internal/reputation"
)

// hints are patterns that lean to one side without evaluating anything by
// themselves. Each counts once a text, and no rule touches it. They lie in one
// table by the hash of their words, so that a look-up builds no string.
type hints struct {
	slots  []hint // a power of two of them
	shift  uint   // 64 minus the logarithm of their number
	count  int    // slots in use
	pieces bool   // whether any is a piece

	// present has the bits set that hashes in use lead to. It is small enough to be
	// at hand, and nearly all look-ups end there.
	present [presentBits / 64]uint64
}

const presentBits = 1 << 16

// bit is the place in present of a hash.
func bit(hash uint64) (word int, mask uint64) {
	i := scatter(hash) >> 48
	return int(i / 64), 1 << (i % 64)
}

type hint struct {
	hash  uint64 // 0 is empty
	value float64
}

// A hint's term is a word; two neighbouring words with join between them (再次_光临);
// or, after anywhere, one or two characters wherever they stand (*_难).
const (
	join     = "_"
	anywhere = "*"
)

// pattern is a place of a text where a hint may apply.
type pattern struct {
	first, second string // first is empty for a word, anywhere for a piece
	hash          uint64
	start, end    int // byte offsets into Norm
	clause        int // number of the clause it begins in
}

func (p pattern) term() string {
	if p.first == "" {
		return strings.Clone(p.second) // of the text, which need not stay in memory
	}
	return p.first + join + p.second
}

func newHints() *hints {
	h := &hints{}
	h.resize(16)
	return h
}

func (h *hints) clone() *hints {
	copied := *h
	copied.slots = slices.Clone(h.slots)
	return &copied
}

func (h *hints) resize(size int) {
	old := h.slots
	h.slots, h.shift = make([]hint, size), 64
	for s := size; s > 1; s /= 2 {
		h.shift--
	}
	for _, s := range old {
		if s.hash != 0 {
			*h.slot(s.hash) = s
		}
	}
}

// slot returns the slot of a hash, or the empty one where it would stand.
func (h *hints) slot(hash uint64) *hint {
	for i := scatter(hash) >> h.shift; ; i = (i + 1) & uint64(len(h.slots)-1) {
		if s := &h.slots[i]; s.hash == hash || s.hash == 0 {
			return s
		}
	}
}

// get returns the value of a hint, 0 if it is none.
func (h *hints) get(term string) float64 { return h.slot(hashOfTerm(term)).value }

// set gives a hint a value; 0 takes it away.
func (h *hints) set(term string, value float64) {
	hash := hashOfTerm(term)
	s := h.slot(hash)
	if s.hash == 0 {
		if value == 0 {
			return
		}
		if h.count++; h.count*2 > len(h.slots) {
			h.resize(len(h.slots) * 2)
			s = h.slot(hash)
		}
	}
	*s = hint{hash, value}
	word, mask := bit(hash)
	h.present[word] |= mask
	h.pieces = h.pieces || strings.HasPrefix(term, anywhere+join)
}

func hashOfTerm(term string) uint64 {
	if first, second, ok := strings.Cut(term, join); ok {
		return hashOfPair(hashOf(first), hashOf(second))
	}
	return hashOf(term)
}

// hashOf is a multiplicative hash, taken eight bytes at a time, which hold most words.
func hashOf(word string) uint64 {
	hash := scatter(uint64(len(word)))
	for ; len(word) > 8; word = word[8:] {
		hash = mixed(hash ^ eight(word[:8]))
	}
	return mixed(hash ^ eight(word))
}

// eight packs up to eight bytes, those of different words of one length differently.
func eight(b string) uint64 {
	switch n := len(b); {
	case n >= 4:
		return four(b) | four(b[n-4:])<<32
	case n > 0:
		return uint64(b[0]) | uint64(b[n/2])<<8 | uint64(b[n-1])<<16
	}
	return 0
}

func four(b string) uint64 {
	return uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24
}

func mixed(x uint64) uint64 {
	x = scatter(x)
	return x ^ x>>29
}

// hashOfPair is the hash of two words, of which the order counts.
func hashOfPair(first, second uint64) uint64 { return scatter(first<<7|first>>57) ^ second }

// hint adds the hints of a text after the findings. Relate tells how a pattern
// stands to the target, and whether it says anything; it is nil if there is none.
func (r *reading) hint(t reputation.Text, h *hints, seen *seen, relate func(pattern) (relation, bool)) []finding {
	if h.count == 0 {
		return r.findings
	}
	seen.reset()
	each := func(p pattern) {
		if word, mask := bit(p.hash); h.present[word]&mask == 0 {
			return
		}
		value := h.slot(p.hash).value
		if value == 0 {
			return
		}
		related := direct
		if relate != nil {
			var ok bool
			if related, ok = relate(p); !ok {
				return
			}
		}
		if !seen.add(p.hash) {
			return
		}
		f := r.found(mark{start: p.start, end: p.end, entry: &entry{valence: value}})
		f.hint = true
		if factor, how := related.remainder(); factor < 1 {
			f.scale(factor, cause{how: how})
		}
		r.findings = append(r.findings, f)
	}
	eachPattern(t, r.clauses, each)
	if h.pieces {
		eachPiece(t, r.clauses, each)
	}
	return r.findings
}

// eachPattern calls f for each word of a text that may be a hint and each pair of
// neighbours, which a space may part. What stands in an @name is left out.
func eachPattern(t reputation.Text, clauses []int, f func(pattern)) {
	var before pattern // the word before, if it is a neighbour
	clause := 0
	for i := 0; i < len(t.Words); i++ {
		w := t.Words[i]
		text := t.Norm[w.Start:w.End]
		switch {
		case text == "@":
			i, before = endOfName(t, i), pattern{}
			continue
		case text == " ":
			continue
		case !speaks(text):
			before = pattern{}
			continue
		}
		for clause < len(clauses) && clauses[clause] <= w.Start {
			clause++
		}
		word := pattern{second: text, hash: hashOf(text), start: w.Start, end: w.End, clause: clause}
		f(word)
		if before.hash != 0 {
			f(pattern{before.second, text, hashOfPair(before.hash, word.hash), before.start, w.End, before.clause})
		}
		before = word
	}
}

// eachPiece calls f for each Han character and each two neighbouring ones.
func eachPiece(t reputation.Text, clauses []int, f func(pattern)) {
	star := hashOf(anywhere)
	clause, before := 0, -1 // where the character before begins, if it is a neighbour
	for i, r := range t.Norm {
		if !unicode.Is(unicode.Han, r) {
			before = -1
			continue
		}
		for clause < len(clauses) && clauses[clause] <= i {
			clause++
		}
		end := i + utf8.RuneLen(r)
		f(pattern{anywhere, t.Norm[i:end], hashOfPair(star, hashOf(t.Norm[i:end])), i, end, clause})
		if before >= 0 {
			f(pattern{anywhere, t.Norm[before:end], hashOfPair(star, hashOf(t.Norm[before:end])), before, end, clause})
		}
		before = i
	}
}

// speaks tells words from spaces and punctuation, by the first byte.
func speaks(word string) bool {
	c := word[0]
	if c < utf8.RuneSelf {
		return 'a' <= c && c <= 'z' || '0' <= c && c <= '9'
	}
	// Han characters begin with E4 to E9 in UTF-8, and with E3 from 㐀 on, where
	// also 、 and 。 stand; Latin letters with accents with C3; emoji with F0.
	return c >= 0xE4 && c <= 0xE9 || c == 0xC3
}
