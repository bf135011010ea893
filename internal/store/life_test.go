package store

import (
	"testing"
	"time"

	"reputed/internal/reputation"
)

// A database of the version that told people of each event at once, and knew one
// channel: its threads and what waits are kept, and nothing is told anew.
func TestMigrateFromOneChannel(t *testing.T) {
	path, db := older(t, "00020")
	const past = `
		INSERT INTO alerts (id, brand, rule, severity, state, opened_at, window_from, window_to, observed, stories, mentions, expected, deviation, surprise, usual_share, peak, told, channel, thread_ts)
		VALUES (1, '云杉', 'negative-volume', 'warning', 'firing', '2026-11-22T12:00:00Z', '2026-11-22T11:00:00Z', '2026-11-22T12:00:00Z', 42, 30, 60, 9, 4, 8, 0.2, 42, 42, 'C1', '1.5'),
		       (2, '青禾', 'negative-volume', 'warning', 'firing', '2026-11-22T12:10:00Z', '2026-11-22T11:10:00Z', '2026-11-22T12:10:00Z', 42, 30, 60, 9, 4, 8, 0.2, 42, 42, '', '');
		INSERT INTO outbox (id, alert_id, event, at, message, due_at, delivered_at, failures, error)
		VALUES (1, 1, 'opened', '2026-11-22T12:00:00Z', '{"Event":"opened","Alert":{"ID":1}}', '2026-11-22T12:00:00Z', '2026-11-22T12:00:01Z', 0, ''),
		       (2, 1, 'escalated', '2026-11-22T13:00:00Z', '{"Event":"escalated","Alert":{"ID":1}}', '2026-11-22T13:00:00Z', NULL, 3, '503'),
		       (3, NULL, 'opened', '2026-11-22T13:05:00Z', '{"Event":"opened","Troubles":[{"Source":"news"}]}', '2026-11-22T13:05:00Z', NULL, 0, '')`
	if _, err := db.Exec(past); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}

	s, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	at := func(clock string) time.Time {
		when, err := time.Parse(time.TimeOnly, clock)
		if err != nil {
			t.Fatal(err)
		}
		return time.Date(2026, 11, 22, when.Hour(), when.Minute(), 0, 0, time.UTC)
	}
	waiting, err := s.Pending(t.Context(), at("14:00:00"))
	if err != nil || len(waiting) != 2 {
		t.Fatalf("waiting: %+v, %v; want the escalation and the notice", waiting, err)
	}
	slack := reputation.Target{Receiver: "slack"}
	if m := waiting[0]; m.ID != 2 || m.Event != reputation.Escalated || m.Target.Receiver != slack.Receiver || m.Target.Channel != "" || m.Alert.Thread != (reputation.Thread{Channel: "C1", TS: "1.5"}) {
		t.Errorf("the escalation is %+v", m)
	}
	if m := waiting[1]; m.ID != 3 || len(m.Troubles) != 1 || m.Target.Receiver != slack.Receiver {
		t.Errorf("the notice is %+v", m)
	}
	open, err := s.Open(t.Context())
	if err != nil || len(open) != 2 {
		t.Fatalf("open: %+v, %v", open, err)
	}
	if a := open[0]; a.Waiting.Event != "" || !a.ToldAt.Equal(at("13:00:00")) {
		t.Errorf("the first alert waits for %+v and was told at %v, want nothing and the time of its last message", a.Waiting, a.ToldAt)
	}
	if a := open[1]; a.Waiting.Event != "" || !a.ToldAt.Equal(at("12:10:00")) {
		t.Errorf("the second alert waits for %+v and was told at %v, want nothing and its opening", a.Waiting, a.ToldAt)
	}
	if err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}
}
