package collector_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"time"

	"reputed/collector"
	"reputed/internal/reputation"
)

// One entry, as a Chinese site sends it: the link is relative, the time has no zone,
// the text is mark-up.
func ExampleParseFeed() {
	const feed = `<rss version="2.0"><channel><title>快讯</title>
		<item><guid isPermaLink="false">n-1</guid><title>星禾召回部分充电器</title><link>/2026/1.html</link>
		<pubDate>2026-11-22 15:30:00</pubDate><description>&lt;p&gt;共一万二千只。&lt;/p&gt;</description></item>
		</channel></rss>`
	entries, err := collector.ParseFeed([]byte(feed), "text/xml", "https://news.example/rss", time.FixedZone("CST", 8*3600))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, e := range entries {
		fmt.Println(e.ID, e.Title, e.Link, e.Published.Format(time.RFC3339), e.Text)
	}
	// Output:
	// n-1 星禾召回部分充电器 https://news.example/2026/1.html 2026-11-22T07:30:00Z [共一万二千只。]
}

// A feed on an internal address must be allowed. The second poll sends the validators
// that the first one got, so nothing comes back.
func ExampleFeed() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"v1"`)
		if r.Header.Get("If-None-Match") == `"v1"` {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		fmt.Fprint(w, `<rss><channel><item><guid>n-1</guid><title>星禾召回部分充电器</title></item></channel></rss>`)
	}))
	defer server.Close()

	client := collector.NewClient(collector.Options{Allow: []string{server.Listener.Addr().String()}})
	feed := collector.NewFeed("news", server.URL, client, time.UTC)
	var cursor reputation.Cursor
	for range 2 {
		items, next, err := feed.Collect(context.Background(), cursor)
		if err != nil {
			fmt.Println(err)
			return
		}
		cursor = next // stored in one transaction with the items
		fmt.Println(feed.Name(), len(items))
	}
	// Output:
	// news 1
	// news 0
}

// A page lists articles; the text is read from the page of each.
func ExamplePage() {
	mux := http.NewServeMux()
	mux.HandleFunc("/latest", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `<ul class="list"><li><a href="/1.html">星禾致歉</a><time datetime="2026-11-22 15:30"></time></li></ul>`)
	})
	mux.HandleFunc("/1.html", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `<nav>首页 登录</nav><article><h1>星禾致歉</h1><p>星禾今日就充电器发烫一事致歉。</p></article><footer>版权所有</footer>`)
	})
	server := httptest.NewServer(mux)
	defer server.Close()

	client := collector.NewClient(collector.Options{Allow: []string{"127.0.0.1"}})
	page, err := collector.NewPage("it-news", server.URL+"/latest", collector.Selectors{
		Item:      "ul.list li",
		Title:     "a",
		Link:      "a@href",
		Published: "time@datetime",
	}, client, time.FixedZone("CST", 8*3600))
	if err != nil {
		fmt.Println(err)
		return
	}
	items, _, err := page.Collect(context.Background(), reputation.Cursor{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, i := range items {
		fmt.Println(i.Title, i.Text, i.Published.Format(time.RFC3339))
	}
	// Output:
	// 星禾致歉 星禾今日就充电器发烫一事致歉。 2026-11-22T07:30:00Z
}

func ExampleCanonicalURL() {
	fmt.Println(collector.CanonicalURL("https://news.example/a?id=3&utm_source=weibo&from=timeline#comments"))
	// Output: https://news.example/a?id=3
}

// A page names its feed; the feed is the better source.
func ExampleDiscover() {
	mux := http.NewServeMux()
	mux.HandleFunc("/news", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `<link rel="alternate" type="application/rss+xml" href="/rss.xml" title="快讯">
			<ul class="news"><li><a href="/a/101.html">星禾就充电器发烫致歉</a> 2026-11-22</li><li><a href="/a/102.html">星禾门店今日开业</a> 2026-11-21</li>
			<li><a href="/a/103.html">星禾公布第三季度业绩</a> 2026-11-20</li></ul>`)
	})
	mux.HandleFunc("/rss.xml", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `<rss><channel><item><title>星禾就充电器发烫致歉</title></item></channel></rss>`)
	})
	server := httptest.NewServer(mux)
	defer server.Close()

	client := collector.NewClient(collector.Options{Allow: []string{"127.0.0.1"}})
	offers, err := collector.Discover(context.Background(), client, server.URL+"/news", time.UTC)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, o := range offers {
		fmt.Printf("%s %s %d %q\n", o.Kind, o.URL[len(server.URL):], o.Entries, o.Title+o.Selectors.Item)
	}
	// Output:
	// feed /rss.xml 1 "快讯"
	// page /news 3 "ul.news > li"
}

// A news sitemap states titles and times; the text is read from the articles.
func ExampleSitemap() {
	mux := http.NewServeMux()
	mux.HandleFunc("/news.xml", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `<urlset xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>/1.html</loc><news:news>
			<news:publication_date>2026-11-22T15:30:00+08:00</news:publication_date><news:title>星禾致歉</news:title></news:news></url></urlset>`)
	})
	mux.HandleFunc("/1.html", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `<nav>首页 登录</nav><article><h1>星禾致歉</h1><p>星禾今日就充电器发烫一事致歉。</p></article>`)
	})
	server := httptest.NewServer(mux)
	defer server.Close()

	client := collector.NewClient(collector.Options{Allow: []string{"127.0.0.1"}})
	sitemap, err := collector.NewSitemap("morning-paper", server.URL+"/news.xml", "", client, time.UTC)
	if err != nil {
		fmt.Println(err)
		return
	}
	items, _, err := sitemap.Collect(context.Background(), reputation.Cursor{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, i := range items {
		fmt.Println(i.Title, i.Text, i.Published.Format(time.RFC3339))
	}
	// Output:
	// 星禾致歉 星禾今日就充电器发烫一事致歉。 2026-11-22T07:30:00Z
}

// A survey's export is read when it lies in the folder unchanged for two polls, and
// moved when the cursor that came with its answers is stored.
func ExampleNewSurvey() {
	folder, err := os.MkdirTemp("", "survey")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)
	export := "提交时间;推荐分数;您的意见\n2026-11-20 09:30;3;\"屏幕碎了，\n客服不理人\"\n"
	if err := os.WriteFile(filepath.Join(folder, "november.csv"), []byte(export), 0o600); err != nil {
		fmt.Println(err)
		return
	}
	survey := collector.Survey{Brand: "小米", Text: "您的意见", NPS: "推荐分数", Date: "提交时间", Zone: time.FixedZone("CST", 8*60*60)}
	open := func() (collector.Disk, error) { return os.OpenRoot(folder) }
	source := collector.NewSurvey("nps", survey, open, time.Now)

	var cursor reputation.Cursor
	for range 3 {
		var items []reputation.Item
		if items, cursor, err = source.Collect(context.Background(), cursor); err != nil {
			fmt.Println(err)
			return
		}
		for _, item := range items {
			fmt.Printf("%s %s %d %q\n", item.Published.Format(time.RFC3339), item.Brand, item.NPS.Value, item.Text)
		}
	}
	moved, _ := filepath.Glob(filepath.Join(folder, "done", "*"))
	fmt.Println(len(moved), "file moved")
	// Output:
	// 2026-11-20T01:30:00Z 小米 3 "屏幕碎了，\n客服不理人"
	// 1 file moved
}
