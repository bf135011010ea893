package alerting

import (
	"testing"
	"time"

	"reputed/internal/reputation"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// hourAt is the judgement of the hour that ends at to, against a baseline of 10
// mentions with a deviation of 2: calm up to 14.
func hourAt(to time.Time, observed int) reputation.Judgement {
	surprise := (float64(observed) - 10) / 2
	return reputation.Judgement{
		From: to.Add(-time.Hour), To: to,
		Observed: observed, Stories: observed, Mentions: 2 * observed,
		Expected: 10, Deviation: 2, Surprise: surprise, Usual: 0.2,
		Spike: surprise >= 4,
	}
}

// firing is a warning that was opened at noon by 20 mentions.
func firing() reputation.Alert {
	return reputation.Alert{
		ID: 7, Brand: "青柠", Rule: RuleNegativeVolume,
		Severity: reputation.Warning, State: reputation.Firing,
		OpenedAt: noon, Judgement: hourAt(noon, 20), Peak: 20, Told: 20,
		Thread: reputation.Thread{Channel: "C1", TS: "1.5"},
	}
}

func resolved() reputation.Alert {
	a := firing()
	a.State = reputation.Resolved
	a.ResolvedAt = noon.Add(5 * time.Hour)
	return a
}

// with returns the alert after a change.
func with(a reputation.Alert, change func(*reputation.Alert)) reputation.Alert {
	change(&a)
	return a
}

// usual returns the judgement of a detector that finds the hour usual.
func usual(j reputation.Judgement) reputation.Judgement {
	j.Spike, j.Calm = false, true
	return j
}

func TestNext(t *testing.T) {
	none := reputation.Alert{Brand: "青柠", Rule: RuleNegativeVolume}
	opened := reputation.Alert{
		Brand: "青柠", Rule: RuleNegativeVolume,
		Severity: reputation.Warning, State: reputation.Firing,
		OpenedAt: noon.Add(time.Minute), Judgement: hourAt(noon, 20), Peak: 20, Told: 20,
	}
	later := func(h float64) time.Time { return noon.Add(time.Duration(h * float64(time.Hour))) }
	calmSince := func(a reputation.Alert, at time.Time) reputation.Alert {
		return with(a, func(a *reputation.Alert) { a.CalmSince = at })
	}
	tests := []struct {
		name  string
		last  reputation.Alert
		j     reputation.Judgement
		now   time.Time
		want  reputation.Alert
		event reputation.Event
	}{
		{"nothing open, usual talk", none, hourAt(noon, 12), noon, none, ""},
		{"nothing open, a spike", none, hourAt(noon, 20), noon.Add(time.Minute), opened, reputation.Opened},
		{
			"nothing open, an extreme spike", none, hourAt(noon, 34), noon.Add(time.Minute),
			with(opened, func(a *reputation.Alert) {
				a.Severity, a.Peak, a.Told, a.Judgement = reputation.Critical, 34, 34, hourAt(noon, 34)
			}), reputation.Opened,
		},
		{
			"nothing open, just under extreme", none, hourAt(noon, 33), noon.Add(time.Minute),
			with(opened, func(a *reputation.Alert) { a.Peak, a.Told, a.Judgement = 33, 33, hourAt(noon, 33) }), reputation.Opened,
		},

		{"firing, the same hour again", firing(), hourAt(noon, 20), later(0.1), firing(), ""},
		{
			"firing, more talk keeps the opening's baseline", firing(), hourAt(later(1), 39), later(1),
			with(firing(), func(a *reputation.Alert) { a.Peak = 39 }), "",
		},
		{"firing, less but still much talk", firing(), hourAt(later(1), 15), later(1), firing(), ""},
		{
			"firing, twice the opening's talk", firing(), hourAt(later(1), 40), later(1),
			with(firing(), func(a *reputation.Alert) { a.Peak, a.Told, a.Severity = 40, 40, reputation.Critical }), reputation.Escalated,
		},
		{
			"critical, not yet twice what was told",
			with(firing(), func(a *reputation.Alert) { a.Peak, a.Told, a.Severity = 40, 40, reputation.Critical }), hourAt(later(2), 79), later(2),
			with(firing(), func(a *reputation.Alert) { a.Peak, a.Told, a.Severity = 79, 40, reputation.Critical }), "",
		},
		{
			"critical, it doubles again",
			with(firing(), func(a *reputation.Alert) { a.Peak, a.Told, a.Severity = 40, 40, reputation.Critical }), hourAt(later(2), 80), later(2),
			with(firing(), func(a *reputation.Alert) { a.Peak, a.Told, a.Severity = 80, 80, reputation.Critical }), reputation.Escalated,
		},
		{
			"firing for two weeks, the detector finds the new level usual",
			firing(), usual(hourAt(later(14*24), 18)), later(14 * 24), calmSince(firing(), later(14*24)), "",
		},
		{"firing for a day, only the opening's baseline counts", firing(), usual(hourAt(later(24), 18)), later(24), firing(), ""},
		{
			"firing, opened by a clock that was a year ahead",
			with(firing(), func(a *reputation.Alert) { a.Judgement = hourAt(later(365*24), 20) }), hourAt(later(1), 40), later(1),
			with(firing(), func(a *reputation.Alert) {
				a.Judgement, a.Peak, a.Told, a.Severity = hourAt(later(365*24), 20), 40, 40, reputation.Critical
			}), reputation.Escalated,
		},
		{"firing, an hour before the opening's", firing(), hourAt(later(-0.5), 60), later(0.5), firing(), ""},
		{"firing, the calm begins", firing(), hourAt(later(2), 14), later(2), calmSince(firing(), later(2)), ""},
		{"firing, silence is calm", firing(), hourAt(later(2), 0), later(2), calmSince(firing(), later(2)), ""},
		{"firing, calm for less than three hours", calmSince(firing(), later(2)), hourAt(later(4.9), 9), later(4.9), calmSince(firing(), later(2)), ""},
		{"firing, the calm is broken", calmSince(firing(), later(2)), hourAt(later(4), 15), later(4), firing(), ""},
		{"firing, a busy hour before the calm", calmSince(firing(), later(2)), hourAt(later(1.5), 18), later(3), calmSince(firing(), later(2)), ""},
		{
			"firing, calm for three hours", calmSince(firing(), later(2)), hourAt(later(5), 3), later(5),
			resolved(), reputation.Ended,
		},

		{"resolved, usual talk", resolved(), hourAt(later(6), 11), later(6), resolved(), ""},
		{"resolved, an hour from before the end", resolved(), hourAt(later(4.5), 30), later(5.5), resolved(), ""},
		{
			"resolved, a spike on the same day", resolved(), hourAt(later(23.9), 30), later(23.9),
			with(firing(), func(a *reputation.Alert) { a.Peak, a.Told = 30, 30 }), reputation.Reopened,
		},
		{
			"resolved, a lower spike keeps the peak",
			with(resolved(), func(a *reputation.Alert) { a.Peak = 38 }), hourAt(later(8), 19), later(8),
			with(firing(), func(a *reputation.Alert) { a.Peak, a.Told = 38, 19 }), reputation.Reopened,
		},
		{
			"resolved, it comes back twice as strong", resolved(), hourAt(later(8), 40), later(8),
			with(firing(), func(a *reputation.Alert) { a.Peak, a.Told, a.Severity = 40, 40, reputation.Critical }), reputation.Reopened,
		},
		{
			"resolved, a spike a day after the opening", resolved(), hourAt(later(24), 20), later(24),
			with(opened, func(a *reputation.Alert) { a.OpenedAt, a.Judgement = later(24), hourAt(later(24), 20) }), reputation.Opened,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, event := Next(tt.last, tt.j, tt.now)
			if event != tt.event {
				t.Errorf("event %q, want %q", event, tt.event)
			}
			if got != tt.want {
				t.Errorf("alert\n%+v, want\n%+v", got, tt.want)
			}
		})
	}
}

// A whole spike, minute by minute: one opening, one escalation, one end, however
// often it is looked at.
func TestNextTellsEachStepOnce(t *testing.T) {
	observed := func(at time.Duration) int {
		switch {
		case at < 2*time.Hour:
			return 9
		case at < 3*time.Hour:
			return 22
		case at < 6*time.Hour:
			return 60
		}
		return 12
	}
	alert := reputation.Alert{Brand: "青柠", Rule: RuleNegativeVolume}
	var events []reputation.Event
	for at := time.Duration(0); at < 12*time.Hour; at += time.Minute {
		var event reputation.Event
		now := noon.Add(at)
		if alert, event = Next(alert, hourAt(now, observed(at)), now); event != "" {
			events = append(events, event)
		}
	}
	want := []reputation.Event{reputation.Opened, reputation.Escalated, reputation.Ended}
	if len(events) != len(want) || events[0] != want[0] || events[1] != want[1] || events[2] != want[2] {
		t.Errorf("events %v, want %v", events, want)
	}
	if alert.Peak != 60 || !alert.ResolvedAt.Equal(noon.Add(9*time.Hour)) {
		t.Errorf("peak %d, resolved at %v", alert.Peak, alert.ResolvedAt)
	}
}
