package sentiment_test

import (
	"fmt"
	"io/fs"
	"maps"
	"math"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf8"

	"reputed/internal/reputation"
	"reputed/sentiment"
)

// badInput is what scraped pages and broken exports bring along. Nothing in it
// speaks for or against anything.
var badInput = []struct{ name, text string }{
	{"an empty line", ""},
	{"spaces", " \t　\u00a0\r"},
	{"line breaks", "\n\n\r\n"},
	{"only punctuation", "，。！？……——（）《》\"'@#%&*~|/\\"},
	{"only digits", "2026 10.5 １２３ ①"},
	{"only emoji", "🪑📎🧾"},
	{"an emoji sequence", "👩\u200d🔧🏳️\u200d⚧️🇨🇳"},
	{"direction marks", "\u200f\u200e\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u061c"},
	{"a right-to-left script", "\u202bשלום עולם\u202c مرحبا"},
	{"NUL bytes", "\x00\x00明天\x00开门\x00"},
	{"control characters", "\x01\x07\x08\x1b[31m\x7f\u0085"},
	{"invalid UTF-8", "\xff\xfe\x80明\xe6\x98天\xf0\x9f\x98"},
	{"overlong and surrogate bytes", "\xc0\xaf\xed\xa0\x80\xf4\x90\x80\x80"},
	{"noncharacters and private use", "\uffff\ufdd0\ue000\U0010ffff"},
	{"marks without letters", "\u0301\u0301\u0344\u20e3\ufe0f"},
	{"an address alone", "https://a.example/good?x=1"},
	{"names alone", "@小王 @小李："},
	{"brackets that do not close", "[[[[]"},
	{"a carriage return at the end", "明天开门\r"},
}

// megabyte repeats a piece up to 1 MB.
func megabyte(piece string) string { return strings.Repeat(piece, 1<<20/len(piece)) }

// Whatever comes is rated; where nothing speaks the score is 0 and neutral.
func TestBadInput(t *testing.T) {
	p, err := product()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range badInput {
		t.Run(test.name, func(t *testing.T) {
			read := p.reader.Read(test.text)
			checkRead(t, read)
			for _, own := range [][]reputation.Span{nil, {{Start: 0, End: len(test.text)}}} {
				if s := p.scorer.Towards(read, own, own); s.Value != 0 || s.Label != reputation.Neutral || len(s.Evidence) != 0 {
					t.Errorf("%q is rated %+v, want 0 and neutral", test.text, s)
				}
			}
			p.scorer.Loyalty(read)
		})
	}
}

// A line of 1 MB is read and rated in one go, whatever it consists of.
func TestLongLines(t *testing.T) {
	tests := []struct {
		name, piece string
		speaks      bool
	}{
		{"one character", "中", false},
		{"spaces", " ", false},
		{"marks on a letter", "\u0301", false},
		{"a word that does not end", "qz", false},
		{"digits", "7", false},
		{"invalid bytes", "\xff", false},
		{"NUL bytes", "\x00", false},
		{"commas", ",，", false},
		{"one address", "http://", false},
		{"negators", "不没", false},
		{"opening brackets", "[(", false},
		{"praise", "质量很好，", true},
		{"praise without a pause", "很好吃", true},
		{"turns without a full stop", "好，但是差，", true},
	}
	p, err := product()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			text := megabyte(test.piece)
			read := p.reader.Read(text)
			checkRead(t, read)
			s := p.scorer.Towards(read, nil, nil)
			checkScore(t, text, s)
			if !test.speaks && (s.Value != 0 || s.Label != reputation.Neutral) {
				t.Errorf("the score is %g, %s, want 0 and neutral", s.Value, s.Label)
			}
			if test.speaks && len(s.Evidence) == 0 {
				t.Error("no evidence")
			}
			p.scorer.Loyalty(read)
		})
	}
}

// checkRead demands that the words tile the normal form, and that every piece of
// it stands for whole characters of the text.
func checkRead(t *testing.T, read reputation.Text) {
	t.Helper()
	raw, norm := read.Raw, read.Norm
	if !utf8.ValidString(norm) || len(read.Map) != len(norm)+1 || int(read.Map[len(norm)]) != len(raw) {
		t.Fatalf("%.200q: %d offsets for %.200q of %d bytes", raw, len(read.Map), norm, len(norm))
	}
	for i, at := range read.Map {
		if int(at) > len(raw) || i > 0 && at < read.Map[i-1] || i == 0 && at < 0 {
			t.Fatalf("%.200q: offset %d of %.200q is %d", raw, i, norm, at)
		}
	}
	valid, end := utf8.ValidString(raw), 0
	for _, w := range read.Words {
		if w.Start != end || w.End <= w.Start || w.End > len(norm) || !utf8.RuneStart(norm[w.Start]) {
			t.Fatalf("%.200q: word %+v does not follow byte %d", raw, w, end)
		}
		end = w.End
		if start, end := read.Original(w.Start, w.End); start < 0 || end > len(raw) || start > end || valid && !utf8.ValidString(raw[start:end]) {
			t.Fatalf("%.200q: word %+v stands for bytes %d to %d", raw, w, start, end)
		}
	}
	if end != len(norm) {
		t.Fatalf("%.200q: the words end at %d of %d", raw, end, len(norm))
	}
}

// checkScore demands that the evidence stands in the text, in order, and sums to
// the value, and that the label is that of the value.
func checkScore(t *testing.T, text string, s reputation.Score) {
	t.Helper()
	valid, sum, last := utf8.ValidString(text), 0.0, 0
	for _, e := range s.Evidence {
		sum += e.Weight
		if e.Start < last || e.End > len(text) || e.Start >= e.End || text[e.Start:e.End] != e.Term {
			t.Errorf("%.200q: %+v is not at its place", text, e)
		}
		if valid && !utf8.ValidString(e.Term) {
			t.Errorf("%.200q: %+v cuts a character", text, e)
		}
		if math.IsInf(e.Weight, 0) || math.IsNaN(e.Weight) || e.Rule == "" {
			t.Errorf("%.200q: %+v has no weight or no rule", text, e)
		}
		last = e.Start
	}
	if math.Abs(sum-s.Value) > 1e-9 || math.IsNaN(s.Value) || math.Abs(s.Value) > 1 {
		t.Errorf("%.200q: the weights sum to %g, the score is %g", text, sum, s.Value)
	}
	switch s.Label {
	case reputation.Neutral:
	case reputation.Positive, reputation.Negative:
		if (s.Label == reputation.Positive) != (s.Value > 0) {
			t.Errorf("%.200q: %g is %s", text, s.Value, s.Label)
		}
	default:
		t.Errorf("%.200q: label %q", text, s.Label)
	}
}

// addSeeds adds texts of every kind. Those of 1 MB are left to TestLongLines: to
// vary them would take all the time.
func addSeeds(f *testing.F, add func(text string)) {
	f.Helper()
	for _, bad := range badInput {
		add(bad.text)
	}
	for _, text := range []string{
		strings.Repeat("很好吃，但是差", 200),
		"這個手機ＡＢＣ http://a.b 👍🏻\xff",
		"\u0344\u1100\u1161e\u0301\u0301\u0301ﷺ",
		"不好吃极了，但是[怒]。虽然@a b：不是不 good? 如果好就好",
		"\x00\u202e😀", "好" + strings.Repeat("不", 50) + "好",
		"小米不如华为，客服太差！！！再也不买了，投诉12315",
		"I don't love it, but it isn't THAT bad :( www.b.example",
	} {
		add(text)
	}
}

func FuzzNormalise(f *testing.F) {
	addSeeds(f, func(text string) { f.Add(text) })
	p, err := product()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		norm, offsets := p.normaliser.Normalise(raw)
		if len(offsets) != len(norm)+1 || !utf8.ValidString(norm) {
			t.Fatalf("%q: %d offsets for %q", raw, len(offsets), norm)
		}
		valid := utf8.ValidString(raw)
		for i, at := range offsets {
			if int(at) > len(raw) || i > 0 && at < offsets[i-1] || valid && int(at) < len(raw) && !utf8.RuneStart(raw[at]) {
				t.Fatalf("%q: offset %d of %q is %d", raw, i, norm, at)
			}
		}
	})
}

func FuzzRead(f *testing.F) {
	addSeeds(f, func(text string) { f.Add(text) })
	p, err := product()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, raw string) { checkRead(t, p.reader.Read(raw)) })
}

// FuzzScore rates towards the places of a target and beside those of another.
func FuzzScore(f *testing.F) {
	addSeeds(f, func(text string) {
		f.Add(text, "", "")
		f.Add(text, "客服", "小米")
	})
	f.Add("好好好", "好", "好好")
	p, err := product()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text, own, other string) {
		read := p.reader.Read(text)
		checkScore(t, text, p.scorer.Towards(read, nil, nil))
		mine := places(text, own)
		checkScore(t, text, p.scorer.Towards(read, mine, places(text, other)))
		for i := range mine {
			mine[i].Brand = own
		}
		checkScore(t, text, p.scorer.Towards(read, mine, places(text, other)))
		checkPlaces(t, text, p.scorer.Loyalty(read).Evidence)
	})
}

// places are up to a hundred places where the target stands in the text.
func places(text, target string) []reputation.Span {
	var spans []reputation.Span
	for from := 0; target != "" && len(spans) < 100; {
		i := strings.Index(text[from:], target)
		if i < 0 {
			break
		}
		spans = append(spans, reputation.Span{Term: target, Start: from + i, End: from + i + len(target)})
		from += i + len(target)
	}
	return spans
}

// smallLexicon is a folder with the tables of the product, cut to a line each, and
// one valence.
func smallLexicon(t testing.TB) fstest.MapFS {
	t.Helper()
	shipped := os.DirFS("../lexicons")
	files := fstest.MapFS{"valence/a.tsv": {Data: []byte("好\t2\n")}}
	for _, pattern := range []string{"rules/*.tsv", "loyalty/*.tsv", "learned/learned.tsv"} {
		names, err := fs.Glob(shipped, pattern)
		if err != nil || len(names) == 0 {
			t.Fatalf("no tables %s: %v", pattern, err)
		}
		for _, name := range names {
			data, err := fs.ReadFile(shipped, name)
			if err != nil {
				t.Fatal(err)
			}
			first := regexp.MustCompile(`(?m)^[^#\n].*\n`).Find(data)
			files[name] = &fstest.MapFile{Data: first}
		}
	}
	return files
}

// FuzzLexicon puts any bytes into each table in turn: it is read, and then rates
// as any other, or every line of the error tells file and line.
func FuzzLexicon(f *testing.F) {
	small := smallLexicon(f)
	names := slices.Sorted(maps.Keys(small))
	for i, text := range []string{
		"", "好\t2\n坏\t-2\n", "# comment\n#\n\n", "好\t2", "好\t2\r\n", "\ufeff好\t2\n", "好\n", "\t\t\t\n", "好\tNaN\n", "好\tInf\t1\n", "好\t1e400\n", "坏\xff\t-1\n", "\x00\t1\n",
		"但是\tcontrast\n", "quality\t好吃\t1\n", "taste\t好吃\t1\n", "churn\t\u200b\t1\n", "极了\t1.5\tafter\n", "不\t-0.9\n", " \t2\n", "，\t2\n", "a b\t2\n", megabyte("好\t9\n")[:1<<10],
	} {
		f.Add(uint8(i), []byte(text))
		f.Add(uint8(slices.Index(names, "valence/a.tsv")), []byte(text))
	}
	p, err := product()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, table uint8, data []byte) {
		name := names[int(table)%len(names)]
		files := maps.Clone(small)
		files[name] = &fstest.MapFile{Data: data}
		l, err := sentiment.LoadLexicon(files, p.normaliser)
		if err != nil {
			place := regexp.MustCompile(fmt.Sprintf(`^%s:\d+: `, regexp.QuoteMeta(name)))
			for line := range strings.SplitSeq(err.Error(), "\n") {
				if !place.MatchString(line) {
					t.Fatalf("%s with %q: %q does not begin with file and line", name, data, line)
				}
			}
			return
		}
		text := "不很好，但是" + strings.ToValidUTF8(string(data), "") + "质量不" + string(data) + "？"
		s := sentiment.NewScorer(l, nil)
		read := p.reader.Read(text)
		checkScore(t, text, s.Towards(read, nil, nil))
		checkScore(t, text, s.Towards(read, places(text, "质量"), nil))
		checkPlaces(t, text, s.Loyalty(read).Evidence)
	})
}
