package main

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"reputed/internal/store"
)

// page asks the pages over the alerts' folder for one.
func page(t *testing.T, path string) (status int, text string) {
	t.Helper()
	config, database, _ := alertsFolder(t)
	cfg, err := loadConfig(config, environment{getenv: noEnvironment})
	if err != nil {
		t.Fatal(err)
	}
	db, err := store.OpenReader(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	h, err := newPages(cfg, db, environment{getenv: noEnvironment}, slog.New(slog.NewTextHandler(t.Output(), nil)))
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://localhost"+path, http.NoBody))
	return w.Code, w.Body.String()
}

// The page of an alert shows what its message shows, what stands behind it, and how to
// count it again; nothing hostile comes of the texts.
func TestAlertPage(t *testing.T) {
	for path, wanted := range map[string][]string{
		"/alerts/2?lang=en":          {"云杉", "negative mentions", "When it opened", "By chance", "reputed alerts explain 2", "FROM mentions WHERE brand = &#39;云杉&#39;", "Where it stands"},
		"/alerts/2":                  {"触发时", "通常水平", "偶然概率", "建议"},
		"/alerts":                    {"/alerts/1", "/alerts/2"},
		"/":                          {"云杉", "进行中的告警"},
		"/brands/%E4%BA%91%E6%9D%89": {"/mentions/", "批评集中在哪里"},
		"/mentions/1?lang=en":        {"How the score came about"},
	} {
		status, text := page(t, path)
		if status != http.StatusOK {
			t.Errorf("%s: status %d", path, status)
		}
		for _, want := range wanted {
			if !strings.Contains(text, want) {
				t.Errorf("%s does not say %q", path, want)
			}
		}
		if strings.ContainsAny(text, "\x1b\u202e\u009b") {
			t.Errorf("%s holds what steers a terminal", path)
		}
	}
}

// The JSON of an alert agrees with what the command line says of it.
func TestAlertPageAgreesWithExplain(t *testing.T) {
	_, text := page(t, "/alerts/2?format=json")
	var shown struct {
		Observed int
		Expected float64
		Behind   int `json:"mentions_behind"`
		Queries  []string
	}
	if err := json.Unmarshal([]byte(text), &shown); err != nil {
		t.Fatal(err)
	}
	config, _, _ := alertsFolder(t)
	_, out, _ := reputed(t, "alerts", "explain", "2", "--config", config, "--format", "json")
	var explained struct {
		Alert struct {
			Observed int
			Expected float64
		}
		Mentions []any
		Observed string `json:"observed_sql"`
	}
	if err := json.Unmarshal([]byte(out), &explained); err != nil {
		t.Fatal(err)
	}
	if shown.Observed != explained.Alert.Observed || shown.Expected != explained.Alert.Expected || shown.Behind != len(explained.Mentions) || len(shown.Queries) != 3 {
		t.Errorf("the page says %+v, the command %+v", shown, explained)
	}
}

// The daemon serves the pages where the configuration says, and check warns of an address
// that others reach too.
func TestServePages(t *testing.T) {
	config, database, _ := alertsFolder(t)
	add := func(line string) {
		f, err := os.OpenFile(config, os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if _, err := io.WriteString(f, line); err != nil {
			t.Fatal(err)
		}
	}
	add("web: {listen: '127.0.0.1:0', url: 'https://reputed.example.com/'}\n")
	env := environment{getenv: noEnvironment}
	cfg, err := loadConfig(config, env)
	if err != nil {
		t.Fatal(err)
	}
	if w := wordingOf(cfg, env); w.Web != "https://reputed.example.com" {
		t.Errorf("messages link to %q", w.Web)
	}
	db, err := store.OpenReader(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var log strings.Builder
	stop, err := servePages(cfg, db, env, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	_, address, _ := strings.Cut(log.String(), "address=")
	r, err := http.Get(strings.TrimSpace(address) + "alerts/1")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if text, err := io.ReadAll(r.Body); err != nil || r.StatusCode != http.StatusOK || !strings.Contains(string(text), "云杉") {
		t.Errorf("status %d, %v", r.StatusCode, err)
	}
	if _, _, stderr := reputed(t, "check", "--config", config); strings.Contains(stderr, "web.listen") {
		t.Errorf("check warns of an address of this machine: %s", stderr)
	}
	text, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	write(t, strings.TrimSuffix(config, "/config.yaml"), "config.yaml", strings.Replace(string(text), "127.0.0.1:0", "0.0.0.0:0", 1))
	if code, _, stderr := reputed(t, "check", "--config", config); code != exitOK || !strings.Contains(stderr, "web.listen: 0.0.0.0:0") {
		t.Errorf("exit code %d, %s", code, stderr)
	}
}
