package collector

import (
	"cmp"
	"encoding/json"
	"strings"

	"github.com/PuerkitoBio/goquery"
)

// linked is what a page says of its article as linked data (JSON-LD, schema.org).
type linked struct{ headline, author, published, body string }

const (
	deepest   = 8         // levels of linked data that are looked at
	maxLinked = 256 << 10 // bytes of one description; decoded, they take up to thirty times as many
)

// linkedData reads the first description of an article in a page. What is no JSON is
// passed over: the page says the same in other places.
func linkedData(doc *goquery.Document) (found linked) {
	doc.Find(`script[type="application/ld+json"]`).EachWithBreak(func(_ int, script *goquery.Selection) bool {
		text := script.Text()
		if len(text) > maxLinked {
			return true
		}
		// Line breaks within texts are common, and not allowed.
		text = strings.Map(func(r rune) rune {
			if r < ' ' {
				return ' '
			}
			return r
		}, text)
		var data any
		if json.Unmarshal([]byte(text), &data) == nil {
			found = articleIn(data, 0)
		}
		return found == linked{}
	})
	return found
}

// articleIn finds the description of an article within linked data.
func articleIn(data any, depth int) linked {
	if depth > deepest {
		return linked{}
	}
	switch data := data.(type) {
	case []any:
		for _, part := range data {
			if found := articleIn(part, depth+1); found != (linked{}) {
				return found
			}
		}
	case map[string]any:
		if isArticle(data["@type"]) {
			return linked{textOf(data["headline"]), nameOf(data["author"]), cmp.Or(textOf(data["datePublished"]), textOf(data["dateCreated"])), cmp.Or(textOf(data["articleBody"]), textOf(data["text"]))}
		}
		for _, key := range []string{"@graph", "mainEntity", "mainEntityOfPage"} {
			if found := articleIn(data[key], depth+1); found != (linked{}) {
				return found
			}
		}
	}
	return linked{}
}

// isArticle knows the types of schema.org that are an article or a post, by name or as
// one of several names.
func isArticle(kind any) bool {
	if kinds, several := kind.([]any); several {
		for _, k := range kinds {
			if isArticle(k) {
				return true
			}
		}
		return false
	}
	name := textOf(kind)
	return strings.HasSuffix(name, "Article") || strings.HasSuffix(name, "Posting") || name == "Report" || name == "Review" || name == "Question"
}

func textOf(value any) string {
	text, _ := value.(string) // anything else says nothing here
	return strings.TrimSpace(text)
}

// nameOf is the name of a person, or of the first of several.
func nameOf(value any) string {
	switch value := value.(type) {
	case []any:
		if len(value) > 0 {
			if _, nested := value[0].([]any); !nested {
				return nameOf(value[0])
			}
		}
	case map[string]any:
		return textOf(value["name"])
	}
	return textOf(value)
}
