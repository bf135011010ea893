package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"reputed/internal/reputation"
)

// Hours counts a brand's mentions in the n hours before to, oldest first. The
// hours are aligned at to, not at the clock: the last one is (to-1h, to]. A
// mention counts at its publication time, so one that is dated after to does
// not count. Stories are the negative mentions whose item is no copy. Missed is the
// share of the hour in which no source was read although one was due; what was
// published then may have been read later, or never.
func (s *Store) Hours(ctx context.Context, brand string, to time.Time, n int) ([]reputation.Hour, error) {
	hours, err := s.hours(ctx, brand, to, n)
	if err != nil {
		return nil, explain(s.path, fmt.Sprintf("count the mentions of %q", brand), err)
	}
	return hours, nil
}

func (s *Store) hours(ctx context.Context, brand string, to time.Time, n int) (_ []reputation.Hour, err error) {
	tx, err := s.readers.BeginTx(ctx, nil) // one state of the database for all hours
	if err != nil {
		return nil, err
	}
	defer tx.Rollback() // nothing to keep, so nothing that could go wrong
	// A range of the index for each hour: to compute the hour of each mention and
	// to group by it costs four times as much.
	const query = `
		SELECT count(*), count(*) FILTER (WHERE label = 'negative'), count(*) FILTER (WHERE label = 'negative' AND copy = 0)
		FROM mentions WHERE brand = ? AND at > ? AND at <= ?`
	count, err := tx.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer count.Close() // read only
	hours := make([]reputation.Hour, n)
	for k := range hours {
		from := to.Add(time.Duration(k-n) * time.Hour)
		h := &hours[k]
		err := count.QueryRowContext(ctx, brand, timeText(from), timeText(from.Add(time.Hour))).Scan(&h.Mentions, &h.Negative, &h.Stories)
		if err != nil {
			return nil, err
		}
	}
	return hours, fillMissed(ctx, tx, hours, to)
}

// Since returns the publication time of the brand's oldest mention, or the zero
// time if there is none.
func (s *Store) Since(ctx context.Context, brand string) (since time.Time, err error) {
	err = s.readers.QueryRowContext(ctx, `SELECT min(at) FROM mentions WHERE brand = ?`, brand).Scan(timeColumn{&since})
	if err != nil {
		return time.Time{}, explain(s.path, fmt.Sprintf("find the first mention of %q", brand), err)
	}
	return since, nil
}

// Negative returns at most limit of the brand's negative mentions that were
// published in (from, to], those with the lowest score first and an original
// before its copies; a negative limit means all. The mentions hold everything
// but Words. For each, copies is the number of other stored items that tell the
// same story, whenever and wherever they stand.
func (s *Store) Negative(ctx context.Context, brand string, from, to time.Time, limit int) (mentions []reputation.Mention, copies []int, err error) {
	const query = mentionQuery + `
		WHERE m.brand = ? AND m.at > ? AND m.at <= ? AND m.label = 'negative'
		ORDER BY m.score, m.copy, m.at, m.id LIMIT ?`
	mentions, err = collect(ctx, s.readers, query, func(rows *sql.Rows) (reputation.Mention, error) {
		m, n, err := scanMention(rows)
		copies = append(copies, n)
		return m, err
	}, brand, timeText(from), timeText(to), limit)
	if err != nil {
		return nil, nil, explain(s.path, fmt.Sprintf("read the negative mentions of %q", brand), err)
	}
	return mentions, copies, nil
}

// Mention returns a mention by its number, with everything but Words, how many other
// stored items tell its story, and whether there is one.
func (s *Store) Mention(ctx context.Context, id int64) (m reputation.Mention, copies int, ok bool, err error) {
	found, err := collect(ctx, s.readers, mentionQuery+` WHERE m.id = ?`, func(rows *sql.Rows) (reputation.Mention, error) {
		m, n, err := scanMention(rows)
		copies = n
		return m, err
	}, id)
	switch {
	case err != nil:
		return m, 0, false, explain(s.path, fmt.Sprintf("read mention %d", id), err)
	case len(found) == 0:
		return m, 0, false, nil
	}
	return found[0], copies, true, nil
}

// mentionQuery reads mentions with everything but Words, as scanMention takes them.
const mentionQuery = `
		SELECT m.id, i.source, i.guid, i.url, i.title, i.text, i.author, i.lang, i.published_at, i.fetched_at,
			m.brand, m.term, m.term_start, m.term_end, m.score, m.label, m.evidence, m.driver, m.stage, m.signals, m.loyalty_evidence,
			coalesce(i.duplicate_of, i.id), (SELECT count(*) FROM items WHERE duplicate_of = coalesce(i.duplicate_of, i.id))
		FROM mentions m JOIN items i ON i.id = m.item_id`

// scanMention reads a mention, and how many other stored items tell its story.
func scanMention(rows *sql.Rows) (m reputation.Mention, copies int, err error) {
	var signals, evidence, loyalty []byte
	err = rows.Scan(&m.ID, &m.Item.Source, &m.Item.ID, &m.Item.URL, &m.Item.Title, &m.Item.Text, &m.Item.Author, &m.Item.Lang,
		timeColumn{&m.Item.Published}, timeColumn{&m.Item.Fetched},
		&m.Span.Brand, &m.Span.Term, &m.Span.Start, &m.Span.End, &m.Score.Value, &m.Score.Label, &evidence, &m.Driver, &m.Stage, &signals, &loyalty, &m.Story, &copies)
	if err != nil {
		return m, 0, err
	}
	if m.Score.Evidence, err = parseArray[reputation.Evidence](evidence); err != nil {
		return m, 0, fmt.Errorf("evidence of item %q: %w", m.Item.ID, err)
	}
	if m.Signals, err = parseArray[string](signals); err != nil {
		return m, 0, fmt.Errorf("signals of item %q: %w", m.Item.ID, err)
	}
	if m.LoyaltyEvidence, err = parseArray[reputation.Evidence](loyalty); err != nil {
		return m, 0, fmt.Errorf("loyalty evidence of item %q: %w", m.Item.ID, err)
	}
	return m, copies, nil
}
