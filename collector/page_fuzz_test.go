package collector

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/PuerkitoBio/goquery"
)

// addPages gives the fuzzer the pages under testdata.
func addPages(f *testing.F, folder string, add func(page []byte)) {
	f.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", folder, "*.html"))
	if err != nil || len(files) == 0 {
		f.Fatal(files, err)
	}
	for _, file := range files {
		page, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		add(page)
	}
}

// isClean tells of a text that can be shown anywhere: it is UTF-8, and nothing in it
// steers a terminal or turns the direction of what stands around it.
func isClean(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, func(r rune) bool {
		return r != '\n' && unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)
	})
}

// A selector that compiles can be used on any page, and brings one line of text.
func FuzzSelector(f *testing.F) {
	for _, s := range []string{"a@href", "ul.list > li:nth-child(2)", `tbody[id^="normalthread_"]`, "@data-url", "td:last-child span[title]@title", "h1, h2 ~ p", ":not(:has(a))", ":contains('召回')"} {
		f.Add(s, `<ul class=list><li><a href="/1" title="星禾">召回</a></ul>`)
	}
	f.Fuzz(func(t *testing.T, source, page string) {
		s, err := compileSelector(source)
		if err != nil {
			if !strings.Contains(err.Error(), "selector") {
				t.Errorf("error %q names no selector", err)
			}
			return
		}
		doc, err := goquery.NewDocumentFromReader(strings.NewReader(page))
		if err != nil {
			return
		}
		if value := s.value(doc.Selection); strings.Contains(value, "\n") || !isClean(value) {
			t.Errorf("%q is no line of plain text", value)
		}
	})
}

// Whatever list is found can be read: its selectors compile and bring entries with
// addresses.
func FuzzDetectList(f *testing.F) {
	addPages(f, "pages", func(page []byte) { f.Add(page) })
	f.Fuzz(func(t *testing.T, page []byte) {
		const address = "https://news.example/list/"
		doc, base, err := parseHTML(&Response{URL: address, ContentType: "text/html", Body: page})
		if err != nil {
			return
		}
		sel, ok := detectList(doc, base, address, china, testTime)
		if !ok {
			return
		}
		list, err := newListing(sel)
		if err != nil {
			t.Fatalf("%+v: %v", sel, err)
		}
		links, err := list.read(doc, base, address, china, testTime)
		if err != nil || len(links) == 0 {
			t.Errorf("%+v: %d entries, %v", sel, len(links), err)
		}
		for _, l := range links {
			if !isWebAddress(l.canonical) || strings.Contains(l.title, "\n") || !isClean(l.title+l.canonical) {
				t.Errorf("%+v brings %+v", sel, l)
			}
		}
	})
}

func FuzzReadArticle(f *testing.F) {
	addPages(f, "articles", func(page []byte) { f.Add(page) })
	f.Fuzz(func(t *testing.T, page []byte) {
		doc, base, err := parseHTML(&Response{URL: "https://news.example/a", ContentType: "text/html", Body: page})
		if err != nil {
			return
		}
		a, err := readArticle(doc, base, china, testTime, selector{})
		if err != nil || !isClean(a.text) || strings.Contains(a.title+a.author+a.lang, "\n") || !isClean(a.title+a.author+a.lang) {
			t.Errorf("%+v, %v", a, err)
		}
	})
}

func FuzzDateWithin(f *testing.F) {
	for _, text := range []string{"发布时间：2026年11月22日 15:30 来源：晨报", "民國115年11月21日", "3 小時前", "Nov. 22, 2026, 3:30 PM", "02-29", "昨天 24:60"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		m, ok := dateWithin(text, china, testTime)
		if ok != !m.IsZero() && ok || ok && m.After(testTime.AddDate(0, 0, 2)) {
			t.Errorf("%q: %v, %t", text, m, ok)
		}
	})
}
