package simulate_test

import (
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
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
// be worse by chance, which is the less the more is simulated. And the default
// detector finds what is worth a call, with hardly a false alert.
func TestDetection(t *testing.T) {
	brands, weeks, bursts, chance := 2, 2, 12, 0.15
	rules := []simulate.Rule{simulate.Surprise(), simulate.Detector("the default detector", trend.Default())}
	if *full {
		brands, weeks, bursts, chance = 20, 10, 400, 0.01
		rules = append(rules, simulate.Detector("the detector of plain series", trend.Volume()))
	}
	own := len(rules)
	rules = append(rules, simulate.MeanSigma(), simulate.Percentage(), simulate.EARS())
	tables := make([][]string, len(perDay)) // by mentions a day and rule
	var all sync.WaitGroup
	for k, mentions := range perDay {
		all.Go(func() {
			trial := simulate.NewTrial(rand.NewPCG(1, 0), simulate.Usual(mentions), brands, weeks, rules...)
			rows := make([]string, len(rules))
			ahead, variance := make([]float64, len(rules)), make([]float64, len(rules))
			for r := range rules {
				rows[r] = fmt.Sprintf("| %4g | %.2f |", mentions, trial.FalseAlerts(r, rules[r].Threshold))
			}
			for _, factor := range factors {
				trial.Burst(factor, bursts)
				for r, rule := range rules {
					share, delay := trial.Detected(r, rule.Threshold)
					if r == 1 && factor >= 3 && mentions >= 200 && share < 0.8 {
						t.Errorf("%g mentions a day: %s finds %.0f %% of the bursts of %g times the talk", mentions, rule.Name, 100*share, factor)
					}
					if r < own {
						rows[r] += fmt.Sprintf(" %s |", cell(share, delay))
						continue
					}
					same, sameDelay := trial.DetectedAt(0, trial.FalseAlerts(r, rule.Threshold))
					rows[r] += fmt.Sprintf(" %s, %s |", cell(share, delay), cell(same, sameDelay))
					more, deviation := trial.Ahead(0, r)
					ahead[r] += more / float64(len(factors))
					variance[r] += deviation * deviation / float64(len(factors)*len(factors))
				}
			}
			for r, rule := range rules {
				if alerts := trial.FalseAlerts(r, rule.Threshold); r < own && alerts > 0.5 {
					t.Errorf("%g mentions a day: %.2f false alerts a week of %s", mentions, alerts, rule.Name)
				}
				if r >= own {
					rows[r] += fmt.Sprintf(" %+.1f ± %.1f |", 100*ahead[r], 100*math.Sqrt(variance[r]))
				}
				if ahead[r] < -chance {
					t.Errorf("%g mentions a day: %.1f ± %.1f %% fewer bursts found than by %s at the same false alerts", mentions, -100*ahead[r], 100*math.Sqrt(variance[r]), rule.Name)
				}
			}
			tables[k] = rows
		})
	}
	all.Wait()
	for r, rule := range rules {
		fmt.Fprintf(t.Output(), "%s\n| a day | false |", rule.Name)
		for _, factor := range factors {
			fmt.Fprintf(t.Output(), " x %g |", factor)
		}
		if r >= own {
			fmt.Fprint(t.Output(), " ahead by |")
		}
		fmt.Fprintln(t.Output())
		for _, rows := range tables {
			fmt.Fprintln(t.Output(), rows[r])
		}
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
// within a factor of two; of three where only few days are drawn, which say
// nothing of what is rarer than one hour in a thousand.
func TestCalibration(t *testing.T) {
	brands, days, within, nominal := 200, 1, 3.0, []float64{1e-3}
	if *full {
		brands, days, within, nominal = 1000, 5, 2, []float64{1e-3, 1e-4, 1e-5}
	}
	rows := make([]string, len(perDay))
	var all sync.WaitGroup
	for i, mentions := range perDay {
		all.Go(func() {
			smooth, whole := simulate.Calibration(rand.NewPCG(2, 0), simulate.Usual(mentions), brands, days, nominal...)
			rows[i] = fmt.Sprintf("| %4g |", mentions)
			for k, p := range nominal {
				rows[i] += fmt.Sprintf(" %.2f, %.2f |", smooth[k]/p, whole[k]/p)
				if smooth[k] < p/within || smooth[k] > within*p || whole[k] > within*p {
					t.Errorf("%g mentions a day: alerts on a share of %.3g of the hours, %.3g for whole counts, nominal is %g", mentions, smooth[k], whole[k], p)
				}
			}
		})
	}
	all.Wait()
	fmt.Fprint(t.Output(), "| a day |")
	for _, p := range nominal {
		fmt.Fprintf(t.Output(), " nominal %g |", p)
	}
	fmt.Fprintln(t.Output())
	for _, row := range rows {
		fmt.Fprintln(t.Output(), row)
	}
}

// Other talk raises no more alerts than nominal either, and not next to none: even
// or clumped, by night and on weekends as by day, or the more of the day.
func TestCalibrationOfOtherTalk(t *testing.T) {
	talks := []simulate.Talk{
		{PerDay: 20, Dispersion: 0.02, Night: 0, Weekend: 1},
		{PerDay: 200, Dispersion: 0.5, Night: 0.3, Weekend: 1.2},
		{PerDay: 2400, Dispersion: 0.05, Night: 0.8, Weekend: 0.4},
		{PerDay: 240000, Dispersion: 0.1, Night: 0.6, Weekend: 0.6},
	}
	for _, talk := range talks {
		const nominal = 1e-3
		smooth, _ := simulate.Calibration(rand.NewPCG(3, 0), talk, 100, 1, nominal)
		if smooth[0] < nominal/5 || smooth[0] > 2*nominal {
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
