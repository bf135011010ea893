package collector

import (
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"reputed/internal/reputation"
)

// Where no answer comes, the error says what was asked and what to do.
func TestUnreachable(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := listener.Addr().String()
	listener.Close()
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ErrorLog = log.New(io.Discard, "", 0) // of the handshake that is to fail
	secure.StartTLS()
	defer secure.Close()
	client := NewClient(Options{Allow: []string{closed, secure.Listener.Addr().String()}})
	for address, want := range map[string]string{
		"http://" + closed + "/rss?key=secret": "get " + closed + "/rss: dial tcp " + closed + ": connect: connection refused; no server listens there; check that it runs, and the port",
		secure.URL + "/rss":                    "; open the address in a browser, and tell the site of its certificate",
		"http://nowhere.invalid/rss":           "get nowhere.invalid/rss: ",
	} {
		_, err := client.Get(t.Context(), address, reputation.Cursor{})
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: error %v, want %q", address, err, want)
		}
	}
}

func TestUnreachableNames(t *testing.T) {
	for _, test := range []struct {
		err  error
		want string
	}{
		{&net.DNSError{Err: "no such host", Name: "nowhere.example", IsNotFound: true}, "check the address"},
		{&net.DNSError{Err: "server misbehaving", Name: "news.example", IsTemporary: true}, "asked again at the next poll"},
		{http.ErrServerClosed, ""},
	} {
		if got := unreachable(test.err); !strings.Contains(got, test.want) || test.want == "" && got != "" {
			t.Errorf("%v: %q, want %q", test.err, got, test.want)
		}
	}
}
