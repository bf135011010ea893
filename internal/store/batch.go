package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"reputed/internal/reputation"
)

// batch is one Commit at work: it stores items and mentions one by one and
// gathers what can be written once at the end.
type batch struct {
	tx      *sql.Tx
	source  string
	words   []words
	rollups rollups
}

// words are a new item's text for the search index.
type words struct {
	item int64
	text string
}

// storedItem is what a mention needs of its item.
type storedItem struct {
	id        int64
	content   string
	published string
	copy      bool
}

// add stores m, and its item unless it is known, and reports whether m was new.
func (b *batch) add(ctx context.Context, m reputation.Mention) (bool, error) {
	if m.Item.Source != b.source {
		return false, fmt.Errorf("it is of source %q", m.Item.Source)
	}
	content := m.Item.Content()
	sum := fingerprint(content)
	item, err := b.find(ctx, m.Item, content, sum)
	if errors.Is(err, sql.ErrNoRows) {
		item, err = b.addItem(ctx, m, sum)
	}
	if err != nil {
		return false, err
	}
	if item.content != content {
		m = withoutOffsets(m)
	}
	m.Score.Value = math.Round(m.Score.Value*millionth) / millionth
	stored, err := b.addMention(ctx, item, m)
	if stored {
		b.rollups.add(m, item.published, 1)
	}
	return stored, err
}

// find returns the stored item that item is, or sql.ErrNoRows.
func (b *batch) find(ctx context.Context, item reputation.Item, content string, sum []byte) (found storedItem, err error) {
	const (
		columns = `SELECT id, content, published_at, duplicate_of IS NOT NULL FROM items `
		byID    = columns + `WHERE source = ? AND guid = ?`
		byText  = columns + `WHERE url = ? AND source = ? AND (fingerprint = ? OR content = ?)`
		// Some feeds give each item a new identifier and link at every poll.
		byTime = columns + `WHERE fingerprint = ? AND source = ? AND (published_at = ? OR url = '' AND ? = '')`
	)
	row := b.tx.QueryRowContext(ctx, byID, item.Source, item.ID)
	err = row.Scan(&found.id, &found.content, &found.published, &found.copy)
	if errors.Is(err, sql.ErrNoRows) && item.URL != "" {
		row = b.tx.QueryRowContext(ctx, byText, item.URL, item.Source, sum, content)
		err = row.Scan(&found.id, &found.content, &found.published, &found.copy)
	}
	if errors.Is(err, sql.ErrNoRows) && sum != nil {
		row = b.tx.QueryRowContext(ctx, byTime, sum, item.Source, timeText(item.Published), item.URL)
		err = row.Scan(&found.id, &found.content, &found.published, &found.copy)
	}
	return found, err
}

// addItem stores m's item, as a copy of an earlier one where it is one.
func (b *batch) addItem(ctx context.Context, m reputation.Mention, sum []byte) (storedItem, error) {
	original, err := b.findOriginal(ctx, m.Item.URL, sum)
	if err != nil {
		return storedItem{}, err
	}
	const insert = `
		INSERT INTO items (source, guid, url, title, text, author, lang, published_at, fetched_at, duplicate_of, fingerprint)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	i := m.Item
	published := timeText(i.Published)
	result, err := b.tx.ExecContext(ctx, insert, i.Source, i.ID, i.URL, i.Title, i.Text, i.Author, i.Lang,
		published, timeText(i.Fetched), original, sum)
	if err != nil {
		return storedItem{}, err
	}
	id, err := result.LastInsertId()
	b.words = append(b.words, words{id, m.Words})
	return storedItem{id: id, content: i.Content(), published: published, copy: original.Valid}, err
}

// findOriginal returns the first stored item of the story that has the
// fingerprint, or that another source found at the URL, or NULL. Items of one
// source at one URL are no copies of each other: some feeds link all of theirs to
// one page. Each minimum is one step in an index. The values stand in a table of
// their own because SQLite would otherwise plan the minima anew for every item.
func (b *batch) findOriginal(ctx context.Context, url string, sum []byte) (original sql.NullInt64, err error) {
	const query = `
		SELECT coalesce(duplicate_of, id) FROM items, (SELECT ?1 AS url, ?2 AS fingerprint) AS new
		WHERE id = (SELECT min(id) FROM (
			SELECT id FROM items WHERE source <> ?3 AND id = (SELECT min(id) FROM items WHERE url = new.url AND url <> '')
			UNION ALL
			SELECT min(id) FROM items WHERE fingerprint = new.fingerprint))`
	err = b.tx.QueryRowContext(ctx, query, url, sum, b.source).Scan(&original)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return original, err
}

// addMention reports whether the item had no mention of the brand yet.
func (b *batch) addMention(ctx context.Context, item storedItem, m reputation.Mention) (bool, error) {
	signals, err := jsonArray(m.Signals)
	if err != nil {
		return false, fmt.Errorf("signals: %w", err)
	}
	evidence, err := jsonArray(m.Score.Evidence)
	if err != nil {
		return false, fmt.Errorf("evidence: %w", err)
	}
	loyalty, err := jsonArray(m.LoyaltyEvidence)
	if err != nil {
		return false, fmt.Errorf("loyalty evidence: %w", err)
	}
	const insert = `
		INSERT INTO mentions (item_id, brand, term, term_start, term_end, score, label, driver, stage, signals, evidence,
			loyalty_evidence, at, copy)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (item_id, brand) DO NOTHING`
	result, err := b.tx.ExecContext(ctx, insert, item.id, m.Span.Brand, m.Span.Term, m.Span.Start, m.Span.End,
		m.Score.Value, string(m.Score.Label), m.Driver, m.Stage, signals, evidence, loyalty,
		item.published, item.copy)
	if err != nil {
		return false, err
	}
	n, err := result.RowsAffected()
	return n == 1, err
}

// finish writes what was gathered. The search index comes last: every statement
// after a change to it could make it write out an index segment of its own.
func (b *batch) finish(ctx context.Context) error {
	if err := b.rollups.write(ctx, b.tx, b.source); err != nil {
		return err
	}
	const count = `UPDATE sources SET items = items + ? WHERE name = ?`
	if _, err := b.tx.ExecContext(ctx, count, len(b.words), b.source); err != nil {
		return err
	}
	for _, w := range b.words {
		if _, err := b.tx.ExecContext(ctx, `INSERT INTO search (docid, words) VALUES (?, ?)`, w.item, w.text); err != nil {
			return fmt.Errorf("search index: %w", err)
		}
	}
	return nil
}

// withoutOffsets is m for an item whose stored text is another one than m was
// found in.
func withoutOffsets(m reputation.Mention) reputation.Mention {
	m.Span.Start, m.Span.End = 0, 0
	m.Score.Evidence = nowhere(m.Score.Evidence)
	m.LoyaltyEvidence = nowhere(m.LoyaltyEvidence)
	return m
}

func nowhere(list []reputation.Evidence) []reputation.Evidence {
	evidence := make([]reputation.Evidence, len(list))
	for i, e := range list {
		e.Start, e.End = 0, 0
		evidence[i] = e
	}
	return evidence
}

// jsonArray encodes a list as JSON; an empty one as [], which json_each can read.
func jsonArray[T any](list []T) (string, error) {
	if len(list) == 0 {
		return "[]", nil
	}
	b, err := json.Marshal(list)
	return string(b), err
}

// parseArray is the reverse of jsonArray.
func parseArray[T any](text []byte) (list []T, err error) {
	if string(text) == "[]" {
		return nil, nil
	}
	err = json.Unmarshal(text, &list)
	return list, err
}
