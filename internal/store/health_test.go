package store_test

import (
	"path/filepath"
	"testing"
	"time"

	"reputed/internal/reputation"
	"reputed/internal/store"
)

func polled(t *testing.T, s *store.Store, polls ...reputation.Poll) {
	t.Helper()
	if err := s.Polled(t.Context(), polls); err != nil {
		t.Fatal(err)
	}
}

func health(t *testing.T, s *store.Store, name string) reputation.SourceHealth {
	t.Helper()
	list, err := s.Health(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range list {
		if h.Name == name {
			return h
		}
	}
	t.Fatalf("no source %q in %+v", name, list)
	return reputation.SourceHealth{}
}

func TestHealth(t *testing.T) {
	s := open(t)
	if err := s.Describe(t.Context(), []store.SourceInfo{{Name: "news", Kind: "feed", URL: "https://news.example/rss"}}); err != nil {
		t.Fatal(err)
	}
	check := func(what string, want reputation.SourceHealth) {
		t.Helper()
		want.Name, want.Kind, want.URL = "news", "feed", "https://news.example/rss"
		if got := health(t, s, "news"); got != want {
			t.Errorf("%s:\n got %+v\nwant %+v", what, got, want)
		}
	}
	check("configured", reputation.SourceHealth{State: "new"})

	now := time.Now().UTC().Truncate(time.Second)
	at := now.Add(-14 * 24 * time.Hour)
	polled(t, s, reputation.Poll{Source: "news", At: at, Next: at.Add(time.Hour)})
	check("first poll", reputation.SourceHealth{State: "ok", LastSuccess: at, NextPoll: at.Add(time.Hour)})

	late := now.Add(-2 * time.Hour)
	polled(t, s,
		reputation.Poll{Source: "news", At: now.Add(-3 * time.Hour), Arrived: 2, Next: late},
		reputation.Poll{Source: "news", At: late, Arrived: 5, Next: now})
	check("items", reputation.SourceHealth{State: "ok", LastSuccess: late, LastItem: late, NextPoll: now, ItemsADay: 1})

	failed := reputation.Poll{Source: "news", At: now, Failed: true, Error: "status 403", Trouble: reputation.Blocked, Next: now.Add(time.Hour)}
	again := failed
	again.At, again.Trouble, again.Error = now.Add(time.Minute), "", "status 503"
	polled(t, s, failed, again)
	want := reputation.SourceHealth{
		State: "retrying", LastSuccess: late, LastItem: late, NextPoll: now.Add(time.Hour), ItemsADay: 1,
		Failures: 2, FailingSince: now, Error: "status 503",
	}
	check("failing", want)

	trouble := reputation.SourceTrouble{Source: "news", Trouble: reputation.Unreadable, Began: now, Cause: "status 503"}
	if err := s.Troubled(t.Context(), []reputation.SourceTrouble{trouble}, nil); err != nil {
		t.Fatal(err)
	}
	want.State, want.Trouble, want.Since = "unreadable", reputation.Unreadable, now
	check("in trouble", want)
	if err := s.Troubled(t.Context(), []reputation.SourceTrouble{trouble}, nil); err == nil {
		t.Error("a second trouble of a source was stored while the first lasts")
	}

	trouble.Over = now.Add(time.Hour)
	if err := s.Troubled(t.Context(), []reputation.SourceTrouble{trouble}, nil); err != nil {
		t.Fatal(err)
	}
	polled(t, s, reputation.Poll{Source: "news", At: now.Add(time.Hour), Error: "1 of 9 articles not read"})
	check("read in part", reputation.SourceHealth{State: "ok", LastSuccess: now.Add(time.Hour), LastItem: late, ItemsADay: 1, Error: "1 of 9 articles not read"})

	if err := s.Describe(t.Context(), []store.SourceInfo{{Name: "news", Kind: "feed", URL: "https://news.example/atom"}}); err != nil {
		t.Fatal(err)
	}
	if got := health(t, s, "news"); got.State != "new" || got.ItemsADay != 0 || got.Error != "" {
		t.Errorf("at another address: %+v, want it to begin anew", got)
	}
	if err := s.Describe(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if got := health(t, s, "news"); got.State != "retired" {
		t.Errorf("no longer configured: %+v", got)
	}
}

// The arrivals of a source say when it brought something and when nobody looked.
func TestArrivals(t *testing.T) {
	path := filepath.Join(t.TempDir(), "reputed.db")
	s := create(t, path)
	at := func(hours float64) time.Time { return start.Add(time.Duration(hours * float64(time.Hour))) }
	poll := func(hours float64, arrived int) reputation.Poll {
		return reputation.Poll{Source: "news", At: at(hours), Arrived: arrived, Next: at(hours + 0.25)}
	}
	failed := poll(20, 0)
	failed.Failed = true
	polled(t, s,
		poll(0, 0), poll(0.5, 3), poll(0.75, 1), poll(2, 1), // a poll that is an hour late is no break
		poll(10, 2),                      // the daemon was down from 2:15 on
		failed, poll(21, 0), poll(21, 1), // an hour of failures is no break either
		poll(28*24+1, 1))
	list, err := s.Unlearned(t.Context(), 10)
	if err != nil || len(list) != 1 {
		t.Fatalf("%+v, %v", list, err)
	}
	want := reputation.Arrivals{Source: "news", Since: start, Hours: []reputation.Arrival{
		{Hour: at(2), Items: 1}, {Hour: at(10), Items: 2}, {Hour: at(21), Items: 1}, {Hour: at(28*24 + 1), Items: 1},
	}}
	got := list[0]
	marks := 0
	for i := 0; i < len(got.Hours); i++ {
		if got.Hours[i].Items == 0 {
			marks++
			got.Hours = append(got.Hours[:i:i], got.Hours[i+1:]...)
			i--
		}
	}
	if got.Source != want.Source || !got.Since.Equal(want.Since) || len(got.Hours) != len(want.Hours) {
		t.Fatalf("got %+v, want %+v", got, want)
	}
	for i := range got.Hours {
		if got.Hours[i] != want.Hours[i] {
			t.Errorf("arrival %+v, want %+v", got.Hours[i], want.Hours[i])
		}
	}
	// After the polls at 2, 10 and 21 hours nobody read the source for long.
	if marks != 3 {
		t.Errorf("%d marks of broken reading, want 3", marks)
	}

	if err := s.Learn(t.Context(), map[string]time.Time{"news": at(700)}); err != nil {
		t.Fatal(err)
	}
	if list, err := s.Unlearned(t.Context(), 10); err != nil || len(list) != 0 {
		t.Errorf("after learning: %+v, %v", list, err)
	}
	if suspects, err := s.Suspects(t.Context(), at(700)); err != nil || len(suspects) != 0 {
		t.Errorf("within its habit: %+v, %v", suspects, err)
	}
	if suspects, err := s.Suspects(t.Context(), at(701)); err != nil || len(suspects) != 1 || !suspects[0].QuietUntil.Equal(at(700)) {
		t.Errorf("beyond its habit: %+v, %v", suspects, err)
	}
	polled(t, s, poll(702, 1))
	if suspects, err := s.Suspects(t.Context(), at(703)); err != nil || len(suspects) != 0 {
		t.Errorf("after a new item: %+v, %v", suspects, err)
	}
}

// Notices go through the outbox of the alerts, in order, and outlast a restart.
func TestNoticesInTheOutbox(t *testing.T) {
	path := filepath.Join(t.TempDir(), "reputed.db")
	s := create(t, path)
	polled(t, s, reputation.Poll{Source: "news", At: start}, reputation.Poll{Source: "forum", At: start})
	news := reputation.SourceTrouble{Source: "news", Trouble: reputation.Gone, Began: start, Cause: "status 410"}
	forum := reputation.SourceTrouble{Source: "forum", Trouble: reputation.Silent, Began: start}
	notice := func(event reputation.Event, troubles ...reputation.SourceTrouble) []reputation.Message {
		return []reputation.Message{{Event: event, At: start, Troubles: troubles}}
	}
	if err := s.Troubled(t.Context(), []reputation.SourceTrouble{news}, notice(reputation.Opened, news)); err != nil {
		t.Fatal(err)
	}
	if err := s.Troubled(t.Context(), []reputation.SourceTrouble{forum}, notice(reputation.Opened, forum)); err != nil {
		t.Fatal(err)
	}
	unknown := reputation.SourceTrouble{Source: "unknown", Trouble: reputation.Silent, Began: start}
	if err := s.Troubled(t.Context(), []reputation.SourceTrouble{unknown}, notice(reputation.Opened, unknown)); err == nil {
		t.Error("the trouble of a source that does not exist was stored")
	}
	again, err := store.OpenBeside(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	messages, err := again.Pending(t.Context(), start)
	if err != nil || len(messages) != 2 || len(messages[0].Troubles) != 1 || messages[0].Troubles[0] != news || messages[1].Troubles[0] != forum {
		t.Fatalf("pending %+v, %v; want the two notices in order", messages, err)
	}
	if err := again.Postpone(t.Context(), messages[0].ID, start.Add(time.Minute), "503"); err != nil {
		t.Fatal(err)
	}
	if left, err := again.Pending(t.Context(), start); err != nil || len(left) != 0 {
		t.Errorf("while the first is postponed: %+v, %v; want the second to wait", left, err)
	}
	for _, m := range messages {
		if err := again.Delivered(t.Context(), m.ID, reputation.Thread{Channel: "C1", TS: "1.2"}, start.Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
	}
	if left, err := again.Pending(t.Context(), start.Add(time.Hour)); err != nil || len(left) != 0 {
		t.Errorf("after delivery: %+v, %v", left, err)
	}
}
