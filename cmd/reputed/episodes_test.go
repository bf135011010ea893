package main

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"

	"reputed/alerting"
	"reputed/internal/reputation"
	"reputed/internal/store"
	"reputed/internal/trend"
)

// arrival is a mention with the time at which it is collected.
type arrival struct {
	at time.Time
	m  reputation.Mention
}

// invented returns five weeks of talk with some crises in it. Most mentions are collected
// within minutes, some a day late.
func invented(rng *rand.Rand, start time.Time) (arrivals []arrival) {
	level := make([]float64, 35*24)
	for i := range level {
		level[i] = 0.8
	}
	for _, day := range []int{16, 19, 24, 30} {
		i := day*24 + rng.IntN(24)
		for top := 15 + 40*rng.Float64(); top > 1 && i < len(level); top *= 0.6 + 0.3*rng.Float64() {
			level[i] += top
			i++
		}
	}
	sources := []string{"weibo", "forum", "zhihu", "shop", "news"}
	for i, l := range level {
		for k := range int(3*l*rng.Float64()) + rng.IntN(2) {
			published := start.Add(time.Duration(i)*time.Hour + time.Duration(rng.IntN(3600))*time.Second)
			source := sources[rng.IntN(1+min(len(sources)-1, int(l/8)))]
			m := reputation.Mention{
				Item:  reputation.Item{Source: source, ID: fmt.Sprint(i, "-", k), URL: fmt.Sprintf("https://%s.example/%d-%d", source, i, k), Text: fmt.Sprint(rng.Uint64()), Published: published},
				Span:  reputation.Span{Brand: "云杉", Term: "云杉"},
				Score: reputation.Score{Value: -0.6, Label: reputation.Negative}, Driver: []string{"quality", "service", ""}[rng.IntN(3)],
			}
			switch rng.IntN(6) {
			case 0:
				m.Score = reputation.Score{Value: 0.5, Label: reputation.Positive}
				m.Signals = []string{"defence"}
			case 1:
				m.Score = reputation.Score{Label: reputation.Neutral}
			}
			late := time.Duration(rng.IntN(600)) * time.Second
			if rng.IntN(20) == 0 {
				late = time.Duration(rng.IntN(24*60)) * time.Minute
			}
			m.Item.Fetched = published.Add(late)
			arrivals = append(arrivals, arrival{m.Item.Fetched, m})
		}
	}
	slices.SortFunc(arrivals, func(a, b arrival) int { return a.at.Compare(b.at) })
	return arrivals
}

func episodesOf(t *testing.T, db *store.Store) []reputation.Episode {
	t.Helper()
	list, err := db.Episodes(t.Context(), "云杉", time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range list {
		list[i].ID = 0
		for k := range list[i].Sources { // numbers go by the order of arrival
			list[i].Sources[k].Mention = 0
		}
	}
	return list
}

func openStore(t *testing.T) *store.Store {
	t.Helper()
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "reputed.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := db.Describe(t.Context(), []store.SourceInfo{{Name: "news", Kind: "page"}}); err != nil {
		t.Fatal(err)
	}
	return db
}

func commit(t *testing.T, db *store.Store, at time.Time, mentions ...reputation.Mention) {
	t.Helper()
	bySource := map[string][]reputation.Mention{}
	for _, m := range mentions {
		bySource[m.Item.Source] = append(bySource[m.Item.Source], m)
	}
	for source, list := range bySource {
		if _, err := db.Commit(t.Context(), source, reputation.Cursor{}, list, at); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Polled(t.Context(), []reputation.Poll{{Source: "news", At: at}}); err != nil {
		t.Fatal(err)
	}
}

func episodeWatch(db alerting.Episodes) *alerting.EpisodeWatch {
	rules := trend.DefaultEpisodes(trend.Default())
	return alerting.NewEpisodeWatch(db, rules.Find, rules.Before(), []string{"云杉"}, slog.New(slog.DiscardHandler))
}

// Whoever follows a brand round by round, over restarts and outages, with talk that
// arrives late and a clock that jumps, ends with the same episodes as whoever reads
// everything at once.
func TestEpisodesFollowedEqualThoseRecomputed(t *testing.T) {
	start := time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC)
	phases := map[reputation.Phase]bool{}
	for seed := range uint64(2) {
		rng := rand.New(rand.NewPCG(seed, 26))
		arrivals := invented(rng, start)
		followed, read := openStore(t), openStore(t)
		watch := episodeWatch(followed)
		var all []reputation.Mention
		var end time.Time
		rest := arrivals
		// The first look comes shortly before the first crisis.
		for end = start.AddDate(0, 0, 15); end.Before(start.AddDate(0, 0, 36)); end = end.Add(time.Duration(30+rng.IntN(90)) * time.Minute) {
			n := slices.IndexFunc(rest, func(a arrival) bool { return a.at.After(end) })
			if n < 0 {
				n = len(rest)
			}
			var fresh []reputation.Mention
			for _, a := range rest[:n] {
				fresh = append(fresh, a.m)
			}
			rest, all = rest[n:], append(all, fresh...)
			commit(t, followed, end, fresh...)
			now := end
			switch rng.IntN(200) {
			case 0:
				watch = episodeWatch(followed)
			case 1:
				now = end.AddDate(1, 0, 0)
			case 2:
				now = end.AddDate(0, 0, -1)
			case 3:
				end = end.Add(30 * time.Hour) // it was down
				continue
			}
			if err := watch.Evaluate(t.Context(), now); err != nil {
				t.Fatal(err)
			}
			if e, err := watch.Present(t.Context(), "云杉", end, false); err != nil {
				t.Fatal(err)
			} else if e != nil {
				phases[e.Phase] = true
			}
		}
		commit(t, read, end, all...)
		for _, db := range []*store.Store{followed, read} {
			if err := db.Polled(t.Context(), []reputation.Poll{{Source: "news", At: end}}); err != nil {
				t.Fatal(err)
			}
			if err := episodeWatch(db).Evaluate(t.Context(), end); err != nil {
				t.Fatal(err)
			}
		}
		got, want := episodesOf(t, followed), episodesOf(t, read)
		if !reflect.DeepEqual(got, want) {
			t.Errorf("seed %d: followed\n%+v\nread at once\n%+v", seed, got, want)
		}
		if len(want) < 2 {
			t.Errorf("seed %d: %d episodes, want two or more", seed, len(want))
		}
	}
	if len(phases) != 5 {
		t.Errorf("met the phases %v, want all five", phases)
	}
}
