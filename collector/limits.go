package collector

import "fmt"

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

// checkJSON refuses a document of so many objects and lists that decoding it would
// take far more memory than its bytes.
func checkJSON(doc string) error {
	inString := false
	nodes := 0
	for i := 0; i < len(doc); i++ {
		switch c := doc[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case !inString && (c == '{' || c == '['):
			nodes++
		}
	}
	if nodes > maxNodes {
		return fmt.Errorf("more than %d JSON objects; use a shorter feed", maxNodes)
	}
	return nil
}
