package main

import (
	"os"
	"path/filepath"
	"testing"
)

// A start that ends while it writes the key leaves nothing that the next start refuses;
// from then on the key stays.
func TestPseudonymAfterAStartThatBrokeOff(t *testing.T) {
	keyFile := filepath.Join(t.TempDir(), "reputed.db.key")
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
