package sentiment

import (
	"cmp"
	"fmt"
	"io/fs"
	"slices"

	"reputed/internal/reputation"
)

// The names that the tables may use, in the order in which ties are decided and
// signals are listed.
var (
	driverNames = [...]string{"trust", "responsibility", "service", "quality", "delivery", "price", "membership", "purchase", "community", "experience"}
	stageNames  = [...]string{"relationship", "delivery", "purchase", "promise"}
	signalNames = [...]string{"advocacy", "repurchase", "churn", "boycott", "complaint", "gap", "defence", "risk"}
)

// namesOf are the names of each table.
var namesOf = [tables][]string{driverNames[:], stageNames[:], signalNames[:], signalNames[:]}

// Indices into stageNames and signalNames, for the rules.
const (
	relationship, received, sale, promise = 0, 1, 2, 3

	advocacy, repurchase, churn, boycott, gap, risk = 0, 1, 2, 3, 5, 7

	most = len(driverNames) + 1 // names of a table, and unclear
)

// usualStage is where each driver is met when the text does not say; -1 is
// nowhere. It is a fact of the loyalty loop: a price is met at the sale, a defect
// in the thing received, a membership while staying.
var usualStage = [...]int{relationship, -1, relationship, received, received, sale, relationship, sale, relationship, received}

const (
	// surest is the weight beyond which phrases make a driver or stage no surer, and
	// raisedFully the same for a signal.
	surest, raisedFully = 6, 3
	// alarming is the severity that the risk words of a text need together: one
	// early sign (过敏) wakes nobody.
	alarming = 2
	// topicFactor is how much more the first clause counts for the driver: talk
	// names its topic first.
	topicFactor = 1.5
	// staying is the weight by which leaving or buying again speaks from the
	// relationship.
	staying = 2
	// usualWeight is the weight by which a driver speaks for its usual stage.
	usualWeight = 2
	// worthTelling is the weight that a vote needs to be shown as evidence.
	worthTelling = 0.3
	// overlaps is how many phrases are looked at for one that overlaps another.
	overlaps = 16
)

// loadLoyalty reads the tables of why customers stay or leave: phrases of the
// drivers of loyalty, of the stages of its loop, of signals, and risk words.
func (l *Lexicon) loadLoyalty(files fs.FS, n *Normaliser) []error {
	load := func(file string, in table, names []string) error {
		return readTable(files, "loyalty/"+file, n, func(name string, fields []string) error {
			i := slices.Index(names, name)
			if i < 0 {
				return fmt.Errorf("not one of %v", names)
			}
			if len(fields) < 2 {
				return fmt.Errorf("want %s<TAB>term<TAB>weight", name)
			}
			weight, err := number(fields, 1, 0, 3)
			if err != nil {
				return err
			}
			term, _ := n.Normalise(fields[0])
			return l.phrases.add(in, term, vote{name: uint8(i), weight: weight})
		})
	}
	return []error{
		load("drivers.tsv", drivers, driverNames[:]),
		load("stages.tsv", stages, stageNames[:]),
		load("signals.tsv", signalTable, signalNames[:risk]),
		l.loadLeanings(files, n),
		readTable(files, "loyalty/risk.tsv", n, func(term string, fields []string) error {
			severity, err := number(fields, 0, 0, 3)
			if err != nil {
				return err
			}
			return l.phrases.add(risks, term, vote{name: risk, weight: severity})
		}),
	}
}

// Loyalty reads what a text says of a customer's loyalty, with the phrases and words
// that say it.
func (s *Scorer) Loyalty(t reputation.Text) reputation.Loyalty {
	w := s.workspaces.Get().(*workspace)
	defer s.workspaces.Put(w)
	l := s.lexicon
	list := l.phrases.find(t, w.found[:0])
	list = slices.DeleteFunc(list, func(f found) bool { return l.unreal(t, f) })
	list = l.leanings.find(t, list, &w.seen)

	driver := heaviest(l.weigh(list, drivers, firstPause(t)), driverNames[:])
	signals := raised(l.weigh(list, signalTable, 0), list)
	list = implied(list, driver, signals)
	stage := heaviest(l.weigh(list, stages, 0), stageNames[:])
	w.found = list

	var said reputation.Loyalty
	if driver >= 0 {
		said.Driver = driverNames[driver]
	}
	if stage >= 0 {
		said.Stage = stageNames[stage]
	}
	for i, yes := range signals {
		if yes {
			said.Signals = append(said.Signals, signalNames[i])
		}
	}
	said.Evidence = evidenceOf(t, list, func(in table, name int) bool {
		switch in {
		case drivers:
			return name == driver
		case stages:
			return name == stage
		}
		return signals[name]
	})
	return said
}

// ballot is what a text tells of the names of one table, by phrases and by the
// leanings of its words.
type ballot struct{ phrases, leanings [most]float64 }

// weigh adds up the votes of one table; those of phrases before topic count more. Of
// the leanings, those of the sentence that says most for a name count.
func (l *Lexicon) weigh(list []found, in table, topic int) ballot {
	var b ballot
	sentences := 0
	for i := 0; i < len(list); i++ {
		switch f := list[i]; {
		case f.table != in:
		case f.leaning:
			var words [most]float64
			words, i = leaningsOf(list, i)
			for name, weight := range words {
				if sentences == 0 || weight > b.leanings[name] {
					b.leanings[name] = weight
				}
			}
			sentences++
		default:
			factor := 1.0
			if f.start < topic {
				factor = topicFactor
			}
			for _, v := range f.votes {
				b.phrases[v.name] += v.weight * factor
			}
		}
	}
	for name, weight := range l.leanings.base[in] {
		b.leanings[name] += weight
	}
	return b
}

// leaningsOf adds up the leanings of the sentence that the one at index i of the list
// begins, for the names of its table. It also returns the index of the last of them.
func leaningsOf(list []found, i int) (sums [most]float64, last int) {
	first, count := list[i], 0
	for ; i < len(list) && list[i].leaning && list[i].sentence == first.sentence; i++ {
		if list[i].table != first.table {
			continue
		}
		count++
		for _, v := range list[i].votes {
			sums[v.name] += v.weight
		}
	}
	if count > fewLean {
		for name := range sums {
			sums[name] *= fewLean / float64(count)
		}
	}
	return sums, i - 1
}

// firstPause returns where the first clause of a text ends.
func firstPause(t reputation.Text) int {
	for _, w := range t.Words {
		if w.Start > 0 && pauseOf(t.Norm[w.Start:w.End]) != noPause {
			return w.Start
		}
	}
	return len(t.Norm)
}

// heaviest returns which of the names weighs most, or -1 where more speaks for none
// of them: what leans to unclear, less what the surest name has of phrases.
func heaviest(b ballot, names []string) int {
	best, weight, said := -1, 0.0, 0.0
	for name := range names {
		phrases := min(b.phrases[name], surest)
		if w := phrases + b.leanings[name]; best < 0 || w > weight {
			best, weight = name, w
		}
		said = max(said, phrases)
	}
	if b.leanings[len(names)]+b.phrases[len(names)]-said >= weight {
		return -1
	}
	return best
}

// raised tells which signals a text raises. A risk is raised by phrases alone.
func raised(b ballot, list []found) (yes [len(signalNames)]bool) {
	for name := range signalNames {
		yes[name] = min(b.phrases[name], raisedFully)+b.leanings[name] > 0
	}
	severity, told := 0.0, (*vote)(nil)
	for _, f := range list {
		if f.table == risks && &f.votes[0] != told && severity < alarming { // one early sign stays one when it is told twice
			told = &f.votes[0]
			severity += told.weight
		}
	}
	yes[risk] = severity >= alarming
	return yes
}

// implied adds the votes for a stage that the driver and the signals cast: each
// driver has a usual stage, and leaving or buying again speaks from the
// relationship.
func implied(list []found, driver int, signals [len(signalNames)]bool) []found {
	first := func(in table, name int) (f found) {
		for _, f = range list {
			if f.table == in && slices.ContainsFunc(f.votes, func(v vote) bool { return int(v.name) == name }) {
				break
			}
		}
		return f
	}
	add := func(f found, stage int, weight float64, by string) {
		v := vote{uint8(stage), weight, by}
		list = append(list, found{votes: votes{v}, table: stages, start: f.start, end: f.end, word: f.word})
	}
	if driver >= 0 && usualStage[driver] >= 0 {
		add(first(drivers, driver), usualStage[driver], usualWeight, driverNames[driver])
	}
	switch {
	case signals[churn]:
		add(first(signalTable, churn), relationship, staying, signalNames[churn])
	case signals[boycott]: // a call to others speaks from no stage
		add(first(signalTable, boycott), len(stageNames), staying, signalNames[boycott])
	case signals[repurchase]:
		add(first(signalTable, repurchase), relationship, staying, signalNames[repurchase])
	}
	return list
}

// evidenceOf lists the votes for what was named that tell something, in the order of
// the text. Of overlapping phrases that speak for the same, the first found stands.
func evidenceOf(t reputation.Text, list []found, named func(in table, name int) bool) []reputation.Evidence {
	var evidence []reputation.Evidence
	for i, f := range list {
		for _, v := range f.votes {
			if v.weight < worthTelling || !named(f.table, int(v.name)) || repeated(list[:i], f, v) {
				continue
			}
			start, end := t.Original(f.start, f.end)
			evidence = append(evidence, reputation.Evidence{
				Term: t.Raw[start:end], Weight: v.weight, Start: start, End: end, Rule: v.rule(f.table),
			})
		}
	}
	slices.SortStableFunc(evidence, func(a, b reputation.Evidence) int { return cmp.Compare(a.Start, b.Start) })
	return evidence
}

// repeated tells whether one of the last phrases before f that overlap it casts
// the same vote.
func repeated(before []found, f found, v vote) bool {
	return slices.ContainsFunc(before[max(0, len(before)-overlaps):], func(b found) bool {
		return b.table == f.table && b.start < f.end && f.start < b.end &&
			slices.Contains(b.votes, v)
	})
}
