package alerting

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cenkalti/backoff/v5"

	"reputed/internal/reputation"
)

// withSpikes is a store with one undelivered message for each brand.
func withSpikes(t *testing.T, brands ...string) *memory {
	t.Helper()
	s := newMemory()
	for _, b := range brands {
		s.say(b, 12, noon)
	}
	evaluate(t, newTestAlerter(s, &inbox{}, brands...), noon)
	return s
}

func TestDeliverInOrder(t *testing.T) {
	s := withSpikes(t, "甲", "乙", "丙")
	n := &inbox{}
	a := newTestAlerter(s, n)
	for range 3 {
		if err := a.Deliver(t.Context(), noon); err != nil {
			t.Fatal(err)
		}
	}
	if len(n.messages) != 3 || n.messages[0].Alert.Brand != "甲" || n.messages[2].Alert.Brand != "丙" {
		t.Errorf("sent %+v", n.messages)
	}
}

func TestDeliverGivesLaterMessagesTheThread(t *testing.T) {
	s := withSpikes(t, "甲")
	s.say("甲", 25, noon.Add(time.Hour))
	evaluate(t, newTestAlerter(s, &inbox{}, "甲"), noon.Add(time.Hour))
	n := &inbox{}
	if err := newTestAlerter(s, n).Deliver(t.Context(), noon.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if len(n.messages) != 2 || n.messages[1].Event != reputation.Escalated || n.messages[1].Alert.Thread.TS == "" {
		t.Errorf("the escalation does not know the thread of the opening: %+v", n.messages)
	}
}

func TestDeliverPostpones(t *testing.T) {
	tests := []struct {
		name        string
		err         error
		least, most time.Duration
	}{
		{"temporary", errors.New("502 Bad Gateway"), time.Second, 3 * time.Second},
		{"asked to wait", fmt.Errorf("slow down: %w", &backoff.RetryAfterError{Duration: 90 * time.Second}), 90 * time.Second, 90 * time.Second},
		{"asked to wait for ever", &backoff.RetryAfterError{Duration: 1 << 62}, time.Hour, time.Hour},
		{"permanent", backoff.Permanent(errors.New("invalid_auth")), time.Minute, time.Minute},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := withSpikes(t, "甲", "乙")
			n := &inbox{err: tt.err}
			a := newTestAlerter(s, n)
			if err := a.Deliver(t.Context(), noon); !errors.Is(err, tt.err) {
				t.Fatalf("error %v does not wrap the cause", err)
			}
			first := s.outbox[0]
			if wait := first.due.Sub(noon); wait < tt.least || wait > tt.most+time.Second || first.cause == "" {
				t.Errorf("postponed for %v, want %v to %v; cause %q", wait, tt.least, tt.most, first.cause)
			}
			n.err = nil
			if err := a.Deliver(t.Context(), first.due.Add(-time.Millisecond)); err != nil || len(n.messages) > 0 {
				t.Errorf("the second message did not wait for the first: %v, %v", n.messages, err)
			}
			if err := a.Deliver(t.Context(), first.due); err != nil || len(n.messages) != 2 || n.messages[0].ID != 1 {
				t.Errorf("after the wait: %v, %v", n.messages, err)
			}
		})
	}
}

func TestDeliverBacksOff(t *testing.T) {
	s := withSpikes(t, "甲")
	n := &inbox{err: errors.New("connection refused")}
	a := newTestAlerter(s, n)
	now, tries := noon, 0
	for ; now.Before(noon.Add(6 * time.Hour)); now = s.outbox[0].due {
		if err := a.Deliver(t.Context(), now); err == nil {
			t.Fatal("no error")
		}
		tries++
	}
	// 2, 4, ... 256 seconds, then 5 minutes, each half more or less.
	if tries < 50 || tries > 160 {
		t.Errorf("%d tries in six hours", tries)
	}
	n.err = nil
	if err := a.Deliver(t.Context(), now); err != nil || !s.outbox[0].delivered {
		t.Errorf("not delivered after the outage: %v", err)
	}
}

func TestDeliverPermanentAtMostOnceAMinute(t *testing.T) {
	s := withSpikes(t, "甲")
	a := newTestAlerter(s, &inbox{err: backoff.Permanent(errors.New("token_revoked"))})
	tries := 0
	for now := noon; now.Before(noon.Add(time.Hour)); now = now.Add(5 * time.Second) {
		if err := a.Deliver(t.Context(), now); err != nil {
			tries++
		}
	}
	if tries < 5 || tries > 60 {
		t.Errorf("%d tries in an hour", tries)
	}
}

func TestDeliverAfterTheClockWasSetBack(t *testing.T) {
	s := withSpikes(t, "甲")
	n := &inbox{err: errors.New("connection refused")}
	a := newTestAlerter(s, n)
	if err := a.Deliver(t.Context(), noon); err == nil {
		t.Fatal("no error")
	}
	n.err, s.outbox[0].due = nil, time.Time{}
	if err := a.Deliver(t.Context(), noon.AddDate(-1, 0, 0)); err != nil || len(n.messages) != 1 {
		t.Errorf("%d messages, %v", len(n.messages), err)
	}
}

// A disk that is full keeps a delivery from being marked; people still get the
// message once.
func TestDeliverWhileTheStoreIsFull(t *testing.T) {
	s := withSpikes(t, "甲")
	n := &inbox{}
	a := newTestAlerter(s, n)
	s.full = true
	for range 3 {
		if err := a.Deliver(t.Context(), noon); err == nil {
			t.Error("the full disk is not reported")
		}
	}
	s.full = false
	if err := a.Deliver(t.Context(), noon); err != nil {
		t.Fatal(err)
	}
	if len(n.messages) != 1 || !s.outbox[0].delivered {
		t.Errorf("%d messages were sent, delivered: %v", len(n.messages), s.outbox[0].delivered)
	}
}

// hanging never answers.
type hanging struct{}

func (hanging) Notify(ctx context.Context, _ reputation.Message) (reputation.Thread, error) {
	<-ctx.Done()
	return reputation.Thread{}, ctx.Err()
}

func TestDeliverToAReceiverThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := withSpikes(t, "甲")
		if err := newTestAlerter(s, hanging{}).Deliver(t.Context(), noon); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
		if wait := s.outbox[0].due.Sub(noon); wait < notifyTimeout {
			t.Errorf("postponed to %v after the start of a try that took %v", wait, notifyTimeout)
		}
	})
}

func TestDeliverStopsAtShutdown(t *testing.T) {
	s := withSpikes(t, "甲")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := newTestAlerter(s, hanging{}).Deliver(ctx, noon); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if s.outbox[0].cause != "" {
		t.Errorf("the shutdown counts as a refusal: %q", s.outbox[0].cause)
	}
}

// cancelling is a receiver during whose answer the program is told to stop.
type cancelling struct {
	inbox
	cancel context.CancelFunc
}

func (c *cancelling) Notify(ctx context.Context, m reputation.Message) (reputation.Thread, error) {
	c.cancel()
	return c.inbox.Notify(ctx, m)
}

func TestDeliverMarksWhatWasConfirmedDuringShutdown(t *testing.T) {
	s := withSpikes(t, "甲")
	ctx, cancel := context.WithCancel(t.Context())
	if err := newTestAlerter(s, &cancelling{cancel: cancel}).Deliver(ctx, noon); err != nil {
		t.Fatal(err)
	}
	if !s.outbox[0].delivered {
		t.Error("a confirmed message is still in the outbox")
	}
}

// faulty is a receiver with a fault of its own.
type faulty struct{}

func (faulty) Notify(_ context.Context, m reputation.Message) (reputation.Thread, error) {
	return reputation.Thread{}, errors.New(m.Quotes[7].Text)
}

// A receiver that fails, or has a fault, holds up its own messages alone.
func TestDeliverIsIndependentAReceiver(t *testing.T) {
	s := newMemory()
	for i, receiver := range []string{"broken", "inbox", "broken", "inbox", "gone", "faulty"} {
		m := reputation.Message{ID: int64(i + 1), Event: reputation.Opened, Target: reputation.Target{Receiver: receiver}}
		s.outbox = append(s.outbox, queued{Message: m})
	}
	n := &inbox{}
	receivers := map[string]Notifier{"inbox": n, "broken": &inbox{err: errors.New("connection refused")}, "faulty": faulty{}}
	a := NewAlerter(s, receivers, Policy{Default: reputation.Target{Receiver: "inbox"}}, detectMany, 72, nil, slog.New(slog.DiscardHandler))
	if err := a.Deliver(t.Context(), noon); err == nil {
		t.Error("the broken receiver is not reported")
	}
	var got []int64
	for _, m := range n.messages {
		got = append(got, m.ID)
	}
	if !slices.Equal(got, []int64{2, 4, 5}) {
		t.Errorf("delivered %v, want its own two and that of the receiver which is no longer configured", got)
	}
	if s.outbox[0].cause == "" || s.outbox[2].cause != "" {
		t.Errorf("of the broken receiver, the first message failed with %q and the second with %q", s.outbox[0].cause, s.outbox[2].cause)
	}
	if cause := s.outbox[5].cause; !strings.Contains(cause, "index out of range") || s.outbox[5].delivered {
		t.Errorf("the message that a receiver stumbled over: %q, want it to wait, with the cause", cause)
	}
}

// While a receiver hangs, what comes up meanwhile goes to the others at once, in rounds of
// its own; and nothing goes twice to the one that hangs.
func TestHangingReceiverHoldsUpItselfAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newMemory()
		queue := func(receiver string) {
			m := reputation.Message{ID: int64(len(s.outbox) + 1), Event: reputation.Opened, Target: reputation.Target{Receiver: receiver}}
			s.outbox = append(s.outbox, queued{Message: m})
		}
		slow, n := &counting{}, &inbox{}
		receivers := map[string]Notifier{"slow": slow, "inbox": n}
		a := NewAlerter(s, receivers, Policy{Default: reputation.Target{Receiver: "inbox"}}, detectMany, 72, nil, slog.New(slog.DiscardHandler))
		queue("slow")
		first := make(chan error)
		go func() { first <- a.Deliver(t.Context(), noon) }()
		synctest.Wait()
		for i := range 5 { // rounds while the first one waits
			time.Sleep(5 * time.Second)
			queue("inbox")
			begun := time.Now()
			if err := a.Deliver(t.Context(), noon.Add(time.Duration(i+1)*5*time.Second)); err != nil {
				t.Error(err)
			}
			if len(n.messages) != i+1 || time.Since(begun) != 0 {
				t.Errorf("round %d: %d messages delivered after %v", i, len(n.messages), time.Since(begun))
			}
		}
		if err := <-first; !errors.Is(err, context.DeadlineExceeded) || slow.asked != 1 || s.outbox[0].cause == "" {
			t.Errorf("the receiver that hangs was asked %d times: %v", slow.asked, err)
		}
		if err := a.Deliver(t.Context(), noon.Add(10*time.Minute)); !errors.Is(err, context.DeadlineExceeded) || slow.asked != 2 {
			t.Errorf("afterwards it was asked %d times: %v", slow.asked, err)
		}
	})
}

// counting hangs too, and counts how often.
type counting struct {
	hanging
	asked int
}

func (c *counting) Notify(ctx context.Context, m reputation.Message) (reputation.Thread, error) {
	c.asked++
	return c.hanging.Notify(ctx, m)
}
