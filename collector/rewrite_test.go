package collector

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/mmcdole/gofeed/rss"
)

// skeletons are the formats of feeds: %s stands for the namespaces of a vocabulary and
// the elements of the only item.
var skeletons = map[string]string{
	"RSS 0.90":          `<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://my.netscape.com/rdf/simple/0.9/" %s><channel><title>c</title></channel><item>%s</item></rdf:RDF>`,
	"RSS 0.91 Netscape": `<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://my.netscape.com/publish/formats/rss-0.91.dtd"><rss version="0.91" %s><channel><item>%s</item></channel></rss>`,
	"RSS 0.92":          `<rss version="0.92" %s><channel><item>%s</item></channel></rss>`,
	"RSS 1.0":           `<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" %s><channel><title>c</title></channel><item>%s</item></rdf:RDF>`,
	"RSS 1.1":           `<Channel xmlns="http://purl.org/net/rss1.1#" %s><items><item>%s</item></items></Channel>`,
	"RSS 2.0":           `<rss version="2.0" %s><channel><title>c</title><item>%s</item></channel></rss>`,
	"RSS 2.0 prefixed":  `<r:rss version="2.0" xmlns:r="http://backend.userland.com/rss2" %s><r:channel><r:item>%s</r:item></r:channel></r:rss>`,
	"RSS in RSS's root": `<rss version="2.0" xmlns="http://unheard.of.example/" %s><channel><item>%s</item></channel></rss>`,
	"RSS by any name":   `<x:rss xmlns:x="http://unheard.of.example/" %s><x:channel><x:item>%s</x:item></x:channel></x:rss>`,
	"Atom by any name":  `<x:feed xmlns:x="http://unheard.of.example/" %s><x:entry>%s</x:entry></x:feed>`,
	"Atom 0.3":          `<feed version="0.3" xmlns="http://purl.org/atom/ns#" %s><entry>%s</entry></feed>`,
	"Atom 1.0":          `<feed xmlns="http://www.w3.org/2005/Atom" %s><entry>%s</entry></feed>`,
	"Atom prefixed":     `<at:feed xmlns:at="http://www.w3.org/2005/Atom" %s><at:entry>%s</at:entry></at:feed>`,
	"Atom without name": `<feed %s><entry>%s</entry></feed>`,
	"Atom entry":        `<entry xmlns="http://www.w3.org/2005/Atom" %s>%s</entry>`,
}

// TestVocabularies reads the elements that other vocabularies have for the parts of
// an entry, in every format.
func TestVocabularies(t *testing.T) {
	const (
		atom03 = `xmlns:a="http://purl.org/atom/ns#"`
		atom10 = `xmlns:a="http://www.w3.org/2005/Atom"`
		dc10   = `xmlns:d="http://purl.org/dc/elements/1.0/"`
		dc11   = `xmlns:d="http://purl.org/dc/elements/1.1/"`
		terms  = `xmlns:t="http://purl.org/dc/terms/"`
		media  = `xmlns:m="http://search.yahoo.com/mrss"`
		itunes = `xmlns:i="http://www.itunes.com/dtds/podcast-1.0.dtd"`
		module = `xmlns:c="http://purl.org/rss/1.0/modules/content/"`
	)
	at := time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)
	tests := []struct {
		namespace, item string
		want            Entry
	}{
		{atom03, `<a:title>星禾</a:title>`, Entry{Title: "星禾"}},
		{atom10, `<a:title type="html">&lt;b&gt;星禾&lt;/b&gt;</a:title>`, Entry{Title: "星禾"}},
		{dc10, `<d:title>星禾</d:title>`, Entry{Title: "星禾"}},
		{dc11, `<d:title>星禾</d:title>`, Entry{Title: "星禾"}},
		{media, `<m:group><m:title>星禾</m:title><m:description>好</m:description></m:group>`, Entry{Title: "星禾", Text: []string{"好"}}},
		{itunes, `<i:title>星禾</i:title><i:summary>好</i:summary>`, Entry{Title: "星禾", Text: []string{"好"}}},
		{atom03, `<a:link rel="alternate" href="https://a.example/1"/>`, Entry{Link: "https://a.example/1"}},
		{atom10, `<a:link href="https://a.example/1"/><a:link rel="enclosure" href="https://a.example/2"/>`, Entry{Link: "https://a.example/1"}},
		{atom03, `<a:id>tag:a.example,2026:ID</a:id>`, Entry{ID: "tag:a.example,2026:ID"}},
		{atom10, `<a:id>HTTP://A.example/</a:id>`, Entry{ID: "HTTP://A.example/"}},
		{dc10, `<d:identifier>A1</d:identifier>`, Entry{ID: "A1"}},
		{dc11, `<d:identifier>A1</d:identifier>`, Entry{ID: "A1"}},
		{atom03, `<a:issued>2026-11-22T08:00:00Z</a:issued>`, Entry{Published: at}},
		{atom03, `<a:created>2026-11-22T08:00:00Z</a:created>`, Entry{Published: at}},
		{atom03, `<a:modified>2026-11-22T08:00:00Z</a:modified>`, Entry{Published: at, Updated: at}},
		{atom10, `<a:published>2026-11-22T08:00:00Z</a:published>`, Entry{Published: at}},
		{atom10, `<a:updated>2026-11-22T08:00:00Z</a:updated>`, Entry{Published: at, Updated: at}},
		{dc10, `<d:date>2026-11-22T08:00:00Z</d:date>`, Entry{Published: at, Updated: at}},
		{dc11, `<d:date>2026-11-22T16:00+08:00</d:date>`, Entry{Published: at, Updated: at}},
		{terms, `<t:issued>2026-11-22T08:00:00Z</t:issued>`, Entry{Published: at}},
		{terms, `<t:created>2026-11-22T08:00:00Z</t:created>`, Entry{Published: at}},
		{terms, `<t:modified>2026-11-22T08:00:00Z</t:modified>`, Entry{Published: at, Updated: at}},
		{atom03, `<a:summary>好</a:summary>`, Entry{Text: []string{"好"}}},
		{atom03, `<a:content type="text/html" mode="escaped">&lt;p&gt;好&lt;/p&gt;</a:content>`, Entry{Text: []string{"好"}}},
		{atom10, `<a:summary>好</a:summary><a:content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>不好 &lt;3</p></div></a:content>`, Entry{Text: []string{"不好 <3", "好"}}},
		{dc10, `<d:description>好</d:description>`, Entry{Text: []string{"好"}}},
		{dc11, `<d:description>好</d:description>`, Entry{Text: []string{"好"}}},
		{module, `<c:encoded><![CDATA[<p>好</p>]]></c:encoded>`, Entry{Text: []string{"好"}}},
		{`xmlns:h="http://www.w3.org/1999/xhtml"`, `<h:body><h:p>好<h:img src="x" alt="[赞]"/></h:p></h:body>`, Entry{Text: []string{"好[赞]"}}},
		{atom10, `<a:author><a:name>阿澄</a:name><a:email>a@a.example</a:email></a:author>`, Entry{Author: "阿澄"}},
		{dc11, `<d:creator>阿澄</d:creator><d:language>zh</d:language>`, Entry{Author: "阿澄", Lang: "zh"}},
		{`xmlns:o="http://other.example/"`, `<o:title>no</o:title><o:thing><link>no</link><title>no</title></o:thing><o:description>no</o:description>`, Entry{}},
	}
	for name, skeleton := range skeletons {
		for _, test := range tests {
			doc := fmt.Sprintf(skeleton, test.namespace, test.item)
			entries, err := ParseFeed([]byte(doc), "", "", nil)
			if err != nil || len(entries) != 1 || fmt.Sprint(entries[0]) != fmt.Sprint(test.want) {
				t.Errorf("%s: %s\ngot %+v, error %v\nwant %+v", name, test.item, entries, err, test.want)
			}
		}
	}
}

// one reads a document of one entry.
func one(t *testing.T, doc, base string) Entry {
	t.Helper()
	entries, err := ParseFeed([]byte(doc), "", base, nil)
	if err != nil || len(entries) != 1 {
		t.Fatalf("%d entries, error %v, in %s", len(entries), err, doc)
	}
	return entries[0]
}

func TestFormats(t *testing.T) {
	at := time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)
	encoded := base64.StdEncoding.EncodeToString([]byte("<p>星禾 &amp; 晨曦</p>"))
	tests := []struct {
		name, doc string
		want      Entry
	}{
		{
			"CDF", `<CHANNEL HREF="https://a.example/"><ITEM HREF="https://a.example/1" LASTMOD="2026-11-22T08:00Z"><TITLE>星禾</TITLE><ABSTRACT>好</ABSTRACT></ITEM></CHANNEL>`,
			Entry{Title: "星禾", Link: "https://a.example/1", Text: []string{"好"}, Published: at, Updated: at},
		},
		{
			"RSS 1.0", `<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xml:lang="zh"><item rdf:about="https://a.example/1"><title>星禾</title></item></rdf:RDF>`,
			Entry{Title: "星禾", Link: "https://a.example/1", ID: "https://a.example/1", Lang: "zh"},
		},
		{"titles of RSS 0.91 are text", `<rss version="0.91"><channel><item><title>a &amp;amp; b</title></item></channel></rss>`, Entry{Title: "a &amp; b"}},
		{"titles of RSS 2.0 are HTML", `<rss version="2.0"><channel><item><title>a &amp;amp; b</title></item></channel></rss>`, Entry{Title: "a & b"}},
		{"titles of Atom are text", `<feed><entry><title>a &lt;b> c</title></entry></feed>`, Entry{Title: "a <b> c"}},
		{"titles of Atom in XHTML", `<feed><entry><title type="xhtml"><div>a <b>&lt;b></b></div></title></entry></feed>`, Entry{Title: "a <b>"}},
		{"the feed's own parts", `<rss><channel><title>no</title><image><title>no</title><link>no</link></image><item><link>https://a.example/1</link><image><link>no</link></image></item><textInput><title>no</title></textInput></channel></rss>`, Entry{Link: "https://a.example/1"}},
		{"Atom's parts in parts", `<feed xmlns="http://www.w3.org/2005/Atom"><entry><source><title>no</title><id>no</id></source><id>1</id></entry></feed>`, Entry{ID: "1"}},
		{"base64 of Atom 0.3", `<feed version="0.3"><entry><title type="text/html" mode="base64">` + encoded + `</title></entry></feed>`, Entry{Title: "星禾 & 晨曦"}},
		{"base64 of Atom 1.0", `<feed><entry><content type="application/octet-stream">` + encoded + `</content></entry></feed>`, Entry{Text: []string{"星禾 & 晨曦"}}},
		{"no base64", `<feed><entry><title mode="base64">a &lt; b</title><content type="image/png">` + encoded + `</content></entry></feed>`, Entry{Title: "a < b"}},
		{"full texts", `<rss><channel><item><fullitem>&lt;p>一二三&lt;/p></fullitem><body>一二</body><summary>一</summary></item></channel></rss>`, Entry{Text: []string{"一二三", "一二", "一"}}},
		{"naked mark-up", `<rss><channel><item><description><p>一 &lt; 二<br/>三</p></description></item></channel></rss>`, Entry{Text: []string{"一 < 二\n三"}}},
		{"permanent guid", `<rss><channel><item><guid>https://a.example/1</guid></item></channel></rss>`, Entry{ID: "https://a.example/1", Link: "https://a.example/1"}},
		{"other guid", `<rss><channel><item><guid isPermaLink="FALSE">https://a.example/1</guid></item></channel></rss>`, Entry{ID: "https://a.example/1"}},
		{"recording alone", `<rss><channel><item><enclosure url=" " type="audio/mpeg"/><enclosure url="https://a.example/1.mp3" type="audio/mpeg"/></item></channel></rss>`, Entry{Link: "https://a.example/1.mp3"}},
		{"recording of a page", `<rss><channel><item><enclosure url="https://a.example/1.mp3"/><link>https://a.example/1</link></item></channel></rss>`, Entry{Link: "https://a.example/1"}},
		{"link as attribute", `<rss><channel><item><link href="https://a.example/1"/></item></channel></rss>`, Entry{Link: "https://a.example/1"}},
		{"Atom link with text", `<feed><entry><link>https://a.example/1</link><link rel="enclosure">https://a.example/2</link></entry></feed>`, Entry{Link: "https://a.example/1"}},
		{"HTML before other forms", `<feed><entry><link href="https://a.example/1.json" type="application/json"/><link href="https://a.example/1" type="text/html"/></entry></feed>`, Entry{Link: "https://a.example/1"}},
		{"mail address and name", `<rss><channel><managingEditor>e@a.example (编辑部)</managingEditor><item><link>https://a.example/1</link></item></channel></rss>`, Entry{Link: "https://a.example/1", Author: "编辑部"}},
		{"name and mail address", `<rss><channel><item><author>阿澄 &lt;a@a.example&gt;</author></item></channel></rss>`, Entry{Author: "阿澄"}},
		{"author of the feed", `<feed><author><name>阿澄</name></author><entry><id>1</id></entry></feed>`, Entry{ID: "1", Author: "阿澄"}},
		{"entry within an entry", `<feed><entry><content type="application/atom+xml"><entry><summary>2</summary></entry></content><title>1</title></entry></feed>`, Entry{Title: "1", Text: []string{"2"}}},
		{"item within an extension", `<rss xmlns:x="urn:x"><channel><item><title>1</title><x:old><item><title>2</title></item></x:old></item></channel></rss>`, Entry{Title: "1"}},
	}
	for _, test := range tests {
		if got := one(t, test.doc, ""); fmt.Sprint(got) != fmt.Sprint(test.want) {
			t.Errorf("%s: got %+v, want %+v", test.name, got, test.want)
		}
	}
}

func TestFeedLinks(t *testing.T) {
	const base = "https://a.example/feeds/all.xml"
	tests := []struct{ name, doc, want string }{
		{"address of the document", `<feed><entry><link href="../1"/></entry></feed>`, "https://a.example/1"},
		{"feed's link", `<rss><channel><link>https://b.example/blog/</link><item><link>1</link></item></channel></rss>`, "https://b.example/blog/1"},
		{"relative link of the feed", `<feed><link href="/blog/"/><entry><link href="1"/></entry></feed>`, "https://a.example/blog/1"},
		{"xml:base", `<feed xml:base="https://b.example/x/y"><entry><link href="1"/></entry></feed>`, "https://b.example/x/1"},
		{"xml:base within xml:base", `<feed xml:base="https://b.example/x/"><entry xml:base="y/"><link xml:base="z/" href="1"/></entry></feed>`, "https://b.example/x/y/z/1"},
		{"relative xml:base", `<feed xml:base="/x/"><entry><link href="1"/></entry></feed>`, "https://a.example/x/1"},
		{"xml:base that ended", `<feed><entry xml:base="https://b.example/"/><entry xml:base="https://c.example/"><link href="1"/></entry></feed>`, "https://c.example/1"},
		{"xml:base in RSS", `<rss xml:base="https://b.example/"><channel><item><link>1</link></item></channel></rss>`, "https://b.example/1"},
		{"no scheme", `<rss><channel><item><link>//b.example/1</link></item></channel></rss>`, "https://b.example/1"},
		{"ampersands", `<rss><channel><item><link>https://b.example/?a=1&copy=2&amp;b=3</link></item></channel></rss>`, "https://b.example/?a=1&copy=2&b=3"},
	}
	for _, test := range tests {
		entries, err := ParseFeed([]byte(test.doc), "", base, nil)
		if err != nil || len(entries) == 0 || entries[len(entries)-1].Link != test.want {
			t.Errorf("%s: %+v, error %v, want %s", test.name, entries, err, test.want)
		}
	}
}

// TestDamage states what is left of damaged documents: the titles of their items.
func TestDamage(t *testing.T) {
	long := strings.Repeat("x", 2000)
	tests := []struct{ name, doc, want string }{
		{"cut off in an item", `<rss><channel><item><title>1</title></item><item><title>2</title></item><item><title>3</title><descr`, "1|2"},
		{"cut off in a CDATA section", `<rss><channel><item><title>1</title></item><item><title>2</title><description><![CDATA[<p>`, "1"},
		{"cut off in an end tag", `<feed><entry><title>1</title></entry><entry><title>2</title></entry></fee`, "1|2"},
		{"cut off in a tag after the items", `<rss><channel><item><title>1</title></item><image`, "1"},
		{"items not closed", `<rss><channel><item><title>1</title><item><title>2</title></item></channel></rss>`, "1|2"},
		{"title not closed", `<rss><channel><item><title>1<guid>a</guid></item><item><title>2</title></item></channel></rss>`, "1|2"},
		{"end tags of nothing", `<rss><channel></p><item></b><title>1</i></title></item></channel></rss>`, "1"},
		{"wrong order", `<rss><channel><item><title><b>1</title></b></item></channel></rss>`, "1"},
		{"capitals", `<RSS><Channel><ITEM><Title>1</title></Item></CHANNEL></rss>`, "1"},
		{"bare signs", `<rss><channel><item><title>1 < 2 & 3 > 2 &c; <3</title></item></channel></rss>`, "1 < 2 & 3 > 2 &c; <3"},
		{"control characters", "<rss><channel><item><title>1\x00\x01\x0b&#1;2</title></item></channel></rss>", "12"},
		{"references of HTML", `<rss><channel><item><title>caf&eacute;&nbsp;&#150; &#x26;</title></item></channel></rss>`, "café – &"},
		{"references of the document", `<!DOCTYPE rss [<!ENTITY a "星&#31166;"> <!ENTITY x SYSTEM "file:///etc/passwd">]><rss><channel><item><title>&a;&x;</title></item></channel></rss>`, "星禾&x;"},
		{"references to references", `<!DOCTYPE rss [<!ENTITY a "ha"><!ENTITY b "&a;&a;"><!ENTITY c "&b;&b;">]><rss><channel><item><title>&c;</title></item></channel></rss>`, "&b;&b;"},
		{"long reference", `<!DOCTYPE rss [<!ENTITY a "` + long + `">]><rss><channel><item><title>&a;</title></item></channel></rss>`, "&a;"},
		{"undeclared prefixes", `<rss><channel><item><dc:title>1</dc:title><foo:title>2</foo:title></item></channel></rss>`, "1"},
		{"attributes without quotes", `<rss version=2.0><channel><item><title type=html>1</title></item></channel></rss>`, "1"},
		{"declaration in the middle", "\n<br />\n<b>Warning</b>: no such file<br />\n<?xml version=\"1.0\"?><rss><channel><item><title>1</title></item></channel></rss>", "1"},
		{"something behind it", `<rss><channel><item><title>1</title></item></channel></rss><script>alert(1)</script>`, "1"},
		{"two documents", `<rss><channel><item><title>1</title></item></channel></rss><?xml version="1.0"?><rss><channel><item><title>2</title></item></channel></rss>`, "1|2"},
	}
	for _, test := range tests {
		entries, err := ParseFeed([]byte(test.doc), "", "", nil)
		var titles []string
		for _, e := range entries {
			titles = append(titles, e.Title)
		}
		if got := strings.Join(titles, "|"); err != nil || got != test.want {
			t.Errorf("%s: %q, error %v, want %q", test.name, got, err, test.want)
		}
	}
}

// TestCutAnywhere: wherever a feed breaks off, its whole items are read, and nothing else.
func TestCutAnywhere(t *testing.T) {
	const base = "https://news.example/feed"
	for _, file := range feedFiles(t) {
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all, err := ParseFeed(body, "", base, china)
		if err != nil {
			t.Fatal(err)
		}
		read := 0
		for n := range body {
			entries, whole, err := parseFeed(body[:n], "", base, china)
			if len(entries) < read || len(entries) > len(all) || fmt.Sprint(entries) != fmt.Sprint(all[:len(entries)]) || whole && len(entries) < len(all) {
				t.Fatalf("%s, %d bytes of it: %+v, whole %t, error %v", file, n, entries, whole, err)
			}
			read = len(entries)
		}
		if read != len(all) {
			t.Errorf("%s: %d of %d items before the last byte", file, read, len(all))
		}
	}
}

// TestEntityExpansion: a document cannot make itself many times larger.
func TestEntityExpansion(t *testing.T) {
	doc := `<!DOCTYPE rss [<!ENTITY a "` + strings.Repeat("a", maxEntity) + `">]><rss><channel><item><title>` + strings.Repeat("&a;", 100_000) + `</title></item></channel></rss>`
	if n := len(one(t, doc, "").Title); n > maxExpansion {
		t.Errorf("a document of %d bytes became a title of %d", len(doc), n)
	}
}

func TestAmericanTime(t *testing.T) {
	const feed = `<rss><channel><language>%s</language><item><title>%s</title><pubDate>Sun, 22 Nov 2026 08:00:00 CST</pubDate></item></channel></rss>`
	for _, test := range []struct{ lang, title, want string }{
		{"en-us", "Battery fire", "2026-11-22T14:00:00Z"},
		{"en-us", "电池起火", "2026-11-22T00:00:00Z"}, // a default nobody changed
		{"zh-cn", "Battery fire", "2026-11-22T00:00:00Z"},
		{"", "Battery fire", "2026-11-22T00:00:00Z"},
	} {
		if got := one(t, fmt.Sprintf(feed, test.lang, test.title), "").Published.Format(time.RFC3339); got != test.want {
			t.Errorf("%+v: got %s", test, got)
		}
	}
}

// FuzzRewriteXML: whatever comes in, a document is refused or becomes well-formed XML
// of bounded size that holds as many items as were counted.
func FuzzRewriteXML(f *testing.F) {
	for _, skeleton := range skeletons {
		f.Add(fmt.Sprintf(skeleton, `xmlns:a="http://www.w3.org/2005/Atom" xml:base="/x/"`, `<title>1</title><a:content type="xhtml"><div>&eacute;<br></div></a:content><a:link href="/1"/>`))
	}
	f.Add(`<!DOCTYPE rss [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><rss><channel><item><title>&b;]]></title><guid isPermaLink=false>1</item><item><description><![CDATA[ ]]`)
	f.Fuzz(func(t *testing.T, doc string) {
		doc = toUTF8([]byte(doc), "text/xml; charset=utf-8")
		rewritten, _, err := rewriteXML(doc, "https://a.example/feed")
		if err != nil {
			return
		}
		if n := len(rewritten); n > 100*len(doc)+len(header)+maxExpansion+1000 {
			t.Errorf("%d bytes became %d", len(doc), n)
		}
		items := 0
		for decoder := xml.NewDecoder(bytes.NewReader(rewritten)); ; {
			token, err := decoder.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%v in %q, made of %q", err, rewritten, doc)
			}
			if start, ok := token.(xml.StartElement); ok && start.Name.Local == "item" {
				items++
			}
		}
		feed, err := new(rss.Parser).Parse(bytes.NewReader(rewritten))
		if err != nil || len(feed.Items) != items {
			t.Errorf("gofeed reads %v, error %v, of %d items in %q", feed, err, items, rewritten)
		}
	})
}
