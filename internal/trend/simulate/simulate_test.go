package simulate_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"reputed/internal/trend/simulate"
)

func TestDetection(t *testing.T) {
	brands, weeks, bursts := 10, 8, 120
	rules := []simulate.Rule{simulate.Ours(), simulate.MeanSigma(), simulate.Percentage(), simulate.EARS()}
	out := t.Output()
	fmt.Fprintln(out, "| mentions | burst | rule | false alerts a brand-week | detected | delay | reputed at the same: detected | delay |")
	for _, perDay := range []float64{1, 5} {
		trial := simulate.NewTrial(rand.NewPCG(1, 0), simulate.Usual(perDay), brands, weeks, rules...)
		for _, factor := range []float64{2, 3, 5, 10} {
			trial.Burst(factor, bursts)
			for r, rule := range rules {
				alerts := trial.FalseAlerts(r, rule.Threshold)
				share, delay := trial.Detected(r, rule.Threshold)
				ours, oursDelay := trial.DetectedAt(0, alerts)
				fmt.Fprintf(out, "| %g a day | x %g | %s | %.2f | %.0f %% | %.0f h | %.0f %% | %.0f h |\n", perDay, factor, rule.Name, alerts, 100*share, delay, 100*ours, oursDelay)
			}
		}
	}
}

func TestCalibration(t *testing.T) {
	out := t.Output()
	for _, perDay := range []float64{1, 5, 20, 200, 2400} {
		nominal := []float64{1e-3, 1e-4, 1e-5}
		smooth, whole := simulate.Calibration(rand.NewPCG(2, 0), simulate.Usual(perDay), 300, nominal...)
		for k, p := range nominal {
			fmt.Fprintf(out, "| %g a day | %.0e | %.2e | %.2f | %.2f |\n", perDay, p, smooth[k], smooth[k]/p, whole[k]/p)
		}
	}
}
