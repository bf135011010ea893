package main

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
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
	l := &losing{posted: map[string]int{}}
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
	for range kills {
		open(1)
		child(t, configFile, time.Duration(rand.Int64N(int64(whole))))
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

// runToEnd is a run that nobody kills. It may fail: its answers are lost too.
func runToEnd(t *testing.T, configFile string) { t.Helper(); child(t, configFile, time.Minute) }

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
