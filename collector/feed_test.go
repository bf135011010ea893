package collector

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"

	"reputed/internal/reputation"
)

// A time that is still to come, or that no database holds, is no time.
func TestImpossibleTimes(t *testing.T) {
	for _, date := range []string{"Sun, 22 Nov 2026 16:30:00 GMT", "9999-12-31T23:59:59-08:00", "Thu, 01 Jan 1970 00:00:00 GMT"} {
		server, client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprintf(w, "<rss><channel><item><title>星禾</title><pubDate>%s</pubDate></item></channel></rss>", date)
		})
		items, _, err := NewFeed("news", server.URL+"/rss", client, china).Collect(t.Context(), reputation.Cursor{})
		if err != nil || len(items) != 1 || !items[0].Published.Equal(testTime) {
			t.Errorf("%s: items %+v, error %v; want the time of the poll", date, items, err)
		}
	}
}

func TestFeedCollect(t *testing.T) {
	server, client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `<rss><channel><language>zh-cn</language>
			<item><guid isPermaLink="false">Row-1</guid><link>/a/1?utm_source=rss#top</link><title>星禾 <![CDATA[<b>降价</b>]]></title><author>小林</author>
				<description>短</description><pubDate>2026-11-22 15:30:00</pubDate></item>
			<item><link>/a/2</link><title>没有编号</title><pubDate>Sun, 22 Nov 2026 07:31:00 GMT</pubDate></item>
			<item><title>没有链接</title></item>
			<item><guid>Row-4</guid><link>/a/4</link><description>&lt;img src="x"&gt;</description></item>
			<item><guid>Row-1</guid><link>/a/1</link><title>星禾降价，又一次</title></item>
			</channel></rss>`)
	})
	feed := NewFeed("news", server.URL+"/rss", client, china)
	items, _, err := feed.Collect(t.Context(), reputation.Cursor{})
	if err != nil {
		t.Fatal(err)
	}
	want := []reputation.Item{
		{
			Source: "news", ID: "Row-1", URL: server.URL + "/a/1", Title: "星禾 降价", Text: "短", Author: "小林", Lang: "zh-cn",
			Published: time.Date(2026, 11, 22, 7, 30, 0, 0, time.UTC), Fetched: testTime,
		},
		{
			Source: "news", ID: server.URL + "/a/2", URL: server.URL + "/a/2", Title: "没有编号", Lang: "zh-cn",
			Published: time.Date(2026, 11, 22, 7, 31, 0, 0, time.UTC), Fetched: testTime,
		},
		{Source: "news", ID: shortHash("没有链接"), Title: "没有链接", Lang: "zh-cn", Published: testTime, Undated: true, Fetched: testTime},
	}
	if !slices.Equal(items, want) {
		t.Errorf("got  %+v\nwant %+v", items, want)
	}
}

func TestFeedEncodings(t *testing.T) {
	const body = `<rss><channel><item><guid>1</guid><title>星禾手機降價</title><description>客服態度很好，我會推薦給朋友</description></item></channel></rss>`
	for _, test := range []struct {
		name, contentType, declaration string
		enc                            encoding.Encoding
	}{
		{"GBK undeclared", "text/xml", "", simplifiedchinese.GBK},
		{"GBK declared UTF-8", "text/xml; charset=utf-8", `<?xml version="1.0" encoding="utf-8"?>`, simplifiedchinese.GBK},
		{"Big5 declared", "text/xml", `<?xml version="1.0" encoding="big5"?>`, traditionalchinese.Big5},
		{"UTF-8 declared GB2312", "text/xml", `<?xml version="1.0" encoding="gb2312"?>`, unicode.UTF8},
		{"UTF-16", "text/xml", `<?xml version="1.0" encoding="utf-16"?>`, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)},
	} {
		encoded := encode(t, test.enc, test.declaration+body)
		server, client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", test.contentType)
			w.Write(encoded)
		})
		items, _, err := NewFeed("news", server.URL, client, nil).Collect(t.Context(), reputation.Cursor{})
		if err != nil || len(items) != 1 || items[0].Title != "星禾手機降價" || items[0].Text != "客服態度很好，我會推薦給朋友" {
			t.Errorf("%s: %+v, %v", test.name, items, err)
		}
	}
}

func TestFeedCursor(t *testing.T) {
	const good = `<rss><channel><item><guid>1</guid><title>一</title></item></channel></rss>`
	status, body := 200, good
	server, client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"`+shortHash(body)+`"`)
		w.Header().Set("Retry-After", "60")
		if r.Header.Get("If-None-Match") == w.Header().Get("ETag") {
			status = http.StatusNotModified
		}
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	})
	feed := NewFeed("news", server.URL+"/rss?key=hunter2", client, nil)
	_, first, err := feed.Collect(t.Context(), reputation.Cursor{})
	if err != nil || first.ETag == "" || first.Digest == "" {
		t.Fatalf("first poll: cursor %+v, error %v", first, err)
	}
	later := first
	later.NotBefore = testTime.Add(time.Minute)
	gone := first
	gone.NotBefore = reputation.Never()

	for _, test := range []struct {
		name   string
		status int
		body   string
		cursor reputation.Cursor // of the poll
		want   reputation.Cursor
		err    string
	}{
		{"not modified", 200, good, first, first, ""},
		{"sign-in page", 200, "<html>Sign in</html>", first, first, "use kind: page for a web page"},
		{"out of order", 503, "", first, later, "status 503"},
		{"gone", 410, "", first, gone, "remove the source"},
		{"too early", 200, good, later, later, ErrNotYet.Error()},
	} {
		status, body = test.status, test.body
		items, next, err := feed.Collect(t.Context(), test.cursor)
		if len(items) != 0 || !equalCursors(next, test.want) {
			t.Errorf("%s: %d items, cursor %+v; want none and %+v", test.name, len(items), next, test.want)
		}
		switch {
		case test.err == "" && err != nil:
			t.Errorf("%s: %v", test.name, err)
		case test.err != "" && (err == nil || !strings.Contains(err.Error(), test.err) || !strings.HasPrefix(err.Error(), "source news: ")):
			t.Errorf("%s: error %v, want one of the source that says %q", test.name, err, test.err)
		case err != nil && strings.Contains(err.Error(), "hunter2"):
			t.Errorf("%s: error shows the query: %v", test.name, err)
		}
	}
}

// TestFeedThatBreaksOff: what is missing is asked for again, though the server calls it
// unchanged.
func TestFeedThatBreaksOff(t *testing.T) {
	const feed = `<rss><channel><item><guid>1</guid><title>一</title></item><item><guid>2</guid><title>二</title></item></channel></rss>`
	body := feed[:len(feed)-40]
	server, client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"1"`)
		if r.Header.Get("If-None-Match") != "" {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		fmt.Fprint(w, body)
	})
	source := NewFeed("news", server.URL, client, nil)
	items, cursor, err := source.Collect(t.Context(), reputation.Cursor{})
	if err != nil || len(items) != 1 || cursor.IsZero() {
		t.Fatalf("cut off: %d items, cursor %+v, error %v", len(items), cursor, err)
	}
	body = feed
	if items, cursor, err = source.Collect(t.Context(), cursor); err != nil || len(items) != 2 || cursor.ETag == "" {
		t.Errorf("whole: %d items, cursor %+v, error %v", len(items), cursor, err)
	}
}

func equalCursors(a, b reputation.Cursor) bool {
	return a.ETag == b.ETag && a.LastModified == b.LastModified && a.Digest == b.Digest && a.NotBefore.Equal(b.NotBefore) && slices.Equal(a.Seen, b.Seen)
}

func TestFeedErrorIsTyped(t *testing.T) {
	server, client := serve(t, http.NotFound)
	_, _, err := NewFeed("news", server.URL, client, nil).Collect(t.Context(), reputation.Cursor{})
	var refused *StatusError
	if !errors.As(err, &refused) || refused.Status != 404 {
		t.Errorf("error %v, want a StatusError", err)
	}
}

func TestIdentify(t *testing.T) {
	entry := func(id, link, title string) Entry { return Entry{ID: id, Link: link, Title: title} }
	a, b := shortHash("a"), shortHash("b")
	tests := []struct {
		name    string
		entries []Entry
		want    []string
	}{
		{"guid as sent", []Entry{entry("URN:A", "https://n.example/a", "a")}, []string{"URN:A"}},
		{"no guid", []Entry{entry("", "https://n.example/a?utm_source=x", "a")}, []string{"https://n.example/a"}},
		{"neither", []Entry{entry("", "", "a"), entry("", "", "b")}, []string{a, b}},
		{"one guid on all", []Entry{entry("g", "https://n.example/a", "a"), entry("g", "https://n.example/b", "b")}, []string{"https://n.example/a", "https://n.example/b"}},
		{"one guid and one link on all", []Entry{entry("g", "https://n.example/", "a"), entry("", "https://n.example/", "b")}, []string{"g", b}},
		{"one guid without links", []Entry{entry("g", "", "a"), entry("g", "", "b")}, []string{a, b}},
		{"one guid and the site's address on all", []Entry{entry("g", "https://n.example/", "a"), entry("g", "https://n.example", "b")}, []string{a, b}},
		{"one guid and link, twice", []Entry{entry("g", "https://n.example/a", "a"), entry("g", "https://n.example/a", "b")}, []string{"g", "g"}},
	}
	for _, test := range tests {
		if got := identify(test.entries); !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}
