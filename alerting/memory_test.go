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
	for _, m := range messages {
		q := queued{Message: m}
		q.ID, q.Alert.ID = int64(len(s.outbox)+1), a.ID
		s.outbox = append(s.outbox, q)
	}
	return a, nil
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
		if m.Alert.ID > 0 && q.Alert.ID == m.Alert.ID && q.Target.Receiver == m.Target.Receiver && q.Target.Channel == m.Target.Channel {
			return q.thread
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
