package probes

import (
	"bufio"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"flapscope/internal/netlab"
)

// An internet is three namespaces in a row: a machine, its router, and
// everything beyond.
type internet struct {
	machine, router, beyond *netlab.Namespace
}

func newInternet(t *testing.T) *internet {
	t.Helper()
	n := &internet{netlab.New(t), netlab.New(t), netlab.New(t)}
	n.machine.IP(t, "link add v0 type veth peer name lan netns "+n.router.Name)
	n.router.IP(t, "link add wan type veth peer name v0 netns "+n.beyond.Name)
	for _, c := range []struct {
		ns  *netlab.Namespace
		cmd string
	}{
		{n.machine, "addr add 192.0.2.7/24 dev v0"},
		{n.machine, "link set v0 up"},
		{n.router, "addr add 192.0.2.1/24 dev lan"},
		{n.router, "link set lan up"},
		{n.router, "addr add 198.51.100.1/24 dev wan"},
		{n.router, "link set wan up"},
		{n.beyond, "addr add 198.51.100.2/24 dev v0"},
		{n.beyond, "link set v0 up"},
		{n.beyond, "addr add 203.0.113.1/32 dev lo"},
		{n.beyond, "addr add 203.0.113.2/32 dev lo"},
		{n.beyond, "addr add 203.0.113.53/32 dev lo"},
		{n.beyond, "addr add 203.0.113.80/32 dev lo"},
		{n.machine, "route add default via 192.0.2.1"},
		{n.router, "route add default via 198.51.100.2"},
		{n.beyond, "route add default via 198.51.100.1"},
	} {
		c.ns.IP(t, c.cmd)
	}
	n.router.Sysctl(t, "ipv4/ip_forward", "1")
	n.router.SaysAgain(t)
	return n
}

// start runs a command inside a namespace until the test ends, or until stop
// is called.
func start(t *testing.T, ns *netlab.Namespace, name string, args ...string) (lines <-chan string, stop func()) {
	t.Helper()
	cmd := ns.Command(name, args...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	c := make(chan string, 1000)
	go func() {
		defer close(c)
		for s := bufio.NewScanner(out); s.Scan(); {
			c <- s.Text()
		}
	}()
	stop = func() {
		cmd.Process.Kill()
		cmd.Wait()
	}
	t.Cleanup(stop)
	return c, stop
}

// self is this test program, which TestMain makes something else.
func self(t *testing.T) string {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return program
}

// await reads lines until one begins with want.
func await(t *testing.T, lines <-chan string, want string) {
	t.Helper()
	deadline := time.After(2 * time.Minute)
	var seen []string
	for {
		select {
		case l, ok := <-lines:
			if seen = append(seen, l); !ok {
				t.Fatalf("ended before %q; it said:\n%s", want, strings.Join(seen, "\n"))
			}
			if strings.HasPrefix(l, want) {
				return
			}
		case <-deadline:
			t.Fatalf("waited in vain for %q; it said:\n%s", want, strings.Join(seen, "\n"))
		}
	}
}

// TestHealthOfARealNetwork breaks one thing after the other, each where only
// its own symptom shows.
func TestHealthOfARealNetwork(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: takes a minute of real silence")
	}
	t.Parallel()
	n := newInternet(t)
	_, stopServers := start(t, n.beyond, self(t), "serve")
	health, _ := start(t, n.machine, self(t), "watch", "ping:203.0.113.1", "ping:203.0.113.2", "tcp:203.0.113.1:443")
	const well = "online gateway=ok dns=ok internet=ok portal=ok"
	await(t, health, well)

	t.Log("the internet ignores pings")
	n.beyond.Sysctl(t, "ipv4/icmp_echo_ignore_all", "1")
	await(t, health, "online gateway=ok dns=ok internet=filtered portal=ok")
	n.beyond.Sysctl(t, "ipv4/icmp_echo_ignore_all", "0")
	await(t, health, well)

	t.Log("the gateway ignores pings")
	n.router.Sysctl(t, "ipv4/icmp_echo_ignore_all", "1")
	await(t, health, "online gateway=filtered dns=ok internet=ok portal=ok")
	n.router.Sysctl(t, "ipv4/icmp_echo_ignore_all", "0")
	await(t, health, well)

	t.Log("the router loses its uplink")
	n.router.IP(t, "link set wan down")
	await(t, health, "no_internet gateway=ok dns=down internet=down portal=unknown internet unreachable N s")
	n.router.IP(t, "link set wan up")
	n.router.IP(t, "route add default via 198.51.100.2")
	await(t, health, well)

	t.Log("the router dies, with carrier")
	n.router.IP(t, "addr del 192.0.2.1/24 dev lan")
	await(t, health, "no_internet gateway=down dns=down internet=down portal=unknown gateway N.N.N.N silent N s")
	n.router.IP(t, "addr add 192.0.2.1/24 dev lan")
	await(t, health, well)

	t.Log("the servers die")
	stopServers()
	await(t, health, "degraded gateway=ok dns=down internet=ok portal=unknown DNS N.N.N.N connection refused")

	t.Log("a captive portal")
	start(t, n.beyond, self(t), "serve", "portal")
	await(t, health, "portal gateway=ok dns=ok internet=ok portal=down captive portal")
}

// TestHealthWithoutPermission: what is left where nobody may ping. The gateway
// says that nobody listens on a port, or its entry in the neighbour table says
// that it is there; the rest is names and connections, of which a reset is an
// answer too.
func TestHealthWithoutPermission(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: takes a minute of real silence")
	}
	netlab.NeedsMachine(t, "to become nobody")
	t.Parallel()
	n := newInternet(t)
	_, stopServers := start(t, n.beyond, self(t), "serve")
	lines, _ := start(t, n.machine, "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--bounding-set=-all",
		executableByAll(t), "watch", "ping:203.0.113.1", "tcp:203.0.113.1:443", "udp:203.0.113.2")
	const well = "online gateway=ok dns=ok internet=ok portal=ok"
	await(t, lines, well)

	t.Log("the router dies, with carrier")
	n.router.IP(t, "addr del 192.0.2.1/24 dev lan")
	n.machine.IP(t, "neigh flush all")
	await(t, lines, "no_internet gateway=down dns=down internet=down portal=unknown gateway N.N.N.N")
	n.router.IP(t, "addr add 192.0.2.1/24 dev lan")
	await(t, lines, well)

	t.Log("a closed port instead of the servers: a reset is an answer")
	stopServers()
	await(t, lines, "degraded gateway=ok dns=down internet=ok portal=unknown DNS N.N.N.N connection refused")
}

// TestSilentGatewayWithoutPermission: a gateway that takes nothing for itself
// forwards, and answers ARP.
func TestSilentGatewayWithoutPermission(t *testing.T) {
	netlab.NeedsMachine(t, "to become nobody")
	t.Parallel()
	n := newInternet(t)
	n.router.Filter(t, `table inet x { chain c { type filter hook input priority 0; meta protocol ip drop; }; }
	`)
	start(t, n.beyond, self(t), "serve")
	lines, _ := start(t, n.machine, "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--bounding-set=-all",
		executableByAll(t), "watch", "ping:203.0.113.1", "tcp:203.0.113.1:443")
	await(t, lines, "online gateway=filtered dns=ok internet=ok portal=ok")
}

// executableByAll copies this test program to where other users may run it.
func executableByAll(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("setpriv"); err != nil {
		t.Skip("SKIPPED: needs setpriv to drop privileges")
	}
	program := t.TempDir() + "/probe"
	if out, err := exec.Command("install", "-m", "755", self(t), program).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for dir := program; dir != "/tmp" && dir != "/"; dir = dir[:strings.LastIndexByte(dir, '/')] {
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return program
}
