package trend

import (
	"sort"
	"time"

	"reputed/internal/reputation"
)

// Series is what was said of a brand over time, for looking back: counts at
// moments in the order of time.
type Series struct {
	times  []time.Time
	totals []reputation.Hour // running sums up to and with each moment
}

// Add appends the counts of a moment, which must not lie before the last one.
func (s *Series) Add(at time.Time, counts reputation.Hour) {
	var sum reputation.Hour
	if n := len(s.totals); n > 0 {
		sum = s.totals[n-1]
	}
	s.times = append(s.times, at)
	s.totals = append(s.totals, reputation.Hour{
		Mentions: sum.Mentions + counts.Mentions,
		Negative: sum.Negative + counts.Negative,
		Stories:  sum.Stories + counts.Stories,
	})
}

// Span returns the first and last moment, both zero if there is none.
func (s *Series) Span() (first, last time.Time) {
	if len(s.times) == 0 {
		return time.Time{}, time.Time{}
	}
	return s.times[0], s.times[len(s.times)-1]
}

// Hours returns the counts of the n hours that end at to, oldest first; each
// excludes its beginning and includes its end.
func (s *Series) Hours(to time.Time, n int) []reputation.Hour {
	hours := make([]reputation.Hour, n)
	before := s.upTo(to.Add(-time.Duration(n) * time.Hour))
	for i := range hours {
		sum := s.upTo(to.Add(-time.Duration(n-1-i) * time.Hour))
		hours[i] = reputation.Hour{
			Mentions: sum.Mentions - before.Mentions,
			Negative: sum.Negative - before.Negative,
			Stories:  sum.Stories - before.Stories,
		}
		before = sum
	}
	return hours
}

// fine returns the mentions of five minutes each that Rhythm looks at, or none if
// the series has a coarser step.
func (s *Series) fine(to time.Time) []float64 {
	first, last := s.Span()
	if len(s.times) == 0 || last.Sub(first) > time.Duration(len(s.times))*2*FineStep*time.Minute {
		return nil
	}
	const step = FineStep * time.Minute
	n := min(FineCounts, int(to.Sub(first)/step))
	counts := make([]float64, max(n, 0))
	before := s.upTo(to.Add(-time.Duration(n) * step))
	for i := range counts {
		sum := s.upTo(to.Add(-time.Duration(n-1-i) * step))
		counts[i] = float64(sum.Negative - before.Negative)
		before = sum
	}
	return counts
}

// upTo returns the running sums at a time.
func (s *Series) upTo(t time.Time) reputation.Hour {
	i := sort.Search(len(s.times), func(i int) bool { return s.times[i].After(t) })
	if i == 0 {
		return reputation.Hour{}
	}
	return s.totals[i-1]
}
