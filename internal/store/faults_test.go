package store

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"reputed/internal/reputation"
)

// commitOne is the smallest write that needs every table.
func commitOne(ctx context.Context, s *Store) error {
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	_, err := s.Commit(ctx, "news", reputation.Cursor{}, []reputation.Mention{{
		Item:  reputation.Item{Source: "news", ID: "1", Text: strings.Repeat("云杉", 5000), Published: at, Fetched: at},
		Span:  reputation.Span{Brand: "云杉"},
		Score: reputation.Score{Label: reputation.Neutral},
	}}, at)
	return err
}

func openTest(t *testing.T) *Store {
	t.Helper()
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "reputed.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() }) // some tests break the file
	return s
}

// older makes a database as it was before the migration with a number such as
// "00070", and opens it as any program would.
func older(t *testing.T, before string) (path string, db *sql.DB) {
	t.Helper()
	files := fstest.MapFS{}
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		data, err := migrations.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if filepath.Base(name) < before {
			files[name] = &fstest.MapFile{Data: data}
		}
	}
	path = filepath.Join(t.TempDir(), "reputed.db")
	if err := create(path); err != nil {
		t.Fatal(err)
	}
	if err := migrate(t.Context(), path, files); err != nil {
		t.Fatal(err)
	}
	if db, err = sql.Open("sqlite3", path); err != nil {
		t.Fatal(err)
	}
	return path, db
}

// A write that the disk or another program refuses says so in one line, stores
// nothing, and works again as soon as the cause is gone.
func TestWriteFaults(t *testing.T) {
	tests := []struct {
		name       string
		start, end func(t *testing.T, s *Store)
		want       string
	}{
		{
			"full disk",
			func(t *testing.T, s *Store) { pragma(t, s.writer, "max_page_count = 1") },
			func(t *testing.T, s *Store) { pragma(t, s.writer, "max_page_count = 1073741823") },
			"free some space on the disk of ",
		},
		{
			"read-only",
			func(t *testing.T, s *Store) { pragma(t, s.writer, "query_only = on") },
			func(t *testing.T, s *Store) { pragma(t, s.writer, "query_only = off") },
			"let the user that runs reputed write to the file",
		},
		{
			"locked by another program",
			func(t *testing.T, s *Store) {
				other, err := sql.Open("sqlite3", s.path)
				if err != nil {
					t.Fatal(err)
				}
				other.SetMaxOpenConns(1)
				t.Cleanup(func() { other.Close() }) // ends its transaction
				if _, err := other.Exec("BEGIN IMMEDIATE"); err != nil {
					t.Fatal(err)
				}
				pragma(t, s.writer, "busy_timeout = 0")
			},
			nil,
			"close the other program",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := openTest(t)
			test.start(t, s)
			err := commitOne(t.Context(), s)
			if err == nil {
				t.Fatal("it was stored")
			}
			for _, want := range []string{s.path, `source "news"`, test.want} {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the error is %q, without %q", err, want)
				}
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("the error has several lines: %q", err)
			}
			if test.end == nil {
				return
			}
			test.end(t, s)
			if err := commitOne(t.Context(), s); err != nil {
				t.Errorf("the cause is gone, but: %v", err)
			}
			if err := s.Check(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

// What keeps a confirmed transaction over a power cut, and references whole, is
// a setting of each connection.
func TestWriterSettings(t *testing.T) {
	s := openTest(t)
	for name, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1"} {
		var got string
		if err := s.writer.QueryRow("PRAGMA " + name).Scan(&got); err != nil || got != want {
			t.Errorf("%s is %s, %v; want %s", name, got, err, want)
		}
	}
}

func pragma(t *testing.T, db *sql.DB, text string) {
	t.Helper()
	if _, err := db.Exec("PRAGMA " + text); err != nil {
		t.Fatal(err)
	}
}

// countdown is a context that is cancelled when it is looked at for the nth time,
// which reaches every point of a transaction without waiting for any.
type countdown struct {
	context.Context
	cancel context.CancelFunc
	left   atomic.Int64
}

func (c *countdown) Done() <-chan struct{} {
	if c.left.Add(-1) == 0 {
		c.cancel()
	}
	return c.Context.Done()
}

func TestWriteCancelled(t *testing.T) {
	s := openTest(t)
	stored := 0
	for n := 1; stored == 0 && n < 1000; n++ {
		ctx, cancel := context.WithCancel(t.Context())
		c := &countdown{Context: ctx, cancel: cancel}
		c.left.Store(int64(n))
		err := s.Polled(c, []reputation.Poll{{Source: "news", At: time.Now()}, {Source: "forum", At: time.Now()}})
		cancel()
		if err := s.readers.QueryRow(`SELECT count(*) FROM sources`).Scan(&stored); err != nil {
			t.Fatal(err)
		}
		if (err == nil) != (stored == 2) || stored == 1 {
			t.Fatalf("cancelled at step %d: error %v with %d outcomes stored", n, err, stored)
		}
		if err := s.Check(t.Context()); err != nil {
			t.Fatalf("cancelled at step %d: %v", n, err)
		}
		if stored == 2 && n < 10 {
			t.Errorf("only %d steps were reached", n)
		}
	}
}

func TestMigrateAllOrNothing(t *testing.T) {
	files := fstest.MapFS{
		"migrations/00998_good.sql":   {Data: []byte("-- +goose Up\nALTER TABLE items ADD COLUMN reach INTEGER;\n")},
		"migrations/00999_broken.sql": {Data: []byte("-- +goose Up\nCREATE TABLE half (a TEXT) STRICT;\nDROP TABLE missing;\n")},
	}
	released, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range released {
		data, err := migrations.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = &fstest.MapFile{Data: data}
	}
	s := openTest(t)
	if err := commitOne(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	fresh := filepath.Join(t.TempDir(), "fresh.db")
	if err := create(fresh); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{s.path, fresh} {
		before := tables(t, path)
		if err := migrate(t.Context(), path, files); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("a broken migration: %v, want an error with the path", err)
		}
		if after := tables(t, path); after != before {
			t.Errorf("a broken migration changed the schema from\n%s\nto\n%s", before, after)
		}
	}
	if err := commitOne(t.Context(), s); err != nil {
		t.Error(err)
	}
	delete(files, "migrations/00999_broken.sql")
	if err := migrate(t.Context(), s.path, files); err != nil {
		t.Fatal(err)
	}
	if current, _, err := schemaVersion(t.Context(), s.path, files); err != nil || current != 998 {
		t.Errorf("version %d, %v; want 998", current, err)
	}
}

func tables(t *testing.T, path string) (schema string) {
	t.Helper()
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRow(`SELECT coalesce(group_concat(sql, char(10)), '') FROM sqlite_schema`).Scan(&schema); err != nil {
		t.Fatal(err)
	}
	return schema
}

func TestCheckFindsDamage(t *testing.T) {
	tests := []struct{ damage, want string }{
		{`UPDATE rollup_hourly SET mentions = mentions + 1`, "rollup_hourly differ from the mentions: 2"},
		{`UPDATE rollup_daily SET score_sum = score_sum + 1`, "rollup_daily differ"},
		{`UPDATE rollup_hourly SET stories = stories + 1`, "rollup_hourly differ from the mentions: 2"},
		{`INSERT INTO rollup_talk VALUES ('云杉', '2026-11-22T04:00:00Z', 'signal', 'churn', 1)`, "rollup_talk differ from the mentions: 1, such as 云杉 2026-11-22T04:00:00Z signal churn"},
		{`DELETE FROM rollup_drivers`, "rollup_drivers differ from the mentions: 1, such as 2026-11-22 云杉"},
		{`INSERT INTO rollup_negative_terms VALUES ('2026-11-22', '云杉', '差', 1)`, "rollup_negative_terms differ"},
		{`UPDATE sources SET items = 7`, "items of a source are counted wrongly: 2, such as news"},
		{`DELETE FROM search`, "not in the search index: 1, such as item 1"},
		{`UPDATE mentions SET copy = 1`, "mentions differ from their item"},
		{`PRAGMA foreign_keys = off; DELETE FROM items`, "foreign_key_check"},
	}
	for _, test := range tests {
		s := openTest(t)
		if err := commitOne(t.Context(), s); err != nil {
			t.Fatal(err)
		}
		if err := s.Check(t.Context()); err != nil {
			t.Fatalf("without damage: %v", err)
		}
		if _, err := s.writer.Exec(test.damage); err != nil {
			t.Fatal(err)
		}
		if err := s.Check(t.Context()); err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), s.path) {
			t.Errorf("%s: %v, want %q", test.damage, err, test.want)
		}
	}
}

func TestCheckFindsDamagedFile(t *testing.T) {
	s := openTest(t)
	for i := range 20 {
		if err := s.Failed(t.Context(), fmt.Sprintf("source-%d", i), reputation.Cursor{}, time.Now(), strings.Repeat("x", 1000)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(s.path)
	if err != nil {
		t.Fatal(err)
	}
	const page = 4096
	for i := page; i < len(b); i += page {
		clear(b[i : i+64]) // every page's header but the first
	}
	if err := os.WriteFile(s.path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err = Open(t.Context(), s.path)
	if err == nil {
		err = s.Check(t.Context())
		s.Close()
	}
	if err == nil || !strings.Contains(err.Error(), "backup") {
		t.Errorf("a damaged file: %v, want advice to restore a backup", err)
	}
}

// The first start dies in a transaction that has reached the disk: its journal is rolled
// back by the next one, which begins with nothing.
func TestOpenAfterAFirstStartThatBrokeOff(t *testing.T) {
	dir := t.TempDir()
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(dir, "dying.db")+"?_journal_mode=DELETE&_cache_size=1")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	// More than the cache holds, so that the transaction is written before its end.
	if _, err := tx.Exec("CREATE TABLE begun(text)"); err != nil {
		t.Fatal(err)
	}
	for range 100 {
		if _, err := tx.Exec("INSERT INTO begun VALUES (hex(zeroblob(2000)))"); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(dir, "reputed.db")
	for _, suffix := range []string{"", "-journal"} {
		data, err := os.ReadFile(filepath.Join(dir, "dying.db"+suffix))
		if err != nil {
			t.Fatal(err)
		}
		if len(data) == 0 {
			t.Fatalf("dying.db%s is empty: the fault is not injected", suffix)
		}
		if err := os.WriteFile(path+suffix, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}
	if err := commitOne(t.Context(), s); err != nil {
		t.Error(err)
	}
}
