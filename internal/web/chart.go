package web

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"reputed/internal/reputation"
)

// The measures of a chart: across in the units of its view box, which is stretched to
// the width of the page, down in pixels.
const (
	chartWidth  = 1000
	chartHeight = 150
	chartHead   = 18 // above the columns
	chartFoot   = 24 // below them, for the days

	leastTop = 3 // count that fills the height at least: a single mention is no tower
)

// chart is counts over time, drawn as columns.
type chart struct {
	Title         string // for those who cannot see it
	Columns       []column
	Lines         []line // where days begin
	Grid          []gridLine
	Ticks         []tick
	Top           int // the highest count
	Band          float64
	BandY         float64 // upper edge of the usual band; the lower one is the axis
	Opened        *tick   // when the alert was opened
	Width, Height float64
	From, To      time.Time
}

// Head, Foot and Full are where the columns begin and end in the whole drawing, and how
// high that is.
func (c chart) Head() int { return chartHead }
func (c chart) Foot() int { return chartHead + chartHeight }
func (c chart) Full() int { return chartHead + chartHeight + chartFoot }

// BandHeight is that of the usual band.
func (c chart) BandHeight() float64 { return c.Height - c.BandY }

// column is a count as it is drawn.
type column struct {
	X, Y, Width, Height float64
	Kind                string // class of the style sheet
	Tip                 string
}

type line struct{ X float64 }

// gridLine is a count across the chart.
type gridLine struct {
	Y     int // in the whole drawing
	Label string
}

// Above is where its label stands: on the line.
func (g gridLine) Above() int { return g.Y - 4 }

// tick is a text below a time.
type tick struct {
	X      string // in percent of the width
	Anchor string
	Label  string
}

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
	full := c.grid()
	unit, width := float64(chartHeight)/full, float64(chartWidth)/float64(len(bars))
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
	c.days(zone, l)
	return c
}

// grid draws lines at round counts, and returns the count that fills the height.
func (c *chart) grid() float64 {
	top := float64(max(c.Top, leastTop))
	step := roundStep(top / 3)
	full := math.Ceil(top/step) * step
	for n := step; n <= full; n += step {
		y := chartHead + int(math.Round(chartHeight*(1-n/full)))
		c.Grid = append(c.Grid, gridLine{y, grouped(int(n))})
	}
	return full
}

// roundStep is the least of 1, 2, 5, 10, 20, 50 ... that is not below x.
func roundStep(x float64) float64 {
	for unit := 1.0; ; unit *= 10 {
		for _, step := range []float64{1, 2, 5} {
			if step*unit >= x || unit > math.MaxInt32 {
				return step * unit
			}
		}
	}
}

// days writes days below the chart, and hours where it has two of them at most: so few
// that they have room on a phone.
func (c *chart) days(zone *time.Location, l language) {
	const most = 6
	hours := c.To.Sub(c.From).Hours()
	step := 24 * math.Ceil(hours/24/most) // hours
	if hours <= 48 {
		step = math.Ceil(hours/most/4) * 4
	}
	year, month, day := c.From.In(zone).Date()
	for n := 0.0; n <= hours+24; n += step {
		at := time.Date(year, month, day, int(n), 0, 0, 0, zone) // of the clock, also where a day has 23 hours
		layout := "15:04"
		if at.Hour() == 0 {
			layout = l.say.Day
		}
		if t := c.tick(at, at.Format(layout)); t != nil {
			c.Ticks = append(c.Ticks, *t)
		}
	}
}

// tick is a text at a time, within the drawing; nil if the time is not on the chart, or
// so near to an end that the text would be cut off.
func (c *chart) tick(at time.Time, label string) *tick {
	x := 100 * at.Sub(c.From).Hours() / c.To.Sub(c.From).Hours()
	const edge = 5
	switch {
	case x < 0 || x > 100-edge:
		return nil
	case x < edge:
		return &tick{percentOf(x), "start", label}
	}
	return &tick{percentOf(x), "middle", label}
}

func percentOf(x float64) string {
	return strconv.FormatFloat(math.Round(x*100)/100, 'f', -1, 64) + "%"
}

// opened marks when the alert was opened.
func (c *chart) opened(at time.Time) {
	if !at.Before(c.From) && !at.After(c.To) && c.To.After(c.From) {
		c.Opened = &tick{X: percentOf(100 * at.Sub(c.From).Hours() / c.To.Sub(c.From).Hours())}
	}
}

func (c *chart) add(x, width, height float64, kind, tip string) {
	if height > 0 {
		c.Columns = append(c.Columns, column{x, chartHeight - height, width, height, kind, tip})
	}
}

// ofHours are bars of so many whole hours each, from a time on.
func ofHours(hours []reputation.Figures, from time.Time, each int) []bar {
	bars := make([]bar, 0, len(hours)/each)
	for i := 0; i < len(hours); i += each {
		f := sum(hours[i:min(i+each, len(hours))])
		bars = append(bars, bar{from.Add(time.Duration(i) * time.Hour), f.Mentions, f.Negative})
	}
	return bars
}

// ofDays sums hours up to the days of a zone.
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
