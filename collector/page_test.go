package collector

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"reputed/internal/reputation"
)

// site is a news site whose pages a test can change.
type site struct {
	pages    map[string]string // body by path; a body that begins with "!" is a status
	requests []string
	*httptest.Server
}

const listPage = `<!doctype html><meta charset=utf-8><nav><a href="/about">关于</a></nav>
<ul class=list>
<li><a href="/a/1?spm=x.y">星禾手机降价</a><time datetime="2026-11-22T15:30:00+08:00"></time></li>
<li><a href="/a/2">星禾门店开业</a><time>今天</time></li>
<li><a href="javascript:more()">更多</a></li>
<li><a href="/a/1#comments">评论</a></li>
</ul>`

func articlePage(text, head string) string {
	return "<!doctype html><html lang=zh-CN><meta charset=utf-8><title>页面</title>" + head +
		"<nav>首页 登录 注册</nav><article><h1>标题</h1><p>" + text + "</p></article><footer>版权所有</footer>"
}

func newSite(t *testing.T) (*site, *Client) {
	s := &site{pages: map[string]string{
		"/list": listPage,
		"/a/1":  articlePage("星禾手机今日降价五百元，门店同步。", ""),
		"/a/2":  articlePage("星禾在成都开了新的门店。", `<meta property="article:published_time" content="2026-11-22 08:00">`),
	}}
	var client *Client
	s.Server, client = serve(t, func(w http.ResponseWriter, r *http.Request) {
		s.requests = append(s.requests, r.URL.Path)
		body, ok := s.pages[r.URL.Path]
		if status, isStatus := strings.CutPrefix(body, "!"); isStatus || !ok {
			code := http.StatusNotFound
			fmt.Sscan(status, &code)
			w.Header().Set("Retry-After", "60")
			w.WriteHeader(code)
			return
		}
		etag := `"` + shortHash(body) + `"`
		w.Header().Set("ETag", etag)
		if r.Header.Get("If-None-Match") == etag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		fmt.Fprint(w, body)
	})
	return s, client
}

func (s *site) page(t *testing.T, client *Client, sel Selectors) *Page {
	t.Helper()
	p, err := NewPage("news", s.URL+"/list", sel, client, china)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPageCollect(t *testing.T) {
	s, client := newSite(t)
	page := s.page(t, client, Selectors{Item: "ul.list li"})
	items, cursor, err := page.Collect(t.Context(), reputation.Cursor{})
	if err != nil {
		t.Fatal(err)
	}
	want := []reputation.Item{
		{
			Source: "news", ID: s.URL + "/a/1", URL: s.URL + "/a/1", Title: "星禾手机降价", Text: "星禾手机今日降价五百元，门店同步。", Lang: "zh-CN",
			Published: time.Date(2026, 11, 22, 7, 30, 0, 0, time.UTC), Fetched: testTime,
		},
		{
			Source: "news", ID: s.URL + "/a/2", URL: s.URL + "/a/2", Title: "星禾门店开业", Text: "星禾在成都开了新的门店。", Lang: "zh-CN",
			Published: time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC), Fetched: testTime,
		},
	}
	if !slices.Equal(items, want) {
		t.Errorf("got  %+v\nwant %+v", items, want)
	}
	if want := []string{s.URL + "/a/1", s.URL + "/a/2"}; !slices.Equal(cursor.Seen, want) || cursor.ETag == "" {
		t.Errorf("cursor %+v, want validators and %q", cursor, want)
	}

	s.requests = nil
	items, again, err := page.Collect(t.Context(), cursor)
	if err != nil || len(items) != 0 || !equalCursors(again, cursor) || len(s.requests) != 1 {
		t.Errorf("unchanged list: %d items, cursor %+v, error %v, requests %q", len(items), again, err, s.requests)
	}

	s.requests = nil
	s.pages["/list"] = `<ul class=list><li><a href="/a/3">新</a></li>` + listPage + `</ul>`
	s.pages["/a/3"] = articlePage("星禾发布新的耳机。", "")
	items, _, err = page.Collect(t.Context(), cursor)
	if err != nil || len(items) != 1 || items[0].Text != "星禾发布新的耳机。" || !slices.Equal(s.requests, []string{"/list", "/a/3"}) {
		t.Errorf("longer list: %+v, error %v, requests %q", items, err, s.requests)
	}
}

func TestPageErrors(t *testing.T) {
	for _, test := range []struct {
		name, list string
		sel        Selectors
		want       string
	}{
		{"no such item", listPage, Selectors{Item: "div.news"}, `item selector "div.news" finds nothing`},
		{"no address", listPage, Selectors{Item: "ul.list li", Link: "time@href"}, `link selector "time@href" finds no address in the 4 entries`},
		{"PDF", "%PDF-1.7\n...", Selectors{Item: "li"}, "application/pdf, not HTML"},
		{"image", "\x89PNG\r\n\x1a\n", Selectors{Item: "li"}, "image/png, not HTML"},
		{"feed", `<?xml version="1.0"?><rss><channel></channel></rss>`, Selectors{Item: "li"}, "kind: feed for a feed"},
		{"deep nesting", strings.Repeat("<div>", 1000), Selectors{Item: "li"}, "parse HTML"},
		{"too many tags", strings.Repeat("<p>", maxTags+1), Selectors{Item: "li"}, fmt.Sprint("more than ", maxTags)},
	} {
		s, client := newSite(t)
		s.pages["/list"] = test.list
		before := reputation.Cursor{ETag: `"old"`, Seen: []string{"x"}}
		items, cursor, err := s.page(t, client, test.sel).Collect(t.Context(), before)
		if err == nil || !strings.Contains(err.Error(), test.want) || !strings.HasPrefix(err.Error(), "source news: ") {
			t.Errorf("%s: error %v, want one that says %q", test.name, err, test.want)
		}
		if len(items) != 0 || !equalCursors(cursor, before) {
			t.Errorf("%s: %d items and cursor %+v", test.name, len(items), cursor)
		}
	}
}

func TestNewPageErrors(t *testing.T) {
	for _, test := range []struct {
		sel  Selectors
		want string
	}{
		{Selectors{Item: "li["}, `item: selector "li["`},
		{Selectors{Item: "li", Title: ":nope()"}, `title: selector ":nope()"`},
		{Selectors{Item: "li", Link: "a..b@href"}, `link: selector "a..b@href"`},
		{Selectors{Item: "li", Published: ">"}, `published: selector ">"`},
		{Selectors{Item: "li", Text: "#"}, `text: selector "#"`},
		{Selectors{Title: "h3"}, "item: selector"},
		{Selectors{Item: "li@class"}, "item: selector"},
	} {
		if _, err := NewPage("news", "https://news.example/", test.sel, nil, nil); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%+v: error %v, want one that says %q", test.sel, err, test.want)
		}
	}
}

func TestPageSelectors(t *testing.T) {
	s, client := newSite(t)
	s.pages["/list"] = `<base href="/a/"><div class=row data-url="1" data-title="甲 &amp; 乙"><i>2026年11月22日 15:30</i></div>`
	s.pages["/a/1"] = `<div class=body><p>正文一<p>正文二</div><div class=more>` + strings.Repeat("推荐阅读推荐阅读", 50) + `</div>`
	page := s.page(t, client, Selectors{Item: ".row", Link: "@data-url", Title: "@data-title", Published: "i", Text: ".body"})
	items, _, err := page.Collect(t.Context(), reputation.Cursor{})
	if err != nil || len(items) != 1 {
		t.Fatalf("%+v, %v", items, err)
	}
	i := items[0]
	if i.URL != s.URL+"/a/1" || i.Title != "甲 & 乙" || i.Text != "正文一\n正文二" || !i.Published.Equal(time.Date(2026, 11, 22, 7, 30, 0, 0, time.UTC)) {
		t.Errorf("%+v", i)
	}

	s.pages["/a/1"] = `<div class=other>改版</div>`
	_, cursor, err := page.Collect(t.Context(), reputation.Cursor{})
	if err == nil || !strings.Contains(err.Error(), `/a/1: text selector ".body" finds nothing`) || len(cursor.Seen) != 0 {
		t.Errorf("after a redesign: error %v", err)
	}
}

func TestPageKeepsCredentialsOnItsHost(t *testing.T) {
	var elsewhere http.Header
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { elsewhere = r.Header }))
	defer other.Close()
	var users []string
	home := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, _, _ := r.BasicAuth()
		users = append(users, user)
		fmt.Fprintf(w, `<li><a href="/a">甲</a><li><a href="%s/b">乙</a>`, other.URL)
	}))
	defer home.Close()
	address := strings.Replace(home.URL, "://", "://reader:hunter2@", 1)
	client, err := NewClient(Options{Allow: []string{"127.0.0.1"}}).For(Site{URL: address})
	if err != nil {
		t.Fatal(err)
	}
	page, err := NewPage("news", address, Selectors{Item: "li"}, client, nil)
	if err != nil {
		t.Fatal(err)
	}
	items, cursor, err := page.Collect(t.Context(), reputation.Cursor{})
	if err != nil || !slices.Equal(users, []string{"reader", "reader"}) {
		t.Errorf("own host: users %q, error %v", users, err)
	}
	if elsewhere == nil || elsewhere.Get("Authorization") != "" {
		t.Errorf("other host: headers %v, want a request without credentials", elsewhere)
	}
	if shown := fmt.Sprint(items, cursor); strings.Contains(shown, "hunter2") {
		t.Errorf("the password is in %s", shown)
	}
}

func TestPageNonHTMLArticle(t *testing.T) {
	s, client := newSite(t)
	s.pages["/a/1"] = "%PDF-1.7\n..."
	items, cursor, err := s.page(t, client, Selectors{Item: "ul.list li"}).Collect(t.Context(), reputation.Cursor{})
	if err != nil || len(items) != 2 || items[0].Title != "星禾手机降价" || items[0].Text != "" || len(cursor.Seen) != 2 {
		t.Errorf("%+v, cursor %+v, error %v; want the title alone, once", items, cursor, err)
	}
}

func TestRemember(t *testing.T) {
	var links []listed
	for i := range maxSeen + 100 {
		links = append(links, listed{canonical: fmt.Sprint("on", i)})
	}
	read := map[string]bool{"on5": true, "on1": true}
	if got, want := remember(links, read, []string{"old2", "on1", "old1"}), []string{"on1", "on5", "old2", "old1"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	var old []string
	for i := range maxSeen {
		old = append(old, fmt.Sprint("old", i))
	}
	if got := remember(links, read, old); len(got) != maxSeen || got[maxSeen-1] != "old497" {
		t.Errorf("%d addresses up to %s, want the newest %d", len(got), got[len(got)-1], maxSeen)
	}
	for _, l := range links {
		read[l.canonical] = true
	}
	if got := remember(links, read, old); len(got) != maxSeen+100 {
		t.Errorf("%d addresses, want all on the list", len(got))
	}
}
