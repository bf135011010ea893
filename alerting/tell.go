package alerting

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"reputed/internal/reputation"
)

// tell decides for each alert what people are told at the time now, and puts the
// messages into the outbox in the same transaction in which the alerts no longer wait.
func (a *Alerter) tell(ctx context.Context, now time.Time) error {
	a.life.Lock()
	defer a.life.Unlock()
	now = now.UTC().Truncate(time.Second)
	open, err := a.store.Open(ctx)
	if err != nil {
		return fmt.Errorf("read the open alerts: %w", err)
	}
	if len(open) == 0 {
		return nil
	}
	silences, err := a.store.Silences(ctx, now)
	if err != nil {
		return fmt.Errorf("read the silences: %w", err)
	}
	recent, err := a.competitors(ctx, open)
	if err != nil {
		return err
	}
	others := slices.Concat(open, recent)
	var errs []error
	ready := make(map[string][]reputation.Alert) // alerts of a brand whose openings are told together
	var brands []string
	var held []reputation.Alert
	for i, alert := range open {
		d := a.policy.decide(alert, others, silences, now)
		switch {
		case d.step == stepMute && alert.MutedBy != d.by:
			open[i].MutedBy = d.by
			errs = append(errs, a.keep(ctx, now, open[i]))
		case d.step == stepForget:
			alert.Waiting, alert.MutedBy = reputation.Waiting{}, d.by
			errs = append(errs, a.keep(ctx, now, alert))
		case d.step == stepDigest:
			held = append(held, alert)
		case d.step == stepTell && d.event != reputation.Opened:
			errs = append(errs, a.tellOne(ctx, alert, d.event, open, now))
		case d.event == reputation.Opened && (d.step == stepTell || d.step == stepWait):
			if !slices.Contains(brands, alert.Brand) && d.step == stepTell {
				brands = append(brands, alert.Brand)
			}
			ready[alert.Brand] = append(ready[alert.Brand], alert)
		}
	}
	for _, brand := range brands {
		errs = append(errs, a.tellOpenings(ctx, ready[brand], open, now))
	}
	if len(held) > 0 {
		errs = append(errs, a.tellHeld(ctx, held, now))
	}
	return errors.Join(errs...)
}

// competitors returns the last trouble, if it is over, of each brand that competes with
// one whose share of voice falls.
func (a *Alerter) competitors(ctx context.Context, open []reputation.Alert) ([]reputation.Alert, error) {
	var over []reputation.Alert
	for _, alert := range open {
		if alert.Rule != reputation.RuleShareOfVoice {
			continue
		}
		for _, brand := range a.policy.Competitors[alert.Brand] {
			last, found, err := a.store.LatestAlert(ctx, brand, RuleNegativeVolume)
			if err != nil {
				return nil, fmt.Errorf("read the last alert on %s: %w", brand, err)
			}
			if found && last.State == reputation.Resolved {
				over = append(over, last)
			}
		}
	}
	return over, nil
}

// keep stores what people are not told.
func (a *Alerter) keep(ctx context.Context, now time.Time, alert reputation.Alert) error {
	if err := a.store.Tell(ctx, []reputation.Alert{alert}, nil, now); err != nil {
		return fmt.Errorf("store what alert %d waits for: %w", alert.ID, err)
	}
	a.log.Info("alert is not told", "alert", alert.ID, "brand", alert.Brand, "waiting", alert.Waiting.Event, "muted_by", alert.MutedBy)
	return nil
}

// told is an alert of which people know all at the time now.
func told(a reputation.Alert, now time.Time) reputation.Alert {
	a.Waiting, a.MutedBy, a.ToldAt = reputation.Waiting{}, "", now
	return a
}

// tellOne tells of one event of an alert that people know.
func (a *Alerter) tellOne(ctx context.Context, alert reputation.Alert, event reputation.Event, open []reputation.Alert, now time.Time) error {
	m, err := a.compose(ctx, alert, event, open, now)
	if err != nil {
		return err
	}
	before, err := a.store.Told(ctx, alert.ID)
	if err != nil {
		return fmt.Errorf("read where alert %d was told: %w", alert.ID, err)
	}
	var messages []reputation.Message
	for _, target := range a.policy.targets(alert, event, before) {
		m.Target = target
		messages = append(messages, m)
	}
	return a.record(ctx, []reputation.Alert{alert}, messages, now)
}

// tellOpenings tells of the alerts that have opened on a brand, of all that go to the
// same target in one message. The gravest leads.
func (a *Alerter) tellOpenings(ctx context.Context, opened, open []reputation.Alert, now time.Time) error {
	slices.SortStableFunc(opened, func(x, y reputation.Alert) int { return cmp.Compare(rank(y.Severity), rank(x.Severity)) })
	var messages []reputation.Message
	for _, alert := range opened {
		var own *reputation.Message // made where it is needed
		for _, target := range a.policy.targets(alert, reputation.Opened, nil) {
			same := func(m reputation.Message) bool {
				return m.Target.Receiver == target.Receiver && m.Target.Channel == target.Channel
			}
			if i := slices.IndexFunc(messages, same); i >= 0 {
				messages[i].Also = append(messages[i].Also, alert)
				messages[i].Target.Mentions = union(messages[i].Target.Mentions, target.Mentions)
				continue
			}
			if own == nil {
				m, err := a.compose(ctx, alert, reputation.Opened, open, now)
				if err != nil {
					return err
				}
				own = &m
			}
			m := *own
			m.Target = target
			messages = append(messages, m)
		}
	}
	return a.record(ctx, opened, messages, now)
}

func rank(s reputation.Severity) int {
	if s == reputation.Critical {
		return 1
	}
	return 0
}

// tellHeld tells in one digest a target of what quiet hours held back.
func (a *Alerter) tellHeld(ctx context.Context, held []reputation.Alert, now time.Time) error {
	var messages []reputation.Message
	for _, alert := range held {
		before, err := a.store.Told(ctx, alert.ID)
		if err != nil {
			return fmt.Errorf("read where alert %d was told: %w", alert.ID, err)
		}
		entry := digestAlert(alert)
		for _, target := range a.policy.targets(alert, reputation.Repeated, before) {
			same := func(m reputation.Message) bool {
				return m.Target.Receiver == target.Receiver && m.Target.Channel == target.Channel
			}
			i := slices.IndexFunc(messages, same)
			if i < 0 {
				i = len(messages)
				digest := &reputation.Digest{Kind: reputation.Quiet, From: alert.Waiting.Since, To: now}
				messages = append(messages, reputation.Message{Target: target, Event: reputation.Opened, At: now, Digest: digest})
			}
			digest := messages[i].Digest
			digest.Alerts = append(digest.Alerts, entry)
			if alert.Waiting.Since.Before(digest.From) {
				digest.From = alert.Waiting.Since
			}
		}
	}
	return a.record(ctx, held, messages, now)
}

// record stores messages about alerts, after which people know all of these.
func (a *Alerter) record(ctx context.Context, alerts []reputation.Alert, messages []reputation.Message, now time.Time) error {
	known := make([]reputation.Alert, len(alerts))
	for i, alert := range alerts {
		known[i] = told(alert, now)
	}
	if err := a.store.Tell(ctx, known, messages, now); err != nil {
		return fmt.Errorf("put messages into the outbox: %w", err)
	}
	for _, m := range messages {
		a.log.Info("tell", "event", m.Event, "brand", m.Alert.Brand, "alert", m.Alert.ID, "receiver", m.Target.Receiver, "channel", m.Target.Channel)
	}
	return nil
}

// compose makes the message about an event: of the hour of the event, or of the present
// one if that is long past, since the alert was muted, or comes again.
func (a *Alerter) compose(ctx context.Context, alert reputation.Alert, event reputation.Event, open []reputation.Alert, now time.Time) (reputation.Message, error) {
	at := alert.Waiting.Hour
	if late := now.Sub(at); event == reputation.Repeated || late < 0 || late > lookBack {
		at = now
	}
	return a.composeAt(ctx, alert, event, open, at)
}

// composeAt makes the message about an event as things stood at a time; open are the
// alerts among which those are named that this one mutes.
func (a *Alerter) composeAt(ctx context.Context, alert reputation.Alert, event reputation.Event, open []reputation.Alert, at time.Time) (reputation.Message, error) {
	present := reputation.Judgement{From: at.Add(-time.Hour), To: at}
	if alert.Rule != RuleNegativeVolume {
		var err error
		if present, err = a.presently(ctx, alert, at); err != nil {
			return reputation.Message{}, err
		}
		at = present.To
	}
	hours, err := a.store.Hours(ctx, alert.Brand, at, a.window)
	if err != nil {
		return reputation.Message{}, fmt.Errorf("read the hours of %s: %w", alert.Brand, err)
	}
	m, err := a.message(ctx, event, alert, judged{present, hours})
	if err != nil {
		return reputation.Message{}, err
	}
	if alert.Rule != RuleNegativeVolume {
		m.Present = &present
	}
	if alert.Severity == reputation.Critical && alert.State == reputation.Firing {
		for _, o := range open {
			if by, ok := inhibitor(o, open); ok && by.ID == alert.ID && o.State == reputation.Firing && o.Waiting.Event != "" {
				m.Muted = append(m.Muted, o)
			}
		}
	}
	return m, nil
}

// presently is what the rule of an alert says of the last full hour before a time. A
// rule that no longer judges, since nothing it is on has been said for weeks, has
// found nothing.
func (a *Alerter) presently(ctx context.Context, alert reputation.Alert, at time.Time) (reputation.Judgement, error) {
	j := alert.Judgement
	hour := at.Truncate(time.Hour)
	if hour.Equal(j.To) || a.Rules == nil {
		return j, nil
	}
	all, err := a.Rules(ctx, alert.Brand, hour)
	if err != nil {
		return j, fmt.Errorf("judge the hours of %s up to %s: %w", alert.Brand, hour.Format(time.RFC3339), err)
	}
	for _, r := range all {
		if r.Rule == alert.Rule {
			return r.Judgement, nil
		}
	}
	return reputation.Judgement{From: hour.Add(j.From.Sub(j.To)), To: hour, Usual: j.Usual}, nil
}
