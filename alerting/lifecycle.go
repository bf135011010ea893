package alerting

import (
	"math"
	"time"

	"reputed/internal/reputation"
)

// RuleNegativeVolume names the rule that an hour brings more negative mentions
// than the brand's hours usually do.
const RuleNegativeVolume = reputation.RuleNegativeVolume

const (
	// criticalSurprise is the surprise, in standard deviations, from which an
	// alert opens as critical. Spikes of everyday complaints stay under it.
	criticalSurprise = 12

	// growth is how many times the talk that people were told of last they are
	// told of again, and which makes an alert critical. Twice the count is always
	// at least twice the surprise against the same baseline, so that the surprise
	// needs no condition of its own.
	growth = 2

	// newNormal is how long an alert is measured against the baseline of its
	// opening. After that the detector's own, which holds the days since, may find
	// the talk usual too: else a lasting change of level would never end.
	newNormal = 14 * 24 * time.Hour

	// calmBand is how many of the frozen standard deviations above the frozen
	// expectation still count as usual talk.
	calmBand = 2

	// calmFor is how long the talk must stay in the usual band before an alert
	// is over, so that one quiet hour at lunch does not end it.
	calmFor = 3 * time.Hour

	// refractory is the time after its opening in which a new spike belongs to
	// the same alert.
	refractory = 24 * time.Hour
)

// Next takes one step in the life of an alert. It is a pure function: last is
// the latest alert of a brand and rule (with Brand and Rule alone if there was
// none yet), j is what the detector says of an hour, now is the present. It
// returns the alert as it stands then, and what people are to be told of it, or
// an empty event. A returned alert without ID is a new one.
//
// A spike opens an alert, or fires the last one again if that was opened less
// than 24 hours ago. While an alert fires, every hour is measured against the
// baseline of its opening: each doubling of the talk that was told of last is
// told, and makes it critical; three hours without a break in the usual band
// resolve it. Hours that end before what the alert has already seen are ignored.
//
// Only the volume of negative mentions is ever critical, and escalates: talk that
// grows into a crisis is loud. An alert of another rule stays the warning it is.
func Next(last reputation.Alert, j reputation.Judgement, now time.Time) (reputation.Alert, reputation.Event) {
	switch {
	case last.State == reputation.Firing:
		return follow(last, j, now)
	case !j.Spike || j.To.Before(known(last.ResolvedAt, now)):
		return last, ""
	case last.State == reputation.Resolved && now.Sub(last.OpenedAt) < refractory:
		return reopen(last, j), reputation.Reopened
	}
	return open(last, j, now), reputation.Opened
}

// open makes a new alert of the brand and rule of last.
func open(last reputation.Alert, j reputation.Judgement, now time.Time) reputation.Alert {
	severity := reputation.Warning
	if last.Rule == RuleNegativeVolume && j.Surprise >= criticalSurprise {
		severity = reputation.Critical
	}
	return reputation.Alert{
		Brand:     last.Brand,
		Rule:      last.Rule,
		Severity:  severity,
		State:     reputation.Firing,
		OpenedAt:  now,
		Judgement: j,
		Peak:      j.Observed,
		Told:      j.Observed,
	}
}

// reopen fires a resolved alert again. Its baseline stays that of the opening,
// since the present one already holds the first spike.
func reopen(last reputation.Alert, j reputation.Judgement) reputation.Alert {
	next := last
	next.State = reputation.Firing
	next.ResolvedAt = time.Time{}
	next.CalmSince = time.Time{}
	next.Peak = max(last.Peak, j.Observed)
	next.Told = j.Observed
	if last.Rule == RuleNegativeVolume && j.Observed >= growth*last.Judgement.Observed {
		next.Severity = reputation.Critical
	}
	return next
}

// follow updates a firing alert.
func follow(last reputation.Alert, j reputation.Judgement, now time.Time) (reputation.Alert, reputation.Event) {
	if j.To.Before(known(last.Judgement.To, now)) {
		return last, ""
	}
	next := last
	next.Peak = max(last.Peak, j.Observed)
	if calm(last, j) || j.Calm && now.Sub(last.OpenedAt) >= newNormal {
		return settle(next, j, now)
	}
	// A busy hour before the calm began says nothing against the calm.
	if j.To.After(last.CalmSince) {
		next.CalmSince = time.Time{}
	}
	if last.Rule == RuleNegativeVolume && j.Observed >= growth*last.Told {
		next.Severity, next.Told = reputation.Critical, j.Observed
		return next, reputation.Escalated
	}
	return next, ""
}

// calm tells whether an hour is within the usual band of the alert's opening. That of
// a part of the talk is of as much talk as there is now. What falls has none: it is
// missed against what the detector finds usual now, and so its own word counts.
func calm(a reputation.Alert, j reputation.Judgement) bool {
	frozen := a.Judgement
	switch {
	case a.Rule == RuleNegativeVolume:
		return float64(j.Observed) <= frozen.Expected+calmBand*frozen.Deviation
	case falls(a.Rule):
		return j.Calm
	}
	usual := frozen.Usual * float64(j.Mentions)
	return float64(j.Observed) <= usual+calmBand*max(math.Sqrt(usual*(1-frozen.Usual)), 1)
}

// falls tells whether a rule warns of what is missing.
func falls(rule string) bool {
	switch rule {
	case reputation.RuleNetSentiment, reputation.RuleShareOfVoice, reputation.RuleSilence:
		return true
	}
	return false
}

// settle counts the calm of a firing alert, and ends it when it lasted.
func settle(next reputation.Alert, j reputation.Judgement, now time.Time) (reputation.Alert, reputation.Event) {
	if next.CalmSince.IsZero() {
		next.CalmSince = j.To
	}
	if j.To.Sub(next.CalmSince) < calmFor {
		return next, ""
	}
	next.State = reputation.Resolved
	next.ResolvedAt = now
	next.CalmSince = time.Time{}
	return next, reputation.Ended
}

// known is a time that the alert has seen, or zero if it lies in the future: a
// clock that was ahead for a while must not make the brand deaf until then.
func known(t, now time.Time) time.Time {
	if t.After(now) {
		return time.Time{}
	}
	return t
}
