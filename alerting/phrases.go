package alerting

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"reputed/internal/reputation"
)

// phrases holds every text of a message in one language. A comment names the
// arguments of a format.
type phrases struct {
	titles     map[reputation.Event]string // kind, brand, observed, usual, alert
	severities map[reputation.Severity]string
	usually    string // expectation
	seldom     string // the same where the expectation is below 1

	// Labels and values of the fields.
	observed, stories  string // observed; stories
	usual, band        string // expectation, deviation
	surprise, times    string // surprise
	share, usualShare  string // share, usual share
	window             string
	mentions, mentionN string // mentions
	opened             string
	peak, now, perHour string // count
	lasted             string
	span               string
	hours, minutes     string // count
	date, clock        string // layouts
	zone               string // zone

	trend                     string // hours, highest count
	pictured                  string // days
	depicted                  string // days, brand, usual band, peak, opening
	drivers, sources, signals string
	more                      string // count
	driverNames, signalNames  map[string]string
	words, separator          string // list
	copies                    string // count
	advice                    string
	advices                   map[reputation.Phase][]string
	unanswered                []string // advice while nobody has taken an alert on
	alert, rule               string   // number; name
	also, muted               string
	listedAlert               string // number, rule, severity
	rules                     map[string]string
	reproduce                 string
	web                       string
	volume                    string // name of the rule negative-volume
	shortened                 string
}

// phrasesOf returns the texts of a language: English for "en", else Chinese.
func phrasesOf(lang string) phrases {
	if lang == "en" {
		return english()
	}
	return chinese()
}

// title is the one line that stands in a notification.
func (p phrases) title(m reputation.Message, observed int) string {
	a := m.Alert
	sign := "🟠"
	switch {
	case m.Event == reputation.Ended:
		sign = "✅"
	case a.Severity == reputation.Critical:
		sign = "🔴"
	}
	usual := p.seldom
	if a.Judgement.Expected >= 1 {
		usual = fmt.Sprintf(p.usually, math.Round(a.Judgement.Expected))
	}
	// The brand is cut so that the figures never are.
	brand := cut(reputation.OneLine(a.Brand), 40)
	return sign + " " + fmt.Sprintf(p.titles[m.Event], p.severities[a.Severity], brand, observed, usual, a.ID)
}

// alerts lists alerts of other rules by name and number.
func (p phrases) alerts(list []reputation.Alert) string {
	var parts []string
	for _, a := range list[:min(len(list), topCounts)] {
		parts = append(parts, fmt.Sprintf(p.listedAlert, a.ID, nameOf(p.rules, a.Rule), p.severities[a.Severity]))
	}
	if rest := len(list) - topCounts; rest > 0 {
		parts = append(parts, fmt.Sprintf(p.more, rest))
	}
	return strings.Join(parts, " · ")
}

// duration writes a time in hours and minutes.
func (p phrases) duration(d time.Duration) string {
	d = max(d, 0).Round(time.Minute)
	var parts []string
	if hours := int(d.Hours()); hours > 0 {
		parts = append(parts, fmt.Sprintf(p.hours, hours))
	}
	if minutes := int(d.Minutes()) % 60; minutes > 0 || d == 0 {
		parts = append(parts, fmt.Sprintf(p.minutes, minutes))
	}
	return strings.Join(parts, " ")
}

// period writes from when to when, with the zone.
func (p phrases) period(from, to time.Time) string {
	end := p.clock
	if from.Format(time.DateOnly) != to.Format(time.DateOnly) {
		end = p.date
	}
	return from.Format(p.date) + "–" + to.Format(end) + fmt.Sprintf(p.zone, zoneName(to))
}

// zoneName is the distance from UTC: an abbreviation such as CST stands for
// several zones.
func zoneName(t time.Time) string {
	_, offset := t.Zone()
	sign := '+'
	if offset < 0 {
		sign, offset = '-', -offset
	}
	name := fmt.Sprintf("UTC%c%d", sign, offset/3600)
	if minutes := offset % 3600 / 60; minutes != 0 {
		name += fmt.Sprintf(":%02d", minutes)
	}
	return name
}

// number writes a mean or a ratio, with one decimal where it says something.
func number(x float64) string {
	if math.Abs(x) < 10 {
		return strconv.FormatFloat(math.Round(x*10)/10, 'f', -1, 64)
	}
	return strconv.FormatFloat(math.Round(x), 'f', -1, 64)
}

// percent writes a share in [0, 1].
func percent(share float64) string {
	return number(math.Round(share*100)) + "%"
}

// peakOf writes the peak of an alert, for the rule that counts by the hour alone.
func peakOf(rule, format string, peak int) []string {
	if rule != RuleNegativeVolume {
		return nil
	}
	return []string{fmt.Sprintf(format, peak)}
}
