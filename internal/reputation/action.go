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
