package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"reputed/internal/pipeline"
	"reputed/internal/reputation"
)

// reader cuts at spaces.
type reader struct{}

func (reader) Read(content string) reputation.Text {
	t := reputation.Text{Raw: content, Norm: content, Lang: "en"}
	for at := 0; at <= len(content); at++ {
		t.Map = append(t.Map, int32(at))
	}
	start := 0
	for at, r := range content + " " {
		if r == ' ' {
			t.Words = append(t.Words, reputation.Word{Start: start, End: at})
			start = at + 1
		}
	}
	return t
}

// matcher finds two brands by their bare names.
type matcher struct{}

func (matcher) Match(t reputation.Text) []reputation.Span {
	var spans []reputation.Span
	for _, name := range []string{"Acme", "Bolt"} {
		if at := strings.Index(t.Raw, name); at >= 0 {
			spans = append(spans, reputation.Span{Brand: name, Term: name, Start: at, End: at + len(name)})
		}
	}
	return spans
}

// scorer rates a brand's mention by its name.
type scorer struct{}

func language() (pipeline.Reader, pipeline.Scorer) { return reader{}, scorer{} }

func (scorer) Towards(t reputation.Text, own, others []reputation.Span) reputation.Score {
	if own[0].Brand == "Acme" {
		return reputation.Score{Value: -0.5, Label: reputation.Negative}
	}
	return reputation.Score{Value: 0.5, Label: reputation.Positive}
}

func (scorer) Loyalty(t reputation.Text) reputation.Loyalty {
	return reputation.Loyalty{
		Driver: "quality", Stage: "delivery", Signals: []string{"complaint"},
		Evidence: []reputation.Evidence{{Term: t.Raw[:4], Weight: 3, End: 4, Rule: "signal complaint +3"}},
	}
}

// memory is a store in memory.
type memory struct {
	mu       sync.Mutex
	cursors  map[string]reputation.Cursor
	mentions []reputation.Mention
	causes   []string
	polls    []reputation.Poll
	commits  int
	broken   error
}

func (m *memory) Cursor(_ context.Context, source string) (reputation.Cursor, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.cursors[source], m.broken
}

func (m *memory) Commit(_ context.Context, source string, next reputation.Cursor, mentions []reputation.Mention, _ time.Time) ([]reputation.Mention, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.cursors[source] = next
	m.mentions = append(m.mentions, mentions...)
	m.commits++
	return mentions, nil
}

func (m *memory) Polled(_ context.Context, polls []reputation.Poll) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.broken == nil {
		m.polls = append(m.polls, polls...)
	}
	return m.broken
}

func (m *memory) Failed(_ context.Context, source string, next reputation.Cursor, _ time.Time, cause string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.cursors[source] = next
	m.causes = append(m.causes, cause)
	return nil
}

// source gives what it is told to.
type source struct {
	name  string
	items []reputation.Item
	err   error
	asked []time.Time
}

func (s *source) Name() string { return s.name }

func (s *source) Collect(_ context.Context, c reputation.Cursor) ([]reputation.Item, reputation.Cursor, error) {
	s.asked = append(s.asked, time.Now())
	c.ETag = "seen"
	return s.items, c, s.err
}

// alerter counts its rounds.
type alerter struct {
	mu                   sync.Mutex
	evaluated, delivered int
	err                  error
}

func (a *alerter) Evaluate(context.Context, time.Time) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.evaluated++
	return a.err
}

func (a *alerter) Deliver(context.Context, time.Time) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.delivered++
	return nil
}

// edition is a language of which there are several; its driver tells which one read
// the text and which one rated it.
type edition string

func (e edition) Read(content string) reputation.Text {
	t := reader{}.Read(content)
	t.Lang = string(e)
	return t
}

func (edition) Towards(t reputation.Text, own, others []reputation.Span) reputation.Score {
	return scorer{}.Towards(t, own, others)
}

func (e edition) Loyalty(t reputation.Text) reputation.Loyalty {
	return reputation.Loyalty{Driver: t.Lang + " " + string(e)}
}

// A text is read and rated by the same edition of a language that changes all the
// time.
func TestLanguageOfAnItem(t *testing.T) {
	p, m, _ := newPipeline()
	asked := 0
	p.Language = func() (pipeline.Reader, pipeline.Scorer) {
		asked++
		e := edition(fmt.Sprint(asked))
		return e, e
	}
	s := &source{name: "news", items: []reputation.Item{{ID: "1", Text: "Acme and Bolt"}, {ID: "2", Text: "Acme"}}}
	if _, err := p.Poll(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, mention := range m.mentions {
		got = append(got, mention.Driver)
	}
	if want := []string{"1 1", "1 1", "2 2"}; !slices.Equal(got, want) {
		t.Errorf("read and rated by %q, want %q", got, want)
	}
}

func newPipeline() (*pipeline.Pipeline, *memory, *alerter) {
	m, a := &memory{cursors: map[string]reputation.Cursor{}}, &alerter{}
	return &pipeline.Pipeline{
		Language: language, Matcher: matcher{}, Store: m, Alerter: a,
		Pseudonym: func(author string) string { return "pseudonym of " + author },
		Clock:     time.Now, Jitter: func() float64 { return 0.5 }, Log: slog.New(slog.DiscardHandler),
	}, m, a
}

func TestPoll(t *testing.T) {
	p, m, _ := newPipeline()
	s := &source{name: "news", items: []reputation.Item{
		{ID: "1", Text: "Acme is worse than Bolt !", Author: "jo"},
		{ID: "2", Text: "nothing of interest"},
	}}
	got, err := p.Poll(t.Context(), s)
	if want := (pipeline.Result{Items: 2, Mentions: 2, Fresh: 2}); err != nil || got != want {
		t.Fatalf("got %+v, %v; want %+v", got, err, want)
	}
	acme, bolt := m.mentions[0], m.mentions[1]
	if acme.Span.Brand != "Acme" || acme.Score.Label != reputation.Negative || bolt.Span.Brand != "Bolt" || bolt.Score.Label != reputation.Positive {
		t.Errorf("mentions %+v and %+v: each brand has its own score", acme, bolt)
	}
	if acme.Driver != "quality" || acme.Stage != "delivery" || !slices.Equal(acme.Signals, []string{"complaint"}) ||
		len(acme.LoyaltyEvidence) != 1 || acme.LoyaltyEvidence[0].Term != "Acme" {
		t.Errorf("loyalty of %+v", acme)
	}
	if acme.Words != "Acme is worse than Bolt" || acme.Item.Lang != "en" || acme.Item.Author != "pseudonym of jo" {
		t.Errorf("words %q, language %q, author %q", acme.Words, acme.Item.Lang, acme.Item.Author)
	}
	if m.cursors["news"].ETag != "seen" {
		t.Error("the cursor was not committed")
	}
}

// An answer to a survey is of the brand that was asked about, whether its words name
// it, another one, or there are none.
func TestPollOfASurvey(t *testing.T) {
	p, m, _ := newPipeline()
	nine := reputation.Rating{Given: true, Value: 9}
	s := &source{name: "survey", items: []reputation.Item{
		{ID: "1", Text: "Acme is good", Brand: "Acme", NPS: nine},
		{ID: "2", Text: "slow", Brand: "Acme"},
		{ID: "3", Text: "like Bolt", Brand: "Acme"},
		{ID: "4", Brand: "Acme", NPS: nine},
	}}
	if _, err := p.Poll(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, mention := range m.mentions {
		got = append(got, fmt.Sprintf("%s %s %d-%d %s", mention.Item.ID, mention.Span.Brand, mention.Span.Start, mention.Span.End, mention.Score.Label))
	}
	want := []string{"1 Acme 0-4 negative", "2 Acme 0-0 negative", "3 Bolt 5-9 positive", "3 Acme 0-0 negative", "4 Acme 0-0 "}
	if !slices.Equal(got, want) {
		t.Errorf("mentions %q, want %q", got, want)
	}
	if last := m.mentions[len(m.mentions)-1]; last.Item.NPS != nine {
		t.Errorf("rating %+v of the answer without words", last.Item.NPS)
	}
}

// An answer comes to the store each time that a file holds it, since nothing but its
// ratings may be new; it arrived once. Customers may say the same, or nothing.
func TestPollOfASurveyExportedAgain(t *testing.T) {
	p, m, _ := newPipeline()
	answers := func(nps ...int) (items []reputation.Item) {
		for i, n := range nps {
			items = append(items, reputation.Item{ID: fmt.Sprint(i), Brand: "Acme", NPS: reputation.Rating{Given: true, Value: n}})
		}
		return items
	}
	for i, test := range []struct {
		nps     []int
		arrived int
	}{{[]int{9}, 0}, {[]int{9, 3, 3}, 2}, {[]int{9, 4, 3}, 0}, {[]int{9, 3, 3}, 0}} {
		m.mentions = nil
		r, err := p.Poll(t.Context(), &source{name: "survey", items: answers(test.nps...)})
		if err != nil || r.Arrived != test.arrived {
			t.Errorf("export %d: %d answers arrived, want %d; error %v", i, r.Arrived, test.arrived, err)
		}
		var got []int
		for _, mention := range m.mentions {
			got = append(got, mention.Item.NPS.Value)
		}
		if !slices.Equal(got, test.nps) {
			t.Errorf("export %d: ratings %v came to the store, want %v", i, got, test.nps)
		}
	}
}

func TestPollKeepsWhatCameWithAnError(t *testing.T) {
	p, m, _ := newPipeline()
	s := &source{name: "news", items: []reputation.Item{{ID: "1", Text: "Acme"}}, err: errors.New("article 2: status 500")}
	r, err := p.Poll(t.Context(), s)
	if err == nil || err.Error() != "article 2: status 500" {
		t.Errorf("error %v is not the cause", err)
	}
	if r.Fresh != 1 || len(m.mentions) != 1 {
		t.Errorf("%d mentions stored, want the one that came", len(m.mentions))
	}
	if !slices.Equal(m.causes, []string{"article 2: status 500"}) {
		t.Errorf("stored causes %q", m.causes)
	}
}

func TestPollStoppedHalfWayMovesNoCursor(t *testing.T) {
	p, m, _ := newPipeline()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Poll(ctx, &source{name: "news", items: []reputation.Item{{ID: "1", Text: "Acme"}}}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if len(m.cursors)+len(m.mentions)+len(m.causes) != 0 {
		t.Error("something was stored")
	}
}

// What has no time may be of any age: at a source's first poll it must not look
// like talk of this hour.
func TestUndatedItemsOfTheFirstPollAreOld(t *testing.T) {
	p, m, _ := newPipeline()
	now := p.Clock()
	s := &source{name: "news", items: []reputation.Item{{ID: "1", Text: "Acme", Undated: true, Published: now}}}
	for i := range 2 {
		s.items[0].ID, s.items[0].Text = fmt.Sprint(i), fmt.Sprint("Acme ", i)
		if _, err := p.Poll(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
	if age := now.Sub(m.mentions[0].Item.Published); age != 24*time.Hour {
		t.Errorf("at the first poll it is dated %v before it", age)
	}
	if !m.mentions[1].Item.Published.Equal(now) {
		t.Errorf("at the second poll it is dated %v", m.mentions[1].Item.Published)
	}
}

func TestOnce(t *testing.T) {
	p, m, a := newPipeline()
	good := &source{name: "good", items: []reputation.Item{{ID: "1", Text: "Acme"}}}
	bad := &source{name: "bad", err: errors.New("status 404")}
	told := map[string]pipeline.Result{}
	err := p.Once(t.Context(), []pipeline.Scheduled{{Source: bad}, {Source: good}}, func(name string, r pipeline.Result, _ error) { told[name] = r })
	if err == nil || err.Error() != "status 404" {
		t.Errorf("error %v", err)
	}
	if len(m.mentions) != 1 || told["good"].Fresh != 1 || len(told) != 2 || a.evaluated != 1 || a.delivered != 1 {
		t.Errorf("%d mentions, told %v, judged %d, delivered %d", len(m.mentions), told, a.evaluated, a.delivered)
	}
}

func TestRunPollsAtTheInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, _, a := newPipeline()
		progress := 0
		p.Progress = func() { progress++ }
		good := &source{name: "good"}
		bad := &source{name: "bad", err: errors.New("status 500")}
		ctx, cancel := context.WithTimeout(t.Context(), 65*time.Minute-time.Second)
		defer cancel()
		p.Run(ctx, []pipeline.Scheduled{{Source: good, Every: 10 * time.Minute}, {Source: bad, Every: 10 * time.Minute}})
		if got := gaps(good.asked); got != "7m25s 9m40s 9m40s 9m40s 9m40s 9m40s" {
			t.Errorf("gaps between polls: %s, want the interval at most", got)
		}
		if got := gaps(bad.asked); got != "20m0s 40m0s" {
			t.Errorf("gaps between polls of a failing source: %s, want growing ones", got)
		}
		if a.evaluated != 65 || progress != 65 {
			t.Errorf("judged %d times with progress %d, want once a minute", a.evaluated, progress)
		}
	})
}

// partial is the error of a source that could not read all that it lists.
type partial struct{ error }

func (partial) Partial() bool { return true }

func TestRunKeepsTheIntervalOfAPartlyReadSource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, _, _ := newPipeline()
		s := &source{name: "page", err: partial{errors.New("1 of 9 articles not read")}}
		ctx, cancel := context.WithTimeout(t.Context(), 35*time.Minute)
		defer cancel()
		p.Run(ctx, []pipeline.Scheduled{{Source: s, Every: 10 * time.Minute}})
		if got := gaps(s.asked); got != "7m25s 9m40s 9m40s" {
			t.Errorf("gaps between polls: %s", got)
		}
	})
}

func TestRunWaitsAsLongAsTheServerAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, m, _ := newPipeline()
		m.cursors["news"] = reputation.Cursor{NotBefore: time.Now().Add(25 * time.Minute)}
		s := &source{name: "news"}
		start := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Minute)
		defer cancel()
		p.Run(ctx, []pipeline.Scheduled{{Source: s, Every: 10 * time.Minute}})
		if len(s.asked) != 1 || s.asked[0].Sub(start) != 25*time.Minute || len(m.causes) != 0 {
			t.Errorf("asked at %v with errors %q, want once, after 25 minutes, without an error", s.asked, m.causes)
		}
	})
}

// A judgement between the first polls would see a part of the talk.
func TestTheFirstJudgementWaitsForAllSources(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, _, a := newPipeline()
		slow := &slowSource{source{name: "slow"}}
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Second)
		defer cancel()
		p.Run(ctx, []pipeline.Scheduled{{Source: &source{name: "quick"}, Every: time.Hour}, {Source: slow, Every: time.Hour}})
		if a.evaluated != 1 {
			t.Errorf("judged %d times in 50 seconds, of which the slow source took 40; want once", a.evaluated)
		}
	})
}

// slowSource takes 40 seconds.
type slowSource struct{ source }

func (s *slowSource) Collect(ctx context.Context, c reputation.Cursor) ([]reputation.Item, reputation.Cursor, error) {
	time.Sleep(40 * time.Second)
	return s.source.Collect(ctx, c)
}

func TestNoProgressWhileJudgingFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, _, a := newPipeline()
		a.err = errors.New("disk is full")
		p.Progress = func() { t.Error("the watchdog was fed") }
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute-time.Second)
		defer cancel()
		p.Run(ctx, nil)
		if a.evaluated != 3 {
			t.Errorf("judged %d times, want it to go on", a.evaluated)
		}
	})
}

func TestNewsIsJudgedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, _, a := newPipeline()
		s := &source{name: "news", items: []reputation.Item{{ID: "1", Text: "Acme"}}}
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		p.Run(ctx, []pipeline.Scheduled{{Source: s, Every: time.Hour}})
		if a.evaluated != 2 {
			t.Errorf("judged %d times in the first 20 seconds, want at the start and after the news", a.evaluated)
		}
	})
}

func gaps(times []time.Time) string {
	var all []string
	for i := 1; i < len(times); i++ {
		all = append(all, times[i].Sub(times[i-1]).String())
	}
	return strings.Join(all, " ")
}

func BenchmarkPoll(b *testing.B) {
	p, m, _ := newPipeline()
	s := &source{name: "news"}
	for i := range 100 {
		s.items = append(s.items, reputation.Item{ID: fmt.Sprint(i), Text: "Acme is worse than Bolt"})
	}
	for b.Loop() {
		m.mentions = m.mentions[:0]
		clear(m.cursors) // else it would not read them again
		if _, err := p.Poll(b.Context(), s); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N*len(s.items))/b.Elapsed().Seconds(), "items/s")
}

func ExamplePipeline() {
	store := &memory{cursors: map[string]reputation.Cursor{}}
	p := &pipeline.Pipeline{
		Language: language, Matcher: matcher{}, Store: store, Alerter: &alerter{},
		Pseudonym: func(author string) string { return "" },
		Clock:     time.Now, Jitter: func() float64 { return 0 }, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	}
	news := &source{name: "news", items: []reputation.Item{{ID: "1", Text: "My Acme kettle leaks"}}}
	if err := p.Once(context.Background(), []pipeline.Scheduled{{Source: news, Every: time.Minute}}, nil); err != nil {
		fmt.Println(err)
	}
	for _, m := range store.mentions {
		fmt.Println(m.Span.Brand, m.Score.Label, m.Driver)
	}
	// Output: Acme negative quality
}
