package collector

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"reputed/internal/reputation"
)

// RSSHub is a source that is a route of an RSSHub instance: a [Feed] whose errors say
// what they mean there. An instance answers 503 where the site behind the route
// refuses it, wants a login, or lists nothing.
type RSSHub struct{ *Feed }

// NewRSSHub returns the route at url, which is the address of the instance with the
// route behind it, under the name of its source. Times that state no zone are taken to
// be in zone, nil being UTC.
func NewRSSHub(name, url string, c *Client, zone *time.Location) *RSSHub {
	return &RSSHub{NewFeed(name, url, c, zone)}
}

// Collect is that of [Feed].
func (r *RSSHub) Collect(ctx context.Context, cur reputation.Cursor) ([]reputation.Item, reputation.Cursor, error) {
	items, next, err := r.Feed.Collect(ctx, cur)
	if reason := blocked(err); reason != "" {
		err = fmt.Errorf("%w; from RSSHub this means: %s", err, reason)
	}
	return items, next, err
}

// blocked says what an instance means by its answer; empty if there is nothing to add.
func blocked(err error) string {
	var refused *StatusError
	if !errors.As(err, &refused) {
		return ""
	}
	switch refused.Status {
	case http.StatusServiceUnavailable:
		return "the site behind the route blocks the instance, wants the cookies or credentials of the route renewed, or lists nothing; the instance's log says which"
	case http.StatusForbidden:
		return "the instance wants an access key, or does not serve this route"
	case http.StatusNotFound:
		return "it has no such route; look it up at docs.rsshub.app, and update the instance"
	}
	return ""
}
