package alerting

import (
	"cmp"
	"fmt"
	"math"
	"strings"
	"time"

	"reputed/internal/reputation"
)

// rulePhrases holds the texts about the rules besides the volume of negative mentions
// in one language.
type rulePhrases struct {
	leads map[reputation.Event]string // severity, brand, what; alert

	// What a title says, by the rule or its family.
	share, net, driver, signal, voice, silence, risk string // hours, value, usual; of a driver and a signal its name first
	shareOver, netOver, driverOver                   string
	signalOver, voiceOver, silenceOver, riskOver     string
	seldom                                           string // fewer than one mention
	rising                                           map[string]string

	shareOf, netOf, driverOf, signalOf, voiceOf, heard string // labels
	ofAll, ofNegative, ofVoices, ofTalk, mentions      string // value, part, whole
	usual                                              string
	readers, readersADay, none                         string // count
	about                                              string // count
	chance, oneIn, lessThan                            string // number
	window                                             string
	talk                                               string // title of the chart of all mentions: hours, highest count

	names   map[string]string   // of the rules that are no family
	named   map[string]string   // of the families: name of the driver or signal
	advices map[string][]string // by rule or family
	over    map[string][]string
}

// familyOf is the rule, or for one on a driver or a signal what its texts stand under:
// "driver", and the name of the signal.
func familyOf(rule string) string {
	if _, ok := reputation.DriverOf(rule); ok {
		return "driver"
	}
	if signal, ok := reputation.SignalBehind(rule); ok {
		return signal
	}
	return rule
}

// ruleNames names all rules, each with its name in the configuration.
func (p rulePhrases) ruleNames(volume string, drivers, signals map[string]string, brackets string) map[string]string {
	names := make(map[string]string)
	for _, rule := range reputation.Rules() {
		name := p.names[rule]
		if driver, ok := reputation.DriverOf(rule); ok {
			name = fmt.Sprintf(p.named["driver"], drivers[driver])
		} else if signal, ok := reputation.SignalOf(rule); ok {
			name = fmt.Sprintf(p.named["signal"], cmp.Or(p.rising[signal], signals[signal]))
		} else if rule == RuleNegativeVolume {
			name = volume
		}
		names[rule] = fmt.Sprintf(brackets, name, rule)
	}
	return names
}

// ruleTitle is the title of a message about another rule than the volume.
func (w Wording) ruleTitle(m reputation.Message, j reputation.RuleJudgement) string {
	p, shared := rulePhrasesOf(w.Lang), phrasesOf(w.Lang)
	a, over := m.Alert, m.Event == reputation.Ended
	sign := "🟠"
	if over {
		sign = "✅"
	}
	hours := hoursOf(j.Judgement)
	pick := func(firing, calm string) string {
		if over {
			return calm
		}
		return firing
	}
	var what string
	driver, onDriver := reputation.DriverOf(j.Rule)
	signal, onSignal := reputation.SignalOf(j.Rule)
	switch {
	case onDriver:
		what = fmt.Sprintf(pick(p.driver, p.driverOver), nameOf(shared.driverNames, driver), hours, percent(j.Value()), percent(j.Usual))
	case onSignal:
		what = fmt.Sprintf(pick(p.signal, p.signalOver), cmp.Or(p.rising[signal], nameOf(shared.signalNames, signal)), hours, j.Observed, p.expected(j.Expected))
	case j.Rule == reputation.RuleNetSentiment:
		what = fmt.Sprintf(pick(p.net, p.netOver), hours, signed(j.Value()), signed(j.Usual))
	case j.Rule == reputation.RuleShareOfVoice:
		what = fmt.Sprintf(pick(p.voice, p.voiceOver), hours, percent(j.Value()), percent(j.Usual))
	case j.Rule == reputation.RuleRiskWord:
		what = pick(p.risk, p.riskOver)
	case j.Rule == reputation.RuleSilence && over:
		what = p.silenceOver
	case j.Rule == reputation.RuleSilence:
		what = fmt.Sprintf(p.silence, hours, p.expected(float64(j.Observed)))
	default:
		what = fmt.Sprintf(pick(p.share, p.shareOver), hours, percent(j.Value()), percent(j.Usual))
	}
	return sign + " " + fmt.Sprintf(p.leads[m.Event], shared.severities[a.Severity], cut(reputation.OneLine(a.Brand), 40), what, a.ID)
}

func hoursOf(j reputation.Judgement) int { return int(j.To.Sub(j.From) / time.Hour) }

// expected writes how many mentions are usual.
func (p rulePhrases) expected(n float64) string {
	if n < 1 {
		return p.seldom
	}
	return fmt.Sprintf(p.about, math.Round(n))
}

// ruleFields are the figures of a message about another rule than the volume.
func (w Wording) ruleFields(m reputation.Message, j reputation.RuleJudgement) []field {
	p, shared := rulePhrasesOf(w.Lang), phrasesOf(w.Lang)
	_, onDriver := reputation.DriverOf(j.Rule)
	_, onSignal := reputation.SignalOf(j.Rule)
	usual := field{p.usual, percent(j.Usual)}
	var now field
	switch {
	case onDriver:
		now = field{p.driverOf, fmt.Sprintf(p.ofNegative, percent(j.Value()), j.Observed, j.Mentions)}
	case onSignal:
		now = field{p.signalOf, fmt.Sprintf(p.ofAll, percent(j.Value()), j.Observed, j.Mentions)}
		usual.value = p.expected(j.Expected) // its share would mostly be 0%
	case j.Rule == reputation.RuleNetSentiment:
		now = field{p.netOf, fmt.Sprintf(p.ofTalk, signed(j.Value()), j.Mentions)}
		usual.value = signed(j.Usual)
	case j.Rule == reputation.RuleShareOfVoice:
		now = field{p.voiceOf, fmt.Sprintf(p.ofVoices, percent(j.Value()), j.Mentions)}
	case j.Rule == reputation.RuleRiskWord:
		now = field{p.readers, fmt.Sprintf(p.readersADay, grouped3(float64(j.Observed)))}
		usual.value = p.none
	case j.Rule == reputation.RuleSilence:
		now = field{p.heard, fmt.Sprintf(p.mentions, 0)}
		usual.value = p.expected(float64(j.Observed))
	default:
		now = field{p.shareOf, fmt.Sprintf(p.ofAll, percent(j.Value()), j.Observed, j.Mentions)}
	}
	a := m.Alert
	fields := []field{now, usual}
	if m.Event == reputation.Ended {
		if j.Rule == reputation.RuleSilence {
			fields = nil // what is usual for no time at all says nothing
		}
		return append(fields,
			field{shared.lasted, shared.duration(a.ResolvedAt.Sub(a.OpenedAt))},
			field{shared.span, shared.period(a.OpenedAt.In(w.Zone), a.ResolvedAt.In(w.Zone))})
	}
	if j.Probability < 1 { // a risk word is judged by itself
		fields = append(fields, field{p.chance, p.oddsOf(j.Probability)})
	}
	fields = append(fields, field{p.window, shared.period(j.From.In(w.Zone), j.To.In(w.Zone))})
	if !opening(m) {
		fields = append(fields, field{shared.opened, a.OpenedAt.In(w.Zone).Format(shared.date)})
	}
	return fields
}

// oddsOf writes a probability as one in so many.
func (p rulePhrases) oddsOf(probability float64) string {
	const most = 1e6
	if probability*most < 1 {
		return fmt.Sprintf(p.lessThan, grouped3(most))
	}
	// Two digits: more would feign what is not known.
	odds := 1 / probability
	unit := math.Pow(10, math.Floor(math.Log10(odds))-1)
	return fmt.Sprintf(p.oneIn, grouped3(math.Round(max(math.Round(odds/unit)*unit, 1))))
}

// grouped3 writes a whole number with a comma at each thousand.
func grouped3(x float64) string {
	digits := fmt.Sprintf("%.0f", x)
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	return b.String()
}

// adviseOn is what people can do now about what a rule found, in two lines at most.
func (p rulePhrases) adviseOn(m reputation.Message, shared phrases) []string {
	family := familyOf(m.Alert.Rule)
	switch {
	case m.Event == reputation.Repeated && !quietOne(m.Alert.Rule):
		return shared.unanswered
	case m.Event != reputation.Ended:
		return p.advices[family]
	case p.over[family] != nil:
		return p.over[family]
	}
	return shared.advices[reputation.Over]
}

// quietOne tells whether a rule is on too little talk, about which nobody waits for an
// answer.
func quietOne(rule string) bool {
	return rule == reputation.RuleSilence || rule == reputation.RuleShareOfVoice
}

// rulePhrasesOf returns the texts of a language: English for "en", else Chinese.
func rulePhrasesOf(lang string) rulePhrases {
	if lang == "en" {
		return rulePhrases{
			leads: map[reputation.Event]string{
				reputation.Opened:   "%[1]s | %[2]s: %[3]s",
				reputation.Reopened: "Firing again | %[2]s: %[3]s (alert #%[4]d)",
				reputation.Repeated: "Still firing | %[2]s: %[3]s (alert #%[4]d)",
				reputation.Ended:    "Over | %[2]s: %[3]s (alert #%[4]d)",
			},
			share: "negative share up, %[2]s in %[1]d h, usually %[3]s", shareOver: "negative share back to %[2]s in %[1]d h, usually %[3]s",
			net: "net sentiment down, %[2]s in %[1]d h, usually %[3]s", netOver: "net sentiment back to %[2]s in %[1]d h, usually %[3]s",
			driver: "more complaints about %[1]s, %[3]s of the negative in %[2]d h, usually %[4]s", driverOver: "complaints about %[1]s back to %[3]s of the negative in %[2]d h, usually %[4]s",
			signal: "%[1]s on the rise, %[3]d in %[2]d h, usually %[4]s", signalOver: "%[1]s: back to %[3]d in %[2]d h, usually %[4]s",
			voice: "share of voice down, %[2]s in %[1]d h, usually %[3]s", voiceOver: "share of voice back to %[2]s in %[1]d h, usually %[3]s",
			silence: "not a word in %[1]d h, usually %[2]s: check the sources first", silenceOver: "spoken of again",
			risk: "a risk word where many read it", riskOver: "no new risk word where many read",
			readers: "Readers", readersADay: "%s a day, times the severity of the word", none: "none",
			seldom: "fewer than 1",
			rising: map[string]string{
				"churn": "wish to leave", "boycott": "calls for a boycott", "complaint": "complaints to authorities", "gap": "expectation gap", "risk": "risk words",
			},
			shareOf: "Negative share", netOf: "Net sentiment", driverOf: "Of the negative", signalOf: "Of all mentions", voiceOf: "Share of voice", heard: "Mentions",
			ofAll: "%s (%d of %d mentions)", ofNegative: "%s (%d of %d)", ofVoices: "%s (of %d with the competitors)", ofTalk: "%s (%d mentions)", mentions: "%d",
			usual: "Usual", about: "about %.0f", chance: "By chance", oneIn: "1 in %s", lessThan: "less than 1 in %s", window: "Hours",
			talk: "All mentions in the last %d hours, at most %d an hour",
			names: map[string]string{
				reputation.RuleNegativeShare: "rise of the negative share", reputation.RuleNetSentiment: "fall of net sentiment",
				reputation.RuleShareOfVoice: "fall of the share of voice", reputation.RuleSilence: "silence",
				reputation.RuleRiskWord: "risk word where many read",
			},
			named: map[string]string{"driver": "more complaints about %s", "signal": "rise of %s"},
			advices: map[string][]string{
				reputation.RuleNegativeShare: {"See whether the posts speak of one thing: then verify it; else look for what changed lately.", "Prepare a statement; while posts are few, answer each rather than go public."},
				reputation.RuleNetSentiment:  {"Tell apart whether blame grew or praise went away: the one has a cause, the other often an end, of a campaign or a launch.", "Find the day of the turn, and what changed on it: product, price, campaign."},
				"driver":                     {"Let those in charge of it verify the earliest posts: a single case, or a whole batch?", "Give customer service one answer and one remedy."},
				"churn":                      {"Ask those who want to leave why, before offering them something to stay.", "See where they go, and what they find there."},
				"boycott":                    {"Find out what the call is about and who began it, and verify the facts.", "Answer with one voice; do not argue with those who call."},
				"complaint":                  {"Find who complained, where and what for, and reach them before the authority does.", "Verify the complaint and have the record of what was done at hand."},
				"gap":                        {"Compare what was promised with what is, and take back what promises too much.", "Tell product and customer service where people expected something else."},
				"risk":                       {"Verify first: is anyone in danger, is a law broken? Then report it at once.", "Keep the evidence, and speak with one voice."},
				reputation.RuleShareOfVoice:  {"See what is said of the competitors: a launch, a campaign, or a crisis?", "The brand's own talk need not have fallen: compare it before you react."},
				reputation.RuleSilence:       {"Check the sources first: reputed sources shows which fail or are silent.", "If they are well: was the brand renamed, or is it blocked on a platform?"},
			},
			over: map[string][]string{
				reputation.RuleShareOfVoice: {"Note what the competitors did in that time, and what of it worked."},
				reputation.RuleSilence:      {"Look up what the sources missed in that time."},
			},
		}
	}
	return rulePhrases{
		leads: map[reputation.Event]string{
			reputation.Opened:   "%[1]s｜%[2]s %[3]s",
			reputation.Reopened: "再次触发｜%[2]s %[3]s（告警 #%[4]d）",
			reputation.Repeated: "仍在持续｜%[2]s %[3]s（告警 #%[4]d）",
			reputation.Ended:    "已恢复｜%[2]s %[3]s（告警 #%[4]d）",
		},
		share: "负面占比升高：近 %[1]d 小时 %[2]s，通常 %[3]s", shareOver: "负面占比回落：近 %[1]d 小时 %[2]s，通常 %[3]s",
		net: "净情感下滑：近 %[1]d 小时 %[2]s，通常 %[3]s", netOver: "净情感回升：近 %[1]d 小时 %[2]s，通常 %[3]s",
		driver: "负面集中到%[1]s：近 %[2]d 小时占 %[3]s，通常 %[4]s", driverOver: "%[1]s负面回落：近 %[2]d 小时占 %[3]s，通常 %[4]s",
		signal: "%[1]s突增：近 %[2]d 小时 %[3]d 条，通常%[4]s", signalOver: "%[1]s回落：近 %[2]d 小时 %[3]d 条，通常%[4]s",
		voice: "声量占比下滑：近 %[1]d 小时 %[2]s，通常 %[3]s", voiceOver: "声量占比回升：近 %[1]d 小时 %[2]s，通常 %[3]s",
		silence: "没有声音了：近 %[1]d 小时 0 条，通常%[2]s——先查采集是否正常", silenceOver: "重新有声音了",
		risk: "高影响来源出现风险词", riskOver: "高影响来源已无新的风险词",
		readers: "影响人数", readersADay: "每天约 %s 人（已按风险词的严重程度折算）", none: "无",
		seldom:  "不到 1 条",
		rising:  map[string]string{"boycott": "抵制声音"},
		shareOf: "负面占比", netOf: "净情感", driverOf: "占负面的比例", signalOf: "占全部声量", voiceOf: "声量占比", heard: "声量",
		ofAll: "%[1]s（%[3]d 条中 %[2]d 条）", ofNegative: "%[1]s（%[3]d 条中 %[2]d 条）", ofVoices: "%s（含竞品共 %d 条）", ofTalk: "%s（共 %d 条）", mentions: "%d 条",
		usual: "通常水平", about: "约 %.0f 条", chance: "偶然概率", oneIn: "约 %s 分之一", lessThan: "不到 %s 分之一", window: "统计时段",
		talk: "近 %d 小时全部声量，最高每小时 %d 条",
		names: map[string]string{
			reputation.RuleNegativeShare: "负面占比升高", reputation.RuleNetSentiment: "净情感下滑",
			reputation.RuleShareOfVoice: "声量占比下滑", reputation.RuleSilence: "突然无声",
			reputation.RuleRiskWord: "高影响来源出现风险词",
		},
		named: map[string]string{"driver": "%s负面增多", "signal": "%s突增"},
		advices: map[string][]string{
			reputation.RuleNegativeShare: {"先看负面说的是不是同一件事：是，按事件核实；不是，查近期有什么变化。", "备好口径；条数不多时逐条回复，不必公开声明。"},
			reputation.RuleNetSentiment:  {"分清是负面变多还是好评变少：前者查起因，后者看活动或新品热度是否已过。", "找出转折的那一天，对照当天的产品、价格和活动变动。"},
			"driver":                     {"请负责该话题的部门核实最早的几条：是个例，还是批量问题。", "给客服统一的答复和补救办法。"},
			"churn":                      {"联系表示要离开的用户：先问原因，再谈挽留。", "看他们转向哪里，看中了什么。"},
			"boycott":                    {"弄清抵制因何而起、由谁发起，核实事实。", "由唯一发言人回应，不与号召者争辩。"},
			"complaint":                  {"找到投诉人、投诉渠道和诉求，赶在监管介入之前联系。", "核实投诉内容，备好处理记录。"},
			"gap":                        {"对照宣传与实际，改掉说得过满的地方。", "把落差在哪里告诉产品和客服。"},
			"risk":                       {"先核实：是否危及人身安全、是否违法；若是，立即上报。", "保留证据，对外只用一个口径。"},
			reputation.RuleShareOfVoice:  {"看竞品在说什么：新品、活动，还是危机。", "自己的声量未必下降：先对照全部声量，再决定是否跟进。"},
			reputation.RuleSilence:       {"先查采集：运行 reputed sources，看哪些来源报错或沉默。", "采集正常，再查品牌是否改名、平台是否屏蔽。"},
		},
		over: map[string][]string{
			reputation.RuleShareOfVoice: {"记下这段时间竞品做了什么、哪些见效。"},
			reputation.RuleSilence:      {"补查无声期间来源漏掉的内容。"},
		},
	}
}
