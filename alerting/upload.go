package alerting

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/slack-go/slack"

	"reputed/internal/reputation"
)

const (
	// uploadTimeout bounds the upload of a picture: the alert is worth more.
	uploadTimeout = 8 * time.Second

	// A picture is tried so many times more, so far apart, before the message goes
	// without: Slack takes some time to prepare it.
	pictureTries = 2
	pictureWait  = 2 * time.Second
)

// picture draws the trend of an alert and brings it to Slack, in the three calls of
// https://docs.slack.dev/messaging/working-with-files#upload. The file is shared with
// no channel: the message shows it. Without a picture the image is empty; of what other
// rules than the volume judge there is none.
func (b *SlackBot) picture(ctx context.Context, m reputation.Message) slackImage {
	if m.Alert.ID == 0 || m.Alert.Rule != RuleNegativeVolume {
		return slackImage{}
	}
	img := b.wording.image(m, b.uploads.of(m.ID))
	if img.file != "" {
		return img
	}
	drawn, err := picture(m, b.wording.zone())
	if err != nil {
		b.log.Warn("message without picture", "alert", m.Alert.ID, "error", err)
		return slackImage{}
	}
	ctx, cancel := context.WithTimeout(ctx, uploadTimeout)
	defer cancel()
	file, err := b.api.UploadFileContext(ctx, slack.UploadFileParameters{
		Reader:   bytes.NewReader(drawn),
		FileSize: len(drawn),
		Filename: fmt.Sprintf("reputed-%d-%d.png", m.Alert.ID, m.ID),
		Title:    img.title,
		AltTxt:   img.alt,
	})
	if err == nil && file.ID == "" {
		err = errForeign
	}
	if err != nil {
		b.log.Warn("message without picture", "alert", m.Alert.ID, "error", b.uploadReport().explain(err))
		return slackImage{}
	}
	img.file = file.ID
	b.uploads.keep(m.ID, file.ID)
	return img
}

// uploads are the pictures of messages that are not delivered yet: the next try shows
// the one that Slack holds already.
type uploads struct {
	mu    sync.Mutex
	files map[int64]string // Slack's identifiers, by message
}

// of is the picture of a message; empty if it has none yet.
func (u *uploads) of(message int64) string {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.files[message]
}

// keep notes the picture of a message, or with none that it is delivered.
func (u *uploads) keep(message int64, file string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if file == "" {
		delete(u.files, message)
		return
	}
	u.files[message] = file
}

// uploadReport explains what goes wrong with a picture.
func (b *SlackBot) uploadReport() reporter {
	advice := func(code string) string {
		if code == "missing_scope" {
			return "give the app the scope files:write and install it again"
		}
		return botAdvice(code)
	}
	return reporter{action: "bring a picture to Slack", advice: advice, secrets: []string{b.token}}
}

// image describes the picture of a message that Slack holds as file.
func (w Wording) image(m reputation.Message, file string) slackImage {
	p := phrasesOf(w.Lang)
	j := m.Alert.Judgement
	days := (len(m.Before) + len(m.Trend)) / 24
	return slackImage{
		file:  file,
		title: fmt.Sprintf(p.pictured, max(1, days)),
		alt: fmt.Sprintf(p.depicted, max(1, days), cut(reputation.OneLine(m.Alert.Brand), 40),
			fmt.Sprintf(p.band, number(j.Expected), number(j.Deviation)), m.Alert.Peak, m.Alert.OpenedAt.In(w.zone()).Format(p.date)),
	}
}
