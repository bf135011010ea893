package pipeline

import (
	"encoding/binary"
	"hash/fnv"

	"reputed/internal/reputation"
)

// listing is what a source held at the polls before: of each item the hash of its
// identifier and that of its content. A feed shows each item at dozens of polls;
// by its listing it is read once.
type listing struct {
	order []uint64
	known map[uint64]bool
}

// mostListed bounds the hashes that are remembered beyond those of the last poll:
// lists move back and forth, and some sources return only what is new.
const mostListed = 256

const hashSize = 8 // bytes

func newListing(stored []byte) listing {
	l := listing{known: make(map[uint64]bool, len(stored)/hashSize)}
	for ; len(stored) >= hashSize; stored = stored[hashSize:] {
		h := binary.BigEndian.Uint64(stored)
		l.order = append(l.order, h)
		l.known[h] = true
	}
	return l
}

// same reports whether the item was listed before with the same content. An answer
// to a survey never is: its ratings may be corrected and set back again, and its file
// is read once anyway.
func (l listing) same(item reputation.Item) bool {
	id, content := hashesOf(item)
	return !isAnswer(item) && l.known[id] && l.known[content]
}

// arrived counts the items of which neither the identifier nor the content was
// listed before: an edited item, or one under a new identifier, is no news. Two
// customers may answer a survey in the same words, or in none.
func (l listing) arrived(items []reputation.Item) int {
	n := 0
	for _, item := range items {
		if id, content := hashesOf(item); !l.known[id] && (isAnswer(item) || !l.known[content]) {
			n++
		}
	}
	return n
}

func isAnswer(item reputation.Item) bool { return item.Brand != "" }

// with is the listing as it is stored after a poll that brought the items.
func (l listing) with(items []reputation.Item) []byte {
	written := make(map[uint64]bool, 2*len(items))
	var stored []byte
	add := func(h uint64) {
		if !written[h] {
			written[h] = true
			stored = binary.BigEndian.AppendUint64(stored, h)
		}
	}
	for _, item := range items {
		id, content := hashesOf(item)
		add(id)
		add(content)
	}
	for i := 0; i < len(l.order) && i < mostListed; i++ {
		add(l.order[i])
	}
	return stored
}

// hashesOf are FNV-1a hashes of 64 bits, of what the fields hold with their name
// before it. Two that collide by chance (one in 10^16 for a feed of 100 items)
// would hide an item; a publisher who makes them collide hides only its own.
func hashesOf(item reputation.Item) (id, content uint64) {
	return hashOf("id", item.ID), hashOf("content", item.Title, item.Text)
}

func hashOf(parts ...string) uint64 {
	h := fnv.New64a()
	for _, part := range parts {
		// Its error is always nil.
		_, _ = h.Write([]byte(part))
		_, _ = h.Write([]byte{0})
	}
	return h.Sum64()
}
