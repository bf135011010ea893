package alerting

import (
	"fmt"
	"strings"
	"time"

	"reputed/internal/reputation"
)

// chart is the negative mentions of the last hours as a row of bars.
type chart struct {
	title string
	bars  string
	axis  string // the times at both ends, as wide as the bars
}

// newChart draws at most the last columns hours, which end at end. The title is
// a format for the number of hours and the highest count.
func newChart(hours []reputation.Hour, end time.Time, columns int, title string) chart {
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
	bars, top := sparkline(hours)
	return chart{title: fmt.Sprintf(title, len(hours), top), bars: bars, axis: from + gap + to}
}

// sparkline draws each hour's negative mentions as a bar of eighths of the
// highest, which it also returns.
func sparkline(hours []reputation.Hour) (bars string, top int) {
	for _, h := range hours {
		top = max(top, h.Negative)
	}
	blocks := []rune("▁▂▃▄▅▆▇█")
	var b strings.Builder
	for _, h := range hours {
		level := 0
		if top > 0 {
			level = (h.Negative*(len(blocks)-1) + top/2) / top
		}
		b.WriteRune(blocks[level])
	}
	return b.String(), top
}
