package store_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"reputed/internal/reputation"
	"reputed/internal/store"
)

func ExampleStore() {
	dir, err := os.MkdirTemp("", "reputed")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)

	ctx := context.Background()
	s, err := store.Open(ctx, filepath.Join(dir, "reputed.db"))
	if err != nil {
		log.Fatal(err)
	}
	defer s.Close()

	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	mention := reputation.Mention{
		Item:  reputation.Item{Source: "weibo", ID: "m/1", Text: "云杉的客服太差了", Published: now.Add(-time.Minute), Fetched: now},
		Span:  reputation.Span{Brand: "云杉", Term: "云杉", Start: 0, End: 6},
		Score: reputation.Score{Value: -0.8, Label: reputation.Negative},
	}
	next := reputation.Cursor{ETag: `"8f3"`}
	for range 2 { // the second poll brings the same item
		fresh, err := s.Commit(ctx, "weibo", next, []reputation.Mention{mention}, now)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(len(fresh), "new")
	}
	hours, err := s.Hours(ctx, "云杉", now, 2)
	if err != nil {
		log.Fatal(err)
	}
	for _, h := range hours {
		fmt.Printf("%d mentions, %d negative\n", h.Mentions, h.Negative)
	}
	// Output:
	// 1 new
	// 0 new
	// 0 mentions, 0 negative
	// 1 mentions, 1 negative
}

func ExampleLock() {
	dir, err := os.MkdirTemp("", "reputed")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "reputed.db")

	unlock, err := store.Lock(path)
	if err != nil {
		log.Fatal(err)
	}
	_, err = store.Lock(path)
	fmt.Println(errors.Is(err, store.ErrLocked))
	if err := unlock(); err != nil {
		log.Fatal(err)
	}
	// Output: true
}
