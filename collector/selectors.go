package collector

import (
	"fmt"
	"iter"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// plainName is a class or id that can stand in a selector as it is.
var plainName = regexp.MustCompile(`^[A-Za-z_][-\w]*$`)

// passing are classes that say what an element is at the moment, not what it is for.
var passing = regexp.MustCompile(`(?i)^(?:active|current|cur|on|off|first|last|odd|even|hover|selected|sel|new|top|clearfix|fix|cf|fl|fr|left|right|hidden|show|line|item-?\d+)$|\d{3,}|^post-\d+$`)

// selectors proposes how the entries of a group are selected on the whole page: by a
// class of theirs, by the beginning of their ids, or by what they stand in. What
// names more comes first, so that of equals the general one is kept.
func (g *repeated) selectors() []string {
	if len(g.entries) == 0 {
		return nil
	}
	var all []string
	common := commonClasses(g.entries)
	for _, class := range common {
		all = append(all, g.name+"."+class)
	}
	if prefix := commonIDPrefix(g.entries); prefix != "" {
		all = append(all, fmt.Sprintf(`%s[id^="%s"]`, g.name, prefix))
	}
	own := append([]string{g.name}, prefixed(g.name+".", common)...)
	chain := ""
	ancestor := g.entries[0].Parent
	for depth := 0; depth < 4 && ancestor != nil && ancestor.Type == html.ElementNode; depth++ {
		for _, name := range namesOf(ancestor) {
			for _, e := range own {
				all = append(all, name+" "+chain+"> "+e)
			}
		}
		if ancestor.DataAtom == atom.Body {
			break
		}
		chain = "> " + ancestor.Data + " " + chain
		ancestor = ancestor.Parent
	}
	if len(g.entries) >= fewest {
		all = append(all, g.entries[0].Parent.Data+" > "+g.name)
	}
	return all
}

// namesOf are the selectors of an element by itself: its id, its classes.
func namesOf(n *html.Node) []string {
	var names []string
	if id := attribute(n, "id"); plainName.MatchString(id) && !passing.MatchString(id) {
		names = append(names, n.Data+"#"+id)
	}
	return append(names, prefixed(n.Data+".", steadyClasses(n))...)
}

func prefixed(prefix string, names []string) []string {
	var all []string
	for _, name := range names {
		all = append(all, prefix+name)
	}
	return all
}

// within proposes selectors that lead from an entry to a part of it, the shortest first.
func within(root, part *html.Node) []string {
	if part == root {
		return []string{part.Data}
	}
	var all []string
	for _, class := range steadyClasses(part) {
		all = append(all, part.Data+"."+class)
	}
	all = append(all, part.Data)
	for above, depth := part.Parent, 0; above != nil && above != root && depth < 3; above, depth = above.Parent, depth+1 {
		for _, class := range steadyClasses(above) {
			all = append(all, above.Data+"."+class+" "+part.Data)
		}
		if isHeading(above) || above.DataAtom != part.DataAtom && above.DataAtom != atom.Div {
			all = append(all, above.Data+" "+part.Data)
		}
		if n, last := position(above); above.Parent == root && n > 1 {
			all = append(all, fmt.Sprintf("%s:nth-child(%d) %s", above.Data, n, part.Data))
			if last {
				all = append(all, above.Data+":last-child "+part.Data)
			}
		}
	}
	if n, last := position(part); n > 1 {
		if last {
			all = append(all, part.Data+":last-child")
		}
		all = append(all, fmt.Sprintf("%s:nth-child(%d)", part.Data, n))
	}
	return all
}

// position is an element's number among its parent's elements, from 1.
func position(n *html.Node) (number int, last bool) {
	number, last = 1, true
	for s := n.PrevSibling; s != nil; s = s.PrevSibling {
		if s.Type == html.ElementNode {
			number++
		}
	}
	for s := n.NextSibling; s != nil; s = s.NextSibling {
		last = last && s.Type != html.ElementNode
	}
	return number, last
}

// commonClasses are the lasting classes that nine in ten of the elements have.
func commonClasses(entries []*html.Node) []string {
	count := make(map[string]int)
	var order []string
	for _, e := range entries {
		for _, class := range steadyClasses(e) {
			if count[class]++; count[class] == 1 {
				order = append(order, class)
			}
		}
	}
	return slices.DeleteFunc(order, func(class string) bool { return count[class]*10 < len(entries)*9 })
}

// steadyClasses are the classes of an element that say what it is for.
func steadyClasses(n *html.Node) []string {
	return slices.DeleteFunc(strings.Fields(attribute(n, "class")), func(class string) bool {
		return !plainName.MatchString(class) || passing.MatchString(class)
	})
}

// commonIDPrefix is how the ids of most elements begin, such as normalthread_.
func commonIDPrefix(entries []*html.Node) string {
	count := make(map[string]int)
	best := ""
	for _, e := range entries {
		prefix := strings.TrimRight(attribute(e, "id"), "0123456789")
		count[prefix]++
		if prefix != attribute(e, "id") && len(prefix) > 2 && plainName.MatchString(prefix) && count[prefix] > count[best] {
			best = prefix
		}
	}
	if best == "" || count[best]*10 < len(entries)*6 {
		return ""
	}
	return best
}

// classes are the class, id and rel of an element, in small letters.
func classes(n *html.Node) string {
	return strings.ToLower(attribute(n, "class") + " " + attribute(n, "id") + " " + attribute(n, "rel"))
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func containsAny(text string, words ...string) bool {
	return slices.ContainsFunc(words, func(word string) bool { return strings.Contains(text, word) })
}

func isHeading(n *html.Node) bool {
	return len(n.Data) == 2 && n.Data[0] == 'h' && n.Data[1] >= '1' && n.Data[1] <= '6'
}

// besideHeading reports whether a link stands in a heading, or holds one.
func besideHeading(n *html.Node) bool {
	for above, depth := n.Parent, 0; above != nil && depth < 3; above, depth = above.Parent, depth+1 {
		if isHeading(above) {
			return true
		}
	}
	for e := range elements(n) {
		if isHeading(e) {
			return true
		}
	}
	return false
}

const lookedAt = 2000 // nodes of one entry

// elements are the element nodes of a tree, its root first, as they stand on the page.
func elements(root *html.Node) iter.Seq[*html.Node] {
	return func(yield func(*html.Node) bool) {
		if !yield(root) {
			return
		}
		n := 0
		for d := range root.Descendants() {
			if n++; n > lookedAt {
				return
			}
			if d.Type == html.ElementNode && !yield(d) {
				return
			}
		}
	}
}

// visibleText is the text in a tree, up to about so many bytes.
func visibleText(root *html.Node, most int) string {
	var b strings.Builder
	n := 0
	for d := range root.Descendants() {
		if n++; n > lookedAt || b.Len() > most {
			break
		}
		if d.Type == html.TextNode && (d.Parent == nil || !unseen(d.Parent.DataAtom)) {
			b.WriteString(d.Data)
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// articleAddress recognises what names an article in an address: a number, a date, a
// slug of several words, a file.
var articleAddress = regexp.MustCompile(`\d{3,}|\d+[-_/]\d+|/\d+/?$|[a-z0-9]+(?:-[a-z0-9]+){3,}|\.s?html?$|%[0-9A-Fa-f]{2}.*%|[?&](?:id|tid|aid|nid|newsid|p|articleid)=\w|/(?:p|a|t|s|post|article|news|story)/[\w-]+/?$`)

func namesArticle(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	where := u.EscapedPath()
	if u.RawQuery != "" {
		where += "?" + u.RawQuery
	}
	return articleAddress.MatchString(where) && !strings.HasSuffix(where, "/index.html") && where != "/"
}
