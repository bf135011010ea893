package trend

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// Share is what part of a brand's hours is usually of a kind: the negative part of
// its mentions, or its part of the talk about it and its competitors. It is a beta
// distribution over hours, which makes the count of an hour beta-binomial
// (Skellam, "A probability distribution derived from the binomial distribution",
// Journal of the Royal Statistical Society B 10, 1948).
type Share struct {
	A, B float64 // parameters of the beta distribution, in mentions
}

const (
	shareWeight = 4.0   // mentions that the prior counts for
	priorShare  = 0.1   // share of a brand of which nothing is known,
	priorClump  = 0.05  // and how much alike the mentions of an hour are: their correlation
	mostShare   = 0.5   // a brand that is mostly spoken ill of can still have a crisis
	leastSum    = 2.0   // bounds of A+B: the share of an hour is neither anything at all
	mostSum     = 500.0 // nor ever exactly the usual
)

// LearnShare learns a share from the parts and wholes of past hours, by moments.
// Hours beyond four deviations are left out, so that an earlier crisis does not
// hide the next.
func LearnShare(parts, wholes []float64) Share {
	mean, clump := math.NaN(), priorClump
	for range rounds {
		part, whole := shareWeight*priorShare, shareWeight
		// Of a beta-binomial count of n, the variance is chance*(1+(n-1)*clump).
		square, chance, extra := 0.0, 0.0, shareWeight
		for i, n := range wholes {
			if v := n * mean * (1 - mean); parts[i]-n*mean > 4*math.Sqrt(v*(1+max(n-1, 0)*clump))+2 {
				continue // never in the first round, in which there is no mean yet
			}
			part += parts[i]
			whole += n
		}
		mean = part / whole
		for i, n := range wholes {
			d, v := parts[i]-n*mean, n*mean*(1-mean)
			if d > 4*math.Sqrt(v*(1+max(n-1, 0)*clump))+2 {
				continue
			}
			square += d * d
			chance += v
			extra += v * max(n-1, 0)
		}
		clump = max((square-chance+priorClump*shareWeight)/extra, 1/(mostSum+1))
	}
	sum := min(max(1/clump-1, leastSum), mostSum)
	return Share{A: mean * sum, B: (1 - mean) * sum}
}

// Mean is the usual share, in [0, 1].
func (s Share) Mean() float64 { return s.A / (s.A + s.B) }

// AtLeast is the probability that of whole mentions part or more are of the kind.
// A usual share above one half is taken for one half: a brand that is mostly
// spoken ill of can still have a crisis.
func (s Share) AtLeast(part, whole int) float64 {
	if m := s.Mean(); m > mostShare {
		s = Share{A: mostShare * (s.A + s.B), B: (1 - mostShare) * (s.A + s.B)}
	}
	return s.tail(part, whole)
}

// AtMost is the probability that of whole mentions part or fewer are of the kind.
func (s Share) AtMost(part, whole int) float64 {
	return Share{A: s.B, B: s.A}.tail(whole-part, whole)
}

// tail sums the beta-binomial probabilities from part to whole.
func (s Share) tail(part, whole int) float64 {
	if part <= 0 || whole <= 0 {
		return 1
	}
	if part > whole {
		return 0
	}
	const exact = 1000 // terms; above them the beta distribution alone is as good
	if whole-part > exact && part > exact {
		return 1 - mathext.RegIncBeta(s.A, s.B, (float64(part)-0.5)/float64(whole))
	}
	k, n := float64(part), float64(whole)
	from, to := k, n
	if part < whole-part { // the shorter sum
		from, to = 0, k-1
	}
	logBeta := mathext.Lbeta(s.A, s.B)
	sum := 0.0
	for i := from; i <= to; i++ {
		choose := -math.Log(n+1) - mathext.Lbeta(n-i+1, i+1)
		sum += math.Exp(choose + mathext.Lbeta(i+s.A, n-i+s.B) - logBeta)
	}
	if part < whole-part {
		sum = 1 - sum
	}
	return min(max(sum, 0), 1)
}
