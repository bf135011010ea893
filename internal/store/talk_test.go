package store_test

import (
	"reflect"
	"testing"
	"time"

	"reputed/internal/reputation"
)

func TestTalk(t *testing.T) {
	s := open(t)
	to := start.Add(17 * time.Minute)
	said := func(id, brand string, label reputation.Label, before time.Duration, driver string, signals ...string) reputation.Mention {
		m := mention("forum", id, brand, brand+" "+id+" is spoken of at length here, in words of its own: "+id, to.Add(-before))
		m.Score.Label, m.Driver, m.Signals = label, driver, signals
		return m
	}
	commit(
		t, s, "forum",
		said("1", "Acme", reputation.Negative, 0, "service", "churn", "boycott"),
		said("2", "Acme", reputation.Negative, time.Hour-time.Second, "service"),
		said("3", "Acme", reputation.Positive, time.Hour, "delivery", "advocacy"),
		said("4", "Acme", reputation.Negative, 90*time.Minute, ""),
		said("5", "Acme", reputation.Negative, 3*time.Hour, "service"),  // the start of the first hour is outside
		said("6", "Acme", reputation.Negative, -time.Second, "service"), // dated in the future
		said("7", "Rival", reputation.Neutral, 30*time.Minute, ""),
		said("8", "Third", reputation.Neutral, 100*time.Minute, ""),
		said("9", "Other", reputation.Neutral, 0, ""),
	)
	got, err := s.Talk(t.Context(), "Acme", []string{"Rival", "Third"}, to, 3)
	if err != nil {
		t.Fatal(err)
	}
	hours, err := s.Hours(t.Context(), "Acme", to, 3)
	if err != nil {
		t.Fatal(err)
	}
	want := reputation.Talk{
		Since: to.Add(-3 * time.Hour), To: to,
		Hours:    hours,
		Positive: []int{0, 1, 0},
		Drivers:  map[string][]int{"service": {0, 0, 2}},
		Signals:  map[string][]int{"churn": {0, 0, 1}, "boycott": {0, 0, 1}, "advocacy": {0, 1, 0}},
		Rivals:   []int{0, 1, 1},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if hours[2].Negative != 2 || hours[1].Mentions != 2 {
		t.Errorf("hours %+v", hours)
	}
	alone, err := s.Talk(t.Context(), "Nobody", nil, to, 3)
	if err != nil || alone.Rivals != nil || !alone.Since.IsZero() || len(alone.Hours) != 3 {
		t.Errorf("a brand never heard of: %+v, %v", alone, err)
	}
}
