package alerting

import (
	"testing"
	"time"
	_ "time/tzdata" // the zones must be there on every machine

	"reputed/internal/reputation"
)

func zoneOf(t *testing.T, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

var everyDay = []time.Weekday{0, 1, 2, 3, 4, 5, 6}

// clock is a time of day in minutes after midnight.
func clock(hour, minute int) int { return 60*hour + minute }

func TestQuietHours(t *testing.T) {
	shanghai := zoneOf(t, "Asia/Shanghai")
	night := QuietHours{From: clock(22, 0), To: clock(8, 0), Days: everyDay, Except: reputation.Critical, Zone: shanghai}
	workNights := night
	workNights.Days = []time.Weekday{time.Sunday, time.Monday, time.Tuesday, time.Wednesday, time.Thursday}
	weekend := QuietHours{From: 0, To: clock(24, 0), Days: []time.Weekday{time.Saturday, time.Sunday}, Zone: shanghai}
	lunch := QuietHours{From: clock(12, 0), To: clock(13, 30), Days: everyDay, Zone: shanghai}
	for _, tt := range []struct {
		name     string
		quiet    QuietHours
		severity reputation.Severity
		at       string
		want     bool
	}{
		{"a second before", night, reputation.Warning, "2026-11-24 21:59:59", false},
		{"begins", night, reputation.Warning, "2026-11-24 22:00:00", true},
		{"midnight", night, reputation.Warning, "2026-11-25 00:00:00", true},
		{"a second before the end", night, reputation.Warning, "2026-11-25 07:59:59", true},
		{"ends", night, reputation.Warning, "2026-11-25 08:00:00", false},
		{"a crisis is told", night, reputation.Critical, "2026-11-25 03:00:00", false},
		{"night to Friday", workNights, reputation.Warning, "2026-11-27 07:00:00", true},
		{"night to Saturday", workNights, reputation.Warning, "2026-11-28 07:00:00", false},
		{"Friday night", workNights, reputation.Warning, "2026-11-27 23:00:00", false},
		{"Sunday night", workNights, reputation.Warning, "2026-11-29 23:00:00", true},
		{"Friday evening", weekend, reputation.Warning, "2026-11-27 23:59:59", false},
		{"Saturday", weekend, reputation.Warning, "2026-11-28 00:00:00", true},
		{"Sunday's last second", weekend, reputation.Critical, "2026-11-29 23:59:59", true},
		{"Monday", weekend, reputation.Warning, "2026-11-30 00:00:00", false},
		{"lunch", lunch, reputation.Warning, "2026-11-30 13:29:00", true},
		{"after lunch", lunch, reputation.Warning, "2026-11-30 13:30:00", false},
		{"none", QuietHours{}, reputation.Warning, "2026-11-30 03:00:00", false},
	} {
		at, err := time.ParseInLocation(time.DateTime, tt.at, shanghai)
		if err != nil {
			t.Fatal(err)
		}
		if got := tt.quiet.Cover(tt.severity, at.UTC()); got != tt.want {
			t.Errorf("%s: quiet at %s is %v, want %v", tt.name, tt.at, got, tt.want)
		}
	}
}

// On days of 23 and of 25 hours the quiet hours begin and end once, at what the clock
// shows, also where it shows that twice or never.
func TestQuietHoursWhenTheClockChanges(t *testing.T) {
	for _, tt := range []struct {
		name, zone string
		from, to   int
		noon       string // of the day before the night, UTC
		begin, end string // UTC
	}{
		{"usual night", "Europe/Berlin", clock(22, 0), clock(8, 0), "2026-11-24T12:00:00Z", "2026-11-24T21:00:00Z", "2026-11-25T07:00:00Z"},
		{"short night", "Europe/Berlin", clock(22, 0), clock(8, 0), "2026-03-28T12:00:00Z", "2026-03-28T21:00:00Z", "2026-03-29T06:00:00Z"},
		{"long night", "Europe/Berlin", clock(22, 0), clock(8, 0), "2026-10-24T12:00:00Z", "2026-10-24T20:00:00Z", "2026-10-25T07:00:00Z"},
		{"the end is skipped", "Europe/Berlin", clock(22, 0), clock(2, 30), "2026-03-28T12:00:00Z", "2026-03-28T21:00:00Z", "2026-03-29T01:00:00Z"},
		{"the beginning is skipped", "Europe/Berlin", clock(2, 30), clock(6, 0), "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z", "2026-03-29T04:00:00Z"},
		{"the end comes twice", "Europe/Berlin", clock(22, 0), clock(2, 30), "2026-10-24T12:00:00Z", "2026-10-24T20:00:00Z", "2026-10-25T00:30:00Z"},
		{"the beginning comes twice", "Europe/Berlin", clock(2, 30), clock(6, 0), "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z", "2026-10-25T05:00:00Z"},
		{"short night in New York", "America/New_York", clock(22, 0), clock(8, 0), "2026-03-07T17:00:00Z", "2026-03-08T03:00:00Z", "2026-03-08T12:00:00Z"},
		{"the end comes twice in New York", "America/New_York", clock(22, 0), clock(1, 30), "2026-10-31T16:00:00Z", "2026-11-01T02:00:00Z", "2026-11-01T05:30:00Z"},
		{"half an hour, Lord Howe", "Australia/Lord_Howe", clock(22, 0), clock(1, 45), "2026-04-04T01:00:00Z", "2026-04-04T11:00:00Z", "2026-04-04T14:45:00Z"},
		{"midnight is skipped, Beirut", "Asia/Beirut", clock(22, 0), clock(24, 0), "2026-03-28T10:00:00Z", "2026-03-28T20:00:00Z", "2026-03-28T22:00:00Z"},
	} {
		q := QuietHours{From: tt.from, To: tt.to, Days: everyDay, Zone: zoneOf(t, tt.zone)}
		at, err := time.Parse(time.RFC3339, tt.noon)
		if err != nil {
			t.Fatal(err)
		}
		var changes []string
		for last, end := q.Cover(reputation.Warning, at), at.Add(21*time.Hour); at.Before(end); at = at.Add(time.Minute) {
			if now := q.Cover(reputation.Warning, at); now != last {
				changes, last = append(changes, at.Format(time.RFC3339)), now
			}
		}
		if len(changes) != 2 || changes[0] != tt.begin || changes[1] != tt.end {
			t.Errorf("%s: quiet begins and ends at %v, want %s and %s", tt.name, changes, tt.begin, tt.end)
		}
	}
}
