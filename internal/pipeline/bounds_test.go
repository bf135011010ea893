package pipeline_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"reputed/internal/pipeline"
	"reputed/internal/reputation"
)

// bomb is a source over which the program stumbles.
type bomb struct{}

func (bomb) Name() string { return "bomb" }

func (bomb) Collect(context.Context, reputation.Cursor) ([]reputation.Item, reputation.Cursor, error) {
	panic("slice bounds out of range")
}

// poisoned is a scorer that stumbles over one word.
type poisoned struct{ scorer }

func (poisoned) Loyalty(t reputation.Text) reputation.Loyalty {
	if strings.Contains(t.Raw, "poison") {
		panic("index out of range")
	}
	return scorer{}.Loyalty(t)
}

// A mistake of the program that a source's content brings out costs the source its
// poll, or the item: not the daemon, and no other source.
func TestPollSurvivesAPanic(t *testing.T) {
	p, m, _ := newPipeline()
	var log bytes.Buffer
	p.Log = slog.New(slog.NewTextHandler(&log, nil))
	p.Language = func() (pipeline.Reader, pipeline.Scorer) { return reader{}, poisoned{} }
	m.cursors["bomb"] = reputation.Cursor{ETag: "before"}
	news := &source{name: "news", items: []reputation.Item{{Source: "news", ID: "1", Text: "Acme poison"}, {Source: "news", ID: "2", Text: "Acme is fine"}}}
	var said []string
	err := p.Once(t.Context(), []pipeline.Scheduled{{Source: bomb{}}, {Source: news}}, func(_ string, _ pipeline.Result, err error) { said = append(said, fmt.Sprint(err)) })
	for _, want := range []string{
		"source bomb: reading it failed by a mistake in this program; please report it",
		`source news: rating the item "1" failed by a mistake in this program`,
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	if len(said) != 2 || len(m.mentions) != 1 || m.mentions[0].Item.ID != "2" || m.cursors["bomb"].ETag != "before" {
		t.Errorf("polls end with %q; stored %+v, cursors %+v", said, m.mentions, m.cursors)
	}
	for _, poll := range m.polls {
		if poll.Failed != (poll.Source == "bomb") {
			t.Errorf("outcome %+v: only where nothing could be read has the source failed", poll)
		}
	}
	if text := log.String(); !strings.Contains(text, "slice bounds out of range") || !strings.Contains(text, "bounds_test.go") {
		t.Errorf("the log does not say where:\n%s", text)
	}
}

// stumbling is an alerter that fails over what was stored.
type stumbling struct{}

func (stumbling) Evaluate(context.Context, time.Time) error { panic("slice bounds out of range") }
func (stumbling) Deliver(context.Context, time.Time) error  { panic("index out of range") }

// What was stored can bring out a mistake as well: sources are polled all the same, and
// the daemon does not begin and end again and again.
func TestOnceSurvivesAPanicOfTheAlerter(t *testing.T) {
	p, m, _ := newPipeline()
	p.Alerter = stumbling{}
	err := p.Once(t.Context(), []pipeline.Scheduled{{Source: &source{name: "news", items: []reputation.Item{{ID: "1", Text: "Acme"}}}}}, nil)
	for _, want := range []string{"judging the mentions failed by a mistake in this program", "delivering alerts failed"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	if len(m.mentions) != 1 {
		t.Errorf("%d mentions stored, want one", len(m.mentions))
	}
}

// raw reads nothing into a text.
type raw struct{}

func (raw) Read(content string) reputation.Text {
	return reputation.Text{Raw: content, Norm: content, Lang: "en"}
}

// A source that brings something else at each poll does not fill the disk: it has a
// quarter of a gigabyte a day.
func TestPollBoundsWhatASourceStores(t *testing.T) {
	p, m, _ := newPipeline()
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	p.Clock = func() time.Time { return now }
	p.Language = func() (pipeline.Reader, pipeline.Scorer) { return raw{}, scorer{} }
	flood, other := &source{name: "flood"}, &source{name: "other"}
	poll := func(s *source, n int) error {
		s.items = nil
		for i := range 8 {
			s.items = append(s.items, reputation.Item{Source: s.name, ID: fmt.Sprintf("%d-%d", n, i), Text: "Acme " + fmt.Sprint(n, i) + strings.Repeat("x", 1<<20)})
		}
		_, err := p.Poll(t.Context(), s)
		return err
	}
	refused := 0
	for n := range 40 {
		if err := poll(flood, n); err != nil {
			refused++
			if want := "source flood: it brought mentions of more than 256 MiB today"; !strings.Contains(err.Error(), want) {
				t.Fatalf("error %v, want %q", err, want)
			}
		}
	}
	if len(m.mentions) != 31*8 || refused != 9 {
		t.Errorf("%d mentions stored, %d polls refused", len(m.mentions), refused)
	}
	before := len(m.mentions)
	if err := poll(other, 0); err != nil || len(m.mentions) != before+8 {
		t.Errorf("another source: %v", err)
	}
	now = now.Add(12 * time.Hour)
	if err := poll(flood, 40); err != nil || len(m.mentions) != before+16 {
		t.Errorf("the next day: %v", err)
	}
}
