package alerting

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"reputed/internal/reputation"
)

var update = flag.Bool("update", false, "write the golden files anew")

// shanghai does not need the time zone files of the machine.
var shanghai = time.FixedZone("CST", 8*60*60)

// sample is a message about an invented brand, at each step of one spike.
func sample(event reputation.Event) reputation.Message {
	opened := time.Date(2026, 11, 22, 6, 10, 0, 0, time.UTC)
	a := reputation.Alert{
		ID: 17, Brand: "青柠手机", Rule: RuleNegativeVolume,
		Severity: reputation.Warning, State: reputation.Firing, OpenedAt: opened,
		Judgement: reputation.Judgement{
			From: opened.Add(-time.Hour), To: opened,
			Observed: 42, Stories: 31, Mentions: 67,
			Expected: 8.7, Deviation: 4.06, Surprise: 8.2, Usual: 0.18, Probability: 2.3e-5, Spike: true,
		},
		Peak: 42,
	}
	m := reputation.Message{
		ID: 42, Event: event, Alert: a, At: opened, Target: reputation.Target{Mentions: []string{"U0PRLEAD1", "S0ONCALL1"}},
		Drivers: []reputation.Count{{Name: "quality", N: 21}, {Name: "service", N: 9}, {Name: "trust", N: 4}},
		Sources: []reputation.Count{{Name: "weibo", N: 25}, {Name: "数码论坛", N: 9}, {Name: "it_news", N: 5}, {Name: "贴吧", N: 2}, {Name: "知乎", N: 1}},
		Signals: []reputation.Count{{Name: "complaint", N: 6}, {Name: "churn", N: 3}},
		Quotes: []reputation.Quote{
			{
				Mention: 811, Text: "青柠手机充电时烫得拿不住，客服让我等了三天还没有答复，已经在 12315 投诉。", URL: "https://weibo.example/p/8812?from=feed&id=3",
				Source: "weibo", At: opened.Add(-12 * time.Minute), Score: -0.82, Words: []string{"烫得拿不住", "投诉", "没有答复"}, Copies: 4,
			},
			{
				Mention: 812, Text: "用了两个月，青柠手机第二次自动关机，再也不买了……", URL: "https://bbs.example/t/551",
				Source: "数码论坛", At: opened.Add(-31 * time.Minute), Score: -0.74, Words: []string{"自动关机", "再也不买"},
			},
			{
				Mention: 815, Text: "Lime phone owners report overheating, the company has not answered yet.", URL: "https://news.example/lime",
				Source: "it_news", At: opened.Add(-55 * time.Minute), Score: -0.61, Words: []string{"overheating"},
			},
		},
	}
	for i := range 48 {
		m.Trend = append(m.Trend, reputation.Hour{Mentions: 40, Negative: 6 + (i*i+3*i)%7})
	}
	m.Trend[45].Negative, m.Trend[46].Negative = 14, 23
	m.Trend[47] = reputation.Hour{Mentions: 67, Negative: 42, Stories: 31}
	m = later(m)
	m.Episode = crisisAt(opened, m.At)
	return m
}

// crisisAt is the crisis of the sample, which began two hours before it was opened.
func crisisAt(opened, at time.Time) *reputation.Episode {
	hour := opened.Truncate(time.Hour)
	e := &reputation.Episode{
		Began: hour.Add(-2 * time.Hour), Outbreak: hour.Add(-time.Hour), Phase: reputation.Outbreak, Since: hour.Add(-time.Hour),
		PeakAt: hour, Peak: 42, Expected: 8.7, Upper: 16.8, Mentions: 121, Negative: 79, Defenders: 6, Attackers: 75,
		Sources: []reputation.EpisodeSource{
			{Source: "数码论坛", At: hour.Add(-97 * time.Minute), Mention: 551, URL: "https://bbs.example/t/540", Negative: 14},
			{Source: "weibo", At: hour.Add(-42 * time.Minute), Mention: 560, URL: "https://weibo.example/p/8800", Negative: 48},
		},
		Drivers: []reputation.Count{{Name: "quality", N: 40}, {Name: "service", N: 17}},
	}
	switch since := at.Sub(opened); {
	case since >= 7*time.Hour:
		e.Phase, e.Since = reputation.LongTail, hour.Add(2*time.Hour)
	case since > 0:
		e.Phase, e.Since = reputation.Spread, hour
	}
	return e
}

// later moves a message from the opening to the time of its event, by the
// hours that bring so many negative mentions.
func later(m reputation.Message) reputation.Message {
	var since []int
	switch m.Event {
	case reputation.Escalated:
		since = []int{96}
		m.Alert.Severity = reputation.Critical
	case reputation.Reopened:
		since = []int{38, 24, 13, 9, 8, 7, 9, 12, 51}
	case reputation.Repeated:
		since = []int{61, 55, 49, 52}
	case reputation.Ended:
		since = []int{96, 71, 40, 22, 12, 9, 7}
		m.Alert.Severity, m.Alert.State = reputation.Critical, reputation.Resolved
		m.Alert.ResolvedAt = m.At.Add(7 * time.Hour)
	default:
		return m
	}
	for _, negative := range since {
		m.Trend = append(m.Trend[1:], reputation.Hour{Mentions: negative + 32, Negative: negative, Stories: negative * 3 / 4})
		m.Alert.Peak = max(m.Alert.Peak, negative)
	}
	passed := time.Duration(len(since)) * time.Hour
	m.At = m.At.Add(passed)
	if m.Event != reputation.Ended {
		for i := range m.Quotes {
			m.Quotes[i].At = m.Quotes[i].At.Add(passed)
		}
	}
	m.Alert.Thread = reputation.Thread{Channel: "C024BE91L", TS: "1763791800.000100"}
	return m
}

var events = []reputation.Event{reputation.Opened, reputation.Escalated, reputation.Reopened, reputation.Repeated, reputation.Ended}

// grouped is an opening that tells of other alerts too.
func grouped() reputation.Message {
	m := sample(reputation.Opened)
	m.Alert.Severity = reputation.Critical
	m.Also = []reputation.Alert{{ID: 18, Rule: "negative-share", Severity: reputation.Warning}}
	m.Muted = []reputation.Alert{{ID: 16, Rule: RuleNegativeVolume, Severity: reputation.Warning}}
	return m
}

// overdue is an opening that is told three hours late, since a silence held it back.
func overdue() reputation.Message {
	m := sample(reputation.Repeated)
	m.Event = reputation.Opened
	m.Alert.Thread = reputation.Thread{}
	return m
}

// troubles is a notice about n sources.
func troubles(n int, event reputation.Event) reputation.Message {
	at := time.Date(2026, 11, 22, 6, 10, 0, 0, time.UTC)
	all := []reputation.SourceTrouble{
		{Source: "weibo-青柠", Trouble: reputation.Blocked, Began: at.Add(-95 * time.Minute), LastItem: at.Add(-2 * time.Hour), Cause: "source weibo-青柠: rsshub.example/weibo: status 403 Forbidden: <b>登录</b> *后* 查看"},
		{Source: "数码论坛", Trouble: reputation.Silent, Began: at.Add(-53 * time.Hour), LastItem: at.Add(-53 * time.Hour)},
		{Source: "it_news", Trouble: reputation.Selector, Began: at.Add(-90 * time.Minute), Cause: `source it_news: news.example/latest: item selector "ul.list li" finds nothing on the page`},
		{Source: "old-blog", Trouble: reputation.Gone, Began: at, Cause: "source old-blog: get blog.example/rss: status 410 Gone"},
		{Source: "贴吧", Trouble: reputation.Format, Began: at.Add(-80 * time.Minute), Cause: "source 贴吧: no feed"},
		{Source: "知乎", Trouble: reputation.Unreadable, Began: at.Add(-7 * time.Hour), Cause: "source 知乎: get rsshub.example/zhihu: no complete answer within 30s"},
	}
	m := reputation.Message{ID: 43, Event: event, At: at}
	for i := range n {
		t := all[i%len(all)]
		if i >= len(all) {
			t.Source += fmt.Sprint("-", i)
		}
		if event == reputation.Ended {
			t.Over, t.Cause = at, ""
		}
		m.Troubles = append(m.Troubles, t)
	}
	return m
}

// digests are those of a bad day of one brand, of a quiet week of two, and of the hours
// in which people were left alone.
func digests() map[string]reputation.Message {
	to := time.Date(2026, 11, 22, 1, 0, 0, 0, time.UTC)
	quote := sample(reputation.Opened).Quotes
	alerts := []reputation.DigestAlert{
		{ID: 16, Brand: "青柠手机", Rule: RuleNegativeVolume, Severity: reputation.Warning, State: reputation.Resolved, OpenedAt: to.Add(-20 * time.Hour), Observed: 14, Peak: 18},
		{ID: 17, Brand: "青柠手机", Rule: RuleNegativeVolume, Severity: reputation.Critical, State: reputation.Firing, OpenedAt: to.Add(-4 * time.Hour), Observed: 42, Peak: 96},
	}
	daily := &reputation.Digest{
		Kind: reputation.Daily, From: to.AddDate(0, 0, -1), To: to,
		Brands: []reputation.BrandDigest{{
			Brand: "青柠手机",
			Now:   reputation.Figures{Mentions: 1240, Positive: 210, Neutral: 520, Negative: 510}, Before: reputation.Figures{Mentions: 918, Positive: 300, Neutral: 458, Negative: 160},
			Share: 0.42, ShareBefore: 0.33,
			Drivers: []reputation.DriverMove{{Driver: "quality", Now: 301, Before: 60}, {Driver: "service", Now: 92, Before: 40}, {Driver: "price", Now: 12, Before: 31}},
		}},
		Stories: []reputation.StoryQuote{
			{Quote: quote[0], Brand: "青柠手机", Label: reputation.Negative, Items: 58, Sources: 4},
			{Quote: quote[1], Brand: "青柠手机", Label: reputation.Negative, Items: 12, Sources: 2},
			{Quote: quote[2], Brand: "青柠手机", Label: reputation.Negative, Items: 1, Sources: 1},
		},
		Episodes: []reputation.Episode{*crisisAt(to.Add(-4*time.Hour), to)},
		Troubles: troubles(2, reputation.Opened).Troubles,
		Alerts:   alerts,
	}
	daily.Episodes[0].Brand = "青柠手机"
	weekly := &reputation.Digest{
		Kind: reputation.Weekly, From: to.AddDate(0, 0, -7), To: to,
		Brands: []reputation.BrandDigest{
			{Brand: "青柠手机", Now: reputation.Figures{Mentions: 5210, Positive: 1900, Neutral: 2400, Negative: 910}, Before: reputation.Figures{Mentions: 5190, Positive: 1870, Neutral: 2410, Negative: 910}, Share: 0.31, ShareBefore: 0.31},
			{Brand: "Lime", Now: reputation.Figures{Mentions: 12, Positive: 4, Neutral: 8}, Share: -1, ShareBefore: -1},
			{Brand: "青禾", Share: 0, ShareBefore: -1},
		},
		Stories: []reputation.StoryQuote{{Quote: quote[2], Brand: "Lime", Label: reputation.Neutral, Items: 3, Sources: 3}},
	}
	quiet := &reputation.Digest{Kind: reputation.Quiet, From: to.Add(-9 * time.Hour), To: to, Alerts: alerts}
	return map[string]reputation.Message{
		"daily":  {ID: 44, Event: reputation.Opened, At: to, Digest: daily},
		"weekly": {ID: 45, Event: reputation.Opened, At: to, Digest: weekly},
		"quiet":  {ID: 46, Event: reputation.Opened, At: to, Digest: quiet},
	}
}

// recorder is a Slack that accepts everything and keeps what it was sent.
type recorder struct{ sent bytes.Buffer }

func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(&r.sent, "%s %s\n", req.Method, req.URL.Path)
	answer := "ok"
	switch kind := req.Header.Get("Content-Type"); {
	case strings.HasPrefix(kind, "multipart/"):
		fmt.Fprintln(&r.sent, "a PNG:", bytes.Contains(body, []byte("\x89PNG\r\n")))
	case strings.HasPrefix(kind, "application/json"):
		var message struct {
			Text   string
			Blocks json.RawMessage
		}
		if err := json.Unmarshal(body, &message); err != nil {
			return nil, err
		}
		if err := wireLimits(message.Text, message.Blocks); err != nil {
			return nil, err
		}
		fmt.Fprintln(&r.sent, readable(string(body)))
	default:
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return nil, err
		}
		if form.Has("blocks") && form.Get("blocks") != "[]" { // the bare title
			if err := wireLimits(form.Get("text"), []byte(form.Get("blocks"))); err != nil {
				return nil, err
			}
		}
		form.Del("token")
		form.Del("length") // of a picture, which another processor may draw otherwise
		for _, name := range slices.Sorted(maps.Keys(form)) {
			fmt.Fprintf(&r.sent, "%s: %s\n", name, readable(form.Get(name)))
		}
		answer = `{"ok":true,"channel":"C024BE91L","ts":"1763791800.000100",
			"upload_url":"http://slack.test/upload","file_id":"F0PICTURE1","files":[{"id":"F0PICTURE1"}]}`
	}
	r.sent.WriteString("\n")
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(strings.NewReader(answer)), Request: req,
	}, nil
}

// readable indents JSON and shows its texts as they are; other text stays.
func readable(text string) string {
	var value any
	if !strings.HasPrefix(text, "{") && !strings.HasPrefix(text, "[") || json.Unmarshal([]byte(text), &value) != nil {
		return text
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(value); err != nil {
		return err.Error()
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func TestMessagesGolden(t *testing.T) {
	for _, lang := range []string{"zh", "en"} {
		wording := Wording{Lang: lang, Zone: shanghai, Config: "/etc/reputed/config.yaml", Web: "https://reputed.example"}
		messages := map[string]reputation.Message{
			"sources": troubles(3, reputation.Opened), "source": troubles(1, reputation.Opened),
			"grouped": grouped(), "overdue": overdue(),
			"many-sources": troubles(14, reputation.Opened), "sources-over": troubles(2, reputation.Ended),
		}
		for _, event := range events {
			messages[string(event)] = fortnight(sample(event))
		}
		for name, digest := range digests() {
			messages[name] = digest
		}
		for event, m := range messages {
			slack := new(recorder)
			client := &http.Client{Transport: slack}
			var screen, colours bytes.Buffer
			receivers := map[string]struct {
				notifier Notifier
				shown    *bytes.Buffer
			}{
				"desk":     {deskBot(client, wording), &slack.sent},
				"bot":      {NewSlackBot("xoxb-1", "#pr-alerts", "http://slack.test/api", client, wording), &slack.sent},
				"webhook":  {NewSlackWebhook("http://slack.test/services/T1/B1/X1", client, wording), &slack.sent},
				"terminal": {NewTerminal(&screen, false, 92, wording), &screen},
				"colour":   {NewTerminal(&colours, true, 60, wording), &colours},
			}
			for name, r := range receivers {
				t.Run(lang+" "+event+" "+name, func(t *testing.T) {
					r.shown.Reset()
					synctest.Test(t, func(t *testing.T) {
						if _, err := r.notifier.Notify(context.Background(), m); err != nil {
							t.Fatal(err)
						}
					})
					golden(t, fmt.Sprintf("%s.%s.%s.golden", event, lang, name), r.shown.Bytes())
				})
			}
		}
	}
}

// golden compares what came out with what testdata holds.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("differs from %s (go test -update writes it anew):\n%s", path, got)
	}
}
