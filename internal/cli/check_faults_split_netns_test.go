package cli_test

import (
	"encoding/json"
	"net/netip"
	"strings"
	"syscall"
	"testing"

	"github.com/miekg/dns"

	"flapscope/internal/netlab"
)

// splitFaults are those of machines on which systemd-resolved asks other servers for
// some names.
var splitFaults = []fault{
	{do: "DNS: a VPN has a name server for its own names, which refuses others", with: splitNames, state: "online"},
	{do: "DNS: a VPN falls silent, which has a name server for its own names", with: splitNames, make: func(_ *testing.T, l *faultLab) { l.tunnel.Silence(true) }, state: "degraded", root: "resolver_silent4", told: "resolver_silent, degraded: resolver 10.7.0.1 is silent; the gateway, IPv4 and IPv6 work"},
}

// A linkServer is an element of the property DNS of systemd-resolved, and a linkDomain
// one of Domains (org.freedesktop.resolve1(5)).
type (
	linkServer struct {
		Index, Family int32
		Address       []byte
	}
	linkDomain struct {
		Index     int32
		Domain    string
		RouteOnly bool
	}
)

// splitNames gives the machine a VPN, whose name server knows the names below
// corp.example and refuses others, and systemd-resolved, which asks it for those alone.
func splitNames(t *testing.T, l *faultLab) {
	l.tunnel = netlab.NewTunnel(t, l.h, l.i)
	inside := netlab.Names{"www.corp.example.": {"10.7.0.80"}}
	l.i.ServeAnswers(t, "10.7.0.1", dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		if !strings.HasSuffix(q.Question[0].Name, "corp.example.") {
			w.WriteMsg(new(dns.Msg).SetRcode(q, dns.RcodeRefused))
			return
		}
		inside.ServeDNS(w, q)
	}))
	link, vpn := l.index(t, "l0"), l.index(t, "tun0")
	server := func(index int32, a string) linkServer {
		return linkServer{index, syscall.AF_INET, netip.MustParseAddr(a).AsSlice()}
	}
	bus := netlab.NewBus(t, l.dir)
	bus.Resolve(map[string]any{
		"DNS":     []linkServer{server(link, "10.50.0.1"), server(vpn, "10.7.0.1")},
		"Domains": []linkDomain{{vpn, "corp.example", false}},
	}, map[int]bool{int(link): true, int(vpn): false})
	l.bus = bus.Address
	l.h.ServeAnswers(t, "127.0.0.53", dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		to := "10.50.0.1"
		if strings.HasSuffix(q.Question[0].Name, "corp.example.") {
			to = "10.7.0.1"
		}
		l.h.Forward(to).ServeDNS(w, q)
	}))
	l.ask(t, "127.0.0.53")
}

// index is that of an interface of the machine.
func (l *faultLab) index(t *testing.T, name string) int32 {
	t.Helper()
	var links []struct{ IfIndex int32 }
	if err := json.Unmarshal([]byte(l.h.IP(t, "-j link show "+name)), &links); err != nil {
		t.Fatal(err)
	}
	return links[0].IfIndex
}
