package collector

import (
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"reputed/internal/reputation"
)

// Survey says of which brand a survey is and how the columns of its exports are named.
// A name that is empty stands for no column.
type Survey struct {
	Brand    string
	Text     string // the customer's own words
	NPS      string // how likely the customer is to recommend the brand, 0 to 10
	CSAT     string // how satisfied the customer is, 1 to 5
	Date     string // when the customer answered; needed
	Language string
	ID       string // of the answer; by it an answer is known again in a later export
	Zone     *time.Location
}

// NewSurvey returns the source of that name which reads a survey's exports from a
// folder: CSV with a header, in UTF-8, UTF-16 or GB18030, with commas, semicolons or
// tabs. Open gives the folder anew at each poll.
//
// An answer keeps its ratings beside its words, and is of the survey's brand whether or
// not the words name it. Without an ID it is known again by all that is read of it, and
// by how many like it stand above it, since two customers may answer the same on a day.
func NewSurvey(name string, s Survey, open func() (Disk, error), clock func() time.Time) *Folder {
	if s.Zone == nil {
		s.Zone = time.UTC
	}
	return &Folder{name: name, open: open, clock: clock, read: func(name string, content []byte, _ time.Time) ([]reputation.Item, error) {
		switch path.Ext(strings.ToLower(name)) {
		case ".csv", ".tsv", ".txt":
			return s.read(content)
		}
		return nil, errors.New("its name ends in none of .csv, .tsv and .txt; save the table as CSV (in Excel: Save As, CSV UTF-8)")
	}}
}

// read makes items of the rows. All mistakes are reported, up to ten; with one, nothing
// is read.
func (s Survey) read(content []byte) ([]reputation.Item, error) {
	text := toUTF8(content, "text/csv; charset=gb18030")
	if !strings.Contains(text, "\n") {
		text = strings.ReplaceAll(text, "\r", "\n")
	}
	if strings.TrimSpace(text) == "" {
		return nil, errors.New("it is empty; a survey's export has a header and a row for each answer")
	}
	table, err := s.table(text)
	if err != nil {
		return nil, err
	}
	var items []reputation.Item
	var faults []error
	alike := map[string]int{}
	for {
		row, err := table.next()
		if err == io.EOF {
			break
		}
		var item reputation.Item
		if err == nil {
			item, err = s.item(row)
		}
		switch {
		case table.atEnd() && !strings.HasSuffix(text, "\n") && (err != nil || table.fields < len(table.names)):
			err = unfinished{cmp.Or(err, errors.New("its row ends early"))}
		case err == nil && item.Text == "" && !item.NPS.Given && !item.CSAT.Given:
			continue
		}
		if err != nil {
			var broken *csv.ParseError
			if errors.As(err, &broken) { // where rows end is not known any more
				faults = append(faults, err)
				break
			}
			line, _ := table.csv.FieldPos(0)
			faults = append(faults, fmt.Errorf("line %d: %w", line, err))
			if len(faults) == mostFaults {
				break
			}
			continue
		}
		alike[item.ID]++
		if n := alike[item.ID]; n > 1 && s.ID == "" {
			item.ID = fmt.Sprintf("%s-%d", item.ID, n)
		}
		items = append(items, item)
	}
	if len(faults) > 0 {
		return nil, together(faults)
	}
	return items, nil
}

// table is an export whose header was read.
type table struct {
	csv   *csv.Reader
	names []string
	at    map[string]int // where the configured columns stand
	size  int64          // bytes of the export

	fields int // of the row that was read last
}

// row is the values of one answer by the names of their columns.
type row func(column string) string

// table reads the header with each of the usual delimiters and takes the one by which
// the columns are found.
func (s Survey) table(text string) (*table, error) {
	if declared, rest, ok := strings.Cut(text, "\n"); ok && strings.HasPrefix(strings.ToLower(declared), "sep=") {
		text = rest // a line that Excel writes for itself
	}
	var first error
	for _, delimiter := range ",;\t" {
		t, err := s.tableWith(text, delimiter)
		if err == nil {
			return t, nil
		}
		var missing *missingColumns
		if first == nil || errors.As(err, &missing) && len(missing.have) > 1 {
			first = err
		}
	}
	return nil, first
}

// missingColumns is the error of a header without a column that is needed.
type missingColumns struct {
	column string
	have   []string
}

func (e *missingColumns) Error() string {
	return fmt.Sprintf("there is no column %q; it has: %s; name its columns under columns: in the configuration", e.column, strings.Join(e.have, ", "))
}

func (s Survey) tableWith(text string, delimiter rune) (*table, error) {
	t := &table{csv: csv.NewReader(strings.NewReader(text)), at: map[string]int{}, size: int64(len(text))}
	t.csv.Comma = delimiter
	t.csv.FieldsPerRecord = -1
	t.csv.LazyQuotes = !closed(text, delimiter) // else a quotation mark within a text costs the file
	header, err := t.csv.Read()
	if err != nil {
		return nil, fmt.Errorf("its header: %w", err)
	}
	for _, name := range header {
		t.names = append(t.names, strings.TrimSpace(name))
	}
	for _, column := range []string{s.Date, s.Text, s.NPS, s.CSAT, s.Language, s.ID} {
		if column == "" {
			continue
		}
		same := func(name string) bool {
			return strings.EqualFold(norm.NFKC.String(name), norm.NFKC.String(strings.TrimSpace(column)))
		}
		i := slices.IndexFunc(t.names, same)
		if i < 0 {
			return nil, &missingColumns{column, t.names}
		}
		if slices.ContainsFunc(t.names[i+1:], same) {
			return nil, fmt.Errorf("two columns are called %q; rename one of them", column)
		}
		t.at[column] = i
	}
	return t, nil
}

// closed reports whether each quoted field of the text is well formed.
func closed(text string, delimiter rune) bool {
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.FieldsPerRecord, r.ReuseRecord = delimiter, -1, true
	for {
		if _, err := r.Read(); err != nil {
			return !errors.Is(err, csv.ErrBareQuote)
		}
	}
}

func (t *table) atEnd() bool { return t.csv.InputOffset() >= t.size }

// next returns the next row, or io.EOF.
func (t *table) next() (row, error) {
	fields, err := t.csv.Read()
	if err != nil {
		return nil, err
	}
	t.fields = len(fields)
	if len(fields) > len(t.names) && strings.TrimSpace(strings.Join(fields[len(t.names):], "")) != "" {
		return nil, fmt.Errorf("it has %d fields and the header %d; put texts that hold the delimiter in quotation marks", len(fields), len(t.names))
	}
	size := 0
	for _, f := range fields {
		size += len(f)
	}
	if size > longestRecord {
		return nil, errors.New("it is longer than 1 MB; a quotation mark may be missing")
	}
	return func(column string) string {
		if i, ok := t.at[column]; ok && column != "" && i < len(fields) {
			return strings.TrimSpace(fields[i])
		}
		return ""
	}, nil
}

// item makes an answer of a row.
func (s Survey) item(r row) (item reputation.Item, err error) {
	item = reputation.Item{Brand: s.Brand, Text: collapse(r(s.Text)), Lang: surveyLanguage(r(s.Language))}
	if item.NPS, err = rating(r(s.NPS), 0, 10); err != nil {
		return item, fmt.Errorf("column %s: %w", s.NPS, err)
	}
	if item.CSAT, err = rating(r(s.CSAT), 1, 5); err != nil {
		return item, fmt.Errorf("column %s: %w", s.CSAT, err)
	}
	if item.Text == "" && !item.NPS.Given && !item.CSAT.Given {
		return item, nil
	}
	date := r(s.Date)
	published, ok := surveyDate(date, s.Zone)
	if !ok {
		return item, fmt.Errorf("column %s: %.60q is no date; write 2026-11-22 or 2026-11-22 12:00", s.Date, date)
	}
	item.Published = published
	if s.ID != "" {
		if r(s.ID) == "" {
			return item, fmt.Errorf("column %s is empty; leave id: out of the configuration if answers have none", s.ID)
		}
		item.ID = shortHash("id", r(s.ID)) // it may be a name or an address of the customer
	} else {
		item.ID = shortHash(date, r(s.NPS), r(s.CSAT), r(s.Text))
	}
	return item, nil
}

// rating reads a figure such as "9", "9.0", "９", "9分" or "9/10".
func rating(text string, least, most int) (reputation.Rating, error) {
	plain := strings.ToLower(norm.NFKC.String(text))
	switch strings.TrimSpace(plain) {
	case "", "-", "--", "n/a", "na", "null", "none", "无", "未作答", "(空)", "(跳过)":
		return reputation.Rating{}, nil
	}
	plain = strings.TrimSpace(strings.TrimSuffix(strings.TrimSuffix(plain, "/"+strconv.Itoa(most)), "分"))
	value, err := strconv.ParseFloat(plain, 64)
	if err != nil || value != math.Trunc(value) || value < float64(least) || value > float64(most) {
		return reputation.Rating{}, fmt.Errorf("%.60q is no whole number from %d to %d", text, least, most)
	}
	return reputation.Rating{Given: true, Value: int(value)}, nil
}

// surveyDate reads a date as feeds write it, or as Excel counts it: days since the
// thirtieth of December 1899. An answer of a day without a time counts at noon, so
// that it is of the same day in UTC.
func surveyDate(text string, zone *time.Location) (time.Time, bool) {
	t, ok := time.Time{}, true
	if days, err := strconv.ParseFloat(text, 64); err == nil && days > 30_000 && days < 80_000 {
		day, part := math.Modf(days)
		t = time.Date(1899, 12, 30+int(day), 0, 0, int(math.Round(part*24*60*60)), 0, zone).UTC()
	} else {
		t, ok = parseDate(text, zone)
	}
	hour, minute, second := t.In(zone).Clock()
	if hour+minute+second == 0 && !strings.ContainsAny(text, ":：时時点點") {
		t = t.Add(12 * time.Hour)
	}
	return t, ok
}

// surveyLanguage is the tag of a language as surveys name it; empty, so that the text
// tells, for a name that is not known.
func surveyLanguage(name string) string {
	name = strings.ToLower(name)
	switch {
	case slices.Contains([]string{"chinese", "中文", "简体中文", "繁体中文", "繁體中文", "汉语", "普通话"}, name):
		return "zh"
	case slices.Contains([]string{"english", "英文", "英语"}, name):
		return "en"
	case len(name) == 2, len(name) > 2 && (name[2] == '-' || name[2] == '_'):
		return languageTag(name)
	}
	return ""
}
