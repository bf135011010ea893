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
	Risks    []Risk           // of each hour the risk word that counts for most; nil if they are not known
}

// Risk is a risk word, such as one of a fire or a recall, and how many may have read
// it. It counts for the product of the two.
type Risk struct {
	Severity float64 // in [0, 1]; 0 if there was none from a source whose readers are known
	Readers  float64 // a day, of the source that brought it
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
	if t.Risks != nil {
		part.Risks = t.Risks[from:end]
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
