package alerting

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"reputed/internal/reputation"
)

// labels are what matchers may ask of an alert.
var labels = []string{"brand", "rule", "severity", "driver"}

// label is the value of an alert's label; empty if it has none.
func label(a reputation.Alert, name string) string {
	switch name {
	case "brand":
		return a.Brand
	case "rule":
		return a.Rule
	case "severity":
		return string(a.Severity)
	case "driver":
		return a.Driver
	}
	return ""
}

// matcherPattern splits a matcher. The longer operators stand first, since =~ also
// begins with =.
var matcherPattern = regexp.MustCompile(`(?s)^\s*([^\s=!~]+)\s*(=~|!~|!=|=)\s*(.*?)\s*$`)

// ParseMatcher reads a matcher as Prometheus' Alertmanager writes it: a label, one of
// the operators = != =~ !~, and a value, with or without double quotes around it. A
// regular expression (RE2) must fit the whole label.
func ParseMatcher(text string) (reputation.Matcher, error) {
	parts := matcherPattern.FindStringSubmatch(text)
	if parts == nil {
		return reputation.Matcher{}, fmt.Errorf("%q is no matcher; write a label, an operator and a value, such as brand=小米 or severity=~\"warning|critical\"", text)
	}
	m := reputation.Matcher{Label: parts[1], Op: parts[2], Value: parts[3]}
	if len(m.Value) >= 2 && strings.HasPrefix(m.Value, `"`) && strings.HasSuffix(m.Value, `"`) {
		m.Value = m.Value[1 : len(m.Value)-1]
	}
	return m, checkMatcher(m)
}

func checkMatcher(m reputation.Matcher) error {
	if !slices.Contains(labels, m.Label) {
		return fmt.Errorf("%q is no label of an alert; known are %s", m.Label, strings.Join(labels, ", "))
	}
	severities := []string{string(reputation.Warning), string(reputation.Critical)}
	switch m.Op {
	case "=", "!=":
		if m.Label == "severity" && !slices.Contains(severities, m.Value) {
			return fmt.Errorf("%q is no severity; write warning or critical", m.Value)
		}
		if m.Label == "rule" && m.Value != "" && !slices.Contains(reputation.Rules(), m.Value) {
			return fmt.Errorf("%q is no rule; known are %s", m.Value, strings.Join(reputation.Rules(), ", "))
		}
		if m.Label == "driver" && m.Value != "" && !slices.Contains(reputation.Drivers(), m.Value) {
			return fmt.Errorf("%q is no driver; known are %s", m.Value, strings.Join(reputation.Drivers(), ", "))
		}
	case "=~", "!~":
		if _, err := whole(m.Value); err != nil {
			return fmt.Errorf("matcher %s%s%q: %w; write a regular expression of RE2, such as \"warning|critical\"", m.Label, m.Op, m.Value, err)
		}
	default:
		return fmt.Errorf("%q is no operator; known are =, !=, =~ and !~", m.Op)
	}
	return nil
}

// whole compiles an expression that must fit all of a text.
func whole(expression string) (*regexp.Regexp, error) {
	return regexp.Compile(`^(?:` + expression + `)$`)
}

// fits tells whether a value is what a matcher asks for. A matcher that cannot be
// read, which no check lets through, fits nothing: rather noise than silence.
func fits(m reputation.Matcher, value string) bool {
	switch m.Op {
	case "=":
		return value == m.Value
	case "!=":
		return value != m.Value
	}
	re, err := whole(m.Value)
	if err != nil {
		return false
	}
	return re.MatchString(value) == (m.Op == "=~")
}

// CheckSilence tells what is wrong with a silence that is to begin to count now: it
// must end later than now and than it begins, say who made it and why, and ask for
// something, since one that fits every alert would hide a crisis.
func CheckSilence(s reputation.Silence, now time.Time) error {
	switch {
	case !s.Until.After(now):
		return fmt.Errorf("the silence would end at %s, which is past; choose a later end", s.Until.Format("2006-01-02 15:04 MST"))
	case !s.Until.After(s.From):
		return errors.New("the silence would end before it begins; choose a later end")
	case strings.TrimSpace(s.Reason) == "":
		return errors.New("the silence has no reason; say in a few words why, so that others know when to end it")
	case strings.TrimSpace(s.Author) == "":
		return errors.New("the silence has no author; say who makes it")
	}
	asks := false
	for _, m := range s.Matchers {
		if err := checkMatcher(m); err != nil {
			return err
		}
		asks = asks || !fits(m, "")
	}
	if !asks {
		return errors.New("the silence would fit every alert; name a brand, rule, severity or driver")
	}
	return nil
}

// silencedBy returns the first silence that mutes an alert at the time now.
func silencedBy(a reputation.Alert, silences []reputation.Silence, now time.Time) (reputation.Silence, bool) {
	for _, s := range silences {
		if now.Before(s.From) || !now.Before(s.Until) {
			continue
		}
		if !slices.ContainsFunc(s.Matchers, func(m reputation.Matcher) bool { return !fits(m, label(a, m.Label)) }) {
			return s, true
		}
	}
	return reputation.Silence{}, false
}
