package web

import (
	"net/http"
	"time"
	"unicode/utf8"

	"reputed/internal/reputation"
)

// textRunes is how much of a text the page of a mention shows.
const textRunes = 8000

// mentionData is a mention with each step of its score.
type mentionData struct {
	ID        int64           `json:"id"`
	Brand     string          `json:"brand"`
	Href      string          `json:"-"`
	Source    string          `json:"source"`
	URL       string          `json:"url,omitempty"`
	Published time.Time       `json:"published_at"`
	Fetched   time.Time       `json:"fetched_at"`
	Text      string          `json:"text"`
	Cut       bool            `json:"cut,omitempty"` // the text is longer than what stands here
	Pieces    []piece         `json:"-"`
	Score     float64         `json:"score"`
	Label     string          `json:"label"`
	Steps     []step          `json:"evidence"`
	Driver    string          `json:"driver,omitempty"`
	Stage     string          `json:"stage,omitempty"`
	Signals   []string        `json:"signals"`
	Speaking  []step          `json:"loyalty_evidence"` // what speaks for driver, stage and signals
	Copies    int             `json:"copies"`           // how many other items tell its story
	Corrected *correctionData `json:"correction,omitempty"`
	Actions   []actionRow     `json:"actions"`
}

func (d mentionData) title(l language) string {
	return d.Brand + " · " + nameOf(l.names.Labels, reputation.Label(d.Label))
}

// step is one thing that moved the score.
type step struct {
	Term   string  `json:"term"`
	Weight float64 `json:"weight"`
	Rule   string  `json:"rule"`
}

type correctionData struct {
	Rated string    `json:"rated"`
	Label string    `json:"label"`
	By    string    `json:"by"`
	At    time.Time `json:"at"`
}

// mention shows a mention.
func (p *pages) mention(r *http.Request, _ language) (any, error) {
	id, err := number(r)
	if err != nil {
		return nil, err
	}
	m, copies, ok, err := p.Store.Mention(r.Context(), id)
	if err != nil || !ok {
		return nil, errOr(err, errNone)
	}
	content := m.Item.Content()
	to := 0
	for n := 0; n < textRunes && to < len(content); n++ {
		_, size := utf8.DecodeRuneInString(content[to:])
		to += size
	}
	d := mentionData{
		ID: m.ID, Brand: reputation.OneLine(m.Span.Brand), Href: brandHref(m.Span.Brand), Source: reputation.OneLine(m.Item.Source), URL: webURL(m.Item.URL),
		Published: m.Item.Published, Fetched: m.Item.Fetched, Text: inert(content[:to]), Cut: to < len(content), Pieces: marked(m, 0, to, 0),
		Score: m.Score.Value, Label: string(m.Score.Label), Driver: m.Driver, Stage: m.Stage, Signals: listed(m.Signals), Copies: copies,
	}
	d.Steps, d.Speaking = stepsOf(m.Score.Evidence), stepsOf(m.LoyaltyEvidence)
	c, ok, err := p.Store.Correction(r.Context(), id)
	if err != nil {
		return nil, err
	}
	if ok {
		d.Corrected = &correctionData{string(c.Rated), string(c.Label), reputation.OneLine(c.By), c.At}
	}
	actions, err := p.Store.MentionActions(r.Context(), id)
	d.Actions = actionRows(actions)
	return d, err
}

func stepsOf(evidence []reputation.Evidence) []step {
	steps := make([]step, len(evidence))
	for i, e := range evidence {
		steps[i] = step{reputation.OneLine(e.Term), e.Weight, reputation.OneLine(e.Rule)}
	}
	return steps
}
