package main

import (
	"bytes"
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"reputed/internal/reputation"
)

// The worked example of both READMEs is what the program prints.
func TestReadmeExample(t *testing.T) {
	for _, name := range []string{"../../README.md", "../../README.zh-CN.md"} {
		readme, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		example := regexp.MustCompile(`(?s)echo '([^']+)' \|\n[^\n]*score --explain[^\n]*\n(.*?)\n` + "```").FindSubmatch(readme)
		if example == nil {
			t.Fatalf("%s holds no worked example", name)
		}
		var out bytes.Buffer
		env := environment{strings.NewReader(string(example[1])), &out, os.Stderr, noEnvironment, loadedLanguage}
		if code := run(t.Context(), []string{"score", "--explain"}, env); code != exitOK {
			t.Fatalf("exit code %d", code)
		}
		if got := compact(t, out.Bytes()); got != string(example[2]) {
			t.Errorf("%s shows\n%s\nand the program prints\n%s", name, example[2], got)
		}
	}
}

// compact sets a score out as the READMEs do.
func compact(t *testing.T, line []byte) string {
	t.Helper()
	var score struct {
		Label    string
		Score    json.Number
		Evidence []reputation.Evidence
	}
	if err := json.Unmarshal(line, &score); err != nil {
		t.Fatal(err)
	}
	lines := []string{`"` + score.Label + `"`, score.Score.String()}
	for _, e := range score.Evidence {
		fields, err := json.Marshal([]any{e.Term, e.Weight, e.Rule})
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, string(fields))
	}
	return strings.Join(lines, "\n")
}

// The page on alerts has the same sections and blocks in both languages, and names the
// same keys, commands and values.
func TestAlertsInBothLanguages(t *testing.T) {
	heading, block, word := regexp.MustCompile(`(?m)^#+ `), regexp.MustCompile("(?ms)^```.*?^```"), regexp.MustCompile("`[^`\n]+`")
	const name = "../../docs/alerts"
	var headings [2]int
	var blocks, words [2][]string
	for i, path := range []string{name + ".md", name + ".zh-CN.md"} {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		headings[i], blocks[i] = len(heading.FindAll(text, -1)), block.FindAllString(string(text), -1)
		words[i] = word.FindAllString(block.ReplaceAllString(string(text), ""), -1)
		slices.Sort(words[i])
		words[i] = slices.Compact(words[i])
	}
	if headings[0] != headings[1] {
		t.Errorf("%s has %d headings in English and %d in Chinese", name, headings[0], headings[1])
	}
	if !slices.Equal(blocks[0], blocks[1]) {
		t.Errorf("%s has other blocks in English than in Chinese:\n%s\nand\n%s", name, strings.Join(blocks[0], "\n"), strings.Join(blocks[1], "\n"))
	}
	for i, language := range []string{"English", "Chinese"} {
		for _, w := range words[i] {
			if !slices.Contains(words[1-i], w) {
				t.Errorf("%s names %s in %s alone", name, w, language)
			}
		}
	}
}
