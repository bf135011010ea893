package main

import (
	"bytes"
	"encoding/json"
	"os"
	"regexp"
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
