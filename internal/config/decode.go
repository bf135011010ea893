package config

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// Error is one mistake in a configuration.
type Error struct {
	Path         string // of the file
	Line, Column int    // from 1
	Key          string // such as "sources[2].url"; empty for the file as a whole
	Message      string // what is wrong and what to do
}

func (e *Error) Error() string {
	place := fmt.Sprintf("%s:%d:%d: ", e.Path, e.Line, e.Column)
	if e.Key == "" {
		return place + e.Message
	}
	return place + e.Key + ": " + e.Message
}

// join orders the mistakes by their place, so that they are mended from the top.
// Of several about one value the first remains: the others follow from it.
func join(errs []*Error) error {
	place := func(a, b *Error) int { return cmp.Or(a.Line-b.Line, a.Column-b.Column) }
	slices.SortStableFunc(errs, place)
	errs = slices.CompactFunc(errs, func(a, b *Error) bool { return place(a, b) == 0 && a.Key == b.Key })
	all := make([]error, len(errs))
	for i, err := range errs {
		all[i] = err
	}
	return errors.Join(all...)
}

// decoder fills a Config from a syntax tree and collects what does not fit. The
// YAML library's own decoder stops at the first mistake.
type decoder struct {
	path string
	errs []*Error
}

func valueOf(c *Config) reflect.Value { return reflect.ValueOf(c).Elem() }

func (d *decoder) fail(at *token.Token, key, format string, args ...any) {
	e := &Error{Path: d.path, Line: 1, Column: 1, Key: key, Message: fmt.Sprintf(format, args...)}
	if at != nil && at.Position != nil {
		e.Line, e.Column = at.Position.Line, at.Position.Column
	}
	d.errs = append(d.errs, e)
}

// value decodes a node into v, whose type says what may stand there.
func (d *decoder) value(n ast.Node, v reflect.Value, key string) {
	switch n.(type) {
	case *ast.NullNode:
		return
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode:
		d.fail(n.GetToken(), key, "anchors, aliases and tags are not read; write the value out")
		return
	}
	switch target := v.Addr().Interface().(type) {
	case *string:
		if text, ok := d.scalar(n, key, "a text"); ok {
			*target = text
		}
	case *time.Duration:
		if text, ok := d.scalar(n, key, "a duration such as 5m or 1h30m"); ok {
			every, err := time.ParseDuration(text)
			if err != nil {
				d.fail(n.GetToken(), key, "%q is not a duration; write 30s, 5m or 1h30m", text)
			}
			*target = every
		}
	case *int:
		if text, ok := d.scalar(n, key, "a whole number"); ok {
			number, err := strconv.Atoi(text)
			if err != nil {
				d.fail(n.GetToken(), key, "%q is not a whole number", text)
			}
			*target = number
		}
	case *bool:
		if text, ok := d.scalar(n, key, "true or false"); ok {
			if text != "true" && text != "false" {
				d.fail(n.GetToken(), key, "%q is neither true nor false; write one of them", text)
			}
			*target = text == "true"
		}
	case **time.Location:
		if text, ok := d.scalar(n, key, "a time zone such as Asia/Shanghai"); ok {
			zone, err := time.LoadLocation(text)
			if err != nil || text == "" || text == "Local" {
				d.fail(n.GetToken(), key, "%q is not a time zone; write a name such as Asia/Shanghai or UTC", text)
				return
			}
			*target = zone
		}
	case *Entries:
		d.entries(n, target, key)
	default:
		switch v.Kind() {
		case reflect.Slice:
			d.list(n, v, key)
		case reflect.Struct:
			d.mapping(n, v, key)
		}
	}
}

// scalar returns a node's text as it is written in the file.
func (d *decoder) scalar(n ast.Node, key, want string) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return strings.TrimRight(n.Value.Value, "\n"), true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return n.GetToken().Value, true
	}
	d.fail(n.GetToken(), key, "want %s, have %s", want, describe(n))
	return "", false
}

func (d *decoder) list(n ast.Node, v reflect.Value, key string) {
	s, ok := n.(*ast.SequenceNode)
	if !ok {
		d.fail(n.GetToken(), key, "want a list, have %s; put \"- \" before each entry", describe(n))
		return
	}
	for i, item := range s.Values {
		v.Set(reflect.Append(v, reflect.Zero(v.Type().Elem())))
		d.value(item, v.Index(v.Len()-1), fmt.Sprintf("%s[%d]", key, i))
	}
}

// entries decodes terms with their valences.
func (d *decoder) entries(n ast.Node, v *Entries, key string) {
	*v = Entries{} // not nil: the key is there
	pairs, ok := d.pairs(n, key)
	if !ok {
		return
	}
	for _, pair := range pairs {
		term, ok := d.scalar(pair.Key, key, "a term, in quotes where it holds a mark")
		if !ok {
			continue
		}
		key := key + "." + term
		if pair.Value == nil || pair.Value.Type() == ast.NullType {
			d.fail(pair.Key.GetToken(), key, "the term has no valence; write \"%s: \" and %s", term, valenceAdvice)
			continue
		}
		text, ok := d.scalar(pair.Value, key, "a valence, "+valenceAdvice)
		if !ok {
			continue
		}
		valence, err := strconv.ParseFloat(text, 64)
		if err != nil || !(math.Abs(valence) <= most) {
			d.fail(pair.Value.GetToken(), key, "%q is not a valence; write %s", text, valenceAdvice)
		}
		*v = append(*v, Entry{term, valence})
	}
}

const (
	most          = 4 // the largest valence, as in the product's own tables
	valenceAdvice = "a number from -4, the worst, to 4, the best; 0 takes the word away"
)

func (d *decoder) mapping(n ast.Node, v reflect.Value, key string) {
	pairs, ok := d.pairs(n, key)
	if !ok {
		return
	}
	fields := map[string]reflect.Value{}
	var known []string
	for i := range v.NumField() {
		if name := v.Type().Field(i).Tag.Get("yaml"); name != "" {
			fields[name] = v.Field(i)
			known = append(known, name)
		}
	}
	for _, pair := range pairs {
		name := pair.Key.GetToken().Value
		field, ok := fields[name]
		if !ok {
			d.fail(pair.Key.GetToken(), strings.TrimPrefix(key+"."+name, "."), "unknown key; %s", suggest(name, known))
			continue
		}
		if pair.Value != nil {
			d.value(pair.Value, field, strings.TrimPrefix(key+"."+name, "."))
		}
	}
}

// pairs returns the entries of a node that must be a mapping.
func (d *decoder) pairs(n ast.Node, key string) ([]*ast.MappingValueNode, bool) {
	pairs, ok := pairsOf(n)
	if !ok {
		message := "want keys with values, have " + describe(n)
		if text, isText := n.(*ast.StringNode); isText && strings.Contains(text.Value, fullColon) {
			message += "; " + colonAdvice
		}
		d.fail(n.GetToken(), key, "%s", message)
	}
	return pairs, ok
}

// pairsOf returns the entries of a mapping; the parser gives a single one bare.
func pairsOf(n ast.Node) ([]*ast.MappingValueNode, bool) {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}, true
	}
	return nil, false
}

func describe(n ast.Node) string {
	switch n := n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		return "keys with values"
	case *ast.SequenceNode:
		return "a list"
	case *ast.StringNode:
		return fmt.Sprintf("the text %q", n.Value)
	}
	return fmt.Sprintf("%q", n.GetToken().Value)
}

// suggest names the known key that is nearest to what was written, or all.
func suggest(name string, known []string) string {
	best, distance := "", 3
	for _, k := range known {
		if d := editDistance(name, k); d < distance {
			best, distance = k, d
		}
	}
	if best != "" {
		return fmt.Sprintf("did you mean %q?", best)
	}
	return "known here: " + strings.Join(known, ", ")
}

// editDistance is Levenshtein's: insertions, deletions and replacements of bytes.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}
