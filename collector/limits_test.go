package collector

import (
	"fmt"
	"strings"
	"testing"
)

func TestRewriteXMLLimits(t *testing.T) {
	var namespaces strings.Builder
	for i := range maxNamespaces + 1 {
		fmt.Fprintf(&namespaces, ` xmlns:n%d="urn:%d"`, i, i)
	}
	tests := []struct{ name, doc, err string }{
		{"unclosed elements", "<rss>" + strings.Repeat("<a>", maxDepth), "nested deeper than 256"},
		{"unclosed elements in a text", "<rss><item><title>" + strings.Repeat("<a>", maxDepth), "nested deeper than 256"},
		{"unclosed elements behind a quote", `<rss><!x "<">` + strings.Repeat("<a>", maxDepth) + ">", "nested deeper than 256"},
		{"unclosed elements that their parents close", "<rss>" + strings.Repeat("<p><br><br></p>", 1000) + "</rss>", ""},
		{"elements that are never closed", "<rss><item><title>" + strings.Repeat("<br>", 1000) + "</title></item></rss>", ""},
		{"end tags of nothing", "<rss>" + strings.Repeat("<a></b></a>", maxDepth) + "</rss>", ""},
		{"items", "<rss>" + strings.Repeat("<item/>", maxChildren+1), "more than 5000 items"},
		{"pieces of text", "<rss><a>" + strings.Repeat("a<![CDATA[>]]>", maxChildren+1), "more than 5000 items"},
		{"comments", "<rss><a>" + strings.Repeat("a<!-- -->", maxChildren+1), "more than 5000 items"},
		{"elements", "<rss>" + strings.Repeat("<i>"+strings.Repeat("<a/>", 50)+"</i>", maxNodes/50), "XML elements"},
		{"end tags of nothing, in millions", "<rss>" + strings.Repeat("</a>", maxNodes+1), "more than 5000 items, or parts"},
		{"text", "<rss><item><title>" + strings.Repeat("a", maxToken), "a text or tag in it is longer than 2 MiB"},
		{"tag", "<rss" + strings.Repeat(" a", maxToken), "a text or tag in it is longer than 2 MiB"},
		{"attributes", "<rss" + strings.Repeat(` a=""`, 100_000) + "></rss>", ""},
		{"namespaces", "<rss><channel" + namespaces.String() + "></rss>", "more than 64 XML namespaces"},
	}
	for _, test := range tests {
		_, _, err := rewriteXML(test.doc, "")
		if test.err == "" && err != nil || test.err != "" && (err == nil || !strings.Contains(err.Error(), test.err)) {
			t.Errorf("%s: error %v, want %q", test.name, err, test.err)
		}
	}
}

func TestRepairJSON(t *testing.T) {
	brackets := `{"a": "\"` + strings.Repeat("{[", maxNodes) + `"}`
	for _, test := range []struct {
		name, doc, want string
		whole           bool
	}{
		{"whole", `{"items": [{"id": "1"}]}`, `{"items": [{"id": "1"}]}`, true},
		{"brackets in a string", brackets, brackets, true},
		{"line breaks in a string", "{\"a\": \"\x00b\nc\"}\n", `{"a": " b c"} `, true},
		{"breaks off in an item", `{"items": [{"id": "1", "tags": ["a"]}, {"id": "2", "tags": ["b"]`, `{"items": [{"id": "1", "tags": ["a"]}]}`, false},
		{"breaks off behind an item", `{"items": [{"id": "1"}`, `{"items": [{"id": "1"}]}`, false},
		{"breaks off in the first item", `{"items": [{"id": "1"`, `{"items": [{"id": "1"`, true},
	} {
		if got, whole, err := repairJSON(test.doc); got != test.want || whole != test.whole || err != nil {
			t.Errorf("%s: %.80q, whole %t, error %v; want %.80q", test.name, got, whole, err, test.want)
		}
	}
	if _, _, err := repairJSON(strings.Repeat("[", maxNodes+1)); err == nil {
		t.Error("too many lists are accepted")
	}
	if _, _, err := repairJSON("[" + strings.Repeat("0,", 2*maxNodes+1) + "0]"); err == nil {
		t.Error("too many values are accepted")
	}
	if _, _, err := repairJSON(`{"content_text": "` + strings.Repeat(",", 2*maxNodes+1) + `"}`); err != nil {
		t.Errorf("commas in a text: %v", err)
	}
}

// TestTextIsCut: what is beyond the limit of one text is left out, whole characters
// before it stay.
func TestTextIsCut(t *testing.T) {
	doc := "<rss><channel><item><title>" + strings.Repeat("禾", maxText/3+9) + "</title></item></channel></rss>"
	if got := one(t, doc, "").Title; got != strings.Repeat("禾", maxText/3) {
		t.Errorf("%d bytes, ending in %q", len(got), got[len(got)-6:])
	}
}
