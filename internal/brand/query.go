package brand

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"reputed/internal/reputation"
)

// Query is a brand described by operators:
//
//	小米 OR Xiaomi               either
//	小米 AND 手机                 both in the text
//	小米 NEAR/10 手机             both, with at most 10 words between
//	小米 NOT 小米粥               the first, if the second is nowhere in the text
//	"mi home"                   a term that holds spaces or is an operator
//
// NEAR binds closest, then AND and NOT from left to right, then OR; parentheses
// group. Operators are written in capitals. The places that a query finds are
// those of its first operand.
type Query struct {
	root  node
	terms []string // in normal form
}

// node returns where its expression holds.
type node func(t reputation.Text) []reputation.Word

// ParseQuery parses a query. The function normal brings a term into the form of
// reputation.Text.Norm. An error says at which character it stands.
func ParseQuery(query string, normal func(string) string) (*Query, error) {
	p := parser{tokens: tokenize(query), normal: normal}
	root, err := p.or()
	if err == nil && p.peek().text != "" {
		err = p.unexpected("AND, OR, NOT, NEAR/n or the end")
	}
	if err != nil {
		return nil, err
	}
	return &Query{root, p.terms}, nil
}

func (q *Query) find(t reputation.Text) []reputation.Word {
	found := q.root(t)
	slices.SortFunc(found, func(a, b reputation.Word) int { return a.Start - b.Start })
	return slices.CompactFunc(found, func(a, b reputation.Word) bool { return a.Start < b.End && b.Start < a.End })
}

type token struct {
	text   string // "" at the end
	quoted bool
	at     int // in characters, from 1
}

func tokenize(query string) []token {
	var tokens []token
	runes := []rune(query)
	for i := 0; i < len(runes); {
		start := i
		switch r := runes[i]; {
		case unicode.IsSpace(r):
			i++
		case r == '(' || r == ')':
			i++
			tokens = append(tokens, token{text: string(r), at: start + 1})
		case r == '"':
			for i++; i < len(runes) && runes[i] != '"'; i++ {
			}
			tokens = append(tokens, token{text: string(runes[start+1 : i]), quoted: true, at: start + 1})
			i++
		default:
			for i < len(runes) && !unicode.IsSpace(runes[i]) && !strings.ContainsRune(`()"`, runes[i]) {
				i++
			}
			tokens = append(tokens, token{text: string(runes[start:i]), at: start + 1})
		}
	}
	return append(tokens, token{at: len(runes) + 1})
}

type parser struct {
	tokens []token
	normal func(string) string
	depth  int
	terms  []string
}

// deepest bounds the nesting of parentheses, which recursion follows.
const deepest = 50

func (p *parser) peek() token { return p.tokens[0] }

func (p *parser) accept(operator string) bool {
	if t := p.peek(); t.text == operator && !t.quoted {
		p.tokens = p.tokens[1:]
		return true
	}
	return false
}

func (p *parser) unexpected(want string) error {
	t := p.peek()
	if t.text == "" && !t.quoted {
		return fmt.Errorf("ends at character %d; want %s", t.at, want)
	}
	return fmt.Errorf("%q at character %d; want %s", t.text, t.at, want)
}

func (p *parser) or() (node, error) {
	left, err := p.and()
	for err == nil && p.accept("OR") {
		var right node
		if right, err = p.and(); err == nil {
			left = either(left, right)
		}
	}
	return left, err
}

func (p *parser) and() (node, error) {
	left, err := p.near()
	for err == nil {
		want := p.accept("AND")
		if !want && !p.accept("NOT") {
			break
		}
		var right node
		if right, err = p.near(); err == nil {
			left = provided(left, right, want)
		}
	}
	return left, err
}

func (p *parser) near() (node, error) {
	left, err := p.term()
	for err == nil && !p.peek().quoted && strings.HasPrefix(p.peek().text, "NEAR") {
		words := 10
		if n, ok := strings.CutPrefix(p.peek().text, "NEAR/"); ok {
			if words, err = strconv.Atoi(n); err != nil || words < 0 || words > 1000 {
				return nil, p.unexpected("NEAR/n with n from 0 to 1000")
			}
		} else if p.peek().text != "NEAR" {
			break
		}
		p.tokens = p.tokens[1:]
		var right node
		if right, err = p.term(); err == nil {
			left = within(words, left, right)
		}
	}
	return left, err
}

func (p *parser) term() (node, error) {
	if p.accept("(") {
		if p.depth++; p.depth > deepest {
			return nil, fmt.Errorf("more than %d parentheses inside each other", deepest)
		}
		inner, err := p.or()
		p.depth--
		if err == nil && !p.accept(")") {
			err = p.unexpected(`")"`)
		}
		return inner, err
	}
	t := p.peek()
	term := strings.TrimSpace(p.normal(t.text))
	if term == "" || !t.quoted && slices.Contains([]string{")", "AND", "OR", "NOT", "NEAR"}, t.text) {
		return nil, p.unexpected("a term")
	}
	p.tokens = p.tokens[1:]
	p.terms = append(p.terms, term)
	return func(text reputation.Text) []reputation.Word { return occurrences(text, term) }, nil
}

func either(left, right node) node {
	return func(t reputation.Text) []reputation.Word { return append(left(t), right(t)...) }
}

// provided is where left holds, if right holds anywhere (want) or nowhere.
func provided(left, right node, want bool) node {
	return func(t reputation.Text) []reputation.Word {
		if found := left(t); len(found) > 0 && (len(right(t)) > 0) == want {
			return found
		}
		return nil
	}
}

// within is where left holds with right at most n words away.
func within(n int, left, right node) node {
	return func(t reputation.Text) []reputation.Word {
		others := right(t)
		return slices.DeleteFunc(left(t), func(at reputation.Word) bool {
			return !slices.ContainsFunc(others, func(other reputation.Word) bool {
				return wordsBetween(t, at, other) <= n
			})
		})
	}
}

// wordsBetween counts the words between two places; spaces and marks are none.
func wordsBetween(t reputation.Text, a, b reputation.Word) int {
	if b.Start < a.Start {
		a, b = b, a
	}
	count := 0
	for _, w := range t.Words {
		if w.Start >= a.End && w.End <= b.Start &&
			strings.ContainsFunc(t.Norm[w.Start:w.End], func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) {
			count++
		}
	}
	return count
}
