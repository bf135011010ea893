package alerting

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
	"golang.org/x/text/unicode/norm"

	"reputed/internal/reputation"
)

const (
	quoteRunes = 140 // longest quote
	quoteWords = 4   // most words that explain a quote's score
)

// count tells how often each name occurs in the mentions, most first. Empty
// names are not counted.
func count(mentions []reputation.Mention, names func(reputation.Mention) []string) []reputation.Count {
	n := make(map[string]int)
	for _, m := range mentions {
		for _, name := range names(m) {
			if name != "" {
				n[name]++
			}
		}
	}
	var counts []reputation.Count
	for name, times := range n {
		counts = append(counts, reputation.Count{Name: name, N: times})
	}
	slices.SortFunc(counts, func(x, y reputation.Count) int {
		return cmp.Or(cmp.Compare(y.N, x.N), cmp.Compare(x.Name, y.Name))
	})
	return counts
}

// quotes returns up to limit different stories of the mentions, in their order.
// What tells one story is known from the store; of those that would read the same
// one is quoted too, since many people write the same few words. Copies tells for
// each mention how many copies of it stand elsewhere.
func quotes(mentions []reputation.Mention, copies []int, limit int) []reputation.Quote {
	var quoted []reputation.Quote
	told, read := make(map[int64]bool), make(map[string]bool)
	for i, m := range mentions {
		if len(quoted) == limit {
			break
		}
		q := Quote(m, copies[i])
		if m.Story != 0 && told[m.Story] || read[letters(q.Text)] {
			continue
		}
		told[m.Story], read[letters(q.Text)] = true, true
		quoted = append(quoted, q)
	}
	return quoted
}

// Quote is a mention as people are shown it: the sentence about the brand in one line,
// and the words that drew its score down. So many copies of it stand elsewhere.
func Quote(m reputation.Mention, copies int) reputation.Quote {
	return reputation.Quote{
		Mention: m.ID,
		Text:    excerpt(m.Item.Content(), m.Span, quoteRunes),
		URL:     m.Item.URL,
		Source:  m.Item.Source,
		At:      m.Item.Published,
		Score:   m.Score.Value,
		Words:   tellingWords(m.Score.Evidence),
		Copies:  copies,
	}
}

// letters is what remains of a quote when that is gone in which quotes that read the
// same differ: case, width, spaces and punctuation.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, norm.NFKC.String(s))
}

// tellingWords returns the terms that drew a score down, strongest first.
func tellingWords(evidence []reputation.Evidence) []string {
	sorted := slices.Clone(evidence)
	slices.SortStableFunc(sorted, func(x, y reputation.Evidence) int { return cmp.Compare(x.Weight, y.Weight) })
	var words []string
	for _, e := range sorted {
		if e.Weight >= 0 || len(words) == quoteWords {
			break
		}
		if !slices.Contains(words, e.Term) {
			words = append(words, e.Term)
		}
	}
	return words
}

// excerpt returns the sentence that holds the span, and those after it, as far
// as limit runes go. It ends with "…" where the text goes on. A sentence that is
// longer than that is cut on both sides of the span.
func excerpt(content string, span reputation.Span, limit int) string {
	start := min(max(span.Start, 0), max(len(content)-1, 0))
	var text string
	for rest, end, state := content, 0, -1; rest != ""; {
		var sentence string
		sentence, rest, state = uniseg.FirstSentenceInString(rest, state)
		end += len(sentence)
		switch {
		case end <= start:
			continue
		case text != "" && utf8.RuneCountInString(reputation.OneLine(text+sentence)) > limit:
			return reputation.OneLine(text) + "…"
		case text == "" && utf8.RuneCountInString(reputation.OneLine(sentence)) > limit:
			return window(sentence, start-(end-len(sentence)), limit)
		}
		text += sentence
	}
	return reputation.OneLine(text)
}

// window cuts a sentence to limit runes that hold the byte at, a third of them
// before it.
func window(sentence string, at, limit int) string {
	before := utf8.RuneCountInString(reputation.OneLine(sentence[:at]))
	runes := []rune(reputation.OneLine(sentence))
	limit -= 2 // room for the ellipses
	from := min(max(0, before-limit/3), max(0, len(runes)-limit))
	to := min(len(runes), from+limit)
	text := string(runes[from:to])
	if from > 0 {
		text = "…" + text
	}
	if to < len(runes) {
		text += "…"
	}
	return text
}

// cut shortens a text to limit runes, the last of which is "…" if there were
// more.
func cut(s string, limit int) string {
	if utf8.RuneCountInString(s) <= limit {
		return s
	}
	return string([]rune(s)[:limit-1]) + "…"
}
