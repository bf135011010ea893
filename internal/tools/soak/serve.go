package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// feedsPerHost is how many feeds share a host, and so a connection and its gap.
const feedsPerHost = 2

// server serves the feeds, on as many loopback addresses as there are hosts, and
// remembers when each feed was asked.
type server struct {
	load
	http *http.Server
	port int
	stop chan struct{} // closed in the end: the requests that hang return

	mu        sync.Mutex
	began     time.Time
	ended     bool
	last      []time.Time     // by feed
	longest   []time.Duration // between two requests
	shown     []int           // the newest item that the feed has shown, counted from its first request
	first     []int
	polls     int
	unchanged int
}

func serve(l load) (*server, error) {
	listener, err := net.Listen("tcp4", "0.0.0.0:0")
	if err != nil {
		return nil, err
	}
	s := &server{
		load: l, port: listener.Addr().(*net.TCPAddr).Port, stop: make(chan struct{}),
		last: make([]time.Time, l.feeds), longest: make([]time.Duration, l.feeds), shown: make([]int, l.feeds), first: make([]int, l.feeds),
	}
	for i := range s.first {
		s.first[i] = -1
	}
	s.http = &http.Server{Handler: s}
	go func() {
		if err := s.http.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			fmt.Println("soak: serve feeds:", err)
		}
	}()
	return s, nil
}

func (s *server) close() {
	close(s.stop)
	s.http.Close() // its listener is gone with the program
}

// hangs tells of the feeds whose host never answers, spread evenly.
func (s *server) hangs(feed int) bool {
	host := float64(feed / feedsPerHost)
	return int((host+1)*s.hanging) > int(host*s.hanging)
}

// config is the daemon's configuration.
func (s *server) config(metrics string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "database: soak.db\nbrands: [{name: 青榈, aliases: [青榈]}]\nfetch: {allow: [127.0.0.0/8]}\nmetrics: {listen: '%s'}\nsources:\n", metrics)
	for i := range s.feeds {
		host := i / feedsPerHost
		fmt.Fprintf(&b, "  - {name: feed-%d, kind: feed, every: %s, url: 'http://127.%d.%d.%d:%d/%d'}\n",
			i, s.every, 1+host>>16, host>>8&255, host&255, s.port, i)
	}
	return b.String()
}

func (s *server) begin() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.began = time.Now()
}

// newest numbers the newest item of a feed: a share of the feeds gains one in each
// interval, each feed in its turn.
func (s *server) newest(feed int, at time.Time) int {
	interval := int(at.Sub(s.began) / s.every)
	return s.items + int(float64(interval)*s.fresh+float64(feed)/float64(s.feeds))
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	feed, err := strconv.Atoi(strings.Trim(r.URL.Path, "/"))
	if err != nil || feed < 0 || feed >= s.feeds {
		http.NotFound(w, r)
		return
	}
	if s.hangs(feed) {
		select {
		case <-r.Context().Done():
		case <-s.stop:
		}
		return
	}
	newest := s.asked(feed)
	time.Sleep(time.Duration(2 * rand.Float64() * float64(s.latency)))
	if feed%10 < 7 { // the others know no validators, as many servers
		tag := fmt.Sprintf(`"%d-%d"`, feed, newest)
		w.Header().Set("ETag", tag)
		if r.Header.Get("If-None-Match") == tag {
			s.mu.Lock()
			s.unchanged++
			s.mu.Unlock()
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	w.Header().Set("Content-Type", "application/rss+xml; charset=utf-8")
	if _, err := w.Write([]byte(s.document(feed, newest))); err != nil {
		return // the daemon went away
	}
}

// asked remembers a request, and returns the newest item that it is shown.
func (s *server) asked(feed int) (newest int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	newest = s.newest(feed, now)
	if s.ended {
		return newest
	}
	s.polls++
	before := s.last[feed]
	if before.IsZero() {
		before = s.began
	}
	s.longest[feed] = max(s.longest[feed], now.Sub(before))
	s.last[feed] = now
	if s.first[feed] < 0 {
		s.first[feed] = newest
	}
	s.shown[feed] = newest
	return newest
}

// document is a feed of invented talk, in which every fifth item names the brand.
func (s *server) document(feed, newest int) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>第%d号来源</title><link>http://feed-%[1]d.example/</link>`, feed)
	for n := newest; n > newest-s.items; n-- {
		brand := "这家店"
		if n%5 == 0 {
			brand = "青榈"
		}
		at := s.began.Add(time.Duration(n-s.items) * time.Hour)
		fmt.Fprintf(&b, `<item><guid isPermaLink="false">%d-%d</guid><link>http://feed-%[1]d.example/%[2]d</link><title>来源%[1]d的第%[2]d条</title><pubDate>%[3]s</pubDate>`+
			`<description>&lt;p&gt;今天又去了%[4]s，第%[2]d次了。排队的人不少，店员倒是很耐心，味道和上次一样好，只是外卖送得慢，包装也有点漏。&lt;/p&gt;</description></item>`,
			feed, n, at.UTC().Format(http.TimeFormat), brand)
	}
	b.WriteString("</channel></rss>")
	return b.String()
}

// asked is how the daemon polled.
type asked struct {
	lasted        time.Duration
	healthy, late int // feeds; those once asked later than their interval
	hanging       int
	polls         int
	unchanged     int
	arrivals      int // items that were new at a poll, of feeds polled before
	longest       time.Duration
}

// end stops counting. A feed whose last poll is longer ago than its interval is
// late too.
func (s *server) end() asked {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = true
	now := time.Now()
	a := asked{lasted: now.Sub(s.began), polls: s.polls, unchanged: s.unchanged}
	for feed := range s.feeds {
		if s.hangs(feed) {
			a.hanging++
			continue
		}
		a.healthy++
		last := s.last[feed]
		if last.IsZero() {
			last = s.began
		}
		longest := max(s.longest[feed], now.Sub(last))
		a.longest = max(a.longest, longest)
		if longest > s.every {
			a.late++
		}
		a.arrivals += s.shown[feed] - max(0, s.first[feed])
	}
	return a
}

// freeAddress is an address of loopback that nobody listens at.
func freeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}
