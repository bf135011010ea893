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

	// Of an answer to a survey; the zero value of what any other item is.
	Brand string // the brand that was asked about, whether or not the words name it
	NPS   Rating // how likely the customer is to recommend it, from 0 to 10
	CSAT  Rating // how satisfied the customer is, from 1 to 5
}

// Rating is a figure that a customer gave, or none.
type Rating struct {
	Given bool
	Value int
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
	Files        []File    `json:"files,omitempty"`         // of a folder, those that wait or are still to be moved
	Listed       []byte    `json:"listed,omitempty"`        // what the source held: hashes of items, by which known ones are not read again
	NotBefore    time.Time `json:"not_before,omitzero"`     // the server asked for no request before this time; Never if it removed the source
	From         string    `json:"from,omitempty"`          // the address that the validators came from, if a redirect led there
	Moved        Moved     `json:"moved,omitzero"`          // where permanent redirects lead
}

// Moved is what is known of a source whose server says that it has moved for good.
type Moved struct {
	To    string    `json:"to"`    // the last address that all redirects led to
	Times int       `json:"times"` // in a row that they did
	Seen  time.Time `json:"seen"`  // when the old address said so last
}

// Never is the time before which a source is not asked that was removed for good. No
// poll is due any more, until the source's configuration changes.
func Never() time.Time { return time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC) }

// Gone tells whether the server removed the source for good (status 410).
func (c Cursor) Gone() bool { return !c.NotBefore.Before(Never()) }

// File is a file in a folder that is a source, as it was found there.
type File struct {
	Name     string    `json:"name"`
	Size     int64     `json:"size"` // in bytes
	Modified time.Time `json:"modified"`
	Since    time.Time `json:"since"`            // when it was first found with this size and time
	Items    int       `json:"items,omitempty"`  // that are stored
	Stored   bool      `json:"stored,omitempty"` // all its items are
	Fault    string    `json:"fault,omitempty"`  // why it cannot be read
}

// IsZero tells whether nothing was read from the source yet.
func (c Cursor) IsZero() bool {
	return c.ETag == "" && c.LastModified == "" && c.Digest == "" && len(c.Seen) == 0 && len(c.Files) == 0 && len(c.Listed) == 0
}

// Equal tells whether two cursors remember the same.
func (c Cursor) Equal(o Cursor) bool {
	return c.ETag == o.ETag && c.LastModified == o.LastModified && c.Digest == o.Digest && slices.Equal(c.Seen, o.Seen) &&
		slices.EqualFunc(c.Files, o.Files, File.equal) && bytes.Equal(c.Listed, o.Listed) && c.NotBefore.Equal(o.NotBefore) &&
		c.From == o.From && c.Moved.To == o.Moved.To && c.Moved.Times == o.Moved.Times && c.Moved.Seen.Equal(o.Moved.Seen)
}

func (f File) equal(o File) bool {
	return f.Name == o.Name && f.Size == o.Size && f.Modified.Equal(o.Modified) && f.Since.Equal(o.Since) &&
		f.Items == o.Items && f.Stored == o.Stored && f.Fault == o.Fault
}

// Span is a place where a brand, or the target of a score, stands in a text.
type Span struct {
	Brand string // configured name of the brand
	Term  string // as it stands in the text
	Start int    // byte offset into the content, inclusive
	End   int    // byte offset into the content, exclusive; Start where the whole text is about the brand and does not name it
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
	Evidence []Evidence // what speaks for them, in the order of the text; Weight is the vote, from 0.3 up
}

// Mention is one item's talk about one brand, rated. Without a label it is an answer to
// a survey that has no words: it is stored, and counts as no mention.
type Mention struct {
	ID              int64 // its number; 0 before it is stored
	Item            Item
	Span            Span // the first place where the brand is named
	Score           Score
	Driver          string     // what the talk is about: quality, service, price, ...; empty if unclear
	Stage           string     // promise, purchase, delivery or relationship; empty if unclear
	Signals         []string   // advocacy, repurchase, churn, boycott, complaint, gap, defence, risk; none, one or several
	LoyaltyEvidence []Evidence // what speaks for driver, stage and signals
	Words           string     // the content's words in normal form with spaces between them, for full-text search and to recognise copies
	Story           int64      // stored items that tell the same story share it; 0 before it is stored
}
