package trend

import "math"

// The counts that a change of rhythm is read from.
const (
	FineStep = 5 // minutes of each fine count
	perHour  = 60 / FineStep

	rhythmHours = 12   // hours that are judged together
	rhythmDays  = 7    // days before that say what is usual
	leastChange = 0.15 // standard deviation below which a brand's own is not believed

	// FineCounts is how many counts Rhythm looks at.
	FineCounts = perHour * (rhythmDays*24 + 2*rhythmHours + Signs)
)

// Rhythm tells how far the rhythm of the last twelve hours lies from that of the
// week before them, in standard deviations. The rhythm is the roughness of talk
// within an hour: the logarithm of the mean square of successive differences
// (von Neumann, "Distribution of the ratio of the mean square successive
// difference to the variance", Annals of Mathematical Statistics 12, 1941) over
// the mean. People who talk make it stay the same when there are more of them;
// posts that come in volleys, as from automatic accounts, make it rise before
// the volume does. The counts are of five minutes each, oldest first. The second
// result is false if there are not enough to tell.
func Rhythm(fine []float64) (deviations float64, ok bool) {
	n := len(fine) / perHour
	fine = fine[len(fine)-n*perHour:]
	sums := make([]float64, n+1) // running sums of the roughness of the hours
	for i := range n {
		sums[i+1] = sums[i] + roughness(fine[i*perHour:(i+1)*perHour])
	}
	mean := func(end int) float64 { return (sums[end] - sums[end-rhythmHours]) / rhythmHours }
	var count, first, second float64
	last := n - rhythmHours - Signs
	for end := max(rhythmHours, last-rhythmDays*24); end <= last; end++ {
		x := mean(end)
		count++
		first += x
		second += x * x
	}
	if count < 24 {
		return 0, false
	}
	first /= count
	return (mean(n) - first) / math.Sqrt(max(second/count-first*first, leastChange*leastChange)), true
}

// roughness is the logarithm of half the mean square of successive differences
// over the mean of an hour's counts: 0 for Poisson counts, each side moved by one
// so that an empty hour has one too.
func roughness(counts []float64) float64 {
	mean, squares := counts[0], 0.0
	for i := 1; i < len(counts); i++ {
		d := counts[i] - counts[i-1]
		squares += d * d
		mean += counts[i]
	}
	return math.Log((squares/2/float64(len(counts)-1) + 1) / (mean/float64(len(counts)) + 1))
}
