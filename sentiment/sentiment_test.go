package sentiment_test

import (
	"fmt"
	"io/fs"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"reputed/internal/reputation"
	"reputed/sentiment"
)

// product is what the program ships, loaded once for all tests.
var product = sync.OnceValues(func() (p struct {
	normaliser *sentiment.Normaliser
	reader     *sentiment.Reader
	scorer     *sentiment.Scorer
	lexicon    *sentiment.Lexicon
}, err error,
) {
	table, err := os.Open("../lexicons/script/traditional.tsv")
	if err != nil {
		return p, err
	}
	defer table.Close()
	if p.normaliser, err = sentiment.NewNormaliser(table); err != nil {
		return p, err
	}
	if p.lexicon, err = sentiment.LoadLexicon(os.DirFS("../lexicons"), p.normaliser); err != nil {
		return p, err
	}
	p.scorer = sentiment.NewScorer(p.lexicon, nil)
	p.reader, err = sentiment.NewReader(p.normaliser, []string{"青榈"})
	return p, err
})

func score(t testing.TB, text string) reputation.Score {
	t.Helper()
	p, err := product()
	if err != nil {
		t.Fatal(err)
	}
	return p.scorer.Towards(p.reader.Read(text), nil, nil)
}

func TestNormalise(t *testing.T) {
	tests := []struct{ name, raw, want string }{
		{"full-width and case", "ＡＢＣ　Ｄef１２", "abc def12"},
		{"traditional", "這個電腦軟體很爛", "这个电脑软件很烂"},
		{"a phrase of its own", "乾淨又衛生", "干净又卫生"},
		{"repetition", "好好好好好！！！！！ 10000000", "好好好!!! 10000000"},
		{"addresses", "看 https://a.example/x?y=1 这里www.b.example。", "看 这里 。"},
		{"a word that begins like one", "whatever wwwx http", "whatever wwwx http"},
		{"invisible characters", "垃\u200b圾\ufeff\u202e", "垃圾"},
		{"invalid bytes and NUL", "a\xff\x00b\x80", "ab"},
		{"spaces and lines", "a \t b\r\n\n c", "a b \n\nc"},
		{"ligatures and circled numbers", "ﬁne ①", "fine 1"},
		{"empty", "", ""},
	}
	p, err := product()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got, _ := p.normaliser.Normalise(test.raw); got != test.want {
				t.Errorf("%q becomes %q, want %q", test.raw, got, test.want)
			}
		})
	}
}

// Each phenomenon of the language that the rules stand for.
func TestLabels(t *testing.T) {
	tests := []struct {
		phenomenon string
		label      reputation.Label
		texts      []string
	}{
		{"praise", reputation.Positive, []string{"质量很好，用着舒服", "物流超快，包装精美", "性价比高，推荐购买", "绝绝子，yyds", "服務態度非常好"}},
		{"blame", reputation.Negative, []string{"质量太差了", "等了三天还没发货，客服不理人", "踩雷了，智商税", "用了两天就坏了，垃圾", "品質很爛，氣死我了"}},
		{"negation", reputation.Negative, []string{"不好用", "一点都不满意", "没有想象中好", "不值得买", "并不推荐"}},
		{"negated blame", reputation.Positive, []string{"没有任何问题", "不会卡顿", "从不失望"}},
		{"double negation", reputation.Positive, []string{"不是不好用", "不得不说，很好用"}},
		{"contrast", reputation.Negative, []string{"外观漂亮，但是质量太差，气死了", "虽然便宜，可是太难用了"}},
		{"contrast to the good", reputation.Positive, []string{"虽然有点贵，但是质量很好，非常满意"}},
		{"summing up", reputation.Negative, []string{"前台热情，早餐丰富。总的来说，房间太差"}},
		{"a question that wants an answer", reputation.Neutral, []string{"请问这款好用吗", "有人知道好不好用？", "does anyone know if it is good"}},
		{"a question that claims", reputation.Negative, []string{"谁会喜欢这种东西？", "凭什么要我赔？"}},
		{"a question that asks for assent", reputation.Positive, []string{"这不是挺好用的吗"}},
		{"a wish for less of a fault", reputation.Negative, []string{"希望别再漏水了", "要是不漏水就好了", "希望他们改进"}},
		{"a wish for more of a merit", reputation.Negative, []string{"希望质量好一点", "要是电池耐用就好了"}},
		{"mockery by a sneer", reputation.Negative, []string{"你们回复真及时[微笑]"}},
		{"mockery beside a fault", reputation.Negative, []string{"真贴心，壶盖又坏了"}},
		{"praise of the same words", reputation.Positive, []string{"真贴心，还送了壶刷", "恭喜我买到好壶"}},
		{"comparison", reputation.Negative, []string{"不如上一代好用", "没有别家好吃", "被对手吊打", "跟竞品没法比"}},
		{"comparison to the good", reputation.Positive, []string{"比上一代好用", "吊打同价位", "不输大牌"}},
		{"a negator that denies nothing", reputation.Negative, []string{"毫无保温功能", "it doesn't heat"}},
		{"degree inside the term", reputation.Negative, []string{"油耗特别高"}},
		{"degree after the word", reputation.Positive, []string{"好吃极了"}},
		{"degree that is praise elsewhere", reputation.Negative, []string{"好难吃", "真难用"}},
		{"facts and announcements", reputation.Neutral, []string{"公司今天召开股东大会", "新款水壶容量1.5升", "明天上午十点开始"}},
		{"emoticons", reputation.Negative, []string{"[怒][怒]", "🤮"}},
		{"emoticons of praise", reputation.Positive, []string{"[赞][赞]", "👍"}},
		{"a contrast after which nothing speaks", reputation.Negative, []string{"护士很温柔，可收费处是另一个星球", "屏幕漂亮，可惜壶身在橱柜里待了一个月"}},
		{"a fault set aside by what nothing speaks of", reputation.Positive, []string{"外表难看，味道却让我坐到了天亮"}},
		{"no small reservation", reputation.Negative, []string{"香味可以，只是一用就起红疹"}},
		{"the thing at hand as the standard", reputation.Negative, []string{"路口的小店都比这家干净", "My old kettle was better than this", "隔壁家服务很贴心"}},
		{"nothing better than the thing at hand", reputation.Positive, []string{"没有比这更好吃的面", "还有比这更划算的吗？", "比别家贴心"}},
		{"never such a thing", reputation.Positive, []string{"没见过这么热情的老板", "never had such a good tea"}},
		{"never such a fault", reputation.Negative, []string{"从没吃过这么难吃的面"}},
		{"a degree in terms of the contrary", reputation.Positive, []string{"漂亮得不像话", "柔软得一塌糊涂"}},
		{"a verdict on what was done is no degree", reputation.Positive, []string{"处理得很好"}},
		{"a denial behind its term", reputation.Positive, []string{"一点异味都没有", "一分冤枉钱都没花", "半点毛病也没有"}},
		{"what there should be little of falls", reputation.Positive, []string{"银行不良率降至新低", "投诉率同比下降"}},
		{"what there should be little of rises", reputation.Negative, []string{"银行不良率攀升至新高"}},
		{"a claim", reputation.Negative, []string{"号称新鲜，其实是昨天的面包", "说是真皮，摸着像塑料"}},
		{"not even", reputation.Negative, []string{"说明书连中文都没有", "连双筷子都不给"}},
		{"a wish that it lasts", reputation.Positive, []string{"希望这家店一直开下去"}},
		{"a wish that says nothing else", reputation.Negative, []string{"要是壶嘴再长一点就好了"}},
		{"a wish for what one should expect", reputation.Negative, []string{"建议老板自己尝一口", "希望店家尊重顾客"}},
		{"a merit asked for among remedies", reputation.Negative, []string{"送的不准时"}},
		{"little money", reputation.Positive, []string{"一大碗才九块"}},
		{"thanks for a fault", reputation.Negative, []string{"喜提停水", "感谢商家让我又生气又无语"}},
		{"thanks for what was mended", reputation.Positive, []string{"感谢师傅帮忙修好漏水"}},
		{"praise beside mockery", reputation.Negative, []string{"真关心我的健康，天天让我爬楼"}},
		{"what not all do", reputation.Neutral, []string{"不是所有门店都支持退货"}},
		{"english idioms", reputation.Positive, []string{"Couldn't put this book down", "It has never let me down", "couldn't have been more helpful"}},
		{"english", reputation.Positive, []string{"I love this kettle, great quality", "not bad at all"}},
		{"english blame", reputation.Negative, []string{"terrible service, never again", "It isn't good"}},
		{"a name with a word in it", reputation.Neutral, []string{"Nokia开门了"}},
		{"nothing that speaks", reputation.Neutral, []string{"", "。。。", "12345", "https://a.example/good"}},
	}
	for _, test := range tests {
		for _, text := range test.texts {
			if got := score(t, text); got.Label != test.label {
				t.Errorf("%s: %s is %s (%.2f, %v), want %s", test.phenomenon, text, got.Label, got.Value, got.Evidence, test.label)
			}
		}
	}
}

// The score is the sum of what is shown, and what is shown stands in the text.
func TestEvidence(t *testing.T) {
	for _, text := range []string{
		"這個手機不太好用，但是客服態度非常好！！！", "Ｑｕａｌｉｔｙ is not good 😡 [怒]", "好好好好好吃极了", "",
	} {
		s := score(t, text)
		checkScore(t, text, s)
	}
	s := score(t, "客服不太好")
	if last := len(s.Evidence) - 1; last < 0 || !strings.Contains(s.Evidence[last].Rule, "不太") {
		t.Errorf("evidence %+v does not name the negator", s.Evidence)
	}
}

func TestTowards(t *testing.T) {
	p, err := product()
	if err != nil {
		t.Fatal(err)
	}
	towards := func(text, own, other string) reputation.Score {
		span := func(term string) []reputation.Span {
			at := strings.Index(text, term)
			if term == "" || at < 0 {
				return nil
			}
			return []reputation.Span{{Brand: term, Term: term, Start: at, End: at + len(term)}}
		}
		return p.scorer.Towards(p.reader.Read(text), span(own), span(other))
	}
	tests := []struct {
		text, own, other string
		want             reputation.Label
	}{
		{"手机不错，但是客服太差", "客服", "手机", reputation.Negative},
		{"青榈的水壶很好用。拓野的太差了，漏水。", "青榈", "拓野", reputation.Positive},
		{"青榈的水壶很好用。拓野的太差了，漏水。", "拓野", "青榈", reputation.Negative},
		{"好利来开门了", "好利来", "", reputation.Neutral},
	}
	for _, test := range tests {
		if got := towards(test.text, test.own, test.other); got.Label != test.want {
			t.Errorf("%s towards %s is %s (%+v), want %s", test.text, test.own, got.Label, got, test.want)
		}
	}
}

func TestLoyalty(t *testing.T) {
	tests := []struct {
		text, driver string
		signals      string
	}{
		{"客服态度恶劣，打电话没人接，我要投诉到12315", "service", "complaint"},
		{"再也不买了，拉黑", "", "churn"},
		{"快递太慢，物流信息三天没更新", "delivery", ""},
		{"这个价格太贵了，买完就降价", "price", ""},
		{"水壶爆炸了", "", "risk"},
		{"已经回购三次，推荐给朋友", "", "advocacy repurchase"},
		{"宣传说能保温十二小时，货不对板", "", "gap"},
	}
	p, err := product()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range tests {
		said := p.scorer.Loyalty(p.reader.Read(test.text))
		driver, signals := said.Driver, said.Signals
		if test.driver != "" && driver != test.driver || !strings.Contains(strings.Join(signals, " "), test.signals) {
			t.Errorf("%s: driver %q, signals %v; want %q, %q", test.text, driver, signals, test.driver, test.signals)
		}
	}
}

func TestLexiconSize(t *testing.T) {
	p, err := product()
	if err != nil {
		t.Fatal(err)
	}
	const english = 7500 // entries of VADER at most
	if size := p.lexicon.Size(); size < 4000+english {
		t.Errorf("%d entries with a valence, too few to hold 4,000 Chinese ones", size)
	}
}

func TestBrokenTables(t *testing.T) {
	tests := []struct{ file, data, want string }{
		{"valence/a.tsv", "好\t2\n坏\n", `valence/a.tsv:2: want term<TAB>value, have "坏"`},
		{"valence/a.tsv", "坏\t-5\n", `valence/a.tsv:1: 坏: "-5" is not a number from -4 to 4`},
		{"valence/a.tsv", "坏\tNaN\n", `valence/a.tsv:1: 坏: "NaN" is not a number from -4 to 4`},
		{"valence/a.tsv", "坏\xff\t-1\n", `valence/a.tsv:1: want term<TAB>value`},
		{"rules/negators.tsv", "不\t2\n", `rules/negators.tsv:1: 不: "2" is not a number from -1 to -0.1`},
		{"rules/turns.tsv", "但是\tbut\n", `rules/turns.tsv:1: 但是: kind "but" is not one of`},
		{"rules/comparisons.tsv", "比\tmore\n", `rules/comparisons.tsv:1: 比: kind "more" is not one of`},
		{"rules/questions.tsv", "吗\task\n", `rules/questions.tsv:1: 吗: kind "ask" is not one of`},
		{"rules/irony.tsv", "呵呵\tlaugh\n", `rules/irony.tsv:1: 呵呵: kind "laugh" is not one of`},
		{"rules/aspects.tsv", "空间\tbig\n", `rules/aspects.tsv:1: 空间: kind "big" is not one of more, less, plain, none`},
		{"rules/amounts.tsv", "大\t9\n", `rules/amounts.tsv:1: 大: "9" is not a number from -2 to 2`},
		{"rules/amounts.tsv", "大\t1\tall\n", `rules/amounts.tsv:1: 大: "all" is not aspect`},
		{"loyalty/drivers.tsv", "taste\t好吃\t1\n", `loyalty/drivers.tsv:1: taste: not one of`},
		{"loyalty/drivers.tsv", "quality\t好吃\n", `loyalty/drivers.tsv:1: quality: want quality<TAB>term<TAB>weight`},
		{"loyalty/drivers.tsv", "quality\t好吃\t1\nquality\t好吃\t2\n", `loyalty/drivers.tsv:2: quality: stands there twice`},
		{"loyalty/signals.tsv", "gap\t说好…\t1\n", `loyalty/signals.tsv:1: gap: want a term, or two with one ... between them`},
		{"loyalty/signals.tsv", "gap\t说好|…却\t1\n", `loyalty/signals.tsv:1: gap: nothing stands at one side of a |`},
		{"loyalty/learned.tsv", "driver\ttaste\t好吃\t1\n", `loyalty/learned.tsv:1: driver: taste is not the name of a driver`},
		{"loyalty/learned.tsv", "signal\trisk\t爆炸\t1\n", `loyalty/learned.tsv:1: signal: risk is not the name of a signal`},
		{"loyalty/learned.tsv", "mood\tquality\t好吃\t1\n", `loyalty/learned.tsv:1: mood: want one of [driver stage signal], name, word and weight`},
		{"loyalty/risk.tsv", "爆炸\t9\n", `loyalty/risk.tsv:1: 爆炸: "9" is not a number from 0 to 3`},
	}
	p, err := product()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sentiment.LoadLexicon(smallLexicon(t), p.normaliser); err != nil {
		t.Fatal(err)
	}
	for _, test := range tests {
		files := smallLexicon(t)
		files[test.file] = &fstest.MapFile{Data: []byte(test.data)}
		if _, err := sentiment.LoadLexicon(files, p.normaliser); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s with %q: got %v, want %s", test.file, test.data, err, test.want)
		}
	}
	files := smallLexicon(t)
	delete(files, "rules/turns.tsv")
	if _, err := sentiment.LoadLexicon(files, p.normaliser); err == nil || !strings.Contains(err.Error(), "rules/turns.tsv") {
		t.Errorf("a missing table: got %v", err)
	}
}

// No term stands in two tables: the later would silently win.
func TestTermsStandOnce(t *testing.T) {
	files := os.DirFS("../lexicons")
	tables, err := fs.Glob(files, "valence/*.tsv")
	if err != nil || len(tables) == 0 {
		t.Fatal("no tables:", err)
	}
	at := map[string]string{}
	for _, table := range tables {
		data, err := fs.ReadFile(files, table)
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(string(data), "\n") {
			term, _, ok := strings.Cut(line, "\t")
			if !ok {
				continue
			}
			if first := at[term]; first != "" {
				t.Errorf("%s:%d: %s stands in %s too", table, i+1, term, first)
			}
			at[term] = fmt.Sprintf("%s:%d", table, i+1)
		}
	}
}

const review = "这款水壶外观挺漂亮的，但是用了一个月壶盖就松了，烧水声音也大。客服态度不错，答应换货，就是快递有点慢，等了五天。"

func BenchmarkNormalise(b *testing.B) {
	p, err := product()
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(review)))
	for b.Loop() {
		p.normaliser.Normalise(review)
	}
}

func BenchmarkRead(b *testing.B) {
	p, err := product()
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(review)))
	for b.Loop() {
		p.reader.Read(review)
	}
}

func BenchmarkScore(b *testing.B) {
	p, err := product()
	if err != nil {
		b.Fatal(err)
	}
	text := p.reader.Read(review)
	b.SetBytes(int64(len(review)))
	for b.Loop() {
		p.scorer.Towards(text, nil, nil)
	}
}

func BenchmarkLoyalty(b *testing.B) {
	p, err := product()
	if err != nil {
		b.Fatal(err)
	}
	text := p.reader.Read(review)
	b.SetBytes(int64(len(review)))
	for b.Loop() {
		p.scorer.Loyalty(text)
	}
}

func ExampleScorer() {
	p, err := product()
	if err != nil {
		fmt.Println(err)
		return
	}
	s := p.scorer.Towards(p.reader.Read("手机不错，但是客服太差"), nil, nil)
	fmt.Println(s.Label)
	for _, e := range s.Evidence {
		fmt.Printf("%s %+.2f (%s)\n", e.Term, e.Weight, e.Rule)
	}
	// Output:
	// negative
	// 不错 +0.42 (不错 +2.8 × before 但是 0.6)
	// 客服太差 -0.65 (客服太差 -2 × after 但是 1.3)
}
