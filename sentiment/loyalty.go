package sentiment

import (
	"cmp"
	"fmt"
	"io/fs"
	"slices"
	"strconv"

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

	most = len(driverNames) // names of a table
)

// usualStage is where each driver is met when the text does not say; -1 is
// nowhere. It is a fact of the loyalty loop: a price is met at the sale, a defect
// in the thing received, a membership while staying.
var usualStage = [...]int{relationship, -1, relationship, received, received, sale, relationship, sale, relationship, received}

const (
	// certain is the weight that a driver, stage or signal needs to be named.
	certain = 1
	// alarming is the severity that the risk words of a text need together: one
	// early sign (过敏) wakes nobody.
	alarming = 2
	// staying is the weight by which leaving or buying again speaks from the
	// relationship.
	staying = 2
	// usualWeight is the weight by which a driver speaks for its usual stage.
	usualWeight = 2
	// denialScope is how many words may stand between a negator and the phrase
	// that it denies.
	denialScope = 2
	// clauseScope is how many words around a phrase are searched for the end of
	// its clause.
	clauseScope = 12
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
			return l.phrases.add(in, term, vote{uint8(i), weight})
		})
	}
	return []error{
		load("drivers.tsv", drivers, driverNames[:]),
		load("stages.tsv", stages, stageNames[:]),
		load("signals.tsv", signals, signalNames[:risk]),
		readTable(files, "loyalty/risk.tsv", n, func(term string, fields []string) error {
			severity, err := number(fields, 0, 0, 3)
			if err != nil {
				return err
			}
			return l.phrases.add(risks, term, vote{risk, severity})
		}),
	}
}

// Loyalty reads what a text says of a customer's loyalty, with the phrases that
// say it.
func (s *Scorer) Loyalty(t reputation.Text) reputation.Loyalty {
	var space [64]found
	list := s.lexicon.phrases.find(t, space[:0])
	list = slices.DeleteFunc(list, func(f found) bool { return s.lexicon.unreal(t, f) })

	var said reputation.Loyalty
	driver := heaviest(sum(list, drivers))
	signals := raised(list)
	stage, usual := stageOf(list, driver, signals)
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
	_ = usual
	return said
}

// sum adds up the votes of one table.
func sum(list []found, in table) (sums [most]float64) {
	for _, f := range list {
		if f.table == in {
			for _, v := range f.votes {
				sums[v.name] += v.weight
			}
		}
	}
	return sums
}

// heaviest returns the name that weighs most and enough to be certain, or -1.
func heaviest(sums [most]float64) int {
	best := -1
	for name, weight := range sums {
		if weight >= certain && (best < 0 || weight > sums[best]) {
			best = name
		}
	}
	return best
}

// raised tells which signals the phrases raise.
func raised(list []found) (yes [len(signalNames)]bool) {
	sums := sum(list, signals)
	for name := range signalNames {
		yes[name] = sums[name] >= certain
	}
	yes[risk] = sum(list, risks)[risk] >= alarming
	return yes
}

// stageOf returns the stage that a text speaks from, -1 if unclear, and whether
// only the driver speaks for it.
func stageOf(list []found, driver int, signals [len(signalNames)]bool) (stage int, usual bool) {
	sums := sum(list, stages)
	if signals[gap] {
		sums[promise] = 0 // a broken promise is felt later than it is made
	}
	if signals[boycott] && !signals[churn] {
		return -1, false // a call to others speaks from no stage
	}
	if signals[churn] || signals[repurchase] {
		sums[relationship] += staying
	}
	said := sums
	if driver >= 0 && usualStage[driver] >= 0 {
		sums[usualStage[driver]] += usualWeight
	}
	stage = heaviest(sums)
	return stage, stage >= 0 && said[stage] == 0
}

// unreal tells of a signal that the text denies, supposes or asks for: 没有起火,
// 如果爆炸, 推荐吗.
func (l *Lexicon) unreal(t reputation.Text, f found) bool {
	if f.table != signals && f.table != risks {
		return false
	}
	name := f.votes[0].name
	words := 0
	for i := f.word - 1; i >= 0 && words < clauseScope; i-- {
		w := t.Words[i]
		text := t.Norm[w.Start:w.End]
		if pauseOf(text) != noPause {
			break
		}
		if text == " " {
			continue
		}
		e, end := l.words.longest(t.Norm, t.Words[i:f.word], w.Start)
		if e != nil && end > 0 {
			if e.negates != 0 && words <= denialScope || name == risk && e.turn == irrealis {
				return true
			}
		}
		words++
	}
	if name != risk && name != advocacy && name != repurchase {
		return false
	}
	for i := f.word; i < len(t.Words) && i < f.word+clauseScope; i++ {
		if t.Words[i].Start < f.end {
			continue
		}
		text := t.Norm[t.Words[i].Start:t.Words[i].End]
		switch p := pauseOf(text); {
		case p == question || text == "吗":
			return true
		case p != noPause:
			return false
		}
	}
	return false
}

// evidenceOf lists the votes for what was named, in the order of the text.
func evidenceOf(t reputation.Text, list []found, named func(in table, name int) bool) []reputation.Evidence {
	var evidence []reputation.Evidence
	for _, f := range list {
		for _, v := range f.votes {
			if !named(f.table, int(v.name)) {
				continue
			}
			start, end := t.Original(f.start, f.end)
			evidence = append(evidence, reputation.Evidence{
				Term: t.Raw[start:end], Weight: v.weight, Start: start, End: end, Rule: ruleOf(f.table, v),
			})
		}
	}
	slices.SortStableFunc(evidence, func(a, b reputation.Evidence) int { return cmp.Compare(a.Start, b.Start) })
	return evidence
}

// ruleOf puts a vote into words: driver service +2.
func ruleOf(in table, v vote) string {
	kind := [tables]string{"driver", "stage", "signal", "severity of"}[in]
	return kind + " " + namesOf[in][v.name] + " +" + strconv.FormatFloat(v.weight, 'g', 3, 64)
}
