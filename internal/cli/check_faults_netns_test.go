package cli_test

import (
	"net"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/miekg/dns"

	"flapscope/internal/netlab"
)

// A fault is something that is done to a lab, and what a diagnosis must say then.
type fault struct {
	// do is what is done, for people.
	do   string
	make func(t *testing.T, l *faultLab)
	// state, root and notes are what is said, in the words of JSON; a root that is
	// of one family has its number behind it.
	state, root, notes string
	// bare is whether the gateway does not answer for names by itself.
	bare bool
	args []string
}

func onHost(commands ...string) func(*testing.T, *faultLab) {
	return func(t *testing.T, l *faultLab) { l.h.Batch(t, commands...) }
}

func inGateway(commands ...string) func(*testing.T, *faultLab) {
	return func(t *testing.T, l *faultLab) { l.g.Batch(t, commands...) }
}

func hostRule(hook, rule string) func(*testing.T, *faultLab) {
	return func(t *testing.T, l *faultLab) { filter(t, l.h, hook, rule) }
}

func gatewayRule(hook, rule string) func(*testing.T, *faultLab) {
	return func(t *testing.T, l *faultLab) { filter(t, l.g, hook, rule) }
}

// localFaults are those of this machine and its link.
var localFaults = []fault{
	{do: "the interface is set down", make: onHost("link set l0 down"), state: "offline", root: "admin_down"},
	{do: "the other end is set down", make: inGateway("link set l1 down"), state: "offline", root: "carrier_lost"},
	{do: "the addresses are gone", make: onHost("addr flush dev l0"), state: "offline", root: "no_address"},
	{do: "the default routes are gone", make: onHost("route del default", "-6 route del default"), state: "offline", root: "no_route"},
	{do: "unreachable default routes", make: onHost("route replace unreachable default", "-6 route del default", "-6 route add unreachable default"), state: "offline", root: "route_blocked"},
	{do: "nobody may ping", make: func(t *testing.T, l *faultLab) { l.h.Sysctl(t, "ipv4/ping_group_range", "1 0") }, state: "online", notes: "pings_forbidden"},
	{do: "the own firewall drops pings over IPv4", make: hostRule("output", "meta l4proto icmp drop"), state: "online", notes: "local_firewall"},
	{do: "the own firewall rejects pings over IPv4", make: hostRule("output", "meta l4proto icmp reject"), state: "online", notes: "local_firewall"},
	{do: "the own firewall drops DNS", make: hostRule("output", "udp dport 53 drop"), state: "degraded", root: "local_firewall4"},
	{do: "the own firewall drops port 443", make: hostRule("output", "tcp dport 443 drop"), state: "degraded", root: "https_blocked"},
	{do: "all local ports towards 1.1.1.1 are taken", make: takePorts, state: "degraded", root: "port_exhaustion4"},
	{do: "two half defaults into an interface that leads nowhere", make: onHost("link add t9 type veth peer name t8", "link set t9 up", "link set t8 up", "addr add 10.99.0.2/24 dev t9", "route add 0.0.0.0/1 dev t9", "route add 128.0.0.0/1 dev t9"), state: "degraded", root: "tunnel_silent4"},
	{do: "64 kbit/s and a queue of 12 kB", make: fillQueue, state: "degraded", root: "own_queue"},
	{do: "a second interface, and strict reverse path filters", make: strictFilter, state: "unknown", notes: "strict_rp_filter family_absent", args: []string{"--interface", "l2"}},
}

// gatewayFaults are those of the gateway.
var gatewayFaults = []fault{
	{do: "the gateway has no addresses any more", make: func(t *testing.T, l *faultLab) {
		l.g.Batch(t, "addr flush dev l1")
		l.h.Batch(t, "neigh flush all", "-6 neigh flush all")
	}, state: "no_internet", root: "gateway_unresolved"},
	{do: "the default route goes to a gateway that does not exist", make: onHost("route replace default via 10.50.0.99"), state: "degraded", root: "gateway_unresolved4"},
	{do: "the address is of another network", make: onHost("addr del 10.50.0.2/24 dev l0", "addr add 10.77.0.2/24 dev l0", "route add 10.50.0.1 dev l0 scope link", "route add default via 10.50.0.1 dev l0 onlink"), state: "degraded", root: "wrong_network4"},
	{do: "another machine on the link has the gateway's address", make: rival, state: "degraded", root: "address_conflict4"},
	{do: "the gateway ignores pings", make: gatewayRule("input", "icmp type echo-request drop; icmpv6 type echo-request drop"), state: "online", notes: "gateway_ignores_pings"},
	{do: "the gateway drops all IPv4 that is for itself", make: gatewayRule("input", "meta nfproto ipv4 drop"), state: "degraded", root: "resolver_silent4", notes: "gateway_ignores_pings"},
	{do: "pings are filtered", make: gatewayRule("forward", "meta l4proto { icmp, ipv6-icmp } drop"), state: "online", notes: "icmp_filtered"},
	{do: "the uplink of the gateway is down", make: inGateway("link set w0 down"), state: "no_internet", root: "upstream_unreachable"},
	{do: "the gateway passes nothing on", make: gatewayRule("forward", "drop"), state: "no_internet", root: "upstream_silent"},
	{do: "the gateway has blackhole default routes", make: inGateway("route replace blackhole default", "-6 route del default", "-6 route add blackhole default"), state: "no_internet", root: "upstream_silent"},
	{do: "IPv6 is dropped", make: gatewayRule("forward", "meta nfproto ipv6 drop"), state: "degraded", root: "upstream_silent6"},
	{do: "IPv4 is dropped", make: gatewayRule("forward", "meta nfproto ipv4 drop"), state: "degraded", root: "upstream_silent4"},
	{do: "the gateway has no IPv6 default route", make: inGateway("-6 route del default"), state: "online", notes: "upstream_absent"},
	{do: "IPv6 has a link-local address only", make: onHost("addr del 2001:db8:50::2/64 dev l0"), state: "online", notes: "link_local_only"},
}

// farFaults are those of the way beyond the gateway.
var farFaults = []fault{
	{do: "one operator is silent", make: func(t *testing.T, l *faultLab) { filter(t, l.i, "prerouting", "ip daddr 1.1.1.1 drop") }, state: "online", notes: "one_operator_silent"},
	{do: "30 % of the packets are lost each way", make: gatewayRule("forward", "numgen random mod 100 < 30 drop"), state: "degraded", root: "loss"},
	{do: "the way is 1400 bytes wide, and the gateway says so", make: narrow, state: "online", notes: "path_mtu"},
	{do: "the way is 1400 bytes wide, and nobody says so", make: func(t *testing.T, l *faultLab) {
		narrow(t, l)
		filter(t, l.g, "output", "icmp type destination-unreachable drop; icmpv6 type packet-too-big drop")
	}, state: "degraded", root: "mtu_black_hole"},
	{do: "port 443 is prohibited", make: gatewayRule("forward", "tcp dport 443 reject with icmpx type admin-prohibited"), state: "degraded", root: "https_blocked"},
	{do: "port 443 is reset", make: gatewayRule("forward", "tcp dport 443 reject with tcp reset"), state: "degraded", root: "https_blocked"},
	{do: "port 443 of public name servers is reset", make: func(t *testing.T, l *faultLab) {
		l.secure.Show(l.otherCertificate(t, -time.Hour, time.Hour, append([]string{"connectivitycheck.gstatic.com"}, publics...)...))
		filter(t, l.g, "forward", "ip daddr != 203.0.113.80 tcp dport 443 reject with tcp reset; ip6 daddr != 2001:db8:80::80 tcp dport 443 reject with tcp reset")
	}, state: "online", notes: "doh_blocked"},
	{do: "port 853 is reset", make: gatewayRule("forward", "tcp dport 853 reject with tcp reset"), state: "online", notes: "dot_blocked"},
	{do: "port 853 is dropped", make: gatewayRule("forward", "tcp dport 853 drop"), state: "online", notes: "dot_blocked"},
	{do: "port 80 is reset", make: gatewayRule("forward", "tcp dport 80 reject with tcp reset"), state: "online", notes: "http_blocked"},
	{do: "everything is reset, and pings are dropped", make: gatewayRule("forward", "meta l4proto { icmp, ipv6-icmp } drop; tcp dport { 80, 443 } reject with tcp reset"), state: "no_internet", root: "upstream_refused"},
	{do: "a walled garden", make: gatewayRule("forward", "iifname l1 ip daddr != { 203.0.113.80, 203.0.113.53 } drop; meta nfproto ipv6 drop"), state: "portal", root: "walled_garden4"},
	{do: "answers to pings come twice", make: func(t *testing.T, l *faultLab) {
		l.g.Filter(t, "table ip y {\nchain c {\ntype filter hook postrouting priority 0\noifname l1 icmp type echo-reply dup to 10.50.0.2 device l1\n}\n}\n")
	}, state: "online", notes: "duplicates"},
	{do: "another address answers pings", make: func(t *testing.T, l *faultLab) {
		l.g.Filter(t, "table ip y {\nchain c {\ntype filter hook postrouting priority 0\noifname l1 icmp type echo-reply ip saddr set 10.99.99.99\n}\n}\n")
	}, state: "online", notes: "answered_by_another"},
}

// webFaults are those of what is said over connections.
var webFaults = []fault{
	{do: "the certificates have expired", make: func(t *testing.T, l *faultLab) {
		l.secure.Show(l.otherCertificate(t, -48*time.Hour, -24*time.Hour, publics...))
	}, state: "degraded", root: "certificate_invalid4"},
	{do: "the certificates are good from tomorrow on", make: func(t *testing.T, l *faultLab) {
		l.secure.Show(l.otherCertificate(t, 24*time.Hour, 48*time.Hour, publics...))
	}, state: "degraded", root: "certificate_invalid4"},
	{do: "the certificates are good from tomorrow on, and it is tomorrow", make: func(t *testing.T, l *faultLab) {
		l.secure.Show(l.otherCertificate(t, 24*time.Hour, 48*time.Hour, publics...))
		l.secure.Ahead(25 * time.Hour)
	}, state: "degraded", root: "clock_wrong4"},
	{do: "the certificates are for other names", make: func(t *testing.T, l *faultLab) {
		l.secure.Show(l.otherCertificate(t, -time.Hour, time.Hour, "192.0.2.99"))
	}, state: "degraded", root: "tls_intercepted4"},
	{do: "the certificates are of an unknown issuer", make: func(t *testing.T, l *faultLab) {
		other := netlab.NewAuthority(t)
		l.secure.Show(other.Issue(t, time.Now().Add(-time.Hour), time.Now().Add(time.Hour), publics...))
	}, state: "degraded", root: "tls_intercepted4"},
	{do: "all dates are three hours ahead", make: func(_ *testing.T, l *faultLab) { l.secure.Ahead(3 * time.Hour) }, state: "degraded", root: "clock_wrong4"},
	{do: "handshakes are cut", make: func(_ *testing.T, l *faultLab) { l.secure.Cut() }, state: "degraded", root: "https_blocked4"},
	{do: "HTTP: a redirect, and handshakes are cut", make: func(_ *testing.T, l *faultLab) {
		l.page.Answer(http.StatusFound, "http://203.0.113.80/login", "")
		l.secure.Cut()
	}, state: "portal", root: "portal"},
	{do: "HTTP: a page of its own, and handshakes are cut", make: func(_ *testing.T, l *faultLab) {
		l.page.Answer(http.StatusOK, "", "<html>log in</html>")
		l.secure.Cut()
	}, state: "portal", root: "portal"},
	{do: "HTTP: 511, and handshakes are cut", make: func(_ *testing.T, l *faultLab) {
		l.page.Answer(http.StatusNetworkAuthenticationRequired, "", "log in")
		l.secure.Cut()
	}, state: "portal", root: "portal"},
	{do: "HTTP: a redirect, and TLS is well", make: func(_ *testing.T, l *faultLab) {
		l.page.Answer(http.StatusFound, "http://203.0.113.80/login", "")
	}, state: "online", notes: "proxy"},
	{do: "HTTP: 200 and nothing more", make: func(_ *testing.T, l *faultLab) { l.page.Answer(http.StatusOK, "", "") }, state: "online"},
	{do: "HTTP: 301 to HTTPS of the same host", make: func(_ *testing.T, l *faultLab) {
		l.page.Answer(http.StatusMovedPermanently, "https://connectivitycheck.gstatic.com/generate_204", "")
	}, state: "online", notes: "check_server"},
	{do: "HTTP: 500", make: func(_ *testing.T, l *faultLab) { l.page.Answer(http.StatusInternalServerError, "", "") }, state: "online", notes: "check_server"},
	{do: "HTTP: cut off without a word", make: func(_ *testing.T, l *faultLab) { l.page.Nothing() }, state: "online", notes: "check_server"},
}

// answering lets the name server of the machine answer as a function says.
func answering(h dns.HandlerFunc) func(*testing.T, *faultLab) {
	return func(t *testing.T, l *faultLab) { l.g.ServeAnswers(t, "10.50.0.1", h) }
}

// coded answers everything with a code.
func coded(code int) func(*testing.T, *faultLab) {
	return answering(func(w dns.ResponseWriter, q *dns.Msg) {
		w.WriteMsg(new(dns.Msg).SetRcode(q, code))
	})
}

// unless answers well, but for what a function takes.
func unless(taken func(w dns.ResponseWriter, q *dns.Msg) bool) func(*testing.T, *faultLab) {
	return answering(func(w dns.ResponseWriter, q *dns.Msg) {
		if !taken(w, q) {
			known.ServeDNS(w, q)
		}
	})
}

// nameFaults are those of name servers.
var nameFaults = []fault{
	{do: "DNS: closed", bare: true, make: func(*testing.T, *faultLab) {}, state: "degraded", root: "resolver_refused4"},
	{do: "DNS: silent", make: gatewayRule("input", "meta l4proto { tcp, udp } th dport 53 drop"), state: "degraded", root: "resolver_silent4"},
	{do: "DNS: the one behind it is silent", make: gatewayRule("output", "udp dport 53 drop"), state: "degraded", root: "resolver_failed4"},
	{do: "DNS: SERVFAIL", bare: true, make: coded(dns.RcodeServerFailure), state: "degraded", root: "resolver_failed4"},
	{do: "DNS: SERVFAIL unless DNSSEC is not checked", bare: true, make: unless(func(w dns.ResponseWriter, q *dns.Msg) bool {
		if !q.CheckingDisabled {
			w.WriteMsg(new(dns.Msg).SetRcode(q, dns.RcodeServerFailure))
		}
		return !q.CheckingDisabled
	}), state: "degraded", root: "resolver_failed4"},
	{do: "DNS: REFUSED", bare: true, make: coded(dns.RcodeRefused), state: "degraded", root: "resolver_failed4"},
	{do: "DNS: NXDOMAIN for all", bare: true, make: coded(dns.RcodeNameError), state: "degraded", root: "resolver_lies4"},
	{do: "DNS: NXDOMAIN for the host of the check only", bare: true, make: unless(func(w dns.ResponseWriter, q *dns.Msg) bool {
		if q.Question[0].Name == "connectivitycheck.gstatic.com." {
			w.WriteMsg(new(dns.Msg).SetRcode(q, dns.RcodeNameError))
			return true
		}
		return false
	}), state: "online", notes: "check_server"},
	{do: "DNS: a private address for a public name", bare: true, make: fixed("192.168.7.1", true), state: "degraded", root: "resolver_lies4"},
	{do: "DNS: one address for every name", bare: true, make: fixed("203.0.113.80", false), state: "degraded", root: "resolver_lies4"},
	{do: "DNS: an address for names that don't exist", bare: true, make: answering(func(w dns.ResponseWriter, q *dns.Msg) {
		m := known.Answer(q)
		if m.Rcode == dns.RcodeNameError {
			m = netlab.Names{q.Question[0].Name: {"203.0.113.99"}}.Answer(q)
		}
		w.WriteMsg(m)
	}), state: "online", notes: "dns_rewritten"},
	{do: "DNS: all of it is intercepted", make: func(t *testing.T, l *faultLab) {
		l.g.Filter(t, "table ip y {\nchain c {\ntype nat hook prerouting priority -100\niifname l1 udp dport 53 redirect\n}\n}\n")
	}, state: "online", notes: "dns_intercepted"},
	{do: "DNS: a public server, whose port 53 is blocked", make: func(t *testing.T, l *faultLab) {
		l.server = "9.9.9.9"
		filter(t, l.g, "forward", "meta l4proto { tcp, udp } th dport 53 drop")
	}, state: "degraded", root: "resolver_silent4"},
	{do: "DNS: answers are cut short, and TCP is silent", bare: true, make: func(t *testing.T, l *faultLab) {
		unless(func(w dns.ResponseWriter, q *dns.Msg) bool {
			m := new(dns.Msg).SetReply(q)
			m.Truncated = true
			w.WriteMsg(m)
			return true
		})(t, l)
		filter(t, l.g, "input", "tcp dport 53 drop")
	}, state: "degraded", root: "resolver_failed4"},
	{do: "DNS: EDNS is not understood", bare: true, make: unless(func(w dns.ResponseWriter, q *dns.Msg) bool {
		if q.IsEdns0() != nil {
			w.WriteMsg(new(dns.Msg).SetRcode(q, dns.RcodeFormatError))
			return true
		}
		return false
	}), state: "degraded", root: "resolver_failed4"},
	{do: "DNS: stale answers", bare: true, make: unless(func(w dns.ResponseWriter, q *dns.Msg) bool {
		m := known.Answer(q)
		m.SetEdns0(1232, false)
		m.IsEdns0().Option = append(m.IsEdns0().Option, &dns.EDNS0_EDE{InfoCode: dns.ExtendedErrorCodeStaleAnswer})
		w.WriteMsg(m)
		return true
	}), state: "online", notes: "dns_stale"},
	{do: "DNS: answers over TLS, too", make: func(t *testing.T, l *faultLab) {
		l.g.ServeSealed(t, "10.50.0.1", l.otherCertificate(t, -time.Hour, time.Hour, "router.example"), known)
	}, state: "online", notes: "dot_offered"},
	{do: "DNS: questions for IPv6 are dropped", bare: true, make: unless(func(_ dns.ResponseWriter, q *dns.Msg) bool {
		return q.Question[0].Qtype == dns.TypeAAAA
	}), state: "degraded", root: "resolver_failed4"},
	{do: "DNS: questions for IPv6 fail", bare: true, make: unless(func(w dns.ResponseWriter, q *dns.Msg) bool {
		if q.Question[0].Qtype == dns.TypeAAAA {
			w.WriteMsg(new(dns.Msg).SetRcode(q, dns.RcodeServerFailure))
			return true
		}
		return false
	}), state: "degraded", root: "resolver_failed4"},
	{do: "DNS: questions for IPv6 are refused", bare: true, make: unless(func(w dns.ResponseWriter, q *dns.Msg) bool {
		if q.Question[0].Qtype == dns.TypeAAAA {
			w.WriteMsg(new(dns.Msg).SetRcode(q, dns.RcodeRefused))
			return true
		}
		return false
	}), state: "online", notes: "dns_refuses_ipv6"},
	{do: "DNS: no IPv6 addresses at all", bare: true, make: unless(func(w dns.ResponseWriter, q *dns.Msg) bool {
		if q.Question[0].Qtype == dns.TypeAAAA {
			w.WriteMsg(new(dns.Msg).SetReply(q))
			return true
		}
		return false
	}), state: "online"},
	{do: "DNS: answers to questions that nobody asked", bare: true, make: answering(func(w dns.ResponseWriter, q *dns.Msg) {
		m := known.Answer(q)
		m.Id++
		w.WriteMsg(m)
	}), state: "degraded", root: "resolver_failed4"},
	{do: "DNS: IPv6 alone, with a translator", make: translated("64:ff9b::101:101", "64:ff9b::808:808"), state: "online", notes: "nat64"},
	{do: "DNS: IPv6 alone, with a translator that is silent", make: translated(), state: "degraded", root: "nat64_silent4"},
	{do: "DNS: no way to the only one, and IPv6 is well", make: onHost("addr del 10.50.0.2/24 dev l0"), state: "degraded", root: "resolver_silent4", notes: "family_absent"},
	{do: "DNS: none configured", make: func(_ *testing.T, l *faultLab) { l.server = "" }, state: "degraded", root: "resolver_missing"},
}

// fixed answers every question for IPv4 with one address, if only those for names
// that exist.
func fixed(address string, exists bool) func(*testing.T, *faultLab) {
	return answering(func(w dns.ResponseWriter, q *dns.Msg) {
		m := netlab.Names{q.Question[0].Name: {address}}.Answer(q)
		if _, ok := known[q.Question[0].Name]; exists && !ok {
			m = known.Answer(q)
		}
		w.WriteMsg(m)
	})
}

// translated takes IPv4 from the machine, and lets its name server tell of a translator
// (RFC 7050); behind it are those who stand for the internet at some addresses.
func translated(behind ...string) func(*testing.T, *faultLab) {
	return func(t *testing.T, l *faultLab) {
		l.h.Batch(t, "addr flush dev l0 scope global", "addr add 2001:db8:50::2/64 dev l0 nodad", "route replace default via 2001:db8:50::1")
		for _, a := range behind {
			l.i.Batch(t, "addr add "+a+" dev lo")
		}
		l.server = "2001:db8:50::1"
		l.g.ServeAnswers(t, l.server, unlessNamed("ipv4only.arpa.", "64:ff9b::192.0.0.170"))
	}
}

// unlessNamed answers well, but for one name, which it gives an address.
func unlessNamed(name, address string) dns.HandlerFunc {
	return func(w dns.ResponseWriter, q *dns.Msg) {
		if q.Question[0].Name == name {
			w.WriteMsg(netlab.Names{name: {address}}.Answer(q))
			return
		}
		known.ServeDNS(w, q)
	}
}

// narrow makes the way beyond the gateway narrow.
func narrow(t *testing.T, l *faultLab) {
	l.g.Batch(t, "link set w0 mtu 1400")
	l.i.Batch(t, "link set w1 mtu 1400")
}

// takePorts takes all ports that the machine may use towards one address.
func takePorts(t *testing.T, l *faultLab) {
	l.h.Sysctl(t, "ipv4/ip_local_port_range", "40000 40003")
	for range 4 {
		err := l.h.Do(func() error {
			c, err := net.Dial("tcp4", "1.1.1.1:443")
			if err == nil {
				t.Cleanup(func() { c.Close() })
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// fillQueue makes the machine's own queue slow, and fills it.
func fillQueue(t *testing.T, l *faultLab) {
	tc := l.h.Command("tc", "qdisc", "add", "dev", "l0", "root", "tbf", "rate", "64kbit", "burst", "1600", "limit", "30000")
	if out, err := tc.CombinedOutput(); err != nil {
		t.Skipf("SKIPPED: needs sch_tbf: %v: %s", err, out)
	}
	err := l.h.Do(func() error {
		c, err := net.Dial("udp", "8.8.8.8:9")
		if err != nil {
			return err
		}
		defer c.Close()
		for range 9 {
			c.Write(make([]byte, 1400))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// rival puts a second machine on the link that has the gateway's IPv4 address and
// passes nothing on. It has announced itself last, and the gateway does again when
// the diagnosis is under way.
func rival(t *testing.T, l *faultLab) {
	other := netlab.New(t)
	l.g.Batch(t, "link add link l1 name m1 type macvlan mode bridge", "link set m1 netns "+other.Name)
	other.Batch(t, "addr add 10.50.0.1/24 dev m1", "link set m1 up")
	for _, ns := range []*netlab.Namespace{l.g, other} {
		// A link that comes up, or has another hardware address, announces its addresses.
		ns.Sysctl(t, "ipv4/conf/all/arp_notify", "1")
	}
	time.Sleep(1100 * time.Millisecond) // Until then an entry that was confirmed is kept (locktime of arp(7)).
	other.Batch(t, "link set m1 address 02:00:00:00:00:99")
	time.AfterFunc(1500*time.Millisecond, func() { l.g.Batch(t, "link set l1 address 02:00:00:00:00:01") })
}

// strictFilter gives the machine a second interface with a path that its routes
// don't prefer.
func strictFilter(t *testing.T, l *faultLab) {
	l.g.Batch(t, "link add l3 type veth peer name l2 netns "+l.h.Name, "link set l3 up", "addr add 10.60.0.1/24 dev l3")
	l.h.Batch(t, "link set l2 up", "addr add 10.60.0.2/24 dev l2", "route add default via 10.60.0.1 dev l2 metric "+strconv.Itoa(500))
	l.h.Sysctl(t, "ipv4/conf/all/rp_filter", "1")
}
