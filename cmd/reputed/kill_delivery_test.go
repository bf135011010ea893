package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"reputed/internal/store"
)

// losing is a Slack that stores every message, and lets the connection of one in five
// die before the answer; and a feed in which nothing happens.
type losing struct {
	mu     sync.Mutex
	posted map[string]int // by the key that stands in the message
	lost   int
	stored chan struct{} // told of each message, if somebody listens
}

func (l *losing) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !strings.HasPrefix(r.URL.Path, "/slack/") {
		fmt.Fprint(w, `<rss version="2.0"><channel><title>t</title></channel></rss>`)
		return
	}
	if strings.HasSuffix(r.URL.Path, "chat.postMessage") {
		key := eventID.FindString(r.FormValue("blocks"))
		l.mu.Lock()
		l.posted[key]++
		lose := rand.IntN(5) == 0
		if lose {
			l.lost++
		}
		l.mu.Unlock()
		select {
		case l.stored <- struct{}{}:
		default:
		}
		if lose {
			panic(http.ErrAbortHandler)
		}
	}
	fmt.Fprint(w, `{"ok":true,"channel":"C1","ts":"1.1"}`)
}

// A process that is killed at any moment of a delivery, with answers lost besides, tells
// every alert, and repeats no more than answers were lost by either.
func TestKillDelivery(t *testing.T) {
	kills := 20
	if os.Getenv(longFaults) != "" {
		kills = 200
	}
	l := &losing{posted: map[string]int{}, stored: make(chan struct{}, 1)}
	server := httptest.NewServer(l)
	defer server.Close()
	folder := t.TempDir()
	configFile := writeKillConfig(t, folder, server)
	database := filepath.Join(folder, "reputed.db")
	var alerts []int64
	open := func(n int) {
		t.Helper()
		s, err := store.Open(t.Context(), database)
		if err != nil {
			t.Fatal(err)
		}
		for range n {
			alerts = append(alerts, openAlert(t, s, len(alerts), toSlack))
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	open(1)
	whole := timeOf(t, func() { runToEnd(t, configFile) })
	// Every other kill comes when Slack has just stored a message, while the answer is
	// on its way or the delivery is being marked.
	for n := range kills {
		open(1)
		if n%2 == 0 {
			_ = fallible(t, configFile, time.Duration(rand.Int64N(int64(whole)))) // may fail like runToEnd
			continue
		}
		select {
		case <-l.stored: // of an earlier run
		default:
		}
		childUntil(t, configFile, l.stored, time.Duration(rand.Int64N(int64(3*time.Millisecond))))
	}
	// What was lost last is due again in a few seconds; a second a message, and as long
	// for each answer that is lost now, are more than is needed.
	for deadline := time.Now().Add(time.Duration(kills) * 10 * time.Second); waiting(t, database) > 0 && time.Now().Before(deadline); time.Sleep(time.Second) {
		runToEnd(t, configFile)
	}

	l.mu.Lock()
	defer l.mu.Unlock()
	told, repeated := 0, 0
	for _, n := range l.posted {
		told++
		repeated += n - 1
	}
	if told != len(alerts) {
		t.Errorf("%d of %d alerts were told", told, len(alerts))
	}
	if repeated > l.lost+kills {
		t.Errorf("%d messages were repeated; %d answers were lost by the server and at most %d by the kills", repeated, l.lost, kills)
	}
	t.Logf("%d kills within %v, %d alerts, %d answers lost besides, %d messages repeated", kills, whole, len(alerts), l.lost, repeated)
}

// childUntil runs the program, and kills it at a delay after the signal.
func childUntil(t *testing.T, configFile string, signal <-chan struct{}, delay time.Duration) {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program)
	cmd.Env = append(os.Environ(), killableConfig+"="+configFile)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case <-ended: // without a message that was due
		return
	case <-signal:
		time.Sleep(delay)
	}
	if err := cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Fatal(err)
	}
	<-ended
}

// runToEnd is a run that nobody kills. It may fail: its answers are lost too.
func runToEnd(t *testing.T, configFile string) {
	t.Helper()
	_ = fallible(t, configFile, time.Minute)
}

// waiting is how many messages wait in the outbox.
func waiting(t *testing.T, database string) int {
	t.Helper()
	s, err := store.OpenReader(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	backlogs, err := s.Backlogs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, b := range backlogs {
		n += b.Messages
	}
	return n
}
