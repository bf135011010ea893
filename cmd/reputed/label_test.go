package main

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"reputed/internal/store"
)

// A person's label replaces the rated one, beside a daemon that holds the database;
// what is wrong on the command line is said with what to do.
func TestLabel(t *testing.T) {
	_, _, folder, _ := start(t, time.Now())
	configFile := filepath.Join(folder, "config.yaml")
	if code, _, stderr := reputed(t, "label", "1", "neutral", "--config", configFile); code != exitFailure || !strings.Contains(stderr, "there is no such file; start the daemon first") {
		t.Errorf("without a database: exit code %d: %s", code, stderr)
	}
	if code, _, stderr := reputed(t, "run", "--once", "--config", configFile); code != exitOK {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	unlock, err := store.Lock(filepath.Join(folder, "reputed.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	daemon, err := store.Open(t.Context(), filepath.Join(folder, "reputed.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer daemon.Close()

	id := query(t, daemon, `SELECT id FROM mentions WHERE label = 'negative' AND score < -0.5 LIMIT 1`)
	before := query(t, daemon, `SELECT sum(negative) FROM sentiment_hourly`)
	code, stdout, stderr := reputed(t, "label", id, "positive", "--config", configFile)
	if code != exitOK || !strings.HasPrefix(stdout, "mention "+id+" of ") || !strings.Contains(stdout, ": negative -> positive (rated negative, -0.") {
		t.Errorf("exit code %d, printed %q, %s", code, stdout, stderr)
	}
	if got := query(t, daemon, `SELECT 1 + sum(negative) FROM sentiment_hourly`); got != before {
		t.Errorf("the views count one more than %s negative mentions, want one less than %s", got, before)
	}
	if code, stdout, _ := reputed(t, "label", id, "positive", "--config", configFile); code != exitOK || !strings.Contains(stdout, ": positive, confirmed (rated negative") {
		t.Errorf("the same again: exit code %d, printed %q", code, stdout)
	}
	all, err := daemon.Corrections(t.Context())
	if err != nil || len(all) != 1 || all[0].Label != "positive" || all[0].By != userName(environment{getenv: noEnvironment}) {
		t.Errorf("corrections %+v, %v", all, err)
	}
	if err := daemon.Check(t.Context()); err != nil {
		t.Error(err)
	}

	for _, test := range []struct {
		code int
		args []string
		want string
	}{
		{exitFailure, []string{"99999", "neutral"}, "there is no such mention; find its number with: sqlite3"},
		{exitUsage, []string{id, "good"}, `must be one of "positive","neutral","negative"`},
		{exitUsage, []string{"first", "neutral"}, "mention"},
	} {
		code, _, stderr := reputed(t, append([]string{"label", "--config", configFile}, test.args...)...)
		if code != test.code || !strings.Contains(stderr, test.want) {
			t.Errorf("label %v: exit code %d: %s", test.args, code, stderr)
		}
	}
}
