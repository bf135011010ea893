package trend_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"reputed/internal/reputation"
	"reputed/internal/trend"
)

// normal is the probability of the default detector.
var normal = trend.Default().Probability

// talk is 15 days of 20 mentions an hour, of which 4 are positive and 2 negative,
// one of them about the service, and as many of a competitor.
func talk() reputation.Talk {
	t := reputation.Talk{
		Since: midnight.AddDate(0, 0, -30), To: midnight,
		Drivers: map[string][]int{"service": nil, "delivery": nil}, Signals: map[string][]int{"churn": nil, "advocacy": nil},
	}
	for range trend.Hours {
		t.Hours = append(t.Hours, reputation.Hour{Mentions: 20, Negative: 2, Stories: 2})
		t.Positive = append(t.Positive, 4)
		t.Rivals = append(t.Rivals, 20)
		t.Risks = append(t.Risks, reputation.Risk{})
		t.Drivers["service"] = append(t.Drivers["service"], 1)
		t.Drivers["delivery"] = append(t.Drivers["delivery"], 0)
		t.Signals["churn"] = append(t.Signals["churn"], 0)
		t.Signals["advocacy"] = append(t.Signals["advocacy"], 1)
	}
	return t
}

// What happens in the last day must be told by the rule that is there for it, and
// by no other.
func TestEachRuleTellsOfItsOwn(t *testing.T) {
	tests := []struct {
		name   string
		hour   func(t *reputation.Talk, i int) // changes an hour of the last day
		alerts []string
	}{
		{"as ever", func(*reputation.Talk, int) {}, nil},
		{"complaints among little other talk", func(t *reputation.Talk, i int) {
			t.Hours[i] = reputation.Hour{Mentions: 20, Negative: 14, Stories: 14}
			t.Drivers["service"][i] = 7
		}, []string{"negative-volume", "negative-share", "net-sentiment"}},
		{"praise turns into silence about it", func(t *reputation.Talk, i int) {
			t.Positive[i] = 0
			t.Hours[i].Negative = 3
		}, []string{"net-sentiment"}},
		{"the delivery fails", func(t *reputation.Talk, i int) {
			t.Drivers["service"][i], t.Drivers["delivery"][i] = 0, 2
		}, []string{"driver-delivery"}},
		{"customers leave", func(t *reputation.Talk, i int) { t.Signals["churn"][i] = 3 }, []string{"signal-churn"}},
		{"customers recommend", func(t *reputation.Talk, i int) { t.Signals["advocacy"][i] = 9 }, nil},
		{"a competitor is the talk of the town", func(t *reputation.Talk, i int) { t.Rivals[i] = 200 }, []string{"share-of-voice"}},
		{"nobody speaks of the brand", func(t *reputation.Talk, i int) {
			t.Hours[i] = reputation.Hour{}
			t.Positive[i], t.Rivals[i], t.Drivers["service"][i], t.Signals["advocacy"][i] = 0, 0, 0, 0
		}, []string{"silence"}},
		{"a small paper tells of a fire", func(t *reputation.Talk, i int) { t.Risks[i] = reputation.Risk{Severity: 1, Readers: 900} }, nil},
		{"a large one does", func(t *reputation.Talk, i int) { t.Risks[i] = reputation.Risk{Severity: 1, Readers: 50_000} }, []string{"risk-word"}},
		{"no source could be read", func(t *reputation.Talk, i int) {
			t.Hours[i] = reputation.Hour{Missed: 1}
			t.Positive[i], t.Rivals[i], t.Drivers["service"][i], t.Signals["advocacy"][i] = 0, 0, 0, 0
		}, nil},
	}
	for _, test := range tests {
		said := talk()
		for i := trend.Hours - 24; i < trend.Hours; i++ {
			test.hour(&said, i)
		}
		var alerts []string
		volume := reputation.RuleJudgement{Rule: "negative-volume", Judgement: trend.Default().Judge(said.Hours, said.Since, said.To)}
		for _, j := range append([]reputation.RuleJudgement{volume}, trend.Judge(said, normal)...) {
			if j.Spike {
				alerts = append(alerts, j.Rule)
				if j.Probability <= 0 || j.Probability > 0.01 && j.Rule != "risk-word" || j.Surprise <= 0 || j.Calm {
					t.Errorf("%s: %+v", test.name, j)
				}
			}
		}
		if !slices.Equal(alerts, test.alerts) {
			t.Errorf("%s: alerts of %v, want %v", test.name, alerts, test.alerts)
		}
	}
}

// What is an alert at a lower probability is one at a higher, and some come with it.
func TestSensitiveRules(t *testing.T) {
	said := talk()
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range said.Hours {
		said.Hours[i].Mentions += rng.IntN(9)
		said.Hours[i].Negative += rng.IntN(3)
		said.Signals["churn"][i] += rng.IntN(2)
		said.Rivals[i] += rng.IntN(9)
	}
	found := make(map[float64]int)
	for range 300 {
		for i := trend.Hours - 24; i < trend.Hours; i++ {
			said.Hours[i] = reputation.Hour{Mentions: 12 + rng.IntN(20), Negative: rng.IntN(10)}
			said.Drivers["delivery"][i] = rng.IntN(said.Hours[i].Negative + 1)
			said.Signals["churn"][i] = rng.IntN(3)
			said.Rivals[i] = rng.IntN(80)
		}
		more := make(map[string]bool)
		for _, probability := range []float64{0.02, normal, 1e-4, 1e-6} {
			alerts := make(map[string]bool)
			for _, j := range trend.Judge(said, probability) {
				if j.Spike {
					alerts[j.Rule] = true
					found[probability]++
				}
				if alerts[j.Rule] && probability < 0.02 && !more[j.Rule] {
					t.Fatalf("%s alerts at %g and not at a higher probability", j.Rule, probability)
				}
			}
			more = alerts
		}
	}
	if !(found[0.02] > found[normal] && found[normal] > found[1e-4] && found[1e-4] > found[1e-6]) {
		t.Errorf("alerts by probability: %v", found)
	}
}

func TestJudgeNothing(t *testing.T) {
	for _, said := range []reputation.Talk{{}, {To: midnight}, talk().Window(1, 1)} {
		for _, j := range trend.Judge(said, normal) {
			if j.Spike || j.Reason == "" {
				t.Errorf("%+v", j)
			}
		}
	}
}

// The hours before those that are looked at change nothing, so that a replay of a
// long history judges as the live run does.
func TestJudgeLooksAtItsHoursOnly(t *testing.T) {
	long := talk()
	for _, list := range []*[]int{&long.Positive, &long.Rivals} {
		*list = append(slices.Repeat([]int{90}, 48), *list...)
	}
	long.Hours = append(slices.Repeat([]reputation.Hour{{Mentions: 300, Negative: 200}}, 48), long.Hours...)
	long.Risks = append(slices.Repeat([]reputation.Risk{{Severity: 1, Readers: 1e6}}, 48), long.Risks...)
	for name, list := range long.Drivers {
		long.Drivers[name] = append(slices.Repeat([]int{50}, 48), list...)
	}
	for name, list := range long.Signals {
		long.Signals[name] = append(slices.Repeat([]int{50}, 48), list...)
	}
	if got, want := trend.Judge(long, normal), trend.Judge(talk(), normal); !slices.Equal(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
	if part := long.Window(len(long.Hours)-2, 5); len(part.Hours) != 5 || len(part.Signals["churn"]) != 5 || !part.To.Equal(midnight.Add(-2*time.Hour)) {
		t.Errorf("window %+v", part)
	}
}

// What was published while no source could be read, and was read late, is no burst in
// hours that expected nothing.
func TestBacklogIsNoBurst(t *testing.T) {
	said := talk()
	for i := trend.Hours - 14; i < trend.Hours-2; i++ {
		said.Hours[i].Missed = 1 // with its mentions in place
	}
	said.Hours[trend.Hours-2].Missed = 0.45
	if j := trend.Default().Judge(said.Hours, said.Since, said.To); j.Spike || j.Probability < 0.1 {
		t.Errorf("negative mentions: %+v", j)
	}
	for _, j := range trend.Judge(said, normal) {
		if j.Spike {
			t.Errorf("%+v", j)
		}
	}
}
