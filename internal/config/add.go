package config

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// AddSource returns the configuration in data with the source added at the end of its
// sources: as text, so that comments and the order of everything else stay. The result
// was parsed again and differs by that source alone. The path is for messages.
func AddSource(path string, data []byte, s Source) ([]byte, error) {
	before, err := Parse(path, data)
	if err != nil {
		return nil, fmt.Errorf("the configuration has mistakes already; mend them first:\n%w", err)
	}
	for _, other := range before.Sources {
		if other.Name == s.Name {
			return nil, fmt.Errorf("%s has a source %q already; choose another name", path, s.Name)
		}
	}
	text, err := insert(data, s)
	if err != nil {
		return nil, fmt.Errorf("%s: %w; add this by hand:\n%s", path, err, Block(s))
	}
	after, err := Parse(path, text)
	if err != nil {
		return nil, fmt.Errorf("with source %q the configuration would have mistakes, so it was left as it is:\n%w", s.Name, err)
	}
	n := len(before.Sources)
	if len(after.Sources) != n+1 || !sameButSource(before, after, s) {
		return nil, fmt.Errorf("%s: the place for a new source cannot be found in the way the file is written; add this by hand:\n%s", path, Block(s))
	}
	return text, nil
}

// sameButSource reports whether after is before with the source at its end.
func sameButSource(before, after *Config, s Source) bool {
	n := len(before.Sources)
	added := after.Sources[n]
	if s.Every == 0 {
		s.Every = defaultEvery
	}
	if s.Kind == KindRSSHub {
		s.URL = added.URL // made of the route
	}
	rest := *after
	rest.Sources = after.Sources[:n:n]
	for _, key := range before.Differences(&rest) {
		if key != "sources" || n > 0 {
			return false
		}
	}
	return reflect.DeepEqual(added, s)
}

// insert puts the source behind the last one.
func insert(data []byte, s Source) ([]byte, error) {
	newline := "\n"
	if bytes.Contains(data, []byte("\r\n")) {
		newline = "\r\n"
	}
	lines := strings.Split(strings.ReplaceAll(string(data), "\r\n", "\n"), "\n")
	file, err := parser.ParseBytes(bytes.TrimPrefix(data, []byte("\ufeff")), 0)
	if err != nil {
		return nil, err
	}
	var key, value ast.Node
	if len(file.Docs) > 0 && file.Docs[0].Body != nil {
		pairs, _ := pairsOf(file.Docs[0].Body)
		for _, pair := range pairs {
			if pair.Key.GetToken().Value == "sources" {
				key, value = pair.Key, pair.Value
			}
		}
	}
	sequence, isList := value.(*ast.SequenceNode)
	switch {
	case key == nil:
		for len(lines) > 0 && strings.TrimSpace(lines[len(lines)-1]) == "" {
			lines = lines[:len(lines)-1]
		}
		if len(lines) > 0 {
			lines = append(lines, "")
		}
		lines = append(lines, "sources:")
		lines = append(lines, block(s, "  ")...)
		lines = append(lines, "")
	case isList && sequence.IsFlowStyle:
		if lines, err = insertFlow(lines, sequence, s); err != nil {
			return nil, err
		}
	case isList && len(sequence.Values) > 0:
		lines = insertLines(lines, sequence, s)
	case isList || value.Type() == ast.NullType:
		at := key.GetToken().Position.Line
		if rest := strings.TrimSpace(strings.TrimPrefix(strings.TrimPrefix(lines[at-1], "\ufeff"), "sources:")); rest != "" && !strings.HasPrefix(rest, "#") {
			return nil, errors.New("sources: holds a value that is no list")
		}
		lines = splice(lines, at, block(s, "  "))
	default:
		return nil, errors.New("sources: is no list")
	}
	return []byte(strings.Join(lines, newline)), nil
}

// insertLines puts the source behind the last entry of a list of "- " lines, and
// before the comments and empty lines that follow it.
func insertLines(lines []string, sequence *ast.SequenceNode, s Source) []string {
	last := sequence.Values[len(sequence.Values)-1]
	dash := sequence.Start.Position.Column - 1
	end := tokenOf(last).Position.Line
	for i := end; i < len(lines); i++ {
		text := strings.TrimLeft(lines[i], " ")
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		if len(lines[i])-len(text) <= dash {
			break
		}
		end = i + 1
	}
	return splice(lines, end, block(s, strings.Repeat(" ", dash)))
}

// insertFlow puts the source before the bracket that closes a list such as [{...}].
func insertFlow(lines []string, sequence *ast.SequenceNode, s Source) ([]string, error) {
	if sequence.End == nil {
		return nil, errors.New("the list of sources has no end")
	}
	at := sequence.End.Position
	line := []rune(lines[at.Line-1])
	column := at.Column - 1
	if column >= len(line) || line[column] != ']' {
		return nil, errors.New("the end of the list of sources cannot be found")
	}
	before := strings.TrimRight(string(line[:column]), " ")
	whole := strings.TrimSpace(strings.Join(append(append([]string{}, lines[:at.Line-1]...), before), "\n"))
	separator := ", "
	if strings.HasSuffix(whole, ",") || len(sequence.Values) == 0 {
		separator = ""
	}
	lines[at.Line-1] = before + separator + flow(s) + string(line[column:])
	return lines, nil
}

// splice inserts lines behind the first n.
func splice(lines []string, n int, more []string) []string {
	all := append([]string{}, lines[:n]...)
	all = append(all, more...)
	if n == len(lines) {
		all = append(all, "")
	}
	return append(all, lines[n:]...)
}

// Block is the source as an entry of sources:, indented by two spaces.
func Block(s Source) string { return strings.Join(block(s, "  "), "\n") + "\n" }

func block(s Source, indent string) []string {
	var lines []string
	for i, pair := range pairsFor(s, false) {
		begin := indent + "  "
		if i == 0 {
			begin = indent + "- "
		}
		lines = append(lines, begin+pair)
	}
	return lines
}

func flow(s Source) string { return "{" + strings.Join(pairsFor(s, true), ", ") + "}" }

// pairsFor are the keys that the source sets, in the order of the documentation, each
// as "key: value".
func pairsFor(s Source, inFlow bool) []string {
	var pairs []string
	v := reflect.ValueOf(s)
	for i := range v.NumField() {
		name := v.Type().Field(i).Tag.Get("yaml")
		value := v.Field(i)
		if name == "" || value.IsZero() || name == "url" && s.Kind == KindRSSHub {
			continue
		}
		text := ""
		switch value := value.Interface().(type) {
		case string:
			text = scalarText(value, inFlow)
		case int:
			text = strconv.Itoa(value)
		case time.Duration:
			text = shortDuration(value.String())
		}
		pairs = append(pairs, name+": "+text)
	}
	return pairs
}

// shortDuration leaves out the zeros at the end: 1h0m0s is 1h.
func shortDuration(text string) string {
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// plainScalar is a text that means itself in YAML without quotes.
var plainScalar = regexp.MustCompile(`^[\pL/][\pL\pN/._-]*(?:[ :](?:[\pL\pN/._?=&%+-]+))*$`)

// flowSafe is one that does so within brackets too.
var flowSafe = regexp.MustCompile(`^[\pL\pN/._ -]+$`)

// scalarText writes a text as a YAML scalar.
func scalarText(text string, inFlow bool) string {
	switch strings.ToLower(text) {
	case "true", "false", "yes", "no", "on", "off", "null", "y", "n":
	default:
		if plainScalar.MatchString(text) && (!inFlow || flowSafe.MatchString(text)) {
			return text
		}
	}
	return "'" + strings.ReplaceAll(text, "'", "''") + "'"
}
