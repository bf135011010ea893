package store

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"

	"reputed/internal/reputation"
)

// batch is one Commit at work: it stores items and mentions one by one and
// gathers what can be written once at the end.
type batch struct {
	tx      *sql.Conn // within a transaction
	source  string
	words   map[int64]string // of the new items, for the search index
	rollups rollups
}

// storedItem is what a mention needs of its item.
type storedItem struct {
	id        int64
	content   string
	published string
	copy      bool
}

// text is what copies of an item are recognised by. An answer to a survey is nobody's
// copy: two customers who say the same are two customers.
type text struct {
	content     string
	fingerprint []byte // nil if it tells no story
	sketch      []int64
}

func textOf(m reputation.Mention) text {
	t := text{content: m.Item.Content()}
	if m.Item.Brand == "" {
		t.fingerprint = fingerprint(t.content)
	}
	if t.fingerprint != nil {
		t.sketch = sketch(unitsOf(m.Words))
	}
	return t
}

// add stores m, and its item unless it is known, and reports whether m was new.
func (b *batch) add(ctx context.Context, m reputation.Mention, t text) (bool, error) {
	if m.Item.Source != b.source {
		return false, fmt.Errorf("it is of source %q", m.Item.Source)
	}
	item, err := b.findByID(ctx, &m, t)
	fresh := false
	if errors.Is(err, sql.ErrNoRows) {
		item, fresh, err = b.findOrAdd(ctx, m, t)
	}
	if err != nil {
		return false, err
	}
	if !fresh && m.Item.Brand != "" {
		if err := b.correctAnswer(ctx, item.id, m.Item); err != nil {
			return false, fmt.Errorf("ratings: %w", err)
		}
	}
	m.Score.Value = math.Round(m.Score.Value*millionth) / millionth
	if item.content != t.content {
		if err := b.revise(ctx, item, m, t); err != nil {
			return false, fmt.Errorf("revision: %w", err)
		}
		m = withoutOffsets(m)
	}
	if m.Score.Label == "" {
		return fresh, nil
	}
	stored, err := b.addMention(ctx, item, m)
	if stored {
		b.rollups.add(m, item.published, item.copy, 1)
	}
	return stored, err
}

const itemColumns = `SELECT id, content, published_at, duplicate_of IS NOT NULL, url FROM items `

// findByID returns the stored item that has the identifier of m's item, or
// sql.ErrNoRows. An identifier that its publisher has given to another item meanwhile
// (another address, another text) is replaced by the address.
func (b *batch) findByID(ctx context.Context, m *reputation.Mention, t text) (storedItem, error) {
	const byID = itemColumns + `WHERE source = ? AND guid = ?`
	item := m.Item
	found, url, err := b.scanItem(ctx, byID, item.Source, item.ID)
	if err != nil || found.content == t.content || item.URL == "" || url == "" || url == item.URL || item.ID == item.URL {
		return found, err
	}
	same, err := b.alikeStored(ctx, found.id, m.Words)
	if same || err != nil {
		return found, err
	}
	m.Item.ID = item.URL
	found, _, err = b.scanItem(ctx, byID, item.Source, item.URL)
	return found, err
}

// findOrAdd returns the stored item that m's item is under another identifier, or
// stores it, and reports whether it did.
func (b *batch) findOrAdd(ctx context.Context, m reputation.Mention, t text) (item storedItem, added bool, err error) {
	first, err := b.firsts(ctx, m.Item.URL, t.fingerprint)
	if err != nil {
		return storedItem{}, false, err
	}
	item, err = b.find(ctx, m, t, first)
	if errors.Is(err, sql.ErrNoRows) {
		item, err = b.addItem(ctx, m, t, first)
		return item, true, err
	}
	return item, false, err
}

// firsts are the first stored items at an address and with a fingerprint, of any
// source. Most new items have neither, which one query tells.
//
// The plus before a parameter changes nothing but this: SQLite plans a statement anew
// at each use, which takes several times as long as the look-up itself, if it compares
// a column with a bare parameter and is no look-up by a unique key.
type firsts struct{ atURL, ofText sql.NullInt64 }

func (b *batch) firsts(ctx context.Context, url string, sum []byte) (first firsts, err error) {
	const query = `
		SELECT (SELECT min(id) FROM items WHERE url = nullif(?, '')), (SELECT min(id) FROM items WHERE fingerprint = +?)`
	err = b.tx.QueryRowContext(ctx, query, url, sum).Scan(&first.atURL, &first.ofText)
	return first, err
}

// find returns the stored item that m's item is under another identifier, or
// sql.ErrNoRows.
func (b *batch) find(ctx context.Context, m reputation.Mention, t text, first firsts) (found storedItem, err error) {
	const (
		byText = itemColumns + `WHERE url = +? AND source = +? AND (fingerprint = ? OR content = ?)`
		// Some feeds give each item a new identifier and link at every poll.
		byTime = itemColumns + `WHERE fingerprint = +? AND source = +? AND (published_at = ? OR url = '' AND ? = '')`
	)
	item := m.Item
	err = sql.ErrNoRows
	if first.atURL.Valid {
		found, _, err = b.scanItem(ctx, byText, item.URL, item.Source, t.fingerprint, t.content)
	}
	if errors.Is(err, sql.ErrNoRows) && first.ofText.Valid {
		found, _, err = b.scanItem(ctx, byTime, t.fingerprint, item.Source, timeText(item.Published), item.URL)
	}
	if errors.Is(err, sql.ErrNoRows) && first.atURL.Valid && t.fingerprint != nil {
		found, err = b.findEdited(ctx, m)
	}
	return found, err
}

// mostAtOneURL is how many items at an address are compared with a new one, newest
// first: some feeds link all of theirs to one page.
const mostAtOneURL = 8

// findEdited returns the item of the source at m's address that m's item is after an
// edit in which it got another identifier, or sql.ErrNoRows.
func (b *batch) findEdited(ctx context.Context, m reputation.Mention) (storedItem, error) {
	query := itemColumns + `WHERE url = +? AND source = +? ORDER BY id DESC LIMIT ` + strconv.Itoa(mostAtOneURL)
	items, err := collect(ctx, b.tx, query, func(rows *sql.Rows) (item storedItem, err error) {
		var url string
		err = rows.Scan(&item.id, &item.content, &item.published, &item.copy, &url)
		return item, err
	}, m.Item.URL, m.Item.Source)
	if err != nil {
		return storedItem{}, err
	}
	for _, item := range items {
		if same, err := b.alikeStored(ctx, item.id, m.Words); same || err != nil {
			return item, err
		}
	}
	return storedItem{}, sql.ErrNoRows
}

func (b *batch) scanItem(ctx context.Context, query string, args ...any) (item storedItem, url string, err error) {
	err = b.tx.QueryRowContext(ctx, query, args...).Scan(&item.id, &item.content, &item.published, &item.copy, &url)
	return item, url, err
}

// alikeStored reports whether the words are those of a stored item, edited.
func (b *batch) alikeStored(ctx context.Context, item int64, words string) (bool, error) {
	stored, err := b.wordsOf(ctx, item)
	return err == nil && alike(unitsOf(stored), unitsOf(words)), err
}

// addItem stores m's item, as a copy of an earlier one where it is one.
func (b *batch) addItem(ctx context.Context, m reputation.Mention, t text, first firsts) (storedItem, error) {
	original, err := b.findOriginal(ctx, first)
	if err == nil && !original.Valid {
		original, err = b.findAlike(ctx, m.Words, t.sketch)
	}
	if err != nil {
		return storedItem{}, fmt.Errorf("look for its story: %w", err)
	}
	const insert = `
		INSERT INTO items (source, guid, url, title, text, author, lang, published_at, fetched_at, duplicate_of, fingerprint)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	i := m.Item
	published := timeText(i.Published)
	result, err := b.tx.ExecContext(ctx, insert, i.Source, i.ID, i.URL, i.Title, i.Text, i.Author, i.Lang,
		published, timeText(i.Fetched), original, t.fingerprint)
	if err != nil {
		return storedItem{}, err
	}
	id, err := result.LastInsertId()
	if err != nil {
		return storedItem{}, err
	}
	b.words[id] = m.Words
	if !original.Valid {
		err = b.addSketch(ctx, id, t.sketch)
	}
	if err == nil && i.Brand != "" {
		const answer = `INSERT INTO answers (item_id, brand, nps, csat, at) VALUES (?, ?, ?, ?, ?)`
		_, err = b.tx.ExecContext(ctx, answer, id, i.Brand, figure(i.NPS), figure(i.CSAT), published)
	}
	return storedItem{id: id, content: t.content, published: published, copy: original.Valid}, err
}

// correctAnswer gives a stored answer the ratings that it has in a later export.
func (b *batch) correctAnswer(ctx context.Context, item int64, i reputation.Item) error {
	const correct = `UPDATE answers SET nps = ?1, csat = ?2 WHERE item_id = ?3 AND (nps IS NOT ?1 OR csat IS NOT ?2)`
	_, err := b.tx.ExecContext(ctx, correct, figure(i.NPS), figure(i.CSAT), item)
	return err
}

// figure is NULL for a rating that was not given.
func figure(r reputation.Rating) sql.NullInt64 {
	return sql.NullInt64{Int64: int64(r.Value), Valid: r.Given}
}

// mostRevisions is how many later texts of an item are kept: a page whose text holds
// a clock or a counter has another one at every poll.
const mostRevisions = 20

// revise keeps what the publisher has made of an item, unless it differs in marks and
// spaces only, with how m's brand is rated in it.
func (b *batch) revise(ctx context.Context, item storedItem, m reputation.Mention, t text) error {
	first, _ := sumOfLetters(item.content)
	later, _ := sumOfLetters(t.content)
	if bytes.Equal(first, later) {
		return nil
	}
	const insert = `
		INSERT INTO revisions (item_id, title, text, fetched_at, fingerprint)
		SELECT ?1, ?2, ?3, ?4, ?5 WHERE (SELECT count(*) FROM revisions WHERE item_id = ?1) < ?6
		ON CONFLICT DO NOTHING`
	if _, err := b.tx.ExecContext(ctx, insert, item.id, m.Item.Title, m.Item.Text, timeText(m.Item.Fetched), later, mostRevisions); err != nil {
		return err
	}
	// json_patch merges objects by their keys, whatever characters a brand has. Each
	// poll of an edited item comes here, and must write nothing that is there already.
	const rate = `
		UPDATE revisions SET ratings = new.ratings
		FROM (SELECT id, json_patch(ratings, json_object(?1, json_object('score', ?2, 'label', ?3))) AS ratings
			FROM revisions WHERE item_id = ?4 AND fingerprint = ?5) AS new
		WHERE revisions.id = new.id AND revisions.ratings <> new.ratings`
	_, err := b.tx.ExecContext(ctx, rate, m.Span.Brand, m.Score.Value, string(m.Score.Label), item.id, later)
	return err
}

// findOriginal returns the first stored item of the story of which one of these is
// the first, or NULL. Items of one source at one URL are no copies of each other: some
// feeds link all of theirs to one page.
func (b *batch) findOriginal(ctx context.Context, first firsts) (original sql.NullInt64, err error) {
	if !first.atURL.Valid && !first.ofText.Valid {
		return original, nil
	}
	const query = `SELECT coalesce(duplicate_of, id) FROM items WHERE id = +? AND source <> ? OR id = +? ORDER BY id LIMIT 1`
	err = b.tx.QueryRowContext(ctx, query, first.atURL, b.source, first.ofText).Scan(&original)
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
	for _, item := range slices.Sorted(maps.Keys(b.words)) {
		if _, err := b.tx.ExecContext(ctx, `INSERT INTO search (docid, words) VALUES (?, ?)`, item, b.words[item]); err != nil {
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
