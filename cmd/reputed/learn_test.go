package main

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"reputed/sentiment"
)

// A table that is written is read as what was written.
func TestLexiconRoundTrip(t *testing.T) {
	want := []sentiment.Entry{
		{Term: "*_难", Value: -0.21, Hint: true}, {Term: "不_好", Value: -1.9}, {Term: "再次_光临", Value: 0.5, Hint: true},
		{Term: "好", Value: 2.35}, {Term: "推诿", Value: -1, Hint: true},
	}
	path := filepath.Join(t.TempDir(), "learned.tsv")
	if err := writeLexicon(path, []labelledFile{{name: "own"}}, true, want); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if title := "# Learned by: reputed learn --afresh own\n"; !strings.HasPrefix(string(data), title) {
		t.Errorf("the table begins %.80q, want %q", data, title)
	}
	n, err := newNormaliser()
	if err != nil {
		t.Fatal(err)
	}
	got, err := sentiment.ReadEntries(path, strings.NewReader(string(data)), n)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("read %v, %v; written %v", got, err, want)
	}
}

// Nothing is learned against a brand, a place or a word of grammar: what is shipped
// keeps to the tables of silent words.
func TestShippedWeights(t *testing.T) {
	n, err := newNormaliser()
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile("../../lexicons/learned/learned.tsv")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(data), learnedTitle+" --afresh ") {
		t.Errorf("the shipped weights begin %.80q: make them by the command in lexicons/SOURCES.md", data)
	}
	entries, err := sentiment.ReadEntries("learned.tsv", strings.NewReader(string(data)), n)
	if err != nil {
		t.Fatal(err)
	}
	hints := map[string]bool{}
	for _, e := range entries {
		if e.Hint {
			for word := range strings.SplitSeq(e.Term, "_") {
				hints[word] = true
			}
		}
	}
	if len(hints) < 100 {
		t.Errorf("only %d words are learned", len(hints))
	}
	for _, word := range strings.Fields("小米 华为 京东 武汉 支付宝 nokia apple 的 不 很 但是 我 他们 2019") {
		if hints[word] {
			t.Errorf("%s has a learned weight", word)
		}
	}
	silent, err := os.ReadFile("../../lexicons/learned/silent.tsv")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(silent)) {
		if word, kind, ok := strings.Cut(strings.TrimSpace(line), "\t"); ok && kind != "topic" && hints[word] {
			t.Errorf("%s is silent as a %s and has a learned weight", word, kind)
		}
	}
}
