package collector

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"reputed/internal/reputation"
)

func TestPageTriesFailedArticleAgain(t *testing.T) {
	s, client := newSite(t)
	page := s.page(t, client, Selectors{Item: "ul.list li"})
	good := s.pages["/a/1"]
	s.pages["/a/1"] = "!500"
	items, cursor, err := page.Collect(t.Context(), reputation.Cursor{})
	if len(items) != 1 || items[0].Title != "星禾门店开业" {
		t.Errorf("items %+v, want the article that can be read", items)
	}
	if err == nil || !strings.HasPrefix(err.Error(), "source news: 1 of 2 articles not read") || !strings.Contains(err.Error(), "/a/1: status 500") {
		t.Errorf("error %v, want one that names the article", err)
	}
	var partial interface{ Partial() bool }
	if !errors.As(err, &partial) || !partial.Partial() {
		t.Errorf("error %v does not say that the source itself is well", err)
	}
	if cursor.ETag != "" || cursor.Digest != "" || !slices.Equal(cursor.Seen, []string{s.URL + "/a/2"}) {
		t.Errorf("cursor %+v, want no validators and one article", cursor)
	}

	s.pages["/a/1"] = good
	items, cursor, err = page.Collect(t.Context(), cursor) // the list is unchanged
	if err != nil || len(items) != 1 || items[0].Title != "星禾手机降价" || cursor.ETag == "" || len(cursor.Seen) != 2 {
		t.Errorf("second poll: %+v, cursor %+v, error %v; want the other article", items, cursor, err)
	}
}

// An article that is gone is known by what the list says of it, and not asked for
// again.
func TestPageKeepsTheTitleOfAGoneArticle(t *testing.T) {
	s, client := newSite(t)
	s.pages["/a/1"] = "!404"
	items, cursor, err := s.page(t, client, Selectors{Item: "ul.list li"}).Collect(t.Context(), reputation.Cursor{})
	if err != nil || len(items) != 2 || items[0].Title != "星禾手机降价" || items[0].Text != "" || len(cursor.Seen) != 2 {
		t.Errorf("items %+v, cursor %+v, error %v", items, cursor, err)
	}
}

func TestPageStopsWhenAskedTo(t *testing.T) {
	s, client := newSite(t)
	s.pages["/a/1"] = "!429"
	items, cursor, err := s.page(t, client, Selectors{Item: "ul.list li"}).Collect(t.Context(), reputation.Cursor{})
	if err == nil || len(items) != 0 || !cursor.NotBefore.Equal(testTime.Add(time.Minute)) || !slices.Equal(s.requests, []string{"/list", "/a/1"}) {
		t.Errorf("%d items, cursor %+v, error %v, requests %q; want no request after the refusal", len(items), cursor, err, s.requests)
	}
}

func TestPageGivesUpOnAnArticleHostAlone(t *testing.T) {
	for name, answer := range map[string]func(http.ResponseWriter){
		"asked to wait": func(w http.ResponseWriter) {
			w.Header().Set("Retry-After", "60")
			w.WriteHeader(http.StatusTooManyRequests)
		},
		"connections break": func(http.ResponseWriter) { panic(http.ErrAbortHandler) },
	} {
		t.Run(name, func(t *testing.T) {
			var asked atomic.Int32
			other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				asked.Add(1)
				answer(w)
			}))
			defer other.Close()
			s, _ := newSite(t)
			list := ""
			for i := range 10 {
				list += fmt.Sprintf(`<ul class=list><li><a href="%s/%d">x</a></ul>`, other.URL, i)
			}
			s.pages["/list"] = list + listPage
			client := NewClient(Options{Allow: []string{"127.0.0.1"}, Clock: testClock})
			items, cursor, err := s.page(t, client, Selectors{Item: "ul.list li"}).Collect(t.Context(), reputation.Cursor{})
			if len(items) != 2 || err == nil || !strings.Contains(err.Error(), "10 of 12 articles not read") || !cursor.NotBefore.IsZero() {
				t.Errorf("%d items, cursor %+v, error %v; want those of the own host, and no pause of the source", len(items), cursor, err)
			}
			if n := asked.Load(); n > maxHostFails {
				t.Errorf("%d requests to a host in trouble, want at most %d", n, maxHostFails)
			}
		})
	}
}

func TestPageReturnsWhatWasReadWhenStopped(t *testing.T) {
	s, client := newSite(t)
	ctx, cancel := context.WithCancel(t.Context())
	inner := s.Config.Handler
	s.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/a/2" {
			cancel()
			<-r.Context().Done()
			return
		}
		inner.ServeHTTP(w, r)
	})
	items, cursor, err := s.page(t, client, Selectors{Item: "ul.list li"}).Collect(ctx, reputation.Cursor{})
	if err == nil || len(items) != 1 || !slices.Equal(cursor.Seen, []string{s.URL + "/a/1"}) {
		t.Errorf("%d items, cursor %+v, error %v; want the first article and an error", len(items), cursor, err)
	}
}
