// Package trend tells whether an hour's negative talk about a brand is more than
// its hours usually bring. It is pure: counts in, a judgement out, so that a live
// alert and a replay of the past come from the same code.
package trend

import (
	"fmt"
	"math"
	"time"

	"reputed/internal/reputation"
)

// The hours a detector looks at, ending with the judged one.
const (
	History = 14 * 24 // hours that say what is usual
	Guard   = 2       // hours between baseline and judged hour, so that the first signs of a spike do not make it look usual
	Hours    = History + Guard + 1
	WarmUp   = 7 * 24 * time.Hour // history that a judgement needs
)

// Detector holds the conditions of a spike; all must hold.
type Detector struct {
	// Surprise is how many standard deviations above the mean of the baseline the
	// observed count must be.
	Surprise float64
	// Minimum is the least count that is worth a warning, and Stories how many
	// different texts must be among it: one text in ten copies is no spike.
	Minimum, Stories int
	// ShareRise is how many standard errors the negative share of the hour must be
	// above the usual share; 0 asks for no rise. It keeps a launch day with much
	// talk of every kind from being taken for a crisis.
	ShareRise float64
}

// Default is the detector for negative mentions.
func Default() Detector {
	return Detector{Surprise: 4, Minimum: 5, Stories: 3, ShareRise: 2}
}

// Volume is the detector for a plain series of counts, which has no shares and
// no texts.
func Volume() Detector {
	d := Default()
	d.Stories, d.ShareRise = 0, 0
	return d
}

const (
	leastDeviation = 1.0 // one mention: below it a count says nothing
	clip           = 3.0 // deviations at which hours of earlier spikes are cut before they count
	band           = 2.0 // deviations of the usual band
	leastShare     = 0.05
	mostShare      = 0.5 // a brand that is mostly spoken ill of can still have a crisis
	talkDays       = 3   // days with talk that a baseline needs: one old post is no history
)

// Judge judges the last of the hours against those before it. Hours are oldest
// first and end at to; since is the time of the first mention ever, before which
// an hour without mentions says nothing.
func (d Detector) Judge(hours []reputation.Hour, since, to time.Time) reputation.Judgement {
	j := reputation.Judgement{From: to.Add(-time.Hour), To: to}
	if len(hours) == 0 {
		j.Reason = "no history"
		return j
	}
	now := hours[len(hours)-1]
	j.Observed, j.Stories, j.Mentions = now.Negative, now.Stories, now.Mentions

	past := hours[:max(0, len(hours)-1-Guard)]
	known := int(to.Add(-(1+Guard)*time.Hour).Sub(since) / time.Hour)
	if since.IsZero() {
		known = 0
	}
	past = past[len(past)-max(0, min(known, len(past))):]
	j.Expected, j.Deviation, j.Usual = usual(past)
	j.Surprise = (float64(j.Observed) - j.Expected) / j.Deviation
	j.Calm = float64(j.Observed) <= j.Expected+band*j.Deviation
	j.Reason = d.objection(j, to.Sub(since), since.IsZero() || daysOfTalk(past) < talkDays)
	j.Spike = j.Reason == ""
	return j
}

// objection says why a judged hour is no spike, or "".
func (d Detector) objection(j reputation.Judgement, history time.Duration, none bool) string {
	switch {
	case history < WarmUp || none:
		return fmt.Sprintf("less than %d days of history", int(WarmUp.Hours()/24))
	case j.Observed < d.Minimum:
		return fmt.Sprintf("fewer than %d negative mentions", d.Minimum)
	case j.Surprise < d.Surprise:
		return fmt.Sprintf("less than %g deviations above the mean", d.Surprise)
	case j.Stories < d.Stories:
		return fmt.Sprintf("fewer than %d different stories", d.Stories)
	case d.ShareRise > 0 && shareRise(j) < d.ShareRise:
		return "the share of negative mentions is as usual"
	}
	return ""
}

// daysOfTalk counts the stretches of 24 hours that hold a mention.
func daysOfTalk(hours []reputation.Hour) int {
	days, last := 0, -24
	for i, h := range hours {
		if h.Mentions > 0 && i-last >= 24 {
			days, last = days+1, i
		}
	}
	return days
}

// shareRise is how many standard errors of a binomial share the judged hour's
// negative share lies above the usual one.
func shareRise(j reputation.Judgement) float64 {
	usual := min(max(j.Usual, leastShare), mostShare)
	return (j.Share() - usual) / math.Sqrt(usual*(1-usual)/float64(max(j.Mentions, 1)))
}

// usual returns mean and deviation of the hours' negative counts and the negative
// share of all their mentions. The deviation is at least that of a Poisson count
// with the same mean, and at least one mention.
func usual(hours []reputation.Hour) (mean, deviation, share float64) {
	if len(hours) == 0 {
		return 0, leastDeviation, 0
	}
	mentions, negative := 0, 0
	for _, h := range hours {
		mentions += h.Mentions
		negative += h.Negative
	}
	if mentions > 0 {
		share = float64(negative) / float64(mentions)
	}
	mean, deviation = moments(hours, math.Inf(1))
	mean, deviation = moments(hours, mean+clip*max(deviation, leastDeviation))
	return mean, max(deviation, math.Sqrt(mean), leastDeviation), share
}

// moments returns mean and standard deviation of the negative counts, each cut at
// most.
func moments(hours []reputation.Hour, most float64) (mean, deviation float64) {
	n := float64(len(hours))
	for _, h := range hours {
		mean += min(float64(h.Negative), most) / n
	}
	for _, h := range hours {
		d := min(float64(h.Negative), most) - mean
		deviation += d * d / n
	}
	return mean, math.Sqrt(deviation)
}
