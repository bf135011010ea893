// Package labelled reads texts that people have labelled, and computes how often
// a scorer agrees with them, so that whoever rates, learns or reports speaks of
// the same figures.
package labelled

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"reputed/internal/reputation"
)

// Row is one labelled text.
type Row struct {
	Label reputation.Label // positive, neutral or negative
	Text  string
	Line  int // in its file, from 1
}

// mostErrors bounds how many wrong lines an error names: a file of another kind
// is wrong in all of them.
const mostErrors = 10

// Read reads a table of labelled texts in UTF-8: label<TAB>text, or
// label<TAB>domain<TAB>text where the domain is not kept. All rows have the same
// columns; a label is pos, neu, neg or the whole word, in any case. Empty lines
// and those that begin with # are left out. Name is how errors call the table;
// they tell the line and what to do.
func Read(name string, r io.Reader) ([]Row, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("read labelled texts: %w", err)
	}
	var rows []Row
	var errs []error
	columns, at := 0, 0
	for line := range strings.Lines(strings.TrimPrefix(string(data), "\ufeff")) {
		at++
		line = strings.TrimRight(line, "\r\n")
		if line == "" || line[0] == '#' {
			continue
		}
		row, n, err := parse(line)
		switch {
		case err == nil && columns != 0 && n != columns:
			err = fmt.Errorf("has %d columns where the rows above have %d; write a space for each tab within a text", n, columns)
		case err == nil:
			columns = n
		}
		if err != nil {
			if errs = append(errs, fmt.Errorf("%s:%d: %w", name, at, err)); len(errs) == mostErrors {
				errs = append(errs, fmt.Errorf("%s: not read further", name))
				break
			}
			continue
		}
		row.Line = at
		rows = append(rows, row)
	}
	if len(rows) == 0 && len(errs) == 0 {
		return nil, fmt.Errorf("%s holds no labelled text; write one a line: label<TAB>text, where label is pos, neu or neg", name)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return rows, nil
}

// parse reads one line and tells how many columns it has.
func parse(line string) (row Row, columns int, err error) {
	if !utf8.ValidString(line) {
		return row, 0, errors.New("not in UTF-8; convert the file first, such as with: iconv -f GB18030 -t UTF-8")
	}
	fields := strings.Split(line, "\t")
	if row.Label, err = label(fields[0]); err != nil {
		return row, 0, err
	}
	if len(fields) != 2 && len(fields) != 3 {
		return row, 0, fmt.Errorf("want label<TAB>text or label<TAB>domain<TAB>text; the line has %d column(s)", len(fields))
	}
	row.Text = fields[len(fields)-1]
	return row, len(fields), nil
}

func label(s string) (reputation.Label, error) {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "pos", "positive":
		return reputation.Positive, nil
	case "neu", "neutral":
		return reputation.Neutral, nil
	case "neg", "negative":
		return reputation.Negative, nil
	}
	return "", fmt.Errorf("label %.40q is none of pos, neu, neg (or positive, neutral, negative); the label comes first, then a tab; a header line begins with #", s)
}
