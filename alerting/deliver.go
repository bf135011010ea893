package alerting

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
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

// place is a channel of a receiver.
type place struct{ receiver, channel string }

// lane is the way to one channel. Its messages go in order; what stands in it is held
// up by nothing that happens in another lane.
type lane struct {
	receiver  Notifier
	backoff   *backoff.ExponentialBackOff
	busy      bool                        // a round sends over it; the other fields are that round's until it ends
	hold      time.Time                   // nothing is sent before, since the receiver refused the last message
	confirmed map[int64]reputation.Thread // delivered, but not yet marked so in the outbox
}

// lane returns the way to where a message goes. What waits for a receiver that is no
// longer configured goes to the default one.
func (a *Alerter) lane(t reputation.Target) (*lane, reputation.Target) {
	if _, ok := a.receivers[t.Receiver]; !ok {
		t = a.policy.Default
	}
	at := place{t.Receiver, t.Channel}
	l, ok := a.lanes[at]
	if !ok {
		l = &lane{receiver: a.receivers[t.Receiver], backoff: newBackOff(), confirmed: make(map[int64]reputation.Thread)}
		a.lanes[at] = l
	}
	return l, t
}

// Deliver puts into the outbox what people are to be told at the time now, and sends
// the messages of the outbox, to all channels at the same time and to each in order.
// In a channel it stops at the first one that cannot be delivered and postpones it: by
// exponential back-off with jitter, by what the receiver asked for (at most an hour),
// or by at least a minute if only a person can mend the cause. Until then nothing is
// sent there, so that the order holds. When many messages have waited for long, one
// digest tells of them all. Nothing is ever dropped: what waits for a receiver that is
// no longer configured goes to the default one. A message whose confirmation was lost
// is sent again, with the same identifier. All errors are joined.
//
// It returns when all that it sends is delivered or postponed. Another round may begin
// before that: a receiver that says nothing for half a minute keeps no other from the
// news. It leaves alone the channels at which an earlier round is still at work.
func (a *Alerter) Deliver(ctx context.Context, now time.Time) error {
	waiting, err := a.begin(ctx, now)
	errs := []error{err}
	var (
		wg sync.WaitGroup
		mu sync.Mutex
	)
	for l, messages := range waiting {
		wg.Go(func() {
			defer a.free(l)
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

// begin puts into the outbox what people are to be told, and returns what waits for the
// channels at which no round is at work. They are busy from then on.
func (a *Alerter) begin(ctx context.Context, now time.Time) (map[*lane][]reputation.Message, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	told := a.tell(ctx, now)
	pending, err := a.store.Pending(ctx, now)
	if err != nil {
		return nil, errors.Join(told, fmt.Errorf("read the outbox: %w", err))
	}
	waiting := make(map[*lane][]reputation.Message)
	for _, m := range pending {
		l, target := a.lane(m.Target)
		if l.busy {
			continue // what it sends now may have been read as waiting
		}
		m.Target.Receiver, m.Target.Channel = target.Receiver, target.Channel
		waiting[l] = append(waiting[l], m)
	}
	for l := range waiting {
		l.busy = true
	}
	return waiting, told
}

// free lets the next round send over a lane.
func (a *Alerter) free(l *lane) {
	a.mu.Lock()
	defer a.mu.Unlock()
	l.busy = false
}

// deliver sends what waits for one channel.
func (a *Alerter) deliver(ctx context.Context, l *lane, messages []reputation.Message, now time.Time) error {
	// A hold that is much longer than any comes from a clock that was set back.
	if wait := l.hold.Sub(now); wait > 0 && wait < 2*maxRetryAfter {
		return nil
	}
	start := time.Now()
	told := func(m reputation.Message) bool { _, ok := l.confirmed[m.ID]; return ok }
	if covered := backlog(slices.DeleteFunc(slices.Clone(messages), told), now); len(covered) > 0 {
		var err error
		if messages, err = a.sumUpBacklog(ctx, messages, covered, now); err != nil {
			return err
		}
	}
	threads := make(map[int64]reputation.Thread) // by alert
	for _, m := range messages {
		if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < notifyTimeout {
			return nil // the next round goes on, and the receiver is not blamed for this one's end
		}
		// The first message of an alert may have been delivered just now.
		if th, ok := threads[m.Alert.ID]; ok {
			m.Alert.Thread = th
		}
		th, err := l.send(ctx, m)
		passed := now.Add(time.Since(start))
		if err != nil {
			return a.postpone(ctx, l, m, passed, err)
		}
		if m.Alert.ID != 0 {
			threads[m.Alert.ID] = th
		}
		for _, also := range m.Also {
			guest := th
			guest.Guest = th.TS != ""
			threads[also.ID] = guest
		}
		if err := a.mark(ctx, l, m, th, passed); err != nil {
			return err
		}
	}
	return nil
}

// send hands a message to the receiver, unless it has confirmed it before. A receiver
// that panics over a message has refused it: the other channels go on.
func (l *lane) send(ctx context.Context, m reputation.Message) (th reputation.Thread, err error) {
	if th, ok := l.confirmed[m.ID]; ok {
		return th, nil
	}
	ctx, cancel := context.WithTimeout(ctx, notifyTimeout)
	defer cancel()
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("a fault of this program, please report it: %v, at %s", fault, debug.Stack())
		}
	}()
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
	if n := len(m.Troubles); n > 0 {
		a.log.Info("delivered", "message", m.ID, "sources", n, "event", m.Event)
	} else {
		a.log.Info("delivered", "message", m.ID, "alert", m.Alert.ID, "event", m.Event)
	}
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
	switch {
	case m.Digest != nil:
		about = "with a digest"
	case m.Alert.ID == 0:
		about = "about sources"
	}
	cause = fmt.Errorf("deliver message %d %s: %w", m.ID, about, cause)
	if err := a.store.Postpone(context.WithoutCancel(ctx), m.ID, l.hold, cause.Error()); err != nil {
		return errors.Join(cause, fmt.Errorf("postpone message %d: %w", m.ID, err))
	}
	return cause
}
