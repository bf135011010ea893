// Command accuracy measures the figures of docs/accuracy.md anew. The document
// holds commands with their output; each is run again, and a figure that has
// dropped by more than a point makes the command fail. With -update the outputs
// are written into the document instead.
//
// The programs and data that the commands name lie outside the project; EVAL and
// DATA are the folders where they are.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
)

// tolerance is how many points a figure may drop: small differences are noise.
const tolerance = 1.0

func main() {
	update := flag.Bool("update", false, "write the outputs into the document")
	flag.Parse()
	if flag.NArg() != 1 {
		fmt.Fprintln(os.Stderr, "usage: accuracy [-update] docs/accuracy.md")
		os.Exit(2)
	}
	if err := check(flag.Arg(0), *update); err != nil {
		fmt.Fprintln(os.Stderr, "accuracy:", err)
		os.Exit(1)
	}
}

// block is a fenced block of the document that begins with a command line.
var block = regexp.MustCompile("(?ms)^```\n\\$ ([^\n]*)\n(.*?)^```$")

func check(path string, update bool) error {
	document, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	blocks := block.FindAllSubmatchIndex(document, -1)
	if len(blocks) == 0 {
		return fmt.Errorf("%s holds no command", path)
	}
	var rewritten bytes.Buffer
	end, dropped := 0, 0
	for _, at := range blocks {
		command, stated := string(document[at[2]:at[3]]), string(document[at[4]:at[5]])
		fmt.Println("$", command)
		run := exec.Command("sh", "-c", command)
		run.Stderr = os.Stderr
		out, err := run.Output()
		if err != nil {
			return fmt.Errorf("%s: %w", command, err)
		}
		out = seconds.ReplaceAll(out, nil)
		os.Stdout.Write(out)
		rewritten.Write(document[end:at[4]])
		rewritten.Write(out)
		end = at[5]
		dropped += compare(stated, string(out))
	}
	rewritten.Write(document[end:])
	if update {
		return os.WriteFile(path, rewritten.Bytes(), 0o644)
	}
	if dropped > 0 {
		return fmt.Errorf("%d figures are more than %g below %s", dropped, tolerance, path)
	}
	return nil
}

// seconds is the running time in an output, which is no figure.
var seconds = regexp.MustCompile(` *\([^()\n]*\d s[^()\n]*\)`)

// compare counts the figures of the stated lines that are lower in the lines with
// the same beginning, and prints each.
func compare(stated, got string) (dropped int) {
	lines := map[string]map[string]float64{}
	for line := range strings.Lines(got) {
		name, values := figures(line)
		lines[name] = values
	}
	for line := range strings.Lines(stated) {
		name, values := figures(line)
		for what, value := range values {
			if now, ok := lines[name][what]; !ok || now < value-tolerance {
				fmt.Printf("%s: %s is %.1f, stated %.1f\n", name, what, now, value)
				dropped++
			}
		}
	}
	return dropped
}

// figure is a named number that is better the higher it is.
var figure = regexp.MustCompile(`((?:polar |three-way )?(?:accuracy|macro-F1|F1|score))\s+(\d+\.\d)|(\d+\.\d) (%)`)

// figures returns the name that a line begins with and its figures.
func figures(line string) (name string, values map[string]float64) {
	name, _, _ = strings.Cut(strings.TrimSpace(line), " ")
	if first, rest, ok := strings.Cut(line, ": "); ok {
		name = first + ": " + strings.Fields(rest + " -")[0]
	}
	values = map[string]float64{}
	for _, m := range figure.FindAllStringSubmatch(line, -1) {
		value, err := strconv.ParseFloat(m[2]+m[3], 64)
		if err == nil {
			values[m[1]+m[4]] = value
		}
	}
	return name, values
}
