package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"reputed/alerting"
	"reputed/internal/config"
	"reputed/internal/reputation"
	"reputed/internal/store"
	"reputed/internal/trend"
	"reputed/internal/web"
)

// newPages makes the pages that show what is stored.
func newPages(c *config.Config, db *store.Store, env environment, log *slog.Logger) (http.Handler, error) {
	hosts := []string{c.Web.Host()}
	if host, _, err := net.SplitHostPort(c.Web.Listen); err == nil {
		hosts = append(hosts, host)
	}
	return web.New(web.Options{
		Store: db, Explain: explainer(c, db, env), Names: func(lang string) web.Names { return web.Names(alerting.NamesIn(lang)) },
		Brands: brandNames(c), Language: c.Language, Zone: c.Timezone, Hosts: hosts, Now: time.Now, Log: log,
	})
}

// servePages serves the pages where the configuration says, or nowhere. The caller calls
// stop in the end.
func servePages(c *config.Config, db *store.Store, env environment, log *slog.Logger) (stop func() error, err error) {
	if c.Web.Listen == "" {
		return func() error { return nil }, nil
	}
	pages, err := newPages(c, db, env, log)
	if err != nil {
		return nil, err
	}
	at, stop, err := serveHTTP(c.Web.Listen, pages, log)
	if err != nil {
		return nil, err
	}
	log.Info("web page", "address", "http://"+at+"/")
	return stop, nil
}

// behindRead is how many negative mentions of the hours of an alert its page reads.
const behindRead = 500

// explainer puts alerts into words for the pages.
func explainer(c *config.Config, db *store.Store, env environment) web.Explain {
	detector := detectorOf(c)
	alerter := alerting.NewAlerter(db, nil, alerting.Policy{}, detector.Judge, trend.Remembered, nil, slog.New(slog.DiscardHandler))
	alerter.Rules = rulesOf(db, c.Brands, detector.Probability)
	return func(ctx context.Context, a reputation.Alert, language string, now time.Time) (web.Case, error) {
		var opened, present reputation.Message
		var told web.Case
		// Side by side, since each reads two weeks by the hour.
		err := together(
			func() (err error) {
				opened, err = alerter.Opening(ctx, a)
				return err
			},
			func() (err error) {
				present, err = standing(ctx, db, alerter, a, now)
				return err
			},
			func() (err error) {
				if told.Queries, err = recount(ctx, db, c.Brands, a); err != nil {
					return err
				}
				return readBehind(ctx, db, a, &told)
			},
		)
		if err != nil {
			return web.Case{}, err
		}
		wording := wordingOf(c, env)
		wording.Lang = language
		then, stands := wording.Tell(opened), wording.Tell(present)
		told.Title, told.Advice, told.Commands = stands.Title, stands.Advice, []string{wording.Explain(a.ID), then.Command}
		told.Opening, told.Standing, told.Facts = factsFor(then.Figures), factsFor(stands.Figures), factsFor(then.Facts)
		told.End, told.Negative = present.At, append(told.Negative, present.Before...)
		for _, h := range present.Trend {
			told.Negative = append(told.Negative, h.Negative)
		}
		return told, nil
	}
}

// standing is how an alert stands, with the crisis under way: what to do depends on its
// phase.
func standing(ctx context.Context, db *store.Store, alerter *alerting.Alerter, a reputation.Alert, now time.Time) (reputation.Message, error) {
	present, err := alerter.Standing(ctx, a, now)
	if err != nil {
		return present, err
	}
	crisis, in, err := db.EpisodeDuring(ctx, a.Brand, present.At.Add(-time.Hour), present.At)
	if in {
		present.Episode = &crisis
	}
	return present, err
}

// readBehind reads the mentions behind an alert, the most negative first.
func readBehind(ctx context.Context, db *store.Store, a reputation.Alert, told *web.Case) error {
	mentions, copies, err := db.Negative(ctx, a.Brand, a.Judgement.From, a.Judgement.To, behindRead+1)
	told.Cut = len(mentions) > behindRead
	for i, m := range mentions[:min(len(mentions), behindRead)] {
		if alerting.Behind(a.Rule, m) {
			told.Mentions, told.Copies = append(told.Mentions, m), append(told.Copies, copies[i])
		}
	}
	return err
}

// together does several things at the same time.
func together(things ...func() error) error {
	errs := make([]error, len(things))
	var wait sync.WaitGroup
	for i, do := range things {
		wait.Go(func() { errs[i] = do() })
	}
	wait.Wait()
	return errors.Join(errs...)
}

func factsFor(list []alerting.Fact) []web.Fact {
	facts := make([]web.Fact, len(list))
	for i, f := range list {
		facts[i] = web.Fact(f)
	}
	return facts
}
