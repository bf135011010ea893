package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"reputed/internal/reputation"
)

// patience is how long after a poll was due, or failed, some source must have been
// read. A poll may be that late without anything being wrong.
const patience = 10 * time.Minute

// watch is a stretch of time in which sources were read as planned.
type watch struct {
	last   time.Time // the last poll that succeeded
	broken time.Time // when a poll was due, and neither it nor any other succeeded; zero if that is not known to be so
}

// watched keeps the watches when a poll has ended, before the rest of it is stored.
// It is one row that changes, and a new one after a time in which no source could be
// read. Such a time begins when a poll was due and not when one succeeded last, so
// that sources which are read once a day may be.
func watched(ctx context.Context, tx *sql.Tx, p reputation.Poll) error {
	var w watch
	row := tx.QueryRowContext(ctx, `SELECT last_success_at, broken_at FROM watches ORDER BY began_at DESC LIMIT 1`)
	err := row.Scan(timeColumn{&w.last}, timeColumn{&w.broken})
	first := errors.Is(err, sql.ErrNoRows)
	switch {
	case first && p.Failed:
		return nil
	case err != nil && !first:
		return err
	case !first && !p.At.After(w.last): // a clock that was set back
		return nil
	}
	const last = ` WHERE began_at = (SELECT max(began_at) FROM watches)`
	if !first && w.broken.IsZero() {
		if w.broken, err = brokenSince(ctx, tx, w.last, p.At); err != nil {
			return err
		}
		if !w.broken.IsZero() {
			if _, err := tx.ExecContext(ctx, `UPDATE watches SET broken_at = ?`+last, timeText(w.broken)); err != nil {
				return err
			}
		}
	}
	switch {
	case p.Failed:
		return nil
	case first || !w.broken.IsZero():
		_, err = tx.ExecContext(ctx, `INSERT INTO watches (began_at, last_success_at) VALUES (?1, ?1)`, timeText(p.At))
	default:
		_, err = tx.ExecContext(ctx, `UPDATE watches SET last_success_at = ?`+last, timeText(p.At))
	}
	return err
}

// brokenSince returns since when, at a time after the last success, a source should
// have been read and none was; zero if none was due, or only just. A source that
// failed or was late already when another one succeeded tells nothing.
func brokenSince(ctx context.Context, tx *sql.Tx, last, at time.Time) (due time.Time, err error) {
	if at.Sub(last) <= patience {
		return time.Time{}, nil
	}
	const query = `
		SELECT min(coalesce(failing_since, next_poll_at)) FROM sources
		WHERE retired = 0 AND coalesce(failing_since, next_poll_at) >= ?`
	err = tx.QueryRowContext(ctx, query, timeText(last)).Scan(timeColumn{&due})
	if err != nil || due.IsZero() || at.Sub(due) <= patience {
		return time.Time{}, err
	}
	return due, nil
}

// fillMissed fills in which part of the hours, which end at to, no source could be
// read: nothing of those before the first watch, since the history that a source
// brings at its first poll is as good as any.
func fillMissed(ctx context.Context, tx *sql.Tx, hours []reputation.Hour, to time.Time) error {
	from := to.Add(-time.Duration(len(hours)) * time.Hour)
	const query = `
		SELECT last_success_at, broken_at, lead(began_at) OVER (ORDER BY began_at) FROM watches
		WHERE began_at >= coalesce((SELECT max(began_at) FROM watches WHERE began_at <= ?1), '') AND began_at <= ?2
		ORDER BY began_at`
	type gap struct {
		watch
		next time.Time // zero for the last watch before to
	}
	gaps, err := collect(ctx, tx, query, func(rows *sql.Rows) (g gap, err error) {
		err = rows.Scan(timeColumn{&g.last}, timeColumn{&g.broken}, timeColumn{&g.next})
		return g, err
	}, timeText(from), timeText(to))
	if err != nil {
		return fmt.Errorf("when sources were read: %w", err)
	}
	for _, g := range gaps {
		if g.broken.IsZero() && g.next.IsZero() {
			if g.broken, err = brokenSince(ctx, tx, g.last, to); err != nil {
				return fmt.Errorf("when sources should have been read: %w", err)
			}
		}
		if g.next.IsZero() {
			g.next = to
		}
		if g.broken.IsZero() {
			continue
		}
		for k := range hours {
			begin := from.Add(time.Duration(k) * time.Hour)
			end := begin.Add(time.Hour)
			if g.broken.After(begin) {
				begin = g.broken
			}
			if g.next.Before(end) {
				end = g.next
			}
			if end.After(begin) {
				hours[k].Missed = min(hours[k].Missed+end.Sub(begin).Hours(), 1)
			}
		}
	}
	return nil
}
