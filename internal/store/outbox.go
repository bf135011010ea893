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

// enqueue puts a message into the outbox at the time now and returns its number.
func enqueue(ctx context.Context, tx *sql.Tx, m reputation.Message, now time.Time) (int64, error) {
	text, err := json.Marshal(m)
	if err != nil {
		return 0, fmt.Errorf("message: %w", err)
	}
	const insert = `
		INSERT INTO outbox (alert_id, event, at, receiver, channel, message, due_at, queued_at)
		VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7) RETURNING id`
	alert := sql.NullInt64{Int64: m.Alert.ID, Valid: m.Alert.ID != 0}
	var id int64
	row := tx.QueryRowContext(ctx, insert, alert, string(m.Event), timeText(m.At), m.Target.Receiver, m.Target.Channel, string(text), timeText(now))
	if err := row.Scan(&id); err != nil {
		return 0, fmt.Errorf("message: %w", err)
	}
	return id, follow(ctx, tx, m)
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

// longestWait is more than any delivery is postponed for. A message that is due later
// comes from a clock that was ahead, and is due now.
const longestWait = 2 * time.Hour

// Pending returns the messages that are not delivered and due at now, in the order in
// which they were recorded. While a message is postponed, so are those after it that go
// to the same channel: the order holds, and who asked for a rest gets it, also after a
// restart. Each tells what was seen at the time of its event; only the alert's thread
// is the present one.
func (s *Store) Pending(ctx context.Context, now time.Time) ([]reputation.Message, error) {
	const query = `
		WITH held AS (
			SELECT receiver, channel, min(id) AS first FROM outbox
			WHERE delivered_at IS NULL AND digest_id IS NULL AND due_at > ?1 AND due_at <= ?2 GROUP BY receiver, channel)
		SELECT o.id, o.receiver, o.channel, o.message, o.queued_at, coalesce(t.posted_in, ''), coalesce(t.ts, ''), coalesce(t.guest AND t.ts <> '', 0)
		FROM outbox o
		LEFT JOIN threads t ON t.alert_id = o.alert_id AND t.receiver = o.receiver AND t.channel = o.channel
		LEFT JOIN held ON held.receiver = o.receiver AND held.channel = o.channel
		WHERE o.delivered_at IS NULL AND o.digest_id IS NULL AND (held.first IS NULL OR o.id < held.first)
		ORDER BY o.id`
	list, err := collect(ctx, s.readers, query, func(rows *sql.Rows) (m reputation.Message, err error) {
		var (
			id                int64
			receiver, channel string
			text              []byte
			queued            time.Time
			thread            reputation.Thread
		)
		if err := rows.Scan(&id, &receiver, &channel, &text, timeColumn{&queued}, &thread.Channel, &thread.TS, &thread.Guest); err != nil {
			return m, err
		}
		if err := json.Unmarshal(text, &m); err != nil {
			return m, fmt.Errorf("message %d: %w", id, err)
		}
		// A message of an older version holds no target; its row does.
		m.ID, m.Target.Receiver, m.Target.Channel, m.Queued, m.Alert.Thread = id, receiver, channel, queued, thread
		return m, nil
	}, timeText(now), timeText(now.Add(longestWait)))
	if err != nil {
		return nil, explain(s.path, "read the outbox", err)
	}
	return list, nil
}

// Delivered marks a message as delivered at the time at, and with a digest what it
// tells of, and stores where it stands as the thread of its alerts at that target if
// they have none yet.
func (s *Store) Delivered(ctx context.Context, message int64, th reputation.Thread, at time.Time) error {
	return s.write(ctx, fmt.Sprintf("mark message %d as delivered", message), func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `UPDATE outbox SET delivered_at = ? WHERE id = ?`, timeText(at), message)
		if err := mustChange(result, err, errNoMessage); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE outbox SET delivered_at = ? WHERE digest_id = ? AND delivered_at IS NULL`, timeText(at), message); err != nil {
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
		if _, err = tx.ExecContext(ctx, thread, th.Channel, th.TS, message); err != nil {
			return err
		}
		const picture = `
			UPDATE threads SET picture = ? WHERE ts = ? AND posted_in = ? AND guest = 0
				AND (alert_id, receiver, channel) = (SELECT alert_id, receiver, channel FROM outbox WHERE id = ?)`
		_, err = tx.ExecContext(ctx, picture, th.Picture, th.TS, th.Channel, message)
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
