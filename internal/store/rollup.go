package store

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"slices"
	"strings"

	"reputed/internal/reputation"
)

// millionth is the unit in which scores are summed. A sum of floating point
// numbers would depend on their order, and not equal its recount.
const millionth = 1e6

// rollups counts what changes in the mentions of one source in the ways that the
// views show them, so that a batch writes each count once.
type rollups struct {
	hours   map[bucket]tally
	days    map[bucket]tally
	drivers map[facet]driverTally
	terms   map[facet]int
	talk    map[said]int
}

// bucket is a brand's hour or day.
type bucket struct{ brand, time string }

// facet is a driver or a negative term within a brand's day.
type facet struct {
	bucket
	name string
}

// said is what the negative mentions of a brand's hour are about, or a signal that
// its mentions carry.
type said struct {
	bucket
	kind, name string
}

// The kinds of what is said.
const (
	kindDriver = "driver"
	kindSignal = "signal"
)

type tally struct {
	mentions, positive, neutral, negative int
	stories                               int     // of the negative ones, those that are no copies
	scores                                int64   // in millionths
	risk                                  float64 // of the gravest risk word
}

type driverTally struct{ mentions, negative int }

func newRollups() rollups {
	return rollups{
		hours:   make(map[bucket]tally),
		days:    make(map[bucket]tally),
		drivers: make(map[facet]driverTally),
		terms:   make(map[facet]int),
		talk:    make(map[said]int),
	}
}

// add counts m, which was published at the time at and may be that of a copy, n
// times: 1 for a new mention, -1 for one that is taken away.
func (r rollups) add(m reputation.Mention, at string, copied bool, n int) {
	brand := m.Span.Brand
	hour, day := bucket{brand, at[:len("2006-01-02T15")] + ":00:00Z"}, bucket{brand, at[:len("2006-01-02")]}
	counts := r.hours[hour].plus(m.Score, n)
	if m.Score.Label == reputation.Negative {
		if !copied {
			counts.stories += n
		}
		if m.Driver != "" {
			r.talk[said{hour, kindDriver, m.Driver}] += n
		}
	}
	counts.risk = max(counts.risk, gravest(m)) // stays: a correction changes the label alone
	r.hours[hour] = counts
	for _, signal := range m.Signals {
		r.talk[said{hour, kindSignal, string([]rune(signal))}] += n // as in the stored JSON
	}
	r.days[day] = r.days[day].plus(m.Score, n)

	driver := facet{day, m.Driver}
	d := r.drivers[driver]
	d.mentions += n
	if m.Score.Label == reputation.Negative {
		d.negative += n
		for term := range negativeTerms(m.Score.Evidence) {
			r.terms[facet{day, term}] += n
		}
	}
	r.drivers[driver] = d
}

// severityRule is how the rule of evidence begins that is a risk word's severity.
const severityRule = "severity of risk "

// gravest is the severity, from 1 to 3, of the gravest risk word of a mention that
// carries the signal, and 0 of any other.
func gravest(m reputation.Mention) (severity float64) {
	if !slices.Contains(m.Signals, "risk") {
		return 0
	}
	for _, e := range m.LoyaltyEvidence {
		if strings.HasPrefix(e.Rule, severityRule) {
			severity = max(severity, e.Weight)
		}
	}
	return severity
}

func (t tally) plus(s reputation.Score, n int) tally {
	t.mentions += n
	switch s.Label {
	case reputation.Positive:
		t.positive += n
	case reputation.Negative:
		t.negative += n
	default:
		t.neutral += n
	}
	t.scores += int64(n) * int64(math.Round(s.Value*millionth))
	return t
}

// telling is the weight from which a term counts as one that lowered a score. Words
// such as 客服 weigh a little in every complaint, and say nothing about this one.
const telling = -0.1

// negativeTerms is the set of the terms that lowered a score tellingly.
func negativeTerms(evidence []reputation.Evidence) map[string]bool {
	terms := make(map[string]bool)
	for _, e := range evidence {
		if e.Weight <= telling {
			// Bytes that are not UTF-8 become U+FFFD, as in the stored JSON.
			terms[string([]rune(e.Term))] = true
		}
	}
	return terms
}

// execer is a transaction, or the connection that holds one.
type execer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// write adds the counts to the stored ones.
func (r rollups) write(ctx context.Context, tx execer, source string) error {
	const (
		counts = `ON CONFLICT DO UPDATE SET mentions = mentions + excluded.mentions, positive = positive + excluded.positive,
			neutral = neutral + excluded.neutral, negative = negative + excluded.negative, score_sum = score_sum + excluded.score_sum`
		hourly = `INSERT INTO rollup_hourly (brand, hour, source, mentions, positive, neutral, negative, score_sum, stories, risk)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ` + counts + `, stories = stories + excluded.stories, risk = max(risk, excluded.risk)`
		daily = `INSERT INTO rollup_daily (brand, day, source, mentions, positive, neutral, negative, score_sum)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?) ` + counts
		drivers = `INSERT INTO rollup_drivers (brand, day, driver, mentions, negative) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT DO UPDATE SET mentions = mentions + excluded.mentions, negative = negative + excluded.negative`
		terms = `INSERT INTO rollup_negative_terms (brand, day, term, mentions) VALUES (?, ?, ?, ?)
			ON CONFLICT DO UPDATE SET mentions = mentions + excluded.mentions`
		talk = `INSERT INTO rollup_talk (brand, hour, kind, name, mentions) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT DO UPDATE SET mentions = mentions + excluded.mentions`
		silent = `DELETE FROM rollup_talk WHERE brand = ? AND hour = ? AND kind = ? AND name = ? AND mentions = 0`
		unsaid = `DELETE FROM rollup_negative_terms WHERE brand = ? AND day = ? AND term = ? AND mentions = 0`
	)
	for k, t := range r.hours {
		if _, err := tx.ExecContext(ctx, hourly, k.brand, k.time, source, t.mentions, t.positive, t.neutral, t.negative, t.scores, t.stories, t.risk); err != nil {
			return fmt.Errorf("hourly rollup: %w", err)
		}
	}
	for k, t := range r.days {
		if _, err := tx.ExecContext(ctx, daily, k.brand, k.time, source, t.mentions, t.positive, t.neutral, t.negative, t.scores); err != nil {
			return fmt.Errorf("daily rollup: %w", err)
		}
	}
	for k, t := range r.drivers {
		if _, err := tx.ExecContext(ctx, drivers, k.brand, k.time, k.name, t.mentions, t.negative); err != nil {
			return fmt.Errorf("rollup of drivers: %w", err)
		}
	}
	for k, n := range r.terms {
		if _, err := tx.ExecContext(ctx, terms, k.brand, k.time, k.name, n); err != nil {
			return fmt.Errorf("rollup of negative terms: %w", err)
		}
		if n < 0 {
			if _, err := tx.ExecContext(ctx, unsaid, k.brand, k.time, k.name); err != nil {
				return fmt.Errorf("rollup of negative terms: %w", err)
			}
		}
	}
	for k, n := range r.talk {
		if _, err := tx.ExecContext(ctx, talk, k.brand, k.time, k.kind, k.name, n); err != nil {
			return fmt.Errorf("rollup of the talk: %w", err)
		}
		if n < 0 {
			if _, err := tx.ExecContext(ctx, silent, k.brand, k.time, k.kind, k.name); err != nil {
				return fmt.Errorf("rollup of the talk: %w", err)
			}
		}
	}
	return nil
}
