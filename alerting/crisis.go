package alerting

import (
	"fmt"
	"strings"

	"reputed/internal/reputation"
)

// crisis puts an episode into one line: its phase, who started it, and who stands up
// for the brand.
func (w Wording) crisis(e reputation.Episode) string {
	p, date := crisisPhrasesOf(w.Lang), phrasesOf(w.Lang).date
	parts := []string{fmt.Sprintf(p.since, nameOf(p.phases, string(e.Phase)), e.Since.In(w.Zone).Format(date))}
	if e.Since != e.Began {
		parts = append(parts, fmt.Sprintf(p.began, e.Began.In(w.Zone).Format(date)))
	}
	if len(e.Sources) > 0 {
		first := e.Sources[0]
		parts = append(parts, fmt.Sprintf(p.started, cut(reputation.OneLine(first.Source), 40), first.At.In(w.Zone).Format(date)))
	}
	if share, ok := e.Resilience(); ok {
		parts = append(parts, fmt.Sprintf(p.resilience, percent(share), e.Defenders, e.Attackers))
	}
	return strings.Join(parts, " · ")
}

// crisisPhrases holds the texts about episodes in one language.
type crisisPhrases struct {
	label          string
	phases         map[string]string
	since          string // phase, time
	began, started string // time; source, time
	resilience     string // share, defenders, attackers
}

// crisisPhrasesOf returns the texts of a language: English for "en", else Chinese.
func crisisPhrasesOf(lang string) crisisPhrases {
	if lang == "en" {
		return crisisPhrases{
			label: "Crisis",
			phases: map[string]string{
				"latent": "first signs", "outbreak": "outbreak", "spread": "spreading", "long_tail": "long tail", "over": "over",
			},
			since: "%s since %s", began: "began %s", started: "started by %s, %s", resilience: "resilience %s (%d defend, %d attack)",
		}
	}
	return crisisPhrases{
		label: "舆情阶段",
		phases: map[string]string{
			"latent": "潜伏期", "outbreak": "爆发期", "spread": "扩散期", "long_tail": "长尾期", "over": "已平息",
		},
		since: "%s（%s 起）", began: "苗头始于 %s", started: "首发 %s %s", resilience: "危机韧性 %s（维护 %d，批评 %d）",
	}
}
