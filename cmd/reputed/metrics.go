package main

import (
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"

	"reputed/internal/metrics"
	"reputed/internal/pipeline"
)

// listen shows the service to Prometheus at an address, or nowhere if that is
// empty. The caller calls stop in the end.
func (s *service) listen(address string, log *slog.Logger) (stop func() error, err error) {
	if address == "" {
		return func() error { return nil }, nil
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	m := metrics.New(s.store.Health, log)
	if s.socket != nil {
		m.Slack(func() bool { return s.socket.Health() == nil })
	}
	s.pipeline.Observe = func(delay, took time.Duration, r pipeline.Result, err error) {
		m.Polled(delay, took, r.Arrived, r.Fresh, err != nil)
	}
	server := &http.Server{
		Handler: m.Handler(), ReadTimeout: 10 * time.Second, WriteTimeout: time.Minute, MaxHeaderBytes: 16 << 10,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			log.Error("show metrics", "error", err)
		}
	}()
	log.Info("metrics", "address", "http://"+listener.Addr().String()+"/metrics")
	return server.Close, nil
}
