// Command reputed watches what is said of brands and warns when negative talk
// rises.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/alecthomas/kong"
	kongcompletion "github.com/jotaen/kong-completion"
)

// Exit codes of every command.
const (
	exitOK      = 0
	exitFailure = 1
	exitUsage   = 2
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	// After the first signal the default action is restored: a second one ends the
	// program at once.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], environment{os.Stdin, os.Stdout, os.Stderr, os.Getenv, newLanguage}))
}

// environment is what a command needs besides its arguments.
type environment struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	getenv         func(string) string
	language       languageLoader
}

func (e environment) logger(level slog.Level) *slog.Logger {
	return slog.New(slog.NewTextHandler(e.stderr, &slog.HandlerOptions{Level: level}))
}

// commands is the command line.
type commands struct {
	Run        runCommand                `cmd:"" help:"Watch the configured sources and send alerts, until stopped. SIGHUP reads the own words anew."`
	Demo       demoCommand               `cmd:"" help:"Play the main job with nothing to configure: an invented brand, three weeks of talk, a crisis."`
	Check      checkCommand              `cmd:"" help:"Find every error of a configuration."`
	Score      scoreCommand              `cmd:"" help:"Rate texts: one a line on standard input, one JSON object a line on standard output."`
	Eval       evalCommand               `cmd:"" help:"Measure how well the scorer agrees with texts that you have labelled."`
	Match      matchCommand              `cmd:"" help:"Find brands in texts: one a line on standard input, one JSON object a line on standard output."`
	Label      labelCommand              `cmd:"" help:"Correct the label of a stored mention: from then on this one counts."`
	Parse      parseCommand              `cmd:"" help:"Show what a feed document holds, as JSON."`
	Fetch      fetchCommand              `cmd:"" help:"Poll one source now and show its items: how to try a selector."`
	Sources    sourcesCommand            `cmd:"" help:"Show how the sources fare, or add one."`
	Alerts     alertsCommand             `cmd:"" help:"List alerts, show one, or explain how it came about."`
	Backtest   backtestCommand           `cmd:"" help:"Show the alerts that the rules would have raised over the past."`
	Silence    silenceCommand            `cmd:"" help:"Keep people from being told of some alerts for a while: add, list, end."`
	Learn      learnCommand              `cmd:"" help:"Learn the weights of words from labelled texts."`
	Version    versionCommand            `cmd:"" help:"Show the version."`
	Completion kongcompletion.Completion `cmd:"" help:"Show the line that gives your shell completion."`
}

// sourcesCommand groups what concerns the sources.
type sourcesCommand struct {
	List sourcesListCommand `cmd:"" default:"withargs" help:"Show how each source fares: state, last success, items a day, failures, next poll."`
	Add  sourcesAddCommand  `cmd:"" help:"Add a source to the configuration; comments and everything else in it stay."`
}

// run carries out one command line and returns the exit code.
func run(ctx context.Context, args []string, env environment) int {
	var cli commands
	exit := -1
	parser, err := kong.New(
		&cli,
		kong.Name("reputed"),
		kong.Description("reputed watches what is said of brands, Chinese first: it collects feeds and pages, rates each mention, keeps the trends in SQLite, and warns in Slack when negative talk rises.\n\nBegin with: reputed demo"),
		kong.Writers(env.stdout, env.stderr),
		kong.Exit(func(code int) { exit = code }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(env),
	)
	if err != nil {
		fmt.Fprintln(env.stderr, "reputed:", err)
		return exitFailure
	}
	kongcompletion.Register(parser)
	if len(args) == 0 {
		args = []string{"--help"}
	}
	command, err := parser.Parse(args)
	switch {
	case exit >= 0: // help was asked for and shown
		return exit
	case err != nil:
		fmt.Fprintf(env.stderr, "reputed: %v; see reputed --help\n", err)
		return exitUsage
	}
	if err := command.Run(); err != nil {
		if ctx.Err() != nil && errors.Is(err, context.Canceled) {
			fmt.Fprintln(env.stderr, "reputed: interrupted")
			return exitFailure
		}
		var u usageError
		if errors.As(err, &u) {
			fmt.Fprintf(env.stderr, "reputed: %s; see reputed %s --help\n", plain(err), command.Command())
			return exitUsage
		}
		fmt.Fprintln(env.stderr, "reputed:", plain(err))
		return exitFailure
	}
	return max(exit, exitOK)
}

// usageError is a wrong command line that only the command itself can see.
type usageError string

func (u usageError) Error() string { return string(u) }

type versionCommand struct{}

func (versionCommand) Run(env environment) error {
	_, err := fmt.Fprintln(env.stdout, "reputed", version())
	return err
}

// version is the module's version, the commit where the build knows it, and the
// Go release it was built with.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	v := info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			v += " " + s.Value[:12]
		}
	}
	return v + " " + info.GoVersion
}
