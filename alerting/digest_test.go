package alerting

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"reputed/internal/reputation"
)

// desk keeps digests as the store does, and has nothing to tell.
type desk struct {
	days   map[string]map[string]bool // by kind and day; true if it was told
	queued []reputation.Message
	counts map[string]reputation.Figures // by brand and beginning
}

func (d *desk) Figures(_ context.Context, brand string, from, _ time.Time) (reputation.Figures, error) {
	return d.counts[brand+from.Format(time.RFC3339)], nil
}

func (d *desk) NegativeDrivers(_ context.Context, _ string, from, to time.Time) (map[string]int, error) {
	return map[string]int{"quality": int(to.Sub(from).Hours()), "service": 3}, nil
}

func (d *desk) Stories(context.Context, string, time.Time, time.Time, int) ([]reputation.Story, error) {
	return nil, nil
}

func (d *desk) AlertsDuring(context.Context, string, time.Time, time.Time) ([]reputation.DigestAlert, error) {
	return nil, nil
}

func (d *desk) OpenEpisodes(context.Context, string) ([]reputation.Episode, error) { return nil, nil }

func (d *desk) OpenTroubles(context.Context) ([]reputation.SourceTrouble, error) { return nil, nil }

func (d *desk) DigestDays(_ context.Context, kind reputation.DigestKind, day string) (done bool, before string, err error) {
	for known := range d.days[string(kind)] {
		if known < day {
			before = max(before, known)
		}
	}
	_, done = d.days[string(kind)][day]
	return done, before, nil
}

func (d *desk) Since(context.Context, string) (time.Time, error) {
	return time.Date(2025, 12, 1, 0, 0, 0, 0, time.UTC), nil
}

func (d *desk) QueueDigest(_ context.Context, kind reputation.DigestKind, day string, due time.Time, m *reputation.Message) error {
	for known := range d.days[string(kind)] {
		if known > due.AddDate(0, 0, 8).Format(time.DateOnly) {
			delete(d.days[string(kind)], known)
		}
	}
	if d.days[string(kind)] == nil {
		d.days[string(kind)] = map[string]bool{}
	}
	d.days[string(kind)][day] = m != nil
	if m != nil {
		d.queued = append(d.queued, *m)
	}
	return nil
}

var nine = []DigestTime{{Kind: reputation.Daily, Minutes: 9 * 60}, {Kind: reputation.Weekly, Weekday: time.Monday, Minutes: 9 * 60}}

func digestWatch(d *desk, times []DigestTime, zone *time.Location, log *slog.Logger) *DigestWatch {
	return NewDigestWatch(d, times, zone, []Watched{{Brand: "云杉", Competitors: []string{"青禾"}}}, reputation.Target{Receiver: "slack", Channel: "#digests"}, log)
}

// Through a year each local day has one daily digest, and each Monday a weekly one,
// whatever the clocks do: zones, restarts, a clock that is a year ahead or a day behind.
// The periods join without a gap, also on days of 23 and 25 hours.
func TestDigestsExactlyOnce(t *testing.T) {
	for _, name := range []string{"Europe/Berlin", "America/New_York", "Asia/Shanghai"} {
		for _, minutes := range []int{9 * 60, 2*60 + 30, 0} {
			t.Run(fmt.Sprintf("%s at %d", name, minutes), func(t *testing.T) {
				zone, err := time.LoadLocation(name)
				if err != nil {
					t.Skip(err)
				}
				rng := rand.New(rand.NewPCG(7, uint64(minutes)))
				times := []DigestTime{{Kind: reputation.Daily, Minutes: minutes}, {Kind: reputation.Weekly, Weekday: time.Monday, Minutes: minutes}}
				d := &desk{days: map[string]map[string]bool{}}
				start := time.Date(2026, 1, 1, 12, 0, 0, 0, zone)
				var watch *DigestWatch
				for now := start; now.Before(start.AddDate(1, 0, 0)); now = now.Add(time.Duration(1+rng.IntN(55)) * time.Minute) {
					at := now
					switch rng.IntN(400) {
					case 0:
						at = now.AddDate(0, 0, -1)
					case 1:
						at = now.AddDate(1, 0, 0)
					case 3:
						at = time.Unix(0, 0)
					case 2:
						now = now.Add(10 * time.Hour) // it was down
						continue
					}
					if watch == nil || rng.IntN(50) == 0 {
						watch = digestWatch(d, times, zone, slog.New(slog.DiscardHandler))
					}
					if err := watch.Evaluate(t.Context(), at); err != nil {
						t.Fatal(err)
					}
				}
				told := map[string]reputation.Digest{}
				for _, m := range d.queued {
					if m.At.After(start.AddDate(1, 0, 0)) {
						continue // by the clock that was ahead
					}
					day := string(m.Digest.Kind) + " " + m.Digest.To.In(zone).Format(time.DateOnly)
					if _, twice := told[day]; twice {
						t.Errorf("%s was told twice", day)
					}
					told[day] = *m.Digest
				}
				for day := start.AddDate(0, 0, 2); day.Before(start.AddDate(1, 0, -1)); day = day.AddDate(0, 0, 1) {
					text := day.Format(time.DateOnly)
					digest, ok := told["daily "+text]
					if !ok {
						t.Errorf("no daily digest on %s", text)
					} else if before, ok := told["daily "+day.AddDate(0, 0, -1).Format(time.DateOnly)]; ok && !before.To.Equal(digest.From) {
						t.Errorf("%s: from %v, and the day before up to %v", text, digest.From, before.To)
					}
					if _, ok := told["weekly "+text]; ok != (day.Weekday() == time.Monday) && day.After(start.AddDate(0, 0, 8)) {
						t.Errorf("weekly digest on %s: %v", text, ok)
					}
				}
			})
		}
	}
}

// A digest that nobody could tell in time is told late, or passed over with a word in
// the log; the first one that is due begins the count.
func TestLateDigest(t *testing.T) {
	zone := time.FixedZone("", 8*60*60)
	monday := time.Date(2026, 11, 23, 9, 0, 0, 0, zone)
	tests := []struct {
		name  string
		late  time.Duration // after Tuesday's digest was due
		since int           // days since the last digest
		told  int
		log   string
	}{
		{"in time", 0, 1, 1, "msg=digest "},
		{"eleven hours late", 11 * time.Hour, 1, 1, "late=11h"},
		{"thirteen hours late", 13 * time.Hour, 1, 0, "digest passed over: it was due too long ago"},
		{"after three days", time.Hour, 3, 1, "digests passed over: nobody was there to tell them"},
		{"the first", time.Hour, 0, 0, "digests begin with the next one"},
	}
	for _, test := range tests {
		var log bytes.Buffer
		d := &desk{days: map[string]map[string]bool{"daily": {}}}
		if test.since > 0 {
			d.days["daily"][monday.AddDate(0, 0, 1-test.since).Format(time.DateOnly)] = true
		}
		w := digestWatch(d, nine[:1], zone, slog.New(slog.NewTextHandler(&log, nil)))
		for range 3 {
			if err := w.Evaluate(t.Context(), monday.AddDate(0, 0, 1).Add(test.late)); err != nil {
				t.Fatal(err)
			}
		}
		if len(d.queued) != test.told || strings.Count(log.String(), test.log) != 1 {
			t.Errorf("%s: told %d times, want %d: %s", test.name, len(d.queued), test.told, log.String())
		}
	}
}

// The report of a week is what the weekly digest would tell, of the brands that were
// asked for.
func TestWeek(t *testing.T) {
	now := time.Date(2026, 11, 24, 9, 30, 0, 0, time.UTC)
	at := func(days int) string { return now.Truncate(time.Hour).AddDate(0, 0, days).Format(time.RFC3339) }
	d := &desk{counts: map[string]reputation.Figures{
		"云杉" + at(-7): {Mentions: 60, Negative: 40}, "云杉" + at(-14): {Mentions: 20}, "青禾" + at(-7): {Mentions: 40}, "青禾" + at(-14): {Mentions: 60},
	}}
	watch := digestWatch(d, nine, time.UTC, slog.New(slog.DiscardHandler))
	week, err := watch.Week(t.Context(), []string{"云杉", "无名"}, now)
	if err != nil || len(week.Brands) != 1 || week.Kind != reputation.Weekly {
		t.Fatalf("%+v, %v", week, err)
	}
	if b := week.Brands[0]; b.Now.Negative != 40 || b.Before.Mentions != 20 || b.Share != 0.6 || b.ShareBefore != 0.25 {
		t.Errorf("brand %+v", b)
	}
	if none, err := watch.Week(t.Context(), []string{"无名"}, now); err != nil || len(none.Brands) != 0 {
		t.Errorf("of a brand that is not watched: %+v, %v", none.Brands, err)
	}
}

func TestDigestComparesPeriods(t *testing.T) {
	zone := time.FixedZone("", 8*60*60)
	due := time.Date(2026, 11, 24, 9, 0, 0, 0, zone)
	at := func(days int) string { return due.AddDate(0, 0, days).UTC().Format(time.RFC3339) }
	d := &desk{
		days: map[string]map[string]bool{"daily": {"2026-11-23": true}},
		counts: map[string]reputation.Figures{
			"云杉" + at(-1): {Mentions: 60, Positive: 10, Negative: 40}, "云杉" + at(-2): {Mentions: 20, Positive: 10, Negative: 5},
			"青禾" + at(-1): {Mentions: 40}, "青禾" + at(-2): {Mentions: 60},
		},
	}
	if err := digestWatch(d, nine, zone, slog.New(slog.DiscardHandler)).Evaluate(t.Context(), due.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if len(d.queued) != 1 {
		t.Fatalf("%d digests, want the daily one", len(d.queued))
	}
	m := d.queued[0]
	b := m.Digest.Brands[0]
	if b.Now.NetSentiment() != -0.5 || b.Before.NetSentiment() != 0.25 || b.Share != 0.6 || b.ShareBefore != 0.25 || len(b.Drivers) != 0 {
		t.Errorf("brand %+v", b)
	}
	if m.Target.Channel != "#digests" || !m.Digest.To.Equal(due) || !m.Digest.From.Equal(due.AddDate(0, 0, -1)) {
		t.Errorf("to %+v, of %v to %v", m.Target, m.Digest.From, m.Digest.To)
	}
}
