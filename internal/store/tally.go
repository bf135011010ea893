package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"reputed/internal/reputation"
)

// Tally counts a brand's mentions that were published in (from, to] by their labels,
// and what the negative ones are about, most first. Latest is when the last of them
// was published, zero if there are none.
func (s *Store) Tally(ctx context.Context, brand string, from, to time.Time) (f reputation.Figures, drivers []reputation.Count, latest time.Time, err error) {
	const figures = `
		SELECT count(*), count(*) FILTER (WHERE label = 'positive'), count(*) FILTER (WHERE label = 'neutral'),
			count(*) FILTER (WHERE label = 'negative'), max(at)
		FROM mentions WHERE brand = ? AND at > ? AND at <= ?`
	err = s.readers.QueryRowContext(ctx, figures, brand, timeText(from), timeText(to)).
		Scan(&f.Mentions, &f.Positive, &f.Neutral, &f.Negative, timeColumn{&latest})
	if err == nil {
		const about = `
			SELECT driver, count(*) AS n FROM mentions
			WHERE brand = ? AND at > ? AND at <= ? AND label = 'negative' AND driver <> ''
			GROUP BY driver ORDER BY n DESC, driver`
		drivers, err = collect(ctx, s.readers, about, func(rows *sql.Rows) (c reputation.Count, err error) {
			err = rows.Scan(&c.Name, &c.N)
			return c, err
		}, brand, timeText(from), timeText(to))
	}
	if err != nil {
		return f, nil, latest, explain(s.path, fmt.Sprintf("count the mentions of %q", brand), err)
	}
	return f, drivers, latest, nil
}
