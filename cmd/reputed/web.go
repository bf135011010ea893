package main

import (
	"context"
	"log/slog"
	"net"
	"net/http"
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

// explainer puts alerts into words for the pages.
func explainer(c *config.Config, db *store.Store, env environment) web.Explain {
	detector := detectorOf(c)
	alerter := alerting.NewAlerter(db, nil, alerting.Policy{}, detector.Judge, trend.Hours, nil, slog.New(slog.DiscardHandler))
	alerter.Rules = rulesOf(db, c.Brands)
	return func(ctx context.Context, a reputation.Alert, language string, now time.Time) (web.Case, error) {
		opened, err := alerter.Opening(ctx, a)
		if err != nil {
			return web.Case{}, err
		}
		present, err := alerter.Standing(ctx, a, now)
		if err != nil {
			return web.Case{}, err
		}
		if crisis, in, err := db.EpisodeDuring(ctx, a.Brand, present.At.Add(-time.Hour), present.At); err != nil {
			return web.Case{}, err
		} else if in {
			present.Episode = &crisis // what to do depends on its phase
		}
		e, err := explainAlert(ctx, db, detector, c.Brands, a)
		if err != nil {
			return web.Case{}, err
		}
		wording := wordingOf(c, env)
		wording.Lang = language
		then, stands := wording.Tell(opened), wording.Tell(present)
		told := web.Case{
			Title: stands.Title, Opening: factsFor(then.Figures), Standing: factsFor(stands.Figures), Facts: factsFor(then.Facts),
			Advice: stands.Advice, Commands: []string{wording.Explain(a.ID), then.Command}, End: present.At, Mentions: e.behind, Copies: e.copies,
		}
		told.Negative = append(told.Negative, present.Before...)
		for _, h := range present.Trend {
			told.Negative = append(told.Negative, h.Negative)
		}
		for _, query := range []string{e.ObservedSQL, e.BaselineSQL, e.MentionsSQL} {
			if query != "" {
				told.Queries = append(told.Queries, query)
			}
		}
		return told, nil
	}
}

func factsFor(list []alerting.Fact) []web.Fact {
	facts := make([]web.Fact, len(list))
	for i, f := range list {
		facts[i] = web.Fact(f)
	}
	return facts
}
