package pipeline

import (
	"errors"
	"testing"
	"time"
)

// Of a receiver that refuses for six hours, each minute, the log tells once an hour; of
// another one that fails meanwhile it tells at once.
func TestComplaints(t *testing.T) {
	c := make(complaints)
	start := time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC)
	revoked, refused := errors.New("slack: token_revoked"), errors.New("feishu: connection refused")
	told := map[error]int{}
	for minute := range 360 {
		err := errors.Join(nil, revoked)
		if minute > 300 {
			err = errors.Join(errors.Join(revoked), refused)
		}
		for _, e := range c.news(err, start.Add(time.Duration(minute)*time.Minute)) {
			told[e]++
		}
	}
	if told[revoked] != 6 || told[refused] != 1 || len(told) != 2 {
		t.Errorf("told %v", told)
	}
	if news := c.news(nil, start); len(news) > 0 {
		t.Errorf("without an error: %v", news)
	}
}
