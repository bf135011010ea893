package collector

import (
	"cmp"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

const (
	mostLinks   = 5000 // of a page, among which a list is looked for
	fewest      = 3    // entries that make a list
	climb       = 6    // elements above a link that are tried as its entry
	tried       = 24   // groups of repeated elements whose selectors are scored
	sampled     = 200  // entries of a list that are looked at to judge it
	wideTitle   = 8    // columns from which a link's text can be a title; a Chinese character takes two
	shareOfList = 0.5  // of the elements that a selector finds must be entries
)

// detectList finds the list of articles on a page: elements that repeat themselves,
// link to articles under titles and, at best, state dates. The selectors, all but Text,
// are such as an operator could have written; ok is false where nothing looks like a
// list.
func detectList(doc *goquery.Document, base, address string, zone *time.Location, now time.Time) (sel Selectors, ok bool) {
	d := detection{
		doc: doc, base: base, self: CanonicalURL(address), zone: zone, now: now,
		links: make(map[*html.Node]link), frame: make(frames), dates: make(map[string]statedDate),
	}
	d.gather()
	best := 0.0
	scored := make(map[string]bool)
	for _, g := range d.groups() {
		for _, css := range g.selectors() {
			if scored[css] {
				continue
			}
			scored[css] = true
			if found, score := d.judge(css, best); score > best {
				sel, best = found, score
			}
		}
	}
	return sel, best > 0
}

// detection is what is known of a page while its list is looked for.
type detection struct {
	doc        *goquery.Document
	base, self string
	zone       *time.Location
	now        time.Time
	links      map[*html.Node]link // those that could lead to an article
	order      []*html.Node        // the keys of links, as they stand on the page
	frame      frames
	dates      map[string]statedDate // by text: the same ones are looked at for one selector after the other
}

// statedDate is what dateWithin says of a text.
type statedDate struct {
	moment
	ok bool
}

// date is dateWithin, which remembers.
func (d *detection) date(text string) (moment, bool) {
	known, asked := d.dates[text]
	if !asked {
		known.moment, known.ok = dateWithin(text, d.zone, d.now)
		d.dates[text] = known
	}
	return known.moment, known.ok
}

// link is an anchor that could lead to an article.
type link struct {
	to    string // canonical address
	title string
	worth float64 // as the link of an entry
	id    bool    // the address holds what names an article: a number, a date, a long slug
}

// countOf is a link that tells how much there is behind it.
var countOf = regexp.MustCompile(`(?i)^[\s(（]*\d[\d.,]*\s?[kwm万萬]?\+?\s?(?:comments?|repl(?:y|ies)|views?|points?|likes?|shares?|[条條个個则則次人篇]?(?:阅读|閱讀|评论|評論|留言|回[复覆應应]|[赞讚])?)[\s)）]*$`)

// gather finds the anchors that could lead to articles.
func (d *detection) gather() {
	d.doc.Find("a[href]").EachWithBreak(func(i int, a *goquery.Selection) bool {
		to := CanonicalURL(resolve(a.AttrOr("href", ""), d.base))
		if !isWebAddress(to) || to == d.self {
			return i < mostLinks
		}
		n := a.Nodes[0]
		title := strings.Join(strings.Fields(visibleText(n, 400)), " ")
		if full := a.AttrOr("title", ""); isCut(title) || title == "" && full != "" {
			title = cmp.Or(full, title)
		}
		if _, isDate := d.date(title); isDate && width(title) < 2*wideTitle || countOf.MatchString(title) {
			title = "" // "3 hours ago", "12 comments"
		}
		l := link{to: to, title: title, id: namesArticle(to)}
		l.worth = float64(min(width(title), 80))
		if besideHeading(n) {
			l.worth += 40
		}
		names := " " + classes(n) + " "
		switch {
		case containsAny(names, "title", "headline", "subject", "xst", "bookmark"):
			l.worth += 20
		case containsAny(names, "author", "user", "avatar", "comment", "reply", "tag", "cat", "more", "share", "btn", "button"):
			l.worth -= 30
		}
		if !l.id {
			l.worth -= 10
		}
		d.links[n] = l
		d.order = append(d.order, n)
		return i < mostLinks
	})
}

// repeated is elements of one parent and one name that hold links to articles.
type repeated struct {
	name    string
	entries []*html.Node
}

// groups lists what repeats itself on the page, the largest first.
func (d *detection) groups() []*repeated {
	type place struct {
		parent *html.Node
		name   string
	}
	at := make(map[place]*repeated)
	var all []*repeated
	for _, n := range d.order {
		if width(d.links[n].title) < wideTitle || d.frame.hold(n) {
			continue
		}
		e := n
		for range climb {
			if e.Parent == nil || e.DataAtom == atom.Body || e.DataAtom == atom.Html {
				break
			}
			p := place{e.Parent, e.Data}
			g := at[p]
			if g == nil {
				g = &repeated{name: e.Data}
				at[p] = g
				all = append(all, g)
			}
			if k := len(g.entries); k == 0 || g.entries[k-1] != e {
				g.entries = append(g.entries, e)
			}
			e = e.Parent
		}
	}
	// Entries that stand alone in their parents, as in a grid, are found by a class.
	slices.SortStableFunc(all, func(a, b *repeated) int { return len(b.entries) - len(a.entries) })
	return all[:min(len(all), tried)]
}

// judge scores the list that a selector finds, and finds the parts of its entries. The
// score grows with the number of entries and the width of their titles, and with dates;
// it falls with whatever else the entries link to. Where the score cannot exceed best
// the parts are not looked for.
func (d *detection) judge(css string, best float64) (Selectors, float64) {
	matcher, err := compileSelector(css)
	if err != nil {
		return Selectors{}, 0 // a class that cannot be written in a selector
	}
	found := d.doc.FindMatcher(matcher.css)
	if found.Length() < fewest {
		return Selectors{}, 0
	}
	found = found.Slice(0, min(found.Length(), sampled))
	var entries []entryLink
	addresses := make(map[string]bool)
	titles, ids, framed, others := 0.0, 0.0, 0.0, 0.0
	found.Each(func(_ int, element *goquery.Selection) {
		e, more, ok := d.entry(element)
		if !ok || addresses[d.links[e.link].to] {
			return
		}
		l := d.links[e.link]
		addresses[l.to] = true
		entries = append(entries, e)
		titles += float64(min(width(l.title), 60))
		others += float64(more)
		if l.id {
			ids++
		}
		if d.frame.hold(element.Nodes[0]) {
			framed++
		}
	})
	n := float64(len(entries))
	if n < fewest || n < shareOfList*float64(found.Length()) {
		return Selectors{}, 0
	}
	undated := math.Pow(min(n, 40), 0.6) *
		min(titles/n/24, 1.5) *
		(0.3 + 0.7*ids/n) *
		(n / float64(found.Length())) *
		math.Pow(n/(n+others), 2) *
		(1 - 0.9*framed/n)
	if 2*undated <= best {
		return Selectors{}, 0
	}
	sel := Selectors{Item: css}
	if !d.linkSelector(entries, &sel) {
		return Selectors{}, 0
	}
	dated := d.dateSelector(entries, &sel)
	d.titleBesideDate(entries, &sel)
	score := undated * (0.4 + 1.6*dated)
	if titles/n < wideTitle || dated < shareOfList && titles/n < 2*wideTitle {
		return sel, 0 // a menu
	}
	return sel, score
}

// entryLink is an entry with the link that stands for it.
type entryLink struct {
	element *goquery.Selection
	link    *html.Node
}

// entry picks the link of an entry: the one most like a headline. More counts what
// else in it could be an article's title.
func (d *detection) entry(element *goquery.Selection) (e entryLink, more int, ok bool) {
	e.element = element
	best := link{worth: math.Inf(-1)}
	var wide []string
	for n := range elements(element.Nodes[0]) {
		l, isLink := d.links[n]
		if !isLink || l.title == "" {
			continue
		}
		if l.worth > best.worth {
			best, e.link = l, n
		}
		if width(l.title) >= 2*wideTitle && l.id && !slices.Contains(wide, l.to) {
			wide = append(wide, l.to)
		}
	}
	for _, to := range wide {
		if to != best.to {
			more++
		}
	}
	return e, more, best.worth >= 0 && width(best.title) >= wideTitle/2
}

// isCut tells of a title that the page shows a part of.
func isCut(title string) bool {
	title = strings.TrimSpace(title)
	return strings.HasSuffix(title, "...") || strings.HasSuffix(title, "…")
}

// width is how many columns a text takes on a terminal, near enough: a character beyond
// Latin takes two.
func width(text string) int {
	columns := 0
	for _, r := range text {
		columns++
		if unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul) {
			columns++
		}
	}
	return columns
}
