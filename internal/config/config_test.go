package config_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"reputed/internal/config"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestMistakes(t *testing.T) {
	files, err := filepath.Glob("testdata/bad/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal("no bad configurations:", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			_, err := config.Load(file, noEnvironment)
			if err == nil {
				t.Fatal("accepted")
			}
			got := strings.ReplaceAll(err.Error(), "testdata/bad/", "") + "\n"
			golden := strings.TrimSuffix(file, ".yaml") + ".golden"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got\n%swant\n%s", got, want)
			}
		})
	}
}

func noEnvironment(string) string { return "" }

func TestDefaults(t *testing.T) {
	c := load(t, "brands:\n- name: 小米\nsources:\n- {name: a, kind: feed, url: 'https://a.example/rss'}\n", noEnvironment)
	if c.Language != "zh" || c.Timezone.String() != "Asia/Shanghai" || c.Sources[0].Every != 15*time.Minute {
		t.Errorf("language %q, zone %v, every %v", c.Language, c.Timezone, c.Sources[0].Every)
	}
	if want := filepath.Join(filepath.Dir(c.Path()), "reputed.db"); c.Database != want {
		t.Errorf("database %q, want it beside the configuration: %q", c.Database, want)
	}
	if err := c.Complete(); err != nil {
		t.Error(err)
	}
}

func TestEmptyIsIncomplete(t *testing.T) {
	err := load(t, "language: en\n", noEnvironment).Complete()
	if err == nil || !strings.Contains(err.Error(), "no brand") || !strings.Contains(err.Error(), "no source") {
		t.Errorf("got %v, want both what is missing", err)
	}
}

func TestSystemdFolders(t *testing.T) {
	state, credentials := t.TempDir(), t.TempDir()
	token := filepath.Join(credentials, "slack-token")
	if err := os.WriteFile(token, []byte("xoxb-1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := load(t, "slack: {channel: '#pr', token_file: slack-token}\n", func(name string) string {
		return map[string]string{"STATE_DIRECTORY": state, "CREDENTIALS_DIRECTORY": credentials}[name]
	})
	if c.Database != filepath.Join(state, "reputed.db") || c.Slack.TokenFile != token {
		t.Errorf("database %q, token %q", c.Database, c.Slack.TokenFile)
	}
	if secret, err := config.ReadSecret(c.Slack.TokenFile); err != nil || secret != "xoxb-1" {
		t.Errorf("secret %q, %v", secret, err)
	}
}

// A lexicon's file is looked for beside the configuration, and where a service's
// configuration is a copy, in the folder of the original.
func TestLexicons(t *testing.T) {
	text := "brands: [{name: 小米}]\nlexicons:\n- file: words.tsv\n- file: /etc/words.tsv\n" +
		"- entries: {真香: 2, '[微笑]': -1.5, 666: 1, 绝: 0}\n  brands: [小米]\n"
	c := load(t, text, noEnvironment)
	if want := filepath.Join(filepath.Dir(c.Path()), "words.tsv"); c.Lexicons[0].File != want || c.Lexicons[1].File != "/etc/words.tsv" {
		t.Errorf("files %q and %q, want the first to be %q", c.Lexicons[0].File, c.Lexicons[1].File, want)
	}
	want := config.Entries{{Term: "真香", Valence: 2}, {Term: "[微笑]", Valence: -1.5}, {Term: "666", Valence: 1}, {Term: "绝"}}
	if got := c.Lexicons[2]; !slices.Equal(got.Entries, want) || !slices.Equal(got.Brands, []string{"小米"}) {
		t.Errorf("entries %v for %v", got.Entries, got.Brands)
	}
	c = load(t, text, func(name string) string {
		return map[string]string{"CONFIGURATION_DIRECTORY": "/etc/reputed"}[name]
	})
	if c.Lexicons[0].File != "/etc/reputed/words.tsv" {
		t.Errorf("under systemd the file is %q", c.Lexicons[0].File)
	}
}

func TestDifferences(t *testing.T) {
	parse := func(text string) *config.Config {
		c, err := config.Parse("config.yaml", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	const text = "timezone: Asia/Shanghai\nbrands: [{name: 小米}]\nlexicons: [{file: a.tsv}]\n"
	for _, test := range []struct{ other, want string }{
		{text + "# nothing new\n", ""},
		{"brands: [{name: 小米}]\nlexicons: [{file: a.tsv}]\n", ""},
		{"timezone: UTC\nbrands: [{name: 小米, aliases: [Xiaomi]}]\nfetch: {allow: [a.example]}\n", "timezone brands lexicons fetch"},
	} {
		if got := strings.Join(parse(text).Differences(parse(test.other)), " "); got != test.want {
			t.Errorf("different from %q are %q, want %q", test.other, got, test.want)
		}
	}
}

func TestSecretsStayInTheirFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(path, []byte("xoxb-planted\nsecond line\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := config.ReadSecret(path)
	if err == nil || strings.Contains(err.Error(), "planted") {
		t.Errorf("got %v, want an error without the secret", err)
	}
}

func TestExampleConfigurationLoads(t *testing.T) {
	c, err := config.Load("../../config.example.yaml", noEnvironment)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Complete(); err != nil {
		t.Error(err)
	}
}

// What stands there as a comment, to be uncommented, is a configuration too.
func TestExampleConfigurationUncommented(t *testing.T) {
	data, err := os.ReadFile("../../config.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text := regexp.MustCompile(`(?m)^( *)# ?( *(?:- )?[a-z_]+:(?: .*)?)$`).ReplaceAllString(string(data), "$1$2")
	c, err := config.Parse("config.example.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]bool{}
	for _, s := range c.Sources {
		kinds[s.Kind] = true
	}
	if len(kinds) != 6 || len(c.Lexicons) != 3 || c.Fetch.RSSHub == "" || c.Slack.TokenFile == "" || c.Metrics.Listen == "" {
		t.Errorf("of the comments came %+v", c)
	}
}

func load(t *testing.T, text string, getenv func(string) string) *config.Config {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(path, getenv)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("brands:\n  - name: 小米\n    aliases: [小米]\n"))
	f.Add([]byte("a: &a [*a]"))
	f.Add([]byte("? - x\n: !!binary y"))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := config.Parse("f.yaml", data)
		if (c == nil) == (err == nil) {
			t.Errorf("configuration %v with error %v", c, err)
		}
		if err != nil && !strings.Contains(err.Error(), "f.yaml") {
			t.Errorf("%q does not name the file", err)
		}
	})
}

func TestReadHeaders(t *testing.T) {
	for _, test := range []struct{ name, content, want, err string }{
		{"headers", "# of the account\nCookie: a=1; b=2\r\n\nx-api-key:k:1\nCookie: c=3\n", "map[Cookie:[a=1; b=2 c=3] X-Api-Key:[k:1]]", ""},
		{"none", "# later\n", "", "holds no header"},
		{"no name", "hunter2\n", "", "line 1: not a header"},
		{"no value of a header", "X-Key: hunter2\x01\n", "", "line 1: not a header"},
		{"a name with a space", "A: b\nX Key: hunter2\n", "", "line 2: not a header"},
		{"one that frames the request", "host: hunter2\n", "", "Host is set by the program itself"},
	} {
		path := filepath.Join(t.TempDir(), "headers")
		if err := os.WriteFile(path, []byte(test.content), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := config.ReadHeaders(path)
		switch {
		case test.err == "" && (err != nil || fmt.Sprint(got) != test.want):
			t.Errorf("%s: %v, %v; want %s", test.name, got, err, test.want)
		case test.err != "" && (err == nil || !strings.Contains(err.Error(), test.err) || strings.Contains(err.Error(), "hunter2")):
			t.Errorf("%s: error %v, want %q without the content", test.name, err, test.err)
		}
	}
	if _, err := config.ReadHeaders(filepath.Join(t.TempDir(), "headers")); err == nil || !strings.Contains(err.Error(), "mode 0600") {
		t.Errorf("no file: error %v, want one that says what to do", err)
	}
}

func TestHeadersAreCredentials(t *testing.T) {
	credentials := t.TempDir()
	file := filepath.Join(credentials, "weibo-headers")
	if err := os.WriteFile(file, []byte("Cookie: a=1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := load(t, "sources:\n- {name: a, kind: page, item: li, url: 'https://a.example/', headers_file: weibo-headers}\n- {name: b, kind: feed, url: 'https://a.example/rss', headers_file: other}\n", func(name string) string {
		return map[string]string{"CREDENTIALS_DIRECTORY": credentials}[name]
	})
	if got := c.Sources[0].HeadersFile; got != file {
		t.Errorf("headers file %q, want the credential %q", got, file)
	}
	if got, want := c.Sources[1].HeadersFile, filepath.Join(filepath.Dir(c.Path()), "other"); got != want {
		t.Errorf("headers file %q, want the one beside the configuration, %q", got, want)
	}
	if !c.Sources[0].ObeysRobots() || c.Sources[1].ObeysRobots() {
		t.Error("a page obeys robots.txt and a feed does not, unless told")
	}
}

// A source of kind rsshub is asked at the instance; an internal one must be allowed.
func TestRSSHub(t *testing.T) {
	source := "sources: [{name: weibo, kind: rsshub, route: /weibo/keyword/小米}]\n"
	for _, test := range []struct{ fetch, url, want string }{
		{"fetch: {rsshub: 'http://127.0.0.1:1200/', allow: ['127.0.0.1:1200']}", "http://127.0.0.1:1200/weibo/keyword/小米", ""},
		{"fetch: {rsshub: 'http://10.1.2.3:1200', allow: ['10.0.0.0/8']}", "http://10.1.2.3:1200/weibo/keyword/小米", ""},
		{"fetch: {rsshub: 'http://rsshub:1200', allow: [RSSHub]}", "http://rsshub:1200/weibo/keyword/小米", ""},
		{"fetch: {rsshub: 'https://rsshub.example/sub'}", "https://rsshub.example/sub/weibo/keyword/小米", ""},
		{"fetch: {rsshub: 'http://127.0.0.1:1200'}", "", "127.0.0.1:1200 is an internal address, and those are refused; add '127.0.0.1:1200' to fetch.allow"},
		{"fetch: {rsshub: 'http://localhost', allow: ['localhost:1200']}", "", "add 'localhost:80' to fetch.allow"},
		{"fetch: {rsshub: 'http://[::ffff:10.0.0.1]:1200'}", "", "internal address"},
	} {
		c, err := config.Parse("config.yaml", []byte(source+test.fetch))
		switch {
		case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
			t.Errorf("%s: error %v, want %q", test.fetch, err, test.want)
		case test.want == "" && (err != nil || c.Sources[0].URL != test.url):
			t.Errorf("%s: %+v, %v; want the address %s", test.fetch, c, err, test.url)
		}
	}
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// Without its text a configuration still says what is wrong, if not where.
func TestRelease(t *testing.T) {
	c, err := config.Parse("config.yaml", []byte("database: a.db\nslack: {channel: '#pr'}\n"))
	if err != nil {
		t.Fatal(err)
	}
	c.Release()
	if got := c.Wrong(errors.New("address in use"), "slack", 0, "channel").Error(); !strings.HasPrefix(got, "config.yaml:1:1: slack[0].channel: address in use") {
		t.Errorf("error %q", got)
	}
}

func TestSensitivity(t *testing.T) {
	of := func(alerts string) float64 {
		p, ok := load(t, "brands: [{name: 小米}]\n"+alerts, noEnvironment).Alerts.Probability()
		if !ok {
			t.Errorf("%s: no sensitivity", alerts)
		}
		return p
	}
	normal := of("")
	if low, high := of("alerts: {sensitivity: low}"), of("alerts: {sensitivity: high}"); low >= normal || high <= normal || of("alerts: {sensitivity: normal}") != normal {
		t.Errorf("low %g, normal %g, high %g", low, normal, high)
	}
	if p := of("alerts: {sensitivity: 1e-4}"); p != 1e-4 {
		t.Errorf("a probability is read as %g", p)
	}
}

func TestAlerts(t *testing.T) {
	if a := load(t, "brands: [{name: 小米}]\n", noEnvironment).Alerts; a.GroupWait != 30*time.Second || a.RepeatInterval != 4*time.Hour {
		t.Errorf("defaults %v and %v", a.GroupWait, a.RepeatInterval)
	} else if _, _, ok := a.QuietHours.Minutes(); ok {
		t.Error("there are quiet hours that nobody asked for")
	}
	a := load(t, `
brands: [{name: 小米}]
slack: {channel: '#pr', token_file: token}
alerts:
  group_wait: 0s
  repeat_interval: 0s
  quiet_hours: {from: 22:00, to: '24:00', days: [sat, sun], except: critical}
  routes:
    - {brands: [小米], rules: [negative-volume], drivers: [trust], severity: critical, receiver: slack, channel: '#crisis', mentions: [U024BE7LH, S024BE91L, here], continue: true}
    - {mentions: [channel]}
`, noEnvironment).Alerts
	if a.GroupWait != 0 || a.RepeatInterval != 0 {
		t.Errorf("zeros are read as %v and %v", a.GroupWait, a.RepeatInterval)
	}
	from, to, ok := a.QuietHours.Minutes()
	if days := a.QuietHours.Weekdays(); from != 22*60 || to != 24*60 || !ok || !slices.Equal(days, []time.Weekday{time.Sunday, time.Saturday}) {
		t.Errorf("quiet from %d to %d, %v, on %v", from, to, ok, days)
	}
	if r := a.Routes[0]; !r.Continue || r.Channel != "#crisis" || len(r.Mentions) != 3 || r.Severity != "critical" {
		t.Errorf("route %+v", r)
	}
}
