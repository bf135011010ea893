package alerting

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack/slacktest"

	"reputed/internal/reputation"
)

// workspace is a Slack on this machine: slacktest's server with what that lacks. Every
// message that comes is checked against Slack's limits.
type workspace struct {
	*slacktest.Server
	t       *testing.T
	answers chan string          // what people are shown, as JSON
	sockets chan *websocket.Conn // connections of Socket Mode
	changed chan url.Values      // of chat.update
	mu      sync.Mutex
	refusal string // Slack's error for apps.connections.open; empty for none
	opened  int    // calls of apps.connections.open
}

func newWorkspace(t *testing.T) *workspace {
	w := &workspace{t: t, answers: make(chan string, 10), sockets: make(chan *websocket.Conn, 10), changed: make(chan url.Values, 10)}
	w.Server = slacktest.NewTestServer(func(c slacktest.Customize) {
		c.Handle("/apps.connections.open", w.open)
		c.Handle("/socket", w.socket)
		c.Handle("/answer", w.answer)
		c.Handle("/chat.update", w.update)
	})
	w.Start()
	t.Cleanup(w.Stop)
	return w
}

func (w *workspace) open(out http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.opened++
	if got := r.Header.Get("Authorization"); got != "Bearer xapp-1-SECRET" {
		w.t.Errorf("asked for a connection with %q", got)
	}
	if w.refusal != "" {
		fmt.Fprintf(out, `{"ok":false,"error":%q}`, w.refusal)
		return
	}
	fmt.Fprintf(out, `{"ok":true,"url":"ws://%s/socket"}`, w.ServerAddr)
}

func (w *workspace) socket(out http.ResponseWriter, r *http.Request) {
	conn, err := new(websocket.Upgrader).Upgrade(out, withoutOrigin(r), nil)
	if err != nil {
		w.t.Error(err)
		return
	}
	if err := conn.WriteJSON(map[string]any{"type": "hello", "num_connections": 1}); err != nil {
		w.t.Error(err)
	}
	w.sockets <- conn
}

// withoutOrigin is the request of a program, which is at home nowhere.
func withoutOrigin(r *http.Request) *http.Request {
	r.Header.Del("Origin")
	return r
}

func (w *workspace) answer(_ http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		w.t.Error(err)
	}
	var message struct {
		Text         string
		Blocks       json.RawMessage
		ResponseType string `json:"response_type"`
		Replace      bool   `json:"replace_original"`
	}
	if err := json.Unmarshal(body, &message); err != nil {
		w.t.Error(err)
	}
	if err := wireLimits(message.Text, message.Blocks); err != nil {
		w.t.Error(err)
	}
	if message.ResponseType != "ephemeral" || message.Replace {
		w.t.Errorf("an answer to everybody: %s", body)
	}
	w.answers <- message.Text
}

func (w *workspace) update(out http.ResponseWriter, r *http.Request) {
	if err := wireLimits(r.FormValue("text"), []byte(r.FormValue("blocks"))); err != nil {
		w.t.Error(err)
	}
	w.changed <- r.Form
	fmt.Fprint(out, `{"ok":true,"channel":"C024BE91L","ts":"1763791800.000100"}`)
}

// connect runs a socket to the workspace until the test ends.
func (w *workspace) connect(o Desk) (s *SlackSocket, log *diary, stop func()) {
	log = &diary{lines: make(chan string, 100)}
	wording := Wording{Lang: "en", Zone: shanghai}
	bot := NewSlackBot(testToken, "#pr-alerts", w.GetAPIURL(), http.DefaultClient, wording)
	logger := slog.New(slog.NewTextHandler(log, nil))
	s = NewSlackSocket("xapp-1-SECRET", w.GetAPIURL(), http.DefaultClient, bot, []string{"青柠手机"}, func() time.Time { return deskTime }, logger)
	s.Serve(o)
	ctx, cancel := context.WithCancel(w.t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.Run(ctx)
	}()
	stop = func() {
		cancel()
		select {
		case <-done:
		case <-time.After(8 * time.Second):
			w.t.Error("the socket does not stop in time")
		}
	}
	w.t.Cleanup(stop)
	return s, log, stop
}

// diary is a log whose lines a test can wait for.
type diary struct{ lines chan string }

func (d *diary) Write(p []byte) (int, error) {
	d.lines <- string(p)
	return len(p), nil
}

// envelope is what Slack sends when somebody presses or types something.
func (w *workspace) envelope(id, kind string, payload object) object {
	payload["response_url"] = w.GetAPIURL() + "answer"
	return object{"envelope_id": id, "type": kind, "payload": payload, "accepts_response_payload": true}
}

// pressing is the payload of a button under the message of alert 17.
func pressing(action, value string) object {
	pressed := object{"type": "button", "action_id": action, "block_id": "x", "value": value, "action_ts": "1"}
	if action == pressRating {
		pressed = object{"type": "static_select", "action_id": action, "block_id": "x", "selected_option": object{"value": value}}
	}
	return object{
		"type": "block_actions", "user": object{"id": "U0PRLEAD1"}, "actions": []any{pressed},
		"container": object{"type": "message", "channel_id": "C024BE91L", "message_ts": "1763791800.000100"},
	}
}

// confirmed waits for the confirmation of an envelope.
func confirmed(t *testing.T, conn *websocket.Conn, id string) {
	t.Helper()
	var got struct {
		EnvelopeID string `json:"envelope_id"`
		Payload    any
	}
	if err := conn.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if err := conn.ReadJSON(&got); err != nil || got.EnvelopeID != id || got.Payload != nil {
		t.Fatalf("confirmed %+v, %v; want %s", got, err, id)
	}
}

func send(t *testing.T, conn *websocket.Conn, message any) {
	t.Helper()
	if err := conn.WriteJSON(message); err != nil {
		t.Fatal(err)
	}
}

// slowOffice is a desk that works on nothing before it is told to.
type slowOffice struct {
	*office
	begin chan struct{}
}

func (o slowOffice) Case(ctx context.Context, alert int64, at reputation.Thread) (reputation.Alert, reputation.Message, error) {
	<-o.begin
	return o.office.Case(ctx, alert, at)
}

// Slack waits three seconds for a confirmation: it comes before any work is done.
func TestSocketConfirmsBeforeItWorks(t *testing.T) {
	w := newWorkspace(t)
	o := slowOffice{newOffice(reputation.Opened), make(chan struct{})}
	w.connect(o)
	conn := <-w.sockets
	for i := range 5 {
		send(t, conn, w.envelope(fmt.Sprint("e", i), "interactive", pressing(pressAcknowledge, "17")))
		confirmed(t, conn, fmt.Sprint("e", i))
	}
	if len(w.answers) != 0 {
		t.Error("an answer came before the work")
	}
	close(o.begin)
	if got := <-w.answers; !strings.Contains(got, "You take care of alert #17") {
		t.Error(got)
	}
	for range 4 {
		if got := <-w.answers; !strings.Contains(got, "taken care of already") {
			t.Error(got)
		}
	}
	if len(w.changed) != 1 || len(o.acts) != 1 {
		t.Errorf("%d changes of the message, %d acts of five presses", len(w.changed), len(o.acts))
	}
}

// What Slack may send, and what it should not, ends no connection and changes nothing.
func TestSocketHearsStrangeThings(t *testing.T) {
	w := newWorkspace(t)
	o := newOffice(reputation.Opened)
	w.connect(o)
	conn := <-w.sockets
	for _, strange := range []string{
		`{}`, `[]`, `"x"`, `null`, `{"type":"interactive","envelope_id":"a","payload":"x"}`, `{"type":"slash_commands","envelope_id":"b","payload":[]}`,
		`{"type":"unheard_of","envelope_id":"c"}`, `not JSON`, strings.Repeat("[", 10000),
	} {
		if err := conn.WriteMessage(websocket.TextMessage, []byte(strange)); err != nil {
			t.Fatal(err)
		}
	}
	for i, payload := range []object{
		{"type": "block_actions"},
		{"type": "view_submission"},
		{"type": "block_actions", "actions": []any{}, "user": object{"id": "U0PRLEAD1"}},
		{"type": "block_actions", "actions": []any{object{}, object{}}, "user": object{"id": "U0PRLEAD1"}},
		pressing("launch", "17"), pressing(pressMuteWeek, "<!here>"),
	} {
		id := fmt.Sprint("strange", i)
		send(t, conn, w.envelope(id, "interactive", payload))
		confirmed(t, conn, id)
	}
	elsewhere := w.envelope("elsewhere", "interactive", pressing(pressMore, "17"))
	elsewhere["payload"].(object)["response_url"] = "https://evil.example/answer"
	send(t, conn, elsewhere)
	confirmed(t, conn, "elsewhere")
	send(t, conn, w.envelope("typed", "slash_commands", object{"command": "/reputed", "text": "status", "user_id": "U0PRLEAD1"}))
	confirmed(t, conn, "typed")
	for got := range w.answers {
		if got == "How 青柠手机 stands" {
			break
		}
		if !strings.Contains(got, "not known here") {
			t.Error(got)
		}
	}
	if len(o.silences) != 0 || o.alert.AcknowledgedBy != "" {
		t.Error("something was changed")
	}
}

// A connection that is lost, or that Slack asks to renew, is made again.
func TestSocketConnectsAgain(t *testing.T) {
	w := newWorkspace(t)
	o := newOffice(reputation.Opened)
	s, _, stop := w.connect(o)
	conn := <-w.sockets
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
	conn = <-w.sockets
	send(t, conn, object{"type": "disconnect", "reason": "refresh_requested"})
	conn = <-w.sockets
	send(t, conn, w.envelope("e", "interactive", pressing(pressRating, "811:neutral")))
	confirmed(t, conn, "e")
	if got := <-w.answers; !strings.Contains(got, "counts as neutral") {
		t.Error(got)
	}
	if err := s.Health(); err != nil {
		t.Error(err)
	}
	stop()
}

// A token that is refused is named once, and the socket stops in time all the same.
func TestSocketWithARevokedToken(t *testing.T) {
	w := newWorkspace(t)
	w.refusal = "token_revoked"
	s, log, stop := w.connect(newOffice(reputation.Opened))
	if err := s.Check(t.Context()); kind(err) != "permanent" || !strings.Contains(err.Error(), "slack.app_token_file") {
		t.Error(err)
	}
	line := <-log.lines
	if !strings.Contains(line, "level=ERROR") || !strings.Contains(line, "slack.app_token_file") || strings.Contains(line, "SECRET") {
		t.Error(line)
	}
	if err := s.Health(); err == nil || !strings.Contains(err.Error(), "token_revoked") {
		t.Errorf("health: %v", err)
	}
	stop()
	if len(log.lines) > 0 {
		t.Errorf("said again: %s", <-log.lines)
	}
}

func TestSocketRefusals(t *testing.T) {
	for refusal, advice := range map[string]string{
		"invalid_auth": "xapp-", "missing_scope": "connections:write", "not_allowed_token_type": "app-level", "socket_mode_disabled": "switch Socket Mode on",
	} {
		w := newWorkspace(t)
		w.refusal = refusal
		bot := NewSlackBot(testToken, "#pr-alerts", w.GetAPIURL(), http.DefaultClient, Wording{})
		s := NewSlackSocket("xapp-1-SECRET", w.GetAPIURL(), http.DefaultClient, bot, nil, time.Now, slog.New(slog.DiscardHandler))
		err := s.Check(t.Context())
		if err == nil || !strings.Contains(err.Error(), advice) || !strings.Contains(err.Error(), refusal) {
			t.Errorf("%s: %v", refusal, err)
		}
	}
}
