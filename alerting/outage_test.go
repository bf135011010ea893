package alerting

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"reputed/internal/reputation"
)

// held is a digest of n alerts, of which the first three fire.
func held(kind reputation.DigestKind, n int) reputation.Message {
	to := time.Date(2026, 11, 22, 6, 10, 0, 0, time.UTC)
	d := &reputation.Digest{Kind: kind, From: to.Add(-6 * time.Hour), To: to}
	brands := []string{"青柠手机", "青榈水壶", "Lime & <Co>"}
	for i := range n {
		a := reputation.DigestAlert{
			ID: int64(100 + i), Brand: brands[i%3], Rule: RuleNegativeVolume, Severity: reputation.Warning, State: reputation.Resolved,
			OpenedAt: d.From.Add(time.Duration(i) * 6 * time.Hour / time.Duration(n)), Observed: 20 + i%30, Peak: 42 + i%60,
		}
		a.ResolvedAt = a.OpenedAt.Add(45 * time.Minute)
		if i < 3 {
			a.State, a.ResolvedAt = reputation.Firing, time.Time{}
		}
		if i == 0 {
			a.Severity = reputation.Critical
		}
		d.Alerts = append(d.Alerts, a)
	}
	d.Troubles = troubles(2, reputation.Opened).Troubles
	return reputation.Message{ID: 700, Event: reputation.Opened, At: to, Digest: d}
}

func TestOutageGolden(t *testing.T) {
	for _, lang := range []string{"zh", "en"} {
		wording := Wording{Lang: lang, Zone: shanghai, Config: "/etc/reputed/config.yaml"}
		slack := new(recorder)
		var screen bytes.Buffer
		for name, n := range map[string]Notifier{
			"bot":      NewSlackBot("xoxb-1", "#pr-alerts", "http://slack.test/api", &http.Client{Transport: slack}, wording),
			"terminal": NewTerminal(&screen, false, 92, wording),
		} {
			synctest.Test(t, func(t *testing.T) {
				if _, err := n.Notify(t.Context(), held(reputation.Outage, 26)); err != nil {
					t.Fatal(err)
				}
			})
			shown := map[string]*bytes.Buffer{"bot": &slack.sent, "terminal": &screen}[name]
			golden(t, fmt.Sprintf("outage.%s.%s.golden", lang, name), shown.Bytes())
		}
	}
}

// Whatever the receiver, five hundred alerts are told as one message within its limits,
// in which the number of each stands.
func TestOutageOfManyAlertsFits(t *testing.T) {
	m := held(reputation.Outage, 500)
	n := Wording{Lang: "zh", Zone: shanghai}.notice(m)
	card, err := document(n.feishuCard("key", "short", nil))
	if err != nil {
		t.Fatal(err)
	}
	var slack string
	for _, text := range packed(n.listing.lines(listingRunes, utf8.RuneCountInString)) {
		if utf8.RuneCountInString(text) > 3000 {
			t.Errorf("a section has %d characters", utf8.RuneCountInString(text))
		}
		slack += text + "\n"
	}
	for name, shown := range map[string]struct {
		text  string
		limit int
	}{
		"slack": {slack, 12_000}, "feishu": {string(card), feishuBytes}, "mail": {n.plain("key"), 1 << 20},
		"dingtalk": {n.markdown(dialect{"  \n", "\n\n", dingTalkBytes}, "key", "short"), dingTalkBytes},
		"wecom":    {n.markdown(dialect{"\n", "\n\n", weComBytes}, "key", "short"), weComBytes},
	} {
		if len(shown.text) > shown.limit && name != "slack" || utf8.RuneCountInString(shown.text) > shown.limit {
			t.Errorf("%s: %d bytes, limit %d", name, len(shown.text), shown.limit)
		}
		for _, a := range m.Digest.Alerts {
			if !names(shown.text, a.ID) {
				t.Fatalf("%s: alert %d is not in it:\n%s", name, a.ID, shown.text)
			}
		}
		if first := strings.Index(shown.text, "🔴 #100"); first < 0 || first > strings.Index(shown.text, "#104") {
			t.Errorf("%s: what fires does not come first:\n%s", name, shown.text)
		}
	}
}

// names tells whether the number of an alert stands in a text, alone or in a range.
func names(text string, id int64) bool {
	if strings.Contains(text, fmt.Sprintf("#%d ", id)) {
		return true
	}
	for i := range text {
		var from, to int64
		if n, _ := fmt.Sscanf(text[i:], "#%d–#%d", &from, &to); n == 2 && from <= id && id <= to {
			return true
		}
		if n, _ := fmt.Sscanf(text[i:], "#%d", &from); n == 1 && from == id {
			return true
		}
	}
	return false
}

func TestRanges(t *testing.T) {
	for want, ids := range map[string][]int64{"": nil, "#4": {4}, "#1–#3, #5, #7–#8": {7, 1, 2, 8, 3, 5}} {
		if got := ranges(ids); got != want {
			t.Errorf("%v: %q, want %q", ids, got, want)
		}
	}
}

func TestBacklog(t *testing.T) {
	alert := func(id int64, waits time.Duration) reputation.Message {
		return reputation.Message{ID: id, Queued: noon.Add(-waits), Alert: reputation.Alert{ID: id}}
	}
	many := func(n int, oldest time.Duration) []reputation.Message {
		list := []reputation.Message{alert(1, oldest)}
		for i := 1; i < n; i++ {
			list = append(list, alert(int64(i+1), time.Minute))
		}
		return list
	}
	threaded := func(list []reputation.Message) []reputation.Message {
		list[1].Alert.Thread.TS = "1.5"
		return list
	}
	digest := func(kind reputation.DigestKind) reputation.Message {
		return reputation.Message{ID: 90, Queued: noon.Add(-time.Minute), Digest: &reputation.Digest{Kind: kind}}
	}
	for name, test := range map[string]struct {
		waiting []reputation.Message
		want    int
	}{
		"nothing":                {nil, 0},
		"a few, for long":        {many(backlogSize, 5*time.Hour), 0},
		"many, for minutes":      {many(100, 59*time.Minute), 0},
		"many, for an hour":      {many(backlogSize+1, time.Hour), backlogSize + 1},
		"one has its thread":     {threaded(many(backlogSize+2, time.Hour)), backlogSize + 1},
		"a digest that waits":    {[]reputation.Message{digest(reputation.Outage)}, 0},
		"a digest, and more":     {[]reputation.Message{digest(reputation.Outage), alert(91, 0)}, 2},
		"a daily digest waits":   {append(many(backlogSize, time.Hour), digest(reputation.Daily)), 0},
		"it is no part of it":    {append(many(backlogSize+1, time.Hour), digest(reputation.Daily)), backlogSize + 1},
		"the clock was put back": {many(100, -time.Hour), 0},
	} {
		if got := len(backlog(test.waiting, noon)); got != test.want {
			t.Errorf("%s: %d are covered, want %d", name, got, test.want)
		}
	}
}

// A digest tells how the alerts stand now, of each once, and calls those who are to be
// called for what still fires.
func TestOutageDigest(t *testing.T) {
	s := withSpikes(t, "甲", "乙", "丙", "丁", "戊", "己")
	s.say("乙", 60, noon.Add(time.Hour))
	a := newTestAlerter(s, &inbox{}, "甲", "乙", "丙", "丁", "戊", "己")
	for hour := range 3 {
		evaluate(t, a, noon.Add(time.Duration(hour+1)*time.Hour))
	}
	for i := 2; i < len(s.alerts); i++ {
		s.alerts[i].State, s.alerts[i].ResolvedAt = reputation.Resolved, noon.Add(2*time.Hour)
	}
	for i := range s.outbox {
		s.outbox[i].Target.Mentions = []string{"on-call-" + s.outbox[i].Alert.Brand}
	}
	now := noon.Add(3 * time.Hour)
	n := &inbox{}
	if err := newTestAlerter(s, n).Deliver(t.Context(), now); err != nil {
		t.Fatal(err)
	}
	if len(n.messages) != 1 || n.messages[0].Digest == nil {
		t.Fatalf("%d messages, want one digest", len(n.messages))
	}
	d := n.messages[0].Digest
	if len(d.Alerts) != 6 {
		t.Errorf("%d alerts, want each of the six once", len(d.Alerts))
	}
	for _, alert := range d.Alerts {
		if stored := s.alerts[alert.ID-1]; alert.State != stored.State || !alert.ResolvedAt.Equal(stored.ResolvedAt) {
			t.Errorf("%s is %s since %v, want it as it is now, %s", alert.Brand, alert.State, alert.ResolvedAt, stored.State)
		}
	}
	for _, q := range s.outbox {
		if !q.delivered {
			t.Errorf("message %d still waits", q.ID)
		}
	}
	if d.Alerts[0].State != reputation.Firing || d.Alerts[1].State != reputation.Firing {
		t.Errorf("what fires does not come first: %+v", d.Alerts)
	}
	if calls := n.messages[0].Target.Mentions; !slices.Equal(calls, []string{"on-call-甲", "on-call-乙"}) {
		t.Errorf("it calls %v, want those of what still fires", calls)
	}
}

// While the outage lasts, each try tells of all that has come by then, and the last one
// is the only message that people get.
func TestOutageGrows(t *testing.T) {
	s := withSpikes(t, "甲", "乙", "丙", "丁", "戊", "己")
	n := &inbox{err: context.DeadlineExceeded}
	a := newTestAlerter(s, n, "甲", "乙", "丙", "丁", "戊", "己", "庚")
	now := noon
	for range 60 {
		if err := a.Deliver(t.Context(), now); err == nil {
			t.Fatal("no error")
		}
		now = now.Add(10 * time.Minute)
		if now.Sub(noon) == 3*time.Hour {
			s.say("庚", 12, now)
			evaluate(t, a, now)
		}
	}
	n.err = nil
	if err := a.Deliver(t.Context(), now); err != nil {
		t.Fatal(err)
	}
	if len(n.messages) != 1 || len(n.messages[0].Digest.Alerts) != 7 {
		t.Fatalf("%+v, want one digest of seven alerts", n.messages)
	}
	for _, q := range s.outbox {
		if !q.delivered {
			t.Errorf("message %d still waits", q.ID)
		}
	}
}
