package alerting

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"reputed/internal/reputation"
)

// ruleSamples are an opening of each family of rules, and how two of them go on.
func ruleSamples() map[string]reputation.Message {
	make := func(event reputation.Event, rule string, hours int, j reputation.Judgement) reputation.Message {
		m := sample(event)
		m.Episode, m.Before = nil, nil
		m.Alert.Rule, m.Alert.Severity = rule, reputation.Warning
		j.From, j.To = m.At.Truncate(time.Hour).Add(-time.Duration(hours)*time.Hour), m.At.Truncate(time.Hour)
		m.At, m.Present = j.To, &j
		if event == reputation.Opened {
			m.Alert.Judgement = j
		}
		if driver, ok := reputation.DriverOf(rule); ok {
			m.Alert.Driver, m.Drivers = driver, []reputation.Count{{Name: driver, N: j.Observed}}
		}
		if quietOne(rule) {
			m.Drivers, m.Sources, m.Signals, m.Quotes = nil, nil, nil, nil
		}
		return m
	}
	quality := reputation.Judgement{Observed: 21, Mentions: 34, Expected: 6.8, Deviation: 2.3, Usual: 0.2, Probability: 3.9e-6}
	silent := make(reputation.Opened, reputation.RuleSilence, 6, reputation.Judgement{Observed: 40, Deviation: 6.3, Probability: 2e-11})
	for i := range 6 {
		silent.Trend[len(silent.Trend)-1-i] = reputation.Hour{}
	}
	heard := make(reputation.Ended, reputation.RuleSilence, 0, reputation.Judgement{Deviation: 1, Probability: 1})
	fallen := quality
	fallen.Observed, fallen.Mentions = 5, 21
	return map[string]reputation.Message{
		"negative-share":  make(reputation.Opened, reputation.RuleNegativeShare, 2, reputation.Judgement{Observed: 42, Mentions: 67, Expected: 12, Deviation: 3.1, Usual: 0.18, Probability: 4e-5}),
		"net-sentiment":   make(reputation.Opened, reputation.RuleNetSentiment, 24, reputation.Judgement{Observed: 74, Mentions: 200, Deviation: 14, Usual: 0.25, Probability: 8e-5}),
		"driver":          make(reputation.Opened, reputation.DriverRule("quality"), 24, quality),
		"driver-repeated": make(reputation.Repeated, reputation.DriverRule("quality"), 24, quality),
		"driver-resolved": make(reputation.Ended, reputation.DriverRule("quality"), 24, fallen),
		"signal":          make(reputation.Opened, reputation.SignalRule("boycott"), 24, reputation.Judgement{Observed: 24, Mentions: 810, Expected: 3.1, Deviation: 1.8, Usual: 0.004, Probability: 3e-9}),
		"share-of-voice":  make(reputation.Opened, reputation.RuleShareOfVoice, 24, reputation.Judgement{Observed: 62, Mentions: 340, Deviation: 8.4, Usual: 0.3, Probability: 2.2e-5}),
		"risk-word":       make(reputation.Opened, reputation.RuleRiskWord, 1, reputation.Judgement{Observed: 50_000, Mentions: 3, Deviation: 1000, Probability: 1}),
		"silence":         silent,
		"silence-over":    heard,
	}
}

func TestRulesGolden(t *testing.T) {
	for _, lang := range []string{"zh", "en"} {
		wording := Wording{Lang: lang, Zone: shanghai, Config: "/etc/reputed/config.yaml"}
		for name, m := range ruleSamples() {
			slack := new(recorder)
			var screen bytes.Buffer
			for receiver, r := range map[string]struct {
				notifier Notifier
				shown    *bytes.Buffer
			}{
				"bot":      {NewSlackBot("xoxb-1", "#pr-alerts", "http://slack.test/api", &http.Client{Transport: slack}, wording), &slack.sent},
				"terminal": {NewTerminal(&screen, false, 92, wording), &screen},
			} {
				t.Run(lang+" "+name+" "+receiver, func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						if _, err := r.notifier.Notify(context.Background(), m); err != nil {
							t.Fatal(err)
						}
					})
					golden(t, fmt.Sprintf("rule-%s.%s.%s.golden", name, lang, receiver), r.shown.Bytes())
				})
			}
		}
	}
}

// Every rule has a name, a title and advice in both languages.
func TestEveryRuleHasWords(t *testing.T) {
	for _, lang := range []string{"zh", "en"} {
		for _, rule := range reputation.Rules() {
			m := sample(reputation.Opened)
			m.Alert.Rule = rule
			n := Wording{Lang: lang}.notice(m)
			if name := nameOf(phrasesOf(lang).rules, rule); name == rule || strings.Contains(name, "%!") || !strings.Contains(name, rule) {
				t.Errorf("%s %s is called %q", lang, rule, name)
			}
			if strings.Contains(n.title, "%!") || n.advice.value == "" {
				t.Errorf("%s %s: %q, advice %q", lang, rule, n.title, n.advice.value)
			}
			for _, f := range n.fields {
				if f.label == "" || strings.Contains(f.value, "%!") {
					t.Errorf("%s %s: field %+v", lang, rule, f)
				}
			}
		}
	}
}

// said judges by made-up rules: at the end of an hour that the map names.
type said map[time.Time][]reputation.RuleJudgement

func (s said) rules(_ context.Context, _ string, hour time.Time) ([]reputation.RuleJudgement, error) {
	return s[hour], nil
}

// spiked is a share of a day that is unusual.
func spiked(rule string, hour time.Time) reputation.RuleJudgement {
	return reputation.RuleJudgement{Rule: rule, Judgement: reputation.Judgement{
		From: hour.Add(-24 * time.Hour), To: hour, Observed: 20, Mentions: 30, Expected: 6, Deviation: 2, Usual: 0.2, Surprise: 7, Probability: 1e-6, Spike: true,
	}}
}

// A crisis that one driver dominates is one story: rules that say the same at the same
// time come in one message, and those that say it later in none.
func TestOneCrisisIsOneMessage(t *testing.T) {
	for _, tt := range []struct {
		name   string
		volume time.Time // when the volume rises
		rules  map[string]time.Time
		want   []string // messages: rules that each tells of
	}{
		{"at once", noon, map[string]time.Time{"negative-share": noon, "driver-quality": noon}, []string{"negative-volume driver-quality negative-share"}},
		{"hours later", noon, map[string]time.Time{"net-sentiment": noon.Add(2 * time.Hour), "driver-quality": noon.Add(3 * time.Hour)}, []string{"negative-volume"}},
		{"a boycott is news", noon, map[string]time.Time{"signal-boycott": noon.Add(2 * time.Hour)}, []string{"negative-volume", "signal-boycott"}},
		{"one thing after another", time.Time{}, map[string]time.Time{"negative-share": noon, "net-sentiment": noon.Add(2 * time.Hour)}, []string{"negative-share"}},
		{"a driver without a crisis", time.Time{}, map[string]time.Time{"driver-quality": noon}, []string{"driver-quality"}},
	} {
		s := newMemory()
		hours := said{}
		for rule, at := range tt.rules {
			for h := range 6 {
				hour := at.Add(time.Duration(h) * time.Hour)
				hours[hour] = append(hours[hour], spiked(rule, hour))
			}
		}
		for _, list := range hours {
			slices.SortFunc(list, func(x, y reputation.RuleJudgement) int { return strings.Compare(x.Rule, y.Rule) })
		}
		if !tt.volume.IsZero() {
			for h := range 6 {
				s.say("青柠", 12, tt.volume.Add(time.Duration(h)*time.Hour))
			}
		}
		n := &inbox{}
		a := newTestAlerter(s, n, "青柠")
		a.policy.GroupWait = 30 * time.Second
		a.Rules = hours.rules
		for i := range 60 {
			now := noon.Add(time.Duration(i) * 5 * time.Minute)
			if i == 20 { // a restart
				a = newTestAlerter(s, n, "青柠")
				a.policy.GroupWait, a.Rules = 30*time.Second, hours.rules
			}
			if err := a.Evaluate(t.Context(), now); err != nil {
				t.Fatal(err)
			}
			if err := a.Deliver(t.Context(), now); err != nil {
				t.Fatal(err)
			}
		}
		var got []string
		for _, m := range n.messages {
			rules := m.Alert.Rule
			for _, also := range m.Also {
				rules += " " + also.Rule
			}
			got = append(got, rules)
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: people are told of %q, want %q", tt.name, got, tt.want)
		}
	}
}

// How alerts of the other rules end, and that they never escalate.
func TestNextOfOtherRules(t *testing.T) {
	share := spiked("driver-quality", noon).Judgement
	fall := reputation.Judgement{From: noon.Add(-24 * time.Hour), To: noon, Observed: 40, Mentions: 100, Deviation: 10, Usual: 0.4, Surprise: 40, Spike: true}
	for _, tt := range []struct {
		name  string
		rule  string
		open  reputation.Judgement
		hour  func(j *reputation.Judgement) // each of the hours that follow
		event reputation.Event              // of the fourth of them
	}{
		{"a share as ever of ten times the talk", "driver-quality", share, func(j *reputation.Judgement) { j.Observed, j.Mentions = 60, 300 }, reputation.Ended},
		{"a share that stays, of half the talk", "driver-quality", share, func(j *reputation.Judgement) { j.Observed, j.Mentions = 10, 15 }, ""},
		{"a share of four times the talk", "driver-quality", share, func(j *reputation.Judgement) { j.Observed, j.Mentions = 80, 120 }, ""},
		{"no more talk of it", "signal-boycott", share, func(j *reputation.Judgement) { j.Observed, j.Mentions = 0, 0 }, reputation.Ended},
		{"a fall that is over", "share-of-voice", fall, func(j *reputation.Judgement) { j.Observed, j.Calm = 5, true }, reputation.Ended},
		{"a silence that grows", "silence", fall, func(j *reputation.Judgement) { j.Observed *= 4 }, ""},
	} {
		alert, event := Next(reputation.Alert{Brand: "青柠", Rule: tt.rule}, tt.open, noon)
		if event != reputation.Opened || alert.Severity != reputation.Warning {
			t.Errorf("%s: %s, %s", tt.name, event, alert.Severity)
		}
		for h := range 4 {
			j := tt.open
			j.To = noon.Add(time.Duration(h+1) * time.Hour)
			j.Spike = false
			tt.hour(&j)
			if alert, event = Next(alert, j, j.To); h < 3 && event != "" {
				t.Errorf("%s: %s after %d hours", tt.name, event, h+1)
			}
		}
		if event != tt.event || alert.Severity != reputation.Warning {
			t.Errorf("%s: %q, %s, want %q", tt.name, event, alert.Severity, tt.event)
		}
	}
}
