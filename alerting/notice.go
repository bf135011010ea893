package alerting

import (
	"fmt"
	"strings"
	"time"

	"reputed/internal/reputation"
)

const (
	listedTroubles = 10  // sources that a notice lists with what is wrong
	titledTroubles = 3   // sources that its title names
	causeRunes     = 240 // of an error
)

// ailing is a source in a notice: what is wrong with it, and the error.
type ailing struct{ source, what, cause string }

// sourceNotice puts a notice about sources into words.
func (w Wording) sourceNotice(m reputation.Message) notice {
	p := sourcePhrasesOf(w.Lang)
	shared := phrasesOf(w.Lang)
	n := notice{
		event: m.Event,
		level: reputation.Warning,
		title: p.title(m),
		about: p.about,
		again: field{p.look, w.sourcesCommand()},
		web:   w.on("/"),
	}
	advised := map[reputation.Trouble]bool{}
	var advice []string
	for _, t := range m.Troubles {
		if m.Event == reputation.Opened && !advised[t.Trouble] && p.advices[t.Trouble] != "" {
			advised[t.Trouble] = true
			advice = append(advice, p.advices[t.Trouble])
		}
	}
	n.advice = field{shared.advice, strings.Join(advice, "\n")}
	for _, t := range m.Troubles[:min(len(m.Troubles), listedTroubles)] {
		n.ailing = append(n.ailing, ailing{
			source: nameOf(nil, t.Source),
			what:   w.describe(t, m.At, p, shared),
			cause:  cut(strings.TrimPrefix(reputation.OneLine(t.Cause), "source "+t.Source+": "), causeRunes),
		})
	}
	if rest := len(m.Troubles) - listedTroubles; rest > 0 {
		n.facts = append(n.facts, field{p.besides, fmt.Sprintf(p.others, rest)})
	}
	return n
}

// describe says what is wrong with a source, or was, and since when.
func (w Wording) describe(t reputation.SourceTrouble, at time.Time, p sourcePhrases, shared phrases) string {
	what := nameOf(p.troubles, string(t.Trouble))
	since := t.Began.In(w.Zone).Format(shared.date)
	if !t.Over.IsZero() {
		return what + " · " + w.span(t, shared, p)
	}
	parts := []string{what, fmt.Sprintf(p.since, since)}
	if lasts := at.Sub(t.Began); lasts >= time.Minute {
		parts[1] = fmt.Sprintf(p.sinceFor, since, p.duration(lasts, shared))
	}
	if t.Trouble != reputation.Silent && !t.LastItem.IsZero() {
		parts = append(parts, fmt.Sprintf(p.lastItem, t.LastItem.In(w.Zone).Format(shared.date)))
	}
	return strings.Join(parts, " · ")
}

// span writes how long a trouble lasted.
func (w Wording) span(t reputation.SourceTrouble, shared phrases, p sourcePhrases) string {
	return fmt.Sprintf(p.lasted, shared.period(t.Began.In(w.Zone), t.Over.In(w.Zone)), p.duration(t.Over.Sub(t.Began), shared))
}

// sourcesCommand is what an operator types to see how all sources fare.
func (w Wording) sourcesCommand() string {
	return w.configured("reputed sources")
}

// sourcePhrases holds the texts of notices about sources in one language.
type sourcePhrases struct {
	began, over         string // sources; what, of one source
	beganMany, overMany string // count, sources
	troubles            map[string]string
	advices             map[reputation.Trouble]string
	since, sinceFor     string // time; time, duration
	lastItem, lasted    string // time; period, duration
	besides, others     string // count
	days                string // count
	about, look         string
	separator, ellipsis string
}

func (p sourcePhrases) title(m reputation.Message) string {
	one, many, sign := p.began, p.beganMany, "⚠️ "
	if m.Event == reputation.Ended {
		one, many, sign = p.over, p.overMany, "✅ "
	}
	var names []string
	for _, t := range m.Troubles[:min(len(m.Troubles), titledTroubles)] {
		names = append(names, cut(reputation.OneLine(t.Source), 30))
	}
	if len(m.Troubles) == 1 {
		return sign + fmt.Sprintf(one, names[0], nameOf(p.troubles, string(m.Troubles[0].Trouble)))
	}
	list := strings.Join(names, p.separator)
	if len(m.Troubles) > titledTroubles {
		list += p.ellipsis
	}
	return sign + fmt.Sprintf(many, len(m.Troubles), list)
}

// duration writes days too, which a spike never lasts and a silence does.
func (p sourcePhrases) duration(d time.Duration, shared phrases) string {
	const day = 24 * time.Hour
	if d < day {
		return shared.duration(d)
	}
	d = d.Round(time.Hour)
	text := fmt.Sprintf(p.days, int(d/day))
	if hours := int(d % day / time.Hour); hours > 0 {
		text += " " + fmt.Sprintf(shared.hours, hours)
	}
	return text
}

// sourcePhrasesOf returns the texts of a language: English for "en", else Chinese.
func sourcePhrasesOf(lang string) sourcePhrases {
	if lang == "en" {
		return sourcePhrases{
			began: "Source in trouble | %[1]s: %[2]s", beganMany: "%d sources in trouble: %s",
			over: "Source well again | %[1]s", overMany: "%d sources well again: %s",
			troubles: map[string]string{
				"gone": "removed for good", "blocked": "a login page or a refusal", "format": "no feed any more",
				"selector": "a selector finds nothing", "unreadable": "cannot be read", "silent": "silent for longer than usual",
			},
			advices: map[reputation.Trouble]string{
				reputation.Gone:       "Removed for good: look for the new address, or remove the source from the configuration.",
				reputation.Blocked:    "Login page or refusal: renew the cookie (in headers_file, or in RSSHub's environment), or use an address that needs no login.",
				reputation.Format:     "No feed any more: open the address in a browser and look for the new feed, or read the page with kind: page.",
				reputation.Selector:   "Selector: the page was rebuilt; try new selectors with: reputed fetch NAME",
				reputation.Unreadable: "Cannot be read: is the server up, and can this machine reach it? It is asked less often until it answers.",
				reputation.Silent:     "Silent: see in a browser whether there is something new; a filter, a changed address or a holiday may be the reason.",
			},
			since: "since %s", sinceFor: "since %s (%s)", lastItem: "last new item %s", lasted: "%s, %s",
			besides: "Besides", others: "%d more sources", days: "%d d",
			about: "Notice about sources", look: "See all with", separator: ", ", ellipsis: ", …",
		}
	}
	return sourcePhrases{
		began: "来源异常｜%[1]s：%[2]s", beganMany: "来源异常｜%d 个来源：%s",
		over: "来源恢复｜%[1]s 已恢复正常", overMany: "来源恢复｜%d 个来源：%s",
		troubles: map[string]string{
			"gone": "已被永久移除", "blocked": "被登录页拦截或拒绝访问", "format": "内容不再是订阅源",
			"selector": "选择器匹配不到内容", "unreadable": "持续读取失败", "silent": "异常沉默，久无新内容",
		},
		advices: map[reputation.Trouble]string{
			reputation.Gone:       "永久移除：查找新地址，或从配置中删除该来源。",
			reputation.Blocked:    "登录页或拒绝访问：更新 Cookie（在 headers_file 或 RSSHub 的环境变量里），或改用无需登录的地址。",
			reputation.Format:     "不再是订阅源：在浏览器中打开该地址，找到新的订阅地址，或改用 kind: page 读取网页。",
			reputation.Selector:   "选择器失效：网页已改版，用命令 reputed fetch 来源名 试出新的选择器。",
			reputation.Unreadable: "读取失败：检查对方服务器是否正常、本机能否访问；恢复之前会降低轮询频率。",
			reputation.Silent:     "异常沉默：在浏览器中查看是否有新内容；常见原因有过滤规则、地址变更和节假日。",
		},
		since: "%s 起", sinceFor: "%s 起，已 %s", lastItem: "最近一次新内容 %s", lasted: "%s，历时 %s",
		besides: "此外", others: "另有 %d 个来源", days: "%d 天",
		about: "来源状态通知", look: "查看全部来源", separator: "、", ellipsis: " 等",
	}
}
