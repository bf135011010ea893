package config

import (
	"slices"
	"strings"
	"time"
)

// Digests is when people are told how their brands fared, by the configured zone.
type Digests struct {
	Daily   string `yaml:"daily"`   // time of day, such as 09:00; empty: no daily digest
	Weekly  string `yaml:"weekly"`  // day and time of day, such as mon 09:00; empty: no weekly digest
	Channel string `yaml:"channel"` // in Slack; that of the alerts if empty
}

// DailyMinutes is when the daily digest is due, in minutes after midnight, and false if
// there is none.
func (d Digests) DailyMinutes() (minutes int, ok bool) {
	minutes, ok = timeOfDay(d.Daily)
	return minutes, ok && minutes < 24*60
}

// WeeklyMinutes is the day on which the weekly digest is due and when, in minutes after
// midnight, and false if there is none.
func (d Digests) WeeklyMinutes() (day time.Weekday, minutes int, ok bool) {
	name, clock, found := strings.Cut(d.Weekly, " ")
	i := slices.Index(weekdays, name)
	minutes, ok = timeOfDay(strings.TrimSpace(clock))
	return time.Weekday(i), minutes, ok && found && i >= 0 && minutes < 24*60
}

func (c *Config) validateDigests(d *decoder) {
	if text := c.Digests.Daily; text != "" {
		if _, ok := c.Digests.DailyMinutes(); !ok {
			d.fail(c.at("digests", "daily"), "digests.daily", "%q is not a time of day; write one from '00:00' to '23:59'", text)
		}
	}
	if text := c.Digests.Weekly; text != "" {
		if _, _, ok := c.Digests.WeeklyMinutes(); !ok {
			d.fail(c.at("digests", "weekly"), "digests.weekly", "%q is not a day with a time; write one of %s and a time, such as 'mon 09:00'", text, strings.Join(weekdays, ", "))
		}
	}
	if c.Digests.Channel != "" && c.Slack.TokenFile == "" {
		d.fail(c.at("digests", "channel"), "digests.channel", "a channel for digests needs a bot token, since a webhook posts to its own channel only; add token_file: under slack:, or remove channel:")
	}
}
