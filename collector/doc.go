// Package collector turns sources on the network into items: feeds (RSS, Atom,
// JSON Feed), web pages whose list is found by itself or by CSS selectors, and
// sitemaps. What publishers send is seldom what the standards ask for, so most of
// the package is about reading it as it was meant: the character encoding, the
// time zone, relative links, mark-up inside text. The rest is about being a good
// guest and a careful host: conditional requests, one request at a time to a
// server, and no way from a source to the addresses of the network the daemon
// runs in.
//
// A document in XML passes through one lenient reader (rewrite.go) that repairs it and
// brings every format into one form; gofeed reads that. A document in JSON goes to
// gofeed as it is.
//
// A [Feed], a [Page], a [Sitemap] and an [RSSHub] fetch through one [Client];
// [Discover] says which of them an address offers. All are safe for concurrent use.
// A page or sitemap may return items together with an error: what was read is good,
// the cursor stands for exactly that, and the error says what is missing.
//
// A [Folder] reads files that people and other programs put into it: exports of a
// survey, or mentions.
package collector
