package cli_test

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"flapscope/internal/netlab"
)

// programDir is where program has built, or empty.
var programDir string

// program builds the real binary once for all tests of the package.
var program = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "flapscope-test-")
	if err != nil {
		return "", err
	}
	programDir = dir
	bin := filepath.Join(dir, "flapscope")
	out, err := exec.Command("go", "build", "-o", bin, "flapscope").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return bin, nil
})

func binary(t testing.TB) string {
	t.Helper()
	bin, err := program()
	if err != nil {
		t.Fatal(err)
	}
	return bin
}

func TestMain(m *testing.M) {
	if os.Getenv(readerVariable) != "" {
		if err := readChunks(); err != nil {
			os.Exit(1)
		}
		return
	}
	if os.Getenv(watchedVariable) != "" {
		os.Exit(runWatched())
	}
	// What is printed is compared, wherever the tests are run.
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "NO_COLOR", "COLUMNS", "LINES"} {
		os.Unsetenv(name)
	}
	os.Setenv("LANG", "C.UTF-8")
	// Thousands of commands run in this process, over what stays in memory.
	debug.SetGCPercent(400)
	// Most tests wait for a network, and two that compute would hold them up.
	flag.Parse()
	if err := flag.Set("test.parallel", "6"); err != nil {
		panic(err)
	}
	code := netlab.Run(m)
	os.RemoveAll(programDir)
	os.Exit(code)
}

// event is what the scenarios read of a line of "events --json".
type event struct {
	Kind, Phase, Scope, From, To, Reason string
	Initial                              bool
	MonoNS                               int64 `json:"mono_ns"`
	Path                                 struct {
		Status, Reason string
		IPv4, IPv6     struct{ Status, Reason, Gateway string }
	}
	Cause []struct {
		Layer, Interface, Text string
		MonoNS                 int64 `json:"mono_ns"`
	}
	Episode struct {
		What, Reason string
		Open         bool
	}
}

// chain writes the steps as "interface text", joined by arrows.
func (e event) chain() string {
	var steps []string
	for _, s := range e.Cause {
		steps = append(steps, strings.TrimSpace(s.Interface+" "+s.Text))
	}
	return strings.Join(steps, " → ")
}

// stream is a running "flapscope events --json" in a namespace.
type stream struct {
	t    *testing.T
	more chan event
	seen []event
}

// follow starts the program and waits for the initial settled machine path.
func follow(t *testing.T, ns *netlab.Namespace, args ...string) *stream {
	t.Helper()
	s, _ := followProcess(t, ns, args...)
	return s
}

func followProcess(t *testing.T, ns *netlab.Namespace, args ...string) (*stream, *os.Process) {
	t.Helper()
	cmd := ns.Command(binary(t), append([]string{"events", "--json", "--no-probes"}, args...)...)
	cmd.Env = append(os.Environ(), "XDG_CONFIG_HOME="+t.TempDir(), "XDG_STATE_HOME="+t.TempDir())
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s := &stream{t: t, more: make(chan event, 1024)}
	go s.read(out)
	t.Cleanup(func() {
		cmd.Process.Signal(os.Interrupt)
		for range s.more { // Wait closes the pipe, whatever is still in it.
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("events ended with %v, want exit code 0 on SIGINT", err)
		}
	})
	s.await("initial path", func(e event) bool { return e.Initial && e.Phase == "settled" && e.Scope == "machine" })
	return s, cmd.Process
}

func (s *stream) read(r io.Reader) {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var e event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			s.t.Errorf("line %s: %v", lines.Bytes(), err)
		}
		s.more <- e
	}
	close(s.more)
}

// await returns the next event that ok accepts.
func (s *stream) await(what string, ok func(event) bool) event {
	s.t.Helper()
	limit := time.After(2 * time.Minute)
	for {
		select {
		case e, open := <-s.more:
			if !open {
				s.t.Fatalf("%s: the stream ended", what)
			}
			s.seen = append(s.seen, e)
			if ok(e) {
				return e
			}
		case <-limit:
			for _, e := range s.seen {
				s.t.Logf("%s %s %s %s→%s %s: %s", e.Kind, e.Phase, e.Scope, e.From, e.To, e.Reason, e.chain())
			}
			s.t.Fatalf("%s: not seen within two minutes", what)
		}
	}
}

// settled returns the next settled transition of a scope.
func (s *stream) settled(scope string) event {
	s.t.Helper()
	return s.await("settled transition of "+scope, func(e event) bool {
		return e.Kind == "path" && e.Phase == "settled" && e.Scope == scope && !e.Initial
	})
}

// machine is a laptop (left) and its router (right) on one wire.
type machine struct{ left, right *netlab.Namespace }

// wire makes both namespaces with addresses, and the laptop's default routes.
func wire(t *testing.T) machine {
	t.Helper()
	m := machine{netlab.New(t), netlab.New(t)}
	m.left.IP(t, "link add eth0 type veth peer name up0 netns "+m.right.Name)
	m.left.Sysctl(t, "ipv6/conf/eth0/accept_dad", "0")
	m.right.Sysctl(t, "ipv6/conf/up0/accept_dad", "0")
	m.right.IP(t, "link set up0 up")
	m.left.IP(t, "link set eth0 up")
	m.left.IP(t, "addr add 192.0.2.7/24 dev eth0")
	m.right.IP(t, "addr add 192.0.2.1/24 dev up0")
	m.left.IP(t, "route add default via 192.0.2.1")
	return m
}

func (m machine) dual(t *testing.T) machine {
	m.left.IP(t, "addr add 2001:db8::7/64 dev eth0 nodad")
	m.right.IP(t, "addr add 2001:db8::1/64 dev up0 nodad")
	m.left.IP(t, "-6 route add default via 2001:db8::1")
	return m
}

// tun gives the laptop a tunnel that is held open, with all traffic in it by
// the two halves of the address space.
func (m machine) tun(t *testing.T) {
	t.Helper()
	netlab.NeedsTun(t)
	err := m.left.Do(func() error {
		fd, err := unix.Open("/dev/net/tun", unix.O_RDWR, 0)
		if err != nil {
			return err
		}
		t.Cleanup(func() { unix.Close(fd) })
		req, err := unix.NewIfreq("tun0")
		if err != nil {
			return err
		}
		req.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI)
		return unix.IoctlIfreq(fd, unix.TUNSETIFF, req)
	})
	if err != nil {
		t.Fatalf("tun0: %v", err)
	}
	m.left.IP(t, "link set tun0 up")
	m.left.IP(t, "addr add 10.7.0.2/24 dev tun0")
	m.left.IP(t, "route add 0.0.0.0/1 dev tun0")
	m.left.IP(t, "route add 128.0.0.0/1 dev tun0")
}

// quiesce waits until the kernel's linkwatch has reported the laptop's interfaces.
func (m machine) quiesce(t *testing.T, others ...string) machine {
	t.Helper()
	for _, name := range append(others, "eth0") {
		m.left.Carrier(t, name, true)
	}
	return m
}

func TestScenarios(t *testing.T) {
	tests := []struct {
		name    string
		prepare func(t *testing.T, m machine)
		act     func(t *testing.T, m machine)
		scope   string
		to      string
		reason  string
		chain   string
		// or is the chain where all messages were read at once: steps of one
		// instant are in the order of their layers.
		or string
	}{
		{
			name:  "admin-down",
			act:   func(t *testing.T, m machine) { m.left.IP(t, "link set eth0 down") },
			scope: "machine", to: "unsatisfied", reason: "admin_down",
			chain: "eth0 set down → eth0 default via 192.0.2.1 withdrawn",
		},
		{
			name:  "carrier-lost",
			act:   func(t *testing.T, m machine) { m.right.IP(t, "link set up0 down") },
			scope: "machine", to: "unsatisfied", reason: "no_carrier",
			chain: "eth0 carrier lost",
		},
		{
			name:  "address-removed",
			act:   func(t *testing.T, m machine) { m.left.IP(t, "addr del 192.0.2.7/24 dev eth0") },
			scope: "machine", to: "unsatisfied", reason: "no_address",
			chain: "eth0 192.0.2.7/24 removed → eth0 default via 192.0.2.1 withdrawn",
		},
		{
			name: "address-expired",
			prepare: func(t *testing.T, m machine) {
				m.left.IP(t, "addr change 192.0.2.7/24 dev eth0 valid_lft 4 preferred_lft 4")
			},
			act:   func(*testing.T, machine) {},
			scope: "machine", to: "unsatisfied", reason: "no_address",
			chain: "eth0 192.0.2.7/24 expired → eth0 default via 192.0.2.1 withdrawn",
		},
		{
			name:  "route-deleted",
			act:   func(t *testing.T, m machine) { m.left.IP(t, "route del default") },
			scope: "machine", to: "unsatisfied", reason: "no_route",
			chain: "eth0 default via 192.0.2.1 withdrawn",
		},
		{
			name:    "route-blocked",
			prepare: func(t *testing.T, m machine) { m.left.IP(t, "route add unreachable default metric 4000") },
			act:     func(t *testing.T, m machine) { m.left.IP(t, "route del default via 192.0.2.1") },
			scope:   "machine", to: "unsatisfied", reason: "route_blocked",
			chain: "eth0 default via 192.0.2.1 withdrawn",
		},
		{
			name:  "kill-switch-rule",
			act:   func(t *testing.T, m machine) { m.left.IP(t, "rule add priority 100 prohibit") },
			scope: "machine", to: "unsatisfied", reason: "route_blocked",
			chain: "rule 100: from all prohibit added",
		},
		{
			name: "rule-to-empty-table-that-throws",
			prepare: func(t *testing.T, m machine) {
				m.left.IP(t, "route add unreachable default table 77")
			},
			act:   func(t *testing.T, m machine) { m.left.IP(t, "rule add priority 100 lookup 77") },
			scope: "machine", to: "unsatisfied", reason: "route_blocked",
			chain: "rule 100: from all lookup 77 added",
		},
		{
			name: "gateway-moved",
			act: func(t *testing.T, m machine) {
				m.left.IP(t, "route replace default via 192.0.2.2")
			},
			scope: "ipv4", to: "satisfied",
			chain: "eth0 default via 192.0.2.1 replaced by default via 192.0.2.2",
		},
		{
			name:    "ipv6-lost-of-dual",
			prepare: func(t *testing.T, m machine) { m.dual(t) },
			act:     func(t *testing.T, m machine) { m.left.IP(t, "-6 route del default") },
			scope:   "ipv6", to: "unsatisfied", reason: "no_route",
			chain: "eth0 default via 2001:db8::1 metric 1024 withdrawn",
		},
		{
			name: "ipv6-only",
			prepare: func(t *testing.T, m machine) {
				m.dual(t)
				m.left.IP(t, "addr del 192.0.2.7/24 dev eth0")
			},
			act:   func(t *testing.T, m machine) { m.left.IP(t, "addr del 2001:db8::7/64 dev eth0") },
			scope: "machine", to: "unsatisfied", reason: "no_address",
			chain: "eth0 2001:db8::7/64 removed",
		},
		{
			name:  "interface-removed",
			act:   func(t *testing.T, m machine) { m.left.IP(t, "link del eth0") },
			scope: "machine", to: "unsatisfied", reason: "no_interface",
			chain: "eth0 interface removed → eth0 default via 192.0.2.1 withdrawn → eth0 192.0.2.7/24 removed",
			or:    "eth0 interface removed → eth0 192.0.2.7/24 removed → eth0 default via 192.0.2.1 withdrawn",
		},
		{
			name: "dad-failed",
			prepare: func(t *testing.T, m machine) {
				m.left.IP(t, "addr del 192.0.2.7/24 dev eth0")
				m.left.Sysctl(t, "ipv6/conf/eth0/accept_dad", "1")
				m.right.IP(t, "addr add 2001:db8::7/64 dev up0 nodad")
			},
			act:   func(t *testing.T, m machine) { m.left.IP(t, "addr add 2001:db8::7/64 dev eth0") },
			scope: "machine", to: "unsatisfied", reason: "dad_failed",
			chain: "eth0 2001:db8::7/64 failed duplicate address detection",
		},
		{
			name: "ipv6-route-expired",
			prepare: func(t *testing.T, m machine) {
				m.dual(t)
				m.left.IP(t, "-6 route del default")
				m.left.IP(t, "-6 route add default via 2001:db8::1 dev eth0 expires 5")
			},
			act:   func(*testing.T, machine) {},
			scope: "ipv6", to: "unsatisfied", reason: "no_route",
			chain: "eth0 default via 2001:db8::1 metric 1024 expired",
		},
		{
			name: "router-switch-without-route-event",
			prepare: func(t *testing.T, m machine) {
				m.right.IP(t, "addr add 192.0.2.2/24 dev up0")
				m.left.IP(t, "route append default via 192.0.2.2")
			},
			act: func(t *testing.T, m machine) {
				m.right.IP(t, "addr del 192.0.2.1/24 dev up0")
				m.right.IP(t, "addr add 192.0.2.2/24 dev up0")
				m.left.IP(t, "neigh flush dev eth0")
				// Any packet will do: the answer to ARP is what counts.
				m.left.Command("ping", "-c1", "-W5", "192.0.2.1").Run()
			},
			scope: "ipv4", to: "satisfied",
			chain: "eth0 192.0.2.1 no longer answers",
			// The kernel may take the other router as soon as the entry of the first
			// is flushed, when something else makes it look (fib_select_default).
			or: "eth0 kernel routes 1.1.1.1 via 192.0.2.2 dev eth0",
		},
		{
			name:    "tunnel-down",
			prepare: func(t *testing.T, m machine) { m.tun(t) },
			act:     func(t *testing.T, m machine) { m.right.IP(t, "link set up0 down") },
			scope:   "machine", to: "unsatisfied", reason: "tunnel_down",
			chain: "eth0 carrier lost",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m := wire(t).quiesce(t)
			if tt.prepare != nil {
				tt.prepare(t, m)
			}
			s := follow(t, m.left)
			tt.act(t, m)
			e := s.settled(tt.scope)
			if e.To != tt.to || e.Reason != tt.reason {
				t.Errorf("got %s→%s %q, want →%s %q", e.From, e.To, e.Reason, tt.to, tt.reason)
			}
			if got := e.chain(); got != tt.chain && (tt.or == "" || got != tt.or) {
				t.Errorf("cause chain:\ngot  %s\nwant %s", got, tt.chain)
			}
		})
	}
}

// TestSwitchIsNoLoss: an interface or a tunnel goes down while another default
// is there. No packet was ever without a way, so no loss is reported, not even a
// raw one for the milliseconds until the kernel has answered; unless this
// machine is so busy that the answer takes longer than a loss waits for it.
func TestSwitchIsNoLoss(t *testing.T) {
	const answerPatience = 20 * time.Millisecond // the fold's
	for _, tt := range []struct {
		name    string
		prepare func(t *testing.T, m machine)
		act     func(t *testing.T, m machine)
		chain   string
	}{
		{
			name: "second-interface",
			prepare: func(t *testing.T, m machine) {
				m.left.IP(t, "link add eth1 type veth peer name up1 netns "+m.right.Name)
				m.right.IP(t, "link set up1 up")
				m.left.IP(t, "link set eth1 up")
				m.left.IP(t, "addr add 198.51.100.7/24 dev eth1")
				m.left.IP(t, "route add default via 198.51.100.1 metric 600")
				m.quiesce(t, "eth1")
			},
			act:   func(t *testing.T, m machine) { m.left.IP(t, "link set eth0 down") },
			chain: "eth0 set down → eth0 default via 192.0.2.1 withdrawn",
		},
		{
			name:    "tunnel-set-down",
			prepare: func(t *testing.T, m machine) { m.tun(t) },
			act:     func(t *testing.T, m machine) { m.left.IP(t, "link set tun0 down") },
			chain:   "tun0 set down → tun0 0.0.0.0/1 withdrawn → tun0 128.0.0.0/1 withdrawn",
		},
		{
			name:    "tunnel-removed",
			prepare: func(t *testing.T, m machine) { m.tun(t) },
			act:     func(t *testing.T, m machine) { m.left.IP(t, "link del tun0") },
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m := wire(t).quiesce(t)
			tt.prepare(t, m)
			s := follow(t, m.left)
			tt.act(t, m)
			e := s.settled("machine")
			if e.To != "satisfied" {
				t.Errorf("settled: got →%s %q, want →satisfied", e.To, e.Reason)
			}
			if got := e.chain(); tt.chain != "" && got != tt.chain {
				t.Errorf("cause chain:\ngot  %s\nwant %s", got, tt.chain)
			}
			for _, e := range s.seen {
				if e.Kind != "path" || e.Phase != "raw" || e.To == "satisfied" || e.Initial || e.Scope != "machine" && e.Scope != "ipv4" {
					continue
				}
				if len(e.Cause) > 0 && time.Duration(e.MonoNS-e.Cause[0].MonoNS) >= answerPatience {
					t.Logf("raw transition of %s: no answer in %v", e.Scope, answerPatience)
				} else {
					t.Errorf("raw transition of %s →%s %q: %s", e.Scope, e.To, e.Reason, e.chain())
				}
			}
		})
	}
}
