package main

import (
	"encoding/xml"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"reputed/internal/labelled"
)

// The variables that choose what BenchmarkItems reads: a folder of labelled texts
// (*.tsv, as eval takes them), how many items are made of them, and how many items
// there are to each that names the brand.
const (
	textsFolder = "REPUTED_TEXTS"
	textsItems  = "REPUTED_ITEMS"
	textsBrand  = "REPUTED_BRAND_EVERY"
)

// BenchmarkItems takes items the whole way: feeds over HTTP, decoded, searched for
// the brand, rated, and stored. `make throughput TEXTS=folder` reads real texts;
// without a folder a few invented ones stand in.
func BenchmarkItems(b *testing.B) {
	texts := benchmarkTexts(b)
	items, brandEvery := numberFrom(b, textsItems, 5000), numberFrom(b, textsBrand, 1)
	const perFeed = 100
	var feeds [][]byte
	for from := 0; from < items; from += perFeed {
		feeds = append(feeds, benchmarkFeed(b, texts, from, min(perFeed, items-from), brandEvery))
	}
	listener, err := net.Listen("tcp4", "0.0.0.0:0")
	if err != nil {
		b.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var n int
		if _, err := fmt.Sscanf(r.URL.Path, "/%d", &n); err != nil || n >= len(feeds) {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/rss+xml; charset=utf-8")
		if _, err := w.Write(feeds[n]); err != nil {
			b.Error(err)
		}
	})}
	go server.Serve(listener) // its error is that of Close
	defer server.Close()
	var config strings.Builder
	config.WriteString("brands: [{name: 青榈, competitors: [拓野]}]\nfetch: {allow: [127.0.0.0/8]}\nsources:\n")
	for i := range feeds {
		fmt.Fprintf(&config, "  - {name: feed-%d, kind: feed, url: 'http://127.%d.%d.%d:%d/%[1]d'}\n",
			i, 1+i>>16, i>>8&255, i&255, listener.Addr().(*net.TCPAddr).Port)
	}
	for b.Loop() {
		b.StopTimer()
		folder := b.TempDir()
		path := filepath.Join(folder, "config.yaml")
		if err := os.WriteFile(path, []byte(config.String()), 0o600); err != nil {
			b.Fatal(err)
		}
		env := environment{nil, io.Discard, io.Discard, noEnvironment, loadedLanguage}
		cfg, err := loadConfig(path, env)
		if err != nil {
			b.Fatal(err)
		}
		s, err := assembly{cfg, true, true, env, slog.New(slog.DiscardHandler)}.service(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		err = s.pipeline.Once(b.Context(), s.sources, nil)
		b.StopTimer()
		if err != nil {
			b.Fatal(err)
		}
		summary, err := s.store.Brands(b.Context())
		if err != nil || len(summary) == 0 || summary[0].Mentions < items/brandEvery {
			b.Fatalf("stored %+v, %v; want %d mentions", summary, err, items/brandEvery)
		}
		if err := s.store.Close(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
	b.ReportMetric(float64(items*b.N)/b.Elapsed().Seconds(), "items/s")
}

func numberFrom(b *testing.B, variable string, otherwise int) int {
	b.Helper()
	value := os.Getenv(variable)
	if value == "" {
		return otherwise
	}
	var n int
	if _, err := fmt.Sscan(value, &n); err != nil || n < 1 {
		b.Fatalf("%s=%s is no count", variable, value)
	}
	return n
}

func benchmarkTexts(b *testing.B) []string {
	b.Helper()
	folder := os.Getenv(textsFolder)
	if folder == "" {
		return []string{
			"排队的人不少，店员倒是很耐心，味道和上次一样好。", "外卖送得慢，包装也漏了，客服一直没有人理。",
			"Support answered within minutes, but the second kettle leaks again.", "新款比旧款安静，就是价格有点高，等促销再买。",
		}
	}
	files, err := filepath.Glob(filepath.Join(folder, "*.tsv"))
	if err != nil || len(files) == 0 {
		b.Fatalf("no *.tsv in %s: %v", folder, err)
	}
	var texts []string
	for _, file := range files {
		f, err := os.Open(file)
		if err != nil {
			b.Fatal(err)
		}
		rows, err := labelled.Read(file, f)
		f.Close()
		if err != nil {
			b.Fatal(err)
		}
		for _, r := range rows {
			texts = append(texts, r.Text)
		}
	}
	return texts
}

// benchmarkFeed makes n items, numbered from first. Once all texts have been used,
// each item is two of them, so that no item is a copy of another.
func benchmarkFeed(b *testing.B, texts []string, first, n, brandEvery int) []byte {
	b.Helper()
	type item struct {
		GUID  string `xml:"guid"`
		Link  string `xml:"link"`
		Title string `xml:"title"`
		Date  string `xml:"pubDate"`
		Text  string `xml:"description"`
	}
	feed := struct {
		XMLName xml.Name `xml:"rss"`
		Items   []item   `xml:"channel>item"`
	}{}
	now := time.Now()
	for i := first; i < first+n; i++ {
		text := texts[i%len(texts)]
		if round := i / len(texts); round > 0 {
			text += " " + texts[(i+round)%len(texts)]
		}
		title := fmt.Sprintf("第%d位", i)
		if i%brandEvery == 0 {
			title = fmt.Sprintf("第%d位说青榈", i)
		}
		feed.Items = append(feed.Items, item{
			GUID: fmt.Sprint("item-", i), Link: fmt.Sprintf("https://talk.example/%d", i), Title: title,
			Date: now.Add(-time.Duration(i) * 12 * time.Second).UTC().Format(http.TimeFormat), Text: "<p>" + text + "</p>",
		})
	}
	body, err := xml.Marshal(feed)
	if err != nil {
		b.Fatal(err)
	}
	return body
}
