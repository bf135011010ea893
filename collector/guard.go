package collector

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"syscall"

	"code.dny.dev/ssrf"
)

// guard decides where a connection may go. The decision falls on the resolved
// address at the moment of connecting, so that no later answer of the name server
// can lead elsewhere. What counts as internal follows the special-purpose address
// registries of IANA, with the IPv6 forms that embed an IPv4 address.
type guard struct {
	allowedHosts    map[string]bool // "host" or "host:port" as in a URL
	allowedPrefixes []netip.Prefix
	public          *ssrf.Guardian
}

func newGuard(allow []string) *guard {
	g := &guard{
		allowedHosts: make(map[string]bool),
		public:       ssrf.New(ssrf.WithAnyPort()),
	}
	for _, a := range allow {
		if prefix, err := netip.ParsePrefix(a); err == nil {
			g.allowedPrefixes = append(g.allowedPrefixes, prefix.Masked())
			continue
		}
		g.allowedHosts[strings.ToLower(a)] = true
	}
	return g
}

// names reports whether the user named the destination, "host:port", as their own.
func (g *guard) names(address string) bool {
	address = strings.ToLower(address)
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	return g.allowedHosts[address] || g.allowedHosts[host]
}

func (g *guard) dial(ctx context.Context, network, address string) (net.Conn, error) {
	var d net.Dialer
	if !g.names(address) {
		d.Control = func(network, resolved string, _ syscall.RawConn) error {
			return g.check(network, resolved, address)
		}
	}
	return d.DialContext(ctx, network, address)
}

// check refuses the resolved address of a requested destination if it is internal.
func (g *guard) check(network, resolved, requested string) error {
	if ap, err := netip.ParseAddrPort(resolved); err == nil {
		for _, prefix := range g.allowedPrefixes {
			if prefix.Contains(ap.Addr().Unmap()) {
				return nil
			}
		}
	}
	if err := g.public.Safe(network, resolved, nil); err != nil {
		return fmt.Errorf("%s is an internal address; add %q to fetch.allow if the source may reach it: %w", resolved, requested, err)
	}
	return nil
}

// dialAddress is the "host:port" that a request for u connects to.
func dialAddress(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return net.JoinHostPort(strings.ToLower(u.Hostname()), port)
}
