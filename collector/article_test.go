package collector

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/simplifiedchinese"
)

func TestReadArticle(t *testing.T) {
	long := strings.Repeat("这台手机的续航比上一代好了不少，屏幕在阳光下也看得清楚。", 6)
	for _, test := range []struct{ name, html, want string }{
		{
			"menus and recommendations",
			`<header><a href=/>首页</a></header><div class="menu"><a href=/1>科技</a><a href=/2>汽车</a></div>
			<div class="content"><h1>评测</h1><p>` + long + `</p><p>` + long + `</p></div>
			<div class="sidebar"><ul><li><a href=/3>相关阅读一</a></li><li><a href=/4>相关阅读二</a></li></ul></div><footer>备案号</footer>`,
			long + "\n" + long,
		},
		{
			"hidden until a script has run",
			`<div id="js_content" style="visibility: hidden; opacity: 0;"><section><p>` + long + `</p></section></div>`,
			long,
		},
		{
			"short post",
			`<nav>首页 登录</nav><div class=post><p>很好用。</p></div><footer>版权所有</footer>`,
			"很好用。",
		},
		{"text without paragraphs", `<div id=text>第一行，还不错。<br>第二行，客服很慢。</div>`, "第一行，还不错。\n第二行，客服很慢。"},
		{"nothing", `<script>render()</script>`, ""},
	} {
		resp := &Response{URL: "https://news.example/a", ContentType: "text/html", Body: []byte("<html><title>页面</title><body>" + test.html)}
		doc, base, err := parseHTML(resp)
		if err != nil {
			t.Fatal(err)
		}
		got, err := readArticle(doc, base, china, testTime, selector{})
		if err != nil || got.text != test.want {
			t.Errorf("%s: %q, %v; want %q", test.name, got.text, err, test.want)
		}
	}
}

func TestReadArticleMeta(t *testing.T) {
	for _, test := range []struct{ name, head, body, want string }{
		{"meta", `<meta property="article:published_time" content="2026-11-22T08:00:00+08:00">`, `<time datetime="2020-01-01">`, "2026-11-22T00:00:00Z"},
		{"time", "", `<time datetime="2026-11-22 08:00">刚刚</time>`, "2026-11-22T00:00:00Z"},
		{"unreadable, then time", `<meta property="article:published_time" content="刚刚">`, `<time datetime="2026-11-22 08:00">`, "2026-11-22T00:00:00Z"},
		{"microdata", "", `<span itemprop="datePublished" content="2026-11-22"></span>`, "2026-11-21T16:00:00Z"},
		{"calendar of the site", "", `<div class=date>今天是2026年11月22日 星期日</div><div class=time>2026-11-20 08:00</div>`, "2026-11-20T00:00:00Z"},
		{"words before style", "", `<i class=time>2026-11-01 08:00</i><div>发布时间：2026年11月20日 8时</div>`, "2026-11-20T00:00:00Z"},
		{"comments", "", `<div class=comment-list><time datetime="2026-11-21 08:00"></time></div><b>2026-11-20 08:00</b>`, "2026-11-20T00:00:00Z"},
		{"sentence", "", `<p>公司成立于2001年1月1日。</p>`, "0001-01-01T00:00:00Z"},
		{"variable of a script", "", `<script>var publishTime = "2026-11-20 08:00:00";</script>`, "2026-11-20T00:00:00Z"},
		{"none", "", "", "0001-01-01T00:00:00Z"},
	} {
		page := `<html lang="zh-CN"><head><meta charset="gbk"><title>标题 - 站名</title><meta name="author" content="小林">` + test.head + "</head><body>" + test.body
		resp := &Response{URL: "https://news.example/a", ContentType: "text/html", Body: encode(t, simplifiedchinese.GBK, page)}
		doc, base, err := parseHTML(resp)
		if err != nil {
			t.Fatal(err)
		}
		got, err := readArticle(doc, base, china, testTime, selector{})
		if err != nil || got.title != "标题 - 站名" || got.author != "小林" || got.lang != "zh-CN" {
			t.Errorf("%s: %+v, %v", test.name, got, err)
		}
		if published := got.published.Time.Format(time.RFC3339); published != test.want {
			t.Errorf("%s: published %s, want %s", test.name, published, test.want)
		}
	}
}

func BenchmarkReadArticle(b *testing.B) {
	page := articlePage(strings.Repeat("<p>这台手机的续航比上一代好了不少，屏幕在阳光下也看得清楚。</p>", 40), "")
	resp := &Response{URL: "https://news.example/a", ContentType: "text/html", Body: []byte(page)}
	b.SetBytes(int64(len(page)))
	for b.Loop() {
		doc, base, err := parseHTML(resp)
		if err != nil {
			b.Fatal(err)
		}
		if a, err := readArticle(doc, base, china, testTime, selector{}); err != nil || a.text == "" {
			b.Fatal(a, err)
		}
	}
}

// Each golden file holds what is read from the article beside it.
func TestReadArticleGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/articles/*.html")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".html"), func(t *testing.T) {
			body, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			doc, base, err := parseHTML(&Response{URL: "https://news.example/a", ContentType: "text/html", Body: body})
			if err != nil {
				t.Fatal(err)
			}
			a, err := readArticle(doc, base, china, testTime, selector{})
			if err != nil {
				t.Fatal(err)
			}
			when := "no time"
			if !a.published.IsZero() {
				when = a.published.In(china).Format(time.DateTime)
			}
			if a.published.rough {
				when += " ~"
			}
			got := fmt.Sprintf("title: %s\nauthor: %s\npublished: %s\n\n%s\n", a.title, a.author, when, a.text)
			compareGolden(t, strings.TrimSuffix(file, ".html")+".golden", got)
		})
	}
}

// A page that is nested beyond reason costs no more than its size: the text is then
// that of the densest block.
func TestReadArticleNested(t *testing.T) {
	deep := strings.Repeat(strings.Repeat("<div>", 400)+strings.Repeat("<i>a</i>", 200)+strings.Repeat("</div>", 400), 20)
	text := strings.Repeat("星禾今日就充电器发烫一事致歉。", 100)
	doc, base, err := parseHTML(&Response{URL: "https://news.example/a", ContentType: "text/html", Body: []byte(deep + "<div>" + text + "</div>")})
	if err != nil {
		t.Fatal(err)
	}
	if n := nesting(doc); n <= maxNesting {
		t.Fatalf("the page has a nesting of %d", n)
	}
	if readable(doc, base) != "" {
		t.Error("Readability was asked")
	}
	if a, err := readArticle(doc, base, china, testTime, selector{}); err != nil || a.text != text {
		t.Errorf("%.60q, %v", a.text, err)
	}
}
