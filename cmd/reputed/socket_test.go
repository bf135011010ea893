package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"reputed/internal/scenario"
)

// workspace is the scenario's site and a Slack with Socket Mode on one server.
type workspace struct {
	*world
	t        *testing.T
	address  string
	sockets  chan *websocket.Conn
	answers  chan string
	changes  chan string // blocks of chat.update
	pictures chan []byte
}

func (w *workspace) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	switch method := strings.TrimPrefix(r.URL.Path, "/slack/"); method {
	case "apps.connections.open":
		fmt.Fprintf(out, `{"ok":true,"url":"ws://%s/slack/socket"}`, w.address)
	case "socket":
		r.Header.Del("Origin")
		conn, err := new(websocket.Upgrader).Upgrade(out, r, nil)
		if err != nil {
			w.t.Error(err)
			return
		}
		w.sockets <- conn
	case "answer":
		var message struct {
			Text   string
			Blocks json.RawMessage
		}
		if err := json.NewDecoder(r.Body).Decode(&message); err != nil {
			w.t.Error(err)
		}
		w.answers <- message.Text + string(message.Blocks)
	case "files.getUploadURLExternal":
		fmt.Fprintf(out, `{"ok":true,"upload_url":"http://%s/slack/upload","file_id":"F0PICTURE1"}`, w.address)
	case "upload":
		body, err := io.ReadAll(r.Body)
		if err != nil {
			w.t.Error(err)
		}
		w.pictures <- body
	case "files.completeUploadExternal":
		fmt.Fprint(out, `{"ok":true,"files":[{"id":"F0PICTURE1"}]}`)
	case "chat.update":
		w.changes <- r.FormValue("blocks")
		fmt.Fprint(out, `{"ok":true,"channel":"C1","ts":"1.1"}`)
	default:
		w.world.ServeHTTP(out, r)
	}
}

// answer sends what somebody pressed or typed and returns what they are answered.
func (w *workspace) answer(conn *websocket.Conn, id, kind string, payload map[string]any) string {
	w.t.Helper()
	payload["response_url"] = "http://" + w.address + "/slack/answer"
	if err := conn.WriteJSON(map[string]any{"envelope_id": id, "type": kind, "payload": payload}); err != nil {
		w.t.Fatal(err)
	}
	var confirmation struct {
		EnvelopeID string `json:"envelope_id"`
	}
	if err := conn.ReadJSON(&confirmation); err != nil || confirmation.EnvelopeID != id {
		w.t.Fatalf("confirmed %+v, %v", confirmation, err)
	}
	return soon(w.t, w.answers)
}

// soon is what comes out of a channel.
func soon[T any](t *testing.T, from <-chan T) (value T) {
	t.Helper()
	select {
	case value = <-from:
	case <-time.After(time.Minute):
		t.Fatal("nothing came")
	}
	return value
}

// The whole way of each button: the alert that Slack shows carries it, Slack brings it
// back over Socket Mode, it takes effect in the database with who pressed it, and both
// the message and the person are told.
func TestButtonsTakeEffect(t *testing.T) {
	now := time.Now()
	posts, err := scenario.Load()
	if err != nil {
		t.Fatal(err)
	}
	w := &workspace{
		world: &world{site: scenario.Handler(posts, now)}, t: t,
		sockets: make(chan *websocket.Conn, 1), answers: make(chan string, 1), changes: make(chan string, 10), pictures: make(chan []byte, 10),
	}
	server := httptest.NewServer(w)
	t.Cleanup(server.Close)
	w.address = server.Listener.Addr().String()
	folder := t.TempDir()
	write(t, folder, "token", "xoxb-test")
	write(t, folder, "app-token", "xapp-test")
	write(t, folder, "config.yaml", scenario.Config(server.URL, "reputed.db")+
		fmt.Sprintf("slack: {channel: '#pr', token_file: token, app_token_file: app-token, api_url: '%s/slack/'}\n", server.URL))
	configFile := filepath.Join(folder, "config.yaml")
	if code, _, stderr := reputed(t, "check", "--config", configFile); code != exitOK {
		t.Fatalf("check: exit code %d: %s", code, stderr)
	}
	if code, _, stderr := reputed(t, "run", "--once", "--config", configFile); code != exitOK || len(w.posted) != 1 {
		t.Fatalf("exit code %d, %d messages: %s", code, len(w.posted), stderr)
	}
	if picture := soon(t, w.pictures); !bytes.Contains(picture, []byte("\x89PNG\r\n")) || !strings.Contains(w.posted[0], `"slack_file":{"id":"F0PICTURE1"}`) {
		t.Errorf("the message shows no picture: %s", w.posted[0])
	}
	alert := regexp.MustCompile(`"action_id":"reputed-acknowledge","value":"(\d+)"`).FindStringSubmatch(w.posted[0])
	mention := regexp.MustCompile(`"value":"(\d+):neutral"`).FindStringSubmatch(w.posted[0])
	if alert == nil || mention == nil {
		t.Fatalf("the message has no buttons: %s", w.posted[0])
	}

	ctx, stop := context.WithCancel(t.Context())
	exited := make(chan int, 1)
	var log safeBuffer
	go func() {
		exited <- run(ctx, []string{"run", "--config", configFile}, environment{strings.NewReader(""), io.Discard, &log, noEnvironment, loadedLanguage})
	}()
	conn := soon(t, w.sockets)
	db := openFile(t, filepath.Join(folder, "reputed.db"))
	stored := func(query string) (value string) {
		t.Helper()
		if err := db.QueryRow(query).Scan(&value); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		return value
	}
	presses := []struct {
		action, value, says string
		effect, want        string // a query and what it returns
		shown               string // what the changed message shows; empty if it is not changed
	}{
		{"reputed-acknowledge", alert[1], "由你负责", `SELECT acknowledged_by FROM alerts WHERE id = ` + alert[1], "U0PRLEAD1", "已认领"},
		{"reputed-acknowledge", alert[1], "已由 <@U0PRLEAD1> 认领", `SELECT count(*) FROM actions WHERE what = 'acknowledge'`, "1", ""},
		{"reputed-mute-4h", alert[1], "已静音至", `SELECT author || ' ' || round((julianday(ends_at) - julianday(starts_at)) * 24) FROM silences ORDER BY id DESC LIMIT 1`, "U0PRLEAD1 4.0", "已静音至"},
		{"reputed-mute-tomorrow", alert[1], "", `SELECT count(*) FROM silences`, "", ""}, // what it does depends on the time of day
		{"reputed-mute-7d", alert[1], "已静音至", `SELECT round((julianday(ends_at) - julianday(starts_at)) * 24) FROM silences ORDER BY id DESC LIMIT 1`, "168", "已静音至"},
		{"reputed-more", alert[1], "告警 #" + alert[1], `SELECT count(*) FROM actions WHERE what = 'more' AND alert_id = ` + alert[1], "1", ""},
		{"reputed-rating", mention[1] + ":neutral", "已改为“中性”", `SELECT label || ' ' || (SELECT by FROM corrections WHERE mention_id = ` + mention[1] + `) FROM mentions WHERE id = ` + mention[1], "neutral U0PRLEAD1", ""},
		{"reputed-rating", "999999:neutral", "未作改动", `SELECT count(*) FROM corrections`, "1", ""},
	}
	for i, p := range presses {
		pressed := map[string]any{"type": "button", "block_id": "x", "action_id": p.action, "value": p.value}
		if p.action == "reputed-rating" {
			pressed = map[string]any{"type": "static_select", "block_id": "x", "action_id": p.action, "selected_option": map[string]any{"value": p.value}}
		}
		answer := w.answer(conn, fmt.Sprint("press", i), "interactive", map[string]any{
			"type": "block_actions", "user": map[string]any{"id": "U0PRLEAD1"}, "actions": []any{pressed},
			"container": map[string]any{"channel_id": "C1", "message_ts": "1.1"},
		})
		if !strings.Contains(answer, p.says) {
			t.Errorf("%s: answered %q, want %q", p.action, answer, p.says)
		}
		if got := stored(p.effect); p.want != "" && got != p.want {
			t.Errorf("%s: %s is %q, want %q", p.action, p.effect, got, p.want)
		}
		if p.shown != "" {
			if shown := soon(t, w.changes); !strings.Contains(shown, p.shown) || !strings.Contains(shown, "F0PICTURE1") {
				t.Errorf("%s: the message shows %s", p.action, shown)
			}
		}
		for p.action == "reputed-mute-tomorrow" && len(w.changes) > 0 {
			<-w.changes
		}
	}
	typed := map[string]string{
		"status": "舆情阶段", "top": "最负面的声音", "report": "声量占比", "silence": "生效中的静音", "silence end 1": "静音 1 已结束", "help": "可用命令",
	}
	for text, want := range typed {
		if text == "status" {
			text = "status 青榈"
		}
		answer := w.answer(conn, text, "slash_commands", map[string]any{"command": "/reputed", "text": text, "user_id": "U0PRLEAD2"})
		if !strings.Contains(answer, want) {
			t.Errorf("/reputed %s: %q", text, answer)
		}
	}
	if got := stored(`SELECT group_concat(what || ' ' || via, ', ') FROM (SELECT DISTINCT what, via FROM actions WHERE by = 'U0PRLEAD2' ORDER BY what)`); got != "command slack, unmute slack" {
		t.Errorf("stored of the commands: %s", got)
	}
	stop()
	select {
	case code := <-exited:
		if code != exitOK {
			t.Errorf("exit code %d", code)
		}
	case <-time.After(10 * time.Second):
		t.Error("the daemon does not stop in time")
	}
	for _, secret := range []string{"xapp-test", "xoxb-test"} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("the log holds %s", secret)
		}
	}
}
