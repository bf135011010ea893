package collector

import (
	"testing"
	"time"
)

func TestDateWithin(t *testing.T) {
	now := time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC) // 16:00 in China
	for _, test := range []struct {
		text, want string
		rough      bool
	}{
		{"发布时间：2026-11-22 15:30 来源：晨报", "2026-11-22T07:30:00Z", false},
		{"来源：晨报 2026年11月22日15时30分", "2026-11-22T07:30:00Z", false},
		{"2026年11月22日 星期日 下午3:30 编辑：小林", "2026-11-22T07:30:00Z", false},
		{"2026年11月21日", "2026-11-20T16:00:00Z", true},
		{"[2026/11/21]", "2026-11-20T16:00:00Z", true},
		{"2026.11.21 | 阅读 311", "2026-11-20T16:00:00Z", true},
		{"Updated 2026-11-22T07:30:00Z by", "2026-11-22T07:30:00Z", false},
		{"發布日期：115-11-21", "2026-11-20T16:00:00Z", true},
		{"中華民國115年11月21日", "2026-11-20T16:00:00Z", true},
		{"By Lin | November 21, 2026, 3:30 PM", "2026-11-21T07:30:00Z", false},
		{"Posted 21st Nov. 2026 at 15:30", "2026-11-21T07:30:00Z", false},
		{"Sept. 3, 2026", "2026-09-02T16:00:00Z", true},
		{"刚刚", "2026-11-22T08:00:00Z", false},
		{"5分钟前", "2026-11-22T07:55:00Z", false},
		{"3 小時前 · 科技", "2026-11-22T05:00:00Z", true},
		{"半小时前", "2026-11-22T07:30:00Z", false},
		{"2天前", "2026-11-20T08:00:00Z", true},
		{"an hour ago", "2026-11-22T07:00:00Z", true},
		{"2 days ago", "2026-11-20T08:00:00Z", true},
		{"昨天 15:30", "2026-11-21T07:30:00Z", false},
		{"昨天", "2026-11-20T16:00:00Z", true},
		{"今天 下午 3:30", "2026-11-22T07:30:00Z", false},
		{"11-21", "2026-11-20T16:00:00Z", true},
		{"(11/21)", "2026-11-20T16:00:00Z", true},
		{"12-24", "2025-12-23T16:00:00Z", true},
		{"11月21日 15:30", "2026-11-21T07:30:00Z", false},
		{"02-29", "2024-02-28T16:00:00Z", true},
		// Not a time of publication.
		{"星禾 3-2 获胜", "", false},
		{"13-45", "", false},
		{"2026-13-45", "", false},
		{"2031-01-01", "", false},
		{"稿号 120261122153", "", false},
		{"阅读 3111", "", false},
		{"星禾今日宣布对一批编号以 C7 开头的充电器实施召回", "", false},
		{"公司成立于 5 年前。", "", false},
		{"99999 年前", "", false},
		{"", "", false},
	} {
		got, ok := dateWithin(test.text, china, now)
		shown := ""
		if ok {
			shown = got.Format(time.RFC3339)
		}
		if shown != test.want || got.rough != test.rough {
			t.Errorf("%q: %s, rough %t; want %s, %t", test.text, shown, got.rough, test.want, test.rough)
		}
	}
}
