package sentiment

import (
	"compress/gzip"
	_ "embed"
	"fmt"
	"io"
	"strings"
)

// silentWords are the words of gse's dictionary (zh_s) that say nothing by
// themselves, one a line after a letter for what they are. TestSilentWords makes
// the list and proves it.
//
//go:embed silent.txt.gz
var silentWords string

// silence is why nothing is learned of a word.
type silence byte

const (
	speaking    silence = 0
	properName  silence = 'n' // of a person, place, organisation or brand, or an abbreviation
	grammatical silence = 'f' // a number, measure, time, pronoun, particle, conjunction
	topical     silence = 't' // any other noun: what is spoken of, not what is said of it
)

// silenceNamed is the silence that a table calls by a word.
func silenceNamed(kind string) (silence, error) {
	switch kind {
	case "name":
		return properName, nil
	case "function":
		return grammatical, nil
	case "topic":
		return topical, nil
	}
	return speaking, fmt.Errorf("kind %q is not one of name, topic, function", kind)
}

// readSilentWords returns what each silent word is.
func readSilentWords() (map[string]silence, error) {
	r, err := gzip.NewReader(strings.NewReader(silentWords))
	if err != nil {
		return nil, fmt.Errorf("unpack the silent words: %w", err)
	}
	lines, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("unpack the silent words: %w", err)
	}
	words := make(map[string]silence, 140_000)
	for line := range strings.Lines(string(lines)) {
		words[strings.TrimSuffix(line[1:], "\n")] = silence(line[0])
	}
	return words, nil
}
