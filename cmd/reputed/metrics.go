package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"time"

	"reputed/internal/metrics"
	"reputed/internal/pipeline"
	"reputed/internal/reputation"
)

// backlogs is what waits for each receiver, also where nothing does.
func (s *service) backlogs(ctx context.Context) ([]reputation.Backlog, error) {
	list, err := s.store.Backlogs(ctx)
	for _, name := range s.receivers {
		if !slices.ContainsFunc(list, func(b reputation.Backlog) bool { return b.Receiver == name }) {
			list = append(list, reputation.Backlog{Receiver: name})
		}
	}
	return list, err
}

// listen shows the service to Prometheus at an address, or nowhere if that is empty. The
// caller calls stop in the end.
func (s *service) listen(address string, log *slog.Logger) (stop func() error, err error) {
	if address == "" {
		return func() error { return nil }, nil
	}
	m := metrics.New(s.store.Health, s.backlogs, log)
	if s.socket != nil {
		m.Slack(func() bool { return s.socket.Health() == nil })
	}
	s.pipeline.Observe = func(delay, took time.Duration, r pipeline.Result, err error) {
		m.Polled(delay, took, r.Arrived, r.Fresh, err != nil)
	}
	at, stop, err := serveHTTP(address, m.Handler(), log)
	if err != nil {
		return nil, err
	}
	log.Info("metrics", "address", "http://"+at+"/metrics")
	return stop, nil
}

// serveHTTP serves a handler at an address until stop is called, and returns where: an
// address with the port 0 gets a free one.
func serveHTTP(address string, handler http.Handler, log *slog.Logger) (at string, stop func() error, err error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return "", nil, err
	}
	server := &http.Server{
		Handler: handler, ReadTimeout: 10 * time.Second, WriteTimeout: time.Minute, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 16 << 10,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			log.Error("serve HTTP", "address", listener.Addr().String(), "error", err)
		}
	}()
	return listener.Addr().String(), server.Close, nil
}
