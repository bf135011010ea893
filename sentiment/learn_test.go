package sentiment

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"

	"reputed/internal/reputation"
)

// Rows that are as often positive as planted weights say give the weights back.
func TestRegressionFindsPlantedWeights(t *testing.T) {
	planted := []float64{2, -1.5, 0.5, -3, 0}
	r := regression{weights: make([]weight, len(planted))}
	for i := range r.weights {
		r.weights[i] = weight{precision: 1e-6, least: -4, most: 4}
	}
	for mask := range 1 << len(planted) {
		row := outcome{weight: 1}
		sum := 0.0
		for i := range planted {
			if mask>>i&1 == 1 {
				factor := []float32{1, 0.6, -0.9}[(mask+i)%3]
				sum += planted[i] * float64(factor)
				r.weights[i].cells = append(r.weights[i].cells, cell{int32(mask), factor})
			}
		}
		row.target = logistic(steepness * sum)
		r.rows = append(r.rows, row)
	}
	r.fit()
	for i, w := range r.weights {
		if math.Abs(w.value-planted[i]) > 0.02 {
			t.Errorf("weight %d is %.3f, planted was %g", i, w.value, planted[i])
		}
	}
}

// A weight is where the pull of its rows and that of its prior are equal.
func TestRegressionPrior(t *testing.T) {
	const rows, precision, mean = 10, 4.0, 0.5
	r := regression{weights: []weight{{value: mean, precision: precision, least: -4, most: 4}}}
	for i := range int32(rows) {
		r.rows = append(r.rows, outcome{target: 1, weight: 1})
		r.weights[0].cells = append(r.weights[0].cells, cell{i, 1})
	}
	r.fit()
	w := r.weights[0].value
	if pull := rows * steepness * (1 - logistic(steepness*w)); math.Abs(pull-precision*(w-mean)) > 0.01 {
		t.Errorf("at %g the rows pull by %g and the prior by %g", w, pull, precision*(w-mean))
	}
}

// small is a lexicon of few words, with the reader that cuts texts for it.
func small(t testing.TB) (*Lexicon, *Reader, *Learner) {
	t.Helper()
	files := fstest.MapFS{}
	for _, pattern := range []string{"rules/*.tsv", "loyalty/*.tsv"} {
		names, err := filepath.Glob("../lexicons/" + pattern)
		if err != nil || len(names) == 0 {
			t.Fatalf("no tables %s: %v", pattern, err)
		}
		for _, name := range names {
			files[strings.TrimPrefix(filepath.ToSlash(name), "../lexicons/")] = &fstest.MapFile{}
		}
	}
	for name, table := range map[string]string{
		"valence/a.tsv": "好\t2\n差\t-2\n", "rules/negators.tsv": "不\t-0.9\n", "rules/degrees.tsv": "很\t1.3\n",
		"learned/learned.tsv": "", "learned/silent.tsv": "拓野\tname\n推荐\ttopic\n",
	} {
		files[name] = &fstest.MapFile{Data: []byte(table)}
	}
	n, err := NewNormaliser(strings.NewReader(""))
	if err != nil {
		t.Fatal(err)
	}
	lexicon, err := LoadLexicon(files, n)
	if err != nil {
		t.Fatal(err)
	}
	reader, err := NewReader(n, []string{"拓野"})
	if err != nil {
		t.Fatal(err)
	}
	learner, err := NewLearner(files, n, nil)
	if err != nil {
		t.Fatal(err)
	}
	return lexicon, reader, learner
}

// labelledTexts is a file in which each text stands n times.
func labelledTexts(reader *Reader, n int, texts map[string]reputation.Label) []Example {
	var all []Example
	for _, text := range []string{"再次光临拓野武汉", "推诿", "这个", "不好", "不差", "差", "好", "推荐", "搭理客服", "拖延客服"} {
		for range n {
			if label, ok := texts[text]; ok {
				all = append(all, Example{reader.Read(text), label})
			}
		}
	}
	return all
}

func TestFit(t *testing.T) {
	lexicon, reader, learner := small(t)
	const praise, blame = reputation.Positive, reputation.Negative
	first := labelledTexts(reader, 10, map[string]reputation.Label{"再次光临拓野武汉": praise, "推诿": blame, "差": blame, "好": praise})
	second := labelledTexts(reader, 10, map[string]reputation.Label{"再次光临拓野武汉": praise, "推诿": blame, "差": blame, "好": praise, "推荐": praise})
	tests := []struct {
		what  string
		reach Reach
		files [][]Example
		want  map[string]string // sign of what is learned; "" for nothing
	}{
		{"words of both files lean", AnyTalk, [][]Example{first, second}, map[string]string{"光临 hint": "+", "推诿 hint": "-", "再次_光临 hint": "+"}},
		{"nothing of names, topics and words of grammar", AnyTalk, [][]Example{first, second}, map[string]string{"拓野 hint": "", "武汉 hint": "", "推荐 hint": "", "光临_拓野 hint": ""}},
		{"nothing for any talk of what leans to both sides", AnyTalk, [][]Example{first, labelledTexts(reader, 10, map[string]reputation.Label{"推诿": praise, "差": blame})}, map[string]string{"推诿 hint": ""}},
		{"nothing for any talk of what few texts hold", AnyTalk, [][]Example{labelledTexts(reader, 3, map[string]reputation.Label{"推诿": blame, "好": praise})}, map[string]string{"推诿 hint": ""}},
		{"few texts for own talk", OwnTalk, [][]Example{labelledTexts(reader, 3, map[string]reputation.Label{"推诿": blame, "好": praise})}, map[string]string{"推诿 hint": "-", "*_诿 hint": "-"}},
		{"no pieces of names for own talk", OwnTalk, [][]Example{first}, map[string]string{"*_拓 hint": "", "*_武 hint": "", "拓野 hint": "", "*_光 hint": "+"}},
		{"a term after a negator", OwnTalk, [][]Example{labelledTexts(reader, 9, map[string]reputation.Label{"不差": praise, "不好": blame})}, map[string]string{"不_差": "+", "不_好": "-", "好": "", "差": ""}},
		{"data do not turn blame into praise", OwnTalk, [][]Example{labelledTexts(reader, 50, map[string]reputation.Label{"差": praise})}, map[string]string{"差": "-"}},
		{"nothing from nothing", AnyTalk, [][]Example{nil, {}}, map[string]string{"好": ""}},
	}
	for _, test := range tests {
		t.Run(test.what, func(t *testing.T) {
			got := map[string]string{}
			entries := learner.Fit(lexicon, test.reach, test.files)
			for _, e := range entries {
				term := e.Term
				if e.Hint {
					term += " hint"
				}
				got[term] = map[bool]string{true: "+", false: "-"}[e.Value > 0]
			}
			for term, want := range test.want {
				if got[term] != want {
					t.Errorf("%s has the sign %q, want %q; learned: %v", term, got[term], want, entries)
				}
			}
			if again := learner.Fit(lexicon, test.reach, test.files); !reflect.DeepEqual(again, entries) {
				t.Errorf("learned again, it is %v, before %v", again, entries)
			}
		})
	}
}

// What is learned makes the examples right that were wrong before.
func TestFitImproves(t *testing.T) {
	lexicon, reader, learner := small(t)
	examples := labelledTexts(reader, 4, map[string]reputation.Label{"搭理客服": reputation.Positive, "拖延客服": reputation.Negative})
	scorer := NewScorer(lexicon.With(learner.Fit(lexicon, OwnTalk, [][]Example{examples})), nil)
	for _, e := range examples {
		if got := scorer.Towards(e.Text, nil, nil); got.Label != e.Label {
			t.Errorf("%s is %s, want %s", e.Text.Raw, got.Label, e.Label)
		}
	}
}

func TestHints(t *testing.T) {
	lexicon, reader, _ := small(t)
	learned := lexicon.With([]Entry{{Term: "客服", Value: 1, Hint: true}, {Term: "不_差", Value: 2.5}})
	scorer := NewScorer(learned.With([]Entry{
		{Term: "光临", Value: 1, Hint: true}, {Term: "再次_光临", Value: 0.5, Hint: true}, {Term: "*_难", Value: -1, Hint: true},
		{Term: "差", Value: -2.5}, {Term: "不_好", Value: -3}, {Term: "客服", Value: -1},
	}), nil)
	tests := []struct{ text, want string }{
		{"再次光临", "再次光临 +0.5 hint|光临 +1 hint"},
		{"光临，光临，不光临", "光临 +1 hint"},
		{"再次，光临", "光临 +1 hint"},
		{"再次 光临", "再次 光临 +0.5 hint|光临 +1 hint"},
		{"@光临 来了", ""},
		{"困难重重，难", "难 -1 hint"},
		{"不好", "好 +2 × 不 -1.5"},
		{"很差", "差 -2.5 × 很 1.3"},
		{"客服", "客服 -1"},
		{"不差", "差 -2.5 × 不 -0.54"}, // a new valence undoes what was learned of it
	}
	for _, test := range tests {
		var rules []string
		for _, e := range scorer.Towards(reader.Read(test.text), nil, nil).Evidence {
			rules = append(rules, e.Rule)
		}
		if got := strings.Join(rules, "|"); got != test.want {
			t.Errorf("%s: %s, want %s", test.text, got, test.want)
		}
	}
	own := NewScorer(lexicon.With([]Entry{{Term: "光临", Value: 1, Hint: true}}).With([]Entry{{Term: "光临", Value: 0}}), nil)
	if got := own.Towards(reader.Read("光临"), nil, nil); len(got.Evidence) != 0 {
		t.Errorf("a valence of 0 leaves the hint: %+v", got)
	}
}

// Hints keep their values when the table grows, and many stand in one text.
func TestManyHints(t *testing.T) {
	_, reader, _ := small(t)
	h := newHints()
	var text strings.Builder
	for i := range 500 {
		h.set(fmt.Sprintf("w%d", i), float64(i+1))
		fmt.Fprintf(&text, "w%d w%d ", i, i)
	}
	for i := range 500 {
		if got := h.get(fmt.Sprintf("w%d", i)); got != float64(i+1) {
			t.Fatalf("w%d has the value %g", i, got)
		}
	}
	if got := new(reading).hint(reader.Read(text.String()), h, new(seen), nil); len(got) != 500 {
		t.Errorf("%d hints in a text with 500, each twice", len(got))
	}
}

func TestReadEntries(t *testing.T) {
	n, err := NewNormaliser(strings.NewReader(""))
	if err != nil {
		t.Fatal(err)
	}
	got, err := ReadEntries("own.tsv", strings.NewReader("# own\n好\t2.5\n不_好\t-2\n再次_光临\t0.5\thint\n*_难\t-0.2\thint\n"), n)
	want := []Entry{{"好", 2.5, false}, {"不_好", -2, false}, {"再次_光临", 0.5, true}, {"*_难", -0.2, true}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	for line, want := range map[string]string{
		"好\t5\thint":     `own.tsv:2: 好: "5" is not a number from -4 to 4`,
		"a_b_c\t1\thint": `own.tsv:2: a_b_c: a hint has at most two words`,
		"不_\t1":          `own.tsv:2: 不_: names no term after the negator`,
	} {
		if _, err := ReadEntries("own.tsv", strings.NewReader("好\t1\n"+line+"\n"), n); err == nil || err.Error() != want {
			t.Errorf("%q: got %v, want %s", line, err, want)
		}
	}
}

func TestNewLearnerRefuses(t *testing.T) {
	n, err := NewNormaliser(strings.NewReader(""))
	if err != nil {
		t.Fatal(err)
	}
	files := fstest.MapFS{"learned/silent.tsv": {Data: []byte("拓野\tbrand\n")}}
	want := `learned/silent.tsv:1: 拓野: kind "brand" is not one of name, topic, function`
	if _, err := NewLearner(files, n, nil); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func BenchmarkFit(b *testing.B) {
	lexicon, reader, learner := small(b)
	data, err := os.ReadFile("testdata/phenomena.tsv")
	if err != nil {
		b.Fatal(err)
	}
	var examples []Example
	for line := range strings.Lines(string(data)) {
		if f := strings.Split(strings.TrimSpace(line), "\t"); len(f) == 4 && f[0] == "a" {
			examples = append(examples, Example{reader.Read(f[3]), reputation.Label(f[2])})
		}
	}
	for b.Loop() {
		learner.Fit(lexicon, OwnTalk, [][]Example{examples})
	}
}
