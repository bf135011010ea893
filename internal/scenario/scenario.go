// Package scenario holds the talk that the demo plays: an invented maker of
// kettles, its competitor, three weeks of everyday posts, and a crisis that
// breaks out in the last three hours. It serves them over HTTP as the feeds and
// pages that a collector meets in the wild, so that a newcomer sees the real
// program do its work with nothing to configure.
package scenario

import (
	"embed"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

//go:embed data/*.tsv pages/*.html
var files embed.FS

//go:embed config.yaml
var configuration string

const header = "id\twhen\tsource\tlang\tbrand\tlabel\ttitle\tauthor\ttext"

// Post is one invented piece of talk.
type Post struct {
	ID     string        // unique in the scenario
	Age    time.Duration // how long before now it was published, in whole minutes; above 0
	Source string        // rss, atom, gbk or page: the document that carries it
	Lang   string        // zh-CN, zh-TW or en
	Brand  string        // the brand it is mainly about; "-" where it only looks like one
	Label  string        // positive, neutral or negative towards Brand, as its writer meant it
	Title  string        // may be empty in rss and gbk
	Author string
	Text   string // paragraphs, separated by line breaks
}

// Load reads the bundled posts, oldest first. An error names the file and line
// of the first post that is malformed or repeats an identifier.
func Load() ([]Post, error) {
	var posts []Post
	seen := make(map[string]bool)
	for _, name := range []string{"data/calm.tsv", "data/crisis.tsv"} {
		data, err := files.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("read scenario: %w", err)
		}
		for i, line := range strings.Split(strings.TrimSpace(string(data)), "\n") {
			if i == 0 && line == header {
				continue
			}
			p, err := parse(line)
			if err == nil && seen[p.ID] {
				err = fmt.Errorf("id %s is used twice", p.ID)
			}
			if err != nil {
				return nil, fmt.Errorf("%s:%d: %w", name, i+1, err)
			}
			seen[p.ID] = true
			posts = append(posts, p)
		}
	}
	return posts, nil
}

func parse(line string) (Post, error) {
	f := strings.Split(line, "\t")
	if want := strings.Count(header, "\t") + 1; len(f) != want {
		return Post{}, fmt.Errorf("%d columns, want %d", len(f), want)
	}
	p := Post{
		ID: f[0], Source: f[2], Lang: f[3], Brand: f[4], Label: f[5],
		Title: f[6], Author: f[7], Text: strings.ReplaceAll(f[8], `\n`, "\n"),
	}
	if p.ID == "" || p.Author == "" || p.Text == "" {
		return Post{}, errors.New("id, author and text must not be empty")
	}
	var err error
	p.Age, err = parseAge(f[1])
	return p, err
}

// parseAge reads an offset before now, such as -13d05h22m.
func parseAge(when string) (time.Duration, error) {
	var d, h, m int
	_, err := fmt.Sscanf(when, "-%dd%dh%dm", &d, &h, &m)
	age := time.Duration(d*24+h)*time.Hour + time.Duration(m)*time.Minute
	if err != nil || age <= 0 || fmt.Sprintf("-%dd%02dh%02dm", d, h, m) != when {
		return 0, fmt.Errorf("offset %q is not of the form -13d05h22m", when)
	}
	return age, nil
}

// Config is the configuration, in YAML, for the site that answers at base (such
// as http://127.0.0.1:8080, with no slash at the end). The mentions go into the
// SQLite file at the path database.
func Config(base, database string) string {
	_, host, _ := strings.Cut(base, "://")
	return strings.NewReplacer("{base}", base, "{host}", host, "{database}", strconv.Quote(database)).Replace(configuration)
}
