package collector

import (
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// moment is a time as a page states it.
type moment struct {
	time.Time      // UTC; zero if there is none
	rough     bool // it may be off by a day: "3 days ago", or a day without a clock time
}

const (
	yearForm   = `(?:(?:19|20)\d\d|(?:民國|民国|中華民國)?\s?1[0-4]\d)` // of our era, or of the Republic of China as Taiwan counts
	clockForm  = `\d{1,2}(?::\d{2}(?::\d{2})?|\s?[时時点點](?:\s?\d{1,2}\s?分?)?)`
	zoneForm   = `(?:\.\d+)?(?:\s?(?:Z|[+-]\d\d:?\d\d|\(?(?:GMT|UTC|HKT|CST|EST|EDT|PST|PDT|JST|SGT)\)?)\b)?`
	halfForm   = `(?:上午|下午|凌晨|早上|晚上|中午|傍晚)`
	weekForm   = `(?:[\s（(]*(?:星期|周|週)[一二三四五六日天][）)]*)?`
	monthForm  = `(?i:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?`
	afterDay   = `(?:` + weekForm + `[\sT,，|·]*` + halfForm + `?\s?` + clockForm + `(?:\s?(?i:[ap]\.?m\b\.?))?` + zoneForm + `)?`
	dateWord   = 16  // characters of a text that a bare word such as 昨天 is the date of
	dateLine   = 60  // characters of a line that states a time beside author and source
	longestDay = 400 // bytes of a text that may state a date among other things
)

var (
	fullDate    = regexp.MustCompile(`(` + yearForm + `)\s?[-/.年]\s?(\d{1,2})\s?[-/.月]\s?(\d{1,2})(?:\s?[日號号])?(` + afterDay + `)`)
	englishDate = regexp.MustCompile(`\b(` + monthForm + `\s\d{1,2}(?:st|nd|rd|th)?,?\s\d{4}|\d{1,2}(?:st|nd|rd|th)?\s` + monthForm + `,?\s\d{4})\b((?:[\s,|·]*(?:at\s)?\d{1,2}:\d{2}(?::\d{2})?(?:\s?(?i:[ap]\.?m\b\.?))?` + zoneForm + `)?)`)
	ordinal     = regexp.MustCompile(`(\d)(?:st|nd|rd|th)\b`)
	september   = regexp.MustCompile(`(?i)\bsept\b`) // the one abbreviation that Go does not read
	agoForm     = regexp.MustCompile(`(\d{1,4}|半|(?i:\ban?))\s?(?:个|個)?\s?(秒|分钟|分鐘|小时|小時|天|日|周|週|星期|月|年|(?i:second|sec|minute|min|hour|hr|day|week|month|year)s?\.?)\s?(?:以?前|(?i:ago\b))`)
	nearbyDay   = regexp.MustCompile(`(今天|今日|昨天|昨日|前天|(?i:\btoday|\byesterday))(?:[\s,，]*(?:at\s)?(` + halfForm + `?\s?` + clockForm + `(?:\s?(?i:[ap]\.?m\b\.?))?))?`)
	justNow     = regexp.MustCompile(`刚刚|剛剛|(?i:\bjust now\b)`)
	monthDay    = regexp.MustCompile(`^[\[(（【\s]*(\d{1,2})(?:[-/]|\s?月\s?)(\d{1,2})日?(?:\s+(` + clockForm + `))?[\])）】\s]*$`)
)

// dateWithin finds the first time in a text of a page, such as a line with author and
// source. Beside what parseDate reads it knows times relative to now, the years of
// Taiwan's calendar, and a month and day alone, which mean the latest such day.
func dateWithin(text string, zone *time.Location, now time.Time) (moment, bool) {
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > longestDay || !strings.ContainsAny(text, "0123456789刚剛今昨前半aAjy") {
		return moment{}, false
	}
	if t, ok := parseDate(text, zone); ok {
		return settled(t, zone, now)
	}
	if m := fullDate.FindStringSubmatchIndex(text); m != nil && !besideDigit(text, m[0], m[1]) {
		year := strings.TrimLeft(group(text, m, 1), "中華民國国 ")
		if n, err := strconv.Atoi(year); err == nil && n < 1000 {
			year = strconv.Itoa(n + 1911)
		}
		day := year + "-" + group(text, m, 2) + "-" + group(text, m, 3) + " " + strings.TrimLeft(group(text, m, 4), "T,，|· ")
		if t, ok := parseDate(day, zone); ok {
			return settled(t, zone, now)
		}
	}
	if m := englishDate.FindStringSubmatch(text); m != nil {
		day := september.ReplaceAllString(strings.ReplaceAll(ordinal.ReplaceAllString(m[1], "$1"), ".", ""), "Sep")
		if t, ok := parseDate(day+" "+strings.TrimLeft(strings.Replace(m[2], "at ", "", 1), ",|· "), zone); ok {
			return settled(t, zone, now)
		}
	}
	return relativeDate(text, zone, now)
}

// besideDigit tells of a match that is a part of a longer number, such as an article's.
func besideDigit(text string, start, end int) bool {
	digit := func(i int) bool { return i >= 0 && i < len(text) && text[i] >= '0' && text[i] <= '9' }
	return digit(start-1) || digit(end)
}

// settled refuses a time that is still to come by more than a zone can explain.
func settled(t time.Time, zone *time.Location, now time.Time) (moment, bool) {
	if t.After(now.Add(24 * time.Hour)) {
		return moment{}, false
	}
	return moment{t, isMidnight(t, zone)}, true
}

// isMidnight tells of a time that is the beginning of a day in the zone: often the
// day alone was stated.
func isMidnight(t time.Time, zone *time.Location) bool {
	local := t.In(zone)
	return local.Hour() == 0 && local.Minute() == 0 && local.Second() == 0
}

// relativeDate reads what only means a time when it is read. In a sentence such words
// are about something else.
func relativeDate(text string, zone *time.Location, now time.Time) (moment, bool) {
	length := utf8.RuneCountInString(text)
	if length > dateLine || strings.Contains(text, "。") {
		return moment{}, false
	}
	now = now.UTC().Truncate(time.Second)
	if m := agoForm.FindStringSubmatch(text); m != nil {
		unit := unitOf(m[2])
		count, err := strconv.Atoi(m[1])
		if err != nil { // "an hour ago", 半小时前
			count = 1
			if m[1] == "半" {
				unit /= 2
			}
		}
		if ago := time.Duration(count) * unit; ago < 20*365*24*time.Hour {
			return moment{now.Add(-ago), unit >= time.Hour}, true
		}
	}
	if m := nearbyDay.FindStringSubmatch(text); m != nil && (m[2] != "" || length < dateWord) {
		back := map[string]int{"昨天": 1, "昨日": 1, "yesterday": 1, "前天": 2}[strings.ToLower(m[1])]
		day := now.In(zone).AddDate(0, 0, -back).Format(time.DateOnly)
		t, ok := parseDate(day+" "+m[2], zone)
		return moment{t, m[2] == ""}, ok && !t.After(now.Add(ahead))
	}
	if justNow.MatchString(text) {
		return moment{now, false}, true
	}
	if m := monthDay.FindStringSubmatch(text); m != nil {
		for year := now.In(zone).Year(); year > now.Year()-9; year-- { // 29 February comes every eighth year at least
			t, ok := parseDate(strings.Join([]string{strconv.Itoa(year), m[1], m[2]}, "-")+" "+m[3], zone)
			if ok && !t.After(now.Add(24*time.Hour)) {
				return moment{t, m[3] == ""}, true
			}
		}
	}
	return moment{}, false
}

// unitOf is the length of a unit of time, named in Chinese or English.
func unitOf(name string) time.Duration {
	name = strings.TrimSuffix(strings.TrimSuffix(strings.ToLower(name), "."), "s")
	switch name {
	case "秒", "second", "sec":
		return time.Second
	case "分钟", "分鐘", "minute", "min":
		return time.Minute
	case "小时", "小時", "hour", "hr":
		return time.Hour
	case "天", "日", "day":
		return 24 * time.Hour
	case "周", "週", "星期", "week":
		return 7 * 24 * time.Hour
	case "月", "month":
		return 30 * 24 * time.Hour
	}
	return 365 * 24 * time.Hour
}
