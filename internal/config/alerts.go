package config

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"time"

	"reputed/internal/reputation"
)

// Alerts is when and whom to tell of alerts.
type Alerts struct {
	Sensitivity    string        `yaml:"sensitivity"`     // low, normal, high, or a probability an hour; see Probability
	GroupWait      time.Duration `yaml:"group_wait"`      // that an opening waits for others on the same brand; 0: not at all
	RepeatInterval time.Duration `yaml:"repeat_interval"` // after which people are reminded; 0: never
	QuietHours     QuietHours    `yaml:"quiet_hours"`
	Routes         []Route       `yaml:"routes"`
}

// QuietHours are the hours of the day in which people are not called.
type QuietHours struct {
	From   string   `yaml:"from"` // time of day in the configured zone, such as 22:00; empty: there are none
	To     string   `yaml:"to"`
	Days   []string `yaml:"days"`   // on which they begin: mon, tue, wed, thu, fri, sat, sun; none: on each
	Except string   `yaml:"except"` // severity that is told all the same; empty: none
}

// Route sends some alerts elsewhere.
type Route struct {
	Brands   []string `yaml:"brands"`   // none: all
	Rules    []string `yaml:"rules"`    // none: all
	Drivers  []string `yaml:"drivers"`  // none: all
	Severity string   `yaml:"severity"` // empty: all
	Receiver string   `yaml:"receiver"` // empty: the default one
	Channel  string   `yaml:"channel"`  // empty: the receiver's own
	Mentions []string `yaml:"mentions"` // whom to call when an alert opens or escalates
	Continue bool     `yaml:"continue"` // the routes below are asked too
}

const (
	defaultGroupWait = 30 * time.Second // as in Prometheus' Alertmanager
	defaultRepeat    = 4 * time.Hour    // the same

	longestGroupWait = time.Hour
	shortestRepeat   = 5 * time.Minute
)

// Probabilities an hour that the words for a sensitivity stand for.
const (
	lowSensitivity    = 0.0003
	normalSensitivity = 0.003
	highSensitivity   = 0.02

	mostSensitive  = 0.05
	leastSensitive = 1e-9
)

// Probability is the most that the talk of an hour may be probable for an alert, in
// [1e-9, 0.05], and false if the sensitivity is none.
func (a Alerts) Probability() (p float64, ok bool) {
	switch a.Sensitivity {
	case "low":
		return lowSensitivity, true
	case "", "normal":
		return normalSensitivity, true
	case "high":
		return highSensitivity, true
	}
	p, err := strconv.ParseFloat(a.Sensitivity, 64)
	return p, err == nil && p >= leastSensitive && p <= mostSensitive
}

// severities are what routes and quiet hours may name.
var severities = []string{string(reputation.Warning), string(reputation.Critical)}

// weekdays by their names.
var weekdays = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// Minutes are the times of day between which it is quiet, in minutes after midnight,
// and false if there are no quiet hours.
func (q QuietHours) Minutes() (from, to int, ok bool) {
	from, begins := timeOfDay(q.From)
	to, ends := timeOfDay(q.To)
	return from, to, begins && ends
}

// Weekdays are the days on which the quiet hours begin.
func (q QuietHours) Weekdays() []time.Weekday {
	var days []time.Weekday
	for i, name := range weekdays {
		if len(q.Days) == 0 || slices.Contains(q.Days, name) {
			days = append(days, time.Weekday(i))
		}
	}
	return days
}

var clockPattern = regexp.MustCompile(`^([01]?[0-9]|2[0-4]):([0-5][0-9])$`)

// timeOfDay reads a time such as 08:00, up to 24:00, in minutes after midnight.
func timeOfDay(text string) (minutes int, ok bool) {
	if !clockPattern.MatchString(text) {
		return 0, false
	}
	var hour, minute int
	if _, err := fmt.Sscanf(text, "%d:%d", &hour, &minute); err != nil {
		return 0, false
	}
	minutes = 60*hour + minute
	return minutes, minutes <= 24*60
}

func (c *Config) validateAlerts(d *decoder) {
	a := c.Alerts
	if _, ok := a.Probability(); !ok {
		d.fail(c.at("alerts", "sensitivity"), "alerts.sensitivity", "%q is no sensitivity; write low, normal, high, or a probability from %g (few alerts) to %g (many), such as 0.001", a.Sensitivity, leastSensitive, mostSensitive)
	}
	if a.GroupWait < 0 || a.GroupWait > longestGroupWait {
		d.fail(c.at("alerts", "group_wait"), "alerts.group_wait", "%s is out of range; write 0s to %s: that long people hear nothing", a.GroupWait, longestGroupWait)
	}
	if a.RepeatInterval != 0 && a.RepeatInterval < shortestRepeat {
		d.fail(c.at("alerts", "repeat_interval"), "alerts.repeat_interval", "%s is too often; write %s or more, or 0s for never", a.RepeatInterval, shortestRepeat)
	}
	c.validateQuietHours(d)
	for i := range a.Routes {
		c.validateAlertRoute(d, i)
	}
}

func (c *Config) validateQuietHours(d *decoder) {
	q := c.Alerts.QuietHours
	const key = "alerts.quiet_hours"
	if child(c.root, "alerts") == nil || child(child(c.root, "alerts"), "quiet_hours") == nil {
		return
	}
	from, fromOK := timeOfDay(q.From)
	to, toOK := timeOfDay(q.To)
	for _, t := range []struct {
		name, text string
		ok         bool
	}{{"from", q.From, fromOK && from < 24*60}, {"to", q.To, toOK && to > 0}} {
		switch {
		case t.text == "":
			d.fail(c.at("alerts", "quiet_hours"), key, "there is no %s:; write a time of day, such as '22:00'", t.name)
		case !t.ok && t.name == "from":
			d.fail(c.at("alerts", "quiet_hours", t.name), key+"."+t.name, "%q is not a time of day; write one from '00:00' to '23:59'", t.text)
		case !t.ok:
			d.fail(c.at("alerts", "quiet_hours", t.name), key+"."+t.name, "%q is not an end; write a time of day from '00:01' to '24:00'", t.text)
		}
	}
	if fromOK && toOK && from == to {
		d.fail(c.at("alerts", "quiet_hours", "to"), key+".to", "the quiet hours end when they begin; write different times, or '00:00' and '24:00' for whole days")
	}
	for i, day := range q.Days {
		if !slices.Contains(weekdays, day) {
			d.fail(c.at("alerts", "quiet_hours", "days", i), fmt.Sprintf("%s.days[%d]", key, i), "%q is not a day of the week; write mon, tue, wed, thu, fri, sat or sun", day)
		}
	}
	if q.Except != "" && !slices.Contains(severities, q.Except) {
		d.fail(c.at("alerts", "quiet_hours", "except"), key+".except", "%q is not a severity; write critical, or leave it out", q.Except)
	}
}

// slackID is the id of a user or of a user group of Slack.
var slackID = regexp.MustCompile(`^[UWS][A-Z0-9]{5,}$`)

func (c *Config) validateAlertRoute(d *decoder, i int) {
	r := c.Alerts.Routes[i]
	key := fmt.Sprintf("alerts.routes[%d]", i)
	among := func(name string, list, known []string, what string) {
		for j, value := range list {
			if !slices.Contains(known, value) {
				d.fail(c.at("alerts", "routes", i, name, j), fmt.Sprintf("%s.%s[%d]", key, name, j), "%q is not %s; %s", value, what, suggest(value, known))
			}
		}
	}
	among("brands", r.Brands, c.brandNames(), "the name of a brand under brands:")
	among("rules", r.Rules, reputation.Rules(), "a rule")
	among("drivers", r.Drivers, reputation.Drivers(), "a driver")
	if r.Severity != "" && !slices.Contains(severities, r.Severity) {
		d.fail(c.at("alerts", "routes", i, "severity"), key+".severity", "%q is not a severity; write warning or critical, or leave it out for both", r.Severity)
	}
	if r.Receiver == "" && r.Channel == "" && len(r.Mentions) == 0 {
		d.fail(c.at("alerts", "routes", i), key, "the route leads nowhere; add receiver:, channel: or mentions:")
	}
	receivers := c.receiverNames()
	if r.Receiver != "" && !slices.Contains(receivers, r.Receiver) {
		d.fail(c.at("alerts", "routes", i, "receiver"), key+".receiver", "%q is not a receiver that is configured; %s", r.Receiver, knownReceivers(r.Receiver, receivers))
	}
	if other := c.receiver(cmp.Or(r.Receiver, c.DefaultReceiver())); other != nil {
		c.validateRouteTo(d, i, other)
		return
	}
	if r.Channel != "" && c.Slack.TokenFile == "" {
		d.fail(c.at("alerts", "routes", i, "channel"), key+".channel", "a channel needs a bot token, since a webhook posts to its own channel only; add slack.token_file, or remove channel:")
	}
	if len(r.Mentions) > 0 && !c.Slack.Configured() {
		d.fail(c.at("alerts", "routes", i, "mentions"), key+".mentions", "there is nobody to call without Slack; add slack:, or remove mentions:")
	}
	for j, m := range r.Mentions {
		if !slackID.MatchString(m) && m != "here" && m != "channel" {
			d.fail(c.at("alerts", "routes", i, "mentions", j), fmt.Sprintf("%s.mentions[%d]", key, j),
				"%q is nobody's id in Slack; write the id of a user (U024BE7LH: profile, More, Copy member ID) or of a user group (S…), here, or channel", m)
		}
	}
}

// slackReceiver is the name by which routes know what stands under slack:.
const slackReceiver = "slack"

// receiverNames are the receivers that routes may name.
func (c *Config) receiverNames() []string {
	var names []string
	if c.Slack.Configured() {
		names = append(names, slackReceiver)
	}
	for _, r := range c.Receivers {
		names = append(names, r.Name)
	}
	return names
}

func knownReceivers(name string, known []string) string {
	if len(known) == 0 {
		return "none is, so add slack: or receivers: first"
	}
	return suggest(name, known)
}
