package scenario

import (
	"encoding/xml"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/simplifiedchinese"
)

var noon = time.Date(2030, 5, 6, 4, 0, 0, 0, time.UTC) // 12:00 in China

func get(t *testing.T, h http.Handler, path string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, "http://demo.example"+path, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// published is what a reader finds of a post in a feed.
type published struct {
	Title, Link, Text string
	At                time.Time
}

// read decodes a feed by a path of its own, apart from the types that wrote it.
func read(t *testing.T, h http.Handler, path, layout string) []published {
	t.Helper()
	var doc struct {
		Base  string `xml:"base,attr"`
		Items []struct {
			Title string `xml:"title"`
			Link  string `xml:"link"`
			Date  string `xml:"pubDate"`
			Text  string `xml:"description"`
		} `xml:"channel>item"`
		Entries []struct {
			Title string `xml:"title"`
			Link  struct {
				Href string `xml:"href,attr"`
			} `xml:"link"`
			Date string `xml:"published"`
			Text string `xml:"content"`
		} `xml:"entry"`
	}
	d := xml.NewDecoder(get(t, h, path).Body)
	d.CharsetReader = func(charset string, r io.Reader) (io.Reader, error) {
		if charset != "GBK" {
			t.Errorf("%s declares %s", path, charset)
		}
		return simplifiedchinese.GBK.NewDecoder().Reader(r), nil
	}
	if err := d.Decode(&doc); err != nil {
		t.Fatalf("decode %s: %v", path, err)
	}
	base, err := url.Parse("http://demo.example" + path)
	if err != nil {
		t.Fatal(err)
	}
	if doc.Base != "" {
		if base, err = base.Parse(doc.Base); err != nil {
			t.Fatal(err)
		}
	}
	var out []published
	add := func(title, link, date, text string) {
		at, err := time.ParseInLocation(layout, date, time.FixedZone("", 8*60*60))
		if err != nil {
			t.Errorf("%s: %v", path, err)
		}
		u, err := base.Parse(link)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			return
		}
		text = html.UnescapeString(strings.NewReplacer("</p><p>", "\n", "<p>", "", "</p>", "").Replace(text))
		out = append(out, published{title, u.String(), text, at.UTC()})
	}
	for _, i := range doc.Items {
		add(i.Title, i.Link, i.Date, i.Text)
	}
	for _, e := range doc.Entries {
		add(e.Title, e.Link.Href, e.Date, e.Text)
	}
	return out
}

// shows checks that a page opens and that its article holds the whole post.
func shows(t *testing.T, h http.Handler, path string, p Post) {
	t.Helper()
	w := get(t, h, path)
	_, article, _ := strings.Cut(w.Body.String(), "<article>")
	article, _, _ = strings.Cut(article, "</article>")
	for paragraph := range strings.SplitSeq(p.Text, "\n") {
		if w.Code != http.StatusOK || !strings.Contains(html.UnescapeString(article), "<p>"+paragraph+"</p>") {
			t.Errorf("%s: %d, lacks %s", path, w.Code, paragraph)
		}
	}
}

func TestFeedsCarryEveryPostAndTheirLinksOpen(t *testing.T) {
	posts := load(t)
	h := Handler(posts, noon)
	for _, c := range []struct {
		path, source, layout string
		want                 int
	}{
		{"/weibo.rss", "rss", time.RFC1123Z, 224},
		{"/forum.atom", "atom", time.RFC3339, 99},
		{"/bbs.xml", "gbk", time.DateTime, 85},
	} {
		items := read(t, h, c.path, c.layout)
		if len(items) != c.want {
			t.Errorf("%s holds %d posts, want %d", c.path, len(items), c.want)
		}
		byLink := make(map[string]published)
		for i, item := range items {
			link, _, _ := strings.Cut(item.Link, "?")
			byLink[link] = item
			if i > 0 && item.At.After(items[i-1].At) {
				t.Errorf("%s: post %d is newer than the one before it", c.path, i)
			}
		}
		for _, p := range posts {
			if p.Source != c.source {
				continue
			}
			item := byLink["http://demo.example/p/"+p.ID]
			if item.Text != p.Text || item.Title != p.Title || !item.At.Equal(noon.Add(-p.Age)) {
				t.Errorf("%s: got %+v, want %+v", c.path, item, p)
			}
			shows(t, h, strings.TrimPrefix(item.Link, "http://demo.example"), p)
		}
	}
}

func TestNewsListLeadsToArticles(t *testing.T) {
	posts := load(t)
	h := Handler(posts, noon)
	list := get(t, h, "/news").Body.String()
	rows := regexp.MustCompile(`<li class="item"><a href="(/news/\w+)">(.+?)</a> <time datetime="(.+?)">`).FindAllStringSubmatch(list, -1)
	if len(rows) != 16 {
		t.Errorf("%d articles in the list, want 16", len(rows))
	}
	byPath := make(map[string][]string)
	for _, row := range rows {
		byPath[row[1]] = row
	}
	for _, p := range posts {
		if p.Source != "page" {
			continue
		}
		row := byPath["/news/"+p.ID]
		if want := noon.Add(-p.Age).Format(time.RFC3339); row == nil || html.UnescapeString(row[2]) != p.Title || row[3] != want {
			t.Errorf("list shows %v, want %s at %s", row, p.Title, want)
			continue
		}
		shows(t, h, row[1], p)
		body := get(t, h, row[1]).Body.String()
		for _, part := range []string{"<nav>", "<header>", "<footer>"} {
			if !strings.Contains(body, part) {
				t.Errorf("article %s lacks its %s", p.ID, part)
			}
		}
	}
}

func TestEveryLinkOnThePagesOpens(t *testing.T) {
	h := Handler(load(t), noon)
	href := regexp.MustCompile(`href="(.+?)"`)
	seen := map[string]bool{"/": true}
	for queue := []string{"/"}; len(queue) > 0; queue = queue[1:] {
		w := get(t, h, queue[0])
		if w.Code != http.StatusOK {
			t.Errorf("%s: %d", queue[0], w.Code)
		}
		if !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
			continue
		}
		for _, m := range href.FindAllStringSubmatch(w.Body.String(), -1) {
			if !seen[m[1]] {
				seen[m[1]] = true
				queue = append(queue, m[1])
			}
		}
	}
	if want := 1 + 4 + 16; len(seen) != want {
		t.Errorf("%d pages are linked, want %d", len(seen), want)
	}
}

func TestUnchangedFeedsAreNotSentAgain(t *testing.T) {
	h := Handler(load(t), noon)
	for _, c := range []struct{ path, validator, condition string }{
		{"/weibo.rss", "ETag", "If-None-Match"},
		{"/forum.atom", "Last-Modified", "If-Modified-Since"},
	} {
		first := get(t, h, c.path)
		second := get(t, h, c.path, c.condition, first.Header().Get(c.validator))
		if first.Code != http.StatusOK || second.Code != http.StatusNotModified || second.Body.Len() > 0 {
			t.Errorf("%s: %d, then %d with %d bytes, want 200 and an empty 304", c.path, first.Code, second.Code, second.Body.Len())
		}
	}
	stale := noon.Add(-time.Hour).Format(http.TimeFormat)
	if w := get(t, h, "/forum.atom", "If-Modified-Since", stale); w.Code != http.StatusOK {
		t.Errorf("an older copy gets %d, want 200", w.Code)
	}
}

func TestUnknownPathsAreNotFound(t *testing.T) {
	h := Handler(load(t), noon)
	for _, path := range []string{"/p/none", "/news/none", "/news/w001", "/p/n001", "/other"} {
		if w := get(t, h, path); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d, want 404", path, w.Code)
		}
	}
}

func TestHostileTextIsInert(t *testing.T) {
	const text = `<script>alert(1)</script> & "x" ]]>`
	posts := []Post{
		{ID: "w1", Age: time.Minute, Source: "rss", Title: text, Author: text, Text: text},
		{ID: "n1", Age: time.Minute, Source: "page", Title: text, Author: text, Text: text},
	}
	h := Handler(posts, noon)
	for _, path := range []string{"/weibo.rss", "/p/w1", "/news", "/news/n1"} {
		if body := get(t, h, path).Body.String(); strings.Contains(body, "<script>") {
			t.Errorf("%s: %s", path, body)
		}
	}
	if items := read(t, h, "/weibo.rss", time.RFC1123Z); len(items) != 1 || items[0].Text != text || items[0].Title != text {
		t.Errorf("feed holds %+v", items)
	}
}
