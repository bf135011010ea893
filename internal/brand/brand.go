// Package brand finds where brands are named in a text. A brand's name is often
// an ordinary word, or part of one: 京东 is not in 京东方, 美的 is not in 完美的,
// and 小米 is also millet. So a Chinese alias counts only where a word begins and
// ends, a Latin one only where no letter adjoins, and the user's lists of context
// and exclusion, with a table of the words of many fields, or a query, decide the
// rest.
package brand

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"reputed/internal/reputation"
)

// Brand is how a user describes a brand: by lists, or by a query instead.
type Brand struct {
	Name    string
	Aliases []string // the names it goes by; Name alone if empty
	Context []string // an alias counts only with one of these near, or in a text of their field; none: it always counts
	Exclude []string // an alias inside one of these never counts
	Query   string   // see ParseQuery; instead of the lists
}

// Matcher finds brands. It is safe for concurrent use.
type Matcher struct {
	brands []finder
	terms  []string
}

type finder struct {
	name string
	find func(t reputation.Text) []reputation.Word
}

// NewMatcher prepares the brands. The function normal brings a term into the form
// of reputation.Text.Norm. The error names the brand and the term that cannot be
// used.
func NewMatcher(brands []Brand, fields *Fields, normal func(string) string) (*Matcher, error) {
	m := &Matcher{}
	for _, b := range brands {
		if b.Query != "" {
			q, err := ParseQuery(b.Query, normal)
			if err != nil {
				return nil, fmt.Errorf("query of %s: %w", b.Name, err)
			}
			m.brands = append(m.brands, finder{b.Name, q.find})
			m.terms = append(m.terms, q.terms...)
			continue
		}
		l, err := newLists(b, fields, normal)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", b.Name, err)
		}
		m.brands = append(m.brands, finder{b.Name, l.find})
		m.terms = append(m.terms, l.aliases...)
	}
	return m, nil
}

// Terms returns the names that are looked for, in normal form. A segmenter that
// knows them as words cuts a text where they begin and end.
func (m *Matcher) Terms() []string { return m.terms }

// Match returns where the text names the brands, in the order of the text. The
// offsets are those of the raw text.
func (m *Matcher) Match(t reputation.Text) []reputation.Span {
	var spans []reputation.Span
	for _, b := range m.brands {
		for _, at := range b.find(t) {
			start, end := t.Original(at.Start, at.End)
			spans = append(spans, reputation.Span{Brand: b.name, Term: t.Raw[start:end], Start: start, End: end})
		}
	}
	slices.SortStableFunc(spans, func(a, b reputation.Span) int { return a.Start - b.Start })
	return spans
}

// lists is a brand described by aliases, context and exclusions, all in normal
// form.
type lists struct {
	aliases, context, exclude []string
	fields                    *Fields
	own                       []string // the fields that the context words belong to
}

func newLists(b Brand, fields *Fields, normal func(string) string) (lists, error) {
	aliases := b.Aliases
	if len(aliases) == 0 {
		aliases = []string{b.Name}
	}
	l := lists{fields: fields}
	for _, list := range []struct {
		from []string
		to   *[]string
		key  string
	}{{aliases, &l.aliases, "aliases"}, {b.Context, &l.context, "context"}, {b.Exclude, &l.exclude, "exclude"}} {
		for _, term := range list.from {
			form := strings.TrimSpace(normal(term))
			if form == "" {
				return lists{}, fmt.Errorf("%s: %q says nothing once spaces and invisible characters are gone", list.key, term)
			}
			*list.to = append(*list.to, form)
		}
	}
	l.own = fields.of(l.context)
	// Longer aliases first, so that 小米汽车 is one mention and not also 小米.
	slices.SortStableFunc(l.aliases, func(a, b string) int { return len(b) - len(a) })
	return l, nil
}

func (l lists) find(t reputation.Text) []reputation.Word {
	var found, doubtful []reputation.Word
	for _, alias := range l.aliases {
		for _, at := range occurrences(t, alias) {
			switch {
			case overlaps(found, at) || overlaps(doubtful, at) || l.excluded(t.Norm, at):
			case len(l.context) == 0 || l.inContext(t, at):
				found = append(found, at)
			default:
				doubtful = append(doubtful, at)
			}
		}
	}
	if len(doubtful) > 0 && l.inField(t, doubtful) {
		found = append(found, doubtful...)
	}
	slices.SortFunc(found, func(a, b reputation.Word) int { return a.Start - b.Start })
	return found
}

// excluded tells whether a place lies in an excluded term.
func (l lists) excluded(norm string, at reputation.Word) bool {
	for _, term := range l.exclude {
		from := max(0, at.Start-len(term)+1)
		to := min(len(norm), at.End+len(term)-1)
		for i := from; i+len(term) <= to; i++ {
			if norm[i:i+len(term)] == term && i <= at.Start && at.End <= i+len(term) {
				return true
			}
		}
	}
	return false
}

// near is how many characters lie at most between an alias and its context.
const near = 80

// inContext tells whether an alias is meant as a name: a context word stands near
// it, or it is a Latin name written with its capital (Apple, not apple).
func (l lists) inContext(t reputation.Text, at reputation.Word) bool {
	start, _ := t.Original(at.Start, at.End)
	if first, _ := utf8.DecodeRuneInString(t.Raw[start:]); unicode.IsUpper(first) {
		return true
	}
	around := window(t.Norm, at, near)
	return slices.ContainsFunc(l.context, func(word string) bool { return strings.Contains(around, word) })
}

// inField tells whether the text speaks of a field of the brand more than of any
// other.
func (l lists) inField(t reputation.Text, names []reputation.Word) bool {
	own, other := 0.0, 0.0
	for field, sum := range l.fields.weigh(t, names) {
		if slices.Contains(l.own, field) {
			own += sum
		} else {
			other = max(other, sum)
		}
	}
	return own > other
}

// window returns a place with up to n characters before and after it.
func window(norm string, at reputation.Word, n int) string {
	from, to := at.Start, at.End
	for range n {
		_, size := utf8.DecodeLastRuneInString(norm[:from])
		from -= size
		_, size = utf8.DecodeRuneInString(norm[to:])
		to += size
	}
	return norm[from:to]
}

func overlaps(found []reputation.Word, at reputation.Word) bool {
	return slices.ContainsFunc(found, func(f reputation.Word) bool { return f.Start < at.End && at.Start < f.End })
}
