package collector

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"reputed/internal/reputation"
)

const (
	defaultUserAgent = "reputed (brand reputation monitor)"
	defaultTimeout   = 30 * time.Second
	defaultMaxBytes  = 8 << 20
	defaultGap       = time.Second

	maxRedirects  = 5
	maxRetryAfter = 24 * time.Hour
)

// Options says how a [Client] behaves. The zero value is a good default.
type Options struct {
	// Allow names the internal destinations that may be reached: "host:port",
	// "host" (any port) or a CIDR prefix. A host is compared with the name in the
	// URL, a prefix with the resolved address. Named hosts are the user's own, so
	// requests to them keep no gap.
	Allow []string

	UserAgent string           // of every request; names the product by default
	Timeout   time.Duration    // of one request with its redirects and body; 30 s by default
	MaxBytes  int64            // of a body after decompression; 8 MiB by default
	Gap       time.Duration    // from the end of one request to a host to the start of the next; 1 s by default
	Clock     func() time.Time // time.Now by default
}

// Client fetches documents for all sources. It refuses internal addresses when it
// connects, so neither a redirect nor a changing name leads there; it sends one
// request at a time to a host; and it bounds time and size. It uses no proxy,
// since a proxy would connect where the client does not look.
type Client struct {
	http      *http.Client
	lanes     *lanes
	guard     *guard
	userAgent string
	timeout   time.Duration
	maxBytes  int64
	clock     func() time.Time
}

// NewClient returns a client with the given options.
func NewClient(o Options) *Client {
	c := &Client{
		userAgent: orDefault(o.UserAgent, defaultUserAgent),
		timeout:   orDefault(o.Timeout, defaultTimeout),
		maxBytes:  orDefault(o.MaxBytes, defaultMaxBytes),
		clock:     o.Clock,
		guard:     newGuard(o.Allow),
	}
	if c.clock == nil {
		c.clock = time.Now
	}
	c.lanes = newLanes(orDefault(o.Gap, defaultGap), c.clock)
	c.http = &http.Client{
		CheckRedirect: checkRedirect,
		Transport: &http.Transport{
			DialContext:            c.guard.dial,
			ForceAttemptHTTP2:      true,
			TLSHandshakeTimeout:    10 * time.Second,
			IdleConnTimeout:        time.Minute,
			MaxIdleConns:           100,
			MaxIdleConnsPerHost:    1,
			MaxResponseHeaderBytes: 256 << 10,
		},
	}
	return c
}

func orDefault[T comparable](value, fallback T) T {
	var zero T
	if value == zero {
		return fallback
	}
	return value
}

func checkRedirect(req *http.Request, via []*http.Request) error {
	if len(via) > maxRedirects {
		return fmt.Errorf("more than %d redirects", maxRedirects)
	}
	if s := req.URL.Scheme; s != "http" && s != "https" {
		return fmt.Errorf("redirect to scheme %q: only http and https are read", s)
	}
	return nil
}

// Response is a complete answer to a request.
type Response struct {
	URL         string            // the address after redirects
	ContentType string            // as the server sent it
	Body        []byte            // decompressed; nil when Unchanged
	Unchanged   bool              // status 304, or a body equal to the last one
	Cursor      reputation.Cursor // the cursor to store once the body has been used
	Fetched     time.Time         // when the answer was complete; UTC, to the second
}

// ErrNotYet is returned without a request being made when the server has asked
// for none before a time that is still to come.
var ErrNotYet = errors.New("the server asked for no request yet")

// StatusError is an answer other than 200 and 304.
type StatusError struct {
	URL     string    // host and path; a query may hold a secret
	Status  int       // HTTP status code
	RetryAt time.Time // when the server wants the next request; zero if it did not say
}

func (e *StatusError) Error() string {
	msg := fmt.Sprintf("get %s: status %d %s: %s", e.URL, e.Status, http.StatusText(e.Status), advice(e.Status))
	if !e.RetryAt.IsZero() {
		msg += "; next request not before " + e.RetryAt.Format(time.RFC3339)
	}
	return msg
}

func advice(status int) string {
	switch {
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return "the server lets no program read this address; use one that needs no login"
	case status == http.StatusNotFound:
		return "check the address of the source"
	case status == http.StatusGone:
		return "the publisher removed it for good; remove the source"
	case status == http.StatusTooManyRequests:
		return "poll this source less often"
	case status >= 500:
		return "the server is in trouble; it is asked again at the next poll"
	}
	return "open the address in a browser to see what the server wants"
}

// Get fetches rawURL, conditionally when cur holds validators (RFC 9110, section
// 13). It waits for its turn at the host and for the host's gap, as long as ctx
// lasts. A status other than 200 and 304 is a [*StatusError]; a request before
// cur.NotBefore is [ErrNotYet]. Errors name host and path, never the query.
func (c *Client) Get(ctx context.Context, rawURL string, cur reputation.Cursor) (*Response, error) {
	u, err := url.Parse(rawURL)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, fmt.Errorf("get %s: not an http or https address with a host", shown(rawURL))
	}
	if c.clock().Before(cur.NotBefore) {
		return nil, fmt.Errorf("get %s: %w: not before %s", shown(rawURL), ErrNotYet, cur.NotBefore.Format(time.RFC3339))
	}
	leave, err := c.lanes.enter(ctx, dialAddress(u), c.guard.names(dialAddress(u)))
	if err != nil {
		return nil, fmt.Errorf("get %s: wait for earlier requests to the host: %w", shown(rawURL), err)
	}
	defer leave()

	ctx, cancel := context.WithTimeoutCause(ctx, c.timeout, fmt.Errorf("no complete answer within %s", c.timeout))
	defer cancel()
	resp, err := c.fetch(ctx, u, cur)
	if err != nil {
		return nil, c.describe(ctx, rawURL, err)
	}
	return resp, nil
}

func (c *Client) fetch(ctx context.Context, u *url.URL, cur reputation.Cursor) (*Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", c.userAgent)
	req.Header.Set("Accept", "application/rss+xml, application/atom+xml, application/feed+json, text/html, application/xml;q=0.9, */*;q=0.8")
	if cur.ETag != "" {
		req.Header.Set("If-None-Match", cur.ETag)
	}
	if cur.LastModified != "" {
		req.Header.Set("If-Modified-Since", cur.LastModified)
	}
	answer, err := c.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close() // read to its end or given up: nothing to learn from the error

	final := *answer.Request.URL
	final.User = nil // links are resolved against it, and must not show a password
	out := &Response{URL: final.String(), ContentType: answer.Header.Get("Content-Type"), Cursor: cur}
	switch answer.StatusCode {
	case http.StatusNotModified:
		out.Unchanged = true
	case http.StatusOK:
		if err := c.read(answer, out); err != nil {
			return nil, err
		}
	default:
		return nil, &StatusError{URL: shown(u.String()), Status: answer.StatusCode, RetryAt: c.retryAt(answer)}
	}
	out.Fetched = c.now()
	return out, nil
}

// read takes the body and what must be remembered of it.
func (c *Client) read(answer *http.Response, out *Response) error {
	body, err := io.ReadAll(io.LimitReader(answer.Body, c.maxBytes+1))
	if err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	if int64(len(body)) > c.maxBytes {
		return fmt.Errorf("the answer is larger than %d bytes; use a shorter feed or page", c.maxBytes)
	}
	digest := shortHash(string(body))
	out.Unchanged = digest == out.Cursor.Digest
	out.Cursor = reputation.Cursor{
		ETag:         answer.Header.Get("ETag"),
		LastModified: answer.Header.Get("Last-Modified"),
		Digest:       digest,
		Seen:         out.Cursor.Seen,
	}
	if !out.Unchanged {
		out.Body = body
	}
	return nil
}

// retryAt reads Retry-After, in seconds or as a date (RFC 9110, section 10.2.3),
// bounded so that one absurd answer does not silence a source for ever.
func (c *Client) retryAt(answer *http.Response) time.Time {
	if s := answer.StatusCode; s != http.StatusTooManyRequests && s != http.StatusServiceUnavailable {
		return time.Time{}
	}
	value, now := answer.Header.Get("Retry-After"), c.now()
	latest := now.Add(maxRetryAfter)
	at, err := http.ParseTime(value)
	if seconds, isNumber := strconv.ParseInt(value, 10, 64); isNumber == nil {
		at, err = latest, nil
		if seconds < int64(maxRetryAfter/time.Second) {
			at = now.Add(time.Duration(seconds) * time.Second)
		}
	}
	switch {
	case err != nil || !at.After(now):
		return time.Time{} // absent, nonsense or over: the poll interval decides
	case at.After(latest):
		return latest
	}
	return at.UTC()
}

// describe says of a failed request what was asked, without the parts of the
// address that net/http would quote.
func (c *Client) describe(ctx context.Context, rawURL string, err error) error {
	var status *StatusError
	if errors.As(err, &status) {
		return err
	}
	var outer *url.Error
	if errors.As(err, &outer) {
		err = outer.Err
	}
	if cause := context.Cause(ctx); cause != nil && errors.Is(err, context.DeadlineExceeded) {
		err = cause
	}
	return fmt.Errorf("get %s: %w", shown(rawURL), err)
}

func (c *Client) now() time.Time { return c.clock().UTC().Truncate(time.Second) }

// shown is what errors may say of an address: host and path.
func shown(rawURL string) string {
	u, err := url.Parse(rawURL)
	if err != nil {
		return "an address that is no URL"
	}
	return u.Host + u.EscapedPath()
}

// shortHash names a content by 16 hexadecimal digits of its SHA-256.
func shortHash(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:8])
}
