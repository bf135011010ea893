package alerting

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/rivo/uniseg"

	"reputed/internal/reputation"
)

// The escape sequences of ECMA-48 that a Terminal uses.
const (
	styleOff    = "\x1b[0m"
	styleBold   = "\x1b[1m"
	styleFaint  = "\x1b[2m"
	styleRed    = "\x1b[31m"
	styleGreen  = "\x1b[32m"
	styleYellow = "\x1b[33m"
)

const (
	defaultWidth = 80
	leastWidth   = 40
	bar          = "▌"
)

// Terminal draws messages on a terminal much as Slack would show them, for those
// who have no Slack yet or only want to see. It is a Notifier.
type Terminal struct {
	mu      sync.Mutex // one message at a time
	w       io.Writer
	colour  bool
	width   int
	wording Wording
}

// NewTerminal returns a Terminal that writes lines of at most width columns to w,
// with colours if asked. A width of 0 stands for 80; less than 40 is taken as 40.
func NewTerminal(w io.Writer, colour bool, width int, wording Wording) *Terminal {
	if width <= 0 {
		width = defaultWidth
	}
	return &Terminal{w: w, colour: colour, width: max(width, leastWidth), wording: wording}
}

// Notify writes the message in one piece. The thread is always zero.
func (t *Terminal) Notify(_ context.Context, m reputation.Message) (reputation.Thread, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, err := io.WriteString(t.w, t.draw(t.wording.notice(m))); err != nil {
		return reputation.Thread{}, fmt.Errorf("write message %d to the terminal: %w", m.ID, err)
	}
	return reputation.Thread{}, nil
}

// draw lays a notice out, with a bar in the colour of its severity at the left.
func (t *Terminal) draw(n notice) string {
	inner := t.width - uniseg.StringWidth(bar+" ")
	var lines []string
	add := func(style string, wrapped ...string) {
		for _, line := range wrapped {
			lines = append(lines, t.styled(style, line))
		}
	}
	add(styleBold, wrap(n.title, inner)...)
	if len(n.fields) > 0 {
		add("", "")
		add("", columns(n.fields, inner)...)
	}
	if lines := n.allListed(); len(lines) > 0 {
		add("", "")
		for _, line := range lines {
			add("", wrap(line, inner)...)
		}
	}
	for _, a := range n.ailing {
		add("", "")
		add(styleBold, wrap(a.source, inner)...)
		add("", indented(a.what, inner)...)
		if a.cause != "" {
			add(styleFaint, indented(a.cause, inner)...)
		}
	}
	if n.chart.bars != "" {
		add("", "")
		add(styleBold, wrap(n.chart.title, inner)...)
		add("", n.chart.bars)
		add(styleFaint, n.chart.axis)
	}
	if len(n.facts) > 0 {
		add("", "")
	}
	for _, f := range n.facts {
		add("", wrap(f.label+"  "+f.value, inner)...)
	}
	for _, q := range n.quotes {
		add("", "")
		add("", indented("“"+q.text+"”", inner)...)
		add(styleFaint, indented(q.source+" · "+strings.Join(q.notes, " · "), inner)...)
		if q.url != "" {
			add(styleFaint, "  "+q.url) // in one piece, so that it can be clicked
		}
	}
	if n.advice.value != "" {
		add("", "")
		add(styleBold, n.advice.label)
		for line := range strings.SplitSeq(n.advice.value, "\n") {
			add("", indented(line, inner)...)
		}
	}
	add("", "")
	add(styleFaint, wrap(n.about, inner)...)
	add(styleFaint, n.again.label+" "+n.again.value)
	if n.web.url != "" {
		add(styleFaint, n.web.label+" "+n.web.url)
	}
	left := t.styled(n.colour(), bar)
	for i, line := range lines {
		lines[i] = strings.TrimRight(left+" "+line, " ") + "\n"
	}
	return strings.Join(lines, "")
}

// colour is that of the bar.
func (n notice) colour() string {
	switch {
	case n.event == reputation.Ended:
		return styleGreen
	case n.level == reputation.Critical:
		return styleRed
	}
	return styleYellow
}

func (t *Terminal) styled(style, text string) string {
	if !t.colour || style == "" || text == "" {
		return text
	}
	return style + text + styleOff
}

// columns sets fields in two columns, row by row as Slack does, or in one if that
// would be too wide.
func columns(fields []field, width int) []string {
	for _, n := range []int{2, 1} {
		labels, cells := make([]int, n), make([]int, n)
		for i, f := range fields {
			labels[i%n] = max(labels[i%n], uniseg.StringWidth(f.label)+2)
			cells[i%n] = max(cells[i%n], uniseg.StringWidth(f.value))
		}
		if n == 2 && labels[0]+cells[0]+3+labels[1]+cells[1] > width {
			continue
		}
		var lines []string
		for i, f := range fields {
			cell := padded(f.label, labels[i%n]) + f.value
			if i%n == 0 {
				lines = append(lines, cell)
				continue
			}
			lines[len(lines)-1] = padded(lines[len(lines)-1], labels[0]+cells[0]+3) + cell
		}
		return lines
	}
	return nil
}

// padded fills a text with spaces to a width in columns, in which a Han
// character takes two.
func padded(text string, width int) string {
	return text + strings.Repeat(" ", max(0, width-uniseg.StringWidth(text)))
}

// indented wraps a text with two spaces before each line.
func indented(text string, width int) []string {
	lines := wrap(text, width-2)
	for i := range lines {
		lines[i] = "  " + lines[i]
	}
	return lines
}

// wrap breaks a text into lines of at most width columns, where the Unicode line
// breaking algorithm (UAX #14) allows it, else anywhere between characters.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for state := -1; text != ""; {
		var segment string
		segment, text, _, state = uniseg.FirstLineSegmentInString(text, state)
		if uniseg.StringWidth(line+strings.TrimRight(segment, " ")) > width && line != "" {
			lines = append(lines, strings.TrimRight(line, " "))
			line = ""
		}
		for uniseg.StringWidth(strings.TrimRight(segment, " ")) > width {
			head := widest(segment, width)
			lines = append(lines, head)
			segment = segment[len(head):]
		}
		line += segment
	}
	return append(lines, strings.TrimRight(line, " "))
}

// widest returns the longest prefix of at most width columns, and at least one
// character.
func widest(text string, width int) string {
	end, columns := 0, 0
	for rest, state := text, -1; rest != ""; {
		var cluster string
		var w int
		cluster, rest, w, state = uniseg.FirstGraphemeClusterInString(rest, state)
		if columns += w; columns > width && end > 0 {
			break
		}
		end += len(cluster)
	}
	return text[:end]
}
