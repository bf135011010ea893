package collector

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// frames remembers which elements belong to what frames a page's content: menus,
// header, footer, side columns.
type frames map[*html.Node]bool

// hold reports whether an element belongs to the frame.
func (f frames) hold(n *html.Node) bool {
	if n == nil || n.Type != html.ElementNode {
		return false
	}
	if known, ok := f[n]; ok {
		return known
	}
	result := f.hold(n.Parent)
	switch n.DataAtom {
	case atom.Nav, atom.Footer, atom.Aside:
		result = true
	case atom.Body, atom.Html, atom.Main, atom.Article:
	default:
		for _, name := range strings.FieldsFunc(classes(n), func(r rune) bool { return r == ' ' || r == '-' || r == '_' }) {
			switch name {
			case "nav", "navbar", "navigation", "menu", "foot", "footer", "sidebar", "aside", "breadcrumb", "breadcrumbs", "crumb", "crumbs", "copyright",
				"friendlink", "friendlinks", "toolbar", "pager", "pagination", "login", "rank", "ranking", "hot", "related", "recommend", "widget", "subnav":
				result = true
			}
		}
	}
	f[n] = result
	return result
}
