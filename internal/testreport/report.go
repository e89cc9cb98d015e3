package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
)

// An event is a line of "go test -json" (go doc test2json).
type event struct {
	Action  string
	Package string
	Test    string
	Output  string
}

// A name is a test of a package.
type name struct{ pkg, test string }

// A skip is a test that was skipped.
type skip struct {
	name
	reason string
}

// A report turns events into text.
type report struct {
	w io.Writer
	// output is what tests that have not ended have printed, in order.
	output         map[name][]string
	skips          []skip
	passed, failed int
}

func newReport(w io.Writer) *report { return &report{w: w, output: map[name][]string{}} }

// read takes all events of in. A line that is no event is printed as it is:
// older parts of the toolchain print such.
func (r *report) read(in io.Reader) error {
	lines := bufio.NewReader(in)
	for {
		line, err := lines.ReadString('\n')
		if line != "" {
			var e event
			if json.Unmarshal([]byte(line), &e) == nil && e.Action != "" {
				r.add(e)
			} else {
				fmt.Fprint(r.w, line)
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read the output of go test: %w", err)
		}
	}
}

func (r *report) add(e event) {
	n := name{e.Package, e.Test}
	switch {
	case e.Action == "build-output":
		fmt.Fprint(r.w, e.Output)
	case e.Action == "output" && e.Test == "":
		if e.Output != "PASS\n" && !strings.Contains(e.Output, "[no test files]") {
			fmt.Fprint(r.w, e.Output)
		}
	case e.Action == "output":
		r.output[n] = append(r.output[n], e.Output)
	case e.Action == "fail" && e.Test == "":
		// A test that was running when its package ended never ends itself.
		for left := range r.output {
			if left.pkg == e.Package {
				r.print(left)
			}
		}
	case e.Action == "fail":
		r.failed++
		r.print(n)
	case e.Action == "skip" && e.Test != "":
		r.skips = append(r.skips, skip{n, reason(r.output[n])})
		delete(r.output, n)
	case e.Action == "pass":
		if e.Test != "" {
			r.passed++
		}
		delete(r.output, n)
	}
}

// print prints what a test has printed, and forgets it.
func (r *report) print(n name) {
	fmt.Fprintf(r.w, "    in %s:\n", n.pkg)
	for _, line := range r.output[n] {
		fmt.Fprint(r.w, line)
	}
	delete(r.output, n)
}

// reason is what a skipped test said: its last line that the testing package
// did not write.
func reason(output []string) string {
	for _, line := range slices.Backward(output) {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "--- ") && !strings.HasPrefix(line, "=== ") {
			return line
		}
	}
	return "no reason given"
}

// end prints the summary.
func (r *report) end() {
	if len(r.skips) > 0 {
		fmt.Fprintf(r.w, "\n==== SKIPPED: %d tests have shown nothing ====\n", len(r.skips))
	}
	for _, s := range r.skips {
		fmt.Fprintf(r.w, "SKIPPED %s %s: %s\n", s.pkg, s.test, s.reason)
	}
	fmt.Fprintf(r.w, "\n%d passed, %d failed, %d skipped\n", r.passed, r.failed, len(r.skips))
}
