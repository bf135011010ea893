package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"reputed/alerting"
	"reputed/internal/config"
	"reputed/internal/pipeline"
	"reputed/internal/store"
	"reputed/internal/trend"
)

// service is the product put together over an open database.
type service struct {
	pipeline  *pipeline.Pipeline
	store     *store.Store
	sources   []pipeline.Scheduled
	receivers []string
	language  *languageInForce
	socket    *alerting.SlackSocket // nil where nobody can answer in Slack
}

// assembly is what a service is put together from.
type assembly struct {
	config *config.Config
	dryRun bool // alerts are printed and stay in the outbox
	once   bool // one round, after which the program ends
	env    environment
	log    *slog.Logger
}

// service puts the parts together. What can be wrong in the configuration is
// found before the database is touched.
func (a assembly) service(ctx context.Context) (*service, error) {
	c := a.config
	receivers, err := newReceivers(c, a.dryRun, a.env, a.log)
	if err != nil {
		return nil, err
	}
	socket, err := newSocket(c, receivers, a.log)
	if err != nil {
		return nil, err
	}
	policy := policyOf(c)
	if a.once { // nothing comes later that an opening could wait for
		policy.GroupWait = 0
	}
	sources, err := newSources(c, newClient(c, a.env))
	if err != nil {
		return nil, err
	}
	words, err := newVocabulary(c)
	if err != nil {
		return nil, err
	}
	db, err := store.Open(ctx, c.Database)
	if err != nil {
		return nil, err
	}
	pseudonym, err := newPseudonym(c.Database + ".key")
	if err == nil {
		err = db.Describe(ctx, describe(c))
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	inForce := &languageInForce{config: c, env: a.env, words: words}
	l, err := words.language(a.env.language)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	inForce.Store(&l)
	var alerts alerting.Store = db
	alertLog := a.log
	if a.dryRun { // what is printed is not delivered, so nothing shall say so
		alerts, alertLog = &rehearsal{Store: db, shown: map[int64]bool{}}, slog.New(slog.DiscardHandler)
	}
	digests := alerting.NewDigestWatch(db, digestTimes(c), c.Timezone, watched(c), digestTarget(c), alertLog)
	if socket != nil {
		socket.Serve(desk{db, digests})
	}
	detector := detectorOf(c)
	crises := trend.DefaultEpisodes(detector)
	episodes := alerting.NewEpisodeWatch(db, crises.Find, crises.Before(), brandNames(c), alertLog)
	alerter := alerting.NewAlerter(alerts, receivers, policy, detector.Judge, trend.Remembered, brandNames(c), alertLog)
	alerter.Episode = episodes.Present
	alerter.Rules = rulesOf(db, c.Brands, detector.Probability)
	return &service{
		store:     db,
		sources:   sources,
		receivers: slices.Sorted(maps.Keys(receivers)),
		language:  inForce,
		socket:    socket,
		pipeline: &pipeline.Pipeline{
			Language: inForce.pair, Matcher: words.matcher, Store: db,
			Alerter: judges{
				alerter,
				[]judge{
					episodes,
					alerting.NewSourceWatch(db, trend.QuietUntil, operatorsTarget(c), alertLog),
					digests,
				},
			},
			Pseudonym: pseudonym,
			Clock:     time.Now, Jitter: rand.Float64, Log: a.log,
		},
	}, nil
}

// judges judge the talk, and then what others look at; what any finds goes through
// one outbox.
type judges struct {
	*alerting.Alerter
	others []judge
}

// judge looks at what is stored, and keeps what it finds.
type judge interface {
	Evaluate(ctx context.Context, now time.Time) error
}

// Evaluate lets all judge; the error of one does not keep the others from it.
func (j judges) Evaluate(ctx context.Context, now time.Time) error {
	errs := []error{j.Alerter.Evaluate(ctx, now)}
	for _, other := range j.others {
		errs = append(errs, other.Evaluate(ctx, now))
	}
	return errors.Join(errs...)
}

func describe(c *config.Config) []store.SourceInfo {
	infos := make([]store.SourceInfo, len(c.Sources))
	for i, s := range c.Sources {
		reach := s.Reach
		s.Every, s.Reach = 0, 0 // how often it is read, and by whom, does not change what is found
		infos[i] = store.SourceInfo{
			Name: s.Name, Kind: s.Kind, URL: cmp.Or(s.URL, s.Folder),
			Setup: sumOf("%#v", s), Brands: sumOf("%q", c.Brands), // a new alias must be looked for in what the source holds already
			Reach: reach,
		}
	}
	return infos
}

// sumOf stands for a part of the configuration: another value has another sum.
func sumOf(format string, part any) string {
	sum := sha256.Sum256(fmt.Appendf(nil, format, part))
	return hex.EncodeToString(sum[:8])
}
