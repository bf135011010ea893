package collector

import (
	"bytes"
	"cmp"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/PuerkitoBio/goquery"
	"github.com/andybalholm/cascadia"
	"github.com/go-shiori/go-readability"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

const (
	shortText   = 25        // characters below which an extracted text is doubted
	maxPageText = 1 << 20   // bytes on an article's page; none is longer, and each way to find it makes copies
	maxNesting  = 1_000_000 // see nesting; a large page of news has some 100,000
	maxTags     = 30_000    // of a page; badly nested ones can take a parser seconds a megabyte
)

// selector is a compiled "css@attribute".
type selector struct {
	source string
	css    goquery.Matcher // nil for the element itself
	attr   string          // empty for the content
}

var attributeAtEnd = regexp.MustCompile(`^(.*?)@([A-Za-z_][-\w:.]*)$`)

func compileSelector(source string) (selector, error) {
	s := selector{source: source}
	css := strings.TrimSpace(source)
	if m := attributeAtEnd.FindStringSubmatch(css); m != nil {
		css, s.attr = strings.TrimSpace(m[1]), strings.ToLower(m[2])
	}
	if css == "" {
		return s, nil
	}
	compiled, err := cascadia.Compile(css)
	if err != nil {
		return s, fmt.Errorf("selector %q: %w", source, err)
	}
	s.css = compiled
	return s, nil
}

// in is the first match within an element, or the element itself if it matches.
func (s selector) in(element *goquery.Selection) *goquery.Selection {
	if s.css == nil {
		return element
	}
	if found := element.FindMatcher(s.css); found.Length() > 0 {
		return found.First()
	}
	return element.FilterMatcher(s.css)
}

// value is what the selector points at, in plain text on one line; empty if there is
// nothing.
func (s selector) value(element *goquery.Selection) string {
	found := s.in(element)
	if s.attr != "" {
		return collapseLine(found.AttrOr(s.attr, ""))
	}
	return plainLine(markup(found))
}

// markup is the HTML within the elements, each on lines of its own.
func markup(found *goquery.Selection) string {
	var b strings.Builder
	for i := range found.Nodes {
		if inner, err := found.Eq(i).Html(); err == nil { // rendering to memory does not fail
			b.WriteString("<p>" + inner)
		}
	}
	return b.String()
}

// parseHTML reads an answer as a web page. The base is what its links are relative to.
func parseHTML(resp *Response) (doc *goquery.Document, base string, err error) {
	declared, _, err := mime.ParseMediaType(resp.ContentType)
	if err != nil {
		declared = "text/html" // absent or malformed: the bytes decide
	}
	sniffed, _, _ := strings.Cut(http.DetectContentType(resp.Body), ";")
	switch {
	case !strings.HasPrefix(sniffed, "text/"):
		return nil, "", fmt.Errorf("the answer is %s, not HTML", sniffed)
	case declared != "text/html" && declared != "application/xhtml+xml" && declared != "text/plain":
		return nil, "", fmt.Errorf("the answer is %s, not HTML", declared)
	}
	if tags := bytes.Count(resp.Body, []byte("<")); tags > maxTags {
		return nil, "", fmt.Errorf("the page has %d tags, more than %d", tags, maxTags)
	}
	doc, err = goquery.NewDocumentFromReader(strings.NewReader(toUTF8(resp.Body, resp.ContentType)))
	if err != nil {
		return nil, "", fmt.Errorf("parse HTML: %w", err)
	}
	return doc, resolve(doc.Find("base[href]").AttrOr("href", resp.URL), resp.URL), nil
}

// article is what is read from an article's page.
type article struct {
	title, text, author, lang string
	published                 moment
}

// bodies are where widely used publishing systems put an article's text: schema.org's
// microdata, WeChat, the systems of Chinese governments and papers, Discuz.
const bodies = `[itemprop="articleBody"], #js_content, .TRS_Editor, #UCAP-CONTENT, #zoom, td.t_f`

// noise is what stands within an article's text and is no part of it: text that Discuz
// hides among the visible against copying, and its notes on edits.
const noise = `font.jammer, i.pstatus, span[style*="display:none"], span[style*="display: none"], font[style*="display:none"]`

// readArticle takes the article out of its page. The text is what the selector finds,
// which must be something. Without selector it stands where the page's publishing
// system puts it, or is what Mozilla's Readability algorithm takes for the content, or
// the block with the most text of its own. Where the page shows next to nothing, since
// scripts would fill it in, what it says to programs is taken. A page with more than a
// megabyte of text is no article, and has none.
func readArticle(doc *goquery.Document, base string, zone *time.Location, now time.Time, text selector) (article, error) {
	meta := func(css string) string { return doc.Find(css).First().AttrOr("content", "") }
	ld := linkedData(doc)
	a := article{
		title: plainLine(cmp.Or(meta(`meta[property="og:title"]`), ld.headline, markup(doc.Find("#activity-name").First()),
			markup(doc.Find("h1").First()), markup(doc.Find("title").First()))),
		author: plainLine(cmp.Or(meta(`meta[name="author"]`), ld.author, meta(`[itemprop="author"] [itemprop="name"]`), markup(doc.Find(`#js_name`).First()),
			markup(doc.Find(`[itemprop="author"], a[rel~="author"]`).First()))),
		lang:      languageTag(doc.Find("html").AttrOr("lang", "")),
		published: publication(doc, ld, zone, now),
	}
	if text.css != nil {
		if a.text = plainText(markup(doc.FindMatcher(text.css))); a.text == "" {
			return a, fmt.Errorf("text selector %q finds nothing", text.source)
		}
		return a, nil
	}
	unshown := markup(doc.Find("body noscript"))
	// WeChat hides an article until its script has run, and Readability skips what is hidden.
	doc.Find(`[style*="visibility"]`).RemoveAttr("style")
	doc.Find("nav, footer, aside, script, style, noscript, template, iframe, " + noise).Remove()
	if textSize(doc) > maxPageText {
		return a, nil
	}
	a.text = plainText(markup(doc.Find(bodies).First()))
	if isShort(a.text) {
		a.text = longer(a.text, readable(doc, base))
	}
	if isShort(a.text) {
		a.text = longer(a.text, densest(doc))
	}
	if isShort(a.text) {
		a.text = longer(a.text, plainText(unshown), plainText(ld.body), plainText(meta(`meta[property="og:description"]`)))
	}
	a.text = strings.TrimPrefix(a.text, a.title+"\n") // the headline, which the item has already
	return a, nil
}

func isShort(text string) bool { return utf8.RuneCountInString(text) < shortText }

// longer is the longest of the texts, the first of equals.
func longer(texts ...string) string {
	best := ""
	for _, text := range texts {
		if len(text) > len(best) {
			best = text
		}
	}
	return best
}

// nesting is the sum of the depths of a document's nodes. Readability reads the text of
// a node again for each element around it.
func nesting(doc *goquery.Document) int {
	sum := 0
	var walk func(n *html.Node, depth int)
	walk = func(n *html.Node, depth int) { // the parser refuses documents too deep for this
		sum += depth
		for child := range n.ChildNodes() {
			walk(child, depth+1)
		}
	}
	walk(doc.Nodes[0], 0)
	return sum
}

// readable is the text that Readability takes for the content of a page, empty if it
// finds none or if the page is nested beyond reason.
func readable(doc *goquery.Document, base string) string {
	address, err := url.Parse(base)
	if err != nil || nesting(doc) > maxNesting {
		return ""
	}
	found, err := readability.FromDocument(doc.Nodes[0], address)
	if err != nil {
		return "" // there is a second way
	}
	return plainText(found.Content)
}

// textSize is how much text a page holds, in bytes.
func textSize(doc *goquery.Document) int {
	size := 0
	for n := range doc.Nodes[0].Descendants() {
		if n.Type == html.TextNode {
			size += len(n.Data)
		}
	}
	return size
}

// densest is the text of the block that has the most text outside of links, directly
// or in its paragraphs.
func densest(doc *goquery.Document) string {
	var best *goquery.Selection
	most := 0
	doc.Find("article, main, section, div, td, body").Each(func(_ int, block *goquery.Selection) {
		own := 0
		for n := range block.Nodes[0].ChildNodes() {
			switch {
			case n.Type == html.TextNode:
				own += len(strings.TrimSpace(n.Data))
			case n.DataAtom == atom.P || n.DataAtom == atom.Span || n.DataAtom == atom.Strong:
				paragraph := block.FindNodes(n)
				own += len(strings.TrimSpace(paragraph.Text())) - len(strings.TrimSpace(paragraph.Find("a").Text()))
			}
		}
		if own > most {
			best, most = block, own
		}
	})
	if best == nil {
		return ""
	}
	return plainText(markup(best))
}
