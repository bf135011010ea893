package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"reputed/internal/store"
	"reputed/internal/trend"
)

// A single text about a fire raises an alert if many read its source, and only then.
func TestRiskWordFromASourceWithReach(t *testing.T) {
	const config = `database: reputed.db
brands:
  - name: 青榈
sources:
  - {name: paper, kind: files, folder: mentions`
	for reach, want := range map[string]bool{"": false, ", reach: 900": false, ", reach: 50000": true} {
		folder := t.TempDir()
		if err := os.Mkdir(filepath.Join(folder, "mentions"), 0o700); err != nil {
			t.Fatal(err)
		}
		write(t, folder, "config.yaml", config+reach+"}\n")
		write(t, filepath.Join(folder, "mentions"), "1.jsonl", `{"text":"青榈的水壶今天起火，有人死亡。","published":"2026-11-20T10:20:00Z"}`+"\n")
		for range 3 { // to see what is there, to read it, to move it
			if code, _, stderr := reputed(t, "run", "--once", "--config", filepath.Join(folder, "config.yaml")); code != exitOK {
				t.Fatalf("exit code %d: %s", code, stderr)
			}
		}
		db, err := store.OpenReader(t.Context(), filepath.Join(folder, "reputed.db"))
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		said, err := db.Talk(t.Context(), "青榈", nil, time.Date(2026, 11, 20, 11, 0, 0, 0, time.UTC), trend.Hours)
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for _, j := range trend.Judge(said, trend.Default().Probability) {
			if j.Rule == "risk-word" {
				found = true
				if j.Spike != want || j.Mentions != 1 {
					t.Errorf("with %q: %+v", reach, j)
				}
			} else if j.Spike {
				t.Errorf("with %q: %+v", reach, j)
			}
		}
		if !found {
			t.Errorf("with %q no risk word was looked for", reach)
		}
	}
}
