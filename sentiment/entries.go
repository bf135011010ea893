package sentiment

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
)

// Entry is one line of a table of valences: what a team adds of its own words, or
// what was learned.
type Entry struct {
	// Term is in normal form. 不_ before a term is that term after a negator.
	Term string
	// Value is the valence, in [-4, 4]; 0 takes the term's valence away.
	Value float64
	// Hint says that the term leans to one side without evaluating anything: it
	// counts once a text, and no rule touches it. It is a word, two neighbouring
	// words joined by _ (再次_光临), or after *_ one or two Chinese characters
	// wherever they stand.
	Hint bool
}

// denied is what the term of an entry for a term after a negator begins with.
const denied = "不" + join

// ReadEntries reads a table of valences, one term<TAB>valence a line, with a third
// field hint where Entry.Hint is meant (any other is a note), and returns its
// entries in the order of the table. The error lists every line that does not
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
		e := Entry{Term: term, Value: valence, Hint: len(fields) > 1 && fields[1] == "hint"}
		switch {
		case err != nil:
			return err
		case e.Hint && strings.Count(term, join) > 1:
			return errors.New("a hint has at most two words")
		case term == denied:
			return errors.New("names no term after the negator")
		}
		entries = append(entries, e)
		return nil
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
	with.hints = l.hints.clone()
	with.add(entries)
	return &with
}

// add takes the valences first: a valence undoes what was known of its term as a
// hint or after a negator.
func (l *Lexicon) add(entries []Entry) {
	for _, e := range entries {
		if !e.Hint && !strings.HasPrefix(e.Term, denied) {
			known := l.words.entry(e.Term)
			known.valence, known.denied = e.Value, 0
			l.hints.set(e.Term, 0)
		}
	}
	for _, e := range entries {
		if term, ok := strings.CutPrefix(e.Term, denied); e.Hint {
			l.hints.set(e.Term, e.Value)
		} else if ok {
			l.words.entry(term).denied = e.Value
		}
	}
}
