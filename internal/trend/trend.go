// Package trend tells whether the talk about a brand is more than its hours
// usually bring, or of another kind. It is pure: counts in, a judgement out, so
// that a live alert and a replay of the past come from the same code.
//
// # How a burst is found
//
// Learn makes a Baseline of past hours: level, rhythm of day and week, and
// dispersion, without the bursts among them. It gives the last hour, 2, 4, 8 and 24
// hours a calibrated probability each, and these combine into one. That one
// probability is what a Detector asks for first. On talk that follows the model,
// which the package simulate makes, nothing else is needed.
//
// Real talk has bursts that no one wants to be told of: a brand with a lively
// hour every other day is used to it, and each such hour is as improbable as a
// crisis. So the brand's own history decides how far the probability is trusted.
// Precedent is the greatest surprise of the last two weeks. Where it is no more
// than chance brings, the probability alone raises an alert; the further it lies
// beyond that, the greater the surprise must be, unless the burst reaches beyond
// the ups and downs of the last days in plain counts (Reach), and the further, the
// more of those days were lively (LivelyDays).
//
// Negative mentions and a plain series of counts are judged by the same code, with
// two differences in the parameters. A plain series holds good talk and bad, and
// nothing but the counts says which burst matters: so Volume always asks for the
// reach. And its counts of five minutes show a change of rhythm (Rhythm). For
// negative mentions Default asks instead for a rise of their share, and for
// different stories.
//
// Share, Silence and the rules built on them judge parts of the talk.
package trend

import (
	"fmt"
	"time"

	"reputed/internal/reputation"
)

// The hours a detector looks at, ending with the judged one.
const (
	History = 14 * 24 // hours that say what is usual
	Guard   = 23      // hours between those and the judged one: the day that ends with it is judged, so it does not say what is usual
	Hours   = History + Guard + 1

	Signs = 3 // hours before the judged ones that Reach, Rhythm and the rules on parts leave out: the first signs of a spike
	// Remembered is how many hours tell a brand's lively days, at most.
	Remembered = 24*(livelyDays+reachDays) + 2*(24+Signs)

	leastBusy  = 2   // hours whose counts must be worth a warning: bursts seldom keep to the hour
	reachDays  = 10  // days whose ups and downs a spike must exceed
	livelyDays = 12  // days before, among which the lively ones are counted
	band       = 2.0 // deviations of the usual band

	chance = 0.003 // probability of a surprise that two weeks bring without a burst

	leastDeviation   = 1.0    // one mention: below it a count says nothing
	leastProbability = 1e-300 // smaller ones are none to a computer
	leastKnown       = 24     // hours without which there is nothing to compare with
	talkDays         = 3      // days with talk that a baseline needs: one old post is no history
)

// Detector holds the conditions of a spike; all must hold, but for Rhythm, which
// is a spike by itself.
type Detector struct {
	// Probability is the most that talk as busy as that of the last hours may be
	// probable at that time of the day and week, in (0, 1); see Combined.
	Probability float64
	// Reach is how many standard deviations beyond the ups and downs of the last
	// ten days the last two hours must be, or more hours for a quiet brand; see the
	// function Reach.
	Reach float64
	// Rise is by how many standard deviations each lively day of the last twelve
	// raises that reach, and Lively the reach, in the same unit, from which on a day
	// is lively; see LivelyDays. A rise of 0 asks the same of every brand.
	Rise, Lively float64
	// Precedent takes the place of the reach for brands without bursts in their
	// history: for each standard deviation by which their Baseline.Precedent exceeds
	// what chance brings, the present surprise must exceed that of Probability by so many.
	// 0 always asks for the reach.
	Precedent float64
	// Rhythm is how many standard deviations from the usual a change of rhythm
	// must be; see the function Rhythm. 0 leaves the rhythm alone.
	Rhythm float64
	// Minimum is the least count that is worth a warning, and Stories how many
	// different texts must be among the last hour's: one text in ten copies is no
	// spike.
	Minimum, Stories int
	// Share is the most that a negative share as high as that of the hour may be
	// probable for a brand with the usual share; 1 asks for no rise. It keeps a
	// launch day with much talk of every kind from being taken for a crisis.
	Share float64
	// WarmUp is the history that a judgement needs.
	WarmUp time.Duration
}

// Default is the detector for negative mentions.
func Default() Detector {
	return Detector{Probability: chance, Reach: 3, Rise: 0.5, Lively: 2.5, Precedent: 5, Minimum: 5, Stories: 3, Share: 0.02, WarmUp: 7 * 24 * time.Hour}
}

// Sensitive is the detector with another probability, in (0, 0.5): the lower, the
// fewer and the greater the bursts that it finds. What
// is asked for in standard deviations grows with the surprise of the probability, so
// that each burst that the less sensitive detector calls a spike is one to the more
// sensitive detector too. Minimum, Stories, Share and WarmUp, which keep out what is
// not worth a warning however surprising it is, stay.
func (d Detector) Sensitive(probability float64) Detector {
	scale := Surprise(probability) / Surprise(d.Probability)
	d.Probability = probability
	d.Reach *= scale
	d.Rise *= scale
	d.Rhythm *= scale
	return d
}

// Volume is the detector for a plain series of counts, which has no shares and no
// texts, and no sources that come and go, for which the week of warm-up is.
func Volume() Detector {
	d := Default()
	d.Precedent = 0
	d.Stories, d.Share = 0, 1
	d.Rhythm = 6
	d.WarmUp = 48 * time.Hour
	return d
}

// Judge judges the last of the hours against those before it. Hours are oldest
// first and end at to; since is the time of the first mention ever, before which
// an hour without mentions says nothing. What is usual is learnt from as many as
// Hours of them; lively days are counted in the others too, up to Remembered hours.
func (d Detector) Judge(hours []reputation.Hour, since, to time.Time) reputation.Judgement {
	j := reputation.Judgement{From: to.Add(-time.Hour), To: to}
	if len(hours) == 0 {
		j.Reason = "no history"
		return j
	}
	now := hours[len(hours)-1]
	j.Observed, j.Stories, j.Mentions = now.Negative, now.Stories, now.Mentions

	known := 0
	if !since.IsZero() {
		known = int(to.Sub(since) / time.Hour)
	}
	hours = hours[len(hours)-max(1, min(known, len(hours))):]
	recent := hours[max(0, len(hours)-Hours):]
	past := recent[:max(0, len(recent)-1-Guard)]
	all := negative(recent, to)
	baseline := Learn(all.first(len(past)))
	hour, windows := baseline.Judge(all, 1), baseline.Windows(all)
	busy := windows[0]
	if busy.Hours < leastBusy { // the shortest window that is long enough
		busy = baseline.Judge(all, leastBusy)
	}
	j.Expected, j.Deviation = hour.Expected, max(hour.Deviation, leastDeviation)
	j.Surprise = (float64(j.Observed) - j.Expected) / j.Deviation
	j.Probability = max(Combined(windows), leastProbability)
	j.Calm = now.Missed < 1-leastCovered && float64(j.Observed) <= j.Expected+band*j.Deviation
	share := usualShare(past)
	j.Usual = share.Mean()

	switch {
	case to.Sub(since) < d.WarmUp || since.IsZero() || daysOfTalk(past) < min(talkDays, int(d.WarmUp.Hours()/24)):
		j.Reason = fmt.Sprintf("less than %g days of history", d.WarmUp.Hours()/24)
	case now.Missed > 1-leastCovered:
		j.Reason = "no source could be read"
	case int(busy.Observed) < d.Minimum:
		j.Reason = fmt.Sprintf("fewer than %d negative mentions", d.Minimum)
	case j.Probability > d.Probability:
		j.Reason = "usual for this time of the week"
	case !d.unprecedented(baseline, negative(hours, to), busy.Hours, j.Probability):
		j.Reason = fmt.Sprintf("within the ups and downs of the last %d days", reachDays)
	case j.Calm:
		j.Reason = "the last hour is as usual"
	case j.Stories < d.Stories:
		j.Reason = fmt.Sprintf("fewer than %d different stories", d.Stories)
	case share.AtLeast(j.Observed, j.Mentions) > d.Share:
		j.Reason = "the share of negative mentions is as usual"
	}
	j.Spike = j.Reason == ""
	return j
}

// unprecedented tells whether the last w hours, of a probability, are out of the
// ordinary for a brand with this history.
func (d Detector) unprecedented(b Baseline, h Hourly, w int, probability float64) bool {
	if d.reached(h, w) {
		return true
	}
	if d.Precedent == 0 {
		return false
	}
	return Surprise(probability) >= Surprise(d.Probability)+d.Precedent*max(b.Precedent()-Surprise(chance), 0)
}

// reached tells whether the last w hours have the reach that is asked of them.
func (d Detector) reached(h Hourly, w int) bool {
	reach, ok := Reach(h, w, Signs, reachDays)
	if !ok || reach < d.Reach {
		return false
	}
	lively := 0
	if d.Rise > 0 {
		lively = LivelyDays(h, w, d.Lively)
	}
	return reach >= d.Reach+d.Rise*float64(lively)
}

// JudgeSeries judges the hour before a time of a series, and its rhythm where the
// series has counts of five minutes.
func (d Detector) JudgeSeries(s *Series, to time.Time) reputation.Judgement {
	since, _ := s.Span()
	j := d.Judge(s.Hours(to, Remembered), since, to)
	if j.Spike || d.Rhythm == 0 || to.Sub(since) < d.WarmUp {
		return j
	}
	if change, ok := Rhythm(s.fine(to)); ok && change >= d.Rhythm {
		j.Spike, j.Reason = true, ""
	}
	return j
}

// negative makes the negative counts of hours that end at to.
func negative(hours []reputation.Hour, to time.Time) Hourly {
	h := Hourly{To: to, Counts: make([]float64, len(hours)), Covered: make([]float64, len(hours))}
	for i, hour := range hours {
		h.count(i, hour.Negative, hour.Missed)
	}
	return h
}

// count counts n in hour i, of which a part was missed. What was published in that
// part is read afterwards as far as the sources still hold it. So an hour that was
// missed for the most part is left out, with what came of it later, which would be a
// burst in an hour that expects nothing; another counts in full.
func (h Hourly) count(i, n int, missed float64) {
	if missed <= 1-leastCovered {
		h.Counts[i], h.Covered[i] = float64(n), 1
	}
}

// usualShare is the negative share of the hours' mentions.
func usualShare(hours []reputation.Hour) Share {
	parts, wholes := make([]float64, len(hours)), make([]float64, len(hours))
	for i, h := range hours {
		parts[i], wholes[i] = float64(h.Negative), float64(h.Mentions)
	}
	return LearnShare(parts, wholes)
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
