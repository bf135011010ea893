package collector

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/PuerkitoBio/goquery"

	"reputed/internal/reputation"
)

// Selectors say where the parts of a list page stand, each as a CSS selector or as
// "css@attribute"; without attribute the element's text is taken. All but Item are
// looked for within an item and may be empty. Without any the list is found anew at
// each poll, as what repeats itself on the page and links to articles.
type Selectors struct {
	Item      string // one match for each entry of the list
	Title     string // the text of the link by default
	Link      string // "a@href" by default
	Published string // "time@datetime" by default; where it gives no date, the article's own is taken
	Text      string // the article's text, on its own page; found by its density by default
	Pages     int    // of the list that are read in one poll, where they lead to each other; 1 by default
}

// Page is a source that is a web page listing articles. Each article is fetched once
// and its main text taken.
type Page struct {
	reader
	list  listing
	auto  bool // the list is found anew at each poll
	pages int
}

// NewPage returns the list page at url under the name of its source. Times that state
// no zone are taken to be in zone, nil being UTC. A selector that cannot be compiled
// is an error that names it.
func NewPage(name, url string, sel Selectors, c *Client, zone *time.Location) (*Page, error) {
	r, err := newReader(name, url, sel.Text, c, zone)
	if err != nil {
		return nil, err
	}
	p := &Page{reader: r, pages: max(sel.Pages, 1), auto: sel.Item+sel.Title+sel.Link+sel.Published == ""}
	if !p.auto {
		if p.list, err = newListing(sel); err != nil {
			return nil, fmt.Errorf("source %s: %w", name, err)
		}
	}
	return p, nil
}

// Collect returns the articles on the list that were not read before, and the cursor
// to store with them. An article that cannot be read is tried again at the next poll:
// the error then says so, and comes together with the items and the cursor of the
// others. While articles are outstanding the cursor holds no validators, so that an
// unchanged list is looked at again.
func (p *Page) Collect(ctx context.Context, cur reputation.Cursor) ([]reputation.Item, reputation.Cursor, error) {
	return p.collect(ctx, cur, p.entries)
}

// entries reads the list and the pages that follow it, up to one that brings nothing
// new.
func (p *Page) entries(ctx context.Context, resp *Response, seen func(string) bool) ([]listed, error) {
	var all []listed
	onList := make(map[string]bool)
	read := map[string]bool{resp.URL: true}
	for {
		links, next, err := p.page(resp)
		if err != nil {
			return all, withTrouble(err, resp, reputation.Selector)
		}
		fresh := false
		for _, l := range links {
			if !onList[l.canonical] && len(all) < maxListed {
				onList[l.canonical] = true
				all = append(all, l)
				fresh = fresh || !seen(l.canonical)
			}
		}
		if !fresh || next == "" || read[next] || len(read) >= p.pages {
			return all, nil
		}
		read[next] = true
		if resp, err = p.client.Get(ctx, next, reputation.Cursor{}); isGone(err) {
			return all, nil
		} else if err != nil {
			return all, err
		}
	}
}

// page reads the entries of one page of the list, and finds the next page.
func (p *Page) page(resp *Response) (links []listed, next string, err error) {
	doc, base, err := parseHTML(resp)
	if err != nil {
		return nil, "", fmt.Errorf("%w; use the address of a web page, or kind: feed for a feed", err)
	}
	list := p.list
	if p.auto {
		sel, found := detectList(doc, base, resp.URL, p.zone, resp.Fetched)
		if !found {
			return nil, "", errors.New("no list of articles is to be seen on the page; give item:, the CSS selector of one entry, and compare it with the page's source, since what scripts add is not seen")
		}
		if list, err = newListing(sel); err != nil {
			return nil, "", fmt.Errorf("read the list as it was found: %w", err)
		}
	}
	links, err = list.read(doc, base, resp.URL, p.zone, resp.Fetched)
	return links, nextPage(doc, base), err
}

// listing is how the entries of a list are read.
type listing struct{ item, title, link, published selector }

func newListing(sel Selectors) (listing, error) {
	var l listing
	for _, s := range []struct {
		key, value string
		into       *selector
	}{
		{"item", sel.Item, &l.item},
		{"title", sel.Title, &l.title},
		{"link", cmp.Or(sel.Link, "a@href"), &l.link},
		{"published", cmp.Or(sel.Published, "time@datetime"), &l.published},
	} {
		var err error
		if *s.into, err = compileSelector(s.value); err != nil {
			return l, fmt.Errorf("%s: %w", s.key, err)
		}
	}
	if l.item.css == nil || l.item.attr != "" {
		return l, fmt.Errorf("item: selector %q: name the elements that are the entries of the list", sel.Item)
	}
	if sel.Title == "" {
		l.title = selector{css: l.link.css}
	}
	return l, nil
}

// read reads the entries of a list page at address, each article once.
func (l listing) read(doc *goquery.Document, base, address string, zone *time.Location, now time.Time) ([]listed, error) {
	entries := doc.FindMatcher(l.item.css)
	if entries.Length() == 0 {
		return nil, fmt.Errorf("item selector %q finds nothing on the page; compare it with the page's source, since what scripts add is not seen", l.item.source)
	}
	var links []listed
	at := make(map[string]int)
	entries.Each(func(_ int, entry *goquery.Selection) {
		to := resolve(l.link.value(entry), base)
		e := listed{address: to, canonical: CanonicalURL(to), title: l.title.value(entry)}
		switch i, known := at[e.canonical]; {
		case !isWebAddress(to) || e.canonical == CanonicalURL(address):
			return
		case known: // a picture and a headline often link to the same article
			links[i].title = cmp.Or(links[i].title, e.title)
			return
		}
		at[e.canonical] = len(links)
		e.published, _ = dateWithin(l.published.value(entry), zone, now) // else the article states it
		links = append(links, e)
	})
	if len(links) == 0 {
		return nil, fmt.Errorf("link selector %q finds no address in the %d entries that item selector %q finds", l.link.source, entries.Length(), l.item.source)
	}
	return links, nil
}
