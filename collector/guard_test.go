package collector

import (
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"reputed/internal/reputation"
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
		{"tcp6", "[fe80::1%eth0]:80", false},
		{"tcp4", "168.63.129.16:80", false}, // the host of a machine at Azure
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

func TestGuardAdmit(t *testing.T) {
	g := newGuard([]string{"rss.internal:1200", "mail.internal:25"}, net.DefaultResolver)
	for _, test := range []struct {
		address string
		inside  bool
		says    string // empty: admitted
	}{
		{"https://news.example/", false, ""},
		{"http://news.example:8080/", false, ""},
		{"http://news.example:25/", false, "port 25"},
		{"http://news.example:25/", true, ""}, // what the user's own sources link to
		{"http://news.example:0/", false, "port 0"},
		{"http://news.example:6000/", false, "port 6000"},
		{"http://rss.internal:1200/", true, ""},
		{"http://rss.internal:1200/", false, "may not lead there"},
		{"http://RSS.internal:1200/", false, "may not lead there"},
		{"http://mail.internal:25/", true, ""},
		{"http://93.184.215.14/", false, ""},
		{"http://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/", false, ""},
		{"http://1572395790/", true, "is a number"},
		{"http://0x5d.0xb8.0xd7.0x0e/", false, "is a number"},
		{"http://0135.0270.0327.016/", false, "is a number"},
		{"http://news.example.0x7f./", false, "is a number"},
		{"http://09.0.0.1/", false, "is a number"},
		{"http://4.example/", false, ""},
		{"http://news.2026.example/", false, ""},
	} {
		u, err := url.Parse(test.address)
		if err != nil {
			t.Fatal(err)
		}
		err = g.admit(u, test.inside)
		if (err == nil) != (test.says == "") || err != nil && !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s, inside %t: error %v, want %q", test.address, test.inside, err, test.says)
		}
	}
}

// A name that answers with an allowed address when it is looked at, and with another
// one when it is connected to.
func TestNamesThatChange(t *testing.T) {
	trap := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the internal server was reached") }))
	defer trap.Close()
	_, port, _ := net.SplitHostPort(trap.Listener.Addr().String())
	var questions atomic.Int32
	resolver := nameServer(t, func(string) []string {
		if questions.Add(1) <= 2 { // for IPv4 and IPv6
			return []string{"127.0.0.2"}
		}
		return []string{"127.0.0.1"}
	})
	client := NewClient(Options{Allow: []string{"127.0.0.2/32"}, Resolver: resolver})
	_, err := client.Get(t.Context(), "http://rebinding.example:"+port+"/", reputation.Cursor{})
	if err == nil || !strings.Contains(err.Error(), "127.0.0.1:"+port+" is an internal address") || questions.Load() < 3 {
		t.Errorf("error %v after %d questions, want one that names the second address", err, questions.Load())
	}
}

// What the user allowed is there for their own sources: also behind a redirect, but
// not from elsewhere.
func TestAllowedForOwnSources(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/from" {
			http.Redirect(w, r, "http://rss.example:"+r.URL.Query().Get("port")+"/to", http.StatusFound)
		}
	}))
	defer server.Close()
	_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
	resolver := nameServer(t, nameLoopback)
	for _, allow := range [][]string{{"own.example", "rss.example:" + port}, {"127.0.0.0/8"}, {"own.example", "127.0.0.1/32"}} {
		client := NewClient(Options{Allow: allow, Resolver: resolver, Gap: time.Nanosecond})
		if _, err := client.Get(t.Context(), "http://own.example:"+port+"/from?port="+port, reputation.Cursor{}); err != nil {
			t.Errorf("%q: %v", allow, err)
		}
	}
	client := NewClient(Options{Allow: []string{"own.example"}, Resolver: resolver})
	_, err := client.Get(t.Context(), "http://own.example:"+port+"/from?port="+port, reputation.Cursor{})
	if err == nil || !strings.Contains(err.Error(), "is an internal address; add") {
		t.Errorf("a redirect to what is not allowed: error %v", err)
	}
}
