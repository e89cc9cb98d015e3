//go:build linux

package netlab

import (
	"os/exec"
	"strings"
	"testing"
)

// An Internet is a machine, its gateway, and everything beyond, in three
// namespaces in a row and with two families. The machine has eth0 (192.0.2.7,
// 2001:db8:1::7) on the wire with the gateway's lan0 (192.0.2.1,
// 2001:db8:1::1), whose wan0 leads to the world. There are the public addresses
// that stand for the internet, a name server (203.0.113.53) and the web
// (203.0.113.80).
type Internet struct {
	Machine, Gateway, World *Namespace
	// DNS is the name server of the provider, and Relay that of the gateway.
	DNS, Relay *NameServer
	// Web answers HTTP for every name, and the public addresses on port 443.
	Web *Web
}

// publicAddresses are those in the world that are asked to find out whether the
// internet is there, of two operators.
var publicAddresses = [...]string{"1.1.1.1/32", "8.8.8.8/32", "2606:4700:4700::1111/128", "2001:4860:4860::8888/128"}

// NewInternet makes one in which everything works, and which lives as long as
// the test.
func NewInternet(t testing.TB) *Internet {
	t.Helper()
	n := &Internet{Machine: New(t), Gateway: New(t), World: New(t)}
	for _, ns := range []*Namespace{n.Machine, n.Gateway, n.World} {
		ns.Sysctl(t, "ipv6/conf/default/accept_dad", "0")
		ns.Sysctl(t, "ipv6/conf/default/keep_addr_on_down", "1")
		ns.Sysctl(t, "ipv4/conf/default/rp_filter", "0")
		ns.AllowPingSockets(t)
	}
	n.Machine.Sysctl(t, "ipv6/conf/default/keep_addr_on_down", "0")
	n.Gateway.Sysctl(t, "ipv4/ip_forward", "1")
	n.Gateway.Sysctl(t, "ipv6/conf/all/forwarding", "1")
	n.Gateway.SaysAgain(t)
	n.Gateway.Batch(t,
		"link add wan0 type veth peer name isp0 netns "+n.World.Name,
		"link set wan0 up",
		"addr add 198.51.100.1/24 dev wan0",
		"addr add 2001:db8:2::1/64 dev wan0 nodad",
	)
	world := []string{
		"link set isp0 up",
		"addr add 198.51.100.2/24 dev isp0",
		"addr add 2001:db8:2::2/64 dev isp0 nodad",
		"addr add 203.0.113.53/32 dev lo",
		"addr add 203.0.113.80/32 dev lo",
		"route add default via 198.51.100.1",
		"route add default via 2001:db8:2::1",
	}
	for _, a := range publicAddresses {
		world = append(world, "addr add "+a+" dev lo")
	}
	n.World.Batch(t, world...)
	n.Gateway.Batch(t, "route add default via 198.51.100.2", "route add default via 2001:db8:2::2")
	n.Wire(t)
	n.Configure(t)
	n.DNS = n.World.ServeNames(t, "203.0.113.53")
	n.Relay = n.Gateway.ServeNames(t, "192.0.2.1")
	n.Web = n.World.ServeWeb(t)
	return n
}

// Wire lays the wire between the machine and its gateway.
func (n *Internet) Wire(t testing.TB) {
	t.Helper()
	n.Machine.Batch(t, "link add eth0 type veth peer name lan0 netns "+n.Gateway.Name)
	n.gatewayAddresses(t)
}

func (n *Internet) gatewayAddresses(t testing.TB) {
	t.Helper()
	n.Gateway.Batch(t,
		"link set lan0 up",
		"addr add 192.0.2.1/24 dev lan0",
		"addr add 2001:db8:1::1/64 dev lan0 nodad",
	)
}

// Configure does what a machine does with its interface: it sets it up, and
// gives it its addresses and its default routes.
func (n *Internet) Configure(t testing.TB) {
	t.Helper()
	n.Machine.Batch(t,
		"link set eth0 up",
		"addr replace 192.0.2.7/24 dev eth0",
		"addr replace 2001:db8:1::7/64 dev eth0 nodad",
		"route replace default via 192.0.2.1 dev eth0",
		"route replace default via 2001:db8:1::1 dev eth0 metric 1024",
	)
}

// Batch runs commands of ip(8) inside the namespace, in one process for as many
// as have one family: those that begin with "-6" are of IPv6. It fails the test
// with the first one that fails.
func (ns *Namespace) Batch(t testing.TB, commands ...string) {
	t.Helper()
	for len(commands) > 0 {
		_, six := strings.CutPrefix(commands[0], "-6 ")
		lines, args := []string{}, []string{"-n", ns.Name, "-batch", "-"}
		if six {
			args = append(args, "-6")
		}
		for len(commands) > 0 && strings.HasPrefix(commands[0], "-6 ") == six {
			lines = append(lines, strings.TrimPrefix(commands[0], "-6 "))
			commands = commands[1:]
		}
		cmd := exec.Command("ip", args...)
		cmd.Stdin = strings.NewReader(strings.Join(lines, "\n") + "\n")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("ip %s: %v: %s of\n%s", strings.Join(args, " "), err, out, strings.Join(lines, "\n"))
		}
	}
}
