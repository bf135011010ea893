package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"reputed/internal/reputation"
)

// newEncoder returns what writes JSON objects, a line each. Scraped text may steer the
// terminal that they are shown on: such characters stand as escapes, which mean the same.
func newEncoder(w io.Writer) *json.Encoder {
	e := json.NewEncoder(inert{w})
	e.SetEscapeHTML(false)
	return e
}

// inert writes JSON, a whole value at a time.
type inert struct{ io.Writer }

func (w inert) Write(line []byte) (int, error) {
	if !bytes.ContainsFunc(line, steers) {
		return w.Writer.Write(line)
	}
	var out []byte
	for _, r := range string(line) {
		if steers(r) { // all of them have four digits
			out = fmt.Appendf(out, `\u%04x`, r)
		} else {
			out = append(out, string(r)...)
		}
	}
	if _, err := w.Writer.Write(out); err != nil {
		return 0, err
	}
	return len(line), nil
}

// steers tells of a character that steers a terminal otherwise than to the next line.
func steers(r rune) bool { return r != '\n' && reputation.Steers(r) }

// plain is the text of an error without what would steer the terminal: a server may
// have put it there.
func plain(err error) string {
	return strings.Map(func(r rune) rune {
		if steers(r) {
			return -1
		}
		return r
	}, err.Error())
}
