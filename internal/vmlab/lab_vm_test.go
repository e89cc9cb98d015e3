package vmlab

import (
	"flag"
	"fmt"
	"os"
	"sync"
	"testing"
	"text/tabwriter"
	"time"
)

// printTable is what "make lab" sets.
var printTable = flag.Bool("table", false, "print a table of the scenarios when all are over")

// night is whether the long tests run, too: "make nightly".
var night = os.Getenv("FLAPSCOPE_NIGHTLY") != ""

// nightly skips a test that takes long, or looks closer at what another one looks at
// in every run: the virtual machines of "make test" have four minutes of two
// processors that are busy with other tests.
func nightly(t *testing.T) {
	t.Helper()
	if !night {
		t.Skip("SKIPPED: long; make nightly")
	}
}

// some returns the first n of a list of scenarios, or in the night all.
func some[T any](n int, all []T) []T {
	if night {
		return all
	}
	return all[:n]
}

// A scenario is one row of the table.
type scenario struct {
	name, kernel, result string
	took                 time.Duration
}

// scenarios are the rows of the tests that have ended, in their order.
var scenarios struct {
	sync.Mutex
	rows []scenario
}

// record adds a test or a part of one to the table when it ends.
func record(t *testing.T, kernel string) {
	begin := time.Now()
	t.Cleanup(func() {
		s := scenario{t.Name(), kernel, "passed", time.Since(begin)}
		switch {
		case t.Failed():
			s.result = "FAILED"
		case t.Skipped():
			s.result = "skipped"
		}
		scenarios.Lock()
		defer scenarios.Unlock()
		scenarios.rows = append(scenarios.rows, s)
	})
}

func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	if builds.dir != "" {
		os.RemoveAll(builds.dir)
	}
	if *printTable {
		w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "scenario\tkernel\tresult\ttime")
		for _, s := range scenarios.rows {
			fmt.Fprintf(w, "%s\t%s\t%s\t%.1f s\n", s.name, s.kernel, s.result, s.took.Seconds())
		}
		w.Flush()
	}
	os.Exit(code)
}
