package alerting

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/rivo/uniseg"

	"reputed/internal/reputation"
)

// hostile is what a text on the web may try.
var hostile = []string{
	"<!channel> <!here> <!everyone> <@U024BE7LH> <#C024BE7LR>",
	"<http://evil.example|https://slack.com> & <mailto:a@b.c|x>",
	"```\ncode``` `code` *bold* _italic_ ~gone~ > quote",
	"&lt;!channel&gt; &amp;lt;",
	"\x1b[31mred\x1b[0m \x1b]8;;http://evil.example\x07link\x1b]8;;\x07 \x9b2J bell\a\r\n\t\v",
	"\u202egnp.exe\u202c \u2066isolate\u2069 \u200b\ufeff\u00ad\u2028line\u2029",
	"not \xff\xfe utf-8 \xed\xa0\x80",
	"👨‍👩‍👧‍👦 🇨🇳 e\u0301 Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘!͖̬̰̙̗̿̋ͥͥ̂ͣ̐́́͜͞",
	strings.Repeat("<&>*_~`|", 300),
	strings.Repeat("很", 3500),
	strings.Repeat("a", 4000),
	strings.Repeat("👩🏽‍🚒😡", 5000),
	strings.Repeat("\u202e很差\u2067", 2000),
	strings.Repeat("e\u0301\u0301\u0301", 4000),
	"",
}

// filled is a message in which every text that comes from outside is text.
func filled(event reputation.Event, text string) reputation.Message {
	m := sample(event)
	m.Alert.Brand, m.Alert.Rule = text, text
	for _, counts := range [][]reputation.Count{m.Drivers, m.Sources, m.Signals} {
		for i := range counts {
			counts[i].Name = text
		}
	}
	for i := range m.Quotes {
		m.Quotes[i].Text, m.Quotes[i].Source, m.Quotes[i].URL = text, text, "https://news.example/"+text
		m.Quotes[i].Words = []string{text, text, text, text, text, text}
	}
	m.Quotes = append(m.Quotes, m.Quotes...)
	return m
}

// ailingOf is a notice about sources whose errors quote what a server sent.
func ailingOf(event reputation.Event, text string) reputation.Message {
	m := troubles(6, event)
	for i := range m.Troubles {
		m.Troubles[i].Source, m.Troubles[i].URL, m.Troubles[i].Cause = text, text, "source "+text+": "+text
	}
	return m
}

// checkMessage renders a message for every receiver and finds what is wrong.
func checkMessage(m reputation.Message) error {
	var errs []error
	for _, lang := range []string{"zh", "en"} {
		w := Wording{Lang: lang, Zone: shanghai, Config: m.Alert.Brand, Web: "https://reputed.example"}
		n := w.notice(m)
		errs = append(errs, blockLimits(n.header(), n.blocks(key(m))))
		// The same with all that a bot adds: people to call, a picture, and what people
		// can do and have done, by names that anybody may have chosen.
		n.image = w.image(m, "F0PICTURE1")
		name := m.Alert.Brand + "!" // no identifier of Slack, which would be called rightly
		n.calls = callees(append(m.Target.Mentions, name, "U0PRLEAD1", "S0ONCALL1"))
		s := Standing{AcknowledgedBy: name, AcknowledgedAt: m.At, MutedBy: name, MutedUntil: m.At.Add(time.Hour)}
		n.desk = w.controls(m.Alert, s, m.At)
		errs = append(errs, blockLimits(n.header(), n.blocks(key(m))))
		var screen strings.Builder
		if _, err := NewTerminal(&screen, false, 60, w).Notify(context.Background(), m); err != nil {
			errs = append(errs, err)
		}
		for line := range strings.Lines(screen.String()) {
			line = strings.TrimSuffix(line, "\n")
			if strings.ContainsFunc(line, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }) {
				errs = append(errs, fmt.Errorf("control character in the line %q", line))
			}
			wide := strings.Contains(line, "https://") || strings.Contains(line, "backtest")
			if !wide && uniseg.StringWidth(line) > 60 {
				errs = append(errs, fmt.Errorf("line of %d columns: %q", uniseg.StringWidth(line), line))
			}
		}
	}
	return errors.Join(errs...)
}

func TestMessagesKeepSlacksRules(t *testing.T) {
	for _, event := range events {
		if err := checkMessage(sample(event)); err != nil {
			t.Errorf("%s: %v", event, err)
		}
		for i, text := range hostile {
			if err := checkMessage(filled(event, text)); err != nil {
				t.Errorf("%s, hostile text %d: %.2000v", event, i, err)
			}
			if event != reputation.Opened && event != reputation.Ended {
				continue
			}
			if err := checkMessage(ailingOf(event, text)); err != nil {
				t.Errorf("%s of sources, hostile text %d: %.2000v", event, i, err)
			}
		}
		if err := checkMessage(reputation.Message{Event: event, At: noon}); err != nil {
			t.Errorf("%s, nothing else: %v", event, err)
		}
	}
}

func FuzzMessage(f *testing.F) {
	for _, text := range hostile {
		f.Add(cut(text, 200))
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, m := range []reputation.Message{filled(reputation.Opened, text), ailingOf(reputation.Opened, text)} {
			if err := checkMessage(m); err != nil {
				t.Error(err)
			}
		}
	})
}

func TestTextsStayReadable(t *testing.T) {
	tests := []struct{ text, want string }{
		{"AT&T 5 < 6 > 4", "AT&amp;T 5 &lt; 6 &gt; 4"},
		{"*很* _差_ ~了~ `吗`", "∗很∗ ˍ差ˍ ∼了∼ ˋ吗ˋ"},
		{"it_news _2*3_", "it_news ˍ2∗3ˍ"},
		{"太差了！😡", "太差了！😡"},
	}
	for _, tt := range tests {
		if got := escaped(tt.text); got != tt.want {
			t.Errorf("escaped(%q) = %q, want %q", tt.text, got, tt.want)
		}
	}
}

func TestWebURL(t *testing.T) {
	tests := []struct{ raw, want string }{
		{"https://news.example/a?b=1&c=2#d", "https://news.example/a?b=1&c=2#d"},
		{"http://news.example/搜索?q=小米", "http://news.example/%E6%90%9C%E7%B4%A2?q=小米"},
		{"https://news.example/a|b>c?d=|<>`\"", "https://news.example/a%7Cb%3Ec?d=%7C%3C%3E%60%22"},
		{"https://slack.com:pw@evil.example/", "https://evil.example/"},
		{"javascript:alert(1)", ""},
		{"data:text/html,x", ""},
		{"//news.example/a", ""},
		{"/a", ""},
		{"https:///a", ""},
		{"https://news.example/" + strings.Repeat("a", 1000), ""},
		{"", ""},
	}
	for _, tt := range tests {
		if got := webURL(tt.raw); got != tt.want {
			t.Errorf("webURL(%q) = %q, want %q", tt.raw, got, tt.want)
		}
	}
}

func TestFiguresInWords(t *testing.T) {
	en, zh := english(), chinese()
	at := func(h, m int, zone *time.Location) time.Time { return time.Date(2026, 11, 22, h, m, 0, 0, zone) }
	tests := []struct{ got, want string }{
		{number(8.66), "8.7"},
		{number(9), "9"},
		{number(0.04), "0"},
		{number(12.5), "13"},
		{percent(0.625), "63%"},
		{zh.duration(45 * time.Minute), "45 分钟"},
		{zh.duration(5*time.Hour + 20*time.Minute), "5 小时 20 分钟"},
		{zh.duration(7 * time.Hour), "7 小时"},
		{en.duration(-time.Hour), "0 min"},
		{zh.period(at(13, 10, shanghai), at(14, 10, shanghai)), "11月22日 13:10–14:10（UTC+8）"},
		{en.period(at(23, 30, time.UTC), at(24, 30, time.UTC)), "22 Nov 23:30–23 Nov 00:30 (UTC+0)"},
		{zoneName(at(1, 0, time.FixedZone("", 5*3600+1800))), "UTC+5:30"},
		{zoneName(at(1, 0, time.FixedZone("", -3*3600))), "UTC-3"},
		{quoted("config.yaml"), "config.yaml"},
		{quoted("/etc/口碑/config.yaml"), "/etc/口碑/config.yaml"},
		{quoted("my file's.yaml"), `'my file'\''s.yaml'`},
	}
	for _, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("%q, want %q", tt.got, tt.want)
		}
	}
}

func TestTitleOfAQuietBrand(t *testing.T) {
	m := sample(reputation.Opened)
	m.Alert.Judgement.Expected = 0.4
	m.Alert.Severity = reputation.Critical
	if got, want := chinese().title(m, 9), "🔴 严重｜青柠手机 负面声量异常：一小时 9 条，通常不到 1 条"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func BenchmarkMessage(b *testing.B) {
	m := sample(reputation.Opened)
	w := Wording{Lang: "zh", Zone: shanghai, Config: "config.yaml"}
	b.Run("slack", func(b *testing.B) {
		for b.Loop() {
			w.notice(m).blocks(key(m))
		}
	})
	b.Run("terminal", func(b *testing.B) {
		t := NewTerminal(io.Discard, false, 0, w)
		for b.Loop() {
			if _, err := t.Notify(b.Context(), m); err != nil {
				b.Fatal(err)
			}
		}
	})
}
