package alerting

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/slack-go/slack"
)

// headerRunes is Slack's limit for a header block
// (https://docs.slack.dev/reference/block-kit/blocks/header-block). The parts of
// a notice are so short that every other text stays within its limit (3000 for
// a section, 2000 for a field) even if each rune becomes an entity.
const headerRunes = 150

// blocks lays a notice out in Block Kit. The key tells a repeated delivery from
// a new message, for receivers that keep no metadata.
func (n notice) blocks(key string) []slack.Block {
	blocks := []slack.Block{
		slack.NewHeaderBlock(slack.NewTextBlockObject(slack.PlainTextType, n.header(), false, false)),
	}
	if len(n.calls) > 0 {
		blocks = append(blocks, section("🔔 "+strings.Join(n.calls, " ")))
	}
	if len(n.fields) > 0 {
		blocks = append(blocks, slack.NewSectionBlock(nil, n.fieldObjects(), nil))
	}
	for _, text := range packed(n.listing.lines(listingRunes, func(line string) int { return utf8.RuneCountInString(escaped(line)) })) {
		blocks = append(blocks, section(text))
	}
	for _, a := range n.ailing {
		blocks = append(blocks, section(strings.TrimSpace(bold(a.source)+"  "+escaped(a.what)+"\n"+escaped(a.cause))))
	}
	switch {
	case n.image.file != "":
		file := &slack.SlackFileObject{ID: n.image.file}
		blocks = append(blocks, slack.NewImageBlockSlackFile(file, n.image.alt, "", plain(n.image.title)))
	case n.chart.bars != "":
		blocks = append(blocks, section(bold(n.chart.title)+"\n```"+n.chart.bars+"\n"+n.chart.axis+"```"))
	}
	if len(n.facts) > 0 {
		blocks = append(blocks, section(lines(n.facts)))
	}
	for _, p := range n.parts {
		blocks = append(blocks, section(bold(p.title)+"\n"+lines(p.facts)))
	}
	for _, q := range n.quotes {
		quote := section(q.mrkdwn())
		if n.desk != nil && q.mention != 0 {
			quote.Accessory = n.desk.phrases.rating(q.mention)
		}
		blocks = append(blocks, quote)
	}
	if n.advice.value != "" {
		blocks = append(blocks, section(bold(n.advice.label)+"\n• "+strings.ReplaceAll(escaped(n.advice.value), "\n", "\n• ")))
	}
	if n.desk != nil {
		blocks = append(blocks, n.desk.blocks()...)
	}
	about := []slack.MixedElement{mrkdwn(escaped(n.about))}
	if n.web.url != "" {
		about = append(about, mrkdwn(fmt.Sprintf("<%s|%s>", escapedEntities(n.web.url), escaped(n.web.label))))
	}
	if n.again.value != "" {
		about = append(about, mrkdwn(escaped(n.again.label)+" `"+code(n.again.value)+"`"))
	}
	return append(blocks, slack.NewContextBlock(key, about...))
}

// Limits of a listing: of a section, and of all of them, which Slack's limit for the
// blocks of a message (msg_blocks_too_long, whose size is not documented) must hold.
const (
	sectionRunes = 2900
	listingRunes = 9000
)

// packed puts lines into as few sections as hold them.
func packed(lines []string) []string {
	var sections []string
	for _, line := range lines {
		line = escaped(line)
		if last := len(sections) - 1; last >= 0 && utf8.RuneCountInString(sections[last])+utf8.RuneCountInString(line) < sectionRunes {
			sections[last] += "\n" + line
			continue
		}
		sections = append(sections, line)
	}
	return sections
}

// header is the title within Slack's limit.
func (n notice) header() string {
	title := []rune(n.title)
	for len([]rune(escaped(string(title)))) > headerRunes {
		title = append(title[:len(title)-2:len(title)-2], '…')
	}
	return escaped(string(title))
}

func (n notice) fieldObjects() []*slack.TextBlockObject {
	var objects []*slack.TextBlockObject
	for _, f := range n.fields {
		objects = append(objects, mrkdwn(bold(f.label)+"\n"+escaped(f.value)))
	}
	return objects
}

// mrkdwn is the quotation as a block quote, with the link on its source.
func (q quotation) mrkdwn() string {
	source := escaped(q.source)
	if q.url != "" {
		source = fmt.Sprintf("<%s|%s>", escapedEntities(q.url), strings.ReplaceAll(source, "|", "¦"))
	}
	return "> " + escaped(q.text) + "\n> " + source + " · " + escaped(strings.Join(q.notes, " · "))
}

func section(text string) *slack.SectionBlock {
	return slack.NewSectionBlock(mrkdwn(text), nil, nil)
}

// mrkdwn makes a text object that Slack takes as it is: verbatim keeps it from
// looking for names and addresses to link.
func mrkdwn(text string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.MarkdownType, text, false, true)
}

func bold(text string) string { return "*" + escaped(text) + "*" }

// escaped makes text inert in mrkdwn: no link, mention or channel call comes
// about (https://docs.slack.dev/messaging/formatting-message-text), and what
// would format it is replaced by what looks like it. An underscore within a
// Latin word formats nothing and stays.
func escaped(text string) string {
	runes := []rune(text)
	inert := slices.Clone(runes)
	for i, r := range runes {
		switch {
		case r == '*':
			inert[i] = '∗'
		case r == '~':
			inert[i] = '∼'
		case r == '`':
			inert[i] = 'ˋ'
		case r == '_' && (i == 0 || i == len(runes)-1 || !latin(runes[i-1]) || !latin(runes[i+1])):
			inert[i] = 'ˍ'
		}
	}
	return escapedEntities(string(inert))
}

func latin(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
}

// escapedEntities replaces the three characters that mean something to Slack
// everywhere.
func escapedEntities(text string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text)
}

// code makes text inert within a code span and leaves it fit to be copied.
func code(text string) string {
	return escapedEntities(strings.ReplaceAll(text, "`", "'"))
}
