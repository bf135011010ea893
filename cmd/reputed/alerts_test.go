package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"reputed/internal/reputation"
	"reputed/internal/store"
)

const hostileText = "云杉\x1b[2J的\u202e客服\u009b31m太差了，=HYPERLINK(\"http://evil.example\") 再也不买"

// alertsFolder holds a configuration and a database with a firing alert of today and a
// resolved one of two months ago, the first of them with hostile mentions.
func alertsFolder(t *testing.T) (config, database string, now time.Time) {
	t.Helper()
	folder := t.TempDir()
	write(t, folder, "config.yaml", "brands: [{name: 云杉}]\nsources: [{name: weibo, kind: feed, url: 'https://weibo.example/rss'}]\n")
	database = filepath.Join(folder, "reputed.db")
	db, err := store.Open(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	now = time.Now().UTC().Truncate(time.Second)
	var mentions []reputation.Mention
	add := func(id int, at time.Time, text string, score float64) {
		m := reputation.Mention{
			Item: reputation.Item{Source: "=weibo\x1b[31m", ID: fmt.Sprint(id), URL: fmt.Sprintf("https://weibo.example/%d", id), Text: text, Published: at, Fetched: at},
			Span: reputation.Span{Brand: "云杉", Term: "云杉", End: 6}, Score: reputation.Score{Value: score, Label: reputation.Negative},
		}
		if score >= 0 {
			m.Score.Label = reputation.Neutral
		} else {
			m.Score.Evidence = []reputation.Evidence{{Term: "=太差了\x1b[0m", Weight: score, Rule: "太差了 -3"}}
		}
		mentions = append(mentions, m)
	}
	for i := range 15 * 24 { // one mention an hour, every third negative
		score := 0.0
		if i%3 == 0 {
			score = -0.3
		}
		add(i, now.Add(-time.Duration(i+3)*time.Hour-10*time.Minute), fmt.Sprintf("云杉的第 %d 条消息，今天门店里人很多。", i), score)
	}
	for i := range 12 {
		add(1000+i, now.Add(-time.Duration(i)*time.Minute), fmt.Sprintf("%s，第 %d 次。", hostileText, i), -0.9+float64(i)/100)
	}
	if _, err := db.Commit(t.Context(), "=weibo\x1b[31m", reputation.Cursor{}, mentions, now); err != nil {
		t.Fatal(err)
	}
	for _, a := range []reputation.Alert{
		{
			Brand: "云杉", Rule: "negative-volume", MutedBy: "silence 3", Severity: reputation.Warning, State: reputation.Resolved, OpenedAt: now.AddDate(0, -2, 0), ResolvedAt: now.AddDate(0, -2, 0).Add(5 * time.Hour), Peak: 30,
			Judgement: reputation.Judgement{From: now.AddDate(0, -2, 0).Add(-time.Hour), To: now.AddDate(0, -2, 0), Observed: 30, Mentions: 40, Expected: 3, Deviation: 2, Surprise: 13.5},
		},
		{
			Brand: "云杉", Rule: "negative-volume", Severity: reputation.Critical, State: reputation.Firing, OpenedAt: now, Peak: 12,
			Judgement: reputation.Judgement{From: now.Add(-time.Hour), To: now, Observed: 12, Stories: 12, Mentions: 12, Expected: 0.33, Deviation: 1, Surprise: 11.7, Usual: 0.33, Probability: 1e-9, Spike: true},
		},
	} {
		messages := []reputation.Message{{Target: reputation.Target{Receiver: "slack", Channel: "#pr"}, Event: reputation.Opened, Alert: a, At: a.OpenedAt}}
		if _, err := db.Record(t.Context(), a, messages); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(folder, "config.yaml"), database, now
}

// What an explanation counts is what its SQL returns to an analyst, to the last digit.
func TestExplanationIsReproducible(t *testing.T) {
	config, database, now := alertsFolder(t)
	code, stdout, stderr := reputed(t, "alerts", "explain", "2", "--format", "json", "--config", config)
	if code != exitOK {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	var e alertCase
	if err := json.Unmarshal([]byte(stdout), &e); err != nil {
		t.Fatal(err)
	}
	db := openFile(t, database)
	var counted countedHour
	err := db.QueryRow(e.ObservedSQL).Scan(&counted.Mentions, &counted.Negative, &counted.Stories)
	if counted.Observed = counted.Negative; err != nil || counted != e.Now {
		t.Errorf("the query counts %+v and the explanation says %+v, %v", counted, e.Now, err)
	}
	if e.Now.Negative != e.Alert.Observed || e.Now.Mentions != e.Alert.Mentions || e.Again != "spike" {
		t.Errorf("counted again %+v, judged again %q, at the opening %+v", e.Now, e.Again, e.Alert)
	}
	var usual baselineLine
	if err := db.QueryRow(e.BaselineSQL).Scan(&usual.Hours, &usual.Mean, &usual.Most); err != nil {
		t.Fatal(err)
	}
	if usual.Hours != e.Baseline.Hours || usual.Most != e.Baseline.Most || usual.Mean-e.Baseline.Mean > 1e-9 || e.Baseline.Mean-usual.Mean > 1e-9 {
		t.Errorf("the query finds %+v and the explanation %+v", usual, e.Baseline)
	}
	if usual.Hours < 300 || usual.Mean < 0.32 || usual.Mean > 0.34 {
		t.Errorf("baseline %+v, want two weeks with a negative mention every third hour", usual)
	}
	rows, err := db.Query(e.MentionsSQL)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	n := 0
	for ; rows.Next(); n++ {
		var score float64
		var source, at, link, content string
		if err := rows.Scan(&score, &source, &at, &link, &content); err != nil {
			t.Fatal(err)
		}
		if m := e.Mentions[n]; m.Score != score || m.URL != link || m.At != at {
			t.Errorf("mention %d: %g %s %s in the query, %+v in the explanation", n, score, link, at, m)
		}
	}
	if n != 12 || len(e.Mentions) != 12 || e.Probability <= 0 || e.Probability > 0.001 {
		t.Errorf("%d mentions in the query, %d in the explanation; probability %g", n, len(e.Mentions), e.Probability)
	}
	if e.Alert.OpenedAt != stamp(now) || e.Mentions[0].Words[0] != "=太差了[0m" {
		t.Errorf("opened %s, words %q", e.Alert.OpenedAt, e.Mentions[0].Words)
	}
}

// Whatever stands in a text, it neither drives a terminal nor becomes a formula.
func TestAlertsAreInert(t *testing.T) {
	config, _, _ := alertsFolder(t)
	for _, args := range [][]string{
		{"alerts"},
		{"alerts", "list", "--format", "csv"},
		{"alerts", "list", "--format", "json"},
		{"alerts", "show", "2"},
		{"alerts", "show", "2", "--format", "json"},
		{"alerts", "show", "2", "--format", "csv"},
		{"alerts", "explain", "2"},
		{"alerts", "explain", "2", "--format", "json"},
		{"alerts", "explain", "2", "--format", "csv"},
	} {
		code, stdout, stderr := reputed(t, append(args, "--config", config)...)
		if code != exitOK || stdout == "" {
			t.Errorf("%v: exit code %d: %s", args, code, stderr)
		}
		if i := strings.IndexFunc(stdout, func(r rune) bool { return r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) }); i >= 0 {
			t.Errorf("%v: control character in %q", args, stdout[max(0, i-20):i+10])
		}
		if !slices.Contains(args, "csv") {
			continue
		}
		rows, err := csv.NewReader(strings.NewReader(stdout)).ReadAll()
		if err != nil || len(rows) < 2 {
			t.Errorf("%v: %d rows, %v", args, len(rows), err)
		}
		for _, row := range rows {
			for _, c := range row {
				if strings.ContainsAny(c[:min(1, len(c))], "=+@") {
					t.Errorf("%v: a spreadsheet takes %q for a formula", args, c)
				}
			}
		}
	}
}

func TestAlertsList(t *testing.T) {
	config, _, _ := alertsFolder(t)
	tests := []struct {
		args string
		want string // numbers of the alerts
	}{
		{"", "2"},
		{"--since 365d", "2 1"},
		{"--since 365d --state resolved", "1"},
		{"--since 365d --state firing", "2"},
		{"--since 365d --state muted", "1"},
		{"--since 365d --brand 云杉", "2 1"},
		{"--since 365d --brand 青禾", ""},
		{"--since 2999-01-01", "2"}, // what fires is always listed
	}
	for _, test := range tests {
		code, stdout, stderr := reputed(t, append([]string{"alerts", "list", "--format", "json", "--config", config}, strings.Fields(test.args)...)...)
		var ids []string
		for line := range strings.Lines(stdout) {
			var a alertLine
			if err := json.Unmarshal([]byte(line), &a); err != nil {
				t.Fatal(err)
			}
			ids = append(ids, fmt.Sprint(a.ID))
		}
		if got := strings.Join(ids, " "); code != exitOK || got != test.want {
			t.Errorf("%s: alerts %q, want %q; exit code %d: %s", test.args, got, test.want, code, stderr)
		}
	}
	failures := []struct {
		args string
		code int
		want string
	}{
		{"alerts show 9", exitFailure, "there is no alert 9 in"},
		{"alerts explain 9", exitFailure, "reputed alerts list --since 365d"},
		{"alerts list --since yesterday", exitUsage, "is no time"},
		{"alerts list --state gone", exitUsage, "--state must be one of"},
		{"alerts explain", exitUsage, "expected \"<alert>\""},
		{"alerts explain two", exitUsage, "two"},
		{"alerts explain 2 --limit=-1", exitUsage, "write 0 or more"},
	}
	for _, test := range failures {
		code, _, stderr := reputed(t, append(strings.Fields(test.args), "--config", config)...)
		if code != test.code || !strings.Contains(stderr, test.want) {
			t.Errorf("%s: exit code %d, want %d: %s", test.args, code, test.code, stderr)
		}
	}
}

// What people were not told is explained like any other, with what kept it from them.
func TestMutedAlertIsExplained(t *testing.T) {
	config, _, _ := alertsFolder(t)
	code, stdout, stderr := reputed(t, "alerts", "explain", "1", "--config", config)
	for _, want := range []string{"muted by    silence 3", "observed    30 negative mentions", "baseline", "SELECT count(*) AS mentions", "judged again: "} {
		if code != exitOK || !strings.Contains(stdout, want) {
			t.Errorf("exit code %d, %q is not said: %s%s", code, want, stdout, stderr)
		}
	}
}

// A Han character takes two columns.
func TestAlertTableIsAligned(t *testing.T) {
	config, _, _ := alertsFolder(t)
	code, stdout, stderr := reputed(t, "alerts", "--since", "365d", "--config", config)
	lines := strings.Split(strings.TrimSpace(stdout), "\n")
	if code != exitOK || len(lines) != 3 {
		t.Fatalf("exit code %d: %s%s", code, stdout, stderr)
	}
	for _, line := range lines[1:] {
		before, _, ok := strings.Cut(line, "negative-volume")
		if got, want := len([]rune(before))+strings.Count(before, "云")+strings.Count(before, "杉"), strings.Index(lines[0], "rule"); !ok || got-want > 1 || want-got > 1 {
			t.Errorf("the rule stands in column %d, its head in %d:\n%s", got, want, stdout)
		}
	}
}
