package alerting

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
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
	log     *slog.Logger // told why a message has no picture
	uploads uploads
	desk    Desk             // nil where nobody can answer in Slack
	now     func() time.Time // with desk
}

// NewSlackBot returns a SlackBot that posts to the channel of a message's target,
// and to channel where that names none: an identifier such as C024BE91L or a name
// such as #pr-alerts. The token needs the scope chat:write, and files:write for
// pictures.
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
		log:     slog.New(slog.DiscardHandler),
		uploads: uploads{files: make(map[int64]string)},
	}
}

// LogTo makes the bot say why a message has no picture, and returns it.
func (b *SlackBot) LogTo(log *slog.Logger) *SlackBot {
	b.log = log
	return b
}

// report explains what goes wrong in a channel.
func (b *SlackBot) report(channel string) reporter {
	return reporter{action: "post to Slack channel " + channel, advice: botAdvice, secrets: []string{b.token}}
}

// channelOf is where a message goes.
func (b *SlackBot) channelOf(m reputation.Message) string { return cmp.Or(m.Target.Channel, b.channel) }

// Notify posts the message, at most one a second. An update of an alert whose
// first message was delivered changes that message and adds a reply to its
// thread. People are called when an alert opens or escalates, and never by a
// message that is changed. A picture that cannot be had never holds up a message:
// bars of text stand for it. For errors see Notifier.
func (b *SlackBot) Notify(ctx context.Context, m reputation.Message) (reputation.Thread, error) {
	th, err := b.notify(ctx, m)
	if err == nil {
		b.uploads.keep(m.ID, "")
	}
	return th, err
}

func (b *SlackBot) notify(ctx context.Context, m reputation.Message) (reputation.Thread, error) {
	n := b.wording.notice(m)
	n.image = b.picture(ctx, m)
	changed := b.answerable(ctx, m, n)
	if calling(m) {
		n.calls = callees(m.Target.Mentions)
	}
	first := changed
	first.calls = n.calls
	th := m.Alert.Thread
	if m.Event == reputation.Opened || th.TS == "" {
		return b.post(ctx, m, first, "")
	}
	if th.Guest { // the first message shows another alert, so this one is answered below it
		if _, err := b.post(ctx, m, first, th.TS); err != nil {
			return reputation.Thread{}, err
		}
		return th, nil
	}
	// The change comes first: it can be repeated without harm if the reply
	// then does not get through, the reply cannot.
	err := b.change(ctx, m, &changed)
	switch {
	case refusedWith(err, "message_not_found", "channel_not_found", "not_in_channel", "is_archived"):
		// The first message or its channel is gone, or alerts go to another
		// channel now. The message can stand for itself there.
		return b.post(ctx, m, first, "")
	case refusedWith(err, "cant_update_message", "edit_window_closed"), layoutRefused(err):
		// It cannot be changed; the thread has it all.
	case err != nil:
		return reputation.Thread{}, b.report(b.channelOf(m)).explain(err)
	}
	if _, err := b.post(ctx, m, n.reply(), th.TS); err != nil {
		return reputation.Thread{}, err
	}
	th.Picture = changed.image.file
	return th, nil
}

// answerable adds to a notice of an alert what people can do and have done, where
// they can. What is not known of that does not hold up the message.
func (b *SlackBot) answerable(ctx context.Context, m reputation.Message, n notice) notice {
	if b.desk == nil || m.Alert.ID == 0 {
		return n
	}
	s, err := b.standing(ctx, m.Alert)
	if err != nil {
		b.log.Warn("tell in Slack what people did about an alert", "alert", m.Alert.ID, "error", err)
	}
	n.desk = b.wording.controls(m.Alert, s, b.now())
	return n
}

// standing is what people have done about an alert. Who has taken it on counts until
// there is something new to tell, and stays to be seen when it is over.
func (b *SlackBot) standing(ctx context.Context, a reputation.Alert) (s Standing, err error) {
	if a.Acknowledged() || a.State == reputation.Resolved {
		s.AcknowledgedBy, s.AcknowledgedAt = a.AcknowledgedBy, a.AcknowledgedAt
	}
	silences, err := b.desk.Silences(ctx, b.now())
	if err != nil {
		return s, fmt.Errorf("read the silences: %w", err)
	}
	for _, silence := range silences {
		if _, ok := silencedBy(a, []reputation.Silence{silence}, b.now()); ok && silence.Until.After(s.MutedUntil) {
			s.MutedBy, s.MutedUntil = silence.Author, silence.Until
		}
	}
	return s, nil
}

// refresh changes the message that stands in the channel about an alert, so that it
// tells what people did.
func (b *SlackBot) refresh(ctx context.Context, m reputation.Message, s Standing) error {
	if m.Alert.Thread.Guest || m.Alert.Thread.TS == "" {
		return nil // that message is another alert's
	}
	n := b.wording.notice(m)
	n.desk = b.wording.controls(m.Alert, s, b.now())
	n.image = b.wording.image(m, m.Alert.Thread.Picture)
	if err := b.change(ctx, m, &n); err != nil {
		return b.report(m.Alert.Thread.Channel).explain(err)
	}
	return nil
}

// change changes the first message of an alert.
func (b *SlackBot) change(ctx context.Context, m reputation.Message, n *notice) error {
	return b.lay(ctx, m, n, func(options ...slack.MsgOption) error {
		_, _, _, err := b.api.UpdateMessageContext(ctx, m.Alert.Thread.Channel, m.Alert.Thread.TS, options...)
		return err
	})
}

// lay sends what a notice shows, and without its picture if Slack finds fault with
// that.
func (b *SlackBot) lay(ctx context.Context, m reputation.Message, n *notice, send func(...slack.MsgOption) error) error {
	err := send(b.content(m, *n)...)
	for range pictureTries {
		if n.image.file == "" || !layoutRefused(err) {
			return err
		}
		// Slack refuses a picture that it is still at work on.
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pictureWait):
		}
		err = send(b.content(m, *n)...)
	}
	if n.image.file != "" && layoutRefused(err) {
		b.log.Warn("message without picture: Slack does not show it", "alert", m.Alert.ID, "error", err)
		n.image = slackImage{}
		err = send(b.content(m, *n)...)
	}
	return err
}

// ErrNoPictures is the cause of Check's error where a bot may do all but bring pictures.
var ErrNoPictures = errors.New("alerts come with bars of text instead of a picture")

// Check asks Slack whether it accepts the token, and what that allows
// (https://docs.slack.dev/authentication/installing-with-oauth, the header of each
// answer). Whether the bot may post to the channel only a message can tell. The error
// wraps ErrNoPictures if nothing but pictures will be missing.
func (b *SlackBot) Check(ctx context.Context) error {
	answer, err := b.api.AuthTestContext(ctx)
	if err != nil {
		return b.report(b.channel).explain(err)
	}
	granted := answer.Header.Get("X-OAuth-Scopes")
	if granted == "" { // another endpoint than Slack's own
		return nil
	}
	scopes := strings.FieldsFunc(granted, func(r rune) bool { return r == ',' || r == ' ' })
	switch {
	case !slices.Contains(scopes, "chat:write"):
		return fmt.Errorf("post to Slack channel %s: the token has no scope chat:write; give it to the app and install the app again", b.channel)
	case !slices.Contains(scopes, "files:write"):
		return fmt.Errorf("%w: the token has no scope files:write; give it to the app and install the app again", ErrNoPictures)
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
	to, options := channel, []slack.MsgOption{metadata(m)}
	if thread != "" {
		to, options = m.Alert.Thread.Channel, append(options, slack.MsgOptionTS(thread))
	}
	var posted, ts string
	send := func(content ...slack.MsgOption) (err error) {
		posted, ts, err = b.api.PostMessageContext(ctx, to, append(content, options...)...)
		return err
	}
	err := b.lay(ctx, m, &n, send)
	if layoutRefused(err) {
		// The bare title is better than a layout that holds up the outbox.
		n.image = slackImage{}
		err = send(append(b.content(m, n), slack.MsgOptionBlocks())...)
	}
	if err != nil {
		return reputation.Thread{}, report.explain(err)
	}
	if ts == "" {
		return reputation.Thread{}, report.explain(errForeign)
	}
	return reputation.Thread{Channel: posted, TS: ts, Picture: n.image.file}, nil
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
