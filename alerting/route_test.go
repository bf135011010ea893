package alerting

import (
	"fmt"
	"strings"
	"testing"

	"reputed/internal/reputation"
)

func TestTargets(t *testing.T) {
	to := func(receiver, channel string, mentions ...string) reputation.Target {
		return reputation.Target{Receiver: receiver, Channel: channel, Mentions: mentions}
	}
	p := Policy{
		Default: to("slack", ""),
		Routes: []Route{
			{Severity: reputation.Critical, Target: to("slack", "#crisis", "S1"), Continue: true},
			{Brands: []string{"青柠"}, Drivers: []string{"quality", "trust"}, Target: to("slack", "#quality", "U1")},
			{Brands: []string{"青柠"}, Rules: []string{"silence"}, Target: to("feishu", "ops")},
			{Brands: []string{"青橙"}, Severity: reputation.Critical, Target: to("slack", "#crisis", "U2")},
		},
	}
	alert := func(brand, driver string, severity reputation.Severity) reputation.Alert {
		return reputation.Alert{Brand: brand, Rule: RuleNegativeVolume, Driver: driver, Severity: severity}
	}
	silence := alert("青柠", "", reputation.Warning)
	silence.Rule = "silence"
	for _, tt := range []struct {
		name  string
		alert reputation.Alert
		event reputation.Event
		told  []reputation.Target
		want  string
	}{
		{"no route fits", alert("青柠", "price", reputation.Warning), reputation.Opened, nil, "slack"},
		{"no driver", alert("青柠", "", reputation.Warning), reputation.Opened, nil, "slack"},
		{"by brand and driver", alert("青柠", "trust", reputation.Warning), reputation.Opened, nil, "slack#quality U1"},
		{"of another brand", alert("青橙", "trust", reputation.Warning), reputation.Opened, nil, "slack"},
		{"to another receiver", silence, reputation.Opened, nil, "feishuops"},
		{"a route that continues", alert("青柠", "trust", reputation.Critical), reputation.Opened, nil, "slack#crisis S1, slack#quality U1"},
		{"two routes to one channel", alert("青橙", "", reputation.Critical), reputation.Opened, nil, "slack#crisis S1 U2"},
		{"nobody is called again", alert("青柠", "trust", reputation.Critical), reputation.Repeated, nil, "slack#crisis, slack#quality"},
		{"an escalation calls, and tells those who know", alert("青柠", "", reputation.Critical), reputation.Escalated, []reputation.Target{to("slack", "")}, "slack#crisis S1, slack"},
		{"the end goes where it was told", alert("青柠", "trust", reputation.Critical), reputation.Ended, []reputation.Target{to("slack", "#quality")}, "slack#quality"},
		{"the end of what was told nowhere that is known", alert("青柠", "trust", reputation.Warning), reputation.Ended, nil, "slack#quality"},
	} {
		var got []string
		for _, target := range p.targets(tt.alert, tt.event, tt.told) {
			got = append(got, strings.TrimSpace(fmt.Sprint(target.Receiver+target.Channel, " ", strings.Join(target.Mentions, " "))))
		}
		if all := strings.Join(got, ", "); all != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, all, tt.want)
		}
	}
}
