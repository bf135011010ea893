package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/coreos/go-systemd/v22/daemon"

	"reputed/internal/config"
	"reputed/internal/pipeline"
)

// languageInForce is what texts are read and rated with. A reload swaps it while
// texts are read: each is read and rated with what it was begun with.
type languageInForce struct {
	atomic.Pointer[language]
	config *config.Config // as it was at the start
	env    environment
	words  vocabulary // of which own is as it was at the start too
}

// reload reads the configuration and the user's own words anew. On an error what is
// in force stays. It returns the number of words, and the keys of the configuration
// that have changed too and count from the next start only.
func (f *languageInForce) reload() (words int, waiting []string, err error) {
	c, err := loadConfig(f.config.Path(), f.env)
	if err != nil {
		return 0, nil, err
	}
	v := f.words
	if v.own, err = readOwnWords(c, v.normaliser); err != nil {
		return 0, nil, err
	}
	l, err := v.language(f.env.language)
	if err != nil {
		return 0, nil, err
	}
	f.Store(&l)
	waiting = slices.DeleteFunc(f.config.Differences(c), func(key string) bool { return key == "lexicons" })
	return len(v.own.terms()), waiting, nil
}

// pair is the language for one text.
func (f *languageInForce) pair() (pipeline.Reader, pipeline.Scorer) {
	l := f.Load()
	return l.reader, l.scorer
}

// reloadOn reloads at each signal, until ctx is done, and tells systemd when it
// begins and when it is over (sd_notify(3)).
func (f *languageInForce) reloadOn(ctx context.Context, signals <-chan os.Signal, log *slog.Logger) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-signals:
		}
		tell(log, fmt.Sprintf("%s\n%s", daemon.SdNotifyReloading, strings.TrimSpace(daemon.SdNotifyMonotonicUsec())))
		switch words, waiting, err := f.reload(); {
		case err != nil:
			log.Error("reload: the words in force stay", "error", err)
		case len(waiting) > 0:
			log.Warn("reloaded own words; other keys have changed too and need a restart", "words", words, "keys", strings.Join(waiting, ", "))
		default:
			log.Info("reloaded own words", "words", words)
		}
		tell(log, daemon.SdNotifyReady)
	}
}
