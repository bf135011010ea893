package collector

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func TestDiscover(t *testing.T) {
	const feed = `<rss><channel><item><title>甲</title></item><item><title>乙</title></item></channel></rss>`
	head := `<link rel="alternate" type="application/rss+xml" href="/comments.xml" title="评论">
<link rel="alternate" type="application/rss+xml; charset=utf-8" href="/rss.xml" title="全部文章"><link rel="alternate" type="application/atom+xml" href="/gone.xml">
<link rel="alternate" hreflang="en" href="/en/">`
	for _, test := range []struct {
		name  string
		pages map[string]string
		want  []string // kind, path, entries
	}{
		{"feed", map[string]string{"/list": feed}, []string{"feed /list 2"}},
		{"sitemap", map[string]string{"/list": newsSitemap}, []string{"sitemap /list 4"}},
		{
			"page that names feeds",
			map[string]string{"/list": head + listPage, "/rss.xml": feed, "/comments.xml": feed},
			[]string{"feed /rss.xml 2", "feed /comments.xml 2"},
		},
		{"link to a feed", map[string]string{"/list": `<a href="/forum.php?mod=rss">订阅</a>`, "/forum.php": feed}, []string{"feed /forum.php?mod=rss 2"}},
		{"robots.txt", map[string]string{"/list": `<p>`, "/robots.txt": "User-agent: *\nsitemap: SITE/news.xml\nSitemap: SITE/all.xml\n", "/news.xml": newsSitemap, "/all.xml": newsSitemap}, []string{"sitemap /news.xml 4"}},
		{"feed that robots.txt forbids", map[string]string{"/list": feed, "/robots.txt": "User-agent: *\nDisallow: /\n"}, []string{"feed /list 2"}},
		{
			"list that robots.txt forbids",
			map[string]string{"/list": head + portalPage(t), "/rss.xml": feed, "/robots.txt": "User-agent: *\nDisallow: /list\n"},
			[]string{"feed /rss.xml 2"},
		},
		{"list alone", map[string]string{"/list": portalPage(t)}, []string{"page /list 10"}},
		{
			"section of a site",
			map[string]string{"/list": portalPage(t), "/robots.txt": "Sitemap: SITE/news.xml\n", "/news.xml": newsSitemap},
			[]string{"page /list 10", "sitemap /news.xml 4"},
		},
		{
			"front page of a site",
			map[string]string{"/": portalPage(t), "/robots.txt": "Sitemap: SITE/news.xml\n", "/news.xml": newsSitemap},
			[]string{"sitemap /news.xml 4", "page / 10"},
		},
		{"list and a feed that is a page", map[string]string{"/list": head + portalPage(t), "/rss.xml": listPage}, []string{"page /list 10"}},
	} {
		s, client := newSite(t)
		for path, body := range test.pages {
			s.pages[path] = strings.ReplaceAll(body, "SITE", s.URL)
		}
		address := s.URL + "/list"
		if test.pages["/"] != "" {
			address = s.URL + "/"
		}
		offers, err := Discover(t.Context(), client, address, china)
		var got []string
		for _, o := range offers {
			got = append(got, strings.Join([]string{o.Kind, strings.TrimPrefix(o.URL, s.URL), strconv.Itoa(o.Entries)}, " "))
		}
		if err != nil || !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, %v; want %q", test.name, got, err, test.want)
		}
	}
}

func portalPage(t *testing.T) string {
	t.Helper()
	page, err := os.ReadFile("testdata/pages/news-portal.html")
	if err != nil {
		t.Fatal(err)
	}
	return string(page)
}

func TestDiscoverErrors(t *testing.T) {
	for _, test := range []struct{ name, robots, body, want string }{
		{"forbidden", "/list", portalPage(t), "/list: robots.txt of "},
		{"forbidden sitemap", "/", newsSitemap, "/list: robots.txt of "},
		{"nothing", "", `<form><input name=user></form>`, "/list: the page names no feed and shows no list of articles"},
		{"login", "", `<form><input type=password></form>`, "/list: a login page came instead; give the source a cookie in its headers_file"},
		{"picture", "", "\x89PNG\r\n\x1a\n", "/list: neither a feed nor a sitemap nor a web page"},
		{"gone", "", "!404", "status 404"},
	} {
		s, client := newSite(t)
		s.pages["/list"] = test.body
		s.pages["/robots.txt"] = "User-agent: *\nDisallow: " + test.robots + "\n"
		if offers, err := Discover(t.Context(), client, s.URL+"/list", china); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %+v, %v; want an error that says %q", test.name, offers, err, test.want)
		}
	}
}
