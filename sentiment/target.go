package sentiment

import (
	"math"
	"slices"
	"sort"

	"reputed/internal/reputation"
)

const (
	// fading is what remains of a finding's weight for each clause between it and
	// the nearest place of its target.
	fading = 0.8
	// faintest is what remains at any distance: a review that names its brand once
	// speaks of it to the end.
	faintest = 0.15
	// elsewhere is what remains of a finding in a clause that speaks of another
	// target.
	elsewhere = 0.15
)

// outside drops the findings that lie in a target's own name: 好利来 is no praise.
func outside(t reputation.Text, findings []finding, own, others []reputation.Span) []finding {
	return slices.DeleteFunc(findings, func(f finding) bool {
		start, end := t.Original(f.start, f.end)
		inside := func(s reputation.Span) bool { return s.Start <= start && end <= s.End }
		return slices.ContainsFunc(own, inside) || slices.ContainsFunc(others, inside)
	})
}

// focus weakens the findings that speak of something else than the target: those
// in clauses far from it, and those in clauses that belong to another.
func focus(t reputation.Text, findings []finding, clauses []int, own, others []reputation.Span) {
	if len(own) == 0 {
		return
	}
	ours, theirs := clausesOf(t, clauses, own), clausesOf(t, clauses, others)
	for i := range findings {
		c := findings[i].clause
		if f := max(faintest, math.Pow(fading, float64(distance(ours, c)))); f < 1 {
			findings[i].scale(f, "distance")
		}
		if belongsTo(theirs, ours, c) {
			findings[i].scale(elsewhere, "about another")
		}
	}
}

// clausesOf returns the numbers of the clauses that the spans begin in.
func clausesOf(t reputation.Text, clauses []int, spans []reputation.Span) []int {
	var numbers []int
	for _, s := range spans {
		at := sort.Search(len(t.Norm), func(i int) bool { return int(t.Map[i]) >= s.Start })
		numbers = append(numbers, sort.SearchInts(clauses, at+1))
	}
	return numbers
}

// distance is the number of clauses from c to the nearest of the given ones.
func distance(numbers []int, c int) int {
	least := math.MaxInt
	for _, n := range numbers {
		least = min(least, max(n-c, c-n))
	}
	return least
}

// belongsTo tells whether the clause speaks of the others: they, and not the
// target, were named in it, or last before it.
func belongsTo(theirs, ours []int, c int) bool {
	if slices.Contains(ours, c) {
		return false
	}
	return lastUpTo(theirs, c) > lastUpTo(ours, c)
}

func lastUpTo(numbers []int, c int) int {
	last := -1
	for _, n := range numbers {
		if n <= c {
			last = max(last, n)
		}
	}
	return last
}
