package main

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// The operator's side of the main job: a source that is in trouble is told of
// once, in the operators' channel, also when Slack was away at first; and once when
// it is well again. The listing and the metrics show the same.
func TestSourceInTrouble(t *testing.T) {
	const feed = `<rss><channel><item><guid>%d</guid><title>第%[1]d条</title></item></channel></rss>`
	var broken, slackDown atomic.Bool
	var posted []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasSuffix(r.URL.Path, "chat.postMessage") && slackDown.Load():
			fmt.Fprint(w, `{"ok":false,"error":"internal_error"}`)
		case strings.HasSuffix(r.URL.Path, "chat.postMessage"):
			posted = append(posted, r.FormValue("channel")+" "+r.FormValue("text"))
			fmt.Fprint(w, `{"ok":true,"channel":"C1","ts":"1.1"}`)
		case r.URL.Path == "/login.rss" && broken.Load():
			fmt.Fprint(w, `<html><form action="/login"><input type="password"></form></html>`)
		default:
			fmt.Fprintf(w, feed, 1)
		}
	}))
	defer server.Close()
	folder := t.TempDir()
	write(t, folder, "token", "xoxb-test")
	write(t, folder, "config.yaml", fmt.Sprintf(`
brands: [{name: 青榈}]
fetch: {allow: ['%[2]s']}
sources:
  - {name: steady, kind: feed, url: '%[1]s/steady.rss'}
  - {name: weibo, kind: feed, url: '%[1]s/login.rss'}
slack: {channel: '#pr', operators: '#ops', token_file: token, api_url: '%[1]s/slack/'}
`, server.URL, server.Listener.Addr()))
	configFile := filepath.Join(folder, "config.yaml")
	round := func() {
		t.Helper()
		if code, _, stderr := reputed(t, "run", "--once", "--config", configFile); code != exitOK && !broken.Load() {
			t.Fatalf("exit code %d: %s", code, stderr)
		}
	}
	round()
	broken.Store(true)
	round()
	round()
	if len(posted) != 0 {
		t.Fatalf("after two polls that failed Slack was told %q", posted)
	}
	slackDown.Store(true)
	round()
	slackDown.Store(false)
	dueNow(t, filepath.Join(folder, "reputed.db"))
	round()
	round()
	if want := []string{"#ops ⚠️ 来源异常｜weibo：被登录页拦截或拒绝访问"}; !slices.Equal(posted, want) {
		t.Errorf("Slack was told %q, want %q", posted, want)
	}

	code, stdout, stderr := reputed(t, "sources", "--config", configFile)
	if code != exitOK || !strings.Contains(stdout, "steady") || !strings.Contains(stdout, "blocked") || strings.Count(stdout, "\n") != 3 {
		t.Errorf("exit code %d: %s%s", code, stdout, stderr)
	}
	_, stdout, _ = reputed(t, "sources", "--config", configFile, "--format", "json")
	var shown []map[string]any
	for d := json.NewDecoder(strings.NewReader(stdout)); ; {
		var source map[string]any
		if err := d.Decode(&source); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		shown = append(shown, source)
	}
	if len(shown) != 2 || shown[0]["state"] != "ok" || shown[0]["last_success_at"] == nil || shown[0]["trouble_since"] != nil ||
		shown[1]["state"] != "blocked" || shown[1]["failures"] != 5.0 || shown[1]["trouble_since"] == nil || !strings.Contains(fmt.Sprint(shown[1]["error"]), "weibo") {
		t.Errorf("as JSON: %s", stdout)
	}

	broken.Store(false)
	round()
	round()
	if want := "#ops ✅ 来源恢复｜weibo 已恢复正常"; len(posted) != 2 || posted[1] != want {
		t.Errorf("Slack was told %q, want %q once", posted, want)
	}
}

// dueNow makes what waits in the outbox due, as if time had passed.
func dueNow(t *testing.T, path string) {
	t.Helper()
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(`UPDATE outbox SET due_at = at`); err != nil {
		t.Fatal(err)
	}
}

func TestMetricsOfTheDaemon(t *testing.T) {
	_, _, folder, _ := start(t, time.Now())
	cfg, err := loadConfig(filepath.Join(folder, "config.yaml"), environment{getenv: noEnvironment})
	if err != nil {
		t.Fatal(err)
	}
	s, err := assembly{cfg, true, environment{nil, io.Discard, io.Discard, noEnvironment, loadedLanguage}, slog.New(slog.DiscardHandler)}.service(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer s.store.Close()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := taken.Addr().String()
	if _, err := s.listen(address, slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("an address that is taken: %v", err)
	}
	taken.Close()
	stop, err := s.listen(address, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	answer, err := http.Get("http://" + address + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || strings.Count(string(body), `state="new"`) != len(cfg.Sources) {
		t.Errorf("%v: %s", err, body)
	}
}
