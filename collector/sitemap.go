package collector

import (
	"cmp"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"reputed/internal/reputation"
)

const (
	maxSitemaps = 3       // of an index that are read in one poll, the newest
	newestOnly  = 500     // addresses of a sitemap that are looked at, the newest
	maxMapTags  = 300_000 // of a sitemap; real ones of the largest size that is read have fewer
)

// Sitemap is a source that is a sitemap: the list of a site's articles as its publisher
// writes it for search engines (sitemaps.org, and Google's extension for news). A news
// sitemap states titles and times; of others the articles' own pages tell. Articles are
// read like those of a [Page].
type Sitemap struct{ reader }

// NewSitemap returns the sitemap, or index of sitemaps, at url under the name of its
// source. The text selector is that of [Selectors]. Times that state no zone are taken
// to be in zone, nil being UTC.
func NewSitemap(name, url, text string, c *Client, zone *time.Location) (*Sitemap, error) {
	r, err := newReader(name, url, text, c, zone)
	if err != nil {
		return nil, err
	}
	return &Sitemap{r}, nil
}

// Collect returns the articles that were not read before, the newest first, and the
// cursor to store with them, as [Page.Collect] does. An index is asked at each poll
// for its newest sitemaps.
func (s *Sitemap) Collect(ctx context.Context, cur reputation.Cursor) ([]reputation.Item, reputation.Cursor, error) {
	return s.collect(ctx, cur, s.entries)
}

func (s *Sitemap) entries(ctx context.Context, resp *Response, _ func(string) bool) ([]listed, error) {
	doc, err := parseSitemap(resp.Body, resp.ContentType)
	if err != nil {
		return nil, withTrouble(err, resp, reputation.Format)
	}
	var all []listed
	var errs error
	for _, address := range doc.newestMaps() {
		child, err := s.client.Get(ctx, resolve(address, resp.URL), reputation.Cursor{})
		var part sitemapDocument
		if err == nil {
			part, err = parseSitemap(child.Body, child.ContentType)
		}
		if err != nil {
			errs = errors.Join(errs, fmt.Errorf("%s: %w", shown(address), err))
			continue
		}
		all = append(all, newestOf(part.articles(child.URL, s.zone))...)
	}
	all = newestOf(append(all, doc.articles(resp.URL, s.zone)...))
	if len(all) == 0 && errs == nil {
		errs = errors.New("the sitemap names no address")
	}
	return all, errs
}

// sitemapDocument is a sitemap (URLs) or an index of sitemaps (Maps).
type sitemapDocument struct {
	XMLName xml.Name
	URLs    []sitemapURL `xml:"url"`
	Maps    []sitemapURL `xml:"sitemap"`
}

type sitemapURL struct {
	Loc     string `xml:"loc"`
	LastMod string `xml:"lastmod"`
	News    struct {
		Title     string `xml:"title"`
		Published string `xml:"publication_date"`
	} `xml:"http://www.google.com/schemas/sitemap-news/0.9 news"`
}

// parseSitemap reads a sitemap or an index of sitemaps.
func parseSitemap(body []byte, contentType string) (doc sitemapDocument, err error) {
	text := strings.TrimSpace(toUTF8(body, contentType))
	if strings.Count(text, "<") > maxMapTags {
		return doc, fmt.Errorf("the sitemap has more than %d tags; use that of the news, or the newest part", maxMapTags)
	}
	d := xml.NewDecoder(strings.NewReader(text))
	d.Strict = false
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil } // decoded already
	err = d.Decode(&doc)
	switch name := doc.XMLName.Local; {
	case name == "" && err != nil:
		return doc, fmt.Errorf("parse sitemap: %w; use the address of a sitemap's XML", err)
	case name != "urlset" && name != "sitemapindex":
		return doc, fmt.Errorf("parse sitemap: neither urlset nor sitemapindex, but %q; use kind: feed for a feed, kind: page for a web page", name)
	case err != nil && len(doc.URLs)+len(doc.Maps) == 0:
		return doc, fmt.Errorf("parse sitemap: %w", err)
	}
	return doc, nil // of a truncated one what is whole
}

// newestMaps are the addresses in an index that are worth reading: those for news
// first, then those that changed last; where it states no times the last ones, since
// publishers append.
func (doc sitemapDocument) newestMaps() []string {
	maps := slices.Clone(doc.Maps)
	slices.Reverse(maps)
	changed := make(map[string]time.Time)
	for _, m := range maps {
		changed[m.Loc], _ = parseDate(m.LastMod, time.UTC) // the zero time sorts last
	}
	rank := func(m sitemapURL) int {
		if strings.Contains(strings.ToLower(m.Loc), "news") {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(maps, func(a, b sitemapURL) int {
		return cmp.Or(rank(a)-rank(b), changed[b.Loc].Compare(changed[a.Loc]))
	})
	var addresses []string
	for _, m := range maps[:min(len(maps), maxSitemaps)] {
		addresses = append(addresses, strings.TrimSpace(m.Loc))
	}
	return addresses
}

// articles are the entries of a sitemap at the address.
func (doc sitemapDocument) articles(address string, zone *time.Location) []listed {
	var all []listed
	for _, u := range doc.URLs {
		to := resolve(u.Loc, address)
		if !isWebAddress(to) {
			continue
		}
		l := listed{address: to, canonical: CanonicalURL(to), title: plainLine(u.News.Title)}
		if t, ok := parseDate(u.News.Published, zone); ok {
			l.published = moment{t, isMidnight(t, zone)}
		}
		l.modified, _ = parseDate(u.LastMod, zone) // the zero time if not stated
		all = append(all, l)
	}
	return all
}

// newestOf are the entries that were published or changed last, each article once.
func newestOf(all []listed) []listed {
	at := func(l listed) time.Time { return cmp.Or(l.published.Time, l.modified) }
	slices.SortStableFunc(all, func(a, b listed) int { return at(b).Compare(at(a)) })
	known := make(map[string]bool)
	all = slices.DeleteFunc(all, func(l listed) bool {
		again := known[l.canonical]
		known[l.canonical] = true
		return again
	})
	return all[:min(len(all), newestOnly)]
}
