package reputation

import "time"

// Hour is what was said of a brand in one hour.
type Hour struct {
	Mentions int // all mentions
	Negative int // of them, negative
	Stories  int // of the negative ones, those that are not copies of another item
	// Missed is the share of the hour in which no source could be read, in [0, 1].
	Missed float64
}

// Severity grades an alert.
type Severity string

// The severities, mildest first.
const (
	Warning  Severity = "warning"
	Critical Severity = "critical"
)

// State is where an alert stands in its life.
type State string

// An alert is firing until the talk is back in its usual band; then it is resolved.
const (
	Firing   State = "firing"
	Resolved State = "resolved"
)

// Judgement is what a detector says of a brand at a moment. What stands beside the
// fields is that of RuleNegativeVolume; of other rules Observed and Expected are of what
// they judge, in their hours, Mentions is of what it is a part, and Stories is 0. Of a
// rule on a fall Observed is how many mentions are missing, and Expected is 0.
type Judgement struct {
	From, To  time.Time // the hour that was judged
	Observed  int       // negative mentions in that hour
	Stories   int       // of them, those that are not copies of another item
	Mentions  int       // all mentions in that hour
	Expected  float64   // negative mentions that this brand's hours usually bring
	Deviation float64   // standard deviation of the same, floored
	Surprise  float64   // (Observed - Expected) / Deviation
	Usual     float64   // usual share of negative mentions, in [0, 1]; of other rules the usual share of what they judge, or net sentiment in [-1, 1]
	// Probability is how probable talk as busy as that of the last hours, or
	// busier, is at this time of the day and week, in [0, 1]; 0 if it was not
	// judged.
	Probability float64
	Spike       bool   // the hour is a spike by every condition
	Calm        bool   // the hour is within the usual band
	Reason      string // why it is no spike, in a few English words; empty for a spike
}

// Share is the negative share of the judged hour, in [0, 1].
func (j Judgement) Share() float64 {
	if j.Mentions == 0 {
		return 0
	}
	return float64(j.Observed) / float64(j.Mentions)
}

// Alert is one spike of negative talk about one brand, from the first warning to
// its end.
type Alert struct {
	ID         int64 // 0 before it is stored
	Brand      string
	Rule       string // the rule that opened it, "negative-volume"
	Severity   Severity
	State      State
	OpenedAt   time.Time
	ResolvedAt time.Time // zero while firing
	CalmSince  time.Time // zero unless firing and the talk is back in the usual band
	Judgement  Judgement // at opening: Expected and Deviation stay, so that the spike does not become its own baseline
	Peak       int       // highest Observed since it opened
	Told       int       // Observed when people were last told that the talk rises
	Driver     string    // what most of the negative mentions spoke of when the talk rose last; empty if unclear

	Waiting Waiting   // what people are still to be told
	ToldAt  time.Time // when they were told last; zero if never
	MutedBy string    // why they were not told last: "silence 3", "alert 7" or "quiet hours"; empty otherwise

	AcknowledgedBy string    // who took it on
	AcknowledgedAt time.Time // counts while people are told of nothing after it; zero if nobody did

	Thread Thread // of a pending message: where the alert's first message to the same target stands
}

// Acknowledged tells whether somebody has taken the alert on since people were told
// of it last.
func (a Alert) Acknowledged() bool {
	return !a.AcknowledgedAt.IsZero() && !a.AcknowledgedAt.Before(a.ToldAt)
}

// AlertFilter says which alerts are wanted; its zero value wants all.
type AlertFilter struct {
	Brand  string    // of this brand
	Since  time.Time // opened then or later, or firing
	State  State     // in this state
	Muted  bool      // those only of which people were not told last, since something muted them
	Limit  int       // at most so many; 0 for all
	Offset int       // without the first so many
}

// Waiting is an event that people are still to be told of.
type Waiting struct {
	Event Event     // empty if they know all
	Hour  time.Time // end of the hour that it is about
	Since time.Time // when there was something to tell first
}

// Target is where a message goes.
type Target struct {
	Receiver string   // its name in the configuration, such as slack
	Channel  string   // or address within the receiver; empty for its own default
	Mentions []string `json:",omitempty"` // on-call users or groups to call, by the receiver's ids, when an alert opens or escalates
}

// Thread is the place of a message in a receiver's channel; zero before the
// first message was delivered, and for receivers that have no threads.
type Thread struct {
	Channel string
	TS      string // Slack's timestamp of the message, its identifier within the channel
	Guest   bool   // the message is about another alert first, which alone may change it
	Picture string // Slack's identifier of the picture in the message; empty if it shows none
}

// Event is a step in an alert's life that people are told of.
type Event string

// The events.
const (
	Opened    Event = "opened"
	Escalated Event = "escalated"
	Reopened  Event = "reopened" // the talk spiked again soon after it was resolved
	Repeated  Event = "repeated" // it still fires, and nobody has acknowledged it
	Ended     Event = "resolved"
)

// Message is a notice to people about one event, with all that it shows. It is
// kept as it was at the time of the event, so that a late delivery still tells
// what was seen.
type Message struct {
	ID      int64     `json:"-"` // of the outbox row; also the key by which a repeated delivery is recognised
	Queued  time.Time `json:"-"` // when it was put into the outbox
	Target  Target    // one message, one target
	Event   Event
	Alert   Alert
	At      time.Time
	Drivers []Count    // what the negative mentions are about, most first
	Sources []Count    // where they stand, most first
	Quotes  []Quote    // up to three different stories, the most telling first
	Present *Judgement `json:",omitempty"` // what the alert's rule says of the time At; nil for negative-volume, whose hour ends Trend
	Trend   []Hour     // the hours up to At, oldest first
	Before  []int      `json:",omitempty"` // the negative mentions of each hour before Trend, oldest first: with Trend, 14 days
	Signals []Count    // signals in the negative mentions, most first

	Also  []Alert `json:",omitempty"` // of an opening: alerts of other rules on the same brand that are told with it
	Muted []Alert `json:",omitempty"` // of a critical alert: the warnings on the same brand that are not told because of it

	// Troubles makes it a notice about sources, for operators: its event is Opened
	// for troubles that began, Ended for those that are over, and what tells of an
	// alert is zero.
	Troubles []SourceTrouble `json:",omitempty"`

	// Episode is the crisis that the alert belongs to, as it stood at the time of the
	// event, without its hours; nil if there is none.
	Episode *Episode `json:",omitempty"`

	// Digest makes it a digest: its event is Opened, and what tells of an alert is zero.
	Digest *Digest `json:",omitempty"`
}

// Delivery is a message about an alert and what became of it.
type Delivery struct {
	ID        int64
	Event     Event
	At        time.Time
	Target    Target
	Delivered time.Time // zero while it waits
	Failures  int
	Error     string // of the last delivery that failed; empty if none did
}

// Count is a name with how often it occurs.
type Count struct {
	Name string
	N    int
}

// Quote is a mention as an alert shows it.
type Quote struct {
	Mention int64  `json:",omitempty"` // its number, by which people correct its rating; 0 in a message of an older version
	Text    string // the sentence about the brand, cut to a readable length
	URL     string
	Source  string
	At      time.Time
	Score   float64
	Words   []string // what made the score, strongest first
	Copies  int      // how many copies of the story stand elsewhere
}
