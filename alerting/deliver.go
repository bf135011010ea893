package alerting

import (
	"context"
	"errors"
	"fmt"
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

// Deliver sends the messages of the outbox in order. It stops at the first one
// that cannot be delivered and postpones it: by exponential back-off with
// jitter, by what the receiver asked for (at most an hour), or by at least a
// minute if only a person can mend the cause. Until then nothing is sent, so
// that the order holds. Nothing is ever dropped. A message whose confirmation
// was lost is sent again, with the same identifier.
func (a *Alerter) Deliver(ctx context.Context, now time.Time) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	// A hold that is much longer than any comes from a clock that was set back.
	if wait := a.hold.Sub(now); wait > 0 && wait < 2*maxRetryAfter {
		return nil
	}
	start := time.Now()
	pending, err := a.store.Pending(ctx, now)
	if err != nil {
		return fmt.Errorf("read the outbox: %w", err)
	}
	threads := make(map[int64]reputation.Thread)
	for _, m := range pending {
		// The first message of an alert may have been delivered just now.
		if th, ok := threads[m.Alert.ID]; ok {
			m.Alert.Thread = th
		}
		th, err := a.send(ctx, m)
		at := now.Add(time.Since(start))
		if err != nil {
			return a.postpone(ctx, m, at, err)
		}
		if len(m.Troubles) == 0 {
			threads[m.Alert.ID] = th
		}
		if err := a.mark(ctx, m, th, at); err != nil {
			return err
		}
	}
	return nil
}

// send hands a message to the receiver, unless it has confirmed it before.
func (a *Alerter) send(ctx context.Context, m reputation.Message) (reputation.Thread, error) {
	if th, ok := a.confirmed[m.ID]; ok {
		return th, nil
	}
	ctx, cancel := context.WithTimeout(ctx, notifyTimeout)
	defer cancel()
	return a.notifier.Notify(ctx, m)
}

// mark takes a confirmed message out of the outbox. While the store cannot do
// so (a full disk), the message is remembered, so that people do not get it
// again and again.
func (a *Alerter) mark(ctx context.Context, m reputation.Message, th reputation.Thread, at time.Time) error {
	a.backoff.Reset()
	a.confirmed[m.ID] = th
	// The message stands in the channel: a shutdown must not keep that from
	// being stored.
	if err := a.store.Delivered(context.WithoutCancel(ctx), m.ID, th, at); err != nil {
		return fmt.Errorf("mark message %d as delivered: %w", m.ID, err)
	}
	delete(a.confirmed, m.ID)
	if n := len(m.Troubles); n > 0 {
		a.log.Info("delivered", "message", m.ID, "sources", n, "event", m.Event)
	} else {
		a.log.Info("delivered", "message", m.ID, "alert", m.Alert.ID, "event", m.Event)
	}
	return nil
}

// postpone leaves a message for a later try and returns the cause.
func (a *Alerter) postpone(ctx context.Context, m reputation.Message, at time.Time, cause error) error {
	if errors.Is(ctx.Err(), context.Canceled) { // a shutdown, and no fault of the receiver
		return fmt.Errorf("deliver message %d: %w", m.ID, ctx.Err())
	}
	wait := a.backoff.NextBackOff()
	if permanent := (*backoff.PermanentError)(nil); errors.As(cause, &permanent) {
		wait = max(wait, permanentWait)
	}
	if asked := (*backoff.RetryAfterError)(nil); errors.As(cause, &asked) {
		wait = max(wait, min(asked.Duration, maxRetryAfter))
	}
	// A store may keep whole seconds: the hold must not end before the message is
	// due, or a later one would overtake it.
	a.hold = at.Add(wait).Truncate(time.Second).Add(time.Second)
	about := fmt.Sprintf("of alert %d", m.Alert.ID)
	if len(m.Troubles) > 0 {
		about = "about sources"
	}
	cause = fmt.Errorf("deliver message %d %s: %w", m.ID, about, cause)
	if err := a.store.Postpone(context.WithoutCancel(ctx), m.ID, a.hold, cause.Error()); err != nil {
		return errors.Join(cause, fmt.Errorf("postpone message %d: %w", m.ID, err))
	}
	return cause
}
