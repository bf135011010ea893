package sentiment_test

import (
	"os"
	"slices"
	"strings"
	"testing"
)

func TestLoyaltyGoldenSet(t *testing.T) {
	p, err := product()
	if err != nil {
		t.Fatal(err)
	}
	type tally struct {
		rows, driver, stage, exact int
		hit, raised, wanted        int
	}
	tallies := map[string]*tally{"a": {}, "b": {}}
	data, err := os.ReadFile("testdata/loyalty.tsv")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		x := tallies[f[0]]
		loy := p.scorer.Loyalty(p.reader.Read(f[4]))
		or := func(s string) string {
			if s == "" {
				return "-"
			}
			return s
		}
		x.rows++
		if or(loy.Driver) == f[1] {
			x.driver++
		}
		if or(loy.Stage) == f[2] {
			x.stage++
		}
		var want []string
		if f[3] != "-" {
			want = strings.Split(f[3], ",")
		}
		hit := 0
		for _, one := range loy.Signals {
			if slices.Contains(want, one) {
				hit++
			}
		}
		x.hit += hit
		x.raised += len(loy.Signals)
		x.wanted += len(want)
		if hit == len(want) && hit == len(loy.Signals) {
			x.exact++
		}
	}
	if true {
	}
	for _, half := range []string{"a", "b"} {
		x := tallies[half]
		n := float64(x.rows)
		t.Logf("%s: driver %.3f stage %.3f exact %.3f F1 %.3f", half, float64(x.driver)/n, float64(x.stage)/n, float64(x.exact)/n, 2*float64(x.hit)/float64(x.raised+x.wanted))
	}
}
