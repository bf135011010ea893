package collector

import (
	"cmp"
	"slices"
	"strings"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// linkSelector finds how the links of the entries, and their titles, are selected. It
// reports whether any selector finds them.
func (d *detection) linkSelector(entries []entryLink, sel *Selectors) bool {
	votes := newBallot()
	for _, e := range entries {
		if e.link == e.element.Nodes[0] {
			votes.add("") // the entry is the link
			continue
		}
		for _, css := range within(e.element.Nodes[0], e.link) {
			votes.add(css)
		}
	}
	agreement := func(css string) float64 {
		s, err := compileSelector(css)
		if err != nil {
			return 0
		}
		agree := 0
		for _, e := range entries {
			if found := s.in(e.element); found.Length() > 0 && found.Nodes[0] == e.link {
				agree++
			}
		}
		return float64(agree) / float64(len(entries))
	}
	link := votes.best(agreement)
	if link == "" && agreement("") == 0 {
		return false
	}
	if link != "a" && link != "" {
		sel.Link = link + "@href"
	}
	if link == "" {
		sel.Link = "@href"
	}
	d.titleSelector(entries, link, sel)
	return true
}

// titleSelector looks for the title where it is not the text of the link: in the
// attribute of a link whose text is cut short, or in a heading within a link that
// holds a whole card.
func (d *detection) titleSelector(entries []entryLink, link string, sel *Selectors) {
	cut, headed, named := 0, 0, 0
	heading := ""
	for _, e := range entries {
		a := goquery.NewDocumentFromNode(e.link).Selection
		switch title := a.AttrOr("title", ""); {
		case title != "" && (isCut(a.Text()) || strings.TrimSpace(a.Text()) == ""):
			cut++
		case title != "":
			named++
		}
		for _, css := range []string{"h1", "h2", "h3", "h4", "h5", "h6", `[class*="title"]`} {
			if a.Find(css).Length() > 0 {
				heading = css
				headed++
				break
			}
		}
	}
	most := len(entries) - len(entries)/10
	switch {
	case cut > 0 && cut+named >= most:
		sel.Title = cmp.Or(link, "") + "@title"
	case headed >= most:
		sel.Title = strings.TrimSpace(link + " " + heading)
	}
}

// titleBesideDate looks for the title where the link holds the date too.
func (d *detection) titleBesideDate(entries []entryLink, sel *Selectors) {
	date, err := compileSelector(sel.Published)
	if sel.Published == "" || sel.Title != "" || err != nil {
		return
	}
	votes := newBallot()
	for _, e := range entries {
		stated := date.in(e.element)
		if stated.Length() == 0 || !goquery.NewDocumentFromNode(e.link).Contains(stated.Nodes[0]) {
			return
		}
		var title *html.Node
		widest := 0
		for n := range elements(e.link) {
			if w := width(visibleText(n, longestDay)); n != e.link && w > widest && !statesDate(n, d.date) {
				title, widest = n, w
			}
		}
		if title != nil && widest >= wideTitle {
			for _, css := range within(e.element.Nodes[0], title) {
				votes.add(css)
			}
		}
	}
	sel.Title = votes.best(func(css string) float64 {
		s, err := compileSelector(css)
		if err != nil {
			return 0
		}
		good := 0
		for _, e := range entries {
			title := s.value(e.element)
			if _, isDate := d.date(title); !isDate && width(title) >= wideTitle {
				good++
			}
		}
		return float64(good) / float64(len(entries))
	})
}

// dateSelector finds where the entries state their time. Dated is the share of them
// that do.
func (d *detection) dateSelector(entries []entryLink, sel *Selectors) (dated float64) {
	votes := newBallot()
	for _, e := range entries[:min(len(entries), 12)] {
		root := e.element.Nodes[0]
		for n := range elements(root) {
			for _, attr := range []string{"datetime", "title", "data-time", "data-timestamp"} {
				if _, ok := d.date(attribute(n, attr)); ok && (n != e.link || attr != "title") {
					for _, css := range within(root, n) {
						if attr != "datetime" || n.DataAtom != atom.Time {
							css += "[" + attr + "]"
						}
						votes.add(css + "@" + attr)
					}
				}
			}
			if n != e.link && statesDate(n, d.date) {
				for _, css := range within(root, n) {
					votes.add(css)
				}
			}
		}
	}
	shares := make(map[string]float64)
	best := votes.best(func(css string) float64 {
		s, err := compileSelector(css)
		if err != nil {
			return 0
		}
		read, exact := 0, 0
		for _, e := range entries {
			m, ok := d.date(s.value(e.element))
			if ok {
				read++
			}
			if ok && !m.rough {
				exact++
			}
		}
		shares[css] = float64(read) / float64(len(entries))
		return shares[css] + 0.2*float64(exact)/float64(len(entries))
	})
	if shares[best] >= shareOfList && best != "time@datetime" {
		sel.Published = best
	}
	return shares[best]
}

// statesDate tells of an element with a date in its text, and not in that of a single
// element within. What is a date is given as a function.
func statesDate(n *html.Node, date func(text string) (moment, bool)) bool {
	if _, ok := date(visibleText(n, longestDay)); !ok {
		return false
	}
	for child := range n.ChildNodes() {
		if child.Type == html.ElementNode {
			if _, ok := date(visibleText(child, longestDay)); ok {
				return false
			}
		}
	}
	return true
}

// ballot counts proposals.
type ballot struct {
	votes map[string]int
	order []string
}

func newBallot() *ballot { return &ballot{votes: make(map[string]int)} }

func (b *ballot) add(css string) {
	if b.votes[css]++; b.votes[css] == 1 {
		b.order = append(b.order, css)
	}
}

// best is the proposal of the highest merit among those named most often; of equals the
// one that was named first. It is empty if there is none.
func (b *ballot) best(merit func(string) float64) string {
	slices.SortStableFunc(b.order, func(x, y string) int { return cmp.Compare(b.votes[y], b.votes[x]) })
	best, most := "", 0.0
	for _, css := range b.order[:min(len(b.order), 16)] {
		if m := merit(css); m > most+0.02 {
			best, most = css, m
		}
	}
	return best
}
