package alerting

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"strings"

	"github.com/slack-go/slack"
	"golang.org/x/time/rate"

	"reputed/internal/reputation"
)

// SlackWebhook delivers messages through an incoming webhook. Webhooks know no
// threads and cannot change a message, so each message stands for itself and
// names its alert. It is a Notifier.
type SlackWebhook struct {
	address string
	client  *http.Client
	wording Wording
	limit   *rate.Limiter
	report  reporter
}

// NewSlackWebhook returns a SlackWebhook for the address that Slack gave for a
// channel. The address is a secret. The client's redirects are not followed.
func NewSlackWebhook(address string, client *http.Client, wording Wording) *SlackWebhook {
	secrets := []string{address}
	if u, err := url.Parse(address); err == nil {
		secrets = append(secrets, u.RequestURI(), path.Base(u.Path))
	}
	return &SlackWebhook{
		address: address,
		client:  withoutRedirects(client),
		wording: wording,
		limit:   rate.NewLimiter(rate.Every(perChannel), 1),
		report:  reporter{action: "post to the Slack webhook", advice: webhookAdvice, secrets: secrets},
	}
}

// Notify posts the message, at most one a second. The thread is always zero.
// For errors see Notifier.
func (w *SlackWebhook) Notify(ctx context.Context, m reputation.Message) (reputation.Thread, error) {
	if err := w.limit.Wait(ctx); err != nil {
		return reputation.Thread{}, fmt.Errorf("wait for the turn to post: %w", err)
	}
	n := w.wording.notice(m)
	off := false
	err := w.post(ctx, &slack.WebhookMessage{
		Text:        n.header(),
		Blocks:      &slack.Blocks{BlockSet: n.blocks(key(m))},
		UnfurlLinks: &off,
		UnfurlMedia: &off,
	})
	if err != nil {
		return reputation.Thread{}, w.report.explain(err)
	}
	return reputation.Thread{}, nil
}

// Check asks Slack whether the webhook lives, with a message without content: a
// living webhook refuses it with status 400, and nobody gets to see it.
func (w *SlackWebhook) Check(ctx context.Context) error {
	err := w.post(ctx, &slack.WebhookMessage{})
	var status slack.StatusCodeError
	if err == nil || errors.As(err, &status) && status.Code == http.StatusBadRequest {
		return nil
	}
	return w.report.explain(err)
}

// post sends a message and makes sure that it was Slack who took it. slack-go
// looks at the status alone, which a login portal also sets to 200; Slack
// answers "ok".
func (w *SlackWebhook) post(ctx context.Context, message *slack.WebhookMessage) error {
	client := *w.client
	answer := &listener{transport: client.Transport}
	client.Transport = answer
	err := slack.PostWebhookCustomHTTPContext(ctx, w.address, &client, message)
	said := strings.TrimSpace(answer.body.String())
	var status slack.StatusCodeError
	switch {
	case err == nil && said != "ok":
		return errForeign
	case errors.As(err, &status) && said != "":
		status.Status += " " + said // such as no_service
		return status
	}
	return err
}

// listener is a transport that keeps what it hears of the last answer, and cuts
// the answer off after that.
type listener struct {
	transport http.RoundTripper
	body      bytes.Buffer
}

func (l *listener) RoundTrip(r *http.Request) (*http.Response, error) {
	const longest = 1 << 10
	transport := l.transport
	if transport == nil {
		transport = http.DefaultTransport
	}
	resp, err := transport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	l.body.Reset()
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.TeeReader(io.LimitReader(resp.Body, longest), &l.body), resp.Body}
	return resp, nil
}

// withoutRedirects is the client with redirects taken as answers: receivers never
// redirect, and to follow one would take the secret elsewhere. It makes sure that a
// wish to be left alone is heard.
func withoutRedirects(client *http.Client) *http.Client {
	c := *client
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	c.Transport = obedient{c.Transport}
	return &c
}
