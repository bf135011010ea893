package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/jonreiter/govader"

	"reputed/internal/labelled"
	"reputed/internal/reputation"
	"reputed/lexicons"
	"reputed/sentiment"
)

// English is rated better than by VADER, whose words the lexicon begins with, also
// before anything is learned. It needs DATA, the folder of the labelled files.
func TestEnglishIsAheadOfVADER(t *testing.T) {
	files, err := filepath.Glob(os.Getenv("DATA") + "/sentiment/en_*.tsv")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skip("DATA names no folder of labelled files")
	}
	n, err := newNormaliser()
	if err != nil {
		t.Fatal(err)
	}
	reader, err := sentiment.NewReader(n, nil)
	if err != nil {
		t.Fatal(err)
	}
	handmade, err := sentiment.LoadHandmade(lexicons.Files, n)
	if err != nil {
		t.Fatal(err)
	}
	scorer, vader := sentiment.NewScorer(handmade, nil), govader.NewSentimentIntensityAnalyzer()
	for _, file := range files {
		rows, err := readLabelled(file, environment{})
		if err != nil {
			t.Fatal(err)
		}
		var ours, theirs labelled.Tally
		for _, row := range rows {
			ours.Add(row.Label, scorer.Rate(reader.Read(row.Text), nil, nil))
			compound := vader.PolarityScores(row.Text).Compound
			theirs.Add(row.Label, reputation.Score{Value: compound, Label: vaderLabel(compound)})
		}
		o, v := ours.Polar(), theirs.Polar()
		t.Logf("%-16s hand-made accuracy %.1f macro-F1 %.1f  VADER accuracy %.1f macro-F1 %.1f",
			filepath.Base(file), 100*o.Accuracy, 100*o.MacroF1, 100*v.Accuracy, 100*v.MacroF1)
		if o.Accuracy < v.Accuracy+0.03 || o.MacroF1 < v.MacroF1+0.03 {
			t.Error("less than 3 points ahead")
		}
	}
}

// vaderLabel is VADER's class of a compound score, by the thresholds of its authors.
func vaderLabel(compound float64) reputation.Label {
	switch {
	case compound >= 0.05:
		return reputation.Positive
	case compound <= -0.05:
		return reputation.Negative
	}
	return reputation.Neutral
}
