package sentiment

import (
	"fmt"
	"io/fs"
	"slices"
	"unicode/utf8"

	"reputed/internal/reputation"
)

// leanings are what single words tell of drivers, stages and signals, a little
// each: weights learned from labelled sentences, beside the phrases of the tables.
type leanings struct {
	words *terms[[tables]votes]
	base  [tables][most]float64 // what is told before any word is
}

const (
	// unclear stands among the drivers and stages for none of them.
	unclear = "unclear"
	// anyText stands for the word of a base.
	anyText = "*"
	// fewLean is how many leaning words of a sentence count in full; of more the mean
	// counts as much as that many.
	fewLean = 24
)

// kinds are the tables that leanings are for, by name. No leaning raises a risk.
var kinds = [...]string{drivers: "driver", stages: "stage", signalTable: "signal"}

func newLeanings() leanings { return leanings{words: newTerms[[tables]votes]()} }

// loadLeanings reads the table of leanings: kind, name, word and weight.
func (l *Lexicon) loadLeanings(files fs.FS, n *Normaliser) error {
	return readTable(files, "loyalty/learned.tsv", n, func(kind string, fields []string) error {
		in := slices.Index(kinds[:], kind)
		if in < 0 || len(fields) != 3 {
			return fmt.Errorf("want one of %v, name, word and weight", kinds)
		}
		name := nameIn(table(in), fields[0])
		if name < 0 || table(in) == signalTable && name == risk {
			return fmt.Errorf("%s is not the name of a %s", fields[0], kind)
		}
		weight, err := number(fields, 2, -20, 20)
		if err != nil {
			return err
		}
		if fields[1] == anyText {
			l.leanings.base[in][name] = weight
			return nil
		}
		word, _ := n.Normalise(fields[1])
		known := l.leanings.words.entry(word)
		known[in] = append(known[in], vote{name: uint8(name), weight: weight})
		return nil
	})
}

// nameIn returns the index of a name of a table, -1 if there is none.
func nameIn(in table, name string) int {
	if in != signalTable && name == unclear {
		return len(namesOf[in])
	}
	return slices.Index(namesOf[in], name)
}

// find appends what the words of a text lean to, in its order and each word once.
func (l *leanings) find(t reputation.Text, list []found, seen *seen) []found {
	seen.reset()
	sentence := 0
	for i, w := range t.Words {
		text := t.Norm[w.Start:w.End]
		if first, _ := utf8.DecodeRuneInString(text); endsSentence(first) {
			sentence++
		}
		known := l.words.find(text)
		if known == nil || !seen.add(hashOf(text)) {
			continue
		}
		for in, v := range known {
			if v != nil {
				list = append(list, found{votes: v, start: w.Start, end: w.End, word: i, table: table(in), leaning: true, sentence: sentence})
			}
		}
	}
	return list
}
