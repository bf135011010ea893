package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

// watch measures the daemon from outside: what the system knows of the process,
// and what it shows to Prometheus.
type watch struct {
	pid       int
	metrics   string // URL
	memory    int    // bytes, highest
	files     int    // most
	processor time.Duration
	values    map[string]float64 // the last scrape
	start     map[string]float64 // the scrape after the first interval, when each feed has been read once
}

// observe looks every few seconds for as long as the test lasts, and scrapes after
// the first interval. It is an error if the daemon ends before.
func (w *watch) observe(ctx context.Context, first, lasts time.Duration, ended <-chan error) error {
	const look = 5 * time.Second
	over := time.NewTimer(lasts)
	defer over.Stop()
	read := time.NewTimer(first)
	defer read.Stop()
	ticker := time.NewTicker(look)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-ended:
			return fmt.Errorf("the daemon ended: %w", errors.Join(errors.New("too early"), err))
		case <-ticker.C:
			if err := w.look(); err != nil {
				return err
			}
		case <-read.C:
			if err := w.scrape(ctx); err != nil {
				return err
			}
			w.start = w.values
		case <-over.C:
			return w.look()
		}
	}
}

// look reads proc(5).
func (w *watch) look() error {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", w.pid))
	if err != nil {
		return err
	}
	for line := range strings.SplitSeq(string(status), "\n") {
		if value, found := strings.CutPrefix(line, "VmHWM:"); found {
			kilobytes, err := strconv.Atoi(strings.TrimSpace(strings.TrimSuffix(value, " kB")))
			if err != nil {
				return fmt.Errorf("read %q: %w", line, err)
			}
			w.memory = max(w.memory, kilobytes<<10)
		}
	}
	files, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", w.pid))
	if err != nil {
		return err
	}
	w.files = max(w.files, len(files))
	return nil
}

// scrape reads the metrics: names with labels, as Prometheus's text format has
// them, to values.
func (w *watch) scrape(ctx context.Context) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, w.metrics, nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	w.values = make(map[string]float64)
	lines := bufio.NewScanner(answer.Body)
	for lines.Scan() {
		name, value, found := strings.Cut(lines.Text(), "} ")
		if found {
			name += "}"
		} else {
			name, value, _ = strings.Cut(lines.Text(), " ")
		}
		if number, err := strconv.ParseFloat(value, 64); err == nil {
			w.values[name] = number
		}
	}
	w.processor = time.Duration(w.values["process_cpu_seconds_total"] * float64(time.Second))
	return lines.Err()
}

// delays returns the share of the polls of healthy feeds between two scrapes that began within a
// second, and in which bucket of the histogram the 99th percentile lies.
func delays(from, to map[string]float64) (share float64, p99 string) {
	bucket := func(bound string) float64 {
		name := `reputed_poll_delay_seconds_bucket{outcome="success",le="` + bound + `"}`
		return to[name] - from[name]
	}
	all := bucket("+Inf")
	if all == 0 {
		return 0, "unknown"
	}
	p99 = "over 100 s"
	for _, bound := range []string{"100", "30", "10", "3", "1", "0.3", "0.1", "0.03", "0.01"} {
		if bucket(bound) >= 0.99*all {
			p99 = "under " + bound + " s"
		}
	}
	return bucket("1") / all, p99
}
