package main

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"reputed/internal/store"
)

// Files are put into two folders while the program is killed at any moment: in the
// end each line is one item, each file was moved, and the ratings are what customers
// gave.
func TestKillWhileReadingFolders(t *testing.T) {
	const kills, rows = 30, 4
	folder := t.TempDir()
	write(t, folder, "config.yaml", `database: reputed.db
brands:
  - name: 青榈
sources:
  - {name: tool, kind: files, folder: mentions}
  - {name: nps, kind: survey, folder: surveys, brand: 青榈, columns: {text: 意见, nps: 分数, date: 日期}}
`)
	for _, name := range []string{"mentions", "surveys"} {
		if err := os.Mkdir(filepath.Join(folder, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	configFile := filepath.Join(folder, "config.yaml")
	child(t, configFile, 0)
	whole := timeOf(t, func() { child(t, configFile, 0) })
	put := func(n int) {
		var lines, answers strings.Builder
		answers.WriteString("日期,分数,意见\n")
		for i := range rows {
			fmt.Fprintf(&lines, `{"text":"第 %d-%d 位顾客说青榈的水壶不错"}`+"\n", n, i)
			answers.WriteString([]string{"2026-11-20,3,壶盖太紧\n", "2026-11-20,9,\n", "2026-11-20,9,\n", "2026-11-20,8,不如以前\n"}[i])
		}
		write(t, filepath.Join(folder, "mentions"), fmt.Sprintf("%d.jsonl", n), lines.String())
		write(t, filepath.Join(folder, "surveys"), fmt.Sprintf("%d.csv", n), strings.ReplaceAll(answers.String(), "2026-11-20", time.Unix(0, 0).UTC().AddDate(50, 0, n).Format(time.DateOnly)))
	}
	for n := range kills {
		put(n)
		child(t, configFile, time.Duration(rand.Int64N(int64(whole)))+1)
	}
	for range 3 { // to see what is left, to read it, to move it
		child(t, configFile, 0)
	}

	path := filepath.Join(folder, "reputed.db")
	reader, err := store.OpenReader(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	if err := reader.Check(t.Context()); err != nil {
		t.Error(err)
	}
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for query, want := range map[string]int{
		`SELECT count(*) FROM items WHERE source = 'tool'`:                                  kills * rows,
		`SELECT count(DISTINCT text) FROM items WHERE source = 'tool'`:                      kills * rows,
		`SELECT sum(answers) FROM survey_daily WHERE brand = '青榈' AND source = 'nps'`:       kills * rows,
		`SELECT sum(nps = 25.0) FROM survey_daily`:                                          kills,
		`SELECT count(*) FROM mentions JOIN items i ON i.id = item_id WHERE source = 'nps'`: kills * 2,
	} {
		var got int
		if err := db.QueryRow(query).Scan(&got); err != nil || got != want {
			t.Errorf("%s: %d, want %d; %v", query, got, want, err)
		}
	}
	for name, want := range map[string]int{"mentions/*.jsonl": 0, "surveys/*.csv": 0, "mentions/done/*": kills, "surveys/done/*": kills} {
		if files, err := filepath.Glob(filepath.Join(folder, name)); err != nil || len(files) != want {
			t.Errorf("%s: %d files, want %d; %v", name, len(files), want, err)
		}
	}
}
