package alerting

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"

	"reputed/internal/reputation"
)

const (
	// notifyTimeout bounds one delivery, so that a receiver which accepts the
	// connection and then says nothing does not hold up the rest.
	notifyTimeout = 30 * time.Second

	// permanentWait is the least time between two tries of what only a person
	// can mend.
	permanentWait = time.Minute

	// maxRetryAfter bounds what a receiver, or a proxy before it, can ask for.
	maxRetryAfter = time.Hour
)

// newBackOff returns the waits between tries: from about 2 seconds to about 5
// minutes, doubled each time, half more or less at random so that the clients of
// a receiver that comes back do not all call at once.
func newBackOff() *backoff.ExponentialBackOff {
	return &backoff.ExponentialBackOff{
		InitialInterval:     2 * time.Second,
		RandomizationFactor: 0.5,
		Multiplier:          2,
		MaxInterval:         5 * time.Minute,
	}
}

// lane is the way to one receiver. Its messages go in order; what stands in it is
// held up by nothing that happens in another lane.
type lane struct {
	receiver  Notifier
	backoff   *backoff.ExponentialBackOff
	hold      time.Time                   // nothing is sent before, since the receiver refused the last message
	confirmed map[int64]reputation.Thread // delivered, but not yet marked so in the outbox
}

func newLanes(receivers map[string]Notifier) map[string]*lane {
	lanes := make(map[string]*lane, len(receivers))
	for name, receiver := range receivers {
		lanes[name] = &lane{receiver: receiver, backoff: newBackOff(), confirmed: make(map[int64]reputation.Thread)}
	}
	return lanes
}

// Deliver puts into the outbox what people are to be told at the time now, and sends
// the messages of the outbox, to all receivers at the same time and
// to each in order. At a receiver it stops at the first one that cannot be
// delivered and postpones it: by exponential back-off with jitter, by what the
// receiver asked for (at most an hour), or by at least a minute if only a person
// can mend the cause. Until then nothing is sent there, so that the order holds.
// Nothing is ever dropped: what waits for a receiver that is no longer configured
// goes to the default one. A message whose confirmation was lost is sent again,
// with the same identifier. All errors are joined.
func (a *Alerter) Deliver(ctx context.Context, now time.Time) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	errs := []error{a.tell(ctx, now)}
	pending, err := a.store.Pending(ctx, now)
	if err != nil {
		return errors.Join(append(errs, fmt.Errorf("read the outbox: %w", err))...)
	}
	waiting := make(map[*lane][]reputation.Message)
	for _, m := range pending {
		l, ok := a.lanes[m.Target.Receiver]
		if !ok {
			l = a.lanes[a.policy.Default.Receiver]
			m.Target.Channel = a.policy.Default.Channel
		}
		waiting[l] = append(waiting[l], m)
	}
	var (
		wg sync.WaitGroup
		mu sync.Mutex
	)
	for l, messages := range waiting {
		wg.Go(func() {
			if err := a.deliver(ctx, l, messages, now); err != nil {
				mu.Lock()
				defer mu.Unlock()
				errs = append(errs, err)
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// place is what the thread of a message depends on.
type place struct {
	alert             int64
	receiver, channel string
}

// deliver sends what waits for one receiver.
func (a *Alerter) deliver(ctx context.Context, l *lane, messages []reputation.Message, now time.Time) error {
	// A hold that is much longer than any comes from a clock that was set back.
	if wait := l.hold.Sub(now); wait > 0 && wait < 2*maxRetryAfter {
		return nil
	}
	start := time.Now()
	threads := make(map[place]reputation.Thread)
	for _, m := range messages {
		// The first message of an alert may have been delivered just now.
		at := place{m.Alert.ID, m.Target.Receiver, m.Target.Channel}
		if th, ok := threads[at]; ok {
			m.Alert.Thread = th
		}
		th, err := l.send(ctx, m)
		passed := now.Add(time.Since(start))
		if err != nil {
			return a.postpone(ctx, l, m, passed, err)
		}
		if m.Alert.ID != 0 {
			threads[at] = th
		}
		if err := a.mark(ctx, l, m, th, passed); err != nil {
			return err
		}
	}
	return nil
}

// send hands a message to the receiver, unless it has confirmed it before.
func (l *lane) send(ctx context.Context, m reputation.Message) (reputation.Thread, error) {
	if th, ok := l.confirmed[m.ID]; ok {
		return th, nil
	}
	ctx, cancel := context.WithTimeout(ctx, notifyTimeout)
	defer cancel()
	return l.receiver.Notify(ctx, m)
}

// mark takes a confirmed message out of the outbox. While the store cannot do
// so (a full disk), the message is remembered, so that people do not get it
// again and again.
func (a *Alerter) mark(ctx context.Context, l *lane, m reputation.Message, th reputation.Thread, at time.Time) error {
	l.backoff.Reset()
	l.confirmed[m.ID] = th
	// The message stands in the channel: a shutdown must not keep that from
	// being stored.
	if err := a.store.Delivered(context.WithoutCancel(ctx), m.ID, th, at); err != nil {
		return fmt.Errorf("mark message %d as delivered: %w", m.ID, err)
	}
	delete(l.confirmed, m.ID)
	a.log.Info("delivered", "message", m.ID, "alert", m.Alert.ID, "event", m.Event)
	return nil
}

// postpone leaves a message for a later try and returns the cause.
func (a *Alerter) postpone(ctx context.Context, l *lane, m reputation.Message, at time.Time, cause error) error {
	if errors.Is(ctx.Err(), context.Canceled) { // a shutdown, and no fault of the receiver
		return fmt.Errorf("deliver message %d: %w", m.ID, ctx.Err())
	}
	wait := l.backoff.NextBackOff()
	if permanent := (*backoff.PermanentError)(nil); errors.As(cause, &permanent) {
		wait = max(wait, permanentWait)
	}
	if asked := (*backoff.RetryAfterError)(nil); errors.As(cause, &asked) {
		wait = max(wait, min(asked.Duration, maxRetryAfter))
	}
	// A store may keep whole seconds: the hold must not end before the message is
	// due, or a later one would overtake it.
	l.hold = at.Add(wait).Truncate(time.Second).Add(time.Second)
	about := fmt.Sprintf("of alert %d", m.Alert.ID)
	if m.Alert.ID == 0 {
		about = "about sources"
	}
	cause = fmt.Errorf("deliver message %d %s: %w", m.ID, about, cause)
	if err := a.store.Postpone(context.WithoutCancel(ctx), m.ID, l.hold, cause.Error()); err != nil {
		return errors.Join(cause, fmt.Errorf("postpone message %d: %w", m.ID, err))
	}
	return cause
}
