package sentiment_test

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"reputed/internal/reputation"
)

// agreement counts how often the reading of golden sentences is the labelled one.
type agreement struct {
	rows, driver, stage, signals int // signals: the set is exactly the labelled one
	hits, raised, wanted         int // single signals
}

func (a *agreement) count(said reputation.Loyalty, driver, stage string, signals []string) {
	a.rows++
	if said.Driver == driver {
		a.driver++
	}
	if said.Stage == stage {
		a.stage++
	}
	hits := 0
	for _, s := range said.Signals {
		if slices.Contains(signals, s) {
			hits++
		}
	}
	a.hits += hits
	a.raised += len(said.Signals)
	a.wanted += len(signals)
	if hits == len(signals) && hits == len(said.Signals) {
		a.signals++
	}
}

// share is a count over the rows, in per cent.
func (a *agreement) share(n int) float64 { return 100 * float64(n) / float64(a.rows) }

// f1 is the micro-averaged F1 of the signals, in per cent.
func (a *agreement) f1() float64 { return 200 * float64(a.hits) / float64(a.raised+a.wanted) }

// The tables were written with part a in view, and how leanings are learned was chosen
// by part b, so only part c, of a writer who had seen neither, tells how the reading
// does on sentences that it was not made for.
func TestLoyaltyGoldenSet(t *testing.T) {
	p, err := product()
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile("testdata/loyalty.tsv")
	if err != nil {
		t.Fatal(err)
	}
	parts := map[string]*agreement{"a": {}, "b": {}, "c": {}}
	for line := range strings.Lines(string(data)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		for i, field := range f {
			if field == "-" {
				f[i] = ""
			}
		}
		signals := strings.FieldsFunc(f[3], func(r rune) bool { return r == ',' })
		parts[f[0]].count(p.scorer.Loyalty(p.reader.Read(f[4])), f[1], f[2], signals)
	}
	floors := map[string]struct{ driver, stage, f1 float64 }{"a": {92, 86, 96}, "b": {79, 74, 83}, "c": {84, 78, 79}}
	for _, name := range slices.Sorted(maps.Keys(floors)) {
		least := floors[name]
		part := parts[name]
		driver, stage := part.share(part.driver), part.share(part.stage)
		t.Logf("part %s, %d rows: driver %.1f %%, stage %.1f %%, signals exact %.1f %%, micro-F1 %.1f %%",
			name, part.rows, driver, stage, part.share(part.signals), part.f1())
		if driver < least.driver || stage < least.stage || part.f1() < least.f1 {
			t.Errorf("part %s is below %+v", name, least)
		}
	}
}

// What decides whether a PR team is told, and told the right thing.
func TestSignals(t *testing.T) {
	tests := []struct {
		why     string
		signals string
		texts   []string
	}{
		{"grave words alert", "risk", []string{"水壶突然起火", "充电宝爆炸了", "店里三人食物中毒送医", "用户数据泄露", "厂家宣布召回", "The kettle caught fire", "這不是歧視是什麼"}},
		{"denied, supposed and asked ones do not", "", []string{
			"没有起火", "从未起火", "不会爆炸", "如果电池爆炸怎么办", "会起火吗", "是不是有毒？", "No explosion so far",
		}},
		{"nor do idioms", "", []string{"颜值爆炸", "好吃到爆炸", "气死人了", "笑死", "这歌有毒，中毒了", "吃起火锅来", "一起火了", "I recall that it was blue"}},
		{"nor one early sign", "", []string{"有点过敏", "牛奶过期了，牛奶过期了"}},
		{"several early signs do", "risk", []string{"全脸过敏，还呕吐"}},
		{"a denied recommendation is none", "", []string{"并没有推荐给别人", "绝不推荐", "会推荐吗", "I would not recommend it"}},
		{"a recommendation", "advocacy", []string{"推荐给大家", "强烈推薦", "安利一下", "I would recommend it to anyone"}},
		{"a customer who never complains", "", []string{"从不投诉", "没有投诉"}},
		{"a recommendation of what is denied is none", "", []string{"想要网速快的千万别去这家", "想住得安静的不要来这家"}},
		{"told to somebody who can act", "complaint", []string{"我把录音交给了报社", "合同和转账记录已经递到住建局", "材料寄給金管會了", "We sent the footage to the regulator"}},
		{"leaving for somebody else", "churn", []string{"外卖软件删了，改下楼吃", "前檯愛理不理，聚餐都改訂對面那家", "年费退掉，不玩了", "Their checkout failed again, so their competitor got the order"}},
		{"many who leave together", "boycott", []string{"驴友们都绕开，别给它送钱", "各位先别预订，让它自己降", "Parents, stop giving this brand your money."}},
		{"what came was not what was told", "gap", []string{"讲好两小时送药，烧都退了药才来", "標榜一小時到貨，結果從中午等到天黑", "页面显示现货秒发，付完款改成预售三十天"}},
		{"dangers told in other words", "risk", []string{"老人没救回来", "三人送ICU", "几万条手机号挂在暗网上", "A passenger collapsed into a coma"}},
		{"words that only look dangerous", "", []string{"开盒验货，很新鲜", "跟长辈吵得我想撞墙"}},
		{"nearly complaining or leaving", "", []string{"差点投诉，后来发现是自己没领券", "差点卸载，新版又好了", "投诉按钮比付款按钮还大"}},
		{"a complaint", "complaint", []string{"打了12315", "已经向消协投诉", "We filed a complaint with the FTC"}},
		{"leaving", "churn", []string{"不会再买", "再也不来了", "果断卸载", "I cancelled and deleted my account"}},
		{"words that only begin like leaving", "", []string{"再也不用担心没电", "不会再疼了", "没有卸载"}},
		{"a promise and what came, a few words apart", "gap", []string{"说好今天送到却没来", "宣传说能用三天，结果半天就没电", "没有想象中那么好"}},
		{"but not in two sentences", "", []string{"宣传做得很多。结果今天公布"}},
		{"what was as promised", "", []string{"和宣传的一样", "没有货不对板", "works as advertised"}},
		{"buying again", "repurchase", []string{"又买了一台", "第三次买了", "一直用它"}},
		{"a share buy-back is no purchase", "", []string{"公司拟回购股份"}},
		{"a call to others", "boycott", []string{"大家千万别买", "一起抵制", "谁买谁后悔"}},
		{"what resists temptation does not call", "", []string{"抵制不住诱惑"}},
		{"standing up for the brand", "defence", []string{"别带节奏了", "冤枉他们了"}},
		{"a name says nothing", "", []string{"@强烈推荐君 你好"}},
	}
	p, err := product()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range tests {
		for _, text := range test.texts {
			said := p.scorer.Loyalty(p.reader.Read(text))
			if got := strings.Join(said.Signals, ","); got != test.signals {
				t.Errorf("%s: %s has the signals %q, want %q: %+v", test.why, text, got, test.signals, said.Evidence)
			}
		}
	}
}

// Whatever is named has a reason that is shown, and what is shown stands in the
// text.
func TestLoyaltyEvidence(t *testing.T) {
	p, err := product()
	if err != nil {
		t.Fatal(err)
	}
	const text = "這家的客服態度很差，充電寶還起火了！再也不買！"
	said := p.scorer.Loyalty(p.reader.Read(text))
	if said.Driver != "service" || said.Stage != "relationship" || !slices.Equal(said.Signals, []string{"churn", "risk"}) {
		t.Errorf("read %+v", said)
	}
	checkPlaces(t, text, said.Evidence)
	var got []string
	for _, e := range said.Evidence {
		got = append(got, e.Term+" "+e.Rule)
	}
	for _, want := range []string{
		"客服 driver service +3", "客服 stage relationship +2 by service", "起火 severity of risk +3", "再也不買 signal churn +3",
	} {
		if !slices.Contains(got, want) {
			t.Errorf("the evidence lacks %q: %q", want, got)
		}
	}

	if none := p.scorer.Loyalty(p.reader.Read("今天天气")); none.Driver != "" || none.Stage != "" || none.Signals != nil || none.Evidence != nil {
		t.Errorf("nothing speaks, yet it read %+v", none)
	}
}

func checkPlaces(t *testing.T, text string, evidence []reputation.Evidence) {
	t.Helper()
	for i, e := range evidence {
		if e.Start < 0 || e.End > len(text) || e.Start >= e.End || text[e.Start:e.End] != e.Term || e.Weight <= 0 || e.Rule == "" {
			t.Errorf("%q: %+v is not at its place", text, e)
		}
		if utf8.ValidString(text) && !utf8.ValidString(e.Term) {
			t.Errorf("%q: %+v cuts a character", text, e)
		}
		if i > 0 && e.Start < evidence[i-1].Start {
			t.Errorf("%q: %+v is out of order", text, e)
		}
	}
}
