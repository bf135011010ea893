package main

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"reputed/internal/config"
)

// newsSite serves a list page of six articles that names a feed.
func newsSite(t *testing.T) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("/news/", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `<!doctype html><title>星禾新闻</title><link rel="alternate" type="application/rss+xml" href="/rss.xml" title="订阅"><ul class="news">`)
		for i := range 6 {
			fmt.Fprintf(w, `<li><a href="/a/%d.html">星禾第 %d 家门店今日正式开业</a><span class="date">2026-11-0%d 10:00</span></li>`, 100+i, i, i+1)
		}
	})
	mux.HandleFunc("/a/", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `<article><p>门店面积两百平方米，提供维修和以旧换新服务，开业当天客流不少。</p></article>`)
	})
	mux.HandleFunc("/about", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `<!doctype html><link rel="alternate" type="application/rss+xml" href="/rss.xml">星禾是一家公司`)
	})
	mux.HandleFunc("/rss.xml", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `<rss><channel><item><guid>1</guid><title>星禾第 0 家门店今日正式开业</title></item></channel></rss>`)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server
}

// runs carries out a command line and returns what it wrote.
func runs(t *testing.T, want int, args ...string) (stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	if code := run(t.Context(), args, environment{strings.NewReader(""), &out, &errs, noEnvironment, loadedLanguage}); code != want {
		t.Fatalf("reputed %q: exit code %d, want %d: %s", args, code, want, errs.String())
	}
	return out.String(), errs.String()
}

// The address of a page shows its articles and proposes its feed first, then itself;
// what is proposed is a configuration.
func TestFetchProposes(t *testing.T) {
	server := newsSite(t)
	stdout, stderr := runs(t, exitOK, "fetch", server.URL+"/news/")
	if n := strings.Count(stdout, "\n"); n != tryArticles || !strings.Contains(stdout, `"title":"星禾第 0 家门店今日正式开业","text":"门店面积两百平方米`) {
		t.Errorf("%d items, want the first %d:\n%s", n, tryArticles, stdout)
	}
	_, block, _ := strings.Cut(stderr, "or put this into config.yaml:\n\n")
	want := fmt.Sprintf(`sources:
  # feed “订阅”, entries: 1
  - name: '127.0.0.1'
    kind: feed
    url: %[1]s/rss.xml
    every: 15m
  # or page “星禾新闻”, entries: 6
  # - name: '127.0.0.1-news'
  #   kind: page
  #   url: %[1]s/news/
  #   every: 15m
  #   item: 'ul.news > li'
  #   published: span.date
`, server.URL)
	if block != want {
		t.Errorf("got\n%s\nwant\n%s", block, want)
	}
	if _, err := config.Parse("proposed.yaml", []byte(block)); err != nil {
		t.Error(err)
	}
}

func TestFetchFeedAddress(t *testing.T) {
	server := newsSite(t)
	stdout, stderr := runs(t, exitOK, "fetch", server.URL+"/rss.xml", "--format", "text")
	if !strings.Contains(stdout, "星禾第 0 家门店今日正式开业") || !strings.Contains(stderr, "1 items\n") || !strings.Contains(stderr, "kind: feed") {
		t.Errorf("%s%s", stdout, stderr)
	}
	stdout, stderr = runs(t, exitOK, "fetch", server.URL+"/about") // has no list of its own
	if !strings.Contains(stdout, "星禾第 0 家门店今日正式开业") || !strings.Contains(stderr, "these are the items of "+server.URL+"/rss.xml\n") {
		t.Errorf("%s%s", stdout, stderr)
	}
	_, stderr = runs(t, exitFailure, "fetch", server.URL+"/a/100.html")
	if !strings.Contains(stderr, "the page names no feed and shows no list of articles; try") {
		t.Error(stderr)
	}
}

func TestSourcesAdd(t *testing.T) {
	server := newsSite(t)
	folder := t.TempDir()
	path, link := filepath.Join(folder, "real.yaml"), filepath.Join(folder, "config.yaml")
	const before = "brands: [{name: 星禾}]   # ours\n# nothing is read yet\n"
	if err := os.WriteFile(path, []byte(before), 0o640); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("real.yaml", link); err != nil {
		t.Fatal(err)
	}
	stdout, _ := runs(t, exitOK, "sources", "add", "--config", link, "--dry-run", server.URL+"/news/")
	if want := "sources:\n  - name: '127.0.0.1'\n    kind: feed\n    url: " + server.URL + "/rss.xml\n    every: 15m\n"; stdout != want {
		t.Errorf("got %q, want %q", stdout, want)
	}
	runs(t, exitOK, "sources", "add", "--config", link, server.URL+"/news/")
	runs(t, exitOK, "sources", "add", "--config", link, "--name", "list", "--kind", "page", "--every", "1h", "--item", "ul.news li", "https://news.example/list")
	want := before + "\nsources:\n  - name: '127.0.0.1'\n    kind: feed\n    url: " + server.URL + "/rss.xml\n    every: 15m\n" +
		"  - name: list\n    kind: page\n    url: https://news.example/list\n    every: 1h\n    item: ul.news li\n"
	if got := read(t, path); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if info, err := os.Lstat(path); err != nil || info.Mode() != 0o640 {
		t.Errorf("mode %v, %v; want it as before", info.Mode(), err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link became %v, %v", info.Mode(), err)
	}

	for _, test := range []struct {
		code int
		args []string
		want string
	}{
		{exitFailure, []string{"--name", "list", "--kind", "feed", "https://news.example/rss"}, `has a source "list" already; choose another name`},
		{exitFailure, []string{"--item", "li[[", "https://news.example/other"}, `selector "li[["`},
		{exitFailure, []string{"--route", "/weibo/keyword/星禾"}, "needs the address of your instance; add it as fetch.rsshub"},
		{exitUsage, []string{"--kind", "rsshub"}, "needs --route and no address"},
		{exitUsage, []string{"news.example"}, `"news.example" is no address`},
		{exitUsage, []string{}, `"" is no address`},
		{exitUsage, []string{"--kind", "rss", "https://news.example/rss"}, "--kind must be one of"},
	} {
		_, stderr := runs(t, test.code, append([]string{"sources", "add", "--config", link}, test.args...)...)
		if !strings.Contains(stderr, test.want) {
			t.Errorf("%q: %s, want %q", test.args, stderr, test.want)
		}
	}
	if got := read(t, path); got != want {
		t.Errorf("a refused source changed the file:\n%s", got)
	}
	if entries, err := os.ReadDir(folder); err != nil || len(entries) != 2 {
		t.Errorf("files left behind: %v, %v", entries, err)
	}
	_, stderr := runs(t, exitFailure, "sources", "add", "--config", filepath.Join(folder, "none.yaml"), "--kind", "feed", "https://news.example/rss")
	if !strings.Contains(stderr, "none.yaml is not there; copy config.example.yaml to begin") {
		t.Error(stderr)
	}
}

func TestSourceNames(t *testing.T) {
	for address, want := range map[string]string{
		"https://www.solidot.org/index.rss":      "solidot.org",
		"https://news.example/tech/feed/":        "news.example-tech",
		"https://news.example:8443/sitemap.xml":  "news.example-sitemap",
		"https://news.example/list.html?page=1":  "news.example-list",
		"http://127.0.0.1:1200/weibo/keyword/小米": "127.0.0.1-weibo-keyword-小米",
	} {
		if got := nameFor(address); got != want {
			t.Errorf("%s: %q, want %q", address, got, want)
		}
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
