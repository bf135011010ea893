package collector

import (
	"context"
	"sync"
	"time"
)

// lanes keep requests to one host apart: one at a time, with a gap between them.
type lanes struct {
	gap   time.Duration
	clock func() time.Time

	mu     sync.Mutex
	byHost map[string]*lane
	sweep  int // the number of lanes at which idle ones are forgotten
}

type lane struct {
	turn  chan struct{} // holds one token while the lane is free
	users int           // in the lane or waiting for it
	free  time.Time     // when the gap after the last request ends
}

// firstSweep is how many hosts are remembered before those whose gap is over are
// forgotten: articles may stand on any number of hosts.
const firstSweep = 1000

func newLanes(gap time.Duration, clock func() time.Time) *lanes {
	return &lanes{gap: gap, clock: clock, byHost: make(map[string]*lane), sweep: firstSweep}
}

// enter waits for the turn at host and, unless own, for the gap after the request
// before. The caller calls leave when its request is done.
func (l *lanes) enter(ctx context.Context, host string, own bool) (leave func(), err error) {
	ln := l.join(host)
	select {
	case <-ln.turn:
	case <-ctx.Done():
		l.quit(ln)
		return nil, ctx.Err()
	}
	if wait := min(ln.free.Sub(l.clock()), l.gap); wait > 0 && !own { // min: the clock may have been set back
		timer := time.NewTimer(wait)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			ln.turn <- struct{}{}
			l.quit(ln)
			return nil, ctx.Err()
		}
	}
	return func() {
		ln.free = l.clock().Add(l.gap)
		ln.turn <- struct{}{}
		l.quit(ln)
	}, nil
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
		if ln.users == 0 && ln.free.Before(now) {
			delete(l.byHost, host)
		}
	}
	l.sweep = max(firstSweep, 2*len(l.byHost)) // busy lanes are not looked at again and again
}
