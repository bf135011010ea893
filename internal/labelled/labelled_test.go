package labelled_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"testing/iotest"

	"reputed/internal/labelled"
	"reputed/internal/reputation"
)

func TestRead(t *testing.T) {
	tests := []struct{ name, data, want string }{
		{"two columns", "pos\t很好\nneg\t太差\nneu\t几点开门\n", "1 positive 很好|2 negative 太差|3 neutral 几点开门"},
		{"three columns", "pos\tphone\t很好\nneg\t\t太差", "1 positive 很好|2 negative 太差"},
		{"whole words in any case", "Positive\ta\nNEUTRAL\tb\nnegative \tc", "1 positive a|2 neutral b|3 negative c"},
		{"byte order mark, CRLF, comments, empty lines", "\ufeff# label\ttext\r\n\r\n#\r\npos\t很好 \r\n", "4 positive 很好 "},
		{"a text that begins with #", "pos\t#话题# 很好\n", "1 positive #话题# 很好"},
		{"an empty text", "neg\t\npos\ta", "1 negative |2 positive a"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			rows, err := labelled.Read("own.tsv", strings.NewReader(test.data))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, r := range rows {
				got = append(got, fmt.Sprintf("%d %s %s", r.Line, r.Label, r.Text))
			}
			if got := strings.Join(got, "|"); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestReadRefuses(t *testing.T) {
	tests := []struct{ name, data, want string }{
		{"an unknown label", "pos\ta\ngood\tb\n", `own.tsv:2: label "good" is none of pos, neu, neg`},
		{"a header", "label\ttext\npos\ta\n", `own.tsv:1: label "label" is none of pos, neu, neg (or positive, neutral, negative); the label comes first, then a tab; a header line begins with #`},
		{"no tab", "# x\npos\n", "own.tsv:2: want label<TAB>text or label<TAB>domain<TAB>text; the line has 1 column(s)"},
		{"too many columns", "pos\ta\tb\tc\n", "own.tsv:1: want label<TAB>text or label<TAB>domain<TAB>text; the line has 4 column(s)"},
		{"a tab in a text", "pos\ta\nneg\tb\tc\n", "own.tsv:2: has 3 columns where the rows above have 2; write a space for each tab within a text"},
		{"another encoding", "pos\t\xba\xc3\n", "own.tsv:1: not in UTF-8; convert the file first, such as with: iconv -f GB18030 -t UTF-8"},
		{"every mistake", "x\ta\ny\tb\n", `own.tsv:2: label "y"`},
		{"nothing but mistakes", strings.Repeat("x\ta\n", 1000), "own.tsv: not read further"},
		{"nothing", "# comment\n\n", "own.tsv holds no labelled text; write one a line: label<TAB>text"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := labelled.Read("own.tsv", strings.NewReader(test.data))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
	if _, err := labelled.Read("own.tsv", iotest.ErrReader(errors.New("disk on fire"))); err == nil || !strings.Contains(err.Error(), "disk on fire") {
		t.Errorf("a reader that fails: got %v", err)
	}
}

// scores are a truth, a label and a value each.
var scores = []struct {
	truth, label reputation.Label
	value        float64
}{
	{"positive", "positive", 0.5},
	{"positive", "positive", 0.2},
	{"positive", "neutral", 0.05}, // right by its sign, wrong by its label
	{"positive", "neutral", 0},    // wrong by both
	{"negative", "negative", -0.5},
	{"negative", "positive", 0.3},
	{"neutral", "neutral", 0},
	{"neutral", "negative", -0.4},
}

// Expected values by hand. Polar: positive has 3 hits, 4 truths, 4 guesses, so
// F1 = 6/8; negative 1 hit, 2 truths, 1 guess (that of the neutral text counts
// not), so F1 = 2/3. Three-way: positive 2 hits, 4 truths, 3 guesses; neutral 1,
// 2, 3; negative 1, 2, 2.
func TestTally(t *testing.T) {
	var tally labelled.Tally
	for _, s := range scores {
		tally.Add(s.truth, reputation.Score{Value: s.value, Label: s.label})
	}
	checkFigures(t, "polar", tally.Polar(), labelled.Figures{Rows: 6, Accuracy: 4.0 / 6, MacroF1: (6.0/8 + 2.0/3) / 2})
	checkFigures(t, "three-way", tally.ThreeWay(), labelled.Figures{Rows: 8, Accuracy: 4.0 / 8, MacroF1: (4.0/7 + 2.0/5 + 2.0/4) / 3})
	want := [3][3]int{{2, 2, 0}, {0, 1, 1}, {1, 0, 1}}
	for i, truth := range labelled.Labels() {
		for j, label := range labelled.Labels() {
			if got := tally.Count(truth, label); got != want[i][j] {
				t.Errorf("%d of truth %s are labelled %s, want %d", got, truth, label, want[i][j])
			}
		}
	}
}

func checkFigures(t *testing.T, what string, got, want labelled.Figures) {
	t.Helper()
	if got.Rows != want.Rows || math.Abs(got.Accuracy-want.Accuracy) > 1e-12 || math.Abs(got.MacroF1-want.MacroF1) > 1e-12 {
		t.Errorf("%s: got %+v, want %+v", what, got, want)
	}
}

func TestTallyWithoutTexts(t *testing.T) {
	var tally labelled.Tally
	checkFigures(t, "polar", tally.Polar(), labelled.Figures{})
	tally.Add(reputation.Positive, reputation.Score{Value: -1, Label: reputation.Negative})
	checkFigures(t, "polar, never right", tally.Polar(), labelled.Figures{Rows: 1})
	checkFigures(t, "three-way without neutral texts", tally.ThreeWay(), labelled.Figures{})
}

func TestAgrees(t *testing.T) {
	want := []bool{true, true, true, false, true, false, true, false}
	for i, s := range scores {
		if got := labelled.Agrees(s.truth, reputation.Score{Value: s.value, Label: s.label}); got != want[i] {
			t.Errorf("%+v: %t", s, got)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add("pos\ta\nneg\tb\tc\n\xff\n")
	f.Fuzz(func(t *testing.T, data string) {
		rows, err := labelled.Read("own.tsv", strings.NewReader(data))
		if err == nil && len(rows) == 0 || err != nil && !strings.Contains(err.Error(), "own.tsv") {
			t.Fatalf("%q: %d rows, error %v", data, len(rows), err)
		}
	})
}

func ExampleTally() {
	rows, err := labelled.Read("own.tsv", strings.NewReader("pos\t很好\nneg\t一般\n"))
	if err != nil {
		fmt.Println(err)
		return
	}
	var tally labelled.Tally
	for _, row := range rows {
		tally.Add(row.Label, reputation.Score{Value: 0.5, Label: reputation.Positive}) // what a scorer says of row.Text
	}
	fmt.Printf("%+v\n", tally.Polar())
	// Output: {Rows:2 Accuracy:0.5 MacroF1:0.3333333333333333}
}
