package config_test

import (
	"fmt"

	"reputed/internal/config"
)

func ExampleParse() {
	_, err := config.Parse("config.yaml", []byte("langauge: zh\nsources:\n  - name: 微博\n    kind: rss\n    url: https://weibo.example/rss\n"))
	fmt.Println(err)
	// Output:
	// config.yaml:1:1: langauge: unknown key; did you mean "language"?
	// config.yaml:4:11: sources[0].kind: "rss" is not a kind; write feed (RSS, Atom, JSON Feed), page, sitemap, rsshub, survey (CSV in a folder) or files (JSON lines in a folder)
}
