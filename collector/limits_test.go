package collector

import (
	"fmt"
	"strings"
	"testing"
)

func TestTrimXML(t *testing.T) {
	var namespaces strings.Builder
	for i := range maxNamespaces + 1 {
		fmt.Fprintf(&namespaces, ` xmlns:n%d="urn:%d"`, i, i)
	}
	tests := []struct{ name, doc, want, err string }{
		{"prolog", `<?xml version="1.1"?><!-- <a> --><!DOCTYPE rss [<!ENTITY gt ">"> <!-- it's --> <!ENTITY e "<b>">]><rss></rss>`, "<rss></rss>", ""},
		{"ends of tags in values", `<rss a="/>" b='>'><item/></rss>`, `<rss a="/>" b='>'><item/></rss>`, ""},
		{"no element", "plain text", "", "no XML element"},
		{"only a declaration", "<!DOCTYPE rss [", "", "no XML element"},
		{"unclosed elements", "<rss>" + strings.Repeat("<a>", maxDepth), "", "nested deeper than 256"},
		{"unclosed elements behind a quote", `<rss><!x "<">` + strings.Repeat("<a>", maxDepth) + ">", "", "nested deeper than 256"},
		{"unclosed elements that their parents close", strings.Repeat("<p><br><br></p>", 1000), strings.Repeat("<p><br><br></p>", 1000), ""},
		{"end tags of nothing", "<rss>" + strings.Repeat("<a></b></a>", maxDepth), "<rss>" + strings.Repeat("<a></b></a>", maxDepth), ""},
		{"items", "<rss>" + strings.Repeat("<item/>", maxChildren+1), "", "more than 5000 items"},
		{"pieces of text", "<rss><a>" + strings.Repeat("a<![CDATA[>]]>", maxChildren+1), "", "more than 5000 items"},
		{"comments", "<rss><a>" + strings.Repeat("a<!-- -->", maxChildren+1), "", "more than 5000 items"},
		{"elements", "<rss>" + strings.Repeat("<i>"+strings.Repeat("<a/>", 50)+"</i>", maxNodes/50), "", "XML elements"},
		{"namespaces", "<rss" + namespaces.String() + "></rss>", "", "more than 64 XML namespaces"},
	}
	for _, test := range tests {
		got, err := trimXML(test.doc)
		if test.err == "" && (err != nil || got != test.want) || test.err != "" && (err == nil || !strings.Contains(err.Error(), test.err)) {
			t.Errorf("%s: %.80q, error %v; want %.80q, error %q", test.name, got, err, test.want, test.err)
		}
	}
}

func TestCheckJSON(t *testing.T) {
	if err := checkJSON(`{"a": "\"` + strings.Repeat("{[", maxNodes) + `"}`); err != nil {
		t.Errorf("brackets in a string: %v", err)
	}
	if err := checkJSON(strings.Repeat("[", maxNodes+1)); err == nil {
		t.Error("too many lists are accepted")
	}
}
