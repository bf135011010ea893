package storetest

import (
	"testing"
	"time"

	"reputed/internal/reputation"
)

const rule = "negative-volume"

func spike(brand string) reputation.Alert {
	return reputation.Alert{
		Brand: brand, Rule: rule, Severity: reputation.Warning, State: reputation.Firing, OpenedAt: noon(), Peak: 42,
		Judgement: reputation.Judgement{
			From: noon().Add(-time.Hour), To: noon(), Observed: 42, Stories: 30, Mentions: 60,
			Expected: 9.25, Deviation: 4, Surprise: 8.1875, Usual: 0.15, Spike: true,
		},
	}
}

func notice(a reputation.Alert, e reputation.Event, at time.Time) reputation.Message {
	return reputation.Message{Target: reputation.Target{Receiver: "slack"}, Event: e, Alert: a, At: at}
}

func testAlert(t *testing.T, s Store) {
	if a, ok, err := s.LatestAlert(t.Context(), "云杉", rule); ok || err != nil {
		t.Fatalf("without alerts: %+v, %v", a, err)
	}
	latest := func(what string, want reputation.Alert) {
		t.Helper()
		got, ok, err := s.LatestAlert(t.Context(), "云杉", rule)
		if err != nil || !ok {
			t.Fatalf("%s: found %v, %v", what, ok, err)
		}
		equal(t, what, got, want)
	}
	first := mustRecord(t, s, spike("云杉"))
	if first.ID == 0 {
		t.Fatal("a recorded alert has no ID")
	}
	latest("opened", first)

	first.Severity, first.Peak, first.CalmSince = reputation.Critical, 99, noon().Add(time.Hour)
	equal(t, "escalated", mustRecord(t, s, first), first)
	latest("escalated", first)

	first.State, first.ResolvedAt, first.CalmSince = reputation.Resolved, noon().Add(2*time.Hour), time.Time{}
	mustRecord(t, s, first)
	latest("resolved", first)

	second := mustRecord(t, s, spike("云杉"))
	mustRecord(t, s, spike("青禾"))
	if second.ID == first.ID {
		t.Error("a second alert replaced the first")
	}
	latest("opened again", second)

	if got, err := s.Record(t.Context(), reputation.Alert{ID: 999, Brand: "云杉"}, nil); err == nil {
		t.Errorf("an update of an alert that does not exist: %+v", got)
	}
}

func testOneFiring(t *testing.T, s Store) {
	first := mustRecord(t, s, spike("云杉"))
	m := notice(spike("云杉"), reputation.Opened, noon())
	if got, err := s.Record(t.Context(), spike("云杉"), []reputation.Message{m}); err == nil {
		t.Errorf("two alerts fire for one spike: %+v and %+v", first, got)
	}
	if pending := pending(t, s, noon()); len(pending) != 0 {
		t.Errorf("the message of a refused alert is sent: %+v", pending)
	}
}

func testOutboxOrder(t *testing.T, s Store) {
	a := mustRecord(t, s, spike("云杉"), notice(spike("云杉"), reputation.Opened, noon()))
	b := mustRecord(t, s, spike("青禾"), notice(spike("青禾"), reputation.Opened, noon()))
	mustRecord(t, s, a, notice(a, reputation.Escalated, noon().Add(time.Minute)))
	state := func(what string, now time.Time, want ...string) []reputation.Message {
		t.Helper()
		messages := pending(t, s, now)
		var got []string
		for _, m := range messages {
			got = append(got, m.Alert.Brand+" "+string(m.Event))
		}
		equal(t, what, got, want)
		return messages
	}
	later := noon().Add(time.Hour)
	state("before the second event", noon(), "云杉 opened", "青禾 opened")
	all := state("all due", later, "云杉 opened", "青禾 opened", "云杉 escalated")

	if err := s.Postpone(t.Context(), all[0].ID, later.Add(time.Millisecond), "503"); err != nil {
		t.Fatal(err)
	}
	state("first postponed: those to the same target wait for it", later)
	state("first due again", later.Add(time.Second), "云杉 opened", "青禾 opened", "云杉 escalated")

	if err := s.Delivered(t.Context(), all[1].ID, reputation.Thread{}, later); err != nil {
		t.Fatal(err)
	}
	mustRecord(t, s, b, notice(b, reputation.Ended, later))
	state("second delivered", later.Add(time.Second), "云杉 opened", "云杉 escalated", "青禾 resolved")

	if err := s.Delivered(t.Context(), 999, reputation.Thread{}, later); err == nil {
		t.Error("a message that does not exist was marked as delivered")
	}
	if err := s.Postpone(t.Context(), 999, later, "503"); err == nil {
		t.Error("a message that does not exist was postponed")
	}
}

func testOutboxThread(t *testing.T, s Store) {
	a := mustRecord(t, s, spike("云杉"), notice(spike("云杉"), reputation.Opened, noon()))
	mustRecord(t, s, a, notice(a, reputation.Escalated, noon()))
	messages := pending(t, s, noon())
	equal(t, "thread before the first delivery", messages[1].Alert.Thread, reputation.Thread{})

	parent := reputation.Thread{Channel: "C1", TS: "1763800000.000100"}
	if err := s.Delivered(t.Context(), messages[0].ID, parent, noon()); err != nil {
		t.Fatal(err)
	}
	messages = pending(t, s, noon())
	equal(t, "thread after it", messages[0].Alert.Thread, parent)
	equal(t, "message in it", messages[0].Event, reputation.Escalated)
	if err := s.Delivered(t.Context(), messages[0].ID, reputation.Thread{Channel: "C1", TS: "1763800009.000200"}, noon()); err != nil {
		t.Fatal(err)
	}
	mustRecord(t, s, a, notice(a, reputation.Ended, noon()))
	equal(t, "thread after a reply", pending(t, s, noon())[0].Alert.Thread, parent)
}

func testOutboxSnapshot(t *testing.T, s Store) {
	sent := notice(spike("云杉"), reputation.Opened, noon())
	sent.Drivers = []reputation.Count{{Name: "service", N: 20}, {Name: "quality", N: 3}}
	sent.Sources = []reputation.Count{{Name: "weibo", N: 42}}
	sent.Signals = []reputation.Count{{Name: "boycott", N: 2}}
	sent.Trend = []reputation.Hour{{Mentions: 3}, {Mentions: 60, Negative: 42, Stories: 30}}
	sent.Quotes = []reputation.Quote{{
		Text: "再也不买<云杉>了 & \"退款\"", URL: "https://weibo.example/1", Source: "weibo", At: noon(), Score: -0.9, Words: []string{"再也不买"}, Copies: 3,
	}}
	a := mustRecord(t, s, spike("云杉"), sent)
	a.State, a.ResolvedAt = reputation.Resolved, noon().Add(time.Hour)
	mustRecord(t, s, a)

	got := pending(t, s, noon().Add(time.Hour))
	if len(got) != 1 {
		t.Fatalf("%d messages pending, want 1", len(got))
	}
	want := sent
	want.ID, want.Alert.ID = got[0].ID, a.ID
	equal(t, "the message as it was at the event", got[0], want)
}

// Each target has its own thread and its own order: what waits for one holds up
// nothing that goes to another.
func testOutboxTargets(t *testing.T, s Store) {
	to := func(m reputation.Message, receiver, channel string) reputation.Message {
		m.Target = reputation.Target{Receiver: receiver, Channel: channel, Mentions: []string{"U1"}}
		return m
	}
	opened, escalated := notice(spike("云杉"), reputation.Opened, noon()), notice(spike("云杉"), reputation.Escalated, noon())
	a := mustRecord(t, s, spike("云杉"), to(opened, "slack", "#a"), to(opened, "slack", "#b"), to(opened, "feishu", "#a"))
	mustRecord(t, s, a, to(escalated, "slack", "#a"), to(escalated, "slack", "#b"), to(escalated, "feishu", "#a"))
	messages := pending(t, s, noon())
	equal(t, "targets", len(messages), 6)
	equal(t, "the third's target", messages[2].Target, reputation.Target{Receiver: "feishu", Channel: "#a", Mentions: []string{"U1"}})

	if err := s.Postpone(t.Context(), messages[0].ID, noon().Add(time.Hour), "503"); err != nil {
		t.Fatal(err)
	}
	parent := reputation.Thread{Channel: "C1", TS: "1763800000.000100"}
	if err := s.Delivered(t.Context(), messages[1].ID, parent, noon()); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range pending(t, s, noon()) {
		got = append(got, m.Target.Receiver+m.Target.Channel+" "+string(m.Event)+" "+m.Alert.Thread.TS)
	}
	equal(t, "with one target postponed and one delivered", got,
		[]string{"feishu#a opened ", "slack#b escalated " + parent.TS, "feishu#a escalated "})
}

func pending(t *testing.T, s Store, now time.Time) []reputation.Message {
	t.Helper()
	messages, err := s.Pending(t.Context(), now)
	if err != nil {
		t.Fatal(err)
	}
	return messages
}
