package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"

	"reputed/internal/store"
)

// growing is a feed to which a test adds.
type growing struct {
	mu    sync.Mutex
	items []string // RSS
}

func (g *growing) add(text string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := len(g.items)
	g.items = append(g.items, fmt.Sprintf("<item><title>%s</title><link>/%d</link><guid>%d</guid></item>", text, n, n))
}

func (g *growing) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	fmt.Fprintf(w, "<rss version=\"2.0\"><channel><title>t</title>%s</channel></rss>", strings.Join(g.items, ""))
}

// reloadable is a daemon's parts with one source, whose polls and reloads a test
// asks for.
type reloadable struct {
	*service
	feed    *growing
	folder  string
	log     *safeBuffer
	signals chan os.Signal
	states  <-chan string // what systemd is told
}

const reloadConfig = `database: reputed.db
brands: [{name: 青榈}, {name: 拓野}]
sources: [{name: feed, kind: feed, url: '%s'}]
fetch: {allow: ['%s']}
lexicons:
  - file: words.tsv
  - entries: {绝绝蓝: -2}
    brands: [拓野]
`

func startReloadable(t *testing.T) *reloadable {
	t.Helper()
	r := &reloadable{feed: &growing{}, folder: t.TempDir(), log: &safeBuffer{}, signals: make(chan os.Signal), states: notifySocket(t)}
	server := httptest.NewServer(r.feed)
	t.Cleanup(server.Close)
	write(t, r.folder, "config.yaml", fmt.Sprintf(reloadConfig, server.URL, server.Listener.Addr()))
	write(t, r.folder, "words.tsv", "")
	env := environment{strings.NewReader(""), r.log, r.log, noEnvironment, newLanguage}
	cfg, err := loadConfig(filepath.Join(r.folder, "config.yaml"), env)
	if err != nil {
		t.Fatal(err)
	}
	log := env.logger(slog.LevelInfo)
	if r.service, err = (assembly{cfg, false, true, env, log}).service(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { r.language.reloadOn(ctx, r.signals, log) })
	t.Cleanup(func() {
		stop()
		running.Wait()
		r.store.Close()
	})
	return r
}

// reload sends the signal and waits until systemd would know that it is over.
func (r *reloadable) reload(t *testing.T) {
	t.Helper()
	r.signals <- syscall.SIGHUP
	if got := <-r.states; !regexp.MustCompile(`^RELOADING=1\nMONOTONIC_USEC=\d+$`).MatchString(got) {
		t.Errorf("systemd was told %q at the begin of a reload", got)
	}
	if got := <-r.states; got != "READY=1" {
		t.Errorf("systemd was told %q at the end of a reload", got)
	}
}

// labels polls the source, which has got a new text, and returns the label towards
// each brand that it names, in order.
func (r *reloadable) labels(t *testing.T, text string) string {
	t.Helper()
	r.feed.add(text)
	if _, err := r.pipeline.Poll(t.Context(), r.sources[0].Source); err != nil {
		t.Fatal(err)
	}
	return query(t, r.store, `SELECT group_concat(label, ' ') FROM
		(SELECT label FROM mentions WHERE item_id = (SELECT max(item_id) FROM mentions) ORDER BY term_start)`)
}

// A reload rates what comes next with the new words, and leaves what is stored; a
// broken file changes nothing, and the log says where it is broken.
func TestReload(t *testing.T) {
	r := startReloadable(t)
	wants := func(text, want string) {
		t.Helper()
		if got := r.labels(t, text); got != want {
			t.Errorf("%s is rated %s, want %s\n%s", text, got, want, r.log)
		}
	}
	wants("青榈的杯子绝绝橙色", "neutral")
	wants("拓野的杯子绝绝蓝色", "negative")
	wants("青榈的杯子绝绝蓝色", "neutral")

	write(t, r.folder, "words.tsv", "# ours\n绝绝橙\t3\n")
	r.reload(t)
	wants("还是青榈的杯子绝绝橙色", "positive")
	if got := query(t, r.store, `SELECT group_concat(label, ' ') FROM mentions WHERE term_start = 0 AND brand = '青榈'`); got != "neutral neutral" {
		t.Errorf("what was stored before is %s", got)
	}
	if !strings.Contains(r.log.String(), `msg="reloaded own words" words=2`) {
		t.Errorf("the log does not tell of the reload:\n%s", r.log)
	}

	write(t, r.folder, "words.tsv", "绝绝橙\t-3\n翻车 -3\n真香\t九\n")
	r.reload(t)
	wants("又是青榈的杯子绝绝橙色", "positive")
	file := filepath.Join(r.folder, "words.tsv")
	for _, want := range []string{"level=ERROR", "config.yaml:6:11: lexicons[0].file: " + file + ":2: ", file + ":3: 真香: "} {
		if !strings.Contains(r.log.String(), want) {
			t.Errorf("the log does not say %s:\n%s", want, r.log)
		}
	}

	configFile := filepath.Join(r.folder, "config.yaml")
	text, err := os.ReadFile(configFile)
	if err != nil {
		t.Fatal(err)
	}
	write(t, r.folder, "config.yaml", "lexicon: []\n"+string(text))
	r.reload(t)
	wants("青榈，还是绝绝橙色", "positive")
	if want := configFile + ":1:1: lexicon: unknown key"; !strings.Contains(r.log.String(), want) {
		t.Errorf("the log does not say %s:\n%s", want, r.log)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	write(t, r.folder, "config.yaml", string(text))
	r.reload(t)
	wants("青榈，仍然绝绝橙色", "positive")
	if want := file + " is not there"; !strings.Contains(r.log.String(), want) {
		t.Errorf("the log does not say %s:\n%s", want, r.log)
	}

	write(t, r.folder, "words.tsv", "绝绝橙\t-3\n")
	write(t, r.folder, "config.yaml", strings.Replace(string(text), "{name: 拓野}", "{name: 拓野, aliases: [Tuoye]}", 1))
	r.reload(t)
	wants("青榈，已经绝绝橙色", "negative")
	if want := "need a restart\" words=2 keys=brands"; !strings.Contains(r.log.String(), want) {
		t.Errorf("the log does not say %s:\n%s", want, r.log)
	}
}

// Reloads while texts are read and rated neither wait for them nor disturb them.
func TestReloadWhilePolling(t *testing.T) {
	const reloads = 3
	r := startReloadable(t)
	done, stop := make(chan struct{}), make(chan struct{})
	polls := 0
	go func() {
		defer close(done)
		for {
			select {
			case <-stop:
				return
			default:
			}
			r.feed.add(fmt.Sprintf("青榈的杯子绝绝橙色，第%d次", polls))
			if _, err := r.pipeline.Poll(t.Context(), r.sources[0].Source); err != nil {
				t.Error(err)
				return
			}
			polls++
		}
	}()
	for i := range reloads {
		write(t, r.folder, "words.tsv", fmt.Sprintf("绝绝橙\t%d\n", 1+i))
		r.reload(t)
	}
	close(stop)
	<-done
	if got := query(t, r.store, `SELECT count(*) FROM mentions`); got != fmt.Sprint(polls) {
		t.Errorf("%s mentions of %d are stored", got, polls)
	}
	if err := r.store.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

// query returns the only value of a query to the store's file.
func query(t *testing.T, s *store.Store, q string) (value string) {
	t.Helper()
	db := openFile(t, s.Path())
	if err := db.QueryRow(q).Scan(&value); err != nil {
		t.Fatal(err)
	}
	return value
}
