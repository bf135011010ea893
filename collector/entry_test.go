package collector

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/simplifiedchinese"
)

var update = flag.Bool("update", false, "rewrite the golden files")

var china = time.FixedZone("CST", 8*3600)

// feedFiles are the documents under testdata.
func feedFiles(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/feeds/*")
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(files, func(name string) bool { return filepath.Ext(name) == ".golden" })
}

func TestParseFeedGolden(t *testing.T) {
	for _, file := range feedFiles(t) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			body, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			entries, err := ParseFeed(body, "", "http://127.0.0.1:1200/fetched", china)
			if err != nil {
				t.Fatal(err)
			}
			var got strings.Builder
			out := json.NewEncoder(&got)
			out.SetEscapeHTML(false)
			out.SetIndent("", "\t")
			if err := out.Encode(entries); err != nil {
				t.Fatal(err)
			}
			golden := file + ".golden"
			if *update {
				if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got.String() != string(want) {
				t.Errorf("got %s\nwant %s", got.String(), want)
			}
		})
	}
}

func TestParseFeedErrors(t *testing.T) {
	tests := []struct{ name, body, want string }{
		{"empty", " \n", "the document is empty"},
		{"web page", "<!doctype html><html><body>Sign in</body></html>", `neither RSS nor Atom nor JSON Feed, but a document that begins with "html"`},
		{"text", "Service unavailable", "no XML element"},
		{"cut off", "<rss><channel><item><title>a", "parse feed: "},
		{"cut off before the items", `<rss><channel><title>a</title>`, "it breaks off before its first item"},
		{"JSON cut off before the items", `{"authors": [{"name": "a"}], "items`, "it breaks off before its first item"},
		{"broken JSON", `{"version": "https://jsonfeed.org/version/1", "items": [`, "parse feed: "},
		{"too deep", "<rss>" + strings.Repeat("<a>", 1_000_000), "nested deeper than 256"},
		{"too many items", "<rss><channel>" + strings.Repeat("<item><title>a</title></item>", 6000) + "</channel></rss>", "more than 5000 items"},
		{"too many items in JSON", `{"items":[{}` + strings.Repeat(`,{}`, maxItems) + `]}`, "more than 5000 items"},
	}
	for _, test := range tests {
		entries, err := ParseFeed([]byte(test.body), "", "", nil)
		if err == nil || !strings.Contains(err.Error(), test.want) || len(entries) != 0 {
			t.Errorf("%s: %d entries, error %v; want error %q", test.name, len(entries), err, test.want)
		}
	}
}

func TestParseFeedZone(t *testing.T) {
	const feed = `<rss><channel><item><title>a</title><pubDate>2026-11-22 08:00:00</pubDate></item></channel></rss>`
	for zone, want := range map[*time.Location]string{nil: "2026-11-22T08:00:00Z", china: "2026-11-22T00:00:00Z"} {
		entries, err := ParseFeed([]byte(feed), "", "", zone)
		if err != nil {
			t.Fatal(err)
		}
		if got := entries[0].Published.Format(time.RFC3339); got != want {
			t.Errorf("zone %s: published %s, want %s", zone, got, want)
		}
	}
}

func FuzzParseFeed(f *testing.F) {
	for _, file := range feedFiles(f) {
		body, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body, "", "https://news.example/feed")
	}
	f.Add(encode(f, simplifiedchinese.GBK, `<?xml version="1.0" encoding="gbk"?><rss><channel><item><title>星禾</title></item></channel></rss>`), "text/xml; charset=utf-8", "")
	for _, skeleton := range skeletons {
		f.Add([]byte(fmt.Sprintf(skeleton, `xmlns:d="http://purl.org/dc/elements/1.1/"`, `<title>1</title><d:date>2026-11-22</d:date><link>/1</link>`)), "", "https://news.example/feed")
	}
	f.Fuzz(func(t *testing.T, body []byte, contentType, base string) {
		entries, err := ParseFeed(body, contentType, base, china)
		if err != nil && entries != nil {
			t.Errorf("%d entries with error %v", len(entries), err)
		}
		for _, e := range entries {
			if line := e.Title + e.Author + e.Lang; strings.Contains(line, "\n") || !isClean(line+strings.Join(e.Text, "")) {
				t.Errorf("entry %+v", e)
			}
			if !e.Published.IsZero() && e.Published.Location() != time.UTC {
				t.Errorf("published %s", e.Published)
			}
		}
		ids := map[string]bool{}
		for _, i := range (&Feed{}).items(entries, testTime) {
			if i.ID == "" || len(i.ID) > maxID || ids[i.ID] {
				t.Errorf("id %q is none, or not the only one", i.ID)
			}
			if i.URL != "" && (!isWebAddress(i.URL) || !isClean(i.URL)) || i.Content() == "" || i.Published.After(testTime.Add(ahead)) {
				t.Errorf("item %+v", i)
			}
			ids[i.ID] = true
		}
	})
}

func BenchmarkParseFeed(b *testing.B) {
	var doc strings.Builder
	doc.WriteString(`<?xml version="1.0"?><rss version="2.0"><channel><title>a</title><link>https://news.example/</link>`)
	for range 100 {
		doc.WriteString(`<item><title>星禾 X5 充电发烫</title><link>/status/1001?utm_source=rss</link><guid isPermaLink="false">a1</guid>` +
			`<pubDate>Sun, 22 Nov 2026 15:30:00 +0800</pubDate><description>&lt;p&gt;` + strings.Repeat("充电的时候发烫，客服说是正常的。", 10) + `&lt;/p&gt;</description></item>`)
	}
	doc.WriteString(`</channel></rss>`)
	body := []byte(doc.String())
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		if entries, err := ParseFeed(body, "", "", nil); err != nil || len(entries) != 100 {
			b.Fatal(len(entries), err)
		}
	}
}
