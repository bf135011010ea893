package web

import (
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"reputed/internal/reputation"
)

// piece is a part of a text, and how it moved the score.
type piece struct {
	Text string `json:"text"`
	Kind string `json:"kind,omitempty"` // praise, blame or brand; empty for the rest
	Tip  string `json:"tip,omitempty"`  // the rule
}

// marked cuts the bytes from one to another of a content into pieces: what moved the
// score, by at least a part of what moved it most, where the brand is named, and what
// lies between. What would steer a terminal or turn the direction of the text is left
// out.
func marked(m reputation.Mention, from, to int, least float64) []piece {
	most := 0.0
	for _, e := range m.Score.Evidence {
		most = max(most, math.Abs(e.Weight))
	}
	content := m.Item.Content()
	type mark struct {
		start, end int
		kind, tip  string
	}
	var marks []mark
	for _, e := range m.Score.Evidence {
		kind := "praise"
		if e.Weight < 0 {
			kind = "blame"
		}
		if e.Weight != 0 && math.Abs(e.Weight) >= least*most {
			marks = append(marks, mark{e.Start, e.End, kind, e.Rule})
		}
	}
	marks = append(marks, mark{m.Span.Start, m.Span.End, "brand", ""})
	slices.SortStableFunc(marks, func(a, b mark) int { return a.start - b.start })
	var pieces []piece
	add := func(text, kind, tip string) {
		if text = inert(text); text != "" {
			pieces = append(pieces, piece{text, kind, tip})
		}
	}
	at := from
	for _, k := range marks {
		if k.start < at || k.end > to || k.start >= k.end { // beyond the part, or within another mark
			continue
		}
		add(content[at:k.start], "", "")
		add(content[k.start:k.end], k.kind, reputation.OneLine(k.tip))
		at = k.end
	}
	add(content[at:to], "", "")
	return pieces
}

// inert is a text without what would turn its direction or steer what shows it; line
// breaks stay.
func inert(text string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && reputation.Steers(r) {
			return -1
		}
		return r
	}, text)
}

// part is at most so many runes of a content around the place where the brand is named,
// as byte offsets; what lies a little before it belongs to it.
func part(m reputation.Mention, runes int) (from, to int) {
	content := m.Item.Content()
	from = min(max(m.Span.Start, 0), len(content))
	for before := 0; before < runes/3 && from > 0; before++ {
		_, size := utf8.DecodeLastRuneInString(content[:from])
		from -= size
	}
	to = from
	for n := 0; n < runes && to < len(content); n++ {
		_, size := utf8.DecodeRuneInString(content[to:])
		to += size
	}
	return from, to
}
