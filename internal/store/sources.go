package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// SourceInfo is a configured source.
type SourceInfo struct {
	Name string
	Kind string // feed, page, ...
	URL  string
	// Setup stands for all else in the source's entry, such as selectors, and Brands
	// for what is looked for in it. Where either changes, the source is read anew.
	Setup, Brands string
	Reach         int // people who read it a day; 0 if that is not known. Summary leaves it out
}

// Describe makes sources the configured ones. Others keep their data and are
// marked as retired. Where the kind, the URL or the setup of a source has
// changed, its cursor is dropped: the old validators would answer "nothing new".
// Where only the brands have, what its server said of the address stays: not to be
// asked before a time, removed for good, moved.
func (s *Store) Describe(ctx context.Context, sources []SourceInfo) error {
	return s.write(ctx, "register the sources", func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `UPDATE sources SET retired = 1 WHERE retired = 0`); err != nil {
			return err
		}
		const register = `
			INSERT INTO sources (name, kind, url, setup, reach) VALUES (?1, ?2, ?3, ?4 || '-' || ?5, ?6)
			ON CONFLICT DO UPDATE SET retired = 0, reach = excluded.reach, kind = excluded.kind, url = excluded.url, setup = excluded.setup, cursor = CASE
				WHEN url NOT IN ('', excluded.url) OR kind NOT IN ('', excluded.kind) THEN '{}'
				WHEN setup IN ('', excluded.setup) THEN cursor
				WHEN substr(setup, 1, length(?4) + 1) = ?4 || '-'
				THEN json_patch('{}', json_object('not_before', cursor -> '$.not_before', 'moved', cursor -> '$.moved')) -- without those that are NULL
				ELSE '{}' END`
		for _, source := range sources {
			if err := forget(ctx, tx, source); err != nil {
				return fmt.Errorf("source %q: %w", source.Name, err)
			}
			if _, err := tx.ExecContext(ctx, register, source.Name, source.Kind, source.URL, source.Setup, source.Brands, source.Reach); err != nil {
				return fmt.Errorf("source %q: %w", source.Name, err)
			}
		}
		return nil
	})
}

// forget drops what is known of how a source fares where its address is to change:
// another feed has other habits.
func forget(ctx context.Context, tx *sql.Tx, next SourceInfo) error {
	const moved = `
		UPDATE sources SET first_poll_at = NULL, next_poll_at = NULL, last_item_at = NULL, failures = 0, failing_since = NULL,
			fault = '', error = '', quiet_until = NULL, learn = 0
		WHERE name = ?1 AND (url NOT IN ('', ?2) OR kind NOT IN ('', ?3))`
	result, err := tx.ExecContext(ctx, moved, next.Name, next.URL, next.Kind)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return err
	}
	_, err = tx.ExecContext(ctx, `DELETE FROM arrivals WHERE source = ?`, next.Name)
	return err
}

// LastSuccess returns when a poll of any source succeeded last, or the zero time
// if none did.
func (s *Store) LastSuccess(ctx context.Context) (last time.Time, err error) {
	if err = s.readers.QueryRowContext(ctx, `SELECT max(last_success_at) FROM sources`).Scan(timeColumn{&last}); err != nil {
		return time.Time{}, explain(s.path, "find the last poll that succeeded", err)
	}
	return last, nil
}

// Young returns the sources whose oldest mention was published on the day of since
// or later.
func (s *Store) Young(ctx context.Context, since time.Time) (map[string]bool, error) {
	const query = `SELECT source FROM rollup_daily GROUP BY source HAVING min(day) >= ?`
	names, err := collect(ctx, s.readers, query, func(rows *sql.Rows) (name string, err error) {
		return name, rows.Scan(&name)
	}, since.UTC().Format(time.DateOnly))
	if err != nil {
		return nil, explain(s.path, "find the young sources", err)
	}
	young := make(map[string]bool, len(names))
	for _, name := range names {
		young[name] = true
	}
	return young, nil
}

// Counts is a number of mentions, by their class.
type Counts struct {
	Mentions, Positive, Neutral, Negative int
}

// SourceSummary is what a source has brought so far.
type SourceSummary struct {
	SourceInfo
	Counts
	Items       int       // stored items; an item that names two brands is two mentions
	LastSuccess time.Time // of a poll; zero if none
	LastError   time.Time // of a poll; zero if none
	Error       string    // of the last poll; empty if it succeeded
	Retired     bool      // no longer configured
}

// Summary returns the sources, by name.
func (s *Store) Summary(ctx context.Context) ([]SourceSummary, error) {
	const query = `
		SELECT name, kind, url, items, last_success_at, last_error_at, error, retired,
			coalesce(mentions, 0), coalesce(positive, 0), coalesce(neutral, 0), coalesce(negative, 0)
		FROM sources LEFT JOIN (
			SELECT source, sum(mentions) AS mentions, sum(positive) AS positive, sum(neutral) AS neutral, sum(negative) AS negative
			FROM rollup_daily GROUP BY source) ON source = name
		ORDER BY name`
	list, err := collect(ctx, s.readers, query, func(rows *sql.Rows) (r SourceSummary, err error) {
		err = rows.Scan(&r.Name, &r.Kind, &r.URL, &r.Items, timeColumn{&r.LastSuccess}, timeColumn{&r.LastError}, &r.Error, &r.Retired,
			&r.Mentions, &r.Positive, &r.Neutral, &r.Negative)
		return r, err
	})
	if err != nil {
		return nil, explain(s.path, "sum up the sources", err)
	}
	return list, nil
}

// BrandSummary is what was said of a brand so far.
type BrandSummary struct {
	Brand string
	Counts
}

// Brands returns the brands that have mentions, by name.
func (s *Store) Brands(ctx context.Context) ([]BrandSummary, error) {
	const query = `
		SELECT brand, sum(mentions), sum(positive), sum(neutral), sum(negative)
		FROM rollup_daily GROUP BY brand ORDER BY brand`
	list, err := collect(ctx, s.readers, query, func(rows *sql.Rows) (r BrandSummary, err error) {
		err = rows.Scan(&r.Brand, &r.Mentions, &r.Positive, &r.Neutral, &r.Negative)
		return r, err
	})
	if err != nil {
		return nil, explain(s.path, "sum up the brands", err)
	}
	return list, nil
}

// querier is a database or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// collect runs a query and scans each of its rows.
func collect[T any](ctx context.Context, db querier, query string, scan func(*sql.Rows) (T, error), args ...any) (list []T, err error) {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		value, err := scan(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, value)
	}
	return list, rows.Err()
}
