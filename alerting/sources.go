package alerting

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"reputed/internal/reputation"
)

const (
	// confirmations is how many polls in a row must show the same kind of failure
	// before people are told: a site that is being rebuilt, or a portal in between,
	// is over at the next.
	confirmations = 3

	// A source that fails for another reason, such as a server that is down, is
	// told of after this time and number of polls.
	failsFor   = 6 * time.Hour
	failsPolls = 4

	// learnAtOnce bounds the sources whose habits are learned in one round.
	learnAtOnce = 1000
)

// Sources is where a SourceWatch reads how sources fare, and keeps what it tells.
type Sources interface {
	// Unlearned returns the arrivals of sources, at most limit, that have brought
	// something since their habit was learned.
	Unlearned(ctx context.Context, limit int) ([]reputation.Arrivals, error)
	// Learn keeps until when the silence of each source is usual; zero if that is
	// not known.
	Learn(ctx context.Context, quietUntil map[string]time.Time) error
	// Suspects returns the sources that fail, that were silent beyond their habit
	// at the time now, or that are in trouble.
	Suspects(ctx context.Context, now time.Time) ([]reputation.SourceHealth, error)
	// Troubled keeps, in one transaction, the troubles that began or are over, and
	// the notices of them, which go into the outbox.
	Troubled(ctx context.Context, changed []reputation.SourceTrouble, notices []reputation.Message) error
}

// Habit tells up to when a source's silence is usual, and false if that is not known.
type Habit func(a reputation.Arrivals) (until time.Time, ok bool)

// SourceWatch tells operators of sources that do not deliver: once when the
// trouble begins and once when it is over.
type SourceWatch struct {
	store  Sources
	habit  Habit
	target reputation.Target
	log    *slog.Logger
}

// NewSourceWatch returns a SourceWatch over the store. The habit is worked out for
// each source that has brought something; notices go to target; log is told of
// troubles.
func NewSourceWatch(store Sources, habit Habit, target reputation.Target, log *slog.Logger) *SourceWatch {
	return &SourceWatch{store: store, habit: habit, target: target, log: log}
}

// Evaluate judges how the sources fare at the time now, and stores what changed
// together with the notices about it: one for all troubles that it found to have
// begun, and one for all that are over, since sources often fail together.
func (w *SourceWatch) Evaluate(ctx context.Context, now time.Time) error {
	now = now.UTC().Truncate(time.Second)
	if err := w.learn(ctx); err != nil {
		return err
	}
	suspects, err := w.store.Suspects(ctx, now)
	if err != nil {
		return fmt.Errorf("read how the sources fare: %w", err)
	}
	var began, over, withdrawn []reputation.SourceTrouble
	for _, h := range suspects {
		t := diagnose(h, now)
		switch {
		case h.State == "retired" && h.Trouble != "":
			withdrawn = append(withdrawn, troubleOf(h, h.Trouble, now)) // whoever removed it knows
		case h.Trouble == "" && t != "":
			began = append(began, troubleOf(h, t, time.Time{}))
		case h.Trouble != "" && t == "":
			over = append(over, troubleOf(h, h.Trouble, now))
		}
	}
	if len(began)+len(over)+len(withdrawn) == 0 {
		return nil
	}
	var notices []reputation.Message
	if len(began) > 0 {
		notices = append(notices, reputation.Message{Target: w.target, Event: reputation.Opened, At: now, Troubles: began})
	}
	if len(over) > 0 {
		notices = append(notices, reputation.Message{Target: w.target, Event: reputation.Ended, At: now, Troubles: over})
	}
	changed := append(append(began[:len(began):len(began)], over...), withdrawn...)
	if err := w.store.Troubled(ctx, changed, notices); err != nil {
		return fmt.Errorf("store the troubles of sources: %w", err)
	}
	for _, t := range changed {
		w.log.Info("source", "source", t.Source, "trouble", t.Trouble, "over", !t.Over.IsZero())
	}
	return nil
}

// learn works out the habits of the sources that have brought something.
func (w *SourceWatch) learn(ctx context.Context) error {
	list, err := w.store.Unlearned(ctx, learnAtOnce)
	if err != nil {
		return fmt.Errorf("read when sources brought something: %w", err)
	}
	if len(list) == 0 {
		return nil
	}
	quiet := make(map[string]time.Time, len(list))
	for _, a := range list {
		until, ok := w.habit(a)
		if !ok {
			until = time.Time{}
		}
		quiet[a.Source] = until
	}
	if err := w.store.Learn(ctx, quiet); err != nil {
		return fmt.Errorf("store the habits of sources: %w", err)
	}
	return nil
}

// diagnose tells what trouble a source is in at the time now, or none. While it
// fails it stays in the trouble that people were told of, whatever it is now.
func diagnose(h reputation.SourceHealth, now time.Time) reputation.Trouble {
	switch {
	case h.State == "retired":
		return ""
	case h.Failures > 0 && h.Trouble != "":
		return h.Trouble
	case h.Failures > 0 && h.Fault == reputation.Gone:
		return reputation.Gone
	case h.Failures >= confirmations && h.Fault != "":
		return h.Fault
	case h.Failures >= failsPolls && now.Sub(h.FailingSince) >= failsFor:
		return reputation.Unreadable
	case h.Failures > 0:
		return ""
	// It must have been read since: a daemon that was down has heard nothing either.
	case !h.QuietUntil.IsZero() && h.LastSuccess.After(h.QuietUntil):
		return reputation.Silent
	}
	return ""
}

func troubleOf(h reputation.SourceHealth, t reputation.Trouble, over time.Time) reputation.SourceTrouble {
	began := h.FailingSince
	switch {
	case !h.Since.IsZero():
		began = h.Since
	case t == reputation.Silent:
		began = h.LastItem
	}
	trouble := reputation.SourceTrouble{Source: h.Name, URL: h.URL, Trouble: t, Began: began, Over: over, LastItem: h.LastItem}
	if t != reputation.Silent && over.IsZero() {
		trouble.Cause = h.Error
	}
	return trouble
}
