package metrics

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// receivers is a prometheus.Collector that asks what waits for receivers at each scrape.
type receivers struct {
	backlogs Backlogs
	now      func() time.Time
	log      *slog.Logger
}

// Describe sends nothing: what is shown depends on the configured receivers.
func (r *receivers) Describe(chan<- *prometheus.Desc) {}

// Collect sends the metrics of all receivers and their channels.
func (r *receivers) Collect(out chan<- prometheus.Metric) {
	describe := func(name, help string) *prometheus.Desc {
		return prometheus.NewDesc("reputed_receiver_"+name, help, []string{"receiver", "channel"}, nil)
	}
	waiting := describe("waiting_messages", "Messages that wait to be delivered.")
	oldest := describe("oldest_waiting_seconds", "How long the oldest of them has waited; 0 if none waits.")
	failures := describe("failures", "Tries in a row to deliver one of them that failed, at most.")
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTimeout)
	defer cancel()
	list, err := r.backlogs(ctx)
	if err != nil {
		r.log.Error("show the receivers to Prometheus", "error", err)
		out <- prometheus.NewInvalidMetric(waiting, err)
		return
	}
	for _, b := range list {
		age := time.Duration(0)
		if b.Messages > 0 {
			age = max(0, r.now().Sub(b.Since))
		}
		gauge := func(desc *prometheus.Desc, value float64) {
			out <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, b.Receiver, b.Channel)
		}
		gauge(waiting, float64(b.Messages))
		gauge(oldest, age.Seconds())
		gauge(failures, float64(b.Failures))
	}
}
