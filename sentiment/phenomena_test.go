package sentiment_test

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

// TestPhenomena measures the share of the golden sentences whose label is right,
// by phenomenon of the language and part, and prints the table with -v. The rules
// were made with a, b and c in view; d, by a writer who had seen neither rules nor
// tables, tells what they are worth on other sentences. The floors keep what has
// been reached.
func TestPhenomena(t *testing.T) {
	floors := map[string]float64{"a": 0.91, "b": 0.89, "c": 0.90, "d": 0.78}
	data, err := os.ReadFile("testdata/phenomena.tsv")
	if err != nil {
		t.Fatal(err)
	}
	type count struct{ right, all int }
	counts := map[string]map[string]count{} // by phenomenon and part
	for i, line := range strings.Split(strings.TrimSpace(string(data)), "\n") {
		if strings.HasPrefix(line, "# ") {
			continue
		}
		fields := strings.Split(line, "\t")
		if len(fields) != 4 || floors[fields[0]] == 0 {
			t.Fatalf("phenomena.tsv:%d: want part, phenomenon, label and text, have %q", i+1, line)
		}
		part, label, text := fields[0], fields[2], fields[3]
		right := string(score(t, text).Label) == label
		for _, name := range []string{fields[1], "all"} {
			if counts[name] == nil {
				counts[name] = map[string]count{}
			}
			c := counts[name][part]
			c.all++
			if right {
				c.right++
			}
			counts[name][part] = c
		}
	}
	parts := slices.Sorted(maps.Keys(floors))
	share := func(c count) float64 { return float64(c.right) / float64(c.all) }
	var table strings.Builder
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		fmt.Fprintf(&table, "%-16s", name)
		all := 0
		for _, part := range parts {
			c := counts[name][part]
			all += c.all
			fmt.Fprintf(&table, " %s %3d/%3d %5.1f %%  ", part, c.right, c.all, 100*share(c))
		}
		fmt.Fprintln(&table)
		if all < 30 {
			t.Errorf("%s has only %d sentences", name, all)
		}
	}
	t.Logf("right labels by phenomenon and part:\n%s", table.String())
	for _, part := range parts {
		if got := share(counts["all"][part]); got < floors[part] {
			t.Errorf("part %s: %.3f of the labels are right, want %.2f", part, got, floors[part])
		}
	}
}
