package web

// phrases holds the texts of the pages in one language. A comment names the arguments
// of a format.
type phrases struct {
	lang string

	// On every page.
	Overview, Alerts, Brands, Other string // Other: the name of the other language, in that
	ReadOnly                        string
	None, NoneWhy                   string
	Failed, FailedWhy               string
	Host                            string
	Date, DateYear, Mon             string // layouts
	Day                             string // layout
	Zone                            string // zone, time

	// Figures.
	Mentions, Negative, Net, Share string
	NegativeN, MentionsN           string // count
	Last24, Last7, Before          string
	Usually                        string // count
	NotUsual                       string
	Week                           string // net sentiment before
	SparkOf                        string // days
	FiringN                        string // count
	Firing, Resolved, Calm         string
	Since                          string // time
	Open, NoneOpen                 string
	Troubles, TroublesWhy          string
	UsualBand                      string
	Highest                        string // count
	HourlyOf, DailyOf, TrendOf     string // days
	DaysShort, LastDays            string // count
	Drivers, NoDrivers             string
	BrandSignals, NoSignals        string
	AllTalk, OpenedAt              string
	Stories, NoStories             string
	Copies                         string // count
	ToldTimes                      string // items, sources
	Crisis, Crises, NoCrises       string
	Peak                           string // count
	Resilience                     string // percent, defenders, attackers
	NoSides                        string
	ToBaseline                     string // hours
	StillOpen                      string
	BrandAlerts, NoAlerts          string
	Observed, Expected             string
	Newer, Older                   string

	// An alert.
	AlertN                                   string // number
	WhenOpened, NowIs, AtEnd                 string
	Advice                                   string
	WhoStarted, Media                        string
	Behind, BehindMost                       string // count
	ShownOf                                  string // shown, all
	NothingBehind                            string
	Told, NotTold, Waiting, Delivered, Tries string
	MutedBy                                  string            // by
	Mutes                                    map[string]string // what can mute an alert, by its name in the database; number
	TakenOn                                  string            // who, when
	FirstMention                             string
	Done, NothingDone                        string
	Deeds                                    map[string]string
	Events                                   map[string]string
	CountAgain, CountAgainWhy                string

	// A mention.
	MentionN           string // number
	Corrected          string // before, after, by, time
	Steps, StepsWhy    string
	Speaking           string
	Praise, Blame      string
	Term, Weight, How  string
	NoSteps            string
	Driver, Stage      string
	Signals, Unclear   string
	Stages             map[string]string
	Original, Cut      string
	Published, Fetched string
	Source             string
}

// phrasesIn returns the texts in a language: English for "en", else Chinese.
func phrasesIn(lang string) phrases {
	if lang == "en" {
		return phrases{
			lang: "en",

			Overview: "Overview", Alerts: "Alerts", Brands: "Brands", Other: "中文",
			ReadOnly: "These pages only read. Alerts are answered in Slack, or with the command reputed.",
			None:     "There is no such page", NoneWhy: "The alert or mention may have been deleted since, or the address is incomplete.",
			Failed: "The page could not be made", FailedWhy: "The reason stands in the log of the service. Please try again in a minute.",
			Host: "This name is not known here. Add the address to web.url in the configuration.",
			Date: "2 Jan 15:04", DateYear: "2 Jan 2006 15:04", Mon: "Mon 2 Jan", Day: "2 Jan",
			Zone: "Times are those of %s; it is %s.",

			Mentions: "mentions", Negative: "negative", Net: "net sentiment", Share: "negative share", NegativeN: "%d negative", MentionsN: "%d mentions",
			Last24: "last 24 h", Last7: "last 7 days", Before: "before",
			Usually: "usually %s", NotUsual: "usual level not known yet", Week: "%s the 7 days before", SparkOf: "Mentions and negative mentions, %d days",
			FiringN: "alerts that fire: %d",

			Firing: "firing", Resolved: "over", Calm: "calm", Since: "since %s",
			Open: "Open alerts", NoneOpen: "No alert is firing.",
			Troubles: "Sources in trouble", TroublesWhy: "What they would bring is missing above.",
			UsualBand: "usual band", Highest: "highest %d", HourlyOf: "Negative mentions an hour, %d days", AllTalk: "all mentions", OpenedAt: "alert opened", DailyOf: "Mentions a day, %d days", TrendOf: "Mentions an hour, %d days",
			DaysShort: "%d d", LastDays: "last %d days",
			Drivers: "What the criticism is about", NoDrivers: "No negative mention is clearly about one thing.",
			BrandSignals: "Signals", NoSignals: "No mention carries a signal.",
			Stories: "Most told, and most negative", NoStories: "There are no stories in this time.", Copies: "copied elsewhere: %d", ToldTimes: "told %d times in %d sources",
			Crisis: "The crisis", Crises: "Crises", NoCrises: "There was no crisis in this time.", Peak: "peak %d an hour",
			Resilience: "%s stand up for the brand (%d defend, %d attack)", NoSides: "nobody takes sides", ToBaseline: "back to usual after %.0f h", StillOpen: "not over",
			BrandAlerts: "Alerts", NoAlerts: "There was no alert in this time.",
			Observed: "observed", Expected: "expected",
			Newer: "newer", Older: "older",

			AlertN: "Alert #%d", WhenOpened: "When it opened", NowIs: "Now", AtEnd: "At its end",

			Advice: "Advice", WhoStarted: "Who started it", FirstMention: "its first mention", Media: "media",
			Behind: "The mentions behind it (%d)", BehindMost: "The mentions behind it (more than %d)", ShownOf: "The %d most negative stories of %d mentions.", NothingBehind: "No mentions stand behind it.",
			Told: "Who was told", NotTold: "Nobody was told.", Waiting: "waits", Delivered: "delivered", Tries: "failed tries: %d",
			Mutes:   map[string]string{"silence": "silence %s", "alert": "alert #%s", "quiet hours": "quiet hours"},
			MutedBy: "not told because of %s", TakenOn: "%s takes care of it, since %s",
			Done: "What people did", NothingDone: "Nobody has done anything about it here.",
			Deeds:      map[string]string{"acknowledge": "acknowledged it", "mute": "muted it", "unmute": "ended a silence", "correct": "corrected a rating", "more": "read more excerpts", "command": "asked"},
			Events:     map[string]string{"opened": "opened", "escalated": "escalated", "reopened": "fired again", "repeated": "reminder", "resolved": "over"},
			CountAgain: "Count it again", CountAgainWhy: "In a shell on the machine of the service, or with any SQLite tool on its database.",

			MentionN:  "Mention %d",
			Corrected: "rated %s, corrected to %s by %s, %s",
			Steps:     "How the score came about", StepsWhy: "Each weight is a part of the score, which is always between -1 and 1.",
			Speaking: "What speaks for driver, stage and signals", Praise: "praise", Blame: "blame",
			Term: "words", Weight: "weight", How: "how", NoSteps: "No words in it say anything about the brand.",
			Driver: "about", Stage: "stage", Signals: "signals", Unclear: "unclear",
			Stages:   map[string]string{"promise": "before buying", "purchase": "buying", "delivery": "what was received", "relationship": "after-sales and staying"},
			Original: "Original", Cut: "The text is cut; the whole stands in the database.", Published: "published", Fetched: "read", Source: "source",
		}
	}
	return phrases{
		lang: "zh",

		Overview: "总览", Alerts: "告警", Brands: "品牌", Other: "English",
		ReadOnly: "网页只供查看。处理告警请在 Slack 中操作，或使用 reputed 命令。",
		None:     "没有这个页面", NoneWhy: "告警或提及可能已被删除，也可能是地址不完整。",
		Failed: "页面暂时打不开", FailedWhy: "原因已写入服务日志，请一分钟后再试。",
		Host: "这里不认识这个域名，请把访问地址写进配置的 web.url。",
		Date: "1月2日 15:04", DateYear: "2006年1月2日 15:04", Mon: "1月2日", Day: "1月2日",
		Zone: "时间均为 %s，现在是 %s。",

		Mentions: "声量", Negative: "负面", Net: "净情感值", Share: "负面占比", NegativeN: "负面 %d 条", MentionsN: "声量 %d 条",
		Last24: "近 24 小时", Last7: "近 7 天", Before: "此前",
		Usually: "通常 %s", NotUsual: "通常水平还在积累", Week: "前 7 天 %s", SparkOf: "近 %d 天声量与负面",
		FiringN: "进行中的告警 %d 条",

		Firing: "进行中", Resolved: "已恢复", Calm: "平稳", Since: "始于 %s",
		Open: "进行中的告警", NoneOpen: "没有进行中的告警。",
		Troubles: "异常来源", TroublesWhy: "它们本该带来的内容，没有计入上面的数字。",
		UsualBand: "通常水平", Highest: "最高 %d", HourlyOf: "近 %d 天每小时负面声量", AllTalk: "全部声量", OpenedAt: "告警时间", DailyOf: "近 %d 天每天声量", TrendOf: "近 %d 天每小时声量",
		DaysShort: "%d 天", LastDays: "近 %d 天",
		Drivers: "批评集中在哪里", NoDrivers: "负面内容没有明确的话题。",
		BrandSignals: "信号", NoSignals: "没有带信号的内容。",
		Stories: "传得最多与最负面的内容", NoStories: "这段时间没有内容。", Copies: "另有 %d 处转载", ToldTimes: "出现 %d 次，见于 %d 个来源",
		Crisis: "舆情事件", Crises: "舆情事件", NoCrises: "这段时间没有舆情事件。", Peak: "峰值每小时 %d 条",
		Resilience: "危机韧性 %s（维护 %d，批评 %d）", NoSides: "无人表态", ToBaseline: "%.0f 小时后回到常态", StillOpen: "尚未平息",
		BrandAlerts: "告警", NoAlerts: "这段时间没有告警。",
		Observed: "实际", Expected: "期望",
		Newer: "较新", Older: "较早",

		AlertN: "告警 #%d", WhenOpened: "触发时", NowIs: "目前", AtEnd: "恢复时",

		Advice: "建议", WhoStarted: "最早从哪里传开", FirstMention: "首条内容", Media: "媒体",
		Behind: "依据的内容（%d 条）", BehindMost: "依据的内容（超过 %d 条）", ShownOf: "以下是去重后最负面的 %d 条，共 %d 条。", NothingBehind: "这条告警没有对应的内容。",
		Told: "通知了谁", NotTold: "没有通知任何人。", Waiting: "等待发送", Delivered: "已送达", Tries: "失败 %d 次",
		Mutes:   map[string]string{"silence": "静默 %s", "alert": "告警 #%s", "quiet hours": "免打扰时段"},
		MutedBy: "未通知，原因：%s", TakenOn: "%s 已认领（%s）",
		Done: "处理记录", NothingDone: "这里还没有处理记录。",
		Deeds:      map[string]string{"acknowledge": "认领", "mute": "静音", "unmute": "结束静音", "correct": "更正评级", "more": "查看更多原文", "command": "查询"},
		Events:     map[string]string{"opened": "首次告警", "escalated": "升级", "reopened": "再次触发", "repeated": "提醒", "resolved": "已恢复"},
		CountAgain: "自己核对", CountAgainWhy: "在运行服务的机器上执行命令，或用任何 SQLite 工具查询数据库。",

		MentionN:  "提及 %d",
		Corrected: "原评为%s，已更正为%s（%s，%s）",
		Steps:     "得分是怎么来的", StepsWhy: "每一项权重都是得分的一部分，得分总在 -1 和 1 之间。",
		Speaking: "话题、阶段与信号的依据", Praise: "褒", Blame: "贬",
		Term: "词语", Weight: "权重", How: "依据", NoSteps: "没有词语对品牌有所褒贬。",
		Driver: "话题", Stage: "阶段", Signals: "信号", Unclear: "不明确",
		Stages:   map[string]string{"promise": "购买之前", "purchase": "购买过程", "delivery": "产品与服务", "relationship": "售后与复购"},
		Original: "原文", Cut: "内容过长，已截断；全文在数据库中。", Published: "发布", Fetched: "采集", Source: "来源",
	}
}
