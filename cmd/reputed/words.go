package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"reputed/internal/config"
	"reputed/sentiment"
)

// ownWords are the words that the configuration adds to the lexicon, in the order
// in which they are laid over it.
type ownWords []ownList

// ownList is the words of one file, or the single ones of one list.
type ownList struct {
	entries []sentiment.Entry
	brands  []string // that they are for; none: for all
}

// readOwnWords reads the lexicons of a configuration. The error joins all that is
// wrong, each with its place in the configuration and, if it lies in a file, there.
func readOwnWords(c *config.Config, n *sentiment.Normaliser) (ownWords, error) {
	var own ownWords
	var errs []error
	for i, l := range c.Lexicons {
		list := ownList{brands: l.Brands}
		if l.File != "" {
			entries, err := readWordFile(l.File, n)
			for _, err := range eachOf(err) {
				errs = append(errs, c.Wrong(err, "lexicons", i, "file"))
			}
			list.entries = entries
		}
		for _, e := range l.Entries {
			term := strings.TrimSpace(normal(n)(e.Term))
			if term == "" {
				errs = append(errs, c.Wrong(fmt.Errorf("nothing of %q is left to look for in a text: addresses and invisible characters are taken out", e.Term), "lexicons", i, "entries", e.Term))
			}
			list.entries = append(list.entries, sentiment.Entry{Term: term, Value: e.Valence})
		}
		own = append(own, list)
	}
	return own, errors.Join(errs...)
}

func readWordFile(path string, n *sentiment.Normaliser) ([]sentiment.Entry, error) {
	file, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%s is not there; write the file, one term<TAB>valence a line, or name another one", path)
	}
	if err != nil {
		return nil, fmt.Errorf("read words: %w", err)
	}
	defer file.Close()
	return sentiment.ReadEntries(path, file, n)
}

// eachOf returns the errors that an error joins.
func eachOf(err error) []error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()
	}
	if err == nil {
		return nil
	}
	return []error{err}
}

// terms lists all words, for the dictionary. What was learned is of words that it
// knows.
func (own ownWords) terms() []string {
	var terms []string
	for _, list := range own {
		for _, e := range list.entries {
			if !e.Hint && !strings.Contains(e.Term, "_") {
				terms = append(terms, e.Term)
			}
		}
	}
	return terms
}

// scorer lays the words over the lexicon: those for all brands, and for each brand
// that has some of its own, both in their order. Brands with the same words share a
// lexicon.
func (own ownWords) scorer(l *sentiment.Lexicon) *sentiment.Scorer {
	general := own.forBrand("")
	lexicons := map[string]*sentiment.Lexicon{fmt.Sprint(general): own.over(l, general)}
	brands := map[string]*sentiment.Lexicon{}
	for _, list := range own {
		for _, brand := range list.brands {
			lists := own.forBrand(brand)
			key := fmt.Sprint(lists)
			if lexicons[key] == nil {
				lexicons[key] = own.over(l, lists)
			}
			brands[brand] = lexicons[key]
		}
	}
	return sentiment.NewScorer(lexicons[fmt.Sprint(general)], brands)
}

// forBrand returns the indices of the lists that count for a brand; for "", of those
// that count for all.
func (own ownWords) forBrand(brand string) []int {
	var lists []int
	for i, list := range own {
		if len(list.brands) == 0 || slices.Contains(list.brands, brand) {
			lists = append(lists, i)
		}
	}
	return lists
}

func (own ownWords) over(l *sentiment.Lexicon, lists []int) *sentiment.Lexicon {
	var entries []sentiment.Entry
	for _, i := range lists {
		entries = append(entries, own[i].entries...)
	}
	if len(entries) == 0 {
		return l
	}
	return l.With(entries)
}
