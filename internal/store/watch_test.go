package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"reputed/internal/reputation"
)

// What part of the hours no source could be read in.
func TestMissed(t *testing.T) {
	at := func(minutes int) time.Time { return start.Add(time.Duration(minutes) * time.Minute) }
	// poll is one that ended, of a source that is read every so many minutes.
	type poll struct {
		source        string
		minute, every int
		failed        bool
	}
	steady := func(source string, from, to, every int) (polls []poll) {
		for m := from; m <= to; m += every {
			polls = append(polls, poll{source, m, every, false})
		}
		return polls
	}
	failing := func(source string, from, to, every int) []poll {
		polls := steady(source, from, to, every)
		for i := range polls {
			polls[i].failed = true
		}
		return polls
	}
	tests := []struct {
		name  string
		polls []poll
		want  []float64 // of the hours from 00:00 to 06:00
	}{
		{"nobody has read anything yet", nil, []float64{0, 0, 0, 0, 0, 0}},
		{"always at work", steady("news", 0, 360, 15), []float64{0, 0, 0, 0, 0, 0}},
		{"since the third hour", steady("news", 150, 360, 15), []float64{0, 0, 0, 0, 0, 0}},
		{"read twice a day", []poll{{"news", 5, 720, false}}, []float64{0, 0, 0, 0, 0, 0}},
		{"a poll that is late", append(steady("news", 0, 60, 60), steady("news", 129, 360, 60)...), []float64{0, 0, 0, 0, 0, 0}},
		{"the daemon was down", slices.Concat(steady("news", 0, 60, 15), steady("news", 270, 360, 15)), []float64{0, 0.75, 1, 1, 0.5, 0}},
		{"the daemon is down", steady("news", 0, 60, 15), []float64{0, 0.75, 1, 1, 1, 1}},
		{"the daemon was down, then the network", slices.Concat(steady("news", 0, 60, 15), failing("news", 180, 180, 15), steady("news", 240, 360, 15)), []float64{0, 0.75, 1, 1, 0, 0}},
		{"the network is down", slices.Concat(steady("news", 0, 60, 15), failing("news", 90, 360, 15)), []float64{0, 0.75, 1, 1, 1, 1}},
		{"another source can be read", slices.Concat(steady("news", 0, 60, 15), steady("blog", 61, 360, 15), failing("news", 361, 361, 15)), []float64{0, 0, 0, 0, 0, 0}},
		{"a dead source beside one that is read twice a day", slices.Concat(failing("dead", 0, 4, 2), []poll{{"news", 5, 720, false}}, failing("dead", 30, 360, 30)), []float64{0, 0, 0, 0, 0, 0}},
		{"down twice", slices.Concat(steady("news", 0, 60, 30), steady("news", 120, 180, 30), steady("news", 255, 360, 15)), []float64{0, 0.5, 0, 0.5, 0.25, 0}},
	}
	for _, test := range tests {
		s := open(t)
		for _, p := range test.polls {
			outcome := reputation.Poll{Source: p.source, At: at(p.minute), Next: at(p.minute + p.every), Failed: p.failed}
			if err := s.Polled(t.Context(), []reputation.Poll{outcome}); err != nil {
				t.Fatal(err)
			}
		}
		hours, err := s.Hours(t.Context(), "Acme", at(360), 6)
		if err != nil {
			t.Fatal(err)
		}
		said, err := s.Talk(t.Context(), "Acme", nil, at(360), 6)
		if err != nil {
			t.Fatal(err)
		}
		var got []float64
		for _, h := range hours {
			got = append(got, h.Missed)
		}
		if fmt.Sprintf("%.3f", got) != fmt.Sprintf("%.3f", test.want) {
			t.Errorf("%s: missed %.3f, want %.3f", test.name, got, test.want)
		}
		if !slices.Equal(said.Hours, hours) {
			t.Errorf("%s: the talk has %+v, the hours %+v", test.name, said.Hours, hours)
		}
	}
}
