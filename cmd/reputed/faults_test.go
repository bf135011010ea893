package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"reputed/alerting"
	"reputed/internal/reputation"
	"reputed/internal/store"
	"reputed/internal/trend"
)

// longFaults is the environment variable that asks for the long form of the tests of
// faults: rounds of delivery as often as the daemon makes them, and 200 kills.
const longFaults = "REPUTED_TEST_FAULTS"

// faultySlack is a Slack, and any other receiver that answers as it does, with a fault
// for each request. It keeps what it has stored, whether or not it said so.
type faultySlack struct {
	fault func(r *http.Request) string

	mu       sync.Mutex
	requests []time.Time
	stored   []storedMessage
	lost     int // answers
}

type storedMessage struct {
	at      time.Time
	channel string
	key     string
	alerts  map[int64]bool
}

// The faults. "429:60" and the like name the seconds of a Retry-After; so do "200:60" and
// "503:60".
const (
	noFault     = ""
	lostAnswer  = "the connection dies before the answer"
	lostTimeout = "stored, and no answer in time"
	hangs       = "no answer in time"
	refused     = "connection refused"
)

func (s *faultySlack) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	fault := s.fault(r)
	s.mu.Lock()
	s.requests = append(s.requests, time.Now())
	if fault == noFault || fault == lostAnswer || fault == lostTimeout {
		if err := s.keep(r, string(body)); err != nil {
			s.mu.Unlock()
			return nil, err
		}
		if fault != noFault {
			s.lost++
		}
	}
	s.mu.Unlock()
	switch fault {
	case noFault:
		return slackAnswer(r, 200, `{"ok":true,"channel":"C1","ts":"`+strconv.FormatInt(time.Now().UnixNano(), 10)+`"}`), nil
	case lostAnswer:
		return nil, io.ErrUnexpectedEOF
	case lostTimeout, hangs:
		<-r.Context().Done()
		return nil, r.Context().Err()
	case refused:
		return nil, errors.New("dial tcp 192.0.2.1:443: connect: connection refused")
	case "html":
		return slackAnswer(r, 200, "<html>please log in</html>"), nil
	case "500", "502":
		status, _ := strconv.Atoi(fault)
		return slackAnswer(r, status, "oops"), nil
	}
	if status, wait, ok := strings.Cut(fault, ":"); ok {
		code, _ := strconv.Atoi(status)
		resp := slackAnswer(r, code, `{"ok":false,"error":"ratelimited"}`)
		resp.Header.Set("Retry-After", wait)
		return resp, nil
	}
	return slackAnswer(r, 200, `{"ok":false,"error":"`+fault+`"}`), nil
}

func slackAnswer(r *http.Request, status int, body string) *http.Response {
	return &http.Response{
		StatusCode: status, Status: strconv.Itoa(status) + " " + http.StatusText(status), Request: r,
		Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body)),
	}
}

var (
	alertNumber = regexp.MustCompile(`#(\d+)(?:–#(\d+))?`)
	eventID     = regexp.MustCompile(`reputed-(?:digest-)?[\d-]+`)
)

// keep stores a message with the alerts that it names.
func (s *faultySlack) keep(r *http.Request, body string) error {
	if strings.HasSuffix(r.URL.Path, "chat.update") {
		return nil
	}
	m := storedMessage{at: time.Now(), alerts: make(map[int64]bool)}
	text := body
	if strings.HasSuffix(r.URL.Path, "chat.postMessage") {
		r.Body = io.NopCloser(strings.NewReader(body))
		if err := r.ParseForm(); err != nil {
			return err
		}
		text, m.channel = r.FormValue("blocks"), r.FormValue("channel")
	}
	m.key = eventID.FindString(text)
	if m.key == "" {
		return fmt.Errorf("a message without a key: %s", text)
	}
	for _, found := range alertNumber.FindAllStringSubmatch(text, -1) {
		from, err := strconv.ParseInt(found[1], 10, 64)
		if err != nil {
			return err
		}
		to := from
		if found[2] != "" {
			if to, err = strconv.ParseInt(found[2], 10, 64); err != nil {
				return err
			}
		}
		for id := from; id <= to; id++ {
			m.alerts[id] = true
		}
	}
	s.stored = append(s.stored, m)
	return nil
}

// sum checks what holds whatever the fault, and sums the run up: each alert is told of,
// in order where they are told one by one, what is repeated has the same key and is no
// more than the lost answers, and a channel gets a message a second at most.
func (s *faultySlack) sum(t *testing.T, alerts []int64) (messages, repeated int) {
	t.Helper()
	told, keys := map[int64]bool{}, map[string]int{}
	last := map[string]time.Time{}
	latest := map[string]int64{} // alert that was told by itself last
	for _, m := range s.stored {
		for id := range m.alerts {
			if len(m.alerts) == 1 && !told[id] {
				if id < latest[m.channel] {
					t.Errorf("alert %d is told after alert %d", id, latest[m.channel])
				}
				latest[m.channel] = id
			}
			told[id] = true
		}
		if keys[m.key]++; keys[m.key] > 1 {
			repeated++
		}
		if gap := m.at.Sub(last[m.channel]); gap < time.Second {
			t.Errorf("two messages to channel %q within %v", m.channel, gap)
		}
		last[m.channel] = m.at
	}
	for _, id := range alerts {
		if !told[id] {
			t.Errorf("alert %d was never told", id)
		}
	}
	if repeated > s.lost {
		t.Errorf("%d messages were repeated, and %d answers lost", repeated, s.lost)
	}
	return len(s.stored), repeated
}

// deliveries is a daemon as far as it delivers, over a database of its own, which can be
// started anew.
type deliveries struct {
	t       *testing.T
	path    string
	slack   http.RoundTripper
	store   *store.Store
	alerter *alerting.Alerter
	log     *slog.Logger
	alerts  []int64
}

func newDeliveries(t *testing.T, slack http.RoundTripper) *deliveries {
	t.Helper()
	d := &deliveries{t: t, path: filepath.Join(t.TempDir(), "reputed.db"), slack: slack, log: slog.New(slog.DiscardHandler)}
	d.start()
	return d
}

func (d *deliveries) start() {
	d.t.Helper()
	var err error
	if d.store, err = store.Open(d.t.Context(), d.path); err != nil {
		d.t.Fatal(err)
	}
	client := &http.Client{Transport: d.slack, Timeout: 20 * time.Second}
	wording := alerting.Wording{Lang: "zh"}
	receivers := map[string]alerting.Notifier{
		"slack":  alerting.NewSlackBot("xoxb-1", "#pr", "http://slack.test/api/", client, wording),
		"feishu": alerting.NewFeishu("feishu", "http://feishu.test/hook", "", client, wording),
	}
	policy := alerting.Policy{Default: reputation.Target{Receiver: "slack"}}
	d.alerter = alerting.NewAlerter(d.store, receivers, policy, trend.Default().Judge, trend.Remembered, nil, d.log)
}

// restart kills the daemon, as far as a test within one process can, and starts it anew.
func (d *deliveries) restart() {
	d.t.Helper()
	if err := d.store.Close(); err != nil {
		d.t.Fatal(err)
	}
	time.Sleep(2 * time.Second)
	d.start()
}

// alert opens an alert and lets it end at once, and has each target told of the opening.
func (d *deliveries) alert(targets ...reputation.Target) {
	d.t.Helper()
	d.alerts = append(d.alerts, openAlert(d.t, d.store, len(d.alerts)+1, targets...))
}

func openAlert(t *testing.T, s *store.Store, n int, targets ...reputation.Target) int64 {
	t.Helper()
	now := time.Now().UTC().Truncate(time.Second)
	a := reputation.Alert{
		Brand: fmt.Sprintf("品牌%d", n%17), Rule: alerting.RuleNegativeVolume, Severity: reputation.Warning, State: reputation.Resolved,
		OpenedAt: now, ResolvedAt: now, Peak: 42,
		Judgement: reputation.Judgement{From: now.Add(-time.Hour), To: now, Observed: 42, Stories: 30, Mentions: 60, Expected: 9, Deviation: 4},
	}
	var messages []reputation.Message
	for _, target := range targets {
		messages = append(messages, reputation.Message{Target: target, Event: reputation.Opened, Alert: a, At: now})
	}
	a, err := s.Record(t.Context(), a, messages)
	if err != nil {
		t.Fatal(err)
	}
	return a.ID
}

// run delivers for so long, in rounds, and calls each before each of them.
func (d *deliveries) run(length time.Duration, each func(passed time.Duration)) {
	d.t.Helper()
	round := 20 * time.Second
	if os.Getenv(longFaults) != "" {
		round = 5 * time.Second
	}
	for start := time.Now(); time.Since(start) < length; time.Sleep(round) {
		if each != nil {
			each(time.Since(start))
		}
		bounded, cancel := context.WithTimeout(d.t.Context(), 2*time.Minute)
		// What fails is what the test injects; what comes of it is seen in the end.
		_ = d.alerter.Deliver(bounded, time.Now())
		cancel()
	}
}

var toSlack = reputation.Target{Receiver: "slack"}

// TestFaults plays what can go wrong between the outbox and a receiver, on a clock of
// its own. With -v it prints the table of docs/delivery.md; REPUTED_TEST_FAULTS=long
// makes rounds of delivery as often as the daemon does.
func TestFaults(t *testing.T) {
	during := func(length time.Duration, faults ...string) func(start time.Time) func(*http.Request) string {
		return func(start time.Time) func(*http.Request) string {
			return func(*http.Request) string {
				if time.Since(start) >= length {
					return noFault
				}
				return faults[rand.IntN(len(faults))]
			}
		}
	}
	sometimes := func(share float64, fault string) func(time.Time) func(*http.Request) string {
		return func(time.Time) func(*http.Request) string {
			return func(*http.Request) string {
				if rand.Float64() < share {
					return fault
				}
				return noFault
			}
		}
	}
	tests := []struct {
		name     string
		fault    func(start time.Time) func(*http.Request) string
		alerts   int
		within   time.Duration // in which they open
		restarts int
		messages int // that people get at most; 0: one an alert and one a repetition
		tries    int // a minute at most; 0: not bounded
	}{
		{name: "no fault", fault: during(0, ""), alerts: 60, within: time.Hour},
		{name: "outage of 6 hours: refused, hanging, 500, 429", fault: during(6*time.Hour, refused, hangs, "500", "429:120"), alerts: 500, within: 6 * time.Hour, restarts: 12, messages: 1},
		{name: "answers lost: one in five connections dies", fault: sometimes(0.2, lostAnswer), alerts: 100, within: 2 * time.Hour},
		{name: "answers lost: one in five times out", fault: sometimes(0.2, lostTimeout), alerts: 100, within: 2 * time.Hour, restarts: 5},
		{name: "outage of 2 hours, then half of the answers lost", fault: func(start time.Time) func(*http.Request) string {
			outage, after := during(2*time.Hour, refused)(start), sometimes(0.5, lostAnswer)(start)
			return func(r *http.Request) string {
				if fault := outage(r); fault != noFault {
					return fault
				}
				return after(r)
			}
		}, alerts: 200, within: 3 * time.Hour, restarts: 3},
		{name: "token revoked for 2 hours", fault: during(2*time.Hour, "token_revoked"), alerts: 60, within: 3 * time.Hour, restarts: 2, tries: 1},
		{name: "ok:false, internal_error, for 10 minutes", fault: during(10*time.Minute, "internal_error"), alerts: 40, within: time.Hour},
		{name: "429, Retry-After 1800", fault: during(30*time.Minute, "429:1800"), alerts: 60, within: time.Hour, restarts: 4},
		{name: "200 and ok:false, Retry-After 1800", fault: during(30*time.Minute, "200:1800"), alerts: 60, within: time.Hour, restarts: 4},
		{name: "503, Retry-After 1800", fault: during(30*time.Minute, "503:1800"), alerts: 60, within: time.Hour, restarts: 4},
		{name: "500 and 502 for 10 minutes", fault: during(10*time.Minute, "500", "502"), alerts: 40, within: time.Hour},
		{name: "200 with HTML for 10 minutes", fault: during(10*time.Minute, "html"), alerts: 40, within: time.Hour},
	}
	var table strings.Builder
	fmt.Fprintf(&table, "| fault | alerts | restarts | messages | answers lost | repeated | requests |\n| --- | --: | --: | --: | --: | --: | --: |\n")
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				slack := &faultySlack{fault: test.fault(start)}
				d := newDeliveries(t, slack)
				restarts := 0
				d.run(test.within, func(passed time.Duration) {
					for len(d.alerts) < test.alerts && time.Duration(len(d.alerts))*test.within/time.Duration(test.alerts) <= passed {
						d.alert(toSlack)
					}
					if restarts < test.restarts && time.Duration(restarts+1)*test.within/time.Duration(test.restarts+1) <= passed {
						d.restart()
						restarts++
					}
				})
				for len(d.alerts) < test.alerts {
					d.alert(toSlack)
				}
				d.run(30*time.Minute, nil)
				messages, repeated := slack.sum(t, d.alerts)
				most := test.messages
				if most == 0 {
					most = test.alerts + repeated
				}
				if messages > most {
					t.Errorf("people got %d messages, at most %d", messages, most)
				}
				if test.tries > 0 {
					checkTries(t, slack.requests, start.Add(2*time.Hour), test.tries)
				}
				if strings.Contains(test.name, "Retry-After") {
					checkRest(t, slack.requests, 30*time.Minute)
				}
				left, err := d.store.Backlogs(t.Context())
				if err != nil || len(left) > 0 {
					t.Errorf("there still waits %+v, %v", left, err)
				}
				fmt.Fprintf(&table, "| %s | %d | %d | %d | %d | %d | %d |\n", test.name, test.alerts, restarts, messages, slack.lost, repeated, len(slack.requests))
				if err := d.store.Close(); err != nil {
					t.Fatal(err)
				}
			})
		})
	}
	t.Logf("\n%s", table.String())
}

// checkTries counts the requests of each minute before end.
func checkTries(t *testing.T, requests []time.Time, end time.Time, most int) {
	t.Helper()
	for i, at := range requests {
		n := 0
		for _, other := range requests[i:] {
			if other.Sub(at) < time.Minute && other.Before(end) {
				n++
			}
		}
		if n > most {
			t.Errorf("%d tries within a minute of %v", n, at)
		}
	}
}

// checkRest expects no request between the first one, which was told to wait, and the
// end of the wait.
func checkRest(t *testing.T, requests []time.Time, wait time.Duration) {
	t.Helper()
	for _, at := range requests[1:] {
		if rest := at.Sub(requests[0]); rest < wait {
			t.Errorf("asked again after %v, and told to wait %v", rest, wait)
		}
	}
}

// A receiver that refuses everything, and a channel that is archived, hold up neither
// another receiver nor another channel.
func TestFaultsHoldUpNobodyElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slack := &faultySlack{}
		slack.fault = func(r *http.Request) string {
			switch {
			case r.URL.Host == "feishu.test":
				return noFault
			case strings.Contains(formOf(r), "channel=archived"):
				return "is_archived"
			}
			return noFault
		}
		feishu := codes{slack}
		d := newDeliveries(t, feishu)
		targets := []reputation.Target{{Receiver: "slack", Channel: "archived"}, {Receiver: "slack", Channel: "open"}, {Receiver: "feishu"}}
		opened := map[int64]time.Time{}
		d.run(time.Hour, func(time.Duration) {
			if len(d.alerts) < 20 {
				d.alert(targets...)
				opened[d.alerts[len(d.alerts)-1]] = time.Now()
			}
		})
		told := map[string]int{}
		for _, m := range slack.stored {
			for id := range m.alerts {
				told[m.channel]++
				if late := m.at.Sub(opened[id]); late > 5*time.Second {
					t.Errorf("alert %d reached %q %v late", id, m.channel, late)
				}
			}
		}
		if told["open"] != 20 || told[""] != 20 || told["archived"] != 0 {
			t.Errorf("told %v; want all 20 in the open channel and in Feishu", told)
		}
		backlogs, err := d.store.Backlogs(t.Context())
		if err != nil || len(backlogs) != 1 || backlogs[0].Channel != "archived" || backlogs[0].Messages != 20 || !strings.Contains(backlogs[0].Error, "is_archived") {
			t.Errorf("there waits %+v, %v; want the 20 of the archived channel", backlogs, err)
		}
		if err := d.store.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

// formOf reads a request's body and leaves it to be read once more.
func formOf(r *http.Request) string {
	body, err := r.GetBody()
	if err != nil {
		return ""
	}
	text, err := io.ReadAll(body)
	if err != nil {
		return ""
	}
	return string(text)
}

// codes answers requests that are not Slack's as Feishu does.
type codes struct{ *faultySlack }

func (c codes) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := c.faultySlack.RoundTrip(r)
	if err == nil && r.URL.Host == "feishu.test" {
		resp.Body = io.NopCloser(strings.NewReader(`{"code":0}`))
	}
	return resp, err
}
