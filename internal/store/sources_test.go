package store_test

import (
	"testing"
	"time"

	"reputed/internal/reputation"
	"reputed/internal/store"
)

func TestDescribe(t *testing.T) {
	s := open(t)
	describe := func(sources ...store.SourceInfo) []store.SourceSummary {
		t.Helper()
		if err := s.Describe(t.Context(), sources); err != nil {
			t.Fatal(err)
		}
		summary, err := s.Summary(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return summary
	}
	poll := func() {
		t.Helper()
		if _, err := s.Commit(t.Context(), "news", reputation.Cursor{ETag: "7"}, []reputation.Mention{mention("news", "1", "云杉", "云杉", start)}, start); err != nil {
			t.Fatal(err)
		}
	}
	etag := func() string {
		t.Helper()
		cursor, err := s.Cursor(t.Context(), "news")
		if err != nil {
			t.Fatal(err)
		}
		return cursor.ETag
	}
	poll()
	news := store.SourceInfo{Name: "news", Kind: "feed", URL: "https://news.example/rss"}
	if got := describe(news); len(got) != 1 || got[0].SourceInfo != news || got[0].Retired {
		t.Errorf("described: %+v", got)
	}
	if etag() != "7" {
		t.Error("the first description of a source dropped its cursor")
	}
	if describe(news); etag() != "7" {
		t.Error("an unchanged description dropped the cursor")
	}
	got := describe(store.SourceInfo{Name: "forum", Kind: "page"})
	if len(got) != 2 || !got[1].Retired || got[1].Mentions != 1 || got[0].Retired {
		t.Errorf("a source that is gone: %+v, want it retired with its mention", got)
	}
	news.URL = "https://news.example/atom"
	if got := describe(news); got[1].Retired || etag() != "" {
		t.Errorf("back with another URL: %+v, ETag %q; want it in use, without the old address's validator", got, etag())
	}
}

// A server's refusal holds whatever is looked for in what it sends.
func TestDescribeOfOtherBrands(t *testing.T) {
	later := start.Add(time.Hour)
	cursor := reputation.Cursor{
		ETag: "7", Listed: []byte("12345678"), Seen: []string{"https://news.example/1"}, NotBefore: later,
		Moved: reputation.Moved{To: "https://news.example/new", Times: 3, Seen: start},
	}
	news := store.SourceInfo{Name: "news", Kind: "feed", URL: "https://news.example/rss", Setup: "a", Brands: "b"}
	for _, test := range []struct {
		change string
		next   store.SourceInfo
		want   reputation.Cursor
	}{
		{"none", news, cursor},
		{"brands", store.SourceInfo{Name: "news", Kind: "feed", URL: news.URL, Setup: "a", Brands: "c"}, reputation.Cursor{NotBefore: later, Moved: cursor.Moved}},
		{"entry", store.SourceInfo{Name: "news", Kind: "feed", URL: news.URL, Setup: "ab", Brands: "b"}, reputation.Cursor{}},
		{"address", store.SourceInfo{Name: "news", Kind: "feed", URL: "https://news.example/atom", Setup: "a", Brands: "c"}, reputation.Cursor{}},
	} {
		s := open(t)
		err := s.Describe(t.Context(), []store.SourceInfo{news})
		if err == nil {
			_, err = s.Commit(t.Context(), "news", cursor, nil, start)
		}
		if err == nil {
			err = s.Describe(t.Context(), []store.SourceInfo{test.next})
		}
		if err != nil {
			t.Fatal(err)
		}
		if got, err := s.Cursor(t.Context(), "news"); err != nil || !got.Equal(test.want) {
			t.Errorf("change of %s: cursor %+v, error %v; want %+v", test.change, got, err, test.want)
		}
	}
}

func TestSummary(t *testing.T) {
	s := open(t)
	both := mention("news", "1", "青禾", "云杉比青禾好", start)
	commit(t, s, "news", mention("news", "1", "云杉", "云杉比青禾好", start), both, mention("news", "2", "云杉", "云杉", start))
	failed := start.Add(time.Hour)
	if err := s.Failed(t.Context(), "forum", reputation.Cursor{}, failed, "404 Not Found"); err != nil {
		t.Fatal(err)
	}
	sources, err := s.Summary(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []store.SourceSummary{
		{SourceInfo: store.SourceInfo{Name: "forum"}, LastError: failed, Error: "404 Not Found"},
		{SourceInfo: store.SourceInfo{Name: "news"}, Items: 2, Counts: store.Counts{Mentions: 3, Neutral: 3}, LastSuccess: start},
	}
	if len(sources) != 2 || sources[0] != want[0] || sources[1] != want[1] {
		t.Errorf("sources:\n got %+v\nwant %+v", sources, want)
	}
	brands, err := s.Brands(t.Context())
	if err != nil || len(brands) != 2 || brands[0].Brand != "云杉" || brands[0].Mentions != 2 || brands[1].Mentions != 1 {
		t.Errorf("brands %+v, %v; want 云杉 with 2 mentions, 青禾 with 1", brands, err)
	}
	commit(t, s, "forum")
	if sources, err := s.Summary(t.Context()); err != nil || sources[0].Error != "" || sources[0].LastError != failed {
		t.Errorf("after a success: %+v, %v; want no error, and the time of the last one", sources, err)
	}
}
