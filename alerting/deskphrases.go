package alerting

import "reputed/internal/reputation"

// deskPhrases holds what people can press and type in Slack, and what they are
// answered, in one language. A comment names the arguments of a format.
type deskPhrases struct {
	acknowledge, muteHours, muteTomorrow, muteWeek, more string
	wrong                                                string
	labels                                               map[reputation.Label]string
	acknowledgedBy                                       string // person, time
	mutedBy                                              string // person, end

	took, taken            string // alert; alert, person, time
	muted, alreadyMuted    string // alert, end
	over                   string // alert
	reason                 string // alert
	corrected, already     string // brand, label
	gone, unknown, strange string // alert; nothing; nothing
	failed                 string
	furtherTitle           string // count, alert
	noFurther              string // alert

	usage                                      string
	whichBrand                                 string // what was typed, brands
	statusTitle, topTitle                      string // brand
	statusOfAll                                string
	reportTitle                                string
	day, dayBefore, week, weekBefore           string
	moved                                      string // driver, now, before
	phases                                     map[string]string
	figures                                    string // mentions, negative, net sentiment
	latest, firing, none, crisis, sources      string
	firingAlert                                string // alert, rule, severity, opening
	peak                                       string // count
	comma                                      string
	noTalk                                     string // brand
	silenced, howLong                          string // brand, end, number; what was typed
	silenceTitle, noSilences, silence, unmuted string // -, -, number, matchers, author, reason, end; number
	noSilence                                  string // number
	askedBy                                    string
	typed                                      string // reason of a silence
}

// deskPhrasesOf returns the texts of a language: English for "en", else Chinese.
func deskPhrasesOf(lang string) deskPhrases {
	if lang == "en" {
		return deskPhrases{
			acknowledge: "Acknowledge", muteHours: "Mute 4 h", muteTomorrow: "Mute until tomorrow 9:00", muteWeek: "Mute for 7 days", more: "Show more",
			wrong: "Rating is wrong",
			labels: map[reputation.Label]string{
				reputation.Positive: "positive", reputation.Neutral: "neutral", reputation.Negative: "negative",
			},
			acknowledgedBy: "✋ %s takes care of it (%s)", mutedBy: "🔕 muted by %s until %s",
			took: "You take care of alert #%d. It is not repeated until something new happens.", taken: "Alert #%d is taken care of already, by %s since %s.",
			muted: "Alert #%d is muted until %s. The same rule stays silent for this brand until then.", alreadyMuted: "Alert #%d is muted already until %s. Nothing was changed.",
			over: "Alert #%d is over already. Nothing was changed.", reason: "muted in Slack at alert #%d",
			corrected: "Thank you. The mention of %s now counts as %s, and `reputed learn` learns from it.", already: "This mention of %s counts as %s already. Nothing was changed.",
			gone: "Alert #%d is no longer stored. Nothing was changed.", unknown: "This excerpt is no longer stored. Nothing was changed.",
			strange: "This button is not known here; the message may be of another version. Nothing was changed.",
			failed:  "That did not work just now. Nothing may have changed; please try again in a minute.", furtherTitle: "%d more excerpts of alert #%d", noFurther: "There are no more excerpts of alert #%d.",
			usage:      "What you can type:\n• `/reputed status [brand]` how it stands now\n• `/reputed top [brand]` the most negative excerpts of 24 hours\n• `/reputed silence brand 4h|tomorrow|7d [reason]` mute a brand; `/reputed silence` lists, `/reputed silence end 3` ends one\n• `/reputed report [brand]` the last 7 days",
			whichBrand: "“%s” is no brand that is watched. Watched are: %s", statusTitle: "How %s stands", statusOfAll: "How the brands stand", topTitle: "What is said ill of %s, last 24 h", reportTitle: "Report of the last 7 days",
			day: "Last 24 h", dayBefore: "24 h before", week: "Last 7 days", weekBefore: "7 days before", moved: "%s %d (before: %d)",
			phases: map[string]string{
				"latent": "first signs", "outbreak": "outbreak", "spread": "spreading", "long_tail": "long tail", "over": "over",
			}, figures: "%d mentions, %d negative, net sentiment %s",
			latest: "Latest mention", firing: "Firing alerts", none: "none", crisis: "Crisis", sources: "Sources in trouble",
			firingAlert: "#%[1]d %[3]s: %[2]s, since %[4]s", peak: "peak %d an hour", comma: ", ", noTalk: "Nothing negative was said of %s in the last 24 h.",
			silenced: "%s is muted until %s (silence %d). End it with `/reputed silence end %[3]d`.", howLong: "“%s” is no time to mute for: type 4h, tomorrow or 7d.",
			silenceTitle: "Silences in force", noSilences: "Nothing is muted.", silence: "%d: %s, by %s, until %s: %s", unmuted: "Silence %d is ended.", noSilence: "There is no silence %d in force.",
			askedBy: "Only you see this answer", typed: "typed in Slack",
		}
	}
	return deskPhrases{
		acknowledge: "认领", muteHours: "静音 4 小时", muteTomorrow: "静音至明早 9:00", muteWeek: "静音 7 天", more: "更多原文",
		wrong: "评级有误",
		labels: map[reputation.Label]string{
			reputation.Positive: "正面", reputation.Neutral: "中性", reputation.Negative: "负面",
		},
		acknowledgedBy: "✋ %s 已认领（%s）", mutedBy: "🔕 %s 已静音至 %s",
		took: "告警 #%d 由你负责。在出现新情况之前不再重复提醒。", taken: "告警 #%d 已由 %s 认领（%s）。",
		muted: "告警 #%d 已静音至 %s。在此之前，该品牌的同一规则不再提醒。", alreadyMuted: "告警 #%d 已处于静音，直至 %s，未作改动。",
		over: "告警 #%d 已结束，未作改动。", reason: "在 Slack 中静音（告警 #%d）",
		corrected: "谢谢！这条关于 %s 的评级已改为“%s”，运行 `reputed learn` 时会据此学习。", already: "这条关于 %s 的评级已是“%s”，未作改动。",
		gone: "告警 #%d 已不在库中，未作改动。", unknown: "这条原文已不在库中，未作改动。",
		strange: "无法识别这个按钮，消息可能来自其他版本，未作改动。",
		failed:  "暂时没有成功，可能未作改动，请一分钟后再试。", furtherTitle: "告警 #%[2]d 的另外 %[1]d 条原文", noFurther: "告警 #%d 没有更多原文。",
		usage:      "可用命令：\n• `/reputed status [品牌]` 当前状况（也可写“状态”）\n• `/reputed top [品牌]` 24 小时内最负面的原文（热点）\n• `/reputed silence 品牌 4h|tomorrow|7d [原因]` 静音一个品牌；`/reputed silence` 查看，`/reputed silence end 3` 结束一项（静音）\n• `/reputed report [品牌]` 近 7 天报告（报告）",
		whichBrand: "没有监测名为“%s”的品牌。正在监测：%s", statusTitle: "%s 当前状况", statusOfAll: "各品牌当前状况", topTitle: "%s 近 24 小时最负面的声音", reportTitle: "近 7 天报告",
		day: "近 24 小时", dayBefore: "再前 24 小时", week: "近 7 天", weekBefore: "再前 7 天", moved: "%s %d（此前 %d）",
		phases: map[string]string{
			"latent": "潜伏期", "outbreak": "爆发期", "spread": "扩散期", "long_tail": "长尾期", "over": "已平息",
		}, figures: "%d 条，负面 %d 条，净情感值 %s",
		latest: "最近一条", firing: "进行中的告警", none: "无", crisis: "舆情阶段", sources: "异常来源",
		firingAlert: "#%[1]d %[3]s：%[2]s，始于 %[4]s", peak: "峰值每小时 %d 条", comma: "，", noTalk: "近 24 小时没有关于 %s 的负面声音。",
		silenced: "%s 已静音至 %s（静音 %d）。用 `/reputed silence end %[3]d` 可提前结束。", howLong: "“%s”不是静音时长，请写 4h、tomorrow（明早 9:00）或 7d。",
		silenceTitle: "生效中的静音", noSilences: "没有生效中的静音。", silence: "%d：%s，%s 设置，至 %s：%s", unmuted: "静音 %d 已结束。", noSilence: "没有生效中的静音 %d。",
		askedBy: "仅你可见", typed: "在 Slack 中输入",
	}
}
