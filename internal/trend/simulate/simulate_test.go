package simulate_test

import (
	"fmt"
	"testing"

	"reputed/internal/trend/simulate"
)

func TestDetection(t *testing.T) {
	brands, weeks, bursts := 10, 8, 120
	rules := []simulate.Rule{simulate.Ours(), simulate.MeanSigma(), simulate.Percentage(), simulate.EARS()}
	out := t.Output()
	fmt.Fprintln(out, "| mentions | burst | rule | false alerts a brand-week | detected | delay | reputed at the same: detected | delay |")
	for _, perDay := range []float64{1, 5, 20, 200, 2400} {
		for _, factor := range []float64{2, 3, 5, 10} {
			trial := simulate.NewTrial(1, simulate.Usual(perDay), factor, brands, weeks, bursts, rules...)
			for r, rule := range rules {
				alerts := trial.FalseAlerts(r, rule.Threshold)
				share, delay := trial.Detected(r, rule.Threshold)
				ours, oursDelay := trial.Detected(0, trial.Threshold(0, alerts))
				fmt.Fprintf(out, "| %g a day | x %g | %s | %.2f | %.0f %% | %.0f h | %.0f %% | %.0f h |\n", perDay, factor, rule.Name, alerts, 100*share, delay, 100*ours, oursDelay)
			}
		}
	}
}
