package probes

import (
	"context"
	"net"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"flapscope/internal/netlab"
	"flapscope/monitor/fact"
)

// pair makes two namespaces joined by a veth pair: 192.0.2.1 and 2001:db8::1 on
// v0 here, .2 and ::2 on v1 there.
func pair(t testing.TB) (here, there *netlab.Namespace) {
	t.Helper()
	here, there = netlab.New(t), netlab.New(t)
	here.IP(t, "link add v0 type veth peer name v1 netns "+there.Name)
	for i, ns := range []*netlab.Namespace{here, there} {
		dev, n := "v"+strconv.Itoa(i), strconv.Itoa(i+1)
		ns.IP(t, "addr add 192.0.2."+n+"/24 dev "+dev)
		ns.IP(t, "addr add 2001:db8::"+n+"/64 dev "+dev+" nodad")
		ns.IP(t, "link set "+dev+" up")
	}
	here.Reaches(t, "192.0.2.2", "2001:db8::2")
	return here, there
}

// index returns the index of an interface of a namespace.
func index(t *testing.T, ns *netlab.Namespace, name string) (n int) {
	t.Helper()
	err := ns.Do(func() error {
		i, err := net.InterfaceByName(name)
		if err == nil {
			n = i.Index
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// probeIn probes t once inside a namespace.
func probeIn(t *testing.T, ns *netlab.Namespace, timeout time.Duration, p Prober, target *fact.Target) (r fact.ProbeResult) {
	t.Helper()
	if err := ns.Do(func() error {
		ctx, cancel := context.WithTimeout(t.Context(), timeout)
		defer cancel()
		r = p.Probe(ctx, target)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return r
}

func echoTarget(a, mode string, index int) *fact.Target {
	return &fact.Target{Method: fact.MethodPing, Addr: addr(a), Family: family(addr(a)), Mode: mode, Index: index}
}

// pingers are the engine and what takes its place where it does not build.
func pingers() map[string]Prober {
	return map[string]Prober{"engine": newPinger(), "library": ProberFunc(pingByLibrary)}
}

// modes are both pingers in both ways to ping; a ping socket has to be allowed
// first.
func modes(t *testing.T, here *netlab.Namespace, fn func(t *testing.T, p Prober, mode string)) {
	here.AllowPingSockets(t)
	for name, p := range pingers() {
		for _, mode := range []string{ModeUnprivileged, ModeRaw} {
			t.Run(name+"-"+mode, func(t *testing.T) { fn(t, p, mode) })
		}
	}
}

func TestPingAgreesWithFping(t *testing.T) {
	t.Parallel()
	here, _ := pair(t)
	fping, err := exec.LookPath("fping")
	if err != nil {
		t.Skip("SKIPPED: needs fping to compare with")
	}
	// fe80::1 is a name for the other end that needs a zone.
	modes(t, here, func(t *testing.T, p Prober, mode string) {
		for _, tt := range []struct {
			addr string
			dev  string
			up   bool
		}{
			{"192.0.2.2", "", true},
			{"192.0.2.2", "v0", true},
			{"192.0.2.3", "", false},
			{"192.0.2.3", "v0", false},
			{"2001:db8::2", "", true},
			{"2001:db8::2", "v0", true},
			{"2001:db8::3", "", false},
			{"127.0.0.1", "v0", true},
		} {
			target := echoTarget(tt.addr, mode, 0)
			args := []string{"-q", "-c", "1", "-t", "2000"}
			if tt.dev != "" {
				target.Index = index(t, here, tt.dev)
				if !target.Addr.IsLoopback() {
					args = append(args, "-I", tt.dev)
				}
			}
			answered := here.Command(fping, append(args, tt.addr)...).Run() == nil
			got := probeIn(t, here, 2*time.Second, p, target)
			if ok := got.Outcome == fact.OutcomeOK; ok != answered || ok != tt.up {
				t.Errorf("%s by %q: %+v; fping says %v, want %v", tt.addr, tt.dev, got, answered, tt.up)
			}
			if tt.up && (got.RTT <= 0 || got.RTT > 2*time.Second) {
				t.Errorf("%s: round trip %v", tt.addr, got.RTT)
			}
		}
	})
}

func TestPingLinkLocal(t *testing.T) {
	here, there := pair(t)
	there.IP(t, "addr add fe80::2/64 dev v1 nodad")
	// The own link-local address is there once DAD is done.
	netlab.Until(t, "there is a link-local address", func() bool {
		out := here.IP(t, "-6 addr show dev v0 scope link -tentative")
		return strings.Contains(out, "fe80")
	})
	modes(t, here, func(t *testing.T, p Prober, mode string) {
		got := probeIn(t, here, 2*time.Second, p, echoTarget("fe80::2", mode, index(t, here, "v0")))
		if got.Outcome != fact.OutcomeOK {
			t.Errorf("%+v, want ok", got)
		}
	})
}

// What the kernel refuses is reported at once and in words; nothing loops.
func TestPingRefusals(t *testing.T) {
	here, _ := pair(t)
	for _, route := range []string{
		"prohibit 198.51.100.1", "blackhole 198.51.100.2", "unreachable 198.51.100.3",
		"prohibit 2001:db8:1::1", "blackhole 2001:db8:1::2", "unreachable 2001:db8:1::3",
	} {
		here.IP(t, "route add "+route)
	}
	modes(t, here, func(t *testing.T, p Prober, mode string) {
		for _, tt := range []struct {
			addr    string
			outcome fact.Outcome
			detail  fact.Untrusted
		}{
			{"198.51.100.1", fact.OutcomeUnreachable, "prohibited by a route"},
			{"198.51.100.2", fact.OutcomeUnreachable, "blackholed by a route"},
			{"198.51.100.3", fact.OutcomeUnreachable, "host unreachable"},
			{"203.0.113.1", fact.OutcomeUnreachable, "network unreachable"},
			{"2001:db8:1::1", fact.OutcomeUnreachable, "prohibited by a route"},
			{"2001:db8:1::2", fact.OutcomeUnreachable, "blackholed by a route"},
			{"2001:db8:1::3", fact.OutcomeUnreachable, "host unreachable"},
			{"2001:db8:2::1", fact.OutcomeUnreachable, "network unreachable"},
		} {
			got := probeIn(t, here, 5*time.Second, p, echoTarget(tt.addr, mode, 0))
			if got.Outcome != tt.outcome || got.Detail != tt.detail {
				t.Errorf("%s: %s %q, want %s %q", tt.addr, got.Outcome, got.Detail, tt.outcome, tt.detail)
			}
		}
	})
}

func TestPingWithoutDevice(t *testing.T) {
	here, _ := pair(t)
	modes(t, here, func(t *testing.T, p Prober, mode string) {
		got := probeIn(t, here, time.Second, p, echoTarget("192.0.2.2", mode, 4711))
		if got.Outcome != fact.OutcomeNoData {
			t.Errorf("%+v, want no_data", got)
		}
	})
	for name, p := range map[string]Prober{"tcp": ProberFunc(connect), "dns": ProberFunc(query)} {
		got := probeIn(t, here, time.Second, p, &fact.Target{Addr: addr("192.0.2.2"), Port: 53, Query: ".", Index: 4711})
		if got.Outcome != fact.OutcomeNoData {
			t.Errorf("%s: %+v, want no_data", name, got)
		}
	}
}

// Two networks use the same addresses; only the one behind v0 has the host. A
// probe that is bound to the other must not see it.
func TestProbesKeepToTheirDevice(t *testing.T) {
	here, _ := pair(t)
	elsewhere := netlab.New(t)
	here.IP(t, "link add w0 type veth peer name w1 netns "+elsewhere.Name)
	elsewhere.IP(t, "link set w1 up")
	here.IP(t, "addr add 192.0.2.101/24 dev w0 noprefixroute")
	here.IP(t, "link set w0 up")
	here.IP(t, "route add 192.0.2.0/24 dev w0 metric 500 src 192.0.2.101")
	here.AllowPingSockets(t)
	for name, p := range map[string]Prober{"ping": newPinger(), "tcp": ProberFunc(connect), "dns": ProberFunc(query)} {
		target := &fact.Target{
			Method: fact.Method(name), Role: fact.RoleInternet, Addr: addr("192.0.2.2"), Port: 53, Query: ".", Mode: ModeUnprivileged,
		}
		for dev, reached := range map[string]bool{"v0": true, "w0": false} {
			target.Index = index(t, here, dev)
			got := probeIn(t, here, 2*time.Second, p, target)
			// Nothing listens there: a reset shows that the host was reached.
			if ok := got.Outcome == fact.OutcomeOK || got.Outcome == fact.OutcomeRefused; ok != reached {
				t.Errorf("%s by %s: %+v, want reached: %v", name, dev, got, reached)
			}
		}
	}
}

// TestPingMode: a ping socket, else a raw one, else neither. A new namespace
// allows ping sockets to nobody, and one group counts for both families.
func TestPingMode(t *testing.T) {
	here := netlab.New(t)
	netlab.NeedsMachine(t, "to become nobody")
	program := executableByAll(t)
	nobody := []string{"--reuid=65534", "--regid=65534", "--clear-groups"}
	for _, tt := range []struct {
		who, groups string
		args        []string
		want        string
	}{
		{"root", "1 0", nil, ModeRaw},
		{"root", "0 2147483647", nil, ModeUnprivileged},
		{"nobody", "0 2147483647", append(nobody, "--bounding-set=-all"), ModeUnprivileged},
		{"nobody of another group", "0 0", append(nobody, "--bounding-set=-all"), ""},
		{"nobody with cap_net_raw", "1 0", append(nobody, "--inh-caps=+net_raw", "--ambient-caps=+net_raw"), ModeRaw},
		{"nobody with cap_net_raw, and a ping socket", "0 2147483647", append(nobody, "--inh-caps=+net_raw", "--ambient-caps=+net_raw"), ModeUnprivileged},
		{"nobody", "1 0", append(nobody, "--bounding-set=-all"), ""},
	} {
		t.Run(tt.who+", groups "+tt.groups, func(t *testing.T) {
			here.Sysctl(t, "ipv4/ping_group_range", tt.groups)
			out, err := here.Command("setpriv", append(tt.args, program, "ping-mode")...).CombinedOutput()
			if err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			want := tt.want
			if want == "" {
				want = "unprivileged socket: permission denied; raw socket: operation not permitted"
			}
			if string(out) != want {
				t.Errorf("%q, want %q", out, want)
			}
		})
	}
}
