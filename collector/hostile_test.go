package collector

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unicode"

	"reputed/internal/reputation"
)

// attack is what a hostile publisher does, and what the operator sees of it.
type attack struct {
	name  string
	page  bool   // the source is a list page, else a feed
	to    string // an address that the server redirects to; instead of serve
	serve http.HandlerFunc
	says  string // part of the error; empty where the source is read in spite of the attack
	any   bool   // an error and items are both right, as long as no harm is done
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
			{name: "article inside", page: true, serve: sendHTML(`<li><a href="http://{inner}/1">x</a></li>`), says: internal},
			{name: "article at an allowed address", page: true, serve: sendHTML(`<li><a href="http://{allowed}/1">x</a></li>`), says: "may not lead there"},
			{name: "base inside", page: true, serve: sendHTML(`<base href="http://{inner}/"><li><a href="1">x</a></li>`), says: internal},
			{name: "robots.txt inside", page: true, serve: func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Location", "http://{inner}/")
				w.WriteHeader(302)
			}, says: internal},
		},
		"redirects": {
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
			{name: "in mark-up", page: true, serve: sendHTML(`<meta http-equiv="refresh" content="0; url=http://{inner}/"><p>x`), says: "finds nothing"},
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
			{name: "depth of HTML", page: true, serve: sendHTML(nested("<div>", 10_000, "<li><a href=/1>x</a></li>")), any: true},
			{name: "a million tags", page: true, serve: sendHTML(nested("<b>", 1_000_000, "")), says: "tags, more than"},
			{name: "formatting that is opened again", page: true, serve: sendHTML(nested("<b><p>", 3000, "<li><a href=/1>x</a></li>")), any: true},
			{name: "a million items", serve: sendXML("<rss><channel>" + nested("<item/>", 500_000, "")), says: "more than"},
			{name: "a million namespaces", serve: sendXML("<rss" + nested(` xmlns:a="u"`, 100_000, "><channel/></rss>")), any: true},
			{name: "one attribute of megabytes", serve: sendXML(`<rss a="` + strings.Repeat("a", 3<<20) + `"><channel><item><title>x</title></item></channel></rss>`), any: true},
			{name: "text of megabytes", serve: sendItem("<title>" + strings.Repeat("小米", 1<<19) + "</title>"), any: true},
			{name: "cells of tables within tables", page: true, serve: sendHTML(nested("<table><tr><td>", 3000, "<li><a href=/1>x</a></li>")), any: true},
		},
		"slow": {
			{name: "no answer", serve: sendNothing, says: noTime},
			{name: "header by header", serve: sendRaw(ok, func(int) (string, bool) { <-time.After(20 * time.Millisecond); return "X-A: 1\r\n", true }), says: noTime},
			{name: "byte by byte", serve: sendSlowly("<rss>", " "), says: noTime},
			{name: "a body that stops", serve: sendSlowly("<rss><channel>", ""), says: noTime},
			{name: "gzip that stops", serve: sendRaw(ok+"Content-Encoding: gzip\r\n\r\n\x1f\x8b", func(int) (string, bool) { <-time.After(20 * time.Millisecond); return "\x00", true }), any: true},
			{name: "redirects that take their time", serve: func(w http.ResponseWriter, r *http.Request) {
				<-time.After(500 * time.Millisecond)
				http.Redirect(w, r, r.URL.Path+"x", http.StatusFound)
			}, says: noTime},
			{name: "robots.txt that never comes", page: true, serve: sendNothing, says: noTime},
			{name: "articles that never come", page: true, serve: func(w http.ResponseWriter, r *http.Request) {
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
			{name: "page", page: true, serve: sendEndless("<ul>", "<li><a href=/1>x</a></li>"), says: tooLarge},
			{name: "robots.txt", page: true, serve: func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/robots.txt" {
					sendEndless("User-agent: *\n", "Disallow: /x*y*z\n")(w, r)
					return
				}
				sendHTML(`<li><a href="/1">星禾</a></li>`)(w, r)
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
			{name: "script on a page", page: true, serve: sendHTML(`<li><a href="/1">星禾<script>alert(1)</script></a></li>`)},
			{name: "style that hides", page: true, serve: sendHTML(`<li><a href="/1">星禾</a></li><style>*{display:none}</style>`)},
			{name: "frame with mark-up", page: true, serve: sendHTML(`<li><a href="/1">星禾</a></li><iframe srcdoc="<script>alert(1)</script>">`)},
		},
		"identity": {
			{name: "one guid for all", serve: sendXML(`<rss><channel><item><guid>1</guid><title>星禾一</title><link>https://n.example/1</link></item><item><guid>1</guid><title>星禾二</title><link>https://n.example/2</link></item></channel></rss>`)},
			{name: "one item a thousand times", serve: sendXML("<rss><channel>" + strings.Repeat("<item><guid>1</guid><title>星禾</title></item>", 1000) + "</channel></rss>")},
			{name: "guid of a megabyte", serve: sendItem("<guid>" + strings.Repeat("a", 1<<20) + "</guid><title>星禾</title>"), any: true},
			{name: "no guid, link or text", serve: sendXML("<rss><channel><item/><item/></channel></rss>"), any: true},
			{name: "from the future", serve: sendItem("<title>星禾</title><pubDate>Fri, 01 Jan 2199 00:00:00 GMT</pubDate>")},
			{name: "year of five digits", serve: sendItem("<title>星禾</title><pubDate>Fri, 01 Jan 99999 00:00:00 GMT</pubDate>")},
			{name: "before our era", serve: sendItem("<title>星禾</title><pubDate>-0044-03-15T00:00:00Z</pubDate>")},
			{name: "validator with a line break", serve: sendRaw(ok+"ETag: \"a\r\n b\"\r\n\r\n"+oneItem, nil), any: true},
			{name: "nothing new, without being asked", serve: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(304) }, says: "its cache is broken"},
			{name: "sign-in page instead of the feed", serve: sendHTML("<html><title>Wi-Fi</title><form>"), says: "kind: page"},
			{name: "list that links to itself", page: true, serve: sendHTML(`<li><a href="/">x</a></li><li><a href="/?utm_source=y#z">x</a></li>`), says: "finds no address"},
		},
		"protocol": {
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
		{name: "page up to the limit", page: true, serve: sendHTML(strings.Repeat("<p>", maxTags-10) + strings.Repeat("召回", defaultMaxBytes/6-maxTags) + "<li><a href=/1>x</a></li>"), any: true},
		{name: "list up to the limit", page: true, serve: sendHTML(strings.Repeat("<li><a href=/1>星禾召回部分充电器</a></li>", maxTags/4-1)), any: true},
		{name: "text of a page up to the limit", page: true, serve: sendHTML("<li><a href=/1>x</a></li>" + strings.Repeat("召回 ", defaultMaxBytes/7-100)), any: true},
		{name: "formatting that is opened again", page: true, serve: sendHTML(nested("<b><p>", maxTags/2-5, "<li><a href=/1>x</a></li>"))},
		{name: "depth of a page", page: true, serve: sendHTML(nested("<div>", maxTags-10, "<li><a href=/1>x</a></li>"))},
	}
}

// arena is a network of servers: one hostile under many names, a healthy one, and two
// inside that no source may reach.
type arena struct {
	client  *Client
	hostile *httptest.Server
	reached atomic.Int32 // requests to the servers inside
	inner   string       // the address of one
	allowed string       // of one that fetch.allow names, for sources of the user's own
	attacks []attack
}

func newArena(t *testing.T) *arena {
	a := &arena{}
	trap := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { a.reached.Add(1) })
	inner, allowed := httptest.NewServer(trap), httptest.NewServer(trap)
	healthy := httptest.NewServer(sendXML(oneItem))
	a.inner, a.allowed = inner.Listener.Addr().String(), allowed.Listener.Addr().String()
	a.hostile = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var n int
		if _, err := fmt.Sscanf(r.Host, "a%d.hostile.example", &n); err != nil || n >= len(a.attacks) {
			t.Errorf("asked for %s", r.Host)
			return
		}
		a.attacks[n].serve(w, r)
	}))
	a.hostile.Config.ErrorLog = nil
	a.hostile.Start()
	a.client = NewClient(Options{
		Allow: []string{a.allowed, "rsshub.example"}, Timeout: 2 * time.Second, Gap: time.Nanosecond,
		Resolver: nameServer(t, func(name string) []string {
			return map[string][]string{"localhost": {"127.0.0.1"}, "inside.example": {"127.0.0.1"}, "rsshub.example": {"127.0.0.1"}, "inside6.example": {"::1"}, "metadata.example": {"169.254.169.254"}}[name]
		}),
	})
	public := a.client.transports.on(route{}, direct)
	guarded := public.DialContext
	public.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		var d net.Dialer
		switch host, _, _ := net.SplitHostPort(address); {
		case strings.HasSuffix(host, ".hostile.example"):
			return d.DialContext(ctx, network, a.hostile.Listener.Addr().String())
		case host == "healthy.example":
			return d.DialContext(ctx, network, healthy.Listener.Addr().String())
		}
		return guarded(ctx, network, address)
	}
	t.Cleanup(func() {
		for _, s := range []*httptest.Server{inner, allowed, healthy, a.hostile} {
			s.CloseClientConnections()
			s.Close()
		}
	})
	return a
}

// add makes an attack one of the hostile server's, at a host of its own, so that no
// attack waits for another.
func (a *arena) add(at attack) (address string) {
	_, port, _ := net.SplitHostPort(a.inner)
	_, allowedPort, _ := net.SplitHostPort(a.allowed)
	inside := strings.NewReplacer("{inner}", a.inner, "{allowed}", a.allowed, "{port}", port, "{allowed port}", allowedPort,
		"{allowed wide}", "１２７.０.０.１:"+allowedPort)
	serve := at.serve
	if serve == nil {
		serve = func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", at.to)
			w.WriteHeader(http.StatusFound)
		}
	}
	at.serve = func(w http.ResponseWriter, r *http.Request) { serve(&replacing{w, inside}, r) }
	a.attacks = append(a.attacks, at)
	return fmt.Sprintf("http://a%d.hostile.example/", len(a.attacks)-1)
}

// replacing puts the addresses of servers inside into what is sent.
type replacing struct {
	http.ResponseWriter
	inside *strings.Replacer
}

func (r *replacing) WriteHeader(status int) {
	for name, values := range r.Header() {
		for i := range values {
			r.Header()[name][i] = r.inside.Replace(values[i])
		}
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *replacing) Write(b []byte) (int, error) {
	if bytes.Contains(b[:min(len(b), 4096)], []byte("{")) {
		_, err := r.inside.WriteString(r.ResponseWriter, string(b))
		return len(b), err
	}
	return r.ResponseWriter.Write(b)
}

// WriteString makes no copy of a large text, which would count as the client's.
func (r *replacing) WriteString(s string) (int, error) {
	if !strings.Contains(s[:min(len(s), 4096)], "{") {
		return io.WriteString(r.ResponseWriter, s)
	}
	_, err := r.inside.WriteString(r.ResponseWriter, s)
	return len(s), err
}

func (r *replacing) Flush() { r.ResponseWriter.(http.Flusher).Flush() }

func (r *replacing) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return r.ResponseWriter.(http.Hijacker).Hijack()
}

// collect polls a source of the attacked kind. A panic is a failed test.
func (a *arena) collect(ctx context.Context, at attack, address string) ([]reputation.Item, error) {
	client, err := a.client.For(Site{URL: address, Header: http.Header{"Cookie": {"secret=hunter2"}}, Robots: at.page})
	if err != nil {
		return nil, err
	}
	if !at.page {
		items, _, err := NewFeed("hostile", address, client, nil).Collect(ctx, reputation.Cursor{})
		return items, err
	}
	page, err := NewPage("hostile", address, Selectors{Item: "li"}, client, nil)
	if err != nil {
		return nil, err
	}
	items, _, err := page.Collect(ctx, reputation.Cursor{})
	return items, err
}

// judge says what is wrong with what came of an attack, as far as it can be told from
// the items and the error.
func (at attack) judge(items []reputation.Item, err error) string {
	switch {
	case at.any:
	case at.says == "" && (err != nil || len(items) == 0):
		return fmt.Sprintf("%d items, error %v; want the source to be read", len(items), err)
	case at.says != "" && (err == nil || !strings.Contains(err.Error(), at.says)):
		return fmt.Sprintf("%d items, error %v; want an error with %q", len(items), err, at.says)
	}
	if err != nil && len(err.Error()) > 20_000 {
		return fmt.Sprintf("an error of %d bytes", len(err.Error()))
	}
	if err != nil && strings.Contains(err.Error(), "hunter2") {
		return "the error shows a secret: " + err.Error()
	}
	ids := map[string]bool{}
	for _, i := range items {
		all := i.Title + i.Text + i.Author + i.URL
		switch {
		case ids[i.ID]:
			return fmt.Sprintf("two items with the id %.100q", i.ID)
		case i.URL != "" && !isWebAddress(i.URL):
			return fmt.Sprintf("a link to %q", i.URL)
		case strings.Contains(all, "<script"), strings.Contains(all, "onerror="), strings.ContainsAny(i.URL, `"<> `):
			return fmt.Sprintf("mark-up: %.200q", all)
		case strings.Contains(all, "root:"):
			return "the content of a file"
		case strings.ContainsFunc(i.Title+i.Author, unicode.IsControl), strings.ContainsFunc(strings.ReplaceAll(i.Text, "\n", ""), unicode.IsControl):
			return fmt.Sprintf("control characters: %.200q", all)
		case i.Published.After(time.Now().Add(time.Hour)), i.Published.Year() < 0:
			return fmt.Sprintf("published %s", i.Published)
		}
		ids[i.ID] = true
	}
	return ""
}

// TestHostilePublishers attacks a client from all sides while it polls a healthy feed.
func TestHostilePublishers(t *testing.T) {
	a := newArena(t)
	all := attacks(t)
	runtime.GC()
	goroutines, heap := runtime.NumGoroutine(), heapNow()

	stop := make(chan struct{})
	var polls int
	var healthy sync.WaitGroup
	healthy.Go(func() {
		feed := NewFeed("healthy", "http://healthy.example/rss", a.client, nil)
		for {
			items, _, err := feed.Collect(t.Context(), reputation.Cursor{})
			if err != nil || len(items) != 1 {
				t.Errorf("the healthy feed brings %d items, error %v", len(items), err)
			}
			polls++
			select {
			case <-stop:
				return
			case <-time.After(10 * time.Millisecond):
			}
		}
	})
	type target struct {
		class string
		attack
		address string
	}
	var targets []target
	for class, list := range all {
		for _, at := range list {
			targets = append(targets, target{class, at, a.add(at)})
		}
	}
	if len(targets) < 60 {
		t.Errorf("only %d attacks", len(targets))
	}
	t.Run("attacks", func(t *testing.T) {
		for _, x := range targets {
			t.Run(x.class+"/"+x.name, func(t *testing.T) {
				t.Parallel()
				if wrong := x.judge(a.collect(t.Context(), x.attack, x.address)); wrong != "" {
					t.Error(wrong)
				}
			})
		}
	})
	close(stop)
	healthy.Wait()
	if n := a.reached.Load(); n > 0 {
		t.Errorf("%d requests reached servers inside", n)
	}
	t.Logf("%d attacks, %d polls of the healthy feed", len(targets), polls)

	all, targets, a.attacks = nil, nil, nil
	a.hostile.CloseClientConnections()
	for _, transport := range a.client.transports.byRoute {
		transport.CloseIdleConnections()
	}
	var left int
	var grown int64
	for range 500 { // goroutines end in their own time
		runtime.GC()
		left, grown = runtime.NumGoroutine()-goroutines, heapNow()-heap
		if left <= 0 && grown < 8<<20 {
			return
		}
		<-time.After(10 * time.Millisecond)
	}
	stacks := make([]byte, 64<<10)
	t.Errorf("%d goroutines and %d MiB are left:\n%s", left, grown>>20, stacks[:runtime.Stack(stacks, true)])
}

// heapNow is the memory that objects take, garbage included, in bytes.
func heapNow() int64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return int64(sample[0].Value.Uint64())
}

// TestFetchMemory measures how much the heap grows, at its highest, while one source is
// polled that wants it to grow.
func TestFetchMemory(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector has memory of its own; make test runs this without it")
	}
	const most = 64 << 20
	a := newArena(t)
	all := attacks(t)
	list := slices.Concat(largest(), all["bombs"], all["endless"])
	defer debug.SetGCPercent(debug.SetGCPercent(20)) // garbage is not what is measured
	for _, at := range list {
		address := a.add(at)
		runtime.GC()
		before := heapNow()
		done := make(chan struct{})
		var peak int64
		var sampling sync.WaitGroup
		sampling.Go(func() {
			for {
				peak = max(peak, heapNow()-before)
				select {
				case <-done:
					return
				case <-time.After(200 * time.Microsecond):
				}
			}
		})
		a.collect(t.Context(), at, address) // what comes of it the other test judges
		close(done)
		sampling.Wait()
		if peak > most {
			t.Errorf("%s: the heap grew by %d MiB, more than %d", at.name, peak>>20, most>>20)
		}
		t.Logf("%s: %d MiB", at.name, peak>>20)
	}
}
