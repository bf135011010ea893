package collector

import (
	"cmp"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
)

var (
	chineseDate   = regexp.MustCompile(`(?:民[國国]\s*)?(\d{2,4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*[日号號]?`)
	chineseClock  = regexp.MustCompile(`(\d{1,2})\s*[时時点點]\s*(?:(\d{1,2})\s*分?)?\s*(?:(\d{1,2})\s*秒)?`)
	chineseNumber = regexp.MustCompile(`[〇○零一二三四五六七八九十]+\s*[年月日号號时時点點分秒]`)
	partOfDay     = regexp.MustCompile(`上午|下午|凌晨|早上|晚上|夜里|中午|傍晚`)
	clockTime     = regexp.MustCompile(`([01]?\d|2[0-4]):([0-5]?\d)(?::([0-5]?\d|60))?(?:[.,]\d+)?(?:\s*([AaPp])\.?[Mm]\b\.?)?`)
	zoneAfter     = regexp.MustCompile(`^\s*([A-Za-z]{1,5}\b)?\s*(?:([+-])(\d{1,2}?):?(\d{2})?\b)?(?:\s*\([^)]*\)| [A-Z]{3,5}\b)?`)
	zoneArea      = regexp.MustCompile(`^\s*([A-Z][a-z]+/[A-Z][A-Za-z_]+)`)
	dayName       = regexp.MustCompile(`(?i)\b(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\b\.?|[（(]?(?:星期|周|週)[一二三四五六日天][)）]?`)
	monthName     = regexp.MustCompile(`(?i)\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b\.?`)
)

// rewrites bring what is written in other ways into the order that splitDate expects.
var rewrites = []struct {
	from *regexp.Regexp
	to   string
}{
	{regexp.MustCompile(`^((?:19|20)\d\d)(\d\d)(\d\d)[Tt ]?([0-2]\d)([0-5]\d)([0-5]\d)(\D|$)`), "$1-$2-$3 $4:$5:$6$7"}, // ISO 8601, basic form
	{regexp.MustCompile(`^((?:19|20)\d\d)(\d\d)(\d\d)[Tt ]?([0-2]\d)([0-5]\d)(\D|$)`), "$1-$2-$3 $4:$5$6"},
	{regexp.MustCompile(`^(\d{4}-\d\d-\d\d)[Tt](\d\d)(\D*)$`), "$1 $2:00$3"}, // hours alone
	{regexp.MustCompile(`(:\d\d(?:\.\d+)?) (\d\d:\d\d)$`), "$1+$2"},          // a "+" that became a space
	{regexp.MustCompile(`(?i)\b([ap]m) (\d{1,2}:\d\d(?::\d\d)?)`), "$2 $1"},
	{regexp.MustCompile(`(?i)\b(\d{1,2})(?:st|nd|rd|th)\b`), "$1"},
}

// dateParts is what is left of a date when clock time, zone and day name are gone.
// Where only the order tells, "." stands between day and month, "/" between month
// and day.
var dateParts = []string{
	"2006-1-2", "2 Jan 2006", "2006/1/2", "2006.1.2", "20060102", "Jan 2 2006", "2-Jan-2006", "2-Jan-06", "2 Jan 06", "2.1.2006",
	"1/2/2006", "1/2/06", "06-1-2", "2006-002", "2006-1", "2006",
}

// zoneHours are the offsets, in hours, of the abbreviations that feeds use. CST is
// China's unless the source's own zone calls itself so, as Chicago does.
var zoneHours = map[string]float64{
	"Z": 0, "UT": 0, "UTC": 0, "GMT": 0, "WET": 0, "WEST": 1, "BST": 1, "CET": 1, "MEZ": 1, "CEST": 2, "MESZ": 2, "EET": 2, "EEST": 3, "MSK": 3,
	"IST": 5.5, "ICT": 7, "WIB": 7, "CST": 8, "HKT": 8, "SGT": 8, "PHT": 8, "AWST": 8, "JST": 9, "KST": 9, "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13,
	"EST": -5, "EDT": -4, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "ET": -5, "CT": -6, "MT": -7, "PT": -8, "AST": -4, "ADT": -3,
	"AKST": -9, "AKDT": -8, "HST": -10, "BRT": -3,
}

// parseDate reads a time as feeds and pages write it: RFC 3339, RFC 822 and what
// programs make of them, the forms of W3C-DTF without a time or a day, Chinese forms,
// seconds, milliseconds or microseconds since 1970. A time that states no zone is taken
// to be in zone. The result is in UTC, to the second; ok is false if the text is no
// date, or one before 1970, which stands for "unknown".
func parseDate(text string, zone *time.Location) (t time.Time, ok bool) {
	text = strings.Join(strings.Fields(text), " ")
	if text == "" || len(text) > 100 {
		return t, false
	}
	if t, ok = parseEpoch(text); ok {
		return t, true
	}
	var common []string // what most send: a short cut
	in := zone
	switch {
	case strings.HasSuffix(text, " GMT"): // the one name of a zone that is an offset to the time package
		common, in = []string{time.RFC1123}, time.UTC
	case text[0] >= '0' && text[0] <= '9':
		common = []string{time.RFC3339, time.DateTime}
	default:
		common = []string{time.RFC1123Z}
	}
	for _, layout := range common {
		if t, err := time.ParseInLocation(layout, text, in); err == nil {
			return plausible(t)
		}
	}
	for _, r := range rewrites {
		text = r.from.ReplaceAllString(text, r.to)
	}
	text, half := fromChinese(text)
	date, clock, zone := splitDate(text, zone)
	clock = inHalf(clock, half)
	for _, layout := range dateParts {
		if day, err := time.Parse(layout, date); err == nil {
			return plausible(time.Date(day.Year(), day.Month(), day.Day(), 0, 0, int(clock/time.Second), 0, zone))
		}
	}
	return t, false
}

// fromChinese writes the Chinese forms of date and time in digits, and returns the part
// of the day that the text names.
func fromChinese(text string) (digits, half string) {
	if !strings.ContainsFunc(text, func(r rune) bool { return r > unicode.MaxASCII }) {
		return text, ""
	}
	text = chineseNumber.ReplaceAllStringFunc(text, chineseDigits)
	half = partOfDay.FindString(text)
	text = partOfDay.ReplaceAllString(text, " ")
	if m := chineseDate.FindStringSubmatchIndex(text); m != nil {
		year := group(text, m, 1)
		switch len(year) {
		case 2:
			year = "20" + year
		case 3: // the Republic of China counts from 1912
			if n, err := strconv.Atoi(year); err == nil {
				year = strconv.Itoa(n + 1911)
			}
		}
		text = text[:m[0]] + year + "-" + group(text, m, 2) + "-" + group(text, m, 3) + " " + text[m[1]:]
	}
	if m := chineseClock.FindStringSubmatchIndex(text); m != nil {
		numbers := []string{group(text, m, 1), cmp.Or(group(text, m, 2), "0"), cmp.Or(group(text, m, 3), "0")}
		text = text[:m[0]] + strings.Join(numbers, ":") + text[m[1]:]
	}
	return text, half
}

// chineseDigits writes a number up to 99, or the digits of a year, in ASCII digits. The
// unit that follows it stays.
func chineseDigits(text string) string {
	const one = "一二三四五六七八九"
	var out strings.Builder
	runes := []rune(text)
	for i, r := range runes {
		switch at := strings.IndexRune(one, r); {
		case at >= 0:
			out.WriteString(strconv.Itoa(1 + at/len("一")))
		case strings.ContainsRune("〇○零", r):
			out.WriteByte('0')
		case r != '十':
			out.WriteRune(r)
		default:
			if i == 0 {
				out.WriteByte('1')
			}
			if i+1 == len(runes) || !strings.ContainsRune(one, runes[i+1]) {
				out.WriteByte('0')
			}
		}
	}
	return out.String()
}

// inHalf moves a clock time of twelve hours into the part of the day that was named.
func inHalf(clock time.Duration, half string) time.Duration {
	const noon = 12 * time.Hour
	switch half {
	case "下午", "傍晚":
		if clock < noon {
			clock += noon
		}
	case "晚上", "夜里": // twelve is midnight
		if clock >= 5*time.Hour && clock < noon+time.Hour {
			clock += noon
		}
	case "中午":
		if clock < 10*time.Hour {
			clock += noon
		}
	case "凌晨":
		if clock >= noon && clock < noon+time.Hour {
			clock -= noon
		}
	}
	return clock
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
		rest := after[z[1]:]
		if m := zoneArea.FindStringSubmatchIndex(after); m != nil {
			if area, err := time.LoadLocation(group(after, m, 1)); err == nil {
				zone = area
			}
			rest = after[m[1]:]
		}
		date = strings.TrimRight(strings.TrimSpace(before), "Tt") + " " + rest
	}
	date = monthName.ReplaceAllString(dayName.ReplaceAllString(date, " "), "$1")
	date = strings.Join(strings.Fields(strings.ReplaceAll(date, ",", " ")), " ")
	return strings.Trim(date, " -"), clock, zone
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

// parseEpoch reads a count of seconds, milliseconds or microseconds since 1970.
func parseEpoch(text string) (time.Time, bool) {
	whole, fraction, _ := strings.Cut(text, ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || n < 0 || strings.Trim(fraction, "0123456789") != "" {
		return time.Time{}, false
	}
	switch len(whole) {
	case 9, 10:
		return time.Unix(n, 0).UTC(), true
	case 13:
		return time.UnixMilli(n).UTC().Truncate(time.Second), true
	case 16:
		return time.UnixMicro(n).UTC().Truncate(time.Second), true
	}
	return time.Time{}, false
}
