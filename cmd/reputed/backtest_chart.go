package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rivo/uniseg"

	"reputed/internal/reputation"
)

const (
	chartRows   = 6  // lines of the bars
	chartTick   = 18 // least columns between two times
	leastBars   = 20
	longestRule = 21 // columns of a rule's name
)

// chart draws the negative mentions over the replayed time in lines of at most width
// columns: above, the busiest hour that ends in each column as a bar; below them what was usual,
// when each rule would have fired, and the times in a zone.
func (r replayed) chart(width int, zone *time.Location) string {
	rules := r.firing()
	labels := []string{"usual"}
	for _, f := range rules {
		labels = append(labels, shorten(f.rule, longestRule))
	}
	left := 0
	for _, label := range labels {
		left = max(left, uniseg.StringWidth(label))
	}
	room := max(width-left-len(" |"), leastBars)
	hours := max(1, int((r.last.Sub(r.first)+time.Hour-1)/time.Hour))
	each := (hours + room - 1) / room // hours of a column
	n := (hours + each - 1) / each
	from := r.last.Truncate(time.Hour).Add(-time.Duration((n*each)-1) * time.Hour) // so that the last, unfinished hour is in it
	column := func(at time.Time) int { return min(max(int(at.Sub(from)/(time.Duration(each)*time.Hour)), 0), n-1) }

	busiest, usual := make([]float64, n), make([]float64, n)
	for to, expected := range r.expected { // alerts count the hours that end at these times
		k := column(to.Add(-1))
		busiest[k], usual[k] = max(busiest[k], float64(r.series.Hours(to, 1)[0].Negative)), max(usual[k], expected)
	}
	top, most := slices.Max(busiest), slices.Max(usual)

	var b strings.Builder
	line := func(label, drawn string) {
		fmt.Fprintf(&b, "%s\n", strings.TrimRight(strings.Repeat(" ", max(left-uniseg.StringWidth(label), 0))+label+" |"+drawn, " "))
	}
	unit := "each column is an hour: the busiest 60 minutes that end in it"
	if each > 1 {
		unit = fmt.Sprintf("each column is %d hours: the busiest 60 minutes that end in them", each)
	}
	fmt.Fprintf(&b, "%s: %s an hour, %s to %s (%s)\n%s; the row \"usual\" is what was expected, at most %.1f\n", shorten(r.brand.Name, 40), r.counts, localTime(r.first, zone), localTime(r.last, zone), zone, unit, most)
	for i, bars := range columnsOf(busiest, top, chartRows) {
		label := ""
		if i == 0 {
			label = fmt.Sprintf("%.0f", top)
		}
		line(label, bars)
	}
	line("usual", columnsOf(usual, most, 1)[0])
	for i, f := range rules {
		line(labels[i+1], f.draw(n, column))
	}
	fmt.Fprintf(&b, "%s%s\n", strings.Repeat(" ", left+1), times(n, each, from, zone))
	if len(rules) > 0 {
		b.WriteString("W opened as a warning, C critical, - firing, . over\n")
	}
	return b.String()
}

// columnsOf draws values from 0 to top as bars that are rows lines high, in eighths of a
// line; a value above 0 is always to be seen.
func columnsOf(values []float64, top float64, rows int) []string {
	blocks := []rune(" ▁▂▃▄▅▆▇█")
	lines := make([]string, rows)
	for i := range lines {
		var b strings.Builder
		for _, v := range values {
			eighths := 0
			if top > 0 && v > 0 {
				eighths = max(int(v/top*float64(8*rows)+0.5), 1)
			}
			b.WriteRune(blocks[min(max(eighths-8*(rows-1-i), 0), 8)])
		}
		lines[i] = b.String()
	}
	return lines
}

// firing is when a rule fired.
type firing struct {
	rule  string
	spans []span
}

// span is a time in which an alert fired, with the moments at which it became critical.
type span struct {
	from, to  time.Time
	over      bool // it does not fire at the end
	critical  bool // from the beginning
	escalated []time.Time
}

// firing returns when each rule fired, in the order in which they first did.
func (r replayed) firing() []firing {
	var all []firing
	of := func(rule string) *firing {
		i := slices.IndexFunc(all, func(f firing) bool { return f.rule == rule })
		if i < 0 {
			i, all = len(all), append(all, firing{rule: rule})
		}
		return &all[i]
	}
	for _, c := range r.changes {
		f := of(c.alert.Rule)
		switch c.event {
		case reputation.Opened, reputation.Reopened:
			f.spans = append(f.spans, span{from: c.at, to: r.last, critical: c.alert.Severity == reputation.Critical})
		case reputation.Escalated:
			last := &f.spans[len(f.spans)-1]
			last.escalated = append(last.escalated, c.at)
		case reputation.Ended:
			last := &f.spans[len(f.spans)-1]
			last.to, last.over = c.at, true
		}
	}
	return all
}

// draw marks in n columns when the rule fired. Where several marks fall into a column,
// the beginning of an alert stays, and the gravest of them.
func (f firing) draw(n int, column func(time.Time) int) string {
	marks := []rune(strings.Repeat(" ", n))
	put := func(at time.Time, mark rune) {
		if k := column(at); strings.ContainsRune(" -.W", marks[k]) && (marks[k] != 'W' || mark == 'C') {
			marks[k] = mark
		}
	}
	for _, s := range f.spans {
		for k := column(s.from); k <= column(s.to); k++ {
			if marks[k] == ' ' {
				marks[k] = '-'
			}
		}
		if s.over {
			put(s.to, '.')
		}
		if s.critical {
			put(s.from, 'C')
		} else {
			put(s.from, 'W')
		}
		for _, at := range s.escalated {
			put(at, 'C')
		}
	}
	return string(marks)
}

// times writes the beginnings of some of n columns below them, each after a mark that
// stands at its column.
func times(n, each int, from time.Time, zone *time.Location) string {
	var b strings.Builder
	for k := 0; k == 0 || k+chartTick <= n; k += chartTick {
		fmt.Fprintf(&b, "%-*s", chartTick, "^"+from.Add(time.Duration(k*each)*time.Hour).In(zone).Format("01-02 15:04"))
	}
	return strings.TrimRight(" "+b.String(), " ")
}
