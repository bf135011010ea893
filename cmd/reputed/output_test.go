package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
)

// Whatever a source sends, no command lets it steer the terminal, turn the direction
// of a line or take up lines of its own; JSON says the same in escapes.
func TestOutputIsInert(t *testing.T) {
	const evil = `\u001b[2J\u001b]0;owned\u0007\u009b31m\u007f\u202e\u2066` // in JSON
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/feed":
			fmt.Fprintf(w, `{"version":"https://jsonfeed.org/version/1.1","language":"zh%[1]s","items":[{"id":"1%[1]s","title":"青榈%[1]s\r\n<b>漏水</b>",`+
				`"url":"https://news.example/%[1]s?a=%[1]s","content_text":"青榈%[1]s\nfake: line","authors":[{"name":"=cmd|%[1]s"}]}]}`, evil)
		case "/page":
			fmt.Fprint(w, "<link rel=alternate type=application/rss+xml title='\x1b[2J\u202e青榈' href='/feed?\u202e'><title>\x1b[31m青榈</title>")
		default:
			w.Header().Set("Content-Type", "text/\x1b[2J\u202e")
			fmt.Fprint(w, "<evil\u202e>\x1b[2J</\u202d>")
		}
	}))
	defer site.Close()
	folder := t.TempDir()
	write(t, folder, "config.yaml", fmt.Sprintf(`
brands: [{name: 青榈}]
fetch: {allow: ['%[2]s']}
sources:
  - {name: feed, kind: feed, url: '%[1]s/feed'}
  - {name: broken, kind: feed, url: '%[1]s/broken'}
  - {name: list, kind: page, url: '%[1]s/list', item: li, robots: ignore}
  - {name: map, kind: sitemap, url: '%[1]s/map', robots: ignore}
`, site.URL, site.Listener.Addr()))
	config := filepath.Join(folder, "config.yaml")
	for _, args := range [][]string{
		{"fetch", "--config", config, "feed"},
		{"fetch", "--config", config, "--format", "text", "feed"},
		{"fetch", "--config", config, "broken"},
		{"fetch", "--config", config, "list"},
		{"fetch", "--config", config, "map"},
		{"fetch", site.URL + "/page"},
		{"check", "--online", "--config", config},
		{"run", "--once", "--config", config},
		{"run", "--once", "--dry-run", "--config", config},
		{"sources", "--config", config},
		{"sources", "--config", config, "--format", "json"},
		{"backtest", "--config", config},
	} {
		_, stdout, stderr := reputed(t, args...)
		if at := strings.IndexFunc(stdout+stderr, steers); at >= 0 {
			t.Errorf("%q writes %q", args, (stdout + stderr)[at:])
		}
		if strings.Contains(stdout, "\nfake:") {
			t.Errorf("%q lets a text take up a line of its own: %s", args, stdout)
		}
		if stdout+stderr == "" {
			t.Errorf("%q writes nothing", args)
		}
	}
	_, stdout, _ := reputed(t, "fetch", "--config", config, "feed")
	var item struct{ ID, Title, URL, Text, Author, Lang string }
	if err := json.Unmarshal([]byte(stdout), &item); err != nil || item.ID != "1\x1b[2J\x1b]0;owned\a\u009b31m\x7f\u202e\u2066" {
		t.Errorf("item %+v, %v; want the id as it was sent", item, err)
	}
	if item.Title != "青榈[2J]0;owned31m 漏水" || item.Lang != "" || strings.ContainsFunc(item.Title+item.URL+item.Author+item.Lang, steers) {
		t.Errorf("item %+v; want plain texts, and no language that is none", item)
	}
	if got := plain(errors.New("a\x1b[2J\nb\u202e")); got != "a[2J\nb" {
		t.Errorf("an error is shown as %q", got)
	}
}
