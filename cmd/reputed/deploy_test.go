package main

import (
	"os/exec"
	"regexp"
	"strconv"
	"testing"
)

// The unit leaves the service little to do harm with.
func TestUnitExposure(t *testing.T) {
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("systemd-analyze is not installed; make test installs it")
	}
	out, err := exec.Command(analyze, "security", "--offline=true", "--no-pager", "../../deploy/reputed.service").CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	level := regexp.MustCompile(`Overall exposure level for reputed.service: ([0-9.]+)`).FindSubmatch(out)
	if level == nil {
		t.Fatalf("no exposure level in: %s", out)
	}
	if exposure, err := strconv.ParseFloat(string(level[1]), 64); err != nil || exposure > 1.5 {
		t.Errorf("exposure %s (%v), want at most 1.5", level[1], err)
	}
}
