package store_test

import (
	"bufio"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"

	"reputed/internal/reputation"
	"reputed/lexicons"
	"reputed/sentiment"
)

// pair is two texts and whether they tell the same story as copies of each other.
type pair struct {
	class string
	a, b  piece
	same  bool
}

// piece is an item's title and text.
type piece struct{ title, text string }

// halves returns the pairs that the comparison was tuned on and those that it is
// judged by. No story stands in both.
func halves(t testing.TB) (tuning, judged []pair) {
	t.Helper()
	split := func(i int, pairs []pair) {
		if i%2 == 0 {
			tuning = append(tuning, pairs...)
		} else {
			judged = append(judged, pairs...)
		}
	}
	stories := blocks(t, "testdata/stories.txt")
	for i, s := range stories {
		split(i, storyPairs(t, i, s, stories[(i+2)%len(stories)]))
	}
	for i, block := range blocks(t, "testdata/posts.txt") {
		split(i, postPairs(block))
	}
	for i, form := range blocks(t, "testdata/forms.txt") {
		notice := func(choice int) piece { return piece{"", fillSlots(form[0], all(choice))} }
		split(i, []pair{
			{"notices in one form", notice(0), notice(1), false},
			{"notices in one form", notice(0), notice(2), false},
			{"notice, on another site", notice(0), piece{"", turn(chineseTop, i) + "\n" + notice(0).text + "\n" + turn(chineseBottom, i)}, true},
		})
	}
	return tuning, judged
}

// blocks reads the paragraphs of a file, each as its lines.
func blocks(t testing.TB, path string) (all [][]string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for paragraph := range strings.SplitSeq(string(text), "\n\n") {
		if lines := strings.Split(strings.TrimSpace(paragraph), "\n"); !strings.HasPrefix(lines[0], "#") {
			all = append(all, lines)
		}
	}
	return all
}

var slot = regexp.MustCompile(`\{[^{}]*\}`)

// fill writes the n-th slot of a text, {a|b|c}, as the choice that which tells.
func fillSlots(text string, which func(n int) int) string {
	n := -1
	return slot.ReplaceAllStringFunc(text, func(s string) string {
		n++
		return strings.Split(s[1:len(s)-1], "|")[which(n)]
	})
}

// all takes the same choice in every slot.
func all(choice int) func(int) int { return func(int) int { return choice } }

// where takes the second choice in the slots that are chosen, and the first elsewhere.
func where(chosen func(n int) bool) func(int) int {
	return func(n int) int {
		if chosen(n) {
			return 1
		}
		return 0
	}
}

func turn[T any](list []T, i int) T { return list[i%len(list)] }

// storyPairs makes the pairs of one story; next is another one of the same half.
func storyPairs(t testing.TB, i int, s, next []string) []pair {
	t.Helper()
	text := fillSlots(s[2], all(0))
	story := piece{s[0], text}
	repost, about, top, bottom := chineseReposts, chineseAbout, chineseTop, chineseBottom
	more := "……[查看全文]"
	english := s[0][0] < 0x80
	if english {
		repost, about, top, bottom, more = englishReposts, englishAbout, englishTop, englishBottom, "... [read more]"
	}
	runes := []rune(text)
	cut := string(runes[:len(runes)*(40+i*7%35)/100])
	slots := len(slot.FindAllString(s[2], -1))
	pairs := []pair{
		{"repost, words before", story, piece{"", turn(repost, i) + s[0] + " " + text}, true},
		{"repost, words after", story, piece{"", text + turn(about, i)}, true},
		{"edited headline", story, piece{s[1], text}, true},
		{"syndicated with boilerplate", story, piece{s[1], turn(top, i) + "\n" + text + "\n" + turn(bottom, i)}, true},
		{"truncated", story, piece{s[0], cut + more}, true},
		{"truncated, other headline", story, piece{s[1], cut + more}, true},
		{"one fact corrected", story, piece{s[0], fillSlots(s[2], where(func(n int) bool { return n == i%slots }))}, true},
		{"same form, other facts", story, piece{s[0], fillSlots(s[2], all(1))}, false},
		{"same form, half of the facts", story, piece{s[1], fillSlots(s[2], where(func(n int) bool { return n%2 == i/2%2 }))}, false},
		{"own words on the same event", story, piece{"", s[3]}, false},
		{"another story", story, piece{next[0], fillSlots(next[2], all(0))}, false},
	}
	if english {
		return append(pairs, pair{"other spelling of marks", story, piece{s[0], strings.NewReplacer(",", " -", ".", "…", "$", "US$").Replace(strings.ToUpper(text))}, true})
	}
	return append(pairs, pair{"traditional characters", story, piece{traditional(t, s[0]), traditional(t, text)}, true})
}

func postPairs(block []string) (pairs []pair) {
	for i, text := range block {
		post := piece{"", text}
		repost := chineseReposts
		if text[0] < 0x80 {
			repost = englishReposts
		}
		pairs = append(pairs,
			pair{"short posts that resemble", post, piece{"", block[(i+1)%len(block)]}, false},
			pair{"short post, reposted", post, piece{"", turn(repost, i) + text}, true})
	}
	return pairs
}

var (
	chineseReposts = []string{"转发微博：", "//@晚风中的猫: ", "【转】", "刚刷到这个，转给大家看看。", "转发：[怒] ", "RT @城市观察 ", "又是他们？？//@小北: "}
	chineseAbout   = []string{"（转自都市早报）", " #今日热点# 大家怎么看？", " 点击链接查看全文", "\n来源：城市晚报 编辑：李青", " @小南 @阿树 快来看", "（完）"}
	chineseTop     = []string{
		"首页 > 财经 > 正文\n2026-11-22 10:30 来源：都市快讯 作者：张禾 字号：大 中 小\n分享到：微信 微博",
		"【本文由入驻平台的作者撰写】\n阅读 3.2 万 评论 118",
		"当前位置：新闻中心 / 社会 / 详情\n2026年11月22日 08:15:09\n打开客户端体验更佳",
	}
	chineseBottom = []string{
		"责任编辑：王小禾\n免责声明：本文仅代表作者个人观点，与本站无关，请读者自行核实相关内容。举报邮箱：jubao@site.example",
		"相关阅读：\n这几种水果别空腹吃\n明天起气温骤降，注意添衣\n扫码关注我们，第一时间获取最新资讯\n版权所有，未经授权不得转载",
		"声明：转载此文是出于传递更多信息之目的。若有来源标注错误，请与我们联系，我们将及时更正、删除，谢谢。\n上一篇：没有了 下一篇：城市马拉松周日开跑",
	}
	englishReposts = []string{"RT @cityobserver: ", "FYI: ", "Saw this just now - ", "via a friend >> "}
	englishAbout   = []string{" (via The Daily Lark)", " #news what do you think?", " Read the full story on our site.", " @sam @jo look at this"}
	englishTop     = []string{"Home > Business > Article\nNov 22, 2026, 10:30 AM | By Staff Writer | 3 min read", "ADVERTISEMENT\nShare on social media - Listen to this article", "(Newswire) -- Updated November 22"}
	englishBottom  = []string{
		"Sign up for our morning newsletter and never miss a story. Terms apply. All rights reserved.",
		"Read next: Ten recipes for a rainy Sunday. Copyright 2026 Example Media. This material may not be published, broadcast or redistributed.",
		"This article was produced by a partner. The views are those of the author. Contact the newsroom: desk@site.example",
	}
)

// traditional writes a text in traditional characters, where a simplified one stands
// for several in the first of them.
func traditional(t testing.TB, text string) string {
	t.Helper()
	f, err := lexicons.Files.Open("script/traditional.tsv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	table := map[rune]rune{}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		from, to, _ := strings.Cut(lines.Text(), "\t")
		if a, b := []rune(from), []rune(to); len(a) == 1 && len(b) == 1 && table[b[0]] == 0 {
			table[b[0]] = a[0]
		}
	}
	return strings.Map(func(r rune) rune {
		if other := table[r]; other != 0 {
			return other
		}
		return r
	}, text)
}

// normaliser makes of a content what the pipeline gives the store as words, but for
// the spaces between Chinese words.
func normaliser(t testing.TB) func(content string) string {
	t.Helper()
	f, err := lexicons.Files.Open("script/traditional.tsv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	n, err := sentiment.NewNormaliser(f)
	if err != nil {
		t.Fatal(err)
	}
	return func(content string) string {
		normal, _ := n.Normalise(content)
		return strings.Join(strings.FieldsFunc(normal, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }), " ")
	}
}

// TestStories stores the texts of each half, every one as another source's item, and
// looks which of them the store takes for copies of each other. The table of
// docs/accuracy.md must be what comes out for the half that nothing was tuned on.
func TestStories(t *testing.T) {
	tuning, judged := halves(t)
	if n := len(tuning) + len(judged); n < 300 {
		t.Errorf("%d pairs, want 300 or more", n)
	}
	tuned := tally(t, tuning)[0]
	var table strings.Builder
	table.WriteString("| pairs | number | copies | found | of them wrongly |\n| --- | --- | --- | --- | --- |\n")
	counts := tally(t, judged)
	for _, c := range append(counts[1:], counts[0]) {
		fmt.Fprintf(&table, "| %s | %d | %d | %d | %d |\n", c.class, c.pairs, c.copies, c.right+c.wrong, c.wrong)
	}
	all := counts[0]
	fmt.Fprintf(&table, "\nPrecision %.1f %%, recall %.1f %%.\n", all.precision(), all.recall())
	document, err := os.ReadFile("../../docs/accuracy.md")
	if err != nil {
		t.Fatal(err)
	}
	row := fmt.Sprintf("| shared passages and the changes between them, as used | %.1f | %.1f |\n", tuned.precision(), tuned.recall())
	if !strings.Contains(string(document), row) {
		t.Errorf("docs/accuracy.md does not hold what was measured on the half for tuning:\n%s", row)
	}
	if !strings.Contains(string(document), table.String()) {
		t.Errorf("docs/accuracy.md does not hold what was measured:\n%s", table.String())
	}
}

// count is what the store made of the pairs of a class.
type count struct {
	class                       string
	pairs, copies, right, wrong int
}

func (c count) precision() float64 { return 100 * float64(c.right) / float64(c.right+c.wrong) }
func (c count) recall() float64    { return 100 * float64(c.right) / float64(c.copies) }

// tally returns the counts of all pairs and then of each class, in order of appearance.
func tally(t *testing.T, pairs []pair) []count {
	stories := storiesOf(t, pairs)
	counts, at := []count{{class: "all"}}, map[string]int{}
	for _, p := range pairs {
		if at[p.class] == 0 {
			at[p.class] = len(counts)
			counts = append(counts, count{class: p.class})
		}
		found := stories[p.a] == stories[p.b]
		for _, c := range []*count{&counts[0], &counts[at[p.class]]} {
			c.pairs++
			switch {
			case p.same:
				c.copies++
				if found {
					c.right++
				}
			case found:
				c.wrong++
			}
		}
		if found != p.same && testing.Verbose() {
			t.Logf("%s: taken for copies: %v\n%s\n%s", p.class, found, p.a, p.b)
		}
	}
	return counts
}

// storiesOf stores each text of the pairs once and returns the story that it belongs to.
func storiesOf(t *testing.T, pairs []pair) map[piece]int64 {
	s, words := open(t), normaliser(t)
	items := map[piece]string{}
	for _, p := range pairs {
		for _, text := range []piece{p.a, p.b} {
			if items[text] == "" {
				source := fmt.Sprintf("s%d", len(items))
				items[text] = source
				m := mention(source, "1", "云杉", text.text, start)
				m.Item.Title = text.title
				m.Words = words(m.Item.Content())
				m.Score.Label = reputation.Negative
				commit(t, s, source, m)
			}
		}
	}
	mentions, _, err := s.Negative(t.Context(), "云杉", start.Add(-time.Second), start, -1)
	if err != nil {
		t.Fatal(err)
	}
	bySource := map[string]int64{}
	for _, m := range mentions {
		bySource[m.Item.Source] = m.Story
	}
	stories := map[piece]int64{}
	for text, source := range items {
		stories[text] = bySource[source]
	}
	return stories
}
