package vmlab

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// programs are what runs inside the machines, by the arguments of go that build it:
// the program, and the tests of the kernel's mirror, of the cage and of the probes'
// sockets.
var programs = map[string][]string{
	"flapscope":   {"build", "flapscope"},
	"mirror.test": {"test", "-c", "flapscope/monitor/kernel"},
	"cage.test":   {"test", "-c", "flapscope/internal/cage"},
	"echo.test":   {"test", "-c", "flapscope/probes/echo"},
	"sock.test":   {"test", "-c", "flapscope/probes/sock"},
	"inject":      {"build", "flapscope/internal/vmlab/inject"},
}

// builds are the programs that were built, for all tests, in a directory that ends
// with them. A machine loads them faster without what a debugger wants.
var builds struct {
	sync.Mutex
	dir string
}

// product returns the path of a program, which it builds at its first use.
func product(t *testing.T, name string) string {
	t.Helper()
	builds.Lock()
	defer builds.Unlock()
	if builds.dir == "" {
		dir, err := os.MkdirTemp("", "flapscope-vm-")
		if err != nil {
			t.Fatal(err)
		}
		builds.dir = dir
	}
	file := filepath.Join(builds.dir, name)
	if _, err := os.Stat(file); err == nil {
		return file
	}
	args := programs[name]
	last := len(args) - 1
	cmd := exec.Command("go", append(args[:last:last], "-ldflags=-s -w", "-o", file, args[last])...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", cmd, err, out)
	}
	return file
}

// fetch returns what is in a file of the machine.
func (m *Machine) fetch(t *testing.T, file string) []byte {
	t.Helper()
	b, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(m.Run(t, "base64 "+file)), ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// lab boots a machine that has the product, and veth.
func lab(t *testing.T, o Options) *Machine {
	t.Helper()
	if testing.Short() {
		t.Skip("SKIPPED: -short, and a virtual machine takes seconds to boot")
	}
	// Machines wait more than they work.
	t.Parallel()
	o.Modules = append(o.Modules, "veth")
	if o.HostFiles == nil {
		o.HostFiles = map[string]string{}
	}
	o.HostFiles["/bin/flapscope"] = product(t, "flapscope")
	m := Boot(t, o)
	record(t, m.Release)
	return m
}

// wire makes two namespaces, a watched one and its router, both named after
// ns, and a link between them: eth0 with an address and a default route of each
// family, and p0.
func wire(t *testing.T, m *Machine, ns string) {
	t.Helper()
	m.Run(t, strings.NewReplacer("NS", ns).Replace(`
		ip netns add NS; ip netns add NS-r
		ip -n NS link set lo up; ip -n NS-r link set lo up
		ip -n NS link add eth0 type veth peer name p0 netns NS-r
		ip -n NS-r link set p0 up; ip -n NS link set eth0 up
		ip -n NS-r addr add 192.0.2.1/24 dev p0
		ip -n NS-r addr add 2001:db8::1/64 dev p0 nodad
		ip -n NS addr add 192.0.2.7/24 dev eth0
		ip -n NS addr add 2001:db8::7/64 dev eth0 nodad
		ip -n NS route add default via 192.0.2.1
		ip -n NS -6 route add default via 2001:db8::1`))
}

// A route is what the tests read of the program's path.
type route struct {
	Status, Reason, Interface, Type string
	IPv4, IPv6                      family
	Tunnel                          *struct{ Interface, Mode, Underlay string }
	Interfaces                      []struct {
		Name, Type, Status, Reason string
		Candidate                  bool
		IPv4, IPv6                 family
	}
}

type family struct{ Status, Reason, Interface, Gateway, Source string }

// String is the path in words: "satisfied eth0", "unsatisfied no_route".
func (p route) String() string {
	return strings.Join(strings.Fields(p.Status+" "+p.Reason+" "+p.Interface), " ")
}

// tunnel is the tunnel in words: "wg0 full over eth0".
func (p route) tunnel() string {
	if p.Tunnel == nil {
		return "none"
	}
	return fmt.Sprintf("%s %s over %s", p.Tunnel.Interface, p.Tunnel.Mode, p.Tunnel.Underlay)
}

// status asks the program for the path in a namespace; "" is the machine's own.
func status(t *testing.T, m *Machine, ns string) route {
	t.Helper()
	r := m.Try(t, inside(ns)+"flapscope status --json --no-probes")
	var s struct{ Path route }
	if err := json.Unmarshal([]byte(r.Stdout), &s); err != nil {
		t.Fatalf("status: %v, exit code %d: %s%s", err, r.Code, r.Stdout, r.Stderr)
	}
	if (r.Code == 0) != (s.Path.Status == "satisfied") {
		t.Errorf("status: exit code %d with %s", r.Code, s.Path.Status)
	}
	return s.Path
}

// nobody stands for a namespace in follow: the machine's own, watched by a user
// without any privilege.
const nobody = "nobody"

func inside(ns string) string {
	switch ns {
	case "":
		return ""
	case nobody:
		return "env HOME=/nonexistent setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps -all "
	}
	return "ip netns exec " + ns + " "
}

// An event is what the tests read of a line of "events --json".
type event struct {
	Kind, Phase, Scope, From, To, Reason string
	// Of an incident.
	Severity, Text string
	DurationNS     int64 `json:"duration_ns"`
	Root           struct{ What string }
	Wifi           json.RawMessage
	WifiEvent      json.RawMessage `json:"wifi_event"`
	Initial        bool
	MonoNS         int64 `json:"mono_ns"`
	Path           route
	Cause          []struct {
		Layer, Interface, Text string
		MonoNS                 int64 `json:"mono_ns"`
	}
	Gap struct {
		Reason, Text string
		FromNS       int64 `json:"from_ns"`
		ToNS         int64 `json:"to_ns"`
	}
	Episode struct {
		What, Reason string
		Open         bool
	}
}

// chain is the cause as "interface text", joined by arrows.
func (e event) chain() string {
	var steps []string
	for _, s := range e.Cause {
		steps = append(steps, strings.TrimSpace(s.Interface+" "+s.Text))
	}
	return strings.Join(steps, " → ")
}

func (e event) String() string {
	if e.Kind == "incident" || e.Kind == "wifi" {
		return fmt.Sprintf("%v %s %s: %s%s", time.Duration(e.MonoNS).Round(time.Millisecond), e.Kind, e.Phase, e.Text, e.Wifi)
	}
	if e.Kind != "path" {
		return fmt.Sprintf("%v %s: %s%s open %v", time.Duration(e.MonoNS).Round(time.Millisecond), e.Kind, e.Gap.Text, e.Episode.What, e.Episode.Open)
	}
	at := time.Duration(e.MonoNS).Round(time.Millisecond)
	return fmt.Sprintf("%v %s %s: %s → %s %s (path %s) [%s]", at, e.Scope, e.Phase, e.From, e.To, e.Reason, e.Path, e.chain())
}

// A watch is a running "flapscope events --json" and what was read of it.
type watch struct {
	*testing.T
	m *Machine
	// out is the file of the host with what the program prints.
	out io.ReaderAt
	// read is how many bytes were taken.
	read int64
	seen []event
	// from is the first event of the newest step.
	from int
}

// follow starts the program in a namespace and waits for its first settled
// path.
func follow(t *testing.T, m *Machine, ns string, args ...string) *watch {
	t.Helper()
	device, name := m.Stream(t)
	file := "/tmp/events-" + ns
	m.Run(t, fmt.Sprintf(`%sflapscope events --json %s >"$(echo %s)" 2>%s.err & echo $! >%s.pid`,
		inside(ns), strings.Join(args, " "), device, file, file))
	out, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	w := &watch{T: t, m: m, out: out}
	t.Cleanup(func() {
		m.Try(t, fmt.Sprintf("kill -INT $(cat %s.pid)", file))
		if t.Failed() {
			w.take()
			t.Logf("all events of %q:\n%s%s", ns, w.told(0), m.Try(t, "cat "+file+".err").Stdout)
		}
		out.Close()
	})
	w.await("the initial path", func(e event) bool { return e.Initial && e.Phase == "settled" && e.Scope == "machine" })
	return w
}

// part runs a part of the test as a sub-test. What follows builds on it, and is
// not run when it fails.
func (w *watch) part(name string, fn func()) {
	w.Helper()
	all := w.T
	defer func() { w.T = all }()
	ok := all.Run(name, func(t *testing.T) {
		w.T = t
		record(t, w.m.Release)
		fn()
	})
	if !ok {
		all.FailNow()
	}
}

// step runs a script; what it causes is what await finds next.
func (w *watch) step(script string) {
	w.Helper()
	w.from = len(w.seen)
	w.m.Run(w.T, script)
}

// pause lets so much time pass that what came before is no cause of what comes
// after: a cause may be a second older than its transition.
func (w *watch) pause() {
	w.Helper()
	w.m.Run(w.T, "sleep 1.5")
}

// take reads what the program printed since.
func (w *watch) take() {
	w.Helper()
	text, err := io.ReadAll(io.NewSectionReader(w.out, w.read, math.MaxInt64-w.read))
	if err != nil {
		w.Fatal(err)
	}
	whole := text[:bytes.LastIndexByte(text, '\n')+1]
	w.read += int64(len(whole))
	for line := range bytes.Lines(whole) {
		var e event
		if err := json.Unmarshal(line, &e); err != nil {
			w.Fatalf("line %q: %v", line, err)
		}
		w.seen = append(w.seen, e)
	}
}

func (w *watch) told(from int) string {
	var b strings.Builder
	for _, e := range w.seen[from:] {
		fmt.Fprintln(&b, " ", e)
	}
	return b.String()
}

// patience is how long an event may take: most come in milliseconds, but the
// kernel reports a carrier up to a second late, and the machine is slow.
const patience = 2 * time.Minute

// await waits for an event since the newest step, and returns the first.
func (w *watch) await(what string, match func(event) bool) event {
	w.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		w.take()
		for _, e := range w.seen[w.from:] {
			if match(e) {
				return e
			}
		}
		if time.Now().After(deadline) {
			w.Fatalf("waited %v for %s; the events since the step:\n%s", patience, what, w.told(w.from))
		}
	}
}

// becomes waits for a raw transition of the scope to "status reason".
func (w *watch) becomes(scope, to string) event {
	w.Helper()
	return w.await(scope+" "+to, func(e event) bool {
		return e.Phase == "raw" && e.Scope == scope && strings.TrimSpace(e.To+" "+e.Reason) == to
	})
}
