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
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/term"

	"reputed/alerting"
	"reputed/collector"
	"reputed/internal/config"
	"reputed/internal/pipeline"
	"reputed/internal/reputation"
	"reputed/internal/store"
	"reputed/internal/trend"
)

// brandNames lists the brands that are watched; competitors are only counted.
func brandNames(c *config.Config) []string {
	names := make([]string, len(c.Brands))
	for i, b := range c.Brands {
		names[i] = b.Name
	}
	return names
}

// loadConfig reads the configuration file for a command.
func loadConfig(path string, env environment) (*config.Config, error) {
	c, err := config.Load(path, env.getenv)
	if err != nil && strings.Contains(err.Error(), "\n") {
		return nil, fmt.Errorf("the configuration has several errors:\n%w", err)
	}
	return c, err
}

// loadOptional reads the configuration file for a command that needs none: an empty
// path stands for one that says nothing.
func loadOptional(path string, env environment) (*config.Config, error) {
	if path == "" {
		return &config.Config{}, nil
	}
	return loadConfig(path, env)
}

// openConfigured reads the configuration file and opens its database for a command: by
// store.OpenReader, or store.OpenBeside to change what a daemon may be at work on.
func openConfigured(ctx context.Context, path string, env environment, open func(context.Context, string) (*store.Store, error)) (*config.Config, *store.Store, error) {
	cfg, err := loadConfig(path, env)
	if err != nil {
		return nil, nil, err
	}
	db, err := open(ctx, cfg.Database)
	return cfg, db, err
}

// newClient makes the HTTP client that all sources share.
func newClient(c *config.Config, env environment) *collector.Client {
	return collector.NewClient(collector.Options{Allow: c.Fetch.Allow, Contact: c.Fetch.Contact, Getenv: env.getenv})
}

// clientFor is the client as the i-th configured source uses it.
func clientFor(c *config.Config, i int, client *collector.Client) (*collector.Client, error) {
	s := c.Sources[i]
	site := collector.Site{URL: s.URL, Robots: s.ObeysRobots(), Proxy: cmp.Or(s.Proxy, c.Fetch.Proxy, "environment")}
	if s.HeadersFile != "" {
		headers, err := config.ReadHeaders(s.HeadersFile)
		if err != nil {
			return nil, c.Wrong(err, "sources", i, "headers_file")
		}
		site.Header = headers
	}
	own, err := client.For(site)
	if err != nil {
		return nil, c.Wrong(err, "sources", i)
	}
	return own, nil
}

// newSource makes the i-th configured source. The error names the key that is
// wrong.
func newSource(c *config.Config, i int, client *collector.Client) (pipeline.Source, error) {
	s := c.Sources[i]
	client, err := clientFor(c, i, client)
	if err != nil {
		return nil, err
	}
	var source pipeline.Source
	switch s.Kind {
	case config.KindPage:
		source, err = collector.NewPage(s.Name, s.URL, selectorsOf(s), client, c.Timezone)
	case config.KindSitemap:
		source, err = collector.NewSitemap(s.Name, s.URL, s.Text, client, c.Timezone)
	case config.KindRSSHub:
		source = collector.NewRSSHub(s.Name, s.URL, client, c.Timezone)
	case config.KindSurvey:
		source = collector.NewSurvey(s.Name, surveyOf(s, c.Timezone), folder(s.Folder), time.Now)
	case config.KindFiles:
		source = collector.NewFiles(s.Name, folder(s.Folder), time.Now, c.Timezone)
	default:
		source = collector.NewFeed(s.Name, s.URL, client, c.Timezone)
	}
	if err != nil {
		return nil, c.Wrong(err, "sources", i)
	}
	return source, nil
}

func selectorsOf(s config.Source) collector.Selectors {
	return collector.Selectors{Item: s.Item, Title: s.Title, Link: s.Link, Published: s.Published, Text: s.Text, Pages: s.Pages}
}

func surveyOf(s config.Source, zone *time.Location) collector.Survey {
	return collector.Survey{
		Brand: s.Brand, Zone: zone, Text: s.Columns.Text, NPS: s.Columns.NPS, CSAT: s.Columns.CSAT,
		Date: s.Columns.Date, Language: s.Columns.Language, ID: s.Columns.ID,
	}
}

// folder opens the folder of a source, out of which no name or link leads.
func folder(path string) func() (collector.Disk, error) {
	return func() (collector.Disk, error) {
		root, err := os.OpenRoot(path)
		if err != nil {
			return nil, err
		}
		return root, nil
	}
}

// newSources makes all configured sources; the error joins what is wrong with any.
func newSources(c *config.Config, client *collector.Client) ([]pipeline.Scheduled, error) {
	var sources []pipeline.Scheduled
	var errs []error
	for i, s := range c.Sources {
		source, err := newSource(c, i, client)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		sources = append(sources, pipeline.Scheduled{Source: source, Every: s.Every, Host: hostOf(s.URL)})
	}
	return sources, errors.Join(errs...)
}

// hostOf is the host and port that an address leads to; empty if it leads to none.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return ""
	}
	return strings.ToLower(hostPort(u))
}

func sourceNames(c *config.Config) []string {
	names := make([]string, len(c.Sources))
	for i, s := range c.Sources {
		names[i] = s.Name
	}
	return names
}

// The receivers that need no entry of their own in the configuration.
const (
	slackReceiver    = "slack"
	terminalReceiver = "terminal"
)

// newReceivers makes the receivers of alerts by their names: those that are configured,
// else the terminal. In a dry run all is shown on the terminal. The error joins what is
// wrong with any.
func newReceivers(c *config.Config, dryRun bool, env environment, log *slog.Logger) (map[string]alerting.Notifier, error) {
	if dryRun {
		return map[string]alerting.Notifier{defaultTarget(c).Receiver: newTerminal(c, env)}, nil
	}
	wording := wordingOf(c, env)
	httpClient := &http.Client{Timeout: 30 * time.Second}
	receivers := make(map[string]alerting.Notifier)
	var errs []error
	for i, r := range c.Receivers {
		receiver, err := newReceiver(c, i, httpClient, wording)
		errs = append(errs, err)
		receivers[r.Name] = receiver
	}
	switch {
	case c.Slack.TokenFile != "":
		token, err := config.ReadSecret(c.Slack.TokenFile)
		if err != nil {
			errs = append(errs, c.Wrong(err, "slack", "token_file"))
		}
		receivers[slackReceiver] = alerting.NewSlackBot(token, c.Slack.Channel, c.Slack.APIURL, httpClient, wording).LogTo(log)
	case c.Slack.WebhookFile != "":
		address, err := config.ReadSecret(c.Slack.WebhookFile)
		if err != nil {
			errs = append(errs, c.Wrong(err, "slack", "webhook_file"))
		}
		receivers[slackReceiver] = alerting.NewSlackWebhook(address, httpClient, wording)
	case len(c.Receivers) == 0:
		receivers[terminalReceiver] = newTerminal(c, env)
	}
	return receivers, errors.Join(errs...)
}

// defaultTarget is where alerts go that no route sends elsewhere.
func defaultTarget(c *config.Config) reputation.Target {
	return reputation.Target{Receiver: cmp.Or(c.DefaultReceiver(), terminalReceiver)}
}

// policyOf says when and whom to tell of alerts.
func policyOf(c *config.Config) alerting.Policy {
	p := alerting.Policy{Default: defaultTarget(c), GroupWait: c.Alerts.GroupWait, Repeat: c.Alerts.RepeatInterval}
	if from, to, ok := c.Alerts.QuietHours.Minutes(); ok {
		p.Quiet = alerting.QuietHours{
			From: from, To: to, Days: c.Alerts.QuietHours.Weekdays(),
			Except: reputation.Severity(c.Alerts.QuietHours.Except), Zone: c.Timezone,
		}
	}
	for _, r := range c.Alerts.Routes {
		target := defaultTarget(c)
		target.Receiver = cmp.Or(r.Receiver, target.Receiver)
		target.Channel, target.Mentions = r.Channel, r.Mentions
		p.Routes = append(p.Routes, alerting.Route{
			Brands: r.Brands, Rules: r.Rules, Drivers: r.Drivers, Severity: reputation.Severity(r.Severity), Target: target, Continue: r.Continue,
		})
	}
	return p
}

// operatorsTarget is where notices about sources go.
func operatorsTarget(c *config.Config) reputation.Target {
	target := defaultTarget(c)
	if target.Receiver == slackReceiver {
		target.Channel = c.Slack.Operators
	}
	return target
}

// digestTarget is where digests go.
func digestTarget(c *config.Config) reputation.Target {
	target := defaultTarget(c)
	target.Channel = c.Digests.Channel
	return target
}

// digestTimes is when digests are due.
func digestTimes(c *config.Config) (times []alerting.DigestTime) {
	if minutes, ok := c.Digests.DailyMinutes(); ok {
		times = append(times, alerting.DigestTime{Kind: reputation.Daily, Minutes: minutes})
	}
	if day, minutes, ok := c.Digests.WeeklyMinutes(); ok {
		times = append(times, alerting.DigestTime{Kind: reputation.Weekly, Weekday: day, Minutes: minutes})
	}
	return times
}

// watched lists the brands with their competitors.
func watched(c *config.Config) []alerting.Watched {
	list := make([]alerting.Watched, len(c.Brands))
	for i, b := range c.Brands {
		list[i] = alerting.Watched{Brand: b.Name, Competitors: b.Competitors}
	}
	return list
}

// newTerminal shows alerts on standard output, in colour where a person watches.
func newTerminal(c *config.Config, env environment) *alerting.Terminal {
	s, _ := screenOf(env)
	return alerting.NewTerminal(env.stdout, s.colour, s.width, wordingOf(c, env))
}

// screen is how standard output can show text to people.
type screen struct {
	width  int // columns
	colour bool
}

// screenOf also tells whether a person watches: standard output is a terminal.
func screenOf(env environment) (s screen, watched bool) {
	s = screen{width: 80}
	f, ok := env.stdout.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return s, false
	}
	s.colour = env.getenv("NO_COLOR") == ""
	if w, _, err := term.GetSize(int(f.Fd())); err == nil {
		s.width = min(w, 120)
	}
	return s, true
}

// shownPath is how people name the configuration: a service reads a copy of it that
// only the service sees.
func shownPath(c *config.Config, env environment) string {
	if filepath.Dir(c.Path()) == env.getenv("CREDENTIALS_DIRECTORY") {
		return filepath.Base(c.Path())
	}
	return c.Path()
}

func wordingOf(c *config.Config, env environment) alerting.Wording {
	return alerting.Wording{Lang: c.Language, Zone: c.Timezone, Config: shownPath(c, env)}
}

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
		alerts, alertLog = rehearsal{db, map[int64]bool{}}, slog.New(slog.DiscardHandler)
	}
	digests := alerting.NewDigestWatch(db, digestTimes(c), c.Timezone, watched(c), digestTarget(c), alertLog)
	if socket != nil {
		socket.Serve(desk{db, digests})
	}
	detector := detectorOf(c)
	crises := trend.DefaultEpisodes(detector)
	episodes := alerting.NewEpisodeWatch(db, crises.Find, crises.Before(), brandNames(c), alertLog)
	alerter := alerting.NewAlerter(alerts, receivers, policy, detector.Judge, trend.Hours, brandNames(c), alertLog)
	alerter.Episode = episodes.Present
	alerter.Rules = rulesOf(db, c.Brands)
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

// detectorOf is the detector for negative mentions, as sensitive as is configured.
func detectorOf(c *config.Config) trend.Detector {
	p, _ := c.Alerts.Probability() // checked when the configuration was read
	return trend.Default().Sensitive(p)
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
