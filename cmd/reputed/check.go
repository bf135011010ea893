package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"reputed/alerting"
	"reputed/collector"
	"reputed/internal/config"
	"reputed/internal/pipeline"
	"reputed/internal/reputation"
	"reputed/internal/store"
)

type checkCommand struct {
	Config string `default:"config.yaml" placeholder:"FILE" type:"path" help:"Configuration file (${default})."`
	Online bool   `help:"Also read each source and the database, and ask each receiver of alerts."`
}

func (c checkCommand) Run(ctx context.Context, env environment) error {
	cfg, err := loadConfig(c.Config, env)
	if err != nil {
		return err
	}
	errs := []error{cfg.Complete()}
	n, err := newNormaliser()
	if err != nil {
		return err
	}
	_, err = newMatcher(cfg, n)
	errs = append(errs, err)
	own, err := readOwnWords(cfg, n)
	errs = append(errs, err)
	sources, err := newSources(cfg, newClient(cfg, env))
	errs = append(errs, err)
	receivers, err := newReceivers(cfg, false, env, slog.New(slog.DiscardHandler))
	errs = append(errs, err)
	socket, err := newSocket(cfg, receivers, slog.New(slog.DiscardHandler))
	errs = append(errs, err)
	if err := writable(cfg.Database); err != nil {
		errs = append(errs, cfg.Wrong(err, "database"))
	}
	if c.Online {
		errs = append(errs, online(ctx, env, cfg, sources, receivers, socket)...)
	}
	tellBacklogs(ctx, cfg.Database, env.stderr)
	if cfg.Web.Public() {
		fmt.Fprintf(env.stderr, "web.listen: %s: the page has no log-in, and whoever reaches this address reads it; listen at 127.0.0.1 behind a server that asks who comes, see docs/web.md\n", cfg.Web.Listen)
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	words := ""
	if len(own) > 0 {
		words = fmt.Sprintf("own words: %d, ", len(own.terms()))
	}
	_, err = fmt.Fprintf(env.stdout, "%s: in order: brands: %d, sources: %d, %salerts to %s\n", c.Config, len(cfg.Brands), len(cfg.Sources), words, destination(cfg))
	return err
}

func destination(cfg *config.Config) string {
	var names []string
	switch {
	case cfg.Slack.TokenFile != "":
		names = append(names, "Slack "+cfg.Slack.Channel)
	case cfg.Slack.WebhookFile != "":
		names = append(names, "a Slack webhook")
	}
	for _, r := range cfg.Receivers {
		names = append(names, r.Name)
	}
	if len(names) == 0 {
		return "the terminal"
	}
	return strings.Join(names, ", ")
}

// writable tells whether the database, or the folder it would be made in, can be
// written. It changes nothing.
func writable(database string) error {
	if info, err := os.Stat(database); err == nil && info.IsDir() {
		return fmt.Errorf("%s is a folder; name a file in it, such as %s", database, filepath.Join(database, "reputed.db"))
	}
	for _, path := range []string{filepath.Dir(database), database} {
		err := unix.Access(path, unix.W_OK)
		if path == database && errors.Is(err, os.ErrNotExist) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s cannot be written: %w; make the folder and let the user that runs reputed write to it", path, err)
		}
	}
	return nil
}

// online tries what the daemon will do: each source, the database, the receivers, and
// the connection that answers in Slack come by.
func online(ctx context.Context, env environment, cfg *config.Config, sources []pipeline.Scheduled, receivers map[string]alerting.Notifier, socket *alerting.SlackSocket) []error {
	var errs []error
	for _, s := range sources {
		items, _, err := s.Source.Collect(ctx, reputation.Cursor{})
		switch {
		case err != nil:
			errs = append(errs, err)
		case len(items) == 0 && isFolder(s.Source):
			fmt.Fprintf(env.stderr, "source %s: its folder can be read\n", s.Source.Name())
		case len(items) == 0:
			errs = append(errs, fmt.Errorf("source %s: it answers, and holds no item; see: reputed fetch %[1]s", s.Source.Name()))
		default:
			fmt.Fprintf(env.stderr, "source %s: %d items, newest of %s\n", s.Source.Name(), len(items), newest(items))
		}
	}
	errs = append(errs, checkDatabase(ctx, cfg.Database))
	errs = append(errs, checkReceivers(ctx, receivers, env.stderr)...)
	if socket != nil {
		errs = append(errs, socket.Check(ctx))
	}
	return errs
}

// isFolder tells whether the source is a folder, which may be empty for weeks.
func isFolder(s pipeline.Source) bool {
	_, ok := s.(*collector.Folder)
	return ok
}

func checkDatabase(ctx context.Context, path string) error {
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return nil // the daemon makes it, with its own rights
	}
	db, err := store.OpenReader(ctx, path)
	if err != nil {
		return err
	}
	return errors.Join(db.Check(ctx), db.Close())
}

func newest(items []reputation.Item) string {
	latest := ""
	for _, item := range items {
		latest = max(latest, stamp(item.Published))
	}
	return latest
}
