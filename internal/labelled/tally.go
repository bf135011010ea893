package labelled

import "reputed/internal/reputation"

// Labels are the three classes in the order of confusion tables.
func Labels() [3]reputation.Label {
	return [...]reputation.Label{reputation.Positive, reputation.Neutral, reputation.Negative}
}

// class is the place of a label in Labels; whatever is not polar is neutral.
func class(l reputation.Label) int {
	switch l {
	case reputation.Positive:
		return 0
	case reputation.Negative:
		return 2
	}
	return 1
}

// Tally counts how scores agree with labels. The zero Tally has counted nothing.
type Tally struct {
	labels [3][3]int // by truth and label of the score
	signs  [3][3]int // by truth and sign of the score's value; the middle is 0
}

// Add counts one score of a text whose label is truth.
func (t *Tally) Add(truth reputation.Label, s reputation.Score) {
	t.labels[class(truth)][class(s.Label)]++
	t.signs[class(truth)][class(sign(s.Value))]++
}

// Agrees tells whether a score is right in the way in which Tally counts: by the
// sign of its value where the truth is polar, in which 0 is wrong, else by its
// label.
func Agrees(truth reputation.Label, s reputation.Score) bool {
	if truth == reputation.Neutral {
		return s.Label == truth
	}
	return sign(s.Value) == truth
}

func sign(value float64) reputation.Label {
	switch {
	case value > 0:
		return reputation.Positive
	case value < 0:
		return reputation.Negative
	}
	return reputation.Neutral
}

// Count is how many texts of that truth got scores of that label.
func (t *Tally) Count(truth, label reputation.Label) int { return t.labels[class(truth)][class(label)] }

// Figures tell how well scores agree with labels.
type Figures struct {
	Rows     int     // texts they are computed over; without any the other figures are 0
	Accuracy float64 // share of right ones, in [0, 1]
	MacroF1  float64 // mean over the classes of the harmonic mean of precision and recall, in [0, 1]
}

// Polar are the figures over the texts labelled positive or negative, by the sign
// of the value. A value of 0 is wrong: the classes are positive and negative.
func (t *Tally) Polar() Figures { return figures([][3]int{t.signs[0], {}, t.signs[2]}, 0, 2) }

// ThreeWay are the figures over all texts, by the label of the score. They say
// something only where texts are labelled neutral; without any Rows is 0.
func (t *Tally) ThreeWay() Figures {
	if t.labels[1] == [3]int{} {
		return Figures{}
	}
	return figures(t.labels[:], 0, 1, 2)
}

// figures computes accuracy and macro-F1 over the classes from a table of counts
// by truth and guess.
func figures(counts [][3]int, classes ...int) (f Figures) {
	right := 0
	for _, c := range classes {
		truths, guesses, hits := 0, 0, counts[c][c]
		for i := range counts {
			truths += counts[c][i]
			guesses += counts[i][c]
		}
		f.Rows += truths
		right += hits
		if hits > 0 { // F1 = 2·hits / (truths + guesses), the same as by precision and recall
			f.MacroF1 += 2 * float64(hits) / float64(truths+guesses) / float64(len(classes))
		}
	}
	if f.Rows > 0 {
		f.Accuracy = float64(right) / float64(f.Rows)
	}
	return f
}
