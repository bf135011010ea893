package storetest

import (
	"testing"
	"time"

	"reputed/internal/reputation"
)

// What waits of an alert and when it was told are kept; who has taken it on is not
// touched by anything else.
func testWaiting(t *testing.T, s Store) {
	a := spike("云杉")
	a.Driver = "service"
	a.Waiting = reputation.Waiting{Event: reputation.Opened, Hour: noon(), Since: noon().Add(time.Minute)}
	a = mustRecord(t, s, a)
	open := func(what string, want ...reputation.Alert) {
		t.Helper()
		got, err := s.Open(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		equal(t, what, got, want)
	}
	open("opened", a)

	muted := a
	muted.MutedBy = "silence 3"
	tell(t, s, noon(), []reputation.Alert{muted})
	open("muted", muted)

	taken, err := s.Acknowledge(t.Context(), a.ID, "李雷", noon().Add(2*time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	muted.AcknowledgedBy, muted.AcknowledgedAt = "李雷", noon().Add(2*time.Minute)
	equal(t, "acknowledged", taken, muted)
	// Those who judge and who tell have read the alert before.
	a.Peak = 50
	mustRecord(t, s, a)
	a.ToldAt, a.Waiting = noon().Add(3*time.Minute), reputation.Waiting{}
	tell(t, s, noon().Add(3*time.Minute), []reputation.Alert{a}, notice(a, reputation.Opened, noon()))
	a.AcknowledgedBy, a.AcknowledgedAt = taken.AcknowledgedBy, taken.AcknowledgedAt
	open("told", a)
	if early := pending(t, s, noon().Add(2*time.Minute)); len(early) != 0 {
		t.Errorf("a message is due before it was told: %+v", early)
	}
	equal(t, "messages", len(pending(t, s, noon().Add(3*time.Minute))), 1)

	a.State, a.ResolvedAt = reputation.Resolved, noon().Add(time.Hour)
	a.Waiting = reputation.Waiting{Event: reputation.Ended, Hour: noon().Add(time.Hour), Since: noon().Add(time.Hour)}
	a = mustRecord(t, s, a)
	open("over, and untold", a)
	a.Waiting = reputation.Waiting{}
	tell(t, s, noon(), []reputation.Alert{a})
	open("over")

	if _, err := s.Acknowledge(t.Context(), 999, "李雷", noon()); err == nil {
		t.Error("an alert that does not exist was acknowledged")
	}
	if err := s.Tell(t.Context(), []reputation.Alert{{ID: 999}}, []reputation.Message{notice(a, reputation.Ended, noon())}, noon()); err == nil {
		t.Error("an alert that does not exist was told")
	}
	if all := pending(t, s, noon().Add(time.Hour)); len(all) != 1 {
		t.Errorf("a refused message is in the outbox: %+v", all)
	}
}

// Where people are told of an alert is known from the moment on in which a message
// about it waits; alerts that are told in another's message share its thread.
func testTold(t *testing.T, s Store) {
	a, b, c := mustRecord(t, s, spike("云杉")), mustRecord(t, s, spike("青禾")), mustRecord(t, s, spike("银杏"))
	to := func(m reputation.Message, channel string) reputation.Message {
		m.Target = reputation.Target{Receiver: "slack", Channel: channel, Mentions: []string{"U1"}}
		return m
	}
	both := to(notice(a, reputation.Opened, noon()), "#a")
	both.Also = []reputation.Alert{b}
	digest := to(reputation.Message{Event: reputation.Opened, At: noon(), Digest: &reputation.Digest{
		Kind: reputation.Quiet, Alerts: []reputation.DigestAlert{{ID: c.ID, Brand: c.Brand}},
	}}, "#a")
	tell(t, s, noon(), []reputation.Alert{a, b, c}, both, digest, to(notice(b, reputation.Opened, noon()), "#b"))
	told := func(a reputation.Alert, want ...string) {
		t.Helper()
		targets, err := s.Told(t.Context(), a.ID)
		if err != nil {
			t.Fatal(err)
		}
		var channels []string
		for _, target := range targets {
			channels = append(channels, target.Channel)
		}
		equal(t, "channels where "+a.Brand+" was told", channels, want)
	}
	told(a, "#a")
	told(b, "#a", "#b")
	told(c, "#a")

	for i, ts := range []string{"1.1", "2.2", "3.3"} {
		if err := s.Delivered(t.Context(), pending(t, s, noon())[0].ID, reputation.Thread{Channel: "C" + string(rune('1'+i)), TS: ts}, noon()); err != nil {
			t.Fatal(err)
		}
	}
	tell(t, s, noon(), nil, to(notice(a, reputation.Ended, noon()), "#a"), to(notice(b, reputation.Ended, noon()), "#a"),
		to(notice(b, reputation.Ended, noon()), "#b"), to(notice(c, reputation.Ended, noon()), "#a"), to(notice(a, reputation.Ended, noon()), "#c"))
	var threads []reputation.Thread
	for _, m := range pending(t, s, noon()) {
		threads = append(threads, m.Alert.Thread)
	}
	equal(t, "threads", threads, []reputation.Thread{
		{Channel: "C1", TS: "1.1"}, {Channel: "C1", TS: "1.1", Guest: true}, {Channel: "C3", TS: "3.3"}, {}, {},
	})
}

func testSilences(t *testing.T, s Store) {
	add := func(brand string, until time.Duration) reputation.Silence {
		t.Helper()
		want := reputation.Silence{
			Matchers: []reputation.Matcher{{Label: "brand", Op: "=", Value: brand}, {Label: "severity", Op: "=~", Value: "warning|critical"}},
			Author:   "李雷", Reason: "发布会 <b>", From: noon(), Until: noon().Add(until),
		}
		got, err := s.AddSilence(t.Context(), want)
		if err != nil {
			t.Fatal(err)
		}
		if got.ID == 0 {
			t.Error("a silence has no ID")
		}
		want.ID = got.ID
		equal(t, "stored", got, want)
		return got
	}
	after := func(what string, at time.Duration, want ...reputation.Silence) {
		t.Helper()
		got, err := s.Silences(t.Context(), noon().Add(at))
		if err != nil {
			t.Fatal(err)
		}
		equal(t, what, got, want)
	}
	after("none", 0)
	short, long := add("云杉", time.Hour), add("青禾", 7*24*time.Hour)
	after("both", 59*time.Minute, short, long)
	after("at the end of one", time.Hour, long)

	end := func(what string, silence reputation.Silence, at time.Duration, want reputation.Silence) reputation.Silence {
		t.Helper()
		got, err := s.EndSilence(t.Context(), silence.ID, "韩梅梅", noon().Add(at))
		if err != nil {
			t.Fatal(err)
		}
		equal(t, what, got, want)
		return got
	}
	ended := long
	ended.Until, ended.EndedBy = noon().Add(2*time.Hour), "韩梅梅"
	end("ended", long, 2*time.Hour, ended)
	end("ended again", long, 3*time.Hour, ended)
	end("ended when it was over", short, 3*time.Hour, short)
	after("both are over", 3*time.Hour)
	after("all", -time.Hour, short, ended)
	if _, err := s.EndSilence(t.Context(), 999, "韩梅梅", noon()); err == nil {
		t.Error("a silence that does not exist was ended")
	}
}

func tell(t *testing.T, s Store, now time.Time, alerts []reputation.Alert, messages ...reputation.Message) {
	t.Helper()
	if err := s.Tell(t.Context(), alerts, messages, now); err != nil {
		t.Fatal(err)
	}
}
