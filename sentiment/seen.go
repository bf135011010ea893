package sentiment

// seen is a set of hashes that is emptied for each text without giving its memory
// back.
type seen struct {
	slots []sighting // a power of two of them, at most half in use
	count int
	text  uint32 // number of the text; the sightings of others are no more
}

type sighting struct {
	hash uint64
	text uint32
}

// reset empties the set.
func (s *seen) reset() {
	s.count = 0
	if s.text++; s.text == 0 || s.slots == nil {
		*s = seen{slots: make([]sighting, 64), text: 1}
	}
}

// add tells whether the hash is new, and keeps it.
func (s *seen) add(hash uint64) bool {
	if s.count*2 >= len(s.slots) {
		old := s.slots
		s.slots = make([]sighting, 2*len(old))
		for _, o := range old {
			if o.text == s.text {
				*s.slot(o.hash) = o
			}
		}
	}
	slot := s.slot(hash)
	if slot.text == s.text {
		return false
	}
	*slot = sighting{hash, s.text}
	s.count++
	return true
}

// slot returns where a hash stands, or would.
func (s *seen) slot(hash uint64) *sighting {
	for i := scatter(hash) >> 32; ; i++ {
		if o := &s.slots[i&uint64(len(s.slots)-1)]; o.text != s.text || o.hash == hash {
			return o
		}
	}
}
