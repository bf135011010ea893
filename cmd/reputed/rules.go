package main

import (
	"context"
	"time"

	"reputed/internal/config"
	"reputed/internal/reputation"
	"reputed/internal/store"
	"reputed/internal/trend"
)

// rules judge the talk about a brand in the hours up to a full hour; see alerting.Alerter.
type rules = func(ctx context.Context, brand string, hour time.Time) ([]reputation.RuleJudgement, error)

// rulesOf judges the talk about the brands by all rules, in the hours up to a time.
func rulesOf(db *store.Store, brands []config.Brand) rules {
	competitors := competitorsOf(brands)
	return func(ctx context.Context, brand string, to time.Time) ([]reputation.RuleJudgement, error) {
		talk, err := db.Talk(ctx, brand, competitors[brand], to, trend.Hours)
		if err != nil {
			return nil, err
		}
		return trend.Judge(talk), nil
	}
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
func pastRules(ctx context.Context, db *store.Store, brand config.Brand, first, last time.Time) (rules, error) {
	// The first hour that is judged is the one before the first, and has all its history.
	last = last.Truncate(time.Hour)
	hours := trend.Hours + 2 + int(max(last.Sub(first), 0)/time.Hour)
	talk, err := db.Talk(ctx, brand.Name, brand.Competitors, last, hours)
	if err != nil {
		return nil, err
	}
	known := make(map[time.Time][]reputation.RuleJudgement)
	return func(_ context.Context, _ string, to time.Time) ([]reputation.RuleJudgement, error) {
		judged, ok := known[to]
		if !ok {
			judged = trend.Judge(talk.Window(len(talk.Hours)-int(last.Sub(to)/time.Hour), trend.Hours))
			known[to] = judged
		}
		return judged, nil
	}, nil
}
