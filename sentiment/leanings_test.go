package sentiment

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/go-ego/gse"

	"reputed/internal/reputation"
)

// lesson is a labelled sentence to learn leanings from, as the phrases read it.
type lesson struct {
	text   reputation.Text
	words  map[string]bool
	list   []found
	labels [tables][]int // indices of names; unclear where a driver or stage is none
}

// How leanings are learned; chosen by what they make of part b of the golden
// sentences, and for signals by how few they raise in talk of other things.
const (
	leaningDoubt = 0.12 // precision of a leaning around 0
	leaningFaint = 0.1  // least leaning that is worth a line
	usualWord    = 0.04 // share of the lessons that a word which tells something stands in at most
	usualSign    = 5000 // frequency in the dictionary that a sign of a signal has at most
)

// phraseSurety is how much more a vote of a phrase is worth than one that is
// learned.
var phraseSurety = [tables]float64{drivers: 2.5, stages: 2.5, signalTable: 5}

// TestLeanings makes the table of leanings anew from the examples and proves that it
// is the shipped one.
func TestLeanings(t *testing.T) {
	const path = "../lexicons/loyalty/learned.tsv"
	lexicon, reader := shipped(t)
	lexicon.leanings = newLeanings()
	tells, err := telling(gseSegmenter(t).Dict)
	if err != nil {
		t.Fatal(err)
	}
	var lessons []*lesson
	data, err := os.ReadFile("testdata/loyalty-examples.tsv")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		if !strings.HasPrefix(line, "#") {
			lessons = append(lessons, newLesson(lexicon, reader, strings.Split(strings.TrimSuffix(line, "\n"), "\t")))
		}
	}

	var lines strings.Builder
	lines.WriteString(leaningsTitle)
	for _, in := range []struct {
		table table
		names int
	}{{drivers, len(driverNames) + 1}, {signalTable, risk}, {stages, len(stageNames) + 1}} {
		if in.table == stages { // which follows from the driver and the signals too
			for _, l := range lessons {
				list := lexicon.leanings.find(l.text, slices.Clone(l.list), new(seen))
				driver := heaviest(lexicon.weigh(list, drivers, firstPause(l.text)), driverNames[:])
				l.list = implied(l.list, driver, raised(lexicon.weigh(list, signalTable, 0), list))
			}
		}
		for name := range in.names {
			for _, line := range learnLeanings(lexicon, lessons, in.table, name, tells) {
				lines.WriteString(line)
			}
		}
	}
	if *update {
		if err := os.WriteFile(path, []byte(lines.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	known, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(known) != lines.String() {
		t.Errorf("%s is not what the examples teach; make it anew with: go test ./sentiment -run TestLeanings -update", path)
	}
}

const leaningsTitle = `# Learned from sentiment/testdata/loyalty-examples.tsv by: go test ./sentiment -run TestLeanings -update
# kind<TAB>name<TAB>word<TAB>weight: how much a word of a text speaks for a driver, stage or signal, or against it.
# The unit is that of the tables beside this one. * is what is said before any word is; unclear stands for none.
`

// shipped is the lexicon of the product, with a reader that knows the names.
func shipped(t testing.TB, names ...string) (*Lexicon, *Reader) {
	t.Helper()
	script, err := os.Open("../lexicons/script/traditional.tsv")
	if err != nil {
		t.Fatal(err)
	}
	defer script.Close()
	n, err := NewNormaliser(script)
	if err != nil {
		t.Fatal(err)
	}
	lexicon, err := LoadLexicon(os.DirFS("../lexicons"), n)
	if err != nil {
		t.Fatal(err)
	}
	reader, err := NewReader(n, names)
	if err != nil {
		t.Fatal(err)
	}
	return lexicon, reader
}

func newLesson(l *Lexicon, reader *Reader, fields []string) *lesson {
	text := reader.Read(fields[3])
	lesson := &lesson{text: text, words: map[string]bool{}}
	lesson.list = slices.DeleteFunc(l.phrases.find(text, nil), func(f found) bool { return l.unreal(text, f) })
	for _, w := range text.Words {
		if word := text.Norm[w.Start:w.End]; word != " " && pauseOf(word) == noPause {
			lesson.words[word] = true
		}
	}
	label := func(in table, name string) {
		if name == "-" {
			name = unclear
		}
		if i := nameIn(in, name); i >= 0 {
			lesson.labels[in] = append(lesson.labels[in], i)
		}
	}
	label(drivers, fields[0])
	label(stages, fields[1])
	for name := range strings.SplitSeq(fields[2], ",") {
		label(signalTable, name)
	}
	return lesson
}

// telling returns a test for words that may tell something by themselves: none of
// grammar; and a signal, which may alarm people, only words that are long enough to
// mean one thing and not used everywhere.
func telling(dict *gse.Dictionary) (func(in table, word string) bool, error) {
	silent, err := readSilentWords()
	return func(in table, word string) bool {
		if silent[word] == grammatical {
			return false
		}
		usual, _, _ := dict.Find([]byte(word))
		return in != signalTable || len(word) >= len("字字") && usual <= usualSign || word[0] < utf8.RuneSelf && len(word) >= 4
	}, err
}

// learnLeanings fits the leanings to one name, puts them into the lexicon and
// returns their lines: a logistic regression over the words of the lessons, with
// what the phrases say as its offset.
func learnLeanings(l *Lexicon, lessons []*lesson, in table, name int, tells func(table, string) bool) []string {
	base := weight{value: -5, precision: 0.01, least: -50, most: 50}
	words := map[string]*weight{}
	var r regression
	for i, lesson := range lessons {
		topic := 0
		if in == drivers {
			topic = firstPause(lesson.text)
		}
		row := outcome{weight: 1, sum: phraseSurety[in] * ofPhrases(l.weigh(lesson.list, in, topic), in, name)}
		if slices.Contains(lesson.labels[in], name) {
			row.target = 1
		}
		r.rows = append(r.rows, row)
		base.cells = append(base.cells, cell{int32(i), 1})
		for word := range lesson.words {
			if !tells(in, word) {
				continue
			}
			if words[word] == nil {
				words[word] = &weight{precision: leaningDoubt, least: -20, most: 20}
			}
			words[word].cells = append(words[word].cells, cell{int32(i), 1})
		}
	}
	maps.DeleteFunc(words, func(_ string, w *weight) bool {
		return len(w.cells) < 2 || float64(len(w.cells)) > usualWord*float64(len(lessons))
	})
	known := slices.Sorted(maps.Keys(words))
	r.weights = append(r.weights, base)
	for _, word := range known {
		r.weights = append(r.weights, *words[word])
	}
	r.fit()

	what := unclear
	if name < len(namesOf[in]) {
		what = namesOf[in][name]
	}
	inVotes := func(i int) float64 { return math.Round(100*r.weights[i].value/phraseSurety[in]) / 100 }
	l.leanings.base[in][name] = inVotes(0)
	lines := []string{fmt.Sprintf("%s\t%s\t%s\t%.2f\n", kinds[in], what, anyText, inVotes(0))}
	order := make([]int, len(known))
	for i := range order {
		order[i] = i + 1
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(inVotes(j), inVotes(i)) })
	for _, i := range order {
		word, votes := known[i-1], inVotes(i)
		if math.Abs(votes) < leaningFaint {
			continue
		}
		lines = append(lines, fmt.Sprintf("%s\t%s\t%s\t%.2f\n", kinds[in], what, word, votes))
		e := l.leanings.words.entry(word)
		e[in] = append(e[in], vote{name: uint8(name), weight: votes})
	}
	return lines
}

// ofPhrases is what phrases alone say for a name: for unclear, the contrary of the
// most that they say for any other.
func ofPhrases(b ballot, in table, name int) float64 {
	if in == signalTable {
		return min(b.phrases[name], raisedFully)
	}
	if name < len(namesOf[in]) {
		return min(b.phrases[name], surest)
	}
	said := 0.0
	for other := range namesOf[in] {
		said = max(said, min(b.phrases[other], surest))
	}
	return b.phrases[name] - said
}
