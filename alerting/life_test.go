package alerting_test

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"reputed/alerting"
	"reputed/internal/reputation"
	"reputed/internal/store"
)

// town is the world in which a life cycle is walked: a database that is closed and
// opened between any two steps, as by a restart, a talk that the test makes up, and
// channels that note what they are told.
type town struct {
	t      *testing.T
	path   string
	policy alerting.Policy
	down   bool // Slack cannot be reached
	talk   map[time.Time]int
	now    time.Time
	mu     sync.Mutex // channels are told at the same time
	told   []string
	posts  map[string]int // by channel
}

const usualTalk = 4

// Notify notes a message as "#channel event alert", with what else it tells.
func (w *town) Notify(_ context.Context, m reputation.Message) (reputation.Thread, error) {
	if w.down {
		return reputation.Thread{}, fmt.Errorf("connection refused")
	}
	line := fmt.Sprintf("%s %s %d", m.Target.Channel, m.Event, m.Alert.ID)
	if m.Digest != nil {
		line = fmt.Sprintf("%s digest %s–%s", m.Target.Channel, m.Digest.From.Format("15:04"), m.Digest.To.Format("15:04"))
		for _, a := range m.Digest.Alerts {
			line += fmt.Sprintf(" %d:%s", a.ID, a.State)
		}
	}
	for _, a := range m.Also {
		line += fmt.Sprintf(" also %d", a.ID)
	}
	for _, a := range m.Muted {
		line += fmt.Sprintf(" muted %d", a.ID)
	}
	if len(m.Target.Mentions) > 0 {
		line += " @" + strings.Join(m.Target.Mentions, "@")
	}
	switch th := m.Alert.Thread; {
	case th.Guest:
		line += " in another's thread " + th.TS
	case th.TS != "":
		line += " in thread " + th.TS
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.told = append(w.told, line)
	if w.posts == nil {
		w.posts = make(map[string]int)
	}
	w.posts[m.Target.Channel]++
	return reputation.Thread{Channel: "C1", TS: fmt.Sprint(w.posts[m.Target.Channel])}, nil
}

// judge takes three times the usual talk for a spike, and less than twice for calm.
func (w *town) judge(_ []reputation.Hour, _, to time.Time) reputation.Judgement {
	n, ok := w.talk[to]
	if !ok {
		n = usualTalk
	}
	return reputation.Judgement{
		From: to.Add(-time.Hour), To: to, Observed: n, Stories: n, Mentions: n,
		Expected: usualTalk, Deviation: 2, Surprise: float64(n-usualTalk) / 2, Spike: n >= 3*usualTalk, Calm: n < 2*usualTalk,
	}
}

// at lets the present come, with so many negative mentions in the last hour, starts
// the daemon anew, judges and delivers. It returns what people were told.
func (w *town) at(clock string, negative int) []string {
	w.t.Helper()
	w.open(func(db *store.Store) {
		now, err := time.Parse("2006-01-02 15:04:05", clock)
		if err != nil {
			w.t.Fatal(err)
		}
		w.now = now
		w.talk[now] = negative
		if err := db.Polled(w.t.Context(), []reputation.Poll{{Source: "weibo", At: now}}); err != nil {
			w.t.Fatal(err)
		}
		receivers := map[string]alerting.Notifier{"slack": w}
		a := alerting.NewAlerter(db, receivers, w.policy, w.judge, 24, []string{"青柠"}, slog.New(slog.DiscardHandler))
		if err := a.Evaluate(w.t.Context(), now); err != nil {
			w.t.Fatal(err)
		}
		if err := a.Deliver(w.t.Context(), now); err != nil && !w.down {
			w.t.Fatal(err)
		}
	})
	told := w.told
	w.told = nil
	return told
}

// open opens the database for one use.
func (w *town) open(use func(*store.Store)) {
	w.t.Helper()
	db, err := store.Open(w.t.Context(), w.path)
	if err != nil {
		w.t.Fatal(err)
	}
	use(db)
	if err := db.Close(); err != nil {
		w.t.Fatal(err)
	}
}

// silence silences by a matcher from now on, until a time.
func (w *town) silence(until, matcher string) {
	w.open(func(db *store.Store) {
		m, err := alerting.ParseMatcher(matcher)
		if err != nil {
			w.t.Fatal(err)
		}
		end, err := time.Parse("2006-01-02 15:04:05", until)
		if err != nil {
			w.t.Fatal(err)
		}
		s := reputation.Silence{Matchers: []reputation.Matcher{m}, Author: "李雷", Reason: "发布会", From: w.now, Until: end}
		if err := alerting.CheckSilence(s, w.now); err != nil {
			w.t.Fatal(err)
		}
		if _, err := db.AddSilence(w.t.Context(), s); err != nil {
			w.t.Fatal(err)
		}
	})
}

// change changes the latest alert, as another rule or a person would.
func (w *town) change(do func(*store.Store) error) {
	w.open(func(db *store.Store) {
		if err := do(db); err != nil {
			w.t.Fatal(err)
		}
	})
}

// other is an alert of another rule that opens now.
func (w *town) other(severity reputation.Severity) {
	w.change(func(db *store.Store) error {
		_, err := db.Record(w.t.Context(), reputation.Alert{
			Brand: "青柠", Rule: "signal-boycott", Severity: severity, State: reputation.Firing, OpenedAt: w.now,
			Judgement: reputation.Judgement{From: w.now.Add(-time.Hour), To: w.now, Observed: 9, Expected: 2, Deviation: 1},
			Waiting:   reputation.Waiting{Event: reputation.Opened, Hour: w.now, Since: w.now},
		}, nil)
		return err
	})
}

// resolveOther ends it.
func (w *town) resolveOther() {
	w.change(func(db *store.Store) error {
		a, _, err := db.LatestAlert(w.t.Context(), "青柠", "signal-boycott")
		if err != nil {
			return err
		}
		a.State, a.ResolvedAt = reputation.Resolved, w.now
		a.Waiting = reputation.Waiting{Event: reputation.Ended, Hour: w.now, Since: w.now}
		_, err = db.Record(w.t.Context(), a, nil)
		return err
	})
}

// Each walk is a life of alerts; between any two steps the daemon is started anew on
// the same database. A step is a time, the talk at it, and what people are told then.
// byChannel orders what was told by channel: there is an order within each, and none
// among them.
func byChannel(told []string) string {
	channel := func(s string) string { name, _, _ := strings.Cut(s, " "); return name }
	slices.SortStableFunc(told, func(x, y string) int { return strings.Compare(channel(x), channel(y)) })
	return strings.Join(told, ", ")
}

func TestLifeAcrossRestarts(t *testing.T) {
	type step struct {
		at       string // on 24 November 2026 UTC, or with a day
		negative int
		before   func(*town)
		want     string // messages, with a comma between
	}
	night := alerting.QuietHours{From: 22 * 60, To: 8 * 60, Days: []time.Weekday{0, 1, 2, 3, 4, 5, 6}, Except: reputation.Critical}
	route := []alerting.Route{{Severity: reputation.Critical, Target: reputation.Target{Receiver: "slack", Channel: "#crisis", Mentions: []string{"S1"}}}}
	walks := []struct {
		name   string
		quiet  alerting.QuietHours
		routes []alerting.Route
		steps  []step
	}{
		{"from the opening to the end, and again", alerting.QuietHours{}, nil, []step{
			{"10:00:00", 4, nil, ""},
			{"10:01:00", 12, nil, ""}, // waits for details
			{"10:01:29", 12, nil, ""},
			{"10:01:30", 12, nil, "#pr opened 1"},
			{"10:02:00", 13, nil, ""},
			{"11:00:00", 30, nil, "#pr escalated 1 in thread 1"},
			{"14:59:00", 20, nil, ""},
			{"15:00:00", 20, nil, "#pr repeated 1 in thread 1"},
			{"18:59:59", 4, nil, ""},
			{"19:00:00", 20, nil, "#pr repeated 1 in thread 1"},
			{"20:00:00", 4, nil, ""},
			{"22:59:00", 4, nil, ""},
			{"23:00:00", 4, nil, "#pr resolved 1 in thread 1"},
			{"25 02:00:00", 16, nil, "#pr reopened 1 in thread 1"},
			{"25 03:00:00", 4, nil, ""},
			{"25 06:00:00", 4, nil, "#pr resolved 1 in thread 1"},
			{"25 11:00:00", 16, nil, ""}, // a day after the first opening, it is a new alert
			{"25 11:00:30", 16, nil, "#pr opened 2"},
		}},
		{"escalated while it waits for details", alerting.QuietHours{}, route, []step{
			{"10:00:00", 12, nil, ""},
			{"10:00:20", 26, nil, ""},
			{"10:00:30", 26, nil, "#crisis opened 1 @S1"},
		}},
		{"escalated into another channel", alerting.QuietHours{}, route, []step{
			{"10:00:00", 12, nil, ""},
			{"10:00:30", 12, nil, "#pr opened 1"},
			{"11:00:00", 30, nil, "#crisis escalated 1 @S1, #pr escalated 1 in thread 1"},
			{"15:00:00", 30, nil, "#crisis repeated 1 in thread 1, #pr repeated 1 in thread 1"},
			{"16:00:00", 4, nil, ""},
			{"19:00:00", 4, nil, "#crisis resolved 1 in thread 1, #pr resolved 1 in thread 1"},
		}},
		{"acknowledged", alerting.QuietHours{}, nil, []step{
			{"10:00:00", 12, nil, ""},
			{"10:00:30", 12, nil, "#pr opened 1"},
			{"10:05:00", 12, nil, ""},
			{"14:05:00", 12, func(w *town) {
				w.change(func(db *store.Store) error {
					a, err := db.Acknowledge(w.t.Context(), 1, "韩梅梅", w.now)
					if err == nil && (a.AcknowledgedBy != "韩梅梅" || !a.Acknowledged()) {
						err = fmt.Errorf("acknowledged: %+v", a)
					}
					return err
				})
			}, ""},
			{"18:05:00", 12, nil, ""},
			{"19:00:00", 30, nil, "#pr escalated 1 in thread 1"},
			{"23:00:00", 30, nil, "#pr repeated 1 in thread 1"}, // the acknowledgement was of the warning
		}},
		{"silenced until it is over", alerting.QuietHours{}, nil, []step{
			{"10:00:00", 4, nil, ""},
			{"11:00:00", 12, func(w *town) { w.silence("2026-11-24 20:00:00", "brand=青柠") }, ""},
			{"12:00:00", 30, nil, ""},
			{"13:00:00", 4, nil, ""},
			{"16:00:00", 4, nil, ""},
			{"20:00:00", 4, nil, ""},
			{"21:00:00", 16, nil, ""}, // it comes back the same day: people hear of it for the first time
			{"21:00:30", 16, nil, "#pr opened 1"},
		}},
		{"silenced while it fires", alerting.QuietHours{}, nil, []step{
			{"10:00:00", 4, nil, ""},
			{"11:00:00", 12, func(w *town) { w.silence("2026-11-24 15:00:00", "rule=negative-volume") }, ""},
			{"12:00:00", 14, nil, ""},
			{"14:59:59", 14, nil, ""},
			{"15:00:00", 14, nil, "#pr opened 1"},
		}},
		{"silenced after the opening", alerting.QuietHours{}, nil, []step{
			{"10:00:00", 12, nil, ""},
			{"10:00:30", 12, nil, "#pr opened 1"},
			{"11:00:00", 30, func(w *town) { w.silence("2026-11-25 10:00:00", `severity=~"warning|critical"`) }, ""},
			{"16:00:00", 4, nil, ""},
			{"19:00:00", 4, nil, "#pr resolved 1 in thread 1"},
			{"21:00:00", 16, nil, ""},
		}},
		{"a silence that is ended", alerting.QuietHours{}, nil, []step{
			{"10:00:00", 4, nil, ""},
			{"11:00:00", 12, func(w *town) { w.silence("2026-11-25 10:00:00", "brand=~青.") }, ""},
			{"11:30:00", 12, func(w *town) {
				w.change(func(db *store.Store) error {
					_, err := db.EndSilence(w.t.Context(), 1, "韩梅梅", w.now.Add(time.Minute))
					return err
				})
			}, "#pr opened 1"},
		}},
		{"two rules at once", alerting.QuietHours{}, nil, []step{
			{"10:00:00", 12, nil, ""},
			{"10:00:30", 12, func(w *town) { w.other(reputation.Warning) }, "#pr opened 1 also 2"},
			{"11:00:00", 30, nil, "#pr escalated 1 in thread 1"},
			{"12:00:00", 30, func(w *town) { w.resolveOther() }, "#pr resolved 2 in another's thread 1"},
		}},
		{"a crisis mutes its warnings", alerting.QuietHours{}, nil, []step{
			{"10:00:00", 34, nil, ""},
			{"10:00:10", 34, func(w *town) { w.other(reputation.Warning) }, ""},
			{"10:00:30", 34, nil, "#pr opened 1 muted 2"},
			{"11:00:00", 12, nil, ""},
			{"12:00:00", 70, nil, "#pr escalated 1 muted 2 in thread 1"},
			{"13:00:00", 4, nil, ""},
			{"15:59:00", 4, nil, ""},
			// The crisis is over, the warning fires on.
			{"16:00:00", 4, nil, "#pr resolved 1 in thread 1, #pr opened 2"},
		}},
		{"a warning that ends before its crisis", alerting.QuietHours{}, nil, []step{
			{"10:00:00", 34, nil, ""},
			{"10:00:30", 34, nil, "#pr opened 1"},
			{"11:00:00", 34, func(w *town) { w.other(reputation.Warning) }, ""},
			{"12:00:00", 34, func(w *town) { w.resolveOther() }, ""},
			{"13:00:00", 4, nil, ""},
			{"16:00:00", 4, nil, "#pr resolved 1 in thread 1"},
			{"17:00:00", 4, nil, ""},
		}},
		{"quiet hours", night, nil, []step{
			{"20:00:00", 4, nil, ""},
			{"21:00:00", 12, nil, ""},
			{"21:00:30", 12, nil, "#pr opened 1"},
			{"21:10:00", 12, nil, ""},
			{"22:30:00", 12, func(w *town) { w.other(reputation.Warning) }, ""},
			{"23:30:00", 4, func(w *town) { w.resolveOther() }, ""},
			{"25 02:30:00", 4, nil, ""}, // the first is over
			{"25 04:00:00", 16, nil, ""},
			{"25 07:59:59", 16, nil, ""},
			{"25 08:00:00", 16, nil, "#pr digest 22:30–08:00 1:firing 2:resolved"},
			{"25 12:00:00", 16, nil, "#pr repeated 1 in thread 1"},
		}},
		{"an end in quiet hours", night, nil, []step{
			{"20:00:00", 12, nil, ""},
			{"20:00:30", 12, nil, "#pr opened 1"},
			{"21:00:00", 4, nil, ""},
			{"25 01:00:00", 4, nil, ""},
			{"25 08:00:00", 4, nil, "#pr resolved 1 in thread 1"},
		}},
		{"a crisis in quiet hours", night, route, []step{
			{"23:00:00", 12, nil, ""},
			{"25 02:00:00", 30, nil, "#crisis opened 1 @S1"},
			{"25 08:00:00", 30, nil, "#crisis repeated 1 in thread 1"},
		}},
		{"the daemon is down when quiet hours end", night, nil, []step{
			{"23:00:00", 12, nil, ""},
			{"25 09:20:00", 12, nil, "#pr digest 23:00–09:20 1:firing"},
		}},
		{"held back at night, then silenced until it is over", night, nil, []step{
			{"23:00:00", 12, nil, ""},
			{"25 00:00:00", 4, nil, ""},
			{"25 03:00:00", 4, func(w *town) { w.silence("2026-11-25 09:00:00", "brand=青柠") }, ""},
			{"25 09:00:00", 4, nil, ""},
			{"25 12:00:00", 16, nil, ""},
			{"25 12:00:30", 16, nil, "#pr opened 1"},
		}},
		{"Slack is down while two rules open", alerting.QuietHours{}, nil, []step{
			{"10:00:00", 12, func(w *town) { w.down = true }, ""},
			{"10:00:20", 12, func(w *town) { w.other(reputation.Warning) }, ""},
			{"10:00:30", 12, nil, ""},
			{"11:00:00", 12, func(w *town) { w.resolveOther() }, ""},
			{"12:00:00", 12, func(w *town) { w.down = false }, "#pr opened 1 also 2, #pr resolved 2 in another's thread 1"},
		}},
		{"Slack is down", alerting.QuietHours{}, nil, []step{
			{"10:00:00", 12, func(w *town) { w.down = true }, ""},
			{"10:00:30", 12, nil, ""},
			{"11:00:00", 30, nil, ""},
			{"12:00:00", 30, func(w *town) { w.down = false }, "#pr opened 1, #pr escalated 1 in thread 1"},
		}},
	}
	for _, walk := range walks {
		t.Run(walk.name, func(t *testing.T) {
			w := &town{
				t: t, path: filepath.Join(t.TempDir(), "reputed.db"), talk: map[time.Time]int{},
				policy: alerting.Policy{
					Default: reputation.Target{Receiver: "slack", Channel: "#pr"}, Routes: walk.routes,
					GroupWait: 30 * time.Second, Repeat: 4 * time.Hour, Quiet: walk.quiet,
				},
			}
			for _, s := range walk.steps {
				if s.before != nil {
					s.before(w)
				}
				day := "24 "
				if strings.Contains(s.at, " ") {
					day = ""
				}
				got := byChannel(w.at("2026-11-"+day+s.at, s.negative))
				if got != byChannel(strings.Split(s.want, ", ")) {
					t.Errorf("at %s with %d negative mentions people are told %q, want %q", s.at, s.negative, got, s.want)
				}
			}
		})
	}
}
