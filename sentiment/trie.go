package sentiment

import "slices"

// trie maps words to values and is walked character by character. Its edges lie
// in one hash table, keyed by node and character, which takes a third of the
// memory of a map for each node. Most of the time of a walk is waiting for that
// table, so what a step asks for lies together, and no step is asked for that is
// known to lead nowhere.
type trie struct {
	slots []slot  // a power of two of them
	shift uint    // 64 minus the logarithm of their number
	nodes uint32  // in use; the root is node 0
	heads []place // where each character of the basic plane leads to from the root

	// present has four bits for each slot, of which those are set that the hash of
	// an edge leads to. It is small enough to be at hand, and most steps that lead
	// nowhere end there.
	present []uint64
}

type slot struct {
	edge uint64 // the node it leaves from and the character, plus 1; 0 is empty
	place
}

// place is where an edge leads to.
type place struct {
	node  uint32 // 0 is nowhere
	value uint32 // of the word that ends there; 0 is none
}

const (
	runeBits = 21      // of a Unicode code point
	inner    = 1 << 31 // of a node: edges leave from it
)

// newTrie returns an empty trie with room for a number of edges, which may be
// exceeded.
func newTrie(edges int) *trie {
	t := &trie{heads: make([]place, basicPlane)}
	t.resize(max(edges, 8) * 3 / 2)
	return t
}

func (t *trie) clone() *trie {
	copied := *t
	copied.slots, copied.heads, copied.present = slices.Clone(t.slots), slices.Clone(t.heads), slices.Clone(t.present)
	return &copied
}

func (t *trie) resize(least int) {
	size, shift := 1, uint(64)
	for size < max(least, 16) {
		size, shift = size*2, shift-1
	}
	old := t.slots
	t.slots, t.shift, t.present = make([]slot, size), shift, make([]uint64, size*4/64)
	for _, s := range old {
		if s.edge != 0 {
			*t.at(s.edge) = s
		}
	}
}

func edgeOf(node uint32, r rune) uint64 { return uint64(node)<<runeBits | uint64(r) + 1 }

// golden is 2^64 over the golden ratio.
const golden = 0x9E3779B97F4A7C15

// scatter spreads keys over the high bits (Knuth 6.4, Fibonacci hashing).
func scatter(key uint64) uint64 { return key * golden }

// bit is the place in present of an edge.
func (t *trie) bit(edge uint64) (word int, mask uint64) {
	i := scatter(edge) >> (t.shift - 2)
	return int(i / 64), 1 << (i % 64)
}

// find returns the slot of an edge, or the empty one where it would stand.
func (t *trie) find(edge uint64) *slot {
	for i := scatter(edge) >> t.shift; ; i++ {
		if s := &t.slots[i&uint64(len(t.slots)-1)]; s.edge == edge || s.edge == 0 {
			return s
		}
	}
}

// at is find for an edge that will be in the trie.
func (t *trie) at(edge uint64) *slot {
	word, mask := t.bit(edge)
	t.present[word] |= mask
	return t.find(edge)
}

// root is the node that every walk begins at.
const root = inner

// step follows a character from a node. The value is that of the word that ends
// there, 0 if none does.
func (t *trie) step(node uint32, r rune) (next, value uint32, ok bool) {
	switch {
	case node&inner == 0:
		return 0, 0, false
	case node == root && r < basicPlane:
		h := t.heads[r]
		return h.node, h.value, h.node != 0
	}
	edge := edgeOf(node, r)
	if word, mask := t.bit(edge); t.present[word]&mask == 0 {
		return 0, 0, false
	}
	s := t.find(edge)
	return s.node, s.value, s.node != 0
}

// insert sets the value of a word, which must not be 0. The word must not be
// empty.
func (t *trie) insert(word string, value uint32) {
	node, last := uint32(root), (*place)(nil)
	for _, r := range word {
		if last != nil && node&inner == 0 {
			last.node |= inner
			node = last.node
		}
		if last = t.place(node, r); last.node == 0 {
			t.nodes++
			last.node = t.nodes
		}
		node = last.node
	}
	last.value = value
}

// place returns where the edge of a character from a node leads to, for changing.
// It is valid until the next call.
func (t *trie) place(node uint32, r rune) *place {
	if node == root && r < basicPlane {
		return &t.heads[r]
	}
	if int(t.nodes)*3 >= len(t.slots)*2 {
		t.resize(len(t.slots) * 2)
	}
	edge := edgeOf(node, r)
	s := t.at(edge)
	s.edge = edge
	return &s.place
}

// get returns the value of a word, 0 if it is none.
func (t *trie) get(word string) (value uint32) {
	node, ok := uint32(root), true
	for _, r := range word {
		if node, value, ok = t.step(node, r); !ok {
			return 0
		}
	}
	return value
}
