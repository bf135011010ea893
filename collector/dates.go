package collector

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

var (
	chineseDate  = regexp.MustCompile(`(\d{2,4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*[日号號]?`)
	chineseClock = regexp.MustCompile(`(\d{1,2})\s*[时時点點]\s*(?:(\d{1,2})\s*分?)?\s*(?:(\d{1,2})\s*秒)?`)
	partOfDay    = regexp.MustCompile(`上午|下午|凌晨|早上|晚上|中午|傍晚`)
	clockTime    = regexp.MustCompile(`([01]?\d|2[0-4]):([0-5]?\d)(?::([0-5]?\d|60))?(?:[.,]\d+)?(?:\s*([AaPp])\.?[Mm]\b\.?)?`)
	zoneAfter    = regexp.MustCompile(`^\s*([A-Za-z]{1,5}\b)?\s*(?:([+-])(\d{1,2}?):?(\d{2})?\b)?(?:\s*\([^)]*\))?`)
	dayName      = regexp.MustCompile(`(?i)\b(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\b|[（(]?(?:星期|周|週)[一二三四五六日天][)）]?`)
)

// dateParts is what is left of a date when clock time, zone and day name are gone.
// Where only the order tells, "." stands between day and month, "/" between month
// and day.
var dateParts = []string{
	"2006-1-2", "2 Jan 2006", "2 January 2006", "2006/1/2", "2006.1.2", "20060102", "Jan 2 2006", "January 2 2006",
	"2-Jan-2006", "2-Jan-06", "2 Jan 06", "2-January-2006", "2.1.2006", "1/2/2006",
}

// zoneHours are the offsets, in hours, of the abbreviations that feeds use. CST is
// China's unless the source's own zone calls itself so, as Chicago does.
var zoneHours = map[string]float64{
	"Z": 0, "UT": 0, "UTC": 0, "GMT": 0, "WET": 0, "WEST": 1, "BST": 1, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3, "MSK": 3,
	"IST": 5.5, "CST": 8, "HKT": 8, "SGT": 8, "JST": 9, "KST": 9, "AEST": 10, "AEDT": 11,
	"EST": -5, "EDT": -4, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
}

// parseDate reads a time as feeds and pages write it: RFC 3339, RFC 822 and what
// programs make of them, Chinese forms, seconds or milliseconds since 1970. A time
// that states no zone is taken to be in zone. The result is in UTC, to the second; ok
// is false if the text is no date, or one before 1970, which stands for "unknown".
func parseDate(text string, zone *time.Location) (t time.Time, ok bool) {
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > 100 {
		return t, false
	}
	if t, ok = parseEpoch(text); ok {
		return t, true
	}
	for _, layout := range []string{time.RFC3339, time.RFC1123Z} { // what most send: a short cut
		if t, err := time.Parse(layout, text); err == nil {
			return plausible(t)
		}
	}
	if strings.HasSuffix(text, " GMT") { // the name of a zone is no offset to time.Parse, but for this one
		if t, err := time.Parse(time.RFC1123, text); err == nil {
			return plausible(t)
		}
	}
	half := partOfDay.FindString(text)
	text = chineseDate.ReplaceAllString(partOfDay.ReplaceAllString(text, " "), "$1-$2-$3 ")
	if m := chineseClock.FindStringSubmatchIndex(text); m != nil {
		numbers := []string{group(text, m, 1), orDefault(group(text, m, 2), "0"), orDefault(group(text, m, 3), "0")}
		text = text[:m[0]] + strings.Join(numbers, ":") + text[m[1]:]
	}
	date, clock, zone := splitDate(text, zone)
	if (half == "下午" || half == "晚上" || half == "傍晚") && clock < 12*time.Hour {
		clock += 12 * time.Hour
	}
	for _, layout := range dateParts {
		if day, err := time.Parse(layout, date); err == nil {
			return plausible(time.Date(day.Year(), day.Month(), day.Day(), 0, 0, int(clock/time.Second), 0, zone))
		}
	}
	return t, false
}

// plausible refuses times that stand for "unknown" or that other programs cannot read.
func plausible(t time.Time) (time.Time, bool) {
	t = t.UTC().Truncate(time.Second)
	return t, t.Unix() > 24*60*60 && t.Year() < 10000
}

// splitDate takes the clock time and the zone out of text and returns the rest.
func splitDate(text string, fallback *time.Location) (date string, clock time.Duration, zone *time.Location) {
	zone, date = fallback, text
	if m := clockTime.FindStringSubmatchIndex(text); m != nil {
		clock = clockOf(group(text, m, 1), group(text, m, 2), group(text, m, 3), group(text, m, 4))
		before, after := text[:m[0]], text[m[1]:]
		z := zoneAfter.FindStringSubmatchIndex(after)
		zone = zoneOf(group(after, z, 1), group(after, z, 2), group(after, z, 3), group(after, z, 4), fallback)
		date = strings.TrimRight(strings.TrimSpace(before), "Tt") + " " + after[z[1]:]
	}
	date = strings.ReplaceAll(dayName.ReplaceAllString(date, " "), ",", " ")
	return strings.Join(strings.Fields(date), " "), clock, zone
}

// group is the text of a group of a match, empty if the group took no part in it.
func group(text string, match []int, i int) string {
	if match[2*i] < 0 {
		return ""
	}
	return text[match[2*i]:match[2*i+1]]
}

func clockOf(hour, minute, second, half string) time.Duration {
	number := func(s string) time.Duration {
		n, _ := strconv.Atoi(s) // one or two digits, or nothing: 0
		return time.Duration(n)
	}
	h := number(hour)
	switch {
	case strings.EqualFold(half, "p") && h < 12:
		h += 12
	case strings.EqualFold(half, "a") && h == 12:
		h = 0
	}
	return h*time.Hour + number(minute)*time.Minute + number(second)*time.Second
}

// zoneOf is the zone that stands behind a clock time: an offset, else a name.
func zoneOf(name, sign, hours, minutes string, fallback *time.Location) *time.Location {
	name = strings.ToUpper(name)
	if sign != "" {
		h, _ := strconv.Atoi(hours)   // digits by the expression
		m, _ := strconv.Atoi(minutes) // digits or nothing
		if sign == "-" {
			h, m = -h, -m
		}
		return time.FixedZone("", h*3600+m*60)
	}
	hoursEast, known := zoneHours[name]
	if !known || usesAbbreviation(fallback, name) {
		return fallback
	}
	return time.FixedZone(name, int(hoursEast*3600))
}

// usesAbbreviation reports whether zone calls its time so in winter or summer.
func usesAbbreviation(zone *time.Location, name string) bool {
	for _, month := range []time.Month{time.January, time.July} {
		if abbreviation, _ := time.Date(2024, month, 1, 0, 0, 0, 0, zone).Zone(); abbreviation == name {
			return true
		}
	}
	return false
}

// parseEpoch reads a count of seconds or milliseconds since 1970.
func parseEpoch(text string) (time.Time, bool) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return time.Time{}, false
	}
	switch len(text) {
	case 9, 10:
		return time.Unix(n, 0).UTC(), true
	case 13:
		return time.UnixMilli(n).UTC().Truncate(time.Second), true
	}
	return time.Time{}, false
}
