package alerting

import (
	"fmt"
	"strings"
	"time"

	"reputed/internal/reputation"
)

// chart is what is counted in each of the last hours as a row of bars.
type chart struct {
	title string
	bars  string
	axis  string // the times at both ends, as wide as the bars
}

func hourMentions(h reputation.Hour) int { return h.Mentions }
func hourNegative(h reputation.Hour) int { return h.Negative }

// newChart draws at most the last columns hours, which end at end, by what is counted
// of each. The title is
// a format for the number of hours and the highest count.
func newChart(hours []reputation.Hour, end time.Time, columns int, title string, of func(reputation.Hour) int) chart {
	hours = hours[max(0, len(hours)-columns):]
	if len(hours) == 0 {
		return chart{}
	}
	const layout = "01-02 15:04"
	from := end.Add(-time.Duration(len(hours)) * time.Hour).Format(layout)
	to := end.Format(layout)
	gap := " – "
	if room := len(hours) - len(from) - len(to); room > 2 {
		gap = strings.Repeat(" ", room)
	}
	bars, top := sparkline(hours, of)
	return chart{title: fmt.Sprintf(title, len(hours), top), bars: bars, axis: from + gap + to}
}

// sparkline draws what is counted of each hour as a bar of eighths of the
// highest, which it also returns.
func sparkline(hours []reputation.Hour, of func(reputation.Hour) int) (bars string, top int) {
	for _, h := range hours {
		top = max(top, of(h))
	}
	blocks := []rune("▁▂▃▄▅▆▇█")
	var b strings.Builder
	for _, h := range hours {
		level := 0
		if top > 0 {
			level = (of(h)*(len(blocks)-1) + top/2) / top
		}
		b.WriteRune(blocks[level])
	}
	return b.String(), top
}
