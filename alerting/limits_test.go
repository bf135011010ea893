package alerting

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/slack-go/slack"

	"reputed/internal/reputation"
)

// The people and groups that messages in tests may call. Every other identifier can
// only have come out of a scraped text.
var knownCallees = regexp.MustCompile(`<@U0PRLEAD[12]>|<!subteam\^S0ONCALL1>`)

var (
	links     = regexp.MustCompile("<https?://[^<>|`\"[:space:]]+\\|[^<>|]*>")
	codeSpans = regexp.MustCompile("(?s)```.*?```|`[^`]*`")
	entities  = regexp.MustCompile(`&(amp|lt|gt);`)
)

// blockLimits checks blocks as they go over the wire.
func blockLimits(text string, blocks []slack.Block) error {
	raw, err := json.Marshal(blocks)
	if err != nil {
		return err
	}
	return wireLimits(text, raw)
}

// object is a JSON object.
type object = map[string]any

// wireLimits finds what in a message breaks Slack's documented limits
// (https://docs.slack.dev/reference/block-kit/blocks, .../block-elements and
// .../composition-objects, and https://docs.slack.dev/reference/methods/chat.postMessage),
// and markup that only a scraped text can have brought. It reads the JSON that Slack
// would get, and knows only what the product sends: anything else is a fault.
func wireLimits(text string, raw []byte) error {
	l := limits{blocks: map[string]bool{}}
	l.require(utf8.Valid(raw), "not UTF-8")
	n := utf8.RuneCountInString(text)
	l.require(n > 0 && n <= 4000, "a fallback text of %d characters", n)
	l.inert(text)
	var blocks []object
	if err := json.Unmarshal(raw, &blocks); err != nil {
		return fmt.Errorf("blocks: %w", err)
	}
	l.require(len(blocks) > 0 && len(blocks) <= 50, "%d blocks", len(blocks))
	for _, b := range blocks {
		l.block(b)
	}
	return errors.Join(l.errs...)
}

type limits struct {
	errs   []error
	blocks map[string]bool // block_ids
}

func (l *limits) require(ok bool, format string, args ...any) {
	if !ok {
		l.errs = append(l.errs, fmt.Errorf(format, args...))
	}
}

// only finds fields that the documentation of a block or element does not name.
func (l *limits) only(o object, what string, fields ...string) {
	for field := range o {
		l.require(field == "type" || slices.Contains(fields, field), "%s with %q", what, field)
	}
}

func (l *limits) block(b object) {
	if id, ok := b["block_id"].(string); ok {
		n := utf8.RuneCountInString(id)
		l.require(n > 0 && n <= 255, "a block_id of %d characters", n)
		l.require(!l.blocks[id], "block_id %s twice", id)
		l.blocks[id] = true
	}
	switch b["type"] {
	case "header":
		l.only(b, "header", "text", "block_id")
		l.text("header", b["text"], 150, "plain_text")
	case "section":
		l.only(b, "section", "text", "fields", "accessory", "block_id")
		fields, _ := b["fields"].([]any)
		l.require(b["text"] != nil || len(fields) > 0, "a section of nothing")
		if b["text"] != nil {
			l.text("section", b["text"], 3000, "mrkdwn", "plain_text")
		}
		l.require(len(fields) <= 10, "%d fields", len(fields))
		for _, field := range fields {
			l.text("field", field, 2000, "mrkdwn", "plain_text")
		}
		if accessory, ok := b["accessory"]; ok {
			l.elements("accessory", []any{accessory})
		}
	case "image":
		l.only(b, "image", "slack_file", "alt_text", "title", "block_id")
		file, _ := b["slack_file"].(object)
		id, _ := file["id"].(string)
		l.require(len(file) == 1 && regexp.MustCompile(`^F[A-Z0-9]+$`).MatchString(id), "slack_file %v", file)
		alt, _ := b["alt_text"].(string)
		n := utf8.RuneCountInString(alt)
		l.require(n > 0 && n <= 2000, "an alt_text of %d characters", n)
		l.visible(alt)
		l.text("title of an image", b["title"], 2000, "plain_text")
	case "context":
		l.only(b, "context", "elements", "block_id")
		elements, _ := b["elements"].([]any)
		l.require(len(elements) > 0 && len(elements) <= 10, "%d elements in a context", len(elements))
		for _, e := range elements {
			l.text("context", e, 2000, "mrkdwn")
		}
	case "actions":
		l.only(b, "actions", "elements", "block_id")
		elements, _ := b["elements"].([]any)
		l.require(len(elements) > 0 && len(elements) <= 25, "%d elements in actions", len(elements))
		l.elements("actions", elements)
	default:
		l.require(false, "block of type %v", b["type"])
	}
}

// elements checks what people can press.
func (l *limits) elements(where string, elements []any) {
	ids := map[string]bool{}
	for _, e := range elements {
		element, _ := e.(object)
		id, _ := element["action_id"].(string)
		l.require(id != "" && len(id) <= 255, "an action_id of %d characters", len(id))
		l.require(!ids[id], "action_id %s twice in %s", id, where)
		ids[id] = true
		switch element["type"] {
		case "button":
			l.only(element, "button", "text", "action_id", "value", "style")
			l.text("button", element["text"], 75, "plain_text")
			value, _ := element["value"].(string)
			l.require(regexp.MustCompile(`^[0-9]{1,20}$`).MatchString(value), "a button with the value %q", value)
			style, styled := element["style"]
			l.require(!styled || style == "primary" || style == "danger", "a button in style %v", style)
		case "static_select":
			l.only(element, "menu", "placeholder", "action_id", "options")
			l.text("placeholder", element["placeholder"], 150, "plain_text")
			options, _ := element["options"].([]any)
			l.require(len(options) > 0 && len(options) <= 100, "%d options", len(options))
			for _, o := range options {
				option, _ := o.(object)
				l.only(option, "option", "text", "value")
				l.text("option", option["text"], 75, "plain_text")
				value, _ := option["value"].(string)
				l.require(regexp.MustCompile(`^[0-9]{1,20}:[a-z]{1,20}$`).MatchString(value), "an option with the value %q", value)
			}
		default:
			l.require(false, "element of type %v in %s", element["type"], where)
		}
	}
}

// text checks a text object.
func (l *limits) text(what string, value any, limit int, types ...string) {
	o, _ := value.(object)
	l.only(o, what, "text", "emoji", "verbatim")
	kind, _ := o["type"].(string)
	text, _ := o["text"].(string)
	n := utf8.RuneCountInString(text)
	l.require(n > 0 && n <= limit, "%s of %d characters", what, n)
	l.require(slices.Contains(types, kind), "%s of type %q", what, kind)
	l.require(kind != "plain_text" || o["verbatim"] == nil || o["verbatim"] == false, "plain text that is verbatim")
	l.require(kind != "mrkdwn" || o["emoji"] == nil, "mrkdwn with emoji")
	if kind == "mrkdwn" {
		l.require(o["verbatim"] == true, "%s in which Slack looks for links: %q", what, text)
		l.inert(text)
	}
	l.visible(text)
}

// inert finds markup that only a scraped text can have brought.
func (l *limits) inert(text string) {
	rest := knownCallees.ReplaceAllString(text, "")
	rest = entities.ReplaceAllString(links.ReplaceAllString(rest, ""), "")
	rest = strings.ReplaceAll(rest, "\n> ", "\n")
	rest = strings.TrimPrefix(rest, "> ")
	l.require(!strings.ContainsAny(rest, "<>&"), "raw control sequence in %q", text)
	l.require(strings.Count(rest, "`")%2 == 0, "a code span that does not end in %q", text)
	for _, line := range strings.Split(codeSpans.ReplaceAllString(rest, ""), "\n") {
		l.require(strings.Count(line, "*")%2 == 0, "bold that does not end in %q", line)
	}
}

// visible finds characters that show something else than what stands there.
func (l *limits) visible(text string) {
	for _, r := range text {
		if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == utf8.RuneError) {
			l.require(false, "character %U in %.200q", r, text)
			return
		}
	}
}

func TestLimitsFindFaults(t *testing.T) {
	button := func(id, value, label string) slack.BlockElement {
		return slack.NewButtonBlockElement(id, value, plain(label))
	}
	fields := make([]*slack.TextBlockObject, 11)
	for i := range fields {
		fields[i] = mrkdwn("x")
	}
	var many []slack.Block
	var buttons []slack.BlockElement
	for i := range 51 {
		many = append(many, section("x"))
		buttons = append(buttons, button(fmt.Sprint("id", i), "1", "x"))
	}
	menu := deskPhrasesOf("en").rating(811)
	menu.SelectElement.Options[0].Value = "811:" + strings.Repeat("a", 150)
	bad := map[string][]slack.Block{
		"no block":                 {},
		"51 blocks":                many,
		"long header":              {slack.NewHeaderBlock(plain(strings.Repeat("长", 151)))},
		"header in mrkdwn":         {slack.NewHeaderBlock(mrkdwn("x"))},
		"empty section":            {section("")},
		"long section":             {section(strings.Repeat("长", 3001))},
		"links looked for":         {slack.NewSectionBlock(slack.NewTextBlockObject(slack.MarkdownType, "x", false, false), nil, nil)},
		"eleven fields":            {slack.NewSectionBlock(nil, fields, nil)},
		"channel call":             {section("<!channel>")},
		"call of a stranger":       {section("<@U024BE7LH>")},
		"broken link":              {section("<https://a.example|x|<!here>>")},
		"open code span":           {section("`code")},
		"open bold":                {section("*bold")},
		"overridden":               {section("\u202egnp.exe")},
		"26 buttons":               {slack.NewActionBlock("", buttons[:26]...)},
		"the same button twice":    {slack.NewActionBlock("", buttons[0], buttons[0])},
		"long button":              {slack.NewActionBlock("", button("a", "1", strings.Repeat("长", 76)))},
		"button that carries text": {slack.NewActionBlock("", button("a", "a text", "x"))},
		"long action_id":           {slack.NewActionBlock("", button(strings.Repeat("a", 256), "1", "x"))},
		"long option":              {slack.NewSectionBlock(mrkdwn("x"), nil, menu)},
		"picture without words":    {slack.NewImageBlockSlackFile(&slack.SlackFileObject{ID: "F1"}, "", "", plain("x"))},
		"picture from elsewhere":   {slack.NewImageBlock("https://evil.example/x.png", "x", "", plain("x"))},
		"the same block twice":     {slack.NewContextBlock("a", mrkdwn("x")), slack.NewContextBlock("a", mrkdwn("x"))},
		"divider":                  {slack.NewDividerBlock()},
	}
	for name, blocks := range bad {
		if blockLimits("x", blocks) == nil {
			t.Errorf("%s passes", name)
		}
	}
	for _, text := range []string{"", strings.Repeat("a", 4001), "<!here>"} {
		if blockLimits(text, []slack.Block{section("x")}) == nil {
			t.Errorf("the fallback text %.20q passes", text)
		}
	}
	if err := blockLimits("x", []slack.Block{section("<@U0PRLEAD1> <https://news.example/a|news>")}); err != nil {
		t.Error(err)
	}
}

func TestCallees(t *testing.T) {
	ids := []string{"U0PRLEAD1", "S0ONCALL1", "<!channel>", "channel", "C024BE91L", "U1>", ""}
	if got := strings.Join(callees(ids), " "); got != "<@U0PRLEAD1> <!subteam^S0ONCALL1>" {
		t.Error(got)
	}
	if n := len(callees(slices.Repeat([]string{"U0PRLEAD1"}, 100))); n != 20 {
		t.Errorf("%d people are called", n)
	}
}

func TestAdviceHasTwoLinesForEachPhase(t *testing.T) {
	for _, p := range []phrases{chinese(), english()} {
		for _, phase := range []reputation.Phase{reputation.Latent, reputation.Outbreak, reputation.Spread, reputation.LongTail, reputation.Over} {
			m := sample(reputation.Opened)
			m.Episode = &reputation.Episode{Phase: phase}
			if n := len(p.advise(m)); n != 2 {
				t.Errorf("%d lines for %s", n, phase)
			}
		}
	}
}
