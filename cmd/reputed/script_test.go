package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	if path := os.Getenv(killableConfig); path != "" {
		os.Exit(killable(path))
	}
	testscript.Main(m, map[string]func(){
		"reputed": func() {
			os.Exit(run(context.Background(), os.Args[1:], environment{os.Stdin, os.Stdout, os.Stderr, os.Getenv, newLanguage}))
		},
	})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Setenv("NO_COLOR", "1")
			return os.WriteFile(filepath.Join(env.WorkDir, "series.csv"), []byte(spikedSeries()), 0o600)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits},
	})
}

// exits CODE PROGRAM ARG... runs the program and wants that exit code.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	code := 0
	if err != nil {
		if _, err := fmt.Sscanf(err.Error(), "exit status %d", &code); err != nil {
			ts.Fatalf("no exit code in %q", err)
		}
	}
	if code != want {
		ts.Fatalf("exit code %d, want %d", code, want)
	}
}

// spikedSeries is twelve days of a count every five minutes, with a spike on the
// tenth at noon.
func spikedSeries() string {
	var b strings.Builder
	b.WriteString("timestamp,value\n")
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range 12 * 24 * 12 {
		count := 3 + i%4
		if t := at.Add(time.Duration(i) * 5 * time.Minute); t.Day() == 10 && t.Hour() == 12 {
			count = 60
		}
		fmt.Fprintf(&b, "%s,%d\n", at.Add(time.Duration(i)*5*time.Minute).Format(time.DateTime), count)
	}
	return b.String()
}
