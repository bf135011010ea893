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

	"reputed/alerting"
	"reputed/internal/reputation"
	"reputed/internal/store"
	"reputed/internal/trend"
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
	s, err := assembly{cfg, true, true, environment{nil, io.Discard, io.Discard, noEnvironment, loadedLanguage}, slog.New(slog.DiscardHandler)}.service(t.Context())
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

// A source that publishes in office hours, hour by hour for four weeks, tells
// nobody anything by its nights and weekends; when it stops on a Tuesday, operators
// are told the same day, once, and once when it speaks again.
func TestSilentSource(t *testing.T) {
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "reputed.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	watch := alerting.NewSourceWatch(db, trend.QuietUntil, reputation.Target{Receiver: "slack"}, slog.New(slog.DiscardHandler))
	monday := time.Date(2026, 10, 26, 0, 0, 0, 0, time.UTC)
	var told []string
	poll := func(hour int, silent bool) reputation.Poll {
		at := monday.Add(time.Duration(hour) * time.Hour)
		p := reputation.Poll{Source: "news", At: at, Next: at.Add(time.Hour)}
		if weekday := at.Weekday(); weekday != time.Saturday && weekday != time.Sunday && at.Hour() >= 1 && at.Hour() < 10 && !silent && hour > 0 {
			p.Arrived = 2
		}
		return p
	}
	evaluate := func(hour int, polls ...reputation.Poll) {
		t.Helper()
		now := monday.Add(time.Duration(hour)*time.Hour + time.Minute)
		if err := db.Polled(t.Context(), polls); err != nil {
			t.Fatal(err)
		}
		if err := watch.Evaluate(t.Context(), now); err != nil {
			t.Fatal(err)
		}
		messages, err := db.Pending(t.Context(), now)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range messages {
			told = append(told, fmt.Sprint(m.Event, " ", m.Troubles[0].Trouble, " ", m.At.Format("Mon 15:04")))
			if err := db.Delivered(t.Context(), m.ID, reputation.Thread{}, now); err != nil {
				t.Fatal(err)
			}
		}
	}
	const week = 7 * 24
	var past []reputation.Poll
	for hour := range 4 * week {
		past = append(past, poll(hour, false))
	}
	evaluate(4*week-1, past...)
	for hour := 4 * week; hour < 5*week+5; hour++ { // a week with its weekend, and the Monday after
		evaluate(hour, poll(hour, false))
	}
	if len(told) != 0 {
		t.Fatalf("told of a source that is well: %q", told)
	}
	for hour := 5*week + 24; hour < 5*week+48; hour++ {
		evaluate(hour, poll(hour, true))
	}
	if len(told) != 1 || !strings.HasPrefix(told[0], "opened silent Tue") {
		t.Fatalf("told %q, want of the silence on Tuesday", told)
	}
	evaluate(5*week+53, poll(5*week+53, false))
	evaluate(5*week+54, poll(5*week+54, false))
	if len(told) != 2 || told[1] != "resolved silent Wed 05:01" {
		t.Errorf("told %q, want of the end on Wednesday, once", told)
	}
}
