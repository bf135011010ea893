package web

import (
	"fmt"
	"html/template"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"reputed/internal/reputation"
)

// functions are what the templates of a language say things with.
func (p *pages) functions(l language) template.FuncMap {
	date := func(t time.Time) string {
		layout := l.say.Date
		if t.In(p.Zone).Year() != p.Now().In(p.Zone).Year() {
			layout = l.say.DateYear
		}
		return t.In(p.Zone).Format(layout)
	}
	return template.FuncMap{
		"date":     date,
		"iso":      func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
		"zone":     func(t time.Time) string { return fmt.Sprintf(l.say.Zone, p.Zone, date(t)) },
		"count":    grouped,
		"decimal":  decimal,
		"signed":   func(x float64) string { return fmt.Sprintf("%+.2f", x) },
		"percent":  func(x float64) string { return strconv.Itoa(int(math.Round(100*x))) + "%" },
		"share":    share,
		"rule":     func(s string) string { return nameOf(l.names.Rules, s) },
		"driver":   func(s string) string { return nameOf(l.names.Drivers, s) },
		"signal":   func(s string) string { return nameOf(l.names.Signals, s) },
		"phase":    func(s string) string { return nameOf(l.names.Phases, s) },
		"trouble":  func(s string) string { return nameOf(l.names.Troubles, s) },
		"severity": func(s string) string { return nameOf(l.names.Severities, reputation.Severity(s)) },
		"label":    func(s string) string { return nameOf(l.names.Labels, reputation.Label(s)) },
		"stage":    func(s string) string { return nameOf(l.say.Stages, s) },
		"deed":     func(s string) string { return nameOf(l.say.Deeds, s) },
		"event":    func(s string) string { return nameOf(l.say.Events, s) },
		"mutedby":  func(by string) string { return mutedBy(l.say, by) },
		"watched": func(brand string) bool {
			return slices.ContainsFunc(p.Brands, func(b string) bool { return reputation.OneLine(b) == brand })
		},
		"phases": phaseNames,
		"dict":   dict,
		"add":    func(a, b int) int { return a + b },
		"coord":  func(x float64) string { return strconv.FormatFloat(math.Round(x*100)/100, 'f', -1, 64) },
	}
}

// phaseNames are the phases of a crisis in their order.
func phaseNames() []string {
	var names []string
	for _, phase := range []reputation.Phase{reputation.Latent, reputation.Outbreak, reputation.Spread, reputation.LongTail, reputation.Over} {
		names = append(names, string(phase))
	}
	return names
}

// mutedBy says what kept people from being told: "silence 3", "alert 7" or "quiet
// hours", as the database names it.
func mutedBy(say phrases, by string) string {
	kind, n, numbered := strings.Cut(by, " ")
	if format := say.Mutes[by]; format != "" {
		return fmt.Sprintf(say.MutedBy, format)
	}
	if format := say.Mutes[kind]; format != "" && numbered {
		by = fmt.Sprintf(format, n)
	}
	return fmt.Sprintf(say.MutedBy, by)
}

// dict makes a template's one argument of several: names and values by turns.
func dict(pairs ...any) (map[string]any, error) {
	d := make(map[string]any, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		name, ok := pairs[i].(string)
		if !ok {
			return nil, fmt.Errorf("%v is no name", pairs[i])
		}
		d[name] = pairs[i+1]
	}
	return d, nil
}

// share is a part of a whole; 0 of nothing.
func share(part, whole int) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}

// decimal writes a mean with one decimal where it says something.
func decimal(x float64) string {
	if math.Abs(x) < 10 {
		return strconv.FormatFloat(math.Round(x*10)/10, 'f', -1, 64)
	}
	return grouped(int(math.Round(x)))
}

// grouped writes a count with a comma between thousands.
func grouped(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
