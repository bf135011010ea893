package scenario

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"time"
)

// entry is a post with its time of publication.
type entry struct {
	Post
	At      time.Time
	Related []entry // other articles to read, on a news page
}

// Stamp is the time as programs read it, Clock as people do.
func (e entry) Stamp() string        { return e.At.UTC().Format(time.RFC3339) }
func (e entry) Clock() string        { return e.At.Format("2006-01-02 15:04") }
func (e entry) Paragraphs() []string { return strings.Split(e.Text, "\n") }

type site struct {
	entries map[string][]entry // by source, newest first
	updated time.Time
	pages   *template.Template
}

// Handler serves the posts as they would stand in the wild at now: /weibo.rss
// (RSS 2.0 with an entity tag and relative, tracked links), /forum.atom (Atom
// with xml:base and a modification date), /bbs.xml (RSS 2.0 in GBK with local
// times that name no zone), /news (an HTML list whose articles stand at
// /news/ID), a page at /p/ID for each post of the feeds, and / that lists the
// four. All times are fixed here, so that they do not move from poll to poll.
func Handler(posts []Post, now time.Time) http.Handler {
	s := site{
		entries: make(map[string][]entry),
		updated: now.UTC().Truncate(time.Second),
		pages:   template.Must(template.ParseFS(files, "pages/*.html")),
	}
	china := time.FixedZone("UTC+8", 8*60*60)
	for _, p := range posts {
		s.entries[p.Source] = append(s.entries[p.Source], entry{Post: p, At: s.updated.Add(-p.Age).In(china)})
	}
	for _, list := range s.entries {
		slices.SortStableFunc(list, func(a, b entry) int { return b.At.Compare(a.At) })
	}

	mux := http.NewServeMux()
	mux.HandleFunc("GET /weibo.rss", s.weibo)
	mux.HandleFunc("GET /forum.atom", s.forum)
	mux.HandleFunc("GET /bbs.xml", s.bbs)
	mux.HandleFunc("GET /news", func(w http.ResponseWriter, _ *http.Request) { s.render(w, "list.html", s.entries["page"]) })
	mux.HandleFunc("GET /news/{id}", s.page("article.html", "page"))
	mux.HandleFunc("GET /p/{id}", s.page("post.html", "rss", "atom", "gbk"))
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { s.render(w, "index.html", nil) })
	return mux
}

func (s site) weibo(w http.ResponseWriter, r *http.Request) {
	body, err := rss("微博", "UTF-8", r.Host, s.entries["rss"], time.RFC1123Z)
	w.Header().Set("ETag", fmt.Sprintf(`"%x"`, sha256.Sum256(body)))
	serve(w, r, "application/rss+xml; charset=utf-8", time.Time{}, body, err)
}

func (s site) forum(w http.ResponseWriter, r *http.Request) {
	body, err := atom("家电论坛", r.Host, s.entries["atom"], s.updated)
	serve(w, r, "application/atom+xml; charset=utf-8", s.updated, body, err)
}

func (s site) bbs(w http.ResponseWriter, r *http.Request) {
	body, err := rss("本地社区", "GBK", r.Host, s.entries["gbk"], time.DateTime)
	serve(w, r, "text/xml", time.Time{}, body, err)
}

// serve answers conditional requests with 304 where a validator is set.
func serve(w http.ResponseWriter, r *http.Request, contentType string, modified time.Time, body []byte, err error) {
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", contentType)
	http.ServeContent(w, r, "", modified, bytes.NewReader(body))
}

// page shows one post of the given sources, with the two that follow it.
func (s site) page(name string, sources ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		for _, source := range sources {
			list := s.entries[source]
			if i := slices.IndexFunc(list, func(e entry) bool { return e.ID == r.PathValue("id") }); i >= 0 {
				e := list[i]
				e.Related = list[i+1 : min(i+3, len(list))]
				s.render(w, name, e)
				return
			}
		}
		http.NotFound(w, r)
	}
}

func (s site) render(w http.ResponseWriter, name string, data any) {
	var body bytes.Buffer
	if err := s.pages.ExecuteTemplate(&body, name, data); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = body.WriteTo(w) // the reader went away: nobody is left to tell
}
