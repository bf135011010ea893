package main

import (
	"context"
	"maps"
	"slices"
	"time"

	"reputed/alerting"
	"reputed/internal/config"
	"reputed/internal/reputation"
	"reputed/internal/store"
	"reputed/internal/trend"
)

// rules judge the talk about a brand in the hours up to a full hour; see alerting.Alerter.
type rules = func(ctx context.Context, brand string, hour time.Time) ([]reputation.RuleJudgement, error)

// rulesOf judges the talk about the brands in the hours up to a time, by all rules but
// that on the volume, with the probability of its detector.
func rulesOf(db *store.Store, brands []config.Brand, probability float64) rules {
	competitors := competitorsOf(brands)
	return func(ctx context.Context, brand string, to time.Time) ([]reputation.RuleJudgement, error) {
		talk, err := db.Talk(ctx, brand, competitors[brand], to, trend.Hours)
		if err != nil {
			return nil, err
		}
		return judgeTalk(ctx, db, brand, competitors[brand], talk, probability)
	}
}

// judgeTalk judges talk, and what is a spike in it again without the sources that have
// no history yet: a board of complaints that is added brings another share of them.
// That the brand is not spoken of at all, and a single word, tell the same without a
// history.
func judgeTalk(ctx context.Context, db *store.Store, brand string, competitors []string, talk reputation.Talk, probability float64) ([]reputation.RuleJudgement, error) {
	judged := trend.Judge(talk, probability)
	doubtful := func(j reputation.RuleJudgement) bool {
		return j.Spike && j.Rule != reputation.RuleSilence && j.Rule != reputation.RuleRiskWord
	}
	if !slices.ContainsFunc(judged, doubtful) {
		return judged, nil
	}
	young, err := db.Young(ctx, talk.To.Add(-alerting.WarmUp))
	if err != nil || len(young) == 0 {
		return judged, err
	}
	talk, err = db.Talk(ctx, brand, competitors, talk.To, trend.Hours, slices.Sorted(maps.Keys(young))...)
	if err != nil {
		return nil, err
	}
	again := trend.Judge(talk, probability)
	for i, j := range judged {
		if !doubtful(j) {
			continue
		}
		k := slices.IndexFunc(again, func(other reputation.RuleJudgement) bool { return other.Rule == j.Rule })
		if k >= 0 {
			judged[i] = again[k]
		} else { // no other source brings what the rule is on
			judged[i].Spike, judged[i].Reason = false, "no source with a history says so"
		}
	}
	return judged, nil
}

// competitorsOf are each brand's competitors.
func competitorsOf(brands []config.Brand) map[string][]string {
	competitors := make(map[string][]string)
	for _, b := range brands {
		competitors[b.Name] = b.Competitors
	}
	return competitors
}

// pastRules judges the stored talk about a brand as rulesOf does, at any full hour from
// first to last. All of it is read once, and each hour judged once: what is stored stays
// as it is.
func pastRules(ctx context.Context, db *store.Store, brand config.Brand, first, last time.Time, probability float64) (rules, error) {
	// The first hour that is judged is the one before the first, and has all its history.
	last = last.Truncate(time.Hour)
	hours := trend.Hours + 2 + int(max(last.Sub(first), 0)/time.Hour)
	talk, err := db.Talk(ctx, brand.Name, brand.Competitors, last, hours)
	if err != nil {
		return nil, err
	}
	known := make(map[time.Time][]reputation.RuleJudgement)
	return func(ctx context.Context, _ string, to time.Time) ([]reputation.RuleJudgement, error) {
		judged, ok := known[to]
		if !ok {
			window := talk.Window(len(talk.Hours)-int(last.Sub(to)/time.Hour), trend.Hours)
			if judged, err = judgeTalk(ctx, db, brand.Name, brand.Competitors, window, probability); err != nil {
				return nil, err
			}
			known[to] = judged
		}
		return judged, nil
	}, nil
}
