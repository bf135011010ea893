package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"reputed/internal/reputation"
)

// Talk returns what was said of a brand in the n full hours before to, which is
// rounded down to the full hour, and how much was said of its rivals. It reads the
// rollups, whose hours are those of the clock in UTC: a mention that was published
// on the hour counts in the hour that begins then, where Hours counts it in the one
// that ends. Missed is that of Hours. What the sources without
// brought is left out, but for the risk words in it.
func (s *Store) Talk(ctx context.Context, brand string, rivals []string, to time.Time, n int, without ...string) (reputation.Talk, error) {
	to = to.Truncate(time.Hour)
	t := reputation.Talk{
		To: to, Hours: make([]reputation.Hour, n), Positive: make([]int, n),
		Drivers: make(map[string][]int), Signals: make(map[string][]int), Risks: make([]reputation.Risk, n),
	}
	if len(rivals) > 0 {
		t.Rivals = make([]int, n)
	}
	since, err := s.Since(ctx, brand)
	if err != nil {
		return t, err
	}
	t.Since = since
	if err := s.readTalk(ctx, brand, rivals, without, &t); err != nil {
		return t, explain(s.path, fmt.Sprintf("read the talk about %q", brand), err)
	}
	return t, nil
}

// worstSeverity is the severity of a risk word that puts life, health or the standing
// of the whole brand at stake.
const worstSeverity = 3

func (s *Store) readTalk(ctx context.Context, brand string, rivals, without []string, t *reputation.Talk) error {
	tx, err := s.readers.BeginTx(ctx, nil) // one state of the database for all of it
	if err != nil {
		return err
	}
	defer tx.Rollback() // nothing to keep, so nothing that could go wrong
	left, err := jsonArray(without)
	if err != nil {
		return err
	}
	const counts = `
		SELECT hour, sum(mentions), sum(positive), sum(negative), sum(stories)
		FROM rollup_hourly WHERE brand = ?1 AND hour >= ?2 AND hour < ?3 AND source NOT IN (SELECT value FROM json_each(?4)) GROUP BY hour`
	err = eachHour(ctx, tx, counts, brand, left, t, func(rows *sql.Rows, hour timeColumn) (func(k int), error) {
		var h reputation.Hour
		var positive int
		err := rows.Scan(hour, &h.Mentions, &positive, &h.Negative, &h.Stories)
		return func(k int) { t.Hours[k], t.Positive[k] = h, positive }, err
	})
	if err != nil {
		return err
	}
	lists := map[string]map[string][]int{kindDriver: t.Drivers, kindSignal: t.Signals}
	tally := func(rows *sql.Rows, hour timeColumn) (func(k int), error) {
		var kind, name string
		var mentions int
		err := rows.Scan(hour, &kind, &name, &mentions)
		return func(k int) { tallied(lists[kind], name, len(t.Hours))[k] += mentions }, err
	}
	const named = `SELECT hour, kind, name, mentions FROM rollup_talk WHERE brand = ?1 AND hour >= ?2 AND hour < ?3`
	if err := eachHour(ctx, tx, named, brand, left, t, tally); err != nil {
		return err
	}
	if len(without) > 0 { // which rollup_talk does not know apart
		const theirs = `
			WITH theirs AS (
				SELECT substr(at, 1, 13) || ':00:00Z' AS hour, label, driver, signals FROM mentions JOIN items ON items.id = item_id
				WHERE brand = ?1 AND at >= ?2 AND at < ?3 AND source IN (SELECT value FROM json_each(?4)))
			SELECT hour, '` + kindDriver + `', driver, -count(*) FROM theirs WHERE label = 'negative' AND driver <> '' GROUP BY hour, driver
			UNION ALL SELECT hour, '` + kindSignal + `', value, -count(*) FROM theirs, json_each(signals) GROUP BY hour, value`
		if err := eachHour(ctx, tx, theirs, brand, left, t, tally); err != nil {
			return err
		}
	}
	const risks = `
		SELECT hour, risk, reach, max(risk * reach)
		FROM rollup_hourly JOIN sources ON name = source
		WHERE brand = ?1 AND hour >= ?2 AND hour < ?3 AND risk > 0 AND reach > 0 GROUP BY hour`
	err = eachHour(ctx, tx, risks, brand, left, t, func(rows *sql.Rows, hour timeColumn) (func(k int), error) {
		var r reputation.Risk
		var product float64
		err := rows.Scan(hour, &r.Severity, &r.Readers, &product)
		r.Severity = min(r.Severity/worstSeverity, 1)
		return func(k int) { t.Risks[k] = r }, err
	})
	if err != nil {
		return err
	}
	for _, rival := range rivals {
		const loud = `
			SELECT hour, sum(mentions) FROM rollup_hourly
			WHERE brand = ?1 AND hour >= ?2 AND hour < ?3 AND source NOT IN (SELECT value FROM json_each(?4)) GROUP BY hour`
		err := eachHour(ctx, tx, loud, rival, left, t, func(rows *sql.Rows, hour timeColumn) (func(k int), error) {
			var mentions int
			err := rows.Scan(hour, &mentions)
			return func(k int) { t.Rivals[k] += mentions }, err
		})
		if err != nil {
			return err
		}
	}
	return fillMissed(ctx, tx, t.Hours, t.To)
}

// eachHour runs a query on a brand's rollups in the hours of t, with a list of sources as
// JSON. For each row read scans the start of the hour and more, and returns what to do with that for the
// hour with number k.
func eachHour(ctx context.Context, tx querier, query, brand, sources string, t *reputation.Talk, read func(rows *sql.Rows, hour timeColumn) (func(k int), error)) error {
	n := len(t.Hours)
	from := t.To.Add(-time.Duration(n) * time.Hour)
	rows, err := tx.QueryContext(ctx, query, brand, timeText(from), timeText(t.To), sources)
	if err != nil {
		return err
	}
	defer rows.Close() // its error is that of rows.Err
	for rows.Next() {
		var hour time.Time
		take, err := read(rows, timeColumn{&hour})
		if err != nil {
			return err
		}
		take(int(hour.Sub(from) / time.Hour))
	}
	return rows.Err()
}

// tallied returns the counts under a name, a new list if there is none.
func tallied(lists map[string][]int, name string, n int) []int {
	if lists[name] == nil {
		lists[name] = make([]int, n)
	}
	return lists[name]
}
