package cli_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"flapscope/internal/netlab"
	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
)

// A lab is an internet and a machine in it that records.
type lab struct {
	*netlab.Internet
	recorder *started
	// screen is what a screen said at each second.
	screen bytes.Buffer
	// resolver is the machine's name server.
	resolver string
	// cable and tunnel are there where a scenario asks for them.
	cable  *netlab.Cable
	tunnel *netlab.Tunnel
	// connections are those of a scenario.
	connections []net.Conn
}

// An action does something to a lab.
type action func(t *testing.T, l *lab)

// A deed is an action some time after the one before it.
type deed struct {
	after time.Duration
	do    action
}

// done is when a deed was done: it took from the one instant to the other.
type done struct{ from, to time.Time }

// A scenario is what is done to a machine that records, and what its recording
// must say of it.
type scenario struct {
	name string
	// story is what is done, for people.
	story string
	// with is what the machine has beside the usual, and deeds what happens.
	with  action
	deeds []deed
	// calm is how long is recorded after the last deed; 0 is the usual.
	calm time.Duration
	want []expected
	// notes are the words of the notes that are expected.
	notes []path.What
}

// An expected incident is one that a recording must report.
type expected struct {
	what     path.What
	family   fact.Family
	iface    fact.Untrusted
	severity fold.Severity
	// text is the sentence; figures that were measured are not compared.
	text string
	// from and to are the deeds that began and ended it, late by how much its
	// dates may miss them; 0 is a second.
	from, to int
	late     time.Duration
	// count is how often it came; 0 is once, and anyCount a number that is not known.
	count int
	// chance is whether it is seen by chance only: a packet that is lost.
	chance bool
	// since is the deed after which it may have ended, where to is only the last
	// that can have ended it, or 0.
	since int
}

// anyCount is a count that is not known.
const anyCount = -1

// on does something with ip(8) on the machine, at its gateway or in the world.
func onMachine(commands ...string) action {
	return func(t *testing.T, l *lab) { l.Machine.Batch(t, commands...) }
}

func onGateway(commands ...string) action {
	return func(t *testing.T, l *lab) { l.Gateway.Batch(t, commands...) }
}

func onWorld(commands ...string) action {
	return func(t *testing.T, l *lab) { l.World.Batch(t, commands...) }
}

// all does several things, one after the other.
func all(actions ...action) action {
	return func(t *testing.T, l *lab) {
		for _, a := range actions {
			a(t, l)
		}
	}
}

// configure lets the machine set its interface up again.
func configure(t *testing.T, l *lab) { l.Configure(t) }

// nothing is done at an instant at which something happens by itself.
func nothing(*testing.T, *lab) {}

const (
	// labWarm is how long a machine records before anything happens, and labCalm
	// after that.
	labWarm = 12 * time.Second
	labCalm = 8 * time.Second
	// labLast is how long a fault lasts.
	labLast = 22 * time.Second
	// labsAtOnce is how many labs are busy at one time.
	labsAtOnce = 26
)

// during is a fault that lasts as usual.
func during(fault, undo action) []deed { return []deed{{0, fault}, {labLast, undo}} }

// TestIncidentsOfScenarios makes each trouble for real, records it, and reads it
// back. The scenarios are played side by side, since they mostly wait.
func TestIncidentsOfScenarios(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: takes two minutes of real trouble")
	}
	t.Parallel()
	// The longest are the first.
	playAll(t, labsAtOnce, slices.Concat(pairs(t), machineScenarios, severalScenarios, gatewayScenarios, resolverScenarios, wellScenarios, tunnelScenarios, pathScenarios))
}

// A played is trouble that is made for real, and compared with what was said of it.
type played interface {
	// title is what its test is called.
	title() string
	// play returns what was wrong.
	play(t *testing.T) []string
}

// playAll plays all beside each other, so many at once. A small machine that is busy
// with many labs passes packets on a second late now and then, which is what the
// recording then says: those few that are wrong are played once more, alone. Are there
// more, it was busy throughout, and a few are played beside each other before that.
func playAll[P played](t *testing.T, atOnce int, all []P) {
	binary(t)
	const few = 4
	again := playBeside(t, "", atOnce, all)
	if most := len(all) / 3; len(again) > max(few, most) {
		t.Errorf("%d are wrong; no more than %d can be for want of a processor", len(again), most)
		return
	}
	if len(again) > few {
		again = playBeside(t, "-again", few, again)
	}
	for _, p := range again {
		t.Run(p.title()+"-alone", func(t *testing.T) {
			for _, wrong := range p.play(t) {
				t.Error(wrong)
			}
		})
	}
}

// playBeside plays all, so many at once, and returns those that are wrong.
func playBeside[P played](t *testing.T, name string, atOnce int, all []P) (again []P) {
	room := make(chan struct{}, atOnce)
	var wg sync.WaitGroup
	var mu sync.Mutex // guards again
	for _, p := range all {
		wg.Go(func() {
			room <- struct{}{}
			defer func() { <-room }()
			t.Run(p.title()+name, func(t *testing.T) {
				if wrong := p.play(t); len(wrong) > 0 {
					t.Logf("to be played again:\n%s", strings.Join(wrong, "\n"))
					mu.Lock()
					defer mu.Unlock()
					again = append(again, p)
				}
			})
		})
	}
	wg.Wait()
	return again
}

func (s scenario) title() string { return s.name }

// A trial collects what is wrong with a scenario, in place of failing.
type trial struct {
	*testing.T
	wrong []string
}

// Errorf overrides that of the test.
func (t *trial) Errorf(format string, args ...any) {
	t.wrong = append(t.wrong, fmt.Sprintf(format, args...))
}

// play does what is to be done, judges what the recording says, and returns what is
// wrong with it.
func (s scenario) play(t *testing.T) []string {
	name := filepath.Join(t.ArtifactDir(), "x.flap.gz")
	l := s.begin(t, name)
	time.Sleep(labWarm)
	var truth []done
	for _, d := range s.deeds {
		time.Sleep(d.after)
		from := time.Now()
		d.do(t, l)
		truth = append(truth, done{from, time.Now()})
	}
	time.Sleep(max(labCalm, s.calm))
	if code := l.recorder.ends(syscall.SIGTERM); code != 0 {
		t.Fatalf("record ended with %d: %s", code, l.recorder.text())
	}
	compareReplay(t, name, &l.screen)
	judged := &trial{T: t}
	s.judge(judged, readIncidents(t, name), truth)
	return judged.wrong
}

// building is held by the one lab that is built, which takes all of a small
// machine for a moment: the others would see their networks stand still.
var building sync.Mutex

// begin builds a lab, and begins to record.
func (s *scenario) begin(t *testing.T, name string) *lab {
	t.Helper()
	building.Lock()
	defer building.Unlock()
	l := &lab{Internet: netlab.NewInternet(t), resolver: "203.0.113.53"}
	if s.with != nil {
		s.with(t, l)
	}
	l.record(t, name)
	return l
}

// record starts the recording, with the name servers of a file.
func (l *lab) record(t *testing.T, name string) {
	t.Helper()
	dir := t.TempDir()
	resolv := filepath.Join(dir, "resolv.conf")
	if err := os.WriteFile(resolv, []byte("nameserver "+l.resolver+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	// Its name servers know every name, which a diagnosis would say.
	without := filepath.Join(dir, "without.toml")
	if err := os.WriteFile(without, []byte("[probes]\ndiagnose = false\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	r := &started{t: t}
	r.process = l.Machine.Command("sh", "-c", `mount --bind "$0" /etc/resolv.conf && exec "$@"`, resolv, program, "--config", without, "record", name)
	r.process.Env = append(os.Environ(), "XDG_CONFIG_HOME="+dir, "XDG_STATE_HOME="+dir, watchedVariable+"=1")
	r.process.Stdout, r.process.Stderr = &l.screen, r
	if err := r.process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.process.Process.Kill() })
	r.says("recording to " + name)
	l.recorder = r
}

// readIncidents returns the last form of every incident of a recording.
func readIncidents(t *testing.T, name string) (out []*fold.Incident) {
	t.Helper()
	lines, err := exec.Command(binary(t), "events", name, "--json").Output()
	if err != nil {
		t.Fatalf("events: %v", err)
	}
	for line := range strings.Lines(string(lines)) {
		var kind struct{ Kind string }
		if json.Unmarshal([]byte(line), &kind); kind.Kind != string(fold.KindIncident) {
			continue
		}
		i, _, err := fold.ParseIncident([]byte(line))
		if err != nil {
			t.Fatal(err)
		}
		out = slices.DeleteFunc(out, func(x *fold.Incident) bool { return x.ID == i.ID })
		out = append(out, i)
	}
	return out
}

// figures are numbers that are measured, with their units.
var figures = regexp.MustCompile(`\d+(\.\d+)?( (ms|µs|s|min)\b| of )|\d+ packets`)

// unmeasured is a sentence without its figures, a range being one.
func unmeasured(text string) string {
	return strings.ReplaceAll(figures.ReplaceAllString(text, "#$2"), "# s to # s", "# s")
}

// judge compares what a recording says with what was done.
func (s *scenario) judge(t *trial, got []*fold.Incident, truth []done) {
	t.Helper()
	var troubles []*fold.Incident
	var notes []path.What
	for _, i := range got {
		if i.Note() {
			notes = append(notes, i.Root.What)
		} else {
			troubles = append(troubles, i)
		}
	}
	if len(troubles) != len(s.want) {
		t.Errorf("%d incidents, want %d", len(troubles), len(s.want))
	}
	if !slices.Equal(notes, s.notes) {
		t.Errorf("notes %v, want %v", notes, s.notes)
	}
	for _, w := range s.want {
		w.find(t, troubles, truth)
	}
	if len(t.wrong) > 0 {
		for i, d := range truth {
			t.Logf("deed %d: %s to %s", i, d.from.UTC().Format("15:04:05.000"), d.to.UTC().Format("15:04:05.000"))
		}
		for _, i := range got {
			t.Log(describe(i))
		}
	}
}

// describe is an incident in one line.
func describe(i *fold.Incident) string {
	clock := func(at fact.Instant) string {
		if at.Time.IsZero() {
			return "-"
		}
		return at.Time.UTC().Format("15:04:05.000")
	}
	return fmt.Sprintf("%s(%s) to %s(%s) %s %s/%s %v× %s %v", clock(i.From), clock(i.Earliest), clock(i.To), clock(i.EndEarliest),
		i.Severity, i.Root.What, i.Root.Leg, i.Count, i.Text, i.Works)
}

// find looks for the expected incident, and compares it.
func (w *expected) find(t *trial, all []*fold.Incident, truth []done) {
	t.Helper()
	n := slices.IndexFunc(all, func(i *fold.Incident) bool { return i.Root.What == w.what })
	if n < 0 {
		t.Errorf("no %s", w.what)
		return
	}
	i := all[n]
	if i.Root.Family != w.family || i.Root.Interface != w.iface || i.Severity != w.severity || w.count != anyCount && i.Count != max(1, w.count) {
		t.Errorf("%s of family %v on %q, %s, %d times", i.Root.What, i.Root.Family, i.Root.Interface, i.Severity, i.Count)
	}
	if w.text != "" && unmeasured(string(i.Text)) != unmeasured(w.text) {
		t.Errorf("sentence\ngot  %s\nwant %s", i.Text, w.text)
	}
	late := max(time.Second, w.late)
	w.date(t, "begin", i.From, i.Earliest, truth[w.from], late)
	ended := truth[w.to]
	if w.since != 0 {
		ended.from = truth[w.since].from
	}
	if i.Open() {
		t.Errorf("%s is still open", w.what)
		return
	}
	w.date(t, "end", i.To, i.EndEarliest, ended, late)
}

// date compares a date with when something was done: it must be near, and what
// was done between the bounds that it has.
func (w *expected) date(t *trial, which string, at, earliest fact.Instant, d done, late time.Duration) {
	t.Helper()
	const slack = 500 * time.Millisecond // commands take time, and so does a busy machine
	early := slack
	if w.chance {
		early = late
	}
	if at.Time.Before(d.from.Add(-early)) || at.Time.After(d.to.Add(late+slack)) {
		t.Errorf("%s of %s %v after it was done", which, w.what, at.Time.Sub(d.from))
	}
	if earliest.Mono != 0 && earliest.Time.After(d.to.Add(slack)) {
		t.Errorf("%s of %s is %v after it was done at the earliest", which, w.what, earliest.Time.Sub(d.to))
	}
}
