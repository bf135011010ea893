package collector

import (
	"testing"
	"time"
)

func TestParseDate(t *testing.T) {
	shanghai := time.FixedZone("CST", 8*3600)
	chicago := time.FixedZone("CST", -6*3600)
	tests := []struct {
		text string
		zone *time.Location
		want string // RFC 3339; empty for none
	}{
		{"2026-11-22T08:00:05Z", shanghai, "2026-11-22T08:00:05Z"},
		{"2026-11-22T08:00:05.987+08:00", time.UTC, "2026-11-22T00:00:05Z"},
		{"2026-11-22t08:00:05z", shanghai, "2026-11-22T08:00:05Z"},
		{"2026-11-22T08:00+0800", time.UTC, "2026-11-22T00:00:00Z"},
		{"2026-11-22 08:00:05 +08", time.UTC, "2026-11-22T00:00:05Z"},
		{"2026-11-22 08:00:05", shanghai, "2026-11-22T00:00:05Z"},
		{"2026-11-22", shanghai, "2026-11-21T16:00:00Z"},
		{"Sun, 22 Nov 2026 08:00:05 GMT", shanghai, "2026-11-22T08:00:05Z"},
		{"Sun, 22 Nov 2026 08:00:05 +0530", shanghai, "2026-11-22T02:30:05Z"},
		{"Sun,22 Nov 2026 08:00 -0000", shanghai, "2026-11-22T08:00:00Z"},
		{"22 Nov 26 08:00 PST", shanghai, "2026-11-22T16:00:00Z"},
		{"Sunday, 22-Nov-26 08:00:05 UTC", shanghai, "2026-11-22T08:00:05Z"},
		{"Sun Nov 22 08:00:05 CST 2026", time.UTC, "2026-11-22T00:00:05Z"},
		{"Sun Nov 22 08:00:05 +0800 2026", time.UTC, "2026-11-22T00:00:05Z"},
		{"Sun, 22 Nov 2026 08:00:05 CST", shanghai, "2026-11-22T00:00:05Z"},
		{"Sun, 22 Nov 2026 08:00:05 CST", chicago, "2026-11-22T14:00:05Z"},
		{"Sun Nov 22 2026 08:00:05 GMT+0800 (中国标准时间)", time.UTC, "2026-11-22T00:00:05Z"},
		{"November 22, 2026 3:04 PM", time.UTC, "2026-11-22T15:04:00Z"},
		{"Nov 22, 2026, 12:30 a.m. EST", time.UTC, "2026-11-22T05:30:00Z"},
		{"2026/11/22 8:00", shanghai, "2026-11-22T00:00:00Z"},
		{"2026.11.22 8:00", shanghai, "2026-11-22T00:00:00Z"},
		{"2026年11月22日", shanghai, "2026-11-21T16:00:00Z"},
		{"2026年11月22日 08:00", shanghai, "2026-11-22T00:00:00Z"},
		{"2026 年 1 月 2 日 星期五 8:05:09", shanghai, "2026-01-02T00:05:09Z"},
		{"2026年11月22日（周日）下午3点20分", shanghai, "2026-11-22T07:20:00Z"},
		{"2026年11月22日 8时5分9秒", shanghai, "2026-11-22T00:05:09Z"},
		{"2026年11月22日 上午 8点", shanghai, "2026-11-22T00:00:00Z"},
		{"1795334400", shanghai, "2026-11-22T08:00:00Z"},
		{"1795334400123", shanghai, "2026-11-22T08:00:00Z"},
		{"20261122", shanghai, "2026-11-21T16:00:00Z"},
		{" 2026-11-22\n 08:00 ", shanghai, "2026-11-22T00:00:00Z"},
		{"民國115年11月22日 下午3:20", shanghai, "2026-11-22T07:20:00Z"},
		{"26年1月2日", shanghai, "2026-01-01T16:00:00Z"},
		{"二〇二六年十一月二十二日", shanghai, "2026-11-21T16:00:00Z"},
		{"二零二六年十月十日 十点二十分", shanghai, "2026-10-10T02:20:00Z"},
		{"2026-11-22 晚上12点", shanghai, "2026-11-22T16:00:00Z"},
		{"2026-11-22 晚上8:05", shanghai, "2026-11-22T12:05:00Z"},
		{"2026-11-22 中午1:30", shanghai, "2026-11-22T05:30:00Z"},
		{"2026-11-22 凌晨12:30", shanghai, "2026-11-21T16:30:00Z"},
		{"2026-11", shanghai, "2026-10-31T16:00:00Z"},
		{"2026", time.UTC, "2026-01-01T00:00:00Z"},
		{"2026-326", time.UTC, "2026-11-22T00:00:00Z"},
		{"26-11-22", time.UTC, "2026-11-22T00:00:00Z"},
		{"20261122T080005Z", shanghai, "2026-11-22T08:00:05Z"},
		{"202611220800", shanghai, "2026-11-22T00:00:00Z"},
		{"2026-11-22T08Z", shanghai, "2026-11-22T08:00:00Z"},
		{"2026-11-22T08:00:05 08:00", time.UTC, "2026-11-22T00:00:05Z"},
		{"2026-11-22T24:00:00Z", time.UTC, "2026-11-23T00:00:00Z"},
		{"2026-11-22 08:00:05 +0800 CST", time.UTC, "2026-11-22T00:00:05Z"},
		{"Sun, 22 Nov 2026 08:00:05 America/Los_Angeles", shanghai, "2026-11-22T16:00:05Z"},
		{"Sun, 22 Nov 2026 08:00:05 Nowhere/Town", shanghai, "2026-11-22T00:00:05Z"},
		{"Sun, 22 Nov 2026 08:00:05 ET", shanghai, "2026-11-22T13:00:05Z"},
		{"Sun, 22nd Sept. 2024 - 3:04pm", time.UTC, "2024-09-22T15:04:00Z"},
		{"2026/11/22 PM 3:20", shanghai, "2026-11-22T07:20:00Z"},
		{"11/22/26 08:00", shanghai, "2026-11-22T00:00:00Z"},
		{"1795334400.123", shanghai, "2026-11-22T08:00:00Z"},
		{"1795334400123456", shanghai, "2026-11-22T08:00:00Z"},
		{"2026-02-30 08:00", shanghai, ""},
		{"0001-01-01T00:00:00Z", shanghai, ""},
		{"1969-12-31T00:00:00Z", shanghai, ""},
		{"yesterday", shanghai, ""},
		{"08:00", shanghai, ""},
		{"42", shanghai, ""},
		{"-1795334400", shanghai, ""},
		{"", shanghai, ""},
	}
	for _, test := range tests {
		got, ok := parseDate(test.text, test.zone)
		formatted := ""
		if ok {
			formatted = got.Format(time.RFC3339Nano)
		}
		if formatted != test.want {
			t.Errorf("parseDate(%q, %s) = %q, want %q", test.text, test.zone, formatted, test.want)
		}
	}
}

func FuzzParseDate(f *testing.F) {
	f.Add("Sun, 22 Nov 2026 08:00:05 +0800")
	f.Add("2026年11月22日（周日）下午3点20分")
	f.Add("1795334400123")
	f.Fuzz(func(t *testing.T, text string) {
		got, ok := parseDate(text, time.FixedZone("", 8*3600))
		if ok && (got.Location() != time.UTC || got.Nanosecond() != 0 || got.Unix() < 0) {
			t.Errorf("parseDate(%q) = %s, want UTC, whole seconds, from 1970 on", text, got)
		}
		for _, layout := range []string{time.RFC3339, time.RFC1123Z, time.RFC1123, time.DateTime} { // however others would write it
			if again, _ := parseDate(got.Format(layout), time.UTC); ok && !again.Equal(got) {
				t.Errorf("parseDate(%q) = %s, and written as %s it is read as %s", text, got, got.Format(layout), again)
			}
		}
	})
}
