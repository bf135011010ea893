package collector

import (
	"compress/gzip"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"reputed/internal/reputation"
)

var testTime = time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)

func testClock() time.Time { return testTime }

// serve starts a server and returns it with a client that may reach it, and only it.
func serve(t *testing.T, handler http.HandlerFunc) (*httptest.Server, *Client) {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server, NewClient(Options{Allow: []string{server.Listener.Addr().String()}, Clock: testClock})
}

func TestGetSendsValidatorsVerbatim(t *testing.T) {
	const etag, modified = `W/"a,b  c"`, "Sun, 22 Nov 2026 07:00:00 GMT"
	var asked []http.Header
	server, client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Header)
		w.Header()["ETag"] = []string{etag}
		w.Header().Set("Last-Modified", modified)
		if r.Header.Get("If-None-Match") == etag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		fmt.Fprint(w, "body")
	})
	first, err := client.Get(t.Context(), server.URL, reputation.Cursor{})
	if err != nil {
		t.Fatal(err)
	}
	if first.Unchanged || string(first.Body) != "body" || !first.Fetched.Equal(testTime) {
		t.Fatalf("first answer: %+v", first)
	}
	second, err := client.Get(t.Context(), server.URL, first.Cursor)
	if err != nil {
		t.Fatal(err)
	}
	if !second.Unchanged || second.Cursor.ETag != etag || second.Cursor.LastModified != modified || second.Cursor.Digest != first.Cursor.Digest {
		t.Errorf("second answer: %+v, want unchanged with the first cursor", second)
	}
	if got := asked[1].Get("If-None-Match"); got != etag {
		t.Errorf("If-None-Match: %q, want %q", got, etag)
	}
	if got := asked[1].Get("If-Modified-Since"); got != modified {
		t.Errorf("If-Modified-Since: %q, want %q", got, modified)
	}
	if got := asked[0].Get("If-None-Match"); got != "" {
		t.Errorf("first request has If-None-Match %q", got)
	}
}

func TestGetEqualBodyIsUnchanged(t *testing.T) {
	body := "one"
	server, client := serve(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, body) })
	var cur reputation.Cursor
	for _, step := range []struct {
		body      string
		unchanged bool
	}{{"one", false}, {"one", true}, {"two", false}} {
		body = step.body
		resp, err := client.Get(t.Context(), server.URL, cur)
		if err != nil {
			t.Fatal(err)
		}
		if resp.Unchanged != step.unchanged {
			t.Errorf("body %q: unchanged %t, want %t", step.body, resp.Unchanged, step.unchanged)
		}
		cur = resp.Cursor
	}
}

func TestGetStatusError(t *testing.T) {
	for status, advice := range map[int]string{
		401: "needs no login", 403: "needs no login", 404: "check the address", 410: "remove the source",
		429: "less often", 500: "asked again at the next poll", 418: "open the address in a browser",
	} {
		server, client := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
		_, err := client.Get(t.Context(), server.URL+"/feed?token=hunter2", reputation.Cursor{})
		var refused *StatusError
		if !errors.As(err, &refused) || refused.Status != status {
			t.Errorf("status %d: error %v", status, err)
			continue
		}
		for _, part := range []string{strings.TrimPrefix(server.URL, "http://") + "/feed", fmt.Sprint(status), advice} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("status %d: error %q does not say %q", status, err, part)
			}
		}
		if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("status %d: error shows the query: %q", status, err)
		}
	}
}

func TestGetRetryAfter(t *testing.T) {
	tests := []struct {
		name, value string
		status      int
		want        time.Time
	}{
		{"seconds", "120", 429, testTime.Add(2 * time.Minute)},
		{"date", "Sun, 22 Nov 2026 09:30:00 GMT", 503, testTime.Add(90 * time.Minute)},
		{"absurd seconds", "99999999999", 429, testTime.Add(24 * time.Hour)},
		{"more digits than a number holds", "99999999999999999999999", 429, time.Time{}},
		{"absurd date", "Sun, 22 Nov 2099 09:30:00 GMT", 503, testTime.Add(24 * time.Hour)},
		{"past date", "Sun, 22 Nov 2026 07:30:00 GMT", 503, time.Time{}},
		{"negative", "-5", 429, time.Time{}},
		{"nonsense", "soon", 429, time.Time{}},
		{"absent", "", 429, time.Time{}},
		{"other status", "120", 404, time.Time{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			server, client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Retry-After", test.value)
				w.WriteHeader(test.status)
			})
			_, err := client.Get(t.Context(), server.URL, reputation.Cursor{})
			var refused *StatusError
			if !errors.As(err, &refused) || !refused.RetryAt.Equal(test.want) {
				t.Errorf("error %v, want retry at %s", err, test.want)
			}
		})
	}
}

func TestGetNotYet(t *testing.T) {
	requests := 0
	server, client := serve(t, func(http.ResponseWriter, *http.Request) { requests++ })
	_, err := client.Get(t.Context(), server.URL, reputation.Cursor{NotBefore: testTime.Add(time.Second)})
	if !errors.Is(err, ErrNotYet) || requests != 0 {
		t.Errorf("a second early: error %v after %d requests, want ErrNotYet after none", err, requests)
	}
	if _, err = client.Get(t.Context(), server.URL, reputation.Cursor{NotBefore: testTime}); err != nil || requests != 1 {
		t.Errorf("in time: error %v after %d requests, want none after one", err, requests)
	}
}

func TestGetRefusesInternalAddresses(t *testing.T) {
	inner := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the internal server was reached") }))
	defer inner.Close()
	outer, client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, inner.URL+"/admin", http.StatusFound)
	})

	for name, address := range map[string]string{
		"directly":      inner.URL,
		"by a redirect": outer.URL,
		"by name":       strings.Replace(inner.URL, "127.0.0.1", "localhost", 1),
	} {
		_, err := client.Get(t.Context(), address, reputation.Cursor{})
		if err == nil || !strings.Contains(err.Error(), "is an internal address; add") {
			t.Errorf("%s: error %v, want one that says how to allow it", name, err)
		}
	}
}

func TestGetRedirects(t *testing.T) {
	mux := http.NewServeMux()
	for i := range 8 {
		mux.HandleFunc(fmt.Sprintf("/%d", i), func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, fmt.Sprintf("/%d", i-1), http.StatusMovedPermanently)
		})
	}
	mux.HandleFunc("/0/", http.NotFound)
	mux.HandleFunc("/-1", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "end") })
	mux.HandleFunc("/file", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", "file:///etc/passwd")
		w.WriteHeader(http.StatusFound)
	})
	server, client := serve(t, mux.ServeHTTP)

	resp, err := client.Get(t.Context(), server.URL+"/4", reputation.Cursor{})
	if err != nil || resp.URL != server.URL+"/-1" {
		t.Errorf("five redirects: %v, %v; want the last address", resp, err)
	}
	if _, err = client.Get(t.Context(), server.URL+"/5", reputation.Cursor{}); err == nil || !strings.Contains(err.Error(), "more than 5 redirects") {
		t.Errorf("six redirects: error %v", err)
	}
	if _, err = client.Get(t.Context(), server.URL+"/file", reputation.Cursor{}); err == nil || !strings.Contains(err.Error(), `scheme "file"`) {
		t.Errorf("redirect to a file: error %v", err)
	}
}

func TestGetBoundsTheBody(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		defer z.Close()
		fmt.Fprint(z, strings.Repeat("0", 1000))
	}))
	defer server.Close()
	for limit, fits := range map[int64]bool{999: false, 1000: true} {
		client := NewClient(Options{Allow: []string{"127.0.0.1"}, MaxBytes: limit})
		resp, err := client.Get(t.Context(), server.URL, reputation.Cursor{})
		switch {
		case fits && (err != nil || len(resp.Body) != 1000):
			t.Errorf("limit %d: %v, want the whole body", limit, err)
		case !fits && (err == nil || !strings.Contains(err.Error(), "larger than 999 bytes")):
			t.Errorf("limit %d: error %v", limit, err)
		}
	}
}

func TestGetTimeout(t *testing.T) {
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "begun")
		w.(http.Flusher).Flush()
		<-release
	}))
	defer server.Close()
	defer close(release)
	client := NewClient(Options{Allow: []string{"127.0.0.0/8"}, Timeout: 20 * time.Millisecond})
	_, err := client.Get(t.Context(), server.URL+"/slow?key=hunter2", reputation.Cursor{})
	if err == nil || !strings.HasSuffix(err.Error(), ": no complete answer within 20ms") || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("error %v", err)
	}
}

func TestGetRejectsOtherAddresses(t *testing.T) {
	client := NewClient(Options{})
	for _, address := range []string{"ftp://example.com/feed", "example.com/feed", "http:///feed", "", "http://exa mple.com", "file:///etc/passwd"} {
		if _, err := client.Get(t.Context(), address, reputation.Cursor{}); err == nil || !strings.Contains(err.Error(), "not an http or https address") {
			t.Errorf("%q: error %v", address, err)
		}
	}
}
