package alerting

import (
	"fmt"
	"slices"
	"strings"

	"reputed/internal/reputation"
)

// listing names alerts, however many. Where not all have room, the numbers of the
// rest stand for them.
type listing struct {
	entries []entry
	rest    string // format of how many are not shown, and their numbers
	more    string // what stands for numbers that have no room either
}

// entry is an alert in a listing.
type entry struct {
	id    int64
	text  string
	group string // entries of one group share lines that begin with it; one without has its own
}

// perLine is how many entries of a group stand in one line.
const perLine = 20

// lines are the listing in lines of together at most limit, as size measures each.
func (l listing) lines(limit int, size func(line string) int) []string {
	fits := func(lines []string) bool {
		total := 0
		for _, line := range lines {
			total += size(line) + 1
		}
		return total <= limit
	}
	// The largest number of entries with which all fits, by halving.
	shown, tooMany := 0, len(l.entries)+1
	for tooMany-shown > 1 {
		if middle := (shown + tooMany) / 2; fits(l.first(middle)) {
			shown = middle
		} else {
			tooMany = middle
		}
	}
	lines := l.first(shown)
	for len(lines) > 0 && !fits(lines) { // the numbers alone are too long
		last := []rune(lines[len(lines)-1])
		if len(last) < 2*len(l.more) {
			return nil
		}
		lines[len(lines)-1] = string(last[:len(last)*3/4-len(l.more)]) + l.more
	}
	return lines
}

// first are the lines with the first n entries, and the numbers of the others.
func (l listing) first(n int) []string {
	var lines []string
	last, inLine := "", 0
	for _, e := range l.entries[:n] {
		switch {
		case e.group == "":
			lines = append(lines, e.text)
		case e.group == last && inLine < perLine:
			lines[len(lines)-1] += " · " + e.text
			inLine++
			continue
		default:
			lines = append(lines, e.group+"  "+e.text)
			inLine = 1
		}
		last = e.group
	}
	if n < len(l.entries) {
		var ids []int64
		for _, e := range l.entries[n:] {
			ids = append(ids, e.id)
		}
		lines = append(lines, fmt.Sprintf(l.rest, len(ids), ranges(ids)))
	}
	return lines
}

// ranges writes numbers in order, those that follow each other as one range.
func ranges(ids []int64) string {
	ids = slices.Sorted(slices.Values(ids))
	var parts []string
	for i := 0; i < len(ids); {
		j := i
		for j+1 < len(ids) && ids[j+1] == ids[j]+1 {
			j++
		}
		part := fmt.Sprintf("#%d", ids[i])
		if j > i {
			part += fmt.Sprintf("–#%d", ids[j])
		}
		parts = append(parts, part)
		i = j + 1
	}
	return strings.Join(parts, ", ")
}

// heldNotice puts a digest of alerts that were not told one by one into words: those
// that quiet hours held back, or that a receiver could not be told.
func (w Wording) heldNotice(m reputation.Message) notice {
	p, h := phrasesOf(w.Lang), heldPhrasesOf(w.Lang)
	d := m.Digest
	n := notice{event: reputation.Ended, level: reputation.Warning, about: h.kinds[d.Kind], again: field{h.look, w.alertsCommand(d.From)}, web: w.on("/alerts")}
	firing := 0
	for _, a := range d.Alerts {
		e := entry{id: a.ID, text: fmt.Sprintf("#%d %s", a.ID, w.spanOf(a, d, p))}
		what := nameOf(nil, a.Brand) + " · " + nameOf(p.rules, a.Rule)
		if a.State == reputation.Firing {
			firing++
			n.event = reputation.Opened
			sign := "🟠"
			if a.Severity == reputation.Critical {
				n.level, sign = reputation.Critical, "🔴"
			}
			since := fmt.Sprintf(h.since, a.OpenedAt.In(w.Zone).Format(p.date))
			parts := append([]string{fmt.Sprintf("%s #%d %s", sign, a.ID, what), since}, peakOf(a.Rule, h.peak, a.Peak)...)
			e.text = strings.Join(parts, " · ")
		} else {
			e.group = what
		}
		n.listing.entries = append(n.listing.entries, e)
	}
	// Groups stand together, in the order of their first alerts, after those that fire.
	order := map[string]int{"": -1}
	for i, e := range n.listing.entries {
		if _, ok := order[e.group]; !ok {
			order[e.group] = i
		}
	}
	slices.SortStableFunc(n.listing.entries, func(x, y entry) int { return order[x.group] - order[y.group] })
	n.listing.rest, n.listing.more = h.rest, h.more
	n.title = h.title(d.Kind, len(d.Alerts), firing, len(d.Troubles))
	n.fields = []field{{h.period, p.period(d.From.In(w.Zone), d.To.In(w.Zone))}}
	if len(d.Alerts) > 0 {
		n.fields = append(n.fields, field{h.firing, fmt.Sprintf(h.count, firing)}, field{h.over, fmt.Sprintf(h.count, len(d.Alerts)-firing)})
	}
	if len(d.Troubles) > 0 {
		about := w.sourceNotice(reputation.Message{Event: reputation.Opened, At: d.To, Troubles: lastOfEach(d.Troubles)})
		n.ailing, n.facts = about.ailing, about.facts
	}
	return n
}

// lastOfEach keeps of several troubles of a source the last one.
func lastOfEach(troubles []reputation.SourceTrouble) []reputation.SourceTrouble {
	var kept []reputation.SourceTrouble
	for _, t := range troubles {
		same := func(k reputation.SourceTrouble) bool { return k.Source == t.Source }
		if i := slices.IndexFunc(kept, same); i >= 0 {
			kept[i] = t
			continue
		}
		kept = append(kept, t)
	}
	return kept
}

// spanOf writes from when to when an alert fired, with days where it was not on that of
// the digest.
func (w Wording) spanOf(a reputation.DigestAlert, d *reputation.Digest, p phrases) string {
	from, to, day := a.OpenedAt.In(w.Zone), a.ResolvedAt.In(w.Zone), d.To.In(w.Zone).YearDay()
	layout := p.clock
	if from.YearDay() != day {
		layout = p.date
	}
	text := from.Format(layout) + "–"
	switch {
	case a.ResolvedAt.IsZero():
	case from.YearDay() != to.YearDay():
		text += to.Format(p.date)
	default:
		text += to.Format(p.clock)
	}
	return text
}

// heldPhrases holds the texts of such digests in one language.
type heldPhrases struct {
	kinds               map[reputation.DigestKind]string
	some, none, sources string // kind, alerts, of them firing; kind, alerts; kind, notices about sources
	firing, over, count string
	period              string
	since, peak         string // time; count
	rest, more, look    string // count, numbers
}

func (h heldPhrases) title(kind reputation.DigestKind, alerts, firing, sources int) string {
	switch {
	case alerts == 0:
		return "⚠️ " + fmt.Sprintf(h.sources, h.kinds[kind], sources)
	case firing == 0:
		return "✅ " + fmt.Sprintf(h.none, h.kinds[kind], alerts)
	}
	return "📬 " + fmt.Sprintf(h.some, h.kinds[kind], alerts, firing)
}

// heldPhrasesOf returns the texts of a language: English for "en", else Chinese.
func heldPhrasesOf(lang string) heldPhrases {
	if lang == "en" {
		return heldPhrases{
			kinds: map[reputation.DigestKind]string{reputation.Outage: "Undelivered until now", reputation.Quiet: "Held back in quiet hours"},
			some:  "%[1]s | alerts: %[2]d, still firing: %[3]d", none: "%[1]s | alerts: %[2]d, all of them over", sources: "%[1]s | notices about sources: %[2]d",
			period: "From, to", firing: "Still firing", over: "Over", count: "%d", since: "since %s", peak: "peak %d an hour",
			rest: "%d more: %s", more: " …", look: "See all with",
		}
	}
	return heldPhrases{
		kinds: map[reputation.DigestKind]string{reputation.Outage: "积压汇总", reputation.Quiet: "免打扰时段汇总"},
		some:  "%[1]s｜告警 %[2]d 条，其中 %[3]d 条仍在持续", none: "%[1]s｜告警 %[2]d 条，均已恢复", sources: "%[1]s｜来源通知 %[2]d 条",
		period: "时段", firing: "仍在持续", over: "已恢复", count: "%d 条", since: "%s 起", peak: "峰值每小时 %d 条",
		rest: "另有 %d 条：%s", more: "……", look: "查看全部告警",
	}
}
