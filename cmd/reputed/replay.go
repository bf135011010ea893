package main

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"reputed/alerting"
	"reputed/internal/reputation"
	"reputed/internal/trend"
)

// step is the time between two judgements of a replay.
const step = 10 * time.Minute

// past is a brand's history as an Alerter finds it in the live run, and the alerts
// that it raises over it. Nothing is sent, and nothing is kept in the database.
type past struct {
	alerting.Store // of which a replay, which only judges, reaches nothing but what is below

	series *trend.Series
	now    time.Time
	alerts []reputation.Alert
	told   mentions

	changes []change // of the alerts, in the order of time
}

// change is what became of an alert at a moment of a replay.
type change struct {
	at    time.Time
	event reputation.Event
	alert reputation.Alert // as it was then
}

// mentions reads what a judgement needs of single mentions.
type mentions interface {
	Young(ctx context.Context, since time.Time) (map[string]bool, error)
	Negative(ctx context.Context, brand string, from, to time.Time, limit int) ([]reputation.Mention, []int, error)
}

// replay returns the alerts that the live run would have raised about a brand from
// first to last, and what became of them when: it is the live run, with a clock that is set forward. The rules may be
// nil, as of a series of plain counts.
func replay(ctx context.Context, s *trend.Series, told mentions, detect alerting.Detect, rules rules, brand string, first, last time.Time) ([]reputation.Alert, []change, error) {
	p := &past{series: s, told: told}
	// The live run judges the hours of the last two hours again and again, since
	// mentions may come late. What is stored stays as it is.
	type judged struct {
		to   time.Time
		last reputation.Hour // without the sources that have no history yet it is another
	}
	known := make(map[judged]reputation.Judgement)
	once := func(hours []reputation.Hour, since, to time.Time) reputation.Judgement {
		key := judged{to, hours[len(hours)-1]}
		j, ok := known[key]
		if !ok {
			j = detect(hours, since, to)
			known[key] = j
		}
		return j
	}
	alerter := alerting.NewAlerter(p, nil, alerting.Policy{}, once, trend.Remembered, []string{brand}, slog.New(slog.DiscardHandler))
	alerter.Rules = rules
	for at := first.Truncate(step).Add(step); !at.After(last); at = at.Add(step) {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		p.now = at
		if err := alerter.Evaluate(ctx, at); err != nil {
			return nil, nil, err
		}
	}
	return p.alerts, p.changes, nil
}

func (p *past) Hours(_ context.Context, _ string, to time.Time, n int) ([]reputation.Hour, error) {
	return p.series.Hours(to, n), nil
}

func (p *past) Since(context.Context, string) (time.Time, error) {
	since, _ := p.series.Span()
	return since, nil
}

// LastSuccess is now: what is in the history was read.
func (p *past) LastSuccess(context.Context) (time.Time, error) { return p.now, nil }

func (p *past) Young(ctx context.Context, since time.Time) (map[string]bool, error) {
	return p.told.Young(ctx, since)
}

func (p *past) Negative(ctx context.Context, brand string, from, to time.Time, limit int) ([]reputation.Mention, []int, error) {
	return p.told.Negative(ctx, brand, from, to, limit)
}

func (p *past) LatestAlert(_ context.Context, _, rule string) (reputation.Alert, bool, error) {
	for _, a := range slices.Backward(p.alerts) {
		if a.Rule == rule {
			return a, true, nil
		}
	}
	return reputation.Alert{}, false, nil
}

func (p *past) Record(_ context.Context, a reputation.Alert, _ []reputation.Message) (reputation.Alert, error) {
	event := reputation.Opened
	if a.ID == 0 {
		a.ID = int64(len(p.alerts) + 1)
		p.alerts = append(p.alerts, a)
	} else {
		event = became(p.alerts[a.ID-1], a)
	}
	if event != "" {
		p.changes = append(p.changes, change{p.now, event, a})
	}
	p.alerts[a.ID-1] = a
	return a, nil
}

// became tells what happened between two states of an alert; empty if people would not
// be told of it.
func became(before, after reputation.Alert) reputation.Event {
	switch {
	case before.State == reputation.Firing && after.State == reputation.Resolved:
		return reputation.Ended
	case before.State == reputation.Resolved && after.State == reputation.Firing:
		return reputation.Reopened
	case after.Told > before.Told:
		return reputation.Escalated
	}
	return ""
}

// counted is what a plain series tells of single mentions: nothing.
type counted struct{}

func (counted) Young(context.Context, time.Time) (map[string]bool, error) { return nil, nil }

func (counted) Negative(context.Context, string, time.Time, time.Time, int) ([]reputation.Mention, []int, error) {
	return nil, nil, nil
}
