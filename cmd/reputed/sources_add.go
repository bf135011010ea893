package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"reputed/collector"
	"reputed/internal/config"
)

type sourcesAddCommand struct {
	URL    string        `arg:"" optional:"" help:"Address of a feed, a sitemap, or a web page; without --kind it is looked at to see what it offers."`
	Config string        `default:"config.yaml" placeholder:"FILE" type:"path" help:"Configuration file to add the source to (${default})."`
	Name   string        `help:"Name of the source; by default made of the address."`
	Kind   string        `enum:",feed,page,sitemap,rsshub" default:"" help:"feed, page, sitemap or rsshub; by default what the address is found to be."`
	Route  string        `help:"Route of the RSSHub instance in fetch.rsshub, such as /weibo/keyword/小米."`
	Every  time.Duration `default:"15m" help:"Interval of the polls (${default})."`

	Item      string `placeholder:"CSS" help:"Selector of one entry of a page's list."`
	Title     string `placeholder:"CSS" help:"Selector of its title."`
	Link      string `placeholder:"CSS" help:"Selector of its link."`
	Published string `placeholder:"CSS" help:"Selector of its time."`
	Text      string `placeholder:"CSS" help:"Selector of the article's text, on the article's page."`
	Pages     int    `help:"Pages of the list to read in one poll."`

	DryRun bool `help:"Show the block and change nothing."`
}

func (c sourcesAddCommand) Run(ctx context.Context, env environment) error {
	source, err := c.source(ctx, env)
	if err != nil {
		return err
	}
	if c.DryRun {
		_, err := fmt.Fprintf(env.stdout, "sources:\n%s", config.Block(source))
		return err
	}
	before, err := os.ReadFile(c.Config)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("configuration %s is not there; copy config.example.yaml to begin, or name another file with --config", c.Config)
	}
	if err != nil {
		return fmt.Errorf("read configuration: %w", err)
	}
	after, err := config.AddSource(c.Config, before, source)
	if err != nil {
		return err
	}
	if err := c.selectorsCompile(after, env); err != nil {
		return err
	}
	if err := replaceFile(c.Config, after); err != nil {
		return fmt.Errorf("write configuration: %w", err)
	}
	_, err = fmt.Fprintf(env.stdout, "added to %s:\n%s", c.Config, config.Block(source))
	fmt.Fprintf(env.stderr, "see what it brings: reputed fetch '%s'\na daemon that runs reads it after a restart\n", source.Name)
	return err
}

// source is what the command line asks for, completed by what stands at the address.
func (c sourcesAddCommand) source(ctx context.Context, env environment) (config.Source, error) {
	s := config.Source{
		Name: c.Name, Kind: c.Kind, URL: c.URL, Route: c.Route, Every: c.Every,
		Item: c.Item, Title: c.Title, Link: c.Link, Published: c.Published, Text: c.Text, Pages: c.Pages,
	}
	if s.Route != "" && s.Kind == "" {
		s.Kind = config.KindRSSHub
	}
	if s.Kind == config.KindRSSHub {
		if s.URL != "" || s.Route == "" {
			return s, usageError("a source of RSSHub needs --route and no address; the instance stands in fetch.rsshub")
		}
		if s.Name == "" {
			s.Name = strings.ReplaceAll(strings.Trim(s.Route, "/"), "/", "-")
		}
		return s, nil
	}
	u, err := url.Parse(s.URL)
	if err != nil || u.Host == "" {
		return s, usageError(fmt.Sprintf("%q is no address; write one that begins with http:// or https://, or --route", s.URL))
	}
	if s.Kind == "" && s.Item != "" {
		s.Kind = config.KindPage
	}
	if s.Kind == "" {
		offers, err := discover(ctx, env, s.URL, u)
		if err != nil {
			return s, err
		}
		found := offered(offers[0], s.Every)
		s.Kind, s.URL = found.Kind, found.URL
		if s.Kind == config.KindPage {
			s.Item, s.Title, s.Link, s.Published = found.Item, found.Title, found.Link, found.Published
		}
	}
	if s.Name == "" {
		s.Name = nameFor(s.URL)
	}
	return s, nil
}

// selectorsCompile checks what only the collector can: that the sources can be made.
func (c sourcesAddCommand) selectorsCompile(text []byte, env environment) error {
	cfg, err := config.Parse(c.Config, text)
	if err != nil {
		return err
	}
	_, err = newSource(cfg, len(cfg.Sources)-1, newClient(cfg, env))
	return err
}

// discover asks an address what it offers. A local one may be asked since the user
// named it.
func discover(ctx context.Context, env environment, address string, u *url.URL) ([]collector.Offer, error) {
	client, err := newClient(&config.Config{Fetch: config.Fetch{Allow: []string{hostPort(u)}}}, env).For(collector.Site{URL: address, Proxy: "environment"})
	if err != nil {
		return nil, err
	}
	return collector.Discover(ctx, client, address, config.DefaultTimezone())
}

// offered is the source that an offer makes.
func offered(o collector.Offer, every time.Duration) config.Source {
	return config.Source{
		Name: nameFor(o.URL), Kind: o.Kind, URL: o.URL, Every: every,
		Item: o.Selectors.Item, Title: o.Selectors.Title, Link: o.Selectors.Link, Published: o.Selectors.Published,
	}
}

// nameFor makes a name of an address: the host, and of the path what is not on every
// site.
func nameFor(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	parts := []string{strings.TrimPrefix(u.Hostname(), "www.")}
	for part := range strings.SplitSeq(strings.Trim(u.Path, "/"), "/") {
		part = strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(part, ".xml"), ".html"), ".rss")
		switch strings.ToLower(part) {
		case "", "rss", "feed", "feeds", "atom", "index":
		default:
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, "-")
}

// replaceFile puts the content into the file in one step, with the rights that the file
// has. A link stays a link: what it leads to is replaced.
func replaceFile(path string, content []byte) error {
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		return err
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	temporary, err := os.CreateTemp(filepath.Dir(path), ".reputed-*")
	if err != nil {
		return err
	}
	defer os.Remove(temporary.Name()) // after the renaming it is not there, which is no matter
	_, err = temporary.Write(content)
	err = errors.Join(err, temporary.Chmod(info.Mode().Perm()))
	if owner, ok := info.Sys().(*syscall.Stat_t); ok && err == nil && (int(owner.Uid) != os.Geteuid() || int(owner.Gid) != os.Getegid()) {
		err = temporary.Chown(int(owner.Uid), int(owner.Gid))
	}
	if err != nil {
		return errors.Join(err, temporary.Close())
	}
	return moveTo(path, temporary)
}

// moveTo gives the file, which it closes, its final name, so that it survives a power
// cut with all that was written.
func moveTo(path string, f *os.File) error {
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
