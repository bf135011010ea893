package main

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	_ "github.com/mattn/go-sqlite3"

	"reputed/internal/scenario"
	"reputed/sentiment"
)

// world is the scenario's site and a Slack on one server, which remembers what it
// was asked and told.
type world struct {
	site     http.Handler
	mu       sync.Mutex
	asked    []string // paths that came without a validator
	unasked  []string // paths that came with one
	posted   []string // bodies of chat.postMessage
	slackErr string   // Slack's error; "" for ok
}

func (w *world) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case strings.HasPrefix(r.URL.Path, "/slack/") && w.slackErr != "":
		fmt.Fprintf(out, `{"ok":false,"error":%q}`, w.slackErr)
	case strings.HasPrefix(r.URL.Path, "/slack/"):
		if strings.HasSuffix(r.URL.Path, "chat.postMessage") {
			w.posted = append(w.posted, r.FormValue("blocks"))
		}
		fmt.Fprint(out, `{"ok":true,"channel":"C1","ts":"1.1"}`)
	default:
		if r.Header.Get("If-None-Match")+r.Header.Get("If-Modified-Since") != "" {
			w.unasked = append(w.unasked, r.URL.Path)
		} else {
			w.asked = append(w.asked, r.URL.Path)
		}
		w.site.ServeHTTP(out, r)
	}
}

// start serves the scenario and writes a configuration for it.
func start(t *testing.T, now time.Time) (w *world, posts []scenario.Post, folder, base string) {
	t.Helper()
	posts, err := scenario.Load()
	if err != nil {
		t.Fatal(err)
	}
	w = &world{site: scenario.Handler(posts, now)}
	server := httptest.NewServer(w)
	t.Cleanup(server.Close)
	folder = t.TempDir()
	write(t, folder, "token", "xoxb-test")
	write(t, folder, "config.yaml", scenario.Config(server.URL, "reputed.db")+
		fmt.Sprintf("slack: {channel: '#pr', token_file: token, api_url: '%s/slack/'}\n", server.URL))
	return w, posts, folder, server.URL
}

func write(t *testing.T, folder, name, content string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func noEnvironment(string) string { return "" }

// loadedLanguage is the product's, loaded once for all tests.
func loadedLanguage(n *sentiment.Normaliser, _ []string, _ ownWords) (language, error) {
	return loadLanguage()
}

var loadLanguage = sync.OnceValues(func() (language, error) {
	n, err := newNormaliser()
	if err != nil {
		return language{}, err
	}
	return newLanguage(n, []string{"青榈", "拓野"}, nil)
})

// reputed runs a command line in this process and returns its exit code and what
// it wrote.
func reputed(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(t.Context(), args, environment{strings.NewReader(""), &out, &errs, noEnvironment, loadedLanguage})
	return code, out.String(), errs.String()
}

// The main job: what the sources hold is stored once, with links and times as
// published; the crisis is told once; and a second run asks conditionally, stores
// nothing and tells nothing.
func TestMainJob(t *testing.T) {
	now := time.Now()
	w, posts, folder, base := start(t, now)
	configFile := filepath.Join(folder, "config.yaml")
	if code, _, stderr := reputed(t, "run", "--once", "--config", configFile); code != exitOK {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	stored := storedItems(t, filepath.Join(folder, "reputed.db"))
	expected := 0
	for _, p := range posts {
		if p.Brand == "-" {
			if _, ok := stored[linkOf(base, p)]; ok {
				t.Errorf("post %s names no brand and is stored", p.ID)
			}
			continue
		}
		expected++
		published, ok := stored[linkOf(base, p)]
		if want := now.UTC().Truncate(time.Second).Add(-p.Age).Format(time.RFC3339); !ok || published != want {
			t.Errorf("post %s: stored %v, published %q, want %q", p.ID, ok, published, want)
		}
	}
	if len(stored) != expected {
		t.Errorf("%d items stored, want %d", len(stored), expected)
	}
	if len(w.posted) != 1 || !strings.Contains(w.posted[0], "青榈") {
		t.Errorf("Slack was told %d times: %q", len(w.posted), w.posted)
	}

	w.asked, w.unasked = nil, nil
	code, _, stderr := reputed(t, "run", "--once", "--config", configFile)
	if code != exitOK || !strings.Contains(stderr, " 0 new mentions") {
		t.Errorf("second run: exit code %d: %s", code, stderr)
	}
	if got := strings.Join(w.unasked, " "); !strings.Contains(got, "/weibo.rss") || !strings.Contains(got, "/forum.atom") {
		t.Errorf("conditional requests of the second run: %s", got)
	}
	for _, path := range w.asked {
		if strings.HasPrefix(path, "/news/") {
			t.Errorf("article %s was fetched again", path)
		}
	}
	if again := storedItems(t, filepath.Join(folder, "reputed.db")); len(again) != expected || len(w.posted) != 1 {
		t.Errorf("after the second run %d items and %d messages, want %d and 1", len(again), len(w.posted), expected)
	}
}

func linkOf(base string, p scenario.Post) string {
	if p.Source == "page" {
		return base + "/news/" + p.ID
	}
	return base + "/p/" + p.ID
}

// openFile opens a database as any other program would.
func openFile(t *testing.T, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+path+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// storedItems returns the publication time of each stored item by its link.
func storedItems(t *testing.T, path string) map[string]string {
	t.Helper()
	db := openFile(t, path)
	rows, err := db.Query(`SELECT url, published_at FROM items`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	stored := map[string]string{}
	for rows.Next() {
		var link, published string
		if err := rows.Scan(&link, &published); err != nil {
			t.Fatal(err)
		}
		if _, twice := stored[link]; twice {
			t.Errorf("%s is stored twice", link)
		}
		stored[link] = published
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return stored
}

// What one source or Slack does wrong is said in one line that names it, the rest
// is done, and nothing is lost.
func TestTroubleIsNamedAndContained(t *testing.T) {
	w, _, folder, base := start(t, time.Now())
	text, err := os.ReadFile(filepath.Join(folder, "config.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	configFile := filepath.Join(folder, "config.yaml")
	write(t, folder, "config.yaml", strings.Replace(string(text), "sources:\n", "sources:\n"+
		"  - {name: gone, kind: feed, url: '"+base+"/gone'}\n"+
		"  - {name: no feed, kind: feed, url: '"+base+"/p/w001'}\n"+
		"  - {name: no list, kind: page, url: '"+base+"/weibo.rss', item: li}\n"+
		"  - {name: no entry, kind: page, url: '"+base+"/news', item: tr.story}\n"+
		"  - {name: internal, kind: feed, url: 'http://127.0.0.2:9/rss'}\n", 1))
	w.slackErr = "invalid_auth"
	code, _, stderr := reputed(t, "run", "--once", "--config", configFile)
	if code != exitFailure {
		t.Errorf("exit code %d, want %d", code, exitFailure)
	}
	for _, want := range []string{
		"source gone: ", "404", "source no feed: ", "source no list: ", "source no entry: ", "tr.story",
		"source internal: ", "fetch.allow", "invalid_auth", "家电论坛: 99 items",
	} {
		if !strings.Contains(stderr, want) {
			t.Errorf("%q is not said in:\n%s", want, stderr)
		}
	}

	w.slackErr = ""
	w.posted = nil
	code, _, stderr = reputed(t, "check", "--online", "--config", configFile)
	if code != exitFailure || !strings.Contains(stderr, "source gone") || !strings.Contains(stderr, "receiver slack: in order") {
		t.Errorf("check --online: exit code %d: %s", code, stderr)
	}
	if len(w.posted) != 0 {
		t.Error("a check posted to Slack")
	}
}

// A dry run prints the alert, sends nothing, and leaves it for the next run.
func TestDryRun(t *testing.T) {
	w, _, folder, _ := start(t, time.Now())
	configFile := filepath.Join(folder, "config.yaml")
	code, stdout, stderr := reputed(t, "run", "--once", "--dry-run", "--config", configFile)
	if code != exitOK || !strings.Contains(stdout, "青榈") {
		t.Errorf("exit code %d, printed %q, %s", code, stdout, stderr)
	}
	if len(w.posted) != 0 {
		t.Error("a dry run posted to Slack")
	}
	if code, _, stderr := reputed(t, "run", "--once", "--config", configFile); code != exitOK || len(w.posted) != 1 {
		t.Errorf("the run after it: exit code %d, %d messages: %s", code, len(w.posted), stderr)
	}
}

// The daemon tells systemd when it is ready, that it makes progress, that it has
// reloaded, and that it stops; it stops when it is told to, and no second one works on its database.
func TestDaemon(t *testing.T) {
	_, _, folder, _ := start(t, time.Now())
	configFile := filepath.Join(folder, "config.yaml")
	states := notifySocket(t)
	ctx, cancel := context.WithCancel(t.Context())
	var errs safeBuffer
	done := make(chan int, 1)
	go func() {
		done <- run(ctx, []string{"run", "--config", configFile}, environment{strings.NewReader(""), &errs, &errs, noEnvironment, loadedLanguage})
	}()
	for _, want := range []string{"READY=1", "WATCHDOG=1"} {
		if got := <-states; got != want {
			t.Fatalf("systemd was told %s, want %s: %s", got, want, errs.String())
		}
	}
	if code, _, stderr := reputed(t, "run", "--once", "--config", configFile); code != exitFailure || !strings.Contains(stderr, "another") {
		t.Errorf("a second daemon: exit code %d: %s", code, stderr)
	}
	if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	for state := range states {
		if state == "READY=1" {
			break
		}
	}
	cancel()
	if code := <-done; code != exitOK || !strings.Contains(errs.String(), "reloaded own words") || !strings.Contains(errs.String(), "msg=stopped") {
		t.Errorf("exit code %d: %s", code, errs.String())
	}
	for state := range states {
		if state == "STOPPING=1" {
			return
		}
	}
}

// notifySocket stands for systemd and returns what it is told.
func notifySocket(t *testing.T) <-chan string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "notify")
	socket, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { socket.Close() })
	t.Setenv("NOTIFY_SOCKET", path)
	states := make(chan string, 100)
	go func() {
		defer close(states)
		buffer := make([]byte, 4096)
		for {
			n, err := socket.Read(buffer)
			if err != nil {
				return // closed at the end of the test
			}
			states <- string(buffer[:n])
		}
	}()
	return states
}

// safeBuffer is written by a daemon and read by a test.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
