package collector

import "testing"

// The assertions are those of RFC 9309: its ABNF and text by section, the examples of
// sections 2.2.2, 2.2.3 and 5, and, where the RFC is silent, what Google documents of
// its own parser. Each robots.txt is asked for FooBot.
var robotsCases = []struct {
	section, robots, path string
	allowed               bool
}{
	// 2.1, 2.2.1: groups and whom they are for
	{"2.1 no rules", "", "/x", true},
	{"2.1 rule without group", "Disallow: /\n", "/x", true},
	{"2.1 group without rules", "User-agent: *\n", "/x", true},
	{"2.2.1 any", "User-agent: *\nDisallow: /\n", "/x", false},
	{"2.2.1 named", "User-agent: FooBot\nDisallow: /\n", "/x", false},
	{"2.2.1 another", "User-agent: BarBot\nDisallow: /\n", "/x", true},
	{"2.2.1 name is case-insensitive", "User-agent: FOOBOT\nDisallow: /\n", "/x", false},
	{"2.2.1 name goes before any", "User-agent: *\nDisallow: /\n\nUser-agent: FooBot\nAllow: /\n", "/x", true},
	{"2.2.1 name goes before any, whatever the order", "User-agent: FooBot\nDisallow: /\n\nUser-agent: *\nAllow: /\n", "/x", false},
	{"2.2.1 own group without rules", "User-agent: *\nDisallow: /\n\nUser-agent: FooBot\nDisallow:\n", "/x", true},
	{"2.2.1 groups of one name are one", "User-agent: FooBot\nDisallow: /a\n\nUser-agent: BarBot\nDisallow: /c\n\nUser-agent: FooBot\nDisallow: /b\n", "/b", false},
	{"2.2.1 groups of one name are one, the first", "User-agent: FooBot\nDisallow: /a\n\nUser-agent: *\nDisallow: /c\n\nUser-agent: foobot\nDisallow: /b\n", "/a", false},
	{"2.2.1 groups for any are one", "User-agent: *\nDisallow: /a\n\nUser-agent: x\nDisallow: /c\n\nUser-agent: *\nDisallow: /b\n", "/a", false},
	{"2.2.1 two names, one group", "User-agent: BarBot\nUser-agent: FooBot\nDisallow: /\n", "/x", false},
	{"2.2.1 two names, the other order", "User-agent: FooBot\nUser-agent: BarBot\nDisallow: /\n", "/x", false},
	{"2.2.1 a rule ends the names", "User-agent: FooBot\nAllow: /\nUser-agent: BarBot\nDisallow: /\n", "/x", true},
	{"2.2.1 longer name is another", "User-agent: FooBotNews\nDisallow: /\n", "/x", true},
	{"2.2.1 shorter name is another", "User-agent: Foo\nDisallow: /\n", "/x", true},
	{"2.2.1 name with a version", "User-agent: FooBot/1.2\nDisallow: /\n", "/x", false},
	{"2.2.1 name up to the first space", "User-agent: FooBot Images\nDisallow: /\n", "/x", false},
	{"2.2.1 star with more", "User-agent: *bot\nDisallow: /\n", "/x", true},
	{"2.2.1 named and any in one group", "User-agent: *\nUser-agent: FooBot\nDisallow: /a\n", "/a", false},
	{"2.2.1 blank lines do not end a group", "User-agent: FooBot\n\n\nDisallow: /\n", "/x", false},

	// 2.2: lines
	{"2.2 CR alone", "User-agent: FooBot\rDisallow: /\r", "/x", false},
	{"2.2 CR LF", "User-agent: FooBot\r\nDisallow: /\r\n", "/x", false},
	{"2.2 no line end at the end", "User-agent: FooBot\nDisallow: /", "/x", false},
	{"2.2 byte order mark", "\ufeffUser-agent: FooBot\nDisallow: /\n", "/x", false},
	{"2.2 space before the colon", "User-agent : FooBot\nDisallow : /\n", "/x", false},
	{"2.2 space before the key", "  User-agent: FooBot\n\tDisallow: /\n", "/x", false},
	{"2.2 no space after the colon", "User-agent:FooBot\nDisallow:/\n", "/x", false},
	{"2.2 key is case-insensitive", "USER-AGENT: FooBot\ndisALLOW: /\n", "/x", false},
	{"2.2 comment at the end", "User-agent: FooBot # it\nDisallow: / # all\n", "/x", false},
	{"2.2 comment line", "# User-agent: FooBot\nUser-agent: BarBot\nDisallow: /\n", "/x", true},
	{"2.2 comment between", "User-agent: FooBot\n# here\nDisallow: /\n", "/x", false},
	{"2.2 broken line between", "User-agent: FooBot\n<html>\nDisallow: /\n", "/x", false},
	{"2.2 a page instead of the file", "<!DOCTYPE html><html><body>User-agent: *<br>Disallow: /</body></html>", "/x", true},
	{"2.2 path is case-sensitive", "User-agent: FooBot\nDisallow: /X\n", "/x", true},
	{"2.2 colon in the value", "User-agent: FooBot\nDisallow: /a:b\n", "/a:b", false},
	{"2.2 colon forgotten", "User-agent FooBot\nDisallow /\n", "/x", false},
	{"2.2 misspelt", "User agent: FooBot\nDissallow: /\n", "/x", false},

	// 2.2.2: paths
	{"2.2.2 beginning of a path", "User-agent: FooBot\nDisallow: /fish\n", "/fishheads/yummy.html", false},
	{"2.2.2 query", "User-agent: FooBot\nDisallow: /fish\n", "/fish.php?id=anything", false},
	{"2.2.2 not inside of a path", "User-agent: FooBot\nDisallow: /fish\n", "/catfish", true},
	{"2.2.2 folder", "User-agent: FooBot\nDisallow: /fish/\n", "/fish", true},
	{"2.2.2 in the folder", "User-agent: FooBot\nDisallow: /fish/\n", "/fish/salmon.htm", false},
	{"2.2.2 empty path", "User-agent: FooBot\nDisallow:\n", "/x", true},
	{"2.2.2 path without slash", "User-agent: FooBot\nDisallow: fish\n", "/fish", true},
	{"2.2.2 longest, allow", "User-agent: FooBot\nDisallow: /a/\nAllow: /a/b/\n", "/a/b/c", true},
	{"2.2.2 longest, disallow", "User-agent: FooBot\nAllow: /a/\nDisallow: /a/b/\n", "/a/b/c", false},
	{"2.2.2 longest, whatever the order", "User-agent: FooBot\nAllow: /a/b/\nDisallow: /a/\n", "/a/b/c", true},
	{"2.2.2 of equals allow", "User-agent: FooBot\nDisallow: /a\nAllow: /a\n", "/a", true},
	{"2.2.2 of equals allow, whatever the order", "User-agent: FooBot\nAllow: /a\nDisallow: /a\n", "/a", true},
	{"2.2.2 robots.txt itself", "User-agent: FooBot\nDisallow: /\n", "/robots.txt", true},
	{"2.2.2 plain query", "User-agent: FooBot\nDisallow: /foo/bar?baz=quz\n", "/foo/bar?baz=quz", false},
	{"2.2.2 another query", "User-agent: FooBot\nDisallow: /foo/bar?baz=quz\n", "/foo/bar?baz=xxx", true},
	{"2.2.2 address in a query", "User-agent: FooBot\nDisallow: /foo/bar?baz=https://foo.bar\n", "/foo/bar?baz=https%3A%2F%2Ffoo.bar", false},
	{"2.2.2 encoded address in a query", "User-agent: FooBot\nDisallow: /foo/bar?baz=https%3A%2F%2Ffoo.bar\n", "/foo/bar?baz=https://foo.bar", false},
	{"2.2.2 octets of UTF-8", "User-agent: FooBot\nDisallow: /foo/bar/ツ\n", "/foo/bar/%E3%83%84", false},
	{"2.2.2 encoded octets", "User-agent: FooBot\nDisallow: /foo/bar/%E3%83%84\n", "/foo/bar/%E3%83%84", false},
	{"2.2.2 encoded octets, lower case", "User-agent: FooBot\nDisallow: /foo/bar/%e3%83%84\n", "/foo/bar/%E3%83%84", false},
	{"2.2.2 octets in the address", "User-agent: FooBot\nDisallow: /foo/bar/%E3%83%84\n", "/foo/bar/ツ", false},
	{"2.2.2 encoded letters", "User-agent: FooBot\nDisallow: /foo/bar/%62%61%7A\n", "/foo/bar/baz", false},
	{"2.2.2 encoded letters in the address", "User-agent: FooBot\nDisallow: /foo/bar/baz\n", "/foo/bar/%62%61%7A", false},
	{"2.2.2 encoded slash is no slash", "User-agent: FooBot\nDisallow: /a%2Fb\n", "/a/b", true},
	{"2.2.2 encoded slash", "User-agent: FooBot\nDisallow: /a%2Fb\n", "/a%2fb", false},
	{"2.2.2 percent sign alone", "User-agent: FooBot\nDisallow: /100%\n", "/100%25", false},
	{"2.2.2 index page is the folder", "User-agent: FooBot\nAllow: /a/index.html\nDisallow: /\n", "/a/", true},
	{"2.2.2 index page is not all of the folder", "User-agent: FooBot\nAllow: /a/index.html\nDisallow: /\n", "/a/b", false},

	// 2.2.3: special characters
	{"2.2.3 end", "User-agent: FooBot\nAllow: /this/path/exactly$\nDisallow: /\n", "/this/path/exactly", true},
	{"2.2.3 beyond the end", "User-agent: FooBot\nAllow: /this/path/exactly$\nDisallow: /\n", "/this/path/exactly/not", false},
	{"2.2.3 any characters", "User-agent: FooBot\nAllow: /this/*/exactly\nDisallow: /\n", "/this/path/and/exactly", true},
	{"2.2.3 no characters", "User-agent: FooBot\nDisallow: /a*b\n", "/ab", false},
	{"2.2.3 star at the end", "User-agent: FooBot\nDisallow: /fish*\n", "/fishheads", false},
	{"2.2.3 star and end", "User-agent: FooBot\nDisallow: /*.php$\n", "/folder/filename.php", false},
	{"2.2.3 star and end, with a query", "User-agent: FooBot\nDisallow: /*.php$\n", "/filename.php?parameters", true},
	{"2.2.3 star, then the end further on", "User-agent: FooBot\nDisallow: /*a$\n", "/a/ba", false},
	{"2.2.3 two stars", "User-agent: FooBot\nDisallow: /fish*.php*x\n", "/fishheads/catfish.php?x=1", false},
	{"2.2.3 parts in their order", "User-agent: FooBot\nDisallow: /a*c*b\n", "/abc", true},
	{"2.2.3 part must not overlap", "User-agent: FooBot\nDisallow: /*aba*aba$\n", "/ababa", true},
	{"2.2.3 star first", "User-agent: FooBot\nDisallow: *x\n", "/a/x", false},
	{"2.2.3 folder and all", "User-agent: FooBot\nDisallow: /$\n", "/a", true},
	{"2.2.3 root alone", "User-agent: FooBot\nDisallow: /$\n", "/", false},
	{"2.2.3 literal star", "User-agent: FooBot\nDisallow: /path/file-with-a-%2A.html\n", "/path/file-with-a-*.html", false},
	{"2.2.3 literal star is no other", "User-agent: FooBot\nDisallow: /path/file-with-a-%2A.html\n", "/path/file-with-a-x.html", true},
	{"2.2.3 literal dollar", "User-agent: FooBot\nDisallow: /path/foo-%24\n", "/path/foo-$", false},
	{"2.2.3 dollar within", "User-agent: FooBot\nDisallow: /a$b\n", "/a$b", false},
	{"2.2.3 wildcard counts by its length", "User-agent: FooBot\nDisallow: /*.htm\nAllow: /page\n", "/page.htm", false},

	// 2.2.4: other records
	{"2.2.4 sitemap within a group", "User-agent: FooBot\nSitemap: https://foo.bar/s.xml\nDisallow: /\n", "/x", false},
	{"2.2.4 sitemap between names", "User-agent: BarBot\nSitemap: https://foo.bar/s.xml\nUser-agent: FooBot\nDisallow: /\n", "/x", false},
	{"2.2.4 unknown record", "User-agent: FooBot\nNoindex: /\n", "/x", true},

	// 5.1
	{"5.1 example, allowed", robotsExample, "/example/page.html", true},
	{"5.1 example, disallowed", robotsExample, "/example/disallowed.gif", false},
	{"5.1 example, another group's", robotsExample, "/publications/", false},
}

const robotsExample = `User-agent: *
Disallow: *.gif$
Disallow: /example/
Allow: /publications/

User-agent: foobot
Disallow:/
Allow:/example/page.html
Allow:/example/allowed.gif

User-agent: barbot
User-agent: bazbot
Disallow: /example/page.html

User-agent: quxbot
`

func TestRobotsRules(t *testing.T) {
	for _, c := range robotsCases {
		if got := parseRobots(c.robots, "FooBot").allows(c.path); got != c.allowed {
			t.Errorf("%s: %s allowed %t, want %t", c.section, c.path, got, c.allowed)
		}
	}
}
