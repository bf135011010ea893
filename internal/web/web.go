// Package web shows what is stored on pages that only read: how the brands stand, why
// an alert was raised and what stands behind it, and how a mention came by its score.
// Whoever gets an alert on a phone follows its link here; whoever writes a report takes
// the same figures as JSON.
//
// The pages need no script, load nothing from elsewhere and change nothing. They have
// no log-in of their own: who may reach them is up to the address they are served at.
package web

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"html/template"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"reputed/internal/reputation"
)

// Brands tells how brands fare.
type Brands interface {
	Status(ctx context.Context, brand string, now time.Time) (reputation.Status, error)
	Figures(ctx context.Context, brand string, from, to time.Time) (reputation.Figures, error)
	HourlyFigures(ctx context.Context, brand string, from, to time.Time) ([]reputation.Figures, error)
	NegativeDrivers(ctx context.Context, brand string, from, to time.Time) (map[string]int, error)
	Signals(ctx context.Context, brand string, from, to time.Time) (map[string]int, error)
	Stories(ctx context.Context, brand string, from, to time.Time, n int) ([]reputation.Story, error)
	Episodes(ctx context.Context, brand string, at time.Time) ([]reputation.Episode, error)
}

// Alerts tells of alerts and of what became of them.
type Alerts interface {
	AlertList(ctx context.Context, f reputation.AlertFilter) ([]reputation.Alert, error)
	Alert(ctx context.Context, id int64) (reputation.Alert, bool, error)
	AlertMessages(ctx context.Context, alert int64) ([]reputation.Delivery, error)
	EpisodeDuring(ctx context.Context, brand string, from, to time.Time) (reputation.Episode, bool, error)
	Actions(ctx context.Context, alert int64) ([]reputation.Action, error)
}

// Mentions tells of single mentions.
type Mentions interface {
	Mention(ctx context.Context, id int64) (m reputation.Mention, copies int, ok bool, err error)
	Correction(ctx context.Context, mention int64) (reputation.Correction, bool, error)
	MentionActions(ctx context.Context, mention int64) ([]reputation.Action, error)
}

// Store is all that the pages read.
type Store interface {
	Brands
	Alerts
	Mentions
}

// Fact is a value with its label, in the language of the page.
type Fact struct {
	Label string `json:"label"`
	Value string `json:"value"`
}

// Case is what the rule of an alert says of it, in words and in figures.
type Case struct {
	Title    string   // what happens now, in a sentence
	Opening  []Fact   // what was counted when it opened, and what was usual
	Standing []Fact   // the same of now, or of its end
	Facts    []Fact   // what it is about
	Advice   []string // what people can do

	Commands []string // that show and reproduce it in a shell
	Queries  []string // SQL that counts again

	Negative []int     // negative mentions of each hour up to End, oldest first
	End      time.Time // of the last of these hours

	Mentions []reputation.Mention // that stand behind it, the most negative first
	Copies   []int                // of each, how many other items tell its story
	Cut      bool                 // there may be more of them, less negative
}

// Explain puts an alert into words in a language, "zh" or "en", as it stands now.
type Explain func(ctx context.Context, a reputation.Alert, language string, now time.Time) (Case, error)

// Names are what the kinds that a mention, an alert or an episode can have are called in
// one language, by the names under which the database holds them.
type Names struct {
	Rules, Drivers, Signals, Phases map[string]string
	Severities                      map[reputation.Severity]string
	Labels                          map[reputation.Label]string
	Troubles                        map[string]string
}

// Options are what the pages are made with. All are needed but Hosts.
type Options struct {
	Store    Store
	Explain  Explain
	Names    func(language string) Names
	Brands   []string // that are watched
	Language string   // of the pages unless ?lang= names another: "zh" or "en"
	Zone     *time.Location
	Hosts    []string // names under which the pages are asked for, besides those of this machine
	Now      func() time.Time
	Log      *slog.Logger
}

// pages serves the pages.
type pages struct {
	Options
	in    map[string]language
	style asset
}

// language is what depends on the language of a page.
type language struct {
	say       phrases
	names     Names
	templates *template.Template
}

// asset is a file with the address that changes with it, so that it may be kept.
type asset struct {
	content []byte
	path    string
}

//go:embed templates style.css
var files embed.FS

// New returns the handler of the pages. The error is a fault of the program.
func New(o Options) (http.Handler, error) {
	p := &pages{Options: o, in: make(map[string]language)}
	style, err := files.ReadFile("style.css")
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(style)
	p.style = asset{style, "/style-" + hex.EncodeToString(sum[:6]) + ".css"}
	for _, lang := range []string{"zh", "en"} {
		l := language{say: phrasesIn(lang), names: o.Names(lang)}
		l.templates, err = template.New("").Funcs(p.functions(l)).ParseFS(files, "templates/*.html")
		if err != nil {
			return nil, err
		}
		p.in[lang] = l
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", p.page("overview.html", p.overview))
	mux.HandleFunc("GET /brands/{name...}", p.page("brand.html", p.brand))
	mux.HandleFunc("GET /alerts", p.page("alerts.html", p.alerts))
	mux.HandleFunc("GET /alerts/{id}", p.page("alert.html", p.alert))
	mux.HandleFunc("GET /mentions/{id}", p.page("mention.html", p.mention))
	mux.HandleFunc("GET "+p.style.path, p.serveStyle)
	mux.HandleFunc("GET /", p.page("", func(*http.Request, language) (any, error) { return nil, errNone }))
	return p.guarded(mux), nil
}

// errNone is the error of a page that is not there.
var errNone = errors.New("there is no such page")

// view is a page as its template shows it.
type view struct {
	Say       phrases
	Lang      string
	Style     string
	Title     string
	Path      string // of the page, with its query but for the language
	Zone      string
	Now       time.Time
	Data      any
	OtherLang string
	Switch    string // address of the page in the other language
	JSON      string // address of the page as JSON
	Suffix    string // "?lang=en" where the page is in a language of its own
}

// titled is data with a title of its own.
type titled interface{ title(l language) string }

// page serves what show returns: as JSON where ?format=json asks for it, else laid out
// by a template.
func (p *pages) page(layout string, show func(r *http.Request, l language) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		name, lang, own := layout, p.Language, false
		if asked := r.URL.Query().Get("lang"); asked == "zh" || asked == "en" {
			own = asked != lang
			lang = asked
		}
		l := p.in[lang]
		data, err := show(r, l)
		status := http.StatusOK
		switch {
		case r.Context().Err() != nil:
			return // nobody waits for it any more
		case errors.Is(err, errNone):
			status, data, name = http.StatusNotFound, failure{l.say.None, l.say.NoneWhy}, "failure.html"
		case err != nil:
			p.Log.Error("show a page", "path", r.URL.Path, "error", err)
			status, data, name = http.StatusInternalServerError, failure{l.say.Failed, l.say.FailedWhy}, "failure.html"
		}
		if r.URL.Query().Get("format") == "json" {
			p.writeJSON(w, status, data)
			return
		}
		v := view{
			Say: l.say, Lang: lang, Style: p.style.path, Title: "reputed", Zone: p.Zone.String(), Now: p.Now(), Data: data,
			OtherLang: map[string]string{"zh": "en", "en": "zh"}[lang],
		}
		if t, ok := data.(titled); ok {
			v.Title = t.title(l) + " · reputed"
		}
		v.Switch, v.JSON = with(r.URL, "lang", v.OtherLang), with(r.URL, "format", "json")
		if v.OtherLang == p.Language {
			v.Switch = with(r.URL, "lang", "")
		}
		if own {
			v.Suffix = "?lang=" + lang
		}
		var b bytes.Buffer
		if err := l.templates.ExecuteTemplate(&b, name, v); err != nil {
			p.Log.Error("lay out a page", "path", r.URL.Path, "error", err)
			http.Error(w, l.say.Failed, http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		p.write(w, status, b.Bytes())
	}
}

// failure is the page that says why there is none.
type failure struct {
	Error string `json:"error"`
	Why   string `json:"-"`
}

func (f failure) title(language) string { return f.Error }

// with is an address with another value in its query, or none where that is empty.
func with(u *url.URL, key, value string) string {
	q := u.Query()
	q.Del(key)
	if value != "" {
		q.Set(key, value)
	}
	other := url.URL{Path: u.Path, RawPath: u.RawPath, RawQuery: q.Encode()}
	return other.RequestURI()
}

func (p *pages) writeJSON(w http.ResponseWriter, status int, data any) {
	var b bytes.Buffer
	e := json.NewEncoder(&b) // it escapes what a browser could take for markup
	e.SetIndent("", "  ")
	if err := e.Encode(data); err != nil {
		p.Log.Error("write a page as JSON", "error", err)
		status = http.StatusInternalServerError
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	p.write(w, status, b.Bytes())
}

func (p *pages) write(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	if _, err := w.Write(body); err != nil {
		p.Log.Debug("send a page", "error", err) // the reader went away
	}
}

func (p *pages) serveStyle(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	p.write(w, http.StatusOK, p.style.content)
}

// guarded answers only who may ask, and tells browsers to load nothing from elsewhere.
// A page of another site could make a browser here ask for a name that leads to this
// machine (DNS rebinding): so names that are not known are refused.
func (p *pages) guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		if !p.known(r.Host) {
			http.Error(w, p.in[p.Language].say.Host, http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// known tells whether the pages are served under a host's name.
func (p *pages) known(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = host
	}
	name = strings.ToLower(strings.TrimSuffix(strings.Trim(name, "[]"), "."))
	if _, err := netip.ParseAddr(name); err == nil || name == "localhost" {
		return true // an address is no name that somebody could let lead here
	}
	for _, h := range p.Hosts {
		if strings.EqualFold(h, name) {
			return true
		}
	}
	return false
}

// listed is a list that JSON shows as [] where it is empty.
func listed[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// number is the number in a path.
func number(r *http.Request) (int64, error) {
	n, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil || n <= 0 {
		return 0, errNone
	}
	return n, nil
}

// nameOf translates a name; one that is not known stands as it is.
func nameOf[K ~string](names map[K]string, name K) string {
	return cmp.Or(names[name], reputation.OneLine(string(name)))
}
