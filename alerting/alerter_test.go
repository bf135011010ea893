package alerting

import (
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"reputed/internal/reputation"
)

func newTestAlerter(s *memory, n Notifier, brands ...string) *Alerter {
	return NewAlerter(s, map[string]Notifier{"inbox": n}, Policy{Default: reputation.Target{Receiver: "inbox"}}, detectMany, 72, brands, slog.New(slog.DiscardHandler))
}

func newMemory() *memory {
	return &memory{mentions: make(map[string][]reputation.Mention)}
}

func evaluate(t *testing.T, a *Alerter, now time.Time) {
	t.Helper()
	if err := a.Evaluate(t.Context(), now); err != nil {
		t.Fatal(err)
	}
	if err := a.tell(t.Context(), now); err != nil {
		t.Fatal(err)
	}
}

func TestEvaluateIsSilentAboutUsualTalk(t *testing.T) {
	s := newMemory()
	s.say("青柠", 9, noon)
	evaluate(t, newTestAlerter(s, &inbox{}, "青柠"), noon)
	if len(s.alerts) != 0 || len(s.outbox) != 0 {
		t.Errorf("%d alerts, %d messages", len(s.alerts), len(s.outbox))
	}
}

func TestEvaluateTellsOnceOfASpike(t *testing.T) {
	s := newMemory()
	s.say("青柠", 12, noon)
	n := &inbox{}
	a := newTestAlerter(s, n, "青柠")
	for i := range 100 {
		now := noon.Add(time.Duration(i) * time.Minute)
		if i == 50 {
			a = newTestAlerter(s, n, "青柠") // a restart
		}
		evaluate(t, a, now)
		if err := a.Deliver(t.Context(), now); err != nil {
			t.Fatal(err)
		}
	}
	if got := s.events(); !slices.Equal(got, []reputation.Event{reputation.Opened}) {
		t.Errorf("events %v", got)
	}
	if len(n.messages) != 1 {
		t.Errorf("%d messages were sent", len(n.messages))
	}
}

func TestEvaluateWholeLife(t *testing.T) {
	s := newMemory()
	s.say("青柠", 11, noon)
	s.say("青柠", 25, noon.Add(2*time.Hour))
	s.say("青柠", 12, noon.Add(10*time.Hour))
	s.say("青柠", 12, noon.Add(26*time.Hour))
	for at := noon; at.Before(noon.Add(40 * time.Hour)); at = at.Add(10 * time.Minute) {
		evaluate(t, newTestAlerter(s, &inbox{}, "青柠"), at)
	}
	want := []reputation.Event{
		reputation.Opened, reputation.Escalated, reputation.Ended, // the first wave
		reputation.Reopened, reputation.Ended, // ten hours later
		reputation.Opened, reputation.Ended, // on the next day
	}
	if got := s.events(); !slices.Equal(got, want) {
		t.Errorf("events %v, want %v", got, want)
	}
	if len(s.alerts) != 2 || s.alerts[0].Peak != 25 {
		t.Errorf("alerts %+v", s.alerts)
	}
}

// Silence while no source can be read is no calm.
func TestEvaluateBlindSourcesEndNothing(t *testing.T) {
	s := newMemory()
	s.say("青柠", 25, noon)
	evaluate(t, newTestAlerter(s, &inbox{}, "青柠"), noon)
	s.blindSince = noon.Add(time.Minute)
	for at := noon; at.Before(noon.Add(8 * time.Hour)); at = at.Add(10 * time.Minute) {
		evaluate(t, newTestAlerter(s, &inbox{}, "青柠"), at)
	}
	if got := s.events(); !slices.Equal(got, []reputation.Event{reputation.Opened}) {
		t.Errorf("events %v, want the opening alone while nobody looks", got)
	}
	s.blindSince = time.Time{}
	for at := noon.Add(8 * time.Hour); at.Before(noon.Add(12 * time.Hour)); at = at.Add(10 * time.Minute) {
		evaluate(t, newTestAlerter(s, &inbox{}, "青柠"), at)
	}
	if got := s.events(); !slices.Equal(got, []reputation.Event{reputation.Opened, reputation.Ended}) {
		t.Errorf("events %v, want the end once the sources are read again", got)
	}
}

// A busy source that is added beside others is no crisis.
func TestEvaluateYoungSourcesOpenNothing(t *testing.T) {
	s := newMemory()
	s.say("青柠", 25, noon)
	s.young = map[string]bool{"forum": true}
	evaluate(t, newTestAlerter(s, &inbox{}, "青柠"), noon)
	if got := s.events(); len(got) != 0 {
		t.Errorf("events %v while the source has no history", got)
	}
	s.young = nil
	evaluate(t, newTestAlerter(s, &inbox{}, "青柠"), noon)
	if got := s.events(); !slices.Equal(got, []reputation.Event{reputation.Opened}) {
		t.Errorf("events %v, want an opening once it has one", got)
	}
}

func TestEvaluateItemsThatArriveLate(t *testing.T) {
	tests := []struct {
		name string
		age  time.Duration // of the spike's hour when its items arrive
		want int
	}{
		{"an hour late", time.Hour, 1},
		{"two hours late", 2 * time.Hour, 1},
		{"three hours late", 3 * time.Hour, 0},
		{"a week late", 7 * 24 * time.Hour, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newMemory()
			s.say("青柠", 12, noon.Add(-tt.age))
			evaluate(t, newTestAlerter(s, &inbox{}, "青柠"), noon)
			if len(s.outbox) != tt.want {
				t.Fatalf("%d messages, want %d", len(s.outbox), tt.want)
			}
			if tt.want == 1 && !s.outbox[0].At.Equal(noon.Add(-tt.age)) {
				t.Errorf("the message is about the hour to %v", s.outbox[0].At)
			}
		})
	}
}

func TestEvaluateTakesTheMostSurprisingHour(t *testing.T) {
	s := newMemory()
	s.say("青柠", 10, noon)
	s.say("青柠", 20, noon.Add(-time.Hour))
	evaluate(t, newTestAlerter(s, &inbox{}, "青柠"), noon)
	if got := s.alerts[0].Judgement.Observed; got != 20 {
		t.Errorf("the alert opened with %d mentions, want 20", got)
	}
}

func TestEvaluateBrandsDoNotStopEachOther(t *testing.T) {
	s := newMemory()
	s.broken = errors.New("disk I/O error")
	s.say("青柠", 12, noon)
	a := newTestAlerter(s, &inbox{}, "broken", "青柠")
	err := a.Evaluate(t.Context(), noon)
	if !errors.Is(err, s.broken) || !strings.Contains(err.Error(), "brand broken") {
		t.Errorf("error %v does not name the brand and the cause", err)
	}
	if err := a.tell(t.Context(), noon); err != nil || len(s.outbox) != 1 {
		t.Errorf("the healthy brand has %d messages, want 1; %v", len(s.outbox), err)
	}
}

func TestEvaluateMessage(t *testing.T) {
	s := newMemory()
	s.say("青柠", 12, noon)
	s.mentions["青柠"][0].Driver = "service"
	s.mentions["青柠"][1].Item.Source = "news"
	evaluate(t, newTestAlerter(s, &inbox{}, "青柠"), noon)
	m := s.outbox[0].Message
	if m.Event != reputation.Opened || m.Alert.ID != 1 || m.Alert.Brand != "青柠" || !m.At.Equal(noon) {
		t.Errorf("message %+v", m)
	}
	if want := []reputation.Count{{Name: "quality", N: 11}, {Name: "service", N: 1}}; !slices.Equal(m.Drivers, want) {
		t.Errorf("drivers %v, want %v", m.Drivers, want)
	}
	if want := []reputation.Count{{Name: "forum", N: 11}, {Name: "news", N: 1}}; !slices.Equal(m.Sources, want) {
		t.Errorf("sources %v, want %v", m.Sources, want)
	}
	if want := []reputation.Count{{Name: "complaint", N: 12}}; !slices.Equal(m.Signals, want) {
		t.Errorf("signals %v, want %v", m.Signals, want)
	}
	if len(m.Quotes) != 3 {
		t.Errorf("%d quotes, want 3", len(m.Quotes))
	}
	if len(m.Trend) != 48 || m.Trend[47].Negative != 12 {
		t.Errorf("trend of %d hours, the last with %d", len(m.Trend), m.Trend[len(m.Trend)-1].Negative)
	}
}
