package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"reputed/alerting"
	"reputed/internal/config"
	"reputed/internal/reputation"
	"reputed/internal/store"
)

// desk lets what people do in Slack take effect in the store. It is an alerting.Desk.
type desk struct {
	*store.Store
	digests *alerting.DigestWatch
}

// unknown says in alerting's words that something is not there.
func unknown(err error) error {
	for _, none := range []error{store.ErrNoAlert, store.ErrNoMention, store.ErrNoSilence} {
		if errors.Is(err, none) {
			return fmt.Errorf("%w: %w", alerting.ErrUnknown, err)
		}
	}
	return err
}

func (d desk) Case(ctx context.Context, alert int64, at reputation.Thread) (reputation.Alert, reputation.Message, error) {
	a, m, err := d.Store.Case(ctx, alert, at)
	return a, m, unknown(err)
}

func (d desk) Acknowledge(ctx context.Context, alert int64, by string, at time.Time) (reputation.Alert, error) {
	a, err := d.Store.Acknowledge(ctx, alert, by, at)
	return a, unknown(err)
}

// AddSilence stores a silence that makes sense.
func (d desk) AddSilence(ctx context.Context, s reputation.Silence) (reputation.Silence, error) {
	if err := alerting.CheckSilence(s, s.From); err != nil {
		return s, err
	}
	return d.Store.AddSilence(ctx, s)
}

func (d desk) EndSilence(ctx context.Context, silence int64, by string, at time.Time) (reputation.Silence, error) {
	s, err := d.Store.EndSilence(ctx, silence, by, at)
	return s, unknown(err)
}

func (d desk) Correct(ctx context.Context, mention int64, label reputation.Label, by string, at time.Time) (before reputation.Label, brand string, err error) {
	c, err := d.Store.Correct(ctx, mention, label, by, at)
	return c.Before, c.Brand, unknown(err)
}

// Report sums up the last seven days of the brands against the seven before.
func (d desk) Report(ctx context.Context, brands []string, now time.Time) (reputation.Digest, error) {
	return d.digests.Week(ctx, brands, now)
}

// newSocket makes the connection over which people answer in Slack; nil without a
// token for it. In a dry run nothing is sent, so nobody can answer.
func newSocket(c *config.Config, receivers map[string]alerting.Notifier, log *slog.Logger) (*alerting.SlackSocket, error) {
	bot, ok := receivers[slackReceiver].(*alerting.SlackBot)
	if c.Slack.AppTokenFile == "" || !ok {
		return nil, nil
	}
	token, err := config.ReadSecret(c.Slack.AppTokenFile)
	if err != nil {
		return nil, c.Wrong(err, "slack", "app_token_file")
	}
	client := &http.Client{Timeout: 30 * time.Second}
	return alerting.NewSlackSocket(token, c.Slack.APIURL, client, bot, brandNames(c), time.Now, log), nil
}
