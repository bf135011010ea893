package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"reputed/internal/reputation"
)

// TalkHours counts a brand's mentions in each whole hour of the clock that begins in
// [from, to), oldest first and without a gap. An hour has an alarm if an alert by the
// rule was opened on talk that ended in it.
func (s *Store) TalkHours(ctx context.Context, brand, rule string, from, to time.Time) ([]reputation.TalkHour, error) {
	var hours []reputation.TalkHour
	for at := from; at.Before(to); at = at.Add(time.Hour) {
		hours = append(hours, reputation.TalkHour{Hour: at})
	}
	at := func(t time.Time) *reputation.TalkHour {
		if i := int(t.Sub(from) / time.Hour); !t.Before(from) && i < len(hours) {
			return &hours[i]
		}
		return new(reputation.TalkHour) // a time outside, which counts nowhere
	}
	const counts = `SELECT hour, source, mentions, negative FROM rollup_hourly WHERE brand = ? AND hour >= ? AND hour < ?`
	_, err := collect(ctx, s.readers, counts, func(rows *sql.Rows) (none struct{}, err error) {
		var (
			hour               time.Time
			source             string
			mentions, negative int
		)
		if err := rows.Scan(timeColumn{&hour}, &source, &mentions, &negative); err != nil {
			return none, err
		}
		h := at(hour)
		h.Mentions += mentions
		h.Negative += negative
		if negative > 0 {
			if h.Sources == nil {
				h.Sources = make(map[string]int)
			}
			h.Sources[source] += negative
		}
		return none, nil
	}, brand, timeText(from), timeText(to))
	if err != nil {
		return nil, explain(s.path, fmt.Sprintf("count the mentions of %q by hour and source", brand), err)
	}
	const opened = `SELECT window_to FROM alerts WHERE brand = ? AND rule = ? AND window_to > ? AND window_to <= ?`
	_, err = collect(ctx, s.readers, opened, func(rows *sql.Rows) (none struct{}, err error) {
		var end time.Time
		if err := rows.Scan(timeColumn{&end}); err != nil {
			return none, err
		}
		at(end.Add(-time.Second)).Alarm = true
		return none, nil
	}, brand, rule, timeText(from), timeText(to))
	if err != nil {
		return nil, explain(s.path, fmt.Sprintf("read the alerts on %q", brand), err)
	}
	return hours, nil
}

// TalkDetail reads more of the hour that begins at hour: who speaks for a brand and
// who against it, what about, and where the first of them stand.
func (s *Store) TalkDetail(ctx context.Context, brand string, hour time.Time) (reputation.TalkDetail, error) {
	d := reputation.TalkDetail{Drivers: make(map[string]int), First: make(map[string]reputation.EpisodeSource)}
	const query = `
		SELECT m.id, m.at, m.copy, m.label = 'negative', m.driver, EXISTS (SELECT 1 FROM json_each(m.signals) WHERE value = 'defence'),
			i.source, i.url, coalesce((SELECT kind FROM sources WHERE name = i.source), '') IN ('page', 'sitemap')
		FROM mentions m JOIN items i ON i.id = m.item_id
		WHERE m.brand = ? AND m.at >= ? AND m.at < ? AND (m.label = 'negative' OR m.signals LIKE '%"defence"%')
		ORDER BY m.at, m.id`
	_, err := collect(ctx, s.readers, query, func(rows *sql.Rows) (none struct{}, err error) {
		var (
			first                   reputation.EpisodeSource
			copied, negative, stood bool
			driver                  string
		)
		if err := rows.Scan(&first.Mention, timeColumn{&first.At}, &copied, &negative, &driver, &stood, &first.Source, &first.URL, &first.Media); err != nil {
			return none, err
		}
		if stood {
			d.Defenders++
		}
		if !negative {
			return none, nil
		}
		d.Drivers[driver]++
		if !stood {
			d.Attackers++
		}
		if !copied {
			d.Stories++
		}
		if _, ok := d.First[first.Source]; !ok {
			d.First[first.Source] = first
		}
		return none, nil
	}, brand, timeText(hour), timeText(hour.Add(time.Hour)))
	if err != nil {
		return reputation.TalkDetail{}, explain(s.path, fmt.Sprintf("read what was said of %q at %s", brand, timeText(hour)), err)
	}
	return d, nil
}

// EpisodesSearched returns up to which hour a brand's talk was searched for episodes;
// zero if it was not yet.
func (s *Store) EpisodesSearched(ctx context.Context, brand string) (until time.Time, err error) {
	err = s.readers.QueryRowContext(ctx, `SELECT max(until) FROM episodes_searched WHERE brand = ?`, brand).Scan(timeColumn{&until})
	if err != nil {
		return time.Time{}, explain(s.path, fmt.Sprintf("read how far the talk of %q was searched", brand), err)
	}
	return until, nil
}

const episodeColumns = `id, brand, began_at, outbreak_at, phase, phase_since, peak_at, peak, calm_at, over_at, expected, upper,
	mentions, negative, defenders, attackers, drivers`

// Episodes returns a brand's episodes that were not over at a time, oldest first, with
// all their hours.
func (s *Store) Episodes(ctx context.Context, brand string, at time.Time) ([]reputation.Episode, error) {
	list, err := s.episodes(ctx, `WHERE brand = ? AND (over_at IS NULL OR over_at > ?) ORDER BY began_at`, brand, timeText(at))
	for i := range list {
		const hours = `SELECT hour, phase, mentions, negative, defenders, attackers FROM episode_hours WHERE episode_id = ? ORDER BY hour`
		if err != nil {
			break
		}
		list[i].Hours, err = collect(ctx, s.readers, hours, func(rows *sql.Rows) (h reputation.EpisodeHour, err error) {
			return h, rows.Scan(timeColumn{&h.Hour}, &h.Phase, &h.Mentions, &h.Negative, &h.Defenders, &h.Attackers)
		}, list[i].ID)
	}
	if err != nil {
		return nil, explain(s.path, fmt.Sprintf("read the episodes of %q", brand), err)
	}
	return list, nil
}

// OpenEpisodes returns the episodes that are not over, without their hours, the oldest
// first; those of one brand, or of all where it is empty.
func (s *Store) OpenEpisodes(ctx context.Context, brand string) ([]reputation.Episode, error) {
	list, err := s.episodes(ctx, `WHERE over_at IS NULL AND (brand = ?1 OR ?1 = '') ORDER BY began_at, brand`, brand)
	if err != nil {
		return nil, explain(s.path, "read the episodes that are not over", err)
	}
	return list, nil
}

func (s *Store) episodes(ctx context.Context, which string, args ...any) ([]reputation.Episode, error) {
	list, err := collect(ctx, s.readers, `SELECT `+episodeColumns+` FROM episodes `+which, func(rows *sql.Rows) (e reputation.Episode, err error) {
		var drivers []byte
		err = rows.Scan(&e.ID, &e.Brand, timeColumn{&e.Began}, timeColumn{&e.Outbreak}, &e.Phase, timeColumn{&e.Since}, timeColumn{&e.PeakAt}, &e.Peak,
			timeColumn{&e.Calm}, timeColumn{&e.OverAt}, &e.Expected, &e.Upper, &e.Mentions, &e.Negative, &e.Defenders, &e.Attackers, &drivers)
		if err != nil {
			return e, err
		}
		e.Drivers, err = parseDrivers(drivers)
		return e, err
	}, args...)
	if err != nil {
		return nil, err
	}
	const sources = `
		SELECT s.source, s.media, s.at, coalesce(s.mention_id, 0), coalesce(i.url, ''), s.negative
		FROM episode_sources s LEFT JOIN mentions m ON m.id = s.mention_id LEFT JOIN items i ON i.id = m.item_id
		WHERE episode_id = ? ORDER BY place`
	for i := range list {
		list[i].Sources, err = collect(ctx, s.readers, sources, func(rows *sql.Rows) (e reputation.EpisodeSource, err error) {
			return e, rows.Scan(&e.Source, &e.Media, timeColumn{&e.At}, &e.Mention, &e.URL, &e.Negative)
		}, list[i].ID)
		if err != nil {
			return nil, err
		}
	}
	return list, nil
}

// driverCount is a driver of an episode as it is stored.
type driverCount struct {
	Name     string `json:"name"`
	Negative int    `json:"negative"`
}

func parseDrivers(text []byte) ([]reputation.Count, error) {
	var stored []driverCount
	if err := json.Unmarshal(text, &stored); err != nil {
		return nil, fmt.Errorf("drivers: %w", err)
	}
	var counts []reputation.Count
	for _, d := range stored {
		counts = append(counts, reputation.Count{Name: d.Name, N: d.Negative})
	}
	return counts, nil
}

// SaveEpisodes makes list the brand's episodes that were not over at the time from,
// and keeps up to which hour its talk was searched. An episode keeps its number while
// it is the same in the order of time; those that led to nothing are taken out.
func (s *Store) SaveEpisodes(ctx context.Context, brand string, from time.Time, list []reputation.Episode, until time.Time) error {
	return s.write(ctx, fmt.Sprintf("store the episodes of %q", brand), func(tx *sql.Tx) error {
		const known = `SELECT id FROM episodes WHERE brand = ? AND (over_at IS NULL OR over_at > ?) ORDER BY began_at`
		ids, err := collect(ctx, tx, known, func(rows *sql.Rows) (id int64, err error) { return id, rows.Scan(&id) }, brand, timeText(from))
		if err != nil {
			return err
		}
		for _, id := range ids[min(len(ids), len(list)):] {
			if _, err := tx.ExecContext(ctx, `DELETE FROM episodes WHERE id = ?`, id); err != nil {
				return err
			}
		}
		for i, e := range list {
			var id sql.NullInt64
			if i < len(ids) {
				id = sql.NullInt64{Int64: ids[i], Valid: true}
			}
			if err := saveEpisode(ctx, tx, id, brand, e); err != nil {
				return err
			}
		}
		const searched = `INSERT INTO episodes_searched (brand, until) VALUES (?, ?) ON CONFLICT DO UPDATE SET until = excluded.until`
		_, err = tx.ExecContext(ctx, searched, brand, timeText(until))
		return err
	})
}

func saveEpisode(ctx context.Context, tx *sql.Tx, id sql.NullInt64, brand string, e reputation.Episode) error {
	drivers := make([]driverCount, len(e.Drivers))
	for i, d := range e.Drivers {
		drivers[i] = driverCount{d.Name, d.N}
	}
	text, err := json.Marshal(drivers)
	if err != nil {
		return fmt.Errorf("drivers: %w", err)
	}
	const save = `
		INSERT INTO episodes (` + episodeColumns + `) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET (began_at, outbreak_at, phase, phase_since, peak_at, peak, calm_at, over_at, expected, upper,
				mentions, negative, defenders, attackers, drivers)
			= (excluded.began_at, excluded.outbreak_at, excluded.phase, excluded.phase_since, excluded.peak_at, excluded.peak, excluded.calm_at,
				excluded.over_at, excluded.expected, excluded.upper, excluded.mentions, excluded.negative, excluded.defenders, excluded.attackers, excluded.drivers)
		RETURNING id`
	var episode int64
	err = tx.QueryRowContext(ctx, save, id, brand, timeText(e.Began), timeOrNull(e.Outbreak), string(e.Phase), timeText(e.Since), timeText(e.PeakAt), e.Peak,
		timeOrNull(e.Calm), timeOrNull(e.OverAt), e.Expected, e.Upper, e.Mentions, e.Negative, e.Defenders, e.Attackers, string(text)).Scan(&episode)
	if err != nil {
		return err
	}
	for _, part := range []string{`DELETE FROM episode_hours WHERE episode_id = ?`, `DELETE FROM episode_sources WHERE episode_id = ?`} {
		if _, err := tx.ExecContext(ctx, part, episode); err != nil {
			return err
		}
	}
	const hour = `INSERT INTO episode_hours (episode_id, hour, phase, mentions, negative, defenders, attackers) VALUES (?, ?, ?, ?, ?, ?, ?)`
	for _, h := range e.Hours {
		if _, err := tx.ExecContext(ctx, hour, episode, timeText(h.Hour), string(h.Phase), h.Mentions, h.Negative, h.Defenders, h.Attackers); err != nil {
			return err
		}
	}
	const source = `INSERT INTO episode_sources (episode_id, place, source, media, at, mention_id, negative) VALUES (?, ?, ?, ?, ?, ?, ?)`
	for i, s := range e.Sources {
		mention := sql.NullInt64{Int64: s.Mention, Valid: s.Mention != 0}
		if _, err := tx.ExecContext(ctx, source, episode, i+1, s.Source, s.Media, timeText(s.At), mention, s.Negative); err != nil {
			return err
		}
	}
	return nil
}
