package alerting

import (
	"context"
	"net/http"
	"strings"
	"time"

	"reputed/internal/reputation"
)

// Limits of a group robot of WeCom
// (https://developer.work.weixin.qq.com/document/path/91770): 20 messages a minute,
// of at most 4096 bytes of Markdown.
const (
	weComInterval = time.Minute / 20
	weComBytes    = 4096
)

// WeCom delivers messages through a group robot of WeCom (企业微信). Robots know no
// threads and cannot change a message, so each message stands for itself and names
// its alert. It is a Notifier.
type WeCom struct {
	endpoint
	wording Wording
}

// NewWeCom returns the receiver of that name for the address that WeCom gave for
// the group. Its messages carry no signature: the key in the address is the secret.
func NewWeCom(name, address string, client *http.Client, wording Wording) *WeCom {
	return &WeCom{newRobot(name, "WeCom", address, weComInterval, client), wording}
}

// Notify posts the message, at most 20 a minute. The thread is always zero. For
// errors see Notifier.
func (w *WeCom) Notify(ctx context.Context, m reputation.Message) (reputation.Thread, error) {
	if err := w.wait(ctx); err != nil {
		return reputation.Thread{}, err
	}
	calls := ""
	if ids := callable(m); len(ids) > 0 {
		calls = "\n\n<@" + strings.Join(ids, "> <@") + ">"
	}
	text := w.wording.notice(m).markdown(dialect{"\n", "\n\n", weComBytes - len(calls)}, key(m), phrasesOf(w.wording.Lang).shortened) + calls
	return reputation.Thread{}, w.send(ctx, text)
}

// Check asks WeCom whether the robot lives, with a message without content: a
// living robot refuses it for that, and nobody gets to see it.
func (w *WeCom) Check(ctx context.Context) error { return w.send(ctx, "") }

type weComMessage struct {
	Kind     string        `json:"msgtype"`
	Markdown weComMarkdown `json:"markdown"`
}

type weComMarkdown struct {
	Content string `json:"content"`
}

// send posts a text; an empty one may be refused for that.
func (w *WeCom) send(ctx context.Context, text string) error {
	return w.ask(ctx, w.address, weComMessage{"markdown", weComMarkdown{text}}, text == "", weComVerdict)
}

// weComVerdict tells what an error code of a group robot means
// (https://developer.work.weixin.qq.com/document/path/90313).
func weComVerdict(code int) verdict {
	switch code {
	case 45009, 45033: // too many a minute, or at once
		return verdict{wait: time.Minute}
	case 93000, 93008, 93017, 40001, 40014:
		return verdict{advice: "the robot is gone or the address is wrong: copy the robot's webhook address into the receiver's url_file"}
	case 40008, 40058, 44004, 45002:
		return verdict{empty: code == 40058 || code == 44004, advice: "see https://developer.work.weixin.qq.com/document/path/91770"}
	}
	return verdict{}
}
