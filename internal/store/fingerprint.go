package store

import (
	"crypto/sha256"
	"unicode"
	"unicode/utf8"
)

// minFingerprint is the number of letters and digits below which equal texts are
// no sign of a copy: many people write "好评" on their own.
const minFingerprint = 20

// fingerprint is the SHA-256 of a content's letters and digits in lower case, by
// which copies of a text are recognised though spaces, punctuation and markup
// differ. It is nil for a content that has fewer than minFingerprint of them.
func fingerprint(content string) []byte {
	letters := make([]byte, 0, len(content))
	n := 0
	for _, r := range content {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			letters = utf8.AppendRune(letters, unicode.ToLower(r))
			n++
		}
	}
	if n < minFingerprint {
		return nil
	}
	sum := sha256.Sum256(letters)
	return sum[:]
}
