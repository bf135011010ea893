// Package config reads the configuration: YAML, strictly. An unknown key, a value
// of the wrong kind or out of range is an error with file, line, column and what
// to write instead, and all of them are reported at once, since an operator who
// mends one line at a time loses patience.
package config

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// Config is a configuration as it is in force: with defaults, and with paths
// that are absolute or relative to the working directory.
type Config struct {
	Language  string         `yaml:"language"` // of alerts and reports: "zh" or "en"
	Timezone  *time.Location `yaml:"timezone"` // of the times in alerts, and of feeds that state none
	Database  string         `yaml:"database"` // path of the SQLite file
	Brands    []Brand        `yaml:"brands"`
	Lexicons  []Lexicon      `yaml:"lexicons"` // in order: of two valences of a term the later one counts
	Sources   []Source       `yaml:"sources"`
	Fetch     Fetch          `yaml:"fetch"`
	Slack     Slack          `yaml:"slack"`
	Receivers []Receiver     `yaml:"receivers"` // besides Slack
	Alerts    Alerts         `yaml:"alerts"`
	Metrics   Metrics        `yaml:"metrics"`
	Web       Web            `yaml:"web"`
	Digests   Digests        `yaml:"digests"`

	path string
	root ast.Node
}

// Brand is what is watched for.
type Brand struct {
	Name        string   `yaml:"name"`
	Aliases     []string `yaml:"aliases"`
	Context     []string `yaml:"context"`
	Exclude     []string `yaml:"exclude"`
	Query       string   `yaml:"query"` // instead of the three lists
	Competitors []string `yaml:"competitors"`
}

// Lexicon is words of the user's own: a file of them, or single ones.
type Lexicon struct {
	File    string   `yaml:"file"` // of lines term<TAB>valence
	Entries Entries  `yaml:"entries"`
	Brands  []string `yaml:"brands"` // that the words are for; none: for all
}

// Entries are terms with their valences, in the order of the file.
type Entries []Entry

// Entry is one term as it is written, with its valence, in [-4, 4].
type Entry struct {
	Term    string
	Valence float64
}

// Source is where talk is collected.
type Source struct {
	Name  string        `yaml:"name"`
	Kind  string        `yaml:"kind"` // KindFeed and the like
	URL   string        `yaml:"url"`  // of kind rsshub: made of fetch.rsshub and Route
	Route string        `yaml:"route"`
	Every time.Duration `yaml:"every"`
	Reach int           `yaml:"reach"` // people who read it a day; 0 if that is not known

	// Selectors of a page, "css" or "css@attribute".
	Item      string `yaml:"item"`
	Title     string `yaml:"title"`
	Link      string `yaml:"link"`
	Published string `yaml:"published"`
	Text      string `yaml:"text"` // of a sitemap's articles too
	Pages     int    `yaml:"pages"`

	Folder  string  `yaml:"folder"` // of kinds survey and files
	Brand   string  `yaml:"brand"`  // that a survey is of
	Columns Columns `yaml:"columns"`

	Proxy       string `yaml:"proxy"`        // instead of fetch.proxy
	HeadersFile string `yaml:"headers_file"` // of lines "Name: value", sent to this source's own site alone
	Robots      string `yaml:"robots"`       // "obey" or "ignore" robots.txt; feeds ignore it unless told, since they are there to be polled
}

// ObeysRobots tells whether the source's site is asked by robots.txt what may be read.
func (s Source) ObeysRobots() bool {
	isFeed := s.Kind == KindFeed || s.Kind == KindRSSHub
	return s.Robots == "obey" || s.Robots == "" && !isFeed
}

// InFolder tells whether the source is a folder and no address.
func (s Source) InFolder() bool { return s.Kind == KindSurvey || s.Kind == KindFiles }

// Columns are the names of a survey's columns.
type Columns struct {
	Text     string `yaml:"text"`
	NPS      string `yaml:"nps"`
	CSAT     string `yaml:"csat"`
	Date     string `yaml:"date"`
	Language string `yaml:"language"`
	ID       string `yaml:"id"`
}

// Fetch is how sources are asked.
type Fetch struct {
	Allow   []string `yaml:"allow"`   // internal addresses that may be reached
	Contact string   `yaml:"contact"` // whom publishers may ask about the requests: an address of the web or of mail
	Proxy   string   `yaml:"proxy"`   // "environment", the default; "none"; or its address
	RSSHub  string   `yaml:"rsshub"`  // the instance that sources of kind rsshub are asked from
}

// Slack is where alerts go. Without a token and a webhook they go to the terminal.
type Slack struct {
	Channel      string `yaml:"channel"`
	Operators    string `yaml:"operators"` // channel of notices about sources; the alerts' own if empty
	TokenFile    string `yaml:"token_file"`
	AppTokenFile string `yaml:"app_token_file"` // for buttons and the slash command
	WebhookFile  string `yaml:"webhook_file"`
	APIURL       string `yaml:"api_url"`
}

// Metrics is where Prometheus finds how the sources fare.
type Metrics struct {
	Listen string `yaml:"listen"` // "host:port" of /metrics; nowhere if empty
}

// Web is the page that shows what is stored.
type Web struct {
	Listen string `yaml:"listen"` // "host:port" of the page; nowhere if empty
	URL    string `yaml:"url"`    // under which people reach it, for the links in messages; without a slash at its end once it is read
}

// Host is the name under which people reach the page; empty if the links lead to none.
func (w Web) Host() string {
	u, err := url.Parse(w.URL)
	if err != nil {
		return "" // it was checked when the configuration was read
	}
	return u.Hostname()
}

// Public tells whether other machines can reach the page without what stands before it.
func (w Web) Public() bool {
	host, _, err := net.SplitHostPort(w.Listen)
	if err != nil || host == "localhost" {
		return false
	}
	ip, err := netip.ParseAddr(host)
	return err != nil || !ip.IsLoopback()
}

// Configured tells whether alerts go to Slack.
func (s Slack) Configured() bool { return s.TokenFile != "" || s.WebhookFile != "" }

// Defaults of what a configuration leaves out.
const (
	defaultLanguage = "zh"
	defaultTimezone = "Asia/Shanghai"
	defaultDatabase = "reputed.db"
	defaultEvery    = 15 * time.Minute
	defaultFolder   = time.Minute // between two looks into a folder
)

// Path is the file that the configuration was read from.
func (c *Config) Path() string { return c.path }

// Release drops the text of the configuration, after which errors of Wrong name no
// place. With ten thousand sources it takes more memory than all the rest.
func (c *Config) Release() { c.root = nil }

// Differences lists the keys of which the two configurations hold different values.
func (c *Config) Differences(other *Config) []string {
	var keys []string
	mine, others := valueOf(c), valueOf(other)
	for i := range mine.NumField() {
		key := mine.Type().Field(i).Tag.Get("yaml")
		a, b := mine.Field(i), others.Field(i)
		if key == "timezone" { // two of the same name need not be equal inside
			a, b = reflect.ValueOf(c.Timezone.String()), reflect.ValueOf(other.Timezone.String())
		}
		if key != "" && !reflect.DeepEqual(a.Interface(), b.Interface()) {
			keys = append(keys, key)
		}
	}
	return keys
}

// Load reads the file. Relative paths in it are relative to its own folder, and
// the database's and those of folders of sources to $STATE_DIRECTORY where that is
// set, as systemd does; so are the lexicons' to $CONFIGURATION_DIRECTORY, since the file that a service reads may be
// a copy in another folder. The error joins every mistake found, one a line.
func Load(path string, getenv func(string) string) (*Config, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("configuration %s is not there; copy config.example.yaml to begin, or name another file with --config", path)
	}
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	c, err := Parse(path, data)
	if err != nil {
		return nil, err
	}
	c.Database = resolve(c.Database, getenv("STATE_DIRECTORY"), filepath.Dir(path))
	for i := range c.Lexicons {
		if file := &c.Lexicons[i].File; *file != "" {
			*file = resolve(*file, getenv("CONFIGURATION_DIRECTORY"), filepath.Dir(path))
		}
	}
	for i := range c.Sources {
		if folder := &c.Sources[i].Folder; *folder != "" {
			*folder = resolve(*folder, getenv("STATE_DIRECTORY"), filepath.Dir(path))
		}
	}
	secrets := []*string{&c.Slack.TokenFile, &c.Slack.AppTokenFile, &c.Slack.WebhookFile}
	for i := range c.Sources {
		secrets = append(secrets, &c.Sources[i].HeadersFile)
	}
	for i := range c.Receivers {
		secrets = append(secrets, c.Receivers[i].secretFiles()...)
	}
	for _, file := range secrets {
		if *file != "" {
			*file = secretPath(*file, getenv("CREDENTIALS_DIRECTORY"), filepath.Dir(path))
		}
	}
	return c, nil
}

// Parse reads a configuration from data; path is for messages. Paths in it stay
// as they are written.
func Parse(path string, data []byte) (*Config, error) {
	// What zero means something for has its default before the file is read.
	c := &Config{path: path, Alerts: Alerts{GroupWait: defaultGroupWait, RepeatInterval: defaultRepeat}}
	if !utf8.Valid(data) {
		return nil, fmt.Errorf("%s: not UTF-8; save the file in that encoding", path)
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff")) // some editors begin a file with it
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		return nil, syntaxError(path, data, err)
	}
	if len(file.Docs) > 1 {
		return nil, fmt.Errorf("%s: more than one YAML document; keep one", path)
	}
	d := decoder{path: path}
	if len(file.Docs) == 1 && file.Docs[0].Body != nil {
		c.root = file.Docs[0].Body
		d.value(c.root, valueOf(c), "")
	}
	c.setDefaults()
	errs := append(d.errs, c.validate()...)
	if err := join(errs); err != nil {
		return nil, err
	}
	c.followRoutes()
	return c, nil
}

func syntaxError(path string, data []byte, err error) error {
	var syntax *yaml.SyntaxError
	if errors.As(err, &syntax) && syntax.Token != nil {
		at := syntax.Token.Position
		return fmt.Errorf("%s:%d:%d: not YAML: %s%s", path, at.Line, at.Column, syntax.Message, hint(data, at.Line))
	}
	return fmt.Errorf("%s: not YAML: %w", path, err)
}

// hint names the slips that the parser's own words do not explain.
func hint(data []byte, line int) string {
	lines := strings.Split(string(data), "\n")
	switch {
	case line < 1 || line > len(lines):
		return ""
	case strings.HasPrefix(strings.TrimLeft(lines[line-1], " "), "\t"):
		return "; indent with spaces, not with a tab"
	case strings.Contains(lines[line-1], fullColon):
		return "; " + colonAdvice
	case strings.HasPrefix(strings.TrimLeft(lines[line-1], " "), "["):
		return "; put a term that begins with \"[\" in quotes"
	}
	return ""
}

const (
	fullColon   = "："
	colonAdvice = "the colon is a full-width one: write \": \" instead of \"：\""
)

func (c *Config) setDefaults() {
	if c.Language == "" {
		c.Language = defaultLanguage
	}
	if c.Timezone == nil {
		c.Timezone = DefaultTimezone()
	}
	if c.Database == "" {
		c.Database = defaultDatabase
	}
	for i := range c.Receivers {
		c.Receivers[i].setDefaults()
	}
	for i := range c.Sources {
		s := &c.Sources[i]
		switch {
		case s.Every != 0:
		case s.InFolder():
			s.Every = defaultFolder
		default:
			s.Every = defaultEvery
		}
	}
}

// DefaultTimezone is the zone of times that state none, where no configuration says
// otherwise: China's.
func DefaultTimezone() *time.Location {
	zone, err := time.LoadLocation(defaultTimezone)
	if err != nil { // a machine without time zone data
		return time.FixedZone("CST", 8*60*60)
	}
	return zone
}

// resolve makes a relative path relative to the first folder that is set.
func resolve(path string, folders ...string) string {
	if filepath.IsAbs(path) {
		return path
	}
	for _, folder := range folders {
		if folder != "" {
			return filepath.Join(folder, path)
		}
	}
	return path
}

// secretPath finds a secret's file: under systemd its credentials come first.
func secretPath(name, credentials, folder string) string {
	if credentials != "" {
		if path := filepath.Join(credentials, filepath.Base(name)); exists(path) {
			return path
		}
	}
	return resolve(name, folder)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
