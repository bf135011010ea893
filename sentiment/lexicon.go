package sentiment

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Lexicon is what the scorer knows of words. It is read once and never changed.
type Lexicon struct {
	words    *terms[entry]
	hints    *hints
	aspects  aspects
	phrases  phrases
	leanings leanings
}

// entry is what a term does. A term can do several things: 好 is praise, and
// before another evaluating word it is a degree adverb (好难吃).
type entry struct {
	valence float64 // in [-4, 4]; 0 if the term evaluates nothing
	denied  float64 // valence after a plain negator; 0 leaves it to the rules
	degree  float64 // factor on an evaluating word; 0 if the term is no degree adverb
	after   bool    // the degree adverb follows the word it strengthens
	further bool    // it says that something goes beyond another thing: 更
	thus    bool    // it points: 这么; 没见过这么好的 denies nothing
	negates float64 // factor, negative; 0 if the term is no negator
	forbids bool    // the negator asks to stop what goes on: 别再
	behind  bool    // it denies the term before it: 一点异味都没有
	outcome bool    // after a verb, it says that nothing comes of it: 不严 in 关不严
	turn    turn    // how the term changes what stands around it
	opening bool    // it does so, asks or mocks only as the first word of a clause: 可, 就是

	compares comparison // what the term has to do with a comparison
	asks     inquiry    // with a question
	mocks    irony      // with irony
	waits    bool       // how long it took, or how often, follows the term: 等了三个小时
	cheap    bool       // what little it costs follows the term: 才九块
}

type turn string

const (
	contrast     turn = "contrast"
	afterthought turn = "afterthought"
	concession   turn = "concession"
	irrealis     turn = "irrealis"
	summary      turn = "summary"
	wish         turn = "wish"
	lack         turn = "lack"
	even         turn = "even"
	lasting      turn = "lasting"
	remedy       turn = "remedy"
	regret       turn = "regret"
	plenty       turn = "plenty"
	claim        turn = "claim"
	burden       turn = "burden"
	move         turn = "move"
)

// comparison tells where the standard of a comparison stands: B in A 比 B 好.
type comparison string

const (
	over    comparison = "over"    // between the term and the evaluating word: A 比 B 好
	than    comparison = "than"    // after the term, the evaluating word before it: A is better than B
	beside  comparison = "beside"  // after the term or between 和 and it, and A's clause follows: 比起 B，A 更好; 和 B 相比，A 更好
	beats   comparison = "beats"   // after the term, which evaluates by itself: A 不如 B
	matches comparison = "matches" // after the term, and is as good: A 不输 B
	apart   comparison = "apart"   // between 和 and the term, which evaluates by itself: A 和 B 没法比
	with    comparison = "with"    // after the term, up to one of beside and apart: 和
	passive comparison = "passive" // after the term; one of beats or apart that follows speaks for it: A 被 B 吊打
	equal   comparison = "equal"   // as over, and the evaluating word is denied: A 不比 B 差
	under   comparison = "under"   // as over or than, and B is what the text speaks of: 别家都比这家好
)

// LoadLexicon reads the tables of a lexicon folder: those of LoadHandmade, and
// over them what was learned, learned/learned.tsv.
func LoadLexicon(files fs.FS, n *Normaliser) (*Lexicon, error) {
	l, err := LoadHandmade(files, n)
	if err != nil {
		return nil, err
	}
	entries, err := readEntries(files, "learned/learned.tsv", n)
	if err != nil {
		return nil, err
	}
	l.add(entries)
	return l, nil
}

// LoadHandmade reads the tables of a lexicon folder without learned/learned.tsv:
// valence/*.tsv, rules/*.tsv and loyalty/*.tsv, over VADER's English words. The error
// lists every line that does not parse, with its file and number.
func LoadHandmade(files fs.FS, n *Normaliser) (*Lexicon, error) {
	l := &Lexicon{words: newTerms[entry](), hints: newHints(), aspects: newAspects(), phrases: newPhrases(), leanings: newLeanings()}
	for term, valence := range english() {
		l.words.entry(term).valence = valence
	}
	var errs []error
	errs = append(errs, l.loadValences(files, n)...)
	errs = append(errs, l.loadRules(files, n)...)
	errs = append(errs, l.loadLoyalty(files, n)...)
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return l, nil
}

// Size is the number of terms with a valence.
func (l *Lexicon) Size() int {
	size := 0
	for _, e := range l.words.values {
		if e.valence != 0 {
			size++
		}
	}
	return size
}

func (l *Lexicon) loadValences(files fs.FS, n *Normaliser) (errs []error) {
	matches, err := fs.Glob(files, "valence/*.tsv")
	if err != nil {
		return []error{err}
	}
	for _, name := range matches {
		entries, err := readEntries(files, name, n)
		errs = append(errs, err)
		l.add(entries)
	}
	return errs
}

func (l *Lexicon) loadRules(files fs.FS, n *Normaliser) []error {
	edit := func(name string, change func(e *entry, fields []string) error) error {
		return readTable(files, path.Join("rules", name), n, func(term string, fields []string) error {
			return change(l.words.entry(term), fields)
		})
	}
	return append(l.aspects.load(files, n),
		edit("negators.tsv", func(e *entry, fields []string) (err error) {
			kind := strings.Join(fields[1:], "")
			e.forbids, e.outcome, e.behind = kind == "forbids", kind == "outcome", kind == "behind"
			e.negates, err = number(fields, 0, -1, -0.1)
			return err
		}),
		edit("degrees.tsv", func(e *entry, fields []string) (err error) {
			kind := strings.Join(fields[1:], "")
			e.after, e.further, e.thus = kind == "after", kind == "further", kind == "thus"
			e.degree, err = number(fields, 0, 0.1, 3)
			return err
		}),
		edit("turns.tsv", func(e *entry, fields []string) (err error) {
			e.opening = onlyOpening(fields)
			e.turn, err = kind(fields[0], contrast, afterthought, concession, irrealis, summary, wish, lack, even, lasting, remedy, regret, plenty, claim, burden, move)
			return err
		}),
		edit("comparisons.tsv", func(e *entry, fields []string) (err error) {
			e.opening = e.opening || onlyOpening(fields)
			e.compares, err = kind(fields[0], over, than, beside, beats, matches, apart, with, passive, equal, under)
			return err
		}),
		edit("questions.tsv", func(e *entry, fields []string) (err error) {
			e.opening = e.opening || onlyOpening(fields)
			e.asks, err = kind(fields[0], request, wanted, sought, particle, rhetorical, tag, notice, abstention)
			return err
		}),
		edit("waits.tsv", func(e *entry, fields []string) (err error) {
			_, err = kind(fields[0], "time", "price")
			e.waits, e.cheap = fields[0] == "time", fields[0] == "price"
			return err
		}),
		edit("irony.tsv", func(e *entry, fields []string) (err error) {
			e.opening = e.opening || onlyOpening(fields)
			e.mocks, err = kind(fields[0], sneer, feigned, exclaim, mishap, mended, twist, tears, onto, object)
			return err
		}),
	)
}

// onlyOpening tells whether a line of rules holds only for the first word of a clause.
func onlyOpening(fields []string) bool { return len(fields) > 1 && fields[1] == "opening" }

// kind checks that a field is one of the kinds of its table.
func kind[K ~string](field string, kinds ...K) (K, error) {
	if !slices.Contains(kinds, K(field)) {
		return "", fmt.Errorf("kind %q is not one of %q", field, kinds)
	}
	return K(field), nil
}

// readTable gives each line of a table to add: its first field, in normal form,
// and the others.
func readTable(files fs.FS, name string, n *Normaliser, add func(term string, fields []string) error) error {
	data, err := fs.ReadFile(files, name)
	if err != nil {
		return fmt.Errorf("read lexicon table %s: %w", name, err)
	}
	return readLines(name, string(data), n, add)
}

// readLines is readTable for a table in hand. Empty lines and lines that begin
// with "# " or are "#" alone are comments.
func readLines(name, table string, n *Normaliser, add func(term string, fields []string) error) error {
	var errs []error
	at := 0
	for line := range strings.Lines(table) {
		at++
		line = strings.TrimRight(line, "\r\n")
		if line == "" || line == "#" || strings.HasPrefix(line, "# ") {
			continue
		}
		fields := strings.Split(line, "\t")
		term, _ := n.Normalise(fields[0])
		if term = strings.TrimSpace(term); term == "" || len(fields) < 2 || !utf8.ValidString(line) {
			errs = append(errs, fmt.Errorf("%s:%d: want term<TAB>value, have %q", name, at, line))
			continue
		}
		if err := add(term, fields[1:]); err != nil {
			errs = append(errs, fmt.Errorf("%s:%d: %s: %w", name, at, term, err))
		}
	}
	return errors.Join(errs...)
}

// number parses fields[i] and checks its range.
func number(fields []string, i int, least, most float64) (float64, error) {
	v, err := strconv.ParseFloat(strings.TrimSpace(fields[i]), 64)
	if err != nil || !(v >= least && v <= most) {
		return 0, fmt.Errorf("%q is not a number from %g to %g", fields[i], least, most)
	}
	return v, nil
}
