package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"reputed/internal/reputation"
)

// ErrNoMention is the cause of Correct's error when there is no such mention.
var ErrNoMention = errors.New("there is no such mention")

// Correct makes label the mention's label in force: in mentions, in the counts
// behind the views, and for the alerts to come. The score and its evidence stay as
// they were rated. A later correction of the same mention replaces an earlier one;
// one that says what the rating says confirms it. It returns what was stored, or an
// error that wraps ErrNoMention.
func (s *Store) Correct(ctx context.Context, mention int64, label reputation.Label, by string, at time.Time) (c reputation.Correction, err error) {
	c = reputation.Correction{Mention: mention, Label: label, By: by, At: at.UTC().Truncate(time.Second)}
	err = s.write(ctx, fmt.Sprintf("correct mention %d", mention), func(tx *sql.Tx) error {
		const find = `
			SELECT i.source, i.content, m.brand, m.score, m.label, m.driver, m.evidence, m.at, m.copy, coalesce(c.rated, m.label)
			FROM mentions m JOIN items i ON i.id = m.item_id LEFT JOIN corrections c ON c.mention_id = m.id WHERE m.id = ?`
		var (
			m                     reputation.Mention
			evidence              []byte
			source, published, is string
			copied                bool
		)
		row := tx.QueryRowContext(ctx, find, mention)
		err := row.Scan(&source, &c.Content, &m.Span.Brand, &m.Score.Value, &is, &m.Driver, &evidence, &published, &copied, &c.Rated)
		if errors.Is(err, sql.ErrNoRows) {
			return ErrNoMention
		}
		if err != nil {
			return err
		}
		if m.Score.Evidence, err = parseArray[reputation.Evidence](evidence); err != nil {
			return fmt.Errorf("evidence: %w", err)
		}
		c.Brand, c.Score, c.Before = m.Span.Brand, m.Score.Value, reputation.Label(is)

		const insert = `
			INSERT INTO corrections (mention_id, brand, rated, label, at, by, fingerprint) VALUES (?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (mention_id) DO UPDATE SET label = excluded.label, at = excluded.at, by = excluded.by`
		if _, err := tx.ExecContext(ctx, insert, mention, c.Brand, string(c.Rated), string(label), timeText(at), by, fingerprint(c.Content)); err != nil {
			return err
		}
		if label == c.Before {
			return nil
		}
		if _, err := tx.ExecContext(ctx, `UPDATE mentions SET label = ? WHERE id = ?`, string(label), mention); err != nil {
			return err
		}
		r := newRollups()
		m.Score.Label = c.Before
		r.add(m, published, copied, -1) // m has no signals here: they do not depend on the label
		m.Score.Label = label
		r.add(m, published, copied, 1)
		return r.write(ctx, tx, source)
	})
	if err != nil {
		return reputation.Correction{}, err
	}
	return c, nil
}

// Corrections returns what people have said of mentions, in the order in which these
// were first corrected, to learn from. Of a mention that was deleted the text is known
// again once the same text was collected again; until then its correction is left out.
func (s *Store) Corrections(ctx context.Context) ([]reputation.Correction, error) {
	return s.corrections(ctx, `ORDER BY c.id`)
}

// Correction returns what a person said of a mention's label, and false if nobody did.
func (s *Store) Correction(ctx context.Context, mention int64) (reputation.Correction, bool, error) {
	list, err := s.corrections(ctx, `WHERE c.mention_id = ?`, mention)
	if err != nil || len(list) == 0 {
		return reputation.Correction{}, false, err
	}
	return list[0], true, nil
}

func (s *Store) corrections(ctx context.Context, which string, args ...any) ([]reputation.Correction, error) {
	const query = `
		SELECT coalesce(c.mention_id, 0), c.brand, i.content, c.rated, c.label, c.by, c.at, coalesce(m.score, 0)
		FROM corrections c LEFT JOIN mentions m ON m.id = c.mention_id
		JOIN items i ON i.id = coalesce(m.item_id, (SELECT min(id) FROM items WHERE items.fingerprint = c.fingerprint))
		`
	list, err := collect(ctx, s.readers, query+which, func(rows *sql.Rows) (c reputation.Correction, err error) {
		err = rows.Scan(&c.Mention, &c.Brand, &c.Content, &c.Rated, &c.Label, &c.By, timeColumn{&c.At}, &c.Score)
		return c, err
	}, args...)
	if err != nil {
		return nil, explain(s.path, "read the corrections", err)
	}
	return list, nil
}
