package store_test

import (
	"reflect"
	"testing"
	"time"

	"reputed/internal/reputation"
	"reputed/internal/store"
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
		Risks:    make([]reputation.Risk, 3),
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

// Of the risk words of an hour the one counts that is gravest for most readers.
func TestTalkOfRisks(t *testing.T) {
	s := open(t)
	sources := []store.SourceInfo{{Name: "paper", Reach: 3000}, {Name: "blog", Reach: 100}, {Name: "forum"}}
	if err := s.Describe(t.Context(), sources); err != nil {
		t.Fatal(err)
	}
	said := func(source, id string, severity float64, hour int, signals ...string) {
		m := mention(source, id, "Acme", source+id, start.Add(time.Duration(hour)*time.Hour))
		m.Signals = signals
		m.LoyaltyEvidence = []reputation.Evidence{{Term: "fire", Weight: severity, Rule: "severity of risk +1"}, {Term: "slow", Weight: 5, Rule: "driver service +5"}}
		commit(t, s, source, m)
	}
	said("forum", "1", 3, 0, "risk") // nobody knows who reads it
	said("paper", "1", 2, 1, "churn", "risk")
	said("paper", "2", 1, 1, "risk")
	said("blog", "1", 3, 1, "risk")
	said("blog", "2", 3, 2, "risk")
	said("paper", "3", 1, 2) // one early sign is no risk yet
	want := []reputation.Risk{{}, {Severity: 2.0 / 3, Readers: 3000}, {Severity: 1, Readers: 100}}
	for _, reach := range []int{3000, 9000} {
		sources[0].Reach, want[1].Readers = reach, float64(reach)
		if err := s.Describe(t.Context(), sources); err != nil {
			t.Fatal(err)
		}
		got, err := s.Talk(t.Context(), "Acme", nil, start.Add(3*time.Hour), 3)
		if err != nil || !reflect.DeepEqual(got.Risks, want) {
			t.Errorf("got %+v, %v; want %+v", got.Risks, err, want)
		}
	}
	if err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}
}
