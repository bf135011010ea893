package collector

import (
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// stated are the places where a page states the time of its publication to programs,
// the most reliable first.
var stated = []struct{ css, attr string }{
	{`meta[property="article:published_time"], meta[itemprop="datePublished"], meta[property="og:article:published_time"]`, "content"},
	{`[itemprop="datePublished"]`, "content"},
	{`[itemprop="datePublished"]`, "datetime"},
	{`meta[name="publishdate"], meta[name="pubdate"], meta[name="PubDate"], meta[name="publish_time"], meta[name="publishtime"], meta[name="apub:time"], ` +
		`meta[property="bytedance:published_time"], meta[property="og:release_date"], meta[name="article:published_time"], meta[name="article:create_at"], ` +
		`meta[name="DC.date.issued"], meta[name="dcterms.created"], meta[name="parsely-pub-date"], meta[name="weibo:article:create_at"]`, "content"},
}

// publication is the time that a page states of itself: to programs in its meta
// elements or as linked data; in a time element outside of what frames the content; in
// words, such as "发布时间：2026年11月22日 15:30"; in the variables of its scripts.
func publication(doc *goquery.Document, ld linked, zone *time.Location, now time.Time) moment {
	for _, place := range stated {
		if t, ok := parseDate(doc.Find(place.css).First().AttrOr(place.attr, ""), zone); ok {
			return moment{t, isMidnight(t, zone)}
		}
	}
	if t, ok := parseDate(ld.published, zone); ok {
		return moment{t, isMidnight(t, zone)}
	}
	frame := make(frames)
	var found moment
	doc.Find("time[datetime]").EachWithBreak(func(_ int, s *goquery.Selection) bool {
		if t, ok := parseDate(s.AttrOr("datetime", ""), zone); ok && !frame.hold(s.Nodes[0]) && !isTalk(s.Nodes[0]) {
			found = moment{t, isMidnight(t, zone)}
		}
		return found.IsZero()
	})
	if !found.IsZero() {
		return found
	}
	if m, ok := writtenDate(doc, frame, zone, now); ok {
		return m
	}
	return scriptedDate(doc, zone)
}

const firstNodes = 8000 // of a page, among which a line with the time is looked for

var (
	dateLabel = regexp.MustCompile(`(?i)发布|發布|发表|發表|时间|時間|日期|来源|來源|编辑|編輯|記者|记者|published|posted|updated`)
	calendar  = regexp.MustCompile(`今天是|今日是|现在是|現在是|当前时间|目前時間|(?i:today is)`) // the reader's date, in a page's header
	dateClass = regexp.MustCompile(`(?i)time|date|pub|info|source|meta|byline|author`)
)

// writtenDate reads the line that states author, source and time. Where several lines
// hold a time, one that says what it is counts before one that is only styled so, and
// that before any other.
func writtenDate(doc *goquery.Document, frame frames, zone *time.Location, now time.Time) (best moment, found bool) {
	date := func(text string) (moment, bool) { return dateWithin(text, zone, now) }
	bestRank, n := 3, 0
	if doc.Length() == 0 {
		return best, false
	}
	for e := range doc.Nodes[0].Descendants() {
		if n++; n > firstNodes || bestRank == 0 {
			break
		}
		if e.Type != html.ElementNode || e.DataAtom == atom.A || e.DataAtom == atom.Head || unseen(e.DataAtom) || frame.hold(e) || isTalk(e) {
			continue
		}
		text := strings.Join(strings.Fields(visibleText(e, longestDay)), " ")
		if utf8.RuneCountInString(text) > dateLine || !strings.ContainsAny(text, "0123456789刚剛") || calendar.MatchString(text) {
			continue
		}
		if !statesDate(e, date) {
			continue
		}
		m, ok := date(attribute(e, "title")) // often exact where the text says "2 hours ago"
		if !ok {
			m, _ = date(text) // it states one
		}
		rank := 2
		switch {
		case dateLabel.MatchString(text) || e.PrevSibling != nil && e.PrevSibling.Type == html.TextNode && dateLabel.MatchString(e.PrevSibling.Data):
			rank = 0
		case dateClass.MatchString(classes(e)):
			rank = 1
		case e.DataAtom == atom.P || e.DataAtom == atom.Li || isHeading(e):
			continue // a sentence that names a date
		}
		if rank < bestRank {
			best, bestRank, found = m, rank, true
		}
	}
	return best, found
}

// isTalk tells of an element that belongs to comments or to other articles.
func isTalk(n *html.Node) bool {
	for depth := 0; n != nil && depth < 8; n, depth = n.Parent, depth+1 {
		if containsAny(classes(n), "comment", "reply", "related", "recommend", "tuijian", "hotnews") {
			return true
		}
	}
	return false
}

// scriptTime finds the variables and keys by which pages hand a time to their scripts;
// that of WeChat is called ct.
var scriptTime = regexp.MustCompile(`\b(?:ct|(?:ori_)?create_?[tT]ime|pub(?:lish)?(?:ed)?_?(?:[tT]ime|[dD]ate|At|_at)|datePublished)["']?\s*[:=]\s*["']?(\d[-\d/T: .+Z]{7,30})`)

func scriptedDate(doc *goquery.Document, zone *time.Location) (found moment) {
	doc.Find("script:not([src])").EachWithBreak(func(_ int, script *goquery.Selection) bool {
		for _, m := range scriptTime.FindAllStringSubmatch(script.Text(), 8) {
			if t, ok := parseDate(strings.TrimSpace(m[1]), zone); ok {
				found = moment{t, isMidnight(t, zone)}
				break
			}
		}
		return found.IsZero()
	})
	return found
}

// addressTime finds the day that many publishers put into an article's address.
var addressTime = regexp.MustCompile(`[/t_-](20\d\d)[-/]?(0[1-9]|1[0-2])[-/]?(0[1-9]|[12]\d|3[01])(?:[/_.-]|$)`)

// addressDate is the day in an article's address, the zero time if there is none.
func addressDate(address string, zone *time.Location) time.Time {
	m := addressTime.FindStringSubmatch(address)
	if m == nil {
		return time.Time{}
	}
	t, _ := parseDate(m[1]+"-"+m[2]+"-"+m[3], zone) // the zero time if there is no such day
	return t
}
