package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	"reputed/internal/config"
	"reputed/internal/pipeline"
	"reputed/internal/reputation"
)

type fetchCommand struct {
	Source string `arg:"" help:"Name of a configured source, or the address of a feed."`
	Config string `default:"config.yaml" placeholder:"FILE" type:"path" help:"Configuration file (${default})."`
	Format string `enum:"json,text" default:"json" help:"json: one object a line; text: for reading (${default})."`
}

func (c fetchCommand) Run(ctx context.Context, env environment) error {
	source, err := c.source(env)
	if err != nil {
		return err
	}
	items, next, collectErr := source.Collect(ctx, reputation.Cursor{})
	if len(next.Files) > 0 { // a folder's files are read when they are found a second time
		items, _, collectErr = source.Collect(ctx, next)
	}
	show := showJSON
	if c.Format == "text" {
		show = showText
	}
	for _, item := range items {
		if err := show(env, item); err != nil {
			return fmt.Errorf("write standard output: %w", err)
		}
	}
	fmt.Fprintf(env.stderr, "%d items\n", len(items))
	return collectErr
}

// source makes the configured source of that name, or a feed of a bare address,
// for which no configuration is needed. A local address may be asked since the
// user named it.
func (c fetchCommand) source(env environment) (pipeline.Source, error) {
	if strings.Contains(c.Source, "://") {
		u, err := url.Parse(c.Source)
		if err != nil || u.Host == "" {
			return nil, usageError(fmt.Sprintf("%q is no address", c.Source))
		}
		cfg := &config.Config{
			Timezone: config.DefaultTimezone(),
			Fetch:    config.Fetch{Allow: []string{hostPort(u)}},
			Sources:  []config.Source{{Name: c.Source, Kind: "feed", URL: c.Source}},
		}
		return newSource(cfg, 0, newClient(cfg, env))
	}
	cfg, err := loadConfig(c.Config, env)
	if err != nil {
		return nil, err
	}
	for i, s := range cfg.Sources {
		if s.Name == c.Source {
			return newSource(cfg, i, newClient(cfg, env))
		}
	}
	return nil, fmt.Errorf("no source %q in %s; it has: %s", c.Source, c.Config, strings.Join(sourceNames(cfg), ", "))
}

// hostPort is the host and port that an address leads to.
func hostPort(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Host
	case u.Scheme == "https":
		return u.Hostname() + ":443"
	}
	return u.Hostname() + ":80"
}

func showJSON(env environment, item reputation.Item) error {
	out := json.NewEncoder(env.stdout)
	out.SetEscapeHTML(false)
	return out.Encode(struct {
		Source    string `json:"source"`
		ID        string `json:"id"`
		URL       string `json:"url"`
		Title     string `json:"title"`
		Text      string `json:"text"`
		Author    string `json:"author,omitempty"`
		Lang      string `json:"lang,omitempty"`
		Published string `json:"published"`
	}{item.Source, item.ID, item.URL, item.Title, item.Text, item.Author, item.Lang, stamp(item.Published)})
}

func showText(env environment, item reputation.Item) error {
	_, err := fmt.Fprintf(env.stdout, "%s  %s\n  %s\n  %s\n\n", stamp(item.Published), shorten(item.Title, 100), shorten(item.Text, 200), item.URL)
	return err
}

// shorten makes one line of a scraped text, of n characters at most and "…".
func shorten(s string, n int) string {
	line := []rune(reputation.OneLine(s))
	if len(line) <= n {
		return string(line)
	}
	return string(line[:n]) + "…"
}
