package alerting

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"reputed/internal/reputation"
)

// Limits of a custom robot of DingTalk
// (https://open.dingtalk.com/document/robots/custom-robot-access): 20 messages a
// minute, else it is silenced for ten; and 20,000 bytes a message.
const (
	dingTalkInterval = time.Minute / 20
	dingTalkBytes    = 19_000 // leaves room for what JSON adds
	dingTalkSilence  = 10 * time.Minute
)

// DingTalk delivers messages through a custom robot of a DingTalk group. Robots
// know no threads and cannot change a message, so each message stands for itself
// and names its alert. It is a Notifier.
type DingTalk struct {
	endpoint
	secret  string
	wording Wording
}

// NewDingTalk returns the receiver of that name for the address that DingTalk gave
// for the group, with the secret by which the robot checks signatures; empty if it
// does not.
func NewDingTalk(name, address, secret string, client *http.Client, wording Wording) *DingTalk {
	return &DingTalk{newRobot(name, "DingTalk", address, dingTalkInterval, client, secret), secret, wording}
}

// Notify posts the message, at most 20 a minute. The thread is always zero. For
// errors see Notifier.
func (d *DingTalk) Notify(ctx context.Context, m reputation.Message) (reputation.Thread, error) {
	if err := d.wait(ctx); err != nil {
		return reputation.Thread{}, err
	}
	n := d.wording.notice(m)
	calls, called := callable(m), ""
	if len(calls) > 0 {
		called = "\n\n@" + strings.Join(calls, " @")
	}
	// Only who also stands in the text is called, so each stands in the message thrice.
	text := n.markdown(dialect{"  \n", "\n\n", dingTalkBytes - 3*len(called)}, key(m), phrasesOf(d.wording.Lang).shortened)
	message := dingTalkMessage{Kind: "markdown", Markdown: &dingTalkMarkdown{inert(n.title), text + called}}
	if len(calls) > 0 {
		message.At = &dingTalkAt{Mobiles: calls, Users: calls, All: slices.Contains(calls, "all")}
	}
	return reputation.Thread{}, d.send(ctx, message)
}

// Check asks DingTalk whether the robot lives, with a message without content: a
// living robot refuses it for that, and nobody gets to see it.
func (d *DingTalk) Check(ctx context.Context) error {
	return d.send(ctx, dingTalkMessage{Kind: "markdown"})
}

type dingTalkMessage struct {
	Kind     string            `json:"msgtype"`
	Markdown *dingTalkMarkdown `json:"markdown,omitempty"`
	At       *dingTalkAt       `json:"at,omitempty"`
}

// dingTalkAt are the people to call: each id is looked for among the mobile numbers
// and among the user ids.
type dingTalkAt struct {
	Mobiles []string `json:"atMobiles"`
	Users   []string `json:"atUserIds"`
	All     bool     `json:"isAtAll"`
}

type dingTalkMarkdown struct {
	Title string `json:"title"`
	Text  string `json:"text"`
}

// send posts a message; one without content may be refused for that.
func (d *DingTalk) send(ctx context.Context, m dingTalkMessage) error {
	address, err := d.signed(time.Now())
	if err != nil {
		return err
	}
	return d.ask(ctx, address, m, m.Markdown == nil, dingTalkVerdict)
}

// signed is the address with the signature of a moment, in milliseconds.
func (d *DingTalk) signed(at time.Time) (string, error) {
	if d.secret == "" {
		return d.address, nil
	}
	u, err := url.Parse(d.address)
	if err != nil {
		return "", d.report.explain(err)
	}
	timestamp := strconv.FormatInt(at.UnixMilli(), 10)
	mac := hmac.New(sha256.New, []byte(d.secret))
	fmt.Fprintf(mac, "%s\n%s", timestamp, d.secret)
	query := u.Query()
	query.Set("timestamp", timestamp)
	query.Set("sign", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	u.RawQuery = query.Encode()
	return u.String(), nil
}

// dingTalkVerdict tells what an error code of a custom robot means.
func dingTalkVerdict(code int) verdict {
	switch code {
	case 410100, 130101: // too many, by its present and its former name
		return verdict{wait: dingTalkSilence}
	case 310000:
		return verdict{advice: "the robot's security setting: copy the secret of its signature check (加签) into the receiver's secret_file, see that the clock of this machine is right, and want no keyword; or add this machine's address"}
	case 300001, 300005, 400101, 400106:
		return verdict{advice: "the robot is gone or the address is wrong: copy the robot's webhook address into the receiver's url_file"}
	case 400102:
		return verdict{advice: "the robot is switched off: switch it on in the group's settings"}
	case 400013:
		return verdict{advice: "the group is dissolved: make a robot in another one and copy its webhook address into the receiver's url_file"}
	case 430101, 430102, 430103, 430104, 460101, 40035, 43004, 400105:
		return verdict{empty: code == 40035 || code == 400105, advice: "see https://open.dingtalk.com/document/robots/custom-robot-access"}
	}
	return verdict{}
}
