package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"reputed/internal/reputation"
)

// enqueue puts a message, to be delivered at the time due, into the outbox.
func enqueue(ctx context.Context, tx *sql.Tx, m reputation.Message, due time.Time) error {
	text, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("message: %w", err)
	}
	const insert = `INSERT INTO outbox (alert_id, event, at, receiver, channel, message, due_at) VALUES (?, ?, ?, ?, ?, ?, ?)`
	alert := sql.NullInt64{Int64: m.Alert.ID, Valid: m.Alert.ID != 0}
	if _, err := tx.ExecContext(ctx, insert, alert, string(m.Event), timeText(m.At), m.Target.Receiver, m.Target.Channel, string(text), timeText(due)); err != nil {
		return fmt.Errorf("message: %w", err)
	}
	return follow(ctx, tx, m)
}

// follow notes that people at the message's target are told of its alerts.
func follow(ctx context.Context, tx *sql.Tx, m reputation.Message) error {
	const insert = `INSERT INTO threads (alert_id, receiver, channel, guest) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`
	note := func(alert int64, guest bool) error {
		if _, err := tx.ExecContext(ctx, insert, alert, m.Target.Receiver, m.Target.Channel, guest); err != nil {
			return fmt.Errorf("target of alert %d: %w", alert, err)
		}
		return nil
	}
	var errs []error
	if m.Alert.ID != 0 {
		errs = append(errs, note(m.Alert.ID, false))
	}
	for _, a := range m.Also {
		errs = append(errs, note(a.ID, true))
	}
	// A daily or weekly digest only mentions alerts: it is no place where they are told.
	if m.Digest != nil && m.Digest.Kind != reputation.Daily && m.Digest.Kind != reputation.Weekly {
		for _, a := range m.Digest.Alerts {
			errs = append(errs, note(a.ID, false))
		}
	}
	return errors.Join(errs...)
}

// Pending returns the messages that are not delivered and due at now, in the
// order in which they were recorded. A message waits for the earlier ones to the same
// target: while one of them is postponed, so is it. Each tells what was seen at the time of its event; only the
// alert's thread is the present one.
func (s *Store) Pending(ctx context.Context, now time.Time) ([]reputation.Message, error) {
	const query = `
		SELECT o.id, o.receiver, o.channel, o.message, coalesce(t.posted_in, ''), coalesce(t.ts, ''), coalesce(t.guest AND t.ts <> '', 0)
		FROM outbox o LEFT JOIN threads t ON t.alert_id = o.alert_id AND t.receiver = o.receiver AND t.channel = o.channel
		WHERE o.delivered_at IS NULL AND o.due_at <= ?1 AND NOT EXISTS (
			SELECT 1 FROM outbox earlier
			WHERE earlier.receiver = o.receiver AND earlier.channel = o.channel AND earlier.id < o.id AND earlier.delivered_at IS NULL AND earlier.due_at > ?1)
		ORDER BY o.id`
	list, err := collect(ctx, s.readers, query, func(rows *sql.Rows) (m reputation.Message, err error) {
		var (
			id                int64
			receiver, channel string
			text              []byte
			thread            reputation.Thread
		)
		if err := rows.Scan(&id, &receiver, &channel, &text, &thread.Channel, &thread.TS, &thread.Guest); err != nil {
			return m, err
		}
		if err := json.Unmarshal(text, &m); err != nil {
			return m, fmt.Errorf("message %d: %w", id, err)
		}
		// A message of an older version holds no target; its row does.
		m.ID, m.Target.Receiver, m.Target.Channel, m.Alert.Thread = id, receiver, channel, thread
		return m, nil
	}, timeText(now))
	if err != nil {
		return nil, explain(s.path, "read the outbox", err)
	}
	return list, nil
}

// Delivered marks a message as delivered at the time at, and stores where it
// stands as the thread of its alerts at that target if they have none yet.
func (s *Store) Delivered(ctx context.Context, message int64, th reputation.Thread, at time.Time) error {
	return s.write(ctx, fmt.Sprintf("mark message %d as delivered", message), func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `UPDATE outbox SET delivered_at = ? WHERE id = ?`, timeText(at), message)
		if err := mustChange(result, err, errNoMessage); err != nil {
			return err
		}
		if th.TS == "" {
			return nil
		}
		const thread = `
			WITH m AS (SELECT alert_id, receiver, channel, message FROM outbox WHERE id = ?3)
			UPDATE threads SET posted_in = ?1, ts = ?2
			WHERE ts = '' AND (receiver, channel) = (SELECT receiver, channel FROM m)
				AND alert_id IN (SELECT alert_id FROM m UNION SELECT json_extract(value, '$.ID') FROM m, json_each(m.message, '$.Also'))`
		_, err = tx.ExecContext(ctx, thread, th.Channel, th.TS, message)
		return err
	})
}

// Postpone stores that a delivery failed and why, and that the message is not
// due again before until.
func (s *Store) Postpone(ctx context.Context, message int64, until time.Time, cause string) error {
	// Times are kept to the second; one that is cut off would be too early.
	due := until.Add(time.Second - time.Nanosecond).Truncate(time.Second)
	return s.write(ctx, fmt.Sprintf("postpone message %d", message), func(tx *sql.Tx) error {
		const query = `UPDATE outbox SET due_at = ?, error = ?, failures = failures + 1 WHERE id = ?`
		result, err := tx.ExecContext(ctx, query, timeText(due), cause, message)
		return mustChange(result, err, errNoMessage)
	})
}

// errNoMessage is the error of a change to a message that does not exist.
var errNoMessage = errors.New("there is no such message")

// mustChange is the error none if a statement found no row to change.
func mustChange(result sql.Result, err, none error) error {
	if err != nil {
		return err
	}
	n, err := result.RowsAffected()
	if err == nil && n == 0 {
		err = none
	}
	return err
}
