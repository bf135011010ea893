package alerting

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"reputed/internal/reputation"
)

// furtherQuotes is how many more excerpts somebody gets who asks for more.
const furtherQuotes = 10

// pressed does what somebody pressed under an alert, and returns what to answer. What
// is not understood, was done before, or is about what is gone changes nothing.
func (s *SlackSocket) pressed(ctx context.Context, heard slack.InteractionCallback) (notice, error) {
	p := deskPhrasesOf(s.bot.wording.Lang)
	if len(heard.ActionCallback.BlockActions) != 1 || !slackUser.MatchString(heard.User.ID) {
		return notice{says: p.strange}, nil
	}
	pressed := heard.ActionCallback.BlockActions[0]
	if pressed.ActionID == pressRating {
		return s.rate(ctx, pressed.SelectedOption.Value, heard.User.ID)
	}
	alert, err := strconv.ParseInt(pressed.Value, 10, 64)
	if err != nil || alert <= 0 {
		return notice{says: p.strange}, nil
	}
	at := reputation.Thread{Channel: heard.Container.ChannelID, TS: heard.Container.MessageTs}
	present, message, err := s.desk.Case(ctx, alert, at)
	if errors.Is(err, ErrUnknown) {
		return notice{says: fmt.Sprintf(p.gone, alert)}, nil
	}
	if err != nil {
		return notice{}, fmt.Errorf("read alert %d: %w", alert, err)
	}
	if present.State != reputation.Firing && pressed.ActionID != pressMore {
		return notice{says: fmt.Sprintf(p.over, alert)}, nil
	}
	standing, err := s.bot.standing(ctx, present)
	if err != nil {
		return notice{}, err
	}
	switch pressed.ActionID {
	case pressAcknowledge:
		return s.acknowledge(ctx, message, standing, heard.User.ID)
	case pressMuteHours, pressMuteTomorrow, pressMuteWeek:
		until, _ := s.muteEnd(map[string]string{pressMuteHours: "4h", pressMuteTomorrow: "tomorrow", pressMuteWeek: "7d"}[pressed.ActionID])
		return s.mute(ctx, message, standing, until, heard.User.ID)
	case pressMore:
		return s.more(ctx, message, heard.User.ID)
	}
	return notice{says: p.strange}, nil
}

func (s *SlackSocket) acknowledge(ctx context.Context, m reputation.Message, standing Standing, by string) (notice, error) {
	p, a := deskPhrasesOf(s.bot.wording.Lang), m.Alert
	if standing.AcknowledgedBy != "" {
		return notice{says: fmt.Sprintf(p.taken, a.ID, person(standing.AcknowledgedBy), s.clock(standing.AcknowledgedAt))}, nil
	}
	at := s.now()
	if _, err := s.desk.Acknowledge(ctx, a.ID, by, at); err != nil {
		return notice{}, fmt.Errorf("acknowledge alert %d: %w", a.ID, err)
	}
	if err := s.act(ctx, reputation.Action{At: at, By: by, What: reputation.Acknowledged, Alert: a.ID}); err != nil {
		return notice{}, err
	}
	standing.AcknowledgedBy, standing.AcknowledgedAt = by, at
	s.show(ctx, m, standing)
	return notice{says: fmt.Sprintf(p.took, a.ID)}, nil
}

// mute silences the rule of an alert for its brand.
func (s *SlackSocket) mute(ctx context.Context, m reputation.Message, standing Standing, until time.Time, by string) (notice, error) {
	p, a := deskPhrasesOf(s.bot.wording.Lang), m.Alert
	if !standing.MutedUntil.Before(until.Add(-time.Minute)) { // pressed twice
		return notice{says: fmt.Sprintf(p.alreadyMuted, a.ID, s.clock(standing.MutedUntil))}, nil
	}
	silence := reputation.Silence{
		Matchers: []reputation.Matcher{{Label: "brand", Op: "=", Value: a.Brand}, {Label: "rule", Op: "=", Value: a.Rule}},
		Author:   by, Reason: fmt.Sprintf(p.reason, a.ID), From: s.now(), Until: until,
	}
	if _, err := s.silence(ctx, silence, a.ID); err != nil {
		return notice{}, err
	}
	standing.MutedBy, standing.MutedUntil = by, until
	s.show(ctx, m, standing)
	return notice{says: fmt.Sprintf(p.muted, a.ID, s.clock(until))}, nil
}

// silence adds a silence and stores who made it.
func (s *SlackSocket) silence(ctx context.Context, silence reputation.Silence, alert int64) (reputation.Silence, error) {
	stored, err := s.desk.AddSilence(ctx, silence)
	if err != nil {
		return stored, fmt.Errorf("add a silence: %w", err)
	}
	detail := fmt.Sprintf("silence %d until %s: %s", stored.ID, stored.Until.UTC().Format(time.RFC3339), matchersText(stored.Matchers))
	return stored, s.act(ctx, reputation.Action{At: silence.From, By: silence.Author, What: reputation.Muted, Alert: alert, Detail: detail})
}

// matchersText writes matchers as the command line takes them.
func matchersText(matchers []reputation.Matcher) string {
	var parts []string
	for _, m := range matchers {
		parts = append(parts, m.Label+m.Op+m.Value)
	}
	return strings.Join(parts, " ")
}

// muteEnd is when a mute ends that is named by its length; false for another name. One
// until tomorrow ends at 9 o'clock, also on the days on which clocks are set.
func (s *SlackSocket) muteEnd(length string) (time.Time, bool) {
	now := s.now()
	switch length {
	case "4h":
		return now.Add(4 * time.Hour), true
	case "7d":
		return now.Add(7 * 24 * time.Hour), true
	case "tomorrow":
		year, month, day := now.In(s.bot.wording.zone()).Date()
		return time.Date(year, month, day+1, 9, 0, 0, 0, s.bot.wording.zone()), true
	}
	return time.Time{}, false
}

// show changes the message in the channel. That it cannot be changed takes nothing
// back: the person is answered all the same.
func (s *SlackSocket) show(ctx context.Context, m reputation.Message, standing Standing) {
	if err := s.bot.refresh(ctx, m, standing); err != nil {
		s.log.Warn("show in the message what was done", "alert", m.Alert.ID, "error", err)
	}
}

// more answers with further excerpts of an alert, from the hour that opened it on.
func (s *SlackSocket) more(ctx context.Context, m reputation.Message, by string) (notice, error) {
	w := s.bot.wording
	p, a := deskPhrasesOf(w.Lang), m.Alert
	to := s.now()
	if !a.ResolvedAt.IsZero() {
		to = a.ResolvedAt
	}
	mentions, copies, err := s.desk.Negative(ctx, a.Brand, a.Judgement.From, to, mentionLimit)
	if err != nil {
		return notice{}, fmt.Errorf("read the negative mentions of alert %d: %w", a.ID, err)
	}
	shown := make(map[int64]bool)
	for _, q := range m.Quotes {
		shown[q.Mention] = true
	}
	var further []reputation.Quote
	for _, q := range quotes(mentions, copies, furtherQuotes+len(m.Quotes)) {
		if !shown[q.Mention] && len(further) < furtherQuotes {
			further = append(further, q)
		}
	}
	if err := s.act(ctx, reputation.Action{At: s.now(), By: by, What: reputation.AskedMore, Alert: a.ID}); err != nil {
		return notice{}, err
	}
	if len(further) == 0 {
		return notice{says: fmt.Sprintf(p.noFurther, a.ID)}, nil
	}
	n := s.sheet(fmt.Sprintf(p.furtherTitle, len(further), a.ID))
	n.add(w, further)
	return n, nil
}

// rate corrects the rating of a mention.
func (s *SlackSocket) rate(ctx context.Context, value, by string) (notice, error) {
	p := deskPhrasesOf(s.bot.wording.Lang)
	number, name, _ := strings.Cut(value, ":")
	mention, err := strconv.ParseInt(number, 10, 64)
	label := reputation.Label(name)
	if err != nil || mention <= 0 || p.labels[label] == "" {
		return notice{says: p.strange}, nil
	}
	at := s.now()
	before, brand, err := s.desk.Correct(ctx, mention, label, by, at)
	if errors.Is(err, ErrUnknown) {
		return notice{says: p.unknown}, nil
	}
	if err != nil {
		return notice{}, fmt.Errorf("correct mention %d: %w", mention, err)
	}
	if err := s.act(ctx, reputation.Action{At: at, By: by, What: reputation.Corrected, Mention: mention, Detail: string(label)}); err != nil {
		return notice{}, err
	}
	says := p.corrected
	if before == label {
		says = p.already
	}
	return notice{says: fmt.Sprintf(says, escaped(nameOf(nil, brand)), p.labels[label])}, nil
}

// clock writes a time as people read it.
func (s *SlackSocket) clock(t time.Time) string {
	return t.In(s.bot.wording.zone()).Format(phrasesOf(s.bot.wording.Lang).date)
}
