package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"reputed/internal/reputation"
)

// AlertList returns the alerts that a filter wants, the latest first.
func (s *Store) AlertList(ctx context.Context, f reputation.AlertFilter) ([]reputation.Alert, error) {
	const query = `SELECT ` + alertRow + ` FROM alerts
		WHERE (?1 = '' OR brand = ?1) AND (opened_at >= ?2 OR state = 'firing') AND (?3 = '' OR state = ?3) AND (muted_by <> '' OR NOT ?4)
		ORDER BY opened_at DESC, id DESC LIMIT ?5 OFFSET ?6`
	limit := -1
	if f.Limit > 0 {
		limit = f.Limit
	}
	list, err := collect(ctx, s.readers, query, func(rows *sql.Rows) (reputation.Alert, error) {
		return scanAlert(rows.Scan)
	}, f.Brand, timeText(f.Since), string(f.State), f.Muted, limit, f.Offset)
	if err != nil {
		return nil, explain(s.path, "list the alerts", err)
	}
	return list, nil
}

// Alert returns an alert by its number, and whether there is one.
func (s *Store) Alert(ctx context.Context, id int64) (reputation.Alert, bool, error) {
	a, err := scanAlert(s.readers.QueryRowContext(ctx, `SELECT `+alertRow+` FROM alerts WHERE id = ?`, id).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return reputation.Alert{}, false, nil
	}
	if err != nil {
		return reputation.Alert{}, false, explain(s.path, fmt.Sprintf("read alert %d", id), err)
	}
	return a, true, nil
}

// AlertMessages returns the messages about an alert, in the order in which they were
// recorded.
func (s *Store) AlertMessages(ctx context.Context, alert int64) ([]reputation.Delivery, error) {
	const query = `SELECT id, event, at, receiver, channel, delivered_at, failures, error FROM outbox WHERE alert_id = ? ORDER BY id`
	list, err := collect(ctx, s.readers, query, func(rows *sql.Rows) (m reputation.Delivery, err error) {
		return m, rows.Scan(&m.ID, &m.Event, timeColumn{&m.At}, &m.Target.Receiver, &m.Target.Channel, timeColumn{&m.Delivered}, &m.Failures, &m.Error)
	}, alert)
	if err != nil {
		return nil, explain(s.path, fmt.Sprintf("read the messages about alert %d", alert), err)
	}
	return list, nil
}

// EpisodeDuring returns the brand's episode that was under way in a time, the last one
// if there were several, without its hours; false if there was none.
func (s *Store) EpisodeDuring(ctx context.Context, brand string, from, to time.Time) (reputation.Episode, bool, error) {
	list, err := s.episodes(ctx, `WHERE brand = ? AND began_at < ? AND (over_at IS NULL OR over_at > ?) ORDER BY began_at DESC LIMIT 1`,
		brand, timeText(to), timeText(from))
	if err != nil {
		return reputation.Episode{}, false, explain(s.path, fmt.Sprintf("read the episodes of %q", brand), err)
	}
	if len(list) == 0 {
		return reputation.Episode{}, false, nil
	}
	return list[0], true, nil
}
