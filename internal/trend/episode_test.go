package trend_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"reputed/internal/reputation"
	"reputed/internal/trend"
)

// brandTalk is a brand's history in whole hours from monday on.
type brandTalk struct {
	hours   []reputation.TalkHour
	details map[time.Time]reputation.TalkDetail
}

// speak appends hours with so many negative mentions each, one of them in each
// source, and the rest in the first source.
func (t *brandTalk) speak(negative []int, sources ...string) {
	if t.details == nil {
		t.details = map[time.Time]reputation.TalkDetail{}
	}
	for _, n := range negative {
		at := monday.Add(time.Duration(len(t.hours)) * time.Hour)
		h := reputation.TalkHour{Hour: at, Mentions: 2*n + 2, Negative: n, Sources: map[string]int{}}
		d := reputation.TalkDetail{Stories: n, Defenders: n / 4, Attackers: n, Drivers: map[string]int{"quality": n}, First: map[string]reputation.EpisodeSource{}}
		for i, s := range sources {
			if n > i {
				h.Sources[s] = 1
				if i == 0 {
					h.Sources[s] = n - min(n, len(sources)) + 1
				}
				d.First[s] = reputation.EpisodeSource{At: at.Add(time.Duration(i+1) * time.Minute), Media: strings.HasPrefix(s, "paper"), Mention: int64(len(t.hours)*10 + i)}
			}
		}
		t.hours = append(t.hours, h)
		t.details[at] = d
	}
}

// usual speaks of two weeks and more of everyday talk.
func (t *brandTalk) usual(hours int, rng *rand.Rand) {
	for range hours {
		t.speak([]int{rng.IntN(3)}, "weibo")
	}
}

func (t *brandTalk) detail(hour time.Time) (reputation.TalkDetail, error) {
	return t.details[hour], nil
}

func (t *brandTalk) end() time.Time { return monday.Add(time.Duration(len(t.hours)) * time.Hour) }

func (t *brandTalk) find(test *testing.T, from int) []reputation.Episode {
	test.Helper()
	list, err := trend.DefaultEpisodes(trend.Default()).Find(t.hours, from, monday, t.end(), t.detail)
	if err != nil {
		test.Fatal(err)
	}
	return list
}

const twoWeeks = 14 * 24

func everyday() *brandTalk {
	var t brandTalk
	t.usual(twoWeeks+48, rand.New(rand.NewPCG(1, 2)))
	return &t
}

// A crisis as it should be told: signs an hour before the rise, the rise in one
// source, other sources, the tail, and the calm.
func TestEpisode(t *testing.T) {
	story := everyday()
	begin := story.end()
	story.speak([]int{5}, "weibo")                                   // first signs
	story.speak([]int{30, 45}, "forum")                              // rise
	story.speak([]int{80, 60}, "weibo", "forum", "zhihu", "paper-1") // spread
	story.speak([]int{30}, "weibo")                                  // one quieter hour
	story.speak([]int{45}, "weibo")
	story.speak([]int{30, 20, 12, 9, 8}, "weibo") // tail
	story.usual(30, rand.New(rand.NewPCG(3, 4)))
	list := story.find(t, twoWeeks)
	if len(list) != 1 {
		t.Fatalf("%d episodes, want one: %+v", len(list), list)
	}
	e := list[0]
	var phases []string
	for i, h := range e.Hours {
		if i == 0 || h.Phase != e.Hours[i-1].Phase {
			phases = append(phases, fmt.Sprintf("%s %d", h.Phase, int(h.Hour.Sub(begin).Hours())))
		}
	}
	if got, want := strings.Join(phases, ", "), "latent 0, outbreak 1, spread 3, long_tail 8, over 35"; got != want {
		t.Errorf("phases %s, want %s", got, want)
	}
	if !e.Began.Equal(begin) || e.Outbreak.Sub(begin) != time.Hour || e.Peak != 80 || e.PeakAt.Sub(begin) != 3*time.Hour {
		t.Errorf("began %v, broke out %v, peak %d at %v", e.Began, e.Outbreak, e.Peak, e.PeakAt)
	}
	if e.ToBaseline() != 12*time.Hour || e.OverAt.Sub(begin) != 36*time.Hour {
		t.Errorf("back in the band after %v, over after %v, want 12 h and 36 h", e.ToBaseline(), e.OverAt.Sub(begin))
	}
	if e.Negative != 374 || e.Attackers != 374 || e.Drivers[0] != (reputation.Count{Name: "quality", N: 374}) {
		t.Errorf("%d negative, %d attackers, drivers %v, want 374 of each", e.Negative, e.Attackers, e.Drivers)
	}
	if share, ok := e.Resilience(); !ok || share < 0.18 || share > 0.21 {
		t.Errorf("resilience %g", share)
	}
	var sources []string
	for _, s := range e.Sources {
		sources = append(sources, s.Source)
	}
	if got := strings.Join(sources, " "); got != "weibo forum zhihu paper-1" || e.Sources[1].At.Sub(begin) != time.Hour+time.Minute {
		t.Errorf("sources in order of arrival: %s, the second at %v", got, e.Sources[1].At)
	}
}

func TestPhaseWhileItLasts(t *testing.T) {
	tests := []struct {
		name string
		then func(*brandTalk)
		want reputation.Phase
	}{
		{"signs in this hour", func(s *brandTalk) { s.speak([]int{4}, "weibo") }, reputation.Latent},
		{"signs two hours ago", func(s *brandTalk) { s.speak([]int{4, 1, 1}, "weibo") }, reputation.Latent},
		{"signs that led to nothing", func(s *brandTalk) { s.speak([]int{4, 1, 1, 1}, "weibo") }, ""},
		{"rise", func(s *brandTalk) { s.speak([]int{20}, "weibo") }, reputation.Outbreak},
		{"a paper started it", func(s *brandTalk) { s.speak([]int{20}, "paper-1") }, reputation.Outbreak},
		{"a paper joins", func(s *brandTalk) { s.speak([]int{20}, "weibo"); s.speak([]int{20}, "paper-1") }, reputation.Spread},
		{"four sources", func(s *brandTalk) { s.speak([]int{20}, "weibo", "a", "b", "c") }, reputation.Spread},
		{"tail", func(s *brandTalk) { s.speak([]int{40, 19, 19}, "weibo") }, reputation.LongTail},
		{"tail that rises again", func(s *brandTalk) { s.speak([]int{40, 19, 19, 25}, "weibo") }, reputation.Outbreak},
		{"23 calm hours", func(s *brandTalk) { s.speak(append([]int{40}, make([]int, 23)...), "weibo") }, reputation.LongTail},
		{"24 calm hours", func(s *brandTalk) { s.speak(append([]int{40}, make([]int, 24)...), "weibo") }, reputation.Over},
		{"an alert in an hour that looks usual", func(s *brandTalk) {
			s.speak([]int{3}, "weibo")
			s.hours[len(s.hours)-1].Alarm = true
		}, reputation.Outbreak},
		{"much talk of every kind", func(s *brandTalk) {
			s.speak([]int{12}, "weibo")
			s.hours[len(s.hours)-1].Mentions = 400
		}, reputation.Latent},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			story := everyday()
			test.then(story)
			var got reputation.Phase
			if list := story.find(t, twoWeeks+48); len(list) > 0 {
				got = list[len(list)-1].Phase
			}
			if got != test.want {
				t.Errorf("phase %q, want %q", got, test.want)
			}
		})
	}
}

// The hour that is under way can raise an episode; its calm says nothing yet, nor
// does that of hours in which no source was read.
func TestHourUnderWay(t *testing.T) {
	story := everyday()
	story.speak(append([]int{40}, make([]int, 24)...), "weibo")
	list, err := trend.DefaultEpisodes(trend.Default()).Find(story.hours, twoWeeks+48, monday, story.end().Add(-time.Minute), story.detail)
	if err != nil || len(list) != 1 || list[0].Phase != reputation.LongTail {
		t.Errorf("before the 24th hour has ended: %+v, %v", list, err)
	}
}

// Each brand's level is its own, and too little history says nothing.
func TestNoEpisode(t *testing.T) {
	young := &brandTalk{}
	young.usual(100, rand.New(rand.NewPCG(1, 2)))
	young.speak([]int{40}, "weibo")
	if list := young.find(t, 0); len(list) != 0 {
		t.Errorf("four days old: %+v", list)
	}
	busy := &brandTalk{}
	for i := range twoWeeks + 48 {
		busy.speak([]int{30 + i*7%15}, "weibo")
	}
	busy.speak([]int{48, 49}, "weibo")
	if list := busy.find(t, twoWeeks); len(list) != 0 {
		t.Errorf("a brand that is spoken of as ever: %+v", list)
	}
}

// Looking again from the beginning of an episode, or from the end of one, finds the
// same as looking at everything at once.
func TestFindFromWhereItStood(t *testing.T) {
	for seed := range uint64(40) {
		rng := rand.New(rand.NewPCG(seed, 5))
		story := everyday()
		for range 4 {
			top := 10 + rng.IntN(60)
			for n := top; n > 1; n = n * (5 + rng.IntN(5)) / 10 {
				story.speak([]int{n}, []string{"weibo", "forum", "paper-1", "zhihu"}[:1+rng.IntN(4)]...)
			}
			story.usual(rng.IntN(60), rng)
		}
		all := story.find(t, twoWeeks)
		for i, e := range all {
			from := int(e.Began.Sub(monday).Hours())
			if got := story.find(t, from); !reflect.DeepEqual(got, all[i:]) {
				t.Fatalf("seed %d, from hour %d:\n%+v\nfrom the start:\n%+v", seed, from, got, all[i:])
			}
			if e.OverAt.IsZero() {
				continue
			}
			if got := story.find(t, int(e.OverAt.Sub(monday).Hours())); len(got) != len(all)-i-1 {
				t.Fatalf("seed %d: %d episodes after episode %d of %d", seed, len(got), i, len(all))
			}
		}
		if len(all) == 0 {
			t.Errorf("seed %d: no episode", seed)
		}
	}
}

func TestEpisodeNeedsItsDetail(t *testing.T) {
	story := everyday()
	story.speak([]int{40}, "weibo")
	gone := errors.New("disk is gone")
	_, err := trend.DefaultEpisodes(trend.Default()).Find(story.hours, twoWeeks, monday, story.end(),
		func(time.Time) (reputation.TalkDetail, error) { return reputation.TalkDetail{}, gone })
	if !errors.Is(err, gone) {
		t.Errorf("error %v, want %v", err, gone)
	}
}

func ExampleEpisodeRules_Find() {
	var story brandTalk
	for range twoWeeks {
		story.speak([]int{1}, "weibo")
	}
	story.speak([]int{3, 12, 30, 18, 11, 7}, "weibo", "forum")
	list, err := trend.DefaultEpisodes(trend.Default()).Find(story.hours, twoWeeks, monday, story.end(), story.detail)
	if err != nil {
		fmt.Println(err)
	}
	for _, h := range list[0].Hours {
		fmt.Println(h.Hour.Format("Jan 2 15:04"), h.Negative, h.Phase)
	}
	fmt.Println("started by", list[0].Sources[0].Source)
	// Output:
	// Nov 9 00:00 3 latent
	// Nov 9 01:00 12 outbreak
	// Nov 9 02:00 30 outbreak
	// Nov 9 03:00 18 outbreak
	// Nov 9 04:00 11 outbreak
	// Nov 9 05:00 7 long_tail
	// started by forum
}
