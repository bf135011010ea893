package alerting

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"reflect"
	"slices"
	"time"

	"reputed/internal/reputation"
)

const (
	// settled is how late a mention may arrive and still begin an episode. Those that
	// arrive later count in an episode that is under way, and begin none.
	settled = 48 * time.Hour

	// firstSearch is how far back the talk is searched for episodes at first.
	firstSearch = 366 * 24 * time.Hour
)

// Episodes is where an EpisodeWatch reads the talk of brands, and keeps what it finds.
type Episodes interface {
	// Since returns the time of the brand's first mention; zero if there is none.
	Since(ctx context.Context, brand string) (time.Time, error)
	// LastSuccess returns when any source was read last; zero if none was.
	LastSuccess(ctx context.Context) (time.Time, error)
	// TalkHours returns the whole hours that begin in [from, to), without a gap. An
	// hour has an alarm if an alert by the rule was opened on talk that ended in it.
	TalkHours(ctx context.Context, brand, rule string, from, to time.Time) ([]reputation.TalkHour, error)
	// TalkDetail returns more of one of them.
	TalkDetail(ctx context.Context, brand string, hour time.Time) (reputation.TalkDetail, error)
	// Episodes returns the episodes that were not over at a time, oldest first.
	Episodes(ctx context.Context, brand string, at time.Time) ([]reputation.Episode, error)
	// EpisodesSearched returns up to which hour the talk was searched; zero at first.
	EpisodesSearched(ctx context.Context, brand string) (time.Time, error)
	// SaveEpisodes makes list the episodes that were not over at the time from, and
	// keeps up to which hour the talk was searched.
	SaveEpisodes(ctx context.Context, brand string, from time.Time, list []reputation.Episode, until time.Time) error
}

// FindEpisodes returns the episodes that begin with hours[from] or later. The hours
// have no gap; since is the time of the brand's first mention; of an hour that ends
// after read more may come.
type FindEpisodes func(hours []reputation.TalkHour, from int, since, read time.Time,
	detail func(hour time.Time) (reputation.TalkDetail, error)) ([]reputation.Episode, error)

// EpisodeWatch follows the crises of brands from where they stood.
type EpisodeWatch struct {
	store  Episodes
	find   FindEpisodes
	before int // hours that find needs before the first
	brands []string
	log    *slog.Logger

	details map[string]map[time.Time]knownDetail // by brand and hour
}

// knownDetail is what was read of an hour, with the counts that it was read at.
type knownDetail struct {
	hour   reputation.TalkHour
	detail reputation.TalkDetail
}

// NewEpisodeWatch returns an EpisodeWatch of the brands. What finds the episodes needs
// so many hours before the first one; log is told of each new phase.
func NewEpisodeWatch(store Episodes, find FindEpisodes, before int, brands []string, log *slog.Logger) *EpisodeWatch {
	return &EpisodeWatch{
		store: store, find: find, before: before, brands: slices.Clone(brands), log: log,
		details: make(map[string]map[time.Time]knownDetail),
	}
}

// Evaluate brings the stored episodes of all brands up to the time now. The error of
// one brand does not keep the others from it.
func (w *EpisodeWatch) Evaluate(ctx context.Context, now time.Time) error {
	var errs []error
	for _, brand := range w.brands {
		if err := w.evaluate(ctx, brand, now); err != nil {
			errs = append(errs, fmt.Errorf("episodes of brand %s: %w", brand, err))
		}
	}
	return errors.Join(errs...)
}

func (w *EpisodeWatch) evaluate(ctx context.Context, brand string, now time.Time) error {
	found, err := w.search(ctx, brand, now, time.Time{})
	if err != nil || found.until.IsZero() {
		return err
	}
	if found.until.Equal(found.searched) && same(found.known, found.list) {
		return nil
	}
	if err := w.store.SaveEpisodes(ctx, brand, found.from, found.list, found.until); err != nil {
		return err
	}
	for i, e := range found.list {
		if i >= len(found.known) || found.known[i].Phase != e.Phase {
			w.log.Info("episode", "brand", brand, "phase", e.Phase, "began", e.Began, "peak", e.Peak)
		}
	}
	return nil
}

// Present returns the episode of a brand that is under way at a time, as it stands with
// all that is stored; nil if there is none. With alarm, an alert on the volume of
// negative mentions is about to be opened on the hour that ends then. The hours are left
// out.
func (w *EpisodeWatch) Present(ctx context.Context, brand string, at time.Time, alarm bool) (*reputation.Episode, error) {
	var alarmed time.Time
	if alarm {
		alarmed = at.Add(-time.Second).Truncate(time.Hour)
	}
	found, err := w.search(ctx, brand, at, alarmed)
	if err != nil || len(found.list) == 0 {
		return nil, err
	}
	last := found.list[len(found.list)-1]
	if last.Phase == reputation.Over && found.until.Sub(last.OverAt) > time.Hour {
		return nil, nil
	}
	last.Brand, last.Hours = brand, nil
	return &last, nil
}

// search is what a look at a brand's talk found.
type search struct {
	known, list           []reputation.Episode // stored; as it is now
	from, searched, until time.Time            // of what was not over then; how far it was searched before and now
}

// search looks for episodes from where the last look stood.
func (w *EpisodeWatch) search(ctx context.Context, brand string, now, alarmed time.Time) (s search, err error) {
	since, err := w.store.Since(ctx, brand)
	if err != nil || since.IsZero() {
		return s, err
	}
	read, err := w.store.LastSuccess(ctx)
	if err != nil {
		return s, err
	}
	if s.searched, err = w.store.EpisodesSearched(ctx, brand); err != nil {
		return s, err
	}
	present := now.UTC().Truncate(time.Hour)
	s.from = present.Add(-firstSearch)
	if !s.searched.IsZero() {
		s.from = s.searched.Add(-settled)
		if s.searched.After(present) { // by a clock that was ahead
			s.from = present.Add(-settled)
		}
	}
	if first := since.UTC().Truncate(time.Hour); s.from.Before(first) {
		s.from = first
	}
	if s.known, err = w.store.Episodes(ctx, brand, s.from); err != nil {
		return s, err
	}
	begin := s.from
	if len(s.known) > 0 && s.known[0].Began.Before(begin) {
		begin = s.known[0].Began
	}
	before := begin.Add(-time.Duration(w.before) * time.Hour)
	hours, err := w.store.TalkHours(ctx, brand, RuleNegativeVolume, before, present.Add(time.Hour))
	if err != nil {
		return s, err
	}
	for i := range hours {
		hours[i].Alarm = hours[i].Alarm || hours[i].Hour.Equal(alarmed)
	}
	if read.After(now) {
		read = now
	}
	s.list, err = w.find(hours, w.before, since, read, w.detail(ctx, brand, hours[min(w.before, len(hours)):]))
	s.until = present
	return s, err
}

// detail returns what reads more of an hour. What was read stays known while the
// counts of the hour do, so that a crisis of a week is not read anew each minute.
func (w *EpisodeWatch) detail(ctx context.Context, brand string, hours []reputation.TalkHour) func(time.Time) (reputation.TalkDetail, error) {
	known, present := w.details[brand], make(map[time.Time]knownDetail)
	w.details[brand] = present
	for _, h := range hours {
		if k, ok := known[h.Hour]; ok && k.hour.Mentions == h.Mentions && maps.Equal(k.hour.Sources, h.Sources) {
			present[h.Hour] = k
		}
	}
	first := time.Time{}
	if len(hours) > 0 {
		first = hours[0].Hour
	}
	return func(hour time.Time) (reputation.TalkDetail, error) {
		if k, ok := present[hour]; ok {
			return k.detail, nil
		}
		d, err := w.store.TalkDetail(ctx, brand, hour)
		if i := int(hour.Sub(first) / time.Hour); err == nil && i >= 0 && i < len(hours) {
			present[hour] = knownDetail{hours[i], d}
		}
		return d, err
	}
}

// same tells whether stored episodes are those that were found.
func same(known, list []reputation.Episode) bool {
	return slices.EqualFunc(known, list, func(k, e reputation.Episode) bool {
		e.ID, e.Brand = k.ID, k.Brand
		return reflect.DeepEqual(k, e)
	})
}
