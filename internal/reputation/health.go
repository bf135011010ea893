package reputation

import "time"

// Trouble is why a source does not deliver.
type Trouble string

// The troubles.
const (
	Gone       Trouble = "gone"       // the publisher has removed it for good (status 410)
	Blocked    Trouble = "blocked"    // a login page or a refusal stands in the way
	Format     Trouble = "format"     // what comes is no feed any more
	Selector   Trouble = "selector"   // a selector finds nothing on the page
	Unreadable Trouble = "unreadable" // it fails for hours, whatever the cause
	Silent     Trouble = "silent"     // it is read, and brings nothing for longer than its habit
)

// Poll is the outcome of one poll of a source, for its health.
type Poll struct {
	Source  string
	At      time.Time // when it ended
	Arrived int       // items that the source did not list before; 0 at its first poll
	Failed  bool      // the source could not be read
	Error   string    // what went wrong, also with a part of what the source lists; empty if nothing
	Trouble Trouble   // what kind of failure, where the error tells it
	Next    time.Time // when it is polled next; zero if nothing is planned
}

// Arrival is an hour in which a source brought new items.
type Arrival struct {
	Hour  time.Time // its beginning
	Items int       // 0 marks that nobody read the source from this hour on: what follows is no silence
}

// Arrivals is when a source brought something new.
type Arrivals struct {
	Source string
	Since  time.Time // its first poll
	Hours  []Arrival // oldest first, of the last four weeks
}

// SourceHealth is how a source fares.
type SourceHealth struct {
	Name, Kind, URL string

	State        string    // "new", "ok", "retrying", "retired", or the trouble that is under way
	LastSuccess  time.Time // of a poll; zero if none
	LastItem     time.Time // the last poll that brought a new item; zero if none did
	NextPoll     time.Time // zero if nothing is planned
	ItemsADay    float64   // new items, mean of the last seven days
	Failures     int       // polls in a row that failed
	FailingSince time.Time // the first of them; zero if the last poll succeeded
	Error        string    // of the last poll; empty if it succeeded
	Fault        Trouble   // what kind of error, where it is known
	QuietUntil   time.Time // up to here its silence is usual; zero while that is not known
	Trouble      Trouble   // under way, people were told; empty if none
	Since        time.Time // when the trouble began; zero if none
}

// SourceTrouble is a trouble of a source, as a notice tells it.
type SourceTrouble struct {
	Source   string
	URL      string
	Trouble  Trouble
	Began    time.Time
	Over     time.Time // zero while it is under way
	LastItem time.Time // the last poll that brought a new item; zero if none did
	Cause    string    // the error; empty of a silence
}
