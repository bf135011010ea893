package store_test

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"reputed/internal/reputation"
	"reputed/internal/store"
	"reputed/internal/store/storetest"
)

func TestConformance(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Store { return open(t) })
}

func TestOpenRefuses(t *testing.T) {
	tests := []struct {
		name string
		file func(t *testing.T, dir string) string // returns the path to open
		want []string
	}{
		{"no database", func(t *testing.T, dir string) string {
			return write(t, dir+"/notes.txt", strings.Repeat("Meeting at nine.\n", 100))
		}, []string{"file is not a database", "left as it is"}},
		{"no database, short", func(t *testing.T, dir string) string {
			return write(t, dir+"/notes.txt", "Meeting at nine.\n")
		}, []string{"file is not a database", "left as it is"}},
		{"another program's database", func(t *testing.T, dir string) string {
			execute(t, dir+"/photos.db", `CREATE TABLE photos (id INTEGER PRIMARY KEY)`)
			return dir + "/photos.db"
		}, []string{"another program", "left as it is"}},
		{"newer schema", func(t *testing.T, dir string) string {
			if s, err := store.Open(t.Context(), dir+"/reputed.db"); err != nil || s.Close() != nil {
				t.Fatal(err)
			}
			execute(t, dir+"/reputed.db", `INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, 1)`)
			return dir + "/reputed.db"
		}, []string{"newer version of reputed", "schema 99", "left as it is"}},
		{"a directory", func(t *testing.T, dir string) string { return dir }, []string{"is a directory", "name a file in it"}},
		{"missing directory", func(t *testing.T, dir string) string { return dir + "/missing/reputed.db" }, []string{"create the directory"}},
		{"a file for a directory", func(t *testing.T, dir string) string {
			return write(t, dir+"/file", "x") + "/reputed.db"
		}, []string{"make ", "/file a directory"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			path := test.file(t, dir)
			before := snapshot(t, dir)
			opens := map[string]func(context.Context, string) (*store.Store, error){"Open": store.Open, "OpenReader": store.OpenReader}
			for name, open := range opens {
				s, err := open(t.Context(), path)
				if err == nil {
					s.Close()
					t.Fatalf("%s did not refuse it", name)
				}
				for _, want := range test.want {
					if name == "Open" && !strings.Contains(err.Error(), want) {
						t.Errorf("%s says %q, without %q", name, err, want)
					}
				}
				if strings.Contains(err.Error(), "\n") || strings.Count(err.Error(), path) != 1 {
					t.Errorf("%s does not name the path once, in one line: %q", name, err)
				}
			}
			if after := snapshot(t, dir); !bytes.Equal(before, after) {
				t.Error("the refused file was changed, or another was left beside it")
			}
		})
	}
}

func TestOpenCreatesPrivateFiles(t *testing.T) {
	dir := t.TempDir()
	s := create(t, dir+"/reputed.db")
	commit(t, s, "news", mention("news", "1", "云杉", "云杉", start))
	files, err := filepath.Glob(dir + "/*")
	if err != nil || len(files) != 3 {
		t.Fatalf("%q, %v; want the database, its -wal and its -shm", files, err)
	}
	for _, name := range files {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %o", filepath.Base(name), info.Mode().Perm())
		}
	}
}

func TestReopen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a name with spaces, ? and #.db")
	at := start.Add(time.Hour)
	cursor := reputation.Cursor{ETag: `"1"`, NotBefore: at}
	opened := reputation.Alert{
		Brand: "云杉", Rule: "negative-volume", Severity: reputation.Critical, State: reputation.Firing, OpenedAt: at,
		Judgement: reputation.Judgement{From: start, To: at, Spike: true},
	}
	s := create(t, path)
	if _, err := s.Commit(t.Context(), "news", cursor, []reputation.Mention{mention("news", "1", "云杉", "云杉", start)}, at); err != nil {
		t.Fatal(err)
	}
	opened, err := s.Record(t.Context(), opened, []reputation.Message{{Event: reputation.Opened, Alert: opened, At: at}})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	s = create(t, path)
	if got, err := s.Cursor(t.Context(), "news"); err != nil || got.ETag != cursor.ETag || !got.NotBefore.Equal(at) {
		t.Errorf("cursor %+v, %v; want %+v", got, err, cursor)
	}
	if got, ok, err := s.LatestAlert(t.Context(), "云杉", "negative-volume"); err != nil || !ok || got != opened {
		t.Errorf("alert %+v, %v; want %+v", got, err, opened)
	}
	if got, err := s.Pending(t.Context(), at); err != nil || len(got) != 1 {
		t.Errorf("%d messages pending, %v; want 1", len(got), err)
	}
	if fresh := commit(t, s, "news", mention("news", "1", "云杉", "云杉", start)); len(fresh) != 0 {
		t.Error("the mention is new again")
	}
	if err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestOpenReader(t *testing.T) {
	dir := t.TempDir()
	for name, want := range map[string]string{dir + "/none.db": "start the daemon", write(t, dir+"/empty.db", ""): "start the daemon"} {
		if _, err := store.OpenReader(t.Context(), name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want advice to %s", filepath.Base(name), err, want)
		}
	}
	if _, err := os.Stat(dir + "/none.db"); err == nil {
		t.Error("a reader created the database")
	}

	s := create(t, dir+"/reputed.db")
	commit(t, s, "news", mention("news", "1", "云杉", "云杉", start))
	r, err := store.OpenReader(t.Context(), dir+"/reputed.db")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	commit(t, s, "news", mention("news", "2", "云杉", "云杉", start))
	if hours, err := r.Hours(t.Context(), "云杉", start, 1); err != nil || hours[0].Mentions != 2 {
		t.Errorf("beside a writer: %+v, %v; want 2 mentions", hours, err)
	}
	_, err = r.Commit(t.Context(), "news", reputation.Cursor{}, nil, start)
	if err == nil || !strings.Contains(err.Error(), "readonly") {
		t.Errorf("a reader wrote: %v", err)
	}
}

// A process that is killed leaves its last transactions in the -wal file only.
func TestOpenReaderAfterCrash(t *testing.T) {
	running, crashed := filepath.Join(t.TempDir(), "reputed.db"), filepath.Join(t.TempDir(), "reputed.db")
	commit(t, create(t, running), "news", mention("news", "1", "云杉", "云杉", start))
	for _, suffix := range []string{"", "-wal"} {
		b, err := os.ReadFile(running + suffix)
		if err != nil {
			t.Fatal(err)
		}
		write(t, crashed+suffix, string(b))
	}
	r, err := store.OpenReader(t.Context(), crashed)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if hours, err := r.Hours(t.Context(), "云杉", start, 1); err != nil || hours[0].Mentions != 1 {
		t.Errorf("%+v, %v; want the mention of the last transaction", hours, err)
	}
}

// A command may write beside the daemon, from a process of its own.
func TestTwoStores(t *testing.T) {
	path := filepath.Join(t.TempDir(), "reputed.db")
	const polls = 20
	var wg sync.WaitGroup
	for _, source := range []string{"news", "forum"} {
		s := create(t, path)
		wg.Go(func() {
			for i := range polls {
				m := mention(source, fmt.Sprint(i), "云杉", "云杉", start)
				if _, err := s.Commit(t.Context(), source, reputation.Cursor{}, []reputation.Mention{m}, start); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	s := create(t, path)
	if hours, err := s.Hours(t.Context(), "云杉", start, 1); err != nil || hours[0].Mentions != 2*polls {
		t.Errorf("%+v, %v; want %d mentions", hours, err, 2*polls)
	}
	if err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestYoung(t *testing.T) {
	s := open(t)
	commit(t, s, "old", mention("old", "1", "云杉", "", start.AddDate(0, 0, -8)))
	commit(t, s, "old", mention("old", "2", "云杉", "", start))
	commit(t, s, "new", mention("new", "1", "云杉", "", start.AddDate(0, 0, -3)))
	young, err := s.Young(t.Context(), start.AddDate(0, 0, -7))
	if want := map[string]bool{"new": true}; err != nil || !maps.Equal(young, want) {
		t.Errorf("young sources %v, %v; want %v", young, err, want)
	}
}

func TestMoments(t *testing.T) {
	s := open(t)
	later := start.Add(90 * time.Minute)
	negative := mention("news", "1", "云杉", "云杉", start)
	negative.Score.Label, negative.Item.URL = reputation.Negative, "https://news.example/1"
	second := negative
	second.Item.Source, second.Item.ID, second.Item.Text = "forum", "2", "还是云杉"
	other := mention("news", "4", "青禾", "青禾", start)
	commit(t, s, "news", negative)
	commit(t, s, "forum", second)
	commit(t, s, "news", mention("news", "3", "云杉", "云杉", later), other, mention("news", "5", "云杉", "云杉", later.Add(time.Second)))

	got := make(map[time.Time]reputation.Hour)
	err := s.Moments(t.Context(), "云杉", later, func(at time.Time, counts reputation.Hour) { got[at] = counts })
	want := map[time.Time]reputation.Hour{start: {Mentions: 2, Negative: 2, Stories: 1}, later: {Mentions: 1}}
	if err != nil || !maps.Equal(got, want) {
		t.Errorf("moments %v, %v; want %v", got, err, want)
	}
}
