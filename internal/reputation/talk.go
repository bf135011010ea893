package reputation

import "time"

// Talk is what was said of a brand, hour by hour, oldest first, in all that rules
// judge. All its lists are as long as Hours.
type Talk struct {
	Since    time.Time        // of the first mention ever; zero if there is none
	To       time.Time        // end of the last hour
	Hours    []Hour           // counts of the hours
	Positive []int            // positive mentions
	Drivers  map[string][]int // by driver, negative mentions that are about it
	Signals  map[string][]int // by signal, mentions that carry it
	Rivals   []int            // mentions of the brand's competitors; nil if it has none
}

// Window is the n hours of the talk that end before the hour with an index, or as
// many as there are. It shares its lists with the talk.
func (t Talk) Window(end, n int) Talk {
	from := max(0, end-n)
	part := t
	part.To = t.To.Add(-time.Duration(len(t.Hours)-end) * time.Hour)
	part.Hours, part.Positive = t.Hours[from:end], t.Positive[from:end]
	part.Drivers, part.Signals = cutEach(t.Drivers, from, end), cutEach(t.Signals, from, end)
	if t.Rivals != nil {
		part.Rivals = t.Rivals[from:end]
	}
	return part
}

func cutEach(lists map[string][]int, from, end int) map[string][]int {
	parts := make(map[string][]int, len(lists))
	for name, list := range lists {
		parts[name] = list[from:end]
	}
	return parts
}
