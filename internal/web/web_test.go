package web_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"reputed/internal/reputation"
	"reputed/internal/web"
)

var update = flag.Bool("update", false, "write the golden files anew")

// now is when all pages are asked for.
func now() time.Time { return time.Date(2026, 11, 22, 6, 40, 0, 0, time.UTC) }

// hostile is text that nothing may come of.
const hostile = "<script>alert(1)</script>\u202eгнаво\" onmouseover=\"x <b>{{.}}"

// talk is a store with a crisis of an invented brand.
type talk struct{ broken error }

func (s talk) Status(_ context.Context, brand string, at time.Time) (reputation.Status, error) {
	st := reputation.Status{Brand: brand, At: at, Last: now().Add(-4 * time.Minute)}
	if brand == "青柠手机" {
		a := alert()
		st.Firing = []reputation.DigestAlert{{ID: a.ID, Brand: a.Brand, Rule: a.Rule, Severity: a.Severity, State: a.State, OpenedAt: a.OpenedAt, Observed: 42, Peak: 42}}
		e := crisis()
		st.Episode = &e
	}
	st.Troubles = []reputation.SourceTrouble{{Source: "论坛 " + hostile, Trouble: reputation.Blocked, Began: now().Add(-30 * time.Hour), Cause: "a login page came instead"}}
	return st, s.broken
}

func (s talk) Figures(context.Context, string, time.Time, time.Time) (reputation.Figures, error) {
	return reputation.Figures{Mentions: 1200, Positive: 500, Neutral: 400, Negative: 300}, s.broken
}

func (s talk) HourlyFigures(_ context.Context, brand string, from, to time.Time) ([]reputation.Figures, error) {
	hours := make([]reputation.Figures, int(to.Sub(from)/time.Hour))
	for i := range hours {
		if i%24 == 8 {
			hours[i] = reputation.Figures{Mentions: 4, Positive: 2, Neutral: 1, Negative: 1}
		}
	}
	if brand == "青柠手机" {
		hours[len(hours)-1] = reputation.Figures{Mentions: 67, Positive: 5, Neutral: 20, Negative: 42}
	}
	return hours, s.broken
}

func (s talk) NegativeDrivers(context.Context, string, time.Time, time.Time) (map[string]int, error) {
	return map[string]int{"quality": 21, "service": 9, "trust": 9}, s.broken
}

func (s talk) Signals(context.Context, string, time.Time, time.Time) (map[string]int, error) {
	return map[string]int{"gap": 12, "churn": 4}, s.broken
}

func (s talk) MentionActions(context.Context, int64) ([]reputation.Action, error) {
	return []reputation.Action{{At: now(), By: "U0PRLEAD1", Via: "slack", What: reputation.Corrected, Alert: 17, Mention: 811, Detail: "neutral"}}, s.broken
}

func (s talk) Stories(context.Context, string, time.Time, time.Time, int) ([]reputation.Story, error) {
	return []reputation.Story{{Mention: mention(), Items: 5, Sources: 3}, {Mention: evil(), Items: 1, Sources: 1}}, s.broken
}

func (s talk) Episodes(context.Context, string, time.Time) ([]reputation.Episode, error) {
	return []reputation.Episode{crisis()}, s.broken
}

func (s talk) AlertList(_ context.Context, f reputation.AlertFilter) ([]reputation.Alert, error) {
	over := alert()
	over.ID, over.Rule, over.Severity, over.State = 3, "driver-service", reputation.Warning, reputation.Resolved
	over.OpenedAt, over.ResolvedAt, over.MutedBy = now().AddDate(-1, 0, 0), now().AddDate(-1, 0, 1), "silence 3"
	var list []reputation.Alert
	for i := range 2 * 51 {
		a := alert()
		if a.ID = int64(200 - i); i%2 == 1 {
			a = over
		}
		list = append(list, a)
	}
	list = list[min(f.Offset, len(list)):]
	return list[:min(f.Limit, len(list), 102)], s.broken
}

func (s talk) Alert(_ context.Context, id int64) (reputation.Alert, bool, error) {
	return alert(), id == alert().ID, s.broken
}

func (s talk) AlertMessages(context.Context, int64) ([]reputation.Delivery, error) {
	return []reputation.Delivery{
		{ID: 1, Event: reputation.Opened, At: now(), Target: reputation.Target{Receiver: "slack", Channel: "#pr-alerts"}, Delivered: now()},
		{ID: 2, Event: reputation.Opened, At: now(), Target: reputation.Target{Receiver: "pr-mail"}, Failures: 3, Error: "mail.example: no answer"},
	}, s.broken
}

func (s talk) EpisodeDuring(context.Context, string, time.Time, time.Time) (reputation.Episode, bool, error) {
	return crisis(), true, s.broken
}

func (s talk) Actions(context.Context, int64) ([]reputation.Action, error) {
	return []reputation.Action{{At: now(), By: "U0PRLEAD1", Via: "slack", What: reputation.Acknowledged, Alert: 17}}, s.broken
}

func (s talk) Mention(_ context.Context, id int64) (reputation.Mention, int, bool, error) {
	if id == evil().ID {
		return evil(), 0, true, s.broken
	}
	return mention(), 4, id == mention().ID, s.broken
}

func (s talk) Correction(_ context.Context, id int64) (reputation.Correction, bool, error) {
	c := reputation.Correction{Mention: id, Rated: reputation.Neutral, Label: reputation.Negative, By: "林", At: now()}
	return c, id == evil().ID, s.broken
}

func alert() reputation.Alert {
	opened := now().Add(-30 * time.Minute)
	return reputation.Alert{
		ID: 17, Brand: "青柠手机", Rule: reputation.RuleNegativeVolume, Severity: reputation.Critical, State: reputation.Firing, OpenedAt: opened, Peak: 42,
		Judgement: reputation.Judgement{
			From: opened.Add(-time.Hour), To: opened, Observed: 42, Stories: 31, Mentions: 67, Expected: 8.7, Deviation: 4.06, Surprise: 8.2, Usual: 0.18, Probability: 2.3e-5,
		},
		AcknowledgedBy: "U0PRLEAD1", AcknowledgedAt: now(),
	}
}

func crisis() reputation.Episode {
	hour := now().Truncate(time.Hour)
	return reputation.Episode{
		ID: 2, Brand: "青柠手机", Began: hour.Add(-2 * time.Hour), Outbreak: hour.Add(-time.Hour), Phase: reputation.Spread, Since: hour, PeakAt: hour, Peak: 42,
		Mentions: 121, Negative: 79, Defenders: 6, Attackers: 75,
		Sources: []reputation.EpisodeSource{
			{Source: "数码论坛", At: hour.Add(-97 * time.Minute), Mention: 551, URL: "https://bbs.example/t/540", Negative: 14},
			{Source: "新闻", Media: true, At: hour.Add(-12 * time.Minute), Mention: 560, Negative: 3},
		},
	}
}

func mention() reputation.Mention {
	const text = "青柠手机充电时烫得拿不住，\n客服让我等了三天，屏幕倒是漂亮。"
	at := func(term string) (start, end int) {
		start = strings.Index(text, term)
		return start, start + len(term)
	}
	evidence := func(term string, weight float64, rule string) reputation.Evidence {
		start, end := at(term)
		return reputation.Evidence{Term: term, Weight: weight, Start: start, End: end, Rule: rule}
	}
	start, end := at("青柠手机")
	return reputation.Mention{
		ID:   811,
		Item: reputation.Item{Source: "weibo", URL: "https://weibo.example/p/8812?from=feed&id=3", Text: text, Published: now().Add(-42 * time.Minute), Fetched: now().Add(-40 * time.Minute)},
		Span: reputation.Span{Brand: "青柠手机", Term: "青柠手机", Start: start, End: end},
		Score: reputation.Score{Value: -0.61, Label: reputation.Negative, Evidence: []reputation.Evidence{
			evidence("烫得拿不住", -0.5, "烫得拿不住 -3"), evidence("等了三天", -0.3, "等了三天 -2"), evidence("漂亮", 0.19, "漂亮 +2 × 倒是 0.6"),
		}},
		Driver: "quality", Stage: "delivery", Signals: []string{"gap", "complaint"}, Story: 9,
		LoyaltyEvidence: []reputation.Evidence{evidence("充电", 1, "driver quality"), evidence("客服", 0.5, "driver service")},
	}
}

// evil is a mention of which every text is hostile.
func evil() reputation.Mention {
	m := mention()
	m.ID, m.Story = 812, 0
	m.Item.Text, m.Item.Source, m.Item.URL = hostile+strings.Repeat("长", 9000), hostile, "javascript:alert(1)"
	m.Span = reputation.Span{Brand: "青柠手机", Start: 3, End: 9}
	m.Score.Evidence = []reputation.Evidence{{Term: hostile, Weight: -0.6, Start: 1, End: 8, Rule: hostile}, {Term: "x", Weight: -0.1, Start: 4, End: 1 << 20}}
	return m
}

func explain(_ context.Context, a reputation.Alert, language string, _ time.Time) (web.Case, error) {
	c := web.Case{
		Title: "青柠手机 负面声量异常", Opening: []web.Fact{{"一小时负面声量", "42 条"}}, Standing: []web.Fact{{"一小时负面声量", "40 条"}}, Facts: []web.Fact{{"主要话题", hostile}},
		Advice: []string{"先核实。"}, Commands: []string{"reputed alerts explain 17"}, Queries: []string{"SELECT count(*) FROM mentions WHERE brand = '<青柠>';"},
		Negative: make([]int, 14*24), End: now(), Mentions: []reputation.Mention{mention(), mention(), evil()}, Copies: []int{4, 4, 0},
	}
	if language == "en" {
		c.Title = "青柠手机: negative mentions up to 42 an hour"
	}
	c.Negative[len(c.Negative)-30], c.Negative[len(c.Negative)-2], c.Negative[len(c.Negative)-1] = 9, 17, 42
	return c, nil
}

func names(language string) web.Names {
	n := web.Names{
		Rules: map[string]string{"negative-volume": "负面声量突增"}, Drivers: map[string]string{"quality": "产品质量", "service": "客户服务"},
		Signals: map[string]string{"gap": "期望落差"}, Phases: map[string]string{"spread": "扩散期"}, Troubles: map[string]string{"blocked": "被拒绝"},
		Severities: map[reputation.Severity]string{reputation.Critical: "严重", reputation.Warning: "预警"},
		Labels:     map[reputation.Label]string{reputation.Negative: "负面", reputation.Neutral: "中性"},
	}
	if language == "en" {
		n.Severities, n.Labels = map[reputation.Severity]string{reputation.Critical: "critical"}, map[reputation.Label]string{reputation.Negative: "negative"}
	}
	return n
}

func pages(t testing.TB, store web.Store) http.Handler {
	t.Helper()
	h, err := web.New(web.Options{
		Store: store, Explain: explain, Names: names, Brands: []string{"青柠手机", "a/b?c#d"}, Language: "zh", Zone: time.FixedZone("CST", 8*60*60),
		Hosts: []string{"reputed.example"}, Now: now, Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func get(t testing.TB, h http.Handler, path string) *http.Response {
	t.Helper()
	return do(t, h, http.MethodGet, "http://reputed.example"+path)
}

func do(t testing.TB, h http.Handler, method, address string) *http.Response {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(method, address, http.NoBody))
	return w.Result()
}

func body(t testing.TB, r *http.Response) string {
	t.Helper()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestPages(t *testing.T) {
	h := pages(t, talk{})
	for name, path := range map[string]string{
		"overview": "/", "overview.en": "/?lang=en", "brand": "/brands/" + url.PathEscape("青柠手机"), "brand.90": "/brands/" + url.PathEscape("青柠手机") + "?days=90",
		"alerts": "/alerts", "alerts.2.en": "/alerts?page=2&lang=en", "alert": "/alerts/17", "alert.en": "/alerts/17?lang=en",
		"mention": "/mentions/811", "mention.hostile.en": "/mentions/812?lang=en", "none": "/alerts/4",
	} {
		t.Run(name, func(t *testing.T) {
			r := get(t, h, path)
			if want := map[bool]int{true: 404, false: 200}[name == "none"]; r.StatusCode != want {
				t.Errorf("status %d, want %d", r.StatusCode, want)
			}
			golden(t, name+".html", body(t, r))
			if strings.HasSuffix(name, ".en") {
				return // JSON knows no language but in the texts of an alert
			}
			data := body(t, get(t, h, asJSON(path)))
			if !json.Valid([]byte(data)) {
				t.Errorf("no JSON: %s", data)
			}
			golden(t, name+".json", data)
		})
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	got = regexp.MustCompile(`style-\w+`).ReplaceAllString(got, "style") // it changes with each change of the style sheet
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs from what is shown now; see it with: go test ./internal/web -update && git diff", path)
	}
}

// Nothing that somebody wrote on the internet becomes markup, an address to follow, or
// turns the direction of what stands beside it.
func TestHostileTextStaysText(t *testing.T) {
	h := pages(t, talk{})
	for _, path := range []string{"/", "/brands/" + url.PathEscape("青柠手机"), "/alerts", "/alerts/17", "/mentions/812", "/brands/" + url.PathEscape(hostile), "/?lang=" + url.QueryEscape(hostile)} {
		for _, path := range []string{path, asJSON(path)} {
			text := body(t, get(t, h, path))
			for _, live := range []string{"<script", `onmouseover="`, "javascript:", "\u202e", "<b>{{"} {
				if strings.Contains(text, live) {
					t.Errorf("%s holds %q", path, live)
				}
			}
		}
	}
}

// asJSON is the address of a page's JSON.
func asJSON(path string) string {
	if strings.Contains(path, "?") {
		return path + "&format=json"
	}
	return path + "?format=json"
}

// The pages change nothing, and let browsers load nothing from elsewhere.
func TestReadsOnly(t *testing.T) {
	h := pages(t, talk{})
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodPatch} {
		if r := do(t, h, method, "http://localhost/alerts/17"); r.StatusCode != http.StatusMethodNotAllowed {
			t.Errorf("%s: status %d", method, r.StatusCode)
		}
	}
	if r := do(t, h, http.MethodHead, "http://localhost/alerts/17"); r.StatusCode != http.StatusOK {
		t.Errorf("HEAD: status %d", r.StatusCode)
	}
	r := get(t, h, "/")
	for key, want := range map[string]string{
		"Content-Security-Policy": "default-src 'none'", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store",
		"Content-Type": "text/html; charset=utf-8",
	} {
		if got := r.Header.Get(key); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %q, want %q", key, got, want)
		}
	}
	page := body(t, r)
	_, style, _ := strings.Cut(page, `rel="stylesheet" href="`)
	style, _, _ = strings.Cut(style, `"`)
	if r := get(t, h, style); r.StatusCode != http.StatusOK || !strings.HasPrefix(r.Header.Get("Content-Type"), "text/css") {
		t.Errorf("style sheet %s: status %d, %s", style, r.StatusCode, r.Header.Get("Content-Type"))
	}
}

// A name that another site lets lead to this machine is refused; see DNS rebinding.
func TestHosts(t *testing.T) {
	h := pages(t, talk{})
	for host, want := range map[string]int{
		"reputed.example": 200, "REPUTED.example:8973": 200, "reputed.example.": 200, "localhost:8973": 200, "127.0.0.1:8973": 200, "[::1]:8973": 200,
		"evil.example": 421, "10.0.0.4": 200, "reputed.example.evil.example": 421, "localhost.evil.example": 421, "": 421,
	} {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
		r.Host = host
		if h.ServeHTTP(w, r); w.Code != want {
			t.Errorf("host %q: status %d, want %d", host, w.Code, want)
		}
	}
}

func TestNoSuchPage(t *testing.T) {
	h := pages(t, talk{})
	for _, path := range []string{"/alerts/4", "/alerts/x", "/alerts/-1", "/alerts/99999999999999999999", "/mentions/1", "/brands/", "/brands/nobody", "/alert", "/..%2f..%2fetc/passwd", "/style.css"} {
		r := get(t, h, path)
		if text := body(t, r); r.StatusCode != http.StatusNotFound || !strings.Contains(text, "没有这个页面") {
			t.Errorf("%s: status %d, %s", path, r.StatusCode, text)
		}
	}
	if r := get(t, h, "/brands/"+url.PathEscape("a/b?c#d")); r.StatusCode != http.StatusOK {
		t.Errorf("a brand with marks in its name: status %d", r.StatusCode)
	}
}

// What goes wrong inside stays inside.
func TestFailure(t *testing.T) {
	h := pages(t, talk{broken: errors.New("database /var/lib/reputed/reputed.db: disk I/O error")})
	for _, path := range []string{"/", "/brands/" + url.PathEscape("青柠手机"), "/alerts", "/alerts/17", "/mentions/811", "/mentions/811?format=json"} {
		r := get(t, h, path)
		if text := body(t, r); r.StatusCode != http.StatusInternalServerError || strings.Contains(text, "/var/lib") {
			t.Errorf("%s: status %d, %s", path, r.StatusCode, text)
		}
	}
}

func ExampleNew() {
	h, err := web.New(web.Options{
		Store: talk{}, Explain: explain, Names: names, Brands: []string{"青柠手机"}, Language: "zh", Zone: time.UTC, Now: now, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://127.0.0.1:8973/alerts/17?format=json", http.NoBody))
	var alert struct {
		Title    string
		Observed int
		Expected float64
	}
	fmt.Println(w.Code, json.Unmarshal(w.Body.Bytes(), &alert), alert.Title, alert.Observed, alert.Expected)
	// Output: 200 <nil> 青柠手机 负面声量异常 42 8.7
}
