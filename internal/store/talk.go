package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"reputed/internal/reputation"
)

// Talk returns what was said of a brand in the n hours before to, and how much of
// its rivals. The hours are those of Hours. It reads each mention, where Hours
// reads an index: some 100,000 a second.
func (s *Store) Talk(ctx context.Context, brand string, rivals []string, to time.Time, n int) (reputation.Talk, error) {
	t := reputation.Talk{
		To: to, Hours: make([]reputation.Hour, n), Positive: make([]int, n),
		Drivers: make(map[string][]int), Signals: make(map[string][]int),
	}
	since, err := s.Since(ctx, brand)
	if err != nil {
		return t, err
	}
	t.Since = since
	if err := s.readTalk(ctx, brand, &t); err != nil {
		return t, explain(s.path, fmt.Sprintf("read the talk about %q", brand), err)
	}
	if len(rivals) == 0 {
		return t, nil
	}
	t.Rivals = make([]int, n)
	for _, rival := range rivals {
		err := s.Moments(ctx, rival, to, func(at time.Time, counts reputation.Hour) {
			if k := hourBefore(to, at, n); k >= 0 {
				t.Rivals[k] += counts.Mentions
			}
		})
		if err != nil {
			return t, err
		}
	}
	return t, nil
}

func (s *Store) readTalk(ctx context.Context, brand string, t *reputation.Talk) error {
	n := len(t.Hours)
	const query = `SELECT at, label, copy, driver, signals FROM mentions WHERE brand = ? AND at > ? AND at <= ?`
	rows, err := s.readers.QueryContext(ctx, query, brand, timeText(t.To.Add(-time.Duration(n)*time.Hour)), timeText(t.To))
	if err != nil {
		return err
	}
	defer rows.Close() // its error is that of rows.Err
	for rows.Next() {
		var (
			at      time.Time
			label   reputation.Label
			copied  bool
			driver  string
			signals sql.RawBytes
		)
		if err := rows.Scan(timeColumn{&at}, &label, &copied, &driver, &signals); err != nil {
			return err
		}
		names, err := parseArray[string](signals)
		if err != nil {
			return fmt.Errorf("signals of a mention at %s: %w", timeText(at), err)
		}
		k := hourBefore(t.To, at, n)
		if k < 0 {
			continue
		}
		h := &t.Hours[k]
		h.Mentions++
		switch label {
		case reputation.Positive:
			t.Positive[k]++
		case reputation.Negative:
			h.Negative++
			if !copied {
				h.Stories++
			}
			if driver != "" {
				tallied(t.Drivers, driver, n)[k]++
			}
		}
		for _, name := range names {
			tallied(t.Signals, name, n)[k]++
		}
	}
	return rows.Err()
}

// hourBefore is the number of the hour that a time lies in among the n before to,
// or negative if it lies before them.
func hourBefore(to, at time.Time, n int) int { return n - 1 - int(to.Sub(at)/time.Hour) }

// tallied returns the counts under a name, a new list if there is none.
func tallied(lists map[string][]int, name string, n int) []int {
	if lists[name] == nil {
		lists[name] = make([]int, n)
	}
	return lists[name]
}
