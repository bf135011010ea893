// Package pipeline is the way of an item through the product: collected from a
// source, searched for brands, rated, stored, and judged for an alert. Read Poll
// first; the rest is scheduling.
package pipeline

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"reputed/internal/reputation"
)

// Source is where items come from. Collect returns the items it could get even
// when it returns an error too, and a cursor that stands for exactly them. Its
// errors name the source.
type Source interface {
	Name() string
	Collect(ctx context.Context, c reputation.Cursor) ([]reputation.Item, reputation.Cursor, error)
}

// Reader makes a content ready to be matched and scored.
type Reader interface {
	Read(content string) reputation.Text
}

// Matcher finds the brands that a text names.
type Matcher interface {
	Match(t reputation.Text) []reputation.Span
}

// Scorer rates what a text says of what stands at its own spans, and what it
// tells of the customer's loyalty.
type Scorer interface {
	Towards(t reputation.Text, own, others []reputation.Span) reputation.Score
	Loyalty(t reputation.Text) reputation.Loyalty
}

// Store keeps mentions and cursors. Commit does so in one transaction and
// returns the mentions that were not there before.
type Store interface {
	Cursor(ctx context.Context, source string) (reputation.Cursor, error)
	Commit(ctx context.Context, source string, next reputation.Cursor, mentions []reputation.Mention, at time.Time) ([]reputation.Mention, error)
	Failed(ctx context.Context, source string, next reputation.Cursor, at time.Time, cause string) error
	// Polled keeps the outcome of polls, in their order, in which they need not
	// be up to the second.
	Polled(ctx context.Context, polls []reputation.Poll) error
}

// Alerter judges what the store holds, and delivers what is to be told.
type Alerter interface {
	Evaluate(ctx context.Context, now time.Time) error
	Deliver(ctx context.Context, now time.Time) error // is called again before it has returned
}

// Pipeline joins the parts. All fields but Progress and Observe are needed.
type Pipeline struct {
	Language  func() (Reader, Scorer) // asked once for each item: the two belong together
	Matcher   Matcher
	Store     Store
	Alerter   Alerter
	Pseudonym func(author string) string // what is stored instead of an author's name
	Clock     func() time.Time
	Jitter    func() float64 // random, in [0, 1)
	Log       *slog.Logger
	Progress  func() // called after each round of judging that reached the store; may be nil

	// Observe is told of each poll: how late it began, how long it took, and what
	// came of it. It may be nil, and is called from several goroutines.
	Observe func(delay, took time.Duration, r Result, err error)

	desks     desks
	allowance allowance
}

// Result is what one poll of a source brought.
type Result struct {
	Items     int       // collected
	Arrived   int       // of the items, those that the source had not listed before; 0 at the first poll
	Mentions  int       // of the brands among them
	Fresh     int       // of the mentions, not stored before
	NotBefore time.Time // the server asked for no request before this time
	Postponed bool      // until then: the source was not asked
}

// Poll takes a source's new items the whole way into the store. An error of the
// source is also kept in the store, where an operator sees it; items that came in
// spite of it are stored. Where nothing is new, nothing is written at once: a
// transaction waits for the disk, and most polls bring nothing.
func (p *Pipeline) Poll(ctx context.Context, s Source) (Result, error) {
	cursor, err := p.Store.Cursor(ctx, s.Name())
	if err != nil {
		return Result{}, fmt.Errorf("source %s: %w", s.Name(), err)
	}
	if cursor.NotBefore.After(p.Clock()) {
		return Result{NotBefore: cursor.NotBefore, Postponed: true}, nil
	}
	items, next, collectErr := p.collect(ctx, s, cursor)
	if ctx.Err() != nil {
		return Result{}, ctx.Err() // stopped half way: the cursor stays, and the next poll asks again
	}

	defer p.desks.take()()
	var mentions []reputation.Mention
	known := newListing(cursor.Listed)
	for _, item := range items {
		if known.same(item) {
			continue // read before, and stored with the cursor
		}
		if item.Undated && cursor.IsZero() {
			item.Published = item.Published.Add(-backlog)
		}
		found, err := p.rate(item)
		mentions, collectErr = append(mentions, found...), cmp.Or(collectErr, err)
	}
	next.Listed = known.with(items)
	if len(next.Files) == 0 && !p.allowance.take(s.Name(), mentions, p.Clock()) { // what lies in a folder the user put there
		items, mentions, next, collectErr = nil, nil, cursor, tooMuch(s.Name())
	}

	result := Result{Items: len(items), Mentions: len(mentions), NotBefore: next.NotBefore}
	if !cursor.IsZero() {
		result.Arrived = known.arrived(items)
	}
	if (collectErr == nil || len(items) > 0) && (len(mentions) > 0 || !next.Equal(cursor)) {
		fresh, err := p.Store.Commit(ctx, s.Name(), next, mentions, p.Clock())
		if err != nil {
			return Result{}, fmt.Errorf("source %s: %w", s.Name(), err)
		}
		result.Fresh = len(fresh)
	}
	if collectErr != nil {
		if next.Equal(cursor) {
			return result, collectErr // the error itself is kept among the outcomes of polls
		}
		if err := p.Store.Failed(ctx, s.Name(), next, p.Clock(), collectErr.Error()); err != nil {
			collectErr = errors.Join(collectErr, fmt.Errorf("source %s: %w", s.Name(), err))
		}
		return result, collectErr
	}
	return result, nil
}

// backlog is how long before its first poll a source's items are dated that state
// no time: they may be of any age, and must not look like talk of this hour.
const backlog = 24 * time.Hour

// read finds the brands that an item names and rates what it says of each.
func (p *Pipeline) read(item reputation.Item) []reputation.Mention {
	reader, scorer := p.Language()
	text := reader.Read(item.Content())
	spans := about(item.Brand, p.Matcher.Match(text))
	if len(spans) == 0 {
		return nil
	}
	if item.Content() == "" {
		return []reputation.Mention{{Item: item, Span: spans[0]}} // a survey's answer without words
	}
	if item.Lang == "" {
		item.Lang = text.Lang
	}
	item.Author = p.Pseudonym(item.Author)
	words := searchable(text)
	loyalty := scorer.Loyalty(text)

	var mentions []reputation.Mention
	for _, brand := range brandsOf(spans) {
		own, others := split(spans, brand)
		mentions = append(mentions, reputation.Mention{
			Item: item, Span: own[0], Score: scorer.Towards(text, own, others),
			Driver: loyalty.Driver, Stage: loyalty.Stage, Signals: loyalty.Signals, LoyaltyEvidence: loyalty.Evidence,
			Words: words,
		})
	}
	return mentions
}
