package simulate_test

import (
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"reputed/internal/trend"
	"reputed/internal/trend/simulate"
)

var full = flag.Bool("full", false, "simulate as much talk as the tables of docs/accuracy.md")

// perDay are the mentions a day of the simulated brands; the last has 100 an hour.
var perDay = []float64{1, 5, 20, 200, 2400}

var factors = []float64{2, 3, 5, 10}

// At the false alerts that each of the other rules raises by its own default, the
// baseline finds as many bursts or more, in the mean over their sizes: it may only
// be worse by chance, which is the less the more is simulated.
func TestDetection(t *testing.T) {
	brands, weeks, bursts, chance := 3, 4, 40, 0.075
	if *full {
		brands, weeks, bursts, chance = 20, 10, 300, 0.015
	}
	rules := []simulate.Rule{
		simulate.Surprise(), simulate.MeanSigma(), simulate.Percentage(), simulate.EARS(),
		simulate.Detector("the default detector", trend.Default()), simulate.Detector("the detector of plain series", trend.Volume()),
	}
	tables := make([]string, len(rules))
	for _, mentions := range perDay {
		trial := simulate.NewTrial(rand.NewPCG(1, 0), simulate.Usual(mentions), brands, weeks, rules...)
		theirs, ours := make([]float64, len(rules)), make([]float64, len(rules))
		for r := range rules {
			tables[r] += fmt.Sprintf("| %4g | %.2f |", mentions, trial.FalseAlerts(r, rules[r].Threshold))
		}
		for _, factor := range factors {
			trial.Burst(factor, bursts)
			for r, rule := range rules {
				share, delay := trial.Detected(r, rule.Threshold)
				if r == 0 || r > 3 { // the product's own
					tables[r] += fmt.Sprintf(" %s |", cell(share, delay))
					continue
				}
				own, ownDelay := trial.DetectedAt(0, trial.FalseAlerts(r, rule.Threshold))
				tables[r] += fmt.Sprintf(" %s, %s |", cell(share, delay), cell(own, ownDelay))
				theirs[r] += share / float64(len(factors))
				ours[r] += own / float64(len(factors))
			}
		}
		for r, rule := range rules {
			tables[r] += "\n"
			if ours[r] < theirs[r]-chance {
				t.Errorf("%g mentions a day: %.1f %% of the bursts found, %s finds %.1f %% at the same false alerts", mentions, 100*ours[r], rule.Name, 100*theirs[r])
			}
		}
	}
	for r, rule := range rules {
		fmt.Fprintf(t.Output(), "%s\n| a day | false |", rule.Name)
		for _, factor := range factors {
			fmt.Fprintf(t.Output(), " x %g |", factor)
		}
		fmt.Fprintf(t.Output(), "\n%s", tables[r])
	}
}

// cell shows the share of bursts that were found and the hours until then.
func cell(share, delay float64) string {
	if math.IsNaN(delay) {
		return "0 %"
	}
	return fmt.Sprintf("%.0f %% %.0f h", 100*share, delay)
}

// Alerts on talk without bursts come as often as the nominal probability says,
// within a factor of two.
func TestCalibration(t *testing.T) {
	brands, days := 10, 10
	if *full {
		brands, days = 200, 20
	}
	nominal := []float64{1e-3, 1e-4, 1e-5}
	fmt.Fprintln(t.Output(), "| a day | nominal 0.001 | 0.0001 | 0.00001 |")
	for _, mentions := range perDay {
		smooth, whole := simulate.Calibration(rand.NewPCG(2, 0), simulate.Usual(mentions), brands, days, nominal...)
		fmt.Fprintf(t.Output(), "| %4g |", mentions)
		for k, p := range nominal {
			fmt.Fprintf(t.Output(), " %.2f, %.2f |", smooth[k]/p, whole[k]/p)
			if smooth[k] < p/2 || smooth[k] > 2*p || whole[k] > 2*p {
				t.Errorf("%g mentions a day: alerts on a share of %.3g of the hours, %.3g for whole counts, nominal is %g", mentions, smooth[k], whole[k], p)
			}
		}
		fmt.Fprintln(t.Output())
	}
}

// The calibration holds for other talk too: even or clumped, by night and on
// weekends as by day, or the more of the day.
func TestCalibrationOfOtherTalk(t *testing.T) {
	talks := []simulate.Talk{
		{PerDay: 20, Dispersion: 0.02, Night: 0, Weekend: 1},
		{PerDay: 200, Dispersion: 0.5, Night: 0.3, Weekend: 1.2},
		{PerDay: 2400, Dispersion: 0.05, Night: 0.8, Weekend: 0.4},
		{PerDay: 240000, Dispersion: 0.1, Night: 0.6, Weekend: 0.6},
	}
	for _, talk := range talks {
		const nominal = 1e-3
		if talk.PerDay > 1e5 { // the exact probabilities would take too long
			source := rand.NewPCG(4, 0)
			trial := simulate.NewTrial(source, talk, 3, 4, simulate.Surprise())
			if alerts := trial.FalseAlerts(0, -math.Log10(nominal)); alerts > 2*nominal*7*24 {
				t.Errorf("%+v: %.2f alerts a week, nominal is %.2f", talk, alerts, nominal*7*24)
			}
			continue
		}
		smooth, _ := simulate.Calibration(rand.NewPCG(3, 0), talk, 10, 10, nominal)
		if smooth[0] < nominal/2 || smooth[0] > 2*nominal {
			t.Errorf("%+v: alerts on a share of %.2g of the hours, nominal is %g", talk, smooth[0], nominal)
		}
	}
}

func TestTalkHasTheMeanItIsMadeWith(t *testing.T) {
	to := time.Date(2026, 6, 29, 0, 0, 0, 0, time.UTC)
	h := simulate.Usual(200).Hours(rand.NewPCG(5, 0), to, 28*24, simulate.Burst{At: 100, Hours: 6, Factor: 10})
	sum, burst := 0.0, 0.0
	for i, x := range h.Counts {
		if i >= 100 && i < 106 {
			burst += x
		} else {
			sum += x
		}
	}
	if perDay := sum / 28; math.Abs(perDay-200) > 10 {
		t.Errorf("%.0f mentions a day, want about 200", perDay)
	}
	if burst < 200 || burst > 1000 {
		t.Errorf("%.0f mentions in the burst, want about ten times the 50 of a quarter of a day", burst)
	}
}
