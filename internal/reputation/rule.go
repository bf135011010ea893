package reputation

import "strings"

// The names of the rules that are no part of a family.
const (
	RuleNegativeVolume = "negative-volume"
	RuleNegativeShare  = "negative-share"
	RuleNetSentiment   = "net-sentiment"
	RuleShareOfVoice   = "share-of-voice"
	RuleSilence        = "silence"
	RuleRiskWord       = "risk-word"
)

// What the names of the rules on one driver and on one signal begin with.
const (
	driverRule = "driver-"
	signalRule = "signal-"
)

// DriverRule names the rule on a driver: "driver-delivery".
func DriverRule(driver string) string { return driverRule + driver }

// SignalRule names the rule on a signal: "signal-churn".
func SignalRule(signal string) string { return signalRule + signal }

// DriverOf is the driver that a rule is on, and false if it is on none.
func DriverOf(rule string) (string, bool) { return strings.CutPrefix(rule, driverRule) }

// SignalOf is the signal that a rule is on, and false if it is on none.
func SignalOf(rule string) (string, bool) { return strings.CutPrefix(rule, signalRule) }

// SignalBehind is the signal that the mentions behind an alert of the rule carry, and
// false if they need carry none.
func SignalBehind(rule string) (string, bool) {
	if rule == RuleRiskWord {
		return "risk", true
	}
	return SignalOf(rule)
}

// AlarmingSignals are the signals of which a rise is bad news.
func AlarmingSignals() []string { return []string{"churn", "boycott", "complaint", "gap", "risk"} }

// Rules are the names of all rules, by which alerts, silences and routes know them.
func Rules() []string {
	names := []string{RuleNegativeVolume, RuleNegativeShare, RuleNetSentiment}
	for _, driver := range Drivers() {
		names = append(names, DriverRule(driver))
	}
	for _, signal := range AlarmingSignals() {
		names = append(names, SignalRule(signal))
	}
	return append(names, RuleShareOfVoice, RuleSilence, RuleRiskWord)
}

// RuleJudgement is what a rule says of a brand at a moment.
type RuleJudgement struct {
	Rule string // its name
	Judgement
}

// Value is what a rule on a part of the talk, on its net sentiment or on the share of
// voice measured, in the unit of Usual. Of a fall Observed is what is missing to the
// usual, in whole mentions, so that the value is as exact as that.
func (j RuleJudgement) Value() float64 {
	switch {
	case j.Mentions == 0:
		return 0
	case j.Rule == RuleNetSentiment || j.Rule == RuleShareOfVoice:
		return j.Usual - float64(j.Observed)/float64(j.Mentions)
	}
	return j.Share()
}
