// Package store keeps what reputed has collected and found in one SQLite file:
// items, rated mentions, trends, alerts and the messages that are still to be
// delivered. It exists so that a crash at any moment leaves either all of a poll
// or none of it, and so that an analyst can open the file with any SQLite tool;
// docs/database.md describes it for them.
package store

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/mattn/go-sqlite3" // registers the driver "sqlite3"
)

// Pragmas belong to a connection, so they stand in the name by which every
// connection is opened. A transaction that writes takes its lock at the start:
// one that reads first could not upgrade beside another writer. FULL makes a
// commit survive a power cut, not only the death of the process. The statement
// cache keeps a connection's statements prepared.
const (
	writing = "mode=rw&_journal_mode=WAL&_synchronous=FULL&_foreign_keys=on" +
		"&_busy_timeout=10000&_txlock=immediate&_cache_size=-16000&_stmt_cache_size=64"
	reading = "mode=ro&_busy_timeout=10000&_stmt_cache_size=64"
)

// maxReaders is the number of connections for queries: the alerter, the web page
// and a command or two.
const maxReaders = 4

// Store is an open database. Its methods may be called from several goroutines;
// writers wait for each other, readers wait for nobody.
type Store struct {
	path    string
	writer  *sql.DB // one connection, since SQLite has one writer
	readers *sql.DB
	group   group // of changes that come at the same time
}

// Open opens the database at path for reading and writing. It creates the file,
// readable by its owner alone, and brings an older schema up to date in one
// transaction. It leaves alone, and refuses, a file that is not a reputed
// database and one that a newer reputed has written. Errors name the path and
// what to do.
func Open(ctx context.Context, path string) (*Store, error) {
	if err := create(path); err != nil {
		return nil, err
	}
	current, target, err := schemaVersion(ctx, path, migrations)
	if readonly := (sqlite3.Error{}); errors.As(err, &readonly) && readonly.Code == sqlite3.ErrReadonly {
		// A process that died in a transaction, such as the first of all, has left a
		// journal that a connection for reading cannot roll back.
		if err := rollBack(ctx, path); err != nil {
			return nil, err
		}
		current, target, err = schemaVersion(ctx, path, migrations)
	}
	if err != nil {
		return nil, err
	}
	if current < target {
		if err := migrate(ctx, path, migrations); err != nil {
			return nil, err
		}
	}
	return connectBoth(ctx, path)
}

// connectBoth opens the connections for writing and those for reading.
func connectBoth(ctx context.Context, path string) (_ *Store, err error) {
	s := &Store{path: path}
	if s.writer, err = connect(ctx, path, writing, 1); err != nil {
		return nil, err
	}
	if s.readers, err = connect(ctx, path, reading, maxReaders); err != nil {
		return nil, errors.Join(err, s.writer.Close())
	}
	return s, nil
}

// OpenReader opens the database at path for queries only, beside a running
// daemon or without one. It neither creates nor migrates: a file that is missing,
// empty, older or newer is an error that says what to do. The methods that write
// return an error.
func OpenReader(ctx context.Context, path string) (*Store, error) {
	if err := upToDate(ctx, path); err != nil {
		return nil, err
	}
	db, err := connect(ctx, path, reading, maxReaders)
	if err != nil {
		return nil, err
	}
	return &Store{path: path, writer: db, readers: db}, nil
}

// OpenBeside opens the database at path for a change beside a running daemon or
// without one. Like OpenReader it neither creates nor migrates.
func OpenBeside(ctx context.Context, path string) (*Store, error) {
	if err := upToDate(ctx, path); err != nil {
		return nil, err
	}
	return connectBoth(ctx, path)
}

// upToDate tells what keeps a command from working with the database as it is.
func upToDate(ctx context.Context, path string) error {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return refuse(path, `there is no such file; start the daemon first, or name another file as "database" in the configuration`)
	}
	current, target, err := schemaVersion(ctx, path, migrations)
	if err != nil {
		return err
	}
	if current < target {
		return refuse(path, "it is empty or was written by an older version of reputed; start the daemon once to bring it up to date")
	}
	return nil
}

// Close closes the database. Transactions that are still open are rolled back.
func (s *Store) Close() error {
	err := errors.Join(s.readers.Close(), s.writer.Close())
	if err != nil {
		return explain(s.path, "close", err)
	}
	return nil
}

// create makes an empty file that only its owner can read, where there is none.
// SQLite would make it readable for everybody; the files it adds beside this one
// get the same mode.
func create(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return explain(path, "open", err)
	}
	if err := f.Close(); err != nil {
		return explain(path, "open", err)
	}
	return nil
}

// rollBack undoes what an unfinished transaction of a dead process has left, as any
// program does that opens the file for writing, and changes nothing else.
func rollBack(ctx context.Context, path string) (err error) {
	db, err := connect(ctx, path, "mode=rw&_busy_timeout=10000", 1)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var objects int
	if err := db.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema").Scan(&objects); err != nil {
		return explain(path, "open", err)
	}
	return nil
}

// connect opens a pool of at most n connections and makes the first, so that
// what is wrong with the file is found here.
func connect(ctx context.Context, path, mode string, n int) (*sql.DB, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, explain(path, "open", err)
	}
	name := url.URL{Scheme: "file", Path: abs, RawQuery: mode}
	db, err := sql.Open("sqlite3", name.String())
	if err != nil {
		return nil, explain(path, "open", err)
	}
	db.SetMaxOpenConns(n)
	db.SetMaxIdleConns(n)
	if err := db.PingContext(ctx); err != nil {
		return nil, explain(path, "open", errors.Join(err, db.Close()))
	}
	return db, nil
}

// write runs do in one transaction, which is rolled back if do returns an error.
func (s *Store) write(ctx context.Context, doing string, do func(*sql.Tx) error) error {
	tx, err := s.writer.BeginTx(ctx, nil)
	if err != nil {
		return explain(s.path, doing, err)
	}
	if err := do(tx); err != nil {
		// Its error says nothing new: it fails where the full disk or the cancelled
		// context that made do fail has rolled back already.
		_ = tx.Rollback()
		return explain(s.path, doing, err)
	}
	if err := tx.Commit(); err != nil {
		return explain(s.path, doing, err)
	}
	return nil
}

// timeLayout is how times stand in the database: UTC, to the second. Text in this
// form sorts by time.
const timeLayout = "2006-01-02T15:04:05Z"

func timeText(t time.Time) string { return t.UTC().Format(timeLayout) }

// timeOrNull is for columns that hold NULL where there is no time.
func timeOrNull(t time.Time) sql.NullString {
	return sql.NullString{String: timeText(t), Valid: !t.IsZero()}
}

// timeColumn scans a time; NULL becomes the zero time.
type timeColumn struct{ t *time.Time }

func (c timeColumn) Scan(value any) error {
	if value == nil {
		*c.t = time.Time{}
		return nil
	}
	text, ok := value.(string)
	if !ok {
		return errors.New("a time is not text")
	}
	t, err := time.Parse(timeLayout, text)
	*c.t = t
	return err
}
