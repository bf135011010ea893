package main

import (
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"
)

// A start that ends while it writes the key, here because no file may hold a byte,
// leaves nothing that the next start refuses; from then on the key stays.
func TestPseudonymAfterAStartThatBrokeOff(t *testing.T) {
	keyFile := filepath.Join(t.TempDir(), "reputed.db.key")
	withoutSpace(t, func() {
		if _, err := newPseudonym(keyFile); err == nil {
			t.Error("the key could not be written, and there is no error")
		}
	})
	// What a killed start may leave.
	if err := os.WriteFile(keyFile+".new", make([]byte, 40), 0o600); err != nil {
		t.Fatal(err)
	}
	var pseudonyms []string
	for range 2 {
		pseudonym, err := newPseudonym(keyFile)
		if err != nil {
			t.Fatal(err)
		}
		pseudonyms = append(pseudonyms, pseudonym("王小明"))
	}
	if pseudonyms[0] != pseudonyms[1] {
		t.Errorf("the key did not stay: %v", pseudonyms)
	}
	if info, err := os.Stat(keyFile); err != nil || info.Mode() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

// withoutSpace calls do while files of this process cannot grow.
func withoutSpace(t *testing.T, do func()) {
	t.Helper()
	signal.Ignore(syscall.SIGXFSZ)
	defer signal.Reset(syscall.SIGXFSZ)
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 0, Max: limit.Max}); err != nil {
		t.Fatal(err)
	}
	do()
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
}
