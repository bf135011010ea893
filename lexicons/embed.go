// Package lexicons holds the tables that the scorer and the brand matcher read:
// valences, rules, terms of loyalty, words by field, and the conversion of traditional
// characters. SOURCES.md says where each comes from.
package lexicons

import "embed"

// Files holds the tables, by folder: valence, rules, loyalty, fields, script.
//
//go:embed valence/*.tsv rules/*.tsv loyalty/*.tsv fields/*.tsv script/*.tsv learned/*.tsv
var Files embed.FS
