package collector

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	ext "github.com/mmcdole/gofeed/extensions"
	"github.com/mmcdole/gofeed/json"
	"github.com/mmcdole/gofeed/rss"
)

// Entry is one entry of a feed, read but not yet an item of a source.
type Entry struct {
	ID        string    // guid or id as the publisher sent it; empty if there is none
	Link      string    // absolute where the document and its base allow; empty if there is none
	Title     string    // plain text on one line
	Author    string    // name, else mail address
	Lang      string    // BCP 47 tag that the feed states
	Published time.Time // UTC, to the second; Updated if not stated, zero if neither can be read
	Updated   time.Time // UTC, to the second; zero if not stated or not readable
	Text      []string  // the different texts of the entry (content, summary, ...) as plain text, longest first
}

// ParseFeed reads an RSS (0.90 to 2.0), Atom (0.3, 1.0), CDF or JSON Feed document. The
// contentType is the HTTP header's value and base the document's address; both may be
// empty. Times that state no zone are taken to be in zone, nil being UTC. Of a document
// that breaks off, the whole items are read. The document is refused if it is no feed
// or exceeds what a feed may hold (5,000 items, 256 levels).
func ParseFeed(body []byte, contentType, base string, zone *time.Location) ([]Entry, error) {
	entries, _, err := parseFeed(body, contentType, base, zone)
	return entries, err
}

// parseFeed is ParseFeed that also tells whether the document was whole.
func parseFeed(body []byte, contentType, base string, zone *time.Location) (entries []Entry, whole bool, err error) {
	if len(bytes.TrimSpace(body)) == 0 {
		return nil, false, errors.New("the document is empty")
	}
	read := readXML
	doc := strings.TrimSpace(toUTF8(body, contentType))
	if strings.HasPrefix(doc, "{") {
		read = readJSON
	}
	entries, whole, err = read(doc, base, cmp.Or(zone, time.UTC))
	if err == nil && len(entries) > maxItems {
		err = fmt.Errorf("more than %d items; use a shorter feed", maxItems)
	}
	if err != nil {
		return nil, false, fmt.Errorf("parse feed: %w", err)
	}
	return entries, whole, nil
}

// feedReader holds what entries inherit from their feed.
type feedReader struct {
	zone     *time.Location
	american bool
	bases    []string
	lang     string
	author   string
}

func newFeedReader(zone *time.Location, lang string, bases ...string) feedReader {
	r := feedReader{zone: zone, lang: languageTag(lang)}
	document := bases[len(bases)-1]
	for _, b := range bases {
		r.bases = append(r.bases, resolve(b, document))
	}
	return r
}

func readXML(doc, base string, zone *time.Location) (entries []Entry, whole bool, err error) {
	rewritten, whole, err := rewriteXML(doc, base)
	if err != nil {
		return nil, false, err
	}
	feed, err := new(rss.Parser).Parse(bytes.NewReader(rewritten))
	if err != nil {
		return nil, false, err
	}
	x := extensions(feed.Extensions)
	r := newFeedReader(zone, cmp.Or(feed.Language, x.value("dc", "language")), cmp.Or(cmp.Or(feed.Links...), x.alternate()), x.link("self"), base)
	r.american = isAmerican(r.lang, feed.Items)
	r.author = personName(cmp.Or(x.author(), x.value("itunes", "author"), x.value("dc", "creator"), feed.ManagingEditor))
	entries = make([]Entry, len(feed.Items))
	for i, item := range feed.Items {
		entries[i] = r.entry(item)
	}
	return entries, whole, nil
}

// isAmerican reports whether a feed says that it is, and does not show the opposite:
// many programs in China leave en-us where they were installed with it.
func isAmerican(lang string, items []*rss.Item) bool {
	switch strings.ToLower(lang) {
	case "en-us", "es-us", "en-ca", "es-mx":
		return !slices.ContainsFunc(items, func(item *rss.Item) bool {
			return strings.ContainsFunc(item.Title, func(r rune) bool { return unicode.Is(unicode.Han, r) })
		})
	}
	return false
}

// entry reads an item of a document that rewriteXML wrote.
func (r *feedReader) entry(item *rss.Item) Entry {
	x := extensions(item.Extensions)
	e := Entry{
		Link:   resolve(cmp.Or(x.value("feedburner", "origlink"), item.Link, x.alternate()), r.bases...),
		Title:  plainLine(cmp.Or(item.Title, x.value("atom", "title"), x.value("dc", "title"), x.value("media", "title"), x.value("itunes", "title"))),
		Author: cmp.Or(personName(cmp.Or(x.author(), item.Author, x.value("dc", "creator"), x.value("itunes", "author"))), r.author),
		Lang:   cmp.Or(languageTag(x.value("dc", "language")), r.lang),
		Text: plainTexts(item.Content, item.Description, item.Custom["fullitem"], item.Custom["body"], x.value("atom", "content"), x.value("atom", "summary"),
			x.value("dc", "description"), x.value("media", "description"), x.value("itunes", "summary"), x.value("itunes", "subtitle")),
		Updated: r.time(x.value("atom", "updated"), x.value("dcterms", "modified"), x.value("dc", "date")),
	}
	permalink := ""
	if item.GUID != nil {
		e.ID = item.GUID.Value
		if item.GUID.IsPermalink != "false" {
			permalink = item.GUID.Value
		}
	}
	e.ID = cmp.Or(e.ID, x.value("atom", "id"), x.value("dc", "identifier"), item.Custom["about"])
	for _, address := range []string{permalink, item.Custom["about"], resolve(x.link("enclosure"), r.bases...)} {
		if e.Link == "" && isWebAddress(address) {
			e.Link = address
		}
	}
	e.Published = r.time(item.Custom["stated"], x.value("atom", "published"), x.value("dcterms", "issued"), x.value("dcterms", "created"), x.value("dc", "date"))
	e.Published = cmp.Or(e.Published, e.Updated)
	return e
}

func readJSON(doc, base string, zone *time.Location) (entries []Entry, whole bool, err error) {
	doc, whole, err = repairJSON(doc)
	if err != nil {
		return nil, false, err
	}
	feed, err := new(json.Parser).Parse(strings.NewReader(doc))
	if err != nil {
		return nil, false, err
	}
	if !whole && len(feed.Items) == 0 {
		return nil, false, errors.New("it breaks off before its first item")
	}
	r := newFeedReader(zone, feed.Language, feed.HomePageURL, feed.FeedURL, base)
	r.author = jsonAuthor(feed.Author, feed.Authors)
	for _, item := range feed.Items {
		if item != nil {
			entries = append(entries, r.jsonEntry(item))
		}
	}
	return entries, whole, nil
}

func (r *feedReader) jsonEntry(item *json.Item) Entry {
	e := Entry{
		ID: item.ID, Link: resolve(cmp.Or(item.URL, item.ExternalURL), r.bases...), Title: plainLine(item.Title),
		Author: cmp.Or(jsonAuthor(item.Author, item.Authors), r.author), Lang: cmp.Or(languageTag(item.Language), r.lang),
		Updated: r.time(item.DateModified), Text: plainTexts(item.ContentHTML, item.Summary),
	}
	if item.ContentText != "" { // text, not mark-up: "<" is a character of it
		e.Text = longestFirst(append(e.Text, collapse(item.ContentText)))
	}
	e.Published = cmp.Or(r.time(item.DatePublished), e.Updated)
	return e
}

func jsonAuthor(author *json.Author, authors []*json.Author) string {
	for _, a := range append(authors, author) {
		if a != nil && a.Name != "" {
			return plainLine(a.Name)
		}
	}
	return ""
}

// centralTime is the abbreviation that parseDate takes for China's.
var centralTime = regexp.MustCompile(`\bCST\b`)

// time is the first of the texts that is a time.
func (r *feedReader) time(texts ...string) time.Time {
	for _, text := range texts {
		if r.american {
			text = centralTime.ReplaceAllString(text, "-0600")
		}
		if t, ok := parseDate(text, r.zone); ok {
			return t
		}
	}
	return time.Time{}
}

// mailAndName is how RSS wants an author, "mail address (name)", and what many write.
var mailAndName = regexp.MustCompile(`^\S+@\S+\s+\(([^()]+)\)$|^([^@()]+?)\s+[(<]\S+@\S+[)>]$`)

// personName is the name in the text of an author element, or all of it.
func personName(text string) string {
	text = plainLine(text)
	if m := mailAndName.FindStringSubmatch(text); m != nil {
		return m[1] + m[2]
	}
	return text
}

// extensions are the elements of an entry from other vocabularies, by prefix and name.
type extensions ext.Extensions

// value is the first value of an element, also where Media RSS puts it into a group.
func (x extensions) value(prefix, name string) string {
	elements := x[prefix]
	if group := elements["group"]; len(elements[name]) == 0 && len(group) > 0 {
		elements = group[0].Children
	}
	if len(elements[name]) == 0 {
		return ""
	}
	return elements[name][0].Value
}

// alternate is the address of the page that an entry or feed speaks of, HTML before
// other forms of it.
func (x extensions) alternate() string {
	found := ""
	for _, link := range x["atom"]["link"] {
		if rel := link.Attrs["rel"]; rel == "" || strings.EqualFold(rel, "alternate") || strings.HasSuffix(rel, "/relation/alternate") {
			if contentType := link.Attrs["type"]; contentType == "" || strings.Contains(contentType, "html") {
				return link.Attrs["href"]
			}
			found = cmp.Or(found, link.Attrs["href"])
		}
	}
	return found
}

// link is the address of the first Atom link of a kind.
func (x extensions) link(rel string) string {
	for _, link := range x["atom"]["link"] {
		if link.Attrs["rel"] == rel && link.Attrs["href"] != "" {
			return link.Attrs["href"]
		}
	}
	return ""
}

// author is the name of an Atom author, else the mail address.
func (x extensions) author() string {
	for _, author := range x["atom"]["author"] {
		for _, part := range []string{"name", "email"} {
			if found := author.Children[part]; len(found) > 0 {
				return found[0].Value
			}
		}
	}
	return ""
}

// plainTexts turns the mark-up of an entry's fields into plain texts. A field without
// a readable character, such as a picture alone, counts as an empty text.
func plainTexts(fields ...string) []string {
	var texts []string
	for _, markup := range fields {
		if markup != "" {
			texts = append(texts, plainText(markup))
		}
	}
	return longestFirst(texts)
}

// longestFirst sorts texts by length and drops repetitions.
func longestFirst(texts []string) []string {
	slices.SortFunc(texts, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	return slices.Compact(texts)
}
