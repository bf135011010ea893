package main

import (
	"os"

	"golang.org/x/term"
)

// screen is how standard output can show text to people.
type screen struct {
	width  int // columns
	colour bool
}

// screenOf also tells whether a person watches: standard output is a terminal.
func screenOf(env environment) (s screen, watched bool) {
	s = screen{width: 80}
	f, ok := env.stdout.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return s, false
	}
	s.colour = env.getenv("NO_COLOR") == ""
	if w, _, err := term.GetSize(int(f.Fd())); err == nil {
		s.width = min(w, 120)
	}
	return s, true
}
