package collector

import (
	"fmt"
	"strings"
)

// A feed within the byte limit can still cost seconds and gigabytes to parse: a
// million unclosed elements, namespaces declared by the thousand, text in a million
// pieces. These limits are far beyond what real feeds need, and are checked by a scan
// of the bytes before any parser sees them.
const (
	maxItems      = 5000
	maxDepth      = 256              // elements within one another
	maxChildren   = maxItems + 100   // of one element: the items and what describes the feed
	maxNodes      = 40 * maxChildren // elements, comments and CDATA sections of a document
	maxNamespaces = 64               // declarations in force at one place
)

// openElement is an element whose end the scan has not seen.
type openElement struct {
	name       string
	children   int
	namespaces int // declared by it and by the elements around it
}

// xmlScan walks over mark-up without building anything.
type xmlScan struct {
	doc   string
	pos   int
	root  int // offset of the root element, -1 before it is found
	nodes int
	open  []openElement
}

// trimXML returns the document from its root element on, without declaration,
// comments and document type, or an error that says which limit it exceeds.
func trimXML(doc string) (string, error) {
	s := xmlScan{doc: doc, root: -1}
	for {
		next := strings.IndexByte(s.doc[s.pos:], '<')
		if next < 0 {
			break
		}
		s.pos += next
		if err := s.markup(); err != nil {
			return "", err
		}
	}
	if s.root < 0 {
		return "", fmt.Errorf("no XML element in it")
	}
	return doc[s.root:], nil
}

// markup steps over what the "<" at the current position opens.
func (s *xmlScan) markup() error {
	rest := s.doc[s.pos:]
	switch {
	case strings.HasPrefix(rest, "<!--"):
		s.skip("<!--", "-->")
		return s.count()
	case strings.HasPrefix(rest, "<![CDATA["):
		s.skip("<![CDATA[", "]]>")
		return s.count()
	case strings.HasPrefix(rest, "<?"):
		s.skip("<?", "?>")
	case strings.HasPrefix(rest, "<!"):
		s.skipDeclaration()
	case strings.HasPrefix(rest, "</"):
		s.close()
	default:
		return s.start()
	}
	return nil
}

func (s *xmlScan) skip(open, end string) {
	s.pos += len(open)
	if i := strings.Index(s.doc[s.pos:], end); i >= 0 {
		s.pos += i + len(end)
		return
	}
	s.pos = len(s.doc)
}

// skipDeclaration steps over a declaration such as a document type, to the ">" that
// is neither quoted nor closes something within it.
func (s *xmlScan) skipDeclaration() {
	depth := 0
	var quote byte
	for s.pos < len(s.doc) {
		c := s.doc[s.pos]
		if c == '<' && quote == 0 && strings.HasPrefix(s.doc[s.pos:], "<!--") {
			s.skip("<!--", "-->")
			continue
		}
		s.pos++
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '<':
			depth++
		case c == '>':
			if depth--; depth == 0 {
				return
			}
		}
	}
}

// close ends the nearest open element of the name, and with it the unclosed ones
// inside, as lenient parsers do. An end tag that closes nothing is ignored.
func (s *xmlScan) close() {
	s.pos += len("</")
	name := s.name()
	for i := len(s.open) - 1; i >= 0; i-- {
		if s.open[i].name == name {
			s.open = s.open[:i]
			return
		}
	}
}

func (s *xmlScan) start() error {
	begin := s.pos
	s.pos++
	name := s.name()
	if name == "" {
		return nil // a bare "<" in text
	}
	if s.root < 0 {
		s.root = begin
	}
	attributes, empty := s.attributes()
	if err := s.count(); err != nil {
		return err
	}
	if empty {
		return nil
	}
	e := openElement{name: name, namespaces: strings.Count(attributes, "xmlns")}
	if n := len(s.open); n > 0 {
		e.namespaces += s.open[n-1].namespaces
	}
	s.open = append(s.open, e)
	switch {
	case len(s.open) > maxDepth:
		return fmt.Errorf("XML elements are nested deeper than %d", maxDepth)
	case e.namespaces > maxNamespaces:
		return fmt.Errorf("more than %d XML namespaces are declared", maxNamespaces)
	}
	return nil
}

func (s *xmlScan) name() string {
	begin := s.pos
	for s.pos < len(s.doc) && !strings.ContainsRune(" \t\r\n/><", rune(s.doc[s.pos])) {
		s.pos++
	}
	return s.doc[begin:s.pos]
}

// attributes steps behind the tag's ">" and reports whether it was "/>". A ">" within
// quotes belongs to a value.
func (s *xmlScan) attributes() (text string, empty bool) {
	begin := s.pos
	var quote byte
	for ; s.pos < len(s.doc); s.pos++ {
		switch c := s.doc[s.pos]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '>':
			text = s.doc[begin:s.pos]
			s.pos++
			return text, strings.HasSuffix(text, "/")
		}
	}
	return s.doc[begin:], false
}

// count takes note of a node within the innermost open element.
func (s *xmlScan) count() error {
	s.nodes++
	if n := len(s.open); n > 0 {
		s.open[n-1].children++
		if s.open[n-1].children > maxChildren {
			return fmt.Errorf("more than %d items, or parts in one element; use a shorter feed", maxItems)
		}
	}
	if s.nodes > maxNodes {
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
