package brand_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"reputed/internal/brand"
	"reputed/internal/reputation"
)

// cut makes a text of words that are parted by bars, as a segmenter would. Its
// normal form differs from it in case only.
func cut(s string) reputation.Text {
	var t reputation.Text
	for _, word := range strings.Split(s, "|") {
		start := len(t.Raw)
		t.Raw += word
		t.Words = append(t.Words, reputation.Word{Start: start, End: len(t.Raw)})
	}
	t.Norm = strings.ToLower(t.Raw)
	for at, r := range t.Norm { // the bytes of a character all come from its first
		for range len(string(r)) {
			t.Map = append(t.Map, int32(at))
		}
	}
	t.Map = append(t.Map, int32(len(t.Raw)))
	return t
}

var (
	jd    = brand.Brand{Name: "京东", Aliases: []string{"京东", "JD"}}
	midea = brand.Brand{Name: "美的"}
	mi    = brand.Brand{
		Name: "小米", Aliases: []string{"小米", "小米汽车", "Xiaomi", "Mi"},
		Context: []string{"手机", "汽车"}, Exclude: []string{"小米粥", "吃小米"},
	}
)

func TestMatch(t *testing.T) {
	tests := []struct {
		name  string
		brand brand.Brand
		text  string
		want  []string
	}{
		{"a word of its own", jd, "在|京东|买|的", []string{"京东"}},
		{"not in a longer name", jd, "京东方|发布|财报", nil},
		{"in a word that names its goods", jd, "京东商城|发货", []string{"京东"}},
		{"in a word that a preposition is joined to", brand.Brand{Name: "华为"}, "对华|为|非常|失望", []string{"华为"}},
		{"in a word that a particle is joined to", brand.Brand{Name: "华为"}, "不|买|华|为了", []string{"华为"}},
		{"not in an adjective with its adverb", midea, "最美|的|风景", nil},
		{"not in an adjective after its adverb", midea, "最|美的|风景", nil},
		{"after a verb", midea, "买|美的|空调", []string{"美的"}},
		{"after a longer word", midea, "家里|美的|空调", []string{"美的"}},
		{"not across words", midea, "完美|的|生活", nil},
		{"a word at the end of the text", midea, "还是|美的", []string{"美的"}},
		{"latin in any case", jd, "从|jd|买|的", []string{"jd"}},
		{"latin not inside a word", jd, "the| |jdm| |scene", nil},
		{"not in context", mi, "今天|煮|了|小米", nil},
		{"in context", mi, "小米|的|手机|不错", []string{"小米"}},
		{"context too far away", mi, "小米|" + strings.Repeat("很|", 81) + "手机", nil},
		{"excluded in context", mi, "一边|喝|小米粥|一边|看|手机", nil},
		{"excluded across words", mi, "吃|小米|看|手机", nil},
		{"the longest alias alone", mi, "小米|汽车|来|了", []string{"小米汽车"}},
		{"latin with its capital needs no context", mi, "Xiaomi| |rocks", []string{"Xiaomi"}},
		{"latin without it does", mi, "xiaomi| |rocks", nil},
		{"digits after a long name", brand.Brand{Name: "iPhone"}, "iphone15|真|好", []string{"iphone"}},
		{"digits after a short name", mi, "Mi9|手机", nil},
		{"twice", jd, "京东|不|如|京东", []string{"京东", "京东"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m, err := brand.NewMatcher([]brand.Brand{test.brand}, &brand.Fields{}, strings.ToLower)
			if err != nil {
				t.Fatal(err)
			}
			text := cut(test.text)
			var got []string
			for _, s := range m.Match(text) {
				if s.Brand != test.brand.Name || text.Raw[s.Start:s.End] != s.Term {
					t.Errorf("span %+v does not stand for its place", s)
				}
				got = append(got, s.Term)
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

const fieldTable = "# words by field\nelectronics\t手机\t3\nelectronics\t充电\t2\nfood\t脆\t2\nfood\t小米粥\t3\nfood\t小火\t1\nlogistics-shopping\t包装\t0.5\n"

// Where no context word is near, the field of the text decides.
func TestFields(t *testing.T) {
	fields, err := brand.ReadFields(strings.NewReader(fieldTable), strings.ToLower)
	if err != nil {
		t.Fatal(err)
	}
	m, err := brand.NewMatcher([]brand.Brand{{Name: "小米", Context: []string{"手机"}}}, fields, strings.ToLower)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		text string
		want int
	}{
		{"小米|充电|很|快", 1},
		{"小米|很|脆|，|充电|时|吃", 0}, // as much of the one as of the other
		{"小米|小火|慢|熬", 0},
		{"小米|包装|很|好", 0}, // which every review says
		{"小米|充电|，|小米粥", 0},
		{"小米|真|好", 0},
	}
	for _, test := range tests {
		if got := len(m.Match(cut(test.text))); got != test.want {
			t.Errorf("%s: %d places, want %d", test.text, got, test.want)
		}
	}
}

func TestBrokenFields(t *testing.T) {
	for table, want := range map[string]string{
		"food\t脆\n":           "line 1: want field<TAB>term<TAB>weight",
		"# x\nfood\t脆\t9\n":   "line 2: want a term and a weight above 0 and up to 3",
		"food\t脆\tNaN\n":      "line 1: want a term and a weight",
		"food\t \t1\n":        "line 1: want a term and a weight",
		"food\t脆\t1\textra\n": "line 1: want field<TAB>term<TAB>weight",
	} {
		if _, err := brand.ReadFields(strings.NewReader(table), strings.ToLower); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", table, err, want)
		}
	}
}

func TestQuery(t *testing.T) {
	tests := []struct {
		query, text string
		want        int
	}{
		{"小米 OR Xiaomi", "小米|和|xiaomi", 2},
		{"小米 AND 手机", "小米|手机", 1},
		{"小米 AND 手机", "小米|粥", 0},
		{"小米 NOT 小米粥", "小米|和|小米粥", 0},
		{"小米 NEAR/1 手机", "小米|的|手机", 1},
		{"小米 NEAR/1 手机", "小米|新|的|手机", 0},
		{"小米 NEAR/1 手机", "手机|，|小米", 1},
		{"小米 NEAR 手机", "小米|的|手机", 1},
		{"(小米 OR xiaomi) NEAR/10 (手机 OR 汽车) NOT 小米粥", "小米|发布|汽车", 1},
		{"小米 OR 红米 AND 手机", "小米", 1},
		{`"mi home" AND app`, "mi| |home| |app", 1},
		{`"OR"`, "this| |or| |that", 1},
	}
	for _, test := range tests {
		m, err := brand.NewMatcher([]brand.Brand{{Name: "b", Query: test.query}}, &brand.Fields{}, strings.ToLower)
		if err != nil {
			t.Errorf("%s: %v", test.query, err)
			continue
		}
		if got := len(m.Match(cut(test.text))); got != test.want {
			t.Errorf("%s in %s: %d places, want %d", test.query, test.text, got, test.want)
		}
	}
}

func TestWrongQueries(t *testing.T) {
	tests := map[string]string{
		"":                            "ends at character 1; want a term",
		"小米 OR":                       "ends at character 6; want a term",
		"小米 手机":                       `"手机" at character 4; want AND, OR, NOT, NEAR/n or the end`,
		"(小米 OR 红米":                   `ends at character 10; want ")"`,
		"小米 NEAR/x 手机":                `"NEAR/x" at character 4; want NEAR/n with n from 0 to 1000`,
		"AND 小米":                      `"AND" at character 1; want a term`,
		"小米 AND ()":                   `")" at character 9; want a term`,
		strings.Repeat("(", 60) + "a": "more than 50 parentheses inside each other",
	}
	for query, want := range tests {
		if _, err := brand.ParseQuery(query, strings.ToLower); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", query, err, want)
		}
	}
}

func TestAliasWithoutLetters(t *testing.T) {
	_, err := brand.NewMatcher([]brand.Brand{{Name: "小米", Exclude: []string{" "}}}, &brand.Fields{}, strings.ToLower)
	if err == nil || !strings.Contains(err.Error(), "小米: exclude") {
		t.Errorf("got %v, want the brand and the list", err)
	}
}

func FuzzParseQuery(f *testing.F) {
	f.Add("(小米 OR Xiaomi) NEAR/10 (手机 OR 汽车) NOT 小米粥")
	f.Add(`"a" NOT (b`)
	text := cut("小米|手机|，|xiaomi| |a|b")
	f.Fuzz(func(t *testing.T, query string) {
		m, err := brand.NewMatcher([]brand.Brand{{Name: "b", Query: query, Aliases: []string{"a"}}}, &brand.Fields{}, strings.ToLower)
		if err != nil {
			return
		}
		for _, s := range m.Match(text) {
			if text.Raw[s.Start:s.End] != s.Term {
				t.Errorf("span %+v is not at its place", s)
			}
		}
	})
}

func BenchmarkMatch(b *testing.B) {
	m, err := brand.NewMatcher([]brand.Brand{jd, midea, mi}, &brand.Fields{}, strings.ToLower)
	if err != nil {
		b.Fatal(err)
	}
	text := cut(strings.Repeat("昨天|在|京东|买|的|小米|手机|，|发货|很|快|，|包装|也|好|。", 20))
	b.SetBytes(int64(len(text.Raw)))
	for b.Loop() {
		m.Match(text)
	}
}

func ExampleMatcher() {
	m, err := brand.NewMatcher([]brand.Brand{{Name: "京东"}}, &brand.Fields{}, strings.ToLower)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, text := range []reputation.Text{cut("京东|大促|开始"), cut("京东方|发布|财报")} {
		fmt.Println(text.Raw, m.Match(text))
	}
	// Output:
	// 京东大促开始 [{京东 京东 0 6}]
	// 京东方发布财报 []
}
