package alerting

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"reputed/internal/reputation"
)

// spanOf finds a term in a content.
func spanOf(content, term string) reputation.Span {
	start := strings.Index(content, term)
	return reputation.Span{Term: term, Start: start, End: start + len(term)}
}

func TestExcerpt(t *testing.T) {
	long := strings.Repeat("前面的话很多很多，", 20) + "青柠手机发烫，" + strings.Repeat("后面的话也很多，", 20)
	tests := []struct {
		name, content string
		limit         int
		want          string
	}{
		{"all of it", "青柠手机发烫。客服不理人！", 140, "青柠手机发烫。客服不理人！"},
		{"title and text", "青柠手机发烫\n多位用户投诉。", 140, "青柠手机发烫 多位用户投诉。"},
		{"from the sentence of the brand", "今天天气好。青柠手机发烫！烫手。", 140, "青柠手机发烫！烫手。"},
		{"as many sentences as fit", "青柠手机发烫。客服不理人！已经投诉。", 13, "青柠手机发烫。客服不理人！…"},
		{"English", "A nice day. The 青柠 phone costs 10.5 dollars and burns. I returned it.", 50, "The 青柠 phone costs 10.5 dollars and burns.…"},
		{"one long sentence", long, 30, "…前面的话很多很多，青柠手机发烫，后面的话也很多，后面的话…"},
		{"long at the start", "青柠手机发烫，" + strings.Repeat("话很多，", 30), 20, "青柠手机发烫，话很多，话很多，话很多…"},
		{"long at the end", strings.Repeat("话很多，", 30) + "青柠手机", 20, "…多，话很多，话很多，话很多，青柠手机"},
		{"spaces", "青柠手机\t发烫 \u3000 \u00a0了", 140, "青柠手机 发烫 了"},
		{"hidden characters", "青柠手机\u202e发\u200b烫\x1b[31m", 140, "青柠手机发烫[31m"},
		{"no text", "", 140, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := excerpt(tt.content, spanOf(tt.content, "青柠"), tt.limit); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

func FuzzExcerpt(f *testing.F) {
	f.Add("今天天气好。青柠手机发烫！烫手。", 18, 12)
	f.Add("a\xffb\n\n。。", -1, 5)
	f.Fuzz(func(t *testing.T, content string, start, limit int) {
		limit = 3 + int(uint(limit)%200)
		got := excerpt(content, reputation.Span{Start: start, End: start + 1}, limit)
		if !utf8.ValidString(got) || utf8.RuneCountInString(got) > limit+1 {
			t.Errorf("%d characters of at most %d: %q", utf8.RuneCountInString(got), limit, got)
		}
	})
}

func mention(story int64, text string) reputation.Mention {
	return reputation.Mention{
		Item:  reputation.Item{Source: "forum", Text: text, Published: noon},
		Span:  spanOf(text, "青柠"),
		Story: story,
	}
}

func TestQuotesAreDifferentStories(t *testing.T) {
	mentions := []reputation.Mention{
		mention(1, "青柠手机发烫，客服不理人。"),
		mention(2, "青柠手机发烫 客服不理人！！"),        // reads the same
		mention(1, "青柠手机发烫，官方回应。"),          // the same story, edited
		mention(3, "转发一下。青柠手机发烫，客服不理人。"),    // reads the same from the brand on
		mention(4, "ＱＱ群：青柠充电爆炸。"),           // another story
		mention(5, "qq群 青柠充电爆炸"),            // the same in other widths
		mention(6, "青柠退款要等一个月。"),            // a third one
		mention(7, "青柠的屏幕又碎了。"),             // one too many
		mention(1, "青柠手机发烫，客服不理人。第二天还是这样。"), // never seen
	}
	got := quotes(mentions, []int{4, 0, 0, 0, 2, 0, 0, 0, 0}, 3)
	want := []string{"青柠手机发烫，客服不理人。", "ＱＱ群：青柠充电爆炸。", "青柠退款要等一个月。"}
	if len(got) != len(want) {
		t.Fatalf("%d quotes: %+v", len(got), got)
	}
	for i := range want {
		if got[i].Text != want[i] {
			t.Errorf("quote %d is %q, want %q", i, got[i].Text, want[i])
		}
	}
	if got[0].Copies != 4 || got[1].Copies != 2 || got[0].Source != "forum" || !got[0].At.Equal(noon) {
		t.Errorf("quotes %+v", got)
	}
}

func TestTellingWords(t *testing.T) {
	evidence := []reputation.Evidence{
		{Term: "不错", Weight: 0.2},
		{Term: "慢", Weight: -0.1},
		{Term: "爆炸", Weight: -0.5},
		{Term: "慢", Weight: -0.1},
		{Term: "差", Weight: -0.2},
		{Term: "垃圾", Weight: -0.4},
		{Term: "烦", Weight: -0.05},
	}
	if got, want := tellingWords(evidence), []string{"爆炸", "垃圾", "差", "慢"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if evidence[0].Term != "不错" {
		t.Error("the evidence was reordered")
	}
}

func TestSparkline(t *testing.T) {
	hours := make([]reputation.Hour, 0, 8)
	for _, n := range []int{0, 1, 2, 3, 4, 5, 6, 7} {
		hours = append(hours, reputation.Hour{Negative: n})
	}
	if bars, top := sparkline(hours, hourNegative); bars != "▁▂▃▄▅▆▇█" || top != 7 {
		t.Errorf("%s up to %d", bars, top)
	}
	if bars, top := sparkline(make([]reputation.Hour, 3), hourNegative); bars != "▁▁▁" || top != 0 {
		t.Errorf("%s up to %d", bars, top)
	}
}

func TestWrap(t *testing.T) {
	tests := []struct {
		text  string
		width int
		want  []string
	}{
		{"青柠手机发烫，客服不理人。", 10, []string{"青柠手机发", "烫，客服不", "理人。"}},
		{"the quick brown fox", 10, []string{"the quick", "brown fox"}},
		{"abcdefghijklmnop", 6, []string{"abcdef", "ghijkl", "mnop"}},
		{"👨‍👩‍👧‍👦👨‍👩‍👧‍👦", 3, []string{"👨‍👩‍👧‍👦", "👨‍👩‍👧‍👦"}},
		{"", 10, []string{""}},
	}
	for _, tt := range tests {
		if got := wrap(tt.text, tt.width); !slices.Equal(got, tt.want) {
			t.Errorf("wrap(%q, %d) = %q, want %q", tt.text, tt.width, got, tt.want)
		}
	}
}
