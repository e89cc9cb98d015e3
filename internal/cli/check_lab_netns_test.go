package cli_test

import (
	"bytes"
	"cmp"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"flapscope/internal/netlab"
)

// A faultLab is a machine (l0 10.50.0.2), its gateway (l1 10.50.0.1, w0
// 198.51.100.1), which is its name server too, and everything beyond.
type faultLab struct {
	h, g, i *netlab.Namespace
	page    *netlab.Page
	secure  *netlab.SecureWeb
	// resolver is the name server on the gateway.
	resolver  *netlab.AnswerServer
	authority *netlab.Authority
	dir       string
	// bus is the address of its system bus, and tunnel its VPN, if any.
	bus    string
	tunnel *netlab.Tunnel
}

// publics are the addresses of those who stand for the internet.
var publics = []string{"1.1.1.1", "8.8.8.8", "9.9.9.9", "2606:4700:4700::1111", "2001:4860:4860::8888", "2620:fe::fe"}

// known are the names that exist.
var known = netlab.Names{
	"connectivitycheck.gstatic.com.": {"203.0.113.80", "2001:db8:80::80"},
	"example.com.":                   {"203.0.113.81"},
}

// newFaultLab makes one in which all is well.
func newFaultLab(t *testing.T) *faultLab {
	t.Helper()
	l := &faultLab{h: netlab.New(t), g: netlab.New(t), i: netlab.New(t)}
	for _, ns := range []*netlab.Namespace{l.h, l.g, l.i} {
		ns.Sysctl(t, "ipv6/conf/default/accept_dad", "0")
		ns.Sysctl(t, "ipv4/conf/default/rp_filter", "0")
		ns.Sysctl(t, "ipv4/icmp_ratelimit", "0")
		ns.Sysctl(t, "ipv6/icmp/ratelimit", "0")
		ns.AllowPingSockets(t)
	}
	l.g.Sysctl(t, "ipv4/ip_forward", "1")
	l.g.Sysctl(t, "ipv6/conf/all/forwarding", "1")
	l.g.Batch(t,
		"link add l1 type veth peer name l0 netns "+l.h.Name, "link add w0 type veth peer name w1 netns "+l.i.Name,
		"link set l1 up", "link set w0 up",
		"addr add 10.50.0.1/24 dev l1", "addr add 2001:db8:50::1/64 dev l1 nodad",
		"addr add 198.51.100.1/24 dev w0", "addr add 2001:db8:51::1/64 dev w0 nodad",
	)
	l.h.Batch(t,
		"link set l0 up", "addr add 10.50.0.2/24 dev l0", "addr add 2001:db8:50::2/64 dev l0 nodad",
		"route add default via 10.50.0.1", "route add default via 2001:db8:50::1",
	)
	world := []string{
		"link set w1 up", "addr add 198.51.100.2/24 dev w1", "addr add 2001:db8:51::2/64 dev w1 nodad",
		"route add default via 198.51.100.1", "route add default via 2001:db8:51::1",
	}
	for _, a := range append([]string{"203.0.113.53", "203.0.113.80", "203.0.113.81", "2001:db8:80::80"}, publics...) {
		world = append(world, "addr add "+a+" dev lo")
	}
	l.i.Batch(t, world...)
	l.g.Batch(t, "route add default via 198.51.100.2", "route add default via 2001:db8:51::2")
	l.i.ServeAnswers(t, "203.0.113.53", known)
	l.resolver = l.g.ServeAnswers(t, "10.50.0.1", l.g.Forward("203.0.113.53"))
	l.page = l.i.ServePage(t)
	l.authority = netlab.NewAuthority(t)
	l.secure = l.i.ServeSecure(t, l.authority.Issue(t, time.Now().Add(-time.Hour), time.Now().Add(time.Hour), publics...))
	l.acceptPrivate(t)
	l.files(t)
	l.warm(t)
	return l
}

// acceptPrivate lets everybody beyond take connections for DNS over TLS.
func (l *faultLab) acceptPrivate(t *testing.T) {
	t.Helper()
	var at net.Listener
	err := l.i.Do(func() (err error) {
		at, err = net.Listen("tcp", ":853")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { at.Close() })
	go func() {
		for {
			c, err := at.Accept()
			if err != nil {
				return
			}
			c.Close()
		}
	}()
}

// ask lets the machine ask other name servers, if any.
func (l *faultLab) ask(t *testing.T, servers ...string) {
	t.Helper()
	content := "# name servers\n"
	for _, s := range servers {
		content += "nameserver " + s + "\n"
	}
	if err := os.WriteFile(filepath.Join(l.dir, "resolv.conf"), []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// files writes what the machine reads, where everybody may.
func (l *faultLab) files(t *testing.T) {
	t.Helper()
	dir, err := os.MkdirTemp("", "check")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	l.dir = dir
	if err := errors.Join(os.Chmod(dir, 0o755), os.WriteFile(filepath.Join(dir, "ca.pem"), l.authority.PEM, 0o644),
		os.Chmod(filepath.Dir(binary(t)), 0o755)); err != nil {
		t.Fatal(err)
	}
	l.ask(t, "10.50.0.1")
}

// warm waits until packets go both ways: the first ones have to find the
// neighbours, and the kernel lets none out until it has reported the carrier.
func (l *faultLab) warm(t *testing.T) {
	t.Helper()
	for _, to := range []string{"1.1.1.1:443", "[2606:4700:4700::1111]:443"} {
		err := l.h.Do(func() (err error) {
			for range 20 {
				var c net.Conn
				if c, err = net.DialTimeout("tcp", to, time.Second); err == nil {
					return c.Close()
				}
			}
			return err
		})
		if err != nil {
			t.Fatalf("the lab does not come up: %v", err)
		}
	}
}

// second gives the machine a second interface, with a path that its routes don't
// prefer.
func (l *faultLab) second(t *testing.T) {
	t.Helper()
	l.g.Batch(t, "link add l3 type veth peer name l2 netns "+l.h.Name, "link set l3 up", "addr add 10.60.0.1/24 dev l3")
	l.h.Batch(t, "link set l2 up", "addr add 10.60.0.2/24 dev l2", "route add default via 10.60.0.1 dev l2 metric 500")
	l.h.Carrier(t, "l2", true)
}

// filter adds a rule to a chain of a namespace.
func filter(t *testing.T, ns *netlab.Namespace, hook, rule string) {
	t.Helper()
	ns.Filter(t, fmt.Sprintf("table inet x {\nchain c {\ntype filter hook %s priority 0\n%s\n}\n}\n", hook, rule))
}

// said is what "check --json" says, as far as it is compared.
type said struct {
	Verdict struct {
		State string
		Root  *struct{ What, Family, Interface, Entity string }
		Text  string
		Notes []struct{ What string }
	}
	Duration int64 `json:"duration_ns"`
	Probes   int
	Bytes    int
	Legs     []struct{ Leg, Family, Entity, State, Text string }
	// Interfaces are those that were diagnosed one by one.
	Interfaces []struct {
		Interface string
		Verdict   struct{ State string }
	}
}

// command returns a check in the machine, as a user without privileges.
func (l *faultLab) command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	resolv := filepath.Join(l.dir, "resolv.conf")
	run := `mount --bind "$0" /etc/resolv.conf && exec `
	if _, err := exec.LookPath("setpriv"); err == nil && !netlab.Contained() {
		run += "setpriv --reuid 65534 --regid 65534 --clear-groups "
	}
	c := l.h.Command("sh", append([]string{"-c", run + `"$@"`, resolv, binary(t), "check"}, args...)...)
	c.Env = append(os.Environ(), "XDG_CONFIG_HOME="+l.dir, "XDG_STATE_HOME="+l.dir, "SSL_CERT_FILE="+filepath.Join(l.dir, "ca.pem"), "SSL_CERT_DIR="+l.dir, "DBUS_SYSTEM_BUS_ADDRESS="+cmp.Or(l.bus, "unix:path="+filepath.Join(l.dir, "no-bus")))
	return c
}

// check runs "check --json" and returns what it says and its exit code.
func (l *faultLab) check(t *testing.T, args ...string) (s said, code int) {
	t.Helper()
	c := l.command(t, append(args, "--json")...)
	var bad bytes.Buffer
	c.Stderr = &bad
	b, err := c.Output()
	if err := json.Unmarshal(b, &s); err != nil {
		t.Fatalf("%v: %s%s", err, b, bad.String())
	}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return s, exit.ExitCode()
	}
	return s, 0
}

// root is the word of the root, with its family behind it.
func (s *said) root() string {
	if s.Verdict.Root == nil {
		return ""
	}
	return s.Verdict.Root.What + strings.TrimPrefix(s.Verdict.Root.Family, "ipv")
}

// notes are the words of the notes.
func (s *said) notes() string {
	var all []string
	for _, n := range s.Verdict.Notes {
		all = append(all, n.What)
	}
	return strings.Join(all, " ")
}

// otherCertificate issues one that differs.
func (l *faultLab) otherCertificate(t *testing.T, from, to time.Duration, names ...string) *tls.Certificate {
	t.Helper()
	return l.authority.Issue(t, time.Now().Add(from), time.Now().Add(to), names...)
}

// wire is how many bytes the interface of the machine has sent and received, with
// their Ethernet headers.
func (l *faultLab) wire(t *testing.T) int {
	t.Helper()
	var links []struct {
		Stats64 struct{ RX, TX struct{ Bytes int } }
	}
	if err := json.Unmarshal([]byte(l.h.IP(t, "-j -s link show l0")), &links); err != nil {
		t.Fatal(err)
	}
	return links[0].Stats64.RX.Bytes + links[0].Stats64.TX.Bytes
}

// A machine that is well is told so in milliseconds, and for little.
func TestCheckWell(t *testing.T) {
	l := newFaultLab(t)
	l.check(t)
	before := l.wire(t)
	s, code := l.check(t)
	wire := l.wire(t) - before
	if code != 0 || s.Verdict.State != "online" || s.root() != "" || s.notes() != "" {
		t.Errorf("exit code %d, %+v", code, s.Verdict)
	}
	// Only the fastest tells what it takes on a busy machine.
	for range 10 {
		if time.Duration(s.Duration) > time.Second {
			s, _ = l.check(t)
		}
	}
	if wire > 65_000 || s.Bytes > 65_000 || time.Duration(s.Duration) > time.Second {
		t.Errorf("%d bytes, %d on the wire, in %v", s.Bytes, wire, time.Duration(s.Duration))
	}
	t.Logf("%v, %d probes, %d bytes, %d on the wire", time.Duration(s.Duration), s.Probes, s.Bytes, wire)
	var took []time.Duration
	for range 11 {
		c, began := l.command(t), time.Now()
		if err := c.Run(); err != nil {
			t.Error(err)
		}
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	t.Logf("from exec to its end: %v at the least, median %v", took[0], took[len(took)/2])
	if out, err := l.command(t).CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	} else {
		t.Logf("\n%s", out)
	}
}

// Each interface that has a path is diagnosed by itself, bound to it.
func TestCheckEachInterface(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: makes network namespaces")
	}
	l := newFaultLab(t)
	l.second(t)
	// What the second interface sends beyond its gateway is lost.
	filter(t, l.g, "forward", "iifname l3 drop")
	s, code := l.check(t, "--each-interface")
	if code != 1 || s.Verdict.State != "online" || len(s.Interfaces) != 2 ||
		s.Interfaces[0].Interface != "l0" || s.Interfaces[0].Verdict.State != "online" ||
		s.Interfaces[1].Interface != "l2" || s.Interfaces[1].Verdict.State != "no_internet" {
		t.Errorf("exit code %d, %s, %+v", code, s.Verdict.State, s.Interfaces)
	}
	if _, code := l.check(t, "--interface", "l0"); code != 0 {
		t.Errorf("--interface l0: exit code %d", code)
	}
	for _, args := range [][]string{{"--interface", "nosuch"}, {"--interface", "l0", "--each-interface"}, {"--at", "12:00"}} {
		if out, err := l.command(t, args...).CombinedOutput(); err == nil || err.Error() != "exit status 2" || strings.Count(string(out), "\n") != 1 {
			t.Errorf("check %v: %v: %s", args, err, out)
		}
	}
}
