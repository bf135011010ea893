package pipeline

import (
	"context"
	"errors"
	"sync"
	"time"

	"reputed/internal/reputation"
)

// ledger gathers the outcomes of polls, so that many are stored in one
// transaction.
type ledger struct {
	mu    sync.Mutex
	polls []reputation.Poll
}

const (
	settleAccounts = 5 * time.Second // from one transaction to the next
	mostUnsettled  = 50_000          // outcomes that wait while the store cannot be written
)

func (l *ledger) add(p reputation.Poll) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.polls = append(l.polls, p)
}

// settle stores what was gathered; on an error it is kept for the next time.
func (l *ledger) settle(ctx context.Context, s Store) error {
	l.mu.Lock()
	polls := l.polls
	l.polls = nil
	l.mu.Unlock()
	if len(polls) == 0 {
		return nil
	}
	if err := s.Polled(ctx, polls); err != nil {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.polls = append(polls, l.polls...)
		l.polls = l.polls[max(0, len(l.polls)-mostUnsettled):]
		return err
	}
	return nil
}

// outcome is what the ledger keeps of a poll.
func outcome(source string, at, next time.Time, r Result, err error) reputation.Poll {
	o := reputation.Poll{Source: source, At: at, Arrived: r.Arrived, Next: next}
	if err != nil {
		o.Error = err.Error()
		o.Failed = !isPartial(err)
		o.Trouble = troubleOf(err)
	}
	return o
}

// isPartial tells of the error of a source that is well itself, though not all it
// lists could be read.
func isPartial(err error) bool {
	var partial interface{ Partial() bool }
	return errors.As(err, &partial) && partial.Partial()
}

// troubleOf is what kind of trouble an error tells of, or none.
func troubleOf(err error) reputation.Trouble {
	var trouble interface{ Trouble() reputation.Trouble }
	if errors.As(err, &trouble) {
		return trouble.Trouble()
	}
	return ""
}
