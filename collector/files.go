package collector

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"strings"
	"time"

	"reputed/internal/reputation"
)

// NewFiles returns the source of that name which reads files of mentions that other
// tools write into a folder: JSON lines, one object with the fields of a line of
// `reputed fetch` each. Open gives the folder anew at each poll. Times that state no
// zone are taken to be in zone, nil being UTC.
func NewFiles(name string, open func() (Disk, error), clock func() time.Time, zone *time.Location) *Folder {
	if zone == nil {
		zone = time.UTC
	}
	return &Folder{name: name, open: open, clock: clock, read: func(name string, content []byte, modified time.Time) ([]reputation.Item, error) {
		switch path.Ext(strings.ToLower(name)) {
		case ".jsonl", ".ndjson", ".json":
			return readLines(content, modified, zone)
		}
		return nil, errors.New("its name ends in none of .jsonl, .ndjson and .json; write one JSON object a line into a file of such a name")
	}}
}

// line is one mention of a file. Other fields are mistakes.
type line struct {
	ID        string `json:"id"`
	URL       string `json:"url"`
	Title     string `json:"title"`
	Text      string `json:"text"`
	Author    string `json:"author"`
	Lang      string `json:"lang"`
	Published string `json:"published"`
	Source    string `json:"source"` // accepted, since fetch writes it; the items are of the configured source
}

const (
	mostFaults    = 10      // lines of a file, and files of a folder, that are named as wrong
	longestRecord = 1 << 20 // bytes of a line or row
)

// readLines reads JSON lines in UTF-8, with or without a byte order mark. All mistakes
// are reported, up to ten; with one, nothing is read.
func readLines(content []byte, modified time.Time, zone *time.Location) ([]reputation.Item, error) {
	content = bytes.TrimPrefix(content, []byte("\xef\xbb\xbf"))
	var items []reputation.Item
	var faults []error
	number := 0
	for text := range bytes.Lines(content) {
		number++
		if len(bytes.TrimSpace(text)) == 0 {
			continue
		}
		item, err := readLine(text, modified, zone)
		if err != nil && !bytes.HasSuffix(text, []byte("\n")) {
			err = unfinished{err}
		}
		switch {
		case err == nil:
			items = append(items, item)
		case len(faults) < mostFaults:
			faults = append(faults, fmt.Errorf("line %d: %w", number, err))
		}
	}
	if len(faults) > 0 {
		return nil, together(faults)
	}
	return items, nil
}

// together joins the mistakes of a file. Only where the missing end is all that is wrong
// is it worth waiting for.
func together(faults []error) error {
	err := errors.Join(faults...)
	if len(faults) > 1 && errors.As(err, new(unfinished)) {
		return errors.New(err.Error())
	}
	return err
}

func readLine(text []byte, modified time.Time, zone *time.Location) (reputation.Item, error) {
	if len(text) > longestRecord {
		return reputation.Item{}, errors.New("it is longer than 1 MB; shorten its text")
	}
	var l line
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&l); err != nil {
		return reputation.Item{}, fmt.Errorf("%w; want one JSON object a line with some of id, url, title, text, author, lang, published", err)
	}
	if decoder.More() {
		return reputation.Item{}, errors.New("there is more than one JSON value; put each on a line of its own")
	}
	item := reputation.Item{
		Title: collapseLine(l.Title), Text: collapse(l.Text), Author: collapseLine(l.Author), Lang: languageTag(l.Lang),
		Published: modified.UTC().Truncate(time.Second),
	}
	if item.Title == "" && item.Text == "" {
		return item, errors.New("it has neither title nor text")
	}
	if l.Published != "" {
		stated, ok := parseDate(l.Published, zone)
		if !ok {
			return item, fmt.Errorf("published: %.60q is no time; write 2026-11-22T12:00:00+08:00", l.Published)
		}
		item.Published = stated
	}
	if l.URL != "" {
		if !isWebAddress(l.URL) {
			return item, fmt.Errorf("url: %.60q is no web address; write one that begins with http:// or https://, or leave it out", l.URL)
		}
		item.URL = CanonicalURL(l.URL)
	}
	item.ID = cmp.Or(l.ID, item.URL, shortHash(item.Title, item.Text, item.Author, l.Published))
	return item, nil
}
