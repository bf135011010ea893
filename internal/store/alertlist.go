package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"reputed/internal/reputation"
)

// AlertFilter says which alerts are wanted; its zero value wants all.
type AlertFilter struct {
	Brand string           // of this brand
	Since time.Time        // opened then or later, or firing
	State reputation.State // in this state
	Muted bool             // those only of which people were not told last, since something muted them
}

// AlertList returns the alerts that a filter wants, the latest first.
func (s *Store) AlertList(ctx context.Context, f AlertFilter) ([]reputation.Alert, error) {
	const query = `SELECT ` + alertRow + ` FROM alerts
		WHERE (?1 = '' OR brand = ?1) AND (opened_at >= ?2 OR state = 'firing') AND (?3 = '' OR state = ?3) AND (muted_by <> '' OR NOT ?4)
		ORDER BY opened_at DESC, id DESC`
	list, err := collect(ctx, s.readers, query, func(rows *sql.Rows) (reputation.Alert, error) {
		return scanAlert(rows.Scan)
	}, f.Brand, timeText(f.Since), string(f.State), f.Muted)
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

// AlertMessage is a message about an alert and what became of it.
type AlertMessage struct {
	ID        int64
	Event     reputation.Event
	At        time.Time
	Target    reputation.Target
	Delivered time.Time // zero while it waits
	Failures  int
	Error     string // of the last delivery that failed; empty if none did
}

// AlertMessages returns the messages about an alert, in the order in which they were
// recorded.
func (s *Store) AlertMessages(ctx context.Context, alert int64) ([]AlertMessage, error) {
	const query = `SELECT id, event, at, receiver, channel, delivered_at, failures, error FROM outbox WHERE alert_id = ? ORDER BY id`
	list, err := collect(ctx, s.readers, query, func(rows *sql.Rows) (m AlertMessage, err error) {
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
