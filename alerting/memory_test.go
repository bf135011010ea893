package alerting

import (
	"context"
	"errors"
	"slices"
	"time"

	"reputed/internal/reputation"
)

// memory is a store as short as a test needs. Brands have a mention at each of
// the times that their list holds.
type memory struct {
	mentions   map[string][]reputation.Mention
	alerts     []reputation.Alert
	young      map[string]bool // sources without history
	blindSince time.Time       // no source was read since; zero: all are
	outbox     []queued
	silences   []reputation.Silence
	full       bool  // deliveries cannot be marked
	broken     error // what reading the hours of brand "broken" gives
}

type queued struct {
	reputation.Message
	thread    reputation.Thread // of the alert at the target, once delivered
	due       time.Time
	delivered bool
	cause     string
}

func (s *memory) within(brand string, from, to time.Time) []reputation.Mention {
	var found []reputation.Mention
	for _, m := range s.mentions[brand] {
		if m.Item.Published.After(from) && !m.Item.Published.After(to) {
			found = append(found, m)
		}
	}
	return found
}

func (s *memory) Hours(_ context.Context, brand string, to time.Time, n int) ([]reputation.Hour, error) {
	if brand == "broken" {
		return nil, s.broken
	}
	hours := make([]reputation.Hour, n)
	for i := range hours {
		from := to.Add(time.Duration(i-n) * time.Hour)
		for _, m := range s.within(brand, from, from.Add(time.Hour)) {
			hours[i].Mentions++
			if m.Score.Label == reputation.Negative {
				hours[i].Negative++
				hours[i].Stories++
			}
		}
	}
	return hours, nil
}

// LastSuccess is always, unless the test blinds the sources.
func (s *memory) LastSuccess(context.Context) (time.Time, error) {
	if !s.blindSince.IsZero() {
		return s.blindSince, nil
	}
	return time.Unix(1<<36, 0), nil
}

func (s *memory) Young(context.Context, time.Time) (map[string]bool, error) { return s.young, nil }

func (s *memory) Since(context.Context, string) (time.Time, error) { return time.Time{}, nil }

func (s *memory) Negative(_ context.Context, brand string, from, to time.Time, limit int) ([]reputation.Mention, []int, error) {
	found := s.within(brand, from, to)
	found = slices.DeleteFunc(found, func(m reputation.Mention) bool { return m.Score.Label != reputation.Negative })
	if limit >= 0 {
		found = found[:min(limit, len(found))]
	}
	return found, make([]int, len(found)), nil
}

func (s *memory) LatestAlert(_ context.Context, brand, rule string) (reputation.Alert, bool, error) {
	for _, a := range slices.Backward(s.alerts) {
		if a.Brand == brand && a.Rule == rule {
			return a, true, nil
		}
	}
	return reputation.Alert{}, false, nil
}

func (s *memory) Record(_ context.Context, a reputation.Alert, messages []reputation.Message) (reputation.Alert, error) {
	if a.ID == 0 {
		a.ID = int64(len(s.alerts) + 1)
		s.alerts = append(s.alerts, a)
	} else {
		s.alerts[a.ID-1] = a
	}
	s.enqueue(messages)
	return a, nil
}

func (s *memory) enqueue(messages []reputation.Message) {
	for _, m := range messages {
		q := queued{Message: m}
		q.ID = int64(len(s.outbox) + 1)
		s.outbox = append(s.outbox, q)
	}
}

func (s *memory) Open(context.Context) ([]reputation.Alert, error) {
	var open []reputation.Alert
	for _, a := range s.alerts {
		if a.State == reputation.Firing || a.Waiting.Event != "" {
			open = append(open, a)
		}
	}
	return open, nil
}

func (s *memory) Told(_ context.Context, alert int64) ([]reputation.Target, error) {
	var targets []reputation.Target
	for _, q := range s.outbox {
		if about(q.Message, alert) {
			targets = append(targets, reputation.Target{Receiver: q.Target.Receiver, Channel: q.Target.Channel})
		}
	}
	return targets, nil
}

func (s *memory) Tell(_ context.Context, alerts []reputation.Alert, messages []reputation.Message, _ time.Time) error {
	for _, a := range alerts {
		stored := &s.alerts[a.ID-1]
		stored.Waiting, stored.ToldAt, stored.MutedBy = a.Waiting, a.ToldAt, a.MutedBy
	}
	s.enqueue(messages)
	return nil
}

func (s *memory) Silences(_ context.Context, after time.Time) ([]reputation.Silence, error) {
	return slices.DeleteFunc(slices.Clone(s.silences), func(x reputation.Silence) bool { return !x.Until.After(after) }), nil
}

// about tells whether a message tells of an alert.
func about(m reputation.Message, alert int64) bool {
	is := func(a reputation.Alert) bool { return a.ID == alert }
	inDigest := m.Digest != nil && slices.ContainsFunc(m.Digest.Alerts, func(a reputation.DigestAlert) bool { return a.ID == alert })
	return m.Alert.ID == alert || slices.ContainsFunc(m.Also, is) || inDigest
}

func (s *memory) Pending(_ context.Context, now time.Time) ([]reputation.Message, error) {
	var pending []reputation.Message
	for _, q := range s.outbox {
		if !q.delivered && !q.due.After(now) {
			q.Alert.Thread = s.thread(q.Message)
			pending = append(pending, q.Message)
		}
	}
	return pending, nil
}

func (s *memory) Delivered(ctx context.Context, message int64, th reputation.Thread, _ time.Time) error {
	if s.full {
		return errors.New("database or disk is full")
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	q := &s.outbox[message-1]
	q.delivered, q.thread = true, th
	return nil
}

// thread is where the first message about the alert stands at the same target.
func (s *memory) thread(m reputation.Message) reputation.Thread {
	for _, q := range s.outbox {
		if m.Alert.ID > 0 && about(q.Message, m.Alert.ID) && q.Digest == nil && q.Target.Receiver == m.Target.Receiver && q.Target.Channel == m.Target.Channel {
			th := q.thread
			th.Guest = th.TS != "" && q.Alert.ID != m.Alert.ID
			return th
		}
	}
	return reputation.Thread{}
}

func (s *memory) Postpone(ctx context.Context, message int64, until time.Time, cause string) error {
	s.outbox[message-1].due = until
	s.outbox[message-1].cause = cause
	return ctx.Err()
}

// events lists what was put into the outbox.
func (s *memory) events() []reputation.Event {
	var events []reputation.Event
	for _, q := range s.outbox {
		events = append(events, q.Event)
	}
	return events
}

// say adds n negative mentions of a brand, spread over the hour before to.
func (s *memory) say(brand string, n int, to time.Time) {
	for i := range n {
		s.mentions[brand] = append(s.mentions[brand], reputation.Mention{
			Item: reputation.Item{
				Source: "forum", ID: to.String() + string(rune('a'+i)),
				Text:      brand + "手机发烫，第" + string(rune('甲'+i)) + "位用户投诉。",
				Published: to.Add(-time.Duration(i) * time.Minute),
			},
			Score:   reputation.Score{Value: -0.6, Label: reputation.Negative},
			Driver:  "quality",
			Signals: []string{"complaint"},
		})
	}
}

// detectMany takes ten mentions in the last hour for a spike.
func detectMany(hours []reputation.Hour, _, to time.Time) reputation.Judgement {
	last := hours[len(hours)-1]
	return reputation.Judgement{
		From: to.Add(-time.Hour), To: to,
		Observed: last.Negative, Stories: last.Stories, Mentions: last.Mentions,
		Expected: 2, Deviation: 1, Surprise: float64(last.Negative - 2), Spike: last.Negative >= 10,
	}
}

// inbox is a receiver that keeps what it gets, or fails.
type inbox struct {
	messages []reputation.Message
	err      error
}

func (n *inbox) Notify(_ context.Context, m reputation.Message) (reputation.Thread, error) {
	if n.err != nil {
		return reputation.Thread{}, n.err
	}
	n.messages = append(n.messages, m)
	return reputation.Thread{Channel: "C1", TS: "1700000000.000100"}, nil
}
