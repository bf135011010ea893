package collector

import (
	"html"
	"strings"
	"testing"
)

func TestPlainText(t *testing.T) {
	tests := []struct{ name, markup, want string }{
		{"plain", "续航很好，屏幕一般", "续航很好，屏幕一般"},
		{"paragraphs", "<p>屏幕好</p><p>电池差</p>", "屏幕好\n电池差"},
		{"line break", "屏幕好<br/>电池差<BR>手感好", "屏幕好\n电池差\n手感好"},
		{"list", "<ul><li>一</li><li>二</li></ul>", "一\n二"},
		{"inline", "<b>很</b><i>好</i>", "很好"},
		{"table", "<table><tr><td>屏幕</td><td>好</td></tr><tr><td>电池</td><td>差</td></tr></table>", "屏幕 好\n电池 差"},
		{"white space", "  a \n\t b\u3000c\u00a0 d ", "a b c d"},
		{"invisible", "小\u200b米\ufeff", "小米"},
		{"emoji joiner stays", "👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"},
		{"references", "Q&amp;A &lt;3 &#20320;&nbsp;好", "Q&A <3 你 好"},
		{"script and style", "a<script>if (x<y) { alert('<p>') }</script><style>p{}</style>b", "ab"},
		{"comment", "a<!-- <p>hidden</p> -->b", "ab"},
		{"escaped twice", "&lt;p&gt;屏幕好&lt;/p&gt;&lt;p&gt;电池差&amp;nbsp;！&lt;/p&gt;", "屏幕好\n电池差 ！"},
		{"escaped once too often", "A&amp;nbsp;B", "A B"},
		{"less-than in text", "3 < 5, a<b and <3", "3 < 5, a<b and <3"},
		{"unclosed tag", "好用 <a href=", "好用 <a href="},
		{"unclosed script", "a<script>b", "a"},
		{"emoticon as image", `好<img alt="[泪]" src="x.png"><img alt="😀"><img alt="产品照片"><img alt="[一段很长的说明文字在方括号里]">`, "好[泪]😀"},
		{"invalid bytes", "好\xff用", "好\ufffd用"},
		{"what steers a terminal", "a\x1b[2J\u009b2Jb\u202ec\u2066d", "a[2J2Jbcd"},
		{"only mark-up", "<p><img src=x></p>", ""},
	}
	for _, test := range tests {
		if got := plainText(test.markup); got != test.want {
			t.Errorf("%s: plainText(%q) = %q, want %q", test.name, test.markup, got, test.want)
		}
	}
	if got := plainLine("<p>屏幕</p><p>好</p>"); got != "屏幕 好" {
		t.Errorf("plainLine: %q, want one line", got)
	}
}

func TestCollapse(t *testing.T) {
	const text = "价格 < 5000\n\n  <b> 不是标签\t。 "
	if got, want := collapse(text), "价格 < 5000\n<b> 不是标签 。"; got != want {
		t.Errorf("collapse(%q) = %q, want %q", text, got, want)
	}
}

func FuzzPlainText(f *testing.F) {
	f.Add("<p>屏幕好</p>&lt;p&gt;电池差&lt;/p&gt;")
	f.Add("<svg><svg></svg>a<table><td>b<script>")
	f.Fuzz(func(t *testing.T, markup string) {
		text := plainText(markup)
		if !isClean(text) {
			t.Errorf("plainText(%q) = %q is no plain text", markup, text)
		}
		if strings.TrimSpace(text) != text || strings.Contains(text, "  ") || strings.Contains(text, "\n\n") {
			t.Errorf("plainText(%q) = %q has white space left", markup, text)
		}
		// What one reads comes through, and what stands around it does not.
		if escapedMarkup.MatchString(text) {
			return // it would be read as escaped twice
		}
		page := "<div onclick=x>" + strings.ReplaceAll(html.EscapeString(text), "\n", "<br/>") + "<script>alert(1)</script><!-- x --></div>"
		if got := plainText(page); got != text {
			t.Errorf("plainText(%q) = %q, want %q", page, got, text)
		}
	})
}

func BenchmarkPlainText(b *testing.B) {
	markup := strings.Repeat(`<p>屏幕很好，<b>电池</b>一般，<a href="https://news.example/a">客服</a>&nbsp;态度差。</p>`, 50)
	b.SetBytes(int64(len(markup)))
	for b.Loop() {
		plainText(markup)
	}
}
