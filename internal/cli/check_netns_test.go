package cli_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// faultsAtOnce is how many labs are busy at one time.
const faultsAtOnce = 8

// A faultGroup is the faults of one stretch of the way.
type faultGroup struct {
	title  string
	faults []fault
}

// allFaults are all that are made for real, by where they are.
func allFaults() []faultGroup {
	return []faultGroup{
		{"This machine and its link", localFaults},
		{"The gateway", gatewayFaults},
		{"Beyond the gateway", farFaults},
		{"Certificates, clocks and portals", webFaults},
		{"Name servers", nameFaults},
	}
}

// TestCheckFaults makes faults for real, and asks what is wrong.
func TestCheckFaults(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: makes a hundred network namespaces")
	}
	binary(t)
	room := make(chan struct{}, faultsAtOnce)
	var wg sync.WaitGroup
	for _, group := range allFaults() {
		for _, f := range group.faults {
			wg.Go(func() {
				room <- struct{}{}
				defer func() { <-room }()
				t.Run(f.do, func(t *testing.T) { f.play(t) })
			})
		}
	}
	wg.Wait()
}

// play makes a fault, and compares what is said.
func (f *fault) play(t *testing.T) {
	l := f.begin(t)
	beside := l.statusBeside(t, f.args)
	s, code := l.check(t, f.args...)
	beside(&s)
	got := s.Verdict.State + " " + s.root() + " " + s.notes()
	if want := f.state + " " + f.root + " " + f.notes; got != want {
		t.Errorf("said %s\nwant %s\n%s", got, want, s.Verdict.Text)
		for _, leg := range s.Legs {
			t.Logf("%+v", leg)
		}
	}
	if (code == 0) != (f.state == "online") {
		t.Errorf("exit code %d", code)
	}
	if took := time.Duration(s.Duration); took > 4500*time.Millisecond || s.Bytes > 65_000 {
		t.Errorf("took %v and %d bytes", took, s.Bytes)
	}
	t.Logf("%s (%v, %d bytes)", s.Verdict.Text, time.Duration(s.Duration).Round(time.Millisecond), s.Bytes)
}

// begin makes a lab with the fault in it.
func (f *fault) begin(t *testing.T) *faultLab {
	building.Lock()
	defer building.Unlock()
	l := newFaultLab(t, !f.bare)
	f.make(t, l)
	// The kernel reports a carrier late.
	time.Sleep(50 * time.Millisecond)
	return l
}

// TestCheckFaultsDocument keeps the list of faults true to what is tested.
func TestCheckFaultsDocument(t *testing.T) {
	const name = "../../docs/faults.md"
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	head, _, _ := strings.Cut(string(b), "\n<!-- faults -->")
	var doc strings.Builder
	n := 0
	for _, g := range allFaults() {
		n += len(g.faults)
	}
	fmt.Fprintf(&doc, "%s\n<!-- faults -->\n\n%d faults; the test fails unless all of them are told as here.\n", head, n)
	for _, g := range allFaults() {
		fmt.Fprintf(&doc, "\n## %s\n\n| done | said | root | notes |\n|---|---|---|---|\n", g.title)
		for _, f := range g.faults {
			fmt.Fprintf(&doc, "| %s | %s | %s | %s |\n", f.do, f.state, code(f.root), code(f.notes))
		}
	}
	if *update {
		if err := os.WriteFile(name, []byte(doc.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if doc.String() != string(b) {
		t.Errorf("%s is not what is tested; run go test ./internal/cli -run TestCheckFaultsDocument -update", name)
	}
}

// code sets words as code.
func code(words string) string {
	fields := strings.Fields(words)
	for i, w := range fields {
		fields[i] = "`" + w + "`"
	}
	return strings.Join(slices.Compact(fields), " ")
}
