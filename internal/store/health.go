package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"reputed/internal/reputation"
)

// keptArrivals is how long it is known when a source brought something new. Four
// weeks show a weekly rhythm four times.
const keptArrivals = 28 * 24 * time.Hour

// brokenOff is how long after a poll that was planned, or after the first that
// failed, reading counts as broken off.
const brokenOff = 2 * time.Hour

// Polled stores the outcomes of polls, in their order: when each source was read
// last, when it is read next, how often in a row it failed, and what it brought.
func (s *Store) Polled(ctx context.Context, polls []reputation.Poll) error {
	return s.write(ctx, "store the outcome of polls", func(tx *sql.Tx) error {
		for _, p := range polls {
			if err := savePoll(ctx, tx, p); err != nil {
				return fmt.Errorf("source %q: %w", p.Source, err)
			}
		}
		return nil
	})
}

func savePoll(ctx context.Context, tx *sql.Tx, p reputation.Poll) error {
	if err := watched(ctx, tx, p); err != nil {
		return fmt.Errorf("when sources were read: %w", err)
	}
	// That nobody read the source must not be taken for its habit. The mark stands in
	// the first whole hour of that: arrivals stand in those before and after.
	const interrupted = `
		INSERT INTO arrivals (source, hour, items)
		SELECT name, strftime('%Y-%m-%dT%H:00:00Z', stopped, '+1 hour'), 0
		FROM (SELECT name, coalesce(failing_since, next_poll_at) AS stopped FROM sources WHERE name = ?1)
		WHERE stopped < ?2
		ON CONFLICT DO NOTHING`
	if _, err := tx.ExecContext(ctx, interrupted, p.Source, timeText(p.At.Add(-brokenOff))); err != nil {
		return err
	}
	if p.Failed {
		const failure = `
			INSERT INTO sources (name, first_poll_at, next_poll_at, last_error_at, error, failures, failing_since, fault)
			VALUES (?1, ?2, ?3, ?2, ?4, 1, ?2, ?5)
			ON CONFLICT DO UPDATE SET first_poll_at = coalesce(first_poll_at, ?2), next_poll_at = ?3, last_error_at = ?2, error = ?4,
				failures = failures + 1, failing_since = coalesce(failing_since, ?2), fault = ?5`
		_, err := tx.ExecContext(ctx, failure, p.Source, timeText(p.At), timeOrNull(p.Next), p.Error, faultOf(p.Trouble))
		return err
	}
	const success = `
		INSERT INTO sources (name, first_poll_at, next_poll_at, last_success_at, error) VALUES (?1, ?2, ?3, ?2, ?4)
		ON CONFLICT DO UPDATE SET first_poll_at = coalesce(first_poll_at, ?2), next_poll_at = ?3, last_success_at = ?2, error = ?4,
			failures = 0, failing_since = NULL, fault = ''`
	if _, err := tx.ExecContext(ctx, success, p.Source, timeText(p.At), timeOrNull(p.Next), p.Error); err != nil || p.Arrived == 0 {
		return err
	}
	const arrived = `
		INSERT INTO arrivals (source, hour, items) VALUES (?, ?, ?)
		ON CONFLICT DO UPDATE SET items = items + excluded.items`
	if _, err := tx.ExecContext(ctx, arrived, p.Source, hourText(p.At), p.Arrived); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM arrivals WHERE source = ? AND hour < ?`, p.Source, timeText(p.At.Add(-keptArrivals))); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `UPDATE sources SET last_item_at = ?, quiet_until = NULL, learn = 1 WHERE name = ?`, timeText(p.At), p.Source)
	return err
}

// faultOf is what the column fault holds: only what an error itself tells.
func faultOf(t reputation.Trouble) string {
	switch t {
	case reputation.Gone, reputation.Blocked, reputation.Format, reputation.Selector:
		return string(t)
	}
	return ""
}

func hourText(t time.Time) string { return timeText(t.Truncate(time.Hour)) }

// Unlearned returns the arrivals of at most limit sources that have brought
// something since their habit was learned.
func (s *Store) Unlearned(ctx context.Context, limit int) ([]reputation.Arrivals, error) {
	const query = `
		SELECT name, first_poll_at, hour, items
		FROM (SELECT name, first_poll_at FROM sources WHERE learn = 1 LIMIT ?) JOIN arrivals ON source = name
		ORDER BY name, hour`
	var list []reputation.Arrivals
	_, err := collect(ctx, s.readers, query, func(rows *sql.Rows) (none struct{}, err error) {
		var (
			name    string
			since   time.Time
			arrival reputation.Arrival
		)
		if err := rows.Scan(&name, timeColumn{&since}, timeColumn{&arrival.Hour}, &arrival.Items); err != nil {
			return none, err
		}
		if len(list) == 0 || list[len(list)-1].Source != name {
			list = append(list, reputation.Arrivals{Source: name, Since: since})
		}
		last := &list[len(list)-1]
		last.Hours = append(last.Hours, arrival)
		return none, nil
	}, limit)
	if err != nil {
		return nil, explain(s.path, "read when sources brought something", err)
	}
	return list, nil
}

// Learn stores until when the silence of each source is usual; zero if that is
// not known.
func (s *Store) Learn(ctx context.Context, quietUntil map[string]time.Time) error {
	return s.write(ctx, "store the habits of sources", func(tx *sql.Tx) error {
		for name, until := range quietUntil {
			if _, err := tx.ExecContext(ctx, `UPDATE sources SET quiet_until = ?, learn = 0 WHERE name = ?`, timeOrNull(until), name); err != nil {
				return fmt.Errorf("source %q: %w", name, err)
			}
		}
		return nil
	})
}

const healthColumns = `SELECT name, kind, url, state, last_success_at, last_item_at, next_poll_at, items_a_day, failures, failing_since,
	error, fault, quiet_until, coalesce(trouble, ''), trouble_since FROM source_health `

// Health returns how the sources fare, by name, those that are no longer
// configured last.
func (s *Store) Health(ctx context.Context) ([]reputation.SourceHealth, error) {
	return s.health(ctx, healthColumns+`ORDER BY state = 'retired', name`)
}

// Suspects returns the sources of which there may be something to tell at the
// time now: those that fail, are silent for longer than usual, or are in trouble.
func (s *Store) Suspects(ctx context.Context, now time.Time) ([]reputation.SourceHealth, error) {
	const query = healthColumns + `
		WHERE name IN (
			SELECT name FROM sources WHERE failures > 0
			UNION SELECT name FROM sources WHERE quiet_until < ?
			UNION SELECT source FROM troubles WHERE over_at IS NULL)
		ORDER BY name`
	return s.health(ctx, query, timeText(now))
}

func (s *Store) health(ctx context.Context, query string, args ...any) ([]reputation.SourceHealth, error) {
	list, err := collect(ctx, s.readers, query, func(rows *sql.Rows) (h reputation.SourceHealth, err error) {
		err = rows.Scan(&h.Name, &h.Kind, &h.URL, &h.State, timeColumn{&h.LastSuccess}, timeColumn{&h.LastItem}, timeColumn{&h.NextPoll},
			&h.ItemsADay, &h.Failures, timeColumn{&h.FailingSince}, &h.Error, &h.Fault, timeColumn{&h.QuietUntil}, &h.Trouble, timeColumn{&h.Since})
		return h, err
	}, args...)
	if err != nil {
		return nil, explain(s.path, "read how the sources fare", err)
	}
	return list, nil
}

// Troubled stores the troubles that began and those that are over, and with them,
// in one transaction, the notices that tell people of them.
func (s *Store) Troubled(ctx context.Context, changed []reputation.SourceTrouble, notices []reputation.Message) error {
	const (
		began = `INSERT INTO troubles (source, kind, began_at, cause) VALUES (?, ?, ?, ?)`
		over  = `UPDATE troubles SET over_at = ? WHERE source = ? AND over_at IS NULL`
	)
	return s.write(ctx, "store the troubles of sources", func(tx *sql.Tx) error {
		for _, t := range changed {
			var err error
			if t.Over.IsZero() {
				_, err = tx.ExecContext(ctx, began, t.Source, string(t.Trouble), timeText(t.Began), t.Cause)
			} else {
				_, err = tx.ExecContext(ctx, over, timeText(t.Over), t.Source)
			}
			if err != nil {
				return fmt.Errorf("source %q: %w", t.Source, err)
			}
		}
		for _, m := range notices {
			if _, err := enqueue(ctx, tx, m, m.At); err != nil {
				return fmt.Errorf("notice: %w", err)
			}
		}
		return nil
	})
}
