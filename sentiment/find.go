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
	if c := word[0]; 'a' <= c && c <= 'z' || 0xE4 <= c && c <= 0xE9 {
		return noPause // letters, and Han characters in UTF-8: the most frequent
	}
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

// find appends the entries and pauses of a text in order. At each word it takes
// the longest term that begins there. Where a word begins with a negator or degree
// adverb that gse has joined to it (不好 in 不好吃, 不太好), the term after that is
// taken when it reaches further, and so is a term that a degree adverb parts.
func (l *Lexicon) find(marks []mark, t reputation.Text) []mark {
	blanks := 0
	for i, past := 0, 0; i < len(t.Words); i++ {
		w := t.Words[i]
		text := t.Norm[w.Start:w.End]
		if text == " " {
			blanks++
		}
		if w.Start < past {
			continue
		}
		if text == "@" {
			i = endOfName(t, i)
			continue
		}
		a := l.ahead(t, i)
		two := false // the word holds two terms, or a term is parted by another
		if a.heads[0].entry != nil {
			marks, two = l.split(marks, t, i, &a)
		}
		if !two && a.node&inner != 0 {
			marks, two = l.parted(marks, t, i, &a)
		}
		switch {
		case two:
			last := len(marks) - 1
			marks[last-1].word, marks[last].word = i-blanks, i-blanks
			past = marks[last].end
		case a.whole != nil:
			marks = append(marks, mark{start: w.Start, end: a.end, word: i - blanks, entry: a.whole})
			past = a.end
		default:
			if p := pauseOf(text); p != noPause {
				marks = append(marks, mark{start: w.Start, end: w.End, word: i - blanks, pause: p})
			}
		}
	}
	return marks
}

// ahead is what one walk through the lexicon from the beginning of a word finds.
type ahead struct {
	whole *entry // the longest term that begins there and ends where a word does; nil if there is none
	end   int
	heads [2]mark // the longest modifiers that the word begins with, longest first
	node  uint32  // that the word leads to, for what else begins like it; 0 is nowhere
}

func (l *Lexicon) ahead(t reputation.Text, i int) (a ahead) {
	node, value, ok := uint32(root), uint32(0), true
	start := t.Words[i].Start
	at := start
	for _, w := range t.Words[i:] {
		for at < w.End {
			r, size := utf8.DecodeRuneInString(t.Norm[at:])
			if node, value, ok = l.words.trie.step(node, r); !ok {
				return a
			}
			at += size
			if value != 0 && at < t.Words[i].End && r >= utf8.RuneSelf {
				if e := &l.words.values[value-1]; e.negates != 0 || e.degree != 0 {
					a.heads = [2]mark{{start: start, end: at, entry: e}, a.heads[0]}
				}
			}
		}
		if at == t.Words[i].End {
			a.node = node
		}
		if value != 0 {
			a.whole, a.end = &l.words.values[value-1], at
		}
	}
	return a
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
// and the evaluating term after that, if that reaches further than the whole. Words
// in Latin letters are never split: nokia is not no and kia.
func (l *Lexicon) split(marks []mark, t reputation.Text, i int, a *ahead) ([]mark, bool) {
	for _, head := range a.heads {
		if head.entry == nil {
			break
		}
		if term, end := l.words.longest(t.Norm, t.Words[i:], head.end); term != nil && term.valence != 0 {
			if end <= a.end {
				break
			}
			return append(marks, head, mark{start: head.end, end: end, entry: term}), true
		}
	}
	return marks, false
}

// strong is the least factor of a degree adverb that may part a term. What a weaker
// one leaves of it (房间比较小) tells little of the whole.
const strong = 1.5

// parted finds a term that begins at word i and that a degree adverb parts, if it
// reaches further than the whole: 油耗特别高 is 特别 and 油耗高.
func (l *Lexicon) parted(marks []mark, t reputation.Text, i int, a *ahead) ([]mark, bool) {
	if i+2 >= len(t.Words) {
		return marks, false
	}
	between := t.Words[i+1]
	e := l.words.find(t.Norm[between.Start:between.End])
	if e == nil || e.valence != 0 || e.after || e.degree < strong {
		return marks, false
	}
	whole, end := l.words.longestFrom(a.node, t.Norm, t.Words[i+2:], between.End)
	if whole == nil || whole.valence == 0 || end <= a.end {
		return marks, false
	}
	return append(marks,
		mark{start: between.Start, end: between.End, entry: e},
		mark{start: t.Words[i].Start, end: end, entry: whole}), true
}
