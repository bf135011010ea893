package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrations embed.FS

// applicationID marks a file as a reputed database; the first migration sets it.
const applicationID = 0x72657075

// schemaVersion reads, without writing anything, which schema the file has and
// which one this program knows. An empty file has version 0. A file of another
// program and one with a newer schema are errors.
func schemaVersion(ctx context.Context, path string, files fs.FS) (current, target int64, err error) {
	db, err := connect(ctx, path, reading, 1)
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()

	var id, objects int
	row := db.QueryRowContext(ctx, `SELECT application_id, (SELECT count(*) FROM sqlite_schema) FROM pragma_application_id`)
	if err := row.Scan(&id, &objects); err != nil {
		return 0, 0, explain(path, "read the schema", err)
	}
	provider, err := newProvider(db, files)
	if err != nil {
		return 0, 0, explain(path, "read the schema", err)
	}
	sources := provider.ListSources()
	target = sources[len(sources)-1].Version
	switch {
	case id == 0 && objects == 0:
		return 0, target, nil
	case id != applicationID:
		return 0, 0, refuse(path, `it is an SQLite database of another program; it is left as it is: name another file as "database" in the configuration`)
	}
	if current, err = provider.GetDBVersion(ctx); err != nil {
		return 0, 0, explain(path, "read the schema", err)
	}
	if current > target {
		return 0, 0, refuse(path, fmt.Sprintf("it was written by a newer version of reputed (schema %d, this one knows %d); it is left as it is: install that version again", current, target))
	}
	return current, target, nil
}

// migrate applies what is pending in one transaction, so that a crash or an
// error leaves the schema that was there. Its pool has a single connection:
// goose runs its statements on the one that holds the transaction, and with
// isolated DDL it opens none of its own.
func migrate(ctx context.Context, path string, files fs.FS) (err error) {
	const doing = "bring the schema up to date"
	db, err := connect(ctx, path, writing, 1)
	if err != nil {
		return err
	}
	// Closing the connection rolls back what was not committed.
	defer func() { err = errors.Join(err, db.Close()) }()

	provider, err := newProvider(db, files, goose.WithIsolateDDL(true))
	if err != nil {
		return explain(path, doing, err)
	}
	if _, err := db.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return explain(path, doing, err)
	}
	if _, err := provider.Up(ctx); err != nil {
		return explain(path, doing, err)
	}
	if _, err := db.ExecContext(ctx, "COMMIT"); err != nil {
		return explain(path, doing, err)
	}
	return nil
}

func newProvider(db *sql.DB, files fs.FS, opts ...goose.ProviderOption) (*goose.Provider, error) {
	dir, err := fs.Sub(files, "migrations")
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectSQLite3, db, dir, append(opts, goose.WithDisableGlobalRegistry(true))...)
}
