package sentiment_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// TestPhenomena measures the share of the golden sentences whose label is right,
// by phenomenon of the language and half, and prints the table with -v. The rules
// were made on half a; half b tells what they are worth on sentences they have not
// seen. The floors keep what has been reached.
func TestPhenomena(t *testing.T) {
	floors := map[string]float64{"a": 0.89, "b": 0.74}
	data, err := os.ReadFile("testdata/phenomena.tsv")
	if err != nil {
		t.Fatal(err)
	}
	type count struct{ right, all int }
	counts := map[string]map[string]*count{"all": {"a": {}, "b": {}}}
	for i, line := range strings.Split(strings.TrimSpace(string(data)), "\n") {
		if strings.HasPrefix(line, "# ") {
			continue
		}
		fields := strings.Split(line, "\t")
		if len(fields) != 4 || floors[fields[0]] == 0 {
			t.Fatalf("phenomena.tsv:%d: want half, phenomenon, label and text, have %q", i+1, line)
		}
		half, phenomenon, label, text := fields[0], fields[1], fields[2], fields[3]
		if counts[phenomenon] == nil {
			counts[phenomenon] = map[string]*count{"a": {}, "b": {}}
		}
		right := string(score(t, text).Label) == label
		for _, c := range []*count{counts[phenomenon][half], counts["all"][half]} {
			c.all++
			if right {
				c.right++
			}
		}
	}
	var names []string
	for name, halves := range counts {
		names = append(names, name)
		if n := halves["a"].all + halves["b"].all; n < 30 {
			t.Errorf("%s has only %d sentences", name, n)
		}
	}
	slices.Sort(names)
	share := func(c *count) float64 { return float64(c.right) / float64(c.all) }
	var table strings.Builder
	for _, name := range names {
		a, b := counts[name]["a"], counts[name]["b"]
		fmt.Fprintf(&table, "%-16s a %3d/%3d %5.1f %%   b %3d/%3d %5.1f %%\n", name,
			a.right, a.all, 100*share(a), b.right, b.all, 100*share(b))
	}
	t.Logf("right labels by phenomenon and half:\n%s", table.String())
	for half, floor := range floors {
		if got := share(counts["all"][half]); got < floor {
			t.Errorf("half %s: %.3f of the labels are right, want %.2f\n%s", half, got, floor, table.String())
		}
	}
}
