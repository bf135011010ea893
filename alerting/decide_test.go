package alerting

import (
	"context"
	"slices"
	"testing"
	"time"

	"reputed/internal/reputation"
)

func TestDecide(t *testing.T) {
	policy := Policy{GroupWait: time.Minute, Repeat: 4 * time.Hour, Competitors: map[string][]string{"青柠": {"青橙"}}}
	night := policy
	night.Quiet = QuietHours{From: clock(11, 0), To: clock(13, 0), Days: everyDay, Except: reputation.Critical}

	waits := func(event reputation.Event, since time.Duration) reputation.Alert {
		a := firing()
		a.Waiting = reputation.Waiting{Event: event, Hour: noon, Since: noon.Add(-since)}
		return a
	}
	known := func(a reputation.Alert, since time.Duration) reputation.Alert {
		a.ToldAt = noon.Add(-since)
		return a
	}
	critical := func(a reputation.Alert) reputation.Alert {
		a.Severity = reputation.Critical
		return a
	}
	over := func(a reputation.Alert) reputation.Alert {
		a.State = reputation.Resolved
		return a
	}
	by := func(a reputation.Alert, muted string) reputation.Alert {
		a.MutedBy = muted
		return a
	}
	acknowledged := func(a reputation.Alert, since time.Duration) reputation.Alert {
		a.AcknowledgedBy, a.AcknowledgedAt = "李雷", noon.Add(-since)
		return a
	}
	of := func(rule string, a reputation.Alert) reputation.Alert {
		a.Rule = rule
		return a
	}
	told := func(rule string) []reputation.Alert {
		return []reputation.Alert{{ID: 8, Brand: "青柠", Rule: rule, Severity: reputation.Warning, State: reputation.Firing, ToldAt: noon.Add(-time.Hour)}}
	}
	share := func(a reputation.Alert) reputation.Alert {
		a.Rule, a.Judgement.From, a.Judgement.To = reputation.RuleShareOfVoice, noon.Add(-24*time.Hour), noon
		return a
	}
	trouble := func(brand string, over time.Duration) []reputation.Alert {
		a := reputation.Alert{ID: 8, Brand: brand, Rule: "negative-volume", State: reputation.Firing}
		if over > 0 {
			a.State, a.ResolvedAt = reputation.Resolved, noon.Add(-over)
		}
		return []reputation.Alert{a}
	}
	crisis := reputation.Alert{ID: 9, Brand: "青柠", State: reputation.Firing, Severity: reputation.Critical}
	elsewhere := crisis
	elsewhere.Brand = "青橙"
	silence := reputation.Silence{ID: 3, From: noon.Add(-time.Hour), Until: noon.Add(time.Hour), Matchers: []reputation.Matcher{{Label: "brand", Op: "=", Value: "青柠"}}}

	const (
		opened, escalated, reopened = reputation.Opened, reputation.Escalated, reputation.Reopened
		repeated, ended             = reputation.Repeated, reputation.Ended
	)
	for _, tt := range []struct {
		name     string
		policy   Policy
		alert    reputation.Alert
		others   []reputation.Alert
		silences []reputation.Silence
		want     decision
	}{
		{"a share that a told volume tells", policy, of("negative-share", waits(opened, time.Minute)), told("negative-volume"), nil, decision{stepForget, opened, "alert 8"}},
		{"a driver that a told volume tells", policy, of("driver-price", waits(opened, time.Minute)), told("negative-volume"), nil, decision{stepForget, opened, "alert 8"}},
		{"a share of voice in a competitor's trouble", policy, share(waits(opened, time.Hour)), trouble("青橙", 0), nil, decision{stepMute, opened, "alert 8"}},
		{"a share of voice in the hours after it", policy, share(by(waits(opened, time.Hour), "alert 8")), trouble("青橙", 23*time.Hour), nil, decision{stepMute, opened, "alert 8"}},
		{"a share of voice that stays low", policy, share(by(waits(opened, 48*time.Hour), "alert 8")), trouble("青橙", 24*time.Hour), nil, decision{stepTell, opened, ""}},
		{"a share of voice that has come back", policy, share(by(over(waits(ended, 0)), "alert 8")), trouble("青橙", 3*time.Hour), nil, decision{stepForget, ended, "alert 8"}},
		{"a share of voice in the trouble of a brand that does not compete", policy, share(waits(opened, time.Hour)), trouble("青柚", 0), nil, decision{stepTell, opened, ""}},
		{"no repetition of a share of voice in a competitor's trouble", policy, share(known(firing(), 5*time.Hour)), trouble("青橙", 0), nil, decision{}},
		{"a driver beside a told share", policy, of("driver-price", waits(opened, time.Minute)), told("negative-share"), nil, decision{stepTell, opened, ""}},
		{"a volume beside a told share", policy, waits(opened, time.Minute), told("negative-share"), nil, decision{stepTell, opened, ""}},
		{"a signal beside a told volume", policy, of("signal-churn", waits(opened, time.Minute)), told("negative-volume"), nil, decision{stepTell, opened, ""}},
		{"a share beside a volume that nobody knows of", policy, of("negative-share", waits(opened, time.Minute)), []reputation.Alert{{ID: 8, Brand: "青柠", Rule: "negative-volume", State: reputation.Firing}}, nil, decision{stepTell, opened, ""}},
		{"a share that comes back and that people know", policy, of("negative-share", known(waits(reopened, 0), time.Hour)), told("negative-volume"), nil, decision{stepTell, reopened, ""}},
		{"the end of a share that people know", policy, of("negative-share", known(over(waits(ended, 0)), time.Hour)), told("negative-volume"), nil, decision{stepTell, ended, ""}},
		{"nothing to tell", policy, known(firing(), time.Hour), nil, nil, decision{}},
		{"an opening waits for others", policy, waits(opened, 59*time.Second), nil, nil, decision{stepWait, opened, ""}},
		{"an opening has waited", policy, waits(opened, time.Minute), nil, nil, decision{stepTell, opened, ""}},
		{"an opening of a clock that was ahead", policy, waits(opened, -time.Hour), nil, nil, decision{stepTell, opened, ""}},
		{"an escalation does not wait", policy, known(critical(waits(escalated, 0)), time.Hour), nil, nil, decision{stepTell, escalated, ""}},
		{"an end", policy, over(known(waits(ended, 0), time.Hour)), nil, nil, decision{stepTell, ended, ""}},
		{"the end of what nobody knows, though nothing muted it", policy, over(waits(ended, 0)), nil, nil, decision{stepTell, ended, ""}},
		{"the end of what nobody knows, after the silence", policy, by(over(waits(ended, 0)), "silence 3"), nil, nil, decision{stepForget, ended, "silence 3"}},
		{"the end of what nobody knows, after the crisis", policy, by(over(waits(ended, 0)), "alert 9"), nil, nil, decision{stepForget, ended, "alert 9"}},

		{"just before a repetition", policy, known(firing(), 4*time.Hour-time.Second), nil, nil, decision{}},
		{"a repetition", policy, known(firing(), 4*time.Hour), nil, nil, decision{stepTell, repeated, ""}},
		{"acknowledged since", policy, acknowledged(known(firing(), 5*time.Hour), 4*time.Hour), nil, nil, decision{}},
		{"acknowledged before it escalated", policy, acknowledged(known(firing(), 5*time.Hour), 6*time.Hour), nil, nil, decision{stepTell, repeated, ""}},
		{"no repetition once over", policy, over(known(firing(), 5*time.Hour)), nil, nil, decision{}},
		{"no repetition of what was never told", policy, firing(), nil, nil, decision{}},
		{"repetition switched off", Policy{}, known(firing(), 50*time.Hour), nil, nil, decision{}},
		{"told by a clock that was a year ahead", policy, known(firing(), -365*24*time.Hour), nil, nil, decision{stepTell, repeated, ""}},

		{"silenced", policy, waits(opened, time.Hour), nil, []reputation.Silence{silence}, decision{stepMute, opened, "silence 3"}},
		{"a silenced escalation", policy, known(waits(escalated, 0), time.Hour), nil, []reputation.Silence{silence}, decision{stepMute, escalated, "silence 3"}},
		{"a silenced repetition", policy, known(firing(), 5*time.Hour), nil, []reputation.Silence{silence}, decision{}},
		{"the end of what people know, silenced", policy, over(known(waits(ended, 0), time.Hour)), nil, []reputation.Silence{silence}, decision{stepTell, ended, ""}},
		{"silenced from the beginning to the end", policy, by(over(waits(ended, 0)), "silence 3"), nil, []reputation.Silence{silence}, decision{stepForget, ended, "silence 3"}},
		{"silence is over", policy, by(waits(opened, time.Hour), "silence 3"), nil, nil, decision{stepTell, opened, ""}},

		{"a warning in a crisis", policy, waits(opened, time.Hour), []reputation.Alert{crisis}, nil, decision{stepMute, opened, "alert 9"}},
		{"a warning in another brand's crisis", policy, waits(opened, time.Hour), []reputation.Alert{elsewhere}, nil, decision{stepTell, opened, ""}},
		{"after the crisis", policy, by(waits(opened, time.Hour), "alert 9"), []reputation.Alert{over(crisis)}, nil, decision{stepTell, opened, ""}},
		{"a second crisis", policy, critical(waits(opened, time.Hour)), []reputation.Alert{crisis}, nil, decision{stepTell, opened, ""}},
		{"a reopened warning in a crisis", policy, known(waits(reopened, 0), time.Hour), []reputation.Alert{crisis}, nil, decision{stepMute, reopened, "alert 9"}},
		{"the end of a warning in a crisis", policy, over(known(waits(ended, 0), time.Hour)), []reputation.Alert{crisis}, nil, decision{stepTell, ended, ""}},
		{"silenced in a crisis", policy, waits(opened, time.Hour), []reputation.Alert{crisis}, []reputation.Silence{silence}, decision{stepMute, opened, "silence 3"}},

		{"at night", night, waits(opened, time.Hour), nil, nil, decision{stepMute, opened, mutedByQuiet}},
		{"a crisis at night", night, critical(waits(opened, time.Hour)), nil, nil, decision{stepTell, opened, ""}},
		{"a repetition at night", night, known(firing(), 5*time.Hour), nil, nil, decision{}},
		{"an end at night", night, over(known(waits(ended, 0), time.Hour)), nil, nil, decision{stepMute, ended, mutedByQuiet}},
		{"opened and over at night", night, by(over(waits(ended, 0)), mutedByQuiet), nil, nil, decision{stepMute, ended, mutedByQuiet}},
		{"opened and over at night, silenced meanwhile", night, by(over(waits(ended, 0)), mutedByQuiet), nil, []reputation.Silence{silence}, decision{stepForget, ended, "silence 3"}},
		{"escalated at night", night, critical(by(waits(opened, time.Hour), mutedByQuiet)), nil, nil, decision{stepTell, opened, ""}},
		{"in the morning", policy, by(waits(opened, time.Hour), mutedByQuiet), nil, nil, decision{stepDigest, opened, ""}},
		{"opened and over at night, in the morning", policy, by(over(waits(ended, 0)), mutedByQuiet), nil, nil, decision{stepDigest, ended, ""}},
		{"the end of what people know, in the morning", policy, by(over(known(waits(ended, 0), time.Hour)), mutedByQuiet), nil, nil, decision{stepTell, ended, ""}},
		{"an escalation of what people know, in the morning", policy, by(known(waits(escalated, 0), time.Hour), mutedByQuiet), nil, nil, decision{stepDigest, escalated, ""}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.policy.decide(tt.alert, append(tt.others, tt.alert), tt.silences, noon); got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}

// A share of voice that falls in a competitor's trouble is told a day after it, if it is
// still low then.
func TestShareOfVoiceAfterACompetitorsTrouble(t *testing.T) {
	for _, tt := range []struct {
		name  string
		lasts int // hours for which the share stays low
		want  []string
	}{
		{"gone with it", 20, []string{"青橙 opened", "青橙 resolved"}},
		{"it stays", 60, []string{"青橙 opened", "青橙 resolved", "青柠 opened"}},
	} {
		s, n := newMemory(), &inbox{}
		s.say("青橙", 12, noon)
		a := newTestAlerter(s, n, "青橙", "青柠")
		a.policy.Competitors = map[string][]string{"青柠": {"青橙"}}
		a.Rules = func(_ context.Context, brand string, hour time.Time) ([]reputation.RuleJudgement, error) {
			j := spiked(reputation.RuleShareOfVoice, hour)
			if low := brand == "青柠" && hour.After(noon) && !hour.After(noon.Add(time.Duration(tt.lasts)*time.Hour)); !low {
				j.Spike, j.Calm, j.Observed = false, true, 0
			}
			return []reputation.RuleJudgement{j}, nil
		}
		for h := range 50 {
			now := noon.Add(time.Duration(h) * time.Hour)
			evaluate(t, a, now)
			if err := a.Deliver(t.Context(), now); err != nil {
				t.Fatal(err)
			}
		}
		var got []string
		for _, m := range n.messages {
			got = append(got, m.Alert.Brand+" "+string(m.Event))
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: people are told of %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestAwait(t *testing.T) {
	later := noon.Add(time.Hour)
	first := await(firing(), reputation.Opened, noon, noon.Add(time.Minute))
	for _, tt := range []struct {
		name  string
		alert reputation.Alert
		event reputation.Event
		want  reputation.Waiting
	}{
		{"a rise before they were told of the opening", first, reputation.Escalated, reputation.Waiting{Event: reputation.Opened, Hour: later, Since: noon.Add(time.Minute)}},
		{"an end before they were told of the opening", first, reputation.Ended, reputation.Waiting{Event: reputation.Ended, Hour: later, Since: noon.Add(time.Minute)}},
		{"a return of what they never heard of", firing(), reputation.Reopened, reputation.Waiting{Event: reputation.Opened, Hour: later, Since: later}},
		{"a rise of what they know", told(first, noon), reputation.Escalated, reputation.Waiting{Event: reputation.Escalated, Hour: later, Since: later}},
	} {
		if got := await(tt.alert, tt.event, later, later).Waiting; got != tt.want {
			t.Errorf("%s: %+v, want %+v", tt.name, got, tt.want)
		}
	}
}
