package store_test

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"reputed/internal/reputation"
	"reputed/internal/store"
)

// document reads what docs/database.md says: the columns of each table and view,
// and the query of each numbered question.
func document(t *testing.T) (columns map[string][]string, queries map[string]string) {
	t.Helper()
	text, err := os.ReadFile("../../docs/database.md")
	if err != nil {
		t.Fatal(err)
	}
	columns, queries = make(map[string][]string), make(map[string]string)
	relation := regexp.MustCompile("^`(\\w+)`\n")
	column := regexp.MustCompile("(?m)^\\| `(\\w+)` \\|.*[^| ] \\|$")
	question := regexp.MustCompile("(?s)^(\\d+\\. [^\n]+)\n\n[A-Z][^\n]+.*?```sql\n(.*?)```")
	for _, section := range strings.Split(string(text), "\n### ")[1:] {
		section, _, _ = strings.Cut(section, "\n## ")
		if name := relation.FindStringSubmatch(section); name != nil {
			for _, c := range column.FindAllStringSubmatch(section, -1) {
				columns[name[1]] = append(columns[name[1]], c[1])
			}
		} else if q := question.FindStringSubmatch(section); q != nil {
			queries[q[1]] = q[2]
		} else {
			t.Errorf("neither a table nor a question: %.40q", section)
		}
	}
	return columns, queries
}

func TestDocumentedSchema(t *testing.T) {
	path := filepath.Join(t.TempDir(), "reputed.db")
	create(t, path)
	db := connect(t, path)
	documented, _ := document(t)
	const relations = `SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')
		AND name NOT LIKE 'sqlite\_%' ESCAPE '\' AND name NOT LIKE 'search\_%' ESCAPE '\' AND name <> 'goose_db_version'`
	names := column(t, db, relations)
	for _, name := range names {
		// SQLite hides the column by which a full-text table is joined.
		columns := column(t, db, `SELECT name FROM pragma_table_xinfo(?) WHERE hidden <> 1 OR name = 'docid'`, name)
		slices.Sort(columns)
		slices.Sort(documented[name])
		if !slices.Equal(columns, documented[name]) {
			t.Errorf("columns of %s:\n   documented %q\nin the schema %q", name, documented[name], columns)
		}
	}
	for name := range documented {
		if !slices.Contains(names, name) {
			t.Errorf("%s is documented and does not exist", name)
		}
	}
}

func TestDocumentedQueries(t *testing.T) {
	path := filepath.Join(t.TempDir(), "reputed.db")
	s := create(t, path)
	fill(t, s, time.Now().UTC().Truncate(time.Second))
	db := connect(t, path)
	_, queries := document(t)
	if len(queries) != 10 {
		t.Errorf("%d questions are documented, want ten", len(queries))
	}
	shell, err := exec.LookPath("sqlite3")
	if err != nil {
		t.Log("the sqlite3 shell is not installed, so only the driver is tried")
	}
	for question, query := range queries {
		got := rows(t, db, query)
		if len(got) == 0 {
			t.Errorf("%s: no rows", question)
		}
		if testing.Verbose() {
			t.Logf("%s\n%s", question, strings.Join(got, "\n"))
		}
		if shell == "" {
			continue
		}
		out, err := exec.Command(shell, "-readonly", "-batch", "-json", path, query).CombinedOutput()
		var list []json.RawMessage
		if err == nil {
			err = json.Unmarshal(out, &list)
		}
		if err != nil || len(list) != len(got) {
			t.Errorf("%s: the sqlite3 shell returns %d rows and the driver %d, %v: %s", question, len(list), len(got), err, bytes.TrimSpace(out))
		}
	}
}

// fill stores three weeks of talk up to now, with a spike two days ago, an alert
// about it, a story with copies, and a source that has gone silent.
func fill(t *testing.T, s *store.Store, now time.Time) {
	t.Helper()
	spike := now.Add(-48 * time.Hour)
	for i, source := range []string{"weibo", "news", "forum"} {
		var mentions []reputation.Mention
		for h := 0; h < 21*24; h += 3 {
			at := now.Add(-time.Duration(h)*time.Hour - time.Minute)
			if source == "forum" && h < 5*24 {
				continue
			}
			m := mention(source, fmt.Sprint(h), "云杉", fmt.Sprintf("云杉的第%d次消息：客服说可以退款，今天人很多。来源%d。", h, i), at)
			m.Words = "云杉 客服 说 可以 退款"
			m.Driver = []string{"price", "quality", "service"}[h%7%3]
			if h%2 == 0 {
				m.Score = reputation.Score{Value: 0.4, Label: reputation.Positive}
			} else if h%5 == 0 {
				m.Score = complaint(-0.3, "贵")
			}
			mentions = append(mentions, m)
			if h%4 == 0 {
				m.Span.Brand = "青禾"
				mentions = append(mentions, m)
			}
		}
		for k := range 15 {
			m := mention(source, fmt.Sprintf("spike-%d", k), "云杉", fmt.Sprintf("云杉门店的牛奶过期三天仍在使用，顾客要求退款，第%d位。", k), spike.Add(-time.Duration(k)*time.Minute))
			m.Driver, m.Score = "trust", complaint(-0.9+float64(k)/100, "过期")
			mentions = append(mentions, m)
		}
		if _, err := s.Commit(t.Context(), source, reputation.Cursor{}, mentions, now); err != nil {
			t.Fatal(err)
		}
	}
	sources := []store.SourceInfo{{Name: "weibo", Kind: "feed"}, {Name: "news", Kind: "feed"}, {Name: "forum", Kind: "page"}, {Name: "new", Kind: "page"}}
	if err := s.Describe(t.Context(), sources); err != nil {
		t.Fatal(err)
	}
	a := reputation.Alert{
		Brand: "云杉", Rule: "negative-volume", Severity: reputation.Warning, State: reputation.Firing, OpenedAt: spike, Peak: 45,
		Judgement: reputation.Judgement{From: spike.Add(-time.Hour), To: spike, Observed: 45, Mentions: 46, Expected: 2, Deviation: 2, Surprise: 21.5, Spike: true},
	}
	a, err := s.Record(t.Context(), a, []reputation.Message{{Event: reputation.Opened, Alert: a, At: spike}})
	if err != nil {
		t.Fatal(err)
	}
	a.State, a.ResolvedAt = reputation.Resolved, spike.Add(7*time.Hour)
	if _, err := s.Record(t.Context(), a, nil); err != nil {
		t.Fatal(err)
	}
}

func complaint(score float64, term string) reputation.Score {
	return reputation.Score{Value: score, Label: reputation.Negative, Evidence: []reputation.Evidence{{Term: term, Weight: score}}}
}

// rows returns each row of a query as one text.
func rows(t *testing.T, db *sql.DB, query string, args ...any) (list []string) {
	t.Helper()
	r, err := db.Query(query, args...)
	if err != nil {
		t.Fatalf("%v in %s", err, query)
	}
	defer r.Close()
	columns, err := r.Columns()
	if err != nil {
		t.Fatal(err)
	}
	values, pointers := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		pointers[i] = &values[i]
	}
	for r.Next() {
		if err := r.Scan(pointers...); err != nil {
			t.Fatal(err)
		}
		list = append(list, fmt.Sprint(values...))
	}
	if err := r.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}

// column returns the first column of a query.
func column(t *testing.T, db *sql.DB, query string, args ...any) (list []string) {
	t.Helper()
	r, err := db.Query(query, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for r.Next() {
		var value string
		if err := r.Scan(&value); err != nil {
			t.Fatal(err)
		}
		list = append(list, value)
	}
	if err := r.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}
