package sentiment_test

import (
	"os"
	"strings"
	"testing"

	"reputed/internal/reputation"
	"reputed/sentiment"
)

func readEntries(t *testing.T, table string) []sentiment.Entry {
	t.Helper()
	p, err := product()
	if err != nil {
		t.Fatal(err)
	}
	entries, err := sentiment.ReadEntries("words.tsv", strings.NewReader(table), p.normaliser)
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

func TestReadEntries(t *testing.T) {
	entries := readEntries(t, "\ufeff# our words\n\n絕絕紫\t3\r\nYYDS\t 2.5\n翻车\t-3\tseen in June\n翻车\t0\n#1品牌\t1")
	want := []sentiment.Entry{{Term: "绝绝紫", Value: 3}, {Term: "yyds", Value: 2.5}, {Term: "翻车", Value: -3}, {Term: "翻车"}, {Term: "#1品牌", Value: 1}}
	if len(entries) != len(want) {
		t.Fatalf("%d entries %v, want %d", len(entries), entries, len(want))
	}
	for i, e := range entries {
		if e != want[i] {
			t.Errorf("entry %d is %+v, want %+v", i, e, want[i])
		}
	}
}

func TestReadEntriesNamesEachWrongLine(t *testing.T) {
	p, err := product()
	if err != nil {
		t.Fatal(err)
	}
	table := "好用\t2\n难用 -2\n绝绝紫\t三\n翻车\t-5\n真香\tNaN\n\t1\n\xd5\xe6\t1\n"
	_, err = sentiment.ReadEntries("words.tsv", strings.NewReader(table), p.normaliser)
	if err == nil {
		t.Fatal("accepted")
	}
	lines := strings.Split(err.Error(), "\n")
	for i, want := range []string{
		`words.tsv:2: want term<TAB>value, have "难用 -2"`,
		`words.tsv:3: 绝绝紫: "三" is not a number from -4 to 4`,
		`words.tsv:4: 翻车: "-5" is not a number from -4 to 4`,
		`words.tsv:5: 真香: "NaN" is not a number from -4 to 4`,
		`words.tsv:6: want term<TAB>value`,
		`words.tsv:7: want term<TAB>value`,
	} {
		if i >= len(lines) || !strings.HasPrefix(lines[i], want) {
			t.Errorf("line %d of the error wants %s; all of it:\n%v", i+1, want, err)
		}
	}
}

// A brand's word counts for that brand alone, in one text with another brand too;
// also where the text is all about it and does not name it; an entry of 0 takes a
// word away; the lexicon that the entries are laid over
// stays as it was.
func TestOwnWords(t *testing.T) {
	p, err := product()
	if err != nil {
		t.Fatal(err)
	}
	reader, err := sentiment.NewReader(p.normaliser, nil)
	if err != nil {
		t.Fatal(err)
	}
	entries := readEntries(t, "绝绝橙\t3\n客服很好\t-2\n难看\t0\n")
	for _, e := range entries {
		reader.Teach([]string{e.Term})
	}
	own := sentiment.NewScorer(p.lexicon, map[string]*sentiment.Lexicon{"青榈": p.lexicon.With(entries)})
	for _, test := range []struct{ text, brand, want string }{
		{"青榈的水壶绝绝橙啊", "青榈", "positive"},
		{"青榈的水壶绝绝橙啊", "拓野", "neutral"},
		{"青榈的颜色绝绝橙色", "青榈", "positive"}, // 橙色 is a word of the dictionary
		{"青榈家客服很好", "青榈", "negative"},
		{"青榈家客服很好", "拓野", "positive"},
		{"青榈客服很好，推荐", "拓野", "positive"},
		{"青榈难看", "青榈", "neutral"},
		{"青榈难看", "拓野", "negative"},
		{"快递一般，用了两个月，绝绝橙", "青榈", "positive"}, // all of it is about the brand
	} {
		text := reader.Read(test.text)
		span := []reputation.Span{{Brand: test.brand}}
		if at := strings.Index(test.text, "青榈"); at >= 0 {
			span = []reputation.Span{{Brand: test.brand, Term: "青榈", Start: at, End: at + len("青榈")}}
		}
		if got := own.Towards(text, span, nil); string(got.Label) != test.want {
			t.Errorf("%s for %s is %s (%v), want %s", test.text, test.brand, got.Label, got.Evidence, test.want)
		}
	}

	fresh, err := sentiment.LoadLexicon(os.DirFS("../lexicons"), p.normaliser)
	if err != nil {
		t.Fatal(err)
	}
	if p.lexicon.Size() != fresh.Size() {
		t.Errorf("the lexicon has %d terms after entries were laid over it, want %d", p.lexicon.Size(), fresh.Size())
	}
}

// New words are found wherever they stand in a text; phrases are left in their
// words, and a name that was taught before stays a word of its own.
func TestTeach(t *testing.T) {
	p, err := product()
	if err != nil {
		t.Fatal(err)
	}
	reader, err := sentiment.NewReader(p.normaliser, []string{"青榈"})
	if err != nil {
		t.Fatal(err)
	}
	reader.Teach([]string{"绝绝橙", "卡顿", "苹果税", "青榈税", "好", "", "yyds", "a绝绝"})
	for text, want := range map[string]string{
		"手机有点卡顿":    "手机|有点|卡顿",
		"苹果税很高":     "苹果|税|很|高",
		"又收青榈税":     "又|收|青榈|税",
		"yyds绝绝橙！":  "yyds|绝绝橙|!",
		"颜色绝绝橙色也好看": "颜色|绝绝橙|色|也好|看",
	} {
		read := reader.Read(text)
		var words []string
		for _, w := range read.Words {
			words = append(words, read.Norm[w.Start:w.End])
		}
		if got := strings.Join(words, "|"); got != want {
			t.Errorf("%s is cut into %s, want %s", text, got, want)
		}
	}
}
