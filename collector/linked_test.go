package collector

import (
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
)

func TestLinkedData(t *testing.T) {
	whole := linked{"星禾致歉", "林小树", "2026-11-22T15:30:00+08:00", "正文。"}
	const article = `{"@type":"NewsArticle","headline":"星禾致歉","author":{"@type":"Person","name":"林小树"},"datePublished":"2026-11-22T15:30:00+08:00","articleBody":"正文。"}`
	for name, test := range map[string]struct {
		json string
		want linked
	}{
		"plain":                {article, whole},
		"list":                 {`[{"@type":"Organization","name":"晨报"},` + article + `]`, whole},
		"graph":                {`{"@context":"https://schema.org","@graph":[{"@type":"WebPage"},` + article + `]}`, whole},
		"of the page":          {`{"@type":"WebPage","mainEntity":` + article + `}`, whole},
		"authors by name":      {`{"@type":["Thing","SocialMediaPosting"],"author":["甲","乙"],"text":"好。","dateCreated":"2026-11-22"}`, linked{"", "甲", "2026-11-22", "好。"}},
		"line break in a text": {"{\"@type\":\"Article\",\"headline\":\"第一行\n第二行\"}", linked{headline: "第一行 第二行"}},
		"numbers for texts":    {`{"@type":"Article","headline":7,"author":[[["x"]]],"datePublished":{"a":1}}`, linked{}},
		"no article":           {`{"@type":"Product","name":"X3"}`, linked{}},
		"no JSON":              {`var x = 1`, linked{}},
		"too deep":             {strings.Repeat(`{"@graph":`, 50) + article + strings.Repeat("}", 50), linked{}},
	} {
		doc, err := goquery.NewDocumentFromReader(strings.NewReader(`<script type="application/ld+json">` + test.json + `</script>`))
		if err != nil {
			t.Fatal(err)
		}
		if got := linkedData(doc); got != test.want {
			t.Errorf("%s: %+v, want %+v", name, got, test.want)
		}
	}
}

func TestCountOf(t *testing.T) {
	for text, want := range map[string]bool{
		"12 comments": true, "1.2万阅读": true, "(30条评论)": true, "88": true, "3 replies": true,
		"12人因食用后不适就医": false, "100条建议写进新规": false, "3 points to note about the recall": false, "2026年终总结": false,
	} {
		if got := countOf.MatchString(text); got != want {
			t.Errorf("%q: %t, want %t", text, got, want)
		}
	}
}
