package brand

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"reputed/internal/reputation"
)

// occurrences returns where a term stands in the text as a name of its own.
func occurrences(t reputation.Text, term string) []reputation.Word {
	var found []reputation.Word
	for from := 0; ; {
		i := strings.Index(t.Norm[from:], term)
		if i < 0 {
			return found
		}
		at := reputation.Word{Start: from + i, End: from + i + len(term)}
		if beginsHere(t, at) && endsHere(t, at) {
			found = append(found, at)
		}
		_, size := utf8.DecodeRuneInString(t.Norm[at.Start:])
		from = at.Start + size
	}
}

// A name that is part of a longer word of the dictionary still counts when at
// least this many characters are left of the word: 苹果手机 is a phone of 苹果,
// 京东方 is not 京东.
const ownWord = 2

// beginsHere tells whether a name can begin at the place.
func beginsHere(t reputation.Text, at reputation.Word) bool {
	first, _ := utf8.DecodeRuneInString(t.Norm[at.Start:])
	if isLatin(first) {
		before, _ := utf8.DecodeLastRuneInString(t.Norm[:at.Start])
		return !isLatin(before)
	}
	w := wordAt(t, at.Start)
	left := utf8.RuneCountInString(t.Norm[w.Start:at.Start])
	return left == 0 || left >= ownWord && w.End <= at.End
}

// endsHere tells whether a name can end at the place. Digits may follow a Latin
// name of some length, as in iPhone15.
func endsHere(t reputation.Text, at reputation.Word) bool {
	last, _ := utf8.DecodeLastRuneInString(t.Norm[:at.End])
	if isLatin(last) {
		after, _ := utf8.DecodeRuneInString(t.Norm[at.End:])
		if unicode.IsDigit(after) {
			return unicode.IsLetter(last) && at.End-at.Start >= 4
		}
		return !isLatin(after)
	}
	_, size := utf8.DecodeLastRuneInString(t.Norm[:at.End])
	w := wordAt(t, at.End-size)
	right := utf8.RuneCountInString(t.Norm[at.End:w.End])
	return right == 0 || right >= ownWord && w.Start >= at.Start
}

// wordAt returns the word that the byte offset lies in.
func wordAt(t reputation.Text, offset int) reputation.Word {
	i, _ := slices.BinarySearchFunc(t.Words, offset, func(w reputation.Word, offset int) int {
		switch {
		case w.End <= offset:
			return -1
		case w.Start > offset:
			return 1
		}
		return 0
	})
	return t.Words[i]
}

// isLatin tells of letters and digits of scripts that are written with spaces
// between words.
func isLatin(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r)) && !unicode.Is(unicode.Han, r)
}
