package sentiment

import (
	"unicode/utf8"

	"reputed/internal/reputation"
)

const (
	// denialScope is how many words may stand between a negator and the phrase
	// that it denies.
	denialScope = 2
	// clauseScope is how many words around a phrase are searched for the end of
	// its clause.
	clauseScope = 12
	// longestNegator is how many characters of a word are searched for a negator at
	// its end.
	longestNegator = 2
)

// unreal tells of a signal that the text denies, supposes or asks for: 没有起火,
// 如果爆炸, 推荐吗, 想去的千万别去这家.
func (l *Lexicon) unreal(t reputation.Text, f found) bool {
	if f.table != signalTable && f.table != risks {
		return false
	}
	name := f.votes[0].name
	if l.denied(t, f.word, name) {
		return true
	}
	if name != risk && name != advocacy && name != repurchase {
		return false
	}
	if f.tail != 0 {
		tail := f.word
		for t.Words[tail].End <= f.tail {
			tail++
		}
		if l.endsDenying(t.Norm[t.Words[f.word].Start:f.tail]) || l.denied(t, tail, name) {
			return true
		}
	}
	for i := f.word; i < len(t.Words) && i < f.word+clauseScope; i++ {
		if t.Words[i].Start < f.end {
			continue
		}
		text := t.Norm[t.Words[i].Start:t.Words[i].End]
		switch p := pauseOf(text); {
		case p == question || text == "吗":
			return true
		case p != noPause:
			return false
		}
	}
	return false
}

// denied tells whether what begins at a word is denied, or for a risk supposed, by
// what stands before it in its clause.
func (l *Lexicon) denied(t reputation.Text, word int, name uint8) bool {
	words := 0
	for i := word - 1; i >= 0 && words < clauseScope; i-- {
		w := t.Words[i]
		text := t.Norm[w.Start:w.End]
		if pauseOf(text) != noPause {
			break
		}
		if text == " " {
			continue
		}
		e, _ := l.words.longest(t.Norm, t.Words[i:word], w.Start)
		if e != nil && (e.negates != 0 && words <= denialScope || name == risk && supposes(e.turn)) {
			return true
		}
		words++
	}
	return false
}

// endsDenying tells whether the end of a text is a negator, even within a word: 别 of
// 千万别.
func (l *Lexicon) endsDenying(text string) bool {
	for i, left := len(text), longestNegator; i > 0 && left > 0; left-- {
		_, size := utf8.DecodeLastRuneInString(text[:i])
		i -= size
		if e := l.words.find(text[i:]); e != nil && e.negates != 0 {
			return true
		}
	}
	return false
}

// supposes tells of words after which nothing has happened: 如果, 希望, 要是能.
func supposes(t turn) bool { return t == irrealis || t == wish || t == lack }
