// Command soak is the load test of the daemon: it serves ten thousand feeds on
// loopback, of which some hang, runs `reputed run` on them as an operator would,
// and measures from outside whether each healthy feed is polled within its
// interval, how late polls begin, and how much memory the daemon takes. It exits
// with 1 if a promise of docs/performance.md is broken.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// load is what the daemon is put under.
type load struct {
	feeds   int
	items   int           // that each feed shows
	hanging float64       // share of the hosts that take a request and never answer
	fresh   float64       // share of the feeds that bring a new item in each interval
	every   time.Duration // interval of each feed
	latency time.Duration // of a healthy server, on average
}

// bounds are the promises.
const (
	mostMemory = 300 << 20 // bytes, resident
	mostDelay  = time.Second
	mostFiles  = 1024
)

// underWay is how long a poll may take from its answer to the last row stored.
const underWay = 3 * time.Second

func main() {
	program := flag.String("reputed", "bin/reputed", "the daemon to test")
	l := load{}
	flag.IntVar(&l.feeds, "feeds", 10_000, "feeds")
	flag.IntVar(&l.items, "items", 20, "items of a feed")
	flag.Float64Var(&l.hanging, "hanging", 0.05, "share of the hosts that never answer")
	flag.Float64Var(&l.fresh, "new", 0.01, "share of the feeds with a new item in each interval")
	flag.DurationVar(&l.every, "every", time.Minute, "interval of each feed; 15m is the full test")
	flag.DurationVar(&l.latency, "latency", 100*time.Millisecond, "mean time in which a server answers")
	lasts := flag.Duration("for", 3*time.Minute, "how long the daemon runs; at least two intervals")
	flag.Parse()
	if flag.NArg() > 0 || *lasts < 2*l.every || l.feeds < 1 {
		fmt.Fprintln(os.Stderr, "soak: no arguments, at least one feed, and -for of at least two intervals; see -help")
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	kept, err := run(ctx, *program, l, *lasts)
	if err != nil {
		fmt.Fprintln(os.Stderr, "soak:", err)
	}
	if err != nil || !kept {
		os.Exit(1)
	}
}

// run tests the program under the load, and tells whether it kept the promises.
func run(ctx context.Context, program string, l load, lasts time.Duration) (kept bool, err error) {
	folder, err := os.MkdirTemp("", "reputed-soak-")
	if err != nil {
		return false, err
	}
	defer os.RemoveAll(folder)
	s, err := serve(l)
	if err != nil {
		return false, err
	}
	defer s.close()
	metrics, err := freeAddress()
	if err != nil {
		return false, err
	}
	config := filepath.Join(folder, "config.yaml")
	if err := os.WriteFile(config, []byte(s.config(metrics)), 0o600); err != nil {
		return false, err
	}
	log, err := os.Create(filepath.Join(folder, "log"))
	if err != nil {
		return false, err
	}
	defer log.Close()
	if l.every < 15*time.Minute {
		fmt.Printf("accelerated: an interval of %s instead of 15m, so %.0f times the polls a second; requests still time out after 30 s\n",
			l.every, (15*time.Minute).Seconds()/l.every.Seconds())
	}
	daemon := exec.CommandContext(ctx, program, "run", "--dry-run", "--config", config)
	daemon.Stdout, daemon.Stderr = log, log
	daemon.Cancel = func() error { return daemon.Process.Signal(syscall.SIGTERM) }
	s.begin()
	if err := daemon.Start(); err != nil {
		return false, err
	}
	ended := make(chan error, 1)
	go func() { ended <- daemon.Wait() }()
	w := watch{pid: daemon.Process.Pid, metrics: "http://" + metrics + "/metrics"}
	watchErr := w.observe(ctx, l.every, lasts, ended)
	asked := s.end()
	if watchErr == nil {
		time.Sleep(underWay)
		watchErr = w.scrape(ctx)
	}
	signalErr := daemon.Process.Signal(syscall.SIGTERM)
	begun := time.Now()
	if watchErr == nil {
		watchErr = signalErr
	}
	if watchErr == nil {
		watchErr = <-ended
	}
	if watchErr != nil {
		return false, fmt.Errorf("%w\nthe daemon's last words:\n%s", watchErr, tail(log.Name()))
	}
	return report(l, w, asked, time.Since(begun)), nil
}

// report prints what was measured, and tells whether it is what is promised.
func report(l load, w watch, asked asked, stopped time.Duration) bool {
	kept := true
	line := func(what, measured, promised string, ok bool) {
		verdict := "ok"
		if !ok {
			verdict, kept = "BROKEN", false
		}
		fmt.Printf("%-44s %-24s %-22s %s\n", what, measured, promised, verdict)
	}
	note := func(what, format string, args ...any) { fmt.Printf("%-44s %s\n", what, fmt.Sprintf(format, args...)) }
	note("feeds", "%d, each with %d items; %d hang", l.feeds, l.items, asked.hanging)
	note("polls that were answered", "%d in %s, %.0f a second", asked.polls, asked.lasted.Round(time.Second), float64(asked.polls)/asked.lasted.Seconds())
	note("of them unchanged (304)", "%d", asked.unchanged)
	line("healthy feeds asked within their interval", fmt.Sprintf("%d of %d", asked.healthy-asked.late, asked.healthy), "all", asked.late == 0)
	note("longest time between two polls of one", "%s of %s", asked.longest.Round(time.Millisecond), l.every)
	share, p99 := delays(nil, w.values)
	later, laterP99 := delays(w.start, w.values)
	line("delay of a healthy feed, 99th percentile", p99, "under "+mostDelay.String(), share >= 0.99)
	line("polls of them that began within a second", fmt.Sprintf("%.3f %%", 100*share), "99 %", share >= 0.99)
	note("the same after the first interval", "%s, %.3f %% within a second", laterP99, 100*later)
	line("resident memory, highest", fmt.Sprintf("%d MB", w.memory>>20), fmt.Sprintf("under %d MB", mostMemory>>20), w.memory < mostMemory)
	line("open files, most", fmt.Sprint(w.files), fmt.Sprintf("under %d", mostFiles), w.files < mostFiles)
	expected := float64(asked.arrivals)
	line("new items seen", fmt.Sprintf("%.0f of %.0f served", w.values["reputed_items_total"], expected), "all that were served", w.values["reputed_items_total"] >= expected)
	note("mentions stored", "%.0f", w.values["reputed_mentions_total"])
	note("processor", "%s of one core, %.0f %%", w.processor.Round(time.Second), 100*w.processor.Seconds()/asked.lasted.Seconds())
	line("time to stop", stopped.Round(time.Millisecond).String(), "under 10s", stopped < 10*time.Second)
	return kept
}

// tail returns the last lines of a file.
func tail(path string) string {
	data, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(data)), "\n")
	return strings.Join(lines[max(0, len(lines)-10):], "\n")
}
