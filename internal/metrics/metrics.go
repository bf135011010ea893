// Package metrics shows a running daemon to Prometheus: how each source fares, as
// the database has it, and how the polls go. It exists so that an operator's own
// monitoring sees what `reputed sources` shows, without another query language.
package metrics

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"reputed/internal/reputation"
)

// Health tells how the sources fare.
type Health func(ctx context.Context) ([]reputation.SourceHealth, error)

// Backlogs tells what waits for receivers, also for those for which nothing does.
type Backlogs func(ctx context.Context) ([]reputation.Backlog, error)

// Metrics gathers what is shown. Names and units follow Prometheus's
// conventions (https://prometheus.io/docs/practices/naming/).
type Metrics struct {
	registry *prometheus.Registry
	log      *slog.Logger
	polls    *prometheus.CounterVec
	items    prometheus.Counter
	mentions prometheus.Counter
	delay    *prometheus.HistogramVec
	duration prometheus.Histogram
}

// New returns Metrics of the sources that health tells of, and of the receivers that
// backlogs tells of. The log is told of what cannot be shown.
func New(health Health, backlogs Backlogs, log *slog.Logger) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		log:      log,
		polls: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "reputed_polls_total", Help: "Polls of sources, by outcome.",
		}, []string{"outcome"}),
		items: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "reputed_items_total", Help: "New items of all sources, whether they name a brand or not.",
		}),
		mentions: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "reputed_mentions_total", Help: "New mentions stored.",
		}),
		delay: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "reputed_poll_delay_seconds", Help: "How much later than due a poll began, by outcome: those that fail may have waited for another of their host.",
			Buckets: []float64{0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100},
		}, []string{"outcome"}),
		duration: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "reputed_poll_duration_seconds", Help: "How long a poll took, from the request to the commit.",
			Buckets: []float64{0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100},
		}),
	}
	m.registry.MustRegister(
		m.polls, m.items, m.mentions, m.delay, m.duration, &sources{health, log}, &receivers{backlogs, time.Now, log},
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	return m
}

// Polled counts a poll: how late it began, how long it took, how many items were
// new and how many new mentions were stored, and whether the source failed.
func (m *Metrics) Polled(delay, took time.Duration, items, mentions int, failed bool) {
	outcome := "success"
	if failed {
		outcome = "failure"
	}
	m.polls.WithLabelValues(outcome).Inc()
	m.items.Add(float64(items))
	m.mentions.Add(float64(mentions))
	m.delay.WithLabelValues(outcome).Observe(max(0, delay).Seconds())
	m.duration.Observe(took.Seconds())
}

// Slack adds whether people can press buttons in Slack, as connected tells.
func (m *Metrics) Slack(connected func() bool) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "reputed_slack_connected", Help: "Whether the connection stands over which people answer alerts in Slack: 1 or 0.",
	}, func() float64 {
		if connected() {
			return 1
		}
		return 0
	}))
}

// Handler answers Prometheus at /metrics.
func (m *Metrics) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{
		ErrorLog:            slog.NewLogLogger(m.log.Handler(), slog.LevelError),
		MaxRequestsInFlight: 2,
	}))
	return mux
}

// sources is a prometheus.Collector that asks how the sources fare at each scrape.
type sources struct {
	health Health
	log    *slog.Logger
}

// scrapeTimeout is Prometheus's own default.
const scrapeTimeout = 10 * time.Second

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("reputed_source_"+name, help, append([]string{"source"}, labels...), nil)
}

// families are the metrics of a source; a value that is not known is left out.
func families() []struct {
	desc  *prometheus.Desc
	value func(h reputation.SourceHealth) (float64, bool)
} {
	at := func(t time.Time) (float64, bool) { return float64(t.Unix()), !t.IsZero() }
	return []struct {
		desc  *prometheus.Desc
		value func(h reputation.SourceHealth) (float64, bool)
	}{
		{describe("last_success_timestamp_seconds", "When the source was read last."), func(h reputation.SourceHealth) (float64, bool) { return at(h.LastSuccess) }},
		{describe("last_item_timestamp_seconds", "When a poll brought a new item last."), func(h reputation.SourceHealth) (float64, bool) { return at(h.LastItem) }},
		{describe("next_poll_timestamp_seconds", "When the next poll is planned."), func(h reputation.SourceHealth) (float64, bool) { return at(h.NextPoll) }},
		{describe("items_per_day", "New items a day, mean of the last seven days."), func(h reputation.SourceHealth) (float64, bool) { return h.ItemsADay, true }},
		{describe("failures", "Polls in a row that failed."), func(h reputation.SourceHealth) (float64, bool) { return float64(h.Failures), true }},
	}
}

// Describe sends nothing: what is shown depends on the configured sources.
func (s *sources) Describe(chan<- *prometheus.Desc) {}

// Collect sends the metrics of all configured sources.
func (s *sources) Collect(out chan<- prometheus.Metric) {
	state := describe("state", "1 for the state that the source is in.", "state")
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTimeout)
	defer cancel()
	list, err := s.health(ctx)
	if err != nil {
		s.log.Error("show the sources to Prometheus", "error", err)
		out <- prometheus.NewInvalidMetric(state, err)
		return
	}
	shown := families()
	for _, h := range list {
		if h.State == "retired" {
			continue
		}
		out <- prometheus.MustNewConstMetric(state, prometheus.GaugeValue, 1, h.Name, h.State)
		for _, f := range shown {
			if value, known := f.value(h); known {
				out <- prometheus.MustNewConstMetric(f.desc, prometheus.GaugeValue, value, h.Name)
			}
		}
	}
}
