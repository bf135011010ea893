package main

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// newPseudonym returns the function that turns an author's name into a pseudonym:
// HMAC-SHA256 under a key of its own (EDPB Guidelines 01/2025), so that the same
// author is recognised and nobody is named. The key is made at the first start
// and kept in the file, apart from the database.
func newPseudonym(keyFile string) (func(author string) string, error) {
	key, err := os.ReadFile(keyFile)
	if errors.Is(err, fs.ErrNotExist) {
		key = make([]byte, sha256.Size)
		rand.Read(key) // never fails, see crypto/rand
		err = keepKey(keyFile, key)
	}
	if err != nil {
		return nil, fmt.Errorf("key of the author pseudonyms: %w", err)
	}
	if len(key) != sha256.Size {
		return nil, fmt.Errorf("key of the author pseudonyms: %s must hold %d bytes and holds %d; restore it from a backup, or remove it to begin with new pseudonyms",
			keyFile, sha256.Size, len(key))
	}
	return func(author string) string {
		author = strings.ToLower(norm.NFKC.String(strings.TrimSpace(author)))
		if author == "" {
			return ""
		}
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(author))
		return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:16])
	}, nil
}

// keepKey puts a new key into its file in one step: a start that is killed, or a power
// cut, leaves no file or the whole key, never a part that the next start refuses.
func keepKey(keyFile string, key []byte) error {
	f, err := os.OpenFile(keyFile+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	if _, err := f.Write(key); err != nil {
		return errors.Join(err, f.Close(), os.Remove(f.Name()))
	}
	return moveTo(keyFile, f)
}
