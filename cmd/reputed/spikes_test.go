package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"reputed/internal/reputation"
	"reputed/internal/trend"
)

// The detector of plain series meets the bars of the benchmark with each parameter a
// tenth lower and higher, on brands that its parameters were not chosen on, and on other
// samples of the same talk. REPUTED_SPIKES names the folder of the labelled series.
func TestSpikesHoldWithoutTuning(t *testing.T) {
	folder := os.Getenv("REPUTED_SPIKES")
	if folder == "" {
		t.Skip("REPUTED_SPIKES names no folder of labelled series")
	}
	brands := labelledSeries(t, folder)
	now := trend.Volume()
	alone := now // the reach that does best without a memory of lively days
	alone.Reach, alone.Rise, alone.Rhythm = 4.3, 0, 5
	whole := judgeLoosely(t, brands)
	print := func(cells ...any) {
		fmt.Fprintln(t.Output(), "|", strings.TrimSuffix(strings.ReplaceAll(fmt.Sprintln(cells...), "\t", "|"), "\n"), "|")
	}

	print("parameter", "\t", "-20 %", "\t", "-10 %", "\t", "as it is", "\t", "+10 %", "\t", "+20 %")
	for _, p := range []struct {
		name     string
		detector trend.Detector
		of       func(d *trend.Detector) *float64
	}{
		{"reach", now, func(d *trend.Detector) *float64 { return &d.Reach }},
		{"rise", now, func(d *trend.Detector) *float64 { return &d.Rise }},
		{"lively", now, func(d *trend.Detector) *float64 { return &d.Lively }},
		{"rhythm", now, func(d *trend.Detector) *float64 { return &d.Rhythm }},
		{"reach alone", alone, func(d *trend.Detector) *float64 { return &d.Reach }},
	} {
		row := []any{p.name, *p.of(&p.detector)}
		for _, percent := range []float64{80, 90, 100, 110, 120} {
			d := p.detector
			*p.of(&d) *= percent / 100
			r := sum(whole.judge(d).results(t))
			row = append(row, "\t", r)
			if p.detector == now && math.Abs(percent-100) <= 10 && !r.meetsBars() {
				t.Errorf("%s at %g %%: %v", p.name, percent, r)
			}
		}
		print(row...)
	}

	print("chosen without", "\t", "reach, rise, lively", "\t", "its result")
	if r := nested(t, whole, now, print, []float64{0.3, 0.5, 0.7}, []float64{2.25, 2.5, 2.75}); !r.meetsBars() {
		t.Errorf("with the parameters chosen on other brands: %v", r)
	}
	print("chosen without", "\t", "reach alone", "\t", "its result")
	nested(t, whole, alone, print, []float64{0}, []float64{now.Lively})

	const samples = 3
	print("talk", "\t", "as it is", "\t", "reach alone")
	for _, talk := range []struct {
		name  string
		other func(rng *rand.Rand, b labelledBrand) labelledBrand
	}{
		{"85 % of it", func(rng *rand.Rand, b labelledBrand) labelledBrand { return b.thinned(rng, 0.85) }},
		{"70 % of it", func(rng *rand.Rand, b labelledBrand) labelledBrand { return b.thinned(rng, 0.7) }},
		{"half as much again, each count off by a fifth", func(rng *rand.Rand, b labelledBrand) labelledBrand { return b.inexact(rng, 1.5, 0.2) }},
		{"without the first 1 to 8 days", func(rng *rand.Rand, b labelledBrand) labelledBrand { return b.without(1 + rng.IntN(8)) }},
	} {
		var ofNow, ofAlone []result
		for sample := range uint64(samples) {
			var other []labelledBrand
			for i, b := range brands {
				other = append(other, talk.other(rand.New(rand.NewPCG(sample, uint64(i))), b))
			}
			b := judgeLoosely(t, other)
			ofNow = append(ofNow, b.judge(now).results(t)...)
			ofAlone = append(ofAlone, b.judge(alone).results(t)...)
		}
		print(talk.name, "\t", sum(ofNow), "\t", sum(ofAlone))
	}
}

// nested judges each brand by the parameters that do best on the others, in the mean
// with the next lower and the next higher reach, so that none is chosen that stands on
// an edge.
func nested(t *testing.T, b benchmark, d trend.Detector, print func(...any), rises, livelies []float64) result {
	type choice struct {
		trend.Detector
		near [3][]result // with the lower reach, its own, and the higher one, by brand
	}
	var choices []choice
	reaches := []float64{2.1, 2.4, 2.8, 3.2, 3.7, 4.3, 5}
	d.Reach, d.Rise = reaches[0], 0
	b = b.judge(d) // what this does not find, none of them finds
	for _, rise := range rises {
		for _, lively := range livelies {
			var rows [][]result
			narrowed := b // nor does a higher reach find what a lower one does not
			for i, reach := range reaches {
				d.Reach, d.Rise, d.Lively = reach, rise, lively
				narrowed = narrowed.judge(d)
				rows = append(rows, narrowed.results(t))
				if i >= 2 {
					d.Reach = reaches[i-1]
					choices = append(choices, choice{d, [3][]result(rows[i-2:])})
				}
			}
		}
	}
	var own []result
	for left, s := range b {
		worth := func(c choice) (value float64) {
			for _, near := range c.near {
				r := sum(slices.Concat(near[:left], near[left+1:]))
				value += r.standard() + r.lowFP()
			}
			return value
		}
		best := slices.MaxFunc(choices, func(a, b choice) int { return cmp.Compare(worth(a), worth(b)) })
		own = append(own, best.near[1][left])
		print(s.name, "\t", best.Reach, best.Rise, best.Lively, "\t", own[left])
	}
	print("all", "\t", "each its own", "\t", sum(own))
	return sum(own)
}

// labelledBrand is a brand's counts of five minutes each, with the times between which
// an alert is wanted.
type labelledBrand struct {
	name    string
	times   []time.Time
	counts  []int
	windows [][2]time.Time
}

func labelledSeries(t *testing.T, folder string) (brands []labelledBrand) {
	text, err := os.ReadFile(filepath.Join(folder, "windows.json"))
	if err != nil {
		t.Fatal(err)
	}
	var windows map[string][][2]string
	if err := json.Unmarshal(text, &windows); err != nil {
		t.Fatal(err)
	}
	for _, file := range slices.Sorted(maps.Keys(windows)) {
		text, err := os.ReadFile(filepath.Join(folder, file))
		if os.IsNotExist(err) {
			continue // the labels of a series that is not here
		}
		if err != nil {
			t.Fatal(err)
		}
		b := labelledBrand{name: strings.TrimSuffix(file[strings.LastIndex(file, "_")+1:], ".csv")}
		for _, line := range strings.Fields(strings.ReplaceAll(string(text), " ", "T"))[1:] {
			var n int
			stamp, value, _ := strings.Cut(line, ",")
			at, err := time.Parse("2006-01-02T15:04:05", stamp)
			if err == nil {
				_, err = fmt.Sscan(value, &n)
			}
			if err != nil {
				t.Fatalf("%s: %q: %v", file, line, err)
			}
			b.times, b.counts = append(b.times, at), append(b.counts, n)
		}
		for _, w := range windows[file] {
			from, err := time.Parse(time.DateTime, w[0])
			to, err2 := time.Parse(time.DateTime, w[1])
			if err != nil || err2 != nil {
				t.Fatalf("windows of %s: %q", b.name, w)
			}
			b.windows = append(b.windows, [2]time.Time{from, to})
		}
		brands = append(brands, b)
	}
	return brands
}

// thinned keeps each mention with a probability.
func (b labelledBrand) thinned(rng *rand.Rand, keep float64) labelledBrand {
	b.counts = slices.Clone(b.counts)
	for i, n := range b.counts {
		for range n {
			if rng.Float64() >= keep {
				b.counts[i]--
			}
		}
	}
	return b
}

// inexact counts so many times as many, each with an error of a part.
func (b labelledBrand) inexact(rng *rand.Rand, times, part float64) labelledBrand {
	b.counts = slices.Clone(b.counts)
	for i, n := range b.counts {
		b.counts[i] = int(math.Round(times * float64(n) * math.Exp(part*rng.NormFloat64())))
	}
	return b
}

// without begins so many days later.
func (b labelledBrand) without(days int) labelledBrand {
	const perDay = 24 * 60 / trend.FineStep
	b.times, b.counts = b.times[days*perDay:], b.counts[days*perDay:]
	b.windows = slices.DeleteFunc(slices.Clone(b.windows), func(w [2]time.Time) bool { return w[0].Before(b.times[0]) })
	return b
}

// benchmark holds what a detector says of each moment of the brands' series.
type benchmark []judgedSeries

type judgedSeries struct {
	labelledBrand
	series    *trend.Series
	judgement map[time.Time]reputation.Judgement
}

// judgeLoosely judges by a detector that finds what any of the tried ones finds, and more.
func judgeLoosely(t *testing.T, brands []labelledBrand) benchmark {
	d := trend.Volume()
	d.Reach, d.Rise, d.Rhythm = 2, 0, 4.5
	b := make(benchmark, len(brands))
	var running sync.WaitGroup
	for i, brand := range brands {
		b[i] = judgedSeries{brand, new(trend.Series), make(map[time.Time]reputation.Judgement)}
		for k, n := range brand.counts {
			b[i].series.Add(brand.times[k], reputation.Hour{Mentions: n, Negative: n, Stories: n})
		}
		running.Go(func() {
			first, last := b[i].series.Span()
			for at := first.Truncate(step).Add(step); !at.After(last); at = at.Add(step) {
				b[i].judgement[at] = d.JudgeSeries(b[i].series, at)
			}
		})
	}
	running.Wait()
	return b
}

// judge judges again what is a spike so far, by a detector that asks for more.
func (b benchmark) judge(d trend.Detector) benchmark {
	b = slices.Clone(b)
	var running sync.WaitGroup
	for i := range b {
		running.Go(func() {
			b[i].judgement = maps.Clone(b[i].judgement)
			for at, j := range b[i].judgement {
				if j.Spike {
					b[i].judgement[at] = d.JudgeSeries(b[i].series, at)
				}
			}
		})
	}
	running.Wait()
	return b
}

// results are the scores of the alerts that backtest would show of each brand.
func (b benchmark) results(t *testing.T) []result {
	var all []result
	for _, s := range b {
		first, last := s.series.Span()
		judged := func(_ []reputation.Hour, _, to time.Time) reputation.Judgement { return s.judgement[to] }
		alerts, _, err := replay(context.Background(), s.series, counted{}, judged, nil, s.name, first, last)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, s.score(alerts))
	}
	return all
}

// result is a score of the Numenta Anomaly Benchmark (Lavin and Ahmad, "Evaluating
// Real-Time Anomaly Detection Algorithms", ICMLA 2015).
type result struct {
	found          float64 // of the windows, from -1 for each missed one to 1
	outside        float64 // what alerts outside cost, from 0 to 1 each
	windows, wrong int
	weeks          float64
}

func (r result) score(cost float64) float64 {
	n := float64(r.windows)
	return 100 * (r.found - cost*r.outside + n) / (2 * n)
}
func (r result) standard() float64 { return r.score(0.11) }
func (r result) lowFP() float64    { return r.score(0.22) }
func (r result) weekly() float64   { return float64(r.wrong) / r.weeks }

func (r result) meetsBars() bool {
	return r.standard() >= 86 && r.lowFP() >= 80 && r.weekly() <= 0.35
}

// String holds the standard score, that which punishes false alerts, and the false
// alerts a week.
func (r result) String() string {
	return fmt.Sprintf("%.1f, %.1f, %.2f", r.standard(), r.lowFP(), r.weekly())
}

func sum(all []result) (total result) {
	for _, r := range all {
		total.found += r.found
		total.outside += r.outside
		total.windows += r.windows
		total.wrong += r.wrong
		total.weeks += r.weeks
	}
	return total
}

// score scores alerts. The first 15 % of a series, 750 counts at most, are not scored.
func (s judgedSeries) score(alerts []reputation.Alert) result {
	sigmoid := func(x float64) float64 {
		if x > 3 {
			return -1
		}
		return 2/(1+math.Exp(5*x)) - 1
	}
	index := func(at time.Time) int {
		i, _ := slices.BinarySearchFunc(s.times, at, time.Time.Compare)
		return i
	}
	warm := min(len(s.times)*15/100, 750)
	r := result{weeks: float64(len(s.times)) * trend.FineStep / 60 / 24 / 7}
	best := slices.Repeat([]float64{-1}, len(s.windows))
	for _, a := range alerts {
		i := index(a.OpenedAt)
		if i < warm || i == len(s.times) {
			continue
		}
		cost, inside := 1.0, false
		for k, w := range s.windows {
			from, to := index(w[0]), index(w[1])
			length := float64(to - from)
			switch {
			case from <= i && i <= to:
				inside = true
				best[k] = max(best[k], sigmoid(-float64(to-i+1)/(length+1))/sigmoid(-1))
			case to < i:
				cost = -sigmoid(float64(i-to) / length)
			}
		}
		if !inside {
			r.outside += cost
			r.wrong++
		}
	}
	for k, w := range s.windows {
		if index(w[1]) >= warm {
			r.windows++
			r.found += best[k]
		}
	}
	return r
}
