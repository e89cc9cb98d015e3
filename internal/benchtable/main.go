// Command benchtable runs the benchmarks that compare this program with its
// peers, several times, and prints what came of them beside what is asked: the
// least and the median of each figure.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
)

func main() {
	count := flag.Int("count", 3, "how often each benchmark runs")
	flag.Parse()
	var out bytes.Buffer
	for _, r := range runs() {
		args := []string{"test", "-run", "^$", "-count", strconv.Itoa(*count), "-bench", r.pattern, "-benchtime", r.benchtime, "-timeout", "1h", r.dir}
		fmt.Fprintln(os.Stderr, "go", args)
		//nolint:noctx,gosec // It ends with its own -timeout; the arguments are those above.
		cmd := exec.Command("go", args...)
		cmd.Stdout, cmd.Stderr = io.MultiWriter(&out, os.Stderr), os.Stderr
		if err := cmd.Run(); err != nil {
			fmt.Fprintln(os.Stderr, "benchtable:", err)
			os.Exit(1)
		}
	}
	if err := writeTable(os.Stdout, parse(out.String())); err != nil {
		fmt.Fprintln(os.Stderr, "benchtable:", err)
		os.Exit(1)
	}
}

// A run is a call of go test.
type run struct{ pattern, benchtime, dir string }

func runs() []run {
	return []run{
		{"Accuracy", "500x", "./probes"},
		{"Many$", "1x", "./probes"},
		{"Live$|Key$|FirstFrame$", "1x", "./internal/cli"},
	}
}
