package reputation

import "time"

// Matcher compares a label of an alert with a value.
type Matcher struct {
	Label string `json:"label"` // brand, rule, severity or driver
	Op    string `json:"op"`    // =, !=, =~ or !~; the last two take the value as a regular expression for the whole label
	Value string `json:"value"`
}

// Silence keeps people from being told of the alerts that all its matchers fit,
// from one time to another.
type Silence struct {
	ID       int64 // 0 before it is stored
	Matchers []Matcher
	Author   string // who made it
	Reason   string
	From     time.Time // inclusive
	Until    time.Time // exclusive; earlier than it was planned if somebody ended it
	EndedBy  string    // who ended it before its time; empty if nobody did
}

// Drivers are the names of what talk is about, as mentions and alerts hold them.
func Drivers() []string {
	return []string{"quality", "service", "price", "delivery", "purchase", "experience", "membership", "community", "trust", "responsibility"}
}
