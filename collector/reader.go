package collector

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"reputed/internal/reputation"
)

const (
	maxArticles  = 100     // read in one poll; the others follow at the next, so that a long list is stored in steps
	maxPollText  = 8 << 20 // bytes of articles after which one poll reads no more: they are held until it ends
	maxSeen      = 500     // links remembered beyond those on the list
	maxListed    = 1000    // entries of a list that are looked at
	maxHostFails = 3       // after so many articles in a row that did not arrive, a host is left alone until the next poll
	maxParts     = 5       // pages that one article may be spread over, within the text that one page may hold
)

// listed is an entry of a list of articles.
type listed struct {
	address, canonical string
	title              string
	published          moment    // as the list states it
	modified           time.Time // zero if the list does not state it
}

// reader reads the articles that a list names, each once.
type reader struct {
	name, url string // of the source, and of its list
	client    *Client
	zone      *time.Location
	text      selector // of the article on its page; found by its density if there is none
	most      int      // articles read in one poll
}

func newReader(name, url, text string, c *Client, zone *time.Location) (reader, error) {
	if zone == nil {
		zone = time.UTC
	}
	compiled, err := compileSelector(text)
	if err != nil {
		return reader{}, fmt.Errorf("source %s: text: %w", name, err)
	}
	return reader{name: name, url: url, client: c, zone: zone, text: compiled, most: maxArticles}, nil
}

// Name is the name of the source.
func (r *reader) Name() string { return r.name }

// ReadAtMost bounds the articles that one poll reads, for a try that shall not take
// long. The others count as outstanding.
func (r *reader) ReadAtMost(articles int) { r.most = articles }

// lister reads a list from its document. It may fetch more pages of it, and return an
// error beside the entries that it got.
type lister func(ctx context.Context, resp *Response, seen func(canonical string) bool) ([]listed, error)

// collect returns the articles on the list that were not read before, and the cursor
// to store with them.
func (r *reader) collect(ctx context.Context, cur reputation.Cursor, list lister) ([]reputation.Item, reputation.Cursor, error) {
	resp, err := r.client.Get(ctx, r.url, cur)
	if err != nil {
		return nil, postponed(cur, err), fmt.Errorf("source %s: %w", r.name, err)
	}
	if resp.Unchanged {
		return nil, resp.Cursor, nil
	}
	known := make(map[string]bool)
	for _, address := range cur.Seen {
		known[address] = true
	}
	links, listErr := list(ctx, resp, func(canonical string) bool { return known[canonical] })
	if listErr != nil && len(links) == 0 {
		return nil, cur, fmt.Errorf("source %s: %s: %w", r.name, shown(resp.URL), listErr)
	}
	read := r.articles(ctx, links, known)
	next := resp.Cursor
	outstanding := len(links)
	for _, l := range links {
		if read.known[l.canonical] {
			outstanding--
		}
	}
	if outstanding > 0 || listErr != nil {
		next = reputation.Cursor{Moved: resp.Cursor.Moved}
	}
	next.Seen = remember(links, read.known, cur.Seen)
	next.NotBefore = read.notBefore
	switch {
	case read.err != nil:
		err = &partialError{fmt.Errorf("source %s: %d of %d articles not read, tried again at the next poll: %w", r.name, outstanding, len(links), read.err)}
	case listErr != nil:
		err = &partialError{fmt.Errorf("source %s: a part of the list was not read, tried again at the next poll: %w", r.name, listErr)}
	case read.refused != nil:
		err = &partialError{fmt.Errorf("source %s: the list's titles are kept, but not all texts are read: %w", r.name, read.refused)}
	}
	return read.items, next, err
}

// partialError is the error of a poll that read the source, but not all it lists.
type partialError struct{ error }

// Partial tells that the source itself is well.
func (e *partialError) Partial() bool { return true }

func (e *partialError) Unwrap() error { return e.error }

// remember lists the addresses on the list whose articles were read, and then as many
// older ones as are worth knowing when a list moves back and forth.
func remember(links []listed, read map[string]bool, seen []string) []string {
	var kept []string
	onList := make(map[string]bool)
	for _, l := range links {
		onList[l.canonical] = true
		if read[l.canonical] {
			kept = append(kept, l.canonical)
		}
	}
	for _, address := range seen {
		if !onList[address] && len(kept) < maxSeen {
			kept = append(kept, address)
		}
	}
	return kept
}

// reading is what came of the articles on a list.
type reading struct {
	items     []reputation.Item
	known     map[string]bool // the canonical addresses of articles read now or earlier
	notBefore time.Time       // before this the list's own host wants no request
	err       error           // the first that kept an article from being read
	refused   error           // the first that leaves an article with its title on the list, since robots.txt asks not to read it
}

// articles reads the articles that are not known yet.
func (r *reader) articles(ctx context.Context, links []listed, known map[string]bool) reading {
	out := reading{known: known}
	asked, size, fails := 0, 0, make(map[string]int)
	for _, l := range links {
		u, err := url.Parse(l.address)
		if err != nil || out.known[l.canonical] || fails[u.Host] >= maxHostFails {
			continue
		}
		if asked++; asked > r.most || size > maxPollText || ctx.Err() != nil {
			break
		}
		resp, err := r.client.Get(ctx, l.address, reputation.Cursor{})
		var answer *StatusError
		switch at := nextRequest(err); {
		case err == nil:
			fails[u.Host] = 0
		case !at.IsZero():
			fails[u.Host] = maxHostFails
			if r.onOwnHost(u) {
				out.notBefore = at
			}
		case !errors.As(err, &answer):
			fails[u.Host]++
		}
		var item reputation.Item
		if err == nil {
			item, err = r.article(ctx, resp, l)
		}
		if isRefused(err) {
			out.refused = cmp.Or(out.refused, err)
		}
		if isGone(err) || isRefused(err) {
			item, err = r.listedOnly(l, r.client.now()), nil
		}
		if err != nil {
			out.err = cmp.Or(out.err, err)
			continue
		}
		out.known[l.canonical] = true
		if item.Title != "" || item.Text != "" {
			out.items = append(out.items, item)
			size += len(item.Title) + len(item.Text)
		}
	}
	return out
}

// isGone tells of an answer that says there is no such page.
func isGone(err error) bool {
	var refused *StatusError
	return errors.As(err, &refused) && (refused.Status == http.StatusNotFound || refused.Status == http.StatusGone)
}

// isRefused tells that the site wants no program to read the page. Where its robots.txt
// could not be asked, it may say otherwise at the next poll.
func isRefused(err error) bool {
	var refused *RobotsError
	return errors.As(err, &refused) && refused.Unreachable == nil
}

// article makes an item of an article. What is no web page, such as a PDF, is known by
// its title on the list alone.
func (r *reader) article(ctx context.Context, resp *Response, l listed) (reputation.Item, error) {
	item := r.listedOnly(l, resp.Fetched)
	a, next, err := r.part(resp)
	if errors.Is(err, errNotHTML) {
		return item, nil
	}
	read := map[string]bool{resp.URL: true}
	for err == nil && len(read) < maxParts && len(a.text) < maxPageText && !read[next] && continues(resp.URL, next) {
		read[next] = true
		var more *Response
		if more, err = r.client.Get(ctx, next, reputation.Cursor{}); isGone(err) || isRefused(err) {
			err = nil
			break
		}
		if err != nil {
			break
		}
		var b article
		if b, next, err = r.part(more); err == nil && !strings.Contains(a.text, b.text) {
			a.text += "\n" + b.text
		}
	}
	if err != nil {
		return item, err
	}
	item.Title = cmp.Or(item.Title, a.title)
	item.Text, item.Author, item.Lang = strings.TrimPrefix(a.text, item.Title+"\n"), a.author, a.lang
	stated := r.statedTime(l, a.published)
	item.Published, item.Undated = published(stated, resp.Fetched), stated.IsZero()
	return item, nil
}

// part reads one page of an article, and finds the address of the next one.
func (r *reader) part(resp *Response) (a article, next string, err error) {
	doc, base, err := parseHTML(resp)
	if err != nil {
		return a, "", fmt.Errorf("%s: %w: %w", shown(resp.URL), errNotHTML, err)
	}
	next = nextPage(doc, base)
	if a, err = readArticle(doc, base, r.zone, resp.Fetched, r.text); err != nil {
		return a, "", fmt.Errorf("%s: %w", shown(resp.URL), err)
	}
	return a, next, nil
}

var errNotHTML = errors.New("no web page")

// closeTo is how far a rough time may be from the exact one of the same event.
const closeTo = 36 * time.Hour

// statedTime is when an article was published: as the list says, or as the article
// does where that is more exact, else the day in its address, else its last change. An
// article's time that is days from the list's is that of something else on its page.
func (r *reader) statedTime(l listed, article moment) time.Time {
	distance := l.published.Sub(article.Time).Abs()
	switch {
	case l.published.IsZero():
		return cmp.Or(article.Time, addressDate(l.address, r.zone), l.modified)
	case l.published.rough && !article.IsZero() && distance < closeTo:
		return article.Time
	}
	return l.published.Time
}

// listedOnly is an article of which no more is known than the list says.
func (r *reader) listedOnly(l listed, fetched time.Time) reputation.Item {
	stated := r.statedTime(l, moment{})
	return reputation.Item{
		Source: r.name, ID: l.canonical, URL: l.canonical, Title: l.title,
		Published: published(stated, fetched), Undated: stated.IsZero(), Fetched: fetched,
	}
}

// onOwnHost reports whether an article stands where the list stands.
func (r *reader) onOwnHost(u *url.URL) bool {
	list, err := url.Parse(r.url)
	return err == nil && u.Host == list.Host && u.Scheme == list.Scheme
}
