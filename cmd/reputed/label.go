package main

import (
	"context"
	"errors"
	"fmt"
	"os/user"
	"time"

	"reputed/internal/reputation"
	"reputed/internal/store"
)

type labelCommand struct {
	Mention int64            `arg:"" help:"Number of the mention: the column id of the table mentions."`
	Label   reputation.Label `arg:"" enum:"positive,neutral,negative" help:"What it is: positive, neutral or negative."`
	Config  string           `default:"config.yaml" placeholder:"FILE" type:"path" help:"Configuration whose database holds the mention (${default})."`
}

// findMentions is how a user finds the number of a mention.
const findMentions = `sqlite3 -readonly -box %s "SELECT m.id, m.brand, m.label, substr(i.content, 1, 40) AS content FROM mentions m JOIN items i ON i.id = m.item_id ORDER BY m.id DESC LIMIT 20"`

func (c labelCommand) Run(ctx context.Context, env environment) error {
	cfg, db, err := openConfigured(ctx, c.Config, env, store.OpenBeside)
	if err != nil {
		return err
	}
	defer db.Close() // what was changed is committed
	done, err := db.Correct(ctx, c.Mention, c.Label, userName(env), time.Now())
	if errors.Is(err, store.ErrNoMention) {
		return fmt.Errorf("%w; find its number with: "+findMentions, err, cfg.Database)
	}
	if err != nil {
		return err
	}
	change := fmt.Sprintf("%s -> %s", done.Before, done.Label)
	if done.Before == done.Label {
		change = fmt.Sprintf("%s, confirmed", done.Label)
	}
	_, err = fmt.Fprintf(env.stdout, "mention %d of %s: %s (rated %s, %.2f)\n  %s\n",
		done.Mention, done.Brand, change, done.Rated, done.Score, shorten(done.Content, 200))
	return err
}

// userName is who runs the command, also through sudo; empty if the system does
// not say.
func userName(env environment) string {
	if name := env.getenv("SUDO_USER"); name != "" {
		return name
	}
	u, err := user.Current()
	if err != nil {
		return "" // a user without an entry, as in a container: the label counts all the same
	}
	return u.Username
}
