package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
)

// Check looks for damage: in the file, in the references between tables, and in
// what is derived from other data, such as the rollups, which must equal a
// recount. It reads the whole database, which takes minutes at ten million
// mentions, and returns everything that it finds.
func (s *Store) Check(ctx context.Context) error {
	// How the two sentiment rollups count.
	const (
		counts = `count(*), sum(label = 'positive'), sum(label = 'neutral'), sum(label = 'negative'),
			sum(CAST(round(score * 1000000) AS INTEGER))`
		severity = `iif(EXISTS (SELECT 1 FROM json_each(signals) WHERE value = 'risk'), coalesce((
			SELECT max(value ->> 'weight') FROM json_each(loyalty_evidence) WHERE value ->> 'rule' LIKE '` + severityRule + `%'), 0), 0)`
		all = ` FROM mentions JOIN items ON items.id = item_id GROUP BY 1, 2, 3`
	)
	checks := []struct{ what, faults string }{
		{"quick_check", `SELECT quick_check AS fault FROM pragma_quick_check WHERE quick_check <> 'ok'`},
		{"foreign_key_check", `SELECT "table" || ' row ' || rowid AS fault FROM pragma_foreign_key_check`},
		{"items of a source are counted wrongly", differences(`name`,
			`SELECT name, items FROM sources`,
			`SELECT name, (SELECT count(*) FROM items WHERE source = name) FROM sources`)},
		{"hours of rollup_hourly differ from the mentions", differences(`brand || ' ' || hour || ' ' || source`,
			`SELECT brand, hour, source, mentions, positive, neutral, negative, score_sum, stories, risk FROM rollup_hourly`,
			`SELECT brand, substr(at, 1, 13) || ':00:00Z', source, `+counts+`, sum(label = 'negative' AND copy = 0), max(`+severity+`)`+all)},
		{"days of rollup_daily differ from the mentions", differences(`day || ' ' || brand || ' ' || source`,
			`SELECT day, brand, source, mentions, positive, neutral, negative, score_sum FROM rollup_daily`,
			`SELECT substr(at, 1, 10), brand, source, `+counts+all)},
		{"hours of rollup_talk differ from the mentions", differences(`brand || ' ' || hour || ' ' || kind || ' ' || name`,
			`SELECT brand, hour, kind, name, mentions FROM rollup_talk`,
			`SELECT brand, substr(at, 1, 13) || ':00:00Z', 'driver', driver, count(*)
			FROM mentions WHERE label = 'negative' AND driver <> '' GROUP BY 1, 2, 4
			UNION ALL
			SELECT brand, substr(at, 1, 13) || ':00:00Z', 'signal', value, count(*) FROM mentions, json_each(signals) GROUP BY 1, 2, 4`)},
		{"days of rollup_drivers differ from the mentions", differences(`day || ' ' || brand || ' ' || driver`,
			`SELECT day, brand, driver, mentions, negative FROM rollup_drivers`,
			`SELECT substr(at, 1, 10), brand, driver, count(*), sum(label = 'negative') FROM mentions GROUP BY 1, 2, 3`)},
		{"days of rollup_negative_terms differ from the mentions", differences(`day || ' ' || brand || ' ' || term`,
			`SELECT day, brand, term, mentions FROM rollup_negative_terms`,
			`SELECT substr(at, 1, 10), brand, value ->> 'term', count(DISTINCT mentions.id) FROM mentions, json_each(evidence)
			WHERE label = 'negative' AND value ->> 'weight' <= `+strconv.FormatFloat(telling, 'f', -1, 64)+` GROUP BY 1, 2, 3`)},
		{"items are not in the search index", `SELECT 'item ' || id AS fault FROM items WHERE id NOT IN (SELECT docid FROM search)`},
		{"copies do not refer to a first original", `
			SELECT 'item ' || c.id AS fault FROM items c JOIN items o ON o.id = c.duplicate_of WHERE o.duplicate_of IS NOT NULL`},
		{"mentions differ from their correction", `
			SELECT 'mention ' || m.id AS fault FROM mentions m JOIN corrections c ON c.mention_id = m.id
			WHERE m.label <> c.label OR m.brand <> c.brand`},
		{"mentions differ from their item", `
			SELECT 'mention ' || m.id AS fault FROM mentions m JOIN items i ON i.id = m.item_id
			WHERE m.at <> i.published_at OR m.copy <> (i.duplicate_of IS NOT NULL)`},
	}
	var found []error
	for _, check := range checks {
		var (
			n     int
			first string
		)
		row := s.readers.QueryRowContext(ctx, `SELECT count(*), coalesce(min(fault), '') FROM (`+check.faults+`)`)
		if err := row.Scan(&n, &first); err != nil {
			return explain(s.path, "check it", errors.Join(append(found, err)...))
		}
		if n > 0 {
			found = append(found, fmt.Errorf("%s: %d, such as %s", check.what, n, first))
		}
	}
	if err := errors.Join(found...); err != nil {
		return fmt.Errorf("database %s is damaged, stop reputed and put a backup in its place: %w", s.path, err)
	}
	return nil
}

// differences is a query for the rows that only one of two queries returns, each
// as the text that the expression name makes of the columns of stored.
func differences(name, stored, recount string) string {
	return `WITH stored AS (` + stored + `), recount AS (` + recount + `)
		SELECT ` + name + ` AS fault FROM (
			SELECT * FROM (SELECT * FROM stored EXCEPT SELECT * FROM recount)
			UNION ALL
			SELECT * FROM (SELECT * FROM recount EXCEPT SELECT * FROM stored))`
}
