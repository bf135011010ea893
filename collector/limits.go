package collector

import (
	"fmt"
	"strings"
)

// A feed within the byte limit can still cost seconds and gigabytes to parse: a
// million unclosed elements, namespaces declared by the thousand, text in a million
// pieces. These limits are far beyond what real feeds need, and are checked before
// anything is built of the document.
const (
	maxItems      = 5000
	maxDepth      = 256              // elements within one another
	maxChildren   = maxItems + 100   // of one element: the items and what describes the feed
	maxNodes      = 40 * maxChildren // elements, comments and CDATA sections of a document
	maxNamespaces = 64               // declarations in force at one place
	maxAttributes = 256              // of one element; the others are not looked at
	maxText       = 1 << 20          // bytes of one text of an item; the rest is cut
	maxToken      = 2 << 20          // bytes between two elements, or of one tag
	maxID         = 2 << 10          // bytes of an identifier that is kept as it was sent; a longer one is hashed
)

// count takes note of a node within the innermost open element.
func (r *rewriter) count() error {
	r.nodes++
	if n := len(r.open); n > 0 {
		r.open[n-1].children++
		if r.open[n-1].children > maxChildren {
			return fmt.Errorf("more than %d items, or parts in one element; use a shorter feed", maxItems)
		}
	}
	if r.nodes > maxNodes {
		return fmt.Errorf("more than %d XML elements; use a shorter feed", maxNodes)
	}
	return nil
}

// repairJSON is a JSON Feed without control characters, which programs forget to
// escape, and without an item in which the document breaks off. A document of so many
// objects and lists that decoding it would take far more memory than its bytes is
// refused, and so is one of twice as many values.
func repairJSON(doc string) (repaired string, whole bool, err error) {
	doc = strings.Map(func(r rune) rune {
		if r < 0x20 {
			return ' '
		}
		return r
	}, doc)
	inString := false
	nodes, values, depth, end := 0, 0, 0, 0 // end of the last item
	for i := 0; i < len(doc); i++ {
		switch c := doc[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == ',':
			values++
		case c == '{' || c == '[':
			nodes++
			depth++
		case c == '}' || c == ']':
			if depth--; depth == 2 {
				end = i + 1
			}
		}
	}
	if nodes > maxNodes {
		return "", false, fmt.Errorf("more than %d JSON objects; use a shorter feed", maxNodes)
	}
	if values > 2*maxNodes {
		return "", false, fmt.Errorf("more than %d JSON values; use a shorter feed", 2*maxNodes)
	}
	if depth > 0 && end > 0 {
		return doc[:end] + "]}", false, nil
	}
	return doc, true, nil
}
