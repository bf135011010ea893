package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"reputed/internal/config"
	"reputed/internal/reputation"
	"reputed/internal/store"
	"reputed/sentiment"
)

// killableConfig is the environment variable by which the test starts itself as
// the program that it kills; its value is the configuration.
const killableConfig = "REPUTED_TEST_KILLABLE_CONFIG"

// killable is `reputed run --once` without the dictionary, whose loading would be
// most of its life: the rest of the way is the real one.
func killable(path string) int {
	env := environment{os.Stdin, os.Stdout, os.Stderr, os.Getenv, plainLanguage}
	cfg, err := loadConfig(path, env)
	if err == nil {
		err = once(cfg, env)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return exitFailure
	}
	return exitOK
}

func once(cfg *config.Config, env environment) error {
	ctx := context.Background()
	s, err := assembly{cfg, false, true, env, slog.New(slog.DiscardHandler)}.service(ctx)
	if err != nil {
		return err
	}
	return runCommand{}.once(ctx, s, env)
}

// plainLanguage takes each character for a word, and 爆 for negative.
func plainLanguage(n *sentiment.Normaliser, _ []string, _ ownWords) (language, error) {
	return language{plainReader{n}, plainScorer{}}, nil
}

type plainReader struct{ n *sentiment.Normaliser }

func (r plainReader) Read(content string) reputation.Text {
	t := reputation.Text{Raw: content, Lang: "zh"}
	t.Norm, t.Map = r.n.Normalise(content)
	for i, c := range t.Norm {
		t.Words = append(t.Words, reputation.Word{Start: i, End: i + len(string(c))})
	}
	return t
}

type plainScorer struct{}

func (s plainScorer) Rate(t reputation.Text, own, others []reputation.Span) reputation.Score {
	return s.Towards(t, own, others)
}

func (plainScorer) Towards(t reputation.Text, _, _ []reputation.Span) reputation.Score {
	if at := strings.Index(t.Raw, "爆"); at >= 0 {
		return reputation.Score{Value: -0.5, Label: reputation.Negative, Evidence: []reputation.Evidence{{Term: "爆", Weight: -0.5, Start: at, End: at + 3}}}
	}
	return reputation.Score{Label: reputation.Neutral}
}

func (plainScorer) Loyalty(reputation.Text) reputation.Loyalty {
	return reputation.Loyalty{Driver: "quality", Stage: "delivery"}
}

// ledger is a feed that grows with every request, and a Slack, and knows what it
// served and was told.
type ledger struct {
	mu     sync.Mutex
	items  []string // RSS
	posted map[string]int
}

// quiet is a brand's usual talk: three weeks, one mention in four hours.
func (l *ledger) quiet(now time.Time) {
	for hours := 20 * 24; hours > 3; hours -= 4 {
		l.add(now.Add(-time.Duration(hours)*time.Hour), "青榈的水壶，平常的一天")
	}
}

func (l *ledger) add(at time.Time, text string) {
	n := len(l.items)
	l.items = append(l.items, fmt.Sprintf("<item><title>第 %d 条</title><link>/p/%d</link><guid>%d</guid><pubDate>%s</pubDate><description>%s，编号 %d</description></item>",
		n, n, n, at.UTC().Format(time.RFC1123), text, n))
}

func (l *ledger) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if strings.HasPrefix(r.URL.Path, "/slack/") {
		l.slack(w, r)
		return
	}
	for range 3 {
		l.add(time.Now().Add(-time.Duration(rand.IntN(50)+2)*time.Minute), "青榈的水壶爆了")
	}
	w.Header().Set("ETag", fmt.Sprintf(`"%d"`, len(l.items)))
	fmt.Fprintf(w, "<rss version=\"2.0\"><channel><title>t</title>%s</channel></rss>", strings.Join(l.items, ""))
}

// slack answers like Slack and counts each message by its key.
func (l *ledger) slack(w http.ResponseWriter, r *http.Request) {
	if strings.HasSuffix(r.URL.Path, "chat.postMessage") {
		var metadata struct {
			Payload map[string]any `json:"event_payload"`
		}
		if err := json.Unmarshal([]byte(r.FormValue("metadata")), &metadata); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		l.posted[fmt.Sprint(metadata.Payload)]++
	}
	fmt.Fprint(w, `{"ok":true,"channel":"C1","ts":"1.1"}`)
}

// A process that is killed at any moment of a poll loses no mention, stores none
// twice, and opens no second alert for the same spike.
func TestKill(t *testing.T) {
	const kills = 50
	l := &ledger{posted: map[string]int{}}
	l.quiet(time.Now())
	server := httptest.NewServer(l)
	defer server.Close()
	folder := t.TempDir()
	configFile := writeKillConfig(t, folder, server)

	// The delay ranges over the whole of a run, as it was measured just now.
	trial := writeKillConfig(t, t.TempDir(), server)
	whole := timeOf(t, func() { child(t, trial, 0) })
	l.mu.Lock()
	clear(l.posted)
	l.mu.Unlock()
	for range kills {
		child(t, configFile, time.Duration(rand.Int64N(int64(whole))))
	}
	child(t, configFile, 0)

	db, err := store.OpenReader(t.Context(), filepath.Join(folder, "reputed.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Check(t.Context()); err != nil {
		t.Error(err)
	}
	sources, err := db.Summary(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if got, want := sources[0].Items, len(l.items); got != want || sources[0].Mentions != want {
		t.Errorf("%d items and %d mentions stored of %d served", got, sources[0].Mentions, want)
	}
	alert, found, err := db.LatestAlert(t.Context(), "青榈", "negative-volume")
	if err != nil || !found || alert.ID != 1 {
		t.Errorf("latest alert %+v, %v, %v; want the first and only one", alert, found, err)
	}
	if len(l.posted) == 0 {
		t.Error("Slack was told nothing")
	}
	t.Logf("%d runs killed within %v; messages: %v", kills, whole, l.posted)
}

// A process that is killed at any moment of its first start, which makes the database and
// the key, leaves nothing that a later one would refuse.
func TestKillFirstStart(t *testing.T) {
	l := &ledger{posted: map[string]int{}}
	l.quiet(time.Now())
	server := httptest.NewServer(l)
	defer server.Close()
	whole := timeOf(t, func() { child(t, writeKillConfig(t, t.TempDir(), server), 0) })
	for range 10 {
		configFile := writeKillConfig(t, t.TempDir(), server)
		for range 2 {
			child(t, configFile, time.Duration(rand.Int64N(int64(whole))))
		}
		child(t, configFile, 0)
	}
}

func writeKillConfig(t *testing.T, folder string, server *httptest.Server) string {
	t.Helper()
	text := fmt.Sprintf(`database: reputed.db
brands:
  - name: 青榈
sources:
  - {name: feed, kind: feed, url: '%[1]s/feed'}
fetch: {allow: ['%[2]s']}
slack: {channel: '#pr', token_file: token, api_url: '%[1]s/slack/'}
`, server.URL, server.Listener.Addr())
	for name, content := range map[string]string{"config.yaml": text, "token": "xoxb-test"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(folder, "config.yaml")
}

// child runs the program, and kills it after the delay unless that is 0. If it fails
// before that, so does the test.
func child(t *testing.T, configFile string, delay time.Duration) {
	t.Helper()
	if err := fallible(t, configFile, delay); err != nil {
		t.Fatal(err)
	}
}

// fallible is child for a program that may fail by itself. The error holds what it said.
func fallible(t *testing.T, configFile string, delay time.Duration) error {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program)
	cmd.Env = append(os.Environ(), killableConfig+"="+configFile)
	var output strings.Builder
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if delay > 0 {
		timer := time.AfterFunc(delay, func() { cmd.Process.Signal(syscall.SIGKILL) })
		defer timer.Stop()
	}
	err = cmd.Wait()
	if err == nil || cmd.ProcessState.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL {
		return nil
	}
	return fmt.Errorf("the program, to be killed after %v (0: never), ended by itself: %w\n%s", delay, err, output.String())
}

func timeOf(t *testing.T, f func()) time.Duration {
	t.Helper()
	start := time.Now()
	f()
	return time.Since(start)
}
