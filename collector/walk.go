package collector

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"reputed/internal/reputation"
)

const accept = "application/rss+xml, application/atom+xml, application/feed+json, text/html, application/xml;q=0.9, */*;q=0.8"

// walk is one request with its redirects. Each step is looked at anew: where it leads,
// whether robots.txt lets it, what may be sent there, and whose turn it is at the host.
type walk struct {
	client *Client
	asked  *url.URL          // the address that was asked for
	cursor reputation.Cursor // its validators go to the address that they came from
	inside bool              // allowed internal addresses may be reached
	left   time.Duration     // for answers; waiting for a turn is not counted

	robots bool // it is robots.txt itself that is asked for, without credentials
}

// arrival is where a walk ended.
type arrival struct {
	url       *url.URL // without user and password
	status    int
	header    http.Header
	body      []byte // of status 200
	permanent bool   // there were redirects, and all said that they were for good
	condition bool   // it was asked whether there is anything new
}

var errRedirects = fmt.Errorf("more than %d redirects", maxRedirects)

func (w *walk) follow(ctx context.Context, u *url.URL) (*arrival, error) {
	permanent := true
	for n := 0; ; n++ {
		got, next, err := w.step(ctx, u)
		if err != nil && n > 0 && !isRobotsError(err) {
			err = fmt.Errorf("redirected to %s: %w", shown(u.String()), err)
		}
		if err != nil {
			return nil, err
		}
		if next == nil {
			got.permanent = permanent && n > 0
			return got, nil
		}
		permanent = permanent && (got.status == http.StatusMovedPermanently || got.status == http.StatusPermanentRedirect)
		if n == maxRedirects {
			return nil, errRedirects
		}
		u = next
	}
}

func isRobotsError(err error) bool {
	var robots *RobotsError
	return errors.As(err, &robots)
}

// step asks one address. Next is where its answer redirects to, or nil.
func (w *walk) step(ctx context.Context, u *url.URL) (got *arrival, next *url.URL, err error) {
	c := w.client
	if err := c.guard.admit(u, w.inside); err != nil {
		return nil, nil, err
	}
	if !w.robots && c.site.Robots {
		if err := w.obeyRobots(ctx, u); err != nil {
			return nil, nil, err
		}
	}
	host, own := c.turn(u)
	gap := c.options.Gap
	if own {
		gap = 0
	}
	leave, err := c.lanes.enter(ctx, host, max(gap, c.robots.delay(u)))
	if err != nil {
		return nil, nil, err
	}
	defer leave()

	began := time.Now()
	defer func() { w.left -= time.Since(began) }()
	bounded, cancel := context.WithTimeoutCause(ctx, w.left, fmt.Errorf("no complete answer within %s", c.options.Timeout))
	defer cancel()
	got, next, err = w.exchange(bounded, u)
	if err == nil && !own {
		c.lanes.closeUntil(host, retryAt(got.status, got.header.Get("Retry-After"), c.now()))
	}
	if cause := context.Cause(bounded); cause != nil && ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
		err = cause
	}
	return got, next, err
}

// turn is the host whose turn must be waited for. The user's own are told apart by
// port; requests to them keep no gap.
func (c *Client) turn(u *url.URL) (host string, own bool) {
	if address := dialAddress(u); c.guard.names(address) {
		return address, true
	}
	return strings.ToLower(u.Hostname()), false
}

func (w *walk) exchange(ctx context.Context, u *url.URL) (*arrival, *url.URL, error) {
	c := w.client
	way := route{proxy: c.site.Proxy, inside: w.inside}
	if proxy, err := c.proxy(u); err != nil {
		return nil, nil, fmt.Errorf("choose the proxy: %w", err)
	} else if proxy != nil {
		if err := c.guard.checkProxied(ctx, u, w.inside); err != nil {
			return nil, nil, err
		}
		way.proxied = true
	}
	req, err := w.request(ctx, u)
	if err != nil {
		return nil, nil, err
	}
	answer, err := c.transports.on(way, c.proxy).RoundTrip(req) // not http.Client, which has redirects of its own
	if err != nil {
		return nil, nil, err
	}
	defer answer.Body.Close() // read to its end or given up: nothing to learn from the error
	got := &arrival{url: req.URL, status: answer.StatusCode, header: answer.Header}
	got.condition = len(req.Header["If-None-Match"])+len(req.Header["If-Modified-Since"]) > 0
	switch answer.StatusCode {
	case http.StatusOK:
		got.body, err = w.read(answer)
		return got, nil, err
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		next, err := redirect(u, answer.Header.Get("Location"))
		return got, next, err
	}
	return got, nil, nil
}

func (w *walk) read(answer *http.Response) ([]byte, error) {
	limit := w.client.options.MaxBytes
	if w.robots {
		limit = maxRobots
	}
	body, err := decoded(answer.Body, answer.Header.Get("Content-Encoding"))
	if err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	content, err := readBody(body, limit)
	switch {
	case errors.Is(err, errTooLarge) && w.robots:
		return content, nil
	case errors.Is(err, errTooLarge):
		return nil, fmt.Errorf("the answer is larger than %d bytes; use a shorter feed or page", limit)
	case err != nil:
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	return content, nil
}

// request is what is sent to u: validators to the address that they came from, what
// is secret to the origin that it was given for.
func (w *walk) request(ctx context.Context, u *url.URL) (*http.Request, error) {
	c := w.client
	bare := *u
	bare.User = nil
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, bare.String(), nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", c.userAgent())
	req.Header.Set("Accept", accept)
	req.Header.Set("Accept-Encoding", acceptEncoding)
	if w.robots {
		return req, nil
	}
	if bare.String() == cmp.Or(w.cursor.From, bareAddress(w.asked)) {
		setUnlessEmpty(req.Header, "If-None-Match", w.cursor.ETag)
		setUnlessEmpty(req.Header, "If-Modified-Since", w.cursor.LastModified)
	}
	for _, known := range []*url.URL{c.origin, w.asked} {
		if known != nil && known.User != nil && sameOrigin(known, u) {
			password, _ := known.User.Password()
			req.SetBasicAuth(known.User.Username(), password)
		}
	}
	if c.origin != nil && sameOrigin(c.origin, u) {
		for name, values := range c.site.Header {
			req.Header[http.CanonicalHeaderKey(name)] = values
		}
	}
	return req, nil
}

// setUnlessEmpty sends a validator as it came.
func setUnlessEmpty(h http.Header, name, value string) {
	if value != "" {
		h[name] = []string{value}
	}
}

// redirect is where an answer from u leads. A user and password in it are dropped: it
// is not for a publisher to say who we are.
func redirect(u *url.URL, location string) (*url.URL, error) {
	if location == "" {
		return nil, errors.New("a redirect without an address")
	}
	next, err := u.Parse(location)
	if err != nil {
		return nil, errors.New("a redirect to what is no address")
	}
	if s := next.Scheme; s != "http" && s != "https" {
		return nil, fmt.Errorf("redirect to scheme %q: only http and https are read", s)
	}
	next.User = nil
	if next, err = webAddress(next.String()); err != nil {
		return nil, fmt.Errorf("a redirect: %w", err)
	}
	return next, nil
}

func bareAddress(u *url.URL) string {
	bare := *u
	bare.User = nil
	return bare.String()
}

// sameOrigin compares scheme, host and port (RFC 6454).
func sameOrigin(a, b *url.URL) bool {
	return a.Scheme == b.Scheme && dialAddress(a) == dialAddress(b)
}

// A permanent redirect is believed after so many polls in a row that met it, and for
// so long: an error of a server's configuration looks the same.
const (
	believeAfter = 3
	believeFor   = 7 * 24 * time.Hour
)

// remembered is the address to begin at, or nil for the source's own.
func remembered(m reputation.Moved, now time.Time) *url.URL {
	if m.Times < believeAfter || now.Sub(m.Seen) >= believeFor {
		return nil
	}
	u, err := webAddress(m.To)
	if err != nil {
		return nil // stored by another hand
	}
	return u
}

// moved is what is known after an answer.
func moved(before reputation.Moved, asked, begin *url.URL, got *arrival, now time.Time) reputation.Moved {
	to := got.url.String()
	switch {
	case begin != asked && to == before.To: // asked where it moved to, which still is so
		return before
	case begin != asked, !got.permanent, asked.Scheme == "https" && got.url.Scheme != "https":
		return reputation.Moved{}
	case to == before.To:
		return reputation.Moved{To: to, Times: before.Times + 1, Seen: now}
	}
	return reputation.Moved{To: to, Times: 1, Seen: now}
}
