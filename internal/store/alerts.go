package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"reputed/internal/reputation"
)

const alertColumns = `id, brand, rule, severity, state, opened_at, resolved_at, calm_since, window_from, window_to,
	observed, stories, mentions, expected, deviation, surprise, usual_share, probability, peak, told,
	driver, waiting_event, waiting_hour, waiting_since, told_at, muted_by`

// alertRow is all that is read of an alert. Recording it leaves alone who has taken
// it on, since that comes from elsewhere at any time.
const alertRow = alertColumns + `, acknowledged_by, acknowledged_at`

// LatestAlert returns the alert that was opened last for the brand by the rule,
// and whether there is one.
func (s *Store) LatestAlert(ctx context.Context, brand, rule string) (reputation.Alert, bool, error) {
	const query = `SELECT ` + alertRow + ` FROM alerts WHERE brand = ? AND rule = ? ORDER BY id DESC LIMIT 1`
	a, err := scanAlert(s.readers.QueryRowContext(ctx, query, brand, rule).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return reputation.Alert{}, false, nil
	}
	if err != nil {
		return reputation.Alert{}, false, explain(s.path, fmt.Sprintf("read the latest alert on %q", brand), err)
	}
	return a, true, nil
}

// Record stores the alert, as a new one if its ID is 0, and with it in the same
// transaction the messages that are to tell of it, one a target. It returns the
// alert as it is stored now, with its ID. A second alert that fires for the same
// brand and rule is an error. Who has acknowledged the alert is left as it is. Of the judgement everything is kept but Calm and Reason,
// which a spike does not have.
func (s *Store) Record(ctx context.Context, a reputation.Alert, messages []reputation.Message) (stored reputation.Alert, err error) {
	err = s.write(ctx, fmt.Sprintf("store the alert on %q", a.Brand), func(tx *sql.Tx) error {
		if stored, err = saveAlert(ctx, tx, a); err != nil {
			return err
		}
		for _, m := range messages {
			m.Alert.ID = stored.ID
			if _, err := enqueue(ctx, tx, m, m.At); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return reputation.Alert{}, err
	}
	return stored, nil
}

func saveAlert(ctx context.Context, tx *sql.Tx, a reputation.Alert) (reputation.Alert, error) {
	const values = `(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26)`
	const insert = `INSERT INTO alerts (` + alertColumns + `) VALUES ` + values + ` RETURNING ` + alertRow
	const update = `UPDATE alerts SET (` + alertColumns + `) = ` + values + ` WHERE id = ?1 RETURNING ` + alertRow
	query, id := insert, sql.NullInt64{}
	if a.ID != 0 {
		query, id = update, sql.NullInt64{Int64: a.ID, Valid: true}
	}
	j := a.Judgement
	stored, err := scanAlert(tx.QueryRowContext(ctx, query, id, a.Brand, a.Rule, string(a.Severity), string(a.State),
		timeText(a.OpenedAt), timeOrNull(a.ResolvedAt), timeOrNull(a.CalmSince), timeText(j.From), timeText(j.To),
		j.Observed, j.Stories, j.Mentions, j.Expected, j.Deviation, j.Surprise, j.Usual,
		sql.NullFloat64{Float64: j.Probability, Valid: j.Probability > 0}, a.Peak, a.Told,
		a.Driver, string(a.Waiting.Event), timeOrNull(a.Waiting.Hour), timeOrNull(a.Waiting.Since), timeOrNull(a.ToldAt), a.MutedBy).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		err = fmt.Errorf("there is no alert %d", a.ID)
	}
	return stored, err
}

func scanAlert(scan func(...any) error) (a reputation.Alert, err error) {
	j := &a.Judgement
	var probability sql.NullFloat64
	err = scan(&a.ID, &a.Brand, &a.Rule, &a.Severity, &a.State,
		timeColumn{&a.OpenedAt}, timeColumn{&a.ResolvedAt}, timeColumn{&a.CalmSince}, timeColumn{&j.From}, timeColumn{&j.To},
		&j.Observed, &j.Stories, &j.Mentions, &j.Expected, &j.Deviation, &j.Surprise, &j.Usual, &probability, &a.Peak, &a.Told,
		&a.Driver, &a.Waiting.Event, timeColumn{&a.Waiting.Hour}, timeColumn{&a.Waiting.Since}, timeColumn{&a.ToldAt}, &a.MutedBy,
		&a.AcknowledgedBy, timeColumn{&a.AcknowledgedAt})
	j.Spike, j.Probability = true, probability.Float64
	return a, err
}
