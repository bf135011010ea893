package sentiment

import (
	"compress/gzip"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// frozen is gse's dictionary of simplified Chinese (zh_s), as lines of word,
// tab and frequency, sorted. TestDictionary makes it from gse and proves that the
// two are equal, and that the boundaries are.
//
//go:embed dictionary.tsv.gz
var frozen string

// segmenter cuts a normalised text into words, at the boundaries where gse's
// Segment cuts it: the path of least distance through the words of the
// dictionary, a word's distance being the negative logarithm of its probability.
// It is gse's method over an index that is ready in a tenth of the time, takes a
// tenth of the memory, and allocates nothing a text.
type segmenter struct {
	words *trie   // values are the bits of the distance, a float32
	total float64 // sum of all frequencies
}

const (
	// unknown is the distance of a character that is no word of the dictionary.
	unknown = 32
	// nameFrequency is the frequency of a name that the dictionary does not know:
	// that of a less common noun, so that it wins over rare words that overlap it
	// (青榈 over 天青 in 第二天青榈) and not over frequent ones.
	nameFrequency = 500
	// dictionaryEdges is the number of edges of the dictionary's trie, for one
	// allocation.
	dictionaryEdges = 620_000
)

// newSegmenter reads the dictionary and adds the names to it that consist of Han
// characters and that it does not know.
func newSegmenter(names []string) (*segmenter, error) {
	unpacked, err := gzip.NewReader(strings.NewReader(frozen))
	if err != nil {
		return nil, fmt.Errorf("unpack the dictionary: %w", err)
	}
	lines, err := io.ReadAll(unpacked)
	if err != nil {
		return nil, fmt.Errorf("unpack the dictionary: %w", err)
	}
	s := &segmenter{words: newTrie(dictionaryEdges)}
	if err := s.load(string(lines)); err != nil {
		return nil, err
	}
	for _, name := range names {
		if name != "" && !strings.ContainsFunc(name, notHan) && s.words.get(name) == 0 {
			s.add(name)
		}
	}
	return s, nil
}

func (s *segmenter) add(word string) {
	s.words.insert(word, math.Float32bits(s.distance(nameFrequency)))
}

// isNew tells whether a term is a word that the dictionary does not know: one of
// Han characters that it cuts into nothing but single ones.
func (s *segmenter) isNew(term string) bool {
	if strings.ContainsFunc(term, notHan) {
		return false
	}
	var space segmentSpace
	s.segment(term, &space)
	return len(space.ends) > 1 && len(space.ends) == utf8.RuneCountInString(term)
}

func notHan(r rune) bool { return !unicode.Is(unicode.Han, r) }

// load reads the lines of the dictionary, of which the first is the sum of all
// frequencies.
func (s *segmenter) load(lines string) (err error) {
	first, rest, _ := strings.Cut(lines, "\n")
	if s.total, err = strconv.ParseFloat(first, 64); err != nil {
		return errors.New("the dictionary does not begin with the sum of its frequencies")
	}
	for line := range strings.Lines(rest) {
		word, number, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		frequency, err := strconv.Atoi(number)
		if err != nil || word == "" {
			return fmt.Errorf("the dictionary holds the line %q; want word<TAB>frequency", line)
		}
		s.words.insert(word, math.Float32bits(s.distance(float64(frequency))))
	}
	return nil
}

// distance is computed as gse does, with its rounding, since ties decide
// boundaries.
func (s *segmenter) distance(frequency float64) float32 {
	return float32(math.Log2(s.total)) - float32(math.Log2(frequency))
}

// cut is the best way to the end of a unit: its last word and its distance.
type cut struct {
	distance float32
	from     int32 // index of the unit that the word begins with
}

// unit is a piece of a text that is never cut: a run of letters and digits of other
// scripts, or a single character of all else.
type unit struct {
	end   int32 // byte offset
	first rune
}

// segment leaves the ends of the words of the text in space, last first.
func (s *segmenter) segment(text string, space *segmentSpace) {
	space.units = units(space.units[:0], text)
	n := len(space.units)
	space.cuts = append(space.cuts[:0], make([]cut, n)...)
	for i := range n {
		var base float32
		if i > 0 {
			base = space.cuts[i-1].distance
		}
		if !s.extend(text, space, i, base) {
			space.cuts[i].improve(base+unknown, i)
		}
	}
	space.ends = space.ends[:0]
	for i := n - 1; i >= 0; i = int(space.cuts[i].from) - 1 {
		space.ends = append(space.ends, space.units[i].end)
	}
}

// segmentSpace is the memory that one segmentation needs and the next one uses
// again.
type segmentSpace struct {
	units []unit
	cuts  []cut
	ends  []int32 // of the words, last word first
}

// extend offers the words that begin with unit i as ways onward, and tells
// whether the unit alone is one of them.
func (s *segmenter) extend(text string, space *segmentSpace, i int, base float32) (alone bool) {
	at := int32(0)
	if i > 0 {
		at = space.units[i-1].end
	}
	node := uint32(root)
	for j, u := range space.units[i:] {
		var value uint32
		var ok bool
		if node, value, ok = s.words.step(node, u.first); !ok {
			return alone
		}
		for at += int32(utf8.RuneLen(u.first)); at < u.end; {
			r, size := utf8.DecodeRuneInString(text[at:])
			if node, value, ok = s.words.step(node, r); !ok {
				return alone
			}
			at += int32(size)
		}
		if value != 0 {
			space.cuts[i+j].improve(base+math.Float32frombits(value), i)
			alone = alone || j == 0
		}
	}
	return alone
}

// improve takes a way if it is the first or shorter.
func (c *cut) improve(distance float32, from int) {
	if c.distance == 0 || c.distance > distance {
		*c = cut{distance, int32(from)}
	}
}

// units appends the units of the text, which is valid UTF-8.
func units(list []unit, text string) []unit {
	run := false // in a run of letters and digits
	for i := 0; i < len(text); {
		r, size := rune(text[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(text[i:])
		}
		joins := size <= 2 && (unicode.IsLetter(r) || unicode.IsNumber(r))
		if i += size; joins && run {
			list[len(list)-1].end = int32(i)
		} else {
			list = append(list, unit{int32(i), r})
		}
		run = joins
	}
	return list
}
