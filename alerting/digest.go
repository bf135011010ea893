package alerting

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"reputed/internal/reputation"
)

const (
	// latest is how late a digest is still told, by a daemon that was down when it was due.
	latest = 12 * time.Hour

	digestStories = 3 // stories of all brands that a digest tells
	digestDrivers = 3 // drivers of a brand that it names
)

// Digests is what a DigestWatch reads of the past, and where it keeps what it told.
type Digests interface {
	// Since returns the time of the brand's first mention; zero if there is none.
	Since(ctx context.Context, brand string) (time.Time, error)
	// Figures counts a brand's mentions in the whole hours that begin in [from, to).
	Figures(ctx context.Context, brand string, from, to time.Time) (reputation.Figures, error)
	// NegativeDrivers counts what a brand's negative mentions of [from, to) are about.
	NegativeDrivers(ctx context.Context, brand string, from, to time.Time) (map[string]int, error)
	// Stories returns at most n stories about a brand in [from, to), those first that
	// were told most.
	Stories(ctx context.Context, brand string, from, to time.Time, n int) ([]reputation.Story, error)
	// AlertsDuring returns the alerts that were opened in [from, to) or still fire; on
	// all brands where brand is empty.
	AlertsDuring(ctx context.Context, brand string, from, to time.Time) ([]reputation.DigestAlert, error)
	// OpenEpisodes returns the episodes that are not over; of all brands where it is empty.
	OpenEpisodes(ctx context.Context, brand string) ([]reputation.Episode, error)
	// OpenTroubles returns the troubles of sources that are under way.
	OpenTroubles(ctx context.Context) ([]reputation.SourceTrouble, error)
	// DigestDays tells whether the digest of a local day was dealt with, and which was
	// the latest before it; empty if there was none.
	DigestDays(ctx context.Context, kind reputation.DigestKind, day string) (done bool, before string, err error)
	// QueueDigest notes that a digest is dealt with and, in the same transaction, puts
	// its message into the outbox, unless that is nil. What was noted of digests that are
	// due more than eight days later came from a clock that was ahead, and is forgotten.
	QueueDigest(ctx context.Context, kind reputation.DigestKind, day string, due time.Time, m *reputation.Message) error
}

// DigestTime is when a digest is due on the clock of a zone.
type DigestTime struct {
	Kind    reputation.DigestKind // Daily or Weekly
	Weekday time.Weekday          // of a weekly one
	Minutes int                   // after midnight, in [0, 1440)
}

// Due returns when the digest was due last before or at a time, and when the two before
// that were: its period lies between the first two. Where the clock skips that time of
// day, it is due when the clock has jumped; where it shows it twice, at the first.
func (d DigestTime) Due(now time.Time, zone *time.Location) (due, from, before time.Time) {
	year, month, day := now.In(zone).Date()
	step := 1
	if d.Kind == reputation.Weekly {
		step = 7
		today := time.Date(year, month, day, 12, 0, 0, 0, zone).Weekday()
		day -= int(today-d.Weekday+7) % 7
	}
	if wall(year, month, day, d.Minutes, zone).After(now) {
		day -= step
	}
	at := func(back int) time.Time { return wall(year, month, day-back*step, d.Minutes, zone) }
	return at(0), at(1), at(2)
}

// Watched is a brand with its competitors.
type Watched struct {
	Brand       string
	Competitors []string
}

// DigestWatch tells people at set times how their brands fared.
type DigestWatch struct {
	store  Digests
	times  []DigestTime
	zone   *time.Location
	brands []Watched
	target reputation.Target
	log    *slog.Logger
}

// NewDigestWatch returns a DigestWatch over the store. Digests are due at the times on the
// clock of the zone and go to target; log is told of each, and of those that were
// passed over.
func NewDigestWatch(store Digests, times []DigestTime, zone *time.Location, brands []Watched, target reputation.Target, log *slog.Logger) *DigestWatch {
	return &DigestWatch{store: store, times: times, zone: zone, brands: slices.Clone(brands), target: target, log: log}
}

// Evaluate tells the digests that are due at the time now, each once. The first one that
// is due begins the count and is not told; one that was due more than twelve hours ago
// is passed over.
func (w *DigestWatch) Evaluate(ctx context.Context, now time.Time) error {
	var errs []error
	for _, t := range w.times {
		if err := w.evaluate(ctx, t, now.UTC().Truncate(time.Second)); err != nil {
			errs = append(errs, fmt.Errorf("%s digest: %w", t.Kind, err))
		}
	}
	return errors.Join(errs...)
}

func (w *DigestWatch) evaluate(ctx context.Context, t DigestTime, now time.Time) error {
	due, from, before := t.Due(now, w.zone)
	day := due.In(w.zone).Format(time.DateOnly)
	done, last, err := w.store.DigestDays(ctx, t.Kind, day)
	if err != nil || done {
		return err
	}
	begun, err := w.begun(ctx, due)
	if err != nil || !begun {
		return err
	}
	late := now.Sub(due)
	switch {
	case last == "":
		w.log.Info("digests begin with the next one", "kind", t.Kind)
		return w.store.QueueDigest(ctx, t.Kind, day, due, nil)
	case late > latest:
		w.log.Warn("digest passed over: it was due too long ago", "kind", t.Kind, "due", due, "last", last)
		return w.store.QueueDigest(ctx, t.Kind, day, due, nil)
	}
	if missed := from.In(w.zone).Format(time.DateOnly); last < missed {
		w.log.Warn("digests passed over: nobody was there to tell them", "kind", t.Kind, "after", last, "until", missed)
	}
	digest, err := w.sumUp(ctx, t.Kind, w.brands, before, from, due)
	if err != nil {
		return err
	}
	m := reputation.Message{Target: w.target, Event: reputation.Opened, At: now, Digest: digest}
	if err := w.store.QueueDigest(ctx, t.Kind, day, due, &m); err != nil {
		return err
	}
	w.log.Info("digest", "kind", t.Kind, "day", day, "late", late.Round(time.Minute))
	return nil
}

// Week sums up the seven days before now, in whole hours, against the seven before those:
// what a weekly digest of these brands would tell. Brands that are not watched are left out.
func (w *DigestWatch) Week(ctx context.Context, brands []string, now time.Time) (reputation.Digest, error) {
	const week = 7 * 24 * time.Hour
	chosen := slices.DeleteFunc(slices.Clone(w.brands), func(b Watched) bool { return !slices.Contains(brands, b.Brand) })
	d, err := w.sumUp(ctx, reputation.Weekly, chosen, now.Add(-2*week), now.Add(-week), now)
	if err != nil {
		return reputation.Digest{}, fmt.Errorf("sum up the last week: %w", err)
	}
	return *d, nil
}

// begun tells whether anything was said of any brand before a time. A computer without
// a clock of its own may start in 1970, which is not to be told of.
func (w *DigestWatch) begun(ctx context.Context, at time.Time) (bool, error) {
	for _, b := range w.brands {
		since, err := w.store.Since(ctx, b.Brand)
		if err != nil || !since.IsZero() && since.Before(at) {
			return err == nil, err
		}
	}
	return false, nil
}

// sumUp makes the digest of [from, to), against [before, from). The counts are of whole
// hours in UTC, so the times are cut to those.
func (w *DigestWatch) sumUp(ctx context.Context, kind reputation.DigestKind, brands []Watched, before, from, to time.Time) (*reputation.Digest, error) {
	before, from, to = before.UTC().Truncate(time.Hour), from.UTC().Truncate(time.Hour), to.UTC().Truncate(time.Hour)
	d := &reputation.Digest{Kind: kind, From: from, To: to}
	for _, b := range brands {
		brand, err := w.brand(ctx, b, before, from, to)
		if err != nil {
			return nil, err
		}
		d.Brands = append(d.Brands, brand)
		stories, err := w.store.Stories(ctx, b.Brand, from, to, digestStories)
		if err != nil {
			return nil, err
		}
		for _, s := range stories {
			d.Stories = append(d.Stories, reputation.StoryQuote{
				Quote: Quote(s.Mention, s.Items-1), Brand: b.Brand, Label: s.Mention.Score.Label, Items: s.Items, Sources: s.Sources,
			})
		}
	}
	slices.SortStableFunc(d.Stories, func(a, b reputation.StoryQuote) int { return b.Items - a.Items })
	d.Stories = d.Stories[:min(len(d.Stories), digestStories)]
	var err error
	if d.Episodes, err = w.store.OpenEpisodes(ctx, ""); err != nil {
		return nil, err
	}
	if d.Troubles, err = w.store.OpenTroubles(ctx); err != nil {
		return nil, err
	}
	d.Alerts, err = w.store.AlertsDuring(ctx, "", from, to)
	return d, err
}

// brand sums up how a brand fared.
func (w *DigestWatch) brand(ctx context.Context, b Watched, before, from, to time.Time) (d reputation.BrandDigest, err error) {
	d = reputation.BrandDigest{Brand: b.Brand, Share: -1, ShareBefore: -1}
	if d.Now, err = w.store.Figures(ctx, b.Brand, from, to); err != nil {
		return d, err
	}
	if d.Before, err = w.store.Figures(ctx, b.Brand, before, from); err != nil {
		return d, err
	}
	all, allBefore := d.Now.Mentions, d.Before.Mentions
	for _, c := range b.Competitors {
		f, err := w.store.Figures(ctx, c, from, to)
		if err != nil {
			return d, err
		}
		all += f.Mentions
		if f, err = w.store.Figures(ctx, c, before, from); err != nil {
			return d, err
		}
		allBefore += f.Mentions
	}
	if len(b.Competitors) > 0 && all > 0 {
		d.Share = float64(d.Now.Mentions) / float64(all)
	}
	if len(b.Competitors) > 0 && allBefore > 0 {
		d.ShareBefore = float64(d.Before.Mentions) / float64(allBefore)
	}
	present, err := w.store.NegativeDrivers(ctx, b.Brand, from, to)
	if err != nil {
		return d, err
	}
	past, err := w.store.NegativeDrivers(ctx, b.Brand, before, from)
	if err != nil {
		return d, err
	}
	d.Drivers = moves(present, past)
	return d, nil
}

// moves returns the drivers that are named most differently in two periods, those first
// that moved most.
func moves(now, before map[string]int) (list []reputation.DriverMove) {
	for name, n := range now {
		list = append(list, reputation.DriverMove{Driver: name, Now: n, Before: before[name]})
	}
	for name, n := range before {
		if _, ok := now[name]; !ok {
			list = append(list, reputation.DriverMove{Driver: name, Before: n})
		}
	}
	list = slices.DeleteFunc(list, func(m reputation.DriverMove) bool { return m.Now == m.Before })
	distance := func(m reputation.DriverMove) int { return max(m.Now-m.Before, m.Before-m.Now) }
	slices.SortFunc(list, func(a, b reputation.DriverMove) int {
		return cmp.Or(distance(b)-distance(a), cmp.Compare(a.Driver, b.Driver))
	})
	return list[:min(len(list), digestDrivers)]
}
