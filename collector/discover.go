package collector

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/PuerkitoBio/goquery"

	"reputed/internal/reputation"
)

// The kinds of an [Offer], as the configuration names them.
const (
	kindFeed    = "feed"
	kindPage    = "page"
	kindSitemap = "sitemap"
)

const (
	maxOffers = 4 // documents that a page names and that are tried, of each kind
)

// Offer is a source that an address was found to lead to.
type Offer struct {
	Kind      string    // "feed", "page" or "sitemap"
	URL       string    // of the source
	Title     string    // as the page names it; may be empty
	Selectors Selectors // of a page
	Entries   int       // that it holds now
}

// Discover says what sources an address offers, the best first: the address itself if
// it is a feed or a sitemap; of a web page the feeds that it names, then the news
// sitemaps that the site's robots.txt names, then the page's own list. What does not
// answer as it should is left out, and so are a sitemap and a list that robots.txt
// keeps programs from reading. The zone is that of times that state none.
func Discover(ctx context.Context, c *Client, address string, zone *time.Location) ([]Offer, error) {
	resp, err := c.Get(ctx, address, reputation.Cursor{})
	if err != nil {
		return nil, err
	}
	d := discovery{client: c, zone: zone, known: map[string]bool{}}
	if offer, ok := d.document(resp); ok {
		if err := d.mayRead(ctx, offer.Kind, address); err != nil {
			return nil, err
		}
		offer.URL = address // as the user named it: the redirect may be of today
		return []Offer{offer}, nil
	}
	doc, base, err := parseHTML(resp)
	if err != nil {
		return nil, fmt.Errorf("%s: neither a feed nor a sitemap nor a web page: %w", shown(resp.URL), err)
	}
	var offers []Offer
	for _, named := range namedFeeds(doc, base) {
		offers = append(offers, d.try(ctx, named, kindFeed)...)
	}
	for _, named := range d.namedSitemaps(ctx, resp.URL) {
		offers = append(offers, d.try(ctx, named, kindSitemap)...)
	}
	var forbidden error
	if sel, ok := detectList(doc, base, resp.URL, zone, resp.Fetched); ok {
		forbidden = d.mayRead(ctx, kindPage, address)
		if list, err := newListing(sel); err == nil && forbidden == nil { // what was found can be read
			links, _ := list.read(doc, base, resp.URL, zone, resp.Fetched)
			offers = append(offers, Offer{Kind: kindPage, URL: address, Title: plainLine(markup(doc.Find("title").First())), Selectors: sel, Entries: len(links)})
		}
	}
	switch {
	case len(offers) > 0:
		return offers, nil
	case forbidden != nil:
		return nil, forbidden
	case isLogin(resp):
		return nil, fmt.Errorf("%s: %w", shown(resp.URL), errLogin)
	default:
		return nil, errors.New(shown(resp.URL) + ": the page names no feed and shows no list of articles; try the page of the site that lists its news, or its feed")
	}
}

// discovery tries the documents that a page names.
type discovery struct {
	client *Client
	zone   *time.Location
	known  map[string]bool // canonical addresses that were tried
}

// named is a document that a page names.
type named struct{ url, title string }

// try offers a document if it is of the kind.
func (d *discovery) try(ctx context.Context, n named, kind string) []Offer {
	if d.known[CanonicalURL(n.url)] {
		return nil
	}
	d.known[CanonicalURL(n.url)] = true
	resp, err := d.client.Get(ctx, n.url, reputation.Cursor{})
	if err != nil {
		return nil // what a page names is often gone
	}
	offer, ok := d.document(resp)
	if !ok || offer.Kind != kind || d.mayRead(ctx, kind, n.url) != nil {
		return nil
	}
	offer.URL, offer.Title = n.url, n.title
	return []Offer{offer}
}

// mayRead returns a [*RobotsError] where a source of the kind may not be read. Feeds
// are there to be polled.
func (d *discovery) mayRead(ctx context.Context, kind, address string) error {
	if kind == kindFeed {
		return nil
	}
	u, err := webAddress(address)
	if err != nil {
		return err
	}
	c := d.client
	w := &walk{client: c, asked: u, inside: c.guard.own(ctx, cmp.Or(c.origin, u)), left: c.options.Timeout}
	return w.obeyRobots(ctx, u)
}

// document tells a feed and a sitemap by what they hold.
func (d *discovery) document(resp *Response) (Offer, bool) {
	if entries, err := ParseFeed(resp.Body, resp.ContentType, resp.URL, d.zone); err == nil {
		return Offer{Kind: kindFeed, Entries: len(entries)}, true
	}
	if doc, err := parseSitemap(resp.Body, resp.ContentType); err == nil {
		return Offer{Kind: kindSitemap, Entries: len(doc.URLs) + len(doc.Maps)}, true
	}
	return Offer{}, false
}

// namedFeeds are the feeds that a page names: in its head, as every feed reader looks
// for them, and else by links that look like feeds. Feeds of comments come last.
func namedFeeds(doc *goquery.Document, base string) []named {
	var feeds, comments []named
	add := func(href, title string) {
		n := named{resolve(href, base), plainLine(title)}
		switch {
		case !isShowable(n.url):
		case strings.Contains(strings.ToLower(n.url), "comment") || strings.Contains(n.title, "评论"):
			comments = append(comments, n)
		default:
			feeds = append(feeds, n)
		}
	}
	doc.Find(`link[rel~="alternate"][href]`).Each(func(_ int, l *goquery.Selection) {
		switch mediaType, _, _ := strings.Cut(strings.ToLower(l.AttrOr("type", "")), ";"); strings.TrimSpace(mediaType) {
		case "application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml", "text/xml", "application/xml":
			add(l.AttrOr("href", ""), l.AttrOr("title", ""))
		}
	})
	if len(feeds) == 0 {
		doc.Find("a[href]").Each(func(_ int, a *goquery.Selection) {
			if looksLikeFeed(a.AttrOr("href", "")) {
				add(a.AttrOr("href", ""), a.Text())
			}
		})
	}
	feeds = append(feeds, comments...)
	return feeds[:min(len(feeds), maxOffers)]
}

// isShowable tells of an address that can be offered as it stands: on a terminal, and in
// a configuration.
func isShowable(address string) bool {
	return isWebAddress(address) && !strings.ContainsFunc(address, reputation.Steers)
}

// looksLikeFeed tells of an address that is named as feeds are.
func looksLikeFeed(address string) bool {
	address, _, _ = strings.Cut(strings.ToLower(address), "#")
	where, query, _ := strings.Cut(address, "?")
	for _, end := range []string{".rss", "rss.xml", "/rss", "/feed", "/feed/", "feed.xml", "atom.xml", "feed.json", "/rss/", ".rdf", "/atom"} {
		if strings.HasSuffix(where, end) {
			return true
		}
	}
	return strings.Contains(query, "mod=rss") || strings.Contains(query, "feed=rss") || strings.Contains(query, "format=rss")
}

// namedSitemaps are the sitemaps for news that the robots.txt of a page's host names
// (sitemaps.org): others list what never changes.
func (d *discovery) namedSitemaps(ctx context.Context, page string) []named {
	resp, err := d.client.Get(ctx, resolve("/robots.txt", page), reputation.Cursor{})
	if err != nil {
		return nil // most sites have none
	}
	var maps []named
	for line := range strings.Lines(toUTF8(resp.Body, resp.ContentType)) {
		key, address := robotsLine(line)
		if key == "sitemap" && isShowable(address) && strings.Contains(strings.ToLower(address), "news") {
			maps = append(maps, named{url: address})
		}
	}
	return maps[:min(len(maps), maxOffers)]
}
