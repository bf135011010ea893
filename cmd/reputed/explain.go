package main

import (
	"fmt"
	"math"
	"strings"
	"unicode"

	"github.com/rivo/uniseg"

	"reputed/internal/reputation"
)

// explanation is a rated text as a person at a terminal sees it.
type explanation struct {
	text    string
	target  string            // "" for the whole text
	places  []reputation.Span // where the target stands in the text
	score   reputation.Score
	loyalty reputation.Loyalty
}

// strong is the weight from which a term is shown in bold: three times the value
// that makes a text positive or negative.
const strong = 0.3

// The escape sequences of ECMA-48 that an explanation uses.
const (
	styleOff       = "\x1b[0m"
	styleBold      = "\x1b[1m"
	styleFaint     = "\x1b[2m"
	styleUnderline = "\x1b[4m"
	styleRed       = "\x1b[31m"
	styleGreen     = "\x1b[32m"
)

// draw sets the explanation out in lines: the text with what moved the score in
// green and red and the target underlined, the label and the score, the evidence,
// and what the text tells of loyalty. Control characters and direction marks of
// the text never reach the terminal.
func (e explanation) draw(colour bool) string {
	paint := func(style, s string) string {
		if !colour || style == "" || s == "" {
			return s
		}
		return style + s + styleOff
	}
	var b strings.Builder
	if text := e.painted(paint); text != "" {
		b.WriteString(text + "\n\n")
	}
	b.WriteString(paint(styleBold+hue(e.score.Value), fmt.Sprintf("%s %s", e.score.Label, signed(e.score.Value))))
	if e.target != "" {
		b.WriteString(" towards " + reputation.OneLine(e.target))
	}
	b.WriteByte('\n')
	if e.target != "" && len(e.places) == 0 {
		b.WriteString(paint(styleFaint, "the target does not stand in the text, which is rated as a whole") + "\n")
	}
	b.WriteString(e.evidence(paint))
	b.WriteString(e.tells(paint))
	return b.String() + "\n"
}

// tells is a line for each thing that the text tells of loyalty, with the terms
// that tell it.
func (e explanation) tells(paint func(style, s string) string) string {
	lines := ""
	for _, fact := range [...]struct{ kind, found string }{
		{"driver", e.loyalty.Driver}, {"stage", e.loyalty.Stage}, {"signals", strings.Join(e.loyalty.Signals, ", ")},
	} {
		if fact.found != "" {
			lines += fmt.Sprintf("%-8s %s\n", fact.kind, fact.found)
		}
	}
	for _, one := range e.loyalty.Evidence {
		lines += paint(styleFaint, fmt.Sprintf("  %s  %s", shorten(one.Term, 24), reputation.OneLine(one.Rule))) + "\n"
	}
	if lines != "" {
		lines = "\n" + lines
	}
	return lines
}

// evidence is a line for each thing that moved the score: weight, term, rule.
func (e explanation) evidence(paint func(style, s string) string) string {
	if len(e.score.Evidence) == 0 {
		return paint(styleFaint, "nothing in the text speaks for or against") + "\n"
	}
	terms := make([]string, len(e.score.Evidence))
	width := 0
	for i, one := range e.score.Evidence {
		terms[i] = shorten(one.Term, 24)
		width = max(width, uniseg.StringWidth(terms[i]))
	}
	var b strings.Builder
	for i, one := range e.score.Evidence {
		padding := strings.Repeat(" ", width-uniseg.StringWidth(terms[i]))
		fmt.Fprintf(&b, "  %s%s  %s  %s\n", paint(shade(one.Weight), terms[i]), padding,
			paint(shade(one.Weight), signed(one.Weight)), paint(styleFaint, reputation.OneLine(one.Rule)))
	}
	return b.String()
}

// signed is a score or weight as people read it.
func signed(v float64) string {
	if v == 0 {
		return "0.00"
	}
	return fmt.Sprintf("%+.2f", v)
}

// hue is the colour of a weight.
func hue(weight float64) string {
	switch {
	case weight > 0:
		return styleGreen
	case weight < 0:
		return styleRed
	}
	return ""
}

// shade is the colour of a weight by its strength.
func shade(weight float64) string {
	if math.Abs(weight) >= strong {
		return styleBold + hue(weight)
	}
	return hue(weight)
}

// painted is the text in one line. Where pieces of evidence overlap the stronger
// one shows.
func (e explanation) painted(paint func(style, s string) string) string {
	weights := make([]float64, len(e.text))
	for _, one := range e.score.Evidence {
		for i := max(one.Start, 0); i < min(one.End, len(weights)); i++ {
			if math.Abs(one.Weight) > math.Abs(weights[i]) {
				weights[i] = one.Weight
			}
		}
	}
	targets := make([]bool, len(e.text))
	for _, place := range e.places {
		for i := max(place.Start, 0); i < min(place.End, len(targets)); i++ {
			targets[i] = true
		}
	}
	var line, piece strings.Builder // piece is what has the same style
	style, space := "", false
	for i, r := range e.text {
		shown := reputation.OneLine(string(r))
		if unicode.IsSpace(r) {
			shown = " "
		}
		if shown == "" || shown == " " && space {
			continue
		}
		space = shown == " "
		now := shade(weights[i])
		if targets[i] {
			now += styleUnderline
		}
		if now != style {
			line.WriteString(paint(style, piece.String()))
			piece.Reset()
			style = now
		}
		piece.WriteString(shown)
	}
	return strings.TrimSpace(line.String() + paint(style, piece.String()))
}
