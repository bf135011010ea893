// Package reputation holds the words that every part of reputed speaks: what was
// collected, what was found in it, how it was rated, and what was said about it
// in an alert. It is plain data, so that collectors, scorers, stores and
// receivers need to know nothing of each other. It imports the standard library
// only.
package reputation

import (
	"bytes"
	"slices"
	"strings"
	"time"
)

// Item is one published piece (a post, a review, an article) as a source gave it.
type Item struct {
	Source string // name of the configured source
	ID     string // the publisher's own identifier, else the canonical URL, else a hash of the content; unique within Source
	URL    string // absolute, without tracking parameters; may be empty
	Title  string // plain text
	Text   string // plain text
	Author string // as the source names the author; may be empty
	Lang   string // BCP 47 tag as the source states it, else as read from the text; may be empty

	Published time.Time // UTC, to the second; Fetched where the source states no time, or one that is still to come
	Undated   bool      // the source states no time
	Fetched   time.Time // UTC, to the second
}

// Content is the text that is matched and scored: the title, a line break and
// the text, or the text alone where it begins with the title. All byte offsets
// in spans and evidence point into it.
func (i Item) Content() string {
	switch {
	case i.Title == "" || strings.HasPrefix(i.Text, i.Title):
		return i.Text
	case i.Text == "":
		return i.Title
	}
	return i.Title + "\n" + i.Text
}

// Cursor is what must be remembered of a source between two polls. It is stored
// in the same transaction as the items it stands for: validators that are ahead
// of the items would lose them to the next 304.
type Cursor struct {
	ETag         string    `json:"etag,omitempty"`          // verbatim, from the last complete answer
	LastModified string    `json:"last_modified,omitempty"` // verbatim
	Digest       string    `json:"digest,omitempty"`        // of the last body: an equal body brings nothing new
	Seen         []string  `json:"seen,omitempty"`          // links of a list page whose articles were read
	Listed       []byte    `json:"listed,omitempty"`        // what the source held: hashes of items, by which known ones are not read again
	NotBefore    time.Time `json:"not_before,omitzero"`     // the server asked for no request before this time
}

// IsZero tells whether nothing was read from the source yet.
func (c Cursor) IsZero() bool {
	return c.ETag == "" && c.LastModified == "" && c.Digest == "" && len(c.Seen) == 0 && len(c.Listed) == 0
}

// Equal tells whether two cursors remember the same.
func (c Cursor) Equal(o Cursor) bool {
	return c.ETag == o.ETag && c.LastModified == o.LastModified && c.Digest == o.Digest &&
		slices.Equal(c.Seen, o.Seen) && bytes.Equal(c.Listed, o.Listed) && c.NotBefore.Equal(o.NotBefore)
}

// Span is a place where a brand, or the target of a score, stands in a text.
type Span struct {
	Brand string // configured name of the brand
	Term  string // as it stands in the text
	Start int    // byte offset into the content, inclusive
	End   int    // byte offset into the content, exclusive
}

// Label is the class of a score.
type Label string

// The three classes. Neutral is facts, questions and announcements, not doubt.
const (
	Positive Label = "positive"
	Neutral  Label = "neutral"
	Negative Label = "negative"
)

// Score is the sentiment of a text towards a target.
type Score struct {
	Value    float64    // in [-1, 1]; 0 where nothing speaks
	Label    Label      // the class
	Evidence []Evidence // in the order of the text; the weights sum to Value
}

// Evidence is one thing that moved a score.
type Evidence struct {
	Term   string  `json:"term"`   // as it stands in the text
	Weight float64 `json:"weight"` // its share of the score's value; beyond ±1 only where other evidence draws the other way; of loyalty, its vote
	Start  int     `json:"start"`  // byte offsets into the content
	End    int     `json:"end"`
	Rule   string  `json:"rule"` // how the weight came about, such as "好吃 +3 × 非常 1.5 × 不 -0.7"
}

// Loyalty is what a text tells of a customer's loyalty.
type Loyalty struct {
	Driver   string     // what the talk is about: quality, service, price, ...; empty if unclear
	Stage    string     // promise, purchase, delivery or relationship; empty if unclear
	Signals  []string   // advocacy, repurchase, churn, boycott, complaint, gap, defence, risk; none, one or several
	Evidence []Evidence // what speaks for them, in the order of the text; Weight is the vote, from 0.1 to 3
}

// Mention is one item's talk about one brand, rated.
type Mention struct {
	Item            Item
	Span            Span // the first place where the brand is named
	Score           Score
	Driver          string     // what the talk is about: quality, service, price, ...; empty if unclear
	Stage           string     // promise, purchase, delivery or relationship; empty if unclear
	Signals         []string   // advocacy, repurchase, churn, boycott, complaint, gap, defence, risk; none, one or several
	LoyaltyEvidence []Evidence // what speaks for driver, stage and signals
	Words           string     // the content's words in normal form with spaces between them, for full-text search
}
