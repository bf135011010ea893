package alerting

import (
	"slices"
	"time"

	"reputed/internal/reputation"
)

// Route sends the alerts that it fits to a target. An empty list, or an empty
// severity, fits every alert.
type Route struct {
	Brands   []string
	Rules    []string
	Drivers  []string
	Severity reputation.Severity
	Target   reputation.Target
	Continue bool // the routes after this one are asked too
}

func (r Route) fits(a reputation.Alert) bool {
	among := func(list []string, value string) bool { return len(list) == 0 || slices.Contains(list, value) }
	return among(r.Brands, a.Brand) && among(r.Rules, a.Rule) && among(r.Drivers, a.Driver) && (r.Severity == "" || r.Severity == a.Severity)
}

// Policy says when and whom to tell of alerts.
type Policy struct {
	Routes []Route // in order: the first that fits counts, and those after it while it says Continue
	// Default is where alerts go that no route fits, and what waits for a receiver
	// that is no longer configured.
	Default reputation.Target

	// GroupWait is how long an opening waits for late details, and for other rules
	// that open an alert on the same brand, so that one message tells of all. 0: not
	// at all.
	GroupWait time.Duration
	// Repeat is how long after they were told last people are reminded of an alert
	// that fires and that nobody has acknowledged. 0: never.
	Repeat time.Duration
	Quiet  QuietHours
	// Competitors are those of each brand, whose trouble explains a fall of its share of
	// voice.
	Competitors map[string][]string
}

// targets are where people are told of an event: where the routes lead, and where
// they were told of the alert before, since whoever was told of its beginning shall
// be told of its end. An end that somebody was told of goes nowhere else. On-call people are called when an
// alert opens or escalates only.
func (p Policy) targets(a reputation.Alert, event reputation.Event, told []reputation.Target) []reputation.Target {
	var targets []reputation.Target
	add := func(t reputation.Target) {
		if event != reputation.Opened && event != reputation.Escalated {
			t.Mentions = nil
		}
		for i, known := range targets {
			if known.Receiver == t.Receiver && known.Channel == t.Channel {
				targets[i].Mentions = union(known.Mentions, t.Mentions)
				return
			}
		}
		targets = append(targets, t)
	}
	if event != reputation.Ended || len(told) == 0 {
		for _, t := range p.route(a) {
			add(t)
		}
	}
	for _, t := range told {
		add(t)
	}
	return targets
}

// route returns the targets of the routes that fit.
func (p Policy) route(a reputation.Alert) []reputation.Target {
	var targets []reputation.Target
	for _, r := range p.Routes {
		if !r.fits(a) {
			continue
		}
		targets = append(targets, r.Target)
		if !r.Continue {
			return targets
		}
	}
	if len(targets) == 0 {
		return []reputation.Target{p.Default}
	}
	return targets
}

func union(a, b []string) []string {
	all := slices.Clone(a)
	for _, s := range b {
		if !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	return all
}
