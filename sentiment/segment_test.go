package sentiment

import (
	"bytes"
	"compress/gzip"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-ego/gse"
)

var update = flag.Bool("update", false, "write the dictionary anew from gse")

// bare is gse itself with its own dictionary.
var bare = sync.OnceValues(func() (*gse.Segmenter, error) {
	s := &gse.Segmenter{SkipLog: true}
	return s, s.LoadDictEmbed("zh_s")
})

func gseSegmenter(t testing.TB) *gse.Segmenter {
	t.Helper()
	s, err := bare()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// The dictionary that is shipped is gse's.
func TestDictionary(t *testing.T) {
	dict := gseSegmenter(t).Dict
	lines := make([]string, 0, dict.NumTokens())
	for i := range dict.Tokens {
		token := &dict.Tokens[i]
		lines = append(lines, fmt.Sprintf("%s\t%.0f\n", token.Text(), token.Freq()))
	}
	slices.Sort(lines)
	want := fmt.Sprintf("%.0f\n", dict.TotalFreq()) + strings.Join(lines, "")
	if *update {
		var packed bytes.Buffer
		w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(want)); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile("dictionary.tsv.gz", packed.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	r, err := gzip.NewReader(strings.NewReader(frozen))
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if _, err := got.ReadFrom(r); err != nil {
		t.Fatal(err)
	}
	if got.String() != want {
		t.Error("the dictionary is not gse's; write it anew with: go test ./sentiment -run TestDictionary -update")
	}
}

// goldenTexts are the lines of the golden sets, and of the labelled files where DATA
// names their folder.
func goldenTexts(t testing.TB) []string {
	t.Helper()
	var texts []string
	for _, pattern := range []string{"testdata/*.tsv", os.Getenv("DATA") + "/sentiment/*.tsv"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			texts = append(texts, strings.Split(strings.ToLower(string(data)), "\n")...)
		}
	}
	return texts
}

// The boundaries are those of gse, on the texts of the tests, and on all labelled
// texts where DATA names their folder.
func TestBoundaries(t *testing.T) {
	s, err := newSegmenter(nil)
	if err != nil {
		t.Fatal(err)
	}
	texts := []string{
		"", "a", "好", "小米手机不错，但是客服太差 don't buy iphone15! 10.5元[怒] 😀", "京东方发布财报，京东大促", "卡拉ok t恤 3d打印",
		"没有空格的english和中文mixed混排2026年11月22日", "ünïcödé ωμέγα привет ²³", "\xff\xfe坏的字节\x80",
	}
	texts = append(texts, goldenTexts(t)...)
	var space segmentSpace
	different := 0
	for _, text := range texts {
		s.segment(text, &space)
		slices.Reverse(space.ends)
		var want []int32
		for _, word := range gseSegmenter(t).Segment([]byte(text)) {
			want = append(want, int32(word.End()))
		}
		if !slices.Equal(space.ends, want) && different < 10 {
			different++
			t.Errorf("%q is cut at %d, by gse at %d", text, space.ends, want)
		}
	}
	t.Logf("%d texts compared", len(texts))
}

func TestNamesAreWords(t *testing.T) {
	s, err := newSegmenter([]string{"青榈", "qinglv", ""})
	if err != nil {
		t.Fatal(err)
	}
	const text = "买完第二天青榈就降价"
	var space segmentSpace
	s.segment(text, &space)
	at := int32(strings.Index(text, "青榈"))
	if !slices.Contains(space.ends, at) || !slices.Contains(space.ends, at+int32(len("青榈"))) {
		t.Errorf("%s is cut at %d, want 青榈 at %d to be a word", text, space.ends, at)
	}
}

func TestTrieGrows(t *testing.T) {
	trie := newTrie(1)
	for i := range 1000 {
		trie.insert(fmt.Sprint("w", i), uint32(i+1))
	}
	for i := range 1000 {
		if value := trie.get(fmt.Sprint("w", i)); value != uint32(i+1) {
			t.Fatalf("w%d has the value %d", i, value)
		}
	}
	for _, word := range []string{"x", "w", "w1000"} {
		if value := trie.get(word); value != 0 {
			t.Errorf("%s has the value %d and is no word", word, value)
		}
	}
}

const passage = "这款水壶外观挺漂亮的,但是用了一个月壶盖就松了,烧水声音也大。客服态度不错,答应换货,就是快递有点慢,等了五天。"

func BenchmarkSegment(b *testing.B) {
	s, err := newSegmenter(nil)
	if err != nil {
		b.Fatal(err)
	}
	var space segmentSpace
	b.SetBytes(int64(len(passage)))
	for b.Loop() {
		s.segment(passage, &space)
	}
}

// What gse itself takes for the same.
func BenchmarkSegmentGSE(b *testing.B) {
	s := gseSegmenter(b)
	text := []byte(passage)
	b.SetBytes(int64(len(passage)))
	for b.Loop() {
		s.Segment(text)
	}
}

// A text from its bytes to its score, against gse's segmentation alone; the ratio
// is of times taken in turn.
func BenchmarkRateAgainstGSE(b *testing.B) {
	texts := goldenTexts(b)
	bare := gseSegmenter(b)
	lexicon, reader := shipped(b)
	scorer := NewScorer(lexicon, nil)
	var theirs, ours time.Duration
	for b.Loop() {
		start := time.Now()
		for _, text := range texts {
			bare.Segment([]byte(text))
		}
		middle := time.Now()
		for _, text := range texts {
			scorer.Rate(reader.Read(text), nil, nil)
		}
		theirs, ours = theirs+middle.Sub(start), ours+time.Since(middle)
	}
	perText := func(d time.Duration) float64 { return float64(d.Nanoseconds()) / float64(b.N) / float64(len(texts)) }
	b.ReportMetric(perText(theirs), "gse-ns/text")
	b.ReportMetric(perText(ours), "ns/text")
	b.ReportMetric(theirs.Seconds()/ours.Seconds(), "times-gse")
}

func BenchmarkLoadDictionaryGSE(b *testing.B) {
	for b.Loop() {
		s := gse.Segmenter{SkipLog: true}
		if err := s.LoadDictEmbed("zh_s"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLoadDictionary(b *testing.B) {
	for b.Loop() {
		if _, err := newSegmenter(nil); err != nil {
			b.Fatal(err)
		}
	}
}
