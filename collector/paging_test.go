package collector

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"reputed/internal/reputation"
)

// pagedSite has a list of three pages with two articles each.
func pagedSite(t *testing.T) (*site, *Client) {
	s, client := newSite(t)
	for page := range 3 {
		body := ""
		for i := range 2 {
			n := page*2 + i + 10
			body += fmt.Sprintf(`<li><a href="/a/%d">星禾第 %d 家门店开业</a></li>`, n, n)
			s.pages[fmt.Sprintf("/a/%d", n)] = articlePage(fmt.Sprintf("第 %d 家门店今日开业。", n), "")
		}
		s.pages[[]string{"/list", "/list_2", "/list_3"}[page]] = "<ul>" + body + `</ul><a href="` + []string{"/list_2", "/list_3", "/list"}[page] + `">下一页</a>`
	}
	return s, client
}

func TestPageFollowsItsList(t *testing.T) {
	for _, test := range []struct {
		pages    int
		requests []string
	}{
		{0, []string{"/list", "/a/10", "/a/11"}},
		{2, []string{"/list", "/list_2", "/a/10", "/a/11", "/a/12", "/a/13"}},
		{9, []string{"/list", "/list_2", "/list_3", "/a/10", "/a/11", "/a/12", "/a/13", "/a/14", "/a/15"}}, // it leads in a circle
	} {
		s, client := pagedSite(t)
		page := s.page(t, client, Selectors{Item: "li", Pages: test.pages})
		items, cursor, err := page.Collect(t.Context(), reputation.Cursor{})
		if err != nil || !slices.Equal(s.requests, test.requests) || cursor.ETag == "" {
			t.Errorf("%d pages: %d items, requests %q, error %v; want %q", test.pages, len(items), s.requests, err, test.requests)
		}
	}
}

// A page whose articles were all read ends the list, and so does one that is gone; one
// that does not answer costs neither what was read nor what follows at the next poll.
func TestPageEndsItsList(t *testing.T) {
	s, client := pagedSite(t)
	page := s.page(t, client, Selectors{Item: "li", Pages: 3})
	_, cursor, err := page.Collect(t.Context(), reputation.Cursor{})
	if err != nil {
		t.Fatal(err)
	}
	s.requests = nil
	s.pages["/list"] = `<li><a href="/a/9">新</a></li>` + s.pages["/list"]
	s.pages["/a/9"] = articlePage("新的。", "")
	items, cursor, err := page.Collect(t.Context(), cursor)
	if err != nil || len(items) != 1 || !slices.Equal(s.requests, []string{"/list", "/list_2", "/a/9"}) {
		t.Errorf("one new article: %d items, requests %q, error %v", len(items), s.requests, err)
	}
	for body, want := range map[string]string{"!404": "", "!500": "a part of the list was not read, tried again at the next poll"} {
		s.pages["/list_2"] = body
		s.pages["/list"] += " "
		s.pages["/list"] = `<li><a href="/a/` + body[1:] + `">新</a></li>` + s.pages["/list"]
		s.pages["/a/"+body[1:]] = articlePage("又一篇。", "")
		items, next, err := page.Collect(t.Context(), cursor)
		if len(items) != 1 || (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) || (next.ETag == "") != (want != "") {
			t.Errorf("second page answers %s: %d items, cursor %+v, error %v", body, len(items), next, err)
		}
		cursor = next
	}
}

func TestArticleOverSeveralPages(t *testing.T) {
	s, client := newSite(t)
	part := func(n int, next string) string {
		return articlePage(fmt.Sprintf("这是第 %d 页的文字，讲的是同一件事情的经过和结果。", n), "") + `<a href="/b/">返回</a><a href="` + next + `">下一页</a>`
	}
	s.pages["/list"] = `<li><a href="/a/7.html">长文</a></li>`
	s.pages["/a/7.html"], s.pages["/a/7_2.html"], s.pages["/a/7_3.html"] = part(1, "/a/7_2.html"), part(2, "7_3.html"), part(3, "/a/8.html")
	items, _, err := s.page(t, client, Selectors{Item: "li"}).Collect(t.Context(), reputation.Cursor{})
	if err != nil || len(items) != 1 || strings.Count(items[0].Text, "页的文字") != 3 || slices.Contains(s.requests, "/a/8.html") {
		t.Errorf("%+v, %v, requests %q; want three parts and not the next article", items, err, s.requests)
	}

	s.requests = nil
	for n := 2; n < 12; n++ { // without end
		s.pages[fmt.Sprintf("/a/7_%d.html", n)] = part(n, fmt.Sprintf("/a/7_%d.html", n+1))
	}
	items, _, err = s.page(t, client, Selectors{Item: "li"}).Collect(t.Context(), reputation.Cursor{})
	if err != nil || len(items) != 1 || len(s.requests) != 1+maxParts {
		t.Errorf("%+v, %v, requests %q; want at most %d parts", items, err, s.requests, maxParts)
	}

	s.pages["/a/7_2.html"] = "!500"
	items, cursor, err := s.page(t, client, Selectors{Item: "li"}).Collect(t.Context(), reputation.Cursor{})
	if err == nil || len(items) != 0 || len(cursor.Seen) != 0 {
		t.Errorf("a part that does not answer: %+v, cursor %+v, error %v; want the article to be tried again", items, cursor, err)
	}
	s.pages["/a/7_2.html"] = "!404"
	items, _, err = s.page(t, client, Selectors{Item: "li"}).Collect(t.Context(), reputation.Cursor{})
	if err != nil || len(items) != 1 || strings.Count(items[0].Text, "页的文字") != 1 {
		t.Errorf("a part that is gone: %+v, %v", items, err)
	}
}

func TestContinues(t *testing.T) {
	const article = "https://news.example/a/17.html?spm=1"
	for next, want := range map[string]bool{
		"https://news.example/a/17_2.html":      true,
		"https://news.example/a/17-2.html":      true,
		"https://news.example/a/17/2":           true,
		"https://news.example/a/17/page/2/":     true,
		"https://news.example/a/17.html?page=2": true,
		"https://news.example/a/17.html?id=2":   false,
		"https://news.example/a/17.html":        false,
		"https://news.example/a/172.html":       false,
		"https://news.example/a/18.html":        false,
		"https://other.example/a/17_2.html":     false,
		"":                                      false,
		"://":                                   false,
	} {
		if got := continues(article, next); got != want {
			t.Errorf("%q: %t, want %t", next, got, want)
		}
	}
	if !continues("https://news.example/show.php?id=3", "https://news.example/show.php?id=3&page=2") || continues("https://news.example/show.php?id=3", "https://news.example/show.php?id=4&page=2") {
		t.Error("of an address with a query only the page may differ")
	}
}

// What the list states counts, and where it is rough what the article states of about
// the same time; then the day in the address, then the last change.
func TestStatedTime(t *testing.T) {
	r := reader{zone: china}
	at := func(day, hour int) time.Time { return time.Date(2026, 11, day, hour, 0, 0, 0, china) }
	for _, test := range []struct {
		name    string
		listed  listed
		article moment
		want    time.Time
	}{
		{"both", listed{published: moment{at(20, 8), false}}, moment{at(20, 9), false}, at(20, 8)},
		{"rough list", listed{published: moment{at(20, 0), true}}, moment{at(20, 9), false}, at(20, 9)},
		{"rough list, something else's time", listed{published: moment{at(20, 0), true}}, moment{at(2, 9), false}, at(20, 0)},
		{"article alone", listed{address: "https://a.example/2026/11/18/x"}, moment{at(20, 9), false}, at(20, 9)},
		{"address alone", listed{address: "https://a.example/t20261118_88.html", modified: at(21, 9)}, moment{}, at(18, 0)},
		{"change alone", listed{address: "https://a.example/20261399/x", modified: at(21, 9)}, moment{}, at(21, 9)},
		{"none", listed{address: "https://a.example/x"}, moment{}, time.Time{}},
	} {
		if got := r.statedTime(test.listed, test.article); !got.Equal(test.want) {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}

// Articles of a megabyte each are read over several polls, and an article of many such
// pages only in part, since a poll holds in memory, and stores at once, what it read.
func TestPageReadsLongArticlesInSteps(t *testing.T) {
	s, client := newSite(t)
	page := s.page(t, client, Selectors{Item: "li", Text: "article p"})
	const articles = 12
	s.pages["/list"] = ""
	for i := range articles {
		s.pages["/list"] += fmt.Sprintf(`<li><a href="/a/%d">长文</a></li>`, i)
		path := fmt.Sprintf("/a/%d", i)
		for part := range maxParts {
			next := fmt.Sprintf("/a/%d_%d", i, part+2)
			s.pages[path] = articlePage(fmt.Sprint(i, part)+strings.Repeat("星", maxPageText/3), "") + `<a href="` + next + `">下一页</a>`
			path = next
		}
	}
	var cursor reputation.Cursor
	ids := map[string]bool{}
	for poll := range 2 {
		items, next, err := page.Collect(t.Context(), cursor)
		size := 0
		for _, i := range items {
			ids[i.ID] = true
			size += len(i.Text)
		}
		if err != nil || size > maxPollText+2*maxPageText || (next.ETag == "") != (poll == 0) {
			t.Errorf("poll %d: %d items of %d bytes, cursor %+v, error %v", poll, len(items), size, next, err)
		}
		cursor = next
	}
	if len(ids) != articles {
		t.Errorf("%d articles after two polls, want %d", len(ids), articles)
	}
}
