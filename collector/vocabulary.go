package collector

import "strings"

// vocabulary is the short name of an XML namespace that feeds use: "" for the RSS
// formats' own elements, "atom", "dc" and so on. Versions of one vocabulary, such as
// Atom 0.3 and 1.0, share a name. What no reader needs is "other".
type vocabulary string

const (
	native vocabulary = ""
	other  vocabulary = "other"
)

// namespaceVocabulary is the vocabulary of an XML namespace, by its address without
// scheme, trailing "/" and "#", and in lower case: publishers vary all of these.
func namespaceVocabulary(address string) vocabulary {
	address = strings.ToLower(strings.TrimSpace(address))
	address = strings.TrimPrefix(strings.TrimPrefix(address, "http://"), "https://")
	switch address = strings.TrimRight(address, "/#"); address {
	case "", "purl.org/rss/1.0", "purl.org/net/rss1.1", "purl.org/rss/1.0/modules/rss091", "my.netscape.com/rdf/simple/0.9",
		"channel.netscape.com/rdf/simple/0.9", "my.netscape.com/publish/formats/rss-0.91.dtd", "backend.userland.com/rss",
		"backend.userland.com/rss2", "backend.userland.com/rss091", "blogs.law.harvard.edu/tech/rss", "cyber.law.harvard.edu/rss":
		return native
	case "www.w3.org/2005/atom":
		return "atom"
	case "purl.org/dc/elements/1.0", "purl.org/dc/elements/1.1":
		return "dc"
	case "purl.org/dc/terms":
		return "dcterms"
	case "purl.org/rss/1.0/modules/content":
		return "content"
	case "search.yahoo.com/mrss", "video.search.yahoo.com/mrss":
		return "media"
	case "www.itunes.com/dtds/podcast-1.0.dtd", "example.com/dtds/podcast-1.0.dtd":
		return "itunes"
	case "www.google.com/schemas/play-podcasts/1.0":
		return "googleplay"
	case "rssnamespace.org/feedburner/ext/1.0":
		return "feedburner"
	case "www.w3.org/1999/xhtml":
		return "xhtml"
	case "www.w3.org/1999/02/22-rdf-syntax-ns":
		return "rdf"
	}
	if strings.HasPrefix(address, "purl.org/atom/ns") { // 0.3 and the drafts after it
		return "atom"
	}
	return other
}

// prefixVocabulary is what a prefix means that the document forgot to declare.
func prefixVocabulary(prefix string) vocabulary {
	switch prefix {
	case "", "rss":
		return native
	case "atom", "atom03", "atom10", "a10":
		return "atom"
	case "dc", "dcterms", "content", "media", "itunes", "googleplay", "feedburner", "xhtml", "rdf":
		return vocabulary(prefix)
	}
	return other
}

// header opens a document written by rewriteXML. The addresses are those that gofeed
// knows the vocabularies by.
const header = `<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:dc="http://purl.org/dc/elements/1.1/"` +
	` xmlns:dcterms="http://purl.org/dc/terms/" xmlns:content="http://purl.org/rss/1.0/modules/content/"` +
	` xmlns:media="http://search.yahoo.com/mrss/" xmlns:itunes="http://www.itunes.com/DTDs/PodCast-1.0.dtd"` +
	` xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0"><channel>`

// holding is what an element holds.
type holding int

const (
	holdsNothing   holding = iota
	holdsItems             // the feed's own elements, or its items
	holdsEntry             // an item
	holdsGroup             // elements that belong together
	holdsWords             // text without mark-up: a date, a name, an identifier
	holdsAddress           // a URL, as text or as an attribute
	holdsLink              // a URL and its relation, as attributes
	holdsTitle             // text that is HTML in some formats
	holdsProse             // HTML
	holdsConstruct         // text or HTML, as the type attribute says (RFC 4287, section 3.1)
)

// feedElement tells what an element of a feed holds and what rewriteXML names it.
// The name is the qualified one, in lower case.
func feedElement(name string) (holding, string) {
	switch name {
	case "channel", "items", "rdf:seq", "rdf:bag", "rdf:li", "rdf:rdf", "rdf", "rss", "atom:feed":
		return holdsItems, ""
	case "item", "atom:entry", "entry", "atom:item":
		return holdsEntry, "item"
	case "link":
		return holdsAddress, name
	case "atom:link":
		return holdsLink, name
	case "language", "dc:language", "itunes:author", "dc:creator":
		return holdsWords, name
	case "managingeditor":
		return holdsWords, "managingEditor"
	case "atom:author":
		return holdsGroup, name
	case "author", "googleplay:author":
		return holdsWords, "itunes:author"
	}
	return holdsNothing, ""
}

// itemElement is feedElement for the elements of an item. Names of Atom 0.3, CDF and
// of Atom elements that stand in RSS without a namespace become those of Atom 1.0 and
// RSS 2.0.
func itemElement(name string) (holding, string) {
	switch name {
	case "title", "dc:title", "media:title", "itunes:title":
		return holdsTitle, name
	case "atom:title", "atom:summary", "atom:content":
		return holdsConstruct, name
	case "summary", "content":
		return holdsProse, "atom:" + name
	case "description", "dc:description", "content:encoded", "fullitem", "body", "media:description", "itunes:summary", "itunes:subtitle":
		return holdsProse, name
	case "abstract":
		return holdsProse, "description"
	case "xhtml:body", "xhtml:div":
		return holdsConstruct, "body"
	case "link":
		return holdsAddress, name
	case "atom:link", "enclosure":
		return holdsLink, "atom:link"
	case "guid":
		return holdsWords, name
	case "feedburner:origlink":
		return holdsAddress, name
	case "id", "atom:id":
		return holdsWords, "atom:id"
	case "pubdate": // by its own name gofeed would read it too, trying a hundred layouts
		return holdsWords, "stated"
	case "dc:date", "dc:identifier", "dc:language", "dcterms:created", "dcterms:issued", "dcterms:modified":
		return holdsWords, name
	case "published", "issued", "atom:published", "atom:issued":
		return holdsWords, "atom:published"
	case "updated", "modified", "lastmod", "atom:updated", "atom:modified":
		return holdsWords, "atom:updated"
	case "created", "atom:created":
		return holdsWords, "dcterms:created"
	case "author", "dc:creator", "itunes:author":
		return holdsWords, name
	case "googleplay:author":
		return holdsWords, "itunes:author"
	case "atom:author", "media:group":
		return holdsGroup, name
	}
	if local, ok := strings.CutPrefix(name, "atom:"); ok { // RSS in Atom, such as pubDate
		return itemElement(local)
	}
	return holdsNothing, ""
}

// groupElement is feedElement for the elements of a group within an item or feed.
func groupElement(name string) (holding, string) {
	switch name {
	case "atom:name", "atom:email":
		return holdsWords, name
	case "media:title":
		return holdsTitle, name
	case "media:description":
		return holdsProse, name
	}
	return holdsNothing, ""
}
