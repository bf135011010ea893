package collector

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"reputed/internal/reputation"
)

// A route that the site behind it blocks is told apart from an instance that is down.
func TestRSSHub(t *testing.T) {
	status := http.StatusOK
	server, client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/weibo/keyword/星禾" {
			t.Errorf("asked for %q", r.URL.Path)
		}
		w.WriteHeader(status)
		fmt.Fprint(w, `<rss><channel><item><guid>1</guid><title>星禾致歉</title></item></channel></rss>`)
	})
	source := NewRSSHub("weibo", server.URL+"/weibo/keyword/星禾", client, china)
	items, _, err := source.Collect(t.Context(), reputation.Cursor{})
	if err != nil || len(items) != 1 || source.Name() != "weibo" {
		t.Errorf("%+v, %v", items, err)
	}
	for _, test := range []struct {
		status int
		want   string
	}{
		{503, "wants the cookies or credentials of the route renewed"},
		{403, "wants an access key"},
		{404, "it has no such route"},
	} {
		status = test.status
		_, _, err := source.Collect(t.Context(), reputation.Cursor{NotBefore: time.Time{}})
		if err == nil || !strings.HasPrefix(err.Error(), "source weibo: ") || !strings.Contains(err.Error(), test.want) {
			t.Errorf("status %d: error %v, want one that says %q", test.status, err, test.want)
		}
	}
	server.Close()
	if _, _, err := source.Collect(t.Context(), reputation.Cursor{}); err == nil || strings.Contains(err.Error(), "RSSHub") {
		t.Errorf("instance down: error %v, want no talk of a blocked route", err)
	}
}
