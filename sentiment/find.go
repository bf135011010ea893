package sentiment

import (
	"strings"
	"unicode/utf8"

	"reputed/internal/reputation"
)

// mark is a place in a text that a rule or the lexicon has something to say on.
type mark struct {
	start, end int    // byte offsets into Norm
	word       int    // number of the word it begins in, blanks not counted
	entry      *entry // nil for a pause
	pause      pause
}

type pause uint8

const (
	noPause  pause = iota
	clause         // ， 、 ：
	sentence       // 。 ！ line break
	question       // ？
)

// pauseOf tells what kind of pause a word of punctuation is.
func pauseOf(word string) pause {
	switch strings.TrimSpace(word) {
	case ",", "、", ":", "(", ")", "~", "—", "-", "/":
		return clause
	case "。", ".", "!", ";", "…", "...", "|":
		return sentence
	case "?":
		return question
	case "":
		if strings.Contains(word, "\n") {
			return sentence
		}
	}
	return noPause
}

// find lists the entries and pauses of a text in order. At each word it takes the
// longest term that begins there. Where a word begins with a negator or degree
// adverb that gse has joined to it (不好 in 不好吃, 不太好), the term after that is
// taken when it reaches further.
func (l *Lexicon) find(t reputation.Text) []mark {
	var marks []mark
	blanks := 0
	for i, past := 0, 0; i < len(t.Words); i++ {
		w := t.Words[i]
		if t.Norm[w.Start:w.End] == " " {
			blanks++
		}
		if w.Start < past {
			continue
		}
		text := t.Norm[w.Start:w.End]
		if text == "@" {
			i = endOfName(t, i)
			continue
		}
		e, end := l.words.longest(t.Norm, t.Words[i:], w.Start)
		if head, inner, ok := l.split(t, i); ok && inner.end > end {
			head.word, inner.word = i-blanks, i-blanks
			marks = append(marks, head, inner)
			past = inner.end
			continue
		}
		if adverb, outer, ok := l.parted(t, i); ok && outer.end > end {
			adverb.word, outer.word = i-blanks, i-blanks
			marks = append(marks, adverb, outer)
			past = outer.end
			continue
		}
		if end > 0 {
			marks = append(marks, mark{start: w.Start, end: end, word: i - blanks, entry: e})
			past = end
		} else if p := pauseOf(text); p != noPause {
			marks = append(marks, mark{start: w.Start, end: w.End, word: i - blanks, pause: p})
		}
	}
	return marks
}

// endOfName returns the index of the last word of the @name that begins at word i:
// a name says nothing.
func endOfName(t reputation.Text, i int) int {
	for i+1 < len(t.Words) {
		next := t.Norm[t.Words[i+1].Start:t.Words[i+1].End]
		if strings.TrimSpace(next) == "" || pauseOf(next) != noPause {
			break
		}
		i++
	}
	return i
}

// split parts a word into the longest negator or degree adverb that it begins with
// and the evaluating term after that.
func (l *Lexicon) split(t reputation.Text, i int) (head, inner mark, ok bool) {
	w := t.Words[i]
	for at := w.End; ; {
		_, size := utf8.DecodeLastRuneInString(t.Norm[w.Start:at])
		if at -= size; at <= w.Start {
			return head, inner, false
		}
		e := l.words.find(t.Norm[w.Start:at])
		if e == nil || e.negates == 0 && e.degree == 0 {
			continue
		}
		if term, end := l.words.longest(t.Norm, t.Words[i:], at); term != nil && term.valence != 0 {
			return mark{start: w.Start, end: at, entry: e}, mark{start: at, end: end, entry: term}, true
		}
	}
}

// strong is the least factor of a degree adverb that may part a term. What a weaker
// one leaves of it (房间比较小) tells little of the whole.
const strong = 1.5

// parted finds a term that begins at word i and that a degree adverb parts:
// 油耗特别高 is 特别 and 油耗高.
func (l *Lexicon) parted(t reputation.Text, i int) (adverb, outer mark, ok bool) {
	if i+2 >= len(t.Words) {
		return adverb, outer, false
	}
	w, between := t.Words[i], t.Words[i+1]
	node, ok := l.words.walk(t.Norm[w.Start:w.End])
	if !ok {
		return adverb, outer, false
	}
	e := l.words.find(t.Norm[between.Start:between.End])
	if e == nil || e.valence != 0 || e.after || e.degree < strong {
		return adverb, outer, false
	}
	whole, end := l.words.longestFrom(node, t.Norm, t.Words[i+2:], between.End)
	if whole == nil || whole.valence == 0 {
		return adverb, outer, false
	}
	adverb = mark{start: between.Start, end: between.End, entry: e}
	return adverb, mark{start: w.Start, end: end, entry: whole}, true
}
