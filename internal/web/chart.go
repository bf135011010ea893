package web

import (
	"fmt"
	"time"

	"reputed/internal/reputation"
)

// The measures of a chart, in the units of its view box, which is stretched to the
// width of the page.
const (
	chartWidth  = 1000
	chartHeight = 180

	leastTop = 5 // count that fills the height at least: a single mention is no tower
)

// chart is counts over time, drawn as columns.
type chart struct {
	Title         string // for those who cannot see it
	Columns       []column
	Lines         []line // where days begin
	Top           int    // the highest count
	Band          float64
	BandY         float64 // upper edge of the usual band; the lower one is the axis
	Width, Height float64
	From, To      time.Time
}

// column is a count as it is drawn.
type column struct {
	X, Y, Width, Height float64
	Kind                string // class of the style sheet
	Tip                 string
}

type line struct{ X float64 }

// bar is what a column stands for: all of it, and the part that is negative.
type bar struct {
	at       time.Time // its start
	all      int       // 0 if only the negative ones are shown
	negative int
}

// newChart draws bars, each of a step, the last of which ends at a time. Of a band that
// is greater than 0, what lies above it stands out.
func newChart(bars []bar, step time.Duration, band float64, zone *time.Location, l language) chart {
	c := chart{Width: chartWidth, Height: chartHeight, Band: band}
	if len(bars) == 0 {
		return c
	}
	c.From, c.To = bars[0].at, bars[len(bars)-1].at.Add(step)
	for _, b := range bars {
		c.Top = max(c.Top, b.all, b.negative)
	}
	unit, width := float64(chartHeight)/float64(max(c.Top, leastTop)), float64(chartWidth)/float64(len(bars))
	c.BandY = chartHeight - min(band*unit, chartHeight)
	gap := min(width*0.15, 2)
	layout := l.say.Date
	if step >= 24*time.Hour {
		layout = l.say.Mon
	}
	last := ""
	for i, b := range bars {
		x := float64(i) * width
		at := b.at.In(zone)
		if day := at.Format(time.DateOnly); day != last {
			if last != "" && step < 24*time.Hour {
				c.Lines = append(c.Lines, line{x})
			}
			last = day
		}
		tip := at.Format(layout) + " · " + fmt.Sprintf(l.say.NegativeN, b.negative)
		if b.all > 0 {
			tip += " · " + fmt.Sprintf(l.say.MentionsN, b.all)
			c.add(x, width-gap, float64(b.all)*unit, "talk", tip)
		}
		kind := "negative"
		if band > 0 && float64(b.negative) <= band {
			kind = "usual"
		}
		c.add(x, width-gap, float64(b.negative)*unit, kind, tip)
	}
	return c
}

func (c *chart) add(x, width, height float64, kind, tip string) {
	if height > 0 {
		c.Columns = append(c.Columns, column{x, chartHeight - height, width, height, kind, tip})
	}
}

// ofHours are the bars of whole hours from a time on, of the negative mentions alone.
func ofHours(hours []reputation.Figures, from time.Time) []bar {
	bars := make([]bar, len(hours))
	for i, f := range hours {
		bars[i] = bar{at: from.Add(time.Duration(i) * time.Hour), negative: f.Negative}
	}
	return bars
}

// ofDays sums hours up to the days of a zone, of all mentions and the negative ones.
func ofDays(hours []reputation.Figures, from time.Time, zone *time.Location) []bar {
	var bars []bar
	last := ""
	for i, f := range hours {
		at := from.Add(time.Duration(i) * time.Hour).In(zone)
		if day := at.Format(time.DateOnly); day != last {
			bars, last = append(bars, bar{at: at}), day
		}
		b := &bars[len(bars)-1]
		b.all, b.negative = b.all+f.Mentions, b.negative+f.Negative
	}
	return bars
}
