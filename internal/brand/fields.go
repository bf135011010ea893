package brand

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"reputed/internal/reputation"
)

// Fields knows which words tell what field a text talks of: electronics, food,
// hotels. It settles whether a name that is also an ordinary word is meant as the
// brand where the user's own context words say nothing.
type Fields struct {
	terms map[string][]vote
}

// vote is how surely a term speaks of a field.
type vote struct {
	field  string
	weight float64
}

const (
	// everywhere is the field of words that stand in every review, whatever it is
	// of; they tell nothing.
	everywhere = "logistics-shopping"
	// widestTerm is how many words a term has at most.
	widestTerm = 6
)

// ReadFields reads a table "field<TAB>term<TAB>weight" with comment lines that
// begin with "# ". The function normal brings a term into the form of
// reputation.Text.Norm.
func ReadFields(table io.Reader, normal func(string) string) (*Fields, error) {
	f := &Fields{terms: map[string][]vote{}}
	lines := bufio.NewScanner(table)
	for number := 1; lines.Scan(); number++ {
		line := lines.Text()
		if line == "" || line == "#" || strings.HasPrefix(line, "# ") {
			continue
		}
		parts := strings.Split(line, "\t")
		if len(parts) != 3 {
			return nil, fmt.Errorf("table of fields, line %d: want field<TAB>term<TAB>weight, have %q", number, line)
		}
		weight, err := strconv.ParseFloat(parts[2], 64)
		term := strings.TrimSpace(normal(parts[1]))
		if err != nil || !(weight > 0 && weight <= 3) || term == "" {
			return nil, fmt.Errorf("table of fields, line %d: want a term and a weight above 0 and up to 3, have %q", number, line)
		}
		if parts[0] != everywhere {
			f.terms[term] = append(f.terms[term], vote{parts[0], weight})
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("table of fields: %w", err)
	}
	return f, nil
}

// of returns the fields that the terms speak of.
func (f *Fields) of(terms []string) []string {
	var fields []string
	for _, term := range terms {
		for _, v := range f.terms[term] {
			if !slices.Contains(fields, v.field) {
				fields = append(fields, v.field)
			}
		}
	}
	return fields
}

// weigh sums what the words of a text say of each field. The places of the name
// that is judged do not vote; a longer term that holds it does (苹果汁).
func (f *Fields) weigh(t reputation.Text, names []reputation.Word) map[string]float64 {
	sums := map[string]float64{}
	for i := 0; i < len(t.Words); {
		votes, words := f.longest(t, i, names)
		for _, v := range votes {
			sums[v.field] += v.weight
		}
		i += max(words, 1)
	}
	return sums
}

// longest returns the votes of the longest term that begins at word i, and how
// many words it has.
func (f *Fields) longest(t reputation.Text, i int, names []reputation.Word) (votes []vote, words int) {
	for j := min(i+widestTerm, len(t.Words)); j > i; j-- {
		at := reputation.Word{Start: t.Words[i].Start, End: t.Words[j-1].End}
		if v, ok := f.terms[t.Norm[at.Start:at.End]]; ok && !slices.Contains(names, at) {
			return v, j - i
		}
	}
	return nil, 0
}
