package config

import (
	"cmp"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// The kinds of sources. The last two are read from a folder, the others over the
// network.
const (
	KindFeed    = "feed"    // RSS, Atom, JSON Feed
	KindPage    = "page"    // a page that lists articles
	KindSitemap = "sitemap" // a sitemap of articles, as sites write it for news searches
	KindRSSHub  = "rsshub"  // a route of the RSSHub instance in fetch.rsshub
	KindSurvey  = "survey"  // exports of a survey, CSV files
	KindFiles   = "files"   // mentions as JSON lines
)

// mostPages is how many pages of a list may be read in one poll.
const mostPages = 20

// validateKind checks what the kind of the i-th source needs, and what it has no use
// for.
func (c *Config) validateKind(d *decoder, i int) {
	s, key := c.Sources[i], fmt.Sprintf("sources[%d]", i)
	fail := func(name, format string, args ...any) {
		d.fail(c.at("sources", i, name), key+"."+name, format, args...)
	}
	if s.InFolder() {
		if s.Folder == "" {
			d.fail(c.at("sources", i), key, "kind: %s needs folder:, where the files are put", s.Kind)
		}
		if s.URL != "" {
			fail("url", "kind: %s reads files; write folder: instead", s.Kind)
		}
	} else if s.Kind != KindRSSHub && !validURL(s.URL) {
		fail("url", "%q is no address of a feed or page; write one that begins with http:// or https://", s.URL)
	}
	switch s.Kind {
	case KindFeed, KindSitemap:
	case KindPage:
		for name, value := range map[string]string{"title": s.Title, "link": s.Link, "published": s.Published} {
			if s.Item == "" && value != "" {
				fail(name, "without item: the list is found anew at each poll, and so are its parts; add item:, the CSS selector of one entry, or remove %s:", name)
			}
		}
		if s.Pages < 0 || s.Pages > mostPages {
			fail("pages", "%d is not a number of pages; write 1 to %d", s.Pages, mostPages)
		}
	case KindRSSHub:
		c.validateRoute(d, i)
	case KindSurvey:
		c.validateSurvey(d, i)
	case KindFiles:
	default:
		fail("kind", "%q is not a kind; write feed (RSS, Atom, JSON Feed), page, sitemap, rsshub, survey (CSV in a folder) or files (JSON lines in a folder)", s.Kind)
		return
	}
	for _, of := range keysOfKinds(s) {
		if of.given && !slices.Contains(of.kinds, s.Kind) {
			fail(of.key, "this key is for kind: %s; remove it, or change the kind", strings.Join(of.kinds, " or "))
		}
	}
}

// keyOfKinds is a key of a source that only some kinds have a use for.
type keyOfKinds struct {
	key   string
	given bool
	kinds []string
}

func keysOfKinds(s Source) []keyOfKinds {
	network := []string{KindFeed, KindPage, KindSitemap, KindRSSHub}
	return []keyOfKinds{
		{"route", s.Route != "", []string{KindRSSHub}},
		{"item", s.Item != "", []string{KindPage}},
		{"title", s.Title != "", []string{KindPage}},
		{"link", s.Link != "", []string{KindPage}},
		{"published", s.Published != "", []string{KindPage}},
		{"pages", s.Pages != 0, []string{KindPage}},
		{"text", s.Text != "", []string{KindPage, KindSitemap}},
		{"folder", s.Folder != "", []string{KindSurvey, KindFiles}},
		{"brand", s.Brand != "", []string{KindSurvey}},
		{"columns", s.Columns != Columns{}, []string{KindSurvey}},
		{"proxy", s.Proxy != "", network},
		{"headers_file", s.HeadersFile != "", network},
		{"robots", s.Robots != "", network},
	}
}

// validateRoute checks the i-th source, a route of an RSSHub instance.
func (c *Config) validateRoute(d *decoder, i int) {
	s, key := c.Sources[i], fmt.Sprintf("sources[%d]", i)
	switch {
	case s.URL != "":
		d.fail(c.at("sources", i, "url"), key+".url", "the address comes from fetch.rsshub and route:; remove url:, or use kind: feed")
	case !strings.HasPrefix(s.Route, "/") || strings.ContainsAny(s.Route, " \t\n"):
		d.fail(c.at("sources", i, "route"), key+".route", "%q is no route of RSSHub; write one such as /weibo/keyword/小米", s.Route)
	case c.Fetch.RSSHub == "":
		d.fail(c.at("sources", i), key, "a source of kind: rsshub needs the address of your instance; add it as fetch.rsshub, such as http://127.0.0.1:1200")
	}
}

// validateSurvey checks the i-th source, a survey.
func (c *Config) validateSurvey(d *decoder, i int) {
	s, key := c.Sources[i], fmt.Sprintf("sources[%d]", i)
	names := c.brandNames()
	switch {
	case s.Brand == "":
		d.fail(c.at("sources", i), key, "a survey needs brand:, the name of the brand that it asks about")
	case !slices.Contains(names, s.Brand):
		d.fail(c.at("sources", i, "brand"), key+".brand", "%q is not the name of a brand under brands:; %s", s.Brand, suggest(s.Brand, names))
	}
	if s.Columns.Date == "" {
		d.fail(c.at("sources", i, "columns"), key+".columns", "a survey needs columns: with date:, the name of the column that says when a customer answered")
	}
	if s.Columns.Text == "" && s.Columns.NPS == "" && s.Columns.CSAT == "" {
		d.fail(c.at("sources", i, "columns"), key+".columns", "columns: names nothing to read; add text: for the customer's words, nps: or csat:")
	}
}

// brandNames are the names of the brands and their competitors.
func (c *Config) brandNames() []string {
	var names []string
	for _, b := range c.Brands {
		for _, name := range append([]string{b.Name}, b.Competitors...) {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

// validateRSSHub checks the address of the instance, and that it may be reached where
// it tells by itself that it is internal. What a name leads to is checked when
// connecting.
func (c *Config) validateRSSHub(d *decoder) {
	if c.Fetch.RSSHub == "" {
		return
	}
	at := c.at("fetch", "rsshub")
	u, err := url.Parse(c.Fetch.RSSHub)
	if err != nil || !validURL(c.Fetch.RSSHub) || u.RawQuery != "" || u.Fragment != "" {
		d.fail(at, "fetch.rsshub", "%q is no address of an RSSHub instance; write one such as http://127.0.0.1:1200", c.Fetch.RSSHub)
		return
	}
	port := cmp.Or(u.Port(), map[string]string{"http": "80", "https": "443"}[u.Scheme])
	destination := net.JoinHostPort(strings.ToLower(u.Hostname()), port)
	if isInternal(u.Hostname()) && !c.Fetch.allows(u.Hostname(), destination) {
		d.fail(at, "fetch.rsshub", "%s is an internal address, and those are refused; add '%s' to fetch.allow", u.Host, destination)
	}
}

// isInternal tells of a host that is internal by its looks.
func isInternal(host string) bool {
	if addr, err := netip.ParseAddr(host); err == nil {
		addr = addr.Unmap()
		return addr.IsLoopback() || addr.IsPrivate() || addr.IsLinkLocalUnicast() || addr.IsUnspecified()
	}
	return !strings.Contains(strings.TrimSuffix(host, "."), ".") || strings.HasSuffix(host, ".localhost") || strings.HasSuffix(host, ".internal")
}

// allows tells whether the host, or "host:port", is named as one that may be reached.
func (f Fetch) allows(host, destination string) bool {
	addr, _ := netip.ParseAddr(host) // the zero address of a name is in no prefix
	return slices.ContainsFunc(f.Allow, func(allow string) bool {
		prefix, err := netip.ParsePrefix(allow)
		return err == nil && prefix.Contains(addr.Unmap()) || strings.EqualFold(allow, host) || strings.EqualFold(allow, destination)
	})
}

// followRoutes gives the sources of kind rsshub their address.
func (c *Config) followRoutes() {
	for i := range c.Sources {
		if s := &c.Sources[i]; s.Kind == KindRSSHub {
			s.URL = strings.TrimRight(c.Fetch.RSSHub, "/") + s.Route
		}
	}
}
