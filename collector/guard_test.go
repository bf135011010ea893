package collector

import (
	"net"
	"strings"
	"testing"
)

func TestGuardCheck(t *testing.T) {
	g := newGuard([]string{"10.1.0.0/16", "fd00:1::/32", "rss.internal:1200"}, net.DefaultResolver)
	tests := []struct {
		network, address string
		allowed          bool
	}{
		{"tcp4", "93.184.215.14:443", true},
		{"tcp4", "93.184.215.14:8080", true},
		{"tcp6", "[2606:2800:21f:cb07:6820:80da:af6b:8b2c]:443", true},
		{"tcp4", "10.1.2.3:80", true}, // by prefix
		{"tcp6", "[fd00:1::1]:80", true},
		{"tcp6", "[::ffff:10.1.2.3]:80", true},
		{"tcp4", "10.2.0.1:80", false},
		{"tcp4", "127.0.0.1:80", false},
		{"tcp4", "0.0.0.0:80", false},
		{"tcp4", "172.16.0.1:80", false},
		{"tcp4", "192.168.1.1:80", false},
		{"tcp4", "169.254.169.254:80", false}, // cloud metadata
		{"tcp4", "100.100.100.200:80", false}, // the same, in shared address space
		{"tcp4", "224.0.0.1:80", false},
		{"tcp6", "[::1]:80", false},
		{"tcp6", "[fe80::1]:80", false},
		{"tcp6", "[fd00:ec2::254]:80", false},
		{"tcp6", "[::ffff:127.0.0.1]:80", false},
		{"tcp6", "[64:ff9b::7f00:1]:80", false},          // NAT64 of 127.0.0.1
		{"tcp6", "[2002:7f00:1::]:80", false},            // 6to4 of 127.0.0.1
		{"tcp6", "[2001:0:1:2:3:4:80ff:fffe]:80", false}, // Teredo
		{"unix", "/run/socket", false},
	}
	for _, test := range tests {
		err := g.check(test.network, test.address, "asked.example:80", true)
		if (err == nil) != test.allowed {
			t.Errorf("%s %s: error %v, want allowed %t", test.network, test.address, err, test.allowed)
		}
		if err != nil && !strings.Contains(err.Error(), `"asked.example:80"`) {
			t.Errorf("%s: error %q does not say what to allow", test.address, err)
		}
	}
}

func TestGuardNames(t *testing.T) {
	g := newGuard([]string{"RSS.internal:1200", "::1", "wiki.internal"}, net.DefaultResolver)
	for address, want := range map[string]bool{
		"rss.internal:1200":             true,
		"rss.internal:1201":             false,
		"wiki.internal:80":              true,
		"Wiki.Internal:443":             true,
		"wiki.internal.evil.example:80": false,
		"[::1]:80":                      true,
		"no port":                       false,
	} {
		if got := g.names(address); got != want {
			t.Errorf("%s: named %t, want %t", address, got, want)
		}
	}
}
