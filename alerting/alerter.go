// Package alerting turns judgements about a brand's hours into alerts, and
// brings the alerts to people. It exists so that a team is told once of a spike,
// again when it grows or returns, and once more when it is over: never twice of
// the same thing, and never not at all.
//
// Next is the life cycle as a pure function. Alerter runs it over the stored
// history and keeps each change together with what people are to be told of it.
// When nothing mutes it (decide is that as a pure function), messages go into an
// outbox, one a target, in the transaction after which nothing is left to tell; and
// the outbox is delivered in order until the receivers have confirmed. SlackBot, SlackWebhook and Terminal are receivers.
// All of them show the same message, in Chinese or English, and treat every
// scraped text as hostile.
package alerting

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"reputed/internal/reputation"
)

const (
	// lookBack and lookStep set the ends of the judged hours: the present hour,
	// and those that ended up to two hours ago, so that items which arrive late
	// still alert.
	lookBack = 2 * time.Hour
	lookStep = 30 * time.Minute

	trendHours   = 48      // hours of the trend that a message keeps
	pictureHours = 14 * 24 // hours of which its picture shows the negative mentions
	mentionLimit = 500     // negative mentions that a message sums up
	quoteLimit   = 3       // mentions that a message quotes
)

// History is what an Alerter reads of the past.
type History interface {
	// Hours returns the n hours that end at to, oldest first.
	Hours(ctx context.Context, brand string, to time.Time, n int) ([]reputation.Hour, error)
	// Since returns the time from which on the brand is watched.
	Since(ctx context.Context, brand string) (time.Time, error)
	// LastSuccess returns when any source was read last; zero if none was.
	LastSuccess(ctx context.Context) (time.Time, error)
	// Young returns the sources that have no mention from before since.
	Young(ctx context.Context, since time.Time) (map[string]bool, error)
	// Negative returns the negative mentions of a time, strongest first, and
	// for each how many copies of its story stand elsewhere.
	Negative(ctx context.Context, brand string, from, to time.Time, limit int) ([]reputation.Mention, []int, error)
}

// Alerts is where an Alerter keeps alerts.
type Alerts interface {
	// LatestAlert returns the last opened alert of a brand and rule, and false
	// if there was none yet.
	LatestAlert(ctx context.Context, brand, rule string) (reputation.Alert, bool, error)
	// Record stores the alert, and with it in one transaction the messages about
	// it, one a target. It returns the alert with its ID. What people have
	// acknowledged is left as it is stored.
	Record(ctx context.Context, a reputation.Alert, messages []reputation.Message) (reputation.Alert, error)
	// Open returns the alerts that fire, and those of which people are still to be
	// told, in the order of opening.
	Open(ctx context.Context) ([]reputation.Alert, error)
	// Told returns the targets where people were told of an alert.
	Told(ctx context.Context, alert int64) ([]reputation.Target, error)
	// Tell stores in one transaction what waits of each alert, when it was told and
	// what mutes it, and puts messages about them, due at now, into the outbox.
	Tell(ctx context.Context, alerts []reputation.Alert, messages []reputation.Message, now time.Time) error
	// Silences returns the silences that end after a time.
	Silences(ctx context.Context, after time.Time) ([]reputation.Silence, error)
}

// Outbox holds the messages that wait for delivery.
type Outbox interface {
	// Pending returns the messages that are due, in the order of their events,
	// each with the present thread of its alert at its target. A message waits
	// for those before it that go to the same channel.
	Pending(ctx context.Context, now time.Time) ([]reputation.Message, error)
	// Delivered takes a message out of the outbox and keeps where it stands.
	Delivered(ctx context.Context, message int64, th reputation.Thread, at time.Time) error
	// SumUp puts a digest into the outbox at the time now, and leaves to it in the
	// same transaction the messages that it tells of. It returns it with its ID.
	SumUp(ctx context.Context, digest reputation.Message, covered []int64, now time.Time) (reputation.Message, error)
	// Alerts returns alerts by their numbers, as they stand now.
	Alerts(ctx context.Context, ids []int64) (map[int64]reputation.Alert, error)
	// Postpone leaves a message in the outbox until a time, with the cause.
	Postpone(ctx context.Context, message int64, until time.Time, cause string) error
}

// Store is all that an Alerter reads and keeps.
type Store interface {
	History
	Alerts
	Outbox
}

// Detect judges the last of the hours against those before it. The hours are
// oldest first and end at to; since is the time from which on the brand is
// watched.
type Detect func(hours []reputation.Hour, since, to time.Time) reputation.Judgement

// Notifier is a receiver of messages. Its channels are told at the same time.
type Notifier interface {
	// Notify delivers a message and returns only after the receiver has
	// confirmed it. The thread is where the alert's first message stands, zero
	// for receivers without threads. An error that wraps a
	// *backoff.PermanentError needs a person to mend it, one that wraps a
	// *backoff.RetryAfterError names the time to wait; all others are worth
	// another try.
	Notify(ctx context.Context, m reputation.Message) (reputation.Thread, error)
}

// Alerter watches brands and tells receivers of their alerts.
type Alerter struct {
	store  Store
	policy Policy
	detect Detect
	window int // hours that detect looks at
	brands []string
	log    *slog.Logger

	// Episode tells of the crisis that a brand is in at a time, or nil; with alarm, an
	// alert on the volume of negative mentions is being opened on the hour that ends
	// then. It may be nil itself: then no message tells of a crisis.
	Episode func(ctx context.Context, brand string, at time.Time, alarm bool) (*reputation.Episode, error)

	// Rules judges a brand's talk by the other rules, in the hours that end at a full
	// hour. It may be nil: then the volume of negative mentions alone opens alerts.
	Rules func(ctx context.Context, brand string, hour time.Time) ([]reputation.RuleJudgement, error)

	ruled     map[string]time.Time // by brand, the full hour that the rules judged last
	life      sync.Mutex           // serialises what changes alerts
	mu        sync.Mutex           // serialises the beginnings of rounds; guards lanes and which of them are busy
	receivers map[string]Notifier
	lanes     map[place]*lane // made as messages come
}

// NewAlerter returns an Alerter for the brands. The detector is given window
// hours at each call; messages go to the receivers by their names, among which
// that of the policy's default must be; log is told of events and of deliveries.
func NewAlerter(store Store, receivers map[string]Notifier, policy Policy, detect Detect, window int, brands []string, log *slog.Logger) *Alerter {
	return &Alerter{
		store:     store,
		policy:    policy,
		detect:    detect,
		window:    window,
		brands:    slices.Clone(brands),
		log:       log,
		receivers: maps.Clone(receivers),
		lanes:     make(map[place]*lane),
		ruled:     make(map[string]time.Time),
	}
}

// Evaluate judges every brand at the time now, and stores what changed together
// with what people are to be told of it; Deliver tells them. It judges the hours that ended in the last two
// hours, so that items which arrive late still alert, but nothing older than
// three hours ever does. Rules besides the detector judge each full hour once, with
// the hour before it. The error of one brand does not keep the others from
// being judged; all errors are joined.
func (a *Alerter) Evaluate(ctx context.Context, now time.Time) error {
	a.life.Lock()
	defer a.life.Unlock()
	now = now.UTC().Truncate(time.Second)
	read, err := a.store.LastSuccess(ctx)
	if err != nil {
		return fmt.Errorf("read when the sources were read: %w", err)
	}
	var errs []error
	for _, brand := range a.brands {
		err := errors.Join(a.evaluateVolume(ctx, brand, now, read), a.evaluateRules(ctx, brand, now, read))
		if err != nil {
			errs = append(errs, fmt.Errorf("evaluate brand %s: %w", brand, err))
		}
	}
	return errors.Join(errs...)
}

// judged is a judgement with the hours it was made of, which are nil of a rule on parts of
// the talk.
type judged struct {
	reputation.Judgement
	hours []reputation.Hour
}

// evaluateVolume judges the volume of a brand's negative mentions; read is when any source was read last.
func (a *Alerter) evaluateVolume(ctx context.Context, brand string, now, read time.Time) error {
	since, err := a.store.Since(ctx, brand)
	if err != nil {
		return fmt.Errorf("read the start of the history: %w", err)
	}
	hours, err := a.judge(ctx, brand, since, now)
	if err != nil {
		return err
	}
	return a.follow(ctx, brand, RuleNegativeVolume, hours, now, read)
}

// evaluateRules judges a brand by the other rules, once for each full hour: the hours
// up to the last one, and up to the one before it anew, of which items may have come
// late. What was judged before a restart is judged again, without harm: hours that an
// alert has seen do not change it.
func (a *Alerter) evaluateRules(ctx context.Context, brand string, now, read time.Time) error {
	hour := now.Truncate(time.Hour)
	if a.Rules == nil || hour.Equal(a.ruled[brand]) {
		return nil
	}
	byRule := make(map[string][]judged)
	var rules []string // in their order
	for _, at := range []time.Time{hour.Add(-time.Hour), hour} {
		all, err := a.Rules(ctx, brand, at)
		if err != nil {
			return fmt.Errorf("judge the hours up to %s: %w", at.Format(time.RFC3339), err)
		}
		for _, j := range all {
			if byRule[j.Rule] == nil {
				rules = append(rules, j.Rule)
			}
			byRule[j.Rule] = append(byRule[j.Rule], judged{Judgement: j.Judgement})
		}
	}
	for _, rule := range rules {
		if err := a.follow(ctx, brand, rule, byRule[rule], now, read); err != nil {
			return err
		}
	}
	a.ruled[brand] = hour
	return nil
}

// follow takes the steps in the life of a rule's alert that its judgements bring, up to
// the first that people are to be told of; read is when any source was read last.
func (a *Alerter) follow(ctx context.Context, brand, rule string, hours []judged, now, read time.Time) error {
	last, err := a.latest(ctx, brand, rule)
	if err != nil {
		return err
	}
	next := last
	var event reputation.Event
	for _, h := range hours {
		if !h.Spike && !read.After(h.To.Add(-time.Hour)) {
			continue // nobody looked in the last hour, so its silence is no calm
		}
		if h.Spike && h.hours != nil && next.State != reputation.Firing {
			if h, err = a.withoutYoung(ctx, brand, h); err != nil {
				return err
			}
		}
		if next, event = Next(next, h.Judgement, now); event == "" {
			continue
		}
		next = await(next, event, h.To, now)
		if event != reputation.Ended {
			if next.Driver, err = a.driver(ctx, next, h.From, h.To); err != nil {
				return err
			}
		}
		break
	}
	return a.changed(ctx, last, next, event)
}

// latest is the last alert of a brand and rule, or the beginning of one.
func (a *Alerter) latest(ctx context.Context, brand, rule string) (reputation.Alert, error) {
	last, ok, err := a.store.LatestAlert(ctx, brand, rule)
	if err != nil {
		return last, fmt.Errorf("read the latest alert: %w", err)
	}
	if !ok {
		last = reputation.Alert{Brand: brand, Rule: rule}
	}
	return last, nil
}

// changed stores an alert if it changed.
func (a *Alerter) changed(ctx context.Context, last, next reputation.Alert, event reputation.Event) error {
	if next == last {
		return nil
	}
	next, err := a.store.Record(ctx, next, nil)
	if err != nil {
		return fmt.Errorf("store the alert: %w", err)
	}
	if event != "" {
		a.log.Info("alert", "event", event, "brand", next.Brand, "rule", next.Rule, "alert", next.ID, "severity", next.Severity, "peak", next.Peak)
	}
	return nil
}

// WarmUp is the history that a source needs before its talk can open an alert.
const WarmUp = 7 * 24 * time.Hour

// withoutYoung judges an hour anew without the mentions of sources that have no
// history yet: a busy source that is added beside a slow one is no crisis.
func (a *Alerter) withoutYoung(ctx context.Context, brand string, h judged) (judged, error) {
	young, err := a.store.Young(ctx, h.To.Add(-WarmUp))
	if err != nil || len(young) == 0 {
		return h, err
	}
	mentions, _, err := a.store.Negative(ctx, brand, h.From, h.To, -1)
	if err != nil {
		return h, fmt.Errorf("read the negative mentions: %w", err)
	}
	since, err := a.store.Since(ctx, brand)
	if err != nil {
		return h, fmt.Errorf("read the start of the history: %w", err)
	}
	hours := slices.Clone(h.hours)
	last := &hours[len(hours)-1]
	for _, m := range mentions {
		if young[m.Item.Source] {
			last.Negative--
			last.Mentions--
		}
	}
	last.Stories = min(last.Stories, last.Negative)
	return judged{a.detect(hours, since, h.To), hours}, nil
}

// judge returns the hours that are spikes, the most surprising first, and then
// the present hour, which alone can tell that the talk has calmed down.
func (a *Alerter) judge(ctx context.Context, brand string, since, now time.Time) ([]judged, error) {
	var spikes []judged
	var present judged
	// The hours that end at full hours before now share one series, as do those
	// that end half an hour off.
	for offset := time.Duration(0); offset < time.Hour; offset += lookStep {
		series, err := a.store.Hours(ctx, brand, now.Add(-offset), a.window+int(lookBack/time.Hour))
		if err != nil {
			return nil, fmt.Errorf("read the hours: %w", err)
		}
		for back := 0; offset+time.Duration(back)*time.Hour <= lookBack && back < len(series); back++ {
			hours := series[max(0, len(series)-back-a.window) : len(series)-back]
			to := now.Add(-offset - time.Duration(back)*time.Hour)
			h := judged{a.detect(hours, since, to), hours}
			if to.Equal(now) {
				present = h
			}
			if h.Spike {
				spikes = append(spikes, h)
			}
		}
	}
	slices.SortStableFunc(spikes, func(x, y judged) int { return cmp.Compare(y.Surprise, x.Surprise) })
	return append(spikes, present), nil
}

// driver is what most of the negative mentions from one time to another are about that
// an alert is on; empty if that is unclear for most.
func (a *Alerter) driver(ctx context.Context, alert reputation.Alert, from, to time.Time) (string, error) {
	mentions, _, err := a.negative(ctx, alert, from, to)
	if err != nil {
		return "", err
	}
	drivers := count(mentions, func(m reputation.Mention) []string { return []string{m.Driver} })
	if len(drivers) == 0 {
		return "", nil
	}
	return drivers[0].Name, nil
}

// Behind tells whether a negative mention stands behind an alert of a rule: one about
// the driver or with the signal that the rule is on. None stand behind a silence, and
// the brand's own are not why others are spoken of more.
func Behind(rule string, m reputation.Mention) bool {
	if driver, ok := reputation.DriverOf(rule); ok {
		return m.Driver == driver
	}
	if signal, ok := reputation.SignalBehind(rule); ok {
		return slices.Contains(m.Signals, signal)
	}
	return rule != reputation.RuleSilence && rule != reputation.RuleShareOfVoice
}

// negative reads the negative mentions that stand behind an alert, strongest first, and
// how many copies of each story stand elsewhere.
func (a *Alerter) negative(ctx context.Context, alert reputation.Alert, from, to time.Time) ([]reputation.Mention, []int, error) {
	limit := mentionLimit
	if alert.Rule != RuleNegativeVolume {
		limit = -1 // those behind the alert may be the mildest
	}
	all, allCopies, err := a.store.Negative(ctx, alert.Brand, from, to, limit)
	if err != nil {
		return nil, nil, fmt.Errorf("read the negative mentions: %w", err)
	}
	var mentions []reputation.Mention
	var copies []int
	for i, m := range all {
		if len(mentions) < mentionLimit && Behind(alert.Rule, m) {
			mentions, copies = append(mentions, m), append(copies, allCopies[i])
		}
	}
	return mentions, copies, nil
}

// message sums up what the negative mentions say: of the judged hours, or of the
// whole spike when it is over.
func (a *Alerter) message(ctx context.Context, event reputation.Event, alert reputation.Alert, h judged) (reputation.Message, error) {
	from := h.From
	if event == reputation.Ended {
		from = alert.Judgement.From
	}
	mentions, copies, err := a.negative(ctx, alert, from, h.To)
	if err != nil {
		return reputation.Message{}, err
	}
	var episode *reputation.Episode
	if a.Episode != nil {
		opens := event == reputation.Opened || event == reputation.Reopened
		if episode, err = a.Episode(ctx, alert.Brand, h.To, opens && alert.Rule == RuleNegativeVolume); err != nil {
			return reputation.Message{}, fmt.Errorf("follow the crisis: %w", err)
		}
	}
	m := reputation.Message{
		Event:   event,
		Alert:   alert,
		At:      h.To,
		Episode: episode,
		Drivers: count(mentions, func(m reputation.Mention) []string { return []string{m.Driver} }),
		Sources: count(mentions, func(m reputation.Mention) []string { return []string{m.Item.Source} }),
		Signals: count(mentions, func(m reputation.Mention) []string { return m.Signals }),
		Quotes:  quotes(mentions, copies, quoteLimit),
		Trend:   slices.Clone(h.hours[max(0, len(h.hours)-trendHours):]),
	}
	if alert.Rule == RuleNegativeVolume { // the picture shows what this rule judges
		m.Before = negatives(h.hours[max(0, len(h.hours)-pictureHours):max(0, len(h.hours)-trendHours)])
	}
	return m, nil
}

func negatives(hours []reputation.Hour) []int {
	var counts []int
	for _, h := range hours {
		counts = append(counts, h.Negative)
	}
	return counts
}
