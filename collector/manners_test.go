package collector

import (
	"bytes"
	"cmp"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
	"golang.org/x/net/dns/dnsmessage"

	"reputed/internal/reputation"
)

// nameServer answers for a name server. The function gives a name's addresses; none means
// that there is no such name.
func nameServer(t *testing.T, answer func(name string) []string) *net.Resolver {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	go func() {
		buf := make([]byte, 1500)
		for {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if m.Unpack(buf[:n]) != nil || len(m.Questions) != 1 {
				continue
			}
			q := m.Questions[0]
			m.Header.Response, m.Additionals = true, nil
			addresses := answer(strings.TrimSuffix(q.Name.String(), "."))
			if len(addresses) == 0 {
				m.Header.RCode = dnsmessage.RCodeNameError
			}
			for _, a := range addresses {
				ip := net.ParseIP(a)
				header := dnsmessage.ResourceHeader{Name: q.Name, Class: dnsmessage.ClassINET, Type: q.Type}
				switch v4 := ip.To4(); {
				case v4 != nil && q.Type == dnsmessage.TypeA:
					m.Answers = append(m.Answers, dnsmessage.Resource{Header: header, Body: &dnsmessage.AResource{A: [4]byte(v4)}})
				case v4 == nil && q.Type == dnsmessage.TypeAAAA:
					m.Answers = append(m.Answers, dnsmessage.Resource{Header: header, Body: &dnsmessage.AAAAResource{AAAA: [16]byte(ip)}})
				}
			}
			if packed, err := m.Pack(); err == nil {
				conn.WriteTo(packed, from) // a lost answer is asked for again
			}
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

// nameLoopback answers for every name but those in ".invalid".
func nameLoopback(name string) []string {
	if strings.HasSuffix(name, ".invalid") {
		return nil
	}
	return []string{"127.0.0.1"}
}

// addressAt is the address of a path of a server under another name.
func addressAt(server *httptest.Server, host, path string) string {
	_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
	return "http://" + net.JoinHostPort(host, port) + path
}

// clientByName is a client that finds every name at 127.0.0.1, and may go there.
func clientByName(t *testing.T, o Options) *Client {
	o.Allow = append(o.Allow, "127.0.0.1/32")
	o.Resolver = nameServer(t, nameLoopback)
	o.Gap = cmp.Or(o.Gap, time.Nanosecond)
	return NewClient(o)
}

func TestPermanentRedirects(t *testing.T) {
	now := testTime
	status, target := 301, "/new"
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.Path)
		if r.URL.Path == "/old" {
			http.Redirect(w, r, target, status)
			return
		}
		if r.URL.Path == "/broken" {
			http.Error(w, "gone", http.StatusGone)
			return
		}
		w.Header().Set("ETag", `"`+r.URL.Path+`"`)
		if r.Header.Get("If-None-Match") == `"`+r.URL.Path+`"` {
			w.WriteHeader(http.StatusNotModified)
		}
	}))
	defer server.Close()
	client := NewClient(Options{Allow: []string{server.Listener.Addr().String()}, Clock: func() time.Time { return now }})
	var cur reputation.Cursor
	poll := func(want string) {
		t.Helper()
		asked = nil
		resp, err := client.Get(t.Context(), server.URL+"/old", cur)
		if got := strings.Join(asked, " "); got != want {
			t.Errorf("asked %q, want %q (error %v)", got, want, err)
		}
		if err == nil {
			cur = resp.Cursor
		}
	}
	poll("/old /new")
	poll("/old /new")
	poll("/old /new")
	poll("/new") // after three answers it is believed
	poll("/new")
	now = now.Add(believeFor)
	poll("/old /new") // asked again after a week
	poll("/new")

	cur.Moved.To = server.URL + "/broken"
	poll("/broken /old /new") // the new address was given up
	poll("/old /new")

	status, cur = 302, reputation.Cursor{}
	for range 5 {
		poll("/old /new") // a temporary redirect is not remembered
	}
	status, cur = 308, reputation.Cursor{}
	poll("/old /new")
	poll("/old /new")
	target = "/newer"
	poll("/old /newer")
	poll("/old /newer")
	poll("/old /newer")
	poll("/newer")
}

func TestValidatorsGoWhereTheyCameFrom(t *testing.T) {
	target := "/a"
	var got []string
	server, client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		got = append(got, r.URL.Path+" "+r.Header.Get("If-None-Match"))
		if r.URL.Path == "/" {
			w.Header().Set("ETag", `"redirect"`)
			http.Redirect(w, r, target, http.StatusFound)
			return
		}
		w.Header().Set("ETag", `"1"`) // the same on all pages, as of counters
		if r.Header.Get("If-None-Match") != "" {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		fmt.Fprint(w, r.URL.Path)
	})
	var cur reputation.Cursor
	for _, step := range []struct{ target, unchanged, asked string }{
		{"/a", "false", "/ |/a "},
		{"/a", "true", `/ |/a "1"`},
		{"/b", "false", "/ |/b "}, // else its 304 would hide what is there
	} {
		got, target = nil, step.target
		resp, err := client.Get(t.Context(), server.URL+"/", cur)
		if err != nil {
			t.Fatal(err)
		}
		if asked := strings.Join(got, "|"); asked != step.asked || fmt.Sprint(resp.Unchanged) != step.unchanged {
			t.Errorf("asked %q, unchanged %t; want %q, %s", asked, resp.Unchanged, step.asked, step.unchanged)
		}
		cur = resp.Cursor
	}
}

func TestSecretsStayAtTheirOrigin(t *testing.T) {
	secret := func(h http.Header) string {
		return strings.Join([]string{h.Get("Authorization"), h.Get("Cookie"), h.Get("X-Api-Key"), h.Get("Referer")}, "")
	}
	var strangers atomic.Int32
	stranger := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		strangers.Add(1)
		if s := secret(r.Header); s != "" {
			t.Errorf("another host got %q", s)
		}
		if r.URL.Path == "/back" {
			http.Redirect(w, r, r.URL.Query().Get("to"), http.StatusFound)
		}
	}))
	defer stranger.Close()
	var home *httptest.Server
	home = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if name, _, _ := net.SplitHostPort(r.Host); name != "home.example" {
			if s := secret(r.Header); s != "" {
				t.Errorf("%s got %q", name, s)
			}
			return
		}
		if secret(r.Header) != "Basic dXNlcjpodW50ZXIya=1k" && r.URL.Path != "/robots.txt" {
			t.Errorf("%s: the own site got %q", r.URL.Path, secret(r.Header))
		}
		switch r.URL.Path {
		case "/stranger":
			http.Redirect(w, r, stranger.URL, http.StatusFound)
		case "/sub":
			http.Redirect(w, r, addressAt(home, "sub.home.example", "/"), http.StatusFound)
		case "/poisoned":
			http.Redirect(w, r, strings.Replace(stranger.URL, "http://", "http://user:hunter2@", 1), http.StatusFound)
		case "/back":
			http.Redirect(w, r, stranger.URL+"/back?to="+url.QueryEscape(addressAt(home, "home.example", "/")), http.StatusFound)
		}
	}))
	defer home.Close()
	client, err := clientByName(t, Options{}).For(Site{
		URL:    strings.Replace(addressAt(home, "home.example", "/"), "http://", "http://user:hunter2@", 1),
		Header: http.Header{"Cookie": {"a=1"}, "X-Api-Key": {"k"}},
		Robots: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/", "/stranger", "/sub", "/poisoned", "/back"} {
		if _, err := client.Get(t.Context(), addressAt(home, "home.example", path), reputation.Cursor{}); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
	if _, err := client.Get(t.Context(), stranger.URL+"/article", reputation.Cursor{}); err != nil {
		t.Error(err)
	}
	if strangers.Load() < 5 {
		t.Errorf("the other host was asked %d times", strangers.Load())
	}
}

func TestRetryAfterHoldsForTheHost(t *testing.T) {
	now := testTime
	requests := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		requests++
		w.Header().Set("Retry-After", "120")
		w.WriteHeader(http.StatusTooManyRequests)
	}))
	defer server.Close()
	client := clientByName(t, Options{Clock: func() time.Time { return now }})
	until := testTime.Add(2 * time.Minute)
	first := NewFeed("first", addressAt(server, "news.example", "/1"), client, nil)
	second := NewFeed("second", addressAt(server, "news.example", "/2"), client, nil)
	elsewhere := NewFeed("elsewhere", addressAt(server, "other.example", "/"), client, nil)

	if _, next, err := first.Collect(t.Context(), reputation.Cursor{}); err == nil || !next.NotBefore.Equal(until) {
		t.Errorf("first: cursor %+v, error %v", next, err)
	}
	_, next, err := second.Collect(t.Context(), reputation.Cursor{})
	if !errors.Is(err, ErrNotYet) || !next.NotBefore.Equal(until) || requests != 1 {
		t.Errorf("another feed of the host: cursor %+v, error %v after %d requests; want it to wait too", next, err, requests)
	}
	if _, _, err = elsewhere.Collect(t.Context(), reputation.Cursor{}); errors.Is(err, ErrNotYet) || requests != 2 {
		t.Errorf("another host: error %v after %d requests", err, requests)
	}
	now = until
	if _, _, err = second.Collect(t.Context(), next); errors.Is(err, ErrNotYet) || requests != 3 {
		t.Errorf("when the time is over: error %v after %d requests", err, requests)
	}
}

func TestGoneStopsTheSource(t *testing.T) {
	requests := 0
	server, client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		requests++
		w.WriteHeader(http.StatusGone)
	})
	feed := NewFeed("news", server.URL, client, nil)
	_, next, err := feed.Collect(t.Context(), reputation.Cursor{})
	if !next.Gone() || err == nil || !strings.Contains(err.Error(), "not asked again") {
		t.Fatalf("cursor %+v, error %v; want it to say that the source is gone", next, err)
	}
	if _, _, err = feed.Collect(t.Context(), next); !errors.Is(err, ErrNotYet) || requests != 1 {
		t.Errorf("next poll: error %v after %d requests, want none made", err, requests)
	}
}

func TestUserAgent(t *testing.T) {
	var got string
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.UserAgent() }))
	defer server.Close()
	for contact, want := range map[string]string{
		"":                            "reputed (brand reputation monitor)",
		"https://example.com/monitor": "reputed (brand reputation monitor; +https://example.com/monitor)",
	} {
		client := NewClient(Options{Allow: []string{"127.0.0.1"}, Contact: contact})
		if _, err := client.Get(t.Context(), server.URL, reputation.Cursor{}); err != nil || got != want {
			t.Errorf("user agent %q, error %v; want %q", got, err, want)
		}
	}
}

// compressed packs a text in a content coding.
func compressed(t *testing.T, coding string, text []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	var w io.WriteCloser
	var err error
	switch coding {
	case "gzip", "x-gzip":
		w = gzip.NewWriter(&b)
	case "br":
		w = brotli.NewWriter(&b)
	case "zstd":
		w, err = zstd.NewWriter(&b)
	case "deflate":
		w = zlib.NewWriter(&b)
	case "bare deflate":
		w, err = flate.NewWriter(&b, flate.BestSpeed)
	default:
		return text
	}
	if err == nil {
		_, err = w.Write(text)
	}
	if err = errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestContentEncoding(t *testing.T) {
	text := []byte(strings.Repeat("<p>星禾召回部分充电器</p>", 50))
	for _, test := range []struct {
		name, header string
		body         []byte
		err          string
	}{
		{"gzip", "gzip", compressed(t, "gzip", text), ""},
		{"gzip by its old name", "x-gzip", compressed(t, "gzip", text), ""},
		{"brotli", "br", compressed(t, "br", text), ""},
		{"zstd", "zstd", compressed(t, "zstd", text), ""},
		{"deflate", "deflate", compressed(t, "deflate", text), ""},
		{"deflate without zlib's frame", "deflate", compressed(t, "bare deflate", text), ""},
		{"identity", "identity", text, ""},
		{"in capitals", "GZIP", compressed(t, "gzip", text), ""},
		{"two", "gzip, br", compressed(t, "br", compressed(t, "gzip", text)), ""},
		{"gzip that is none", "gzip", text, ""},
		{"gzip without a word", "", compressed(t, "gzip", text), ""},
		{"three", "gzip, gzip, gzip", compressed(t, "gzip", text), "compressed 3 times over"},
		{"another", "compress", text, `compressed with "compress"`},
		{"broken", "br", []byte(strings.Repeat("\xff", 100)), "read the answer"},
		{"cut short", "gzip", compressed(t, "gzip", text)[:30], "read the answer: unexpected EOF"},
	} {
		t.Run(test.name, func(t *testing.T) {
			server, client := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if got := r.Header.Get("Accept-Encoding"); got != "gzip, br, zstd, deflate" {
					t.Errorf("Accept-Encoding %q", got)
				}
				if test.header != "" {
					w.Header().Set("Content-Encoding", test.header)
				}
				w.Write(test.body)
			})
			resp, err := client.Get(t.Context(), server.URL, reputation.Cursor{})
			switch {
			case test.err == "" && (err != nil || !bytes.Equal(resp.Body, text)):
				t.Errorf("%+v, error %v; want the text", resp, err)
			case test.err != "" && (err == nil || !strings.Contains(err.Error(), test.err)):
				t.Errorf("error %v, want %q", err, test.err)
			}
		})
	}
}

func TestHTTP2(t *testing.T) {
	var protocol string
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { protocol = r.Proto }))
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	client := NewClient(Options{Allow: []string{"127.0.0.1"}})
	client.transports.on(route{inside: true}, direct).TLSClientConfig = &tls.Config{RootCAs: server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs}
	if _, err := client.Get(t.Context(), server.URL, reputation.Cursor{}); err != nil || protocol != "HTTP/2.0" {
		t.Errorf("protocol %q, error %v; want HTTP/2.0", protocol, err)
	}
}

// A proxy that answers in place of every host, and knows what it was asked for.
func proxyServer(t *testing.T) (server *httptest.Server, asked func() string) {
	var mu sync.Mutex
	var list []string
	server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		list = append(list, r.Method+" "+r.RequestURI)
		if r.Method == http.MethodConnect {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		if r.URL.Path == "/inside" {
			http.Redirect(w, r, "http://10.0.0.1/admin", http.StatusFound)
			return
		}
		fmt.Fprint(w, "by the proxy")
	}))
	t.Cleanup(server.Close)
	return server, func() string {
		mu.Lock()
		defer mu.Unlock()
		defer func() { list = nil }()
		return strings.Join(list, ", ")
	}
}

func TestProxy(t *testing.T) {
	proxy, asked := proxyServer(t)
	resolver := nameServer(t, func(name string) []string {
		switch name {
		case "news.example":
			return []string{"93.184.215.14"}
		case "inside.example":
			return []string{"93.184.215.14", "10.0.0.1"}
		}
		return nil
	})
	environment := func(name string) string {
		return map[string]string{"http_proxy": proxy.URL, "NO_PROXY": "direct.example"}[name]
	}
	named := []string{proxy.Listener.Addr().String()}
	for _, test := range []struct {
		name, setting string
		allow         []string
		address, want string // what the proxy is asked for
		err           string
	}{
		{"of the source", proxy.URL, named, "http://news.example/rss", "GET http://news.example/rss", ""},
		{"of the environment", "environment", named, "http://news.example/rss", "GET http://news.example/rss", ""},
		{"not for this host", "environment", named, "http://direct.example/rss", "", "no such host"},
		{"unknown here, known to the proxy", proxy.URL, named, "http://far.example.net/", "GET http://far.example.net/", ""},
		{"for https", proxy.URL, named, "https://news.example/rss", "CONNECT news.example:443", "refuses to connect: status 403"},
		{"an internal proxy that nobody named", proxy.URL, nil, "http://news.example/rss", "", "is at an internal address; add"},
		{"an internal proxy in an allowed network", proxy.URL, []string{"127.0.0.0/8"}, "http://news.example/rss", "", "is at an internal address; add"},
		{"internal address", proxy.URL, named, "http://10.0.0.1/", "", "is an internal address"},
		{"metadata", proxy.URL, named, "http://169.254.169.254/latest", "", "is an internal address"},
		{"a name of an internal address", proxy.URL, named, "http://inside.example/", "", "is an internal address"},
		{"a number", proxy.URL, named, "http://0x0a000001/", "", "is a number"},
		{"a local name", proxy.URL, named, "http://intranet/", "", "find out whether the proxy may be asked"},
		{"a name of a local zone", proxy.URL, named, "http://db.corp/", "", "find out whether the proxy may be asked"},
		{"redirect to an internal address", proxy.URL, named, "http://news.example/inside", "GET http://news.example/inside", "is an internal address"},
		{"the proxy as a host", proxy.URL, named, "http://news.example/../", "GET http://news.example/../", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			client, err := NewClient(Options{Allow: test.allow, Getenv: environment, Resolver: resolver, Gap: time.Nanosecond}).For(Site{URL: test.address, Proxy: test.setting})
			if err != nil {
				t.Fatal(err)
			}
			resp, err := client.Get(t.Context(), test.address, reputation.Cursor{})
			if got := asked(); got != test.want {
				t.Errorf("the proxy was asked for %q, want %q", got, test.want)
			}
			switch {
			case test.err == "" && (err != nil || string(resp.Body) != "by the proxy"):
				t.Errorf("%+v, error %v", resp, err)
			case test.err != "" && (err == nil || !strings.Contains(err.Error(), test.err)):
				t.Errorf("error %v, want %q", err, test.err)
			}
		})
	}
}

func TestProxySettings(t *testing.T) {
	for setting, want := range map[string]string{
		"":                       "",
		"none":                   "",
		"socks5://127.0.0.1:1":   "",
		"environment":            "no environment",
		"proxy.example":          "not an address",
		"http://u:p@example.com": "not an address",
		"ftp://proxy.example":    `scheme "ftp"`,
	} {
		_, err := NewClient(Options{}).For(Site{Proxy: setting})
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q", setting, err, want)
		}
	}
}

// robotsSite serves a site with the given robots.txt, and says what was asked for.
func robotsSite(t *testing.T, robots http.HandlerFunc) (server *httptest.Server, asked func() string) {
	var mu sync.Mutex
	var list []string
	server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		list = append(list, r.URL.RequestURI())
		mu.Unlock()
		if strings.HasPrefix(r.URL.Path, "/robots") {
			robots(w, r)
			return
		}
		fmt.Fprint(w, "read")
	}))
	t.Cleanup(server.Close)
	return server, func() string {
		mu.Lock()
		defer mu.Unlock()
		defer func() { list = nil }()
		return strings.Join(list, " ")
	}
}

func TestRobotsAreAsked(t *testing.T) {
	status := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
	}
	text := func(rules string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, rules) }
	}
	redirects := func(n int, end string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if len(r.URL.RawQuery) < n {
				http.Redirect(w, r, "/robots.txt?"+r.URL.RawQuery+"x", http.StatusFound)
				return
			}
			fmt.Fprint(w, end)
		}
	}
	const no = "User-agent: *\nDisallow: /\n"
	for _, test := range []struct {
		name   string
		robots http.HandlerFunc
		err    string
	}{
		{"allowed", text("User-agent: *\nDisallow: /b\n"), ""},
		{"forbidden", text(no), "asks programs not to read it"},
		{"forbidden by name", text("User-agent: Reputed\nDisallow: /\n\nUser-agent: *\nAllow: /\n"), "asks programs not to read it"},
		{"forbidden by query", text("User-agent: *\nDisallow: /a?page=\n"), "asks programs not to read it"},
		{"empty", text(""), ""},
		{"not found", status(404), ""},
		{"no right", status(403), ""},
		{"no login", status(401), ""},
		{"gone", status(410), ""},
		{"too many requests", status(429), "cannot be read: status 429"},
		{"in trouble", status(500), "cannot be read: status 500"},
		{"overloaded", status(503), "cannot be read: status 503"},
		{"five redirects", redirects(5, no), "asks programs not to read it"},
		{"six redirects", redirects(6, no), ""},
		{"no answer", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "cannot be read"},
		{"rule beyond the limit", text(strings.Repeat("#\n", maxRobots/2) + no), ""},
		{"rule within the limit", text(strings.Repeat("#\n", maxRobots/2-len(no)) + no), "asks programs not to read it"},
		{"leads inside", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://10.0.0.1/", http.StatusFound)
		}, "cannot be read"},
	} {
		t.Run(test.name, func(t *testing.T) {
			server, asked := robotsSite(t, test.robots)
			client, err := NewClient(Options{Allow: []string{"127.0.0.1"}}).For(Site{URL: server.URL, Robots: true})
			if err != nil {
				t.Fatal(err)
			}
			_, err = client.Get(t.Context(), server.URL+"/a?page=2", reputation.Cursor{})
			var forbidden *RobotsError
			if test.err == "" && err != nil || test.err != "" && (!errors.As(err, &forbidden) || !strings.Contains(err.Error(), test.err)) {
				t.Errorf("error %v, want %q", err, test.err)
			}
			if got := asked(); strings.Contains(got, "/a?page=2") != (test.err == "") {
				t.Errorf("asked %q", got)
			}
		})
	}
}

func TestRobotsAreRemembered(t *testing.T) {
	now, status := testTime, 200
	server, asked := robotsSite(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		fmt.Fprint(w, "User-agent: *\nDisallow: /b\n")
	})
	root := NewClient(Options{Allow: []string{"127.0.0.1"}, Clock: func() time.Time { return now }})
	page, err := root.For(Site{URL: server.URL, Robots: true})
	if err != nil {
		t.Fatal(err)
	}
	other, err := root.For(Site{URL: server.URL + "/2", Robots: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		name   string
		after  time.Duration
		status int
		client *Client
		path   string
		want   string
	}{
		{"first", 0, 200, page, "/a", "/robots.txt /a"},
		{"at once", 0, 200, page, "/a", "/a"},
		{"another source", 0, 200, other, "/a", "/a"},
		{"forbidden", 0, 200, page, "/b", ""},
		{"within the day", robotsFor - time.Second, 200, page, "/a", "/a"},
		{"after the day", time.Second, 503, page, "/a", "/robots.txt"},
		{"in trouble still", time.Second, 503, page, "/a", ""},
		{"well again", unreachableFor, 200, page, "/a", "/robots.txt /a"},
		{"a feed", 0, 200, root, "/b", "/b"},
	} {
		now, status = now.Add(step.after), step.status
		_, err := step.client.Get(t.Context(), server.URL+step.path, reputation.Cursor{})
		if got := asked(); got != step.want {
			t.Errorf("%s: asked %q, want %q (error %v)", step.name, got, step.want, err)
		}
	}
}

func TestRobotsMemoryIsBounded(t *testing.T) {
	cache := newRobotsCache(testClock)
	many := robotsAnswer{until: testTime.Add(time.Hour), robotsRules: robotsRules{rules: make([]robotsRule, maxRobotsRules/10)}}
	for i := range 50 {
		cache.put(fmt.Sprint("big", i), many)
	}
	if cache.rules > maxRobotsRules {
		t.Errorf("%d rules remembered, want at most %d", cache.rules, maxRobotsRules)
	}
	for i := range 2 * maxRobotsSites {
		cache.put(fmt.Sprint("small", i), robotsAnswer{until: testTime.Add(time.Hour)})
	}
	if len(cache.bySite) > maxRobotsSites {
		t.Errorf("%d sites remembered, want at most %d", len(cache.bySite), maxRobotsSites)
	}
}

func TestCrawlDelay(t *testing.T) {
	for robots, want := range map[string]time.Duration{
		"User-agent: *\nCrawl-delay: 3\n":                          3 * time.Second,
		"User-agent: *\nCrawl-delay: 0.5\nDisallow: /x\n":          500 * time.Millisecond,
		"User-agent: *\nCrawl-delay: 1e300\n":                      longestGap,
		"User-agent: *\nCrawl-delay: NaN\n":                        0,
		"User-agent: *\nCrawl-delay: -1\n":                         0,
		"User-agent: other\nCrawl-delay: 3\n":                      0,
		"User-agent: *\nCrawl-delay: 9\n\nUser-agent: reputed\n\n": 0,
	} {
		if got := parseRobots(robots, product).delay; got != want {
			t.Errorf("%q: %s, want %s", robots, got, want)
		}
	}
	synctest.Test(t, func(t *testing.T) {
		l := newLanes(time.Now)
		begin := time.Now()
		for range 2 {
			leave, err := l.enter(t.Context(), "a", 3*time.Second)
			if err != nil {
				t.Fatal(err)
			}
			leave()
		}
		if got := time.Since(begin); got != 3*time.Second {
			t.Errorf("second request after %s", got)
		}
	})
}

func FuzzRobots(f *testing.F) {
	for _, c := range robotsCases {
		f.Add(c.robots, c.path)
	}
	f.Fuzz(func(t *testing.T, robots, path string) {
		r := parseRobots(robots, "FooBot")
		r.allows(path)
		if !r.allows("/robots.txt") {
			t.Error("robots.txt itself is forbidden")
		}
	})
}
