package collector

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/PuerkitoBio/goquery"

	"reputed/internal/reputation"
)

const (
	maxArticles  = 100 // read in one poll; the others follow at the next, so that a long list is stored in steps
	maxSeen      = 500 // links remembered beyond those on the list
	maxHostFails = 3   // after so many articles in a row that did not arrive, a host is left alone until the next poll
)

// Selectors say where the parts of a list page stand, each as a CSS selector or as
// "css@attribute"; without attribute the element's text is taken. All but Item are
// looked for within an item and may be empty.
type Selectors struct {
	Item      string // one match for each entry of the list
	Title     string // the text of the link by default
	Link      string // "a@href" by default
	Published string // "time@datetime" by default; where it gives no date, the article's own is taken
	Text      string // the article's text, on its own page; found by its density by default
}

// Page is a source that is a web page listing articles. Each article is fetched once
// and its main text taken.
type Page struct {
	name, url                          string
	client                             *Client
	zone                               *time.Location
	item, title, link, published, text selector
}

// NewPage returns the list page at url under the name of its source. Times that state
// no zone are taken to be in zone, nil being UTC. A selector that cannot be compiled
// is an error that names it.
func NewPage(name, url string, sel Selectors, c *Client, zone *time.Location) (*Page, error) {
	if zone == nil {
		zone = time.UTC
	}
	p := &Page{name: name, url: url, client: c, zone: zone}
	for _, s := range []struct {
		key, value string
		into       *selector
	}{
		{"item", sel.Item, &p.item},
		{"title", sel.Title, &p.title},
		{"link", orDefault(sel.Link, "a@href"), &p.link},
		{"published", orDefault(sel.Published, "time@datetime"), &p.published},
		{"text", sel.Text, &p.text},
	} {
		var err error
		if *s.into, err = compileSelector(s.value); err != nil {
			return nil, fmt.Errorf("source %s: %s: %w", name, s.key, err)
		}
	}
	if p.item.css == nil || p.item.attr != "" {
		return nil, fmt.Errorf("source %s: item: selector %q: name the elements that are the entries of the list", name, sel.Item)
	}
	if sel.Title == "" {
		p.title = selector{css: p.link.css}
	}
	return p, nil
}

// Name is the name of the source.
func (p *Page) Name() string { return p.name }

// Collect returns the articles on the list that were not read before, and the cursor
// to store with them. An article that cannot be read is tried again at the next poll:
// the error then says so, and comes together with the items and the cursor of the
// others. While articles are outstanding the cursor holds no validators, so that an
// unchanged list is looked at again.
func (p *Page) Collect(ctx context.Context, cur reputation.Cursor) ([]reputation.Item, reputation.Cursor, error) {
	resp, err := p.client.Get(ctx, p.url, cur)
	if err != nil {
		return nil, postponed(cur, err), fmt.Errorf("source %s: %w", p.name, err)
	}
	if resp.Unchanged {
		return nil, resp.Cursor, nil
	}
	links, err := p.list(resp)
	if err != nil {
		return nil, cur, fmt.Errorf("source %s: %s: %w", p.name, shown(resp.URL), withTrouble(err, resp, reputation.Selector))
	}
	r := p.articles(ctx, links, cur.Seen)
	next := resp.Cursor
	outstanding := len(links)
	for _, l := range links {
		if r.read[l.canonical] {
			outstanding--
		}
	}
	if outstanding > 0 {
		next = reputation.Cursor{}
	}
	next.Seen = remember(links, r.read, cur.Seen)
	next.NotBefore = r.notBefore
	if r.err != nil {
		r.err = &partialError{fmt.Errorf("source %s: %d of %d articles not read, tried again at the next poll: %w", p.name, outstanding, len(links), r.err)}
	}
	return r.items, next, r.err
}

// partialError is the error of a poll that read the source, but not all it lists.
type partialError struct{ error }

// Partial tells that the source itself is well.
func (e *partialError) Partial() bool { return true }

func (e *partialError) Unwrap() error { return e.error }

// remember lists the addresses on the list whose articles were read, and then as many
// older ones as are worth knowing when a list moves back and forth.
func remember(links []listed, read map[string]bool, seen []string) []string {
	var kept []string
	onList := make(map[string]bool)
	for _, l := range links {
		onList[l.canonical] = true
		if read[l.canonical] {
			kept = append(kept, l.canonical)
		}
	}
	for _, address := range seen {
		if !onList[address] && len(kept) < maxSeen {
			kept = append(kept, address)
		}
	}
	return kept
}

// listed is an entry of the list.
type listed struct {
	address, canonical string
	title              string
	published          time.Time // zero if the list states none
}

// list reads the entries of the list page, each address once.
func (p *Page) list(resp *Response) ([]listed, error) {
	doc, base, err := parseHTML(resp)
	if err != nil {
		return nil, fmt.Errorf("%w; use the address of a web page, or kind: feed for a feed", err)
	}
	entries := doc.FindMatcher(p.item.css)
	if entries.Length() == 0 {
		return nil, fmt.Errorf("item selector %q finds nothing on the page; compare it with the page's source, since what scripts add is not seen", p.item.source)
	}
	var links []listed
	at := make(map[string]int)
	entries.Each(func(_ int, entry *goquery.Selection) {
		address := resolve(p.link.value(entry), base)
		l := listed{address: address, canonical: CanonicalURL(address)}
		l.title = p.title.value(entry)
		switch i, known := at[l.canonical]; {
		case !isWebAddress(address) || l.canonical == CanonicalURL(resp.URL):
			return
		case known: // a picture and a headline often link to the same article
			links[i].title = orDefault(links[i].title, l.title)
			return
		}
		at[l.canonical] = len(links)
		l.published, _ = parseDate(p.published.value(entry), p.zone) // else the article states it
		links = append(links, l)
	})
	if len(links) == 0 {
		return nil, fmt.Errorf("link selector %q finds no address in the %d entries that item selector %q finds", p.link.source, entries.Length(), p.item.source)
	}
	return links, nil
}

// reading is what came of the articles on a list.
type reading struct {
	items     []reputation.Item
	read      map[string]bool // by canonical address, those read earlier too
	notBefore time.Time       // before this the list's own host wants no request
	err       error           // the first that kept an article from being read
}

// articles reads the articles that were not seen before.
func (p *Page) articles(ctx context.Context, links []listed, seen []string) reading {
	r := reading{read: make(map[string]bool)}
	for _, address := range seen {
		r.read[address] = true
	}
	asked, fails := 0, make(map[string]int)
	for _, l := range links {
		u, err := url.Parse(l.address)
		if err != nil || r.read[l.canonical] || fails[u.Host] >= maxHostFails {
			continue
		}
		if asked++; asked > maxArticles || ctx.Err() != nil {
			break
		}
		resp, err := p.client.Get(ctx, p.withCredentials(l.address), reputation.Cursor{})
		var refused *StatusError
		switch {
		case err == nil:
			fails[u.Host] = 0
		case !errors.As(err, &refused):
			fails[u.Host]++
		case !refused.RetryAt.IsZero():
			fails[u.Host] = maxHostFails
			if p.onOwnHost(u) {
				r.notBefore = refused.RetryAt
			}
		}
		var item reputation.Item
		if err == nil {
			item, err = p.article(resp, l)
		}
		if refused != nil && (refused.Status == http.StatusNotFound || refused.Status == http.StatusGone) {
			item, err = p.listedOnly(l, p.client.now()), nil
		}
		if err != nil {
			r.err = cmp.Or(r.err, err)
			continue
		}
		r.read[l.canonical] = true
		if item.Title != "" || item.Text != "" {
			r.items = append(r.items, item)
		}
	}
	return r
}

// article makes an item of an article. What is no web page, such as a PDF, is known by
// its title on the list alone.
func (p *Page) article(resp *Response, l listed) (reputation.Item, error) {
	item := p.listedOnly(l, resp.Fetched)
	doc, base, err := parseHTML(resp)
	if err != nil {
		return item, nil // no web page: see above
	}
	a, err := readArticle(doc, base, p.zone, p.text)
	if err != nil {
		return item, fmt.Errorf("%s: %w", shown(resp.URL), err)
	}
	item.Title = orDefault(item.Title, a.title)
	item.Text, item.Author, item.Lang = strings.TrimPrefix(a.text, item.Title+"\n"), a.author, a.lang
	stated := orDefault(l.published, a.published)
	if p.isMidnight(stated) && !a.published.IsZero() { // the list states the day alone
		stated = a.published
	}
	item.Published, item.Undated = published(stated, resp.Fetched), stated.IsZero()
	return item, nil
}

// listedOnly is an article of which no more is known than the list says.
func (p *Page) listedOnly(l listed, fetched time.Time) reputation.Item {
	return reputation.Item{
		Source: p.name, ID: l.canonical, URL: l.canonical, Title: l.title,
		Published: published(l.published, fetched), Undated: l.published.IsZero(), Fetched: fetched,
	}
}

// isMidnight tells of a time that is the beginning of a day where the source is.
func (p *Page) isMidnight(t time.Time) bool {
	local := t.In(p.zone)
	return local.Hour() == 0 && local.Minute() == 0 && local.Second() == 0
}

// onOwnHost reports whether an article stands where the list stands.
func (p *Page) onOwnHost(u *url.URL) bool {
	list, err := url.Parse(p.url)
	return err == nil && u.Host == list.Host && u.Scheme == list.Scheme
}

// withCredentials adds the user and password of the list's address, if it has any, to
// an address on the same host, and only there.
func (p *Page) withCredentials(address string) string {
	list, err := url.Parse(p.url)
	if err != nil || list.User == nil {
		return address
	}
	u, err := url.Parse(address)
	if err != nil || !p.onOwnHost(u) {
		return address
	}
	u.User = list.User
	return u.String()
}
