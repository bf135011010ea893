package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"reputed/internal/reputation"
)

// Alerts returns alerts by their numbers, as they stand now; those that are not there
// are left out.
func (s *Store) Alerts(ctx context.Context, ids []int64) (map[int64]reputation.Alert, error) {
	list, err := json.Marshal(ids)
	if err != nil {
		return nil, fmt.Errorf("numbers of alerts: %w", err)
	}
	const query = `SELECT ` + alertRow + ` FROM alerts WHERE id IN (SELECT value FROM json_each(?))`
	found, err := collect(ctx, s.readers, query, func(rows *sql.Rows) (reputation.Alert, error) { return scanAlert(rows.Scan) }, string(list))
	if err != nil {
		return nil, explain(s.path, "read alerts", err)
	}
	alerts := make(map[int64]reputation.Alert, len(found))
	for _, a := range found {
		alerts[a.ID] = a
	}
	return alerts, nil
}

// SumUp puts a digest into the outbox at the time now, and leaves to it in the same
// transaction the messages that it tells of: they are delivered when it is. It returns
// the digest with its ID.
func (s *Store) SumUp(ctx context.Context, digest reputation.Message, covered []int64, now time.Time) (reputation.Message, error) {
	list, err := json.Marshal(covered)
	if err != nil {
		return digest, fmt.Errorf("numbers of messages: %w", err)
	}
	err = s.write(ctx, "sum up what waits for "+digest.Target.Receiver, func(tx *sql.Tx) error {
		if digest.ID, err = enqueue(ctx, tx, digest, now); err != nil {
			return err
		}
		// A digest that was summed up itself leaves its messages to the new one.
		const leave = `
			UPDATE outbox SET digest_id = ?1
			WHERE delivered_at IS NULL AND (id IN (SELECT value FROM json_each(?2)) OR digest_id IN (SELECT value FROM json_each(?2)))`
		result, err := tx.ExecContext(ctx, leave, digest.ID, string(list))
		return mustChange(result, err, errNoMessage)
	})
	return digest, err
}

// Backlogs returns what waits for each receiver and channel. A digest of messages is not
// counted besides these.
func (s *Store) Backlogs(ctx context.Context) ([]reputation.Backlog, error) {
	const query = `
		SELECT receiver, channel, count(*) FILTER (WHERE message ->> '$.Digest.Kind' IS NOT 'outage'), min(queued_at), max(failures),
			coalesce((SELECT error FROM outbox e WHERE e.receiver = o.receiver AND e.channel = o.channel AND e.delivered_at IS NULL AND e.error <> '' ORDER BY e.id DESC LIMIT 1), '')
		FROM outbox o WHERE delivered_at IS NULL GROUP BY receiver, channel ORDER BY receiver, channel`
	list, err := collect(ctx, s.readers, query, func(rows *sql.Rows) (b reputation.Backlog, err error) {
		err = rows.Scan(&b.Receiver, &b.Channel, &b.Messages, timeColumn{&b.Since}, &b.Failures, &b.Error)
		return b, err
	})
	if err != nil {
		return nil, explain(s.path, "read what waits in the outbox", err)
	}
	return list, nil
}
