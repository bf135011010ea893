package alerting

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"reputed/internal/reputation"
)

// Limits of a custom robot of Feishu and Lark
// (https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot): 100
// requests a minute and 5 a second, of at most 20 KB.
const (
	feishuInterval = time.Minute / 100
	feishuBytes    = 20_000
)

// feishuColumn is the longest value, in characters, that stands beside another: a longer
// one, such as a brand's line in a digest, is a narrow column of many lines on a phone.
const feishuColumn = 30

// Feishu delivers messages through a custom robot of a Feishu or Lark group, as
// cards. Robots know no threads and cannot change a message, so each message
// stands for itself and names its alert. It is a Notifier.
type Feishu struct {
	endpoint
	secret  string
	wording Wording
}

// NewFeishu returns the receiver of that name for the address that Feishu or Lark
// gave for the group. The secret is that of the robot's signature check; empty if
// the check is off.
func NewFeishu(name, address, secret string, client *http.Client, wording Wording) *Feishu {
	return &Feishu{newRobot(name, "Feishu", address, feishuInterval, client, secret), secret, wording}
}

// Notify posts the message. The thread is always zero. For errors see Notifier.
func (f *Feishu) Notify(ctx context.Context, m reputation.Message) (reputation.Thread, error) {
	if err := f.wait(ctx); err != nil {
		return reputation.Thread{}, err
	}
	card := f.wording.notice(m).feishuCard(key(m), phrasesOf(f.wording.Lang).shortened, callable(m))
	return reputation.Thread{}, f.send(ctx, feishuMessage{Kind: "interactive", Card: &card})
}

// Check asks Feishu whether the robot lives, with a message without content: a
// living robot refuses it for that, and nobody gets to see it.
func (f *Feishu) Check(ctx context.Context) error {
	return f.send(ctx, feishuMessage{})
}

type feishuMessage struct {
	Timestamp string      `json:"timestamp,omitempty"`
	Sign      string      `json:"sign,omitempty"`
	Kind      string      `json:"msg_type"`
	Card      *feishuCard `json:"card,omitempty"`
}

// send signs a message and posts it; one without content may be refused for that.
func (f *Feishu) send(ctx context.Context, m feishuMessage) error {
	if f.secret != "" {
		m.Timestamp, m.Sign = feishuSign(f.secret, time.Now())
	}
	return f.ask(ctx, f.address, m, m.Card == nil, feishuVerdict)
}

// feishuSign signs a moment, in whole seconds, as the robot's signature check wants
// it: the key of the HMAC is the moment and the secret, and nothing is hashed.
func feishuSign(secret string, at time.Time) (timestamp, sign string) {
	timestamp = strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(timestamp+"\n"+secret))
	return timestamp, base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// feishuVerdict tells what an error code of a custom robot means.
func feishuVerdict(code int) verdict {
	switch code {
	case 11232, 11233: // too many, of this robot or all over Feishu
		return verdict{wait: time.Minute}
	case 19001:
		return verdict{advice: "the robot is gone or the address is wrong: copy the robot's webhook address into the receiver's url_file"}
	case 19021:
		return verdict{advice: "copy the secret of the robot's signature check into the receiver's secret_file, and see that the clock of this machine is right"}
	case 19022:
		return verdict{advice: "the robot takes messages from listed addresses only: add this machine's"}
	case 19024:
		return verdict{advice: "the robot wants a keyword in each message: let it check signatures instead"}
	case 9499, 19002, 19003, 19036, 11246, 230099:
		return verdict{empty: code == 9499 || code == 19002, advice: "see https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot"}
	}
	return verdict{}
}

// feishuCard is a card in Feishu's JSON 1.0
// (https://open.feishu.cn/document/common-capabilities/message-card/message-cards-content/card-structure/card-content).
type feishuCard struct {
	Config   map[string]bool `json:"config"`
	Header   feishuHeader    `json:"header"`
	Elements []feishuElement `json:"elements"`
}

type feishuHeader struct {
	Template string     `json:"template"` // colour
	Title    feishuText `json:"title"`
}

type feishuText struct {
	Tag     string `json:"tag"`
	Content string `json:"content"`
}

type feishuElement struct {
	Tag      string        `json:"tag"`
	Text     *feishuText   `json:"text,omitempty"`
	Fields   []feishuField `json:"fields,omitempty"`
	Elements []feishuText  `json:"elements,omitempty"`
}

type feishuField struct {
	Short bool       `json:"is_short"`
	Text  feishuText `json:"text"`
}

// feishuCard lays a notice out as a card within Feishu's limit; shortened says that
// something had to be left out, and the people with the ids of calls are called.
func (n notice) feishuCard(key, shortened string, calls []string) feishuCard {
	card := feishuCard{
		Config: map[string]bool{"wide_screen_mode": true},
		Header: feishuHeader{Template: n.feishuColour(), Title: larkPlain(n.title)},
	}
	blocks := n.feishuBlocks(key)
	if len(calls) > 0 {
		text := larkMarkdown("<at id=" + strings.Join(calls, "></at> <at id=") + "></at>")
		blocks = append(blocks, block[feishuElement]{feishuElement{Tag: "div", Text: &text}, essential})
	}
	size := func(elements []feishuElement) int {
		card.Elements = elements
		body, err := document(card)
		if err != nil {
			return 0 // texts and lists of them can always be encoded
		}
		// What stands around the card, and the remark that it was shortened.
		return len(body) + 500
	}
	shown, short := fitted(blocks, feishuBytes, size)
	if short {
		shown = append(shown, feishuElement{Tag: "note", Elements: []feishuText{larkPlain(shortened)}})
	}
	card.Elements = shown
	return card
}

func (n notice) feishuBlocks(key string) []block[feishuElement] {
	var blocks []block[feishuElement]
	add := func(rank int, e feishuElement) { blocks = append(blocks, block[feishuElement]{e, rank}) }
	div := func(rank int, text feishuText) { add(rank, feishuElement{Tag: "div", Text: &text}) }
	if len(n.fields) > 0 {
		e := feishuElement{Tag: "div"}
		for _, f := range n.fields {
			short := utf8.RuneCountInString(f.value) <= feishuColumn
			e.Fields = append(e.Fields, feishuField{short, larkMarkdown(larkBold(f.label) + "\n" + larkEscaped(f.value))})
		}
		add(essential, e)
	}
	if lines := n.listing.lines(feishuBytes*2/3, func(line string) int { return len(line) + len(`\n`) }); len(lines) > 0 {
		div(essential, larkPlain(strings.Join(lines, "\n")))
	}
	for _, a := range n.ailing {
		div(telling, larkPlain(strings.TrimSpace(a.source+"  "+a.what+"\n"+a.cause)))
	}
	if n.chart.bars != "" {
		div(decorative, larkPlain(n.chart.title+"\n"+n.chart.bars+"\n"+n.chart.axis))
	}
	if len(n.facts) > 0 {
		var lines []string
		for _, f := range n.facts {
			lines = append(lines, larkBold(f.label)+"  "+larkEscaped(f.value))
		}
		div(telling, larkMarkdown(strings.Join(lines, "\n")))
	}
	for _, q := range n.quotes {
		source := larkEscaped(q.source)
		if q.url != "" {
			source = "[" + source + "](" + linkable(q.url) + ")"
		}
		// One block, so that a quotation never stands without its source.
		div(helpful, larkMarkdown("“"+larkEscaped(q.text)+"”\n"+source+" · "+larkEscaped(strings.Join(q.notes, " · "))))
	}
	if n.advice.value != "" {
		div(helpful, larkMarkdown(larkBold(n.advice.label)+"\n• "+strings.ReplaceAll(larkEscaped(n.advice.value), "\n", "\n• ")))
	}
	add(essential, feishuElement{Tag: "hr"})
	note := []feishuText{larkPlain(n.about + " · " + key), larkPlain(n.again.label + "  " + n.again.value)}
	if n.web.url != "" {
		note = append(note, larkMarkdown(fmt.Sprintf("[%s](%s)", larkEscaped(n.web.label), n.web.url)))
	}
	add(essential, feishuElement{Tag: "note", Elements: note})
	return blocks
}

func (n notice) feishuColour() string {
	switch {
	case n.event == reputation.Ended:
		return "green"
	case n.level == reputation.Critical:
		return "red"
	}
	return "orange"
}

func larkPlain(text string) feishuText    { return feishuText{"plain_text", text} }
func larkMarkdown(text string) feishuText { return feishuText{"lark_md", text} }
func larkBold(text string) string         { return "**" + larkEscaped(text) + "**" }

// larkEscaped makes text inert in lark_md: what would call people, link or format
// is written as character references
// (https://open.feishu.cn/document/common-capabilities/message-card/message-cards-content/using-markdown-tags).
func larkEscaped(text string) string {
	return strings.NewReplacer(
		"&", "&amp;", "<", "&lt;", ">", "&gt;", "*", "&#42;", "_", "&#95;", "~", "&#126;", "`", "&#96;",
		"[", "&#91;", "]", "&#93;", "(", "&#40;", ")", "&#41;", "!", "&#33;", "#", "&#35;", "$", "&#36;", `\`, "&#92;",
		"://", "&#58;//", "@", "&#64;",
	).Replace(text)
}
