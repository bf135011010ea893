package trend_test

import (
	"math"
	"slices"
	"testing"

	"reputed/internal/trend"
)

// With a = b = 1 each count from 0 to n is as probable as another, so that the
// probabilities are plain fractions.
func TestShareProbabilities(t *testing.T) {
	even := trend.Share{A: 1, B: 1}
	for part, want := range map[int]float64{0: 1, 1: 10.0 / 11, 6: 5.0 / 11, 10: 1.0 / 11, 11: 0} {
		if got := even.AtLeast(part, 10); math.Abs(got-want) > 1e-9 {
			t.Errorf("%d or more of 10: %g, want %g", part, got, want)
		}
	}
	if got, want := even.AtMost(2, 10), 3.0/11; math.Abs(got-want) > 1e-9 {
		t.Errorf("2 or fewer of 10: %g, want %g", got, want)
	}
	if got := even.AtLeast(500000, 1000000); math.Abs(got-0.5) > 0.01 {
		t.Errorf("half or more of a million: %g, want about a half", got)
	}
}

// part makes 15 days of talk of which a share is of a kind, and another share
// of it in the last hours.
func part(mean, share, now float64, hours int) (parts, wholes trend.Hourly) {
	talk := poisson(7, mean)
	wholes = hourly(15*24, talk)
	parts = hourly(15*24, func(i int) float64 {
		s := share
		if i >= 15*24-hours {
			s = now
		}
		return math.Round(wholes.Counts[i]*s + 0.4*math.Sin(float64(i)))
	})
	for i := range parts.Counts {
		parts.Counts[i] = min(max(parts.Counts[i], 0), wholes.Counts[i])
	}
	return parts, wholes
}

func TestPartRules(t *testing.T) {
	tests := []struct {
		name             string
		rule             trend.Part
		mean, share, now float64
		reason           string
	}{
		{"negative share leaps", trend.NegativeShare(), 20, 0.1, 0.6, ""},
		{"negative share as ever", trend.NegativeShare(), 20, 0.1, 0.1, "fewer than 8 mentions"},
		{"a little more of much", trend.NegativeShare(), 2000, 0.2, 0.25, "too small a change"},
		{"launch day without complaints", trend.NegativeShare(), 200, 0.1, 0.1, "too small a change"},
		{"a driver takes over", trend.Driver(), 4, 0.15, 0.7, ""},
		{"all complaints are of the driver they always are of", trend.Driver(), 4, 1, 1, "as usual"},
		{"a brand that is always spoken ill of", trend.NegativeShare(), 20, 0.9, 0.9, "too small a change"},
		{"a driver of half of them takes over", trend.Driver(), 4, 0.5, 1, ""},
		{"churn where there was none", trend.Signal(), 20, 0.01, 0.15, ""},
		{"the competitor is talked of", trend.ShareOfVoice(), 20, 0.5, 0.1, ""},
		{"share of voice rises", trend.ShareOfVoice(), 20, 0.3, 0.9, "too small a change"},
		{"too little talk for a share of voice", trend.ShareOfVoice(), 0.5, 0.5, 0, "fewer than 30 mentions"},
	}
	for _, test := range tests {
		parts, wholes := part(test.mean, test.share, test.now, test.rule.Hours)
		f := test.rule.Judge(parts, wholes)
		if f.Reason != test.reason || f.Alert != (test.reason == "") {
			t.Errorf("%s: %+v, want %q", test.name, f, test.reason)
		}
	}
}

func TestPartRulesWait(t *testing.T) {
	rule := trend.NegativeShare()
	parts, wholes := part(20, 0.1, 0.6, rule.Hours)
	wholes.Covered = slices.Repeat([]float64{1}, len(wholes.Counts))
	wholes.Covered[len(wholes.Covered)-1], wholes.Covered[len(wholes.Covered)-2] = 0, 0.5
	if f := rule.Judge(parts, wholes); f.Reason != "no source could be read" {
		t.Errorf("collectors down: %+v", f)
	}
	parts.Counts, wholes = parts.Counts[15*24-100:], trend.Hourly{To: wholes.To, Counts: wholes.Counts[15*24-100:]}
	if f := rule.Judge(parts, wholes); f.Reason != "less than 168 hours of history" {
		t.Errorf("warm-up: %+v", f)
	}
	if f := rule.Judge(trend.Hourly{}, trend.Hourly{}); f.Alert || f.Reason == "" {
		t.Errorf("no hours: %+v", f)
	}
}

func TestNetSentiment(t *testing.T) {
	all := hourly(15*24, poisson(8, 10))
	of := func(share, now float64) trend.Hourly {
		return hourly(15*24, func(i int) float64 {
			if i >= 14*24 {
				share = now
			}
			return math.Floor(all.Counts[i]*share + 0.5)
		})
	}
	tests := []struct {
		name               string
		positive, negative trend.Hourly
		reason             string
	}{
		{"as ever", of(0.4, 0.4), of(0.2, 0.2), "too small a change"},
		{"a bad day", of(0.4, 0.1), of(0.2, 0.7), ""},
		{"a good day", of(0.4, 0.8), of(0.2, 0), "too small a change"},
	}
	for _, test := range tests {
		if f := trend.NetSentiment().Judge(test.positive, test.negative, all); f.Reason != test.reason || f.Alert != (test.reason == "") {
			t.Errorf("%s: %+v, want %q", test.name, f, test.reason)
		}
	}
}

func TestSuddenSilence(t *testing.T) {
	silent := func(mean float64, hours int, down bool) trend.Hourly {
		talk := poisson(9, mean)
		h := hourly(20*24, talk)
		h.Covered = slices.Repeat([]float64{1}, len(h.Counts))
		for i := len(h.Counts) - hours; i < len(h.Counts); i++ {
			h.Counts[i] = 0
			if down {
				h.Covered[i] = 0
			}
		}
		return h
	}
	tests := []struct {
		name   string
		hours  trend.Hourly
		reason string
	}{
		{"a busy source falls silent for a day", silent(5, 24, false), ""},
		{"our collectors were down", silent(5, 24, true), "fewer than 10 mentions are missing"},
		{"a quiet hour", silent(5, 1, false), "fewer than 10 mentions are missing"},
		{"a quiet brand's quiet day", silent(0.1, 24, false), "fewer than 10 mentions are missing"},
		{"no history", hourly(0, nil), "less than 168 hours of history"},
	}
	for _, test := range tests {
		if f := trend.SuddenSilence().Judge(test.hours); f.Reason != test.reason || f.Alert != (test.reason == "") {
			t.Errorf("%s: %+v, want %q", test.name, f, test.reason)
		}
	}
}

func TestRiskWord(t *testing.T) {
	rule := trend.RiskWord()
	if !rule.Judge(1, 1000).Alert || !rule.Judge(0.2, 1e6).Alert {
		t.Error("no alert for a grave word, or a mild one that many read")
	}
	if f := rule.Judge(0.2, 100); f.Alert || f.Reason == "" {
		t.Errorf("a mild word that few read: %+v", f)
	}
}
