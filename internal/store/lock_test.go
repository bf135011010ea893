package store_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"reputed/internal/store"
)

func TestLock(t *testing.T) {
	path := t.TempDir() + "/reputed.db"
	unlock, err := store.Lock(path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = store.Lock(path)
	if !errors.Is(err, store.ErrLocked) || !strings.Contains(err.Error(), path) {
		t.Errorf("a second lock: %v, want ErrLocked with the path", err)
	}
	if err := unlock(); err != nil {
		t.Fatal(err)
	}
	unlock, err = store.Lock(path)
	if err != nil {
		t.Fatalf("after unlock: %v", err)
	}
	if err := unlock(); err != nil {
		t.Error(err)
	}

	_, err = store.Lock(t.TempDir() + "/missing/reputed.db")
	if err == nil || !strings.Contains(err.Error(), "create the directory") {
		t.Errorf("in a missing directory: %v", err)
	}
}

func TestLockIsFreedByKill(t *testing.T) {
	path := t.TempDir() + "/reputed.db"
	holder := exec.Command(os.Args[0], "-test.run=^TestHoldLock$")
	holder.Env = append(os.Environ(), "HOLD_LOCK="+path)
	if _, err := holder.StdinPipe(); err != nil { // keeps the holder waiting
		t.Fatal(err)
	}
	out, err := holder.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := holder.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil || line != "locked\n" {
		t.Fatalf("the other process says %q, %v", line, err)
	}
	if _, err := store.Lock(path); !errors.Is(err, store.ErrLocked) {
		t.Errorf("while another process runs: %v, want ErrLocked", err)
	}
	if err := holder.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := holder.Wait(); err == nil {
		t.Error("the other process ended by itself")
	}
	unlock, err := store.Lock(path)
	if err != nil {
		t.Fatalf("after kill -9: %v", err)
	}
	if err := unlock(); err != nil {
		t.Error(err)
	}
}

// TestHoldLock is the other process of TestLockIsFreedByKill.
func TestHoldLock(t *testing.T) {
	path := os.Getenv("HOLD_LOCK")
	if path == "" {
		t.Skip("runs in a process of its own")
	}
	if _, err := store.Lock(path); err != nil {
		t.Fatal(err)
	}
	fmt.Println("locked")
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
		t.Fatal(err)
	}
}
