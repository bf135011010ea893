package sentiment

import (
	"strings"
	"unicode/utf8"
)

// Valence of time lost, by its unit.
const (
	lostMinutes = -0.8
	lostHours   = -1.2
	lostDays    = -1.5
	lostTrips   = -1.2 // 修了三次
	little      = 0.8  // 才九块
)

// wait reads what follows a term of waiting: 等了三个小时, 催了五次. It returns where that
// ends and what it is worth; 0 if the term stands alone, or the wait was short: a few
// minutes, or what came at once after it (等了半小时就到了).
func (r *reading) wait(m mark) (end int, value float64) {
	if !m.entry.waits && !m.entry.cheap {
		return 0, 0
	}
	number, amount := r.amountAfter(m)
	if m.entry.cheap {
		return r.price(number, amount)
	}
	if number == "" && !strings.HasPrefix(amount, "天") {
		return 0, 0
	}
	unit, value := unitOf(amount, number)
	if value == 0 {
		return 0, 0
	}
	after := amount[len(unit):]
	if strings.HasPrefix(after, "就") {
		return 0, 0
	}
	return len(r.norm) - len(after), value
}

// price is what so little money is worth: 才九块.
func (r *reading) price(number, amount string) (end int, value float64) {
	for _, unit := range []string{"块", "元", "毛"} {
		if number != "" && strings.HasPrefix(amount, unit) {
			return len(r.norm) - len(amount) + len(unit), little
		}
	}
	return 0, 0
}

// unitOf returns the unit that a text begins with, and what so many of it are worth.
func unitOf(text, number string) (unit string, value float64) {
	many := utf8.RuneCountInString(number) > 1
	for _, u := range []struct {
		name  string
		value float64
		many  bool // a single figure of it is too little to tell
	}{
		{"分钟", lostMinutes, true},
		{"小时", lostHours, false},
		{"钟头", lostHours, false},
		{"星期", lostDays, false},
		{"礼拜", lostDays, false},
		{"周", lostDays, false},
		{"天", lostDays, false},
		{"月", lostDays, false},
		{"年", lostDays, false},
		{"上午", lostHours, false},
		{"下午", lostHours, false},
		{"晚上", lostHours, false},
	} {
		if strings.HasPrefix(text, u.name) && (many || !u.many) {
			return u.name, u.value
		}
	}
	for _, name := range []string{"次", "遍", "回", "趟", "通"} {
		if strings.HasPrefix(text, name) && number != "一" && number != "1" && number != "" {
			return name, lostTrips
		}
	}
	return "", 0
}

// amountAfter reads the number after a mark, and returns it and what follows it.
func (r *reading) amountAfter(m mark) (number, rest string) {
	text := strings.TrimLeft(r.norm[m.end:], " ")
	for _, about := range []string{"整整", "足足", "将近", "大概", "差不多", "快", "近"} {
		text = strings.TrimPrefix(text, about)
	}
	rest = strings.TrimLeft(text, " 0123456789.一二两三四五六七八九十百半几数好多来个")
	return strings.TrimSpace(strings.TrimRight(text[:len(text)-len(rest)], "个多")), rest
}

// within tells whether a negator only says how soon something came: 没两天就坏了.
func (r *reading) within(m mark) bool {
	if term := r.norm[m.start:m.end]; term != "没" && term != "没有" {
		return false
	}
	number, rest := r.amountAfter(m)
	if number == "" {
		return false
	}
	unit, _ := unitOf(rest, number)
	return unit != "" && strings.Contains(rest[:min(len(rest), len(unit)+len("就"))], "就")
}
