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
		l := newLanes(time.Now)
		begin := time.Now()
		enter := func(host string, gap time.Duration) time.Duration {
			leave, err := l.enter(t.Context(), host, gap)
			if err != nil {
				t.Fatal(err)
			}
			leave()
			return time.Since(begin)
		}
		for i, step := range []struct {
			host string
			gap  time.Duration
			want time.Duration
		}{
			{"a", time.Second, 0},
			{"b", time.Second, 0},
			{"a", time.Second, time.Second},
			{"a", 0, time.Second}, // the user's own host: no gap
			{"b", time.Second, time.Second},
			{"a", time.Second, 2 * time.Second},
		} {
			if got := enter(step.host, step.gap); got != step.want {
				t.Errorf("request %d to %s after %s, want %s", i, step.host, got, step.want)
			}
		}
	})
}

func TestLanesOneAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLanes(time.Now)
		leave, err := l.enter(t.Context(), "a", 0)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := l.enter(ctx, "a", 0); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("second request at the same time: error %v, want the context's", err)
		}
		leave()
		if _, err := l.enter(t.Context(), "a", 0); err != nil {
			t.Errorf("after the first request: %v", err)
		}
	})
}

func TestLanesWaitEndsWithContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLanes(time.Now)
		leave, err := l.enter(t.Context(), "a", time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		leave()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := l.enter(ctx, "a", time.Hour); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v, want the context's", err)
		}
		time.Sleep(time.Hour)
		if _, err := l.enter(t.Context(), "a", time.Hour); err != nil {
			t.Errorf("after the gap: %v", err)
		}
	})
}

func TestLanesForgetIdleHosts(t *testing.T) {
	now := testTime
	l := newLanes(func() time.Time { return now })
	busy, err := l.enter(t.Context(), "busy", time.Second)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 * firstSweep {
		now = now.Add(time.Minute)
		leave, err := l.enter(t.Context(), fmt.Sprint("host", i), time.Second)
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
