package alerting

import (
	"fmt"
	"strings"
)

// dialect is how a group robot writes Markdown.
type dialect struct {
	line      string // between two lines of a paragraph
	paragraph string // between two paragraphs
	limit     int    // of a message, in bytes
}

// markdown lays a notice out within the dialect's limit; shortened says that
// something had to be left out.
func (n notice) markdown(d dialect, key, shortened string) string {
	size := func(blocks []string) int {
		return len(strings.Join(append(blocks[:len(blocks):len(blocks)], shortened), d.paragraph))
	}
	shown, short := fitted(n.markdownBlocks(d, key), d.limit, size)
	if short {
		shown = append(shown, shortened)
	}
	return strings.Join(shown, d.paragraph)
}

func (n notice) markdownBlocks(d dialect, key string) []block[string] {
	var blocks []block[string]
	add := func(rank int, lines ...string) {
		blocks = append(blocks, block[string]{strings.Join(lines, d.line), rank})
	}
	add(essential, "### "+inert(n.title))
	if len(n.fields) > 0 {
		add(essential, markdownFields(n.fields)...)
	}
	inertSize := func(line string) int { return len(inert(line)) + len(d.line) }
	if lines := n.listing.lines(d.limit*2/3, inertSize); len(lines) > 0 {
		for i, line := range lines {
			lines[i] = inert(line)
		}
		add(essential, lines...)
	}
	for _, a := range n.ailing {
		lines := []string{"**" + inert(a.source) + "** " + inert(a.what)}
		if a.cause != "" {
			lines = append(lines, "> "+inert(a.cause))
		}
		add(telling, lines...)
	}
	if n.chart.bars != "" {
		add(decorative, "**"+inert(n.chart.title)+"**", n.chart.bars, n.chart.axis)
	}
	if len(n.facts) > 0 {
		add(telling, markdownFields(n.facts)...)
	}
	for _, q := range n.quotes {
		source := inert(q.source)
		if q.url != "" {
			source = "[" + source + "](" + linkable(q.url) + ")"
		}
		add(helpful, "> "+inert(q.text), "> "+source+" · "+inert(strings.Join(q.notes, " · ")))
	}
	if n.advice.value != "" {
		lines := []string{"**" + inert(n.advice.label) + "**"}
		for line := range strings.SplitSeq(n.advice.value, "\n") {
			lines = append(lines, "• "+inert(line))
		}
		add(helpful, lines...)
	}
	last := []string{inert(n.about) + " · " + key, inert(n.again.label) + " " + inert(n.again.value)}
	if n.web.url != "" {
		last = append(last, fmt.Sprintf("[%s](%s)", inert(n.web.label), n.web.url))
	}
	add(essential, last...)
	return blocks
}

func markdownFields(fields []field) []string {
	lines := make([]string, len(fields))
	for i, f := range fields {
		lines[i] = "**" + inert(f.label) + "** " + inert(f.value)
	}
	return lines
}

// inert makes text harmless in Markdown by what looks like the characters that
// format, link or call people: the robots' dialects know no escape. An underscore
// within a Latin word formats nothing and stays.
func inert(text string) string {
	text = strings.NewReplacer(
		`\`, "＼", "`", "ˋ", "*", "∗", "~", "∼", "[", "［", "]", "］", "<", "＜", ">", "＞", "&", "＆", "@", "＠",
		"://", "∶//", "$", "＄",
	).Replace(text)
	runes := []rune(text)
	for i, r := range runes {
		switch {
		case r == '_' && (i == 0 || i == len(runes)-1 || !latin(runes[i-1]) || !latin(runes[i+1])):
			runes[i] = 'ˍ'
		case r == '#' && (i == 0 || runes[i-1] == '#' || runes[i-1] == '＃'):
			runes[i] = '＃'
		}
	}
	return string(runes)
}
