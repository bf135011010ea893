package scenario

import (
	"encoding/xml"
	"fmt"
	"html"
	"strings"
	"time"

	"golang.org/x/text/encoding/simplifiedchinese"
)

type rssFeed struct {
	XMLName xml.Name  `xml:"rss"`
	Version string    `xml:"version,attr"`
	DC      string    `xml:"xmlns:dc,attr"`
	Title   string    `xml:"channel>title"`
	Link    string    `xml:"channel>link"`
	About   string    `xml:"channel>description"`
	Items   []rssItem `xml:"channel>item"`
}

type rssItem struct {
	Title  string  `xml:"title,omitempty"`
	Link   string  `xml:"link"`
	GUID   rssGUID `xml:"guid"`
	Date   string  `xml:"pubDate"`
	Author string  `xml:"dc:creator"`
	Lang   string  `xml:"dc:language"`
	Text   string  `xml:"description"`
}

type rssGUID struct {
	PermaLink bool   `xml:"isPermaLink,attr"`
	ID        string `xml:",chardata"`
}

// rss writes an RSS 2.0 document in the given charset, with item dates in the
// given layout.
func rss(title, charset, host string, entries []entry, layout string) ([]byte, error) {
	feed := rssFeed{
		Version: "2.0", DC: "http://purl.org/dc/elements/1.1/",
		Title: title, Link: "http://" + host + "/", About: title,
	}
	for _, e := range entries {
		feed.Items = append(feed.Items, rssItem{
			Title: e.Title, Link: "/p/" + e.ID + "?utm_source=rss&utm_medium=feed", GUID: rssGUID{ID: e.ID},
			Date: e.At.Format(layout), Author: e.Author, Lang: e.Lang, Text: markup(e.Post),
		})
	}
	body, err := xml.MarshalIndent(feed, "", " ")
	if err != nil {
		return nil, fmt.Errorf("write %s as RSS: %w", title, err)
	}
	body = append([]byte(`<?xml version="1.0" encoding="`+charset+`"?>`+"\n"), body...)
	if charset != "GBK" {
		return body, nil
	}
	if body, err = simplifiedchinese.GBK.NewEncoder().Bytes(body); err != nil {
		return nil, fmt.Errorf("encode %s as GBK: %w", title, err)
	}
	return body, nil
}

type atomFeed struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	Base    string      `xml:"http://www.w3.org/XML/1998/namespace base,attr"`
	ID      string      `xml:"id"`
	Title   string      `xml:"title"`
	Updated string      `xml:"updated"`
	Entries []atomEntry `xml:"entry"`
}

type atomEntry struct {
	Lang      string   `xml:"http://www.w3.org/XML/1998/namespace lang,attr"`
	ID        string   `xml:"id"`
	Title     string   `xml:"title"`
	Link      atomLink `xml:"link"`
	Published string   `xml:"published"`
	Updated   string   `xml:"updated"`
	Author    string   `xml:"author>name"`
	Content   atomText `xml:"content"`
}

type atomLink struct {
	Href string `xml:"href,attr"`
}

type atomText struct {
	Type string `xml:"type,attr"`
	Body string `xml:",chardata"`
}

// atom writes an Atom document (RFC 4287).
func atom(title, host string, entries []entry, updated time.Time) ([]byte, error) {
	feed := atomFeed{
		Base: "http://" + host + "/p/", ID: "urn:reputed:demo:forum", Title: title,
		Updated: updated.Format(time.RFC3339),
	}
	for _, e := range entries {
		feed.Entries = append(feed.Entries, atomEntry{
			Lang: e.Lang, ID: "urn:reputed:demo:" + e.ID, Title: e.Title, Link: atomLink{e.ID},
			Published: e.Stamp(), Updated: e.Stamp(), Author: e.Author, Content: atomText{"html", markup(e.Post)},
		})
	}
	body, err := xml.MarshalIndent(feed, "", " ")
	if err != nil {
		return nil, fmt.Errorf("write %s as Atom: %w", title, err)
	}
	return append([]byte(xml.Header), body...), nil
}

// markup is the text as the HTML that feeds carry.
func markup(p Post) string {
	var b strings.Builder
	for line := range strings.SplitSeq(p.Text, "\n") {
		b.WriteString("<p>" + html.EscapeString(line) + "</p>")
	}
	return b.String()
}
