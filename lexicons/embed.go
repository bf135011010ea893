// Package lexicons holds the tables that the scorer and the brand matcher read:
// valences, rules, terms of loyalty, and the conversion of traditional
// characters. SOURCES.md says where each comes from.
package lexicons

import "embed"

// Files holds the tables, by folder: valence, rules, loyalty, script.
//
//go:embed valence/*.tsv rules/*.tsv loyalty/*.tsv script/*.tsv
var Files embed.FS
