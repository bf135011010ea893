package alerting

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"
	"golang.org/x/time/rate"

	"reputed/internal/reputation"
)

// longestAnswer bounds what is read of a receiver's answer, in bytes.
const longestAnswer = 64 << 10

// endpoint is an address that takes messages as JSON by POST. The address is a
// secret: whoever has it can post.
type endpoint struct {
	service string // whose it is, such as "Feishu"
	address string
	client  *http.Client
	limit   *rate.Limiter // of messages
	advice  string        // what to do when the address is refused
	coded   bool          // its answers hold an error code, whatever the HTTP status
	report  reporter
}

// newEndpoint returns an endpoint that takes a message in each interval. The name
// is the receiver's in the configuration. The secrets, and what is secret of the
// address, never stand in an error.
func newEndpoint(name, service, address string, interval time.Duration, client *http.Client, secrets ...string) endpoint {
	secrets = append(secrets, address)
	if u, err := url.Parse(address); err == nil {
		secrets = append(secrets, u.RequestURI())
		parts := []string{path.Base(u.Path)}
		for _, values := range u.Query() {
			parts = append(parts, values...)
		}
		secrets = append(secrets, slices.DeleteFunc(parts, func(part string) bool { return len(part) < shortestSecret })...)
	}
	return endpoint{
		service: service,
		address: address,
		client:  withoutRedirects(client),
		limit:   rate.NewLimiter(rate.Every(interval), 1),
		advice:  "check the address in its url_file",
		report:  reporter{action: "post to receiver " + name + " (" + service + ")", secrets: secrets},
	}
}

// newRobot returns the endpoint of a chat group's robot.
func newRobot(name, service, address string, interval time.Duration, client *http.Client, secrets ...string) endpoint {
	e := newEndpoint(name, service, address, interval, client, secrets...)
	e.coded = true
	return e
}

// shortestSecret keeps parts of an address such as /send from being taken for a
// secret, in bytes.
const shortestSecret = 8

// post sends a document and returns what the receiver said to it. Answers that
// refuse by their HTTP status are errors, as Notifier has them; those of robots
// that tell more than the status does are not.
func (e endpoint) post(ctx context.Context, address string, header http.Header, body []byte) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return nil, e.report.explain(err)
	}
	for name, values := range header {
		req.Header[name] = values
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	resp, err := e.client.Do(req)
	if err != nil {
		return nil, e.report.explain(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, longestAnswer))
	_, tells := errcode(answer)
	switch status := resp.StatusCode; {
	case e.coded && tells && err == nil:
		return answer, nil
	case status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable:
		if wait, ok := retryAfter(resp.Header, time.Now()); ok {
			return nil, e.later(wait, resp.Status)
		}
		return nil, e.refusal(resp.Status, "")
	case status < 200 || status >= 300:
		advice := ""
		// A redirect often comes from a login page in between, which goes away.
		if status >= 400 && status < 500 && status != http.StatusRequestTimeout && status != http.StatusTooEarly {
			advice = e.advice
		}
		return nil, e.refusal(resp.Status, advice)
	case err != nil:
		return nil, e.report.explain(err)
	}
	return answer, nil
}

// answer is how robots answer.
type answer struct {
	Code int
	Text string // the code with the service's own words
}

// errcode reads the answer of a robot: {"code", "msg"} of Feishu, {"errcode",
// "errmsg"} of DingTalk and WeCom. It returns false for what is none.
func errcode(said []byte) (answer, bool) {
	var a struct {
		Code    *int   `json:"code"`
		Msg     string `json:"msg"`
		ErrCode *int   `json:"errcode"`
		ErrMsg  string `json:"errmsg"`
	}
	if json.Unmarshal(said, &a) != nil {
		return answer{}, false
	}
	if a.Code == nil {
		a.Code, a.Msg = a.ErrCode, a.ErrMsg
	}
	if a.Code == nil {
		return answer{}, false
	}
	return answer{*a.Code, strconv.Itoa(*a.Code) + " " + a.Msg}, true
}

// verdict is what one of a robot's error codes means.
type verdict struct {
	empty  bool          // the message had no content; a check gets this from a robot that lives
	wait   time.Duration // no message is wanted for so long
	advice string        // what a person can do; without it, it goes away by itself
}

// ask posts a document to a robot and judges its answer; a check has no content.
func (e endpoint) ask(ctx context.Context, address string, v any, check bool, judge func(code int) verdict) error {
	body, err := document(v)
	if err != nil {
		return err
	}
	said, err := e.post(ctx, address, nil, body)
	if err != nil {
		return err
	}
	a, ok := errcode(said)
	if !ok {
		return e.foreign()
	}
	means := judge(a.Code)
	switch {
	case a.Code == 0, check && means.empty:
		return nil
	case means.wait > 0:
		return e.later(means.wait, a.Text)
	}
	return e.refusal(a.Text, means.advice)
}

// later is the error for a receiver that wants no message for a while.
func (e endpoint) later(wait time.Duration, said string) error {
	return fmt.Errorf("%s: %w", e.said(said), &backoff.RetryAfterError{Duration: wait})
}

// refusal is the error for a message that the receiver did not take: one for a
// person to mend if there is advice on it, and else one that is worth another try.
func (e endpoint) refusal(said, advice string) error {
	if advice == "" {
		return errors.New(e.said(said))
	}
	return backoff.Permanent(errors.New(e.said(said) + ": " + advice))
}

func (e endpoint) said(said string) string {
	return e.report.redacted(e.report.action + ": " + e.service + " refused it: " + cut(reputation.OneLine(said), 200))
}

// foreign is the error for an answer that is not the service's, such as a login
// page, which often has the status 200.
func (e endpoint) foreign() error {
	return fmt.Errorf("%s: the answer is not that of %s; is there a proxy or a login page in between?", e.report.action, e.service)
}

// wait waits for the turn to send a message.
func (e endpoint) wait(ctx context.Context) error {
	if err := e.limit.Wait(ctx); err != nil {
		return fmt.Errorf("%s: wait for the turn: %w", e.report.action, err)
	}
	return nil
}

// obedient is a transport that makes every answer that asks to be left alone for a while
// one with status 429 and the time in seconds: slack-go hears nothing else, and Slack
// may say it with status 200 or 503 too.
type obedient struct{ transport http.RoundTripper }

func (o obedient) RoundTrip(r *http.Request) (*http.Response, error) {
	transport := o.transport
	if transport == nil {
		transport = http.DefaultTransport
	}
	resp, err := transport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if wait, ok := retryAfter(resp.Header, time.Now()); ok {
		seconds := int((wait + time.Second - 1) / time.Second)
		resp.StatusCode, resp.Status = http.StatusTooManyRequests, "429 Too Many Requests"
		resp.Header.Set("Retry-After", strconv.Itoa(seconds))
	}
	return resp, nil
}

// retryAfter reads how long a receiver wants to be left alone: seconds, or a date
// (RFC 9110, section 10.2.3).
func retryAfter(h http.Header, now time.Time) (time.Duration, bool) {
	text := h.Get("Retry-After")
	if seconds, err := strconv.Atoi(text); err == nil && seconds >= 0 {
		return min(time.Duration(seconds), maxRetryAfter/time.Second) * time.Second, true
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(0, at.Sub(now)), true
	}
	return 0, false
}

// document encodes a message as JSON in which <, > and & stand as they are: the
// services count the bytes.
func document(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, fmt.Errorf("encode the message: %w", err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// block is a part of a message: what it shows, and how soon it is left out of one
// that is too long.
type block[T any] struct {
	show T
	rank int // essential ones stay, of the others those of the highest rank go first
}

// The ranks of blocks.
const (
	essential = iota
	telling
	helpful
	decorative
)

// fitted leaves out blocks until size is at most limit: those of the highest rank
// first, and among them the last. It reports whether it did.
func fitted[T any](blocks []block[T], limit int, size func([]T) int) (shown []T, short bool) {
	for {
		shown = shown[:0]
		last := -1
		for i, b := range blocks {
			shown = append(shown, b.show)
			if b.rank != essential && (last < 0 || b.rank >= blocks[last].rank) {
				last = i
			}
		}
		if last < 0 || size(shown) <= limit {
			return shown, short
		}
		blocks = append(blocks[:last:last], blocks[last+1:]...)
		short = true
	}
}

// mostCalls bounds how many people one message calls, so that they do not take the room
// of what it says.
const mostCalls = 20

// calling tells whether a message may call people: nobody's phone rings since an alert
// still fires or is over.
func calling(m reputation.Message) bool {
	return m.Event == reputation.Opened || m.Event == reputation.Escalated
}

// callable are the ids of people to call, without any that could be markup.
func callable(m reputation.Message) []string {
	if !calling(m) {
		return nil
	}
	unsafe := func(r rune) bool { return !latin(r) && !strings.ContainsRune("_.+@-", r) }
	ids := slices.DeleteFunc(slices.Clone(m.Target.Mentions), func(id string) bool { return id == "" || strings.ContainsFunc(id, unsafe) })
	return ids[:min(len(ids), mostCalls)]
}

// linkable is a web address as it can stand in a link of Markdown.
func linkable(address string) string {
	return strings.NewReplacer("(", "%28", ")", "%29", "[", "%5B", "]", "%5D", `\`, "%5C", "*", "%2A").Replace(address)
}
