package store

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// ErrLocked is the cause of Lock's error when another process holds the lock.
var ErrLocked = errors.New("another reputed is running on it")

// Lock makes sure that one daemon works on the database at path: two would poll
// every source twice. It locks the file path + ".lock" beside it, which stays
// when the lock is gone; unlock frees it, and so does the end of the process,
// however it ends.
func Lock(path string) (unlock func() error, err error) {
	f, err := os.OpenFile(path+".lock", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, explain(path, "create its lock file", err)
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = fmt.Errorf("database %s: %w; stop that one first, or give this one its own database", path, ErrLocked)
	} else if err != nil {
		err = explain(path, "lock it", err)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f.Close, nil
}
