package store

import (
	"crypto/sha256"
	"unicode"
	"unicode/utf8"
)

// minFingerprint is the number of letters and digits below which equal or similar
// texts are no sign of a copy: many people write "好评" on their own.
const minFingerprint = 20

// fingerprint is the SHA-256 of a content's letters and digits in lower case, by
// which a text is recognised though spaces, punctuation and markup differ. It is nil
// for a content that has fewer than minFingerprint of them and so tells no story.
func fingerprint(content string) []byte {
	sum, n := sumOfLetters(content)
	if n < minFingerprint {
		return nil
	}
	return sum
}

// sumOfLetters is that hash of any content, and how many letters and digits it has.
func sumOfLetters(content string) (sum []byte, n int) {
	letters := make([]byte, 0, len(content))
	for _, r := range content {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			letters = utf8.AppendRune(letters, unicode.ToLower(r))
			n++
		}
	}
	hash := sha256.Sum256(letters)
	return hash[:], n
}
