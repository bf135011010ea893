package alerting

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"reputed/internal/reputation"
)

// kindSamples are messages about each rule but the volume, which TestReceiversGolden
// shows, and the digests.
func kindSamples() map[string]reputation.Message {
	all := ruleSamples()
	maps.Copy(all, digests())
	all["grouped"] = grouped()
	return all
}

// One file for each kind of receiver shows all of these messages, one after the other.
func TestReceiverKindsGolden(t *testing.T) {
	for _, lang := range []string{"zh", "en"} {
		wording := Wording{Lang: lang, Zone: shanghai, Config: "/etc/reputed/config.yaml"}
		account := new(robotAccount)
		files := map[string]*bytes.Buffer{"mail": {}}
		receivers := robots(t, "http://receiver.test", &http.Client{Transport: account}, wording)
		all := kindSamples()
		for _, name := range slices.Sorted(maps.Keys(all)) {
			title := "======== " + name + "\n"
			for kind, receiver := range receivers {
				if files[kind] == nil {
					files[kind] = new(bytes.Buffer)
				}
				m := all[name]
				if kind == "hook" { // others draw the hours, a program gets them all
					m.Trend = m.Trend[max(0, len(m.Trend)-2):]
				}
				account.sent.Reset()
				synctest.Test(t, func(t *testing.T) {
					if _, err := receiver.Notify(t.Context(), m); err != nil {
						t.Fatal(err)
					}
				})
				_, body, _ := strings.Cut(account.sent.String(), "{") // after the headers
				files[kind].WriteString(title + legible(t, kind, "{"+body) + "\n")
			}
			text, _, _ := bytes.Cut(mailed(t, all[name], wording), []byte("\ntext/html"))
			files["mail"].WriteString(title + string(text) + "\n")
		}
		for kind, file := range files {
			golden(t, fmt.Sprintf("kinds.%s.%s.golden", lang, kind), file.Bytes())
		}
	}
}

// legible is the text of a robot's message as people read it; of other documents, all.
func legible(t *testing.T, kind, body string) string {
	t.Helper()
	var text string
	switch kind {
	case "dingtalk":
		var m dingTalkMessage
		if err := json.Unmarshal([]byte(body), &m); err != nil {
			t.Fatal(err)
		}
		text = m.Markdown.Title + "\n\n" + m.Markdown.Text
	case "wecom":
		var m weComMessage
		if err := json.Unmarshal([]byte(body), &m); err != nil {
			t.Fatal(err)
		}
		text = m.Markdown.Content
	default:
		return body
	}
	return text + "\n"
}

// The largest messages that there are, with people to call, keep to what each service
// takes: Feishu 20 KB a request of a robot (its cards alone could have 30), DingTalk 20,000
// bytes a message, WeCom 4096 bytes of Markdown.
func TestLargestMessagesFit(t *testing.T) {
	limits := map[string]int{"feishu": 20 << 10, "dingtalk": 20_000, "wecom": 4096}
	outage := held(reputation.Outage, 5000)
	for i := range outage.Digest.Alerts {
		outage.Digest.Alerts[i].Brand = strings.Repeat("长名品牌", 20) + fmt.Sprint(i)
	}
	outage.Digest.Troubles = troubles(200, reputation.Opened).Troubles
	weekly := digests()["daily"]
	day := *weekly.Digest
	for i := range 300 {
		b := day.Brands[0]
		b.Brand = strings.Repeat("长名品牌", 20) + fmt.Sprint(i)
		day.Brands = append(day.Brands, b)
		day.Episodes = append(day.Episodes, day.Episodes[0])
		story := day.Stories[0]
		story.Quote.Text, story.Quote.URL = strings.Repeat(markup, 5), "https://a.example/"+strings.Repeat("x", 900)
		day.Stories = append(day.Stories, story)
	}
	day.Troubles, day.Alerts = outage.Digest.Troubles, outage.Digest.Alerts
	weekly.Digest = &day
	alert := hostileMessage(40)
	alert.Also = slices.Repeat([]reputation.Alert{{ID: 18, Rule: "negative-share", Severity: reputation.Warning}}, 300)
	alert.Muted = alert.Also
	all := map[string]reputation.Message{"outage": outage, "weekly": weekly, "alert": alert, "sources": troubles(300, reputation.Opened)}
	for name, m := range kindSamples() {
		all[name] = m
	}
	for name, m := range all {
		for i := range 500 {
			m.Target.Mentions = append(m.Target.Mentions, fmt.Sprintf("ou_84aad35d084aa403a838cf73ee%06d", i))
		}
		for _, lang := range []string{"zh", "en"} {
			for kind, limit := range limits {
				synctest.Test(t, func(t *testing.T) {
					size := 0
					client := &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
						body, err := io.ReadAll(r.Body)
						if err != nil {
							return nil, err
						}
						if size = len(body); kind == "wecom" {
							size = len(strings.TrimSuffix(legible(t, kind, string(body)), "\n"))
						}
						if called := bytes.Contains(body, []byte("ou_84aad35d084aa403a838cf73ee000000")); called != (m.Event == reputation.Opened) {
							t.Errorf("%s %s %s: people are called: %v", kind, name, lang, called)
						}
						return jsonResponse(r, map[string]int{"code": 0, "errcode": 0})
					})}
					if _, err := robots(t, "http://receiver.test", client, Wording{Lang: lang, Zone: shanghai})[kind].Notify(t.Context(), m); err != nil {
						t.Fatal(err)
					}
					if size > limit {
						t.Errorf("%s %s %s: %d bytes, at most %d are taken", kind, name, lang, size, limit)
					}
				})
			}
		}
	}
}
