package alerting

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"reputed/internal/reputation"
)

// lived is what a test remembers of an alert that went through the life cycle.
type lived struct {
	told      []reputation.Event
	lastRise  time.Time // when people were told of it last, or reminded
	muted     bool      // something kept people from being told of it for a while
	digested  bool
	firedOnce bool
}

// FuzzLife lets two brands and two rules live through whatever the bytes say: talk,
// silences, acknowledgements, restarts and time that passes; and checks at each step
// what people may rely on.
func FuzzLife(f *testing.F) {
	for seed := range uint64(30) {
		random := rand.New(rand.NewPCG(seed, 5))
		script := make([]byte, 600)
		for i := range script {
			script[i] = byte(random.UintN(256))
		}
		f.Add(script)
	}
	f.Fuzz(func(t *testing.T, script []byte) {
		l := &liveTest{T: t, s: newMemory(), seen: map[int64]*lived{}, now: noon}
		l.policy = Policy{
			Default: reputation.Target{Receiver: "inbox", Mentions: []string{"U1"}}, GroupWait: 30 * time.Second, Repeat: 4 * time.Hour,
			Quiet: QuietHours{From: clock(22, 0), To: clock(8, 0), Days: everyDay, Except: reputation.Critical},
		}
		l.restart()
		for len(script) >= 2 {
			l.step(script[0], script[1])
			script = script[2:]
		}
		l.finish()
	})
}

type liveTest struct {
	*testing.T
	s      *memory
	policy Policy
	a      *Alerter
	n      *inbox
	now    time.Time
	read   int // messages that were checked
	seen   map[int64]*lived
}

func (l *liveTest) restart() {
	l.n, l.read = &inbox{}, 0
	l.a = NewAlerter(l.s, map[string]Notifier{"inbox": l.n}, l.policy, detectMany, 72, nil, slog.New(slog.DiscardHandler))
}

// step does one of the things that happen.
func (l *liveTest) step(what, much byte) {
	switch what % 8 {
	case 0, 1, 2:
		brand, rule := []string{"青柠", "青橙"}[much%2], []string{RuleNegativeVolume, "negative-share"}[much/2%2]
		l.judge(brand, rule, int(much)/4)
	case 3:
		l.now = l.now.Add(time.Duration(much) * time.Second)
	case 4, 5:
		l.now = l.now.Add(time.Duration(much) * 2 * time.Minute)
	case 6:
		label, value := []string{"brand", "severity"}[much%2], []string{"青柠", "warning"}[much%2]
		l.s.silences = append(l.s.silences, reputation.Silence{
			ID: int64(len(l.s.silences) + 1), From: l.now, Until: l.now.Add(time.Duration(much) * time.Minute),
			Matchers: []reputation.Matcher{{Label: label, Op: "=", Value: value}},
		})
	case 7:
		if much%2 == 0 && len(l.s.alerts) > 0 {
			a := &l.s.alerts[int(much/2)%len(l.s.alerts)]
			a.AcknowledgedBy, a.AcknowledgedAt = "李雷", l.now
		} else {
			l.restart()
		}
	}
	l.deliver()
}

// judge takes the step in the life of one alert that Evaluate takes.
func (l *liveTest) judge(brand, rule string, observed int) {
	last, ok, err := l.s.LatestAlert(l.Context(), brand, rule)
	if err != nil {
		l.Fatal(err)
	}
	if !ok {
		last = reputation.Alert{Brand: brand, Rule: rule}
	}
	j := hourAt(l.now, observed)
	j.Mentions = 70 // of which 14 are usual to a rule on a part
	next, event := Next(last, j, l.now)
	if event != "" {
		next = await(next, event, l.now, l.now)
	}
	if next == last {
		return
	}
	if next, err = l.s.Record(l.Context(), next, nil); err != nil {
		l.Fatal(err)
	}
	if event != "" && l.seen[next.ID] == nil {
		l.seen[next.ID] = &lived{}
	}
}

// deliver delivers, and checks what people were told and what they were not.
func (l *liveTest) deliver() {
	if err := l.a.Deliver(l.Context(), l.now); err != nil {
		l.Fatal(err)
	}
	for _, m := range l.n.messages[l.read:] {
		l.check(m)
	}
	l.read = len(l.n.messages)
	firing := map[string]int64{}
	for _, a := range l.s.alerts {
		seen := l.seen[a.ID]
		seen.muted = seen.muted || a.MutedBy != ""
		if a.State != reputation.Firing {
			continue
		}
		seen.firedOnce = true
		if other, ok := firing[a.Brand+a.Rule]; ok {
			l.Fatalf("alerts %d and %d fire for the same brand and rule", other, a.ID)
		}
		firing[a.Brand+a.Rule] = a.ID
		d := l.policy.decide(a, l.s.alerts, l.s.silences, l.now)
		if waited := l.now.Sub(a.Waiting.Since); d.step == stepTell || d.step == stepDigest || d.step == stepWait && a.Waiting.Event != "" && waited >= l.policy.GroupWait {
			l.Fatalf("at %s people are not told of %+v, with nothing that mutes it", l.now, a)
		}
	}
}

// check checks a message against what was told before.
func (l *liveTest) check(m reputation.Message) {
	if m.Digest != nil {
		if l.policy.Quiet.Cover(reputation.Warning, l.now) || len(m.Digest.Alerts) == 0 {
			l.Fatalf("at %s the digest %+v", l.now, m.Digest)
		}
		for _, a := range m.Digest.Alerts {
			l.seen[a.ID].digested, l.seen[a.ID].lastRise = true, l.now
			l.seen[a.ID].told = append(l.seen[a.ID].told, "digest")
		}
		return
	}
	for _, a := range append([]reputation.Alert{m.Alert}, m.Also...) {
		seen := l.seen[a.ID]
		switch {
		case m.Event == reputation.Opened && len(seen.told) > 0:
			l.Fatalf("alert %d is told as opened after %v", a.ID, seen.told)
		case m.Event != reputation.Opened && len(seen.told) == 0:
			l.Fatalf("alert %d is told as %s first", a.ID, m.Event)
		case m.Event == reputation.Repeated && (l.now.Sub(seen.lastRise) < l.policy.Repeat || a.Acknowledged()):
			l.Fatalf("alert %d is repeated %s after people were told, acknowledged: %v", a.ID, l.now.Sub(seen.lastRise), a.Acknowledged())
		case m.Event == reputation.Ended && slices.Contains(seen.told, reputation.Ended) && seen.told[len(seen.told)-1] == reputation.Ended:
			l.Fatalf("alert %d ends twice", a.ID)
		case (m.Event == reputation.Opened || m.Event == reputation.Escalated) != (len(m.Target.Mentions) > 0):
			l.Fatalf("%s calls %v", m.Event, m.Target.Mentions)
		case l.policy.Quiet.Cover(a.Severity, l.now):
			l.Fatalf("at %s people are told of a %s", l.now, a.Severity)
		}
		if _, silenced := silencedBy(a, l.s.silences, l.now); silenced && m.Event != reputation.Ended {
			l.Fatalf("the silenced alert %d is told: %s", a.ID, m.Event)
		}
		for _, o := range l.s.alerts {
			if o.Brand == a.Brand && o.State == reputation.Firing && o.Severity == reputation.Critical && a.Severity == reputation.Warning && m.Event != reputation.Ended {
				l.Fatalf("the warning %d is told as %s while %d is critical", a.ID, m.Event, o.ID)
			}
		}
		seen.told, seen.lastRise = append(seen.told, m.Event), l.now
	}
}

// finish lets all talk calm down and all silences end: then all alerts are over, and
// people were told of each, unless something muted it.
func (l *liveTest) finish() {
	for range 2 * 24 * 3 {
		l.now = l.now.Add(20 * time.Minute)
		for _, brand := range []string{"青柠", "青橙"} {
			for _, rule := range []string{RuleNegativeVolume, "negative-share"} {
				l.judge(brand, rule, 5)
			}
		}
		l.deliver()
	}
	for _, a := range l.s.alerts {
		seen := l.seen[a.ID]
		switch {
		case a.State != reputation.Resolved || a.Waiting.Event != "":
			l.Errorf("after days of calm: %+v", a)
		case len(seen.told) == 0 && !seen.muted:
			l.Errorf("people never heard of alert %d, which nothing muted", a.ID)
		case len(seen.told) > 0 && !slices.Contains(seen.told, reputation.Ended) && !seen.digested:
			l.Errorf("of alert %d people were told %v, and not its end", a.ID, fmt.Sprint(seen.told))
		}
	}
}
