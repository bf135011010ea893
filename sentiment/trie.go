package sentiment

// trie maps words to values and is walked character by character. Its edges lie
// in one hash table, keyed by node and character, which takes a third of the
// memory of a map for each node and costs one look-up a step.
type trie struct {
	slots []slot // a power of two of them
	shift uint   // 64 minus the logarithm of their number
	nodes uint32 // in use; the root is node 0
}

type slot struct {
	edge  uint64 // the node it leaves from and the character, plus 1; 0 is empty
	node  uint32 // the node it leads to
	value uint32 // of the word that ends there; 0 is none
}

const runeBits = 21 // of a Unicode code point

// newTrie returns an empty trie with room for a number of edges, which may be
// exceeded.
func newTrie(edges int) *trie {
	t := &trie{}
	t.resize(max(edges, 8) * 2)
	return t
}

func (t *trie) resize(least int) {
	size, shift := 1, uint(64)
	for size < least {
		size, shift = size*2, shift-1
	}
	old := t.slots
	t.slots, t.shift = make([]slot, size), shift
	for _, s := range old {
		if s.edge != 0 {
			*t.find(s.edge) = s
		}
	}
}

func edgeOf(node uint32, r rune) uint64 { return uint64(node)<<runeBits | uint64(r) + 1 }

// find returns the slot of an edge, or the empty one where it would stand.
func (t *trie) find(edge uint64) *slot {
	const golden = 0x9E3779B97F4A7C15 // 2^64 over the golden ratio (Knuth 6.4, Fibonacci hashing)
	for i := edge * golden >> t.shift; ; i = (i + 1) & uint64(len(t.slots)-1) {
		if s := &t.slots[i]; s.edge == edge || s.edge == 0 {
			return s
		}
	}
}

// step follows a character from a node. The value is that of the word that ends
// there, 0 if none does.
func (t *trie) step(node uint32, r rune) (next, value uint32, ok bool) {
	s := t.find(edgeOf(node, r))
	return s.node, s.value, s.edge != 0
}

// insert sets the value of a word, which must not be 0. The word must not be
// empty.
func (t *trie) insert(word string, value uint32) {
	var s *slot
	node := uint32(0)
	for _, r := range word {
		if int(t.nodes)*2 >= len(t.slots) {
			t.resize(len(t.slots) * 2)
		}
		s = t.find(edgeOf(node, r))
		if s.edge == 0 {
			t.nodes++
			s.edge, s.node = edgeOf(node, r), t.nodes
		}
		node = s.node
	}
	s.value = value
}

// get returns the value of a word, 0 if it is none.
func (t *trie) get(word string) (value uint32) {
	node, ok := uint32(0), true
	for _, r := range word {
		if node, value, ok = t.step(node, r); !ok {
			return 0
		}
	}
	return value
}
