package config_test

import (
	"strings"
	"testing"
	"time"

	"reputed/internal/config"
)

var (
	feedSource  = config.Source{Name: "晨报", Kind: "feed", URL: "https://news.example/rss?cat=1"}
	fussySource = config.Source{
		Name: "it's: #1", Kind: "page", URL: "https://news.example/a", Every: 90 * time.Minute,
		Item: `tbody[id^="normalthread_"]`, Link: "a.xst@href", Published: "td > em", Pages: 3,
	}
)

func TestAddSource(t *testing.T) {
	const feedBlock = "  - name: 晨报\n    kind: feed\n    url: https://news.example/rss?cat=1\n"
	for _, test := range []struct {
		name, before string
		source       config.Source
		after        string
	}{
		{
			"behind the last, before the comments that follow",
			"brands: [{name: 小米}] # ours\nsources:\n  # the first\n  - name: a\n    kind: feed   # RSS\n    url: https://a.example/rss\n\n  # - name: b\n  #   kind: page\n\n# where alerts go\nslack: {channel: '#pr'}\n",
			feedSource,
			"brands: [{name: 小米}] # ours\nsources:\n  # the first\n  - name: a\n    kind: feed   # RSS\n    url: https://a.example/rss\n" + feedBlock + "\n  # - name: b\n  #   kind: page\n\n# where alerts go\nslack: {channel: '#pr'}\n",
		},
		{
			"dashes at the margin, no line end",
			"sources:\n- name: a\n  kind: feed\n  url: https://a.example/rss",
			feedSource,
			"sources:\n- name: a\n  kind: feed\n  url: https://a.example/rss\n- name: 晨报\n  kind: feed\n  url: https://news.example/rss?cat=1\n",
		},
		{
			"no sources yet", "language: en\n\n\n", fussySource,
			"language: en\n\nsources:\n  - name: 'it''s: #1'\n    kind: page\n    url: https://news.example/a\n    every: 1h30m\n" +
				"    item: 'tbody[id^=\"normalthread_\"]'\n    link: 'a.xst@href'\n    published: 'td > em'\n    pages: 3\n",
		},
		{"empty file", "", feedSource, "sources:\n" + feedBlock},
		{"key without value", "sources:   # none yet\nlanguage: en\n", feedSource, "sources:   # none yet\n" + feedBlock + "language: en\n"},
		{
			"in brackets", "sources: [{name: a, kind: feed, url: 'https://a.example/rss'}] # all\nlanguage: en\n", feedSource,
			"sources: [{name: a, kind: feed, url: 'https://a.example/rss'}, {name: 晨报, kind: feed, url: 'https://news.example/rss?cat=1'}] # all\nlanguage: en\n",
		},
		{
			"in brackets over lines",
			"sources: [\n  {name: 百度, kind: feed, url: 'https://a.example/rss'},\n]\n", feedSource,
			"sources: [\n  {name: 百度, kind: feed, url: 'https://a.example/rss'},\n{name: 晨报, kind: feed, url: 'https://news.example/rss?cat=1'}]\n",
		},
		{"empty brackets", "sources: []\n", feedSource, "sources: [{name: 晨报, kind: feed, url: 'https://news.example/rss?cat=1'}]\n"},
		{
			"entries in braces",
			"sources:\n  - {name: a, kind: feed, url: 'https://a.example/rss'}\nlanguage: en\n", feedSource,
			"sources:\n  - {name: a, kind: feed, url: 'https://a.example/rss'}\n" + feedBlock + "language: en\n",
		},
		{
			"Windows line ends",
			"sources:\r\n  - name: a\r\n    kind: feed\r\n    url: https://a.example/rss\r\nlanguage: en\r\n", feedSource,
			"sources:\r\n  - name: a\r\n    kind: feed\r\n    url: https://a.example/rss\r\n" + strings.ReplaceAll(feedBlock, "\n", "\r\n") + "language: en\r\n",
		},
		{
			"RSSHub", "fetch: {rsshub: 'https://rsshub.example'}\n",
			config.Source{Name: "微博", Kind: "rsshub", Route: "/weibo/keyword/小米", Every: 5 * time.Minute},
			"fetch: {rsshub: 'https://rsshub.example'}\n\nsources:\n  - name: 微博\n    kind: rsshub\n    route: /weibo/keyword/小米\n    every: 5m\n",
		},
	} {
		got, err := config.AddSource("config.yaml", []byte(test.before), test.source)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if string(got) != test.after {
			t.Errorf("%s: got\n%s\nwant\n%s", test.name, got, test.after)
		}
	}
}

func TestAddSourceRefuses(t *testing.T) {
	for _, test := range []struct {
		name, before string
		source       config.Source
		want         string
	}{
		{"name taken", "sources:\n- {name: 晨报, kind: feed, url: 'https://a.example/'}\n", feedSource, `config.yaml has a source "晨报" already`},
		{"mistakes before", "langauge: en\n", feedSource, "mend them first:\nconfig.yaml:1:1"},
		{"mistakes after", "language: en\n", config.Source{Name: "x", Kind: "rsshub", Route: "/zhihu/hot"}, `with source "x" the configuration would have mistakes, so it was left as it is`},
		{"one line", "{language: en}\n", feedSource, "晨报"},
		{"two lines of text", "language: en\n", config.Source{Name: "a\nb", Kind: "feed", URL: "https://a.example/"}, "a"},
	} {
		got, err := config.AddSource("config.yaml", []byte(test.before), test.source)
		if err == nil || !strings.Contains(err.Error(), test.want) || got != nil {
			t.Errorf("%s: %q, %v; want an error that says %q", test.name, got, err, test.want)
		}
	}
}

// The example of the product keeps every line that it had.
func TestAddSourceKeepsTheExample(t *testing.T) {
	before := readFile(t, "../../config.example.yaml")
	after, err := config.AddSource("config.yaml", []byte(before), fussySource)
	if err != nil {
		t.Fatal(err)
	}
	rest := strings.Replace(string(after), config.Block(fussySource), "", 1)
	if rest != before {
		t.Errorf("the rest of the file changed:\n%s", rest)
	}
}

func FuzzAddSource(f *testing.F) {
	f.Add("sources:\n- {name: a, kind: feed, url: 'https://a.example/'}\n", "b", "li > a")
	f.Add("sources: [ ]\n# end", "no", "'")
	f.Add("{}", "- x: |", "\t#")
	f.Fuzz(func(t *testing.T, file, name, item string) {
		s := config.Source{Name: name, Kind: "page", URL: "https://news.example/", Item: item, Every: time.Hour}
		after, err := config.AddSource("f.yaml", []byte(file), s)
		if err != nil {
			return
		}
		c, err := config.Parse("f.yaml", after)
		if err != nil || c.Sources[len(c.Sources)-1] != s {
			t.Errorf("got %+v, %v from\n%s", c, err, after)
		}
	})
}
