package cli_test

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"flapscope/monitor/fold"
)

const (
	// faultsAtOnce is how many labs are busy at one time: they mostly wait.
	faultsAtOnce = 40
	// faultWarm is how long a machine records before a fault is made, and faultLast
	// how long after that.
	faultWarm = 9 * time.Second
	faultLast = 30 * time.Second
	// faultSettings let the recorder ask more often what it asks every 30 s, every 5 s
	// and every hour.
	faultSettings = "[probes]\nportal_interval = \"5s\"\nresolver_interval = \"2s\"\ndiagnose_interval = \"5s\"\n"
)

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
		{"Name servers of links and VPNs", splitFaults},
	}
}

// TestCheckFaults makes faults for real on a machine that records, asks what is wrong,
// and reads back what was told live. Those few that are wrong are played once more,
// alone: see playAll.
func TestCheckFaults(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: takes three minutes of real trouble")
	}
	playAll(t, faultsAtOnce, longestFirst())
}

func (f fault) title() string { return f.do }

// longestFirst returns all faults, those that last longest first.
func longestFirst() (all []fault) {
	for _, g := range allFaults() {
		all = append(all, g.faults...)
	}
	slices.SortStableFunc(all, func(a, b fault) int { return cmp.Compare(b.last, a.last) })
	return all
}

// play makes a fault on a machine that records, and returns what is wrong with what is
// said then, and with what was told.
func (f fault) play(t *testing.T) []string {
	l, recorder, name := f.begin(t)
	judged := &trial{T: t}
	time.Sleep(faultWarm)
	if f.make != nil {
		f.make(t, l)
	}
	made := time.Now()
	// The kernel reports a carrier late.
	time.Sleep(50 * time.Millisecond)
	f.diagnose(judged, l)
	time.Sleep(time.Until(made.Add(cmp.Or(f.last, faultLast))))
	if code := recorder.ends(syscall.SIGTERM); code != 0 {
		t.Fatalf("record ended with %d: %s", code, recorder.text())
	}
	if got := listed(readIncidents(t, name)); !tells(got, f.told) {
		judged.Errorf("told %s\nwant %s", got, f.told)
	}
	return judged.wrong
}

// begin makes a lab in which all is well, and records there.
func (f *fault) begin(t *testing.T) (*faultLab, *started, string) {
	building.Lock()
	defer building.Unlock()
	l := newFaultLab(t)
	if f.with != nil {
		f.with(t, l)
	}
	r, name := l.records(t, faultSettings)
	return l, r, name
}

// diagnose compares what check and status say.
func (f *fault) diagnose(t *trial, l *faultLab) {
	beside := l.statusBeside(t, f.args)
	s, code := l.check(t.T, f.args...)
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

// listed are incidents, oldest first and one a line, each with the word of its root,
// its severity and its sentence.
func listed(all []*fold.Incident) string {
	slices.SortFunc(all, func(a, b *fold.Incident) int { return cmp.Compare(a.ID, b.ID) })
	var lines []string
	for _, i := range all {
		lines = append(lines, fmt.Sprintf("%s, %s: %s", i.Root.What, i.Severity, i.Text))
	}
	return strings.Join(lines, "\n")
}

// tells reports whether incidents are those that are wanted, but for figures. Of a
// sentence its beginning will do, where the rest is up to chance.
func tells(got, want string) bool {
	lines, wanted := strings.Split(unmeasured(got), "\n"), strings.Split(unmeasured(want), "\n")
	return slices.EqualFunc(lines, wanted, func(a, b string) bool { return a == b || b != "" && strings.HasPrefix(a, b) })
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
		fmt.Fprintf(&doc, "\n## %s\n\n| done | said | root | notes | told live |\n|---|---|---|---|---|\n", g.title)
		for _, f := range g.faults {
			for note := range strings.FieldsSeq(f.notes) {
				if f.state == "online" && f.told == "" && !strings.Contains(head, "`"+note+"`") {
					t.Errorf("%s: %s is not told live, and %s does not say why", f.do, note, name)
				}
			}
			if f.state == "online" && strings.Contains(f.told, ", outage:") {
				t.Errorf("%s: an outage of a machine that is online", f.do)
			}
			fmt.Fprintf(&doc, "| %s | %s | %s | %s | %s |\n", f.do, f.state, code(f.root), code(f.notes), incidentCell(f.told))
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

// incidentCell sets incidents in a cell of a table.
func incidentCell(told string) string {
	var cells []string
	for line := range strings.Lines(told) {
		what, rest, _ := strings.Cut(strings.TrimSpace(line), ",")
		cells = append(cells, code(what)+","+rest)
	}
	return cmp.Or(strings.Join(cells, "<br>"), "nothing")
}

// code sets words as code.
func code(words string) string {
	fields := strings.Fields(words)
	for i, w := range fields {
		fields[i] = "`" + w + "`"
	}
	return strings.Join(slices.Compact(fields), " ")
}
