package store_test

import (
	"reflect"
	"testing"
	"time"

	"reputed/internal/reputation"
)

func TestTalk(t *testing.T) {
	s := open(t)
	to := start.Add(17 * time.Hour)
	said := func(id, brand string, label reputation.Label, before time.Duration, driver string, signals ...string) reputation.Mention {
		m := mention("forum", id, brand, brand+" "+id+" is spoken of at length here, in words of its own: "+id, to.Add(-before))
		m.Score.Label, m.Driver, m.Signals = label, driver, signals
		return m
	}
	commit(
		t, s, "forum",
		said("1", "Acme", reputation.Negative, time.Second, "service", "churn", "boycott"),
		said("2", "Acme", reputation.Negative, time.Hour, "service"), // on the hour: in the one that begins
		said("3", "Acme", reputation.Positive, time.Hour+time.Second, "delivery", "advocacy"),
		said("4", "Acme", reputation.Negative, 90*time.Minute, ""),
		said("5", "Acme", reputation.Negative, 3*time.Hour+time.Second, "service"), // before the first hour
		said("6", "Acme", reputation.Negative, 0, "service"),                       // after the last one
		said("7", "Rival", reputation.Neutral, 30*time.Minute, ""),
		said("8", "Third", reputation.Neutral, 100*time.Minute, ""),
		said("9", "Other", reputation.Neutral, time.Second, ""),
	)
	copied := said("10", "Acme", reputation.Negative, time.Minute, "service")
	copied.Item.Source, copied.Item.Text = "blog", "Acme 1 is spoken of at length here, in words of its own: 1"
	commit(t, s, "blog", copied)
	got, err := s.Talk(t.Context(), "Acme", []string{"Rival", "Third"}, to.Add(17*time.Minute), 3)
	if err != nil {
		t.Fatal(err)
	}
	want := reputation.Talk{
		Since: to.Add(-3*time.Hour - time.Second), To: to,
		Hours:    []reputation.Hour{{}, {Mentions: 2, Negative: 1, Stories: 1}, {Mentions: 3, Negative: 3, Stories: 2}},
		Positive: []int{0, 1, 0},
		Drivers:  map[string][]int{"service": {0, 0, 3}},
		Signals:  map[string][]int{"churn": {0, 0, 1}, "boycott": {0, 0, 1}, "advocacy": {0, 1, 0}},
		Rivals:   []int{0, 1, 1},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	// What a person says of a mention counts, and leaves no name without mentions.
	if _, err := s.Correct(t.Context(), 3, reputation.Negative, "ann", to); err != nil {
		t.Fatal(err)
	}
	for _, mention := range []int64{1, 2, 10} {
		if _, err := s.Correct(t.Context(), mention, reputation.Neutral, "ann", to); err != nil {
			t.Fatal(err)
		}
	}
	got, err = s.Talk(t.Context(), "Acme", nil, to, 3)
	if err != nil {
		t.Fatal(err)
	}
	want.Hours = []reputation.Hour{{}, {Mentions: 2, Negative: 2, Stories: 2}, {Mentions: 3}}
	want.Positive = []int{0, 0, 0}
	want.Drivers = map[string][]int{"delivery": {0, 1, 0}}
	want.Rivals = nil
	if !reflect.DeepEqual(got, want) {
		t.Errorf("corrected: got  %+v\nwant %+v", got, want)
	}
	alone, err := s.Talk(t.Context(), "Nobody", nil, to, 3)
	if err != nil || alone.Rivals != nil || !alone.Since.IsZero() || len(alone.Hours) != 3 {
		t.Errorf("a brand never heard of: %+v, %v", alone, err)
	}
}
