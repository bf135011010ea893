package reputation_test

import (
	"fmt"
	"testing"

	"reputed/internal/reputation"
)

func TestContent(t *testing.T) {
	tests := []struct{ title, text, want string }{
		{"水壶漏水", "昨天刚买", "水壶漏水\n昨天刚买"},
		{"水壶漏水", "水壶漏水，昨天刚买", "水壶漏水，昨天刚买"},
		{"", "昨天刚买", "昨天刚买"},
		{"水壶漏水", "", "水壶漏水"},
		{"", "", ""},
	}
	for _, test := range tests {
		if got := (reputation.Item{Title: test.title, Text: test.text}).Content(); got != test.want {
			t.Errorf("title %q, text %q: content %q, want %q", test.title, test.text, got, test.want)
		}
	}
}

func TestShareOfAnEmptyHour(t *testing.T) {
	if share := (reputation.Judgement{}).Share(); share != 0 {
		t.Errorf("share %g, want 0", share)
	}
}

// A range that ends inside a piece that was normalised as a whole stands for the
// whole piece.
func TestOriginalOfAPiece(t *testing.T) {
	text := reputation.Text{Raw: "…a", Norm: "...a", Map: []int32{0, 0, 0, 3, 4}}
	if start, end := text.Original(0, 1); start != 0 || end != 3 {
		t.Errorf("bytes %d to %d, want the ellipsis", start, end)
	}
}

func TestOriginalLeavesInvisibleCharactersOut(t *testing.T) {
	text := reputation.Text{Raw: "a\u200b\x00b", Norm: "ab", Map: []int32{0, 5, 6}}
	if start, end := text.Original(0, 1); start != 0 || end != 1 {
		t.Errorf("bytes %d to %d, want the letter alone", start, end)
	}
}

func TestOneLine(t *testing.T) {
	const hostile = " 水壶\r\n漏\t水\x1b[31m \u202e\u200b\x00👩\u200d🔧 "
	if got, want := reputation.OneLine(hostile), "水壶 漏 水[31m 👩\u200d🔧"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func ExampleText_Original() {
	t := reputation.Text{Raw: "ＯＫ", Norm: "ok", Map: []int32{0, 3, 6}}
	start, end := t.Original(1, 2)
	fmt.Println(t.Raw[start:end])
	// Output: Ｋ
}
