package reputation

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Text is a content made ready to be read: normalised and cut into words.
type Text struct {
	Raw   string  // the content as it was collected
	Norm  string  // NFKC, simplified characters, lower case: what terms are compared with
	Words []Word  // all of Norm, in order, without gaps
	Map   []int32 // byte offset in Raw for each byte offset in Norm, and one past the end
	Lang  string  // "zh" or "en", by the letters
}

// Word is one segment of a text.
type Word struct{ Start, End int } // byte offsets into Norm

// Original turns a range of Norm into the range of Raw that it stands for, without
// the invisible characters after it.
func (t Text) Original(start, end int) (int, int) {
	for end < len(t.Norm) && end > start && t.Map[end] == t.Map[end-1] {
		end++ // inside a piece that was normalised as a whole
	}
	from, to := int(t.Map[start]), int(t.Map[end])
	return from, from + len(strings.TrimRightFunc(t.Raw[from:to], func(r rune) bool { return unicode.In(r, unicode.Cc, unicode.Cf) }))
}

// Steers tells of a character that moves a terminal's cursor, as a line break does, or
// turns the direction of what stands around it.
func Steers(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }

// OneLine makes scraped text safe to show in one line, in a message or a terminal:
// spaces and line breaks become one space, and control characters, direction
// overrides and other invisible characters are dropped. The joiner of emoji stays.
func OneLine(s string) string {
	const joiner = '\u200d'
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r == utf8.RuneError, unicode.IsControl(r), unicode.Is(unicode.Cf, r) && r != joiner:
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}
