package reputation

import "time"

// Backlog is what waits for a channel of a receiver.
type Backlog struct {
	Receiver, Channel string
	Messages          int       // that wait
	Since             time.Time // the oldest of them was put into the outbox then
	Failures          int       // deliveries of one of them that failed, at most
	Error             string    // why the last of them failed; empty if none did
}
