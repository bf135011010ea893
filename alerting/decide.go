package alerting

import (
	"fmt"
	"slices"
	"time"

	"reputed/internal/reputation"
)

// mutedByQuiet is what Alert.MutedBy holds in quiet hours.
const mutedByQuiet = "quiet hours"

// await notes an event of an alert, which people are to be told of when nothing mutes
// it. Of several events that wait the last one counts, since a message tells how
// things stand. Those who know nothing of the alert yet are told of an opening,
// whatever happened since.
func await(a reputation.Alert, event reputation.Event, hour, now time.Time) reputation.Alert {
	if a.ToldAt.IsZero() && event != reputation.Ended {
		event = reputation.Opened
	}
	since := now
	if a.Waiting.Event != "" {
		since = a.Waiting.Since
	}
	a.Waiting = reputation.Waiting{Event: event, Hour: hour, Since: since}
	return a
}

// step is what happens to what waits of an alert.
type step int

const (
	stepWait   step = iota // nothing to tell, or not yet
	stepMute               // not now, for the reason that is given
	stepForget             // never: it is over, and was muted from its beginning
	stepDigest             // in the digest of quiet hours
	stepTell               // now
)

// decision is what happens to an alert at a moment.
type decision struct {
	step  step
	event reputation.Event
	by    string // what mutes it
}

// decide tells what people are to be told of an alert at the time now. It is a pure
// function of the alert, of all that fire (others), and of the silences.
//
// A silence mutes everything but the end of what people know of. A critical alert
// mutes the warnings on its brand, and talk about a competitor's trouble a fall of the
// share of voice, but no end. Quiet hours mute what they do not
// except, and afterwards one digest tells of it; only the end of what people know of
// is told by itself then, where its beginning stands. An opening that says what another
// alert has told is never told.
func (p Policy) decide(a reputation.Alert, others []reputation.Alert, silences []reputation.Silence, now time.Time) decision {
	event, known := a.Waiting.Event, !a.ToldAt.IsZero()
	ended := event == reputation.Ended
	switch {
	case event == "" && p.repeats(a, now):
		event = reputation.Repeated
	case event == "":
		return decision{}
	case ended && !known && a.MutedBy != "" && a.MutedBy != mutedByQuiet:
		return decision{step: stepForget, event: event, by: a.MutedBy}
	case !ended && !known:
		if o, ok := p.echoed(a, others); ok {
			return decision{step: stepForget, event: event, by: fmt.Sprintf("alert %d", o.ID)}
		}
	}
	d := decision{event: event}
	if by := p.muted(a, ended, known, others, silences, now); by != "" {
		d.step, d.by = stepMute, by
		switch {
		case event == reputation.Repeated:
			return decision{} // it is due again when nothing mutes it
		case ended && !known && by != mutedByQuiet:
			d.step = stepForget
		}
		return d
	}
	waited := now.Sub(a.Waiting.Since)
	switch {
	case a.MutedBy == mutedByQuiet && !(ended && known) && !p.Quiet.excepts(a.Severity):
		d.step = stepDigest
	// A time to come is that of a clock which was ahead for a while.
	case event == reputation.Opened && waited >= 0 && waited < p.GroupWait:
		d.step = stepWait
	default:
		d.step = stepTell
	}
	return d
}

// muted names what mutes an alert; empty if nothing does.
func (p Policy) muted(a reputation.Alert, ended, known bool, others []reputation.Alert, silences []reputation.Silence, now time.Time) string {
	if !ended || !known {
		if s, ok := silencedBy(a, silences, now); ok {
			return fmt.Sprintf("silence %d", s.ID)
		}
	}
	if !ended {
		if crisis, ok := inhibitor(a, others); ok {
			return fmt.Sprintf("alert %d", crisis.ID)
		}
		if crisis, ok := p.overshadowed(a, others, now); ok {
			return fmt.Sprintf("alert %d", crisis.ID)
		}
	}
	if p.Quiet.Cover(a.Severity, now) {
		return mutedByQuiet
	}
	return ""
}

// inhibitor returns the critical alert that mutes a warning on the same brand.
func inhibitor(a reputation.Alert, others []reputation.Alert) (reputation.Alert, bool) {
	for _, o := range others {
		if o.ID != a.ID && o.Brand == a.Brand && o.State == reputation.Firing && o.Severity == reputation.Critical && a.Severity == reputation.Warning {
			return o, true
		}
	}
	return reputation.Alert{}, false
}

// overshadowed returns the alert on a competitor that is why a brand's share of voice
// falls: many speak ill of the competitor, or did in the hours that the share is counted
// over. If it is still low after them, people are told.
func (p Policy) overshadowed(a reputation.Alert, others []reputation.Alert, now time.Time) (reputation.Alert, bool) {
	if a.Rule != reputation.RuleShareOfVoice {
		return reputation.Alert{}, false
	}
	counted := a.Judgement.To.Sub(a.Judgement.From)
	for _, o := range others {
		if o.Rule == RuleNegativeVolume && slices.Contains(p.Competitors[a.Brand], o.Brand) &&
			(o.State == reputation.Firing || now.Sub(known(o.ResolvedAt, now)) < counted) {
			return o, true
		}
	}
	return reputation.Alert{}, false
}

// echoed returns the alert on the same brand that people were told of and that tells
// the same: more negative mentions bring a greater share of them, a lower net sentiment
// and mostly more of one driver, and the first two of these bring each other. Signals
// say something else, namely what people are about to do. Where the share of voice falls,
// the crisis of a competitor is what is told, of which people are told by itself.
func (p Policy) echoed(a reputation.Alert, others []reputation.Alert) (reputation.Alert, bool) {
	_, driver := reputation.DriverOf(a.Rule)
	worse := a.Rule == reputation.RuleNegativeShare || a.Rule == reputation.RuleNetSentiment
	for _, o := range others {
		if o.ID == a.ID || o.Brand != a.Brand || o.State != reputation.Firing || o.ToldAt.IsZero() {
			continue
		}
		switch o.Rule {
		case RuleNegativeVolume:
			if worse || driver {
				return o, true
			}
		case reputation.RuleNegativeShare, reputation.RuleNetSentiment:
			if worse {
				return o, true
			}
		}
	}
	return reputation.Alert{}, false
}

// repeats tells whether people are to be reminded of an alert.
func (p Policy) repeats(a reputation.Alert, now time.Time) bool {
	return p.Repeat > 0 && a.State == reputation.Firing && !a.ToldAt.IsZero() && !a.Acknowledged() &&
		now.Sub(known(a.ToldAt, now)) >= p.Repeat
}
