package sentiment

import "math"

// regression is a logistic regression with a Gaussian prior on each weight:
// the probability that a row is positive is σ(steepness · its sum), and a row's
// sum is linear in the weights.
type regression struct {
	rows    []outcome
	weights []weight
	levels  int // number of files whose rows get a level of their own; 0 for none
}

// outcome is what a row is: 1 positive, 0 negative, ½ neither.
type outcome struct {
	target float64
	weight float64 // how much the row counts
	file   int     // number of the file it stands in, from 0
	sum    float64 // by the weights as they are
}

// weight is what is fitted, and what speaks of it.
type weight struct {
	value       float64 // first its mean before anything is seen
	precision   float64 // of the prior: how many rows' worth of evidence it is
	least, most float64
	cells       []cell
}

// cell is how much of a weight a row's sum takes.
type cell struct {
	row    int32
	factor float32
}

const (
	// steepness is the log-odds that a valence of 1 is worth.
	steepness = 0.4
	// mostRounds bounds the passes over the weights; after about 20 they stand still.
	mostRounds = 60
	// still is the step below which a weight is left where it is.
	still = 1e-3
	// longest is the longest step, and flattest the least curvature of a row, that
	// keep steps sane where the model is sure and wrong.
	longest  = 1
	flattest = 0.02
)

// fit moves the weights to their most probable values, one after the other by a
// bounded Newton step, until they stand still: cyclic coordinate descent after
// Genkin, Lewis and Madigan, Large-Scale Bayesian Logistic Regression for Text
// Categorization (Technometrics, 2007).
func (r *regression) fit() {
	means := make([]float64, len(r.weights))
	for i, w := range r.weights {
		means[i] = w.value
		for _, c := range w.cells {
			r.rows[c.row].sum += w.value * float64(c.factor)
		}
	}
	odds := make([]float64, len(r.rows)) // probability that the row is positive
	for i := range r.rows {
		odds[i] = logistic(steepness * r.rows[i].sum)
	}
	for range mostRounds {
		r.level(odds)
		moved := false
		for i := range r.weights {
			moved = r.step(&r.weights[i], means[i], odds) || moved
		}
		if !moved {
			return
		}
	}
}

// step moves one weight, and tells whether it did.
func (r *regression) step(w *weight, mean float64, odds []float64) bool {
	slope, curve := w.precision*(mean-w.value), w.precision
	for _, c := range w.cells {
		row, p, x := &r.rows[c.row], odds[c.row], steepness*float64(c.factor)
		slope += row.weight * x * (row.target - p)
		curve += row.weight * x * x * max(p*(1-p), flattest)
	}
	next := min(max(w.value+min(max(slope/curve, -longest), longest), w.least), w.most)
	step := next - w.value
	if math.Abs(step) < still {
		return false
	}
	w.value = next
	for _, c := range w.cells {
		row := &r.rows[c.row]
		row.sum += step * float64(c.factor)
		odds[c.row] = logistic(steepness * row.sum)
	}
	return true
}

// level moves the sums of each file by what makes its rows as often positive as
// they are. Where most of a file is praise, its usual words are no praise for
// that.
func (r *regression) level(odds []float64) {
	if r.levels == 0 {
		return
	}
	slopes, curves := make([]float64, r.levels), make([]float64, r.levels)
	for i, row := range r.rows {
		slopes[row.file] += row.weight * steepness * (row.target - odds[i])
		curves[row.file] += row.weight * steepness * steepness * max(odds[i]*(1-odds[i]), flattest)
	}
	for i := range r.rows {
		row := &r.rows[i]
		row.sum += slopes[row.file] / curves[row.file]
		odds[i] = logistic(steepness * row.sum)
	}
}

func logistic(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
