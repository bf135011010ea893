package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"reputed/internal/config"
)

// Every block of the documents is a configuration whose sources can be made.
func TestDocumentedConfigurations(t *testing.T) {
	for _, name := range []string{"../../docs/sources.md", "../../docs/alerts.md", "../../docs/web.md", "../../README.md", "../../README.zh-CN.md"} {
		blocks := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(read(t, name), -1)
		if len(blocks) == 0 {
			t.Errorf("%s holds no block", name)
		}
		for _, block := range blocks {
			text := block[1]
			if !strings.Contains(text, "brands:\n") { // lexicons may be for a brand
				text = "brands: [{name: 小米}]\n" + text
			}
			c, err := config.Parse(filepath.Base(name), []byte(text))
			if err == nil {
				_, err = newSources(c, newClient(c, environment{getenv: func(string) string { return "" }}))
			}
			if err != nil {
				t.Errorf("%v in\n%s", err, block[1])
			}
		}
	}
}

// What docs/sources.md shows of a blocked route is what the program says.
func TestDocumentedBlockedRoute(t *testing.T) {
	instance := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }))
	defer instance.Close()
	address := instance.Listener.Addr().String()
	path := filepath.Join(t.TempDir(), "config.yaml")
	text := "sources: [{name: weibo-小米, kind: rsshub, route: /weibo/keyword/小米}]\nfetch: {rsshub: 'http://" + address + "', allow: ['" + address + "']}\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	_, stderr := runs(t, exitFailure, "fetch", "--config", path, "weibo-小米")
	_, message, _ := strings.Cut(strings.ReplaceAll(stderr, address, "127.0.0.1:1200"), "reputed: ")
	if !strings.Contains(read(t, "../../docs/sources.md"), "\n"+message) {
		t.Errorf("docs/sources.md does not show\n%s", message)
	}
}
