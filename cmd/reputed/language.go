package main

import (
	"reputed/internal/brand"
	"reputed/internal/config"
	"reputed/internal/pipeline"
	"reputed/internal/reputation"
	"reputed/lexicons"
	"reputed/sentiment"
)

// newNormaliser reads the conversion table that the program carries.
func newNormaliser() (*sentiment.Normaliser, error) {
	table, err := lexicons.Files.Open("script/traditional.tsv")
	if err != nil {
		return nil, err
	}
	defer table.Close()
	return sentiment.NewNormaliser(table)
}

// vocabulary is what a configuration adds to the language: its brands, and words of
// its own.
type vocabulary struct {
	normaliser *sentiment.Normaliser
	matcher    *brand.Matcher
	own        ownWords
}

func newVocabulary(c *config.Config) (v vocabulary, err error) {
	if v.normaliser, err = newNormaliser(); err != nil {
		return v, err
	}
	if v.matcher, err = newMatcher(c, v.normaliser); err != nil {
		return v, err
	}
	v.own, err = readOwnWords(c, v.normaliser)
	return v, err
}

// language reads and rates texts with the vocabulary.
func (v vocabulary) language(load languageLoader) (language, error) {
	return load(v.normaliser, v.matcher.Terms(), v.own)
}

// configuredLanguage is the language with the vocabulary of a configuration file, for a
// command that needs no file: an empty path adds nothing.
func configuredLanguage(path string, env environment) (vocabulary, language, error) {
	cfg, err := loadOptional(path, env)
	if err != nil {
		return vocabulary{}, language{}, err
	}
	v, err := newVocabulary(cfg)
	if err != nil {
		return v, language{}, err
	}
	l, err := v.language(env.language)
	return v, l, err
}

// language is what reads and rates texts.
type language struct {
	reader pipeline.Reader
	scorer scorer
}

// scorer can leave the evidence out, for whoever wants the figures of many texts.
type scorer interface {
	pipeline.Scorer
	Rate(t reputation.Text, own, others []reputation.Span) reputation.Score
}

// languageLoader makes a language whose dictionary knows the names, and whose
// lexicon the user's own words.
type languageLoader func(n *sentiment.Normaliser, names []string, own ownWords) (language, error)

// newLanguage loads the dictionary, which learns the names and the user's new words,
// and the lexicon with the user's words over it.
func newLanguage(n *sentiment.Normaliser, names []string, own ownWords) (language, error) {
	lexicon, err := sentiment.LoadLexicon(lexicons.Files, n)
	if err != nil {
		return language{}, err
	}
	reader, err := sentiment.NewReader(n, names)
	if err != nil {
		return language{}, err
	}
	reader.Teach(own.terms())
	return language{reader, own.scorer(lexicon)}, nil
}

// normal returns the normal form of a term, for the brand matcher.
func normal(n *sentiment.Normaliser) func(string) string {
	return func(term string) string {
		form, _ := n.Normalise(term)
		return form
	}
}

// newFields reads the table of fields that the program carries.
func newFields(n *sentiment.Normaliser) (*brand.Fields, error) {
	table, err := lexicons.Files.Open("fields/fields.tsv")
	if err != nil {
		return nil, err
	}
	defer table.Close()
	return brand.ReadFields(table, normal(n))
}

// newMatcher prepares the configured brands, and their competitors that are no
// brands of their own under their names.
func newMatcher(c *config.Config, n *sentiment.Normaliser) (*brand.Matcher, error) {
	fields, err := newFields(n)
	if err != nil {
		return nil, err
	}
	var brands []brand.Brand
	for i, b := range c.Brands {
		one := brand.Brand{Name: b.Name, Aliases: b.Aliases, Context: b.Context, Exclude: b.Exclude, Query: b.Query}
		if _, err := brand.NewMatcher([]brand.Brand{one}, fields, normal(n)); err != nil {
			if b.Query != "" {
				return nil, c.Wrong(err, "brands", i, "query")
			}
			return nil, c.Wrong(err, "brands", i)
		}
		brands = append(brands, one)
	}
	known := map[string]bool{}
	for _, b := range c.Brands {
		known[b.Name] = true
	}
	for _, b := range c.Brands {
		for _, competitor := range b.Competitors {
			if !known[competitor] {
				known[competitor] = true
				brands = append(brands, brand.Brand{Name: competitor})
			}
		}
	}
	return brand.NewMatcher(brands, fields, normal(n))
}
