package collector

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"
)

const (
	robotsFor      = 24 * time.Hour // RFC 9309, section 2.4: no longer than a day
	unreachableFor = time.Minute    // so that the articles of one poll do not ask again and again
	maxRobotsSites = 10_000         // remembered
	maxRobotsRules = 100_000        // of all remembered sites together
)

// robotsCache remembers robots.txt files by their site (scheme, host and port).
type robotsCache struct {
	clock func() time.Time
	turns *lanes // one that asks for a site's file; the others wait for what it gets

	mu     sync.Mutex
	bySite map[string]robotsAnswer
	rules  int // in all of them
}

// robotsAnswer is what came of asking for a robots.txt.
type robotsAnswer struct {
	robotsRules
	until       time.Time // when it is asked for again
	unreachable error     // why there was no answer, which forbids everything
}

func newRobotsCache(clock func() time.Time) *robotsCache {
	return &robotsCache{clock: clock, turns: newLanes(clock), bySite: make(map[string]robotsAnswer)}
}

func (r *robotsCache) get(site string) (robotsAnswer, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	a, known := r.bySite[site]
	now := r.clock()
	return a, known && now.Before(a.until) && a.until.Sub(now) <= robotsFor // the clock may have been set back
}

func (r *robotsCache) put(site string, a robotsAnswer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.drop(site)
	now := r.clock()
	full := func() bool { return len(r.bySite) >= maxRobotsSites || r.rules+len(a.rules) > maxRobotsRules }
	if full() {
		for old, answer := range r.bySite {
			if !now.Before(answer.until) {
				r.drop(old)
			}
		}
	}
	for old := range r.bySite { // any: what is dropped is only asked for again
		if !full() {
			break
		}
		r.drop(old)
	}
	r.bySite[site] = a
	r.rules += len(a.rules)
}

func (r *robotsCache) drop(site string) {
	r.rules -= len(r.bySite[site].rules)
	delete(r.bySite, site)
}

// delay is the gap that a site's robots.txt asks for, as far as it is known.
func (r *robotsCache) delay(u *url.URL) time.Duration {
	a, _ := r.get(siteOf(u))
	return a.delay
}

func siteOf(u *url.URL) string { return u.Scheme + "://" + dialAddress(u) }

// obeyRobots returns a [*RobotsError] if u may not be asked for. The site's robots.txt
// is fetched if it is not known.
func (w *walk) obeyRobots(ctx context.Context, u *url.URL) error {
	c, site := w.client, siteOf(u)
	a, known := c.robots.get(site)
	if !known {
		leave, err := c.robots.turns.enter(ctx, site, 0)
		if err != nil {
			return err
		}
		defer leave()
		if a, known = c.robots.get(site); !known {
			a = w.askRobots(ctx, u)
			if ctx.Err() != nil {
				return ctx.Err()
			}
			c.robots.put(site, a)
		}
	}
	path := u.EscapedPath()
	if path == "" {
		path = "/"
	}
	if u.RawQuery != "" {
		path += "?" + u.RawQuery
	}
	if a.unreachable != nil || !a.allows(path) {
		return &RobotsError{URL: shown(u.String()), Host: u.Host, Unreachable: a.unreachable}
	}
	return nil
}

// askRobots fetches the robots.txt of a site. An answer of 4xx, or redirects without
// end, mean that there is none (RFC 9309, section 2.3.1), but for "too many requests":
// that, 5xx and silence forbid everything, for a short time.
func (w *walk) askRobots(ctx context.Context, u *url.URL) robotsAnswer {
	file := &url.URL{Scheme: u.Scheme, Host: u.Host, Path: "/robots.txt"}
	inner := &walk{client: w.client, asked: file, inside: w.inside, left: w.left, robots: true}
	got, err := inner.follow(ctx, file)
	w.left = inner.left
	now := w.client.options.Clock()
	switch {
	case errors.Is(err, errRedirects):
		return robotsAnswer{until: now.Add(robotsFor)}
	case err != nil:
		return robotsAnswer{until: now.Add(unreachableFor), unreachable: err}
	case got.status == http.StatusOK:
		return robotsAnswer{until: now.Add(robotsFor), robotsRules: parseRobots(string(got.body), product)}
	case got.status >= 500 || got.status == http.StatusTooManyRequests:
		err := fmt.Errorf("status %d %s", got.status, http.StatusText(got.status))
		return robotsAnswer{until: now.Add(unreachableFor), unreachable: err}
	}
	return robotsAnswer{until: now.Add(robotsFor)}
}
