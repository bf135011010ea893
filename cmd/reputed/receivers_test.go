package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"reputed/internal/reputation"
	"reputed/internal/store"
)

// chats is Feishu, DingTalk, WeCom and a program on one server, each at its own path,
// which remembers what it was told.
type chats struct {
	mu      sync.Mutex
	told    map[string][]string
	refuses map[string]string // answers by path
}

func (c *chats) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if refusal, ok := c.refuses[r.URL.Path]; ok {
		io.WriteString(w, refusal)
		return
	}
	c.told[r.URL.Path] = append(c.told[r.URL.Path], string(body))
	io.WriteString(w, `{"code":0,"errcode":0}`)
}

// startChats writes the receivers' secrets and returns their part of a configuration.
// The mail server is a port at which nobody listens.
func startChats(t *testing.T, folder string) (c *chats, config string) {
	t.Helper()
	c = &chats{told: map[string][]string{}, refuses: map[string]string{}}
	server := httptest.NewServer(c)
	t.Cleanup(server.Close)
	for _, name := range []string{"feishu", "dingtalk", "wecom", "tickets"} {
		write(t, folder, name+"-url", server.URL+"/"+name+"\n")
	}
	write(t, folder, "secret", "a-secret-of-thirty-two-characters\n")
	write(t, folder, "password", "hunter2hunter2\n")
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := closed.Addr().(*net.TCPAddr).Port
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	return c, fmt.Sprintf(`receivers:
  - {name: pr-feishu, kind: feishu, url_file: feishu-url, secret_file: secret}
  - {name: pr-dingtalk, kind: dingtalk, url_file: dingtalk-url, secret_file: secret}
  - {name: pr-wecom, kind: wecom, url_file: wecom-url}
  - {name: tickets, kind: webhook, url_file: tickets-url, secret_file: secret}
  - {name: pr-mail, kind: mail, host: 127.0.0.1, port: %d, username: pr, password_file: password, from: a@brand.example, to: [b@brand.example]}
alerts:
  group_wait: 0s
  routes:
    - {receiver: pr-mail, continue: true}
    - {receiver: pr-feishu, mentions: [ou_84aad], continue: true}
    - {receiver: pr-dingtalk, continue: true}
    - {receiver: pr-wecom, continue: true}
    - {receiver: tickets, continue: true}
    - {receiver: slack}
`, port)
}

// One alert reaches every receiver but the one that is away, which holds up none and is
// named, also later, without its password.
func TestReceiversTogether(t *testing.T) {
	w, _, folder, _ := start(t, time.Now())
	c, config := startChats(t, folder)
	configFile := filepath.Join(folder, "config.yaml")
	text, err := os.ReadFile(configFile)
	if err != nil {
		t.Fatal(err)
	}
	write(t, folder, "config.yaml", string(text)+config)
	code, _, stderr := reputed(t, "run", "--once", "--config", configFile)
	if code != exitFailure || !strings.Contains(stderr, "receiver pr-mail") || strings.Contains(stderr, "hunter2") {
		t.Errorf("exit code %d, want the receiver that is away to be named: %s", code, stderr)
	}
	for _, name := range []string{"feishu", "dingtalk", "wecom", "tickets"} {
		if told := c.told["/"+name]; len(told) != 1 || !strings.Contains(told[0], "青榈") {
			t.Errorf("%s was told %q", name, told)
		}
	}
	if len(w.posted) != 1 {
		t.Errorf("Slack was told %d messages", len(w.posted))
	}
	if code, stdout, stderr := reputed(t, "check", "--config", configFile); code != exitOK ||
		!strings.Contains(stderr, "receiver pr-mail: messages that wait since ") || !strings.Contains(stdout, "alerts to Slack #pr, pr-feishu") {
		t.Errorf("check: exit code %d\n%s%s", code, stdout, stderr)
	}
}

// A receiver that would take no message is named, with what to do, and the others are
// in order. Nobody gets to see a message.
func TestCheckNamesReceivers(t *testing.T) {
	w, _, folder, _ := start(t, time.Now())
	c, config := startChats(t, folder)
	c.refuses["/feishu"] = `{"code":19021,"msg":"sign match fail or timestamp is not within one hour from current time"}`
	c.refuses["/wecom"] = `{"errcode":44004,"errmsg":"empty content"}`
	configFile := filepath.Join(folder, "config.yaml")
	text, err := os.ReadFile(configFile)
	if err != nil {
		t.Fatal(err)
	}
	write(t, folder, "config.yaml", string(text)+config)
	code, _, stderr := reputed(t, "check", "--online", "--config", configFile)
	if code != exitFailure {
		t.Errorf("exit code %d", code)
	}
	for _, want := range []string{
		"receiver slack: in order", "receiver pr-dingtalk: in order", "receiver pr-wecom: in order", "receiver tickets: in order",
		"receiver pr-feishu: ", "19021", "secret_file", "receiver pr-mail: ", "connection refused",
	} {
		if !strings.Contains(stderr, want) {
			t.Errorf("%q is not said in:\n%s", want, stderr)
		}
	}
	for _, secret := range []string{"a-secret-of", "hunter2"} {
		if strings.Contains(stderr, secret) {
			t.Errorf("a secret is said in:\n%s", stderr)
		}
	}
	if len(w.posted) > 0 || len(c.told["/tickets"]) != 1 || !strings.Contains(c.told["/tickets"][0], `"type":"check"`) {
		t.Errorf("the check posted %q, %v", w.posted, c.told)
	}

	write(t, folder, "secret", "short\n")
	if code, _, stderr := reputed(t, "check", "--config", configFile); code != exitFailure || !strings.Contains(stderr, "receivers[3].secret_file") {
		t.Errorf("a secret that is too short: exit code %d: %s", code, stderr)
	}
}

// A dry run shows the digest of an outage and leaves every message for the next run,
// which tells Slack once.
func TestDryRunOfAnOutage(t *testing.T) {
	w, _, folder, _ := start(t, time.Now())
	database := filepath.Join(folder, "reputed.db")
	s, err := store.Open(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	for n := range 7 {
		at := time.Now().UTC().Add(-2 * time.Hour).Truncate(time.Second)
		a := reputation.Alert{Brand: fmt.Sprint("品牌", n), Rule: "negative-volume", Severity: reputation.Warning, State: reputation.Resolved, OpenedAt: at, ResolvedAt: at}
		a.Judgement.From, a.Judgement.To = at.Add(-time.Hour), at
		if _, err := s.Record(t.Context(), a, []reputation.Message{{Target: toSlack, Event: reputation.Opened, Alert: a, At: at}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	configFile := filepath.Join(folder, "config.yaml")
	code, stdout, stderr := reputed(t, "run", "--once", "--dry-run", "--config", configFile)
	if code != exitOK || strings.Count(stdout, "积压汇总｜") != 1 || len(w.posted) != 0 {
		t.Errorf("dry run: exit code %d, %d posts, printed\n%s%s", code, len(w.posted), stdout, stderr)
	}
	if n := waiting(t, database); n < 7 {
		t.Errorf("after the dry run %d messages wait", n)
	}
	code, _, stderr = reputed(t, "run", "--once", "--config", configFile)
	if code != exitOK || len(w.posted) != 1 || !strings.Contains(w.posted[0], "积压汇总") {
		t.Errorf("run: exit code %d, Slack was told %q: %s", code, w.posted, stderr)
	}
	if n := waiting(t, database); n != 0 {
		t.Errorf("after the run %d messages wait", n)
	}
}
