package store

import (
	"context"
	"fmt"
	"time"

	"reputed/internal/reputation"
)

// Moments tells each what was said of a brand up to a time: for every moment with
// mentions, in order, how many there were. Looking back over a whole history this
// reads it once, where Hours would read it again for every hour.
func (s *Store) Moments(ctx context.Context, brand string, to time.Time, each func(at time.Time, counts reputation.Hour)) error {
	const query = `
		SELECT at, count(*), count(*) FILTER (WHERE label = 'negative'), count(*) FILTER (WHERE label = 'negative' AND copy = 0)
		FROM mentions WHERE brand = ? AND at <= ? GROUP BY at ORDER BY at`
	rows, err := s.readers.QueryContext(ctx, query, brand, timeText(to))
	if err != nil {
		return explain(s.path, fmt.Sprintf("read the history of %q", brand), err)
	}
	defer rows.Close() // its error is that of rows.Err
	for rows.Next() {
		var at time.Time
		var h reputation.Hour
		if err := rows.Scan(timeColumn{&at}, &h.Mentions, &h.Negative, &h.Stories); err != nil {
			return explain(s.path, fmt.Sprintf("read the history of %q", brand), err)
		}
		each(at, h)
	}
	if err := rows.Err(); err != nil {
		return explain(s.path, fmt.Sprintf("read the history of %q", brand), err)
	}
	return nil
}

// Path is the file that the database is kept in.
func (s *Store) Path() string { return s.path }
