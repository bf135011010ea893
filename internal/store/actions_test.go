package store_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"reputed/internal/reputation"
	"reputed/internal/store"
)

// deliveredAlert records an alert of which people at each channel are told, and delivers it.
func deliveredAlert(t *testing.T, s *store.Store, at time.Time, channels ...string) reputation.Alert {
	t.Helper()
	a, err := s.Record(t.Context(), reputation.Alert{
		Brand: "云杉", Rule: "negative-volume", Severity: reputation.Warning, State: reputation.Firing, OpenedAt: at,
		Judgement: reputation.Judgement{From: at.Add(-time.Hour), To: at, Observed: 12, Expected: 2, Deviation: 1, Spike: true},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var messages []reputation.Message
	for _, channel := range channels {
		messages = append(messages, reputation.Message{
			Event: reputation.Opened, Alert: a, At: at, Target: reputation.Target{Receiver: "slack", Channel: channel}, Quotes: []reputation.Quote{{Mention: 3, Text: channel}},
		})
	}
	if err := s.Tell(t.Context(), []reputation.Alert{a}, messages, at); err != nil {
		t.Fatal(err)
	}
	pending, err := s.Pending(t.Context(), at)
	if err != nil || len(pending) != len(channels) {
		t.Fatalf("%d messages wait, %v", len(pending), err)
	}
	for _, m := range pending {
		th := reputation.Thread{Channel: "C" + m.Target.Channel, TS: "1." + m.Target.Channel, Picture: "F" + m.Target.Channel}
		if err := s.Delivered(t.Context(), m.ID, th, at); err != nil {
			t.Fatal(err)
		}
	}
	return a
}

// A case is the message where somebody pressed a button, with its thread and picture,
// and the alert as it is now.
func TestCase(t *testing.T) {
	s := open(t)
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	a := deliveredAlert(t, s, at, "pr", "ops")
	if _, err := s.Acknowledge(t.Context(), a.ID, "U0PRLEAD1", at.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	for channel, at := range map[string]reputation.Thread{
		"pr": {Channel: "Cpr", TS: "1.pr"}, "ops": {Channel: "Cops", TS: "1.ops"},
	} {
		now, m, err := s.Case(t.Context(), a.ID, at)
		if err != nil {
			t.Fatal(err)
		}
		if want := (reputation.Thread{Channel: at.Channel, TS: at.TS, Picture: "F" + channel}); m.Alert.Thread != want || m.Target.Channel != channel || m.Quotes[0].Text != channel {
			t.Errorf("at %s: thread %+v, target %+v, quotes %+v", channel, m.Alert.Thread, m.Target, m.Quotes)
		}
		if now.AcknowledgedBy != "U0PRLEAD1" || now.State != reputation.Firing || m.ID == 0 {
			t.Errorf("at %s: the alert is %+v, message %d", channel, now, m.ID)
		}
	}
	if _, m, err := s.Case(t.Context(), a.ID, reputation.Thread{Channel: "C0", TS: "0"}); err != nil || m.Alert.Thread.TS == "" {
		t.Errorf("at another place: %+v, %v", m.Alert.Thread, err)
	}
	if _, _, err := s.Case(t.Context(), a.ID+1, reputation.Thread{}); !errors.Is(err, store.ErrNoAlert) {
		t.Errorf("an alert that is not there: %v", err)
	}
}

func TestActions(t *testing.T) {
	s := open(t)
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	a := deliveredAlert(t, s, at, "pr")
	for _, action := range []reputation.Action{
		{At: at, By: "U0PRLEAD1", Via: "slack", What: reputation.Acknowledged, Alert: a.ID},
		{At: at.Add(time.Minute), By: "U0PRLEAD2", Via: "slack", What: reputation.Commanded, Detail: "status 云杉"},
	} {
		if err := s.Act(t.Context(), action); err != nil {
			t.Fatal(err)
		}
	}
	got := column(t, connect(t, s.Path()), `SELECT at || ' ' || by || ' ' || via || ' ' || what || ' ' || coalesce(alert_id, '-') || ' ' || coalesce(mention_id, '-') || ' ' || detail FROM actions ORDER BY id`)
	want := []string{"2026-11-22T12:00:00Z U0PRLEAD1 slack acknowledge 1 - ", "2026-11-22T12:01:00Z U0PRLEAD2 slack command - - status 云杉"}
	if len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("stored %q, want %q", got, want)
	}
	for _, bad := range []reputation.Action{
		{At: at, Via: "slack", What: reputation.Acknowledged}, {At: at, By: "U0PRLEAD1", What: "launch"}, {At: at, By: "U0PRLEAD1", What: reputation.Acknowledged, Alert: 99},
	} {
		if err := s.Act(t.Context(), bad); err == nil {
			t.Errorf("%+v was stored", bad)
		}
	}
}

// What people did about an alert is told in its order, and of no other alert.
func TestActionsOfAnAlert(t *testing.T) {
	s := open(t)
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	a := deliveredAlert(t, s, at, "pr")
	done := []reputation.Action{
		{At: at, By: "U1", Via: "slack", What: reputation.Acknowledged, Alert: a.ID},
		{At: at.Add(time.Minute), By: "U2", Via: "slack", What: reputation.Muted, Alert: a.ID, Detail: "silence 1"},
	}
	for _, act := range append(done, reputation.Action{At: at, By: "U3", Via: "slack", What: reputation.Commanded, Detail: "status"}) {
		if err := s.Act(t.Context(), act); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := s.Actions(t.Context(), a.ID); err != nil || !slices.Equal(got, done) {
		t.Errorf("done %+v, want %+v, %v", got, done, err)
	}
}
