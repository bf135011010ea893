package main

import (
	"cmp"

	"reputed/alerting"
	"reputed/internal/config"
	"reputed/internal/reputation"
	"reputed/internal/trend"
)

// defaultTarget is where alerts go that no route sends elsewhere.
func defaultTarget(c *config.Config) reputation.Target {
	return reputation.Target{Receiver: cmp.Or(c.DefaultReceiver(), terminalReceiver)}
}

// policyOf says when and whom to tell of alerts.
func policyOf(c *config.Config) alerting.Policy {
	p := alerting.Policy{Default: defaultTarget(c), GroupWait: c.Alerts.GroupWait, Repeat: c.Alerts.RepeatInterval, Competitors: competitorsOf(c.Brands)}
	if from, to, ok := c.Alerts.QuietHours.Minutes(); ok {
		p.Quiet = alerting.QuietHours{
			From: from, To: to, Days: c.Alerts.QuietHours.Weekdays(),
			Except: reputation.Severity(c.Alerts.QuietHours.Except), Zone: c.Timezone,
		}
	}
	for _, r := range c.Alerts.Routes {
		target := defaultTarget(c)
		target.Receiver = cmp.Or(r.Receiver, target.Receiver)
		target.Channel, target.Mentions = r.Channel, r.Mentions
		p.Routes = append(p.Routes, alerting.Route{
			Brands: r.Brands, Rules: r.Rules, Drivers: r.Drivers, Severity: reputation.Severity(r.Severity), Target: target, Continue: r.Continue,
		})
	}
	return p
}

// operatorsTarget is where notices about sources go.
func operatorsTarget(c *config.Config) reputation.Target {
	target := defaultTarget(c)
	if target.Receiver == slackReceiver {
		target.Channel = c.Slack.Operators
	}
	return target
}

// digestTarget is where digests go.
func digestTarget(c *config.Config) reputation.Target {
	target := defaultTarget(c)
	target.Channel = c.Digests.Channel
	return target
}

// digestTimes is when digests are due.
func digestTimes(c *config.Config) (times []alerting.DigestTime) {
	if minutes, ok := c.Digests.DailyMinutes(); ok {
		times = append(times, alerting.DigestTime{Kind: reputation.Daily, Minutes: minutes})
	}
	if day, minutes, ok := c.Digests.WeeklyMinutes(); ok {
		times = append(times, alerting.DigestTime{Kind: reputation.Weekly, Weekday: day, Minutes: minutes})
	}
	return times
}

// watched lists the brands with their competitors.
func watched(c *config.Config) []alerting.Watched {
	list := make([]alerting.Watched, len(c.Brands))
	for i, b := range c.Brands {
		list[i] = alerting.Watched{Brand: b.Name, Competitors: b.Competitors}
	}
	return list
}

// newTerminal shows alerts on standard output, in colour where a person watches.
func newTerminal(c *config.Config, env environment) *alerting.Terminal {
	s, _ := screenOf(env)
	return alerting.NewTerminal(env.stdout, s.colour, s.width, wordingOf(c, env))
}

func wordingOf(c *config.Config, env environment) alerting.Wording {
	return alerting.Wording{Lang: c.Language, Zone: c.Timezone, Config: shownPath(c, env), Web: c.Web.URL}
}

// detectorOf is the detector for negative mentions, as sensitive as is configured.
func detectorOf(c *config.Config) trend.Detector {
	p, _ := c.Alerts.Probability() // checked when the configuration was read
	return trend.Default().Sensitive(p)
}
