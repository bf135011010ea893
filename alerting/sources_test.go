package alerting

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"testing"
	"time"

	"reputed/internal/reputation"
)

// patients is a store of sources as short as a test needs.
type patients struct {
	sources []reputation.SourceHealth
	learned map[string]time.Time
	changed []reputation.SourceTrouble
	notices []reputation.Message
	broken  error
}

func (p *patients) Unlearned(context.Context, int) ([]reputation.Arrivals, error) {
	return []reputation.Arrivals{{Source: "known"}, {Source: "new"}}, p.broken
}

func (p *patients) Learn(_ context.Context, quiet map[string]time.Time) error {
	p.learned = quiet
	return nil
}

func (p *patients) Suspects(context.Context, time.Time) ([]reputation.SourceHealth, error) {
	return p.sources, nil
}

func (p *patients) Troubled(_ context.Context, changed []reputation.SourceTrouble, notices []reputation.Message) error {
	p.changed, p.notices = changed, notices
	return nil
}

var morning = time.Date(2026, 11, 22, 6, 10, 0, 0, time.UTC)

func newWatch(p *patients) *SourceWatch {
	return NewSourceWatch(p, func(a reputation.Arrivals) (time.Time, bool) { return morning, a.Source == "known" }, reputation.Target{Receiver: "inbox"}, slog.New(slog.DiscardHandler))
}

// What is told of a source, by how it fares.
func TestSourceWatch(t *testing.T) {
	ago := func(d time.Duration) time.Time { return morning.Add(-d) }
	tests := []struct {
		name   string
		health reputation.SourceHealth
		want   reputation.Event // told; empty: nothing
		kind   reputation.Trouble
		began  time.Time
	}{
		{"one failure", reputation.SourceHealth{Failures: 1, FailingSince: morning, Fault: reputation.Blocked}, "", "", time.Time{}},
		{"two failures", reputation.SourceHealth{Failures: 2, FailingSince: ago(time.Hour), Fault: reputation.Selector}, "", "", time.Time{}},
		{"a third of the same kind", reputation.SourceHealth{Failures: 3, FailingSince: ago(2 * time.Hour), Fault: reputation.Selector}, reputation.Opened, reputation.Selector, ago(2 * time.Hour)},
		{"gone, at once", reputation.SourceHealth{Failures: 1, FailingSince: morning, Fault: reputation.Gone}, reputation.Opened, reputation.Gone, morning},
		{"a server down for an hour", reputation.SourceHealth{Failures: 9, FailingSince: ago(time.Hour)}, "", "", time.Time{}},
		{"a server down for six hours", reputation.SourceHealth{Failures: 9, FailingSince: ago(6 * time.Hour)}, reputation.Opened, reputation.Unreadable, ago(6 * time.Hour)},
		{"a daily source that failed twice", reputation.SourceHealth{Failures: 2, FailingSince: ago(24 * time.Hour)}, "", "", time.Time{}},
		{"told already", reputation.SourceHealth{Failures: 5, FailingSince: ago(9 * time.Hour), Trouble: reputation.Unreadable, Since: ago(9 * time.Hour)}, "", "", time.Time{}},
		{"told already, another kind now", reputation.SourceHealth{Failures: 5, FailingSince: ago(9 * time.Hour), Fault: reputation.Blocked, Trouble: reputation.Unreadable, Since: ago(9 * time.Hour)}, "", "", time.Time{}},
		{"well again", reputation.SourceHealth{LastSuccess: morning, Trouble: reputation.Blocked, Since: ago(9 * time.Hour)}, reputation.Ended, reputation.Blocked, ago(9 * time.Hour)},
		{"silent, within its habit", reputation.SourceHealth{LastSuccess: ago(time.Minute), LastItem: ago(20 * time.Hour), QuietUntil: morning}, "", "", time.Time{}},
		{"silent, beyond its habit", reputation.SourceHealth{LastSuccess: morning, LastItem: ago(20 * time.Hour), QuietUntil: ago(time.Hour)}, reputation.Opened, reputation.Silent, ago(20 * time.Hour)},
		{"not read since", reputation.SourceHealth{LastSuccess: ago(2 * time.Hour), LastItem: ago(20 * time.Hour), QuietUntil: ago(time.Hour)}, "", "", time.Time{}},
		{"silent, told already", reputation.SourceHealth{LastSuccess: morning, LastItem: ago(20 * time.Hour), QuietUntil: ago(time.Hour), Trouble: reputation.Silent, Since: ago(20 * time.Hour)}, "", "", time.Time{}},
		{"silent, and now failing", reputation.SourceHealth{Failures: 1, FailingSince: morning, Trouble: reputation.Silent, Since: ago(20 * time.Hour)}, "", "", time.Time{}},
		{"speaks again", reputation.SourceHealth{LastSuccess: morning, LastItem: morning, Trouble: reputation.Silent, Since: ago(20 * time.Hour)}, reputation.Ended, reputation.Silent, ago(20 * time.Hour)},
		{"failing, and no longer configured", reputation.SourceHealth{State: "retired", Failures: 9, FailingSince: ago(24 * time.Hour)}, "", "", time.Time{}},
	}
	for _, test := range tests {
		p := &patients{sources: []reputation.SourceHealth{test.health}}
		if err := newWatch(p).Evaluate(t.Context(), morning); err != nil {
			t.Fatal(err)
		}
		if test.want == "" {
			if len(p.notices)+len(p.changed) > 0 {
				t.Errorf("%s: told %+v", test.name, p.notices)
			}
			continue
		}
		if len(p.notices) != 1 || p.notices[0].Event != test.want || len(p.changed) != 1 {
			t.Errorf("%s: told %+v, want %s", test.name, p.notices, test.want)
			continue
		}
		got := p.notices[0].Troubles[0]
		if got.Trouble != test.kind || !got.Began.Equal(test.began) || got.Over.IsZero() != (test.want == reputation.Opened) {
			t.Errorf("%s: trouble %+v, want %s since %v", test.name, got, test.kind, test.began)
		}
	}
}

// A server with many routes goes down: one notice names them all.
func TestSourcesThatFailTogether(t *testing.T) {
	p := &patients{}
	for _, name := range []string{"a", "b", "c"} {
		p.sources = append(p.sources, reputation.SourceHealth{Name: name, Failures: 4, FailingSince: morning.Add(-7 * time.Hour), Error: "connection refused"})
	}
	p.sources = append(p.sources,
		reputation.SourceHealth{Name: "d", LastSuccess: morning, Trouble: reputation.Gone},
		reputation.SourceHealth{Name: "e", State: "retired", Trouble: reputation.Gone})
	if err := newWatch(p).Evaluate(t.Context(), morning); err != nil {
		t.Fatal(err)
	}
	if len(p.notices) != 2 || len(p.notices[0].Troubles) != 3 || p.notices[0].Troubles[2].Cause != "connection refused" || len(p.notices[1].Troubles) != 1 {
		t.Errorf("notices %+v, want one of three troubles and one of a source that is well", p.notices)
	}
	if len(p.changed) != 5 || p.changed[4].Over.IsZero() {
		t.Errorf("stored %+v, want the removed source's trouble over, without a notice", p.changed)
	}
}

func TestSourceWatchLearns(t *testing.T) {
	p := &patients{}
	if err := newWatch(p).Evaluate(t.Context(), morning); err != nil {
		t.Fatal(err)
	}
	if len(p.learned) != 2 || !p.learned["known"].Equal(morning) || !p.learned["new"].IsZero() {
		t.Errorf("learned %v", p.learned)
	}
	p.broken = errors.New("disk is full")
	if err := newWatch(p).Evaluate(t.Context(), morning); !errors.Is(err, p.broken) {
		t.Errorf("error %v", err)
	}
}

// Two notices in one round are two messages: the second is no reply to the first,
// nor to an alert.
func TestNoticesAreNoThread(t *testing.T) {
	s := &memory{alerts: []reputation.Alert{{}}}
	for i, m := range []reputation.Message{troubles(2, reputation.Opened), troubles(2, reputation.Ended)} {
		m.ID, m.Alert.ID = int64(i+1), 0
		s.outbox = append(s.outbox, queued{Message: m})
	}
	n := &inbox{}
	if err := newTestAlerter(s, n).Deliver(t.Context(), morning); err != nil {
		t.Fatal(err)
	}
	if len(n.messages) != 2 || slices.ContainsFunc(n.messages, func(m reputation.Message) bool { return m.Alert.Thread.TS != "" }) {
		t.Errorf("delivered %+v, want two without a thread", n.messages)
	}
}
