package cli_test

import (
	"encoding/json"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"
	"golang.org/x/net/ipv4"

	"flapscope/internal/netlab"
)

// A lanOutput is what "lan --json" prints, as far as tests look at it.
type lanOutput struct {
	Asked    int  `json:"asked"`
	Complete bool `json:"complete"`
	Hosts    []struct {
		Addresses    []string `json:"addresses"`
		Hardware     string   `json:"hardware"`
		Name         string   `json:"name"`
		Self, Router bool
		Ms           float64 `json:"ms"`
		Services     []struct {
			Instance, Type string
			Port           int
		}
	} `json:"hosts"`
	Ports []struct {
		Port  int
		State string
	} `json:"ports"`
}

// newLink makes a machine, 192.0.2.1, its gateway, .2, and a printer, .20, on one
// bridge.
func newLink(t *testing.T) (here, gateway, printer *netlab.Namespace) {
	t.Helper()
	bridge := netlab.New(t)
	bridge.Batch(t, "link add br0 type bridge", "link set br0 up")
	var all []*netlab.Namespace
	for i, addr := range []string{"1", "2", "20"} {
		ns := netlab.New(t)
		ns.Sysctl(t, "ipv6/conf/default/accept_dad", "0")
		ns.AllowPingSockets(t)
		bridge.Batch(t, fmt.Sprintf("link add p%d type veth peer name e0 netns %s", i, ns.Name), fmt.Sprintf("link set p%d master br0 up", i))
		ns.Batch(t, "link set e0 up", "addr add 192.0.2."+addr+"/24 dev e0", "addr add 2001:db8::"+addr+"/64 dev e0 nodad")
		all = append(all, ns)
	}
	all[0].IP(t, "route add default via 192.0.2.2")
	return all[0], all[1], all[2]
}

// announce answers on the link as a printer does (RFC 6762 §6.7): to who asked.
func announce(t *testing.T, ns *netlab.Namespace) {
	t.Helper()
	var conn net.PacketConn
	err := ns.Do(func() (err error) {
		if conn, err = net.ListenPacket("udp4", "0.0.0.0:5353"); err != nil {
			return err
		}
		link, err := net.InterfaceByName("e0")
		if err != nil {
			return err
		}
		return ipv4.NewPacketConn(conn).JoinGroup(link, &net.UDPAddr{IP: net.IPv4(224, 0, 0, 251)})
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	zone := map[string][]string{
		"_services._dns-sd._udp.local.PTR":     {"_services._dns-sd._udp.local. 10 PTR _ipp._tcp.local."},
		"_ipp._tcp.local.PTR":                  {`_ipp._tcp.local. 10 PTR Laser\ \027[31m2._ipp._tcp.local.`},
		`laser\ \027[31m2._ipp._tcp.local.SRV`: {`Laser\ \027[31m2._ipp._tcp.local. 10 SRV 0 0 631 laser.local.`},
		"laser.local.A":                        {"laser.local. 10 A 192.0.2.20"},
		"20.2.0.192.in-addr.arpa.PTR":          {"20.2.0.192.in-addr.arpa. 10 PTR laser.local."},
	}
	go func() {
		b := make([]byte, 9000)
		for {
			n, from, err := conn.ReadFrom(b)
			if err != nil {
				return
			}
			var q dns.Msg
			if q.Unpack(b[:n]) != nil {
				continue
			}
			m := new(dns.Msg).SetReply(&q)
			for _, x := range q.Question {
				for _, record := range zone[strings.ToLower(x.Name)+dns.TypeToString[x.Qtype]] {
					rr, err := dns.NewRR(record)
					if err != nil {
						panic(err)
					}
					m.Answer = append(m.Answer, rr)
				}
			}
			if out, err := m.Pack(); err == nil && len(m.Answer) > 0 {
				_, _ = conn.WriteTo(out, from)
			}
		}
	}()
}

// TestLan finds a gateway and a printer that announces itself, asks nobody beyond
// the link, and looks at ports.
func TestLan(t *testing.T) {
	here, gateway, printer := newLink(t)
	announce(t, printer)
	var web net.Listener
	if err := gateway.Do(func() (err error) { web, err = net.Listen("tcp", "192.0.2.2:8080"); return err }); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { web.Close() })
	run := func(args ...string) (out lanOutput, text string) {
		t.Helper()
		cmd := here.Command(binary(t), append([]string{"lan"}, args...)...)
		b, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("lan %q: %v\n%s", args, err, b)
		}
		if slices.Contains(args, "--json") {
			if err := json.Unmarshal(b, &out); err != nil {
				t.Fatalf("%v\n%s", err, b)
			}
		}
		return out, string(b)
	}
	// The bridge forwards after a moment.
	here.Reaches(t, "192.0.2.2", "192.0.2.20")
	out, _ := run("--json")
	if out.Asked != 253 || !out.Complete {
		t.Errorf("asked %d addresses, complete %v; want 253, true", out.Asked, out.Complete)
	}
	want := map[string]bool{"192.0.2.1": true, "192.0.2.2": true, "192.0.2.20": true}
	for _, h := range out.Hosts {
		a := h.Addresses[0]
		if !netip.MustParseAddr(a).Is4() {
			continue // The bridge.
		}
		if !want[a] || h.Self != (a == "192.0.2.1") || h.Router != (a == "192.0.2.2") || !h.Self && h.Ms <= 0 {
			t.Errorf("found %+v", h)
		}
		delete(want, a)
		hardware := strings.Fields(map[string]*netlab.Namespace{"192.0.2.1": here, "192.0.2.2": gateway, "192.0.2.20": printer}[a].IP(t, "-o link show e0"))
		if i := slices.Index(hardware, "link/ether"); i < 0 || hardware[i+1] != h.Hardware {
			t.Errorf("%s has %s, says ip: %q", a, h.Hardware, hardware)
		}
		if a == "192.0.2.20" && (h.Name != "laser.local" || len(h.Services) != 1 || h.Services[0].Port != 631 || h.Services[0].Instance != `Laser \x1b[31m2`) {
			t.Errorf("the printer is %+v", h)
		}
		if a != "192.0.2.1" && !slices.ContainsFunc(h.Addresses, func(s string) bool { return strings.HasPrefix(s, "fe80:") }) {
			t.Errorf("%s has no IPv6 address: %q", a, h.Addresses)
		}
	}
	if len(want) > 0 {
		t.Errorf("not found: %v", want)
	}
	if _, text := run(); !strings.Contains(text, "laser.local") || !strings.Contains(text, `printer: Laser \x1b[31m2 (port 631)`) || strings.Contains(text, "\x1b") {
		t.Errorf("said\n%s", text)
	}
	out, _ = run("--json", "--ports", "--port", "8079-8081")
	if got := fmt.Sprint(out.Ports); got != "[{8079 refused} {8080 open} {8081 refused}]" {
		t.Errorf("ports are %s", got)
	}
}

// TestLanRefuses checks that it goes no further than the link.
func TestLanRefuses(t *testing.T) {
	here, _, _ := newLink(t)
	for _, tt := range []struct{ args, want string }{
		{"--ports=198.51.100.1", "198.51.100.1 is not on the link; flapscope lan goes no further"},
		{"--ports 198.51.100.1", "198.51.100.1 is not on the link; flapscope lan goes no further"},
		{"198.51.100.1", `flapscope lan takes no argument, got "198.51.100.1"`},
		{"--ports=printer", "--ports=printer: want an address"},
		{"--port 0", `--port "0": want ports as 22,80 or 8000-8010`},
		{"--port 1-2000", "--port: 1024 ports at most"},
		{"--interface lo", "lo is loopback: nobody else is on it; name another with --interface"},
		{"--interface none", `there is no interface "none"`},
	} {
		b, err := here.Command(binary(t), append([]string{"lan"}, strings.Fields(tt.args)...)...).CombinedOutput()
		if err == nil || strings.TrimSpace(string(b)) != "flapscope: "+tt.want {
			t.Errorf("lan %s: %v, %q; want %q", tt.args, err, b, tt.want)
		}
	}
}
