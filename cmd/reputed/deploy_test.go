package main

import (
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"testing"

	"github.com/goccy/go-yaml"
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

// The Slack app asks for what the product uses, and for no more.
func TestSlackManifest(t *testing.T) {
	var manifest struct {
		Features struct {
			SlashCommands []struct{ Command string } `yaml:"slash_commands"`
		}
		OAuth    struct{ Scopes struct{ Bot []string } } `yaml:"oauth_config"`
		Settings struct {
			Interactivity struct {
				Enabled bool `yaml:"is_enabled"`
			}
			SocketMode bool `yaml:"socket_mode_enabled"`
		}
	}
	if err := yaml.Unmarshal([]byte(read(t, "../../deploy/slack-app.yaml")), &manifest); err != nil {
		t.Fatal(err)
	}
	if want := []string{"chat:write", "files:write", "commands"}; !slices.Equal(manifest.OAuth.Scopes.Bot, want) {
		t.Errorf("scopes %v, want %v", manifest.OAuth.Scopes.Bot, want)
	}
	commands := manifest.Features.SlashCommands
	if len(commands) != 1 || commands[0].Command != "/reputed" || !manifest.Settings.Interactivity.Enabled || !manifest.Settings.SocketMode {
		t.Errorf("commands %v, settings %+v", commands, manifest.Settings)
	}
}
