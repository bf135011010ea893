package store_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"reputed/internal/reputation"
)

func BenchmarkCommit(b *testing.B) {
	for _, size := range []int{1, 50, 500} {
		b.Run(fmt.Sprintf("batch=%d", size), func(b *testing.B) {
			s := open(b)
			n := 0
			for b.Loop() {
				commit(b, s, "news", talk(n, size)...)
				n += size
			}
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "mentions/s")
		})
	}
}

// Sixteen sources whose polls come at the same time, one mention each.
func BenchmarkCommitTogether(b *testing.B) {
	const sources = 16
	s := open(b)
	n := 0
	for b.Loop() {
		var wg sync.WaitGroup
		for i := range sources {
			wg.Go(func() { commit(b, s, "news", talk(n+i, 1)...) })
		}
		wg.Wait()
		n += sources
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "mentions/s")
}

func BenchmarkCommitKnown(b *testing.B) {
	s := open(b)
	mentions := talk(0, 500)
	commit(b, s, "news", mentions...)
	for b.Loop() {
		commit(b, s, "news", mentions...)
	}
}

// A spike detector asks for 14 days and the hour at hand, of one brand of two.
func BenchmarkHours(b *testing.B) {
	s := open(b)
	const total, batch = 100_000, 5000
	for n := 0; n < total; n += batch {
		commit(b, s, "news", talk(n, batch)...)
	}
	for b.Loop() {
		hours, err := s.Hours(context.Background(), "云杉", start.Add(14*24*time.Hour), 14*24+1)
		if err != nil || hours[5].Mentions == 0 {
			b.Fatalf("%+v, %v", hours, err)
		}
	}
}

// The rules ask for 15 days of a brand with 100,000 mentions, from 100 sources, and of
// a competitor with half as many.
func BenchmarkTalk(b *testing.B) {
	s := open(b)
	const sources, batch = 100, 1500
	for i := range sources {
		mentions := talk(i*batch, batch)
		for k := range mentions {
			m := &mentions[k]
			m.Item.Source = fmt.Sprintf("news-%d", i)
			m.Signals = [][]string{nil, {"churn"}, {"complaint", "gap"}}[k%3]
		}
		commit(b, s, mentions[0].Item.Source, mentions...)
	}
	for b.Loop() {
		said, err := s.Talk(context.Background(), "云杉", []string{"青禾"}, start.Add(14*24*time.Hour), 15*24)
		if err != nil || said.Hours[29].Mentions == 0 || said.Rivals[29] == 0 || said.Drivers["service"][29] == 0 {
			b.Fatalf("%+v, %v", said, err)
		}
	}
}

// talk makes n mentions of two brands, the first with the number from, spread
// over 14 days.
func talk(from, n int) []reputation.Mention {
	mentions := make([]reputation.Mention, n)
	for i := range mentions {
		k := from + i
		text := fmt.Sprintf("第%d位顾客：云杉咖啡的外卖等了一个小时，客服态度很差，要求退款也没有人理，以后再也不买了。不过味道还是不错的。", k)
		m := mention("news", fmt.Sprintf("n%d", k), "云杉", text, start.Add(time.Duration(k*97)%(14*24*3600)*time.Second))
		m.Item.URL = fmt.Sprintf("https://news.example/a/%d", k)
		m.Words = fmt.Sprintf("第 %d 位 顾客 云杉 咖啡 的 外卖 等 了 一个 小时 客服 态度 很 差 要求 退款 也 没有 人 理 以后 再也 不 买 了 不过 味道 还是 不错 的", k)
		m.Driver = []string{"service", "delivery", "quality", ""}[k%4]
		m.Score = reputation.Score{Value: -0.6, Label: reputation.Negative, Evidence: []reputation.Evidence{
			{Term: "差", Weight: -0.5, Start: 60, End: 63, Rule: "差 -3 × 很 1.5"},
			{Term: "退款", Weight: -0.3, Start: 70, End: 76, Rule: "退款 -2"},
			{Term: "不错", Weight: 0.2, Start: 130, End: 136, Rule: "不错 +2"},
		}}
		if k%3 == 0 {
			m.Span.Brand = "青禾"
			m.Score.Value, m.Score.Label = 0.4, reputation.Positive
		}
		mentions[i] = m
	}
	return mentions
}
