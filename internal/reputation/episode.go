package reputation

import "time"

// Phase is where an episode of a crisis stands.
type Phase string

// The phases, in the order in which a crisis runs through them. A long tail that
// rises again goes back to the outbreak or the spread.
const (
	Latent   Phase = "latent"    // first signs, at most two hours before the rise
	Outbreak Phase = "outbreak"  // the rise, as alerts judge it
	Spread   Phase = "spread"    // many sources, or the media, have joined
	LongTail Phase = "long_tail" // below half of the peak
	Over     Phase = "over"      // back in the usual band for 24 hours
)

// Episode is a crisis of a brand: one stretch of unusual negative talk. Its hours are
// whole ones of the clock in UTC; of the last, what was said so far counts.
type Episode struct {
	ID    int64 // 0 before it is stored
	Brand string

	Began    time.Time // start of the first hour with signs
	Outbreak time.Time // start of the hour of the rise; zero while it is latent
	Phase    Phase     // at the time of the last hour
	Since    time.Time // start of the hour from which on the phase has lasted
	PeakAt   time.Time // start of the hour with the most negative mentions
	Peak     int       // negative mentions in that hour
	Calm     time.Time // start of the calm that ended it; zero before it is over
	OverAt   time.Time // end of the 24 hours of that calm; zero before it is over

	Expected float64 // negative mentions an hour that were usual when it began
	Upper    float64 // upper edge of the usual band, negative mentions an hour

	// Counted from Began to the end of the last hour beyond the usual band.
	Mentions  int // all mentions of the brand
	Negative  int
	Defenders int // mentions that defend the brand
	Attackers int // negative mentions that do not

	Sources []EpisodeSource // in order of arrival: the first one started it
	Drivers []Count         // what the negative mentions are about, most first

	Hours []EpisodeHour `json:",omitempty"` // oldest first; a message keeps none
}

// EpisodeSource is a source that took part in an episode: it brought more negative
// mentions than it usually does.
type EpisodeSource struct {
	Source   string
	Media    bool      // a publisher's own site
	At       time.Time // publication of its first negative mention in the hour of its arrival
	Mention  int64     // number of that mention
	URL      string    // where it stands; may be empty
	Negative int       // its negative mentions
}

// EpisodeHour is an hour of an episode.
type EpisodeHour struct {
	Hour      time.Time // its start
	Phase     Phase
	Mentions  int
	Negative  int
	Defenders int
	Attackers int
}

// Resilience is the share of those who defend the brand among all who take a side,
// in [0, 1], and false if nobody does.
func (e Episode) Resilience() (share float64, ok bool) {
	if e.Defenders+e.Attackers == 0 {
		return 0, false
	}
	return float64(e.Defenders) / float64(e.Defenders+e.Attackers), true
}

// ToBaseline is the time from the beginning to the start of the calm that ended the
// episode; zero before it is over.
func (e Episode) ToBaseline() time.Duration {
	if e.Calm.IsZero() {
		return 0
	}
	return e.Calm.Sub(e.Began)
}

// TalkHour is what was said of a brand in a whole hour of the clock.
type TalkHour struct {
	Hour     time.Time // its start
	Mentions int
	Negative int
	Sources  map[string]int // negative mentions of each source that has some
	Alarm    bool           // an alert on the volume of negative mentions was opened in it
}

// TalkDetail is more of an hour, which is read where an episode needs it.
type TalkDetail struct {
	Stories   int // of the negative mentions, those that are no copies
	Defenders int // mentions with the signal defence
	Attackers int // negative mentions without it
	Drivers   map[string]int
	First     map[string]EpisodeSource // of each source its first negative mention; Negative is not set
}
