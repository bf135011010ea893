package sentiment_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"reputed/internal/reputation"
)

// spansOf returns where the term stands in the text, as a thing or as a brand.
func spansOf(text, term, brand string) (spans []reputation.Span) {
	for from := 0; term != ""; {
		i := strings.Index(text[from:], term)
		if i < 0 {
			break
		}
		spans = append(spans, reputation.Span{Brand: brand, Term: term, Start: from + i, End: from + i + len(term)})
		from += i + len(term)
	}
	return spans
}

// towards rates what the text says of the term, as `score --targets` does.
func towards(t *testing.T, text, term string, others ...string) reputation.Score {
	t.Helper()
	p, err := product()
	if err != nil {
		t.Fatal(err)
	}
	var spans []reputation.Span
	for _, o := range others {
		spans = append(spans, spansOf(text, o, "")...)
	}
	s := p.scorer.Towards(p.reader.Read(text), spansOf(text, term, ""), spans)
	checkScore(t, text, s)
	return s
}

// What a text says of one thing among several.
func TestTargets(t *testing.T) {
	tests := []struct{ phenomenon, text, positive, negative string }{
		{"contrast", "手机不错，但是客服太差", "手机", "客服"},
		{"one clause, two topics", "手机不错客服太差", "手机", "客服"},
		{"a topic that no table knows", "烤猪蹄很好吃，凉拌木耳太咸了", "烤猪蹄", "凉拌木耳"},
		{"enumeration", "屏幕、音质、做工都不错，就是电池不行", "屏幕 音质 做工", "电池"},
		{"joined by and", "环境和服务都很好，价格太贵", "环境 服务", "价格"},
		{"judgement before its target", "最喜欢的是红烧肉，最难吃的是青椒", "红烧肉", "青椒"},
		{"attribute", "好吃的牛腩，难吃的凉粉", "牛腩", "凉粉"},
		{"a clause that goes on", "拉面送上来的时候还是热的，很好吃", "拉面", ""},
		{"the clause before", "太难吃了，这碗拉面", "", "拉面"},
		{"a phrase that holds the target", "油耗低，胎噪大", "油耗", "胎噪"},
		{"amounts, much is good", "后备箱很大，储物格太少", "后备箱", "储物格"},
		{"amounts, much is bad", "百公里油耗有点高，重量倒是轻", "重量", "百公里油耗"},
		{"amounts denied", "机油消耗不高，像素也不高", "机油消耗", "像素"},
		{"amounts of what no table knows", "红枣糕料很足，但水果拼盘太少", "红枣糕", "水果拼盘"},
		{"lack", "音质很好，可惜没有耳机孔", "音质", "耳机孔"},
		{"lack of a bad thing", "开了一年没有异响", "异响", ""},
		{"worse than", "青榈不如拓野", "拓野", "青榈"},
		{"worse than, in an adjective", "青榈不如拓野好用", "拓野", "青榈"},
		{"better than", "青榈比拓野好用多了", "青榈", "拓野"},
		{"not as good as", "青榈没有拓野好用", "拓野", "青榈"},
		{"compared with", "和青榈相比，拓野太垃圾了", "青榈", "拓野"},
		{"traditional characters", "螢幕清晰，電池不耐用", "螢幕", "電池"},
		{"english", "Great food, rude staff", "food", "staff"},
	}
	for _, test := range tests {
		for label, targets := range map[reputation.Label]string{reputation.Positive: test.positive, reputation.Negative: test.negative} {
			for _, target := range strings.Fields(targets) {
				if got := towards(t, test.text, target); got.Label != label {
					t.Errorf("%s: %s, towards %s, is %s (%+v)", test.phenomenon, test.text, target, got.Label, got)
				}
			}
		}
	}
}

// A target of which nothing is said is neutral where another is named for it.
func TestNothingSaid(t *testing.T) {
	for _, test := range []struct{ text, target, other string }{
		{"青榈下周公布财报，拓野的客服太差了", "青榈", "拓野"},
		{"拓野真难用。青榈的总部在深圳", "青榈", "拓野"},
		{"好利来开门了", "好利来", "店"},
		{"青榈召开发布会", "青榈", ""},
	} {
		if got := towards(t, test.text, test.target, test.other); got.Label != reputation.Neutral {
			t.Errorf("%s, towards %s, is %s (%+v)", test.text, test.target, got.Label, got)
		}
	}
}

// A brand is judged by all that is said of it up to where another is named, a thing
// by what is said of it alone.
func TestBrandIsWhole(t *testing.T) {
	p, err := product()
	if err != nil {
		t.Fatal(err)
	}
	const text = "青榈的水壶外观还行。壶盖漏水，客服态度恶劣，售后推诿。拓野的很好用，质量非常好，超级喜欢。"
	read := p.reader.Read(text)
	thing := p.scorer.Towards(read, spansOf(text, "外观", ""), nil)
	if thing.Label != reputation.Positive {
		t.Errorf("the looks are rated %s (%+v)", thing.Label, thing)
	}
	for _, test := range []struct {
		own, other string
		want       reputation.Label
	}{{"青榈", "拓野", reputation.Negative}, {"拓野", "青榈", reputation.Positive}} {
		got := p.scorer.Towards(read, spansOf(text, test.own, test.own), spansOf(text, test.other, test.other))
		checkScore(t, text, got)
		if got.Label != test.want {
			t.Errorf("%s is rated %s (%+v), want %s", test.own, got.Label, got, test.want)
		}
	}
}

// The evidence says why a term hardly counts.
func TestEvidenceOfTargets(t *testing.T) {
	for _, test := range []struct{ text, target, term, why string }{
		{"手机不错，但是客服太差", "手机", "客服太差", "about something else"},
		{"青榈不如拓野", "拓野", "不如", "compared with it"},
		{"拉面送上来的时候还是热的，很好吃", "拉面", "好吃", "further on"},
	} {
		s := towards(t, test.text, test.target)
		if !slices.ContainsFunc(s.Evidence, func(e reputation.Evidence) bool {
			return e.Term == test.term && strings.Contains(e.Rule, test.why)
		}) {
			t.Errorf("%s, towards %s: %+v does not say %q of %s", test.text, test.target, s.Evidence, test.why, test.term)
		}
	}
}

// The golden sentences: half a was tuned on, half b was not.
func TestGoldenTargets(t *testing.T) {
	data, err := os.ReadFile("testdata/targets.tsv")
	if err != nil {
		t.Fatal(err)
	}
	least := map[string]float64{"a": 82, "b": 75} // per cent
	right, all := map[string]int{}, map[string]int{}
	for line := range strings.Lines(string(data)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(f) != 5 || !strings.Contains(f[4], f[2]) {
			t.Fatalf("%q: want half, label, target, others and a text that holds the target", line)
		}
		all[f[0]]++
		if got := towards(t, f[4], f[2], strings.Split(f[3], "|")...); string(got.Label) == f[1] {
			right[f[0]]++
		}
	}
	for half, want := range least {
		if got := 100 * float64(right[half]) / float64(all[half]); got < want {
			t.Errorf("half %s: %d of %d right, %.1f %%; want %g", half, right[half], all[half], got, want)
		} else {
			t.Logf("half %s: %d of %d right, %.1f %%", half, right[half], all[half], got)
		}
	}
}

func BenchmarkTowards(b *testing.B) {
	p, err := product()
	if err != nil {
		b.Fatal(err)
	}
	text, own := p.reader.Read(review), spansOf(review, "客服", "")
	b.SetBytes(int64(len(review)))
	for b.Loop() {
		p.scorer.Towards(text, own, nil)
	}
}

// Texts in which everything is a target, or nothing ends, are rated in time that
// grows with their length.
func BenchmarkTowardsHostile(b *testing.B) {
	p, err := product()
	if err != nil {
		b.Fatal(err)
	}
	for name, piece := range map[string]string{"list": "青榈、", "praise": "青榈好", "comparison": "比青榈好", "names": "青榈", "words": "好用难吃"} {
		b.Run(name, func(b *testing.B) {
			content := "青榈不错，" + strings.Repeat(piece, 20_000)
			text, own := p.reader.Read(content), spansOf(content, "青榈", "")
			b.SetBytes(int64(len(content)))
			for b.Loop() {
				p.scorer.Towards(text, own, nil)
			}
		})
	}
}
