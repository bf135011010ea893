package collector

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// lanes keep requests to one host apart: one at a time, with a gap between them, and
// none while the host has asked for none.
type lanes struct {
	clock func() time.Time

	mu     sync.Mutex
	byHost map[string]*lane
	sweep  int // the number of lanes at which idle ones are forgotten
}

type lane struct {
	turn   chan struct{} // holds one token while the lane is free
	users  int           // in the lane or waiting for it
	ended  time.Time     // when the last request ended
	closed time.Time     // the host wants no request before this time
}

// firstSweep is how many hosts are remembered before idle ones are forgotten: articles
// may stand on any number of hosts.
const firstSweep = 1000

// longestGap bounds the gap that a host can ask for.
const longestGap = 10 * time.Second

func newLanes(clock func() time.Time) *lanes {
	return &lanes{clock: clock, byHost: make(map[string]*lane), sweep: firstSweep}
}

// enter waits for the turn at host and for the gap after the request before. The caller
// calls leave when its request is done. While the host is closed the error is a
// [*WaitError].
func (l *lanes) enter(ctx context.Context, host string, gap time.Duration) (leave func(), err error) {
	ln := l.join(host)
	select {
	case <-ln.turn:
	case <-ctx.Done():
		l.quit(ln)
		return nil, waiting(ctx)
	}
	giveUp := func(err error) (func(), error) {
		ln.turn <- struct{}{}
		l.quit(ln)
		return nil, err
	}
	if until := l.closed(ln); until.After(l.clock()) {
		return giveUp(&WaitError{Until: until})
	}
	if wait := min(ln.ended.Add(gap).Sub(l.clock()), gap); wait > 0 { // min: the clock may have been set back
		timer := time.NewTimer(wait)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			return giveUp(waiting(ctx))
		}
	}
	return func() {
		l.mu.Lock()
		ln.ended = l.clock()
		l.mu.Unlock()
		ln.turn <- struct{}{}
		l.quit(ln)
	}, nil
}

func waiting(ctx context.Context) error {
	return fmt.Errorf("wait for earlier requests to the host: %w", ctx.Err())
}

// closeUntil keeps requests from the host of a lane that the caller is in.
func (l *lanes) closeUntil(host string, until time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if ln := l.byHost[host]; ln != nil && until.After(ln.closed) {
		ln.closed = until
	}
}

func (l *lanes) closed(ln *lane) time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return ln.closed
}

func (l *lanes) join(host string) *lane {
	l.mu.Lock()
	defer l.mu.Unlock()
	ln := l.byHost[host]
	if ln == nil {
		l.forgetIdle()
		ln = &lane{turn: make(chan struct{}, 1)}
		ln.turn <- struct{}{}
		l.byHost[host] = ln
	}
	ln.users++
	return ln
}

func (l *lanes) quit(ln *lane) {
	l.mu.Lock()
	defer l.mu.Unlock()
	ln.users--
}

func (l *lanes) forgetIdle() {
	if len(l.byHost) < l.sweep {
		return
	}
	now := l.clock()
	for host, ln := range l.byHost {
		if ln.users == 0 && ln.ended.Add(longestGap).Before(now) && ln.closed.Before(now) {
			delete(l.byHost, host)
		}
	}
	l.sweep = max(firstSweep, 2*len(l.byHost)) // busy lanes are not looked at again and again
}
