package collector

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"reputed/internal/reputation"
)

const newsSitemap = `<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">
<url><loc>/a/2?utm_source=sitemap</loc><news:news><news:publication><news:name>晨报</news:name><news:language>zh-cn</news:language></news:publication>
<news:publication_date>2026-11-22</news:publication_date><news:title>星禾门店 &amp; 开业</news:title></news:news></url>
<url><loc>/a/1</loc><lastmod>2026-11-22T09:00:00+08:00</lastmod><news:news><news:publication_date>2026-11-22T15:30:00+08:00</news:publication_date>
<news:title><![CDATA[星禾手机降价]]></news:title></news:news></url>
<url><loc>/a/1</loc></url>
<url><loc>mailto:news@example.com</loc></url>
</urlset>`

func newSitemap(t *testing.T, s *site, client *Client) *Sitemap {
	t.Helper()
	m, err := NewSitemap("map", s.URL+"/news.xml", "", client, china)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestSitemapCollect(t *testing.T) {
	s, client := newSite(t)
	s.pages["/news.xml"] = newsSitemap
	m := newSitemap(t, s, client)
	items, cursor, err := m.Collect(t.Context(), reputation.Cursor{})
	if err != nil {
		t.Fatal(err)
	}
	want := []reputation.Item{
		{
			Source: "map", ID: s.URL + "/a/1", URL: s.URL + "/a/1", Title: "星禾手机降价", Text: "星禾手机今日降价五百元，门店同步。", Lang: "zh-CN",
			Published: time.Date(2026, 11, 22, 7, 30, 0, 0, time.UTC), Fetched: testTime,
		},
		{ // the sitemap states the day alone, the article the time
			Source: "map", ID: s.URL + "/a/2", URL: s.URL + "/a/2", Title: "星禾门店 & 开业", Text: "星禾在成都开了新的门店。", Lang: "zh-CN",
			Published: time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC), Fetched: testTime,
		},
	}
	if !slices.Equal(items, want) {
		t.Errorf("got  %+v\nwant %+v", items, want)
	}
	s.requests = nil
	items, _, err = m.Collect(t.Context(), cursor)
	if err != nil || len(items) != 0 || !slices.Equal(s.requests, []string{"/news.xml"}) {
		t.Errorf("unchanged: %d items, error %v, requests %q", len(items), err, s.requests)
	}
}

// Of an index the sitemaps for news and the newest others are read; one that is broken
// does not cost the rest, and is asked for again.
func TestSitemapIndex(t *testing.T) {
	s, client := newSite(t)
	s.pages["/news.xml"] = `<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<sitemap><loc>/sitemap-2024.xml</loc><lastmod>2024-12-31</lastmod></sitemap>
<sitemap><loc>/sitemap-2026.xml.gz</loc><lastmod>2026-11-22</lastmod></sitemap>
<sitemap><loc>/sitemap-2025.xml</loc><lastmod>2025-12-31</lastmod></sitemap>
<sitemap><loc>/sitemap-news.xml</loc></sitemap></sitemapindex>`
	s.pages["/sitemap-news.xml"] = newsSitemap
	s.pages["/sitemap-2025.xml"] = "!500"
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	fmt.Fprint(z, `<urlset><url><loc>/a/3</loc><lastmod>2026-11-20T08:00:00Z</lastmod></url></urlset>`)
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	s.pages["/sitemap-2026.xml.gz"] = packed.String()
	s.pages["/a/3"] = articlePage("星禾发布新的耳机。", "")
	items, cursor, err := newSitemap(t, s, client).Collect(t.Context(), reputation.Cursor{})
	if err == nil || !strings.Contains(err.Error(), "a part of the list was not read") || !strings.Contains(err.Error(), "/sitemap-2025.xml: status 500") || cursor.ETag != "" {
		t.Errorf("cursor %+v, error %v", cursor, err)
	}
	if want := []string{"/news.xml", "/sitemap-news.xml", "/sitemap-2026.xml.gz", "/sitemap-2025.xml", "/a/1", "/a/2", "/a/3"}; !slices.Equal(s.requests, want) {
		t.Errorf("requests %q, want %q", s.requests, want)
	}
	if len(items) != 3 || items[2].Title != "标题" || !items[2].Published.Equal(time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)) {
		t.Errorf("%+v; want the third with the article's title and the time of its last change", items)
	}
}

func TestSitemapErrors(t *testing.T) {
	for _, test := range []struct{ name, body, want string }{
		{"page", "<!doctype html><html><body>no</body></html>", `but "html"; use kind: feed for a feed, kind: page for a web page`},
		{"feed", "<rss><channel></channel></rss>", `but "rss"`},
		{"text", "https://news.example/a", "parse sitemap"},
		{"empty", "", "parse sitemap"},
		{"no address", "<urlset></urlset>", "the sitemap names no address"},
		{"bomb", "\x1f\x8bnonsense", "gzip"},
		{"too many tags", "<urlset>" + strings.Repeat("<url/>", maxMapTags), "more than 300000 tags"},
	} {
		s, client := newSite(t)
		s.pages["/news.xml"] = test.body
		items, _, err := newSitemap(t, s, client).Collect(t.Context(), reputation.Cursor{})
		if err == nil || !strings.Contains(err.Error(), test.want) || !strings.HasPrefix(err.Error(), "source map: ") || len(items) != 0 {
			t.Errorf("%s: %d items, error %v; want one that says %q", test.name, len(items), err, test.want)
		}
	}
}

// A sitemap that ends in the middle keeps the addresses that are whole.
func TestSitemapTruncated(t *testing.T) {
	whole := "<urlset><url><loc>https://news.example/1</loc></url>"
	for cut := len(whole); cut < len(newsSitemap); cut++ {
		doc, err := parseSitemap([]byte(newsSitemap[:cut]), "")
		if err != nil {
			continue
		}
		for _, l := range doc.articles("https://news.example/", china) {
			if l.canonical != "https://news.example/a/1" && l.canonical != "https://news.example/a/2" {
				t.Fatalf("cut at %d: %q is no address of the sitemap", cut, l.canonical)
			}
		}
	}
	doc, err := parseSitemap([]byte(whole+"<url><loc>https://news.exa"), "")
	if got := doc.articles("", china); err != nil || len(got) != 1 {
		t.Errorf("%+v, %v; want the one that is whole", got, err)
	}
}

func FuzzSitemap(f *testing.F) {
	f.Add([]byte(newsSitemap))
	f.Add([]byte("<sitemapindex><sitemap><loc>/a</loc><lastmod>2026</lastmod></sitemap>"))
	f.Add([]byte("\x1f\x8b\x08\x00"))
	f.Fuzz(func(t *testing.T, body []byte) {
		doc, err := parseSitemap(body, "")
		if err != nil {
			return
		}
		if maps := doc.newestMaps(); len(maps) > maxSitemaps {
			t.Errorf("%d sitemaps", len(maps))
		}
		for _, l := range newestOf(doc.articles("https://news.example/", china)) {
			if !isWebAddress(l.address) || strings.Contains(l.title, "\n") || !isClean(l.title+l.canonical) {
				t.Errorf("entry %+v", l)
			}
		}
	})
}
