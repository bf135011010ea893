package alerting_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"time"

	"reputed/alerting"
	"reputed/internal/reputation"
)

// history is a store that holds one hour of trouble, and no alert so far.
type history struct {
	alerting.Store // what is not needed here
	alert          reputation.Alert
	outbox         []reputation.Message
}

func (h *history) Hours(_ context.Context, _ string, _ time.Time, n int) ([]reputation.Hour, error) {
	hours := make([]reputation.Hour, n)
	for i := range hours {
		hours[i] = reputation.Hour{Mentions: 10, Negative: 2, Stories: 2}
	}
	hours[n-1] = reputation.Hour{Mentions: 30, Negative: 24, Stories: 20}
	return hours, nil
}

func (h *history) Young(context.Context, time.Time) (map[string]bool, error) { return nil, nil }

func (h *history) LastSuccess(context.Context) (time.Time, error) { return time.Now(), nil }

func (h *history) Since(context.Context, string) (time.Time, error) {
	return time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC), nil
}

func (h *history) Negative(_ context.Context, _ string, _, to time.Time, _ int) ([]reputation.Mention, []int, error) {
	text := "刚买的青柠手机充电时爆炸，客服让我自己想办法。"
	return []reputation.Mention{{
		Item:   reputation.Item{Source: "数码论坛", URL: "https://bbs.example/t/551", Text: text, Published: to.Add(-9 * time.Minute)},
		Span:   reputation.Span{Term: "青柠", Start: 9, End: 15},
		Score:  reputation.Score{Value: -0.8, Label: reputation.Negative, Evidence: []reputation.Evidence{{Term: "爆炸", Weight: -0.8}}},
		Driver: "quality",
	}}, []int{2}, nil
}

func (h *history) LatestAlert(context.Context, string, string) (reputation.Alert, bool, error) {
	return reputation.Alert{}, false, nil
}

func (h *history) Record(_ context.Context, a reputation.Alert, _ []reputation.Message) (reputation.Alert, error) {
	a.ID = 1
	h.alert = a
	return a, nil
}

func (h *history) Open(context.Context) ([]reputation.Alert, error) {
	return []reputation.Alert{h.alert}, nil
}

func (h *history) Told(context.Context, int64) ([]reputation.Target, error) { return nil, nil }

func (h *history) Silences(context.Context, time.Time) ([]reputation.Silence, error) { return nil, nil }

func (h *history) Tell(_ context.Context, alerts []reputation.Alert, messages []reputation.Message, _ time.Time) error {
	h.alert, h.outbox = alerts[0], messages
	h.outbox[0].ID = 1
	return nil
}

func (h *history) Pending(context.Context, time.Time) ([]reputation.Message, error) {
	return h.outbox, nil
}

func (h *history) Delivered(_ context.Context, message int64, _ reputation.Thread, _ time.Time) error {
	fmt.Println("message", message, "was delivered")
	return nil
}

func (h *history) Postpone(context.Context, int64, time.Time, string) error { return nil }

// judge takes ten times the expected two mentions for a spike.
func judge(hours []reputation.Hour, _, to time.Time) reputation.Judgement {
	last := hours[len(hours)-1]
	return reputation.Judgement{
		From: to.Add(-time.Hour), To: to,
		Observed: last.Negative, Stories: last.Stories, Mentions: last.Mentions,
		Expected: 2, Deviation: 2, Surprise: float64(last.Negative-2) / 2, Usual: 0.2, Probability: 1e-5, Spike: last.Negative >= 20,
	}
}

func ExampleAlerter() {
	wording := alerting.Wording{Lang: "zh", Zone: time.FixedZone("", 8*60*60), Config: "config.yaml"}
	terminal := alerting.NewTerminal(os.Stdout, false, 80, wording)
	receivers := map[string]alerting.Notifier{"terminal": terminal}
	policy := alerting.Policy{Default: reputation.Target{Receiver: "terminal"}}
	a := alerting.NewAlerter(&history{}, receivers, policy, judge, 24, []string{"青柠手机"}, slog.New(slog.DiscardHandler))

	now := time.Date(2026, 11, 22, 6, 10, 0, 0, time.UTC)
	if err := a.Evaluate(context.Background(), now); err != nil {
		fmt.Println(err)
	}
	if err := a.Deliver(context.Background(), now); err != nil {
		fmt.Println(err)
	}
	// Output:
	// ▌ 🟠 预警｜青柠手机 负面声量异常：一小时 24 条，通常约 2 条
	// ▌
	// ▌ 一小时负面声量  24 条，去重后 20 条             通常水平  每小时 2 ± 2 条
	// ▌ 偏离程度        高于通常 11 个标准差            偶然概率  约 100,000 分之一
	// ▌ 负面占比        80%，通常 20%                   全部声量  30 条
	// ▌ 统计时段        11月22日 13:10–14:10（UTC+8）
	// ▌
	// ▌ 近 24 小时负面声量，最高每小时 24 条
	// ▌ ▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂█
	// ▌ 11-21 14:10 – 11-22 14:10
	// ▌
	// ▌ 主要话题  产品质量 1
	// ▌ 主要来源  数码论坛 1
	// ▌
	// ▌   “刚买的青柠手机充电时爆炸，客服让我自己想办法。”
	// ▌   数码论坛 · 11月22日 14:01 · 负面词：爆炸 · 另有 2 处转载
	// ▌   https://bbs.example/t/551
	// ▌
	// ▌ 建议
	// ▌   先核实：事情是否属实，影响到谁，还会不会扩大。
	// ▌   尽快公开回应，说清已知与待查，对外只用一个口径。
	// ▌
	// ▌ 告警 #1 · 规则：负面声量突增（negative-volume）
	// ▌ 复核命令 reputed backtest --config config.yaml --since 2026-11-22T05:10:00Z
	// message 1 was delivered
}

func ExampleTerminal() {
	terminal := alerting.NewTerminal(os.Stdout, false, 80, alerting.Wording{Lang: "en"})
	at := time.Date(2026, 11, 22, 6, 10, 0, 0, time.UTC)
	_, err := terminal.Notify(context.Background(), reputation.Message{
		ID: 3, Event: reputation.Ended, At: at.Add(5 * time.Hour),
		Alert: reputation.Alert{
			ID: 1, Brand: "Lime", Rule: alerting.RuleNegativeVolume, Severity: reputation.Warning, State: reputation.Resolved,
			OpenedAt: at, ResolvedAt: at.Add(5 * time.Hour), Peak: 24,
			Judgement: reputation.Judgement{From: at.Add(-time.Hour), To: at, Expected: 2, Deviation: 1.5, Usual: 0.2},
		},
		Trend: []reputation.Hour{{Mentions: 9, Negative: 3}, {Mentions: 30, Negative: 24}, {Mentions: 8, Negative: 2}},
	})
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// ▌ ✅ Over | Lime: negative mentions down to 2 an hour, usually about 2 (alert
	// ▌ #1)
	// ▌
	// ▌ Now     2 an hour    Usual           2 ± 1.5 an hour
	// ▌ Peak    24 an hour   Negative share  25%, usually 20%
	// ▌ Lasted  5 h          From, to        22 Nov 06:10–11:10 (UTC+0)
	// ▌
	// ▌ Negative mentions in the last 3 hours, at most 24 an hour
	// ▌ ▂█▂
	// ▌ 11-22 08:10 – 11-22 11:10
	// ▌
	// ▌ Advice
	// ▌   Call back those who were affected, and publish what was done for them.
	// ▌   Review the cause and the time to answer; give each improvement an owner.
	// ▌
	// ▌ Alert #1 · Rule: rise of negative mentions (negative-volume)
	// ▌ Reproduce with reputed backtest --since 2026-11-22T05:10:00Z
}

func ExampleNext() {
	now := time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC)
	alert := reputation.Alert{Brand: "Lime", Rule: alerting.RuleNegativeVolume}
	for i, observed := range []int{4, 24, 30, 50, 5, 4, 6, 5} {
		to := now.Add(time.Duration(i) * time.Hour)
		j := reputation.Judgement{
			From: to.Add(-time.Hour), To: to, Observed: observed,
			Expected: 4, Deviation: 2, Surprise: (float64(observed) - 4) / 2, Spike: observed > 20,
		}
		var event reputation.Event
		if alert, event = alerting.Next(alert, j, to); event != "" {
			fmt.Printf("%s %d mentions: %s, %s\n", to.Format("15:04"), observed, event, alert.Severity)
		}
	}
	// Output:
	// 07:00 24 mentions: opened, warning
	// 09:00 50 mentions: escalated, critical
	// 13:00 5 mentions: resolved, critical
}
