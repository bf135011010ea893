package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"sync"
)

// mostTogether bounds the changes of one transaction.
const mostTogether = 32

// group lets changes that come at the same time share a transaction, since each
// transaction waits for the disk. The first that comes carries out its own and
// those that have gathered meanwhile.
type group struct {
	mu      sync.Mutex
	waiting []*change
	busy    bool
}

// change is a part of a transaction that stands or falls alone, unless the
// transaction itself fails.
type change struct {
	do   func(context.Context, *sql.Conn) error
	err  error
	done chan struct{}
}

// writeTogether runs do in a transaction that it may share with others. All of do
// is stored, or nothing of it: an error of do undoes what it did, and no more. Once
// begun it is carried to its end, whatever becomes of ctx, since an interrupt would
// undo the others' changes too.
func (s *Store) writeTogether(ctx context.Context, doing string, do func(context.Context, *sql.Conn) error) error {
	if err := ctx.Err(); err != nil {
		return explain(s.path, doing, err)
	}
	c := &change{do: do, done: make(chan struct{})}
	s.group.mu.Lock()
	s.group.waiting = append(s.group.waiting, c)
	leads := !s.group.busy
	s.group.busy = true
	s.group.mu.Unlock()
	if leads {
		s.carryOut(context.WithoutCancel(ctx))
	}
	<-c.done
	if c.err != nil {
		return explain(s.path, doing, c.err)
	}
	return nil
}

// carryOut carries out what waits, until nothing does.
func (s *Store) carryOut(ctx context.Context) {
	for {
		s.group.mu.Lock()
		n := min(len(s.group.waiting), mostTogether)
		changes := s.group.waiting[:n:n]
		s.group.waiting = s.group.waiting[n:]
		s.group.busy = n > 0
		s.group.mu.Unlock()
		if n == 0 {
			return
		}
		if err := s.transact(ctx, changes); err != nil {
			for _, c := range changes {
				c.err = cmp.Or(c.err, err)
			}
		}
		for _, c := range changes {
			close(c.done)
		}
	}
}

// transact makes one transaction of the changes. Its error is one of them all;
// that of a single change stands in the change.
func (s *Store) transact(ctx context.Context, changes []*change) error {
	conn, err := s.writer.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	// A sql.Tx would start a goroutine for each query, to end it with the transaction.
	if _, err := conn.ExecContext(ctx, `BEGIN IMMEDIATE`); err != nil {
		return err
	}
	for _, c := range changes {
		if err = within(ctx, conn, c); err != nil {
			break
		}
	}
	if err == nil {
		_, err = conn.ExecContext(ctx, `COMMIT`)
	}
	if err != nil {
		// Its error says nothing new: it fails where SQLite has rolled back already.
		_, _ = conn.ExecContext(ctx, `ROLLBACK`)
	}
	return err
}

// within carries out a change in a savepoint of the transaction. Its error is one
// of the transaction: a full disk, for one, makes SQLite roll all of it back, and
// what followed would be stored outside of any transaction.
func within(ctx context.Context, tx *sql.Conn, c *change) error {
	if _, err := tx.ExecContext(ctx, `SAVEPOINT change`); err != nil {
		return err
	}
	if c.err = c.do(ctx, tx); c.err != nil {
		if _, err := tx.ExecContext(ctx, `ROLLBACK TO change`); err != nil {
			return fmt.Errorf("another change in the transaction: %w", c.err)
		}
	}
	_, err := tx.ExecContext(ctx, `RELEASE change`)
	return err
}
