package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"reputed/internal/reputation"
)

// Of polls that are stored together each stands alone: one that is refused takes
// none of the others with it.
func TestChangesStandAlone(t *testing.T) {
	s := openTest(t)
	const polls = 200
	errs := make([]error, polls)
	var wg sync.WaitGroup
	for i := range polls {
		wg.Go(func() {
			source := fmt.Sprintf("source-%d", i)
			item := reputation.Item{Source: source, ID: "1", Text: "云杉" + source, Published: time.Now(), Fetched: time.Now()}
			m := reputation.Mention{Item: item, Span: reputation.Span{Brand: "云杉"}, Score: reputation.Score{Label: reputation.Neutral}}
			if i%7 == 0 {
				m.Score.Value = 2 // no score is
			}
			_, errs[i] = s.Commit(t.Context(), source, reputation.Cursor{ETag: source}, []reputation.Mention{m}, time.Now())
		})
	}
	wg.Wait()
	for i, err := range errs {
		source := fmt.Sprintf("source-%d", i)
		cursor, cursorErr := s.Cursor(t.Context(), source)
		if cursorErr != nil {
			t.Fatal(cursorErr)
		}
		if wrong := i%7 == 0; wrong != (err != nil) || wrong != (cursor.ETag == "") {
			t.Errorf("%s: %v, cursor %+v", source, err, cursor)
		}
	}
	if err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

// Where SQLite rolls the whole transaction back, nothing of it is stored and every
// change is told.
func TestLostTransaction(t *testing.T) {
	s := openTest(t)
	broken := errors.New("disk is full")
	insert := func(name string) *change {
		return &change{do: func(ctx context.Context, tx *sql.Conn) error {
			_, err := tx.ExecContext(ctx, `INSERT INTO sources (name) VALUES (?)`, name)
			return err
		}, done: make(chan struct{})}
	}
	full := &change{do: func(ctx context.Context, tx *sql.Conn) error {
		if _, err := tx.ExecContext(ctx, `ROLLBACK`); err != nil { // as a full disk does
			return err
		}
		return broken
	}, done: make(chan struct{})}
	changes := []*change{insert("before"), full, insert("after")}
	if err := s.transact(t.Context(), changes); !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
	var n int
	if err := s.readers.QueryRow(`SELECT count(*) FROM sources`).Scan(&n); err != nil || n != 0 {
		t.Errorf("%d of a lost transaction's changes stored, %v", n, err)
	}
	if err := s.write(t.Context(), "go on", func(tx *sql.Tx) error {
		_, err := tx.ExecContext(t.Context(), `INSERT INTO sources (name) VALUES ('later')`)
		return err
	}); err != nil {
		t.Errorf("after it: %v", err)
	}
}

func TestCancelledChange(t *testing.T) {
	s := openTest(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Commit(ctx, "news", reputation.Cursor{}, nil, time.Now()); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}
