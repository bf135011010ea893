package collector

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/net/html"
)

// element is an open element.
type element struct {
	name       string // qualified, in lower case, as it stands in the document
	vocabulary vocabulary
	holds      holding
	written    string // its name in the result, "" if it leaves no trace
	begin      int    // where it begins in the result
	base       string // xml:base in force
	bindings   int    // namespace prefixes in force around it
	children   int
}

// rewriter turns one document into another. See rewriteXML.
type rewriter struct {
	references
	tokens   *html.Tokenizer
	base     string // of the document
	out      []byte
	open     []element
	bindings []binding
	nodes    int
	items    int
	plain    bool // whether the format's titles are text without mark-up
	leaf     leaf
}

// rewriteXML turns any feed in XML (RSS 0.90 to 2.0, RSS 1.1, Atom 0.3 and 1.0, CDF)
// into the RSS 2.0 document that gofeed reads without loss: whatever the format and
// its version, an element has one name, titles and texts are HTML, addresses are
// absolute where xml:base makes them so, and nothing is left that no reader needs.
// Damage is repaired on the way: wrong characters, references that nobody declared,
// elements not closed, a document that breaks off, of which the whole items remain.
// The limits of limits.go are checked as it goes. The base is the document's address;
// whole tells that its root element was closed.
func rewriteXML(doc, base string) (rewritten []byte, whole bool, err error) {
	doc = strings.Map(allowedInXML, doc)
	r := rewriter{base: base, out: make([]byte, 0, len(doc)+len(header))}
	root, err := r.prolog(doc)
	if err != nil {
		return nil, false, err
	}
	// The ">" ends a tag in which the document breaks off.
	r.tokens = html.NewTokenizer(io.MultiReader(strings.NewReader(doc[root:]), strings.NewReader(">")))
	r.tokens.AllowCDATA(true)
	r.tokens.SetMaxBuf(maxToken)
	r.out = append(r.out, header...)
	for {
		token := r.tokens.Next()
		switch token {
		case html.ErrorToken:
			if errors.Is(r.tokens.Err(), io.EOF) {
				return r.finish()
			}
			return nil, false, fmt.Errorf("a text or tag in it is longer than %d MiB; use a shorter feed", maxToken>>20) // strings.Reader never fails
		case html.TextToken, html.CommentToken:
			err = r.text(token)
		case html.StartTagToken, html.SelfClosingTagToken:
			err = r.start(token == html.SelfClosingTagToken)
		case html.EndTagToken:
			name, _ := r.tokens.TagName()
			err = r.end(string(name))
		}
		if err != nil {
			return nil, false, err
		}
	}
}

// finish closes what the document left open, without an item that is not whole.
func (r *rewriter) finish() (rewritten []byte, whole bool, err error) {
	whole = len(r.open) == 0 && r.nodes > 0
	for i, e := range r.open {
		if e.holds == holdsEntry {
			r.out, r.open, r.leaf = r.out[:e.begin], r.open[:i], leaf{}
			if r.items--; r.items == 0 {
				return nil, false, errors.New("it breaks off within its first item")
			}
			break
		}
	}
	if r.items == 0 && !whole {
		return nil, false, errors.New("it breaks off before its first item")
	}
	r.closeTo(0)
	return append(r.out, "</channel></rss>"...), whole, nil
}

// start takes a start tag, or an empty element.
func (r *rewriter) start(empty bool) error {
	r.tokens.NextIsNotRawText() // <title> holds mark-up in XML
	raw, hasAttributes := r.tokens.TagName()
	e := element{name: string(raw), bindings: len(r.bindings)}
	attributes := r.attributes(hasAttributes)
	if err := r.count(); err != nil {
		return err
	}
	if r.inline(e.name) {
		r.leaf.content = appendTag(r.leaf.content, localName(e.name), attributes, empty)
		if empty || isVoid(localName(e.name)) {
			return nil
		}
		return r.push(e)
	}
	if n := len(r.open); n > 0 {
		e.base = r.open[n-1].base
	}
	if base, ok := attributes["xml:base"]; ok {
		e.base = resolve(base, e.base, r.base)
	}
	if err := r.bind(attributes); err != nil {
		return err
	}
	e.vocabulary = r.vocabularyOf(e.name)
	if len(r.open) == 0 && e.vocabulary == other { // the root belongs to a format, whatever it declares
		e.vocabulary = rootVocabulary(localName(e.name))
		r.bindings = append(r.bindings, binding{prefix(e.name), e.vocabulary})
	}
	e.holds, e.written = r.classify(e)
	if e.holds == holdsAddress && attributes["rel"] != "" { // Atom's link without its namespace
		e.holds, e.written = holdsLink, "atom:link"
	}
	e.begin = len(r.out)
	if err := r.push(e); err != nil {
		return err
	}
	r.begin(e, attributes)
	if empty {
		r.closeTo(len(r.open) - 1)
	}
	return nil
}

// inline reports whether a start tag within a leaf belongs to its content, after
// closing what it shows to be unclosed.
func (r *rewriter) inline(name string) bool {
	if name == "item" || name == "entry" || name == "atom:entry" { // of no vocabulary of texts
		r.closeEntry()
	}
	if r.leaf.depth > 0 && (name == "guid" || name == "pubdate" || name == "description") {
		r.closeTo(r.leaf.depth - 1)
	}
	return r.leaf.depth > 0
}

// closeEntry closes an item that another follows, unless that is part of the item: of
// an extension, or of content that is a document itself.
func (r *rewriter) closeEntry() {
	if strings.Contains(r.leaf.attributes["type"], "/") {
		return
	}
	for i := len(r.open) - 1; i >= 0 && r.open[i].vocabulary != other; i-- {
		if r.open[i].holds == holdsEntry {
			r.closeTo(i)
			return
		}
	}
}

// attributes are the attributes of the tag that was read last, by name in lower case.
func (r *rewriter) attributes(more bool) map[string]string {
	if !more {
		return nil
	}
	attributes := make(map[string]string)
	for more && len(attributes) < maxAttributes {
		var key, value []byte
		key, value, more = r.tokens.TagAttr()
		if _, taken := attributes[string(key)]; !taken {
			attributes[string(key)] = strings.Map(allowedInXML, string(value))
		}
	}
	return attributes
}

func (r *rewriter) push(e element) error {
	r.open = append(r.open, e)
	if len(r.open) > maxDepth {
		return fmt.Errorf("XML elements are nested deeper than %d", maxDepth)
	}
	return nil
}

// begin writes what an element begins with and prepares for its content.
func (r *rewriter) begin(e element, attributes map[string]string) {
	switch e.holds {
	case holdsItems:
		if len(r.open) == 1 {
			r.plain = hasPlainTitles(localName(e.name), attributes["version"])
		}
		r.write("dc:language", attributes["xml:lang"])
	case holdsEntry:
		r.items++
		r.out = append(r.out, "<item>"...)
		r.itemAttributes(e, attributes)
	case holdsGroup:
		r.out = append(r.out, "<"+e.written+">"...)
	case holdsWords, holdsAddress, holdsLink, holdsTitle, holdsProse, holdsConstruct:
		r.leaf = leaf{depth: len(r.open), attributes: attributes}
		switch e.holds {
		case holdsTitle:
			if r.plain || e.vocabulary != native {
				r.leaf.form = asText
			}
		case holdsConstruct:
			r.leaf.form, r.leaf.encoded = constructForm(attributes["type"], attributes["mode"])
		}
	}
}

// hasPlainTitles reports whether titles are text without mark-up: in RSS 0.90, 0.91,
// 1.0 and 1.1. RSS 0.92 was the first to allow it.
func hasPlainTitles(root, version string) bool {
	return root == "rdf" || root == "channel" || strings.HasPrefix(version, "0.90") || strings.HasPrefix(version, "0.91")
}

// itemAttributes writes the elements that formats keep in attributes of an item: the
// address in RSS 1.0, address and time in CDF, and the language.
func (r *rewriter) itemAttributes(e element, attributes map[string]string) {
	r.write("about", attributes["rdf:about"])
	r.write("link", e.absolute(attributes["href"]))
	r.write("atom:updated", attributes["lastmod"])
	r.write("dc:language", attributes["xml:lang"])
}

// absolute resolves an address against xml:base, if one is in force.
func (e element) absolute(ref string) string {
	if e.base == "" {
		return strings.TrimSpace(ref)
	}
	return resolve(ref, e.base)
}

// end takes an end tag: it closes the nearest open element of the name, and with it
// the unclosed ones inside. One that closes nothing is counted and ignored.
func (r *rewriter) end(name string) error {
	for i := len(r.open) - 1; i >= 0; i-- {
		if r.open[i].name == name {
			r.closeTo(i)
			return nil
		}
	}
	return r.count()
}

// closeTo closes elements until n are open.
func (r *rewriter) closeTo(n int) {
	for len(r.open) > n {
		e := r.open[len(r.open)-1]
		switch {
		case r.leaf.depth == len(r.open):
			r.writeLeaf(e)
			r.leaf = leaf{}
		case r.leaf.depth > 0:
			r.leaf.content = append(r.leaf.content, "</"+localName(e.name)+">"...)
		case e.holds == holdsEntry || e.holds == holdsGroup:
			r.out = append(r.out, "</"+e.written+">"...)
		}
		r.bindings = r.bindings[:e.bindings]
		r.open = r.open[:len(r.open)-1]
	}
}

// write adds an element to the result unless it is empty.
func (r *rewriter) write(name, content string, attributes ...string) {
	if content == "" || name == "" {
		return
	}
	content = strings.ReplaceAll(content, "]]>", "]]]]><![CDATA[>")
	r.out = fmt.Appendf(r.out, "<%s%s><![CDATA[%s]]></%s>", name, strings.Join(attributes, ""), content, name)
}
