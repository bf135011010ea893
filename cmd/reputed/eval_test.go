package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"reputed/internal/pipeline"
	"reputed/internal/reputation"
	"reputed/sentiment"
)

// oracle reads nothing and rates each text as it was told to.
type oracle struct {
	pipeline.Scorer
	scores map[string]reputation.Score
}

func (o oracle) Read(content string) reputation.Text { return reputation.Text{Raw: content} }

func (o oracle) Rate(t reputation.Text, own, others []reputation.Span) reputation.Score {
	return o.Towards(t, own, others)
}

func (o oracle) Towards(t reputation.Text, _, _ []reputation.Span) reputation.Score {
	return o.scores[t.Raw]
}

func TestEval(t *testing.T) {
	word := func(term, rule string, weight float64, start int) reputation.Evidence {
		return reputation.Evidence{Term: term, Weight: weight, Start: start, End: start + len(term), Rule: rule}
	}
	long := "退货\x1b[31m\u202e" + strings.Repeat("等", 300)
	o := oracle{scores: map[string]reputation.Score{
		"很好":   {Value: 0.5, Label: reputation.Positive},
		"还行":   {Value: 0.04, Label: reputation.Neutral},
		"几点开门": {Value: 0, Label: reputation.Neutral},
		"好贵":   {Value: 0.3, Label: reputation.Positive, Evidence: []reputation.Evidence{word("好", "好 +1.2", 0.3, 0)}},
		"太差":   {Value: -0.61239, Label: reputation.Negative},
		long: {Value: 0.7, Label: reputation.Positive, Evidence: []reputation.Evidence{
			word("退", "退 +1", 0.1, 0), word("货", "货 +3 × 退 2", 0.412345, 3), word("等", "等 -0.5", -0.05, 15), word("等", "等 +2", 0.237655, 18),
		}},
	}}
	folder := t.TempDir()
	own, more := filepath.Join(folder, "own.tsv"), filepath.Join(folder, "more.tsv")
	write := func(name, data string) {
		if err := os.WriteFile(name, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(own, "# label\ttext\npos\t很好\npos\t还行\npos\t几点开门\nneg\t太差\nneg\t好贵\nneu\t几点开门\nneu\t太差\nneg\t"+long+"\n")
	write(more, "positive\tshop\t很好\nnegative\tshop\t太差\n")

	tests := []struct {
		golden string
		args   []string
	}{
		{"several.txt", []string{own, more}},
		{"few-errors.txt", []string{"--worst", "1", own}},
		{"several.json", []string{"--format", "json", own, more}},
	}
	for _, test := range tests {
		t.Run(test.golden, func(t *testing.T) {
			var out bytes.Buffer
			env := environment{strings.NewReader(""), &out, os.Stderr, noEnvironment, func(*sentiment.Normaliser, []string, ownWords) (language, error) {
				return language{o, o}, nil
			}}
			if code := run(t.Context(), append([]string{"eval"}, test.args...), env); code != exitOK {
				t.Fatalf("exit code %d", code)
			}
			checkGolden(t, "testdata/eval/"+test.golden, strings.ReplaceAll(out.String(), folder, "FOLDER"))
		})
	}
}
