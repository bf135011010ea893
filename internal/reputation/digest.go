package reputation

import "time"

// DigestKind is what a digest sums up.
type DigestKind string

// The kinds.
const (
	Daily  DigestKind = "daily"
	Weekly DigestKind = "weekly"
	Quiet  DigestKind = "quiet"  // what was held back in quiet hours
	Outage DigestKind = "outage" // what could not be delivered for hours
)

// Digest sums up a period: of kind Daily and Weekly how each brand fared, of kind
// Quiet and Outage the alerts that were not told one by one.
type Digest struct {
	Kind     DigestKind
	From, To time.Time // the period, From inclusive

	Brands   []BrandDigest
	Stories  []StoryQuote    // those told most, of all brands
	Episodes []Episode       // that are not over, without their hours
	Troubles []SourceTrouble // that are under way
	Alerts   []DigestAlert   // opened in the period, or held back, oldest first
}

// BrandDigest is how a brand fared in a period, against the period before.
type BrandDigest struct {
	Brand       string
	Now, Before Figures
	// Share of voice: the brand's mentions among its own and its competitors', in
	// [0, 1]; both are negative for a brand without competitors or without mentions.
	Share, ShareBefore float64
	Drivers            []DriverMove // of its negative mentions, those first that moved most
}

// Figures are counts of mentions by their class.
type Figures struct {
	Mentions, Positive, Neutral, Negative int
}

// NetSentiment is (positive - negative) / mentions, in [-1, 1], and 0 without
// mentions.
func (f Figures) NetSentiment() float64 {
	if f.Mentions == 0 {
		return 0
	}
	return float64(f.Positive-f.Negative) / float64(f.Mentions)
}

// DriverMove is how often negative mentions were about a driver, in a period and in
// the one before.
type DriverMove struct {
	Driver      string
	Now, Before int
}

// Story is a text of a period with its copies.
type Story struct {
	Mention Mention // the first of the story in the period
	Items   int     // how often it stands in the period, with copies
	Sources int     // in how many sources
}

// StoryQuote is a story as a digest shows it.
type StoryQuote struct {
	Quote
	Brand   string
	Label   Label
	Items   int // how often it stands, with copies
	Sources int // in how many sources
}

// DigestAlert is an alert in a digest.
type DigestAlert struct {
	ID       int64
	Brand    string
	Rule     string
	Severity Severity
	State    State
	OpenedAt time.Time
	Observed int // negative mentions in the hour that opened it
	Peak     int
}

// Status is how a brand stands at a moment.
type Status struct {
	Brand       string
	At          time.Time
	Now, Before Figures   // the last 24 whole hours, and the 24 before those
	Last        time.Time // publication of its latest mention; zero if there is none
	Firing      []DigestAlert
	Episode     *Episode        // that is not over; nil if there is none
	Troubles    []SourceTrouble // of all sources
}
