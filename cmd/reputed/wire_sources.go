package main

import (
	"cmp"
	"errors"
	"net/url"
	"os"
	"strings"
	"time"

	"reputed/collector"
	"reputed/internal/config"
	"reputed/internal/pipeline"
)

// newClient makes the HTTP client that all sources share.
func newClient(c *config.Config, env environment) *collector.Client {
	return collector.NewClient(collector.Options{Allow: c.Fetch.Allow, Contact: c.Fetch.Contact, Getenv: env.getenv})
}

// clientFor is the client as the i-th configured source uses it.
func clientFor(c *config.Config, i int, client *collector.Client) (*collector.Client, error) {
	s := c.Sources[i]
	site := collector.Site{URL: s.URL, Robots: s.ObeysRobots(), Proxy: cmp.Or(s.Proxy, c.Fetch.Proxy, "environment")}
	if s.HeadersFile != "" {
		headers, err := config.ReadHeaders(s.HeadersFile)
		if err != nil {
			return nil, c.Wrong(err, "sources", i, "headers_file")
		}
		site.Header = headers
	}
	own, err := client.For(site)
	if err != nil {
		return nil, c.Wrong(err, "sources", i)
	}
	return own, nil
}

// newSource makes the i-th configured source. The error names the key that is
// wrong.
func newSource(c *config.Config, i int, client *collector.Client) (pipeline.Source, error) {
	s := c.Sources[i]
	client, err := clientFor(c, i, client)
	if err != nil {
		return nil, err
	}
	var source pipeline.Source
	switch s.Kind {
	case config.KindPage:
		source, err = collector.NewPage(s.Name, s.URL, selectorsOf(s), client, c.Timezone)
	case config.KindSitemap:
		source, err = collector.NewSitemap(s.Name, s.URL, s.Text, client, c.Timezone)
	case config.KindRSSHub:
		source = collector.NewRSSHub(s.Name, s.URL, client, c.Timezone)
	case config.KindSurvey:
		source = collector.NewSurvey(s.Name, surveyOf(s, c.Timezone), folder(s.Folder), time.Now)
	case config.KindFiles:
		source = collector.NewFiles(s.Name, folder(s.Folder), time.Now, c.Timezone)
	default:
		source = collector.NewFeed(s.Name, s.URL, client, c.Timezone)
	}
	if err != nil {
		return nil, c.Wrong(err, "sources", i)
	}
	return source, nil
}

func selectorsOf(s config.Source) collector.Selectors {
	return collector.Selectors{Item: s.Item, Title: s.Title, Link: s.Link, Published: s.Published, Text: s.Text, Pages: s.Pages}
}

func surveyOf(s config.Source, zone *time.Location) collector.Survey {
	return collector.Survey{
		Brand: s.Brand, Zone: zone, Text: s.Columns.Text, NPS: s.Columns.NPS, CSAT: s.Columns.CSAT,
		Date: s.Columns.Date, Language: s.Columns.Language, ID: s.Columns.ID,
	}
}

// folder opens the folder of a source, out of which no name or link leads.
func folder(path string) func() (collector.Disk, error) {
	return func() (collector.Disk, error) {
		root, err := os.OpenRoot(path)
		if err != nil {
			return nil, err
		}
		return root, nil
	}
}

// newSources makes all configured sources; the error joins what is wrong with any.
func newSources(c *config.Config, client *collector.Client) ([]pipeline.Scheduled, error) {
	var sources []pipeline.Scheduled
	var errs []error
	for i, s := range c.Sources {
		source, err := newSource(c, i, client)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		sources = append(sources, pipeline.Scheduled{Source: source, Every: s.Every, Host: hostOf(s.URL)})
	}
	return sources, errors.Join(errs...)
}

// hostOf is the host and port that an address leads to; empty if it leads to none.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return ""
	}
	return strings.ToLower(hostPort(u))
}
