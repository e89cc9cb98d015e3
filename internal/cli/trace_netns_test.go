package cli_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"strings"
	"testing"
	"time"

	"flapscope/internal/netlab"
)

// A hopLab is a machine, three routers and a server in a row; router N has
// 10.0.N.2 towards the machine and 10.0.N+1.1 towards the server, which is
// 10.0.4.2, and the same in 2001:db8:N::.
type hopLab struct{ all [5]*netlab.Namespace }

func newHopLab(t *testing.T) *hopLab {
	t.Helper()
	l := &hopLab{}
	for i := range l.all {
		ns := netlab.New(t)
		ns.Sysctl(t, "ipv6/conf/default/accept_dad", "0")
		ns.Sysctl(t, "ipv4/icmp_ratelimit", "0")
		ns.Sysctl(t, "ipv6/icmp/ratelimit", "0")
		ns.Sysctl(t, "ipv4/ip_forward", "1")
		ns.Sysctl(t, "ipv6/conf/all/forwarding", "1")
		ns.AllowPingSockets(t)
		l.all[i] = ns
	}
	for i := range 4 {
		near, far, n := l.all[i], l.all[i+1], i+1
		far.Batch(t, "link add u0 type veth peer name d0 netns "+near.Name, "link set u0 up",
			fmt.Sprintf("addr add 10.0.%d.2/24 dev u0", n), fmt.Sprintf("addr add 2001:db8:%d::2/64 dev u0 nodad", n),
			fmt.Sprintf("route add default via 10.0.%d.1", n), fmt.Sprintf("route add default via 2001:db8:%d::1", n))
		near.Batch(t, "link set d0 up", fmt.Sprintf("addr add 10.0.%d.1/24 dev d0", n), fmt.Sprintf("addr add 2001:db8:%d::1/64 dev d0 nodad", n))
		for to := n + 1; to <= 4; to++ {
			near.Batch(t, fmt.Sprintf("route add 10.0.%d.0/24 via 10.0.%d.2", to, n), fmt.Sprintf("route add 2001:db8:%d::/64 via 2001:db8:%d::2", to, n))
		}
	}
	l.warm(t)
	return l
}

// warm waits until packets go both ways, in both families; the server has a port
// that is open.
func (l *hopLab) warm(t *testing.T) {
	t.Helper()
	var listener net.Listener
	err := l.all[4].Do(func() (err error) {
		listener, err = net.Listen("tcp", ":443")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	for _, to := range []string{"10.0.4.2:443", "[2001:db8:4::2]:443"} {
		err := l.all[0].Do(func() (err error) {
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

// traced is what "trace --json" says.
type traced struct {
	Reached bool
	MTU     int
	MTUBy   string `json:"mtu_by"`
	Text    string
	Packets int
	Hops    []struct {
		Lost    *float64
		Answers []struct {
			Address, Said string
			Received      int
		}
	}
}

func (l *hopLab) trace(t *testing.T, args ...string) (d traced, code int) {
	t.Helper()
	c := l.all[0].Command(binary(t), append([]string{"trace", "-n", "--json"}, args...)...)
	b, err := c.Output()
	if err := json.Unmarshal(b, &d); err != nil {
		t.Fatalf("%v: %s", err, b)
	}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return d, exit.ExitCode()
	}
	return d, 0
}

// way is who answers at each hop, "*" for nobody.
func (d *traced) way() string {
	var all []string
	for _, h := range d.Hops {
		who := "*"
		for _, a := range h.Answers {
			who = a.Address
			if a.Said != "" {
				who += "!"
			}
		}
		all = append(all, who)
	}
	return strings.Join(all, " ")
}

// All methods and both families find the same way, without privileges but for
// what is done to it.
func TestTrace(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: makes network namespaces")
	}
	l := newHopLab(t)
	const way4, way6 = "10.0.1.2 10.0.2.2 10.0.3.2 10.0.4.2", "2001:db8:1::2 2001:db8:2::2 2001:db8:3::2 2001:db8:4::2"
	for _, tt := range []struct{ args, want string }{
		{"10.0.4.2", way4},
		{"2001:db8:4::2", way6},
		{"--udp 10.0.4.2", way4},
		{"--udp 2001:db8:4::2", way6},
		{"--tcp 443 10.0.4.2", way4},
		{"--tcp 443 2001:db8:4::2", way6},
		{"--tcp 444 10.0.4.2", way4},
	} {
		d, code := l.trace(t, strings.Fields(tt.args)...)
		if d.way() != tt.want || !d.Reached || code != 0 {
			t.Errorf("trace %s: %s, reached %v, exit code %d", tt.args, d.way(), d.Reached, code)
		}
		if icmp := !strings.HasPrefix(tt.args, "--"); icmp && d.MTU != 1500 {
			t.Errorf("trace %s: MTU %d", tt.args, d.MTU)
		}
	}
}

// What is done on the way is told for what it is.
func TestTraceFaults(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: makes network namespaces")
	}
	for name, tt := range map[string]struct {
		make func(t *testing.T, l *hopLab)
		args string
		way  string
		text string
		mtu  int
		code int
	}{
		"a router says nothing": {
			make: func(t *testing.T, l *hopLab) { filter(t, l.all[2], "output", "icmp type time-exceeded drop") },
			args: "10.0.4.2", way: "10.0.1.2 * 10.0.3.2 10.0.4.2", text: "10.0.4.2 is 4 hops away.", mtu: 1500,
		},
		"a router forbids it": {
			make: func(t *testing.T, l *hopLab) {
				filter(t, l.all[3], "forward", "meta l4proto udp reject with icmpx type admin-prohibited")
			},
			args: "--udp 10.0.4.2", way: "10.0.1.2 10.0.2.2 10.0.3.2!", code: 1,
			text: "Hop 3 forbids it: administratively prohibited, says 10.0.3.2.",
		},
		"a router drops it": {
			make: func(t *testing.T, l *hopLab) { filter(t, l.all[2], "forward", "drop") },
			args: "10.0.4.2", way: "10.0.1.2 10.0.2.2", code: 1,
			text: "The way ends after hop 2, 10.0.2.2: nothing answers from hop 3 on.",
		},
		"a narrow link, and nobody says so": {
			make: func(t *testing.T, l *hopLab) {
				l.all[2].Batch(t, "link set d0 mtu 1400")
				l.all[3].Batch(t, "link set u0 mtu 1400")
				filter(t, l.all[2], "output", "icmp type destination-unreachable drop")
			},
			args: "10.0.4.2", way: "10.0.1.2 10.0.2.2 10.0.3.2 10.0.4.2", text: "10.0.4.2 is 4 hops away.", mtu: 1400,
		},
		"a narrow link": {
			make: func(t *testing.T, l *hopLab) {
				l.all[2].Batch(t, "link set d0 mtu 1400")
				l.all[3].Batch(t, "link set u0 mtu 1400")
			},
			args: "10.0.4.2", way: "10.0.1.2 10.0.2.2 10.0.3.2 10.0.4.2", text: "10.0.4.2 is 4 hops away.", mtu: 1400,
		},
	} {
		t.Run(name, func(t *testing.T) {
			l := newHopLab(t)
			tt.make(t, l)
			d, code := l.trace(t, strings.Fields(tt.args)...)
			if d.way() != tt.way || d.Text != tt.text || d.MTU != tt.mtu || code != tt.code {
				t.Errorf("%s\n%s\nMTU %d, exit code %d; want\n%s\n%s\nMTU %d, exit code %d", d.way(), d.Text, d.MTU, code, tt.way, tt.text, tt.mtu, tt.code)
			}
		})
	}
}
