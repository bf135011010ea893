package collector

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"reputed/internal/reputation"
)

// Feed is a source that is one feed.
type Feed struct {
	name, url string
	client    *Client
	zone      *time.Location
}

// NewFeed returns the feed at url under the name of its source. Times that state no
// zone are taken to be in zone, nil being UTC.
func NewFeed(name, url string, c *Client, zone *time.Location) *Feed {
	return &Feed{name: name, url: url, client: c, zone: zone}
}

// Name is the name of the source.
func (f *Feed) Name() string { return f.name }

// Collect returns the items of the feed unless it is unchanged since cur, and the
// cursor to store with them. Of a document that breaks off, the whole items are
// returned and a cursor without validators, so that the rest is asked for. On an error
// the cursor is cur, so that nothing is lost, but for the time before which the server
// wants no request.
func (f *Feed) Collect(ctx context.Context, cur reputation.Cursor) ([]reputation.Item, reputation.Cursor, error) {
	resp, err := f.client.Get(ctx, f.url, cur)
	if err != nil {
		return nil, postponed(cur, err), fmt.Errorf("source %s: %w", f.name, err)
	}
	if resp.Unchanged {
		return nil, resp.Cursor, nil
	}
	entries, whole, err := parseFeed(resp.Body, resp.ContentType, resp.URL, f.zone)
	if err != nil {
		err = fmt.Errorf("%w; open the address in a browser, or use kind: page for a web page", err)
		return nil, cur, fmt.Errorf("source %s: %s: %w", f.name, shown(resp.URL), withTrouble(err, resp, reputation.Format))
	}
	next := resp.Cursor
	if !whole { // the rest may come with the same validators
		next.ETag, next.LastModified = "", ""
	}
	return f.items(entries, resp.Fetched), next, nil
}

func (f *Feed) items(entries []Entry, fetched time.Time) []reputation.Item {
	ids := identify(entries)
	seen := make(map[string]bool, len(entries))
	items := make([]reputation.Item, 0, len(entries))
	for i, e := range entries {
		text := cmp.Or(e.Text...)
		if e.Title == "" && text == "" || seen[ids[i]] {
			continue
		}
		seen[ids[i]] = true
		item := reputation.Item{
			Source: f.name, ID: ids[i], Title: e.Title, Text: text, Author: e.Author, Lang: e.Lang,
			Published: published(e.Published, fetched), Undated: e.Published.IsZero(), Fetched: fetched,
		}
		if address := CanonicalURL(e.Link); isWebAddress(e.Link) && len(address) <= maxAddress {
			item.URL = address
		}
		items = append(items, item)
	}
	return items
}

// ahead is how far the clock of a publisher may be ahead of ours.
const ahead = 10 * time.Minute

// published is the time that an item is dated: what its source states, unless that
// is missing or still to come. Feeds that label local time as GMT are hours ahead.
func published(stated, fetched time.Time) time.Time {
	if stated.IsZero() || stated.After(fetched.Add(ahead)) {
		return fetched
	}
	return stated
}

// identify gives each entry its identifier: the guid, else the canonical URL, else a
// hash of title and text. A guid or URL that stands on entries with different URLs or
// contents (some publishers put the site's address on all) identifies none of them. One
// of kilobytes stands as its hash.
func identify(entries []Entry) []string {
	ids := make([]string, len(entries))
	byGUID, byURL := make(map[string]string), make(map[string]string)
	claim := func(owners map[string]string, key, owner string) {
		if first, taken := owners[key]; taken && first != owner {
			owner = ""
		}
		owners[key] = owner
	}
	links, hashes := make([]string, len(entries)), make([]string, len(entries))
	for i, e := range entries {
		links[i], hashes[i] = CanonicalURL(e.Link), shortHash(append([]string{e.Title}, e.Text...)...)
		owner := cmp.Or(links[i], hashes[i])
		if isHomePage(links[i]) { // which is the link of everything that has none of its own
			owner = hashes[i]
		}
		claim(byGUID, e.ID, owner)
		claim(byURL, links[i], hashes[i])
	}
	for i, e := range entries {
		switch {
		case e.ID != "" && byGUID[e.ID] != "":
			ids[i] = e.ID
		case links[i] != "" && byURL[links[i]] != "":
			ids[i] = links[i]
		default:
			ids[i] = hashes[i]
		}
		if len(ids[i]) > maxID {
			ids[i] = shortHash(ids[i])
		}
	}
	return ids
}
