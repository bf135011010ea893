package collector

import (
	"errors"
	"fmt"
	"strings"

	"golang.org/x/net/html/atom"
)

// prolog steps over what stands before the root element of a feed, takes note of the
// entities declared there and returns where the root element begins. Error messages
// that servers put before a feed are stepped over too; a web page is refused.
func (r *rewriter) prolog(doc string) (int, error) {
	for pos := 0; ; {
		next := strings.IndexByte(doc[pos:], '<')
		if next < 0 {
			return 0, errors.New("no XML element in it")
		}
		pos += next
		switch rest := doc[pos:]; {
		case strings.HasPrefix(rest, "<!--"):
			pos += lengthTo(rest, "-->")
		case strings.HasPrefix(rest, "<?"):
			pos += lengthTo(rest, "?>")
		case strings.HasPrefix(rest, "<!"):
			n := declarationLength(rest)
			r.declare(rest[:n])
			pos += n
		default:
			name := strings.ToLower(tagName(rest))
			if root := localName(name); isRoot(root) {
				r.bindings = []binding{{"", rootVocabulary(root)}}
				return pos, nil
			}
			if isPage(name) {
				return 0, fmt.Errorf("neither RSS nor Atom nor JSON Feed, but a document that begins with %q", name)
			}
			pos++
		}
	}
}

// isRoot reports whether the root element of a feed may have the name.
func isRoot(name string) bool {
	switch name {
	case "rss", "rdf", "channel", "feed", "entry":
		return true
	}
	return false
}

// rootVocabulary is what the elements of a document without a prefix belong to.
func rootVocabulary(root string) vocabulary {
	if root == "feed" || root == "entry" {
		return "atom"
	}
	return native
}

// isPage reports whether a first element says that the document is no feed. The
// elements of error messages and end tags do not.
func isPage(name string) bool {
	switch atom.Lookup([]byte(name)) {
	case atom.B, atom.Br, atom.Div, atom.Font, atom.I, atom.P, atom.Pre, atom.Span, atom.Strong:
		return false
	}
	return name != ""
}

// tagName is the name in a start tag, shortened if it is very long; "" if it is none.
func tagName(tag string) string {
	name := tag[1:min(len(tag), 40)]
	if end := strings.IndexAny(name, " \t\r\n/><"); end >= 0 {
		name = name[:end]
	}
	return name
}

// lengthTo is the number of bytes to the end of end, or of all.
func lengthTo(text, end string) int {
	if i := strings.Index(text, end); i >= 0 {
		return i + len(end)
	}
	return len(text)
}

// declarationLength is the length of a declaration such as a document type, to the ">"
// that is neither quoted nor closes something within it.
func declarationLength(text string) int {
	depth := 0
	var quote byte
	for pos := 0; pos < len(text); pos++ {
		c := text[pos]
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case strings.HasPrefix(text[pos:], "<!--"):
			pos += lengthTo(text[pos:], "-->") - 1
		case c == '"' || c == '\'':
			quote = c
		case c == '<':
			depth++
		case c == '>':
			if depth--; depth == 0 {
				return pos + 1
			}
		}
	}
	return len(text)
}
