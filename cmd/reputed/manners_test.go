package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// What a server asks for is remembered by the database, over restarts: a source that
// is gone or wants no request yet is left alone, and one that moved is found at once.
// Cookies go to the site that they are for.
func TestMannersOverRestarts(t *testing.T) {
	const feed = `<rss><channel><item><guid>1</guid><title>青榈很好用</title></item></channel></rss>`
	var mu sync.Mutex
	asked := map[string]int{}
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		asked[r.URL.Path]++
		if got, want := r.Header.Get("Cookie"), "session=hunter2"; (got == want) != strings.HasPrefix(r.URL.Path, "/members") {
			t.Errorf("%s: cookie %q", r.URL.Path, got)
		}
		switch r.URL.Path {
		case "/gone":
			w.WriteHeader(http.StatusGone)
		case "/busy":
			w.Header().Set("Retry-After", "3600")
			w.WriteHeader(http.StatusTooManyRequests)
		case "/moved":
			http.Redirect(w, r, "/new", http.StatusMovedPermanently)
		case "/members":
			fmt.Fprint(w, `<li><a href="/members/1">青榈一</a></li><li><a href="/members/private/2">青榈二</a></li>`)
		case "/members/1":
			fmt.Fprint(w, "<p>青榈的客服很好，问题当天就解决了，下次还会再来买他们家的东西。</p>")
		case "/robots.txt":
			fmt.Fprint(w, "User-agent: *\nDisallow: /members/private/\n")
		default:
			fmt.Fprint(w, feed)
		}
	}))
	defer site.Close()
	folder := t.TempDir()
	write(t, folder, "members-headers", "Cookie: session=hunter2\n")
	var sources strings.Builder
	for _, name := range []string{"gone", "busy", "moved"} {
		fmt.Fprintf(&sources, "- {name: %s, kind: feed, url: '%s/%[1]s'}\n", name, site.URL)
	}
	write(t, folder, "config.yaml", fmt.Sprintf("brands: [{name: 青榈}]\nfetch: {allow: ['%s']}\nsources:\n%s- {name: members, kind: page, item: li, url: '%s/members', headers_file: members-headers}\n",
		site.Listener.Addr(), &sources, site.URL))
	file := filepath.Join(folder, "config.yaml")

	var first string
	for i := range 5 {
		code, stdout, stderr := reputed(t, "run", "--once", "--config", file)
		if i == 0 {
			first = stderr
		}
		if strings.Contains(stdout+stderr, "hunter2") {
			t.Errorf("run %d shows the cookie", i+1)
		}
		if i > 0 && strings.Contains(stderr, "status 4") {
			t.Errorf("run %d, exit code %d: %s; want what is known already not to be told again", i+1, code, stderr)
		}
	}
	for _, says := range []string{"status 410 Gone", "not asked again", "status 429", "asks programs not to read it"} {
		if !strings.Contains(first, says) {
			t.Errorf("the first run does not say %q: %s", says, first)
		}
	}
	for path, want := range map[string]int{"/gone": 1, "/busy": 1, "/moved": 3, "/new": 5, "/members/1": 1, "/members/private/2": 0} {
		if asked[path] != want {
			t.Errorf("%s asked %d times, want %d", path, asked[path], want)
		}
	}

	// A source whose entry changes is asked anew.
	write(t, folder, "config.yaml", fmt.Sprintf("brands: [{name: 青榈}]\nfetch: {allow: ['%s']}\nsources:\n- {name: gone, kind: feed, url: '%s/found'}\n", site.Listener.Addr(), site.URL))
	if code, _, stderr := reputed(t, "run", "--once", "--config", file); code != 0 || asked["/found"] != 1 {
		t.Errorf("exit code %d, asked %d times: %s", code, asked["/found"], stderr)
	}
}
