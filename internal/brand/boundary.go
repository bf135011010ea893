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

// A name that is part of a longer word of the dictionary still counts when what is
// left of the word can stand by itself: two characters or more (苹果手机 is a phone
// of 苹果, 京东方 is not 京东), or one of the characters that grammar puts before or
// after a name, which dictionaries join to a name's own (对华 in 对华为失望, 为了 in
// 再也不买华为了).
const (
	ownWord    = 2
	beforeName = "对在把被给向从跟和与用买卖是让比像叫说换找等"
	afterName  = "了的吗呢吧啊呀嘛么也都就又还是在和与跟把被不没有"
)

// beginsHere tells whether a name can begin at the place.
func beginsHere(t reputation.Text, at reputation.Word) bool {
	first, _ := utf8.DecodeRuneInString(t.Norm[at.Start:])
	if isLatin(first) {
		before, _ := utf8.DecodeLastRuneInString(t.Norm[:at.Start])
		return !isLatin(before)
	}
	w := wordAt(t, at.Start)
	if w.Start == at.Start && at.Start > 0 && strings.HasSuffix(t.Norm[:at.End], "的") {
		w = wordAt(t, at.Start-1) // 美的 after 最 or 甜 is an adjective with its particle
		if utf8.RuneCountInString(t.Norm[w.Start:w.End]) > 1 || !startsHan(t.Norm[w.Start:]) {
			return true
		}
	}
	left := t.Norm[w.Start:at.Start]
	return left == "" || strings.Contains(beforeName, left) ||
		utf8.RuneCountInString(left) >= ownWord && w.End <= at.End
}

// endsHere tells whether a name can end at the place. Digits may follow a Latin
// name of some length, as in iPhone15.
func endsHere(t reputation.Text, at reputation.Word) bool {
	last, size := utf8.DecodeLastRuneInString(t.Norm[:at.End])
	if isLatin(last) {
		after, _ := utf8.DecodeRuneInString(t.Norm[at.End:])
		if unicode.IsDigit(after) {
			return unicode.IsLetter(last) && at.End-at.Start >= 4
		}
		return !isLatin(after)
	}
	w := wordAt(t, at.End-size)
	right := t.Norm[at.End:w.End]
	return right == "" || strings.Contains(afterName, right) ||
		utf8.RuneCountInString(right) >= ownWord && w.Start >= at.Start
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

func startsHan(s string) bool {
	first, _ := utf8.DecodeRuneInString(s)
	return unicode.Is(unicode.Han, first)
}

// isLatin tells of letters and digits of scripts that are written with spaces
// between words.
func isLatin(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r)) && !unicode.Is(unicode.Han, r)
}
