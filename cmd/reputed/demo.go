package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"reputed/internal/config"
	"reputed/internal/reputation"
	"reputed/internal/scenario"
	"reputed/internal/store"
)

type demoCommand struct {
	Listen   string `default:"127.0.0.1:8972" placeholder:"ADDR" help:"Where the invented feeds and pages are served (${default})."`
	Web      string `default:"127.0.0.1:8973" placeholder:"ADDR" help:"Where the web page is served (${default}); not with --once."`
	Once     bool   `help:"Play the scenario, show the alert, and exit."`
	Language string `enum:"zh,en," default:"" help:"Language of the alert, zh or en; by default that of the terminal."`
}

func (c demoCommand) Run(ctx context.Context, env environment) error {
	now := time.Now()
	posts, err := scenario.Load()
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("serve the demo's feeds: %w; choose another address with --listen, such as 127.0.0.1:0", err)
	}
	server := &http.Server{Handler: scenario.Handler(posts, now), ReadHeaderTimeout: 10 * time.Second}
	go server.Serve(listener) // ends with the Close below
	defer server.Close()

	base := "http://" + listener.Addr().String()
	cfg, unlock, err := c.configure(base, env)
	if err != nil {
		return err
	}
	defer unlock()
	if !c.Once {
		cfg.Web = config.Web{Listen: c.Web, URL: "http://" + c.Web}
	}
	// The alert is shown after the figures, so it waits in a buffer.
	var alert bytes.Buffer
	quiet := slog.New(slog.DiscardHandler)
	fmt.Fprintln(env.stderr, "loading the dictionary, reading", base, "…")
	inner := env
	inner.stdout = &alert
	s, err := assembly{cfg, false, true, inner, quiet}.service(ctx)
	if err != nil {
		return err
	}
	defer s.store.Close()
	closePages, err := servePages(cfg, s.store, env, quiet)
	if err != nil {
		return fmt.Errorf("serve the web page: %w; choose another address with --web, such as 127.0.0.1:8080", err)
	}
	defer closePages()
	if err := s.pipeline.Once(ctx, s.sources, nil); err != nil {
		return err
	}
	if err := c.show(ctx, env, cfg, s.store, now, &alert); err != nil {
		return err
	}
	if c.Once {
		return nil
	}
	fmt.Fprintf(env.stdout, "\n"+demoTextIn(cfg.Language).served+"\n", base, cfg.Web.URL)
	s.pipeline.Log = env.logger(slog.LevelInfo)
	s.pipeline.Run(ctx, s.sources)
	return nil
}

// configure writes the scenario's configuration and makes an empty database, both
// in a folder of the demo's own, which is locked.
func (c demoCommand) configure(base string, env environment) (cfg *config.Config, unlock func() error, err error) {
	folder := filepath.Join(os.TempDir(), fmt.Sprintf("reputed-demo-%d", os.Getuid()))
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, nil, fmt.Errorf("folder of the demo: %w", err)
	}
	if err := owned(folder); err != nil {
		return nil, nil, err
	}
	database := filepath.Join(folder, "reputed.db")
	if unlock, err = store.Lock(database); err != nil {
		return nil, nil, fmt.Errorf("another demo is running: %w", err)
	}
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(database + suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, nil, fmt.Errorf("remove the last demo's database: %w", err)
		}
	}
	path := filepath.Join(folder, "config.yaml")
	if err := os.WriteFile(path, []byte(scenario.Config(base, database)), 0o600); err != nil {
		return nil, nil, fmt.Errorf("configuration of the demo: %w", err)
	}
	if cfg, err = config.Load(path, func(string) string { return "" }); err != nil {
		return nil, nil, err
	}
	switch {
	case c.Language != "":
		cfg.Language = c.Language
	case !strings.HasPrefix(env.getenv("LANG"), "zh"):
		cfg.Language = "en"
	}
	return cfg, unlock, nil
}

// owned refuses a folder that another user made in the shared folder of temporary
// files: links in it could lead anywhere.
func owned(folder string) error {
	info, err := os.Lstat(folder)
	if err != nil {
		return fmt.Errorf("folder of the demo: %w", err)
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !ok || !info.IsDir() || int(owner.Uid) != os.Getuid() || info.Mode().Perm()&0o077 != 0 {
		return fmt.Errorf("folder of the demo: %s is not a folder of this user alone; remove it and try again", folder)
	}
	return nil
}

// demoText is what the demo says in one language.
type demoText struct {
	collected, trend, alert, further, served string
	columns                                  table.Row
	total                                    string
}

func demoTextIn(language string) demoText {
	if language == "zh" {
		return demoText{
			collected: "一、采集与评分", trend: "二、近 48 小时每小时提及%s的负面声量", alert: "三、公关团队收到的告警", further: "四、继续查看",
			served:  "网页：%[2]s/\n这些来源仍在 %[1]s/ 提供并持续监测；按 Ctrl-C 结束演示。",
			columns: table.Row{"来源", "类型", "内容", "提及", "正面", "中性", "负面"}, total: "合计",
		}
	}
	return demoText{
		collected: "1. Collected and rated", trend: "2. Negative mentions of %s an hour, the last 48 hours", alert: "3. The alert, as the PR team gets it", further: "4. Look further",
		served:  "The web page: %[2]s/\nThe sources are still served at %[1]s/ and watched; Ctrl-C ends the demo.",
		columns: table.Row{"source", "kind", "items", "mentions", "positive", "neutral", "negative"}, total: "all",
	}
}

// show prints what was collected, the trend, the alert and where to look next.
func (c demoCommand) show(ctx context.Context, env environment, cfg *config.Config, db *store.Store, now time.Time, alert *bytes.Buffer) error {
	name, say := cfg.Brands[0].Name, demoTextIn(cfg.Language)
	sources, err := db.Summary(ctx)
	if err != nil {
		return err
	}
	hours, err := db.Hours(ctx, name, now, 48)
	if err != nil {
		return err
	}
	if alert.Len() == 0 {
		return errors.New("the scenario raised no alert")
	}
	_, err = fmt.Fprintf(env.stdout, "\n%s\n\n%s\n\n%s\n\n%s\n%s\n\n%s\n%s\n\n",
		say.collected, sourceTable(sources, say), fmt.Sprintf(say.trend, name), chartOf(hours, now.In(cfg.Timezone)), say.alert, alert, say.further)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(env.stdout, demoQueries, db.Path(), cfg.Path())
	return err
}

const demoQueries = `sqlite3 -box %[1]s \
  "SELECT hour, mentions, negative, net_sentiment FROM sentiment_hourly ORDER BY hour DESC LIMIT 5"
sqlite3 -box %[1]s \
  "SELECT day, driver, negative FROM drivers_daily WHERE brand = '青榈' ORDER BY day DESC, negative DESC LIMIT 5"
sqlite3 %[1]s \
  "SELECT score, url, substr(content, 1, 40) FROM mentions JOIN items ON items.id = item_id ORDER BY score LIMIT 5"
reputed backtest --config %[2]s
`

func sourceTable(sources []store.SourceSummary, say demoText) string {
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.Style().Format.Header = text.FormatDefault
	t.Style().Format.Footer = text.FormatDefault
	t.AppendHeader(say.columns)
	var items int
	var total store.Counts
	for _, s := range sources {
		t.AppendRow(table.Row{s.Name, s.Kind, s.Items, s.Mentions, s.Positive, s.Neutral, s.Negative})
		items += s.Items
		total.Mentions += s.Mentions
		total.Positive += s.Positive
		total.Neutral += s.Neutral
		total.Negative += s.Negative
	}
	t.AppendFooter(table.Row{say.total, "", items, total.Mentions, total.Positive, total.Neutral, total.Negative})
	return t.Render()
}

// chartHeight is the number of lines of the chart.
const chartHeight = 8

// chartOf draws the negative mentions of each hour as a column.
func chartOf(hours []reputation.Hour, now time.Time) string {
	const eighths = " ▁▂▃▄▅▆▇█"
	most := 1
	for _, h := range hours {
		most = max(most, h.Negative)
	}
	var b strings.Builder
	for line := chartHeight - 1; line >= 0; line-- {
		switch line {
		case chartHeight - 1:
			fmt.Fprintf(&b, "%5d ┤", most)
		case 0:
			fmt.Fprintf(&b, "%5d ┤", 0)
		default:
			b.WriteString("      │")
		}
		for _, h := range hours {
			filled := h.Negative*chartHeight*8/most - line*8
			b.WriteRune([]rune(eighths)[min(max(filled, 0), 8)])
		}
		b.WriteByte('\n')
	}
	first := now.Add(-time.Duration(len(hours)) * time.Hour).Format("01-02 15:04")
	last := now.Format("01-02 15:04 MST")
	gap := max(1, len(hours)-len(first)-len(last))
	fmt.Fprintf(&b, "       %s%s%s\n", first, strings.Repeat(" ", gap), last)
	return b.String()
}
