// Package storetest is the test that every store of reputed must pass, whatever
// database it keeps its data in. It asks only what the pipeline and the alerter
// rely on: that nothing is lost, counted twice, or delivered out of order.
package storetest

import (
	"context"
	"fmt"
	"reflect"
	"testing"
	"time"

	"reputed/internal/reputation"
)

// Store is what the pipeline and the alerter need of a store.
type Store interface {
	Cursor(ctx context.Context, source string) (reputation.Cursor, error)
	Commit(ctx context.Context, source string, next reputation.Cursor, mentions []reputation.Mention, at time.Time) ([]reputation.Mention, error)
	Failed(ctx context.Context, source string, next reputation.Cursor, at time.Time, cause string) error

	Hours(ctx context.Context, brand string, to time.Time, n int) ([]reputation.Hour, error)
	Since(ctx context.Context, brand string) (time.Time, error)
	Negative(ctx context.Context, brand string, from, to time.Time, limit int) ([]reputation.Mention, []int, error)

	LatestAlert(ctx context.Context, brand, rule string) (reputation.Alert, bool, error)
	Record(ctx context.Context, a reputation.Alert, messages []reputation.Message) (reputation.Alert, error)
	Open(ctx context.Context) ([]reputation.Alert, error)
	Told(ctx context.Context, alert int64) ([]reputation.Target, error)
	Tell(ctx context.Context, alerts []reputation.Alert, messages []reputation.Message, now time.Time) error
	Acknowledge(ctx context.Context, alert int64, by string, at time.Time) (reputation.Alert, error)
	AddSilence(ctx context.Context, silence reputation.Silence) (reputation.Silence, error)
	EndSilence(ctx context.Context, id int64, by string, at time.Time) (reputation.Silence, error)
	Silences(ctx context.Context, after time.Time) ([]reputation.Silence, error)
	Pending(ctx context.Context, now time.Time) ([]reputation.Message, error)
	Delivered(ctx context.Context, message int64, th reputation.Thread, at time.Time) error
	Postpone(ctx context.Context, message int64, until time.Time, cause string) error
}

// Run tests a store. Each call of open returns a new and empty one, which open
// closes at the end of the test.
func Run(t *testing.T, open func(t *testing.T) Store) {
	tests := []struct {
		name string
		test func(*testing.T, Store)
	}{
		{"Cursor", testCursor},
		{"Fresh", testFresh},
		{"AllOrNothing", testAllOrNothing},
		{"Parallel", testParallel},
		{"Hours", testHours},
		{"Stories", testStories},
		{"Since", testSince},
		{"Negative", testNegative},
		{"NegativeCopies", testNegativeCopies},
		{"ChangedText", testChangedText},
		{"Alert", testAlert},
		{"OneFiring", testOneFiring},
		{"OutboxOrder", testOutboxOrder},
		{"OutboxThread", testOutboxThread},
		{"OutboxSnapshot", testOutboxSnapshot},
		{"OutboxTargets", testOutboxTargets},
		{"Waiting", testWaiting},
		{"Told", testTold},
		{"Silences", testSilences},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { test.test(t, open(t)) })
	}
}

// noon is the present of all tests.
func noon() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }

// mention is a mention of the brand 云杉 in a text that is long enough for a
// fingerprint and unlike every other.
func mention(source, id string, label reputation.Label, at time.Time) reputation.Mention {
	value := map[reputation.Label]float64{reputation.Positive: 0.5, reputation.Negative: -0.5}[label]
	return reputation.Mention{
		Item: reputation.Item{
			Source: source, ID: id, URL: "https://" + source + ".example/" + id,
			Text:      fmt.Sprintf("云杉咖啡的外卖等了一个小时，客服没有人理，这是 %s 的第 %s 条。", source, id),
			Published: at, Fetched: at,
		},
		Span:  reputation.Span{Brand: "云杉", Term: "云杉", Start: 0, End: 6},
		Score: reputation.Score{Value: value, Label: label},
	}
}

func mustCommit(t *testing.T, s Store, source string, mentions ...reputation.Mention) []reputation.Mention {
	t.Helper()
	fresh, err := s.Commit(t.Context(), source, reputation.Cursor{}, mentions, noon())
	if err != nil {
		t.Fatal(err)
	}
	return fresh
}

func mustRecord(t *testing.T, s Store, a reputation.Alert, messages ...reputation.Message) reputation.Alert {
	t.Helper()
	stored, err := s.Record(t.Context(), a, messages)
	if err != nil {
		t.Fatal(err)
	}
	return stored
}

func equal(t *testing.T, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s:\n got %+v\nwant %+v", what, got, want)
	}
}
