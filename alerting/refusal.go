package alerting

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/cenkalti/backoff/v5"
	"github.com/slack-go/slack"

	"reputed/internal/reputation"
)

// errForeign is an answer that does not come from Slack, such as the page of a
// proxy or of a login portal, which often has the status 200.
var errForeign = errors.New("the answer is not Slack's; is there a proxy or a login page in between?")

// errSilent is a receiver that cannot be reached or does not answer.
var errSilent = errors.New("no answer in time")

// reporter turns the errors of slack-go into ones that say what was refused and
// what to do, that a Notifier may return, and that hold no secret.
type reporter struct {
	action  string                   // what was attempted, and where
	advice  func(code string) string // what to do about an error code of Slack
	secrets []string
}

// explain never wraps err itself, since that may hold the address or the token.
func (r reporter) explain(err error) error {
	var (
		limited   *slack.RateLimitedError
		refused   slack.SlackErrorResponse
		status    slack.StatusCodeError
		transport *url.Error
		syntax    *json.SyntaxError
		shape     *json.UnmarshalTypeError
	)
	switch {
	case errors.As(err, &limited):
		return fmt.Errorf("%s: too many messages: %w", r.action, &backoff.RetryAfterError{Duration: limited.RetryAfter})
	case errors.As(err, &refused):
		return r.refusal(refused.Err, passing(refused.Err))
	case errors.As(err, &status):
		return r.refusal(status.Status, status.Code < http.StatusBadRequest || status.Retryable())
	case errors.As(err, &transport) && transport.Op == "parse":
		// Its text holds a part of the address, which may be the secret one.
		return backoff.Permanent(fmt.Errorf("%s: the address is not a URL: correct the setting", r.action))
	case errors.As(err, &transport) && transport.Timeout():
		err = errSilent
	case errors.As(err, &transport):
		err = transport.Err
	case errors.As(err, &syntax), errors.As(err, &shape):
		err = errForeign
	}
	return errors.New(r.redacted(r.action + ": " + err.Error()))
}

// refusal is the error for a code or status with which the receiver refused.
func (r reporter) refusal(code string, temporary bool) error {
	text := r.action + ": Slack refused it: " + cut(reputation.OneLine(code), 100)
	if temporary {
		return errors.New(r.redacted(text))
	}
	return backoff.Permanent(errors.New(r.redacted(text + ": " + r.advice(code))))
}

// redacted takes the secrets out of a text.
func (r reporter) redacted(text string) string {
	for _, secret := range r.secrets {
		if len(secret) > 1 {
			text = strings.ReplaceAll(text, secret, "<secret>")
		}
	}
	return text
}

// passing tells the error codes that go away by themselves
// (https://docs.slack.dev/reference/methods/chat.postMessage#errors).
func passing(code string) bool {
	switch code {
	case "ratelimited", "rate_limited", "internal_error", "fatal_error", "service_unavailable", "request_timeout":
		return true
	}
	return false
}

// botAdvice says what to do when Slack refuses a message of a bot.
func botAdvice(code string) string {
	switch code {
	case "invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired":
		return "put a valid bot token (xoxb-...) into the file that slack.token_file names"
	case "missing_scope", "no_permission":
		return "give the app the scope chat:write and install it again"
	case "not_in_channel":
		return "invite the bot: type /invite and its name in the channel"
	case "channel_not_found":
		return "check slack.channel; a private channel must invite the bot first"
	case "is_archived":
		return "unarchive the channel or set slack.channel to another one"
	}
	if strings.HasPrefix(code, "4") { // an HTTP status, which Slack's methods do not use for this
		return "check slack.api_url"
	}
	return "see https://docs.slack.dev/reference/methods/chat.postMessage#errors"
}

// webhookAdvice says what to do when Slack refuses a webhook with an HTTP status.
func webhookAdvice(status string) string {
	if strings.HasPrefix(status, "400") {
		return "see https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks#handling_errors"
	}
	return "create a new incoming webhook for the channel and put its address into the file that slack.webhook_file names"
}

// refusedWith reports whether Slack answered with one of the error codes.
func refusedWith(err error, codes ...string) bool {
	var refused slack.SlackErrorResponse
	return errors.As(err, &refused) && slices.Contains(codes, refused.Err)
}

// layoutRefused reports whether Slack found fault with the blocks of a message.
func layoutRefused(err error) bool {
	return refusedWith(err, "invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long")
}
