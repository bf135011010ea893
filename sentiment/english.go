package sentiment

import (
	"strings"

	"github.com/jonreiter/govader"
)

// english is VADER's lexicon: valences from -4 to 4 of about 7,100 English words,
// each the mean of ten people's ratings (Hutto and Gilbert, 2014). Its emoticons
// are left out: in Chinese posts :[ is the beginning of an emoticon's name, and :/
// stands in reposts.
func english() map[string]float64 {
	words := govader.NewSentimentIntensityAnalyzer().Lexicon
	for word := range words {
		if strings.ContainsFunc(word, func(r rune) bool { return (r < 'a' || r > 'z') && r != '\'' && r != '-' && r != ' ' }) {
			delete(words, word)
		}
	}
	return words
}
