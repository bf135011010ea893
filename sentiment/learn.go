package sentiment

import (
	"io/fs"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"reputed/internal/reputation"
)

// Example is a text and what people say it says.
type Example struct {
	Text  reputation.Text
	Label reputation.Label
}

// Reach is the kind of texts that something is learned for.
type Reach int

const (
	// AnyTalk is talk of any kind. A hint is a word that says something of what is
	// spoken of, or a pair with one; it leans to the same side in two files, where
	// there are two of its language, and not much to the other in any.
	AnyTalk Reach = iota
	// OwnTalk is more talk of the kind of the examples. Hints are any words but
	// names, pairs, and pieces, and the examples weigh more against the lexicon.
	OwnTalk
)

// settings are how something is learned. They were chosen by leaving out whole
// files (AnyTalk) and by cross-validation inside files (OwnTalk); docs/accuracy.md
// shows the figures.
type settings struct {
	trust   float64 // precision around a valence that the lexicon knows
	doubt   float64 // precision around 0 of a hint that it does not know
	neutral float64 // how much a neutral text counts
	rarest  int     // texts that must hold what is fitted
	faint   float64 // least change of a valence that is worth an entry
}

func (r Reach) settings() settings {
	if r == OwnTalk {
		return settings{trust: 0.5, doubt: 1, neutral: 2, rarest: 1, faint: 0.05}
	}
	return settings{trust: 6, doubt: 4, neutral: 1, rarest: 8, faint: 0.1}
}

const (
	// balance is the power of its size by which a file counts less than its rows.
	balance = 0.3
	// usualLength is the number of findings of a text that counts once; a longer one
	// says less with each, by this power of its length.
	usualLength = 20
	brevity     = 0.3
	// weakest is the least valence of a term: data do not turn praise into blame.
	weakest = 0.1
	// spread is the number of files that a hint for talk of any kind leans the same
	// way in, and contrary the share of leaning to the other that it may have.
	spread   = 2
	contrary = 1.0 / 3
	// sharpness is the power of its leaning by which a hint for own talk is doubted
	// less.
	sharpness = 1.4
)

// Learner fits valences to examples. The model is the scorer itself: a rule's
// factor is how much of its term's valence a text takes, so that the sum of a text
// is linear in the valences; what the lexicon says is the mean of their prior.
// A Learner is safe for concurrent use.
type Learner struct{ silent map[string]silence }

// NewLearner returns a learner that makes no hints of words that say nothing: of the
// names, in normal form, and of the names, function words and topics that the
// dictionary knows or the table learned/silent.tsv of a lexicon folder.
func NewLearner(files fs.FS, n *Normaliser, names []string) (*Learner, error) {
	silent, err := readSilentWords()
	if err != nil {
		return nil, err
	}
	err = readTable(files, "learned/silent.tsv", n, func(term string, fields []string) (err error) {
		silent[term], err = silenceNamed(fields[0])
		return err
	})
	for _, term := range names {
		silent[term] = properName
	}
	return &Learner{silent}, err
}

// Fit returns what the examples change of a lexicon: valences of its terms, also
// after a negator, and hints. The entries are sorted by term and are meant for
// Lexicon.With. The examples come in files, so that a large one does not outweigh
// the others; the result depends on nothing but the arguments.
func (l *Learner) Fit(lexicon *Lexicon, reach Reach, files [][]Example) []Entry {
	d := design{learner: l, lexicon: lexicon, reach: reach, settings: reach.settings(), index: map[string]int{}, sharing: map[string]int{}}
	total := 0
	for _, examples := range files {
		total += len(examples)
	}
	for _, examples := range files {
		if len(examples) > 0 {
			d.addFile(examples, math.Pow(float64(total)/float64(len(files)*len(examples)), balance))
		}
	}
	return d.fit()
}

// design is the regression in the making.
type design struct {
	learner  *Learner
	lexicon  *Lexicon
	reach    Reach
	settings settings
	reading  reading
	seen     seen
	rows     []outcome
	features []feature
	index    map[string]int // of features, by key; unlearned for what is none
	usual    []float64      // mean target of each file
	sharing  map[string]int // number of files in each language
}

const unlearned = -1

// feature is a valence to be fitted: of a term of the lexicon, of one after a
// negator, or of a hint.
type feature struct {
	weight
	term  string
	hint  bool
	known bool // the lexicon says it
}

func (d *design) addFile(examples []Example, share float64) {
	usual, chinese := 0.0, 0
	for _, e := range examples {
		if e.Text.Lang == "zh" {
			chinese++
		}
		row := outcome{weight: share, file: len(d.usual)}
		switch e.Label {
		case reputation.Positive:
			row.target = 1
		case reputation.Negative:
		default:
			row.target = 0.5
			row.weight *= d.settings.neutral
		}
		usual += row.target / float64(len(examples))
		taken := d.take(e.Text, &row)
		scale := math.Pow(usualLength/float64(len(taken)+1), brevity)
		row.sum *= scale
		for _, c := range taken {
			f := &d.features[c.row]
			f.cells = append(f.cells, cell{int32(len(d.rows)), c.factor * float32(scale)})
		}
		d.rows = append(d.rows, row)
	}
	d.usual = append(d.usual, usual)
	d.sharing[languageOf(2*chinese < len(examples))]++
}

// languageOf is the language of what is or is not in Latin letters.
func languageOf(latin bool) string {
	if latin {
		return "en"
	}
	return "zh"
}

// take lists the features of a text, each once, with how much of it the text
// takes; the rows of the cells are the features' numbers. What is not to be
// learned goes into the row's sum.
func (d *design) take(t reputation.Text, row *outcome) []cell {
	findings, clauses := d.reading.apply(t.Norm, d.lexicon.find(nil, t))
	taken := make([]cell, 0, 2*len(t.Words))
	add := func(feature int, factor float64) {
		if feature == unlearned {
			return
		}
		for i := range taken {
			if taken[i].row == int32(feature) {
				taken[i].factor += float32(factor)
				return
			}
		}
		taken = append(taken, cell{int32(feature), float32(factor)})
	}
	for i := range findings {
		f := &findings[i]
		term := t.Norm[f.start:f.end]
		switch e := d.lexicon.words.find(term); {
		case e == nil || e.valence != f.value || e.rules():
			row.sum += f.weight()
		case f.alone:
			add(d.deniedTerm(term, e), f.weight()/e.afterNegator())
		default:
			add(d.term(term, e), f.factor)
		}
	}
	d.seen.reset()
	each := func(p pattern) {
		if d.seen.add(p.hash) {
			add(d.pattern(p), 1)
		}
	}
	eachPattern(t, clauses, each)
	if d.reach == OwnTalk {
		names := d.names(t)
		eachPiece(t, clauses, func(p pattern) {
			if !slices.ContainsFunc(names, func(n reputation.Word) bool { return p.start < n.End && n.Start < p.end }) {
				each(p)
			}
		})
	}
	return taken
}

// names lists the words of a text that are names.
func (d *design) names(t reputation.Text) []reputation.Word {
	var names []reputation.Word
	for _, w := range t.Words {
		if d.learner.silent[t.Norm[w.Start:w.End]] == properName {
			names = append(names, w)
		}
	}
	return names
}

// rules tells of terms that the rules know, whose valence is a part of theirs.
func (e *entry) rules() bool {
	return e.negates != 0 || e.degree != 0 || e.turn != "" || e.compares != "" || e.asks != "" || e.mocks != ""
}

// feature returns the number of the feature with that key, which describe makes
// at first sight unless it is not to be learned.
func (d *design) feature(key string, describe func(key string) (feature, bool)) int {
	if i, ok := d.index[key]; ok {
		return i
	}
	key = strings.Clone(key) // it is a part of a text
	f, ok := describe(key)
	if !ok {
		d.index[key] = unlearned
		return unlearned
	}
	d.index[key] = len(d.features)
	d.features = append(d.features, f)
	return len(d.features) - 1
}

func (d *design) term(term string, e *entry) int {
	return d.feature(term, func(key string) (feature, bool) {
		return feature{term: key, known: true, weight: around(e.valence, d.settings.trust)}, true
	})
}

func (d *design) deniedTerm(term string, e *entry) int {
	return d.feature(denied+term, func(key string) (feature, bool) {
		return feature{term: key, known: true, weight: around(e.afterNegator(), d.settings.trust)}, true
	})
}

// around is the prior of a valence, whose sign the data do not change.
func around(value, precision float64) weight {
	if value < 0 {
		return weight{value: value, precision: precision, least: -4, most: -weakest}
	}
	return weight{value: value, precision: precision, least: weakest, most: 4}
}

func (d *design) pattern(p pattern) int {
	key := hintKey + p.second
	if p.first != "" {
		key += join + p.first
	}
	return d.feature(key, func(string) (feature, bool) {
		f := feature{term: p.term(), hint: true, weight: weight{precision: d.settings.doubt, least: -4, most: 4}}
		if f.value = d.lexicon.hints.get(f.term); f.value != 0 {
			f.known, f.precision = true, d.settings.trust
		}
		return f, f.known || d.mayHint(p)
	})
}

// hintKey keeps the keys of hints apart from those of terms.
const hintKey = "\t"

// mayHint tells whether a hint may be learned of a pattern.
func (d *design) mayHint(p pattern) bool {
	silent := d.learner.silent
	switch {
	case p.first == "" && d.evaluates(p.second), silent[p.first] == properName, silent[p.second] == properName:
		return false
	case d.reach == OwnTalk:
		return true
	case p.first == "":
		return d.meaningful(p.second) && silent[p.second] != topical
	}
	return d.meaningful(p.first) && d.meaningful(p.second) &&
		(silent[p.first] != topical || silent[p.second] != topical)
}

func (d *design) evaluates(word string) bool {
	e := d.lexicon.words.find(word)
	return e != nil && e.valence != 0
}

// meaningful tells of words that are long enough to mean one thing, two Han
// characters or four Latin letters, that are no words of grammar and that the
// lexicon does not know; nor do they begin with what the rules know (很脏).
func (d *design) meaningful(word string) bool {
	if d.learner.silent[word] == grammatical || word[0] < utf8.RuneSelf && (len(word) < 4 || strings.ContainsFunc(word, unicode.IsDigit)) {
		return false
	}
	for i := range word {
		if e := d.lexicon.words.find(word[:i]); e != nil && (e.negates != 0 || e.degree != 0) {
			return false
		}
	}
	return utf8.RuneCountInString(word) >= 2 && d.lexicon.words.find(word) == nil
}

// fit runs the regression over the features that the texts speak of clearly
// enough, and returns those that it moved.
func (d *design) fit() []Entry {
	r := regression{rows: d.rows}
	if d.reach == AnyTalk {
		r.levels = len(d.usual)
	}
	var fitted []*feature
	for i := range d.features {
		f := &d.features[i]
		switch {
		case !f.known && !d.clear(f):
			continue
		case !f.hint && len(f.cells) < d.settings.rarest:
			f.least, f.most = f.value, f.value // too few to move it
		}
		fitted = append(fitted, f)
		r.weights = append(r.weights, f.weight)
	}
	r.fit()
	var entries []Entry
	for i, f := range fitted {
		if value := r.weights[i].value; math.Abs(value-f.value) >= d.settings.faint {
			entries = append(entries, Entry{Term: f.term, Value: math.Round(value*100) / 100, Hint: f.hint})
		}
	}
	entries = append(entries, d.keptDenials(entries)...)
	slices.SortFunc(entries, func(a, b Entry) int { return strings.Compare(a.Term, b.Term) })
	return entries
}

// keptDenials are what the lexicon knows of denied terms whose valence changes,
// which would undo it.
func (d *design) keptDenials(entries []Entry) []Entry {
	changed := map[string]bool{}
	for _, e := range entries {
		changed[e.Term] = true
	}
	var kept []Entry
	for _, e := range entries {
		if known := d.lexicon.words.find(e.Term); !e.Hint && known != nil && known.denied != 0 && !changed[denied+e.Term] {
			kept = append(kept, Entry{Term: denied + e.Term, Value: known.denied})
		}
	}
	return kept
}

// clear tells whether enough texts hold a new hint and, of one for talk of any
// kind, whether it leans the same way in enough files. For own talk, a hint is
// doubted the less the more it leans (after Wang and Manning, Baselines and
// Bigrams, 2012: features scaled by the logarithm of their ratio of counts).
func (d *design) clear(f *feature) bool {
	if len(f.cells) < max(d.settings.rarest, 2) {
		return false
	}
	positive, usual := 0.0, 0.0 // of the texts with the hint, and of as many others of their files
	leans := make([]float64, len(d.usual))
	for _, c := range f.cells {
		row := &d.rows[c.row]
		positive += row.target
		usual += d.usual[row.file]
		leans[row.file] += row.target - d.usual[row.file]
	}
	if d.reach == OwnTalk {
		all := float64(len(f.cells))
		ratio := (positive + 1) / (all - positive + 1) * (all - usual + 1) / (usual + 1)
		f.precision /= math.Pow(max(math.Abs(math.Log(ratio)), 0.1), sharpness)
		return true
	}
	up, down, ups, downs := 0.0, 0.0, 0, 0
	for _, lean := range leans {
		if lean > 0 {
			up += lean
		} else {
			down -= lean
		}
		if lean >= 1 {
			ups++
		} else if lean <= -1 {
			downs++
		}
	}
	files := min(spread, d.sharing[languageOf(f.term[0] < utf8.RuneSelf)])
	return ups >= files && down <= contrary*up || downs >= files && up <= contrary*down
}
