package sentiment

import (
	"fmt"
	"io"
	"io/fs"
	"strings"
)

// Entry is one line of a table of valences: what a team adds of its own words, or
// what was learned.
type Entry struct {
	Term  string  // in normal form
	Value float64 // valence, in [-4, 4]; 0 takes the term's valence away
}

// ReadEntries reads a table of valences, one term<TAB>valence a line, and returns
// its entries in the order of the table. The error lists every line that does not
// parse, with the name of the table and the line's number.
func ReadEntries(name string, table io.Reader, n *Normaliser) ([]Entry, error) {
	data, err := io.ReadAll(table)
	if err != nil {
		return nil, fmt.Errorf("read lexicon table %s: %w", name, err)
	}
	var entries []Entry
	lines := strings.TrimPrefix(string(data), "\ufeff") // some editors begin a file with it
	err = readLines(name, lines, n, func(term string, fields []string) error {
		valence, err := number(fields, 0, -4, 4)
		if err == nil {
			entries = append(entries, Entry{Term: term, Value: valence})
		}
		return err
	})
	return entries, err
}

func readEntries(files fs.FS, name string, n *Normaliser) ([]Entry, error) {
	table, err := files.Open(name)
	if err != nil {
		return nil, fmt.Errorf("read lexicon table %s: %w", name, err)
	}
	defer table.Close()
	return ReadEntries(name, table, n)
}

// With returns a lexicon in which the entries stand besides, or instead of, those
// of l. Rules and loyalty tables are those of l, which does not change.
func (l *Lexicon) With(entries []Entry) *Lexicon {
	with := *l
	with.words = l.words.clone()
	with.add(entries)
	return &with
}

func (l *Lexicon) add(entries []Entry) {
	for _, e := range entries {
		l.words.entry(e.Term).valence = e.Value
	}
}
