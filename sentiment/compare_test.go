package sentiment

import (
	"slices"
	"strings"
	"testing"
)

// Where the standard of a comparison stands, and what the sentence says of its
// subject.
func TestStandards(t *testing.T) {
	lexicon, reader := shipped(t, "青榈", "拓野")
	tests := []struct {
		text, standard string
		factor, sign   float64 // of the standard; of the subject's value
	}{
		{"青榈比拓野好用", "拓野", -1, 1},
		{"青榈比拓野难用", "拓野", -1, -1},
		{"青榈不如拓野", "拓野", -1, -1},
		{"青榈不如拓野好用", "拓野", -1, -1},
		{"青榈没有拓野好用", "拓野", -1, -1},
		{"青榈吊打拓野", "拓野", -1, 1},
		{"青榈被拓野吊打", "拓野", -1, -1},
		{"青榈甩拓野几条街", "拓野", -1, 1},
		{"青榈跟拓野没法比", "拓野", -1, -1},
		{"比起拓野，青榈更好用", "拓野", -1, 1},
		{"和拓野相比，青榈太难用了", "拓野", -1, -1},
		{"跟拓野比，青榈差远了", "拓野", -1, -1},
		{"青榈不输拓野", "拓野", 0, 1},
		{"Acme is better than Zeta", "zeta", -1, 1},
		{"Acme is inferior to Zeta", "zeta", -1, -1},
		{"青榈很好用，拓野太难用", "", 0, 1},
		{"青榈和拓野都好用", "", 0, 1},
	}
	for _, test := range tests {
		read := reader.Read(test.text)
		findings, _ := new(reading).apply(read.Norm, lexicon.find(nil, read))
		if len(findings) == 0 {
			t.Errorf("%s: nothing found", test.text)
			continue
		}
		f := findings[max(0, slices.IndexFunc(findings, func(f finding) bool { return f.standard.end > 0 }))]
		if got := strings.TrimSpace(read.Norm[f.standard.start:f.standard.end]); !strings.HasPrefix(got, test.standard) || (got == "") != (test.standard == "") || f.standard.factor != test.factor {
			t.Errorf("%s: the standard is %q × %g, want %q × %g", test.text, got, f.standard.factor, test.standard, test.factor)
		}
		if f.weight()*test.sign <= 0 {
			t.Errorf("%s: %s counts %g", test.text, read.Norm[f.start:f.end], f.weight())
		}
	}
}
