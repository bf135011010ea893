package collector

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// The kinds of sources that are attacked, besides feeds and those of [Offer].
const (
	kindRSSHub = "rsshub"
	kindList   = "list"     // a page whose list is found by itself
	kindAsked  = "discover" // an address that is asked what it offers
)

// attack is what a hostile publisher does, and what the operator sees of it.
type attack struct {
	name  string
	kind  string // of the source: a feed if empty, else one of those below
	to    string // an address that the server redirects to; instead of serve
	serve http.HandlerFunc
	says  string // part of the error; empty where the source is read in spite of the attack
	any   bool   // an error and items are both right, as long as no harm is done
	slow  bool   // it is to be given up for its time alone: others have more than a busy machine needs
}

const oneItem = `<rss version="2.0"><channel><title>t</title><item><guid>1</guid><title>星禾召回部分充电器</title><link>https://news.example/1</link></item></channel></rss>`

// sends serves bytes.
func sends(contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		io.WriteString(w, body)
	}
}

func sendXML(body string) http.HandlerFunc  { return sends("application/rss+xml; charset=utf-8", body) }
func sendHTML(body string) http.HandlerFunc { return sends("text/html; charset=utf-8", body) }
func sendItem(inner string) http.HandlerFunc {
	return sendXML(`<rss version="2.0" xmlns:xi="http://www.w3.org/2001/XInclude"><channel><item><guid>1</guid>` + inner + `</item></channel></rss>`)
}

// sendPacked serves a body that a content coding has made small.
func sendPacked(coding string, body []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", coding)
		w.Write(body)
	}
}

// sendRaw serves bytes in place of an HTTP answer, then calls more as long as it says so.
func sendRaw(first string, more func(n int) (string, bool)) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		defer conn.Close()
		if _, err := io.WriteString(conn, first); err != nil || more == nil {
			return
		}
		for n := 0; ; n++ {
			piece, on := more(n)
			if _, err := io.WriteString(conn, piece); err != nil || !on {
				return
			}
		}
	}
}

// sendEndless writes a piece again and again until the client has had enough.
func sendEndless(head, piece string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/rss+xml")
		if _, err := io.WriteString(w, head); err != nil {
			return
		}
		piece := strings.Repeat(piece, 1+(32<<10)/len(piece))
		for {
			if _, err := io.WriteString(w, piece); err != nil {
				return
			}
		}
	}
}

// sendSlowly writes a piece at a time, for longer than the client waits.
func sendSlowly(head, piece string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, head)
		for {
			select {
			case <-r.Context().Done():
				return
			case <-time.After(20 * time.Millisecond):
			}
			io.WriteString(w, piece)
			w.(http.Flusher).Flush()
		}
	}
}

// paths serves an address each its own way, those that are not named by that of "", and
// otherwise answers that there is nothing.
func paths(serves map[string]http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		serve, named := serves[r.URL.Path]
		if !named && r.URL.Path != "/robots.txt" {
			serve = serves[""]
		}
		if serve == nil {
			serve = http.NotFound
		}
		serve(w, r)
	}
}

func redirects(to string) http.HandlerFunc { return withHeader("Location", to, http.StatusFound, "") }

func sendNothing(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

func withHeader(name, value string, status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header()[name] = []string{value}
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

const (
	internal = "is an internal address"
	number   = "is a number and no host name"
	noName   = "no such host"
	noTime   = "no complete answer within"
	tooLarge = "is larger than"
)

// attacks lists them by class. {inner} is the address of a server inside, {allowed} of
// one that the user's own sources may reach.
func attacks(t *testing.T) map[string][]attack {
	zeros := make([]byte, 64<<20)
	nested := func(open string, n int, end string) string { return strings.Repeat(open, n) + end }
	const ok, endOfHead = "HTTP/1.1 200 OK\r\n", "\r\n"
	return map[string][]attack{
		"addresses": {
			{name: "loopback", to: "http://{inner}/", says: internal},
			{name: "allowed for others", to: "http://{allowed}/", says: "may not lead there"},
			{name: "allowed for others in full-width digits", to: "http://{allowed wide}/", says: "may not lead there"},
			{name: "allowed for others in capitals", to: "http://RSSHUB.example:{allowed port}/", says: "may not lead there"},
			{name: "allowed for others, user before", to: "http://x@rsshub.example:{allowed port}/", says: "may not lead there"},
			{name: "allowed for others with a dot", to: "http://rsshub.example.:{allowed port}/", says: internal},
			{name: "allowed for others by its address", to: "http://[::ffff:{allowed}", says: "no address"},
			{name: "localhost", to: "http://localhost:{port}/", says: internal},
			{name: "localhost with a dot", to: "http://localhost.:{port}/", says: internal},
			{name: "all of 127", to: "http://127.8.8.8:{port}/", says: internal},
			{name: "this host", to: "http://0.0.0.0:{port}/", says: internal},
			{name: "this network", to: "http://0.1.2.3/", says: internal},
			{name: "private 10", to: "http://10.0.0.1/", says: internal},
			{name: "private 172.16", to: "http://172.31.255.1/", says: internal},
			{name: "private 192.168", to: "http://192.168.1.1/", says: internal},
			{name: "metadata", to: "http://169.254.169.254/latest/meta-data/", says: internal},
			{name: "metadata of containers", to: "http://169.254.170.2/v2/credentials", says: internal},
			{name: "metadata in shared space", to: "http://100.100.100.200/", says: internal},
			{name: "metadata in protocol assignments", to: "http://192.0.0.192/", says: internal},
			{name: "metadata at a public address", to: "http://168.63.129.16/", says: internal},
			{name: "carrier-grade NAT", to: "http://100.64.0.1/", says: internal},
			{name: "benchmarks", to: "http://198.18.0.1/", says: internal},
			{name: "documentation", to: "http://203.0.113.5/", says: internal},
			{name: "6to4 relay", to: "http://192.88.99.1/", says: internal},
			{name: "multicast", to: "http://224.0.0.1/", says: internal},
			{name: "broadcast", to: "http://255.255.255.255/", says: internal},
			{name: "reserved", to: "http://240.0.0.1/", says: internal},
			{name: "IPv6 loopback", to: "http://[::1]:{port}/", says: internal},
			{name: "IPv6 unspecified", to: "http://[::]:{port}/", says: internal},
			{name: "IPv4-mapped", to: "http://[::ffff:127.0.0.1]:{port}/", says: internal},
			{name: "IPv4-mapped in hexadecimal", to: "http://[::ffff:a9fe:a9fe]/", says: internal},
			{name: "IPv4-compatible", to: "http://[::127.0.0.1]:{port}/", says: internal},
			{name: "NAT64", to: "http://[64:ff9b::7f00:1]:{port}/", says: internal},
			{name: "NAT64 of a site", to: "http://[64:ff9b:1::a9fe:a9fe]/", says: internal},
			{name: "6to4", to: "http://[2002:7f00:1::]:{port}/", says: internal},
			{name: "Teredo", to: "http://[2001:0:1:2:3:4:80ff:fffe]:{port}/", says: internal},
			{name: "link-local", to: "http://[fe80::1]/", says: internal},
			{name: "link-local with a zone", to: "http://[fe80::1%25lo]/", says: internal},
			{name: "global with a zone", to: "http://[2606:4700::1%25lo]/", says: internal},
			{name: "site-local", to: "http://[fec0::1]/", says: internal},
			{name: "unique local metadata", to: "http://[fd00:ec2::254]/", says: internal},
			{name: "IPv6 multicast", to: "http://[ff02::1]/", says: internal},
			{name: "IPv6 documentation", to: "http://[2001:db8::1]/", says: internal},
			{name: "IPv6 discard", to: "http://[100::1]/", says: internal},
			{name: "decimal number", to: "http://2130706433:{port}/", says: number},
			{name: "hexadecimal number", to: "http://0x7f000001:{port}/", says: number},
			{name: "octal parts", to: "http://0177.0.0.1:{port}/", says: number},
			{name: "hexadecimal part", to: "http://127.0.0.0x1:{port}/", says: number},
			{name: "two parts", to: "http://127.1:{port}/", says: number},
			{name: "number beyond 64 bits", to: "http://99999999999999999999/", says: number},
			{name: "full-width digits", to: "http://１２７.０.０.１:{port}/", says: internal},
			{name: "circled digits", to: "http://①②⑦.⓪.⓪.①:{port}/", says: internal},
			{name: "ideographic stops", to: "http://127。0。0。1:{port}/", says: internal},
			{name: "a name of loopback", to: "http://inside.example:{port}/", says: internal},
			{name: "a name of metadata", to: "http://metadata.example/", says: internal},
			{name: "a name of loopback in IPv6", to: "http://inside6.example:{port}/", says: internal},
			{name: "article inside", kind: kindPage, serve: sendHTML(`<li><a href="http://{inner}/1">x</a></li>`), says: internal},
			{name: "article at an allowed address", kind: kindPage, serve: sendHTML(`<li><a href="http://{allowed}/1">x</a></li>`), says: "may not lead there"},
			{name: "base inside", kind: kindPage, serve: sendHTML(`<base href="http://{inner}/"><li><a href="1">x</a></li>`), says: internal},
			{name: "robots.txt inside", kind: kindPage, serve: func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Location", "http://{inner}/")
				w.WriteHeader(302)
			}, says: internal},
			{name: "next page of a list inside", kind: kindPage, serve: paths(map[string]http.HandlerFunc{
				"/": sendHTML(`<link rel=next href="http://{inner}/"><li><a href="/1">x</a></li>`), "/1": sendHTML("<p>x"),
			}), says: internal},
			{name: "next page of an article inside", kind: kindPage, serve: paths(map[string]http.HandlerFunc{
				"/": sendHTML(`<li><a href="/1">x</a></li>`), "/1": sendHTML(`<link rel=next href="http://{inner}/1_2"><p>x`),
			})},
			{name: "list that is found, inside", kind: kindList, serve: sendHTML(strings.Repeat(`<li><a href="http://{inner}/news/20261122.html">星禾召回部分充电器</a></li>`, 1) +
				`<li><a href="http://{inner}/news/20261123.html">星禾门店开业促销活动</a></li><li><a href="http://{inner}/news/20261124.html">星禾手机今日降价五百</a></li>`), says: internal},
			{name: "sitemap inside", kind: kindSitemap, to: "http://{inner}/", says: internal},
			{name: "part of a sitemap inside", kind: kindSitemap, serve: sendXML(`<sitemapindex><sitemap><loc>http://{inner}/</loc></sitemap></sitemapindex>`), says: internal},
			{name: "part of a sitemap at an allowed address", kind: kindSitemap, serve: sendXML(`<sitemapindex><sitemap><loc>http://{allowed}/</loc></sitemap></sitemapindex>`), says: "may not lead there"},
			{name: "article of a sitemap inside", kind: kindSitemap, serve: sendXML(`<urlset><url><loc>http://{inner}/1</loc></url></urlset>`), says: internal},
			{name: "article of a sitemap is a file", kind: kindSitemap, serve: sendXML(`<urlset><url><loc>file:///etc/passwd</loc></url></urlset>`), says: "names no address"},
			{name: "route of RSSHub inside", kind: kindRSSHub, to: "http://{inner}/", says: internal},
			{name: "route of RSSHub at an allowed address", kind: kindRSSHub, to: "http://{allowed}/", says: "may not lead there"},
			{name: "address that is asked, inside", kind: kindAsked, to: "http://{inner}/", says: internal},
			{name: "feed that a page names, inside", kind: kindAsked, serve: sendHTML(`<link rel=alternate type=application/rss+xml href="http://{inner}/feed">`), says: "names no feed"},
			{name: "sitemap that robots.txt names, inside", kind: kindAsked, serve: paths(map[string]http.HandlerFunc{
				"/": sendHTML("<p>x"), "/robots.txt": sends("text/plain", "Sitemap: http://{inner}/news.xml\nSitemap: http://{allowed}/news.xml\n"),
			}), says: "names no feed"},
		},
		"redirects": {
			{name: "sitemap to a script", kind: kindSitemap, to: "javascript:alert(1)", says: `scheme "javascript"`},
			{name: "part of a sitemap to itself", kind: kindSitemap, serve: paths(map[string]http.HandlerFunc{
				"/": sendXML(`<sitemapindex><sitemap><loc>/a</loc></sitemap></sitemapindex>`), "/a": redirects("/a"),
			}), says: "more than 5 redirects"},
			{name: "feed that a page names to a file", kind: kindAsked, serve: paths(map[string]http.HandlerFunc{
				"/": sendHTML(`<link rel=alternate type=application/rss+xml href=/feed>`), "/feed": redirects("file:///etc/passwd"),
			}), says: "names no feed"},
			{name: "route of RSSHub to gopher", kind: kindRSSHub, to: "gopher://{inner}/_GET%20/", says: `scheme "gopher"`},
			{name: "to itself", to: "/", says: "more than 5 redirects"},
			{name: "to a new address each time", serve: func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, r.URL.Path+"x", http.StatusMovedPermanently)
			}, says: "more than 5 redirects"},
			{name: "to a file", to: "file:///etc/passwd", says: `scheme "file"`},
			{name: "to gopher", to: "gopher://{inner}/_GET%20/", says: `scheme "gopher"`},
			{name: "to a script", to: "javascript:alert(1)", says: `scheme "javascript"`},
			{name: "to data", to: "data:text/xml,<rss/>", says: `scheme "data"`},
			{name: "to a socket", to: "http+unix://%2Frun%2Fdocker.sock/", says: "no address"},
			{name: "without an address", serve: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(301) }, says: "without an address"},
			{name: "to what is no address", to: "http://[::1", says: "no address"},
			{name: "without a host", to: "http:///etc/passwd", says: "not an http or https address"},
			{name: "relative to the scheme", to: "//{inner}/", says: internal},
			{name: "user that looks like a host", to: "http://news.example@{inner}/", says: internal},
			{name: "backslash", to: `http://news.example\@{inner}/`, says: "no address"},
			{name: "to a mail server", to: "http://news.invalid:25/", says: "port 25 does not serve web pages"},
			{name: "to a shell", to: "http://news.invalid:22/", says: "port 22"},
			{name: "to a chat server", to: "http://news.invalid:6667/", says: "port 6667"},
			{name: "to a port beyond all", to: "http://news.invalid:99999/", says: "not an http or https address"},
			{name: "to a megabyte", to: "http://news.invalid/" + strings.Repeat("a", 100<<10), says: "longer than 8192 bytes"},
			{name: "in a header that is none", serve: withHeader("Refresh", "0; url=http://{inner}/", 200, oneItem)},
			{name: "in mark-up", kind: kindPage, serve: sendHTML(`<meta http-equiv="refresh" content="0; url=http://{inner}/"><p>x`), says: "finds nothing"},
		},
		"bombs": {
			{name: "gzip", serve: sendPacked("gzip", compressed(t, "gzip", zeros)), says: tooLarge},
			{name: "brotli", serve: sendPacked("br", compressed(t, "br", zeros)), says: tooLarge},
			{name: "zstd", serve: sendPacked("zstd", compressed(t, "zstd", zeros)), says: tooLarge},
			{name: "deflate", serve: sendPacked("deflate", compressed(t, "deflate", zeros)), says: tooLarge},
			{name: "gzip in gzip", serve: sendPacked("gzip, gzip", compressed(t, "gzip", compressed(t, "gzip", zeros))), says: tooLarge},
			{name: "gzip without a word", serve: sendPacked("", compressed(t, "gzip", zeros)), says: tooLarge},
			{name: "ten codings", serve: sendPacked(strings.Repeat("gzip,", 10), compressed(t, "gzip", zeros)), says: "compressed 10 times over"},
			{name: "zstd with a window of a gigabyte", serve: sendPacked("zstd", []byte("\x28\xb5\x2f\xfd\x00\xa0"+strings.Repeat("\x00", 100))), says: "window size exceeded"},
			{name: "gzip members without end", serve: sendPacked("gzip", bytes.Repeat(compressed(t, "gzip", zeros[:1<<20]), 64)), says: tooLarge},
			{name: "entities of entities", serve: sendXML(`<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">` +
				`<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;">]>` +
				`<rss><channel><item><guid>1</guid><title>&d;</title></item></channel></rss>`), any: true},
			{name: "one long entity, often", serve: sendXML(`<!DOCTYPE r [<!ENTITY a "` + strings.Repeat("a", 100<<10) + `">]><rss><channel><item><title>` +
				strings.Repeat("&a;", 10_000) + `</title></item></channel></rss>`), any: true},
			{name: "depth of XML", serve: sendXML("<rss><channel>" + nested("<a>", 1_000_000, "")), says: "nested deeper"},
			{name: "depth of JSON", serve: sends("application/feed+json", `{"version":"https://jsonfeed.org/version/1.1","items":`+nested("[", 1_000_000, "")), says: "parse feed"},
			{name: "depth of HTML", kind: kindPage, serve: sendHTML(nested("<div>", 10_000, "<li><a href=/1>x</a></li>")), any: true},
			{name: "a million tags", kind: kindPage, serve: sendHTML(nested("<b>", 1_000_000, "")), says: "tags, more than"},
			{name: "formatting that is opened again", kind: kindPage, serve: sendHTML(nested("<b><p>", 3000, "<li><a href=/1>x</a></li>")), any: true},
			{name: "a million items", serve: sendXML("<rss><channel>" + nested("<item/>", 500_000, "")), says: "more than"},
			{name: "a million namespaces", serve: sendXML("<rss" + nested(` xmlns:a="u"`, 100_000, "><channel/></rss>")), any: true},
			{name: "one attribute of megabytes", serve: sendXML(`<rss a="` + strings.Repeat("a", 3<<20) + `"><channel><item><title>x</title></item></channel></rss>`), any: true},
			{name: "text of megabytes", serve: sendItem("<title>" + strings.Repeat("小米", 1<<19) + "</title>"), any: true},
			{name: "cells of tables within tables", kind: kindPage, serve: sendHTML(nested("<table><tr><td>", 3000, "<li><a href=/1>x</a></li>")), any: true},
			{name: "linked data of a megabyte", kind: kindPage, serve: sendHTML("<li><a href=/1>星禾</a></li><script type=application/ld+json>[" + nested("{},", 350_000, "{}]</script><p>召回部分充电器"))},
			{name: "a million names in JSON", serve: sends("application/feed+json", `{"version":"https://jsonfeed.org/version/1.1","items":[{"id":"1","tags":[`+nested(`"",`, 1_000_000, `""]}]}`)), says: "JSON values"},
			{name: "table that is found", kind: kindList, serve: sendHTML(nested("<table><tr><td><a href=/news/20261122.html>星禾召回部分充电器</a>", 300, "")), any: true},
			{name: "sitemap in gzip", kind: kindSitemap, serve: sends("application/gzip", string(compressed(t, "gzip", zeros))), says: tooLarge},
			{name: "sitemap of a million tags", kind: kindSitemap, serve: sendXML("<urlset>" + nested("<a>", 1_000_000, "")), says: "tags"},
			{name: "sitemap of five million tags", kind: kindSitemap, serve: sendXML("<urlset>" + nested("<a/>", 5_000_000, "")), says: tooLarge},
			{name: "depth of a sitemap", kind: kindSitemap, serve: sendXML("<urlset>" + nested("<url>", 250_000, "")), any: true},
			{name: "sitemap of entities", kind: kindSitemap, serve: sendXML(`<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">` +
				`<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><urlset><url><loc>http://news.invalid/&c;</loc></url></urlset>`), any: true},
			{name: "index of a hundred thousand sitemaps", kind: kindSitemap, serve: paths(map[string]http.HandlerFunc{
				"/": sendXML("<sitemapindex>" + nested("<sitemap><loc>/a</loc></sitemap>", 70_000, "</sitemapindex>")), "": sendXML("<urlset/>"),
			}), says: "names no address"},
			{name: "index that names itself", kind: kindSitemap, serve: sendXML("<sitemapindex><sitemap><loc>/</loc></sitemap><sitemap><loc>/?2</loc></sitemap></sitemapindex>"), says: "names no address"},
			{name: "title of a megabyte in a sitemap", kind: kindSitemap, serve: paths(map[string]http.HandlerFunc{
				"/": sendXML(`<urlset xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>/1</loc><n:news><n:title>` + strings.Repeat("星禾", 1<<18) + `</n:title></n:news></url></urlset>`), "": sendHTML("<p>x"),
			})},
			{name: "route of RSSHub in brotli", kind: kindRSSHub, serve: sendPacked("br", compressed(t, "br", zeros)), says: tooLarge},
			{name: "feeds that a page names by the thousand", kind: kindAsked, serve: paths(map[string]http.HandlerFunc{
				"/": sendHTML(nested("<link rel=alternate type=text/xml href=/feed>", 5000, "")), "": sendPacked("gzip", compressed(t, "gzip", zeros)),
			}), says: "names no feed"},
		},
		"slow": {
			{slow: true, name: "parts of a sitemap that never come", kind: kindSitemap, serve: paths(map[string]http.HandlerFunc{
				"/": sendXML(`<sitemapindex><sitemap><loc>/a</loc></sitemap><sitemap><loc>/b</loc></sitemap></sitemapindex>`), "": sendNothing,
			}), says: noTime},
			{slow: true, name: "route of RSSHub that never comes", kind: kindRSSHub, serve: sendNothing, says: noTime},
			{slow: true, name: "feeds that a page names and that never come", kind: kindAsked, serve: paths(map[string]http.HandlerFunc{
				"/": sendHTML(`<link rel=alternate type=application/rss+xml href=/feed>`), "/robots.txt": sendNothing, "/feed": sendNothing,
			}), says: "names no feed"},
			{slow: true, name: "no answer", serve: sendNothing, says: noTime},
			{slow: true, name: "header by header", serve: sendRaw(ok, func(int) (string, bool) { <-time.After(20 * time.Millisecond); return "X-A: 1\r\n", true }), says: noTime},
			{slow: true, name: "byte by byte", serve: sendSlowly("<rss>", " "), says: noTime},
			{slow: true, name: "a body that stops", serve: sendSlowly("<rss><channel>", ""), says: noTime},
			{slow: true, name: "gzip that stops", serve: sendRaw(ok+"Content-Encoding: gzip\r\n\r\n\x1f\x8b", func(int) (string, bool) { <-time.After(20 * time.Millisecond); return "\x00", true }), any: true},
			{slow: true, name: "redirects that take their time", serve: func(w http.ResponseWriter, r *http.Request) {
				<-time.After(500 * time.Millisecond)
				http.Redirect(w, r, r.URL.Path+"x", http.StatusFound)
			}, says: noTime},
			{slow: true, name: "robots.txt that never comes", kind: kindPage, serve: sendNothing, says: noTime},
			{slow: true, name: "articles that never come", kind: kindPage, serve: func(w http.ResponseWriter, r *http.Request) {
				switch r.URL.Path {
				case "/robots.txt":
				case "/":
					sendHTML(`<li><a href="/1">x</a><li><a href="/2">x</a><li><a href="/3">x</a><li><a href="/4">x</a><li><a href="/5">x</a>`)(w, r)
				default:
					sendNothing(w, r)
				}
			}, says: noTime},
		},
		"endless": {
			{name: "body", serve: sendEndless("<rss>", " "), says: tooLarge},
			{name: "items", serve: sendEndless("<rss><channel>", "<item><title>x</title></item>"), says: tooLarge},
			{name: "comment", serve: sendEndless("<!--", "-"), says: tooLarge},
			{name: "page", kind: kindPage, serve: sendEndless("<ul>", "<li><a href=/1>x</a></li>"), says: tooLarge},
			{name: "robots.txt", kind: kindPage, serve: func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/robots.txt" {
					sendEndless("User-agent: *\n", "Disallow: /x*y*z\n")(w, r)
					return
				}
				sendHTML(`<li><a href="/1">星禾</a></li>`)(w, r)
			}},
			{name: "sitemap", kind: kindSitemap, serve: sendEndless("<urlset>", "<url><loc>/1</loc></url>"), says: tooLarge},
			{name: "route of RSSHub", kind: kindRSSHub, serve: sendEndless("<rss><channel>", "<item><title>x</title></item>"), says: tooLarge},
			{name: "address that is asked", kind: kindAsked, serve: sendEndless("<ul>", "<li><a href=/1>x</a></li>"), says: tooLarge},
			{name: "pages of a list", kind: kindPage, serve: func(w http.ResponseWriter, r *http.Request) { // each with an entry of its own
				var n int
				if _, err := fmt.Sscanf(r.URL.Path, "/list%d", &n); r.URL.Path != "/" && err != nil {
					sendHTML("<p>x")(w, r)
					return
				}
				sendHTML(fmt.Sprintf(`<link rel=next href=/list%d><li><a href="/a%d">星禾</a></li>`, n+1, n))(w, r)
			}},
			{name: "pages of a list that lead in a circle", kind: kindPage, serve: paths(map[string]http.HandlerFunc{
				"/": sendHTML(`<link rel=next href=/b><li><a href="/1">x</a></li>`), "/b": sendHTML(`<link rel=next href=/><li><a href="/2">x</a></li>`), "": sendHTML("<p>x"),
			})},
			{name: "pages of an article", kind: kindPage, serve: func(w http.ResponseWriter, r *http.Request) {
				var n int
				if _, err := fmt.Sscanf(r.URL.Path, "/1_%d", &n); err != nil && r.URL.Path != "/1" {
					sendHTML(`<li><a href="/1">x</a></li>`)(w, r)
					return
				}
				sendHTML(fmt.Sprintf(`<link rel=next href=/1_%d><p>%s`, n+1, strings.Repeat("星禾召回部分充电器。", n+9)))(w, r)
			}},
			{name: "headers", serve: sendRaw(ok, func(n int) (string, bool) { return fmt.Sprintf("X-%d: %s\r\n", n, strings.Repeat("a", 1000)), true }), says: "headers exceeded"},
			{name: "one header", serve: sendRaw(ok+"X: ", func(int) (string, bool) { return strings.Repeat("a", 1000), true }), says: "headers exceeded"},
			{name: "status line", serve: sendRaw("HTTP/1.1 200 ", func(int) (string, bool) { return strings.Repeat("a", 1000), true }), any: true},
			{name: "informational answers", serve: sendRaw("", func(int) (string, bool) { return "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", true }), any: true},
			{name: "chunk extension", serve: sendRaw(ok+"Transfer-Encoding: chunked\r\n\r\n5;", func(int) (string, bool) { return strings.Repeat("a", 1000), true }), says: "read the answer"},
			{name: "chunks of one byte", serve: sendRaw(ok+"Transfer-Encoding: chunked\r\n\r\n", func(int) (string, bool) { return strings.Repeat("1\r\n \r\n", 1000), true }), any: true},
			{name: "trailers", serve: sendRaw(ok+"Transfer-Encoding: chunked\r\n\r\n1\r\n \r\n0\r\n", func(n int) (string, bool) { return fmt.Sprintf("X-%d: a\r\n", n), true }), any: true},
		},
		"broken XML": {
			{name: "a file as entity", serve: sendXML(`<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss><channel><item><guid>1</guid><title>星禾&x;</title></item></channel></rss>`), any: true},
			{name: "an address as entity", serve: sendXML(`<!DOCTYPE r [<!ENTITY x SYSTEM "http://{inner}/">]><rss><channel><item><guid>1</guid><title>星禾&x;</title></item></channel></rss>`), any: true},
			{name: "an address as document type", serve: sendXML(`<!DOCTYPE rss SYSTEM "http://{inner}/evil.dtd">` + oneItem)},
			{name: "parameter entity", serve: sendXML(`<!DOCTYPE r [<!ENTITY % x SYSTEM "http://{inner}/evil.dtd">%x;]>` + oneItem)},
			{name: "inclusion", serve: sendItem(`<title>星禾</title><description><xi:include href="file:///etc/passwd" parse="text"/></description>`)},
			{name: "style sheet", serve: sendXML(`<?xml-stylesheet href="http://{inner}/evil.xsl"?>` + oneItem)},
			{name: "document type without end", serve: sendXML(`<!DOCTYPE r [<!ENTITY a "` + oneItem), any: true},
			{name: "CDATA without end", serve: sendItem("<title>星禾</title><description><![CDATA[ <b>"), any: true},
			{name: "comment in a comment", serve: sendXML("<!-- <!-- --" + oneItem), any: true},
			{name: "end tags alone", serve: sendXML(strings.Repeat("</rss>", 100_000)), says: "no XML element"},
			{name: "only the mark", serve: sendXML(strings.Repeat("<", 1<<20)), says: "no XML element"},
			{name: "zeros", serve: sendXML(strings.Repeat("\x00", 1<<20)), any: true},
			{name: "invalid bytes", serve: sendItem("<title>星禾\xff\xfe\xc0\xaf\xed\xa0\x80</title>"), any: true},
			{name: "lying charset", serve: sends("text/xml; charset=utf-16le", oneItem), any: true},
			{name: "charset that is none", serve: sends("text/xml; charset=../../etc/passwd", `<?xml version="1.0" encoding="x-evil"?>`+oneItem), any: true},
			{name: "UTF-7", serve: sends("text/xml; charset=utf-7", `<rss><channel><item><title>+ADw-script+AD4-</title></item></channel></rss>`), any: true},
			{name: "empty", serve: sendXML(""), says: "empty"},
			{name: "file as entity of a sitemap", kind: kindSitemap, serve: sendXML(`<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><urlset><url><loc>http://news.invalid/&x;</loc></url></urlset>`), any: true},
			{name: "sitemap that breaks off", kind: kindSitemap, serve: sendXML(`<urlset><url><loc>http://news.in`), says: "parse sitemap"},
			{name: "feed in place of a sitemap", kind: kindSitemap, serve: sendXML(oneItem), says: "kind: feed"},
			{name: "empty sitemap", kind: kindSitemap, serve: sendXML(""), says: "use the address of a sitemap's XML"},
			{name: "invalid bytes on a page", kind: kindList, serve: sendHTML("<ul>" + strings.Repeat("\xff\xfe\x00\xed\xa0\x80", 1000)), any: true},
			{name: "depth of a route of RSSHub", kind: kindRSSHub, serve: sendXML("<rss><channel>" + nested("<a>", 1000, "")), says: "nested deeper"},
		},
		"HTML injection": {
			{name: "script in a title", serve: sendItem("<title>&lt;script&gt;alert(1)&lt;/script&gt;星禾</title>")},
			{name: "handler in a text", serve: sendItem("<title>星禾</title><description>&lt;img src=x onerror=alert(1)&gt;召回</description>")},
			{name: "script as a link", serve: sendItem("<title>星禾</title><link>javascript:alert(1)</link>")},
			{name: "data as a link", serve: sendItem("<title>星禾</title><link>data:text/html,&lt;script&gt;</link>")},
			{name: "file as a link", serve: sendItem("<title>星禾</title><link>file:///etc/passwd</link>")},
			{name: "quotes in a link", serve: sendItem(`<title>星禾</title><link>https://news.example/"onmouseover="alert(1)</link>`)},
			{name: "terminal sequence", serve: sends("application/feed+json", `{"version":"https://jsonfeed.org/version/1.1","items":[{"id":"1","title":"星禾\u001b[2J\u001b]0;x\u0007\u009b31m","content_text":"a\u0000b\u0008"}]}`)},
			{name: "terminal sequence by reference", serve: sendItem("<title>星禾&amp;#27;[31m</title>")},
			{name: "script in a title of a sitemap", kind: kindSitemap, serve: paths(map[string]http.HandlerFunc{
				"/": sendXML(`<urlset xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>/1</loc><n:news><n:title>&lt;script&gt;alert(1)&lt;/script&gt;星禾&amp;#27;[2J</n:title></n:news></url></urlset>`), "": sendHTML("<p>x"),
			})},
			{name: "script in a title of a route", kind: kindRSSHub, serve: sendItem("<title>&lt;script&gt;alert(1)&lt;/script&gt;星禾</title>")},
			{name: "quotes in an address of a sitemap", kind: kindSitemap, serve: paths(map[string]http.HandlerFunc{
				"/": sendXML(`<urlset><url><loc>/"onerror=alert(1)&lt;script&gt;</loc></url></urlset>`), "": sendHTML("<title>星禾</title><p>x"),
			}), any: true},
			{name: "terminal sequence in titles of a list", kind: kindList, serve: sendHTML(`<li><a href="/news/20261121.html" title="星禾召回部分充电器&#27;[2J&#x202e;">星禾召回部分…</a></li>` +
				`<li><a href="/news/20261122.html" title="星禾门店开业促销&#155;31m">星禾门店开业…</a></li><li><a href="/news/20261123.html" title="星禾手机今日降价&#7;">星禾手机今日…</a></li>`)},
			{name: "mark-up in what is offered", kind: kindAsked, serve: paths(map[string]http.HandlerFunc{
				"/": sendHTML(`<link rel=alternate type=application/rss+xml title="&lt;script&gt;星禾&#27;[2J&#x202e;" href='/feed"><script>'>`), "/robots.txt": sends("text/plain", ""), "": sendXML(oneItem),
			})},
			{name: "direction in a host", serve: sendItem("<title>星禾</title><link>https://news\u202e.example/1</link>")},
			{name: "script on a page", kind: kindPage, serve: sendHTML(`<li><a href="/1">星禾<script>alert(1)</script></a></li>`)},
			{name: "style that hides", kind: kindPage, serve: sendHTML(`<li><a href="/1">星禾</a></li><style>*{display:none}</style>`)},
			{name: "frame with mark-up", kind: kindPage, serve: sendHTML(`<li><a href="/1">星禾</a></li><iframe srcdoc="<script>alert(1)</script>">`)},
		},
		"identity": {
			{name: "one article a thousand times in a sitemap", kind: kindSitemap, serve: paths(map[string]http.HandlerFunc{
				"/": sendXML("<urlset>" + nested("<url><loc>/1?utm_source=a</loc></url>", 1000, "</urlset>")), "": sendHTML("<title>星禾</title><p>x"),
			})},
			{name: "sitemap of itself", kind: kindSitemap, serve: sendXML(`<urlset><url><loc>/</loc></url></urlset>`), any: true},
			{name: "one guid for all of a route", kind: kindRSSHub, serve: sendXML(`<rss><channel><item><guid>1</guid><title>星禾一</title></item><item><guid>1</guid><title>星禾二</title></item></channel></rss>`)},
			{name: "instance of RSSHub that is blocked", kind: kindRSSHub, serve: withHeader("X", "", 503, "<html>"), says: "from RSSHub this means: the site behind the route blocks the instance"},
			{name: "guid that steers", serve: sends("application/feed+json", `{"version":"https://jsonfeed.org/version/1.1","language":"zh\u001b[2J","items":[{"id":"\u009b2J\u202e","title":"星禾"}]}`)},
			{name: "one guid for all", serve: sendXML(`<rss><channel><item><guid>1</guid><title>星禾一</title><link>https://n.example/1</link></item><item><guid>1</guid><title>星禾二</title><link>https://n.example/2</link></item></channel></rss>`)},
			{name: "one item a thousand times", serve: sendXML("<rss><channel>" + strings.Repeat("<item><guid>1</guid><title>星禾</title></item>", 1000) + "</channel></rss>")},
			{name: "guid of a megabyte", serve: sendItem("<guid>" + strings.Repeat("a", 1<<20) + "</guid><title>星禾</title>"), any: true},
			{name: "link of a megabyte", serve: sendItem("<title>星禾</title><link>https://news.example/" + strings.Repeat("a", 1<<20) + "</link>")},
			{name: "no guid, link or text", serve: sendXML("<rss><channel><item/><item/></channel></rss>"), any: true},
			{name: "from the future", serve: sendItem("<title>星禾</title><pubDate>Fri, 01 Jan 2199 00:00:00 GMT</pubDate>")},
			{name: "year of five digits", serve: sendItem("<title>星禾</title><pubDate>Fri, 01 Jan 99999 00:00:00 GMT</pubDate>")},
			{name: "before our era", serve: sendItem("<title>星禾</title><pubDate>-0044-03-15T00:00:00Z</pubDate>")},
			{name: "validator with a line break", serve: sendRaw(ok+"ETag: \"a\r\n b\"\r\n\r\n"+oneItem, nil), any: true},
			{name: "nothing new, without being asked", serve: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(304) }, says: "its cache is broken"},
			{name: "sign-in page instead of the feed", serve: sendHTML("<html><title>Wi-Fi</title><form>"), says: "kind: page"},
			{name: "list that links to itself", kind: kindPage, serve: sendHTML(`<li><a href="/">x</a></li><li><a href="/?utm_source=y#z">x</a></li>`), says: "finds no address"},
		},
		"protocol": {
			{name: "no HTTP in place of a sitemap", kind: kindSitemap, serve: sendRaw("SSH-2.0-OpenSSH_9.6\r\n", nil), says: "robots.txt"},
			{name: "no HTTP in place of an instance", kind: kindRSSHub, serve: sendRaw("SSH-2.0-OpenSSH_9.6\r\n", nil), says: "malformed HTTP"},
			{name: "no HTTP where one asks", kind: kindAsked, serve: sendRaw("SSH-2.0-\x1b[2J\u202e\r\n", nil), says: "malformed HTTP"},
			{name: "length of a sitemap that is not reached", kind: kindSitemap, serve: paths(map[string]http.HandlerFunc{"/": sendRaw(ok+"Content-Length: 9999\r\n\r\n<urlset>", nil)}), says: "unexpected EOF"},
			{name: "no HTTP", serve: sendRaw("SSH-2.0-OpenSSH_9.6\r\n", nil), says: "malformed HTTP"},
			{name: "HTTP/0.9", serve: sendRaw(oneItem, nil), says: "malformed HTTP"},
			{name: "nothing", serve: sendRaw("", nil), says: "EOF"},
			{name: "status beyond all", serve: sendRaw("HTTP/1.1 99999 X\r\n\r\n", nil), says: "malformed HTTP"},
			{name: "negative length", serve: sendRaw(ok+"Content-Length: -1\r\n\r\n"+oneItem, nil), says: "bad Content-Length"},
			{name: "two lengths", serve: sendRaw(ok+"Content-Length: 1\r\nContent-Length: 9\r\n\r\n"+oneItem, nil), says: "Content-Length"},
			{name: "length of an exabyte", serve: sendRaw(ok+"Content-Length: 1152921504606846976\r\n\r\n"+oneItem, nil), says: "unexpected EOF"},
			{name: "length that is not reached", serve: sendRaw(ok+"Content-Length: 9999\r\n\r\n"+oneItem, nil), says: "unexpected EOF"},
			{name: "chunk of an exabyte", serve: sendRaw(ok+"Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n", nil), says: "read the answer"},
			{name: "length and chunks", serve: sendRaw(ok+"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"+oneItem, nil), says: "empty"},
			{name: "unknown transfer coding", serve: sendRaw(ok+"Transfer-Encoding: evil\r\n\r\n", nil), says: "transfer encoding"},
			{name: "another protocol", serve: sendRaw("HTTP/1.1 101 Switching Protocols\r\nUpgrade: evil\r\nConnection: Upgrade\r\n\r\n", nil), says: "status 101"},
			{name: "zero in a header", serve: sendRaw(ok+"X: a\x00b"+endOfHead+endOfHead+oneItem, nil), any: true},
			{name: "header without a colon", serve: sendRaw(ok+"evil"+endOfHead+endOfHead+oneItem, nil), says: "malformed MIME header"},
			{name: "a part of the body", serve: withHeader("Content-Range", "bytes 0-9/10", 206, oneItem), says: "status 206"},
			{name: "no content", serve: withHeader("X", "", 204, ""), says: "status 204"},
			{name: "content type of kilobytes", serve: withHeader("Content-Type", "text/xml; a="+strings.Repeat("a", 100<<10), 200, oneItem)},
			{name: "a thousand cookies", serve: func(w http.ResponseWriter, _ *http.Request) {
				for i := range 1000 {
					w.Header().Add("Set-Cookie", fmt.Sprintf("c%d=%0100d; Domain=example", i, i))
				}
				io.WriteString(w, oneItem)
			}},
			{name: "absurd Retry-After", serve: withHeader("Retry-After", "99999999999999999999", 503, ""), says: "status 503"},
			{name: "password wanted", serve: withHeader("Www-Authenticate", `Basic realm="x"`, 401, ""), says: "status 401"},
			{name: "upgrade of the connection", serve: sendRaw("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", nil), says: "malformed HTTP"},
		},
	}
}

// largest are answers as large as the limits let them be.
func largest() []attack {
	nested := func(open string, n int, end string) string { return strings.Repeat(open, n) + end }
	return []attack{
		{name: "text up to the limit", serve: sendItem("<title>星禾</title><description><![CDATA[" + strings.Repeat("召回 ", defaultMaxBytes/7-100) + "]]></description>"), any: true},
		{name: "mark-up up to the limit", serve: sendItem("<title>星禾</title><description>" + strings.Repeat("&lt;p>召回", defaultMaxBytes/12-100) + "</description>"), any: true},
		{name: "parts up to the limit", serve: sendXML("<rss><channel>" + strings.Repeat("<item>"+strings.Repeat("<a/>", 38)+"<title>"+strings.Repeat("召回", 60)+"</title></item>", 5000) + "</channel></rss>"), any: true},
		{name: "items up to the limit", serve: func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, "<rss><channel>")
			for i := range 5000 {
				fmt.Fprintf(w, "<item><guid>%d</guid><title>星禾 %d</title><description>%s</description></item>", i, i, strings.Repeat("召回。", 80))
			}
			io.WriteString(w, "</channel></rss>")
		}},
		{name: "JSON up to the limit", serve: sends("application/feed+json", `{"version":"https://jsonfeed.org/version/1.1","items":[`+strings.Repeat(`{"id":"1","content_text":"星","tags":["a","b"],"attachments":[{"url":"u"}]},`, 45_000)+"{}]}"), any: true},
		{name: "page up to the limit", kind: kindPage, serve: sendHTML(strings.Repeat("<p>", maxTags-10) + strings.Repeat("召回", defaultMaxBytes/6-maxTags) + "<li><a href=/1>x</a></li>"), any: true},
		{name: "list up to the limit", kind: kindPage, serve: sendHTML(strings.Repeat("<li><a href=/1>星禾召回部分充电器</a></li>", maxTags/4-1)), any: true},
		{name: "text of a page up to the limit", kind: kindPage, serve: sendHTML("<li><a href=/1>x</a></li>" + strings.Repeat("召回 ", defaultMaxBytes/7-100)), any: true},
		{name: "formatting that is opened again", kind: kindPage, serve: sendHTML(nested("<b><p>", maxTags/2-5, "<li><a href=/1>x</a></li>"))},
		{name: "sitemap up to the limit", kind: kindSitemap, serve: paths(map[string]http.HandlerFunc{
			"/": sendXML("<urlset>" + strings.Repeat("<url><loc>http://a.invalid/2026/"+strings.Repeat("a", 20)+"</loc></url>", maxMapTags/4-1)),
		}), any: true},
		{name: "titles of a sitemap up to the limit", kind: kindSitemap, serve: paths(map[string]http.HandlerFunc{
			"/": sendXML(`<urlset xmlns:n="http://www.google.com/schemas/sitemap-news/0.9">` + strings.Repeat("<url><loc>/1</loc><n:news><n:title>"+strings.Repeat("召回", 10)+"</n:title></n:news></url>", 25_000)),
		}), any: true},
		{name: "parts of a sitemap up to the limit", kind: kindSitemap, serve: paths(map[string]http.HandlerFunc{
			"/": sendXML("<sitemapindex>" + strings.Repeat("<sitemap><loc>/a</loc></sitemap>", maxMapTags/4-1)),
			"":  sendXML("<urlset>" + strings.Repeat("<url><loc>/1</loc></url>", maxMapTags/4-1)),
		}), any: true},
		{name: "articles up to the limit", kind: kindSitemap, serve: func(w http.ResponseWriter, r *http.Request) {
			switch {
			case r.URL.Path == "/robots.txt":
				http.NotFound(w, r)
			case r.URL.Path != "/":
				sendHTML("<link rel=next href="+r.URL.Path+"_2><title>星禾</title><div id=zoom>"+r.URL.Path+strings.Repeat("召回，", maxPageText/9-100))(w, r)
			default:
				io.WriteString(w, "<urlset>")
				for i := range 200 {
					fmt.Fprintf(w, "<url><loc>/%d</loc></url>", i)
				}
			}
		}, any: true},
		{name: "list that is found, up to the limit", kind: kindList, serve: func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, "<ul>")
			for i := range maxTags/4 - 100 {
				fmt.Fprintf(w, `<li class="a b c d e f g"><a href="http://a.invalid/2026/%d">%s</a></li>`, i, strings.Repeat("召回", 12))
			}
		}, any: true},
		{name: "address that is asked up to the limit", kind: kindAsked, serve: sendHTML(strings.Repeat("<link rel=alternate type=text/xml href=/feed><li><a href=/news/1234>星禾召回部分充电器</a></li>", maxTags/5-1)), any: true},
		{name: "names in JSON up to the limit", serve: sends("application/feed+json", `{"version":"https://jsonfeed.org/version/1.1","items":[{"id":"1","title":"星禾","tags":[`+strings.Repeat(`"",`, defaultMaxBytes/3-100)+`""]}]}`), any: true},
		{name: "linked data up to the limit", kind: kindPage, serve: sendHTML("<li><a href=/1>x</a></li><script type=application/ld+json>[" + strings.Repeat("{},", defaultMaxBytes/3-100) + "{}]</script>")},
		{name: "numbers in linked data up to the limit", kind: kindPage, serve: sendHTML("<li><a href=/1>x</a></li><script type=application/ld+json>[" + strings.Repeat("0,", defaultMaxBytes/2-100) + "0]</script>")},
		{name: "depth of a page", kind: kindPage, serve: sendHTML(nested("<div>", maxTags-10, "<li><a href=/1>x</a></li>"))},
	}
}
