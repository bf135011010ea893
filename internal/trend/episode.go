package trend

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"time"

	"reputed/internal/reputation"
)

// EpisodeRules say when a crisis begins, in which phase it is, and when it is over.
// An episode is a stretch of unusual negative talk; its beginning, its peak and its
// end are told in whole hours of the clock.
type EpisodeRules struct {
	// Detect finds the outbreak: what it calls a spike is one. It is what raises the
	// alerts, and is given the Window hours that end with the judged one.
	Detect func(hours []reputation.Hour, since, to time.Time) reputation.Judgement
	Window int // hours

	History int     // hours that say how many negative mentions an hour are usual
	Lead    int     // hours between those and the beginning, so that the first signs do not look usual
	WarmUp  int     // hours of history without which nothing can be said
	Band    float64 // standard deviations above the mean of the history at which the usual band ends

	Latent    int     // hours before the outbreak in which talk beyond the band counts as its first signs
	Many      int     // sources from which on a crisis has spread
	Tail      float64 // share of the peak below which the long tail lies, in (0, 1)
	TailHours int     // hours in a row that must lie there: one quiet hour is no tail
	Calm      int     // hours in a row in the usual band after which it is over
}

// DefaultEpisodes are the rules for a detector of negative mentions, with the phases
// as the public relations trade knows them: latent within two hours, outbreak,
// spread, long tail below half of the peak, over after a day in the usual band.
func DefaultEpisodes(d Detector) EpisodeRules {
	return EpisodeRules{
		Detect: d.Judge, Window: Hours,
		History: 14 * 24, Lead: 2, WarmUp: 7 * 24, Band: 2,
		Latent: 2, Many: 4, Tail: 0.5, TailHours: 2, Calm: 24,
	}
}

// Before is the number of hours before a first one that Find needs to judge it.
func (r EpisodeRules) Before() int { return max(r.History+r.Lead+r.Latent, r.Window) }

// Find returns the episodes that begin with hours[from] or later, in order; the last
// one may not be over yet. The hours are whole ones of the clock without a gap, oldest
// first. Of an hour that ends after read, which is when the sources were read last,
// more may come: it can raise an episode, and calm none. Since is the time of the
// brand's first mention. Detail is asked for the hours that matter; its error is
// returned as it is.
//
// Find is a pure function of what it is given, so that looking at the last days again
// and again finds the same episodes as looking at the whole past once.
func (r EpisodeRules) Find(hours []reputation.TalkHour, from int, since, read time.Time,
	detail func(hour time.Time) (reputation.TalkDetail, error),
) ([]reputation.Episode, error) {
	f := finder{EpisodeRules: r, hours: hours, since: since, read: read, detail: detail, counts: make([]reputation.Hour, len(hours))}
	for i, h := range hours {
		f.counts[i] = reputation.Hour{Mentions: h.Mentions, Negative: h.Negative}
	}
	var list []reputation.Episode
	for i := from; i < len(hours); {
		rise, err := f.outbreak(i)
		if err != nil {
			return nil, err
		}
		if !rise {
			i++
			continue
		}
		e, end, err := f.follow(f.firstSigns(from, i), i)
		if err != nil {
			return nil, err
		}
		list = append(list, e)
		i, from = end, end
	}
	return f.withLatent(list, from)
}

// finder is a search for episodes.
type finder struct {
	EpisodeRules
	hours       []reputation.TalkHour
	counts      []reputation.Hour // the same, as the detector takes them
	since, read time.Time
	detail      func(hour time.Time) (reputation.TalkDetail, error)
}

// withLatent adds an episode that shows its first signs in the last hours.
func (f *finder) withLatent(list []reputation.Episode, from int) ([]reputation.Episode, error) {
	last := len(f.hours) - 1
	if begin := f.firstSigns(from, last); last >= from && f.signs(begin) {
		e, _, err := f.follow(begin, len(f.hours))
		return append(list, e), err
	}
	return list, nil
}

// outbreak tells whether the talk rises in hour i as a crisis does.
func (f *finder) outbreak(i int) (bool, error) {
	if f.hours[i].Alarm {
		return true, nil
	}
	if !f.signs(i) {
		return false, nil
	}
	d, err := f.detail(f.hours[i].Hour)
	if err != nil {
		return false, err
	}
	window := slices.Clone(f.counts[max(0, i+1-f.Window) : i+1])
	window[len(window)-1].Stories = d.Stories
	return f.Detect(window, f.since, f.hours[i].Hour.Add(time.Hour)).Spike, nil
}

// firstSigns returns the first hour with signs in the time before hour i that may be
// latent, but none before from; hour i if there is none.
func (f *finder) firstSigns(from, i int) int {
	for k := max(from, i-f.Latent); k < i; k++ {
		if f.signs(k) {
			return k
		}
	}
	return i
}

// signs tells whether hour i lies beyond what is usual before it.
func (f *finder) signs(i int) bool {
	if f.hours[i].Negative <= int(f.Band*leastDeviation) { // within any band, without a look at the history
		return false
	}
	u, ok := f.usual(i)
	return ok && float64(f.hours[i].Negative) > u.upper
}

// usualTalk is what the hours of a history usually bring.
type usualTalk struct {
	mean, upper float64 // negative mentions an hour
	past        []reputation.TalkHour
}

// usual returns what was usual before hour i, and false if too little is known.
func (f *finder) usual(i int) (usualTalk, bool) {
	end := max(0, i-f.Lead)
	known := int(f.hours[i].Hour.Sub(f.since)/time.Hour) - f.Lead
	past := f.hours[end-min(end, f.History, max(known, 0)) : end]
	if f.since.IsZero() || len(past) < f.WarmUp {
		return usualTalk{}, false
	}
	// Hours of earlier spikes are cut before they count.
	mean, deviation := meanNegative(past, math.Inf(1))
	mean, deviation = meanNegative(past, mean+spikeCut*max(deviation, leastDeviation))
	return usualTalk{mean, mean + f.Band*max(deviation, math.Sqrt(mean), leastDeviation), past}, true
}

// spikeCut is where an hour of an earlier spike is cut, in standard deviations above
// the mean.
const spikeCut = 3

// meanNegative returns mean and standard deviation of the negative counts, each cut
// at most.
func meanNegative(hours []reputation.TalkHour, most float64) (mean, deviation float64) {
	n := float64(len(hours))
	for _, h := range hours {
		mean += min(float64(h.Negative), most) / n
	}
	for _, h := range hours {
		d := min(float64(h.Negative), most) - mean
		deviation += d * d / n
	}
	return mean, math.Sqrt(deviation)
}

// follow goes through an episode that begins with hour begin and breaks out in hour
// rise. It returns the episode and the hour after its last.
func (f *finder) follow(begin, rise int) (reputation.Episode, int, error) {
	u, ok := f.usual(begin)
	if !ok { // an alert was opened all the same
		u.upper = f.Band * leastDeviation
	}
	e := reputation.Episode{Began: f.hours[begin].Hour, Expected: u.mean, Upper: u.upper}
	if rise < len(f.hours) {
		e.Outbreak = f.hours[rise].Hour
	}
	var told, since talkSum // up to the last hour beyond the band; after it
	arrivals := newArrivals(u.past)
	calm, below := 0, 0
	for i := begin; i < len(f.hours); i++ {
		h := f.hours[i]
		d, err := f.detail(h.Hour)
		if err != nil {
			return e, i, err
		}
		if h.Negative > e.Peak {
			e.Peak, e.PeakAt = h.Negative, h.Hour
		}
		e.Sources = arrivals.add(e.Sources, h, d)
		since.add(h, d)
		beyond, low := float64(h.Negative) > f.upper(e, begin, i), float64(h.Negative) < f.Tail*float64(e.Peak)
		if beyond || i <= rise {
			told.add(since.hour, since.detail)
			since, calm = talkSum{}, 0
		}
		whole := !h.Hour.Add(time.Hour).After(f.read)
		if whole && !beyond && i > rise {
			calm++
		}
		switch {
		case !low:
			below = 0
		case whole:
			below++
		}
		f.enter(&e, f.phase(e, i < rise, below, calm), h, d)
		if e.Phase == reputation.Over {
			e.Calm, e.OverAt = h.Hour.Add(time.Duration(1-f.Calm)*time.Hour), h.Hour.Add(time.Hour)
			return told.into(e), i + 1, nil
		}
	}
	return told.into(e), len(f.hours), nil
}

// upper is the upper edge of the usual band in hour i. It is that of the beginning,
// until that is longer ago than the history is long: then a lasting change of level
// has become usual.
func (f *finder) upper(e reputation.Episode, begin, i int) float64 {
	if i-begin > f.History {
		if u, ok := f.usual(i); ok {
			return max(e.Upper, u.upper)
		}
	}
	return e.Upper
}

// phase is the phase of an hour: after so many hours below the tail's share of the
// peak, and so many in the usual band.
func (f *finder) phase(e reputation.Episode, latent bool, below, calm int) reputation.Phase {
	switch {
	case latent:
		return reputation.Latent
	case calm >= f.Calm:
		return reputation.Over
	case below >= f.TailHours:
		return reputation.LongTail
	case len(e.Sources) >= f.Many || slices.ContainsFunc(e.Sources[min(1, len(e.Sources)):], func(s reputation.EpisodeSource) bool { return s.Media }):
		return reputation.Spread
	}
	return reputation.Outbreak
}

// enter adds an hour in its phase.
func (f *finder) enter(e *reputation.Episode, p reputation.Phase, h reputation.TalkHour, d reputation.TalkDetail) {
	if p != e.Phase {
		e.Phase, e.Since = p, h.Hour
	}
	e.Hours = append(e.Hours, reputation.EpisodeHour{
		Hour: h.Hour, Phase: p, Mentions: h.Mentions, Negative: h.Negative, Defenders: d.Defenders, Attackers: d.Attackers,
	})
}

// talkSum adds hours up.
type talkSum struct {
	hour   reputation.TalkHour
	detail reputation.TalkDetail
}

func (s *talkSum) add(h reputation.TalkHour, d reputation.TalkDetail) {
	s.hour.Mentions += h.Mentions
	s.hour.Negative += h.Negative
	s.hour.Sources = plus(s.hour.Sources, h.Sources)
	s.detail.Defenders += d.Defenders
	s.detail.Attackers += d.Attackers
	s.detail.Drivers = plus(s.detail.Drivers, d.Drivers)
}

// plus returns the sum of two counts; it may change the first.
func plus(sum, counts map[string]int) map[string]int {
	if sum == nil {
		return maps.Clone(counts)
	}
	for name, n := range counts {
		sum[name] += n
	}
	return sum
}

// into sets the sums of an episode.
func (s *talkSum) into(e reputation.Episode) reputation.Episode {
	e.Mentions, e.Negative = s.hour.Mentions, s.hour.Negative
	e.Defenders, e.Attackers = s.detail.Defenders, s.detail.Attackers
	for i := range e.Sources {
		e.Sources[i].Negative = s.hour.Sources[e.Sources[i].Source]
	}
	for name, n := range s.detail.Drivers {
		if name != "" {
			e.Drivers = append(e.Drivers, reputation.Count{Name: name, N: n})
		}
	}
	slices.SortFunc(e.Drivers, func(a, b reputation.Count) int { return cmp.Or(b.N-a.N, cmp.Compare(a.Name, b.Name)) })
	return e
}

// arrivals tells when a source takes part: when it has brought more negative mentions
// since the beginning than it usually does, by two standard deviations of a Poisson
// count.
type arrivals struct {
	usual   map[string]float64 // negative mentions an hour
	brought map[string]int
	hours   float64
	arrived map[string]bool
}

func newArrivals(past []reputation.TalkHour) *arrivals {
	a := &arrivals{usual: map[string]float64{}, brought: map[string]int{}, arrived: map[string]bool{}}
	for _, h := range past {
		for source, n := range h.Sources {
			a.usual[source] += float64(n) / float64(len(past))
		}
	}
	return a
}

// add appends the sources that arrive in an hour, by the time of their first mention
// in it.
func (a *arrivals) add(list []reputation.EpisodeSource, h reputation.TalkHour, d reputation.TalkDetail) []reputation.EpisodeSource {
	a.hours++
	known := len(list)
	for source, n := range h.Sources {
		a.brought[source] += n
		usual := a.usual[source] * a.hours
		if n > 0 && !a.arrived[source] && float64(a.brought[source]) > usual+2*math.Sqrt(usual) {
			a.arrived[source] = true
			first := d.First[source]
			first.Source = source
			list = append(list, first)
		}
	}
	slices.SortFunc(list[known:], func(x, y reputation.EpisodeSource) int {
		return cmp.Or(x.At.Compare(y.At), cmp.Compare(x.Mention, y.Mention), cmp.Compare(x.Source, y.Source))
	})
	return list
}
