package collector

import (
	"errors"
	"fmt"
	"net/http"
	"testing"

	"reputed/internal/reputation"
)

// What an operator is told of a source depends on what its server says.
func TestTroubles(t *testing.T) {
	const feed = `<rss><channel><item><guid>1</guid><title>一</title></item></channel></rss>`
	tests := []struct {
		name, path, body string
		status           int
		page             bool
		want             reputation.Trouble
	}{
		{"a feed", "/rss", feed, 200, false, ""},
		{"gone", "/rss", "", 410, false, reputation.Gone},
		{"forbidden", "/rss", "", 403, false, reputation.Blocked},
		{"wants a login", "/rss", "", 401, true, reputation.Blocked},
		{"out of order", "/rss", "", 503, false, ""},
		{"not there", "/rss", "", 404, false, ""},
		{"a web page instead of a feed", "/rss", "<html><body><p>欢迎</p></body></html>", 200, false, reputation.Format},
		{"nothing instead of a feed", "/rss", "", 200, false, reputation.Format},
		{"a login page instead of a feed", "/rss", `<html><form><input name="p" type="password"></form></html>`, 200, false, reputation.Blocked},
		{"sent to a captcha", "/passport/visitor", "<html><script>…</script></html>", 200, false, reputation.Blocked},
		{"a page as configured", "/news", `<html><ul><li><a href="/a/1">一</a></li></ul></html>`, 200, true, ""},
		{"a page that was rebuilt", "/news", `<html><div><a href="/a/1">一</a></div></html>`, 200, true, reputation.Selector},
		{"a page without links", "/news", `<html><ul><li>一</li></ul></html>`, 200, true, reputation.Selector},
		{"a page that programs shall not read", "/private/news", "", 200, true, reputation.Blocked},
		{"a login page instead of a list", "/news", `<html><input type=password></html>`, 200, true, reputation.Blocked},
	}
	for _, test := range tests {
		server, client := serve(t, func(w http.ResponseWriter, r *http.Request) {
			switch {
			case r.URL.Path == "/robots.txt":
				fmt.Fprint(w, "User-agent: *\nDisallow: /private")
			case r.URL.Path == "/start":
				http.Redirect(w, r, test.path, http.StatusFound)
			case r.URL.Path == test.path:
				w.WriteHeader(test.status)
				fmt.Fprint(w, test.body)
			default:
				fmt.Fprint(w, "<html><p>一</p></html>")
			}
		})
		client, err := client.For(Site{URL: server.URL + "/start", Robots: test.page})
		if err != nil {
			t.Fatal(err)
		}
		if test.page {
			page, pageErr := NewPage("news", server.URL+"/start", Selectors{Item: "li"}, client, nil)
			if pageErr != nil {
				t.Fatal(pageErr)
			}
			_, _, err = page.Collect(t.Context(), reputation.Cursor{})
		} else {
			_, _, err = NewFeed("news", server.URL+"/start", client, nil).Collect(t.Context(), reputation.Cursor{})
		}
		var got reputation.Trouble
		var trouble interface{ Trouble() reputation.Trouble }
		if errors.As(err, &trouble) {
			got = trouble.Trouble()
		}
		if got != test.want {
			t.Errorf("%s: trouble %q, error %v; want %q", test.name, got, err, test.want)
		}
	}
}
