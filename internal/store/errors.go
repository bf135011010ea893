package store

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"syscall"

	"github.com/mattn/go-sqlite3"
)

// explain makes an error of the file system or of SQLite into one line that
// names the database, what was attempted, what went wrong and what to do. The
// cause stays reachable for errors.Is and errors.As.
func explain(path, doing string, err error) error {
	if advice := remedy(path, err); advice != "" {
		return fmt.Errorf("database %s: %s: %w; %s", path, doing, bare(err), advice)
	}
	return fmt.Errorf("database %s: %s: %w", path, doing, bare(err))
}

// refuse is the error for a file that must not be touched.
func refuse(path, why string) error {
	return fmt.Errorf("database %s: %s", path, why)
}

// bare takes the path and the system call off an error, since explain names the
// path already.
func bare(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

// remedy is what a user can do about err, in a few words, or empty.
func remedy(path string, err error) string {
	const rename = `or name another file as "database" in the configuration`
	dir := filepath.Dir(path)
	var sqlite sqlite3.Error
	if errors.As(err, &sqlite) && sqlite.SystemErrno != 0 {
		err = errors.Join(err, sqlite.SystemErrno)
	}
	switch {
	case errors.Is(err, syscall.ENOTDIR):
		return fmt.Sprintf("make %s a directory, %s", dir, rename)
	case errors.Is(err, syscall.EISDIR):
		return `name a file in it as "database" in the configuration`
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Sprintf("create the directory %s, %s", dir, rename)
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS), sqlite.Code == sqlite3.ErrReadonly, sqlite.Code == sqlite3.ErrPerm:
		return fmt.Sprintf("let the user that runs reputed write to the file and to the directory %s, %s", dir, rename)
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT), sqlite.Code == sqlite3.ErrFull:
		return fmt.Sprintf("free some space on the disk of %s; nothing was stored and nothing is damaged", dir)
	case sqlite.Code == sqlite3.ErrBusy, sqlite.Code == sqlite3.ErrLocked:
		return "close the other program that is writing to it, such as an SQLite shell, and try again"
	case sqlite.Code == sqlite3.ErrNotADB:
		return "the file is left as it is: move it away, " + rename
	case sqlite.Code == sqlite3.ErrCorrupt:
		return "stop reputed and put a backup in its place"
	case sqlite.Code == sqlite3.ErrCantOpen:
		return fmt.Sprintf("check that the file exists and that the user that runs reputed may write to the directory %s", dir)
	case sqlite.Code == sqlite3.ErrIoErr:
		return fmt.Sprintf("check the disk of %s and the kernel log", dir)
	}
	return ""
}
