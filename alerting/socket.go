package alerting

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
	"golang.org/x/time/rate"

	"reputed/internal/reputation"
)

const (
	// answerTimeout bounds the work on one thing that somebody pressed or typed.
	answerTimeout = 30 * time.Second

	// waitingAnswers is how many of them wait while one is worked on. Those beyond it
	// are not confirmed, so that Slack tells the person that it did not work.
	waitingAnswers = 50

	// largestRequest is the most that Slack sends at once, in bytes: a message of fifty
	// blocks comes back with each press on it.
	largestRequest = 1 << 20

	// lastAnswers is how long what was confirmed may still take when the daemon stops.
	lastAnswers = 3 * time.Second

	// Slack is asked for a connection so often at most, however soon each is lost
	// (https://docs.slack.dev/apis/web-api/rate-limits, tier 1 with its bursts).
	openEvery = 10 * time.Second
	openBurst = 3

	// refusedWait is the least time between two tries of a token that was refused.
	refusedWait = 5 * time.Minute
)

// SlackSocket hears over Socket Mode (https://docs.slack.dev/apis/events-api/using-socket-mode)
// what people press under alerts and type as a slash command, lets a Desk do it, and
// answers. The connection goes out from here, so no address needs to be open to the
// internet.
type SlackSocket struct {
	api      *slack.Client // with the token of the app
	bot      *SlackBot
	desk     Desk
	brands   []string
	now      func() time.Time
	log      *slog.Logger
	client   *http.Client // for answers
	endpoint *url.URL
	report   reporter
	state    atomic.Pointer[error]
}

// NewSlackSocket returns a socket with the token of an app (xapp-...), which needs the
// scope connections:write. The brands are those that people can ask about.
func NewSlackSocket(appToken, apiURL string, client *http.Client, bot *SlackBot, brands []string, now func() time.Time, log *slog.Logger) *SlackSocket {
	apiURL = strings.TrimRight(cmp.Or(apiURL, slack.APIURL), "/") + "/"
	client = withoutRedirects(client)
	endpoint, err := url.Parse(apiURL)
	if err != nil {
		endpoint = &url.URL{} // every call will say what is wrong with it
	}
	s := &SlackSocket{
		api:    slack.New("", slack.OptionAppLevelToken(appToken), slack.OptionAPIURL(apiURL), slack.OptionHTTPClient(patient(client))),
		bot:    bot,
		brands: brands, now: now, log: log, client: client, endpoint: endpoint,
		report: reporter{action: "connect to Slack's Socket Mode", advice: socketAdvice, secrets: []string{appToken, bot.token}},
	}
	s.state.Store(&errUnconnected)
	return s
}

// errUnconnected is the health of a socket before its first connection.
var errUnconnected = errors.New("connect to Slack's Socket Mode: not done yet")

// socketAdvice says what to do when Slack refuses the token of an app.
func socketAdvice(code string) string {
	switch code {
	case "invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "not_allowed_token_type":
		return "put a valid app-level token (xapp-...) into the file that slack.app_token_file names"
	case "missing_scope", "no_permission":
		return "give the app-level token the scope connections:write"
	}
	return "switch Socket Mode on in the settings of the app"
}

// Serve makes what people press and type take effect at a desk. From then on the bot's
// messages have buttons. It is called before Run and before the first message.
func (s *SlackSocket) Serve(desk Desk) {
	s.desk, s.bot.desk, s.bot.now = desk, desk, s.now
}

// Check asks Slack whether it accepts the token of the app and would let it connect.
func (s *SlackSocket) Check(ctx context.Context) error {
	if _, _, err := s.api.StartSocketModeContext(ctx); err != nil {
		return s.report.explain(err)
	}
	return nil
}

// Health is why the socket is not connected, or nil if it is.
func (s *SlackSocket) Health() error {
	if err := s.state.Load(); err != nil {
		return *err
	}
	return nil
}

// Run connects, and again whenever the connection is lost, until ctx is done. It
// returns when what is being worked on is answered, at the latest after a few seconds:
// an answer that comes too late changes nothing.
func (s *SlackSocket) Run(ctx context.Context) {
	work := make(chan socketmode.Event, waitingAnswers)
	var working sync.WaitGroup
	finishing, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(lastAnswers, stop) })()
	working.Go(func() {
		for event := range work {
			s.answer(finishing, event)
		}
	})
	defer working.Wait()
	defer close(work)
	waits := newBackOff()
	for ctx.Err() == nil {
		began := time.Now()
		err := s.connection(ctx, work)
		if ctx.Err() != nil {
			return
		}
		if time.Since(began) > refusedWait {
			waits.Reset()
		}
		s.failed(slog.LevelError, err)
		select {
		case <-ctx.Done():
		case <-time.After(max(waits.NextBackOff(), refusedWait)):
		}
	}
}

// connection runs connections until Slack refuses the token.
func (s *SlackSocket) connection(ctx context.Context, work chan<- socketmode.Event) error {
	client := socketmode.New(s.api, socketmode.OptionReadLimit(largestRequest), socketmode.OptionLog(discardLog{}))
	ctx, cancel := context.WithCancel(ctx)
	var hearing sync.WaitGroup
	hearing.Go(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case event := <-client.Events:
				s.hear(ctx, client, event, work)
			}
		}
	})
	err := client.RunContext(ctx)
	cancel()
	hearing.Wait()
	return s.report.explain(err)
}

// failed keeps why the socket is not connected, and says so once.
func (s *SlackSocket) failed(level slog.Level, err error) {
	if before := s.state.Swap(&err); before == nil || (*before).Error() != err.Error() {
		s.log.Log(context.Background(), level, "buttons and commands in Slack do not work; it is tried again", "error", err)
	}
}

// hear takes what comes over the connection. What somebody pressed or typed is
// confirmed at once, since Slack waits three seconds, and worked on after that.
func (s *SlackSocket) hear(ctx context.Context, client *socketmode.Client, event socketmode.Event, work chan<- socketmode.Event) {
	switch event.Type {
	case socketmode.EventTypeConnected:
		s.log.Info("buttons and commands in Slack work")
		s.state.Store(nil)
	case socketmode.EventTypeConnectionError:
		if lost, ok := event.Data.(*slack.ConnectionErrorEvent); ok && ctx.Err() == nil {
			s.failed(slog.LevelWarn, s.report.explain(lost.ErrorObj))
		}
	case socketmode.EventTypeInteractive, socketmode.EventTypeSlashCommand, socketmode.EventTypeEventsAPI:
		if event.Type != socketmode.EventTypeEventsAPI {
			select {
			case work <- event:
			default:
				s.log.Warn("too much is pressed in Slack at once; some of it was not done")
				return
			}
		}
		if err := client.AckCtx(ctx, event.Request.EnvelopeID, nil); err != nil && ctx.Err() == nil {
			s.log.Warn("confirm to Slack that something was pressed", "error", s.report.explain(err))
		}
	case socketmode.EventTypeErrorBadMessage:
		s.log.Warn("Slack sent what cannot be read; it was left alone")
	}
}

// answer does what somebody pressed or typed, and tells them.
func (s *SlackSocket) answer(ctx context.Context, event socketmode.Event) {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	var n notice
	var err error
	var to string
	switch heard := event.Data.(type) {
	case slack.InteractionCallback:
		if heard.Type != slack.InteractionTypeBlockActions {
			return
		}
		to = heard.ResponseURL
		n, err = s.pressed(ctx, heard)
	case slack.SlashCommand:
		to = heard.ResponseURL
		n, err = s.command(ctx, heard)
	default:
		return
	}
	if err != nil {
		s.log.Error("do what was asked for in Slack", "error", err)
		n = notice{says: deskPhrasesOf(s.bot.wording.Lang).failed}
	}
	if err := s.reply(ctx, to, n); err != nil {
		s.log.Warn("answer in Slack", "error", err)
	}
}

// reply shows an answer to the person alone who asked.
func (s *SlackSocket) reply(ctx context.Context, address string, n notice) error {
	// Slack names the address. It gets nothing but the answer, and still goes to
	// Slack alone.
	u, err := url.Parse(address)
	ours := err == nil && u.Scheme == s.endpoint.Scheme && u.Host == s.endpoint.Host
	if err != nil || !ours && (u.Scheme != "https" || u.Hostname() != "hooks.slack.com") {
		return errors.New("the address for the answer is not Slack's")
	}
	off := false
	report := reporter{action: "answer in Slack", advice: webhookAdvice, secrets: []string{address, u.RequestURI()}}
	message := &slack.WebhookMessage{
		ResponseType: slack.ResponseTypeEphemeral,
		Text:         n.fallback(),
		Blocks:       &slack.Blocks{BlockSet: n.answer()},
		UnfurlLinks:  &off, UnfurlMedia: &off,
	}
	if err := slack.PostWebhookCustomHTTPContext(ctx, address, s.client, message); err != nil {
		return report.explain(err)
	}
	return nil
}

// patient is the client with a bound on how often it asks.
func patient(client *http.Client) *http.Client {
	c := *client
	c.Transport = &bounded{cmp.Or[http.RoundTripper](c.Transport, http.DefaultTransport), rate.NewLimiter(rate.Every(openEvery), openBurst)}
	return &c
}

type bounded struct {
	transport http.RoundTripper
	limit     *rate.Limiter
}

func (b *bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := b.limit.Wait(r.Context()); err != nil {
		return nil, err
	}
	return b.transport.RoundTrip(r)
}

// discardLog takes what the library logs: it would stand beside our own.
type discardLog struct{}

func (discardLog) Output(int, string) error { return nil }

// act stores what somebody did in Slack.
func (s *SlackSocket) act(ctx context.Context, a reputation.Action) error {
	a.Via = "slack"
	if err := s.desk.Act(ctx, a); err != nil {
		return fmt.Errorf("store what was done in Slack: %w", err)
	}
	return nil
}
