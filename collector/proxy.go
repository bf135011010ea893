package collector

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	"golang.org/x/net/http/httpproxy"
)

// proxyFunc names the proxy for an address, nil being none.
type proxyFunc func(*url.URL) (*url.URL, error)

func direct(*url.URL) (*url.URL, error) { return nil, nil }

// newProxy reads what [Site.Proxy] may be.
func newProxy(setting string, getenv func(string) string) (proxyFunc, error) {
	switch setting {
	case "", "none":
		return direct, nil
	case "environment":
		if getenv == nil {
			return nil, errors.New("proxy environment: no environment was given")
		}
		either := func(upper, lower string) string { return cmp.Or(getenv(upper), getenv(lower)) }
		return (&httpproxy.Config{
			HTTPProxy:  either("HTTP_PROXY", "http_proxy"),
			HTTPSProxy: either("HTTPS_PROXY", "https_proxy"),
			NoProxy:    either("NO_PROXY", "no_proxy"),
		}).ProxyFunc(), nil
	}
	u, err := url.Parse(setting)
	if err != nil || u.Hostname() == "" || u.User != nil {
		return nil, errors.New("proxy: not an address such as http://proxy.example:3128; a user and password belong into the environment, as HTTPS_PROXY")
	}
	switch u.Scheme {
	case "http", "https", "socks5", "socks5h":
		return func(*url.URL) (*url.URL, error) { return u, nil }, nil
	}
	return nil, fmt.Errorf("proxy %s: scheme %q is not read; write http, https or socks5", u.Host, u.Scheme)
}

// route is a way to the network: by which setting of the proxy, whether that names one
// for the address, and whether it may lead to the internal addresses that are allowed.
type route struct {
	proxy           string
	proxied, inside bool
}

// transports are the connections that sources share, apart by route: one that was
// opened for a source of the user's own is not used for another.
type transports struct {
	guard *guard

	mu      sync.Mutex
	byRoute map[route]*http.Transport
}

// on returns the transport of a route. The proxy function is that of r.proxy.
func (t *transports) on(r route, proxy proxyFunc) *http.Transport {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.byRoute[r] == nil {
		t.byRoute[r] = &http.Transport{
			Proxy:                  func(req *http.Request) (*url.URL, error) { return proxy(req.URL) },
			DialContext:            t.guard.dial(r),
			DisableCompression:     true, // decoded reads more codings, and knows where to stop
			ForceAttemptHTTP2:      true,
			TLSHandshakeTimeout:    10 * time.Second,
			IdleConnTimeout:        time.Minute,
			MaxIdleConns:           100,
			MaxIdleConnsPerHost:    1,
			MaxResponseHeaderBytes: 256 << 10,
			OnProxyConnectResponse: refusedByProxy,
		}
	}
	return t.byRoute[r]
}

func refusedByProxy(_ context.Context, proxy *url.URL, _ *http.Request, answer *http.Response) error {
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("the proxy %s refuses to connect: status %s", proxy.Host, answer.Status)
	}
	return nil
}
