package collector

import (
	"html"
	"regexp"
	"strings"
)

const (
	maxReference = 64      // bytes from "&" to ";", more than any name of HTML needs
	maxEntity    = 1 << 10 // bytes that one declared entity stands for
	maxExpansion = 1 << 20 // bytes that the declared entities of a document may add in all
)

// declaredEntity finds the entities that a document type declares as text. External
// ones are never looked at.
var declaredEntity = regexp.MustCompile(`<!ENTITY\s+([^\s%"'&;]+)\s+(?:"([^"]*)"|'([^']*)')\s*>`)

// references decodes the references of XML text.
type references struct {
	declared  map[string]string
	expansion int // bytes added by declared entities so far
}

// declare takes note of the entities in a document type. A value is decoded once, so
// that entities made of entities stay small.
func (r *references) declare(doctype string) {
	for _, m := range declaredEntity.FindAllStringSubmatch(doctype, 1000) {
		value := m[2] + m[3]
		if _, taken := r.declared[m[1]]; taken || len(value) > maxEntity { // the first declaration counts
			continue
		}
		if r.declared == nil {
			r.declared = make(map[string]string)
		}
		r.declared[m[1]] = strings.Map(allowedInXML, html.UnescapeString(value))
	}
}

// decode replaces character references, the document's own entities and those of
// HTML, which many feeds use without declaring them, if they end in ";": the "&copy=2"
// of an address is none. What is no known reference stays as it is.
func (r *references) decode(text string) string {
	next := strings.IndexByte(text, '&')
	if next < 0 {
		return text
	}
	var out strings.Builder
	for ; next >= 0; next = strings.IndexByte(text, '&') {
		out.WriteString(text[:next])
		text = text[next:]
		name := text[1:min(len(text), maxReference)]
		end := strings.IndexAny(name, "; &<>=/?\"'\t\r\n")
		decoded, known := "", false
		if end > 0 && name[end] == ';' {
			decoded, known = r.value(name[:end])
		}
		if known {
			out.WriteString(decoded)
			text = text[end+len("&;"):]
		} else {
			out.WriteByte('&')
			text = text[1:]
		}
	}
	out.WriteString(text)
	return out.String()
}

// value is what a reference stands for, by what is between "&" and ";".
func (r *references) value(name string) (string, bool) {
	if value, ok := r.declared[name]; ok {
		if r.expansion += len(value); r.expansion > maxExpansion {
			return "", true
		}
		return value, true
	}
	decoded := html.UnescapeString("&" + name + ";")
	if strings.HasSuffix(decoded, ";") && decoded != ";" { // not known, or only its beginning
		return "", false
	}
	return strings.Map(allowedInXML, decoded), true
}

// allowedInXML drops the characters that XML does not allow.
func allowedInXML(r rune) rune {
	if r < 0x20 && r != '\t' && r != '\n' && r != '\r' || r == 0xfffe || r == 0xffff {
		return -1
	}
	return r
}
