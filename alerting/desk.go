package alerting

import (
	"context"
	"errors"
	"time"

	"reputed/internal/reputation"
)

// ErrUnknown is the cause of an error where there is no such alert, mention, silence
// or brand, or no longer.
var ErrUnknown = errors.New("there is no such thing")

// Cases are the alerts that people work on.
type Cases interface {
	// Case returns an alert as it is now, and the last message about it that was
	// delivered to the place where a person answers it, or to any other; its alert is
	// as it was then, with its thread. An alert that is not there, or of which nobody
	// was told, is an error that wraps ErrUnknown.
	Case(ctx context.Context, alert int64, at reputation.Thread) (reputation.Alert, reputation.Message, error)
	// Acknowledge stores that somebody takes an alert on.
	Acknowledge(ctx context.Context, alert int64, by string, at time.Time) (reputation.Alert, error)
	// Act stores that somebody did something. What it brought about is stored by then.
	Act(ctx context.Context, a reputation.Action) error
}

// Silences keep people from being told of alerts.
type Silences interface {
	AddSilence(ctx context.Context, s reputation.Silence) (reputation.Silence, error)
	// Silences returns those that end after now.
	Silences(ctx context.Context, now time.Time) ([]reputation.Silence, error)
	// EndSilence ends one. One that is not there is an error that wraps ErrUnknown.
	EndSilence(ctx context.Context, silence int64, by string, at time.Time) (reputation.Silence, error)
}

// Ratings are the mentions as they were rated.
type Ratings interface {
	// Negative is that of History.
	Negative(ctx context.Context, brand string, from, to time.Time, limit int) ([]reputation.Mention, []int, error)
	// Correct makes a label that of a mention, and returns the one before and the
	// mention's brand. A mention that is not there is an error that wraps ErrUnknown.
	Correct(ctx context.Context, mention int64, label reputation.Label, by string, at time.Time) (before reputation.Label, brand string, err error)
}

// Reports sum up how brands fare.
type Reports interface {
	// Status is how a brand stands now.
	Status(ctx context.Context, brand string, now time.Time) (reputation.Status, error)
	// Report sums up the last seven days of the brands.
	Report(ctx context.Context, brands []string, now time.Time) (reputation.Digest, error)
}

// Desk is where people's answers take effect, and where their questions are answered.
type Desk interface {
	Cases
	Silences
	Ratings
	Reports
}
