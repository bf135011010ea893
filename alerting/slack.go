package alerting

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/slack-go/slack"
	"golang.org/x/time/rate"

	"reputed/internal/reputation"
)

// perChannel is Slack's limit for messages to one channel
// (https://docs.slack.dev/apis/web-api/rate-limits).
const perChannel = time.Second

// SlackBot delivers messages to channels with a bot token: the first message of
// an alert stands in the channel and is kept up to date, all others stand in its
// thread. It is a Notifier.
type SlackBot struct {
	api     *slack.Client
	channel string
	wording Wording
	limit   *rate.Limiter
	token   string
}

// NewSlackBot returns a SlackBot that posts to the channel of a message's target,
// and to channel where that names none: an identifier such as C024BE91L or a name
// such as #pr-alerts. The token needs the scope chat:write.
// An empty apiURL stands for Slack's own. The client's redirects are not
// followed, since they would take the token elsewhere.
func NewSlackBot(token, channel, apiURL string, client *http.Client, wording Wording) *SlackBot {
	if apiURL == "" {
		apiURL = slack.APIURL
	}
	apiURL = strings.TrimRight(apiURL, "/") + "/"
	return &SlackBot{
		api:     slack.New(token, slack.OptionAPIURL(apiURL), slack.OptionHTTPClient(withoutRedirects(client))),
		channel: channel,
		wording: wording,
		limit:   rate.NewLimiter(rate.Every(perChannel), 1),
		token:   token,
	}
}

// report explains what goes wrong in a channel.
func (b *SlackBot) report(channel string) reporter {
	return reporter{action: "post to Slack channel " + channel, advice: botAdvice, secrets: []string{b.token}}
}

// channelOf is where a message goes.
func (b *SlackBot) channelOf(m reputation.Message) string { return cmp.Or(m.Target.Channel, b.channel) }

// Notify posts the message, at most one a second. An update of an alert whose
// first message was delivered changes that message and adds a reply to its
// thread. For errors see Notifier.
func (b *SlackBot) Notify(ctx context.Context, m reputation.Message) (reputation.Thread, error) {
	n := b.wording.notice(m)
	th := m.Alert.Thread
	if m.Event == reputation.Opened || th.TS == "" {
		return b.post(ctx, m, n, "")
	}
	if th.Guest { // the first message shows another alert
		if _, err := b.post(ctx, m, n, th.TS); err != nil {
			return reputation.Thread{}, err
		}
		return th, nil
	}
	// The change comes first: it can be repeated without harm if the reply
	// then does not get through, the reply cannot.
	_, _, _, err := b.api.UpdateMessageContext(ctx, th.Channel, th.TS, b.content(m, n)...)
	switch {
	case refusedWith(err, "message_not_found", "channel_not_found", "not_in_channel", "is_archived"):
		// The first message or its channel is gone, or alerts go to another
		// channel now. The message can stand for itself there.
		return b.post(ctx, m, n, "")
	case refusedWith(err, "cant_update_message", "edit_window_closed"), layoutRefused(err):
		// It cannot be changed; the thread has it all.
	case err != nil:
		return reputation.Thread{}, b.report(b.channelOf(m)).explain(err)
	}
	if _, err := b.post(ctx, m, n.reply(), th.TS); err != nil {
		return reputation.Thread{}, err
	}
	return th, nil
}

// Check asks Slack whether it accepts the token. Whether the bot may post to the
// channel only a message can tell.
func (b *SlackBot) Check(ctx context.Context) error {
	if _, err := b.api.AuthTestContext(ctx); err != nil {
		return b.report(b.channel).explain(err)
	}
	return nil
}

// post adds a message to the channel, or to a thread of it.
func (b *SlackBot) post(ctx context.Context, m reputation.Message, n notice, thread string) (reputation.Thread, error) {
	if err := b.limit.Wait(ctx); err != nil {
		return reputation.Thread{}, fmt.Errorf("wait for the turn to post: %w", err)
	}
	channel := b.channelOf(m)
	report := b.report(channel)
	to, options := channel, append(b.content(m, n), metadata(m))
	if thread != "" {
		to, options = m.Alert.Thread.Channel, append(options, slack.MsgOptionTS(thread))
	}
	posted, ts, err := b.api.PostMessageContext(ctx, to, options...)
	if layoutRefused(err) {
		// The bare title is better than a layout that holds up the outbox.
		posted, ts, err = b.api.PostMessageContext(ctx, to, append(options, slack.MsgOptionBlocks())...)
	}
	if err != nil {
		return reputation.Thread{}, report.explain(err)
	}
	if ts == "" {
		return reputation.Thread{}, report.explain(errForeign)
	}
	return reputation.Thread{Channel: posted, TS: ts}, nil
}

// content is what a message shows.
func (b *SlackBot) content(m reputation.Message, n notice) []slack.MsgOption {
	return []slack.MsgOption{
		slack.MsgOptionText(n.header(), false),
		slack.MsgOptionBlocks(n.blocks(key(m))...),
		slack.MsgOptionDisableLinkUnfurl(),
		slack.MsgOptionDisableMediaUnfurl(),
	}
}

// metadata holds what a repeated delivery of a message can be recognised by. A
// change of the message leaves it.
func metadata(m reputation.Message) slack.MsgOption {
	if len(m.Troubles) > 0 {
		return slack.MsgOptionMetadata(slack.SlackMetadata{
			EventType:    "reputed_sources",
			EventPayload: map[string]any{"message": m.ID},
		})
	}
	if m.Digest != nil {
		return slack.MsgOptionMetadata(slack.SlackMetadata{
			EventType:    "reputed_digest",
			EventPayload: map[string]any{"message": m.ID},
		})
	}
	return slack.MsgOptionMetadata(slack.SlackMetadata{
		EventType:    "reputed_alert",
		EventPayload: map[string]any{"alert": m.Alert.ID, "message": m.ID},
	})
}

// key names a message: the same for each delivery of it, and for no other.
func key(m reputation.Message) string {
	if len(m.Troubles) > 0 {
		return fmt.Sprintf("reputed-sources-%d", m.ID)
	}
	if m.Digest != nil {
		return fmt.Sprintf("reputed-digest-%d", m.ID)
	}
	return fmt.Sprintf("reputed-%d-%d", m.Alert.ID, m.ID)
}
