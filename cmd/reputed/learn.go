package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/term"

	"reputed/internal/config"
	"reputed/internal/labelled"
	"reputed/internal/store"
	"reputed/lexicons"
	"reputed/sentiment"
)

type learnCommand struct {
	Files           []string `arg:"" optional:"" name:"file" help:"Labelled texts, a line each: label<TAB>text or label<TAB>domain<TAB>text, where label is pos, neu or neg; - is standard input. Texts of different kinds belong into files of their own."`
	Out             string   `placeholder:"FILE" type:"path" help:"Write what was learned to this table, for lexicons: of the configuration; without it, only the figures are shown."`
	FromCorrections bool     `help:"Learn from the labels that people gave to mentions, in the database of the configuration."`
	Config          string   `placeholder:"FILE" type:"path" help:"Configuration with the brands, of whose names nothing is learned, and the database."`
	Afresh          bool     `help:"Begin with the hand-made tables alone and learn what holds for talk of any kind: how the shipped weights were made. Otherwise the shipped weights are the beginning, and what is learned suits texts like these."`
}

func (c learnCommand) Run(ctx context.Context, env environment) error {
	switch {
	case c.FromCorrections && c.Config == "":
		return usageError("--from-corrections needs --config, which names the database")
	case !c.FromCorrections && len(c.Files) == 0:
		return usageError("nothing to learn from: name a file of labelled texts, or --from-corrections")
	}
	if err := mayWrite(c.Out); err != nil {
		return err
	}
	cfg, err := loadOptional(c.Config, env)
	if err != nil {
		return err
	}
	v, err := newVocabulary(cfg)
	if err != nil {
		return err
	}
	names := v.matcher.Terms()
	reader, err := sentiment.NewReader(v.normaliser, names)
	if err != nil {
		return err
	}
	files, err := c.read(ctx, cfg, env, reader)
	if err != nil {
		return err
	}
	school, err := newSchool(v.normaliser, names, c.Afresh)
	if err != nil {
		return err
	}
	if err := school.examine(ctx, env, files); err != nil {
		return err
	}
	if c.Out == "" {
		return nil
	}
	entries := school.learn(school.lexicon, files)
	if err := writeLexicon(c.Out, files, c.Afresh, entries); err != nil {
		return err
	}
	fmt.Fprintf(env.stderr, "%s holds %d entries\n", c.Out, len(entries))
	return nil
}

// labelledFile is a source of labelled texts, read.
type labelledFile struct {
	name     string
	examples []sentiment.Example
}

// read reads all that is to be learned from.
func (c learnCommand) read(ctx context.Context, cfg *config.Config, env environment, reader *sentiment.Reader) ([]labelledFile, error) {
	var files []labelledFile
	for _, name := range c.Files {
		rows, err := readLabelled(name, env)
		if err != nil {
			return nil, err
		}
		base := strings.TrimSuffix(filepath.Base(name), filepath.Ext(name))
		files = append(files, labelledFile{base, examples(rows, reader)})
	}
	if c.FromCorrections {
		rows, err := readCorrections(ctx, cfg.Database)
		if err != nil {
			return nil, err
		}
		files = append(files, labelledFile{"corrections", examples(rows, reader)})
	}
	return files, nil
}

// readCorrections returns the texts of mentions with the labels that people gave
// them.
func readCorrections(ctx context.Context, database string) ([]labelled.Row, error) {
	db, err := store.OpenBeside(ctx, database)
	if err != nil {
		return nil, err
	}
	defer db.Close() // nothing was written
	corrections, err := db.Corrections(ctx)
	if err != nil {
		return nil, err
	}
	if len(corrections) == 0 {
		return nil, fmt.Errorf("%s holds no corrections; make them with: reputed label MENTION positive|neutral|negative", database)
	}
	rows := make([]labelled.Row, len(corrections))
	for i, c := range corrections {
		rows[i] = labelled.Row{Label: c.Label, Text: c.Content}
	}
	return rows, nil
}

// examples makes labelled texts of any origin ready to learn from.
func examples(rows []labelled.Row, reader *sentiment.Reader) []sentiment.Example {
	all := make([]sentiment.Example, len(rows))
	for i, row := range rows {
		all[i] = sentiment.Example{Text: reader.Read(row.Text), Label: row.Label}
	}
	return all
}

// school learns from files, and examines what was learned on texts that it was
// not learned from.
type school struct {
	learner *sentiment.Learner
	lexicon *sentiment.Lexicon // what it begins with
	reach   sentiment.Reach
}

func newSchool(n *sentiment.Normaliser, names []string, afresh bool) (*school, error) {
	reach, load := sentiment.OwnTalk, sentiment.LoadLexicon
	if afresh {
		reach, load = sentiment.AnyTalk, sentiment.LoadHandmade
	}
	learner, err := sentiment.NewLearner(lexicons.Files, n, names)
	if err != nil {
		return nil, err
	}
	lexicon, err := load(lexicons.Files, n)
	if err != nil {
		return nil, err
	}
	return &school{learner, lexicon, reach}, nil
}

func (s *school) learn(lexicon *sentiment.Lexicon, files []labelledFile) []sentiment.Entry {
	all := make([][]sentiment.Example, len(files))
	for i, f := range files {
		all[i] = f.examples
	}
	return s.learner.Fit(lexicon, s.reach, all)
}

// folds is the number of parts that a file is cut into, each of which is rated
// with what was learned from the others.
const folds = 5

// report is how well a file is rated.
type report struct{ before, without, inside labelled.Tally }

// examine prints how well each file is rated before anything is learned ("before"),
// with what was learned from the others ("without"), and with what was learned from
// those and four fifths of itself ("inside").
func (s *school) examine(ctx context.Context, env environment, files []labelledFile) error {
	reports := make([]report, len(files))
	bar := newProgress(env.stderr, len(files)*(folds+1))
	var work sync.WaitGroup
	hands := make(chan struct{}, runtime.GOMAXPROCS(0))
	for i := range files {
		work.Go(func() {
			hands <- struct{}{}
			defer func() { <-hands }()
			s.examineFile(ctx, files, i, &reports[i], bar)
		})
	}
	work.Wait()
	bar.end()
	if err := ctx.Err(); err != nil {
		return err
	}
	out := bufio.NewWriter(env.stdout)
	printReports(out, "before", files, reports, func(r *report) *labelled.Tally { return &r.before })
	if len(files) > 1 {
		printReports(out, "without", files, reports, func(r *report) *labelled.Tally { return &r.without })
	}
	printReports(out, "inside", files, reports, func(r *report) *labelled.Tally { return &r.inside })
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write standard output: %w", err)
	}
	return nil
}

func (s *school) examineFile(ctx context.Context, files []labelledFile, i int, r *report, bar *progress) {
	lexicon := s.lexicon
	rate(lexicon, files[i].examples, &r.before)
	if len(files) > 1 {
		others := append(append([]labelledFile(nil), files[:i]...), files[i+1:]...)
		lexicon = lexicon.With(s.learn(lexicon, others))
		rate(lexicon, files[i].examples, &r.without)
	}
	bar.step()
	for fold := range folds {
		if ctx.Err() != nil {
			return
		}
		var known, unknown []sentiment.Example
		for k, e := range files[i].examples {
			if k%folds == fold {
				unknown = append(unknown, e)
			} else {
				known = append(known, e)
			}
		}
		entries := s.learner.Fit(lexicon, sentiment.OwnTalk, [][]sentiment.Example{known})
		rate(lexicon.With(entries), unknown, &r.inside)
		bar.step()
	}
}

func rate(lexicon *sentiment.Lexicon, examples []sentiment.Example, tally *labelled.Tally) {
	scorer := sentiment.NewScorer(lexicon, nil)
	for _, e := range examples {
		tally.Add(e.Label, scorer.Rate(e.Text, nil, nil))
	}
}

func printReports(out io.Writer, how string, files []labelledFile, reports []report, of func(*report) *labelled.Tally) {
	accuracy, f1 := 0.0, 0.0
	for i, f := range files {
		polar, three := of(&reports[i]).Polar(), of(&reports[i]).ThreeWay()
		fmt.Fprintf(out, "%s %-20s rows %6d  accuracy %5.1f  macro-F1 %5.1f", how, f.name+":", len(f.examples), 100*polar.Accuracy, 100*polar.MacroF1)
		if three.Rows > 0 {
			fmt.Fprintf(out, "  three-way macro-F1 %5.1f", 100*three.MacroF1)
		}
		fmt.Fprintln(out)
		accuracy += polar.Accuracy / float64(len(files))
		f1 += polar.MacroF1 / float64(len(files))
	}
	fmt.Fprintf(out, "%s, mean of %d: accuracy %.1f macro-F1 %.1f\n", how, len(files), 100*accuracy, 100*f1)
}

// progress shows how far long work is, on a terminal only.
type progress struct {
	out  io.Writer // nil when nobody watches
	all  int64
	done atomic.Int64
}

func newProgress(stderr io.Writer, all int) *progress {
	p := &progress{all: int64(all)}
	if f, ok := stderr.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		p.out = f
	}
	return p
}

func (p *progress) step() {
	if done := p.done.Add(1); p.out != nil {
		fmt.Fprintf(p.out, "\rexamining: %d %%", 100*done/p.all)
	}
}

func (p *progress) end() {
	if p.out != nil {
		fmt.Fprint(p.out, "\r\x1b[K")
	}
}

// learnedTitle is the first line of every table that this command writes.
const learnedTitle = "# Learned by: reputed learn"

// mayWrite refuses to overwrite what people wrote, and finds a wrong path before
// the work is done.
func mayWrite(path string) error {
	if path == "" {
		return nil
	}
	if _, err := os.Stat(filepath.Dir(path)); errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("no folder %s for --out; make it first", filepath.Dir(path))
	}
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look at --out: %w", err)
	}
	defer f.Close()
	head := make([]byte, len(learnedTitle))
	if _, err := io.ReadFull(f, head); err != nil || string(head) != learnedTitle {
		return fmt.Errorf("%s was not written by reputed learn; name another file with --out, or remove it first", path)
	}
	return nil
}

// writeLexicon writes a table in one step, so that no reader sees a part of it.
func writeLexicon(path string, from []labelledFile, afresh bool, entries []sentiment.Entry) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("write the lexicon: %w", err)
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("write the lexicon: %w", errors.Join(err, os.Remove(f.Name())))
		}
	}()
	out := bufio.NewWriter(f)
	fmt.Fprint(out, learnedTitle)
	if afresh {
		fmt.Fprint(out, " --afresh")
	}
	for _, f := range from {
		fmt.Fprint(out, " ", f.name)
	}
	fmt.Fprint(out, `
# It is written anew each time. Words of your own belong into a table of their own, which wins over this one.
# term<TAB>valence        a term of the hand-made tables, with what the texts make of its valence (-4 to 4)
# 不_term<TAB>valence     the same after a negator: 不_好 stands for 不好, 不太好, 没有那么好
# word<TAB>valence<TAB>hint, first_second<TAB>valence<TAB>hint, *_characters<TAB>valence<TAB>hint
#                         a word, two neighbouring ones, or characters anywhere, that lean to one side: each counts
#                         once a text, and no rule touches it
`)
	for _, e := range entries {
		fmt.Fprintf(out, "%s\t%g", e.Term, e.Value)
		if e.Hint {
			fmt.Fprint(out, "\thint")
		}
		fmt.Fprintln(out)
	}
	if err := errors.Join(out.Flush(), f.Chmod(0o644), f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
