package alerting

import (
	"strings"
	"unicode/utf8"

	"github.com/slack-go/slack"

	"reputed/internal/reputation"
)

// part is a part of an answer, with a title of its own.
type part struct {
	title string
	facts []field
}

// sheet begins an answer that is more than a sentence.
func (s *SlackSocket) sheet(title string) notice {
	p := deskPhrasesOf(s.bot.wording.Lang)
	return notice{title: title, about: p.askedBy, desk: &controls{phrases: p}}
}

// add quotes mentions in an answer.
func (n *notice) add(w Wording, quotes []reputation.Quote) {
	w.Zone = w.zone()
	for _, q := range quotes {
		n.quotes = append(n.quotes, w.quotation(q, phrasesOf(w.Lang)))
	}
}

// fallback is an answer where blocks cannot be shown.
func (n notice) fallback() string {
	if n.says != "" {
		return n.says
	}
	return n.header()
}

// answer lays an answer out in Block Kit.
func (n notice) answer() []slack.Block {
	if n.says == "" {
		return n.blocks("")
	}
	const longest = 2800 // characters of a section, with room to spare
	var blocks []slack.Block
	var text string
	for line := range strings.Lines(n.says) {
		if text != "" && utf8.RuneCountInString(text+line) > longest {
			blocks, text = append(blocks, section(text)), ""
		}
		text += line
	}
	return append(blocks, section(text))
}

// lines writes facts, one a line.
func lines(facts []field) string {
	var lines []string
	for _, f := range facts {
		lines = append(lines, bold(f.label)+"  "+escaped(f.value))
	}
	return strings.Join(lines, "\n")
}
