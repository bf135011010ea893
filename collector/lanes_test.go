package collector

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

func TestLanesKeepTheGap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLanes(time.Second, time.Now)
		begin := time.Now()
		enter := func(host string, own bool) time.Duration {
			leave, err := l.enter(t.Context(), host, own)
			if err != nil {
				t.Fatal(err)
			}
			leave()
			return time.Since(begin)
		}
		for i, step := range []struct {
			host string
			own  bool
			want time.Duration
		}{
			{"a", false, 0},
			{"b", false, 0},
			{"a", false, time.Second},
			{"a", true, time.Second}, // the user's own host: no gap
			{"b", false, time.Second},
			{"a", false, 2 * time.Second},
		} {
			if got := enter(step.host, step.own); got != step.want {
				t.Errorf("request %d to %s after %s, want %s", i, step.host, got, step.want)
			}
		}
	})
}

func TestLanesOneAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLanes(0, time.Now)
		leave, err := l.enter(t.Context(), "a", true)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := l.enter(ctx, "a", true); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("second request at the same time: error %v, want the context's", err)
		}
		leave()
		if _, err := l.enter(t.Context(), "a", true); err != nil {
			t.Errorf("after the first request: %v", err)
		}
	})
}

func TestLanesWaitEndsWithContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLanes(time.Hour, time.Now)
		leave, err := l.enter(t.Context(), "a", false)
		if err != nil {
			t.Fatal(err)
		}
		leave()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := l.enter(ctx, "a", false); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v, want the context's", err)
		}
		time.Sleep(time.Hour)
		if _, err := l.enter(t.Context(), "a", false); err != nil {
			t.Errorf("after the gap: %v", err)
		}
	})
}

func TestLanesForgetIdleHosts(t *testing.T) {
	now := testTime
	l := newLanes(time.Second, func() time.Time { return now })
	busy, err := l.enter(t.Context(), "busy", false)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 * firstSweep {
		now = now.Add(2 * time.Second)
		leave, err := l.enter(t.Context(), fmt.Sprint("host", i), false)
		if err != nil {
			t.Fatal(err)
		}
		leave()
	}
	if len(l.byHost) > firstSweep {
		t.Errorf("%d hosts remembered, want at most %d", len(l.byHost), firstSweep)
	}
	if l.byHost["busy"] == nil {
		t.Error("a host was forgotten during a request to it")
	}
	busy()
}
