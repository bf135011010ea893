package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"slices"
	"time"

	"reputed/alerting"
	"reputed/internal/config"
	"reputed/internal/store"
)

// The receivers that need no entry of their own in the configuration.
const (
	slackReceiver    = "slack"
	terminalReceiver = "terminal"
)

// newReceivers makes the receivers of alerts by their names: those that are configured,
// else the terminal. In a dry run all is shown on the terminal. The error joins what is
// wrong with any.
func newReceivers(c *config.Config, dryRun bool, env environment, log *slog.Logger) (map[string]alerting.Notifier, error) {
	if dryRun {
		return map[string]alerting.Notifier{defaultTarget(c).Receiver: newTerminal(c, env)}, nil
	}
	wording := wordingOf(c, env)
	httpClient := &http.Client{Timeout: 30 * time.Second}
	receivers := make(map[string]alerting.Notifier)
	var errs []error
	for i, r := range c.Receivers {
		receiver, err := newReceiver(c, i, httpClient, wording)
		errs = append(errs, err)
		receivers[r.Name] = receiver
	}
	switch {
	case c.Slack.TokenFile != "":
		token, err := config.ReadSecret(c.Slack.TokenFile)
		if err != nil {
			errs = append(errs, c.Wrong(err, "slack", "token_file"))
		}
		receivers[slackReceiver] = alerting.NewSlackBot(token, c.Slack.Channel, c.Slack.APIURL, httpClient, wording).LogTo(log)
	case c.Slack.WebhookFile != "":
		address, err := config.ReadSecret(c.Slack.WebhookFile)
		if err != nil {
			errs = append(errs, c.Wrong(err, "slack", "webhook_file"))
		}
		receivers[slackReceiver] = alerting.NewSlackWebhook(address, httpClient, wording)
	case len(c.Receivers) == 0:
		receivers[terminalReceiver] = newTerminal(c, env)
	}
	return receivers, errors.Join(errs...)
}

// newReceiver makes the i-th receiver under receivers:. The error names the key that
// is wrong.
func newReceiver(c *config.Config, i int, client *http.Client, wording alerting.Wording) (alerting.Notifier, error) {
	r := c.Receivers[i]
	var errs []error
	secret := func(key, file string) string {
		if file == "" {
			return ""
		}
		text, err := config.ReadSecret(file)
		if err != nil {
			errs = append(errs, c.Wrong(err, "receivers", i, key))
		}
		return text
	}
	address, sign := secret("url_file", r.URLFile), secret("secret_file", r.SecretFile)
	token, password := secret("token_file", r.TokenFile), secret("password_file", r.PasswordFile)
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	switch r.Kind {
	case config.ReceiverSlack:
		if r.TokenFile != "" {
			return alerting.NewSlackBot(token, r.Channel, c.Slack.APIURL, client, wording), nil
		}
		return alerting.NewSlackWebhook(address, client, wording), nil
	case config.ReceiverFeishu:
		return alerting.NewFeishu(r.Name, address, sign, client, wording), nil
	case config.ReceiverDingTalk:
		return alerting.NewDingTalk(r.Name, address, sign, client, wording), nil
	case config.ReceiverWeCom:
		return alerting.NewWeCom(r.Name, address, client, wording), nil
	case config.ReceiverMail:
		server := alerting.MailServer{Host: r.Host, Port: r.Port, TLS: r.TLS, Username: r.Username, Password: password, From: r.From, To: r.To}
		return alerting.NewMail(r.Name, server, wording), nil
	}
	hook, err := alerting.NewWebhook(r.Name, address, sign, client, wording)
	if err != nil {
		return nil, c.Wrong(err, "receivers", i, "secret_file")
	}
	return hook, nil
}

// checkReceivers asks each receiver whether it would take a message, and names those
// that would not.
func checkReceivers(ctx context.Context, receivers map[string]alerting.Notifier, stderr io.Writer) []error {
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(receivers)) {
		receiver, ok := receivers[name].(interface{ Check(context.Context) error })
		if !ok {
			continue
		}
		err := receiver.Check(ctx)
		if errors.Is(err, alerting.ErrNoPictures) {
			fmt.Fprintf(stderr, "receiver %s: in order, but %s\n", name, plain(err))
			continue
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("receiver %s: %w", name, err))
			continue
		}
		fmt.Fprintf(stderr, "receiver %s: in order\n", name)
	}
	return errs
}

// tellBacklogs tells what waits for receivers that did not take it. A database that
// cannot be read is another check's finding.
func tellBacklogs(ctx context.Context, path string, stderr io.Writer) {
	if _, err := os.Stat(path); err != nil {
		return
	}
	db, err := store.OpenReader(ctx, path)
	if err != nil {
		return
	}
	defer db.Close()
	backlogs, err := db.Backlogs(ctx)
	if err != nil {
		return
	}
	for _, b := range backlogs {
		if b.Failures == 0 {
			continue
		}
		where := b.Receiver
		if b.Channel != "" {
			where += ", channel " + b.Channel
		}
		fmt.Fprintf(stderr, "receiver %s: messages that wait since %s: %d; the last try failed: %s\n", where, b.Since.Format(time.RFC3339), b.Messages, b.Error)
	}
}
