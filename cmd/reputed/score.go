package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"

	"golang.org/x/term"

	"reputed/internal/reputation"
)

type scoreCommand struct {
	Targets bool   `help:"Read one JSON object a line, {\"text\":…, \"target\":…}, and rate what the text says of the target."`
	Config  string `placeholder:"FILE" type:"path" help:"Configuration whose own words count; only brands: and lexicons: are read. A target that is a brand's name has that brand's words."`
	Explain bool   `help:"Add the evidence: the terms and rules that made the score, and the driver, stage and signals of the text with theirs; on a terminal as coloured text."`
}

func (c scoreCommand) Run(env environment) error {
	v, l, err := configuredLanguage(c.Config, env)
	if err != nil {
		return err
	}
	names := v.matcher.Terms()
	screen, watched := screenOf(env)
	c.invite(env, watched)
	return eachLine(env, func(line string) (any, error) {
		text, target := line, ""
		if c.Targets {
			var in struct {
				Text   *string `json:"text"`
				Target *string `json:"target"`
			}
			if err := json.Unmarshal([]byte(line), &in); err != nil || in.Text == nil || in.Target == nil {
				return nil, fmt.Errorf("want a JSON object with text and target, have %.60q", line)
			}
			text, target = *in.Text, *in.Target
		}
		read := l.reader.Read(text)
		places := placesOf(text, target)
		if slices.Contains(names, normal(v.normaliser)(target)) {
			for i := range places {
				places[i].Brand = target // rated as in a mention, and with its own words
			}
		}
		if !c.Explain {
			return answerOf(l.scorer.Rate(read, places, nil)), nil
		}
		score, loyalty := l.scorer.Towards(read, places, nil), l.scorer.Loyalty(read)
		if watched {
			return drawn(explanation{text, target, places, score, loyalty}.draw(screen.colour)), nil
		}
		return explained(score, loyalty), nil
	})
}

// invite tells a person who would type what to type.
func (c scoreCommand) invite(env environment, watched bool) {
	if in, ok := env.stdin.(*os.File); !watched || !ok || !term.IsTerminal(int(in.Fd())) {
		return
	}
	if c.Targets {
		fmt.Fprintln(env.stderr, `Type one {"text": "…", "target": "…"} a line; Ctrl-D ends.`)
	} else {
		fmt.Fprintln(env.stderr, "Type one text a line; Ctrl-D ends.")
	}
}

// answer is the JSON form of a score.
type answer struct {
	Label reputation.Label `json:"label"`
	Score float64          `json:"score"`
}

func answerOf(s reputation.Score) answer { return answer{s.Label, round(s.Value)} }

// explainedAnswer is the JSON form of a score with what made it, and of what the
// text tells of loyalty.
type explainedAnswer struct {
	answer
	Evidence        []reputation.Evidence `json:"evidence"`
	Driver          string                `json:"driver"`
	Stage           string                `json:"stage"`
	Signals         []string              `json:"signals"`
	LoyaltyEvidence []reputation.Evidence `json:"loyalty_evidence"`
}

func explained(s reputation.Score, l reputation.Loyalty) explainedAnswer {
	return explainedAnswer{
		answer: answerOf(s), Evidence: rounded(s.Evidence),
		Driver: l.Driver, Stage: l.Stage, Signals: append([]string{}, l.Signals...), LoyaltyEvidence: rounded(l.Evidence),
	}
}

// rounded is a copy of the evidence with weights as they are shown.
func rounded(evidence []reputation.Evidence) []reputation.Evidence {
	shown := make([]reputation.Evidence, len(evidence))
	for i, e := range evidence {
		e.Weight = round(e.Weight)
		shown[i] = e
	}
	return shown
}

// round keeps four decimals; more say nothing.
func round(v float64) float64 {
	if r := math.Round(v*1e4) / 1e4; r != 0 || v == 0 {
		return r
	}
	return math.Copysign(1e-4, v)
}

// placesOf returns where the target stands in the text.
func placesOf(text, target string) []reputation.Span {
	var spans []reputation.Span
	if target == "" {
		return nil
	}
	for from := 0; ; {
		i := strings.Index(text[from:], target)
		if i < 0 {
			return spans
		}
		start := from + i
		from = start + len(target)
		spans = append(spans, reputation.Span{Term: target, Start: start, End: from})
	}
}
