package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// The whole way: a burst about a brand's service, unheard while it is silenced, and
// then told once in each channel that the routes name.
func TestRoutesAndSilences(t *testing.T) {
	var mu sync.Mutex
	var bursting atomic.Bool
	var posted []string
	burst := time.Now().UTC().Add(-10 * time.Minute)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if strings.HasSuffix(r.URL.Path, "chat.postMessage") {
			title, _, _ := strings.Cut(r.FormValue("text"), "：")
			posted = append(posted, r.FormValue("channel")+" "+title)
			fmt.Fprint(w, `{"ok":true,"channel":"C1","ts":"1.1"}`)
			return
		}
		fmt.Fprint(w, "<rss><channel>")
		item := func(n int, at time.Time, text string) {
			fmt.Fprintf(w, "<item><guid>%d</guid><title>%s</title><pubDate>%s</pubDate></item>", n, text, at.Format(time.RFC1123))
		}
		for n := range 20 * 6 {
			item(n, burst.Add(-4*time.Hour*time.Duration(n+1)), fmt.Sprintf("青榈的水壶用了第 %d 天，和昨天一样", n))
		}
		for n := range 40 {
			if !bursting.Load() {
				break
			}
			item(1000+n, burst.Add(-time.Duration(n)*time.Minute/2), fmt.Sprintf("青榈客服第%d号态度恶劣，投诉%d次没人理，气死人了", n*7919, n))
		}
		fmt.Fprint(w, "</channel></rss>")
	}))
	defer server.Close()
	folder := t.TempDir()
	write(t, folder, "token", "xoxb-test")
	write(t, folder, "config.yaml", fmt.Sprintf(`
brands: [{name: 青榈}, {name: 拓野}]
fetch: {allow: ['%[2]s']}
sources: [{name: forum, kind: feed, url: '%[1]s/rss'}]
slack: {channel: '#pr', token_file: token, api_url: '%[1]s/slack/'}
alerts:
  routes:
    - {brands: [拓野], channel: '#other'}
    - {brands: [青榈], drivers: [service], channel: '#service', mentions: [U024BE7LH], continue: true}
    - {severity: critical, channel: '#crisis'}
`, server.URL, server.Listener.Addr()))
	file := filepath.Join(folder, "config.yaml")
	round := func() []string {
		t.Helper()
		runs(t, exitOK, "run", "--once", "--config", file)
		mu.Lock()
		defer mu.Unlock()
		told := posted
		posted = nil
		return told
	}
	if told := round(); len(told) != 0 {
		t.Errorf("before the burst Slack was told %q", told)
	}
	runs(t, exitOK, "silence", "add", "--config", file, "--brand", "青榈", "--for", "4h", "--reason", "发布会")
	bursting.Store(true)
	if told := round(); len(told) != 0 {
		t.Errorf("while it was silenced Slack was told %q", told)
	}
	runs(t, exitOK, "silence", "end", "--config", file, "1")
	told := round()
	slices.Sort(told)
	if want := []string{"#crisis 🔴 严重｜青榈 负面声量异常", "#service 🔴 严重｜青榈 负面声量异常"}; !slices.Equal(told, want) {
		t.Errorf("Slack was told %q, want %q", told, want)
	}
	if told := round(); len(told) != 0 {
		t.Errorf("Slack was told again: %q", told)
	}
}
