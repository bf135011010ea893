package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"reputed/alerting"
	"reputed/internal/config"
	"reputed/internal/reputation"
	"reputed/internal/store"
)

// desk lets what people do in Slack take effect in the store. It is an alerting.Desk.
type desk struct{ *store.Store }

// unknown says in alerting's words that something is not there.
func unknown(err error) error {
	for _, none := range []error{store.ErrNoAlert, store.ErrNoMention, store.ErrNoSilence} {
		if errors.Is(err, none) {
			return fmt.Errorf("%w: %w", alerting.ErrUnknown, err)
		}
	}
	return err
}

func (d desk) Case(ctx context.Context, alert int64, at reputation.Thread) (reputation.Alert, reputation.Message, error) {
	a, m, err := d.Store.Case(ctx, alert, at)
	return a, m, unknown(err)
}

func (d desk) Acknowledge(ctx context.Context, alert int64, by string, at time.Time) (reputation.Alert, error) {
	a, err := d.Store.Acknowledge(ctx, alert, by, at)
	return a, unknown(err)
}

// AddSilence stores a silence that makes sense.
func (d desk) AddSilence(ctx context.Context, s reputation.Silence) (reputation.Silence, error) {
	if err := alerting.CheckSilence(s, s.From); err != nil {
		return s, err
	}
	return d.Store.AddSilence(ctx, s)
}

func (d desk) EndSilence(ctx context.Context, silence int64, by string, at time.Time) (reputation.Silence, error) {
	s, err := d.Store.EndSilence(ctx, silence, by, at)
	return s, unknown(err)
}

func (d desk) Correct(ctx context.Context, mention int64, label reputation.Label, by string, at time.Time) (before reputation.Label, brand string, err error) {
	c, err := d.Store.Correct(ctx, mention, label, by, at)
	return c.Before, c.Brand, unknown(err)
}

// Status is how a brand stands now.
func (d desk) Status(ctx context.Context, brand string, now time.Time) (reputation.Status, error) {
	const day = 24 * time.Hour
	st := reputation.Status{Brand: brand, At: now}
	var err error
	if st.Now, _, st.Last, err = d.Tally(ctx, brand, now.Add(-day), now); err != nil {
		return st, err
	}
	if st.Before, _, _, err = d.Tally(ctx, brand, now.Add(-2*day), now.Add(-day)); err != nil {
		return st, err
	}
	open, err := d.Open(ctx)
	if err != nil {
		return st, err
	}
	for _, a := range open {
		if a.Brand == brand && a.State == reputation.Firing {
			st.Firing = append(st.Firing, reputation.DigestAlert{
				ID: a.ID, Brand: brand, Rule: a.Rule, Severity: a.Severity, State: a.State, OpenedAt: a.OpenedAt, Observed: a.Judgement.Observed, Peak: a.Peak,
			})
		}
	}
	return st, nil
}

// Report sums up the last seven days of the brands against the seven before.
func (d desk) Report(ctx context.Context, brands []string, now time.Time) (reputation.Digest, error) {
	const week = 7 * 24 * time.Hour
	digest := reputation.Digest{Kind: reputation.Weekly, From: now.Add(-week), To: now}
	for _, brand := range brands {
		b := reputation.BrandDigest{Brand: brand, Share: -1, ShareBefore: -1}
		var drivers, before []reputation.Count
		var err error
		if b.Now, drivers, _, err = d.Tally(ctx, brand, now.Add(-week), now); err != nil {
			return digest, err
		}
		if b.Before, before, _, err = d.Tally(ctx, brand, now.Add(-2*week), now.Add(-week)); err != nil {
			return digest, err
		}
		b.Drivers = moves(drivers, before)
		digest.Brands = append(digest.Brands, b)
	}
	return digest, nil
}

// moves sets counts of two periods beside each other, those first that moved most.
func moves(now, before []reputation.Count) []reputation.DriverMove {
	byName := make(map[string]reputation.DriverMove)
	for _, c := range now {
		byName[c.Name] = reputation.DriverMove{Driver: c.Name, Now: c.N}
	}
	for _, c := range before {
		move := byName[c.Name]
		move.Driver, move.Before = c.Name, c.N
		byName[c.Name] = move
	}
	var list []reputation.DriverMove
	for _, move := range byName {
		list = append(list, move)
	}
	distance := func(m reputation.DriverMove) int { return max(m.Now-m.Before, m.Before-m.Now) }
	slices.SortFunc(list, func(a, b reputation.DriverMove) int {
		return cmp.Or(cmp.Compare(distance(b), distance(a)), cmp.Compare(a.Driver, b.Driver))
	})
	return list
}

// newSocket makes the connection over which people answer in Slack; nil without a
// token for it. In a dry run nothing is sent, so nobody can answer.
func newSocket(c *config.Config, receivers map[string]alerting.Notifier, log *slog.Logger) (*alerting.SlackSocket, error) {
	bot, ok := receivers[slackReceiver].(*alerting.SlackBot)
	if c.Slack.AppTokenFile == "" || !ok {
		return nil, nil
	}
	token, err := config.ReadSecret(c.Slack.AppTokenFile)
	if err != nil {
		return nil, c.Wrong(err, "slack", "app_token_file")
	}
	client := &http.Client{Timeout: 30 * time.Second}
	return alerting.NewSlackSocket(token, c.Slack.APIURL, client, bot, brandNames(c), time.Now, log), nil
}
