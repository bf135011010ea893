package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"reputed/internal/pipeline"
	"reputed/internal/reputation"
)

// server is a source that takes its time, and tells how many of its host are asked
// at once.
type server struct {
	source
	takes   time.Duration
	asking  *sync.Mutex // of the host; nil for one of its own
	overlap *bool
}

func (s *server) Collect(ctx context.Context, c reputation.Cursor) ([]reputation.Item, reputation.Cursor, error) {
	if s.asking != nil {
		if !s.asking.TryLock() {
			*s.overlap = true
		} else {
			defer s.asking.Unlock()
		}
	}
	items, next, err := s.source.Collect(ctx, c)
	select {
	case <-time.After(s.takes):
	case <-ctx.Done():
		return nil, c, ctx.Err()
	}
	return items, next, err
}

// Ten thousand feeds for an hour and a half, of which 500 hang until the request
// times out: each of the others is polled within its interval, and on time.
func TestTenThousandFeeds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const all, every = 10_000, 15 * time.Minute
		p, m, _ := newPipeline()
		rng := rand.New(rand.NewPCG(2026, 11))
		var mu sync.Mutex
		p.Jitter = func() float64 {
			mu.Lock()
			defer mu.Unlock()
			return rng.Float64()
		}
		var late []time.Duration
		p.Observe = func(delay, _ time.Duration, _ pipeline.Result, err error) {
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				late = append(late, delay)
			}
		}
		var scheduled []pipeline.Scheduled
		var healthy []*server
		for i := range all {
			s := &server{source: source{name: fmt.Sprint(i)}, takes: 200 * time.Millisecond}
			if i%20 == 0 {
				s.takes, s.err = 30*time.Second, errors.New("no complete answer within 30s")
			} else {
				healthy = append(healthy, s)
			}
			scheduled = append(scheduled, pipeline.Scheduled{Source: s, Every: every})
		}
		ctx, cancel := context.WithTimeout(t.Context(), 90*time.Minute)
		defer cancel()
		start := time.Now()
		p.Run(ctx, scheduled)

		perSecond := map[int64]int{}
		for _, s := range healthy {
			asked := append([]time.Time{start}, append(s.asked, time.Now())...)
			for i := 1; i < len(asked); i++ {
				if gap := asked[i].Sub(asked[i-1]); gap > every {
					t.Fatalf("feed %s waited %v, longer than its interval", s.name, gap)
				}
			}
			for _, at := range s.asked[2:] {
				perSecond[at.Unix()]++
			}
		}
		slices.Sort(late)
		if p99 := late[len(late)*99/100]; p99 > time.Second {
			t.Errorf("delay at the 99th percentile %v, want under a second", p99)
		}
		peak := 0
		for _, n := range perSecond {
			peak = max(peak, n)
		}
		if mean := float64(len(healthy)) / every.Seconds(); float64(peak) > 4*mean {
			t.Errorf("%d polls in one second, %.1f on average: the load is uneven", peak, mean)
		}
		if len(m.polls) < 6*len(healthy) {
			t.Errorf("%d outcomes stored of more than %d polls", len(m.polls), 6*len(healthy))
		}
	})
}

// Feeds of one host are asked one after the other, and hold up nobody else.
func TestSlowHostHoldsUpNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, _, _ := newPipeline()
		var asking sync.Mutex
		overlap := false
		var scheduled []pipeline.Scheduled
		for i := range 2000 {
			s := &server{source: source{name: fmt.Sprint(i)}, takes: 10 * time.Second, asking: &asking, overlap: &overlap}
			scheduled = append(scheduled, pipeline.Scheduled{Source: s, Every: 10 * time.Minute, Host: "rsshub.example"})
		}
		other := &source{name: "other"}
		scheduled = append(scheduled, pipeline.Scheduled{Source: other, Every: 10 * time.Minute, Host: "news.example"})
		ctx, cancel := context.WithTimeout(t.Context(), 65*time.Minute)
		defer cancel()
		p.Run(ctx, scheduled)
		if overlap {
			t.Error("two feeds of one host were asked at once")
		}
		if len(other.asked) != 7 {
			t.Errorf("the feed of another host was asked %d times, want 7", len(other.asked))
		}
	})
}

func TestKnownItemsAreNotReadAgain(t *testing.T) {
	p, m, _ := newPipeline()
	s := &source{name: "news", items: []reputation.Item{{ID: "1", Text: "Acme one"}, {ID: "2", Text: "Acme two"}}}
	poll := func(what string, want pipeline.Result, commits int) {
		t.Helper()
		m.commits = 0
		got, err := p.Poll(t.Context(), s)
		if err != nil || got != want || m.commits != commits {
			t.Errorf("%s: %+v, %v, %d commits; want %+v and %d", what, got, err, m.commits, want, commits)
		}
	}
	poll("first", pipeline.Result{Items: 2, Mentions: 2, Fresh: 2}, 1)
	poll("nothing new", pipeline.Result{Items: 2}, 0)
	s.items = append(s.items, reputation.Item{ID: "3", Text: "nothing of interest"})
	poll("an item without a brand", pipeline.Result{Items: 3, Arrived: 1}, 1)
	s.items[0].Text = "Acme edited"
	poll("an edited item", pipeline.Result{Items: 3, Mentions: 1, Fresh: 1}, 1)
	s.items[1].ID = "2b"
	poll("a new identifier", pipeline.Result{Items: 3, Mentions: 1, Fresh: 1}, 1)
	known := s.items
	s.items = nil
	poll("unchanged", pipeline.Result{}, 0)
	s.items = append(known[1:], reputation.Item{ID: "4", Text: "Bolt"})
	poll("one gone, one new", pipeline.Result{Items: 3, Mentions: 1, Fresh: 1, Arrived: 1}, 1)
	s.items = known[:1]
	poll("an old one back", pipeline.Result{Items: 1}, 1)
}

// loginPage is the error of a source behind a login.
type loginPage struct{ error }

func (loginPage) Trouble() reputation.Trouble { return reputation.Blocked }

func TestOutcomes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, m, _ := newPipeline()
		good := &source{name: "good", items: []reputation.Item{{ID: "1", Text: "x"}}}
		bad := &source{name: "bad", err: fmt.Errorf("source bad: %w", loginPage{errors.New("a login page")})}
		part := &source{name: "part", err: partial{errors.New("1 of 9 articles not read")}}
		m.broken = errors.New("disk is full")
		go func() {
			time.Sleep(time.Minute)
			m.mu.Lock()
			defer m.mu.Unlock()
			m.broken = nil
			good.items = append(good.items, reputation.Item{ID: "2", Text: "y"})
		}()
		// The store refuses cursors too while it is broken, so the first polls fail.
		ctx, cancel := context.WithTimeout(t.Context(), 39*time.Minute)
		defer cancel()
		p.Run(ctx, []pipeline.Scheduled{{Source: good, Every: 10 * time.Minute}, {Source: bad, Every: 10 * time.Minute}, {Source: part, Every: 10 * time.Minute}})
		last := map[string]reputation.Poll{}
		for _, poll := range m.polls {
			last[poll.Source] = poll
		}
		if len(m.polls) < 6 || m.polls[0].Error == "" {
			t.Errorf("outcomes %+v, want those from before the store was mended too", m.polls)
		}
		if b := last["bad"]; !b.Failed || b.Trouble != reputation.Blocked || b.Error != "source bad: a login page" || b.Next.Sub(b.At) < 20*time.Minute {
			t.Errorf("a source that fails: %+v", b)
		}
		if b := last["part"]; b.Failed || b.Error == "" {
			t.Errorf("a source that was read in part: %+v", b)
		}
		if g := last["good"]; g.Failed || g.Next.Sub(g.At) > 10*time.Minute || !g.Next.After(g.At) {
			t.Errorf("a source that is well: %+v", g)
		}
	})
}
