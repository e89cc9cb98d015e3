package probes

import (
	"net"
	"strings"
	"syscall"
	"testing"
	"time"

	"flapscope/internal/netlab"
	"flapscope/monitor/fact"
)

// obstacles makes a chain of a host, a gateway and a server with something in
// the way of everything.
func obstacles(t *testing.T) netlab.Chain {
	l := netlab.NewChain(t)
	for _, route := range []string{
		"unreachable 203.0.113.1", "prohibit 203.0.113.2", "blackhole 203.0.113.3",
		"unreachable 2001:db8:3::1", "prohibit 2001:db8:3::2", "blackhole 2001:db8:3::3",
	} {
		l.Here.IP(t, "route add "+route)
	}
	for _, route := range []string{
		"unreachable 203.0.113.11", "prohibit 203.0.113.12", "unreachable 2001:db8:3::11", "prohibit 2001:db8:3::12",
	} {
		l.Gateway.IP(t, "route add "+route)
	}
	l.Gateway.Filter(t, `table inet x {
		chain c {
			type filter hook forward priority 0
			meta l4proto {tcp, udp} th dport 81 reject with icmpx type admin-prohibited
			meta l4proto {tcp, udp} th dport 82 reject with icmpx type port-unreachable
			tcp dport 83 reject with tcp reset
			meta l4proto {tcp, udp} th dport 84 drop
		}
	}
	`)
	l.Here.Filter(t, `table inet x {
		chain c {
			type filter hook output priority 0
			meta l4proto {tcp, udp} th dport 91 drop
			meta l4proto {tcp, udp} th dport 92 reject with icmpx type admin-prohibited
		}
	}
	`)
	// The server says as often as it is asked that nobody listens.
	l.There.Sysctl(t, "ipv4/icmp_ratelimit", "0")
	l.There.Sysctl(t, "ipv6/icmp/ratelimit", "0")
	return l
}

// TestEveryWord: what a probe met, in the words for it, and who said
// so. The names of the rows are what happened.
func TestEveryWord(t *testing.T) {
	l := obstacles(t)
	// A kernel that rejects something for its filter forgets that it may say
	// something for its routes (ip_error in net/ipv4/route.c): two gateways.
	routes := obstacles(t)
	for _, tt := range []struct {
		row, targets string
		outcome      fact.Outcome
		words        string
		by           fact.Refuser
	}{
		{"port closed", "udp:198.51.100.2 udp:[2001:db8:2::2]", fact.OutcomeOK, "", ""},
		{"port closed", "tcp:198.51.100.2:9 tcp:[2001:db8:2::2]:9", fact.OutcomeRefused, "connection refused", ""},
		{"reset by a firewall", "tcp:198.51.100.2:83 tcp:[2001:db8:2::2]:83", fact.OutcomeRefused, "connection refused", ""},
		{
			"prohibited by a router", "tcp:198.51.100.2:81 udp:198.51.100.2:81 tcp:[2001:db8:2::2]:81 udp:[2001:db8:2::2]:81",
			fact.OutcomeUnreachable, "administratively prohibited", fact.RefuserRouter,
		},
		{
			"port unreachable, says a router", "tcp:198.51.100.2:82 udp:198.51.100.2:82 tcp:[2001:db8:2::2]:82 udp:[2001:db8:2::2]:82",
			fact.OutcomeRefused, "port unreachable", fact.RefuserRouter,
		},
		{"dropped on the way", "tcp:198.51.100.2:84 udp:198.51.100.2:84", fact.OutcomeTimeout, "", ""},
		{
			"route of a router: unreachable", "tcp:203.0.113.11:9 udp:203.0.113.11",
			fact.OutcomeUnreachable, "host unreachable", fact.RefuserRouter,
		},
		{
			"route of a router: unreachable", "tcp:[2001:db8:3::11]:9 udp:[2001:db8:3::11]",
			fact.OutcomeUnreachable, "network unreachable: no route", fact.RefuserRouter,
		},
		{
			"route of a router: prohibit", "tcp:203.0.113.12:9 udp:203.0.113.12 tcp:[2001:db8:3::12]:9 udp:[2001:db8:3::12]",
			fact.OutcomeUnreachable, "administratively prohibited", fact.RefuserRouter,
		},
		{
			"own route: unreachable", "tcp:203.0.113.1:9 udp:203.0.113.1 tcp:[2001:db8:3::1]:9 udp:[2001:db8:3::1]",
			fact.OutcomeUnreachable, "host unreachable", fact.RefuserKernel,
		},
		{
			"own route: prohibit", "tcp:203.0.113.2:9 udp:203.0.113.2 tcp:[2001:db8:3::2]:9 udp:[2001:db8:3::2]",
			fact.OutcomeUnreachable, "prohibited by a route", fact.RefuserKernel,
		},
		{
			"own route: blackhole", "tcp:203.0.113.3:9 udp:203.0.113.3 tcp:[2001:db8:3::3]:9 udp:[2001:db8:3::3]",
			fact.OutcomeUnreachable, "blackholed by a route", fact.RefuserKernel,
		},
		{"broadcast", "ping:192.0.2.255 udp:192.0.2.255", fact.OutcomeUnreachable, "a broadcast address", fact.RefuserKernel},
		{"neighbour silent", "tcp:192.0.2.77:9 udp:192.0.2.77", fact.OutcomeUnreachable, "host unreachable: no answer to ARP", fact.RefuserKernel},
		{
			"neighbour silent", "tcp:[2001:db8:1::77]:9 udp:[2001:db8:1::77]",
			fact.OutcomeUnreachable, "host unreachable: no answer to neighbour discovery", fact.RefuserKernel,
		},
		{"own firewall drops", "udp:198.51.100.2:91 udp:[2001:db8:2::2]:91", fact.OutcomeUnreachable, "dropped by the local firewall", fact.RefuserKernel},
		// A connection never hears of it: its SYN may be sent again.
		{"own firewall drops", "tcp:198.51.100.2:91", fact.OutcomeTimeout, "", ""},
		{"own firewall rejects", "udp:198.51.100.2:92", fact.OutcomeUnreachable, "dropped by the local firewall", fact.RefuserKernel},
		{"own firewall rejects", "tcp:198.51.100.2:92", fact.OutcomeUnreachable, "administratively prohibited", fact.RefuserKernel},
	} {
		for s := range strings.FieldsSeq(tt.targets) {
			t.Run(tt.row+" "+s, func(t *testing.T) {
				t.Parallel()
				here := l.Here
				if strings.HasPrefix(tt.row, "route of a router") {
					here = routes.Here
				}
				wantWords(t, here, s, fact.ProbeResult{Outcome: tt.outcome, Detail: fact.Untrusted(tt.words), By: tt.by})
			})
		}
	}
}

// wantWords probes a target once.
func wantWords(t *testing.T, ns *netlab.Namespace, s string, want fact.ProbeResult) {
	t.Helper()
	target, err := ParseTarget(s)
	if err != nil {
		t.Fatal(err)
	}
	if target.Method == fact.MethodPing {
		target.Mode = ModeUnprivileged
	}
	timeout := 5 * time.Second
	if want.Outcome == fact.OutcomeTimeout {
		timeout = 300 * time.Millisecond
	}
	got := probeIn(t, ns, timeout, byName()[target.Method].prober(Portal{}), &target)
	if want.By == fact.RefuserRouter {
		want.From = addr("192.0.2.2")
		if target.Addr.Is6() {
			want.From = addr("2001:db8:1::2")
		}
	}
	if want.By == fact.RefuserKernel && got.From.IsValid() {
		want.From = got.From
	}
	if got.Outcome != want.Outcome || got.Detail != want.Detail || got.By != want.By || got.From != want.From {
		t.Errorf("%s %q by %q %v, want %s %q by %q %v", got.Outcome, got.Detail, got.By, got.From, want.Outcome, want.Detail, want.By, want.From)
	}
	if answered := want.Outcome == fact.OutcomeOK; answered && (got.RTT <= 0 || got.RTT > time.Second || got.TTL != 63 || got.Index == 0) {
		t.Errorf("round trip %v, TTL %d, interface %d; want what the answer came with", got.RTT, got.TTL, got.Index)
	}
}

// TestOutOfPorts: a port serves two connections to different ends, but no two
// sockets for datagrams.
func TestOutOfPorts(t *testing.T) {
	for s, network := range map[string]string{"tcp:198.51.100.2:80": "tcp", "udp:198.51.100.2": "udp"} {
		l := netlab.NewChain(t)
		l.Here.Sysctl(t, "ipv4/ip_local_port_range", "40000 40001")
		serverIn(t, l.There, "198.51.100.2:80")
		for range 2 {
			if err := l.Here.Do(func() error {
				c, err := net.Dial(network, "198.51.100.2:80")
				if err == nil {
					t.Cleanup(func() { c.Close() })
				}
				return err
			}); err != nil {
				t.Fatal(err)
			}
		}
		wantWords(t, l.Here, s, fact.ProbeResult{Outcome: fact.OutcomeUnreachable, Detail: "out of local ports towards it", By: fact.RefuserKernel})
	}
}

// serverIn listens in a namespace.
func serverIn(t *testing.T, ns *netlab.Namespace, at string) (l net.Listener) {
	t.Helper()
	if err := ns.Do(func() (err error) {
		l, err = net.Listen("tcp", at)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// TestUDPIsAnswered: somebody listens on the port after all.
func TestUDPIsAnswered(t *testing.T) {
	l := netlab.NewChain(t)
	var c net.PacketConn
	if err := l.There.Do(func() (err error) {
		c, err = net.ListenPacket("udp", ":33434")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	answer := make(chan bool, 1)
	go func() {
		b := make([]byte, 100)
		for {
			_, from, err := c.ReadFrom(b)
			if err != nil {
				return
			}
			if <-answer {
				c.WriteTo([]byte("hello"), from)
			}
		}
	}()
	for _, s := range []string{"udp:198.51.100.2", "udp:[2001:db8:2::2]"} {
		answer <- true
		wantWords(t, l.Here, s, fact.ProbeResult{Outcome: fact.OutcomeOK, Detail: "somebody listens on the port"})
		answer <- false
		wantWords(t, l.Here, s, fact.ProbeResult{Outcome: fact.OutcomeTimeout})
	}
}

// TestOutOfFiles: a probe that gets no socket says nothing of the network.
func TestOutOfFiles(t *testing.T) {
	mode, err := PingMode()
	if err != nil {
		t.Skip("SKIPPED: may not ping: ", err)
	}
	var was syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &was); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: 0, Max: was.Max}); err != nil {
		t.Fatal(err)
	}
	results := map[string]fact.ProbeResult{}
	for _, s := range []string{"ping:127.0.0.1", "tcp:127.0.0.1:9", "udp:127.0.0.1", "tls:127.0.0.1", "http://127.0.0.1/"} {
		target, _ := ParseTarget(s)
		target.Mode = mode
		results[s] = byName()[target.Method].prober(Portal{}).Probe(t.Context(), &target)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &was); err != nil {
		t.Fatal(err)
	}
	for s, got := range results {
		if got.Outcome != fact.OutcomeNoData || got.Detail != "too many open files" {
			t.Errorf("%s: %s %q, want no_data", s, got.Outcome, got.Detail)
		}
	}
}
