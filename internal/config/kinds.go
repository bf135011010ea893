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

// The kinds of sources that are read over the network.
const (
	KindFeed    = "feed"    // RSS, Atom, JSON Feed
	KindPage    = "page"    // a page that lists articles
	KindSitemap = "sitemap" // a sitemap of articles, as sites write it for news searches
	KindRSSHub  = "rsshub"  // a route of the RSSHub instance in fetch.rsshub
)

// mostPages is how many pages of a list may be read in one poll.
const mostPages = 20

// validateKind checks what the kind of the i-th source needs, and what it has no use
// for.
func (c *Config) validateKind(d *decoder, i int) {
	s, key := c.Sources[i], fmt.Sprintf("sources[%d]", i)
	foreign := func(kind string, values map[string]string) {
		for name, value := range values {
			if value != "" {
				d.fail(c.at("sources", i, name), key+"."+name, "this key is for kind: %s; remove it, or change the kind", kind)
			}
		}
	}
	parts := map[string]string{"title": s.Title, "link": s.Link, "published": s.Published}
	selectors := map[string]string{"item": s.Item, "title": s.Title, "link": s.Link, "published": s.Published}
	switch s.Kind {
	case KindPage:
		for name, value := range parts {
			if s.Item == "" && value != "" {
				d.fail(c.at("sources", i, name), key+"."+name, "without item: the list is found anew at each poll, and so are its parts; add item:, the CSS selector of one entry, or remove %s:", name)
			}
		}
		if s.Pages < 0 || s.Pages > mostPages {
			d.fail(c.at("sources", i, "pages"), key+".pages", "%d is not a number of pages; write 1 to %d", s.Pages, mostPages)
		}
	case KindSitemap:
		foreign(KindPage, selectors)
	case KindFeed, KindRSSHub:
		foreign(KindPage, selectors)
		foreign("page or sitemap", map[string]string{"text": s.Text})
	default:
		d.fail(c.at("sources", i, "kind"), key+".kind", "%q is not a kind; write feed (RSS, Atom, JSON Feed), page, sitemap or rsshub", s.Kind)
	}
	if s.Kind != KindPage && s.Pages != 0 {
		d.fail(c.at("sources", i, "pages"), key+".pages", "this key is for kind: page; remove it, or change the kind")
	}
	if s.Kind != KindRSSHub {
		foreign(KindRSSHub, map[string]string{"route": s.Route})
		if !validURL(s.URL) {
			d.fail(c.at("sources", i, "url"), key+".url", "%q is no address of a feed or page; write one that begins with http:// or https://", s.URL)
		}
		return
	}
	switch {
	case s.URL != "":
		d.fail(c.at("sources", i, "url"), key+".url", "the address comes from fetch.rsshub and route:; remove url:, or use kind: feed")
	case !strings.HasPrefix(s.Route, "/") || strings.ContainsAny(s.Route, " \t\n"):
		d.fail(c.at("sources", i, "route"), key+".route", "%q is no route of RSSHub; write one such as /weibo/keyword/小米", s.Route)
	case c.Fetch.RSSHub == "":
		d.fail(c.at("sources", i), key, "a source of kind: rsshub needs the address of your instance; add it as fetch.rsshub, such as http://127.0.0.1:1200")
	}
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
