package alerting

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"reputed/internal/reputation"
)

// The identifiers of what people press in Slack. What is pressed carries the number of
// an alert or a mention and no text.
const (
	pressAcknowledge  = "reputed-acknowledge"
	pressMuteHours    = "reputed-mute-4h"
	pressMuteTomorrow = "reputed-mute-tomorrow"
	pressMuteWeek     = "reputed-mute-7d"
	pressMore         = "reputed-more"
	pressRating       = "reputed-rating"
)

// slackImage is a picture that Slack holds.
type slackImage struct {
	file  string // Slack's identifier; empty if there is none
	title string
	alt   string // for those who cannot see it
}

// controls are what people can do about an alert where they read of it.
type controls struct {
	alert    int64 // 0 in an answer, which has no buttons of its own
	firing   bool
	standing []string // what people have done, in mrkdwn
	phrases  deskPhrases
}

// Standing is what people have done about an alert.
type Standing struct {
	AcknowledgedBy string    // Slack's identifier of a user, or another name; empty if nobody did
	AcknowledgedAt time.Time // when
	MutedBy        string    // who silenced it; empty if nobody did
	MutedUntil     time.Time // until when
}

// controls puts what people did, and can do, into words.
func (w Wording) controls(a reputation.Alert, s Standing, now time.Time) *controls {
	p, date := deskPhrasesOf(w.Lang), phrasesOf(w.Lang).date
	c := &controls{alert: a.ID, firing: a.State == reputation.Firing, phrases: p}
	if s.AcknowledgedBy != "" {
		c.standing = append(c.standing, fmt.Sprintf(p.acknowledgedBy, person(s.AcknowledgedBy), s.AcknowledgedAt.In(w.zone()).Format(date)))
	}
	if s.MutedUntil.After(now) {
		c.standing = append(c.standing, fmt.Sprintf(p.mutedBy, person(s.MutedBy), s.MutedUntil.In(w.zone()).Format(date)))
	}
	return c
}

func (w Wording) zone() *time.Location {
	if w.Zone == nil {
		return time.UTC
	}
	return w.Zone
}

// slackUser and slackCallee are Slack's identifiers of a user, and of whom a message
// can call: a user or a group of users.
var (
	slackUser   = regexp.MustCompile(`^[UW][A-Z0-9]{2,20}$`)
	slackCallee = regexp.MustCompile(`^[UWS][A-Z0-9]{2,20}$`)
)

// person names somebody in mrkdwn: as Slack shows its users, or by a plain name.
func person(by string) string {
	if slackUser.MatchString(by) {
		return "<@" + by + ">"
	}
	return escaped(nameOf(nil, by))
}

// callees writes whom a message calls. What is no identifier calls nobody.
func callees(ids []string) []string {
	var calls []string
	for _, id := range ids {
		switch {
		case len(calls) == mostCalls || !slackCallee.MatchString(id):
		case strings.HasPrefix(id, "S"):
			calls = append(calls, "<!subteam^"+id+">")
		default:
			calls = append(calls, "<@"+id+">")
		}
	}
	return calls
}

// blocks are the buttons and, above them, what people did.
func (c *controls) blocks() []slack.Block {
	if c.alert == 0 {
		return nil
	}
	var blocks []slack.Block
	if len(c.standing) > 0 {
		blocks = append(blocks, slack.NewContextBlock("", mrkdwn(strings.Join(c.standing, "\n"))))
	}
	var buttons []slack.BlockElement
	button := func(id, label string) *slack.ButtonBlockElement {
		b := slack.NewButtonBlockElement(id, strconv.FormatInt(c.alert, 10), plain(label))
		buttons = append(buttons, b)
		return b
	}
	if c.firing {
		button(pressAcknowledge, c.phrases.acknowledge).WithStyle(slack.StylePrimary)
		button(pressMuteHours, c.phrases.muteHours)
		button(pressMuteTomorrow, c.phrases.muteTomorrow)
		button(pressMuteWeek, c.phrases.muteWeek)
	}
	button(pressMore, c.phrases.more)
	return append(blocks, slack.NewActionBlock("", buttons...))
}

// rating is the menu beside an excerpt by which people correct its rating.
func (p deskPhrases) rating(mention int64) *slack.Accessory {
	var options []*slack.OptionBlockObject
	for _, label := range []reputation.Label{reputation.Positive, reputation.Neutral, reputation.Negative} {
		options = append(options, slack.NewOptionBlockObject(fmt.Sprintf("%d:%s", mention, label), plain(p.labels[label]), nil))
	}
	return slack.NewAccessory(slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, plain(p.wrong), pressRating, options...))
}

func plain(text string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.PlainTextType, text, true, false)
}
