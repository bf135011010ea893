package main

import (
	"fmt"
	"os"
	"time"

	"reputed/collector"
	"reputed/internal/config"
)

type parseCommand struct {
	File        string `arg:"" placeholder:"FILE" type:"existingfile" help:"Feed document: RSS, Atom or JSON Feed."`
	Base        string `placeholder:"URL" help:"Address the document came from, to make relative links absolute."`
	ContentType string `placeholder:"TYPE" help:"Content-Type the document was sent with, for its charset."`
}

// parsedEntry is the JSON form of one entry of a feed.
type parsedEntry struct {
	Title     string   `json:"title"`
	Link      string   `json:"link"`
	ID        string   `json:"id"`
	Author    string   `json:"author,omitempty"`
	Lang      string   `json:"lang,omitempty"`
	Published string   `json:"published,omitempty"`
	Updated   string   `json:"updated,omitempty"`
	Text      []string `json:"text"`
}

func (c parseCommand) Run(env environment) error {
	data, err := os.ReadFile(c.File)
	if err != nil {
		return err
	}
	out := newEncoder(env.stdout)
	entries, parseErr := collector.ParseFeed(data, c.ContentType, c.Base, config.DefaultTimezone())
	if parseErr != nil {
		if err := out.Encode(struct {
			OK    bool   `json:"ok"`
			Error string `json:"error"`
		}{false, parseErr.Error()}); err != nil {
			return err
		}
		return fmt.Errorf("parse %s: %w", c.File, parseErr)
	}
	parsed := make([]parsedEntry, len(entries))
	for i, e := range entries {
		parsed[i] = parsedEntry{e.Title, e.Link, e.ID, e.Author, e.Lang, stamp(e.Published), stamp(e.Updated), e.Text}
		if e.Text == nil {
			parsed[i].Text = []string{}
		}
	}
	return out.Encode(struct {
		OK      bool          `json:"ok"`
		Count   int           `json:"n_entries"`
		Entries []parsedEntry `json:"entries"`
	}{true, len(entries), parsed})
}

// stamp is a time as the outside sees it, or "" for none.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
