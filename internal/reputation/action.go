package reputation

import "time"

// Action is what a person did about an alert or a mention.
type Action struct {
	At      time.Time
	By      string // who: Slack's identifier of the user, or another name
	Via     string // where: "slack"
	What    Deed
	Alert   int64  // its number; 0 if it is about none
	Mention int64  // its number; 0 if it is about none
	Detail  string // of a silence its end and matchers, of a correction the label, of a command its words
}

// Deed is a kind of action.
type Deed string

// The deeds.
const (
	Acknowledged Deed = "acknowledge"
	Muted        Deed = "mute"    // a silence was made
	Unmuted      Deed = "unmute"  // a silence was ended
	Corrected    Deed = "correct" // a rating was corrected
	AskedMore    Deed = "more"    // more excerpts were read
	Commanded    Deed = "command" // a slash command that only asks
)

// Correction is what a person said of a mention's label.
type Correction struct {
	Mention int64 // mentions.id; 0 if the mention was deleted since
	Brand   string
	Content string    // the text that was rated
	Score   float64   // as it was rated, in [-1, 1]; it stays
	Rated   Label     // as it was rated
	Before  Label     // in force until this correction; empty where corrections are read
	Label   Label     // what the person said
	By      string    // who
	At      time.Time // when
}
