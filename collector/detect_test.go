package collector

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Each golden file holds the selectors that are found on the page beside it, and what
// they read from it. The sign ~ marks times that are good to a day.
func TestDetectList(t *testing.T) {
	files, err := filepath.Glob("testdata/pages/*.html")
	if err != nil || len(files) < 12 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".html"), func(t *testing.T) {
			page, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			compareGolden(t, strings.TrimSuffix(file, ".html")+".golden", detected(t, page))
		})
	}
}

// detected shows what is found on a page.
func detected(t *testing.T, page []byte) string {
	t.Helper()
	doc, base, err := parseHTML(&Response{URL: "https://news.example/list/", ContentType: "text/html", Body: page})
	if err != nil {
		t.Fatal(err)
	}
	sel, ok := detectList(doc, base, "https://news.example/list/", china, testTime)
	if !ok {
		return "no list\n"
	}
	var b strings.Builder
	for _, s := range []struct{ key, value string }{{"item", sel.Item}, {"title", sel.Title}, {"link", sel.Link}, {"published", sel.Published}} {
		if s.value != "" {
			fmt.Fprintf(&b, "%s: %s\n", s.key, s.value)
		}
	}
	list, err := newListing(sel)
	if err != nil {
		t.Fatal(err)
	}
	links, err := list.read(doc, base, "https://news.example/list/", china, testTime)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range links {
		when := "no time"
		if !l.published.IsZero() {
			when = l.published.In(china).Format(time.DateTime)
		}
		if l.published.rough {
			when += " ~"
		}
		fmt.Fprintf(&b, "\n%s\n  %s\n  %s\n", l.title, l.address, when)
	}
	if next := nextPage(doc, base); next != "" {
		fmt.Fprintf(&b, "\nnext: %s\n", next)
	}
	return b.String()
}

func compareGolden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: got\n%s\nwant\n%s", file, got, want)
	}
}

func BenchmarkDetectList(b *testing.B) {
	for _, name := range []string{"news-portal", "wordpress", "discuz"} {
		page, err := os.ReadFile("testdata/pages/" + name + ".html")
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(page)))
			for b.Loop() {
				doc, base, err := parseHTML(&Response{URL: "https://news.example/list/", ContentType: "text/html", Body: page})
				if err != nil {
					b.Fatal(err)
				}
				if _, ok := detectList(doc, base, "https://news.example/list/", china, testTime); !ok {
					b.Fatal("no list")
				}
			}
		})
	}
}
