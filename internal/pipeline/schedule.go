package pipeline

import (
	"container/heap"
	"context"
	"errors"
	"sync"
	"time"
)

// Scheduled is a source with the interval at which it is polled.
type Scheduled struct {
	Source Source
	Every  time.Duration
	// Host is where the source is asked. Sources of one host are polled one after
	// the other; empty stands for a host of its own.
	Host string
}

const (
	atOnce        = 512                   // polls under way at the same time: a hanging server holds one for half a minute
	onceAtOnce    = 64                    // the same in Once, where nothing spreads the polls: documents being decoded take memory
	firstGap      = 20 * time.Millisecond // between the first polls of two sources, on average
	firstWithin   = 200 * time.Second     // the first polls are spread over this time at most
	settleWithin  = 4 * time.Minute       // the first judgement waits for the first polls, but no longer
	secondSpread  = 0.5                   // share of the interval over which the second polls are spread, so that the load is even
	spread        = 0.05                  // share of the interval by which a poll is earlier, at random
	early         = 5 * time.Second       // by which each poll is earlier, a tenth of its interval at most: its host may be busy
	failedSpread  = 0.1                   // the same, earlier or later, for a source that fails
	slowest       = 8                     // a failing source is asked this many times less often at most
	judgeEvery    = time.Minute
	deliverEvery  = 5 * time.Second
	deliverWithin = 2 * time.Minute // bound on one round of deliveries
)

// Once polls every source once, judges and delivers. The error joins what went
// wrong anywhere; the rest is done all the same. The function done, which may be
// nil, is told of each source's poll, one at a time.
func (p *Pipeline) Once(ctx context.Context, sources []Scheduled, done func(name string, r Result, err error)) error {
	errs := make([]error, len(sources))
	var report sync.Mutex
	var polls ledger
	p.inParallel(sources, func(i int, s Scheduled) {
		r, err := p.Poll(ctx, s.Source)
		errs[i] = err
		if ctx.Err() == nil && !r.Postponed {
			polls.add(outcome(s.Source.Name(), p.Clock(), time.Time{}, r, err))
		}
		if done != nil {
			report.Lock()
			defer report.Unlock()
			done(s.Source.Name(), r, err)
		}
	})
	errs = append(errs, polls.settle(ctx, p.Store), p.evaluate(ctx), p.deliver(ctx))
	return errors.Join(errs...)
}

// inParallel calls poll for each source, a bounded number at the same time.
func (p *Pipeline) inParallel(sources []Scheduled, poll func(i int, s Scheduled)) {
	slots := make(chan struct{}, onceAtOnce)
	var wg sync.WaitGroup
	for i, s := range sources {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			poll(i, s)
		})
	}
	wg.Wait()
}

// Run polls each source at its interval, and judges and delivers, until ctx is
// done. It returns when all work under way has ended; what was not committed by
// then is collected again at the next start.
func (p *Pipeline) Run(ctx context.Context, sources []Scheduled) {
	news := make(chan struct{}, 1) // a poll brought mentions: judge now
	due := make(chan struct{}, 1)  // a judgement may have put a message into the outbox
	polled := make(chan struct{})  // closed when each source was polled once
	var polls ledger
	var wg sync.WaitGroup
	wg.Go(func() { p.follow(ctx, sources, &polls, news, polled) })
	wg.Go(func() {
		p.repeat(ctx, settleAccounts, nil, func() { p.settle(ctx, &polls) })
	})
	wg.Go(func() {
		settle(ctx, polled)
		p.repeat(ctx, judgeEvery, news, func() {
			p.settle(ctx, &polls)
			if err := p.evaluate(ctx); err != nil {
				p.logError(ctx, "judge", err)
			} else if p.Progress != nil {
				p.Progress()
			}
			nudge(due)
		})
	})
	wg.Go(func() {
		said := make(complaints)
		var mu sync.Mutex // guards said
		p.repeat(ctx, deliverEvery, due, func() {
			wg.Go(func() { // a round that waits for a receiver does not hold up the next
				bounded, cancel := context.WithTimeout(ctx, deliverWithin)
				defer cancel()
				err := p.deliver(bounded)
				mu.Lock()
				defer mu.Unlock()
				for _, err := range said.news(err, p.Clock()) {
					p.logError(ctx, "deliver alerts", err)
				}
			})
		})
	})
	wg.Wait()
	p.settle(context.WithoutCancel(ctx), &polls)
}

// settle stores the outcomes of polls, and logs what keeps it from doing so.
func (p *Pipeline) settle(ctx context.Context, polls *ledger) {
	if err := polls.settle(ctx, p.Store); err != nil {
		p.logError(ctx, "store the outcome of polls", err)
	}
}

// settle waits until each source was polled once: a judgement between two of them
// would see a part of the talk, against a part of its history.
func settle(ctx context.Context, polled <-chan struct{}) {
	timer := time.NewTimer(settleWithin)
	defer timer.Stop()
	select {
	case <-polled:
	case <-timer.C:
	case <-ctx.Done():
	}
}

// turn is a source in the schedule.
type turn struct {
	Scheduled
	due    time.Time // with the monotonic clock: a clock that is set must not stop or storm the sources
	factor int       // how many times less often it is asked since it fails
	polls  int
}

// queue holds the turns that wait for their time, the next one first. It is a
// heap.Interface.
type queue []*turn

func (q queue) Len() int           { return len(q) }
func (q queue) Less(i, j int) bool { return q[i].due.Before(q[j].due) }
func (q queue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any)        { *q = append(*q, x.(*turn)) }
func (q *queue) Pop() any {
	last := len(*q) - 1
	t := (*q)[last]
	(*q)[last] = nil
	*q = (*q)[:last]
	return t
}

// follow polls the sources again and again until ctx is done, and then waits for
// the polls under way. A source whose time has come waits until no other of its
// host is polled, then for one of the places; so a slow host holds up no other.
func (p *Pipeline) follow(ctx context.Context, sources []Scheduled, polls *ledger, news chan<- struct{}, all chan<- struct{}) {
	var waiting queue
	start := time.Now()
	for _, s := range sources {
		first := min(firstWithin, s.Every-s.Every/10, firstGap*time.Duration(len(sources)))
		waiting = append(waiting, &turn{Scheduled: s, factor: 1, due: start.Add(time.Duration(p.Jitter() * float64(first)))})
	}
	heap.Init(&waiting)
	var (
		ready    []*turn
		hosts    = map[string][]*turn{} // those that wait for a host; a host that is asked has an entry
		running  int
		left     = len(sources) // not polled yet
		finished = make(chan *turn)
		timer    = time.NewTimer(0)
	)
	defer timer.Stop()
	if left == 0 {
		close(all)
	}
	for {
		now := time.Now()
		for len(waiting) > 0 && !waiting[0].due.After(now) {
			t := heap.Pop(&waiting).(*turn)
			if t.Host != "" {
				if queued, busy := hosts[t.Host]; busy {
					hosts[t.Host] = append(queued, t)
					continue
				}
				hosts[t.Host] = nil
			}
			ready = append(ready, t)
		}
		for ; len(ready) > 0 && running < atOnce && ctx.Err() == nil; running++ {
			t := ready[0]
			ready = ready[1:]
			go func() {
				p.take(ctx, t, polls, news)
				finished <- t
			}()
		}
		if len(waiting) > 0 {
			timer.Reset(time.Until(waiting[0].due))
		}
		select {
		case <-timer.C:
		case t := <-finished:
			running--
			if t.polls == 1 {
				if left--; left == 0 {
					close(all)
				}
			}
			if queued := hosts[t.Host]; len(queued) > 0 {
				ready, hosts[t.Host] = append(ready, queued[0]), queued[1:]
			} else {
				delete(hosts, t.Host)
			}
			heap.Push(&waiting, t)
		case <-ctx.Done():
			for ; running > 0; running-- {
				<-finished
			}
			return
		}
	}
}

// take polls a source whose turn it is, and plans its next one.
func (p *Pipeline) take(ctx context.Context, t *turn, polls *ledger, news chan<- struct{}) {
	begun := time.Now()
	r, err := p.Poll(ctx, t.Source)
	ended := time.Now()
	t.polls++
	if ctx.Err() != nil {
		return
	}
	if p.Observe != nil {
		p.Observe(begun.Sub(t.due), ended.Sub(begun), r, err)
	}
	p.plan(t, ended, r, err)
	if !r.Postponed {
		polls.add(outcome(t.Source.Name(), p.Clock(), p.Clock().Add(t.due.Sub(ended)), r, err))
	}
	if err != nil {
		p.logError(ctx, "poll", err)
	} else {
		p.Log.Debug("polled", "source", t.Source.Name(), "items", r.Items, "fresh", r.Fresh)
	}
	if r.Fresh > 0 {
		p.Log.Info("new mentions", "source", t.Source.Name(), "mentions", r.Fresh)
		nudge(news)
	}
}

// plan sets when a source is polled next. One that is well is polled at the latest
// an interval after it was due; one that fails, less and less often.
func (p *Pipeline) plan(t *turn, now time.Time, r Result, err error) {
	every := float64(t.Every)
	asked := r.NotBefore.Sub(p.Clock())
	failed := err != nil && !isPartial(err)
	switch {
	case failed && asked <= 0:
		t.factor = min(2*t.factor, slowest)
	case !failed && !r.Postponed:
		t.factor = 1
	}
	switch {
	case asked > 0:
		t.due = now.Add(asked)
	case failed:
		t.due = now.Add(time.Duration(every * float64(t.factor) * (1 + failedSpread*(2*p.Jitter()-1))))
	default:
		random := spread * p.Jitter()
		if t.polls == 1 {
			random = secondSpread * p.Jitter()
		}
		t.due = t.due.Add(t.Every - min(early, t.Every/10) - time.Duration(every*random))
		if soonest := now.Add(t.Every / 2); t.due.Before(soonest) { // the poll took that long
			t.due = soonest
		}
	}
}

// repeat calls do at once, then every interval and when nudged.
func (p *Pipeline) repeat(ctx context.Context, every time.Duration, nudged <-chan struct{}, do func()) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for ctx.Err() == nil {
		do()
		select {
		case <-ctx.Done():
		case <-ticker.C:
		case <-nudged:
		}
	}
}

// logError logs what went wrong, unless it is only that the daemon stops.
func (p *Pipeline) logError(ctx context.Context, doing string, err error) {
	if ctx.Err() == nil {
		p.Log.Error(doing, "error", err)
	}
}

// nudge wakes the receiver if it is not awake already.
func nudge(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
