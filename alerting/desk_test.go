package alerting

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slack-go/slack"

	"reputed/internal/reputation"
)

// office is a desk in memory with one alert.
type office struct {
	alert    reputation.Alert
	message  reputation.Message
	silences []reputation.Silence
	labels   map[int64]reputation.Label
	acts     []reputation.Action
	mentions []reputation.Mention
	fails    error // of every call
}

func newOffice(event reputation.Event) *office {
	m := fortnight(sample(event))
	m.Alert.Thread = reputation.Thread{Channel: "C024BE91L", TS: "1763791800.000100", Picture: "F0PICTURE1"}
	o := &office{alert: m.Alert, message: m, labels: map[int64]reputation.Label{}}
	for i, text := range append([]string{"发热严重，差评", "客服不理人，再也不买了"}, hostile...) {
		o.mentions = append(o.mentions, reputation.Mention{
			ID: int64(811 + i), Story: int64(i + 1), Driver: "quality", Span: reputation.Span{Brand: m.Alert.Brand},
			Item:  reputation.Item{Source: "weibo", URL: "https://weibo.example/p/" + fmt.Sprint(i), Text: text, Published: m.At.Add(-time.Minute)},
			Score: reputation.Score{Value: -0.8, Label: reputation.Negative, Evidence: []reputation.Evidence{{Term: "差评", Weight: -0.8}}},
		})
		o.labels[int64(811+i)] = reputation.Negative
	}
	return o
}

func (o *office) Case(_ context.Context, alert int64, _ reputation.Thread) (reputation.Alert, reputation.Message, error) {
	if alert != o.alert.ID && o.fails == nil {
		return reputation.Alert{}, reputation.Message{}, fmt.Errorf("alert %d: %w", alert, ErrUnknown)
	}
	return o.alert, o.message, o.fails
}

func (o *office) Acknowledge(_ context.Context, _ int64, by string, at time.Time) (reputation.Alert, error) {
	o.alert.AcknowledgedBy, o.alert.AcknowledgedAt = by, at
	return o.alert, o.fails
}

func (o *office) Act(_ context.Context, a reputation.Action) error {
	o.acts = append(o.acts, a)
	return o.fails
}

func (o *office) AddSilence(_ context.Context, s reputation.Silence) (reputation.Silence, error) {
	if err := CheckSilence(s, s.From); err != nil {
		return s, err
	}
	s.ID = int64(len(o.silences) + 1)
	o.silences = append(o.silences, s)
	return s, o.fails
}

func (o *office) Silences(_ context.Context, now time.Time) (list []reputation.Silence, err error) {
	for _, s := range o.silences {
		if s.Until.After(now) {
			list = append(list, s)
		}
	}
	return list, o.fails
}

func (o *office) EndSilence(_ context.Context, id int64, by string, at time.Time) (reputation.Silence, error) {
	if id < 1 || id > int64(len(o.silences)) {
		return reputation.Silence{}, fmt.Errorf("silence %d: %w", id, ErrUnknown)
	}
	s := &o.silences[id-1]
	s.Until, s.EndedBy = at, by
	return *s, o.fails
}

func (o *office) Negative(context.Context, string, time.Time, time.Time, int) ([]reputation.Mention, []int, error) {
	return o.mentions, make([]int, len(o.mentions)), o.fails
}

func (o *office) Correct(_ context.Context, mention int64, label reputation.Label, _ string, _ time.Time) (reputation.Label, string, error) {
	before, ok := o.labels[mention]
	if !ok {
		return "", "", fmt.Errorf("mention %d: %w", mention, ErrUnknown)
	}
	o.labels[mention] = label
	return before, o.alert.Brand, o.fails
}

func (o *office) Status(_ context.Context, brand string, now time.Time) (reputation.Status, error) {
	a := o.alert
	return reputation.Status{
		Brand: brand, At: now, Last: now.Add(-3 * time.Minute),
		Now: reputation.Figures{Mentions: 812, Positive: 97, Neutral: 390, Negative: 325}, Before: reputation.Figures{Mentions: 640, Positive: 180, Neutral: 350, Negative: 110},
		Firing:   []reputation.DigestAlert{{ID: a.ID, Brand: brand, Rule: a.Rule, Severity: a.Severity, OpenedAt: a.OpenedAt, Peak: a.Peak}},
		Episode:  &reputation.Episode{Phase: reputation.Outbreak},
		Troubles: troubles(6, reputation.Opened).Troubles,
	}, o.fails
}

func (o *office) Report(_ context.Context, brands []string, now time.Time) (reputation.Digest, error) {
	d := reputation.Digest{Kind: reputation.Weekly, From: now.AddDate(0, 0, -7), To: now}
	for _, brand := range brands {
		d.Brands = append(d.Brands, reputation.BrandDigest{
			Brand: brand, Now: reputation.Figures{Mentions: 5120, Positive: 900, Neutral: 3000, Negative: 1220}, Before: reputation.Figures{Mentions: 4800, Positive: 1400, Neutral: 2900, Negative: 500},
			Share: 0.62, ShareBefore: 0.55,
			Drivers: []reputation.DriverMove{{Driver: "quality", Now: 640, Before: 120}, {Driver: "service", Now: 210, Before: 190}},
		})
	}
	return d, o.fails
}

// deskTime is when people answer the alert: 23:41 in Shanghai.
var deskTime = time.Date(2026, 11, 22, 15, 41, 0, 0, time.UTC)

// deskBot is a bot whose messages people can answer, and have.
func deskBot(client *http.Client, wording Wording) *SlackBot {
	bot := NewSlackBot("xoxb-1", "#pr-alerts", "http://slack.test/api", client, wording)
	o := newOffice(reputation.Opened)
	o.silences = []reputation.Silence{{
		ID: 3, Author: "U0PRLEAD2", Reason: "x", From: deskTime, Until: deskTime.Add(4 * time.Hour),
		Matchers: []reputation.Matcher{{Label: "brand", Op: "=", Value: o.alert.Brand}},
	}}
	bot.desk, bot.now = o, func() time.Time { return deskTime }
	return bot
}

// newTestSocket is a socket that is not connected, for the brands 青柠手机 and Oak & Son.
func newTestSocket(o *office, client *http.Client, lang string) *SlackSocket {
	wording := Wording{Lang: lang, Zone: shanghai, Config: "/etc/reputed/config.yaml"}
	bot := NewSlackBot("xoxb-1", "#pr-alerts", "http://slack.test/api", client, wording)
	s := NewSlackSocket("xapp-1", "http://slack.test/api", client, bot, []string{"青柠手机", "Oak & Son"}, func() time.Time { return deskTime }, slog.New(slog.DiscardHandler))
	s.Serve(o)
	return s
}

// press is what Slack sends when somebody presses a button.
func press(action, value, by string) slack.InteractionCallback {
	heard := slack.InteractionCallback{Type: slack.InteractionTypeBlockActions, User: slack.User{ID: by}}
	heard.Container.ChannelID, heard.Container.MessageTs = "C024BE91L", "1763791800.000100"
	pressed := &slack.BlockAction{ActionID: action, Value: value}
	if action == pressRating {
		pressed.Value, pressed.SelectedOption.Value = "", value
	}
	heard.ActionCallback.BlockActions = []*slack.BlockAction{pressed}
	return heard
}

func TestPress(t *testing.T) {
	tests := []struct {
		name, action, value string
		event               reputation.Event
		says                string
		act                 reputation.Deed
		shown               bool // the message changes
	}{
		{"acknowledge", pressAcknowledge, "17", reputation.Opened, "You take care of alert #17", reputation.Acknowledged, true},
		{"mute for hours", pressMuteHours, "17", reputation.Opened, "muted until 23 Nov 03:41", reputation.Muted, true},
		{"mute until tomorrow", pressMuteTomorrow, "17", reputation.Escalated, "muted until 23 Nov 09:00", reputation.Muted, true},
		{"mute for a week", pressMuteWeek, "17", reputation.Reopened, "muted until 29 Nov 23:41", reputation.Muted, true},
		{"more", pressMore, "17", reputation.Opened, "10 more excerpts of alert #17", reputation.AskedMore, false},
		{"more of one that is over", pressMore, "17", reputation.Ended, "more excerpts", reputation.AskedMore, false},
		{"rating", pressRating, "811:neutral", reputation.Opened, "now counts as neutral", reputation.Corrected, false},
		{"rating that is confirmed", pressRating, "811:negative", reputation.Opened, "counts as negative already", reputation.Corrected, false},

		{"acknowledge one that is over", pressAcknowledge, "17", reputation.Ended, "over already", "", false},
		{"mute one that is over", pressMuteWeek, "17", reputation.Ended, "over already", "", false},
		{"alert that is gone", pressAcknowledge, "18", reputation.Opened, "#18 is no longer stored", "", false},
		{"mention that is gone", pressRating, "99:neutral", reputation.Opened, "no longer stored", "", false},
		{"unknown button", "launch", "17", reputation.Opened, "not known here", "", false},
		{"no number", pressAcknowledge, "<!channel>", reputation.Opened, "not known here", "", false},
		{"negative number", pressMore, "-17", reputation.Opened, "not known here", "", false},
		{"number out of range", pressMore, "99999999999999999999", reputation.Opened, "not known here", "", false},
		{"no value", pressMuteHours, "", reputation.Opened, "not known here", "", false},
		{"no label", pressRating, "811", reputation.Opened, "not known here", "", false},
		{"unknown label", pressRating, "811:furious", reputation.Opened, "not known here", "", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			wire := new(recorder)
			o := newOffice(tt.event)
			s := newTestSocket(o, &http.Client{Transport: wire}, "en")
			n, err := s.pressed(t.Context(), press(tt.action, tt.value, "U0PRLEAD1"))
			if err != nil {
				t.Fatal(err)
			}
			if said := n.fallback(); !strings.Contains(said, tt.says) {
				t.Errorf("answer %q, want one with %q", said, tt.says)
			}
			if err := blockLimits(n.fallback(), n.answer()); err != nil {
				t.Error(err)
			}
			switch {
			case tt.act == "" && len(o.acts) > 0:
				t.Errorf("stored %+v", o.acts)
			case tt.act != "" && (len(o.acts) != 1 || o.acts[0].What != tt.act || o.acts[0].By != "U0PRLEAD1" || o.acts[0].Via != "slack" || !o.acts[0].At.Equal(deskTime)):
				t.Errorf("stored %+v, want %s", o.acts, tt.act)
			}
			if tt.act == "" && (len(o.silences) > 0 || o.alert.AcknowledgedBy != "") {
				t.Error("something was changed")
			}
			sent := wire.sent.String()
			if shown := strings.Contains(sent, "POST /api/chat.update"); shown != tt.shown || strings.Contains(sent, "chat.postMessage") {
				t.Errorf("Slack was told:\n%s", sent)
			}
			if tt.shown && !(strings.Contains(sent, "<@U0PRLEAD1>") && strings.Contains(sent, "F0PICTURE1") && strings.Contains(sent, "ts: 1763791800.000100")) {
				t.Errorf("the message does not show who did it, or lost its picture:\n%s", sent)
			}
		})
	}
}

// What is pressed twice, by the same or another person, changes nothing more.
func TestPressTwice(t *testing.T) {
	o := newOffice(reputation.Opened)
	s := newTestSocket(o, &http.Client{Transport: new(recorder)}, "zh")
	says := func(action, value, by string) string {
		t.Helper()
		n, err := s.pressed(t.Context(), press(action, value, by))
		if err != nil {
			t.Fatal(err)
		}
		return n.fallback()
	}
	says(pressAcknowledge, "17", "U0PRLEAD1")
	if got := says(pressAcknowledge, "17", "U0PRLEAD2"); got != "告警 #17 已由 <@U0PRLEAD1> 认领（11月22日 23:41）。" {
		t.Error(got)
	}
	says(pressMuteTomorrow, "17", "U0PRLEAD1")
	for _, action := range []string{pressMuteTomorrow, pressMuteHours} {
		if got := says(action, "17", "U0PRLEAD2"); got != "告警 #17 已处于静音，直至 11月23日 09:00，未作改动。" {
			t.Error(got)
		}
	}
	if len(o.silences) != 1 || len(o.acts) != 2 || o.alert.AcknowledgedBy != "U0PRLEAD1" {
		t.Errorf("%d silences, %d acts, acknowledged by %s", len(o.silences), len(o.acts), o.alert.AcknowledgedBy)
	}
	says(pressMuteWeek, "17", "U0PRLEAD2")
	if len(o.silences) != 2 || !o.silences[1].Until.Equal(deskTime.AddDate(0, 0, 7)) {
		t.Errorf("a longer mute did not count: %+v", o.silences)
	}
}

// Nine o'clock tomorrow is that on the clock, on days of 23 and 25 hours too.
func TestMuteUntilTomorrow(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skip(err)
	}
	for _, now := range []string{"2026-03-28T23:30:00+01:00", "2026-10-24T23:30:00+02:00", "2026-10-25T00:30:00+02:00", "2026-12-31T12:00:00+01:00"} {
		at, err := time.Parse(time.RFC3339, now)
		if err != nil {
			t.Fatal(err)
		}
		s := &SlackSocket{bot: &SlackBot{wording: Wording{Zone: berlin}}, now: func() time.Time { return at }}
		until, ok := s.muteEnd("tomorrow")
		if !ok || until.Format("15:04") != "09:00" || until.Format(time.DateOnly) != at.In(berlin).AddDate(0, 0, 1).Format(time.DateOnly) {
			t.Errorf("from %s: until %s", now, until)
		}
	}
}

// The answers in both languages, as people read them.
func TestAnswersGolden(t *testing.T) {
	for _, lang := range []string{"zh", "en"} {
		var b bytes.Buffer
		o := newOffice(reputation.Opened)
		s := newTestSocket(o, &http.Client{Transport: new(recorder)}, lang)
		write := func(title string, n notice, err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
			if err := blockLimits(n.fallback(), n.answer()); err != nil {
				t.Errorf("%s: %v", title, err)
			}
			fmt.Fprintf(&b, "== %s\n%s\n", title, shownText(n.answer()))
		}
		for _, p := range []struct{ action, value string }{
			{pressMore, "17"},
			{pressAcknowledge, "17"},
			{pressAcknowledge, "17"},
			{pressMuteHours, "17"},
			{pressMuteHours, "17"},
			{pressMuteTomorrow, "17"},
			{pressMuteWeek, "17"},
			{pressRating, "811:positive"},
			{pressRating, "811:positive"},
			{pressRating, "99:neutral"},
			{pressMore, "18"},
			{"launch", "17"},
		} {
			n, err := s.pressed(t.Context(), press(p.action, p.value, "U0PRLEAD1"))
			write(p.action+" "+p.value, n, err)
		}
		for _, text := range []string{
			"", "help", "status", "状态 青柠手机", "status 苹果", "top oak & son", "热点", "report", "silence", "silence 青柠手机 4h <!channel> 发布会", "silence oak & son forever",
			"silence end 4", "silence end 9", "静音",
		} {
			n, err := s.command(t.Context(), slack.SlashCommand{UserID: "U0PRLEAD1", Text: text})
			write("/reputed "+text, n, err)
		}
		golden(t, "answers."+lang+".golden", b.Bytes())
	}
}

// shownText is what blocks show, without their layout.
func shownText(blocks []slack.Block) string {
	var b strings.Builder
	for _, block := range blocks {
		switch block := block.(type) {
		case *slack.HeaderBlock:
			fmt.Fprintln(&b, "#", block.Text.Text)
		case *slack.SectionBlock:
			fmt.Fprintln(&b, block.Text.Text)
			if block.Accessory != nil {
				menu := block.Accessory.SelectElement
				fmt.Fprintf(&b, "[%s:", menu.Placeholder.Text)
				for _, o := range menu.Options {
					fmt.Fprintf(&b, " %s=%s", o.Text.Text, o.Value)
				}
				fmt.Fprintln(&b, "]")
			}
		case *slack.ContextBlock:
			for _, e := range block.ContextElements.Elements {
				fmt.Fprintln(&b, "--", e.(*slack.TextBlockObject).Text)
			}
		}
	}
	return b.String()
}

func TestCommandsNeedAPerson(t *testing.T) {
	o := newOffice(reputation.Opened)
	s := newTestSocket(o, &http.Client{Transport: new(recorder)}, "en")
	for _, by := range []string{"", "<!channel>", "root"} {
		if n, err := s.command(t.Context(), slack.SlashCommand{UserID: by, Text: "silence 青柠手机 4h"}); err != nil || !strings.Contains(n.says, "not known") {
			t.Errorf("by %q: %q, %v", by, n.says, err)
		}
		if n, err := s.pressed(t.Context(), press(pressAcknowledge, "17", by)); err != nil || !strings.Contains(n.says, "not known") {
			t.Errorf("by %q: %q, %v", by, n.says, err)
		}
	}
	if len(o.acts)+len(o.silences) != 0 {
		t.Error("something was done by nobody")
	}
}

func TestDeskThatFails(t *testing.T) {
	o := newOffice(reputation.Opened)
	o.fails = errors.New("disk full")
	s := newTestSocket(o, &http.Client{Transport: new(recorder)}, "en")
	for _, heard := range []slack.InteractionCallback{
		press(pressAcknowledge, "17", "U0PRLEAD1"), press(pressMuteHours, "17", "U0PRLEAD1"), press(pressMore, "17", "U0PRLEAD1"), press(pressRating, "811:neutral", "U0PRLEAD1"),
	} {
		if _, err := s.pressed(t.Context(), heard); !errors.Is(err, o.fails) {
			t.Errorf("%s: %v", heard.ActionCallback.BlockActions[0].ActionID, err)
		}
	}
	for _, text := range []string{"status", "top", "report", "silence", "silence 青柠手机 4h", "silence end 1"} {
		if _, err := s.command(t.Context(), slack.SlashCommand{UserID: "U0PRLEAD1", Text: text}); err == nil {
			t.Errorf("/reputed %s: no error", text)
		}
	}
}

// Whatever people type and texts hold, an answer keeps Slack's limits and is inert.
func FuzzCommand(f *testing.F) {
	for _, text := range []string{"", "status", "top 青柠手机", "silence", "silence 青柠手机 4h 原因", "silence end 1", "report Oak & Son", "silence a b c 7d"} {
		f.Add(text)
	}
	for _, text := range hostile {
		f.Add("status " + cut(text, 100))
		f.Add("silence 青柠手机 4h " + cut(text, 100))
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, lang := range []string{"zh", "en"} {
			o := newOffice(reputation.Opened)
			o.mentions = o.mentions[:3]
			o.mentions[2].Item.Text, o.mentions[2].Item.Source = text, text
			for _, h := range append(hostile[:8:8], text) {
				o.silences = append(o.silences, reputation.Silence{
					ID: 1, Author: h, Reason: h, Until: deskTime.Add(time.Hour), Matchers: []reputation.Matcher{{Label: "brand", Op: "=", Value: h}},
				})
			}
			s := newTestSocket(o, &http.Client{Transport: new(recorder)}, lang)
			s.brands = append(s.brands, text)
			for _, typed := range []string{text, "status " + text, "silence", "silence " + text + " 7d", "top", "report"} {
				n, err := s.command(t.Context(), slack.SlashCommand{UserID: "U0PRLEAD1", Text: typed})
				if err != nil {
					continue // such as a silence of a brand without a name
				}
				if err := blockLimits(n.fallback(), n.answer()); err != nil {
					t.Errorf("/reputed %s: %v", typed, err)
				}
			}
		}
	})
}

// An alert that stands in the thread of another one has buttons there, and never
// changes the other's message.
func TestGuestIsAnsweredInItsThread(t *testing.T) {
	wire := new(recorder)
	o := newOffice(reputation.Escalated)
	s := newTestSocket(o, &http.Client{Transport: wire}, "en")
	o.message.Alert.Thread.Guest = true
	if _, err := s.bot.Notify(t.Context(), o.message); err != nil {
		t.Fatal(err)
	}
	if _, err := s.pressed(t.Context(), press(pressAcknowledge, "17", "U0PRLEAD1")); err != nil {
		t.Fatal(err)
	}
	sent := wire.sent.String()
	if strings.Contains(sent, "chat.update") || !strings.Contains(sent, pressAcknowledge) || o.alert.AcknowledgedBy != "U0PRLEAD1" {
		t.Errorf("acknowledged by %q; sent:\n%s", o.alert.AcknowledgedBy, sent)
	}
}

// A picture never holds up an alert: whatever goes wrong with it, the message comes
// with bars of text.
func TestAlertWithoutPicture(t *testing.T) {
	ok := `200 {"ok":true,"channel":"C1","ts":"1.5"}`
	for name, a := range map[string]answers{
		"scope missing":      {"files.getUploadURLExternal": `200 {"ok":false,"error":"missing_scope"}`},
		"too many":           {"files.getUploadURLExternal": "429:600 "},
		"no address":         {"files.getUploadURLExternal": `200 {"ok":true}`},
		"address of another": {"files.getUploadURLExternal": `200 {"ok":true,"upload_url":"https://evil.example/upload","file_id":"F1"}`},
		"server error":       {"files.getUploadURLExternal": "503 "},
		"login page":         {"files.getUploadURLExternal": "200 <html>log in</html>"},
	} {
		a["chat.postMessage"] = ok
		address, client := slackServer(t, a)
		var log bytes.Buffer
		bot := NewSlackBot(testToken, "#pr-alerts", address, client, Wording{Lang: "en"}).LogTo(slog.New(slog.NewTextHandler(&log, nil)))
		th, err := bot.Notify(t.Context(), fortnight(sample(reputation.Opened)))
		if err != nil || th != (reputation.Thread{Channel: "C1", TS: "1.5"}) {
			t.Errorf("%s: %+v, %v", name, th, err)
		}
		if !strings.Contains(log.String(), "message without picture") || strings.Contains(log.String(), testToken) {
			t.Errorf("%s: the log says %q", name, log.String())
		}
		if name == "scope missing" && !strings.Contains(log.String(), "files:write") {
			t.Errorf("the log does not say what to do: %s", log.String())
		}
	}
}

// unshown is a Slack that refuses blocks with a picture, or lets its upload hang.
type unshown struct {
	recorder
	hang bool
	seen int // messages with a picture
}

func (u *unshown) RoundTrip(r *http.Request) (*http.Response, error) {
	if u.hang && strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	before := u.sent.Len()
	resp, err := u.recorder.RoundTrip(r)
	if err == nil && strings.Contains(u.sent.String()[before:], "slack_file") {
		u.seen++
		u.sent.Truncate(before)
		return jsonResponse(r, map[string]any{"ok": false, "error": "invalid_blocks"})
	}
	return resp, err
}

func TestAlertWhosePictureSlackDoesNotShow(t *testing.T) {
	for _, hang := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			u := &unshown{hang: hang}
			bot := NewSlackBot(testToken, "#pr-alerts", "http://slack.test", &http.Client{Transport: u}, Wording{Lang: "en"})
			start := time.Now()
			th, err := bot.Notify(t.Context(), fortnight(sample(reputation.Opened)))
			if err != nil || th.TS == "" || th.Picture != "" {
				t.Errorf("hang %t: %+v, %v", hang, th, err)
			}
			if sent := u.sent.String(); !strings.Contains(sent, "█") || !strings.Contains(sent, "reputed backtest") {
				t.Errorf("hang %t: sent %s", hang, sent)
			}
			if took := time.Since(start); took > 15*time.Second || !hang && u.seen != 1+pictureTries {
				t.Errorf("hang %t: %v, %d tries with a picture", hang, took, u.seen)
			}
		})
	}
}

// Who took an alert on is shown until there is something new to tell, and in the end.
func TestWhoTookItOn(t *testing.T) {
	for event, want := range map[reputation.Event]bool{reputation.Escalated: false, reputation.Repeated: true, reputation.Ended: true} {
		wire := new(recorder)
		o := newOffice(event)
		a := &o.message.Alert
		a.AcknowledgedBy, a.AcknowledgedAt, a.ToldAt = "U0PRLEAD1", deskTime, deskTime
		if event != reputation.Repeated {
			a.ToldAt = deskTime.Add(time.Hour)
		}
		s := newTestSocket(o, &http.Client{Transport: wire}, "en")
		if _, err := s.bot.Notify(t.Context(), o.message); err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(wire.sent.String(), "<@U0PRLEAD1> takes care of it"); got != want {
			t.Errorf("%s: shown %t\n%s", event, got, wire.sent.String())
		}
	}
}
