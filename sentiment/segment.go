package sentiment

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/go-ego/gse"

	"reputed/internal/reputation"
)

// Reader makes contents ready to be read: it normalises them and cuts them into
// words. It is safe for concurrent use.
type Reader struct {
	normaliser *Normaliser
	segmenter  gse.Segmenter
}

// nameFrequency is the frequency of a name that the dictionary does not know: that
// of a less common noun, so that it wins over rare words that overlap it (青榈 over
// 天青 in 第二天青榈) and not over frequent ones.
const nameFrequency = 500

// NewReader loads gse's dictionary of simplified Chinese, which takes about two
// seconds, and teaches it the names, in normal form, that it does not know. Texts are converted to
// simplified characters before, so that the dictionary of both scripts, which
// takes twice the memory, is not needed.
func NewReader(n *Normaliser, names []string) (*Reader, error) {
	r := &Reader{normaliser: n}
	r.segmenter.SkipLog = true
	if err := r.segmenter.LoadDictEmbed("zh_s"); err != nil {
		return nil, fmt.Errorf("load the gse dictionary zh_s: %w", err)
	}
	if err := r.learn(names); err != nil {
		return nil, err
	}
	return r, nil
}

// learn adds the names in Han characters that the dictionary does not know.
func (r *Reader) learn(names []string) error {
	learnt := false
	for _, name := range names {
		if _, _, known := r.segmenter.Find(name); known || strings.ContainsFunc(name, notHan) {
			continue
		}
		if err := r.segmenter.AddToken(name, nameFrequency); err != nil {
			return fmt.Errorf("teach the dictionary the name %q: %w", name, err)
		}
		learnt = true
	}
	if learnt {
		r.segmenter.CalcToken() // without it a new word is not found at the start of a text
	}
	return nil
}

func notHan(r rune) bool { return !unicode.Is(unicode.Han, r) }

// Read normalises and segments a content of any length and any bytes.
func (r *Reader) Read(content string) reputation.Text {
	t := reputation.Text{Raw: content}
	t.Norm, t.Map = r.normaliser.Normalise(content)
	t.Lang = language(t.Norm)
	segments := r.segmenter.Segment([]byte(t.Norm))
	t.Words = make([]reputation.Word, 0, len(segments))
	end := 0
	for _, s := range segments {
		if s.Start() > end { // gse leaves out what its dictionary calls a stop
			t.Words = append(t.Words, reputation.Word{Start: end, End: s.Start()})
		}
		end = s.End()
		t.Words = append(t.Words, reputation.Word{Start: s.Start(), End: end})
	}
	if end < len(t.Norm) {
		t.Words = append(t.Words, reputation.Word{Start: end, End: len(t.Norm)})
	}
	return t
}

// language is "zh" where Han characters stand, unless words in Latin letters are
// more than they (a Han character counts as much as three letters), else "en"
// where letters stand, else "".
func language(norm string) string {
	han, latin := 0, 0
	for _, r := range norm {
		switch {
		case unicode.Is(unicode.Han, r):
			han++
		case 'a' <= r && r <= 'z':
			latin++
		}
	}
	switch {
	case han*3 >= latin && han > 0:
		return "zh"
	case latin > 0:
		return "en"
	}
	return ""
}
