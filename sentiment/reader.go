package sentiment

import (
	"slices"
	"sync"
	"unicode"
	"unicode/utf8"

	"reputed/internal/reputation"
)

// Reader makes contents ready to be read: it normalises them and cuts them into
// words. It is safe for concurrent use.
type Reader struct {
	normaliser *Normaliser
	segmenter  *segmenter
	spaces     sync.Pool // of *segmentSpace
}

// NewReader loads the dictionary of simplified Chinese and teaches it the names,
// in normal form, that it does not know. Texts are converted to simplified
// characters before they are cut.
func NewReader(n *Normaliser, names []string) (*Reader, error) {
	s, err := newSegmenter(names)
	if err != nil {
		return nil, err
	}
	return &Reader{normaliser: n, segmenter: s, spaces: sync.Pool{New: func() any { return new(segmentSpace) }}}, nil
}

// Teach adds to the dictionary those of the terms, in normal form, that are new
// words (绝绝紫), so that no neighbour is joined to a part of them. A phrase of known
// words (客服很好) stays several: as one word it would hide 好 from whoever has no
// entry for the phrase, and a brand's name from the matcher. Teach must not be
// called while texts are read.
func (r *Reader) Teach(terms []string) {
	for _, term := range terms {
		if r.segmenter.isNew(term) {
			r.segmenter.add(term)
		}
	}
}

// Read normalises and segments a content of any length and any bytes.
func (r *Reader) Read(content string) reputation.Text {
	t := reputation.Text{Raw: content}
	t.Norm, t.Map = r.normaliser.Normalise(content)
	t.Lang = language(t.Norm)

	space := r.spaces.Get().(*segmentSpace)
	defer r.spaces.Put(space)
	r.segmenter.segment(t.Norm, space)
	t.Words = make([]reputation.Word, 0, len(space.ends))
	start := 0
	for _, end := range slices.Backward(space.ends) {
		t.Words = append(t.Words, reputation.Word{Start: start, End: int(end)})
		start = int(end)
	}
	return t
}

// language is "zh" where Han characters stand, unless words in Latin letters are
// more than they (a Han character counts as much as three letters), else "en"
// where letters stand, else "".
func language(norm string) string {
	han, latin := 0, 0
	for _, r := range norm {
		switch {
		case 'a' <= r && r <= 'z':
			latin++
		case r >= 0x4E00 && r <= 0x9FFF || r > utf8.RuneSelf && unicode.Is(unicode.Han, r):
			han++
		}
	}
	switch {
	case han*3 >= latin && han > 0:
		return "zh"
	case latin > 0:
		return "en"
	}
	return ""
}
