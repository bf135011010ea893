package main

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"reputed/internal/labelled"
	"reputed/internal/reputation"
)

type evalCommand struct {
	Files  []string `arg:"" name:"file" type:"existingfile" help:"Labelled texts, a line each: label<TAB>text or label<TAB>domain<TAB>text, where label is pos, neu or neg; - is standard input."`
	Worst  uint     `default:"10" placeholder:"N" help:"Show the N most confident errors of each file (${default})."`
	Config string   `placeholder:"FILE" type:"path" help:"Configuration whose own words for all brands count; only brands: and lexicons: are read."`
	Format string   `enum:"text,json" default:"text" help:"text: for reading, figures in percent; json: one object, figures from 0 to 1 (${default})."`
}

func (c evalCommand) Run(env environment) error {
	files := make([][]labelled.Row, len(c.Files))
	for i, name := range c.Files {
		rows, err := readLabelled(name, env)
		if err != nil {
			return err
		}
		files[i] = rows
	}
	_, l, err := configuredLanguage(c.Config, env)
	if err != nil {
		return err
	}
	var e evaluation
	for i, rows := range files {
		e.Files = append(e.Files, evaluate(c.Files[i], rows, l, c.Worst))
	}
	if len(files) > 1 {
		e.Mean = meanOf(e.Files)
	}
	if c.Format == "json" {
		out := newEncoder(env.stdout)
		err = out.Encode(e)
	} else {
		_, err = io.WriteString(env.stdout, e.String())
	}
	if err != nil {
		return fmt.Errorf("write standard output: %w", err)
	}
	return nil
}

func readLabelled(name string, env environment) ([]labelled.Row, error) {
	if name == "-" {
		return labelled.Read(heading(name), env.stdin)
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return labelled.Read(name, file)
}

// evaluation is how well the scorer did on each file.
type evaluation struct {
	Files []evaluatedFile `json:"files"`
	Mean  *agreement      `json:"mean,omitempty"` // over the files, if there are several
}

type evaluatedFile struct {
	File string `json:"file"`
	Rows int    `json:"rows"`
	agreement
	Confusion map[reputation.Label]map[reputation.Label]int `json:"confusion"` // by truth and rated label
	Worst     []wrongRating                                 `json:"worst"`     // most confident first
}

// agreement holds the figures; nil where no text tells of them.
type agreement struct {
	Polar    *rates `json:"polar,omitempty"`     // by the sign of the score
	ThreeWay *rates `json:"three_way,omitempty"` // by its label
}

// rates are figures in [0, 1] over Rows texts.
type rates struct {
	Rows     int     `json:"rows"`
	Accuracy float64 `json:"accuracy"`
	MacroF1  float64 `json:"macro_f1"`
}

// wrongRating is a text on which the scorer and the label disagree.
type wrongRating struct {
	Line     int                   `json:"line"`
	Text     string                `json:"text"`
	Truth    reputation.Label      `json:"truth"`
	Label    reputation.Label      `json:"label"`
	Score    float64               `json:"score"`
	Evidence []reputation.Evidence `json:"evidence"` // the strongest, strongest first
}

// evaluate rates the texts and compares the scores with their labels.
func evaluate(name string, rows []labelled.Row, l language, worst uint) evaluatedFile {
	type wrong struct {
		row   labelled.Row
		value float64
	}
	var tally labelled.Tally
	var errors []wrong
	for _, row := range rows {
		score := l.scorer.Rate(l.reader.Read(row.Text), nil, nil)
		tally.Add(row.Label, score)
		if !labelled.Agrees(row.Label, score) {
			errors = append(errors, wrong{row, score.Value})
		}
	}
	slices.SortStableFunc(errors, func(x, y wrong) int { return cmp.Compare(math.Abs(y.value), math.Abs(x.value)) })
	f := evaluatedFile{
		File: name, Rows: len(rows), Worst: []wrongRating{},
		agreement: agreement{ratesOf(tally.Polar()), ratesOf(tally.ThreeWay())},
		Confusion: map[reputation.Label]map[reputation.Label]int{},
	}
	for _, truth := range labelled.Labels() {
		f.Confusion[truth] = map[reputation.Label]int{}
		for _, label := range labelled.Labels() {
			f.Confusion[truth][label] = tally.Count(truth, label)
		}
	}
	for _, e := range errors[:min(len(errors), int(min(worst, math.MaxInt32)))] {
		score := l.scorer.Towards(l.reader.Read(e.row.Text), nil, nil)
		f.Worst = append(f.Worst, wrongRating{e.row.Line, e.row.Text, e.row.Label, score.Label, round(score.Value), strongest(score.Evidence)})
	}
	return f
}

// ratesOf returns the figures, or nil if there are none.
func ratesOf(f labelled.Figures) *rates {
	if f.Rows == 0 {
		return nil
	}
	return &rates{f.Rows, f.Accuracy, f.MacroF1}
}

// shownEvidence is how much of an error's evidence is shown.
const shownEvidence = 3

func strongest(evidence []reputation.Evidence) []reputation.Evidence {
	sorted := rounded(evidence)
	slices.SortStableFunc(sorted, func(x, y reputation.Evidence) int { return cmp.Compare(math.Abs(y.Weight), math.Abs(x.Weight)) })
	return sorted[:min(len(sorted), shownEvidence)]
}

// meanOf is the mean of the files' figures; each file counts the same.
func meanOf(files []evaluatedFile) *agreement {
	mean := func(of func(evaluatedFile) *rates) *rates {
		var m rates
		n := 0.0
		for _, f := range files {
			if r := of(f); r != nil {
				n++
				m.Rows += r.Rows
				m.Accuracy += (r.Accuracy - m.Accuracy) / n
				m.MacroF1 += (r.MacroF1 - m.MacroF1) / n
			}
		}
		if n == 0 {
			return nil
		}
		return &m
	}
	return &agreement{
		mean(func(f evaluatedFile) *rates { return f.Polar }),
		mean(func(f evaluatedFile) *rates { return f.ThreeWay }),
	}
}

// String sets the evaluation out for reading.
func (e evaluation) String() string {
	var b strings.Builder
	for i, f := range e.Files {
		if i > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "%s: %d texts\n%s\n%s\n", heading(f.File), f.Rows, f.agreement, f.confusionTable())
		if len(f.Worst) > 0 {
			b.WriteString("\nThe most confident errors:\n")
		}
		for _, w := range f.Worst {
			fmt.Fprintf(&b, "\nline %d: labelled %s, rated %s (%s)\n  %s\n", w.Line, w.Truth, w.Label, signed(w.Score), shorten(w.Text, 160))
			for _, e := range w.Evidence {
				fmt.Fprintf(&b, "    %s  %s\n", signed(e.Weight), shorten(e.Rule, 120))
			}
		}
	}
	if e.Mean != nil {
		fmt.Fprintf(&b, "\nmean of %d files\n%s\n", len(e.Files), e.Mean)
	}
	return b.String()
}

// heading is how people know the file that an argument names.
func heading(name string) string {
	if name == "-" {
		return "standard input"
	}
	return filepath.Base(name)
}

// String is the figures in percent, a line each.
func (a agreement) String() string {
	var lines []string
	if r := a.Polar; r != nil {
		lines = append(lines, fmt.Sprintf("polar      accuracy %5.1f  macro-F1 %5.1f   (%d texts labelled positive or negative, by the sign of the score)", r.Accuracy*100, r.MacroF1*100, r.Rows))
	}
	if r := a.ThreeWay; r != nil {
		lines = append(lines, fmt.Sprintf("three-way  accuracy %5.1f  macro-F1 %5.1f   (%d texts, by the label of the score)", r.Accuracy*100, r.MacroF1*100, r.Rows))
	}
	return strings.Join(lines, "\n")
}

func (f evaluatedFile) confusionTable() string {
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.Style().Format.Header = text.FormatDefault
	t.AppendHeader(table.Row{"labelled", "rated positive", "rated neutral", "rated negative"})
	for _, truth := range labelled.Labels() {
		row := table.Row{truth}
		for _, label := range labelled.Labels() {
			row = append(row, f.Confusion[truth][label])
		}
		t.AppendRow(row)
	}
	return t.Render()
}
