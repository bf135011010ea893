package collector

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/net/idna"

	"reputed/internal/reputation"
)

const (
	product = "reputed" // the name that robots.txt files know the program by

	defaultTimeout  = 30 * time.Second
	defaultMaxBytes = 4 << 20
	defaultGap      = time.Second

	maxRedirects  = 5
	maxAddress    = 8 << 10 // bytes; RFC 9110 wants 8000 octets to be possible
	maxRetryAfter = 24 * time.Hour
)

// Options says how a [Client] behaves. The zero value is a good default.
type Options struct {
	// Allow names the internal destinations that may be reached: "host:port",
	// "host" (any port) or a CIDR prefix. A host is compared with the name in the
	// URL, a prefix with the resolved address. Named hosts are the user's own, so
	// requests to them keep no gap.
	Allow []string

	// Contact is where a publisher can ask about the requests, an address of the web
	// or of mail; it stands in the user agent.
	Contact string

	// Getenv is needed where [Site.Proxy] is "environment".
	Getenv func(name string) string

	Timeout  time.Duration    // of one request with its redirects and body; 30 s by default
	MaxBytes int64            // of a body after decompression; 4 MiB by default
	Gap      time.Duration    // from the end of one request to a host to the start of the next; 1 s by default
	Clock    func() time.Time // time.Now by default
	Resolver *net.Resolver    // net.DefaultResolver by default
}

// Client fetches documents for all sources. It refuses internal addresses when it
// connects, so neither a redirect nor a changing name leads there; it sends one
// request at a time to a host; and it bounds time and size.
type Client struct {
	options    Options
	guard      *guard
	lanes      *lanes
	robots     *robotsCache
	transports *transports
	proxy      proxyFunc
	site       Site
	origin     *url.URL // of the site; nil if it has none
}

// Site is how the requests of one source are made, besides what holds for all.
type Site struct {
	// URL is the source's own address. What is secret in it, and Header, is sent to
	// its origin alone (scheme, host and port). Whether requests may go to internal
	// addresses of Options.Allow depends on it: those that a public site redirects or
	// links to may not. Without URL each request stands for itself.
	URL    string
	Header http.Header // such as Cookie or Authorization
	Robots bool        // robots.txt is obeyed (RFC 9309): for pages, which nobody published to be polled

	// Proxy is "none", the default; "environment" for what HTTP_PROXY, HTTPS_PROXY and
	// NO_PROXY say; or the address of a proxy (http, https or socks5). An internal proxy
	// must be named in Options.Allow. Where a proxy connects to the client cannot see:
	// before each request it resolves the host itself and refuses internal addresses,
	// but a name that changes in between is the proxy's to refuse.
	Proxy string
}

// NewClient returns a client with the given options.
func NewClient(o Options) *Client {
	o.Timeout = cmp.Or(o.Timeout, defaultTimeout)
	o.MaxBytes = cmp.Or(o.MaxBytes, defaultMaxBytes)
	o.Gap = cmp.Or(o.Gap, defaultGap)
	o.Resolver = cmp.Or(o.Resolver, net.DefaultResolver)
	if o.Clock == nil {
		o.Clock = time.Now
	}
	guard := newGuard(o.Allow, o.Resolver)
	return &Client{
		options: o, guard: guard,
		lanes:      newLanes(o.Clock),
		robots:     newRobotsCache(o.Clock),
		transports: &transports{guard: guard, byRoute: make(map[route]*http.Transport)},
		proxy:      direct,
	}
}

// For returns a client for the requests of one source. It shares connections, turns at
// hosts and the memory of robots.txt files with c. The error says what is wrong with
// the site's proxy, address or header.
func (c *Client) For(s Site) (*Client, error) {
	proxy, err := newProxy(s.Proxy, c.options.Getenv)
	if err != nil {
		return nil, err
	}
	d := *c
	d.site, d.proxy, d.origin = s, proxy, nil
	if s.URL != "" {
		if d.origin, err = webAddress(s.URL); err != nil {
			return nil, err
		}
	}
	return &d, nil
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

// Get fetches rawURL, conditionally when cur holds validators (RFC 9110, section
// 13). It waits for its turn at the host and for the host's gap, as long as ctx
// lasts. A status other than 200 and 304 is a [*StatusError]; a request before
// cur.NotBefore, or at a time when its host wants none, is [ErrNotYet]; one that
// robots.txt forbids is a [*RobotsError]. Errors name host and path, never the query.
func (c *Client) Get(ctx context.Context, rawURL string, cur reputation.Cursor) (*Response, error) {
	asked, err := webAddress(rawURL)
	if err != nil {
		return nil, fmt.Errorf("get %s: %w", shown(rawURL), err)
	}
	if c.options.Clock().Before(cur.NotBefore) {
		return nil, fmt.Errorf("get %s: %w: not before %s", shown(rawURL), ErrNotYet, cur.NotBefore.Format(time.RFC3339))
	}
	if moved := remembered(cur.Moved, c.now()); moved != nil {
		if resp, err := c.fetch(ctx, asked, moved, cur); err == nil {
			return resp, nil
		} // else the new address was given up, and the old one knows a newer
	}
	resp, err := c.fetch(ctx, asked, asked, cur)
	if err != nil {
		return nil, describe(rawURL, err)
	}
	return resp, nil
}

// fetch gets what is asked for, beginning at its own address or at the one that it
// moved to.
func (c *Client) fetch(ctx context.Context, asked, begin *url.URL, cur reputation.Cursor) (*Response, error) {
	w := &walk{client: c, asked: asked, cursor: cur, inside: c.guard.own(ctx, cmp.Or(c.origin, asked)), left: c.options.Timeout}
	got, err := w.follow(ctx, begin)
	if err != nil {
		return nil, err
	}
	out := &Response{URL: got.url.String(), ContentType: got.header.Get("Content-Type"), Cursor: cur, Fetched: c.now()}
	switch {
	case got.status == http.StatusNotModified && got.condition:
		out.Unchanged = true
	case got.status == http.StatusOK:
		sum := sha256.Sum256(got.body)
		digest := hex.EncodeToString(sum[:8])
		out.Cursor = reputation.Cursor{
			ETag:         got.header.Get("ETag"),
			LastModified: got.header.Get("Last-Modified"),
			Digest:       digest,
			Seen:         cur.Seen,
		}
		if out.URL != asked.String() {
			out.Cursor.From = out.URL
		}
		if out.Unchanged = digest == cur.Digest; !out.Unchanged {
			out.Body = got.body
		}
	default:
		return nil, &StatusError{URL: shown(asked.String()), Status: got.status, RetryAt: retryAt(got.status, got.header.Get("Retry-After"), c.now())}
	}
	out.Cursor.Moved = moved(cur.Moved, asked, begin, got, c.now())
	return out, nil
}

// webAddress parses the address of what can be fetched.
func webAddress(rawURL string) (*url.URL, error) {
	u, err := url.Parse(rawURL)
	if err != nil || u.Hostname() == "" || (u.Scheme != "http" && u.Scheme != "https") || u.Port() != "" && portOf(u) == 0 {
		return nil, errors.New("not an http or https address with a host")
	}
	if len(rawURL) > maxAddress {
		return nil, fmt.Errorf("the address is longer than %d bytes", maxAddress)
	}
	u.Fragment, u.RawFragment = "", ""
	if name := u.Hostname(); strings.ContainsFunc(name, func(r rune) bool { return r >= utf8.RuneSelf }) {
		// As net/http does when it dials: "１２７.０.０.１" must be looked at as what it is.
		ascii, err := idna.Lookup.ToASCII(name)
		if err != nil {
			return nil, errors.New("the host's name is none that can be asked for")
		}
		u.Host = strings.Replace(u.Host, name, ascii, 1)
	}
	return u, nil
}

// describe says of a failed request what was asked, without the parts of the
// address that net/http would quote.
func describe(rawURL string, err error) error {
	var status *StatusError
	var robots *RobotsError
	if errors.As(err, &status) || errors.As(err, &robots) {
		return err
	}
	if advice := unreachable(err); advice != "" {
		return fmt.Errorf("get %s: %w; %s", shown(rawURL), err, advice)
	}
	return fmt.Errorf("get %s: %w", shown(rawURL), err)
}

func (c *Client) now() time.Time { return c.options.Clock().UTC().Truncate(time.Second) }

// userAgent names the program and, where it is configured, whom to ask about it (RFC
// 9110, section 10.1.5).
func (c *Client) userAgent() string {
	if c.options.Contact == "" {
		return product + " (brand reputation monitor)"
	}
	return product + " (brand reputation monitor; +" + c.options.Contact + ")"
}

// shown is what errors may say of an address: host and path.
func shown(rawURL string) string {
	u, err := url.Parse(rawURL)
	if err != nil {
		return "an address that is no URL"
	}
	return u.Host + u.EscapedPath()
}

// shortHash names a content by 16 hexadecimal digits of its SHA-256. A text may be
// large, so no copy of it is made.
func shortHash(parts ...string) string {
	sum := sha256.New()
	var buf [512]byte
	for i, part := range parts {
		if i > 0 {
			sum.Write([]byte{0})
		}
		for len(part) > 0 {
			n := copy(buf[:], part)
			sum.Write(buf[:n])
			part = part[n:]
		}
	}
	return hex.EncodeToString(sum.Sum(nil)[:8])
}
