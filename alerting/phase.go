package alerting

import "reputed/internal/reputation"

// phaseOf is the phase of the crisis that a message advises for: that of its episode.
// While an alert has none, what happened to the alert tells.
func phaseOf(m reputation.Message) reputation.Phase {
	if m.Episode != nil {
		return m.Episode.Phase
	}
	switch m.Event {
	case reputation.Escalated:
		return reputation.Spread
	case reputation.Ended:
		return reputation.Over
	}
	return reputation.Outbreak
}

// advise is what people can do now, in two lines.
func (p phrases) advise(m reputation.Message) []string {
	if m.Event == reputation.Repeated {
		return p.unanswered
	}
	return p.advices[phaseOf(m)]
}
