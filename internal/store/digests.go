package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"reputed/internal/reputation"
)

const (
	figuresQuery = `
		SELECT coalesce(sum(mentions), 0), coalesce(sum(positive), 0), coalesce(sum(neutral), 0), coalesce(sum(negative), 0)
		FROM rollup_hourly WHERE brand = ? AND hour >= ? AND hour < ?`
	talkQuery = `
		SELECT name, sum(mentions) FROM rollup_talk
		WHERE brand = ? AND hour >= ? AND hour < ? AND kind = ? GROUP BY name HAVING sum(mentions) > 0`
	// Only copies are looked up, of which there are few: a story that is told often has some.
	storiesQuery = `
		SELECT i.duplicate_of, count(*) FROM mentions m JOIN items i ON i.id = m.item_id
		WHERE m.brand = ? AND m.at >= ? AND m.at < ? AND m.copy = 1 AND i.duplicate_of IS NOT NULL
		GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ?`
	worstQuery = `
		SELECT item_id FROM mentions
		WHERE brand = ? AND at >= ? AND at < ? AND label = 'negative' AND copy = 0 ORDER BY score, at, id LIMIT ?`
	// Items first: without CROSS, all mentions of the time were searched for them.
	storyQuery = `
		SELECT count(*), count(DISTINCT i.source), min(m.id) FROM items i CROSS JOIN mentions m ON m.item_id = i.id AND m.brand = ?2
		WHERE (i.id = ?1 OR i.duplicate_of = ?1) AND m.at >= ?3 AND m.at < ?4`
)

// Figures counts a brand's mentions in the whole hours of the clock that begin in
// [from, to).
func (s *Store) Figures(ctx context.Context, brand string, from, to time.Time) (f reputation.Figures, err error) {
	err = s.readers.QueryRowContext(ctx, figuresQuery, brand, timeText(from), timeText(to)).Scan(&f.Mentions, &f.Positive, &f.Neutral, &f.Negative)
	if err != nil {
		return f, explain(s.path, fmt.Sprintf("sum up the mentions of %q", brand), err)
	}
	return f, nil
}

// HourlyFigures counts a brand's mentions in each of the whole hours of the clock that
// begin in [from, to), the oldest first. From must be the start of one.
func (s *Store) HourlyFigures(ctx context.Context, brand string, from, to time.Time) ([]reputation.Figures, error) {
	const query = `
		SELECT hour, sum(mentions), sum(positive), sum(neutral), sum(negative)
		FROM rollup_hourly WHERE brand = ? AND hour >= ? AND hour < ? GROUP BY hour`
	hours := make([]reputation.Figures, max(0, int(to.Sub(from)/time.Hour)))
	_, err := collect(ctx, s.readers, query, func(rows *sql.Rows) (none struct{}, err error) {
		var hour time.Time
		var f reputation.Figures
		if err = rows.Scan(timeColumn{&hour}, &f.Mentions, &f.Positive, &f.Neutral, &f.Negative); err != nil {
			return none, err
		}
		if i := int(hour.Sub(from) / time.Hour); i >= 0 && i < len(hours) {
			hours[i] = f
		}
		return none, nil
	}, brand, timeText(from), timeText(to))
	if err != nil {
		return nil, explain(s.path, fmt.Sprintf("count the mentions of %q by the hour", brand), err)
	}
	return hours, nil
}

// NegativeDrivers counts what a brand's negative mentions are about, in the whole hours
// of the clock that begin in [from, to).
func (s *Store) NegativeDrivers(ctx context.Context, brand string, from, to time.Time) (map[string]int, error) {
	return s.talkOf(ctx, brand, from, to, kindDriver)
}

// Signals counts the mentions of a brand that carry each signal, in the whole hours of
// the clock that begin in [from, to).
func (s *Store) Signals(ctx context.Context, brand string, from, to time.Time) (map[string]int, error) {
	return s.talkOf(ctx, brand, from, to, kindSignal)
}

func (s *Store) talkOf(ctx context.Context, brand string, from, to time.Time, kind string) (map[string]int, error) {
	counts := make(map[string]int)
	_, err := collect(ctx, s.readers, talkQuery, func(rows *sql.Rows) (none struct{}, err error) {
		var name string
		var n int
		if err = rows.Scan(&name, &n); err == nil {
			counts[name] = n
		}
		return none, err
	}, brand, timeText(from), timeText(to), kind)
	if err != nil {
		return nil, explain(s.path, fmt.Sprintf("count each %s of %q", kind, brand), err)
	}
	return counts, nil
}

// Top returns at most n stories about a brand since a time; see Stories.
func (s *Store) Top(ctx context.Context, brand string, since time.Time, n int) ([]reputation.Story, error) {
	return s.Stories(ctx, brand, since, reputation.Never(), n)
}

// Stories returns at most n stories about a brand in [from, to): those first that were
// told most, and after those the most negative ones that were told once. The mentions
// hold everything but Words.
func (s *Store) Stories(ctx context.Context, brand string, from, to time.Time, n int) ([]reputation.Story, error) {
	stories, err := s.stories(ctx, brand, timeText(from), timeText(to), n)
	if err != nil {
		return nil, explain(s.path, fmt.Sprintf("read the stories about %q", brand), err)
	}
	return stories, nil
}

func (s *Store) stories(ctx context.Context, brand, from, to string, n int) ([]reputation.Story, error) {
	ids, err := collect(ctx, s.readers, storiesQuery, func(rows *sql.Rows) (id int64, err error) {
		var copies int
		return id, rows.Scan(&id, &copies)
	}, brand, from, to, n)
	if err != nil {
		return nil, err
	}
	worst, err := collect(ctx, s.readers, worstQuery, func(rows *sql.Rows) (id int64, err error) { return id, rows.Scan(&id) }, brand, from, to, n)
	if err != nil {
		return nil, err
	}
	var stories []reputation.Story
	told := make(map[int64]bool)
	for _, id := range append(ids, worst...) {
		if told[id] || len(stories) == n {
			continue
		}
		told[id] = true
		var story reputation.Story
		var first sql.NullInt64
		if err := s.readers.QueryRowContext(ctx, storyQuery, id, brand, from, to).Scan(&story.Items, &story.Sources, &first); err != nil {
			return nil, err
		}
		mentions, err := collect(ctx, s.readers, mentionQuery+` WHERE m.id = ?`, func(rows *sql.Rows) (reputation.Mention, error) {
			m, _, err := scanMention(rows)
			return m, err
		}, first)
		if err != nil {
			return nil, err
		}
		if len(mentions) == 1 {
			story.Mention = mentions[0]
			stories = append(stories, story)
		}
	}
	return stories, nil
}

// AlertsDuring returns the alerts that were opened in [from, to) or still fire, oldest
// first; those on one brand, or on all where it is empty.
func (s *Store) AlertsDuring(ctx context.Context, brand string, from, to time.Time) ([]reputation.DigestAlert, error) {
	const query = `
		SELECT id, brand, rule, severity, state, opened_at, observed, peak FROM alerts
		WHERE (opened_at >= ?1 AND opened_at < ?2 OR state = 'firing') AND (?3 = '' OR brand = ?3) ORDER BY opened_at, id`
	list, err := collect(ctx, s.readers, query, func(rows *sql.Rows) (a reputation.DigestAlert, err error) {
		return a, rows.Scan(&a.ID, &a.Brand, &a.Rule, &a.Severity, &a.State, timeColumn{&a.OpenedAt}, &a.Observed, &a.Peak)
	}, timeText(from), timeText(to), brand)
	if err != nil {
		return nil, explain(s.path, "read the alerts of a period", err)
	}
	return list, nil
}

// OpenTroubles returns the troubles of sources that are under way, the oldest first.
func (s *Store) OpenTroubles(ctx context.Context) ([]reputation.SourceTrouble, error) {
	const query = `
		SELECT t.source, s.url, t.kind, t.began_at, s.last_item_at, t.cause
		FROM troubles t JOIN sources s ON s.name = t.source WHERE t.over_at IS NULL ORDER BY t.began_at, t.source`
	list, err := collect(ctx, s.readers, query, func(rows *sql.Rows) (t reputation.SourceTrouble, err error) {
		return t, rows.Scan(&t.Source, &t.URL, &t.Trouble, timeColumn{&t.Began}, timeColumn{&t.LastItem}, &t.Cause)
	})
	if err != nil {
		return nil, explain(s.path, "read the troubles of sources", err)
	}
	return list, nil
}

// Status tells how a brand stands at the time now.
func (s *Store) Status(ctx context.Context, brand string, now time.Time) (reputation.Status, error) {
	st := reputation.Status{Brand: brand, At: now}
	end := now.UTC().Truncate(time.Hour)
	day := end.Add(-24 * time.Hour)
	var err error
	if st.Now, err = s.Figures(ctx, brand, day, end); err != nil {
		return st, err
	}
	if st.Before, err = s.Figures(ctx, brand, day.Add(-24*time.Hour), day); err != nil {
		return st, err
	}
	if err := s.readers.QueryRowContext(ctx, `SELECT max(at) FROM mentions WHERE brand = ?`, brand).Scan(timeColumn{&st.Last}); err != nil {
		return st, explain(s.path, fmt.Sprintf("find the latest mention of %q", brand), err)
	}
	if st.Firing, err = s.AlertsDuring(ctx, brand, now, now); err != nil { // none is opened in no time: those that fire
		return st, err
	}
	episodes, err := s.OpenEpisodes(ctx, brand)
	if err != nil {
		return st, err
	}
	if len(episodes) > 0 {
		st.Episode = &episodes[0]
	}
	st.Troubles, err = s.OpenTroubles(ctx)
	return st, err
}

// DigestDays tells whether a digest was dealt with that was due on a local day, such as
// 2026-11-24, and which was the latest before it; empty if there was none.
func (s *Store) DigestDays(ctx context.Context, kind reputation.DigestKind, day string) (done bool, before string, err error) {
	const query = `
		SELECT EXISTS (SELECT 1 FROM digests WHERE kind = ?1 AND day = ?2),
			coalesce((SELECT max(day) FROM digests WHERE kind = ?1 AND day < ?2), '')`
	if err = s.readers.QueryRowContext(ctx, query, string(kind), day).Scan(&done, &before); err != nil {
		return false, "", explain(s.path, "read which digests were told", err)
	}
	return done, before, nil
}

// QueueDigest notes that a digest, due at a time on a local day, is dealt with, and puts
// its message into the outbox in the same transaction, unless m is nil. Of a digest that
// was dealt with before nothing is put there again. What was noted of digests that are
// due more than eight days later came from a clock that was ahead, and is forgotten.
func (s *Store) QueueDigest(ctx context.Context, kind reputation.DigestKind, day string, due time.Time, m *reputation.Message) error {
	return s.write(ctx, fmt.Sprintf("queue the %s digest of %s", kind, day), func(tx *sql.Tx) error {
		const ahead = `DELETE FROM digests WHERE kind = ? AND due_at > ?`
		if _, err := tx.ExecContext(ctx, ahead, string(kind), timeText(due.AddDate(0, 0, 8))); err != nil {
			return err
		}
		const note = `INSERT INTO digests (kind, day, due_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`
		result, err := tx.ExecContext(ctx, note, string(kind), day, timeText(due))
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 || m == nil {
			return err
		}
		message, err := enqueue(ctx, tx, *m, m.At)
		if err != nil {
			return err
		}
		const link = `UPDATE digests SET outbox_id = ? WHERE kind = ? AND day = ?`
		_, err = tx.ExecContext(ctx, link, message, string(kind), day)
		return err
	})
}
