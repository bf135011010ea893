package alerting

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"reputed/internal/reputation"
)

const (
	testRobot  = "/robot/v2/hook/SECREThook-0123?access_token=SECRETaccess&key=SECRETkey-4567"
	testSecret = "SECRETsign-that-is-long-enough"
)

// robotAccount is a chat service or program that accepts everything, and keeps what it
// was sent.
type robotAccount struct{ sent bytes.Buffer }

func (r *robotAccount) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(&r.sent, "%s %s\n", req.Method, req.URL.RequestURI())
	for _, name := range []string{"Content-Type", "Webhook-Id", "Webhook-Timestamp", "Webhook-Signature"} {
		if value := req.Header.Get(name); value != "" {
			fmt.Fprintf(&r.sent, "%s: %s\n", name, value)
		}
	}
	fmt.Fprintf(&r.sent, "%s\n", readable(string(body)))
	return jsonResponse(req, map[string]any{"code": 0, "msg": "success", "errcode": 0, "errmsg": "ok"})
}

// robots are the receivers that take JSON, by the kind that the configuration names.
func robots(t *testing.T, address string, client *http.Client, wording Wording) map[string]Notifier {
	t.Helper()
	hook, err := NewWebhook("tickets", address+testRobot, testSecret, client, wording)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]Notifier{
		"feishu":   NewFeishu("pr-feishu", address+testRobot, testSecret, client, wording),
		"dingtalk": NewDingTalk("pr-dingtalk", address+testRobot, testSecret, client, wording),
		"wecom":    NewWeCom("pr-wecom", address+testRobot, client, wording),
		"hook":     hook,
	}
}

func testMail(port int, wording Wording) *Mail {
	return NewMail("pr-mail", MailServer{
		Host: "127.0.0.1", Port: port, TLS: NoTLS, From: "舆情监测 <reputed@brand.example>", To: []string{"pr@brand.example", "Boss <boss@brand.example>"},
	}, wording)
}

// samples are a message of each kind and event.
func samples() map[string]reputation.Message {
	all := map[string]reputation.Message{"sources": troubles(3, reputation.Opened), "sources-over": troubles(2, reputation.Ended)}
	for _, event := range events {
		all[string(event)] = sample(event)
	}
	all["outage"] = held(reputation.Outage, 26)
	return all
}

func TestReceiversGolden(t *testing.T) {
	for _, lang := range []string{"zh", "en"} {
		wording := Wording{Lang: lang, Zone: shanghai, Config: "/etc/reputed/config.yaml", Web: "https://reputed.example"}
		for event, m := range samples() {
			account := new(robotAccount)
			for name, receiver := range robots(t, "http://receiver.test", &http.Client{Transport: account}, wording) {
				account.sent.Reset()
				synctest.Test(t, func(t *testing.T) {
					if th, err := receiver.Notify(t.Context(), m); err != nil || th != (reputation.Thread{}) {
						t.Fatal(th, err)
					}
				})
				golden(t, fmt.Sprintf("%s.%s.%s.golden", event, lang, name), account.sent.Bytes())
			}
			golden(t, fmt.Sprintf("%s.%s.mail.golden", event, lang), mailed(t, m, wording))
		}
	}
}

// mailed is the mail about a message, with what is encoded for the way decoded.
func mailed(t *testing.T, m reputation.Message, wording Wording) []byte {
	t.Helper()
	if m.Alert.Thread.TS != "" {
		m.Alert.Thread = reputation.Thread{TS: "<reputed-17-41.1795327800@brand.example>"}
	}
	letter, err := testMail(25, wording).compose(m, m.At)
	if err != nil {
		t.Fatal(err)
	}
	var sent bytes.Buffer
	if _, err := letter.WriteTo(&sent); err != nil {
		t.Fatal(err)
	}
	read, err := mail.ReadMessage(&sent)
	if err != nil {
		t.Fatal(err)
	}
	var shown bytes.Buffer
	for _, name := range slices.Sorted(maps.Keys(read.Header)) {
		value, err := new(mime.WordDecoder).DecodeHeader(read.Header.Get(name))
		if err != nil {
			t.Fatal(err)
		}
		if name == "Content-Type" {
			value, _, _ = strings.Cut(value, ";")
		}
		fmt.Fprintf(&shown, "%s: %s\n", name, value)
	}
	_, parameters, err := mime.ParseMediaType(read.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	parts := multipart.NewReader(read.Body, parameters["boundary"])
	for {
		part, err := parts.NextPart()
		if err == io.EOF {
			return shown.Bytes()
		}
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(part) // quoted-printable is undone by the reader
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&shown, "\n%s\n\n%s", part.Header.Get("Content-Type"), bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")))
	}
}

// The vectors were worked out by another program after the services' documents; the
// last is that of the Standard Webhooks specification.
func TestSignatures(t *testing.T) {
	at := time.Unix(1599360473, 0)
	if timestamp, sign := feishuSign("SECRETsign", at); timestamp != "1599360473" || sign != "J7Iz1PaxeM4yLlI+cfpdT0mPLPsQjZHWj2Ibs9xXHsI=" {
		t.Errorf("Feishu: %s %s", timestamp, sign)
	}
	signed, err := NewDingTalk("", "https://oapi.dingtalk.com/robot/send?access_token=a", "SECRETsign", http.DefaultClient, Wording{}).signed(at)
	if want := "https://oapi.dingtalk.com/robot/send?access_token=a&sign=ir92hG6qxR4omVaapet4OCyWywH4hoa6l8e9HOFsI2g%3D&timestamp=1599360473000"; err != nil || signed != want {
		t.Errorf("DingTalk: %s, %v", signed, err)
	}
	hook, err := NewWebhook("", "", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", http.DefaultClient, Wording{})
	if err != nil {
		t.Fatal(err)
	}
	timestamp, sign := hook.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", time.Unix(1614265330, 0), []byte(`{"test": 2432232314}`))
	if timestamp != "1614265330" || sign != "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=" {
		t.Errorf("webhook: %s %s", timestamp, sign)
	}
}

func TestReceiverAnswers(t *testing.T) {
	tests := []struct {
		kind, answer, want string
		mentions           []string
	}{
		{"feishu", `200 {"code":0,"msg":"success","data":{}}`, "delivered", nil},
		{"feishu", `200 {"code":19001,"msg":"param invalid: incoming webhook access token invalid"}`, "permanent", []string{"pr-feishu", "19001", "url_file"}},
		{"feishu", `200 {"code":19021,"msg":"sign match fail or timestamp is not within one hour from current time"}`, "permanent", []string{"secret_file", "clock"}},
		{"feishu", `200 {"code":19022,"msg":"Ip Not Allowed"}`, "permanent", []string{"address"}},
		{"feishu", `200 {"code":19024,"msg":"Key Words Not Found"}`, "permanent", []string{"keyword"}},
		{"feishu", `200 {"code":9499,"msg":"Bad Request"}`, "permanent", []string{"open.feishu.cn"}},
		{"feishu", `200 {"code":11232,"msg":"frequency limited"}`, "after 1m0s", nil},
		{"feishu", `400 {"code":11232,"msg":"frequency limited"}`, "after 1m0s", nil},
		{"feishu", `200 {"code":55555,"msg":"internal error"}`, "temporary", []string{"55555"}},

		{"dingtalk", `200 {"errcode":0,"errmsg":"ok"}`, "delivered", nil},
		{"dingtalk", `200 {"errcode":310000,"errmsg":"sign not match"}`, "permanent", []string{"pr-dingtalk", "310000", "secret_file", "加签"}},
		{"dingtalk", `200 {"errcode":300001,"errmsg":"token is not exist"}`, "permanent", []string{"url_file"}},
		{"dingtalk", `200 {"errcode":400102,"errmsg":"robot stopped"}`, "permanent", []string{"switched off"}},
		{"dingtalk", `200 {"errcode":410100,"errmsg":"send too fast"}`, "after 10m0s", nil},
		{"dingtalk", `200 {"errcode":130101,"errmsg":"send too fast, exceed 20 times per minute"}`, "after 10m0s", nil},
		{"dingtalk", `200 {"errcode":-1,"errmsg":"系统繁忙"}`, "temporary", []string{"系统繁忙"}},

		{"wecom", `200 {"errcode":0,"errmsg":"ok"}`, "delivered", nil},
		{"wecom", `200 {"errcode":93000,"errmsg":"invalid webhook url, hint: [1], from ip: 1.2.3.4"}`, "permanent", []string{"pr-wecom", "93000", "url_file"}},
		{"wecom", `200 {"errcode":45009,"errmsg":"api freq out of limit"}`, "after 1m0s", nil},
		{"wecom", `200 {"errcode":40058,"errmsg":"markdown.content exceed max length 4096"}`, "permanent", []string{"developer.work.weixin.qq.com"}},
		{"wecom", `200 {"errcode":-1,"errmsg":"system error"}`, "temporary", nil},

		{"hook", `204 `, "delivered", nil},
		{"hook", `200 whatever`, "delivered", nil},
		{"hook", `401 bad signature`, "permanent", []string{"tickets", "401", "secret_file"}},
		{"hook", `410 `, "permanent", []string{"url_file"}},

		{"*", `200 <html>log in</html>`, "temporary", []string{"login page"}},
		{"*", `200 ["hello"]`, "temporary", []string{"login page"}},
		{"*", `404 not here`, "permanent", []string{"404", "url_file"}},
		{"*", `429:30 slow down`, "after 30s", nil},
		{"*", `503 `, "temporary", []string{"503"}},
		{"*", `500 oops`, "temporary", []string{"500"}},
		{"*", `307 `, "temporary", []string{"307"}},
		{"*", `408 `, "temporary", nil},
		{"*", `hang`, "temporary", []string{"no answer in time"}},
		{"*", `200 {"code":19001,"errcode":93000,"msg":"` + testRobot + `","errmsg":"` + testRobot + `"}`, "any", []string{"<secret>"}},
	}
	for _, tt := range tests {
		t.Run(tt.kind+" "+tt.answer, func(t *testing.T) {
			address, client := slackServer(t, answers{"*": tt.answer, "stolen": `200 {"code":0,"errcode":0}`})
			for name, receiver := range robots(t, address, client, Wording{Lang: "zh"}) {
				if tt.kind != name && tt.kind != "*" || tt.kind == "*" && name == "hook" && strings.HasPrefix(tt.answer, "200") {
					continue
				}
				_, err := receiver.Notify(t.Context(), sample(reputation.Opened))
				want := tt.want
				if want == "any" {
					want = kind(err)
				}
				checkError(t, err, want, tt.mentions)
			}
		})
	}
}

func TestRetryAfterDates(t *testing.T) {
	now := time.Date(2026, 11, 22, 6, 10, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"120": 2 * time.Minute, "Sun, 22 Nov 2026 06:12:30 GMT": 150 * time.Second, "Sun, 22 Nov 2026 06:00:00 GMT": 0,
		"999999999999": time.Hour, "-5": -1, "soon": -1, "": -1,
	} {
		got, ok := retryAfter(http.Header{"Retry-After": {text}}, now)
		if !ok {
			got = -1
		}
		if got != want {
			t.Errorf("Retry-After %q: %v, want %v", text, got, want)
		}
	}
}

func TestReceiverChecks(t *testing.T) {
	tests := []struct{ kind, answer, want string }{
		{"feishu", `200 {"code":19002,"msg":"params error, msg_type need"}`, "delivered"},
		{"feishu", `400 {"code":9499,"msg":"Bad Request"}`, "delivered"},
		{"feishu", `200 {"code":19001,"msg":"param invalid"}`, "permanent"},
		{"feishu", `200 {"code":19021,"msg":"sign match fail"}`, "permanent"},
		{"dingtalk", `200 {"errcode":40035,"errmsg":"缺少参数 json"}`, "delivered"},
		{"dingtalk", `200 {"errcode":300001,"errmsg":"token is not exist"}`, "permanent"},
		{"wecom", `200 {"errcode":44004,"errmsg":"empty content"}`, "delivered"},
		{"wecom", `200 {"errcode":93000,"errmsg":"invalid webhook url"}`, "permanent"},
		{"hook", `204 `, "delivered"},
		{"hook", `401 `, "permanent"},
		{"hook", `502 `, "temporary"},
	}
	for _, tt := range tests {
		t.Run(tt.kind+" "+tt.answer, func(t *testing.T) {
			address, client := slackServer(t, answers{"*": tt.answer})
			receiver := robots(t, address, client, Wording{})[tt.kind].(interface {
				Check(ctx context.Context) error
			})
			checkError(t, receiver.Check(t.Context()), tt.want, nil)
		})
	}
}

// A check of a webhook is signed like a message, and tells that it is none.
func TestWebhookCheckDocument(t *testing.T) {
	account := new(robotAccount)
	hook, err := NewWebhook("tickets", "http://receiver.test/in", testSecret, &http.Client{Transport: account}, Wording{})
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		if err := hook.Check(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
	for _, want := range []string{`"type": "check"`, "Webhook-Id: reputed-check-946684800", "Webhook-Signature: v1,"} {
		if !strings.Contains(account.sent.String(), want) {
			t.Errorf("no %s in %s", want, account.sent.String())
		}
	}
}

// Every key that a webhook is sent stands in its description.
func TestWebhookDocumented(t *testing.T) {
	description, err := os.ReadFile("../docs/delivery.md")
	if err != nil {
		t.Fatal(err)
	}
	var check func(value any)
	check = func(value any) {
		switch value := value.(type) {
		case map[string]any:
			for key, inner := range value {
				if !bytes.Contains(description, []byte("`"+key+"`")) {
					t.Errorf("docs/delivery.md does not describe %q", key)
				}
				check(inner)
			}
		case []any:
			for _, inner := range value {
				check(inner)
			}
		}
	}
	for _, m := range samples() {
		var d any
		text, err := document(Wording{}.hookDocument(m))
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, &d); err != nil {
			t.Fatal(err)
		}
		check(d)
	}
}

func TestWebhookSecrets(t *testing.T) {
	for secret, ok := range map[string]bool{
		"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw": true, testSecret: true, "whsec_SECRET!": false, "SECRETshort": false, "": false,
	} {
		_, err := NewWebhook("tickets", "https://a.example", secret, http.DefaultClient, Wording{})
		if (err == nil) != ok || err != nil && strings.Contains(err.Error(), "SECRET") {
			t.Errorf("secret %q: %v", secret, err)
		}
	}
}

func TestReceiversKeepToTheirLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := &http.Client{Transport: new(robotAccount)}
		receivers := robots(t, "http://receiver.test", client, Wording{})
		for name, least := range map[string]time.Duration{"feishu": 59 * time.Second, "dingtalk": 5 * time.Minute, "wecom": 5 * time.Minute} {
			start := time.Now()
			for range 101 {
				if _, err := receivers[name].Notify(t.Context(), sample(reputation.Opened)); err != nil {
					t.Fatal(err)
				}
			}
			if took := time.Since(start); took < least {
				t.Errorf("%s: 101 messages in %v, want at least %v", name, took, least)
			}
		}
	})
}

// markup is a text that would call everybody, link elsewhere and format, if it were
// taken for markup.
const markup = "<at id=all></at> <@all> @all <!channel> [官方公告](https://evil.example) ![](https://evil.example/x.png) https://evil.example **粗** `码` __下__ # 标题 <script>alert(1)</script> <font color=\"warning\">红</font> &lt;at id=all&gt; \\ [微笑]"

// hostileMessage has a hostile text wherever a text comes from outside.
func hostileMessage(repeat int) reputation.Message {
	m := sample(reputation.Opened)
	text := strings.Repeat(markup, repeat)
	m.Alert.Brand = text
	for i := range m.Quotes {
		m.Quotes[i].Text, m.Quotes[i].Source, m.Quotes[i].Words = text, text, []string{text, text}
		m.Quotes[i].URL = "https://a.example/x](https://evil.example)?<at id=all></at>|" + strings.Repeat("x", 500)
	}
	m.Sources = []reputation.Count{{Name: text, N: 1}, {Name: text + "2", N: 2}}
	return m
}

// Markup that stands in scraped texts, for each receiver that knows markup.
var live = map[string][]string{
	"feishu":   {"<at", "<font", "<script", "](https://evil", "![", "@all", "`码", "__下"},
	"dingtalk": {"<at", "<@", "<font", "<script", "](https://evil", "![", "@all", "https://evil.example ", "`码", "__下", "[微笑]", "&lt;"},
	"wecom":    {"<at", "<@", "<font", "<script", "](https://evil", "![", "@all", "https://evil.example ", "`码", "__下", "&lt;"},
}

func TestHostileTextsAreInert(t *testing.T) {
	messages := []reputation.Message{hostileMessage(1), hostileMessage(40), troubles(14, reputation.Opened)}
	for i := range messages[2].Troubles {
		messages[2].Troubles[i].Cause = strings.Repeat(markup, 10)
		messages[2].Troubles[i].Source = fmt.Sprint(i, markup)
	}
	for i := range messages {
		messages[i].Target.Mentions = nil // those call people on purpose
	}
	limits := map[string]int{"feishu": 20 << 10, "dingtalk": 20_000, "wecom": weComBytes}
	for _, m := range messages {
		for name, marks := range live {
			synctest.Test(t, func(t *testing.T) {
				var body []byte
				client := &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
					var err error
					body, err = io.ReadAll(r.Body)
					if err != nil {
						return nil, err
					}
					return jsonResponse(r, map[string]int{"code": 0, "errcode": 0})
				})}
				if _, err := robots(t, "http://receiver.test", client, Wording{Lang: "zh"})[name].Notify(t.Context(), m); err != nil {
					t.Fatal(err)
				}
				text := string(body)
				if name == "feishu" {
					text = larkMarkup(t, body)
				}
				for _, mark := range marks {
					if strings.Contains(text, mark) {
						t.Errorf("%s: %q is live in %s", name, mark, text)
					}
				}
				size := len(body)
				if name == "wecom" {
					var sent weComMessage
					if err := json.Unmarshal(body, &sent); err != nil {
						t.Fatal(err)
					}
					size = len(sent.Markdown.Content)
				}
				if size > limits[name] || !utf8.Valid(body) {
					t.Errorf("%s: %d bytes, at most %d are allowed", name, size, limits[name])
				}
			})
		}
		page := string(mailed(t, m, Wording{Lang: "zh"}))
		_, page, _ = strings.Cut(page, "<!DOCTYPE html>")
		for _, mark := range []string{"<script", "<at", "<font", "<!channel"} {
			if strings.Contains(page, mark) {
				t.Errorf("mail: %q is live in %s", mark, page)
			}
		}
	}
}

// larkMarkup is what of a card is read as markup; plain texts are not.
func larkMarkup(t *testing.T, body []byte) string {
	t.Helper()
	var m feishuMessage
	if err := json.Unmarshal(body, &m); err != nil {
		t.Fatal(err)
	}
	var texts []string
	add := func(text feishuText) {
		if text.Tag == "lark_md" {
			texts = append(texts, text.Content)
		}
	}
	for _, e := range m.Card.Elements {
		if e.Text != nil {
			add(*e.Text)
		}
		for _, f := range e.Fields {
			add(f.Text)
		}
		for _, text := range e.Elements {
			add(text)
		}
	}
	return strings.Join(texts, "\n")
}

// roundTrip is a transport made of a function.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// Whom a route names is called, by the service's own ids; what is no id calls nobody.
func TestReceiversCall(t *testing.T) {
	m := sample(reputation.Opened)
	m.Target.Mentions = []string{"ou_84aad", "13800138000", "<at id=all></at>", ""}
	for name, want := range map[string]string{
		"feishu":   `"<at id=ou_84aad></at> <at id=13800138000></at>"`,
		"dingtalk": `"at":{"atMobiles":["ou_84aad","13800138000"],"atUserIds":["ou_84aad","13800138000"],"isAtAll":false}`,
		"wecom":    `\n\n<@ou_84aad> <@13800138000>"`,
	} {
		var sent string
		client := &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			body, err := io.ReadAll(r.Body)
			sent = string(body)
			if err != nil {
				return nil, err
			}
			return jsonResponse(r, map[string]int{"code": 0, "errcode": 0})
		})}
		if _, err := robots(t, "http://receiver.test", client, Wording{Lang: "zh"})[name].Notify(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(sent, want) {
			t.Errorf("%s: no %s in %s", name, want, sent)
		}
	}
}

// What does not fit goes by its weight: the trend first, then quotations from the
// last; figures stay, and the reader is told.
func TestLongMessagesAreShortened(t *testing.T) {
	n := Wording{Lang: "en"}.notice(sample(reputation.Opened))
	whole := n.markdown(dialect{"\n", "\n\n", 1 << 20}, "key", "(shortened)")
	for limit := len(whole); limit > 1000; limit -= 97 {
		text := n.markdown(dialect{"\n", "\n\n", limit}, "key", "(shortened)")
		if len(text) > limit || !strings.Contains(text, "How unusual") || !strings.Contains(text, "Alert #17") {
			t.Fatalf("limit %d: %d bytes\n%s", limit, len(text), text)
		}
		if strings.Contains(text, "Advice") && strings.Contains(text, "last 36 hours") && text != whole {
			t.Fatalf("limit %d: the trend went after the rest\n%s", limit, text)
		}
		if short := strings.Contains(text, "(shortened)"); short != (text != whole) {
			t.Fatalf("limit %d: shortened, told %v", limit, short)
		}
	}
}

func TestWebhookVerification(t *testing.T) {
	// What docs/delivery.md tells a receiver to do.
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || r.Header.Get("Webhook-Id") == "" {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		mac := hmac.New(sha256.New, []byte(testSecret))
		io.WriteString(mac, r.Header.Get("Webhook-Id")+"."+r.Header.Get("Webhook-Timestamp")+"."+string(body))
		if r.Header.Get("Webhook-Signature") != "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)) {
			w.WriteHeader(http.StatusUnauthorized)
		}
	}))
	defer server.Close()
	for secret, want := range map[string]string{testSecret: "delivered", testSecret + "!": "permanent"} {
		hook, err := NewWebhook("tickets", server.URL, secret, server.Client(), Wording{})
		if err != nil {
			t.Fatal(err)
		}
		_, err = hook.Notify(t.Context(), sample(reputation.Opened))
		checkError(t, err, want, nil)
	}
}

func FuzzInert(f *testing.F) {
	f.Add(markup)
	f.Fuzz(func(t *testing.T, text string) {
		if got := inert(text); strings.ContainsAny(got, "<>[]*`\\@&") || strings.Contains(got, "://") {
			t.Errorf("%q becomes %q", text, got)
		}
		if got := larkEscaped(text); strings.ContainsAny(got, "<>[]*`\\@_~") || strings.Contains(got, "://") {
			t.Errorf("%q becomes %q in lark_md", text, got)
		}
		if link := linkable(webURL(text)); strings.ContainsAny(link, "()[]<> ") {
			t.Errorf("%q becomes the link %q", text, link)
		} else if _, err := url.Parse(link); err != nil {
			t.Errorf("%q becomes the link %q: %v", text, link, err)
		}
	})
}
