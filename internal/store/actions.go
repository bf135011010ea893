package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"reputed/internal/reputation"
)

// Act stores what a person did.
func (s *Store) Act(ctx context.Context, a reputation.Action) error {
	const insert = `INSERT INTO actions (at, by, via, what, alert_id, mention_id, detail) VALUES (?, ?, ?, ?, ?, ?, ?)`
	number := func(id int64) sql.NullInt64 { return sql.NullInt64{Int64: id, Valid: id != 0} }
	return s.write(ctx, fmt.Sprintf("store what %s did", a.By), func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, insert, timeText(a.At), a.By, a.Via, string(a.What), number(a.Alert), number(a.Mention), a.Detail)
		return err
	})
}

// Actions returns what people did about an alert, in its order.
func (s *Store) Actions(ctx context.Context, alert int64) ([]reputation.Action, error) {
	return s.actions(ctx, `alert_id`, alert)
}

// MentionActions returns what people did about a mention, in its order.
func (s *Store) MentionActions(ctx context.Context, mention int64) ([]reputation.Action, error) {
	return s.actions(ctx, `mention_id`, mention)
}

func (s *Store) actions(ctx context.Context, column string, id int64) ([]reputation.Action, error) {
	query := `SELECT at, by, via, what, coalesce(alert_id, 0), coalesce(mention_id, 0), detail FROM actions WHERE ` + column + ` = ? ORDER BY id`
	list, err := collect(ctx, s.readers, query, func(rows *sql.Rows) (a reputation.Action, err error) {
		return a, rows.Scan(timeColumn{&a.At}, &a.By, &a.Via, &a.What, &a.Alert, &a.Mention, &a.Detail)
	}, id)
	if err != nil {
		return nil, explain(s.path, "read what people did", err)
	}
	return list, nil
}

// Case returns an alert as it is now, and the last message about it that was delivered
// to the thread, or else to any other place; its alert is as it was then, with the
// thread and picture of its first message there. It is ErrNoAlert if there is no such
// alert or nobody was told of it.
func (s *Store) Case(ctx context.Context, alert int64, at reputation.Thread) (a reputation.Alert, m reputation.Message, err error) {
	a, err = scanAlert(s.readers.QueryRowContext(ctx, `SELECT `+alertRow+` FROM alerts WHERE id = ?`, alert).Scan)
	if err == nil {
		const query = `
			SELECT o.id, o.receiver, o.channel, o.message, t.posted_in, t.ts, t.guest, t.picture
			FROM outbox o JOIN threads t ON t.alert_id = o.alert_id AND t.receiver = o.receiver AND t.channel = o.channel
			WHERE o.alert_id = ?1 AND o.delivered_at IS NOT NULL
			ORDER BY (t.posted_in, t.ts) = (?2, ?3) DESC, o.id DESC LIMIT 1`
		var (
			text              []byte
			id                int64
			receiver, channel string
			th                reputation.Thread
		)
		row := s.readers.QueryRowContext(ctx, query, alert, at.Channel, at.TS)
		if err = row.Scan(&id, &receiver, &channel, &text, &th.Channel, &th.TS, &th.Guest, &th.Picture); err == nil {
			err = json.Unmarshal(text, &m)
			m.ID, m.Target.Receiver, m.Target.Channel, m.Alert.Thread = id, receiver, channel, th
		}
	}
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNoAlert
	}
	if err != nil {
		return a, m, explain(s.path, fmt.Sprintf("read alert %d and the last message about it", alert), err)
	}
	return a, m, nil
}
