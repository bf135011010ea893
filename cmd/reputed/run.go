package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"

	"reputed/internal/pipeline"
	"reputed/internal/reputation"
	"reputed/internal/store"
)

type runCommand struct {
	Config string `default:"config.yaml" placeholder:"FILE" type:"path" help:"Configuration file (${default})."`
	Once   bool   `help:"Poll every source once, judge, deliver, and exit."`
	DryRun bool   `help:"Print alerts instead of sending them; they stay in the outbox for the next run."`
}

// garbage is the share of what is in use, in percent, that may be garbage before it is
// collected. Dictionary, lexicon and sources are 100 MB that stay, and Go's own 100
// would allow as much again.
const garbage = 50

func (c runCommand) Run(ctx context.Context, env environment) error {
	cfg, err := loadConfig(c.Config, env)
	if err != nil {
		return err
	}
	if err := cfg.Complete(); err != nil {
		return err
	}
	unlock, err := store.Lock(cfg.Database)
	if err != nil {
		return err
	}
	defer unlock()
	if env.getenv("GOGC") == "" {
		debug.SetGCPercent(garbage)
	}
	log := env.logger(slog.LevelInfo)
	var reloads chan os.Signal
	if !c.Once {
		reloads = make(chan os.Signal, 1)
		signal.Notify(reloads, syscall.SIGHUP) // first of all: it would end a daemon that still loads
		defer signal.Stop(reloads)
	}
	s, err := assembly{cfg, c.DryRun, c.Once, env, log}.service(ctx)
	if err != nil {
		return err
	}
	defer s.store.Close()
	if c.Once {
		return c.once(ctx, s, env)
	}
	closeMetrics, err := s.listen(cfg.Metrics.Listen, log)
	if err != nil {
		return cfg.Wrong(err, "metrics", "listen")
	}
	defer closeMetrics()
	closePages, err := servePages(cfg, s.store, env, log)
	if err != nil {
		return cfg.Wrong(err, "web", "listen")
	}
	defer closePages()
	cfg.Release()
	serve(ctx, s, reloads, log)
	return nil
}

func (c runCommand) once(ctx context.Context, s *service, env environment) error {
	var total pipeline.Result
	err := s.pipeline.Once(ctx, s.sources, func(name string, r pipeline.Result, err error) {
		total.Items += r.Items
		total.Fresh += r.Fresh
		switch {
		case r.Postponed && !r.NotBefore.Before(reputation.Never()):
			fmt.Fprintf(env.stderr, "%s: not asked, since it was removed for good\n", name)
		case r.Postponed:
			fmt.Fprintf(env.stderr, "%s: not asked, since the server wants no request before %s\n", name, stamp(r.NotBefore))
		default:
			fmt.Fprintf(env.stderr, "%s: %d items, %d new mentions\n", name, r.Items, r.Fresh)
		}
	})
	fmt.Fprintf(env.stderr, "%d sources, %d items, %d new mentions in %s\n", len(s.sources), total.Items, total.Fresh, s.store.Path())
	return err
}

// serve runs the daemon until it is told to stop, and tells systemd where it
// stands (sd_notify(3)). The watchdog is fed only when a round of judging has
// read the store and come to its end: a ticker would feed it in a deadlock too.
func serve(ctx context.Context, s *service, reloads <-chan os.Signal, log *slog.Logger) {
	s.pipeline.Progress = func() { tell(log, daemon.SdNotifyWatchdog) }
	stopping := context.AfterFunc(ctx, func() { tell(log, daemon.SdNotifyStopping) })
	defer stopping()
	var beside sync.WaitGroup // the pipeline
	tell(log, daemon.SdNotifyReady)
	beside.Go(func() { s.language.reloadOn(ctx, reloads, log) })
	log.Info("watching", "sources", len(s.sources), "database", s.store.Path(), "version", version())
	if s.socket != nil {
		beside.Go(func() { s.socket.Run(ctx) })
	}
	s.pipeline.Run(ctx, s.sources)
	beside.Wait()
	log.Info("stopped")
}

func tell(log *slog.Logger, state string) {
	if _, err := daemon.SdNotify(false, state); err != nil {
		log.Warn("notify systemd", "state", state, "error", err)
	}
}

// rehearsal is a store whose outbox is shown and not emptied: what a dry run
// prints stays to be sent.
type rehearsal struct {
	*store.Store
	mu    sync.Mutex // messages to several channels are shown at the same time
	shown map[int64]bool
}

// Pending returns the messages that were not shown yet.
func (r *rehearsal) Pending(ctx context.Context, now time.Time) ([]reputation.Message, error) {
	messages, err := r.Store.Pending(ctx, now)
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.DeleteFunc(messages, func(m reputation.Message) bool { return r.shown[m.ID] }), err
}

// SumUp leaves the messages to the digest for as long as the rehearsal lasts. Its number
// is none of the outbox.
func (r *rehearsal) SumUp(_ context.Context, digest reputation.Message, covered []int64, _ time.Time) (reputation.Message, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, id := range covered {
		r.shown[id] = true
	}
	digest.ID = -covered[0]
	return digest, nil
}

// Delivered remembers that the message was shown.
func (r *rehearsal) Delivered(_ context.Context, message int64, _ reputation.Thread, _ time.Time) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.shown[message] = true
	return nil
}
