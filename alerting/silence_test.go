package alerting

import (
	"strings"
	"testing"
	"time"

	"reputed/internal/reputation"
)

func TestParseMatcher(t *testing.T) {
	for _, tt := range []struct {
		text string
		want reputation.Matcher
		err  string
	}{
		{"brand=小米", reputation.Matcher{Label: "brand", Op: "=", Value: "小米"}, ""},
		{`brand = "小米 手机"`, reputation.Matcher{Label: "brand", Op: "=", Value: "小米 手机"}, ""},
		{`rule!="negative-volume"`, reputation.Matcher{Label: "rule", Op: "!=", Value: "negative-volume"}, ""},
		{"severity=~warning|critical", reputation.Matcher{Label: "severity", Op: "=~", Value: "warning|critical"}, ""},
		{"driver!~qual.*", reputation.Matcher{Label: "driver", Op: "!~", Value: "qual.*"}, ""},
		{"driver=", reputation.Matcher{Label: "driver", Op: "=", Value: ""}, ""},
		{"brand=a=b", reputation.Matcher{Label: "brand", Op: "=", Value: "a=b"}, ""},
		{"", reputation.Matcher{}, "is no matcher"},
		{"小米", reputation.Matcher{}, "is no matcher"},
		{"=小米", reputation.Matcher{}, "is no matcher"},
		{"source=weibo", reputation.Matcher{}, "no label"},
		{"severity=fatal", reputation.Matcher{}, "no severity"},
		{"rule=signal-boycott", reputation.Matcher{Label: "rule", Op: "=", Value: "signal-boycott"}, ""},
		{"rule=boycott", reputation.Matcher{}, "no rule"},
		{"driver=speed", reputation.Matcher{}, "no driver"},
		{"brand=~(", reputation.Matcher{}, "missing closing )"},
	} {
		got, err := ParseMatcher(tt.text)
		switch {
		case tt.err != "":
			if err == nil || !strings.Contains(err.Error(), tt.err) {
				t.Errorf("%q: error %v, want one with %q", tt.text, err, tt.err)
			}
		case err != nil || got != tt.want:
			t.Errorf("%q: %+v, %v; want %+v", tt.text, got, err, tt.want)
		}
	}
}

// Whatever is typed is read or refused, and what is read can be asked.
func FuzzParseMatcher(f *testing.F) {
	for _, seed := range []string{"brand=小米", `severity=~"warning|critical"`, "driver!~(?i)q", "rule!==", "brand=~**", "\x00=\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		m, err := ParseMatcher(text)
		if err != nil {
			return
		}
		opposite := m
		opposite.Op = map[string]string{"=": "!=", "!=": "=", "=~": "!~", "!~": "=~"}[m.Op]
		for _, value := range []string{"", "小米", m.Value} {
			if fits(m, value) == fits(opposite, value) {
				t.Errorf("%q and its opposite agree about %q", text, value)
			}
		}
	})
}

func TestSilencedBy(t *testing.T) {
	alert := reputation.Alert{Brand: "青柠", Rule: RuleNegativeVolume, Severity: reputation.Warning, Driver: "service"}
	matchers := func(texts ...string) (list []reputation.Matcher) {
		for _, text := range texts {
			m, err := ParseMatcher(text)
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, m)
		}
		return list
	}
	for _, tt := range []struct {
		name     string
		matchers []reputation.Matcher
		at       time.Time
		want     bool
	}{
		{"its brand", matchers("brand=青柠"), noon, true},
		{"another brand", matchers("brand=青橙"), noon, false},
		{"a part of its brand", matchers("brand=~青"), noon, false},
		{"an expression for its brand", matchers("brand=~青.|云杉"), noon, true},
		{"all of several", matchers("brand=青柠", "severity=warning", "driver=service", "rule=negative-volume"), noon, true},
		{"all but one of several", matchers("brand=青柠", "severity=critical"), noon, false},
		{"not another driver", matchers("driver!=quality"), noon, true},
		{"none of two drivers", matchers("driver!~service|quality"), noon, false},
		{"at its beginning", matchers("brand=青柠"), noon.Add(-time.Hour), true},
		{"before it", matchers("brand=青柠"), noon.Add(-time.Hour - time.Second), false},
		{"at its end", matchers("brand=青柠"), noon.Add(time.Hour), false},
	} {
		s := reputation.Silence{ID: 3, Matchers: tt.matchers, From: noon.Add(-time.Hour), Until: noon.Add(time.Hour)}
		if by, got := silencedBy(alert, []reputation.Silence{s}, tt.at); got != tt.want || got && by.ID != 3 {
			t.Errorf("%s: silenced %v by %d, want %v", tt.name, got, by.ID, tt.want)
		}
	}
}

func TestCheckSilence(t *testing.T) {
	good := reputation.Silence{
		Matchers: []reputation.Matcher{{Label: "brand", Op: "=", Value: "青柠"}},
		Author:   "李雷", Reason: "发布会", From: noon, Until: noon.Add(time.Hour),
	}
	for _, tt := range []struct {
		name   string
		change func(*reputation.Silence)
		want   string
	}{
		{"good", func(*reputation.Silence) {}, ""},
		{"past", func(s *reputation.Silence) { s.Until = noon }, "which is past"},
		{"ends before it begins", func(s *reputation.Silence) { s.From = noon.Add(2 * time.Hour) }, "before it begins"},
		{"no reason", func(s *reputation.Silence) { s.Reason = " " }, "no reason"},
		{"no author", func(s *reputation.Silence) { s.Author = "" }, "no author"},
		{"no matcher", func(s *reputation.Silence) { s.Matchers = nil }, "every alert"},
		{"matches the empty label", func(s *reputation.Silence) {
			s.Matchers = []reputation.Matcher{{Label: "driver", Op: "!=", Value: "price"}}
		}, "every alert"},
		{"unknown operator", func(s *reputation.Silence) { s.Matchers[0].Op = "==" }, "no operator"},
	} {
		s := good
		s.Matchers = append([]reputation.Matcher(nil), good.Matchers...)
		tt.change(&s)
		err := CheckSilence(s, noon)
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: error %v, want %q", tt.name, err, tt.want)
		}
	}
}
