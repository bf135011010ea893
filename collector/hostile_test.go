package collector

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"runtime/metrics"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"reputed/internal/reputation"
)

// arena is a network of servers: one hostile under many names, a healthy one, and two
// inside that no source may reach.
type arena struct {
	client  *Client
	hostile *httptest.Server
	reached atomic.Int32 // requests to the servers inside
	inner   string       // the address of one
	allowed string       // of one that fetch.allow names, for sources of the user's own
	mu      sync.RWMutex // guards attacks, which the hostile server reads
	attacks []attack
}

func newArena(t *testing.T) *arena {
	a := &arena{}
	trap := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { a.reached.Add(1) })
	inner, allowed := httptest.NewServer(trap), httptest.NewServer(trap)
	healthy := httptest.NewServer(sendXML(oneItem))
	a.inner, a.allowed = inner.Listener.Addr().String(), allowed.Listener.Addr().String()
	a.hostile = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var n int
		a.mu.RLock()
		attacks := a.attacks
		a.mu.RUnlock()
		if _, err := fmt.Sscanf(r.Host, "a%d.hostile.example", &n); err != nil || n >= len(attacks) {
			t.Errorf("asked for %s", r.Host)
			return
		}
		attacks[n].serve(w, r)
	}))
	a.hostile.Config.ErrorLog = nil
	a.hostile.Start()
	a.client = NewClient(Options{
		Allow: []string{a.allowed, "rsshub.example"}, Timeout: time.Minute, Gap: time.Nanosecond,
		Resolver: nameServer(t, func(name string) []string {
			return map[string][]string{"localhost": {"127.0.0.1"}, "inside.example": {"127.0.0.1"}, "rsshub.example": {"127.0.0.1"}, "inside6.example": {"::1"}, "metadata.example": {"169.254.169.254"}}[name]
		}),
	})
	public := a.client.transports.on(route{}, direct)
	guarded := public.DialContext
	public.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		var d net.Dialer
		switch host, _, _ := net.SplitHostPort(address); {
		case strings.HasSuffix(host, ".hostile.example"):
			return d.DialContext(ctx, network, a.hostile.Listener.Addr().String())
		case host == "healthy.example":
			return d.DialContext(ctx, network, healthy.Listener.Addr().String())
		}
		return guarded(ctx, network, address)
	}
	t.Cleanup(func() {
		for _, s := range []*httptest.Server{inner, allowed, healthy, a.hostile} {
			s.CloseClientConnections()
			s.Close()
		}
	})
	return a
}

// add makes an attack one of the hostile server's, at a host of its own, so that no
// attack waits for another.
func (a *arena) add(at attack) (address string) {
	_, port, _ := net.SplitHostPort(a.inner)
	_, allowedPort, _ := net.SplitHostPort(a.allowed)
	inside := strings.NewReplacer("{inner}", a.inner, "{allowed}", a.allowed, "{port}", port, "{allowed port}", allowedPort,
		"{allowed wide}", "１２７.０.０.１:"+allowedPort)
	serve := at.serve
	if serve == nil {
		serve = func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", at.to)
			w.WriteHeader(http.StatusFound)
		}
	}
	at.serve = func(w http.ResponseWriter, r *http.Request) { serve(&replacing{w, inside}, r) }
	a.mu.Lock()
	defer a.mu.Unlock()
	a.attacks = append(a.attacks, at)
	return fmt.Sprintf("http://a%d.hostile.example/", len(a.attacks)-1)
}

// replacing puts the addresses of servers inside into what is sent.
type replacing struct {
	http.ResponseWriter
	inside *strings.Replacer
}

func (r *replacing) WriteHeader(status int) {
	for name, values := range r.Header() {
		for i := range values {
			r.Header()[name][i] = r.inside.Replace(values[i])
		}
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *replacing) Write(b []byte) (int, error) {
	if bytes.Contains(b[:min(len(b), 4096)], []byte("{")) {
		_, err := r.inside.WriteString(r.ResponseWriter, string(b))
		return len(b), err
	}
	return r.ResponseWriter.Write(b)
}

// WriteString makes no copy of a large text, which would count as the client's.
func (r *replacing) WriteString(s string) (int, error) {
	if !strings.Contains(s[:min(len(s), 4096)], "{") {
		return io.WriteString(r.ResponseWriter, s)
	}
	_, err := r.inside.WriteString(r.ResponseWriter, s)
	return len(s), err
}

func (r *replacing) Flush() { r.ResponseWriter.(http.Flusher).Flush() }

func (r *replacing) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return r.ResponseWriter.(http.Hijacker).Hijack()
}

// collect polls a source of the attacked kind. A panic is a failed test.
func (a *arena) collect(ctx context.Context, at attack, address string) ([]reputation.Item, error) {
	client, err := a.client.For(Site{URL: address, Header: http.Header{"Cookie": {"secret=hunter2"}}, Robots: at.kind == kindPage || at.kind == kindList || at.kind == kindSitemap})
	if err != nil {
		return nil, err
	}
	if at.slow {
		client.options.Timeout = 2 * time.Second
	}
	source, err := at.source(client, address)
	if err != nil {
		return nil, err
	}
	items, _, err := source.Collect(ctx, reputation.Cursor{})
	return items, err
}

// source is the attacked one.
func (at attack) source(client *Client, address string) (interface {
	Collect(context.Context, reputation.Cursor) ([]reputation.Item, reputation.Cursor, error)
}, error,
) {
	switch at.kind {
	case kindPage:
		return NewPage("hostile", address, Selectors{Item: "li", Pages: 4}, client, nil)
	case kindList:
		return NewPage("hostile", address, Selectors{}, client, nil)
	case kindSitemap:
		return NewSitemap("hostile", address, "", client, nil)
	case kindRSSHub:
		return NewRSSHub("hostile", address, client, nil), nil
	case kindAsked:
		return asking{client, address}, nil
	}
	return NewFeed("hostile", address, client, nil), nil
}

// asking is the discovery of sources as a source: its items are the offers.
type asking struct {
	client  *Client
	address string
}

func (a asking) Collect(ctx context.Context, next reputation.Cursor) (items []reputation.Item, _ reputation.Cursor, err error) {
	offers, err := Discover(ctx, a.client, a.address, time.UTC)
	for _, o := range offers {
		items = append(items, reputation.Item{ID: o.Kind + o.URL, URL: o.URL, Title: o.Title, Text: fmt.Sprint(o.Selectors)})
	}
	return items, next, err
}

// judge says what is wrong with what came of an attack, as far as it can be told from
// the items and the error.
func (at attack) judge(items []reputation.Item, err error) string {
	switch {
	case at.any:
	case at.says == "" && (err != nil || len(items) == 0):
		return fmt.Sprintf("%d items, error %v; want the source to be read", len(items), err)
	case at.says != "" && (err == nil || !strings.Contains(err.Error(), at.says)):
		return fmt.Sprintf("%d items, error %v; want an error with %q", len(items), err, at.says)
	}
	if err != nil && len(err.Error()) > 20_000 {
		return fmt.Sprintf("an error of %d bytes", len(err.Error()))
	}
	if err != nil && strings.Contains(err.Error(), "hunter2") {
		return "the error shows a secret: " + err.Error()
	}
	ids := map[string]bool{}
	for _, i := range items {
		all := i.Title + i.Text + i.Author + i.URL
		switch {
		case ids[i.ID]:
			return fmt.Sprintf("two items with the id %.100q", i.ID)
		case len(i.ID) > maxID, len(i.URL) > maxAddress:
			return fmt.Sprintf("an id of %d bytes, an address of %d", len(i.ID), len(i.URL))
		case i.URL != "" && !isWebAddress(i.URL):
			return fmt.Sprintf("a link to %q", i.URL)
		case strings.Contains(all, "<script"), strings.Contains(i.Title+i.Text, "onerror="), strings.ContainsAny(i.URL, `"<> `):
			return fmt.Sprintf("mark-up: %.200q", all)
		case strings.Contains(all, "root:"):
			return "the content of a file"
		case strings.Contains(i.Title+i.Author+i.Lang+i.URL, "\n"), !isClean(all + i.Lang):
			return fmt.Sprintf("no plain text: %.200q", all)
		case i.Published.After(time.Now().Add(time.Hour)), i.Published.Year() < 0:
			return fmt.Sprintf("published %s", i.Published)
		}
		ids[i.ID] = true
	}
	return ""
}

// TestHostilePublishers attacks a client from all sides while it polls a healthy feed.
func TestHostilePublishers(t *testing.T) {
	a := newArena(t)
	all := attacks(t)
	goroutines, heap := runtime.NumGoroutine(), heapNow()

	stop := make(chan struct{})
	var polls int
	var healthy sync.WaitGroup
	healthy.Go(func() {
		feed := NewFeed("healthy", "http://healthy.example/rss", a.client, nil)
		for {
			items, _, err := feed.Collect(t.Context(), reputation.Cursor{})
			if err != nil || len(items) != 1 {
				t.Errorf("the healthy feed brings %d items, error %v", len(items), err)
			}
			polls++
			select {
			case <-stop:
				return
			case <-time.After(10 * time.Millisecond):
			}
		}
	})
	type target struct {
		class string
		attack
		address string
	}
	var targets []target
	for class, list := range all {
		for _, at := range list {
			targets = append(targets, target{class, at, a.add(at)})
		}
	}
	if len(targets) < 60 {
		t.Errorf("only %d attacks", len(targets))
	}
	t.Run("attacks", func(t *testing.T) {
		for _, x := range targets {
			t.Run(x.class+"/"+x.name, func(t *testing.T) {
				t.Parallel()
				if wrong := x.judge(a.collect(t.Context(), x.attack, x.address)); wrong != "" {
					t.Error(wrong)
				}
			})
		}
	})
	close(stop)
	healthy.Wait()
	if n := a.reached.Load(); n > 0 {
		t.Errorf("%d requests reached servers inside", n)
	}
	t.Logf("%d attacks, %d polls of the healthy feed", len(targets), polls)

	a.mu.Lock()
	all, targets, a.attacks = nil, nil, nil
	a.mu.Unlock()
	a.hostile.CloseClientConnections()
	for _, transport := range a.client.transports.byRoute {
		transport.CloseIdleConnections()
	}
	var left int
	var grown int64
	for range 6000 { // goroutines end in their own time
		left, grown = runtime.NumGoroutine()-goroutines, heapNow()-heap
		if left <= 0 && grown < 8<<20 {
			return
		}
		<-time.After(10 * time.Millisecond)
	}
	stacks := make([]byte, 64<<10)
	t.Errorf("%d goroutines and %d MiB are left:\n%s", left, grown>>20, stacks[:runtime.Stack(stacks, true)])
}

// heapNow is the memory that objects in use take, in bytes.
func heapNow() int64 {
	runtime.GC()
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	return int64(sample[0].Value.Uint64())
}

// attacker tells the process that TestFetchMemory starts what it is for.
const attacker = "REPUTED_TEST_ATTACKER"

// TestFetchMemory measures how much the heap grows, at its highest, while one source is
// polled that wants it to grow. It counts what lives, not garbage, of which there is more
// on a busy machine: a process of its own stops for each collection, collects whenever
// its heap has grown by a tenth, and traces what it then finds alive.
func TestFetchMemory(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector has memory of its own; make test runs this without it")
	}
	if os.Getenv(attacker) != "" {
		pollThemAll(t)
		return
	}
	const most = 64 // MiB
	process := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestFetchMemory$", "-test.timeout=1h")
	process.Env = append(os.Environ(), attacker+"=1", "GODEBUG=gcstoptheworld=1,gctrace=1", "GOGC=10")
	trace, err := process.CombinedOutput()
	if err != nil {
		t.Fatalf("%v:\n%s", err, trace)
	}
	attacked := strings.Split(string(trace), "attack: ")[1:] // before the first, the attacks' own bodies are made
	for _, part := range attacked {
		name, collections, _ := strings.Cut(part, "\n")
		alive := liveHeap.FindAllStringSubmatch(collections, -1)
		if len(alive) == 0 {
			t.Errorf("%s: no collection was measured", name)
			continue
		}
		before, peak := 0, 0
		for i, match := range alive {
			n, err := strconv.Atoi(match[1])
			if err != nil {
				t.Fatal(err)
			}
			if i == 0 { // the collection that pollThemAll asks for
				before = n
			}
			peak = max(peak, n-before)
		}
		if peak > most {
			t.Errorf("%s: the heap grew by %d MiB, more than %d", name, peak, most)
		}
		t.Logf("%s: %d MiB", name, peak)
	}
	if len(attacked) < 40 {
		t.Errorf("only %d attacks were measured:\n%s", len(attacked), trace)
	}
}

// liveHeap finds in a trace of the collector how many MB it found alive ("->" separates
// the heap at its start, at its end, and what lives; see package runtime, GODEBUG).
var liveHeap = regexp.MustCompile(`(?m)^gc \d+ .*\d+->\d+->(\d+) MB`)

// pollThemAll polls each source once. What comes of it the other test judges.
func pollThemAll(t *testing.T) {
	a := newArena(t)
	all := attacks(t)
	for _, at := range slices.Concat(largest(), all["bombs"], all["endless"]) {
		address := a.add(at)
		fmt.Fprintln(os.Stderr, "attack:", at.name)
		runtime.GC()
		a.collect(t.Context(), at, address)
	}
}
