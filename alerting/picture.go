package alerting

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"time"

	canvas "github.com/wcharczuk/go-chart/v2"
	"github.com/wcharczuk/go-chart/v2/drawing"

	"reputed/internal/reputation"
)

// The measures of a picture, in pixels. On a phone it is shown at a third of its
// width, so that letters of 32 pixels are as tall as the text around it.
const (
	pictureWidth, pictureHeight = 1200, 620

	plotLeft, plotRight = 96, pictureWidth - 44
	plotTop, plotBottom = 112, pictureHeight - 76

	axisLetters, peakLetters = 32, 40
)

// palette holds the colours of a picture. They need no more than its own white
// ground, which stays white where Slack is dark.
type palette struct{ ground, grid, text, talk, under, band, centre, spike, glow drawing.Color }

func newPalette() palette {
	hex := drawing.ColorFromHex
	return palette{
		ground: hex("FFFFFF"), grid: hex("E6E9ED"), text: hex("4A5563"), talk: hex("41506A"), under: hex("41506A").WithAlpha(28),
		band: hex("CFE6FA"), centre: hex("5BA3E0"), spike: hex("D62828"), glow: hex("D62828").WithAlpha(90),
	}
}

// trace is what a picture shows: the negative mentions of each hour that ends at or
// before end, oldest first, and what of them is out of the usual.
type trace struct {
	counts   []int
	end      time.Time // in the zone of the axis
	expected float64   // of an hour
	width    float64   // of the usual band, to each side
	from     int       // the first hour of the spike
	opened   time.Time // when the alert opened
}

// newTrace takes from a message what its picture shows.
func newTrace(m reputation.Message, zone *time.Location) trace {
	j := m.Alert.Judgement
	t := trace{end: m.At.In(zone), expected: j.Expected, width: j.Deviation, opened: m.Alert.OpenedAt.In(zone)}
	t.counts = append(t.counts, m.Before...)
	for _, h := range m.Trend {
		t.counts = append(t.counts, h.Negative)
	}
	// The spike began with the first busy hour in the row that led to the judged one.
	last := len(t.counts) - 1
	t.from = max(0, min(last, last-int(m.At.Sub(j.To)/time.Hour)))
	for t.from > 0 && t.busy(t.from-1) {
		t.from--
	}
	return t
}

// busy tells whether an hour lies above the usual talk, by which an alert ends too.
func (t trace) busy(hour int) bool {
	return float64(t.counts[hour]) > t.expected+calmBand*t.width
}

// start is when the first hour begins.
func (t trace) start() time.Time { return t.end.Add(-time.Duration(len(t.counts)) * time.Hour) }

// picture draws the negative mentions an hour as a PNG: the usual band, the talk,
// what of it is the alert's spike, its peak, and when the alert opened. There are
// digits on it and no words, since the fonts of the drawing know no Chinese: what
// the colours mean stands beside it. The same message gives the same bytes.
func picture(m reputation.Message, zone *time.Location) ([]byte, error) {
	t := newTrace(m, zone)
	if len(t.counts) < 2 {
		return nil, errors.New("draw the trend: it has fewer than two hours")
	}
	r, err := canvas.PNG(pictureWidth, pictureHeight)
	if err != nil {
		return nil, fmt.Errorf("draw the trend: %w", err)
	}
	font, err := canvas.GetDefaultFont()
	if err != nil {
		return nil, fmt.Errorf("draw the trend: %w", err)
	}
	r.SetDPI(72) // a letter of n points is n pixels tall
	r.SetFont(font)
	p := plot{Renderer: r, trace: t, palette: newPalette()}
	p.scale()
	p.box(0, 0, pictureWidth, pictureHeight, p.ground)
	p.axes()
	p.usual()
	p.opening()
	p.line(0, len(t.counts)-1, p.talk, p.under, 3)
	p.rule(plotLeft, plotBottom, plotRight, plotBottom, p.text, 3)
	p.spikes()
	p.peak()
	var b bytes.Buffer
	if err := r.Save(&b); err != nil {
		return nil, fmt.Errorf("draw the trend: %w", err)
	}
	return b.Bytes(), nil
}

// plot draws a trace.
type plot struct {
	canvas.Renderer
	trace
	palette
	step, top float64 // between two grid lines, and of the highest, in mentions
}

// scale chooses round numbers for the axis, so that the highest hour has a little room
// above it.
func (p *plot) scale() {
	highest := p.expected + p.width
	for _, n := range p.counts {
		highest = max(highest, float64(n))
	}
	highest = max(highest*1.04, 4)
	p.step = niceStep(highest / 5)
	p.top = math.Ceil(highest/p.step) * p.step
}

// niceStep is the least of 1, 2, 5, 10, 20, 50 ... that is not below x.
func niceStep(x float64) float64 {
	unit := 1.0
	for ; unit < math.MaxInt64; unit *= 10 {
		for _, step := range []float64{1, 2, 5} {
			if step*unit >= x {
				return step * unit
			}
		}
	}
	return unit
}

// x is where an hour is drawn, at its middle.
func (p *plot) x(hour float64) int {
	return plotLeft + int(math.Round((hour+0.5)/float64(len(p.counts))*(plotRight-plotLeft)))
}

// xAt is where a time is drawn.
func (p *plot) xAt(at time.Time) int { return p.x(at.Sub(p.start()).Hours() - 0.5) }

func (p *plot) y(count float64) int {
	return plotBottom - int(math.Round(min(count, p.top)/p.top*(plotBottom-plotTop)))
}

func (p *plot) box(left, top, right, bottom int, c drawing.Color) {
	p.SetFillColor(c)
	p.MoveTo(left, top)
	p.LineTo(right, top)
	p.LineTo(right, bottom)
	p.LineTo(left, bottom)
	p.Close()
	p.Fill()
}

// usual draws the band that hours usually stay in, and its middle.
func (p *plot) usual() {
	upper, middle := p.y(p.expected+p.width), p.y(p.expected)
	p.box(plotLeft, upper, plotRight, p.y(max(0, p.expected-p.width)), p.band)
	p.rule(plotLeft, middle, plotRight, middle, p.centre, 3, 14, 10)
}

func (p *plot) rule(x1, y1, x2, y2 int, c drawing.Color, width float64, dashes ...float64) {
	p.SetStrokeColor(c)
	p.SetStrokeWidth(width)
	p.SetStrokeDashArray(dashes)
	p.MoveTo(x1, y1)
	p.LineTo(x2, y2)
	p.Stroke()
	p.SetStrokeDashArray(nil)
}

// line draws the hours from one to another, and fills what is under them.
func (p *plot) line(from, to int, c, under drawing.Color, width float64) {
	path := func() {
		p.MoveTo(p.x(float64(from)), p.y(float64(p.counts[from])))
		for hour := from + 1; hour <= to; hour++ {
			p.LineTo(p.x(float64(hour)), p.y(float64(p.counts[hour])))
		}
	}
	p.SetFillColor(under)
	path()
	p.LineTo(p.x(float64(to)), plotBottom)
	p.LineTo(p.x(float64(from)), plotBottom)
	p.Close()
	p.Fill()
	p.SetStrokeColor(c)
	p.SetStrokeWidth(width)
	path()
	p.Stroke()
}

// spikes draws the busy hours since the spike began over the rest of the line.
func (p *plot) spikes() {
	for hour := p.from; hour < len(p.counts); hour++ {
		if !p.busy(hour) {
			continue
		}
		last := hour
		for last+1 < len(p.counts) && p.busy(last+1) {
			last++
		}
		p.line(max(0, hour-1), min(last+1, len(p.counts)-1), p.spike, p.glow, 5)
		hour = last
	}
}

// text writes at a point, which a share of the text's width lies left of.
func (p *plot) write(text string, x, baseline int, size float64, c drawing.Color, left float64) {
	p.SetFontColor(c)
	p.SetFontSize(size)
	p.Text(text, x-int(math.Round(left*float64(p.MeasureText(text).Width()))), baseline)
}

// axes draws the grid, the counts on the left and the days below.
func (p *plot) axes() {
	for count := 0.0; count <= p.top; count += p.step {
		y := p.y(count)
		p.rule(plotLeft, y, plotRight, y, p.grid, 2)
		label := fmt.Sprintf("%.0f", count)
		if count >= 10_000 { // its step is 1000 at least
			label = fmt.Sprintf("%.0fk", count/1000)
		}
		p.write(label, plotLeft-14, y+11, axisLetters, p.text, 1)
	}
	year, month, day := p.start().Date()
	every := max(1, len(p.counts)/24/7)
	for n := 1; ; n++ {
		midnight := time.Date(year, month, day+n, 0, 0, 0, 0, p.end.Location())
		if midnight.After(p.end) {
			return
		}
		x := p.xAt(midnight)
		p.rule(x, plotBottom, x, plotBottom+8, p.text, 3)
		if n%every == 0 && x+45 < pictureWidth {
			p.write(midnight.Format("01-02"), x, plotBottom+50, axisLetters, p.text, 0.5)
		}
	}
}

// opening draws when the alert opened, with the time above.
func (p *plot) opening() {
	if !p.opened.After(p.start()) || p.opened.After(p.end) {
		return
	}
	x := p.xAt(p.opened)
	p.rule(x, plotTop-44, x, plotBottom, p.text, 3, 10, 8)
	left := 0.5
	label := p.opened.Format("01-02 15:04")
	p.SetFontSize(axisLetters)
	if room := p.MeasureText(label).Width() / 2; x+room > pictureWidth-20 {
		left = float64(2*room-(pictureWidth-20-x)) / float64(2*room)
	} else if x-room < 20 {
		left = float64(x-20) / float64(2*room)
	}
	p.write(label, x, plotTop-58, axisLetters, p.text, left)
}

// peak marks the highest hour of the spike with its count.
func (p *plot) peak() {
	highest := p.from
	for hour := p.from; hour < len(p.counts); hour++ {
		if p.counts[hour] > p.counts[highest] {
			highest = hour
		}
	}
	x, y := p.x(float64(highest)), p.y(float64(p.counts[highest]))
	label := fmt.Sprint(p.counts[highest])
	p.SetFontSize(peakLetters)
	width := p.MeasureText(label).Width()
	p.box(x-28-width-4, y-20, x-24, y+20, p.ground) // no line shall pass through the figure
	p.dot(x, y, 14, p.ground)
	p.dot(x, y, 10, p.spike)
	p.write(label, x-28, y+14, peakLetters, p.spike, 1)
}

// dot fills a circle, drawn finer than the library's own.
func (p *plot) dot(x, y int, radius float64, c drawing.Color) {
	p.SetFillColor(c)
	p.MoveTo(x+int(radius), y)
	p.ArcTo(x, y, radius, radius, 0, 2*math.Pi)
	p.Close()
	p.Fill()
}
