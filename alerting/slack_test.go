package alerting

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cenkalti/backoff/v5"

	"reputed/internal/reputation"
)

const (
	testToken   = "xoxb-2048-SECRETtoken"
	testWebhook = "/services/T0001/B0001/SECREThook"
)

// answers is a Slack that gives a fixed answer for each method, "*" for any.
type answers map[string]string

func (a answers) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	method := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
	answer, ok := a[method]
	if !ok {
		answer = cmp.Or(a["*"], `200 {"ok":false,"error":"unknown_method"}`)
	}
	status, body, _ := strings.Cut(answer, " ")
	switch {
	case status == "hang":
		// Only after the request was read does the server see the client go.
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
		return
	case strings.HasPrefix(status, "429:"):
		w.Header().Set("Retry-After", strings.TrimPrefix(status, "429:"))
		status = "429"
	case status == "307":
		w.Header().Set("Location", "/stolen")
	}
	var code int
	if _, err := fmt.Sscan(status, &code); err != nil {
		panic(err)
	}
	w.WriteHeader(code)
	// A client that has gone is its own business.
	_, _ = w.Write([]byte(body))
}

// slackServer serves answers and returns a client that waits for them not long.
func slackServer(t *testing.T, a answers) (address string, client *http.Client) {
	t.Helper()
	server := httptest.NewServer(a)
	t.Cleanup(server.Close)
	client = server.Client()
	client.Timeout = 10 * time.Second
	if a["*"] == "hang" {
		client.Timeout = 20 * time.Millisecond
	}
	return server.URL, client
}

// kind tells what an Alerter would do about an error.
func kind(err error) string {
	var permanent *backoff.PermanentError
	var asked *backoff.RetryAfterError
	switch {
	case err == nil:
		return "delivered"
	case errors.As(err, &permanent):
		return "permanent"
	case errors.As(err, &asked):
		return "after " + asked.Duration.String()
	}
	return "temporary"
}

func checkError(t *testing.T, err error, want string, mentions []string) {
	t.Helper()
	if got := kind(err); got != want {
		t.Errorf("%s, want %s: %v", got, want, err)
	}
	for text := fmt.Sprint(err); ; err = errors.Unwrap(err) {
		for _, secret := range []string{"SECRET", testToken, testWebhook} {
			if strings.Contains(fmt.Sprintf("%v %+v %#v", err, err, err), secret) {
				t.Errorf("the error holds a secret: %#v", err)
			}
		}
		for _, m := range mentions {
			if !strings.Contains(text, m) {
				t.Errorf("error %q does not mention %q", text, m)
			}
		}
		mentions = nil
		if err == nil {
			return
		}
	}
}

func TestSlackBotAnswers(t *testing.T) {
	tests := []struct {
		name, answer, want string
		mentions           []string
	}{
		{"accepted", `200 {"ok":true,"channel":"C1","ts":"1.5"}`, "delivered", nil},
		{"bad token", `200 {"ok":false,"error":"invalid_auth"}`, "permanent", []string{"#pr-alerts", "invalid_auth", "slack.token_file"}},
		{"revoked token", `200 {"ok":false,"error":"token_revoked"}`, "permanent", []string{"slack.token_file"}},
		{"no such channel", `200 {"ok":false,"error":"channel_not_found"}`, "permanent", []string{"slack.channel"}},
		{"bot not invited", `200 {"ok":false,"error":"not_in_channel"}`, "permanent", []string{"/invite"}},
		{"archived", `200 {"ok":false,"error":"is_archived"}`, "permanent", []string{"slack.channel"}},
		{"scope", `200 {"ok":false,"error":"missing_scope","needed":"chat:write"}`, "permanent", []string{"chat:write"}},
		{"unknown code", `200 {"ok":false,"error":"brand_new_error"}`, "permanent", []string{"brand_new_error", "docs.slack.dev"}},
		{"echoed token", `200 {"ok":false,"error":"bad ` + testToken + `"}`, "permanent", []string{"<secret>"}},
		{"Slack in trouble", `200 {"ok":false,"error":"internal_error"}`, "temporary", []string{"internal_error"}},
		{"not ok without a reason", `200 {"ok":false}`, "temporary", []string{"not Slack's"}},
		{"too many", `429:30 {"ok":false,"error":"ratelimited"}`, "after 30s", []string{"#pr-alerts"}},
		{"too many for an unknown time", `429:soon `, "temporary", nil},
		{"server error", `500 <html>oops</html>`, "temporary", []string{"500"}},
		{"wrong address", `404 nothing here`, "permanent", []string{"404", "slack.api_url"}},
		{"redirect", `307 `, "temporary", []string{"307"}},
		{"login page", `200 <html>log in</html>`, "temporary", []string{"not Slack's"}},
		{"other JSON", `200 ["hello"]`, "temporary", []string{"not Slack's"}},
		{"half an answer", `200 {"ok":true,"ts`, "temporary", nil},
		{"no answer", `hang`, "temporary", []string{"no answer in time"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			address, client := slackServer(t, answers{"*": tt.answer, "stolen": `200 {"ok":true,"channel":"C1","ts":"1.5"}`})
			bot := NewSlackBot(testToken, "#pr-alerts", address, client, Wording{Lang: "zh"})
			th, err := bot.Notify(t.Context(), sample(reputation.Opened))
			checkError(t, err, tt.want, tt.mentions)
			if delivered := th == (reputation.Thread{Channel: "C1", TS: "1.5"}); delivered != (err == nil) {
				t.Errorf("thread %+v with error %v", th, err)
			}
		})
	}
}

func TestSlackWebhookAnswers(t *testing.T) {
	tests := []struct {
		name, answer, want string
		mentions           []string
	}{
		{"accepted", `200 ok`, "delivered", nil},
		{"unknown webhook", `404 no_service`, "permanent", []string{"404", "no_service", "slack.webhook_file"}},
		{"archived channel", `410 channel_is_archived`, "permanent", []string{"channel_is_archived"}},
		{"forbidden", `403 action_prohibited`, "permanent", []string{"action_prohibited"}},
		{"bad request", `400 invalid_payload`, "permanent", []string{"invalid_payload", "docs.slack.dev"}},
		{"echoed address", `404 no ` + testWebhook, "permanent", []string{"<secret>"}},
		{"too many", `429:7 slow down`, "after 7s", nil},
		{"server error", `503 `, "temporary", []string{"503"}},
		{"redirect", `307 `, "temporary", []string{"307"}},
		{"login page", `200 <html>log in</html>`, "temporary", []string{"not Slack's"}},
		{"endless page", `200 ` + strings.Repeat("ok", 1<<20), "temporary", []string{"not Slack's"}},
		{"no answer", `hang`, "temporary", []string{"no answer in time"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			address, client := slackServer(t, answers{"*": tt.answer, "stolen": "200 ok"})
			webhook := NewSlackWebhook(address+testWebhook, client, Wording{Lang: "zh"})
			th, err := webhook.Notify(t.Context(), sample(reputation.Opened))
			checkError(t, err, tt.want, tt.mentions)
			if th != (reputation.Thread{}) {
				t.Errorf("thread %+v", th)
			}
		})
	}
}

func TestSlackAddressesThatCannotWork(t *testing.T) {
	_, client := slackServer(t, nil)
	tests := []struct{ address, want string }{
		{"", "temporary"},
		{"SECRET", "temporary"},
		{"ftp://hooks.test/SECRET", "temporary"},
		{"http://127.0.0.1:1/SECRET", "temporary"},
		{"https://hooks.slack.com:SECRET/x", "permanent"},
		{"https://%zzSECRET/services/SECRET", "permanent"},
	}
	for _, tt := range tests {
		_, err := NewSlackWebhook(tt.address, client, Wording{}).Notify(t.Context(), sample(reputation.Opened))
		checkError(t, err, tt.want, []string{"post to the Slack webhook"})
	}
}

func TestSlackBotUpdatesWhenTheFirstMessageCannotChange(t *testing.T) {
	ok := `200 {"ok":true,"channel":"C9","ts":"9.9"}`
	refuse := func(code string) string { return fmt.Sprintf(`200 {"ok":false,"error":%q}`, code) }
	thread := reputation.Thread{Channel: "C024BE91L", TS: "1763791800.000100"}
	afresh := reputation.Thread{Channel: "C9", TS: "9.9"}
	tests := []struct {
		name, update, post, want string
		thread                   reputation.Thread
	}{
		{"changed", ok, ok, "delivered", thread},
		{"the workspace forbids changes", refuse("cant_update_message"), ok, "delivered", thread},
		{"deleted", refuse("message_not_found"), ok, "delivered", afresh},
		{"alerts go to another channel now", refuse("channel_not_found"), ok, "delivered", afresh},
		{"Slack in trouble", "502 ", ok, "temporary", reputation.Thread{}},
		{"token revoked", refuse("token_revoked"), ok, "permanent", reputation.Thread{}},
		{"the reply fails", ok, "500 ", "temporary", reputation.Thread{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			address, client := slackServer(t, answers{"chat.update": tt.update, "chat.postMessage": tt.post})
			th, err := NewSlackBot(testToken, "#pr-alerts", address, client, Wording{}).Notify(t.Context(), sample(reputation.Escalated))
			checkError(t, err, tt.want, nil)
			if th != tt.thread {
				t.Errorf("thread %+v, want %+v", th, tt.thread)
			}
		})
	}
}

// refusesLayout is a Slack to which no block is good enough.
type refusesLayout struct{ recorder }

func (s *refusesLayout) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := s.recorder.RoundTrip(r)
	if err == nil && strings.Contains(s.sent.String(), "header") {
		s.sent.Reset()
		resp.Body = http.NoBody
		return jsonResponse(r, map[string]any{"ok": false, "error": "invalid_blocks"})
	}
	return resp, err
}

func jsonResponse(r *http.Request, answer any) (*http.Response, error) {
	w := httptest.NewRecorder()
	if err := json.NewEncoder(w).Encode(answer); err != nil {
		return nil, err
	}
	resp := w.Result()
	resp.Request = r
	return resp, nil
}

func TestSlackBotSendsTheTitleWhenTheLayoutIsRefused(t *testing.T) {
	synctest.Test(t, testTitleWhenTheLayoutIsRefused)
}

func testTitleWhenTheLayoutIsRefused(t *testing.T) {
	s := new(refusesLayout)
	bot := NewSlackBot(testToken, "#pr-alerts", "http://slack.test", &http.Client{Transport: s}, Wording{Lang: "zh"})
	if _, err := bot.Notify(t.Context(), sample(reputation.Opened)); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(s.sent.String(), "text: 🟠 预警｜青柠手机") {
		t.Errorf("sent %s", s.sent.String())
	}
}

func TestSlackOneMessageASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := &http.Client{Transport: new(recorder)}
		for _, n := range []Notifier{
			NewSlackBot(testToken, "#pr-alerts", "http://slack.test", client, Wording{}),
			NewSlackWebhook("http://slack.test"+testWebhook, client, Wording{}),
		} {
			start := time.Now()
			for range 5 {
				if _, err := n.Notify(t.Context(), sample(reputation.Opened)); err != nil {
					t.Fatal(err)
				}
			}
			if took := time.Since(start); took != 4*time.Second {
				t.Errorf("%T: five messages took %v, want 4s", n, took)
			}
		}
	})
}

func TestSlackCheck(t *testing.T) {
	tests := []struct {
		name, answer, bot, webhook string
	}{
		{"bot accepted", `200 {"ok":true}`, "delivered", "temporary"},
		{"bot refused", `200 {"ok":false,"error":"invalid_auth"}`, "permanent", "temporary"},
		{"webhook lives", `400 no_text`, "permanent", "delivered"},
		{"webhook gone", `404 no_service`, "permanent", "permanent"},
		{"both down", `503 `, "temporary", "temporary"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			address, client := slackServer(t, answers{"*": tt.answer})
			checkError(t, NewSlackBot(testToken, "#pr-alerts", address, client, Wording{}).Check(t.Context()), tt.bot, nil)
			checkError(t, NewSlackWebhook(address+testWebhook, client, Wording{}).Check(t.Context()), tt.webhook, nil)
		})
	}
}

// unsteady is a Slack that loses the answer to the first message.
type unsteady struct {
	recorder
	posts, pictures int
}

func (u *unsteady) RoundTrip(r *http.Request) (*http.Response, error) {
	switch {
	case strings.HasSuffix(r.URL.Path, "files.getUploadURLExternal"):
		u.pictures++
	case strings.HasSuffix(r.URL.Path, "chat.postMessage"):
		if u.posts++; u.posts == 1 {
			return nil, errors.New("connection reset by peer")
		}
	}
	return u.recorder.RoundTrip(r)
}

// A message that is tried again shows the picture that Slack holds already; the next
// message brings its own.
func TestPictureIsUploadedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := new(unsteady)
		bot := NewSlackBot("xoxb-1", "#pr-alerts", "http://slack.test/api", &http.Client{Transport: u}, Wording{Lang: "en"})
		m := fortnight(sample(reputation.Opened))
		if _, err := bot.Notify(t.Context(), m); err == nil {
			t.Fatal("the lost answer is no error")
		}
		th, err := bot.Notify(t.Context(), m)
		if err != nil || th.Picture != "F0PICTURE1" || u.pictures != 1 {
			t.Errorf("%+v, %v, %d uploads", th, err, u.pictures)
		}
		if _, err := bot.Notify(t.Context(), m); err != nil || u.pictures != 2 {
			t.Errorf("after the delivery: %v, %d uploads", err, u.pictures)
		}
	})
}

// granting is a Slack that accepts the token and names what it allows.
type granting string

func (g granting) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := jsonResponse(r, map[string]any{"ok": true, "user_id": "U1", "team_id": "T1"})
	if err == nil && g != "" {
		resp.Header.Set("X-OAuth-Scopes", string(g))
	}
	return resp, err
}

func TestCheckNamesTheScopeThatIsMissing(t *testing.T) {
	for scopes, want := range map[granting]string{
		"chat:write,files:write,commands": "", "": "", "chat:write, commands": "files:write", "commands": "chat:write", "chat:write:bot,files:write": "chat:write",
	} {
		err := NewSlackBot("xoxb-1", "#pr-alerts", "http://slack.test/api", &http.Client{Transport: scopes}, Wording{}).Check(t.Context())
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), "no scope "+want) {
			t.Errorf("with %q: %v, want %q", scopes, err, want)
		}
		if errors.Is(err, ErrNoPictures) != (want == "files:write") {
			t.Errorf("with %q: %v is told as a loss of pictures alone: %t", scopes, err, errors.Is(err, ErrNoPictures))
		}
	}
}
