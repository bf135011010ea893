package collector

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

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
	notText              // a picture or the like
)

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

// writeLeaf adds an element with what was collected of it to the result.
func (r *rewriter) writeLeaf(e element) {
	content := strings.TrimSpace(string(r.leaf.content))
	attributes := r.leaf.attributes
	switch {
	case e.holds == holdsAddress:
		r.write(e.written, e.absolute(cmp.Or(content, attributes["href"], attributes["rdf:resource"])))
	case e.holds == holdsLink:
		rel := attributes["rel"]
		if localName(e.name) == "enclosure" {
			rel = "enclosure"
		}
		r.out = fmt.Appendf(r.out, `<%s rel="%s" type="%s" href="%s"/>`, e.written, html.EscapeString(rel),
			html.EscapeString(attributes["type"]), html.EscapeString(e.absolute(cmp.Or(attributes["href"], attributes["url"], content))))
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
