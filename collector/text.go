package collector

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"reputed/internal/reputation"
)

// escapedMarkup recognises text that is still mark-up or still holds references:
// publishers often escape once more than their format asks for.
var escapedMarkup = regexp.MustCompile(`(?i)</(?:p|div|span|a|b|i|strong|em|h[1-6]|ul|ol|li|table|td|section)>|<br ?/?>|<img [^>]*>|&(?:nbsp|lt|gt|quot|ldquo|rdquo|hellip|mdash|middot|#\d{2,6}|#x[0-9a-f]{2,5});`)

// plainText turns HTML into text: paragraphs, list items and line breaks become
// line breaks, references are decoded, what a browser does not show is dropped and
// other white space collapses. Text without mark-up passes unharmed.
func plainText(markup string) string {
	text := stripTags(markup)
	if escapedMarkup.MatchString(text) {
		text = stripTags(text)
	}
	return text
}

// plainLine is plainText on one line, for titles and names.
func plainLine(markup string) string {
	return strings.ReplaceAll(plainText(markup), "\n", " ")
}

// collapseLine is plainLine for what is text already.
func collapseLine(text string) string {
	return strings.ReplaceAll(collapse(text), "\n", " ")
}

// collapse is plainText for what is text already: white space changes, and invisible
// characters go.
func collapse(text string) string {
	var out textBuilder
	for line := range strings.Lines(text) {
		out.newline()
		out.text(line)
	}
	return out.String()
}

var languageForm = regexp.MustCompile(`^[A-Za-z]{2,8}(?:[-_][A-Za-z0-9]{1,8}){0,4}$`)

// languageTag is what a source states as its language if it has the form of a tag (BCP
// 47), else empty: anything may stand there.
func languageTag(stated string) string {
	stated = strings.TrimSpace(stated)
	if !languageForm.MatchString(stated) {
		return ""
	}
	return strings.ReplaceAll(stated, "_", "-")
}

// notDeclaration finds a "<!" that opens neither a comment nor a declaration.
var notDeclaration = regexp.MustCompile(`<!([^-\[A-Za-z>]|$)`)

func stripTags(markup string) string {
	var out textBuilder
	if !strings.ContainsAny(markup, "<&") { // a short cut
		out.text(markup)
		return out.String()
	}
	z := html.NewTokenizer(strings.NewReader(notDeclaration.ReplaceAllString(markup, "&lt;!$1")))
	var hidden atom.Atom // the element being skipped, 0 outside of one
	depth := 0           // of elements with the same name as hidden
	for {
		switch z.Next() {
		case html.ErrorToken:
			if hidden == 0 {
				out.text(string(z.Raw())) // a "<" that opened no tag, as in "a <b"
			}
			return out.String()
		case html.TextToken:
			if hidden == 0 {
				out.text(string(z.Text()))
			}
		case html.SelfClosingTagToken, html.StartTagToken:
			token := z.Token()
			if token.Type == html.SelfClosingTagToken { // <iframe/> hides nothing in XHTML
				z.NextIsNotRawText()
			}
			switch {
			case hidden != 0:
				if token.DataAtom == hidden {
					depth++
				}
			case unseen(token.DataAtom) && token.Type == html.StartTagToken:
				hidden, depth = token.DataAtom, 1
			default:
				out.open(token)
			}
		case html.EndTagToken:
			name := z.Token().DataAtom
			if name == hidden && hidden != 0 {
				if depth--; depth == 0 {
					hidden = 0
				}
			} else if hidden == 0 && isBlock(name) {
				out.newline()
			}
		}
	}
}

// unseen are the elements whose content a browser shows to nobody.
func unseen(a atom.Atom) bool {
	switch a {
	case atom.Script, atom.Style, atom.Template, atom.Title, atom.Iframe, atom.Noscript, atom.Noframes, atom.Noembed, atom.Svg:
		return true
	}
	return false
}

// isBlock are the elements that stand on lines of their own.
func isBlock(a atom.Atom) bool {
	switch a {
	case atom.P, atom.Div, atom.Br, atom.Hr, atom.Li, atom.Ul, atom.Ol, atom.Dl, atom.Dt, atom.Dd, atom.Tr, atom.Table, atom.Pre,
		atom.Blockquote, atom.Section, atom.Article, atom.Header, atom.Footer, atom.Aside, atom.Main, atom.Nav, atom.Figure,
		atom.Figcaption, atom.Form, atom.Fieldset, atom.Address, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		return true
	}
	return false
}

// textBuilder collects text, collapsing white space as a browser does.
type textBuilder struct {
	strings.Builder
	gap rune // white space owed before the next character: 0, ' ' or '\n'
}

func (b *textBuilder) newline() {
	if b.Len() > 0 {
		b.gap = '\n'
	}
}

func (b *textBuilder) open(token html.Token) {
	switch {
	case isBlock(token.DataAtom):
		b.newline()
	case token.DataAtom == atom.Td || token.DataAtom == atom.Th:
		b.text(" ")
	case token.DataAtom == atom.Img:
		b.text(emoticon(token))
	}
}

// text appends s. Invisible characters that publishers use for layout or tracking
// are dropped, and those that steer a terminal or turn the direction of what stands
// around them; the joiner within emoji stays.
func (b *textBuilder) text(s string) {
	for _, r := range s {
		switch {
		case unicode.IsSpace(r):
			if b.Len() > 0 && b.gap == 0 { // a line break owed stays one
				b.gap = ' '
			}
		case r == '\u200b' || r == '\u2060' || r == '\ufeff' || r == '\u00ad' || reputation.Steers(r):
		default:
			if b.gap != 0 {
				b.WriteRune(b.gap)
				b.gap = 0
			}
			b.WriteRune(r)
		}
	}
}

// emoticon is what an inline picture says in place of a character: social networks
// send emoji as images that carry them, or a name such as [泪], as alternative text.
func emoticon(img html.Token) string {
	for _, a := range img.Attr {
		if a.Key != "alt" || utf8.RuneCountInString(a.Val) > 10 {
			continue
		}
		if strings.HasPrefix(a.Val, "[") && strings.HasSuffix(a.Val, "]") || strings.IndexFunc(a.Val, isPictograph) >= 0 {
			return a.Val
		}
	}
	return ""
}

func isPictograph(r rune) bool { return unicode.Is(unicode.So, r) }
