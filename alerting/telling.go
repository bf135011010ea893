package alerting

import (
	"context"
	"strings"
	"time"

	"reputed/internal/reputation"
)

// Fact is a value with its label.
type Fact struct{ Label, Value string }

func facts(fields []field) []Fact {
	list := make([]Fact, len(fields))
	for i, f := range fields {
		list[i] = Fact{f.label, f.value}
	}
	return list
}

// Telling is what a message tells of an alert, in words: plain text without markup,
// for a page.
type Telling struct {
	Title   string
	Figures []Fact // what was counted, and what is usual
	Facts   []Fact // the crisis, what it is about, where it stands
	Advice  []string
	Command string // that reproduces the alert
}

// Tell puts a message about an alert into words.
func (w Wording) Tell(m reputation.Message) Telling {
	n := w.notice(m)
	_, title, _ := strings.Cut(n.title, " ") // without the sign, which the colours of a page stand for
	t := Telling{Title: w.withoutSeverity(title, m.Alert.Severity), Figures: facts(n.fields), Facts: facts(n.facts), Command: n.again.value}
	if n.advice.value != "" {
		t.Advice = strings.Split(n.advice.value, "\n")
	}
	return t
}

// withoutSeverity is a title without the severity that it may begin with, and what
// parts the two.
func (w Wording) withoutSeverity(title string, severity reputation.Severity) string {
	if rest, ok := strings.CutPrefix(title, phrasesOf(w.Lang).severities[severity]); ok {
		return strings.TrimLeft(rest, "｜| ")
	}
	return title
}

// Names are what the kinds that a mention, an alert or an episode can have are called
// in one language, by the names under which the database holds them.
type Names struct {
	Rules, Drivers, Signals, Phases map[string]string
	Severities                      map[reputation.Severity]string
	Labels                          map[reputation.Label]string
	Troubles                        map[string]string
}

// NamesIn returns the names in a language: English for "en", else Chinese.
func NamesIn(lang string) Names {
	p := phrasesOf(lang)
	return Names{
		Rules: rulePhrasesOf(lang).ruleNames(p.volume, p.driverNames, p.signalNames, "%[1]s"), Drivers: p.driverNames, Signals: p.signalNames, Phases: crisisPhrasesOf(lang).phases,
		Severities: p.severities, Labels: deskPhrasesOf(lang).labels, Troubles: sourcePhrasesOf(lang).troubles,
	}
}

// unansweredAfter is how long an alert may fire before its page says that nobody has
// taken it on.
const unansweredAfter = time.Hour

// Opening is the message that told of an alert when it was opened, of what is stored
// now. It has no identifier and goes to nobody.
func (a *Alerter) Opening(ctx context.Context, alert reputation.Alert) (reputation.Message, error) {
	return a.composeAt(ctx, alert, reputation.Opened, nil, alert.Judgement.To)
}

// Standing is the message that tells how an alert stands at the time now: of one that
// fires what was said in the last hour, of one that is over how it ended. It has no
// identifier and goes to nobody.
func (a *Alerter) Standing(ctx context.Context, alert reputation.Alert, now time.Time) (reputation.Message, error) {
	switch {
	case alert.State != reputation.Firing:
	case alert.Acknowledged() || now.Sub(alert.OpenedAt) < unansweredAfter:
		return a.composeAt(ctx, alert, reputation.Opened, nil, now)
	default:
		return a.composeAt(ctx, alert, reputation.Repeated, nil, now)
	}
	return a.composeAt(ctx, alert, reputation.Ended, nil, alert.ResolvedAt)
}
