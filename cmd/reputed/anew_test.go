package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A brand that is added later is found in what the feeds hold already, though they
// have nothing new to send; what is known of the brands before is not counted twice.
func TestANewBrandIsLookedForInWhatIsThere(t *testing.T) {
	var refused int
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/gone":
			refused++
			w.WriteHeader(http.StatusGone)
		case r.Header.Get("If-None-Match") == `"1"`:
			w.WriteHeader(http.StatusNotModified)
		default:
			w.Header().Set("ETag", `"1"`)
			fmt.Fprint(w, `<rss><channel><item><guid>1</guid><title>青榈水壶比云杉好用</title></item><item><guid>2</guid><title>云杉涨价</title></item></channel></rss>`)
		}
	}))
	defer server.Close()
	folder := t.TempDir()
	configure := func(brands string) {
		write(t, folder, "config.yaml", fmt.Sprintf(`
brands: [%s]
fetch: {allow: ['%[3]s']}
sources:
  - {name: news, kind: feed, url: '%[2]s/rss'}
  - {name: old, kind: feed, url: '%[2]s/gone'}
`, brands, server.URL, server.Listener.Addr()))
	}
	configFile := filepath.Join(folder, "config.yaml")
	for _, step := range []struct{ brands, want string }{
		{"{name: 青榈}", "1"},
		{"{name: 青榈}", "0"},
		{"{name: 青榈}, {name: 云杉}", "2"},
		{"{name: 青榈}, {name: 云杉}", "0"},
		{"{name: 青榈}, {name: 云杉, aliases: [云杉, 水壶]}", "0"}, // the item that names it twice is one mention
	} {
		configure(step.brands)
		_, _, stderr := reputed(t, "run", "--once", "--config", configFile)
		if !strings.Contains(stderr, " items, "+step.want+" new mentions in ") {
			t.Errorf("brands %s: want %s new mentions:\n%s", step.brands, step.want, stderr)
		}
	}
	if _, _, stderr := reputed(t, "run", "--once", "--config", configFile); !strings.Contains(stderr, "old: not asked, since it was removed for good\n") {
		t.Error(stderr)
	}
	if refused != 1 {
		t.Errorf("the source that was removed for good was asked %d times", refused)
	}
}

// A later export of a survey corrects the rating of an answer without words.
func TestACorrectedExport(t *testing.T) {
	folder := t.TempDir()
	write(t, folder, "config.yaml", `
brands: [{name: 青榈}]
sources: [{name: nps, kind: survey, folder: surveys, brand: 青榈, columns: {date: 日期, nps: 分数, id: 编号}}]
`)
	if err := os.Mkdir(filepath.Join(folder, "surveys"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct{ rows, want string }{
		{"1,2026-11-20,3\n2,2026-11-20,9\n", "2 0.0"},
		{"1,2026-11-20,9\n2,2026-11-20,9\n3,2026-11-20,8\n", "3 66.7"},
	} {
		write(t, filepath.Join(folder, "surveys"), "export.csv", "编号,日期,分数\n"+step.rows)
		for range 3 { // to see the file, to read it, to move it
			if code, _, stderr := reputed(t, "run", "--once", "--config", filepath.Join(folder, "config.yaml")); code != exitOK {
				t.Fatal(stderr)
			}
		}
		var got string
		db := openFile(t, filepath.Join(folder, "reputed.db"))
		if err := db.QueryRow(`SELECT answers || ' ' || round(nps, 1) FROM survey_daily`).Scan(&got); err != nil || got != step.want {
			t.Errorf("after %q: %s, %v; want %s", step.rows, got, err, step.want)
		}
	}
}
