package pipeline

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Scheduled is a source with the interval at which it is polled.
type Scheduled struct {
	Source Source
	Every  time.Duration
}

const (
	atOnce        = 32                    // polls under way at the same time
	firstGap      = 20 * time.Millisecond // between the first polls of two sources, on average
	firstWithin   = 30 * time.Second      // the first polls are spread over this time at most
	settleWithin  = 2 * time.Minute       // the first judgement waits for the first polls, but no longer
	spread        = 0.1                   // share of the interval by which polls are moved at random
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
	p.inParallel(sources, func(i int, s Scheduled) {
		r, err := p.Poll(ctx, s.Source)
		errs[i] = err
		if done != nil {
			report.Lock()
			defer report.Unlock()
			done(s.Source.Name(), r, err)
		}
	})
	errs = append(errs, p.Alerter.Evaluate(ctx, p.Clock()), p.Alerter.Deliver(ctx, p.Clock()))
	return errors.Join(errs...)
}

// inParallel calls poll for each source, a bounded number at the same time.
func (p *Pipeline) inParallel(sources []Scheduled, poll func(i int, s Scheduled)) {
	slots := make(chan struct{}, atOnce)
	var wg sync.WaitGroup
	for i, s := range sources {
		wg.Go(func() {
			slots <- struct{}{}
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
	slots := make(chan struct{}, atOnce)
	news := make(chan struct{}, 1) // a poll brought mentions: judge now
	due := make(chan struct{}, 1)  // a judgement may have put a message into the outbox
	var wg, polled sync.WaitGroup
	polled.Add(len(sources))
	for _, s := range sources {
		first := min(firstWithin, s.Every, firstGap*time.Duration(len(sources)))
		wg.Go(func() { p.follow(ctx, s, first, slots, news, polled.Done) })
	}
	wg.Go(func() {
		settle(ctx, &polled)
		p.repeat(ctx, judgeEvery, news, func() {
			if err := p.Alerter.Evaluate(ctx, p.Clock()); err != nil {
				p.logError(ctx, "judge", err)
			} else if p.Progress != nil {
				p.Progress()
			}
			nudge(due)
		})
	})
	wg.Go(func() {
		p.repeat(ctx, deliverEvery, due, func() {
			bounded, cancel := context.WithTimeout(ctx, deliverWithin)
			defer cancel()
			if err := p.Alerter.Deliver(bounded, p.Clock()); err != nil {
				p.logError(ctx, "deliver alerts", err)
			}
		})
	})
	wg.Wait()
}

// settle waits until each source was polled once: a judgement between two of them
// would see a part of the talk, against a part of its history.
func settle(ctx context.Context, polled *sync.WaitGroup) {
	all := make(chan struct{})
	go func() {
		polled.Wait()
		close(all)
	}()
	timer := time.NewTimer(settleWithin)
	defer timer.Stop()
	select {
	case <-all:
	case <-timer.C:
	case <-ctx.Done():
	}
}

// follow polls one source again and again, less often while it fails. It calls
// polled once, after the first poll or when it ends before.
func (p *Pipeline) follow(ctx context.Context, s Scheduled, first time.Duration, slots chan struct{}, news chan<- struct{}, polled func()) {
	polled = sync.OnceFunc(polled)
	defer polled()
	wait := time.Duration(p.Jitter() * float64(first))
	for factor := 1; sleep(ctx, wait); {
		select {
		case slots <- struct{}{}:
		case <-ctx.Done():
			return
		}
		r, err := p.Poll(ctx, s.Source)
		<-slots
		polled()
		switch {
		case err != nil:
			p.logError(ctx, "poll", err)
			if !isPartial(err) && !r.NotBefore.After(p.Clock()) {
				factor = min(2*factor, slowest)
			}
		default:
			factor = 1
			p.Log.Debug("polled", "source", s.Source.Name(), "items", r.Items, "fresh", r.Fresh)
		}
		if r.Fresh > 0 {
			p.Log.Info("new mentions", "source", s.Source.Name(), "mentions", r.Fresh)
			nudge(news)
		}
		wait = time.Duration(float64(s.Every) * float64(factor) * (1 + spread*(2*p.Jitter()-1)))
		if asked := r.NotBefore.Sub(p.Clock()); asked > 0 {
			wait = asked
		}
	}
}

// isPartial tells of the error of a source that is well itself, though not all it
// lists could be read.
func isPartial(err error) bool {
	var partial interface{ Partial() bool }
	return errors.As(err, &partial) && partial.Partial()
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

// sleep waits and tells whether ctx is still good.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return ctx.Err() == nil
	}
}
