package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// unit is what texts are compared by: a Han or kana character, or a run of other
// letters and digits such as an English word. The texts are in normal form, so that
// traditional and simplified characters are the same units.
type unit struct {
	hash   uint64
	number bool // it holds a digit
}

// longest is how many units of a text are compared: about ten pages.
const longest = 5000

// FNV-1a, whose constants are these.
const (
	fnvOffset = 14695981039346656037
	fnvPrime  = 1099511628211
)

// unitsOf cuts words in normal form, with spaces between them, into units.
func unitsOf(words string) []unit {
	var units []unit
	current := unit{hash: fnvOffset}
	end := func() {
		if current.hash != fnvOffset {
			units = append(units, current)
			current = unit{hash: fnvOffset}
		}
	}
	for _, r := range words {
		if len(units) >= longest {
			break
		}
		han := 0x4e00 <= r && r <= 0x9fff // most of them, without a search in tables
		digit := !han && unicode.IsDigit(r)
		alone := han || unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana)
		part := han || digit || unicode.IsLetter(r) || unicode.IsMark(r)
		if alone || !part {
			end()
		}
		if part {
			current.hash = (current.hash ^ uint64(r)) * fnvPrime
			current.number = current.number || digit
		}
		if alone {
			end()
		}
	}
	end()
	return units
}

// shingles are the hashes of each n units in a row.
func shingles(units []unit, n int) []uint64 {
	hashes := make([]uint64, 0, max(0, len(units)-n+1))
	for i := n; i <= len(units); i++ {
		h := uint64(fnvOffset)
		for _, u := range units[i-n : i] {
			h = (h ^ u.hash) * fnvPrime
			h ^= h >> 32 // else the low bits would depend on the low bits alone
		}
		hashes = append(hashes, h)
	}
	return hashes
}

// The measures by which one text is a copy of another. They were set on one half of
// the pairs of docs/accuracy.md; a shared shingle of 3 units is little evidence, but
// one after the other makes a stretch.
const (
	compared  = 3   // units of a shingle
	stretch   = 5   // units of a passage that both texts share, at least
	covered   = 0.6 // share of the shorter text from the first such passage to the last
	perChange = 150 // units in which one more change is allowed than the first
	perNumber = 1   // changes that may replace a number
)

// alike reports whether one text is a copy of the other, whole or in part, with words
// before, behind and in between. Shorter texts are to stand in the longer one, but
// for a headline, a cut end, and one or two changes: a notice in which the names
// and numbers are other ones, at several places, tells another story.
func alike(a, b []unit) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	known := make(map[uint64]bool, len(b))
	for _, h := range shingles(b, compared) {
		known[h] = true
	}
	shared := make([]bool, len(a))
	for i, h := range shingles(a, compared) {
		if known[h] {
			for k := range compared {
				shared[i+k] = true
			}
		}
	}
	from, to := -1, 0
	for start, end := range runs(shared) {
		if shared[start] && end-start >= stretch {
			if from < 0 {
				from = start
			}
			to = end
		}
	}
	if from < 0 {
		return false
	}
	numbers := make(map[uint64]bool)
	for _, u := range b {
		if u.number {
			numbers[u.hash] = true
		}
	}
	kept, changes, otherNumbers := 0, 0, 0
	for start, end := range runs(shared[from:to]) {
		if shared[from+start] {
			kept += end - start
			continue
		}
		changes++
		if slices.ContainsFunc(a[from+start:from+end], func(u unit) bool { return u.number && !numbers[u.hash] }) {
			otherNumbers++
		}
	}
	return float64(kept) >= covered*float64(len(a)) && changes <= 1+len(a)/perChange && otherNumbers <= perNumber
}

// runs are the ranges of equal values.
func runs(values []bool) func(yield func(start, end int) bool) {
	return func(yield func(start, end int) bool) {
		for start := 0; start < len(values); {
			end := start + 1
			for end < len(values) && values[end] == values[start] {
				end++
			}
			if !yield(start, end) {
				return
			}
			start = end
		}
	}
}

// A sketch stands for a text in the index: the smallest hashes of its shingles, as in
// Broder's resemblance (On the resemblance and containment of documents, 1997), each of
// the first few units, of more of them, and of all, so that a text that was cut short
// shares hashes with the whole one.
const (
	indexed  = 5 // units of a shingle of the index: longer ones are rarer
	smallest = 4 // hashes of each part
	hashBits = 47
)

// sketch returns the hashes of a text, each once: at most 12, none for a text of fewer
// than 5 units.
func sketch(units []unit) []int64 {
	hashes := shingles(units, indexed)
	var chosen []int64
	for _, part := range []int{32, 128, len(hashes)} {
		if part > len(hashes) && part != 32 {
			continue
		}
		sorted := slices.Sorted(slices.Values(hashes[:min(part, len(hashes))]))
		for _, h := range sorted[:min(smallest, len(sorted))] {
			chosen = append(chosen, int64(h>>(64-hashBits))) // SQLite stores 47 bits in 6 bytes
		}
	}
	slices.Sort(chosen)
	return slices.Compact(chosen)
}

// probed is how many stored texts a hash leads to, newest first, and tried is how many
// of all of these are compared, those with the most common hashes. Passages that stand
// in very many texts, such as a site's own words, must not make a look-up slow.
const (
	probed = 16
	tried  = 8
)

// findAlike returns the first stored story of which a text with these words is a copy,
// or NULL. Only originals have sketches, so that copies are compared with what they are
// copies of and a widespread story does not fill the index.
func (b *batch) findAlike(ctx context.Context, words string, hashes []int64) (story sql.NullInt64, err error) {
	if len(hashes) == 0 {
		return story, nil
	}
	probe := `SELECT item_id FROM (SELECT item_id FROM sketches WHERE hash = +? ORDER BY item_id DESC LIMIT ` + strconv.Itoa(probed) + `)`
	probes, args := make([]string, len(hashes)), make([]any, len(hashes))
	for i, h := range hashes {
		probes[i], args[i] = probe, h
	}
	query := `
		SELECT item_id, words
		FROM (SELECT item_id FROM (` + strings.Join(probes, ` UNION ALL `) + `)
			GROUP BY item_id ORDER BY count(*) DESC, item_id LIMIT ` + strconv.Itoa(tried) + `)
		LEFT JOIN search ON docid = item_id`
	type candidate struct {
		item  int64
		words sql.NullString
	}
	candidates, err := collect(ctx, b.tx, query, func(rows *sql.Rows) (c candidate, err error) {
		err = rows.Scan(&c.item, &c.words)
		return c, err
	}, args...)
	if len(candidates) == 0 || err != nil {
		return story, err
	}
	slices.SortFunc(candidates, func(c, d candidate) int { return cmp.Compare(c.item, d.item) })
	units := unitsOf(words)
	for _, c := range candidates {
		if !c.words.Valid {
			c.words.String = b.words[c.item] // not in the index yet
		}
		if alike(units, unitsOf(c.words.String)) {
			return sql.NullInt64{Int64: c.item, Valid: true}, nil
		}
	}
	return story, nil
}

// wordsOf returns the words of a stored item, or none if it was stored without.
func (b *batch) wordsOf(ctx context.Context, item int64) (words string, err error) {
	if words, ok := b.words[item]; ok {
		return words, nil
	}
	err = b.tx.QueryRowContext(ctx, `SELECT words FROM search WHERE docid = ?`, item).Scan(&words)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return words, err
}

// addSketch makes an original findable for the copies to come.
func (b *batch) addSketch(ctx context.Context, item int64, hashes []int64) error {
	if len(hashes) == 0 {
		return nil
	}
	list, err := json.Marshal(hashes)
	if err != nil {
		return err
	}
	_, err = b.tx.ExecContext(ctx, `INSERT INTO sketches (hash, item_id) SELECT value, ? FROM json_each(?)`, item, string(list))
	return err
}
