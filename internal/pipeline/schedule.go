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
	atOnce        = 32               // polls under way at the same time
	firstWithin   = 30 * time.Second // the first polls are spread over this time
	spread        = 0.1              // share of the interval by which polls are moved at random
	slowest       = 8                // a failing source is asked this many times less often at most
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
	var wg sync.WaitGroup
	for _, s := range sources {
		wg.Go(func() { p.follow(ctx, s, slots, news) })
	}
	wg.Go(func() {
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

// follow polls one source again and again, less often while it fails.
func (p *Pipeline) follow(ctx context.Context, s Scheduled, slots chan struct{}, news chan<- struct{}) {
	wait := time.Duration(p.Jitter() * float64(min(firstWithin, s.Every)))
	for factor := 1; sleep(ctx, wait); {
		select {
		case slots <- struct{}{}:
		case <-ctx.Done():
			return
		}
		r, err := p.Poll(ctx, s.Source)
		<-slots
		switch {
		case err != nil:
			p.logError(ctx, "poll", err)
			factor = min(2*factor, slowest)
		default:
			factor = 1
			p.Log.Debug("polled", "source", s.Source.Name(), "items", r.Items, "fresh", r.Fresh)
		}
		if r.Fresh > 0 {
			p.Log.Info("new mentions", "source", s.Source.Name(), "mentions", r.Fresh)
			nudge(news)
		}
		wait = time.Duration(float64(s.Every) * float64(factor) * (1 + spread*(2*p.Jitter()-1)))
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
