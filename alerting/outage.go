package alerting

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"reputed/internal/reputation"
)

const (
	// backlogSize is how many messages may wait for a channel and are still told one
	// by one: as many as a person reads when the channel is back.
	backlogSize = 5

	// backlogAge is how long the oldest of more must have waited to be told as one: a
	// crisis that sends many messages in an hour is no outage.
	backlogAge = time.Hour
)

// backlog returns which of the messages that wait for a channel, in their order, one
// digest is to tell of at the time now; none if they are to be told one by one. A
// message that has its place in a thread keeps it, since it also changes the first
// message there, and so does a digest of another kind. A digest of an outage that was
// not delivered yet gives way to one that also tells of what came since.
func backlog(waiting []reputation.Message, now time.Time) []reputation.Message {
	var covered []reputation.Message
	again := false
	for _, m := range waiting {
		switch {
		case m.Digest != nil && m.Digest.Kind != reputation.Outage:
		case m.Digest != nil:
			again = true
			covered = append(covered, m)
		case m.Alert.Thread.TS == "":
			covered = append(covered, m)
		}
	}
	switch {
	case again && len(covered) > 1:
		return covered
	case len(covered) <= backlogSize || now.Sub(covered[0].Queued) < backlogAge:
		return nil
	}
	return covered
}

// sumUpBacklog puts a digest in the place of the messages that it covers, and returns
// what is to be delivered instead of all that waits.
func (a *Alerter) sumUpBacklog(ctx context.Context, waiting, covered []reputation.Message, now time.Time) ([]reputation.Message, error) {
	var ids []int64
	for _, m := range covered {
		for _, alert := range alertsOf(m) {
			if !slices.Contains(ids, alert.ID) {
				ids = append(ids, alert.ID)
			}
		}
	}
	alerts, err := a.store.Alerts(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("read how the alerts stand that wait to be told: %w", err)
	}
	messages := make([]int64, len(covered))
	for i, m := range covered {
		messages[i] = m.ID
	}
	digest, err := a.store.SumUp(ctx, outageDigest(covered, alerts, now), messages, now)
	if err != nil {
		return nil, fmt.Errorf("sum up %d messages: %w", len(covered), err)
	}
	a.log.Info("many messages have waited for long: one digest tells of them", "receiver", digest.Target.Receiver, "channel", digest.Target.Channel,
		"messages", len(covered), "alerts", len(digest.Digest.Alerts), "digest", digest.ID)
	rest := slices.DeleteFunc(slices.Clone(waiting), func(m reputation.Message) bool { return slices.Contains(messages, m.ID) })
	// What is left was there before the digest, and is told before it.
	return append(rest, digest), nil
}

// alertsOf are the alerts that a message tells of, as they stood then.
func alertsOf(m reputation.Message) []reputation.DigestAlert {
	var alerts []reputation.DigestAlert
	if m.Alert.ID != 0 {
		alerts = append(alerts, digestAlert(m.Alert))
	}
	for _, a := range m.Also {
		alerts = append(alerts, digestAlert(a))
	}
	if m.Digest != nil {
		alerts = append(alerts, m.Digest.Alerts...)
	}
	return alerts
}

// outageDigest is the message that tells of all that the covered ones tell, with the
// alerts as they stand now: those that fire first, the gravest of them leading.
func outageDigest(covered []reputation.Message, alerts map[int64]reputation.Alert, now time.Time) reputation.Message {
	d := &reputation.Digest{Kind: reputation.Outage, From: covered[0].Queued, To: now}
	target := covered[0].Target
	target.Mentions = nil
	listed := make(map[int64]bool)
	for _, m := range covered {
		if m.Digest != nil && m.Digest.From.Before(d.From) {
			d.From = m.Digest.From
		}
		d.Troubles = append(d.Troubles, m.Troubles...)
		if m.Digest != nil {
			d.Troubles = append(d.Troubles, m.Digest.Troubles...)
		}
		for _, alert := range alertsOf(m) {
			if now, ok := alerts[alert.ID]; ok { // else it was erased meanwhile
				alert = digestAlert(now)
			}
			if alert.State == reputation.Firing {
				for _, call := range m.Target.Mentions {
					if !slices.Contains(target.Mentions, call) {
						target.Mentions = append(target.Mentions, call)
					}
				}
			}
			if !listed[alert.ID] {
				listed[alert.ID] = true
				d.Alerts = append(d.Alerts, alert)
			}
		}
	}
	slices.SortStableFunc(d.Alerts, func(x, y reputation.DigestAlert) int {
		return cmp.Or(cmp.Compare(urgency(y), urgency(x)), cmp.Compare(x.ID, y.ID))
	})
	return reputation.Message{Target: target, Event: reputation.Opened, At: now, Digest: d}
}

func digestAlert(a reputation.Alert) reputation.DigestAlert {
	return reputation.DigestAlert{
		ID: a.ID, Brand: a.Brand, Rule: a.Rule, Severity: a.Severity, State: a.State, OpenedAt: a.OpenedAt,
		ResolvedAt: a.ResolvedAt, Observed: a.Judgement.Observed, Peak: a.Peak,
	}
}

// urgency orders alerts in a digest: the critical ones that fire, the warnings that
// fire, and those that are over.
func urgency(a reputation.DigestAlert) int {
	switch {
	case a.State != reputation.Firing:
		return 0
	case a.Severity != reputation.Critical:
		return 1
	}
	return 2
}
