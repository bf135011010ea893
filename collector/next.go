package collector

import (
	"net/url"
	"path"
	"regexp"
	"strings"

	"github.com/PuerkitoBio/goquery"
)

// nextText are the words of a link that leads to the next page of the same thing. The
// link to the next article (下一篇) has others.
var nextText = regexp.MustCompile(`^[\[【(（\s]*(?:下一?页|下一?頁|后一?页|後一?頁|(?i:next(?: page)?|older(?: posts| entries)?))[\s>»›→\])）】]*$`)

// nextPage is the address of the page after this one, empty if there is none: what a
// link element or an anchor of the relation "next" names, else an anchor with such words.
func nextPage(doc *goquery.Document, base string) string {
	for _, css := range []string{`link[rel~="next"][href]`, `a[rel~="next"][href]`} {
		if address := resolve(doc.Find(css).First().AttrOr("href", ""), base); isWebAddress(address) {
			return address
		}
	}
	address := ""
	doc.Find("a[href]").EachWithBreak(func(_ int, a *goquery.Selection) bool {
		if to := resolve(a.AttrOr("href", ""), base); nextText.MatchString(a.Text()) && isWebAddress(to) {
			address = to
		}
		return address == ""
	})
	return address
}

// pageNumber is what sites put behind an article's address for its further pages.
var pageNumber = regexp.MustCompile(`^[-_/](?:p|page)?[-_/]?\d{1,3}$`)

// continues reports whether next is a further page of the article at address, such as
// /a/17_2.html or /a/17.html?page=2 of /a/17.html, and not another article.
func continues(address, next string) bool {
	from, err := url.Parse(CanonicalURL(address))
	if err != nil {
		return false
	}
	to, err := url.Parse(CanonicalURL(next))
	if err != nil || to.Host != from.Host {
		return false
	}
	stem := func(u *url.URL) string {
		p := strings.TrimSuffix(u.Path, "/")
		return strings.TrimSuffix(p, path.Ext(p))
	}
	if stem(to) == stem(from) {
		return to.RawQuery != from.RawQuery && onlyPageDiffers(from.Query(), to.Query())
	}
	rest, found := strings.CutPrefix(stem(to), stem(from))
	return found && pageNumber.MatchString(rest)
}

// onlyPageDiffers reports whether two queries ask for the same article.
func onlyPageDiffers(a, b url.Values) bool {
	for _, values := range []url.Values{a, b} {
		for name := range values {
			switch strings.ToLower(name) {
			case "page", "p", "pg", "pn", "pageno", "page_no", "curpage", "pageindex":
			default:
				if a.Get(name) != b.Get(name) {
					return false
				}
			}
		}
	}
	return true
}
