package sentiment

import (
	"bytes"
	"compress/gzip"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

// The silent words are those that gse's dictionary says are.
func TestSilentWords(t *testing.T) {
	dict := gseSegmenter(t).Dict
	want := map[string]silence{}
	for i := range dict.Tokens {
		token := &dict.Tokens[i]
		if s := silenceOf(token.Pos()); s != speaking {
			want[token.Text()] = s
		}
	}
	if *update {
		var packed bytes.Buffer
		w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range slices.Sorted(maps.Keys(want)) {
			if _, err := w.Write([]byte(string(want[word]) + word + "\n")); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile("silent.txt.gz", packed.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := readSilentWords()
	if err != nil {
		t.Fatal(err)
	}
	if !maps.Equal(got, want) {
		t.Error("the silent words are not those of gse's dictionary; write them anew with: go test ./sentiment -run TestSilentWords -update")
	}
}

// silenceOf reads a part of speech in the dictionary's notation.
func silenceOf(pos string) silence {
	switch pos {
	case "nr", "nrt", "nrfg", "ns", "nt", "nz", "j":
		return properName
	case "m", "mq", "mg", "q", "t", "tg", "r", "rr", "rz", "rg", "p", "c", "f", "s", "y", "o", "x",
		"u", "ud", "ug", "uj", "ul", "uv", "uz", "k", "h":
		return grammatical
	}
	if strings.HasPrefix(pos, "n") || pos == "vn" {
		return topical
	}
	return speaking
}
