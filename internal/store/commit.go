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

// Commit stores the outcome of a successful poll at the time at: the source's
// next cursor, the mentions with their items, the search index, the rollups and
// the source's last success, all in one transaction. It returns the mentions
// that were not in the database yet, in the order given.
//
// Within a source the same ID is the same item, and so is the same text (letters
// and digits, at least 20) with the same URL or time, or without any URL; what is
// stored of an item stays as it was first seen. A mention of a known item by a
// brand that it was not stored with is new; its offsets are stored as 0 if the
// item's text has changed meanwhile, since they would point into another text. An
// item whose text any source, or whose URL another one, has brought before is
// stored as a copy of that first one. Scores are kept to the millionth.
func (s *Store) Commit(ctx context.Context, source string, next reputation.Cursor, mentions []reputation.Mention, at time.Time) (fresh []reputation.Mention, err error) {
	texts := make([]text, len(mentions)) // before the transaction, since only one is at work at a time
	for i, m := range mentions {
		texts[i] = textOf(m)
	}
	err = s.writeTogether(ctx, fmt.Sprintf("store the poll of source %q", source), func(ctx context.Context, tx *sql.Conn) error {
		const success = `
			INSERT INTO sources (name, cursor, last_success_at) VALUES (?1, ?2, ?3)
			ON CONFLICT DO UPDATE SET cursor = ?2, last_success_at = ?3, error = ''`
		if err := saveCursor(ctx, tx, success, source, next, timeText(at)); err != nil {
			return err
		}
		b := batch{tx: tx, source: source, words: make(map[int64]string), rollups: newRollups()}
		for i, m := range mentions {
			stored, err := b.add(ctx, m, texts[i])
			if err != nil {
				return fmt.Errorf("item %q: %w", m.Item.ID, err)
			}
			if stored {
				fresh = append(fresh, m)
			}
		}
		return b.finish(ctx)
	})
	if err != nil {
		return nil, err
	}
	return fresh, nil
}

// Failed stores that a poll of source failed at the time at, and why. The
// cursor's NotBefore must survive a restart, so next is stored too.
func (s *Store) Failed(ctx context.Context, source string, next reputation.Cursor, at time.Time, cause string) error {
	return s.writeTogether(ctx, fmt.Sprintf("store the failure of source %q", source), func(ctx context.Context, tx *sql.Conn) error {
		const failure = `
			INSERT INTO sources (name, cursor, last_error_at, error) VALUES (?1, ?2, ?3, ?4)
			ON CONFLICT DO UPDATE SET cursor = ?2, last_error_at = ?3, error = ?4`
		return saveCursor(ctx, tx, failure, source, next, timeText(at), cause)
	})
}

// Cursor returns the cursor that was stored last for source, or the zero cursor.
func (s *Store) Cursor(ctx context.Context, source string) (reputation.Cursor, error) {
	var (
		text   []byte
		cursor reputation.Cursor
	)
	err := s.readers.QueryRowContext(ctx, `SELECT cursor FROM sources WHERE name = ?`, source).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return cursor, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &cursor)
	}
	if err != nil {
		return reputation.Cursor{}, explain(s.path, fmt.Sprintf("read the cursor of source %q", source), err)
	}
	return cursor, nil
}

func saveCursor(ctx context.Context, tx *sql.Conn, query, source string, next reputation.Cursor, args ...any) error {
	cursor, err := json.Marshal(next)
	if err != nil {
		return fmt.Errorf("cursor: %w", err)
	}
	_, err = tx.ExecContext(ctx, query, append([]any{source, string(cursor)}, args...)...)
	return err
}
