package collector

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

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
	resolver        *net.Resolver
}

const dialTimeout = 10 * time.Second

func newGuard(allow []string, resolver *net.Resolver) *guard {
	g := &guard{
		allowedHosts: make(map[string]bool),
		// The denied one is Azure's: a service of the host machine at an address that
		// the registries count as public.
		public:   ssrf.New(ssrf.WithAnyPort(), ssrf.WithDeniedV4Prefixes(netip.MustParsePrefix("168.63.129.16/32"))),
		resolver: resolver,
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

// own reports whether an address of the configuration leads to what the user named or
// to an allowed network. Only from there may a redirect or a link lead to an allowed
// internal address: the user trusts their sources with it, and not every publisher.
func (g *guard) own(ctx context.Context, u *url.URL) bool {
	if g.names(dialAddress(u)) {
		return true
	}
	if len(g.allowedPrefixes) == 0 {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	addresses, err := g.resolver.LookupNetIP(ctx, "ip", u.Hostname())
	if err != nil {
		return false // the connection will fail too, and say why
	}
	return !slices.ContainsFunc(addresses, func(a netip.Addr) bool { return !g.inAllowedNetwork(a) })
}

func (g *guard) inAllowedNetwork(a netip.Addr) bool {
	return slices.ContainsFunc(g.allowedPrefixes, func(p netip.Prefix) bool { return p.Contains(a.Unmap()) })
}

// dial returns how connections of a route are made. What the user allowed is for a
// route inside; and where a proxy is dialled, that is the user's to name.
func (g *guard) dial(r route) func(ctx context.Context, network, address string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		d := net.Dialer{Timeout: dialTimeout, Resolver: g.resolver}
		if !g.names(address) || !r.inside && !r.proxied {
			d.Control = func(network, resolved string, _ syscall.RawConn) error {
				if r.proxied && g.public.Safe(network, resolved, nil) != nil {
					return fmt.Errorf("the proxy %s is at an internal address; add %q to fetch.allow if it is yours", resolved, address)
				}
				return g.check(network, resolved, address, r.inside)
			}
		}
		return d.DialContext(ctx, network, address)
	}
}

// check refuses the resolved address of a requested destination if it is internal.
func (g *guard) check(network, resolved, requested string, inside bool) error {
	if ap, err := netip.ParseAddrPort(resolved); err == nil && g.inAllowedNetwork(ap.Addr()) {
		if inside {
			return nil
		}
		return fmt.Errorf("%s is an internal address of fetch.allow; a redirect or a link of another source may not lead there", resolved)
	}
	if err := g.public.Safe(network, resolved, nil); err != nil {
		return fmt.Errorf("%s is an internal address; add %q to fetch.allow if the source may reach it: %w", resolved, requested, err)
	}
	return nil
}

// admit refuses an address by what can be seen of it before connecting.
func (g *guard) admit(u *url.URL, inside bool) error {
	address := dialAddress(u)
	switch named := g.names(address); {
	case named && inside:
		return nil
	case named:
		return fmt.Errorf("%s is an internal address of fetch.allow; a redirect or a link of another source may not lead there", address)
	case endsInNumber(u.Hostname()):
		return fmt.Errorf("%q is a number and no host name; write an IPv4 address as four decimal numbers", u.Hostname())
	}
	if port := portOf(u); !inside && refusedPort(port) {
		return fmt.Errorf("port %d does not serve web pages; add %q to fetch.allow if the source may reach it", port, address)
	}
	return nil
}

// endsInNumber tells of hosts such as 2130706433, 0x7f.1 and 0177.0.0.1, which some
// resolvers and proxies take for IPv4 addresses and others for names (URL Standard,
// "ends in a number checker").
func endsInNumber(host string) bool {
	host = strings.TrimSuffix(host, ".")
	if _, err := netip.ParseAddr(host); err == nil {
		return false
	}
	last := host[strings.LastIndexByte(host, '.')+1:]
	_, err := strconv.ParseUint(last, 0, 64)
	return err == nil || errors.Is(err, strconv.ErrRange) || last != "" && strings.Trim(last, "0123456789") == ""
}

// refusedPort tells of ports where no web server is: the system ports other than 80
// and 443, and those that the Fetch Standard blocks above them.
func refusedPort(port int) bool {
	switch port {
	case 80, 443:
		return false
	case 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080:
		return true
	}
	return port < 1024
}

// checkProxied refuses a destination that a proxy would connect to, where the guard
// does not look. All addresses that the name has here must be public. A name that is
// unknown here, as where only the proxy reaches the network, is left to the proxy's
// own rules, unless it is one of those that never are public.
func (g *guard) checkProxied(ctx context.Context, u *url.URL, inside bool) error {
	address := dialAddress(u)
	if g.names(address) {
		return nil // admit has looked
	}
	host := strings.TrimSuffix(u.Hostname(), ".")
	addresses, err := g.resolver.LookupNetIP(ctx, "ip", host)
	var unknown *net.DNSError
	switch {
	case errors.As(err, &unknown) && unknown.IsNotFound && isPublicName(host):
		return nil
	case err != nil:
		return fmt.Errorf("find out whether the proxy may be asked for %s: %w", address, err)
	}
	for _, a := range addresses {
		network := "tcp6"
		if a.Unmap().Is4() {
			network = "tcp4"
		}
		if err := g.check(network, netip.AddrPortFrom(a.Unmap(), uint16(portOf(u))).String(), address, inside); err != nil {
			return err
		}
	}
	return nil
}

// isPublicName tells whether a name may be known on the Internet: it has a dot, and
// its last label is none of those reserved for local use (RFC 6761, 6762, 8375, 9476).
func isPublicName(host string) bool {
	dot := strings.LastIndexByte(host, '.')
	if dot < 0 {
		return false
	}
	switch strings.ToLower(host[dot+1:]) {
	case "localhost", "local", "localdomain", "internal", "intranet", "private", "corp", "home", "lan", "arpa", "test", "invalid", "onion", "alt":
		return false
	}
	return true
}

// portOf is the port that a request for u connects to; 0 for none that can be.
func portOf(u *url.URL) int {
	_, port, err := net.SplitHostPort(dialAddress(u))
	if err != nil {
		return 0
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return 0
	}
	return int(n)
}

// dialAddress is the "host:port" that a request for u connects to.
func dialAddress(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return net.JoinHostPort(strings.ToLower(u.Hostname()), port)
}
