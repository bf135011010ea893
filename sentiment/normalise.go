package sentiment

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Normaliser brings a text into the form in which terms are compared: Unicode
// compatibility form (NFKC: full-width letters become plain ones), simplified
// characters, lower case; without addresses of web pages, invisible characters
// and endless repetition.
type Normaliser struct {
	characters []uint16          // the simplified form of each character of the basic plane; 0 is itself
	rare       map[rune]rune     // the same for the characters beyond it
	phrases    map[rune][]phrase // by first rune, longest first
	begins     []bool            // for each character of the basic plane, whether a phrase begins with it
}

const basicPlane = 1 << 16

type phrase struct{ from, to string }

// NewNormaliser reads a conversion table, "from<TAB>to" a line, lines that begin
// with # being comments. Longer entries win over shorter ones.
func NewNormaliser(table io.Reader) (*Normaliser, error) {
	n := &Normaliser{
		characters: make([]uint16, basicPlane), rare: map[rune]rune{},
		phrases: map[rune][]phrase{}, begins: make([]bool, basicPlane),
	}
	lines := bufio.NewScanner(table)
	for number := 1; lines.Scan(); number++ {
		line := lines.Text()
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		from, to, ok := strings.Cut(line, "\t")
		if !ok || from == "" || to == "" {
			return nil, fmt.Errorf("conversion table, line %d: want from<TAB>to, have %q", number, line)
		}
		first, size := utf8.DecodeRuneInString(from)
		simple, simpleSize := utf8.DecodeRuneInString(to)
		if size == len(from) && simpleSize == len(to) {
			if first < basicPlane && simple < basicPlane {
				n.characters[first] = uint16(simple)
			} else {
				n.rare[first] = simple
			}
			continue
		}
		if first >= basicPlane {
			return nil, fmt.Errorf("conversion table, line %d: no phrase may begin with a character beyond the basic plane", number)
		}
		n.begins[first] = true
		list := append(n.phrases[first], phrase{from, to})
		for i := len(list) - 1; i > 0 && len(list[i].from) > len(list[i-1].from); i-- {
			list[i], list[i-1] = list[i-1], list[i]
		}
		n.phrases[first] = list
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("conversion table: %w", err)
	}
	return n, nil
}

// Normalise returns the normal form of raw and, for each byte of it and one past
// its end, the byte offset in raw where the piece begins that it came from.
func (n *Normaliser) Normalise(raw string) (normal string, offsets []int32) {
	out := writer{text: make([]byte, 0, len(raw)+8), offsets: make([]int32, 0, len(raw)+9)}
	for i := 0; i < len(raw); {
		r, size := rune(raw[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(raw[i:])
		}
		switch {
		case r == 'h' || r == 'H' || r == 'w' || r == 'W':
			if skip := addressLength(raw[i:]); skip > 0 && (i == 0 || !isWordByte(raw[i-1])) {
				out.space(i)
				i += skip
				continue
			}
			out.rune(unicode.ToLower(r), i)
		case r < utf8.RuneSelf:
			out.ascii(byte(r), i)
		case r == utf8.RuneError && size == 1 || invisible(r):
			// An invalid byte says nothing; an invisible character would hide a term.
		default:
			size = n.compose(&out, raw, i, r, size)
		}
		i += size
	}
	out.offsets = append(out.offsets, int32(len(raw)))
	return string(out.text), out.offsets
}

// compose writes what stands at raw[i:] outside ASCII and returns how many bytes
// of raw it took.
func (n *Normaliser) compose(out *writer, raw string, i int, r rune, size int) int {
	if r < basicPlane && n.begins[r] {
		for _, p := range n.phrases[r] {
			if strings.HasPrefix(raw[i:], p.from) {
				for _, c := range p.to {
					out.rune(c, i)
				}
				return len(p.from)
			}
		}
	}
	switch {
	case r >= 0x4E00 && r <= 0x9FFF, r >= 0x3001 && r <= 0x3029: // Han characters and their marks are in NFKC form
		out.rune(n.simple(r), i)
		return size
	case r == 0x3000: // ideographic space
		out.space(i)
		return size
	case r >= 0xFF01 && r <= 0xFF5E: // full-width ASCII
		out.ascii(byte(r-0xFEE0), i)
		return size
	}
	if next := norm.NFKC.NextBoundaryInString(raw[i:], true); next > size {
		size = next
	}
	for _, c := range norm.NFKC.String(raw[i : i+size]) {
		if !invisible(c) {
			out.rune(unicode.ToLower(n.simple(c)), i)
		}
	}
	return size
}

func (n *Normaliser) simple(r rune) rune {
	if r < basicPlane {
		if s := n.characters[r]; s != 0 {
			return rune(s)
		}
		return r
	}
	if s, ok := n.rare[r]; ok {
		return s
	}
	return r
}

// writer collects the normal form. It lets a character stand at most three times
// in a row: 好好好好好 says no more than 好好好.
type writer struct {
	text    []byte
	offsets []int32
	last    rune
	run     int
}

const longestRun = 3

func (w *writer) rune(r rune, at int) {
	if r == w.last {
		if w.run++; w.run > longestRun && !unicode.IsDigit(r) {
			return
		}
	} else {
		w.last, w.run = r, 1
	}
	before := len(w.text)
	w.text = utf8.AppendRune(w.text, r)
	for range len(w.text) - before {
		w.offsets = append(w.offsets, int32(at))
	}
}

func (w *writer) ascii(b byte, at int) {
	if 'A' <= b && b <= 'Z' {
		b += 'a' - 'A'
	}
	switch b {
	case ' ', '\t', '\r':
		w.space(at)
	case '\n':
		w.rune('\n', at)
	default:
		if b >= ' ' && b != 0x7F {
			w.rune(rune(b), at)
		}
	}
}

func (w *writer) space(at int) {
	if w.last != ' ' && w.last != '\n' && len(w.text) > 0 {
		w.rune(' ', at)
	}
}

// addressLength is the length of the web address that s begins with, or 0.
func addressLength(s string) int {
	if len(s) < 8 || !hasPrefixFold(s, "http://") && !hasPrefixFold(s, "https://") && !hasPrefixFold(s, "www.") {
		return 0
	}
	end := strings.IndexFunc(s, func(r rune) bool {
		return r <= ' ' || r >= utf8.RuneSelf || strings.ContainsRune(`"'<>[]{}|\^`, r)
	})
	if end < 0 {
		return len(s)
	}
	return end
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

// isWordByte tells of Latin letters and digits, after which no address begins.
func isWordByte(b byte) bool {
	return '0' <= b && b <= '9' || 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z'
}

// invisible tells of characters that show nothing: zero-width and directional
// marks, variation selectors, control characters. The zero-width joiner is among
// them: an emoji sequence is read as its parts.
func invisible(r rune) bool {
	switch {
	case r >= 0x200B && r <= 0x200F, r >= 0x202A && r <= 0x202E, r >= 0x2060 && r <= 0x2069,
		r >= 0xFE00 && r <= 0xFE0F, r == 0xFEFF, r == 0x00AD, r == 0x061C:
		return true
	}
	return unicode.IsControl(r)
}
