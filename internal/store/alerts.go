package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"reputed/internal/reputation"
)

const alertColumns = `id, brand, rule, severity, state, opened_at, resolved_at, calm_since, window_from, window_to,
	observed, stories, mentions, expected, deviation, surprise, usual_share, peak, told, channel, thread_ts, probability`

// LatestAlert returns the alert that was opened last for the brand by the rule,
// and whether there is one.
func (s *Store) LatestAlert(ctx context.Context, brand, rule string) (reputation.Alert, bool, error) {
	const query = `SELECT ` + alertColumns + ` FROM alerts WHERE brand = ? AND rule = ? ORDER BY id DESC LIMIT 1`
	a, err := scanAlert(s.readers.QueryRowContext(ctx, query, brand, rule))
	if errors.Is(err, sql.ErrNoRows) {
		return reputation.Alert{}, false, nil
	}
	if err != nil {
		return reputation.Alert{}, false, explain(s.path, fmt.Sprintf("read the latest alert on %q", brand), err)
	}
	return a, true, nil
}

// Record stores the alert, as a new one if its ID is 0, and with it in the same
// transaction the message that is to tell of it, unless m is nil. It returns the
// alert as it is stored now, with its ID. A thread that the alert has got
// meanwhile by a delivery is kept. A second alert that fires for the same brand
// and rule is an error. Of the judgement everything is kept but Calm and Reason,
// which a spike does not have.
func (s *Store) Record(ctx context.Context, a reputation.Alert, m *reputation.Message) (stored reputation.Alert, err error) {
	err = s.write(ctx, fmt.Sprintf("store the alert on %q", a.Brand), func(tx *sql.Tx) error {
		if stored, err = saveAlert(ctx, tx, a); err != nil {
			return err
		}
		if m == nil {
			return nil
		}
		snapshot := *m
		snapshot.Alert.ID = stored.ID
		text, err := json.Marshal(snapshot)
		if err != nil {
			return fmt.Errorf("message: %w", err)
		}
		const insert = `INSERT INTO outbox (alert_id, event, at, message, due_at) VALUES (?1, ?2, ?3, ?4, ?3)`
		_, err = tx.ExecContext(ctx, insert, stored.ID, string(m.Event), timeText(m.At), string(text))
		return err
	})
	if err != nil {
		return reputation.Alert{}, err
	}
	return stored, nil
}

func saveAlert(ctx context.Context, tx *sql.Tx, a reputation.Alert) (reputation.Alert, error) {
	const insert = `
		INSERT INTO alerts (` + alertColumns + `) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		RETURNING ` + alertColumns
	const update = `
		UPDATE alerts SET (` + alertColumns + `) = (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19,
			iif(thread_ts = '', ?20, channel), iif(thread_ts = '', ?21, thread_ts), ?22)
		WHERE id = ?1
		RETURNING ` + alertColumns
	query, id := insert, sql.NullInt64{}
	if a.ID != 0 {
		query, id = update, sql.NullInt64{Int64: a.ID, Valid: true}
	}
	j := a.Judgement
	stored, err := scanAlert(tx.QueryRowContext(ctx, query, id, a.Brand, a.Rule, string(a.Severity), string(a.State),
		timeText(a.OpenedAt), timeOrNull(a.ResolvedAt), timeOrNull(a.CalmSince), timeText(j.From), timeText(j.To),
		j.Observed, j.Stories, j.Mentions, j.Expected, j.Deviation, j.Surprise, j.Usual, a.Peak, a.Told, a.Thread.Channel, a.Thread.TS,
		sql.NullFloat64{Float64: j.Probability, Valid: j.Probability > 0}))
	if errors.Is(err, sql.ErrNoRows) {
		err = fmt.Errorf("there is no alert %d", a.ID)
	}
	return stored, err
}

func scanAlert(row *sql.Row) (a reputation.Alert, err error) {
	j := &a.Judgement
	var probability sql.NullFloat64
	err = row.Scan(&a.ID, &a.Brand, &a.Rule, &a.Severity, &a.State,
		timeColumn{&a.OpenedAt}, timeColumn{&a.ResolvedAt}, timeColumn{&a.CalmSince}, timeColumn{&j.From}, timeColumn{&j.To},
		&j.Observed, &j.Stories, &j.Mentions, &j.Expected, &j.Deviation, &j.Surprise, &j.Usual, &a.Peak, &a.Told, &a.Thread.Channel, &a.Thread.TS,
		&probability)
	j.Spike, j.Probability = true, probability.Float64
	return a, err
}
