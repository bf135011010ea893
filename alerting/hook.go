package alerting

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"reputed/internal/reputation"
)

// hookInterval is the least time between two messages to a webhook.
const hookInterval = time.Second / 10

// Webhook delivers messages to a program: JSON by POST, signed as Standard Webhooks
// 1.0 has it (https://github.com/standard-webhooks/standard-webhooks), for which
// there are libraries in most languages. docs/delivery.md describes the document and
// the headers. It is a Notifier.
type Webhook struct {
	endpoint
	key     []byte
	wording Wording
}

// NewWebhook returns the receiver of that name for the address. The secret that
// signs is "whsec_" and a key in base64; any other text is the key itself.
func NewWebhook(name, address, secret string, client *http.Client, wording Wording) (*Webhook, error) {
	key := []byte(secret)
	if encoded, ok := strings.CutPrefix(secret, "whsec_"); ok {
		var err error
		if key, err = base64.StdEncoding.DecodeString(encoded); err != nil {
			return nil, errors.New("the secret begins with whsec_, but no base64 follows; copy it anew")
		}
	}
	if len(key) < leastKey {
		return nil, fmt.Errorf("the secret is shorter than %d bytes; make a new one with: openssl rand -base64 32", leastKey)
	}
	e := newEndpoint(name, "the webhook", address, hookInterval, client, secret)
	e.advice = "check the address in its url_file, and the secret in its secret_file on both sides"
	return &Webhook{e, key, wording}, nil
}

// leastKey is the shortest key that Standard Webhooks allows, in bytes.
const leastKey = 24

// Notify posts the message. Every answer with a 2xx status confirms it. The thread
// is always zero. For errors see Notifier.
func (w *Webhook) Notify(ctx context.Context, m reputation.Message) (reputation.Thread, error) {
	if err := w.wait(ctx); err != nil {
		return reputation.Thread{}, err
	}
	return reputation.Thread{}, w.send(ctx, key(m), w.wording.hookDocument(m))
}

// Check posts a document of type "check", which asks for nothing but an answer: only
// a receiver that takes it has the right path and the same secret.
func (w *Webhook) Check(ctx context.Context) error {
	at := time.Now().UTC().Truncate(time.Second)
	return w.send(ctx, fmt.Sprintf("reputed-check-%d", at.Unix()), hookDocument{Type: "check", At: at})
}

func (w *Webhook) send(ctx context.Context, id string, d hookDocument) error {
	d.ID = id
	body, err := document(d)
	if err != nil {
		return err
	}
	timestamp, sign := w.sign(id, time.Now(), body)
	_, err = w.post(ctx, w.address, http.Header{
		"User-Agent":        {"reputed"},
		"Webhook-Id":        {id},
		"Webhook-Timestamp": {timestamp},
		"Webhook-Signature": {sign},
	}, body)
	return err
}

// sign signs a document: with its identifier and the time in whole seconds, so that
// a receiver can refuse what somebody else repeats.
func (w *Webhook) sign(id string, at time.Time, body []byte) (timestamp, sign string) {
	timestamp = strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, w.key)
	fmt.Fprintf(mac, "%s.%s.%s", id, timestamp, body)
	return timestamp, "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// hookDocument is what a webhook is sent. Keys are added, never renamed. Times are
// UTC; texts are plain text in the language of the configuration.
type hookDocument struct {
	ID       string        `json:"id"`
	Type     string        `json:"type"`
	Event    string        `json:"event,omitempty"`
	At       time.Time     `json:"at"`
	Title    string        `json:"title,omitempty"`
	Text     string        `json:"text,omitempty"`
	Alert    *hookAlert    `json:"alert,omitempty"`
	Drivers  []hookCount   `json:"drivers,omitempty"`
	Sources  []hookCount   `json:"sources,omitempty"`
	Signals  []hookCount   `json:"signals,omitempty"`
	Quotes   []hookQuote   `json:"quotes,omitempty"`
	Hours    []hookHour    `json:"hours,omitempty"`
	Troubles []hookTrouble `json:"troubles,omitempty"`
	Digest   *hookDigest   `json:"digest,omitempty"`
}

type hookAlert struct {
	ID            int64      `json:"id"`
	Brand         string     `json:"brand"`
	Rule          string     `json:"rule"`
	Severity      string     `json:"severity"`
	State         string     `json:"state"`
	OpenedAt      time.Time  `json:"opened_at"`
	ResolvedAt    *time.Time `json:"resolved_at,omitempty"`
	From          time.Time  `json:"window_from"`
	To            time.Time  `json:"window_to"`
	Observed      int        `json:"observed"`
	Stories       int        `json:"stories"`
	Mentions      int        `json:"mentions"`
	Expected      float64    `json:"expected"`
	Deviation     float64    `json:"deviation"`
	Surprise      float64    `json:"surprise"`
	NegativeShare float64    `json:"negative_share"`
	UsualShare    float64    `json:"usual_share"`
	Value         *float64   `json:"value,omitempty"` // of rules besides the volume, in the unit of usual_share
	Peak          int        `json:"peak"`
	Reproduce     string     `json:"reproduce"`
	Web           string     `json:"web,omitempty"` // its page; nothing without one
}

type hookDigest struct {
	Kind   string          `json:"kind"`
	From   time.Time       `json:"from"`
	To     time.Time       `json:"to"`
	Alerts []hookHeldAlert `json:"alerts,omitempty"`
}

// hookHeldAlert is an alert that a digest tells of, as it stands now.
type hookHeldAlert struct {
	ID         int64      `json:"id"`
	Brand      string     `json:"brand"`
	Rule       string     `json:"rule"`
	Severity   string     `json:"severity"`
	State      string     `json:"state"`
	OpenedAt   time.Time  `json:"opened_at"`
	ResolvedAt *time.Time `json:"resolved_at,omitempty"`
	Observed   int        `json:"observed"`
	Peak       int        `json:"peak"`
}

type hookCount struct {
	Name  string `json:"name"`
	Count int    `json:"count"`
}

type hookQuote struct {
	Text   string    `json:"text"`
	Source string    `json:"source"`
	URL    string    `json:"url,omitempty"`
	At     time.Time `json:"at"`
	Score  float64   `json:"score"`
	Words  []string  `json:"words,omitempty"`
	Copies int       `json:"copies"`
}

type hookHour struct {
	Mentions int `json:"mentions"`
	Negative int `json:"negative"`
	Stories  int `json:"stories"`
}

type hookTrouble struct {
	Source   string     `json:"source"`
	Trouble  string     `json:"trouble"`
	Since    time.Time  `json:"since"`
	Over     *time.Time `json:"over,omitempty"`
	LastItem *time.Time `json:"last_item,omitempty"`
	Cause    string     `json:"cause,omitempty"`
}

// hookDocument puts a message into a document.
func (w Wording) hookDocument(m reputation.Message) hookDocument {
	n := w.notice(m)
	d := hookDocument{Type: "alert", Event: string(m.Event), At: m.At.UTC(), Title: n.title, Text: n.plain(key(m))}
	switch {
	case len(m.Troubles) > 0:
		d.Type, d.Troubles = "sources", hookTroubles(m.Troubles)
		return d
	case m.Digest != nil:
		d.Type, d.Event, d.Troubles = "digest", "", hookTroubles(m.Digest.Troubles)
		d.Digest = &hookDigest{Kind: string(m.Digest.Kind), From: m.Digest.From.UTC(), To: m.Digest.To.UTC()}
		for _, a := range m.Digest.Alerts {
			d.Digest.Alerts = append(d.Digest.Alerts, hookHeldAlert{
				ID: a.ID, Brand: a.Brand, Rule: a.Rule, Severity: string(a.Severity), State: string(a.State),
				OpenedAt: a.OpenedAt.UTC(), ResolvedAt: optional(a.ResolvedAt), Observed: a.Observed, Peak: a.Peak,
			})
		}
		return d
	}
	a, j := m.Alert, presentHour(m)
	d.Alert = &hookAlert{
		ID: a.ID, Brand: a.Brand, Rule: a.Rule, Severity: string(a.Severity), State: string(a.State),
		OpenedAt: a.OpenedAt.UTC(), ResolvedAt: optional(a.ResolvedAt), From: j.From.UTC(), To: j.To.UTC(),
		Observed: j.Observed, Stories: j.Stories, Mentions: j.Mentions, Expected: j.Expected, Deviation: j.Deviation,
		Surprise: j.Surprise, NegativeShare: j.Share(), UsualShare: j.Usual, Peak: a.Peak, Reproduce: n.again.value, Web: n.web.url,
	}
	if a.Rule != RuleNegativeVolume {
		value := reputation.RuleJudgement{Rule: a.Rule, Judgement: j}.Value()
		d.Alert.Value, d.Alert.NegativeShare = &value, 0
		if a.Rule == reputation.RuleNegativeShare {
			d.Alert.NegativeShare = value
		}
	}
	d.Drivers, d.Sources, d.Signals = hookCounts(m.Drivers), hookCounts(m.Sources), hookCounts(m.Signals)
	for _, q := range m.Quotes {
		d.Quotes = append(d.Quotes, hookQuote{
			Text: reputation.OneLine(q.Text), Source: q.Source, URL: webURL(q.URL), At: q.At.UTC(), Score: q.Score, Words: q.Words, Copies: q.Copies,
		})
	}
	for _, h := range m.Trend {
		d.Hours = append(d.Hours, hookHour{h.Mentions, h.Negative, h.Stories})
	}
	return d
}

func hookTroubles(troubles []reputation.SourceTrouble) []hookTrouble {
	var list []hookTrouble
	for _, t := range troubles {
		list = append(list, hookTrouble{
			Source: t.Source, Trouble: string(t.Trouble), Since: t.Began.UTC(), Over: optional(t.Over), LastItem: optional(t.LastItem),
			Cause: reputation.OneLine(t.Cause),
		})
	}
	return list
}

func hookCounts(counts []reputation.Count) []hookCount {
	var list []hookCount
	for _, c := range counts {
		list = append(list, hookCount{c.Name, c.N})
	}
	return list
}

// optional is a time, or nothing if it is zero.
func optional(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}
