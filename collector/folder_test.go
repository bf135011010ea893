package collector

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"reputed/internal/reputation"
)

// drop is a folder that is polled.
type drop struct {
	t      *testing.T
	path   string
	now    time.Time
	source *Folder
	cursor reputation.Cursor
	disk   func(Disk) Disk // stands before the real one, if not nil
}

func newDrop(t *testing.T, survey *Survey) *drop {
	d := &drop{t: t, path: t.TempDir(), now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}
	open := func() (Disk, error) {
		root, err := os.OpenRoot(d.path)
		if err == nil && d.disk != nil {
			return d.disk(root), nil
		}
		return root, err
	}
	clock := func() time.Time { return d.now }
	if survey != nil {
		d.source = NewSurvey("survey", *survey, open, clock)
	} else {
		d.source = NewFiles("files", open, clock, nil)
	}
	return d
}

// put writes a file that was last changed at the drop's present.
func (d *drop) put(name, content string) {
	d.t.Helper()
	path := filepath.Join(d.path, name)
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(content), 0o600), os.Chtimes(path, d.now, d.now)); err != nil {
		d.t.Fatal(err)
	}
}

// poll collects a minute later, and stores the cursor as a commit would.
func (d *drop) poll() ([]reputation.Item, error) {
	d.now = d.now.Add(time.Minute)
	items, next, err := d.source.Collect(d.t.Context(), d.cursor)
	d.cursor = next
	return items, err
}

// files lists what lies in the folder and below it.
func (d *drop) files() string {
	var names []string
	err := filepath.WalkDir(d.path, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			name, _ := filepath.Rel(d.path, path)
			names = append(names, filepath.ToSlash(name))
		}
		return err
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return strings.Join(names, " ")
}

func (d *drop) expect(what string, items []reputation.Item, err error, n int, files string) {
	d.t.Helper()
	if err != nil || len(items) != n {
		d.t.Errorf("%s: %d items, want %d; %v", what, len(items), n, err)
	}
	if got := d.files(); got != files {
		d.t.Errorf("%s: the folder holds %s, want %s", what, got, files)
	}
}

const oneLine = `{"id":"1","url":"https://a.example/1?utm_source=x","title":"水壶 漏水","text":"昨天刚买。","author":"jo","lang":"zh","published":"2026-11-22T10:00:00+08:00","source":"other"}` + "\n"

func TestFolder(t *testing.T) {
	d := newDrop(t, nil)
	d.put("a.jsonl", oneLine)
	items, err := d.poll()
	d.expect("first seen", items, err, 0, "a.jsonl")
	items, err = d.poll()
	d.expect("steady", items, err, 1, "a.jsonl")
	want := reputation.Item{
		Source: "files", ID: "1", URL: "https://a.example/1", Title: "水壶 漏水", Text: "昨天刚买。", Author: "jo", Lang: "zh",
		Published: time.Date(2026, 11, 22, 2, 0, 0, 0, time.UTC), Fetched: d.now,
	}
	if items[0] != want {
		t.Errorf("got %+v\nwant %+v", items[0], want)
	}
	items, err = d.poll()
	d.expect("stored", items, err, 0, "done/a.jsonl")
	if len(d.cursor.Files) != 0 {
		t.Errorf("the cursor still holds %+v", d.cursor.Files)
	}

	d.put("a.jsonl", oneLine+oneLine)
	for range 2 {
		if items, err = d.poll(); err != nil {
			t.Fatal(err)
		}
	}
	d.expect("another file of that name", items, err, 2, "a.jsonl done/a.jsonl")
	items, err = d.poll()
	d.expect("and both are kept", items, err, 0, "done/a-2.jsonl done/a.jsonl")
}

// What is still being written is not read: it grows, has a name that says so, or ends
// in the middle of a line.
func TestFolderWaits(t *testing.T) {
	d := newDrop(t, nil)
	d.put("a.jsonl", oneLine)
	d.put("b.jsonl.tmp", oneLine)
	d.put(".c.jsonl", oneLine)
	d.put("d.jsonl", oneLine+oneLine[:40])
	for range 3 {
		d.now = d.now.Add(time.Second)
		d.put("a.jsonl", oneLine)
		items, err := d.poll()
		d.expect("while it grows", items, err, 0, ".c.jsonl a.jsonl b.jsonl.tmp d.jsonl")
	}
	items, err := d.poll()
	d.expect("a is steady", items, err, 1, ".c.jsonl a.jsonl b.jsonl.tmp d.jsonl")
	d.put("d.jsonl", oneLine+oneLine)
	items, err = d.poll()
	d.expect("d was finished", items, err, 0, ".c.jsonl b.jsonl.tmp d.jsonl done/a.jsonl")
	items, err = d.poll()
	d.expect("and is read", items, err, 2, ".c.jsonl b.jsonl.tmp d.jsonl done/a.jsonl")
}

func TestFolderWithFaults(t *testing.T) {
	d := newDrop(t, nil)
	d.put("bad.jsonl", oneLine+`{"txt":"x"}`+"\n"+`{"text":" "}`+"\n"+`{"text":"x","published":"soon"}`+"\n"+`{"text":"x","url":"javascript:alert(1)"}`+"\n")
	d.put("good.jsonl", oneLine)
	d.put("half.jsonl", oneLine[:40])
	d.put("table.xlsx", "PK")
	if items, err := d.poll(); err != nil || len(items) != 0 {
		t.Fatalf("%d items, %v", len(items), err)
	}
	items, err := d.poll()
	var partial interface{ Partial() bool }
	if !errors.As(err, &partial) || !partial.Partial() {
		t.Errorf("%v does not say that the source is well", err)
	}
	for _, want := range []string{
		`source files: file "bad.jsonl" goes to the folder "failed", nothing of it was stored: line 2: json: unknown field "txt"`,
		"line 3: it has neither title nor text", `line 4: published: "soon" is no time`, `line 5: url: "javascript:alert(1)" is no web address`,
		`file "table.xlsx"`,
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not say %q:\n%v", want, err)
		}
	}
	if len(items) != 1 {
		t.Errorf("%d items, want that of the good file", len(items))
	}
	items, err = d.poll()
	d.expect("set aside", items, err, 0, "done/good.jsonl failed/bad.jsonl failed/bad.jsonl.reason.txt failed/table.xlsx failed/table.xlsx.reason.txt half.jsonl")
	reason, err := os.ReadFile(filepath.Join(d.path, "failed/bad.jsonl.reason.txt"))
	if err != nil || !strings.Contains(string(reason), "line 5: ") || !strings.Contains(string(reason), "put it back") {
		t.Errorf("reason %q, %v", reason, err)
	}
	d.now = d.now.Add(time.Hour)
	if _, err := d.poll(); err == nil || !strings.Contains(err.Error(), `file "half.jsonl"`) {
		t.Errorf("after an hour without its end: %v", err)
	}
	items, err = d.poll()
	if d.expect("half", items, err, 0, d.files()); !strings.Contains(d.files(), "failed/half.jsonl.reason.txt") {
		t.Errorf("the folder holds %s", d.files())
	}
}

// A crash leaves the cursor of before or after a poll, and the file there or moved.
func TestFolderAfterCrash(t *testing.T) {
	d := newDrop(t, nil)
	d.put("a.jsonl", oneLine+`{"text":"without an identifier"}`+"\n")
	if _, err := d.poll(); err != nil {
		t.Fatal(err)
	}
	before := d.cursor
	first, err := d.poll()
	d.expect("read", first, err, 2, "a.jsonl")

	d.cursor = before // the items were not stored
	again, err := d.poll()
	d.expect("read again", again, err, 2, "a.jsonl")
	for i := range again {
		if again[i].ID != first[i].ID || again[i].Published != first[i].Published {
			t.Errorf("item %d was %+v and is %+v", i, first[i], again[i])
		}
	}
	after := d.cursor
	if _, err := d.poll(); err != nil {
		t.Fatal(err)
	}
	d.cursor = after // the file was moved, and the poll that moved it not stored
	items, err := d.poll()
	d.expect("moved already", items, err, 0, "done/a.jsonl")
}

// lame is a disk that cannot do one thing.
type lame struct {
	Disk
	rename error
}

func (l lame) Rename(string, string) error { return l.rename }

func TestFolderThatCannotBeWritten(t *testing.T) {
	d := newDrop(t, nil)
	d.disk = func(disk Disk) Disk { return lame{disk, fs.ErrPermission} }
	d.put("a.jsonl", oneLine)
	for range 2 {
		if _, err := d.poll(); err != nil {
			t.Fatal(err)
		}
	}
	for range 3 {
		items, err := d.poll()
		if len(items) != 0 || err == nil || !strings.Contains(err.Error(), "let the user that runs reputed write to the folder") {
			t.Errorf("%d items again, %v", len(items), err)
		}
	}
	d.disk = nil
	items, err := d.poll()
	d.expect("it can be written again", items, err, 0, "done/a.jsonl")

	d.path = filepath.Join(d.path, "missing")
	if _, err := d.poll(); err == nil || !strings.Contains(err.Error(), "make the folder") {
		t.Errorf("a folder that is not there: %v", err)
	}
}

// A link in the folder must not make other files of the machine readable.
func TestFolderFollowsNoLinks(t *testing.T) {
	d := newDrop(t, nil)
	secret := filepath.Join(t.TempDir(), "secret.jsonl")
	if err := errors.Join(os.WriteFile(secret, []byte(oneLine), 0o600), os.Symlink(secret, filepath.Join(d.path, "link.jsonl")), os.Symlink(filepath.Dir(secret), filepath.Join(d.path, "done"))); err != nil {
		t.Fatal(err)
	}
	d.put("a.jsonl", oneLine)
	read := 0
	for range 3 {
		items, _ := d.poll() // the last poll cannot move the file
		read += len(items)
	}
	if entries, err := os.ReadDir(filepath.Dir(secret)); err != nil || len(entries) != 1 {
		t.Errorf("%d files outside, %v", len(entries), err)
	}
	if read != 1 {
		t.Errorf("%d items, want that of the plain file", read)
	}
}

func TestLongFileComesInParts(t *testing.T) {
	d := newDrop(t, nil)
	var content strings.Builder
	const total = 2*mostPerPoll + 1
	for i := range total {
		fmt.Fprintf(&content, `{"id":"%d","text":"x"}`+"\n", i)
	}
	d.put("long.jsonl", content.String())
	d.put("next.jsonl", oneLine)
	ids := map[string]bool{}
	var polls []int
	for range 5 {
		items, err := d.poll()
		if err != nil {
			t.Fatal(err)
		}
		polls = append(polls, len(items))
		for _, item := range items {
			ids[item.ID] = true
		}
	}
	if len(ids) != total || fmt.Sprint(polls) != fmt.Sprint([]int{0, mostPerPoll, mostPerPoll, 2, 0}) {
		t.Errorf("%d different items of %d, in polls of %v", len(ids), total, polls)
	}
	if got := d.files(); got != "done/long.jsonl done/next.jsonl" {
		t.Errorf("the folder holds %s", got)
	}
}

var columns = Survey{Brand: "小米", Text: "您的意见", NPS: "推荐分数", CSAT: "满意度", Date: "提交时间", Language: "语言", Zone: time.FixedZone("CST", 8*60*60)}

const export = `序号,提交时间,推荐分数,满意度,您的意见,语言
1,2026-11-20 09:30,3,2,"屏幕碎了，
客服说“不保修”，""再也不买""",中文
2,2026/11/20 21:05,10,,Great phone,en-US
3,2026年11月21日,9分,5,,
4,46347.5,,4/5,"还行,就是贵",
5,,,,,
6,2026-11-21,-,-,一般般,
`

func TestSurvey(t *testing.T) {
	gbk, err := simplifiedchinese.GB18030.NewEncoder().String(export)
	if err != nil {
		t.Fatal(err)
	}
	tabs := strings.NewReplacer(`"还行,就是贵"`, "还行,就是贵", ",", "\t").Replace(export)
	utf16, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(tabs)
	if err != nil {
		t.Fatal(err)
	}
	semicolons := strings.NewReplacer(`"还行,就是贵"`, "还行,就是贵", ",", ";").Replace(export)
	for name, content := range map[string]string{
		"UTF-8": export, "byte order mark": "\ufeff" + export, "GBK": gbk, "UTF-16 with tabs": utf16, "semicolons": semicolons,
		"Windows line ends": strings.ReplaceAll(export, "\n", "\r\n"), "sep=": "sep=;\r\n" + semicolons, "no line end": strings.TrimSuffix(export, "\n"),
	} {
		t.Run(name, func(t *testing.T) {
			d := newDrop(t, &columns)
			d.put("export.csv", content)
			var items []reputation.Item
			for range 2 {
				if items, err = d.poll(); err != nil {
					t.Fatal(err)
				}
			}
			var got strings.Builder
			for _, i := range items {
				fmt.Fprintf(&got, "%s|%s|%v|%v|%q|%s\n", i.Brand, i.Published.Format("02 15:04"), i.NPS, i.CSAT, strings.ReplaceAll(i.Text, ",", "，"), i.Lang)
			}
			// As the bytes come, spaces in a quoted text, such as a line end, are the customer's.
			want := `小米|20 01:30|{true 3}|{true 2}|"屏幕碎了，\n客服说“不保修”，\"再也不买\""|zh
小米|20 13:05|{true 10}|{false 0}|"Great phone"|en-us
小米|21 04:00|{true 9}|{true 5}|""|
小米|21 04:00|{false 0}|{true 4}|"还行，就是贵"|
小米|21 04:00|{false 0}|{false 0}|"一般般"|
`
			if got.String() != want {
				t.Errorf("got\n%swant\n%s", got.String(), want)
			}
		})
	}
}

// Equal answers are different customers; the same export again, or a longer one, holds
// the same answers.
func TestAnswersAreKnownAgain(t *testing.T) {
	const header = "提交时间,推荐分数,满意度,您的意见,语言\n"
	short := header + "2026-11-20,9,,,\n2026-11-20,9,,,\n2026-11-20,9,,好用,\n"
	ids := func(content string) (all []string) {
		items, err := columns.read([]byte(content))
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range items {
			all = append(all, item.ID)
		}
		return all
	}
	first, longer := ids(short), ids(short+"2026-11-21,3,,,\n2026-11-20,9,,,\n")
	if fmt.Sprint(longer[:3]) != fmt.Sprint(first) {
		t.Errorf("in a longer export %v are %v", first, longer[:3])
	}
	seen := map[string]bool{}
	for _, id := range longer {
		seen[id] = true
	}
	if len(seen) != 5 {
		t.Errorf("%d different answers, want 5", len(seen))
	}

	withID := columns
	withID.ID = "邮箱"
	items, err := withID.read([]byte("邮箱," + header + "jo@shop.example,2026-11-20,9,,好用,\n"))
	if err != nil || len(items) != 1 || strings.Contains(items[0].ID, "jo") {
		t.Errorf("%+v, %v; a customer's address must not be stored", items, err)
	}
}

func TestSurveyFaults(t *testing.T) {
	const header = "提交时间,推荐分数,满意度,您的意见,语言\n"
	tests := []struct {
		name, content string
		want          []string
		waits         bool
	}{
		{"empty", " \n", []string{"it is empty"}, false},
		{"other columns", "date;score\n2026-11-20;9\n", []string{`there is no column "提交时间"; it has: date, score`}, false},
		{"a column twice", "您的意见," + header, []string{`two columns are called "您的意见"`}, false},
		{"values", header + "2026-11-20,11,,,\n昨天,9,,,\n2026-11-20,9,4.5,,\n2026-11-20,many,,,\n", []string{
			`line 2: column 推荐分数: "11" is no whole number from 0 to 10`, `line 3: column 提交时间: "昨天" is no date`,
			`line 4: column 满意度: "4.5" is no whole number from 1 to 5`, `line 5: column 推荐分数: "many"`,
		}, false},
		{"too many fields", header + "2026-11-20,9,,好用,便宜,zh\n", []string{"line 2: it has 6 fields and the header 5"}, false},
		{"a quotation mark that is not closed", header + "2026-11-20,9,,\"好用,\n2026-11-20,9,,差,", []string{`extraneous or missing " in quoted-field`}, true},
		{"a row that ends early", header + "2026-11-20,9,,好用,\n2026-1", []string{"line 3"}, true},
		{"a row that ends early, and a wrong one", header + "2026-11-20,99,,好用,\n2026-1", []string{"line 2", "line 3"}, false},
	}
	for _, test := range tests {
		_, err := columns.read([]byte(test.content))
		for _, want := range test.want {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v, want %q", test.name, err, want)
			}
		}
		if errors.As(err, new(unfinished)) != test.waits {
			t.Errorf("%s: %v; waits: %v", test.name, err, !test.waits)
		}
	}
	if items, err := columns.read([]byte(header + "2026-11-20,9,,他说\"还行\"吧,\n")); err != nil || items[0].Text != `他说"还行"吧` {
		t.Errorf("quotation marks within a text: %+v, %v", items, err)
	}
}

// What is wrong with files is told, and not the files themselves: the error goes into
// logs and the database.
func TestFolderFaultsAreShort(t *testing.T) {
	d := newDrop(t, nil)
	for i := range 30 {
		d.put(fmt.Sprintf("%02d.jsonl", i), `{"`+strings.Repeat("\u202e召回", 1<<14)+`":1}`+"\n"+`{"text":"a","published":"`+strings.Repeat("召回", 1<<14)+`"}`+"\n")
	}
	var err error
	for range 2 {
		_, err = d.poll()
	}
	if err == nil || len(err.Error()) > 64<<10 || !strings.Contains(err.Error(), `file "00.jsonl" goes to the folder "failed"`) || !strings.Contains(err.Error(), "and 20 other files") {
		t.Errorf("error %.200v", err)
	}
	for _, file := range d.cursor.Files {
		if file.Fault == "" || len(file.Fault) > mostReason {
			t.Errorf("%s: a reason of %d bytes", file.Name, len(file.Fault))
		}
	}
}

func FuzzSurvey(f *testing.F) {
	f.Add([]byte(export))
	f.Add([]byte("\xff\xfe\x00"))
	f.Add([]byte("sep=;\n\"提交时间\";推荐分数;满意度;您的意见;语言\n\"\";\"\n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		items, err := columns.read(content)
		if err != nil && len(items) > 0 {
			t.Errorf("%d items with the error %v", len(items), err)
		}
		ids := map[string]bool{}
		for _, i := range items {
			if i.ID == "" || ids[i.ID] || i.Brand != "小米" || i.Published.IsZero() || i.NPS.Value < 0 || i.NPS.Value > 10 || i.CSAT.Given && (i.CSAT.Value < 1 || i.CSAT.Value > 5) || !isClean(i.Text+i.Lang) {
				t.Errorf("item %+v", i)
			}
			ids[i.ID] = true
		}
	})
}

func FuzzFiles(f *testing.F) {
	f.Add([]byte(oneLine))
	f.Add([]byte("{}{}\n[1]\nnull\n\"x\""))
	f.Fuzz(func(t *testing.T, content []byte) {
		items, err := readLines(content, time.Unix(0, 0), time.UTC)
		if err != nil && len(items) > 0 {
			t.Errorf("%d items with the error %v", len(items), err)
		}
		for _, i := range items {
			if i.ID == "" || i.Content() == "" || i.URL != "" && !isWebAddress(i.URL) || !isClean(i.Title+i.Text+i.Author+i.Lang+i.URL) {
				t.Errorf("item %+v", i)
			}
		}
	})
}
