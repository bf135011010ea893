package sentiment

import (
	"fmt"
	"io/fs"
	"slices"

	"reputed/internal/reputation"
)

// loyalty is what the lexicon knows of why customers stay or leave: terms of the
// drivers of loyalty, of the stages of its loop, of signals, and risk words.
type loyalty struct {
	drivers, stages, signals *terms[votes]
	risks                    *terms[float64] // severity, 1 to 3
}

func newLoyalty() loyalty {
	return loyalty{newTerms[votes](), newTerms[votes](), newTerms[votes](), newTerms[float64]()}
}

// votes are the names that a term speaks for, with weights.
type votes []vote

type vote struct {
	name   string
	weight float64
}

// The names that tables may use, in the order in which ties are decided.
var (
	driverNames = [...]string{"trust", "responsibility", "service", "quality", "delivery", "price", "membership", "purchase", "community", "experience"}
	stageNames  = [...]string{"relationship", "delivery", "purchase", "promise"}
	signalNames = [...]string{"advocacy", "repurchase", "churn", "boycott", "complaint", "gap", "defence"}
)

// risk is the signal of a risk word: one that is grave for a brand by itself.
const risk = "risk"

func (l *loyalty) load(files fs.FS, n *Normaliser) []error {
	table := func(name string, names []string, d *terms[votes]) error {
		return readTable(files, "loyalty/"+name, n, func(kind string, fields []string) error {
			if !slices.Contains(names, kind) {
				return fmt.Errorf("not one of %v", names)
			}
			if len(fields) < 2 {
				return fmt.Errorf("want %s<TAB>term<TAB>weight", kind)
			}
			weight, err := number(fields, 1, 0.1, 3)
			if err != nil {
				return err
			}
			term, _ := n.Normalise(fields[0])
			if term == "" {
				return fmt.Errorf("the term is empty")
			}
			entry := d.entry(term)
			*entry = append(*entry, vote{kind, weight})
			return nil
		})
	}
	return []error{
		table("drivers.tsv", driverNames[:], l.drivers),
		table("stages.tsv", stageNames[:], l.stages),
		table("signals.tsv", signalNames[:], l.signals),
		readTable(files, "loyalty/risk.tsv", n, func(term string, fields []string) error {
			severity, err := number(fields, 0, 1, 3)
			*l.risks.entry(term) = severity
			return err
		}),
	}
}

// certain is the weight that a driver or stage needs to be named.
const certain = 1

// Loyalty reads what a text says of a customer's loyalty: the driver it is about
// and the stage of the loyalty loop it speaks from, each empty if unclear, and its
// signals in a fixed order.
func (s *Scorer) Loyalty(t reputation.Text) (driver, stage string, signals []string) {
	l := &s.lexicon.loyalty
	driver = heaviest(t, l.drivers, driverNames[:])
	stage = heaviest(t, l.stages, stageNames[:])
	sums := map[string]float64{}
	each(t, l.signals, func(v votes) {
		for _, one := range v {
			sums[one.name] += one.weight
		}
	})
	for _, name := range signalNames {
		if sums[name] >= certain {
			signals = append(signals, name)
		}
	}
	found := false
	each(t, l.risks, func(float64) { found = true })
	if found {
		signals = append(signals, risk)
	}
	return driver, stage, signals
}

// heaviest returns the name whose terms weigh most in the text, or "".
func heaviest(t reputation.Text, d *terms[votes], names []string) string {
	sums := map[string]float64{}
	each(t, d, func(v votes) {
		for _, one := range v {
			sums[one.name] += one.weight
		}
	})
	best := ""
	for _, name := range names {
		if sums[name] >= certain && (best == "" || sums[name] > sums[best]) {
			best = name
		}
	}
	return best
}

// each calls f for the longest term at each word of the text, without overlaps.
func each[T any](t reputation.Text, d *terms[T], f func(T)) {
	past := 0
	for i, w := range t.Words {
		if w.Start < past {
			continue
		}
		if v, end := d.longest(t.Norm, t.Words[i:], w.Start); v != nil {
			f(*v)
			past = end
		}
	}
}
