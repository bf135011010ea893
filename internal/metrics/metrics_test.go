package metrics_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"reputed/internal/metrics"
	"reputed/internal/reputation"
)

func scrape(t *testing.T, m *metrics.Metrics) (status int, body string) {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	return w.Code, w.Body.String()
}

func noBacklogs(context.Context) ([]reputation.Backlog, error) { return nil, nil }

func TestMetrics(t *testing.T) {
	at := time.Unix(1763791800, 0)
	m := metrics.New(func(context.Context) ([]reputation.SourceHealth, error) {
		return []reputation.SourceHealth{
			{Name: `微博 "a"`, State: "ok", LastSuccess: at, LastItem: at, NextPoll: at.Add(time.Minute), ItemsADay: 12.5},
			{Name: "forum", State: "blocked", Failures: 7},
			{Name: "old", State: "retired"},
		}, nil
	}, func(context.Context) ([]reputation.Backlog, error) {
		return []reputation.Backlog{
			{Receiver: "slack", Channel: "#pr", Messages: 3, Since: time.Now().Add(-2 * time.Hour), Failures: 4, Error: "invalid_auth"},
			{Receiver: "pr-mail"},
		}, nil
	}, slog.New(slog.DiscardHandler))
	m.Slack(func() bool { return true })
	m.Polled(20*time.Millisecond, time.Second, 3, 2, false)
	m.Polled(-time.Millisecond, 30*time.Second, 0, 0, true)
	status, body := scrape(t, m)
	if status != 200 {
		t.Fatalf("status %d: %s", status, body)
	}
	for _, want := range []string{
		`reputed_source_state{source="微博 \"a\"",state="ok"} 1`,
		`reputed_source_last_success_timestamp_seconds{source="微博 \"a\""} 1.7637918e+09`,
		`reputed_source_items_per_day{source="微博 \"a\""} 12.5`,
		`reputed_source_state{source="forum",state="blocked"} 1`,
		`reputed_source_failures{source="forum"} 7`,
		`reputed_receiver_waiting_messages{channel="#pr",receiver="slack"} 3`,
		`reputed_receiver_oldest_waiting_seconds{channel="#pr",receiver="slack"} 720`,
		`reputed_receiver_failures{channel="#pr",receiver="slack"} 4`,
		`reputed_receiver_waiting_messages{channel="",receiver="pr-mail"} 0`,
		`reputed_receiver_oldest_waiting_seconds{channel="",receiver="pr-mail"} 0`,
		`reputed_polls_total{outcome="failure"} 1`,
		`reputed_items_total 3`,
		`reputed_slack_connected 1`,
		`reputed_mentions_total 2`,
		`reputed_poll_delay_seconds_bucket{outcome="failure",le="0.01"} 1`,
		`process_resident_memory_bytes`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("no %s in:\n%s", want, body)
		}
	}
	for _, unwanted := range []string{`"old"`, `last_success_timestamp_seconds{source="forum"}`} {
		if strings.Contains(body, unwanted) {
			t.Errorf("%s in:\n%s", unwanted, body)
		}
	}
}

func TestMetricsOfABrokenStore(t *testing.T) {
	m := metrics.New(func(context.Context) ([]reputation.SourceHealth, error) {
		return nil, errors.New("database is locked")
	}, noBacklogs, slog.New(slog.DiscardHandler))
	if status, body := scrape(t, m); status != 500 || !strings.Contains(body, "database is locked") {
		t.Errorf("status %d: %s", status, body)
	}
}

func ExampleMetrics() {
	m := metrics.New(func(context.Context) ([]reputation.SourceHealth, error) {
		return []reputation.SourceHealth{{Name: "news", State: "ok"}}, nil
	}, noBacklogs, slog.New(slog.DiscardHandler))
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	for line := range strings.SplitSeq(w.Body.String(), "\n") {
		if strings.HasPrefix(line, "reputed_source_state") {
			fmt.Println(line)
		}
	}
	// Output: reputed_source_state{source="news",state="ok"} 1
}
