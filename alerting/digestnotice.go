package alerting

import (
	"fmt"
	"math"
	"strings"
	"time"

	"reputed/internal/reputation"
)

const (
	digestBrands  = 8  // brands that a digest shows with figures: Slack takes ten fields
	digestAlerts  = 5  // alerts that it lists
	digestCrises  = 3  // crises that it describes
	digestSources = 4  // sources in trouble that it names
	digestRunes   = 80 // of a story: a digest is read in passing
)

// digestNotice puts a digest of a day or week into words.
func (w Wording) digestNotice(m reputation.Message) notice {
	p, shared, d := digestPhrasesOf(w.Lang), phrasesOf(w.Lang), *m.Digest
	n := notice{
		event: reputation.Ended, // nothing to do
		level: reputation.Warning,
		title: w.digestTitle(d, p, shared),
		about: p.period(d.Kind, shared.period(d.From.In(w.Zone), d.To.In(w.Zone))),
		again: field{p.look, w.alertsCommand(d.From)},
		web:   w.on("/"),
	}
	if len(d.Episodes)+len(d.Troubles) > 0 || unresolved(d.Alerts) > 0 {
		n.event = reputation.Opened
	}
	for _, b := range d.Brands[:min(len(d.Brands), digestBrands)] {
		n.fields = append(n.fields, field{cut(reputation.OneLine(b.Brand), 40), p.figures(b)})
	}
	if rest := len(d.Brands) - digestBrands; rest > 0 {
		n.fields = append(n.fields, field{p.besides, fmt.Sprintf(p.moreBrands, rest)})
	}
	for _, b := range d.Brands[:min(len(d.Brands), digestBrands)] {
		if moved := p.moves(b.Drivers, shared); moved != "" {
			n.facts = append(n.facts, field{p.of(p.drivers, b.Brand, len(d.Brands)), moved})
		}
	}
	n.facts = append(n.facts, w.alertFacts(d, p, shared)...)
	for _, e := range d.Episodes[:min(len(d.Episodes), digestCrises)] {
		n.facts = append(n.facts, field{p.of(p.crisis, e.Brand, len(d.Brands)), w.crisis(e)})
	}
	if rest := len(d.Episodes) - digestCrises; rest > 0 {
		n.facts = append(n.facts, field{p.crisis, fmt.Sprintf(shared.more, rest)})
	}
	n.facts = append(n.facts, field{p.sources, w.troubled(d.Troubles, p, shared)})
	for _, s := range d.Stories[:min(len(d.Stories), digestStories)] {
		notes := []string{p.labels[s.Label]}
		if len(d.Brands) > 1 {
			notes = append([]string{cut(reputation.OneLine(s.Brand), 40)}, notes...)
		}
		if s.Items > 1 {
			notes = append(notes, fmt.Sprintf(p.told, s.Items, s.Sources))
		}
		q := w.quotation(s.Quote, shared)
		q.text, q.notes = cut(q.text, digestRunes), notes
		n.quotes = append(n.quotes, q)
	}
	return n
}

// digestTitle is what a phone shows before the message is opened: with one brand its
// figures, else which brands there are.
func (w Wording) digestTitle(d reputation.Digest, p digestPhrases, shared phrases) string {
	day := d.To.In(w.Zone).Format(p.day)
	if len(d.Brands) == 1 {
		b := d.Brands[0]
		return fmt.Sprintf(p.titles[d.Kind], day) + p.bar + cut(reputation.OneLine(b.Brand), 30) + p.space + p.headline(b)
	}
	var names []string
	for _, b := range d.Brands[:min(len(d.Brands), titledTroubles)] {
		names = append(names, cut(reputation.OneLine(b.Brand), 20))
	}
	list := strings.Join(names, shared.separator)
	if len(d.Brands) > titledTroubles {
		list += fmt.Sprintf(p.andMore, len(d.Brands))
	}
	return fmt.Sprintf(p.titles[d.Kind], day) + p.bar + list
}

func unresolved(alerts []reputation.DigestAlert) (n int) {
	for _, a := range alerts {
		if a.State == reputation.Firing {
			n++
		}
	}
	return n
}

// alertFacts tells of the alerts: how many there were, and of the latest what they are.
func (w Wording) alertFacts(d reputation.Digest, p digestPhrases, shared phrases) []field {
	if len(d.Alerts) == 0 {
		return []field{{p.alerts, p.none}}
	}
	facts := []field{{p.alerts, fmt.Sprintf(p.alertN, len(d.Alerts), unresolved(d.Alerts))}}
	listed := d.Alerts[max(0, len(d.Alerts)-digestAlerts):]
	for _, a := range listed {
		rule, _, _ := strings.Cut(strings.ReplaceAll(nameOf(shared.rules, a.Rule), "（", " ("), " (") // without its name in the configuration
		parts := []string{rule, shared.severities[a.Severity] + p.comma + p.states[a.State], a.OpenedAt.In(w.Zone).Format(shared.date)}
		parts = append(parts, peakOf(a.Rule, p.peak, a.Peak)...)
		if len(d.Brands) != 1 {
			parts = append([]string{cut(reputation.OneLine(a.Brand), 40)}, parts...)
		}
		facts = append(facts, field{fmt.Sprintf("#%d", a.ID), strings.Join(parts, " · ")})
	}
	if rest := len(d.Alerts) - len(listed); rest > 0 {
		facts = append(facts, field{p.besides, fmt.Sprintf(p.earlier, rest)})
	}
	return facts
}

// troubled names the sources in trouble.
func (w Wording) troubled(list []reputation.SourceTrouble, p digestPhrases, shared phrases) string {
	if len(list) == 0 {
		return p.allWell
	}
	kinds := sourcePhrasesOf(w.Lang).troubles
	var parts []string
	for _, t := range list[:min(len(list), digestSources)] {
		parts = append(parts, cut(reputation.OneLine(t.Source), 40)+p.colon+nameOf(kinds, string(t.Trouble)))
	}
	if rest := len(list) - digestSources; rest > 0 {
		parts = append(parts, fmt.Sprintf(shared.more, rest))
	}
	return fmt.Sprintf(p.sourceN, len(list)) + strings.Join(parts, " · ")
}

// alertsCommand is what an operator types to see the alerts since a time.
func (w Wording) alertsCommand(since time.Time) string {
	return w.configured("reputed alerts list") + " --since " + since.UTC().Format(time.RFC3339)
}

// digestPhrases holds the texts of digests in one language.
type digestPhrases struct {
	titles             map[reputation.DigestKind]string // day
	day                string                           // layout
	bar, space, comma  string
	colon              string
	andMore            string // brands in all
	volume             string // mentions, change
	net, share         string // value, change
	drivers, crisis    string
	alerts, sources    string
	none, allWell      string
	alertN             string // count, firing
	peak               string // count
	states             map[reputation.State]string
	sourceN            string // count
	besides            string
	moreBrands         string // count
	earlier            string // count
	told               string // count, sources
	labels             map[reputation.Label]string
	span               map[reputation.DigestKind]string // period
	look               string
	points, fresh      string // change of a share in percent points; what was not there before
	unchanged, brandOf string // brand, what
}

func (p digestPhrases) period(kind reputation.DigestKind, span string) string {
	return fmt.Sprintf(p.span[kind], span)
}

// of names what a line is about, and the brand where there are several.
func (p digestPhrases) of(what, brand string, brands int) string {
	if brands < 2 {
		return what
	}
	return fmt.Sprintf(p.brandOf, cut(reputation.OneLine(brand), 40), what)
}

// figures are a brand's figures with their changes.
func (p digestPhrases) figures(b reputation.BrandDigest) string {
	if voice := p.voice(b); voice != "" {
		return p.headline(b) + " · " + voice
	}
	return p.headline(b)
}

// voice is a brand's share of voice with its change; empty for a brand without one.
func (p digestPhrases) voice(b reputation.BrandDigest) string {
	if b.Share < 0 {
		return ""
	}
	change := ""
	if b.ShareBefore >= 0 {
		if points := math.Round(100*b.Share) - math.Round(100*b.ShareBefore); points != 0 {
			change = " " + arrow(points) + fmt.Sprintf(p.points, math.Abs(points))
		}
	}
	return fmt.Sprintf(p.share, percent(b.Share), change)
}

// headline is net sentiment and volume with their changes.
func (p digestPhrases) headline(b reputation.BrandDigest) string {
	volume := fmt.Sprintf(p.volume, b.Now.Mentions, p.change(b.Now.Mentions, b.Before.Mentions))
	if b.Now.Mentions == 0 {
		return volume
	}
	now, before := hundredths(b.Now.NetSentiment()), hundredths(b.Before.NetSentiment())
	change := ""
	if b.Before.Mentions > 0 && now != before {
		change = fmt.Sprintf(" %s%.2f", arrow(now-before), math.Abs(now-before))
	}
	return fmt.Sprintf(p.net, fmt.Sprintf("%+.2f", now), change) + " · " + volume
}

// hundredths rounds what is shown, so that the difference is that of the shown values;
// adding zero makes a negative zero a plain one.
func hundredths(x float64) float64 { return math.Round(100*x)/100 + 0 }

// change is how much a count grew, in percent of what it was.
func (p digestPhrases) change(now, before int) string {
	switch {
	case before == 0 && now == 0 || now == before:
		return p.unchanged
	case before == 0:
		return p.fresh
	}
	share := 100 * (float64(now) - float64(before)) / float64(before)
	if math.Abs(share) > 999 {
		return fmt.Sprintf(" %s×%s", arrow(share), number(float64(now)/float64(before)))
	}
	return fmt.Sprintf(" %s%s%%", arrow(share), number(max(1, math.Round(math.Abs(share)))))
}

func arrow(change float64) string {
	if change < 0 {
		return "▼"
	}
	return "▲"
}

// moves names the drivers that moved.
func (p digestPhrases) moves(list []reputation.DriverMove, shared phrases) string {
	var parts []string
	for _, m := range list {
		change := m.Now - m.Before
		parts = append(parts, fmt.Sprintf("%s %d %s%d", nameOf(shared.driverNames, m.Driver), m.Now, arrow(float64(change)), max(change, -change)))
	}
	return strings.Join(parts, " · ")
}

// digestPhrasesOf returns the texts of a language: English for "en", else Chinese.
func digestPhrasesOf(lang string) digestPhrases {
	if lang == "en" {
		return digestPhrases{
			titles: map[reputation.DigestKind]string{"daily": "📊 Daily digest, %s", "weekly": "📊 Weekly digest, %s"},
			day:    "2 Jan", bar: " | ", space: ": ", comma: ", ", colon: ": ", andMore: " and others, %d in all",
			volume: "%d mentions%s", net: "net sentiment %s%s", share: "share of voice %s%s",
			drivers: "Complaints about", crisis: "Crisis", alerts: "Alerts", sources: "Sources", none: "none", allWell: "all well",
			alertN: "%d, still firing: %d", peak: "peak %d an hour",
			states:  map[reputation.State]string{reputation.Firing: "firing", reputation.Resolved: "resolved"},
			sourceN: "%d in trouble: ", besides: "Besides", moreBrands: "%d more brands", earlier: "%d earlier ones", told: "%d times in %d sources",
			labels: map[reputation.Label]string{reputation.Positive: "positive", reputation.Neutral: "neutral", reputation.Negative: "negative"},
			span: map[reputation.DigestKind]string{
				"daily": "%s, against the day before", "weekly": "%s, against the week before",
			},
			look: "See the alerts with", points: "%.0f points", fresh: " (none before)", unchanged: " (unchanged)", brandOf: "%[1]s: %[2]s",
		}
	}
	return digestPhrases{
		titles: map[reputation.DigestKind]string{"daily": "📊 舆情日报 %s", "weekly": "📊 舆情周报 %s"},
		day:    "1月2日", bar: "｜", space: " ", comma: "、", colon: "：", andMore: " 等 %d 个品牌",
		volume: "声量 %d%s", net: "净情感 %s%s", share: "声量占比 %s%s",
		drivers: "负面话题", crisis: "舆情进展", alerts: "告警", sources: "来源", none: "无", allWell: "全部正常",
		alertN: "%d 条，其中 %d 条尚未恢复", peak: "峰值每小时 %d 条",
		states:  map[reputation.State]string{reputation.Firing: "未恢复", reputation.Resolved: "已恢复"},
		sourceN: "%d 个异常：", besides: "此外", moreBrands: "另有 %d 个品牌", earlier: "更早还有 %d 条", told: "%d 条，%d 个来源",
		labels: map[reputation.Label]string{reputation.Positive: "正面", reputation.Neutral: "中性", reputation.Negative: "负面"},
		span: map[reputation.DigestKind]string{
			"daily": "统计时段 %s，与前一日相比", "weekly": "统计时段 %s，与前一周相比",
		},
		look: "查看告警", points: "%.0f 个百分点", fresh: "（此前为 0）", unchanged: "（持平）", brandOf: "%[1]s %[2]s",
	}
}
