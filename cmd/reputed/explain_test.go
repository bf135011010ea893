package main

import (
	"flag"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"reputed/internal/reputation"
)

var update = flag.Bool("update", false, "write the golden files anew")

// checkGolden compares a text with a golden file.
func checkGolden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s has changed; got\n%s", file, got)
	}
}

// evidence is a term where it first stands in the text.
func evidence(text, term, rule string, weight float64) reputation.Evidence {
	start := strings.Index(text, term)
	return reputation.Evidence{Term: term, Weight: weight, Start: start, End: start + len(term), Rule: rule}
}

func TestExplanation(t *testing.T) {
	const review = "這耳機  很漂亮，\n但是佩戴並不舒服，客服 小王 OK"
	const hostile = "\x1b]0;title\x07好\u202e坏\u2066\x9b31m\xff\x00 👩\u200d🔧 \r\n"
	tests := []struct {
		name string
		e    explanation
	}{
		{"a review, with loyalty", explanation{
			text: review,
			score: reputation.Score{Value: -0.21, Label: reputation.Negative, Evidence: []reputation.Evidence{
				evidence(review, "漂亮", "漂亮 +2 × 很 1.3 × before 但是 0.6", 0.2937),
				evidence(review, "舒服", "舒服 +1.5 × 并不 -0.9 × after 但是 1.3", -0.5304),
				evidence(review, "OK", "ok +0.2", 0.0267),
			}},
			loyalty: reputation.Loyalty{
				Driver: "quality", Stage: "delivery", Signals: []string{"churn", "gap"},
				Evidence: []reputation.Evidence{{Term: "客服", Rule: "driver service +2"}, {Term: "\x1b[2J换货", Rule: "stage relationship +1"}},
			},
		}},
		{"towards a target with a space, of which one piece moves the score", explanation{
			text: review, target: "客服 小王", places: []reputation.Span{{Start: strings.Index(review, "客服"), End: strings.Index(review, " OK")}},
			score: reputation.Score{Value: 0.4, Label: reputation.Positive, Evidence: []reputation.Evidence{
				evidence(review, "小王", "小王 +2", 0.4),
			}},
		}},
		{"a target that is not there", explanation{text: "很好", target: "物流\x1b[2J", score: reputation.Score{Value: 0.5, Label: reputation.Positive}}},
		{"nothing speaks", explanation{text: "明天开门", score: reputation.Score{Label: reputation.Neutral}}},
		{"no text", explanation{score: reputation.Score{Label: reputation.Neutral}}},
		{"hostile characters", explanation{
			text: hostile, score: reputation.Score{Value: 0.1, Label: reputation.Positive, Evidence: []reputation.Evidence{
				evidence(hostile, "好\u202e坏", "好\u202e坏 +1", 0.1),
			}},
		}},
		{"evidence that overlaps, nests, or lies outside", explanation{
			text: "不是不好吃", score: reputation.Score{Value: 0.2, Label: reputation.Positive, Evidence: []reputation.Evidence{
				{Term: "不是不好", Weight: 0.1, Start: 0, End: 12, Rule: "wide"},
				{Term: "好吃", Weight: 0.35, Start: 9, End: 15, Rule: "strong"},
				{Term: "是", Weight: -0.15, Start: 3, End: 6, Rule: "nested"},
				{Term: "吃?", Weight: -0.1, Start: -5, End: 99, Rule: "outside"},
				{Term: "", Weight: 0, Start: 7, End: 4, Rule: "backwards"},
			}},
		}},
	}
	var got strings.Builder
	for _, test := range tests {
		for _, colour := range []bool{true, false} {
			drawn := test.e.draw(colour)
			if !utf8.ValidString(drawn) || strings.ContainsAny(drawn, "\u202e\u2066\x00\x07\u009b\r") || !colour && strings.Contains(drawn, "\x1b") {
				t.Errorf("%s: dangerous characters reach the terminal: %q", test.name, drawn)
			}
			if colour {
				got.WriteString("== " + test.name + "\n")
			} else {
				got.WriteString("-- without colour\n")
			}
			got.WriteString(strings.ReplaceAll(drawn, "\x1b", "␛"))
		}
	}
	checkGolden(t, "testdata/explain/explanations.txt", got.String())
}
