package store_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"reputed/internal/reputation"
	"reputed/internal/store"
)

// start is the publication time of the first mentions of a test.
var start = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

func open(t testing.TB) *store.Store {
	t.Helper()
	return create(t, filepath.Join(t.TempDir(), "reputed.db"))
}

// create opens the store at path for the time of the test.
func create(t testing.TB, path string) *store.Store {
	t.Helper()
	s, err := store.Open(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func commit(t testing.TB, s *store.Store, source string, mentions ...reputation.Mention) []reputation.Mention {
	t.Helper()
	fresh, err := s.Commit(context.Background(), source, reputation.Cursor{}, mentions, start)
	if err != nil {
		t.Fatal(err)
	}
	return fresh
}

// mention is a neutral mention.
func mention(source, id, brand, text string, at time.Time) reputation.Mention {
	return reputation.Mention{
		Item:  reputation.Item{Source: source, ID: id, Text: text, Published: at, Fetched: at},
		Span:  reputation.Span{Brand: brand, Term: brand},
		Score: reputation.Score{Label: reputation.Neutral},
	}
}

// connect opens the database at path as any other program would.
func connect(t testing.TB, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func execute(t testing.TB, path, statements string) {
	t.Helper()
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.Exec(statements)
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, path, content string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// snapshot is the names and the contents of the files in dir, but for those by
// which SQLite's readers and writers find each other.
func snapshot(t *testing.T, dir string) []byte {
	t.Helper()
	var b bytes.Buffer
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), "-wal") || strings.HasSuffix(e.Name(), "-shm") {
			continue
		}
		content, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		b.WriteString(e.Name())
		b.Write(content)
	}
	return b.Bytes()
}
