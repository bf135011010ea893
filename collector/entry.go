package collector

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/mmcdole/gofeed"
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

// ParseFeed reads an RSS (0.9x, 1.0, 2.0), Atom or JSON Feed document. The contentType
// is the HTTP header's value and base the document's address; both may be empty. Times
// that state no zone are taken to be in zone, nil being UTC. The document is refused
// if it is no feed or exceeds what a feed may hold (5,000 items, 256 levels).
func ParseFeed(body []byte, contentType, base string, zone *time.Location) ([]Entry, error) {
	if zone == nil {
		zone = time.UTC
	}
	feed, err := decodeFeed(body, contentType)
	if err != nil {
		return nil, err
	}
	r := feedReader{zone: zone, bases: []string{feed.Link, feed.FeedLink, base}, lang: feed.Language}
	for i := range r.bases {
		r.bases[i] = resolve(r.bases[i], base)
	}
	if feed.Author != nil {
		r.author = person(feed.Author)
	}
	entries := make([]Entry, len(feed.Items))
	for i, item := range feed.Items {
		entries[i] = r.entry(item)
	}
	r.refine(feed.OriginalFeed(), entries)
	return entries, nil
}

// decodeFeed decodes, bounds and parses a document.
func decodeFeed(body []byte, contentType string) (*gofeed.Feed, error) {
	if len(bytes.TrimSpace(body)) == 0 {
		return nil, errors.New("the document is empty")
	}
	doc := strings.TrimSpace(toUTF8(body, contentType))
	var err error
	if strings.HasPrefix(doc, "{") {
		err = checkJSON(doc)
	} else {
		doc, err = trimXML(doc)
	}
	if err != nil {
		return nil, fmt.Errorf("parse feed: %w", err)
	}
	parser := gofeed.NewParser()
	parser.KeepOriginalFeed = true
	parser.RSSTranslator = &gofeed.DefaultRSSTranslator{DisableContentImageScan: true}
	feed, err := parser.ParseString(doc)
	switch {
	case errors.Is(err, gofeed.ErrFeedTypeNotDetected):
		return nil, fmt.Errorf("parse feed: neither RSS nor Atom nor JSON Feed, but %s", firstTag(doc))
	case err != nil:
		return nil, fmt.Errorf("parse feed: %w", err)
	case len(feed.Items) > maxItems:
		return nil, fmt.Errorf("parse feed: more than %d items; use a shorter feed", maxItems)
	}
	return feed, nil
}

// firstTag describes a document that is no feed by how it begins.
func firstTag(doc string) string {
	name := strings.FieldsFunc(doc[:min(len(doc), 40)], func(r rune) bool { return strings.ContainsRune("<> \t\r\n/", r) })
	if len(name) == 0 {
		return "something else"
	}
	return fmt.Sprintf("a document that begins with %q", name[0])
}

// feedReader holds what entries inherit from their feed.
type feedReader struct {
	zone   *time.Location
	bases  []string
	lang   string
	author string
}

func (r *feedReader) entry(item *gofeed.Item) Entry {
	x := extensions(item.Extensions)
	e := Entry{
		ID:     item.GUID,
		Link:   resolve(first(x.value("feedburner", "origLink"), item.Link, x.alternate()), r.bases...),
		Title:  plainLine(first(item.Title, x.value("media", "title"))),
		Author: r.author,
		Lang:   r.lang,
		Text: plainTexts(item.Content, item.Description, item.Custom["body"], x.value("http://www.w3.org/1999/xhtml", "body"),
			x.value("media", "description"), x.value("itunes", "summary")),
		Updated: r.time(first(item.Updated, x.value("dcterms", "modified")), item.UpdatedParsed),
	}
	e.Published = r.time(first(item.Published, x.value("dc", "date"), x.value("dcterms", "issued"), x.value("dcterms", "created")), item.PublishedParsed)
	e.Published = orDefault(e.Published, e.Updated)
	if item.Author != nil {
		e.Author = orDefault(person(item.Author), r.author)
	}
	return e
}

// refine corrects what gofeed's common form loses of the format's own.
func (r *feedReader) refine(original any, entries []Entry) {
	switch feed := original.(type) {
	case *rss.Feed:
		for i, item := range feed.Items {
			if entries[i].Link == "" && item.GUID != nil && item.GUID.IsPermalink != "false" && isWebAddress(item.GUID.Value) {
				entries[i].Link = item.GUID.Value
			}
		}
	case *json.Feed:
		for i, item := range feed.Items {
			entries[i].Link = orDefault(entries[i].Link, resolve(item.ExternalURL, r.bases...))
			if item.ContentHTML == "" && item.ContentText != "" { // text, not mark-up: "<" is a character of it
				entries[i].Text = longestFirst(append(plainTexts(item.Summary), collapse(item.ContentText)))
			}
		}
	}
}

func (r *feedReader) time(text string, parsed *time.Time) time.Time {
	if t, ok := parseDate(text, r.zone); ok {
		return t
	}
	if parsed != nil {
		if t, ok := plausible(*parsed); ok {
			return t
		}
	}
	return time.Time{}
}

func person(p *gofeed.Person) string { return orDefault(plainLine(p.Name), p.Email) }

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

// alternate is the address of an Atom link in another format's entry.
func (x extensions) alternate() string {
	for _, link := range x["atom"]["link"] {
		if rel := link.Attrs["rel"]; rel == "" || rel == "alternate" {
			return link.Attrs["href"]
		}
	}
	return ""
}

// first is the first of the values that is not empty.
func first(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
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
