package collector

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// element is an open element.
type element struct {
	name       string // qualified, in lower case, as it stands in the document
	vocabulary vocabulary
	kind       kind
	written    string // its name in the result, "" if it leaves no trace
	begin      int    // where it begins in the result
	base       string // xml:base in force
	bindings   int    // namespace prefixes in force around it
	children   int
}

// binding is a namespace prefix in force.
type binding struct {
	prefix     string
	vocabulary vocabulary
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

// leaf is the element whose content is being collected.
type leaf struct {
	depth   int // of it within open, 0 if there is none
	form    form
	encoded bool // in base64
	content []byte

	attributes map[string]string
}

// form is how text in a feed becomes HTML.
type form int

const (
	asMarkup form = iota // it is HTML already
	asText               // it is text, or mark-up in elements: "<" is a character
	fromBase64
	notText // a picture or the like
)

// rewriteXML turns any feed in XML (RSS 0.90 to 2.0, RSS 1.1, Atom 0.3 and 1.0, CDF)
// into the RSS 2.0 document that gofeed reads without loss: whatever the format and
// its version, an element has one name, titles and texts are HTML, addresses are
// absolute where xml:base makes them so, and nothing is left that no reader needs.
// Damage is repaired on the way: wrong characters, references that nobody declared,
// elements not closed, a document that breaks off, of which the whole items remain.
// The limits of limits.go are checked as it goes. The base is the document's address;
// whole tells that no item broke off.
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
	whole = true
	for i, e := range r.open {
		if e.kind == holdsEntry {
			r.out, r.open, r.leaf, whole = r.out[:e.begin], r.open[:i], leaf{}, false
			if r.items--; r.items == 0 {
				return nil, false, errors.New("it breaks off within its first item")
			}
			break
		}
	}
	if r.items == 0 && len(r.open) > 0 {
		return nil, false, errors.New("it breaks off before its first item")
	}
	r.closeTo(0)
	return append(r.out, "</channel></rss>"...), whole, nil
}

// text takes character data, CDATA sections and comments.
func (r *rewriter) text(token html.TokenType) error {
	raw := r.tokens.Raw()
	section, isSection := bytes.CutPrefix(raw, []byte("<![CDATA["))
	if token == html.CommentToken || isSection {
		if err := r.count(); err != nil {
			return err
		}
	}
	if r.leaf.depth == 0 || token == html.CommentToken {
		return nil
	}
	room := maxText - len(r.leaf.content)
	var text string
	if isSection {
		section = bytes.TrimSuffix(section, []byte("]]>"))
		text = string(cut(section, room))
	} else {
		text = r.decode(string(cut(raw, room)))
	}
	if r.leaf.form == asText && !r.leaf.encoded || len(r.open) > r.leaf.depth { // within elements, "<" is a character
		text = html.EscapeString(text)
	}
	r.leaf.content = append(r.leaf.content, text...)
	return nil
}

// cut is text without what exceeds n bytes, in whole characters.
func cut(text []byte, n int) []byte {
	if len(text) <= n {
		return text
	}
	for n = max(n, 0); n > 0 && !utf8.RuneStart(text[n]); n-- {
	}
	return text[:n]
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
	e.kind, e.written = r.classify(e)
	if e.kind == holdsAddress && attributes["rel"] != "" { // Atom's link without its namespace
		e.kind, e.written = holdsLink, "atom:link"
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

// closeEntry closes an item that another follows, unless that is part of an extension
// of the item.
func (r *rewriter) closeEntry() {
	for i := len(r.open) - 1; i >= 0 && r.open[i].vocabulary != other; i-- {
		if r.open[i].kind == holdsEntry {
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

// bind takes note of the namespaces that a tag declares. The elements of the root
// without a prefix are the format's own, whatever it declares for them.
func (r *rewriter) bind(attributes map[string]string) error {
	for key, value := range attributes {
		declared, hasPrefix := strings.CutPrefix(key, "xmlns:")
		switch {
		case hasPrefix:
			r.bindings = append(r.bindings, binding{declared, namespaceVocabulary(value)})
		case key == "xmlns" && len(r.open) > 0:
			r.bindings = append(r.bindings, binding{"", namespaceVocabulary(value)})
		}
	}
	if len(r.bindings) > maxNamespaces {
		return fmt.Errorf("more than %d XML namespaces are declared", maxNamespaces)
	}
	return nil
}

func (r *rewriter) vocabularyOf(name string) vocabulary {
	p := prefix(name)
	for i := len(r.bindings) - 1; i >= 0; i-- {
		if r.bindings[i].prefix == p {
			return r.bindings[i].vocabulary
		}
	}
	return prefixVocabulary(p)
}

func prefix(name string) string { return name[:max(strings.IndexByte(name, ':'), 0)] }

func localName(name string) string { return name[strings.IndexByte(name, ':')+1:] }

// qualified is the name of an element by its vocabulary.
func (e element) qualified() string {
	if e.vocabulary == native {
		return localName(e.name)
	}
	return string(e.vocabulary) + ":" + localName(e.name)
}

// classify tells what an element holds where it stands.
func (r *rewriter) classify(e element) (kind, string) {
	if e.vocabulary == other {
		return holdsNothing, ""
	}
	parent := element{kind: holdsItems}
	if n := len(r.open); n > 0 {
		parent = r.open[n-1]
	}
	switch parent.kind {
	case holdsItems:
		return feedElement(e.qualified())
	case holdsEntry:
		return itemElement(e.qualified())
	case holdsGroup:
		return groupElement(e.qualified())
	}
	return holdsNothing, ""
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
	switch e.kind {
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
		switch e.kind {
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

// constructForm is the form of an Atom construct, and whether it is in base64, by its
// attributes (RFC 4287, sections 3.1.1 and 4.1.3.3; Atom 0.3 has a mode).
func constructForm(contentType, mode string) (f form, encoded bool) {
	contentType = strings.ToLower(strings.TrimSpace(contentType))
	family, _, isMedia := strings.Cut(contentType, "/")
	encoded = strings.EqualFold(strings.TrimSpace(mode), "base64")
	switch {
	case family == "image" || family == "audio" || family == "video":
		return notText, false
	case isMedia && family != "text" && !strings.Contains(contentType, "xml"):
		return asMarkup, true
	case contentType == "html" || contentType == "text/html":
		return asMarkup, encoded
	}
	return asText, encoded
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
		case e.kind == holdsEntry || e.kind == holdsGroup:
			r.out = append(r.out, "</"+e.written+">"...)
		}
		r.bindings = r.bindings[:e.bindings]
		r.open = r.open[:len(r.open)-1]
	}
}

// writeLeaf adds an element with what was collected of it to the result.
func (r *rewriter) writeLeaf(e element) {
	content := strings.TrimSpace(string(r.leaf.content))
	attributes := r.leaf.attributes
	switch {
	case e.kind == holdsAddress:
		r.write(e.written, e.absolute(first(content, attributes["href"], attributes["rdf:resource"])))
	case e.kind == holdsLink:
		rel := attributes["rel"]
		if localName(e.name) == "enclosure" {
			rel = "enclosure"
		}
		r.out = fmt.Appendf(r.out, `<%s rel="%s" type="%s" href="%s"/>`, e.written, html.EscapeString(rel),
			html.EscapeString(attributes["type"]), html.EscapeString(e.absolute(first(attributes["href"], attributes["url"], content))))
	case e.written == "guid" && strings.EqualFold(attributes["ispermalink"], "false"):
		r.write(e.written, content, ` isPermaLink="false"`)
	case r.leaf.form == notText:
	case r.leaf.encoded:
		text, ok := decodeBase64(content)
		if !ok || r.leaf.form == asText {
			text = html.EscapeString(text)
		}
		r.write(e.written, text)
	default:
		r.write(e.written, content)
	}
}

// decodeBase64 is the text that is encoded, or the text itself if none is.
func decodeBase64(text string) (decoded string, ok bool) {
	content, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
	if err != nil || !utf8.Valid(content) || bytes.IndexByte(content, 0) >= 0 {
		return text, false
	}
	return strings.Map(allowedInXML, string(content)), true
}

// write adds an element to the result unless it is empty.
func (r *rewriter) write(name, content string, attributes ...string) {
	if content == "" || name == "" {
		return
	}
	content = strings.ReplaceAll(content, "]]>", "]]]]><![CDATA[>")
	r.out = fmt.Appendf(r.out, "<%s%s><![CDATA[%s]]></%s>", name, strings.Join(attributes, ""), content, name)
}

// appendTag adds the start tag of an element within a text, with the one attribute
// that a text can be read from.
func appendTag(content []byte, name string, attributes map[string]string, empty bool) []byte {
	content = append(content, "<"+name...)
	if alt := attributes["alt"]; alt != "" {
		content = append(content, ` alt="`+html.EscapeString(alt)+`"`...)
	}
	content = append(content, '>')
	if empty && !isVoid(name) {
		content = append(content, "</"+name+">"...)
	}
	return content
}

// isVoid are the elements of HTML that have no end tag.
func isVoid(name string) bool {
	switch atom.Lookup([]byte(name)) {
	case atom.Area, atom.Base, atom.Br, atom.Col, atom.Embed, atom.Hr, atom.Img, atom.Input, atom.Link, atom.Meta, atom.Param, atom.Source, atom.Track, atom.Wbr:
		return true
	}
	return false
}
