package sentiment

import (
	"slices"
	"unicode/utf8"

	"reputed/internal/reputation"
)

// terms holds what is known of terms and finds the longest one at a place of a
// text.
type terms[T any] struct {
	trie   *trie // values are indices into values, plus 1
	values []T
}

func newTerms[T any]() *terms[T] { return &terms[T]{trie: newTrie(0)} }

// clone returns a copy that can be changed by itself.
func (t *terms[T]) clone() *terms[T] {
	return &terms[T]{trie: t.trie.clone(), values: slices.Clone(t.values)}
}

// entry returns what is known of a term, for changing; at first nothing. It is
// valid until the next call.
func (t *terms[T]) entry(term string) *T {
	if known := t.find(term); known != nil {
		return known
	}
	var zero T
	t.values = append(t.values, zero)
	t.trie.insert(term, uint32(len(t.values)))
	return &t.values[len(t.values)-1]
}

// find returns what is known of exactly this term, or nil.
func (t *terms[T]) find(term string) *T {
	if value := t.trie.get(term); value != 0 {
		return &t.values[value-1]
	}
	return nil
}

// longest returns what is known of the longest term that begins at byte offset
// start of norm and ends where one of the words does, and where it ends; nil if
// there is none. The first of the words is the one that start lies in.
func (t *terms[T]) longest(norm string, words []reputation.Word, start int) (found *T, end int) {
	return t.longestFrom(root, norm, words, start)
}

// longestFrom is longest for terms whose beginning, up to a node, stands elsewhere.
func (t *terms[T]) longestFrom(node uint32, norm string, words []reputation.Word, start int) (found *T, end int) {
	value, ok := uint32(0), true
	for _, w := range words {
		for start < w.End {
			r, size := utf8.DecodeRuneInString(norm[start:])
			if node, value, ok = t.trie.step(node, r); !ok {
				return found, end
			}
			start += size
		}
		if value != 0 {
			found, end = &t.values[value-1], start
		}
	}
	return found, end
}
