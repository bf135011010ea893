package main

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"reputed/collector"
	"reputed/internal/config"
	"reputed/internal/pipeline"
	"reputed/internal/reputation"
)

type fetchCommand struct {
	Source string `arg:"" help:"Name of a configured source, or the address of a feed, a sitemap or a web page."`
	Config string `default:"config.yaml" placeholder:"FILE" type:"path" help:"Configuration file (${default})."`
	Format string `enum:"json,text" default:"json" help:"json: one object a line; text: for reading (${default})."`
}

// tryArticles is how many articles are read to try a page that is not configured.
const tryArticles = 5

func (c fetchCommand) Run(ctx context.Context, env environment) error {
	if strings.Contains(c.Source, "://") {
		return c.address(ctx, env)
	}
	cfg, err := loadConfig(c.Config, env)
	if err != nil {
		return err
	}
	for i, s := range cfg.Sources {
		if s.Name == c.Source {
			source, err := newSource(cfg, i, newClient(cfg, env))
			if err != nil {
				return err
			}
			return c.show(ctx, env, source)
		}
	}
	return fmt.Errorf("no source %q in %s; it has: %s", c.Source, c.Config, strings.Join(sourceNames(cfg), ", "))
}

// address finds out what sources a bare address offers, reads it as what it is itself
// or else the best of them, and proposes them all. A local address may be asked since the user named it.
func (c fetchCommand) address(ctx context.Context, env environment) error {
	u, err := url.Parse(c.Source)
	if err != nil || u.Host == "" {
		return usageError(fmt.Sprintf("%q is no address", c.Source))
	}
	offers, err := discover(ctx, env, c.Source, u)
	if err != nil {
		return err
	}
	shown := offers[0]
	for _, o := range offers {
		if o.URL == c.Source {
			shown = o
		}
	}
	if shown.URL != c.Source {
		fmt.Fprintf(env.stderr, "these are the items of %s\n", reputation.OneLine(shown.URL))
	}
	err = c.try(ctx, env, shown, u)
	propose(env, c.Source, offers)
	return err
}

// try reads a source that is not configured.
func (c fetchCommand) try(ctx context.Context, env environment, o collector.Offer, u *url.URL) error {
	cfg := &config.Config{
		Timezone: config.DefaultTimezone(),
		Fetch:    config.Fetch{Allow: []string{hostPort(u)}},
		Sources:  []config.Source{offered(o, proposedEvery)},
	}
	source, err := newSource(cfg, 0, newClient(cfg, env))
	if err != nil {
		return err
	}
	if list, ok := source.(interface{ ReadAtMost(articles int) }); ok && o.Entries > tryArticles {
		list.ReadAtMost(tryArticles)
		fmt.Fprintf(env.stderr, "a list of %d articles, of which the first %d are read\n", o.Entries, tryArticles)
	}
	return c.show(ctx, env, source)
}

// show polls the source and writes its items.
func (c fetchCommand) show(ctx context.Context, env environment, source pipeline.Source) error {
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

// proposedEvery is the interval of a proposed source.
const proposedEvery = 15 * time.Minute

// propose writes ready blocks of the sources that an address offers, the best first.
func propose(env environment, address string, offers []collector.Offer) {
	fmt.Fprintf(env.stderr, "\nto watch it, run: reputed sources add '%s'\nor put this into config.yaml:\n\nsources:\n", reputation.OneLine(address))
	for i, o := range offers {
		line := o.Kind
		if o.Title != "" {
			line += " “" + shorten(o.Title, 60) + "”"
		}
		line += fmt.Sprintf(", entries: %d", o.Entries)
		begin := ""
		if i > 0 { // one of them is enough
			line, begin = "or "+line, "# "
		}
		fmt.Fprintf(env.stderr, "  # %s\n", line)
		for row := range strings.Lines(config.Block(offered(o, proposedEvery))) {
			fmt.Fprintf(env.stderr, "  %s%s", begin, strings.TrimPrefix(row, "  "))
		}
	}
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
	out := newEncoder(env.stdout)
	return out.Encode(struct {
		Source    string `json:"source"`
		ID        string `json:"id"`
		URL       string `json:"url"`
		Title     string `json:"title"`
		Text      string `json:"text"`
		Author    string `json:"author,omitempty"`
		Lang      string `json:"lang,omitempty"`
		Published string `json:"published"`
		NPS       *int   `json:"nps,omitempty"`
		CSAT      *int   `json:"csat,omitempty"`
	}{item.Source, item.ID, item.URL, item.Title, item.Text, item.Author, item.Lang, stamp(item.Published), figure(item.NPS), figure(item.CSAT)})
}

// figure is nil for a rating that was not given.
func figure(r reputation.Rating) *int {
	if !r.Given {
		return nil
	}
	return &r.Value
}

func showText(env environment, item reputation.Item) error {
	var lines []string
	if item.NPS.Given {
		lines = append(lines, fmt.Sprintf("NPS rating %d", item.NPS.Value))
	}
	if item.CSAT.Given {
		lines = append(lines, fmt.Sprintf("CSAT rating %d", item.CSAT.Value))
	}
	for _, text := range []string{shorten(item.Text, 200), item.URL} {
		if text != "" {
			lines = append(lines, text)
		}
	}
	head := strings.TrimRight(stamp(item.Published)+"  "+shorten(item.Title, 100), " ")
	_, err := fmt.Fprintf(env.stdout, "%s\n\n", strings.Join(append([]string{head}, lines...), "\n  "))
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
