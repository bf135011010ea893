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

// ErrNoAlert is the error of a change to an alert that does not exist.
var ErrNoAlert = errors.New("there is no such alert")

// ErrNoSilence is the error of a change to a silence that does not exist.
var ErrNoSilence = errors.New("there is no such silence")

// Open returns the alerts that fire, and those of which people are still to be told,
// in the order of opening.
func (s *Store) Open(ctx context.Context) ([]reputation.Alert, error) {
	const query = `SELECT ` + alertRow + ` FROM alerts WHERE state = 'firing' OR waiting_event <> '' ORDER BY id`
	list, err := collect(ctx, s.readers, query, func(rows *sql.Rows) (reputation.Alert, error) { return scanAlert(rows.Scan) })
	if err != nil {
		return nil, explain(s.path, "read the open alerts", err)
	}
	return list, nil
}

// Told returns the targets where people were told of an alert, or are about to be.
func (s *Store) Told(ctx context.Context, alert int64) ([]reputation.Target, error) {
	const query = `SELECT receiver, channel FROM threads WHERE alert_id = ? ORDER BY receiver, channel`
	list, err := collect(ctx, s.readers, query, func(rows *sql.Rows) (t reputation.Target, err error) {
		err = rows.Scan(&t.Receiver, &t.Channel)
		return t, err
	}, alert)
	if err != nil {
		return nil, explain(s.path, fmt.Sprintf("read where alert %d was told", alert), err)
	}
	return list, nil
}

// Tell stores what waits of each alert, when people were told of it and what mutes
// it, and puts the messages, due at now, into the outbox, all in one transaction.
func (s *Store) Tell(ctx context.Context, alerts []reputation.Alert, messages []reputation.Message, now time.Time) error {
	const update = `UPDATE alerts SET waiting_event = ?, waiting_hour = ?, waiting_since = ?, told_at = ?, muted_by = ? WHERE id = ?`
	return s.write(ctx, "store what people are told", func(tx *sql.Tx) error {
		for _, a := range alerts {
			w := a.Waiting
			result, err := tx.ExecContext(ctx, update, string(w.Event), timeOrNull(w.Hour), timeOrNull(w.Since), timeOrNull(a.ToldAt), a.MutedBy, a.ID)
			if err := mustChange(result, err, ErrNoAlert); err != nil {
				return fmt.Errorf("alert %d: %w", a.ID, err)
			}
		}
		for _, m := range messages {
			if err := enqueue(ctx, tx, m, now); err != nil {
				return err
			}
		}
		return nil
	})
}

// Acknowledge stores that somebody has taken an alert on, and returns the alert. It is
// ErrNoAlert if there is none.
func (s *Store) Acknowledge(ctx context.Context, alert int64, by string, at time.Time) (a reputation.Alert, err error) {
	const update = `UPDATE alerts SET acknowledged_by = ?, acknowledged_at = ? WHERE id = ? RETURNING ` + alertRow
	err = s.write(ctx, fmt.Sprintf("acknowledge alert %d", alert), func(tx *sql.Tx) error {
		a, err = scanAlert(tx.QueryRowContext(ctx, update, by, timeText(at), alert).Scan)
		if errors.Is(err, sql.ErrNoRows) {
			return ErrNoAlert
		}
		return err
	})
	return a, err
}

const silenceRow = `id, matchers, author, reason, starts_at, ends_at, ended_by`

// AddSilence stores a silence and returns it with its ID. Whether it makes sense, the
// caller has checked.
func (s *Store) AddSilence(ctx context.Context, silence reputation.Silence) (stored reputation.Silence, err error) {
	matchers, err := json.Marshal(silence.Matchers)
	if err != nil {
		return stored, fmt.Errorf("matchers: %w", err)
	}
	const insert = `INSERT INTO silences (matchers, author, reason, starts_at, ends_at) VALUES (?, ?, ?, ?, ?) RETURNING ` + silenceRow
	err = s.write(ctx, "store the silence", func(tx *sql.Tx) error {
		stored, err = scanSilence(tx.QueryRowContext(ctx, insert, string(matchers), silence.Author, silence.Reason, timeText(silence.From), timeText(silence.Until)).Scan)
		return err
	})
	return stored, err
}

// EndSilence ends a silence at the time at, and returns it. One that is over stays as
// it is. It is ErrNoSilence if there is none.
func (s *Store) EndSilence(ctx context.Context, id int64, by string, at time.Time) (ended reputation.Silence, err error) {
	const update = `
		UPDATE silences SET ended_by = iif(ends_at > ?2, ?3, ended_by), ends_at = min(ends_at, max(?2, starts_at)) WHERE id = ?1
		RETURNING ` + silenceRow
	err = s.write(ctx, fmt.Sprintf("end silence %d", id), func(tx *sql.Tx) error {
		ended, err = scanSilence(tx.QueryRowContext(ctx, update, id, timeText(at), by).Scan)
		if errors.Is(err, sql.ErrNoRows) {
			return ErrNoSilence
		}
		return err
	})
	return ended, err
}

// Silences returns the silences that end after a time, in the order in which they
// were made.
func (s *Store) Silences(ctx context.Context, after time.Time) ([]reputation.Silence, error) {
	const query = `SELECT ` + silenceRow + ` FROM silences WHERE ends_at > ? ORDER BY id`
	list, err := collect(ctx, s.readers, query, func(rows *sql.Rows) (reputation.Silence, error) { return scanSilence(rows.Scan) }, timeText(after))
	if err != nil {
		return nil, explain(s.path, "read the silences", err)
	}
	return list, nil
}

func scanSilence(scan func(...any) error) (s reputation.Silence, err error) {
	var matchers []byte
	if err = scan(&s.ID, &matchers, &s.Author, &s.Reason, timeColumn{&s.From}, timeColumn{&s.Until}, &s.EndedBy); err != nil {
		return s, err
	}
	if err := json.Unmarshal(matchers, &s.Matchers); err != nil {
		return s, fmt.Errorf("silence %d: %w", s.ID, err)
	}
	return s, nil
}
