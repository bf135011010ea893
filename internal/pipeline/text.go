package pipeline

import (
	"slices"
	"strings"
	"unicode"

	"reputed/internal/reputation"
)

// searchable joins a text's words with spaces, without marks, for a full-text
// index that cuts at spaces.
func searchable(t reputation.Text) string {
	var b strings.Builder
	for _, w := range t.Words {
		word := t.Norm[w.Start:w.End]
		if !strings.ContainsFunc(word, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(word)
	}
	return b.String()
}

// about adds the brand that an item is about, if there is one and no span names it.
func about(brand string, spans []reputation.Span) []reputation.Span {
	if brand == "" || slices.Contains(brandsOf(spans), brand) {
		return spans
	}
	return append(spans, reputation.Span{Brand: brand})
}

// brandsOf lists the brands of the spans in the order in which they first stand.
func brandsOf(spans []reputation.Span) []string {
	var brands []string
	for _, s := range spans {
		if !slices.Contains(brands, s.Brand) {
			brands = append(brands, s.Brand)
		}
	}
	return brands
}

// split parts the spans of one brand from those of the others.
func split(spans []reputation.Span, brand string) (own, others []reputation.Span) {
	for _, s := range spans {
		if s.Brand == brand {
			own = append(own, s)
		} else {
			others = append(others, s)
		}
	}
	return own, others
}
