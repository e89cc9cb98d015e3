package cli_test

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"

	"flapscope/internal/netlab"
)

// answering lets the name server of the machine answer as a function says.
func answering(h dns.HandlerFunc) func(*testing.T, *faultLab) {
	return func(_ *testing.T, l *faultLab) { l.resolver.Answer(h) }
}

// coded answers everything with a code.
func coded(code int) func(*testing.T, *faultLab) {
	return answering(func(w dns.ResponseWriter, q *dns.Msg) {
		w.WriteMsg(new(dns.Msg).SetRcode(q, code))
	})
}

// delayed answers well, after a time.
func delayed(d time.Duration) func(*testing.T, *faultLab) {
	return unless(func(dns.ResponseWriter, *dns.Msg) bool {
		time.Sleep(d)
		return false
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
	{do: "DNS: closed", make: func(_ *testing.T, l *faultLab) { l.resolver.Close() }, state: "degraded", root: "resolver_refused4", told: "resolver_refused, degraded: resolver 10.50.0.1 refuses: nothing listens on its port; the gateway, IPv4 and IPv6 work"},
	{do: "DNS: silent", make: gatewayRule("input", "meta l4proto { tcp, udp } th dport 53 drop"), state: "degraded", root: "resolver_silent4", told: "resolver_silent, degraded: resolver 10.50.0.1 is silent; the gateway, IPv4 and IPv6 work"},
	{do: "DNS: the one behind it is silent", make: gatewayRule("output", "udp dport 53 drop"), state: "degraded", root: "resolver_failed4", told: "resolver_failed, degraded: resolver 10.50.0.1 answers for itself only, for want of answers from others; the gateway, IPv4 and IPv6 work"},
	{do: "DNS: SERVFAIL", make: coded(dns.RcodeServerFailure), state: "degraded", root: "resolver_failed4", told: "resolver_failed, degraded: resolver 10.50.0.1 answers SERVFAIL; the gateway, IPv4 and IPv6 work"},
	{do: "DNS: SERVFAIL unless DNSSEC is not checked", make: unless(func(w dns.ResponseWriter, q *dns.Msg) bool {
		if !q.CheckingDisabled {
			w.WriteMsg(new(dns.Msg).SetRcode(q, dns.RcodeServerFailure))
		}
		return !q.CheckingDisabled
	}), state: "degraded", root: "resolver_failed4", told: "resolver_failed, degraded: resolver 10.50.0.1 answers SERVFAIL for names whose DNSSEC signature it can't verify; the gateway, IPv4 and IPv6 work"},
	{do: "DNS: REFUSED", make: coded(dns.RcodeRefused), state: "degraded", root: "resolver_failed4", told: "resolver_failed, degraded: resolver 10.50.0.1 answers REFUSED; the gateway, IPv4 and IPv6 work"},
	{do: "DNS: NXDOMAIN for all", make: coded(dns.RcodeNameError), state: "degraded", root: "resolver_lies4", told: "resolver_lies, degraded: resolver 10.50.0.1 lies: names that exist do not, it says; the gateway, IPv4 and IPv6 work"},
	{do: "DNS: NXDOMAIN for the host of the check only", make: unless(func(w dns.ResponseWriter, q *dns.Msg) bool {
		if q.Question[0].Name == "connectivitycheck.gstatic.com." {
			w.WriteMsg(new(dns.Msg).SetRcode(q, dns.RcodeNameError))
			return true
		}
		return false
	}), state: "online", notes: "check_server"},
	{do: "DNS: a private address for a public name", make: fixed("192.168.7.1", true), state: "degraded", root: "resolver_lies4", told: "resolver_lies, degraded: resolver 10.50.0.1 lies: a private address for a public name, 192.168.7.1; the gateway, IPv4 and IPv6 work"},
	{do: "DNS: one address for every name", make: fixed("203.0.113.80", false), state: "degraded", root: "resolver_lies4", told: "resolver_lies, degraded: resolver 10.50.0.1 lies: the same address for every name, 203.0.113.80; the gateway, IPv4 and IPv6 work"},
	{do: "DNS: an address for names that don't exist", make: answering(func(w dns.ResponseWriter, q *dns.Msg) {
		m := known.Answer(q)
		if m.Rcode == dns.RcodeNameError {
			m = netlab.Names{q.Question[0].Name: {"203.0.113.99"}}.Answer(q)
		}
		w.WriteMsg(m)
	}), state: "online", notes: "dns_rewritten"},
	{do: "DNS: all of it is intercepted", make: func(t *testing.T, l *faultLab) {
		l.g.Filter(t, "table ip y {\nchain c {\ntype nat hook prerouting priority -100\niifname l1 udp dport 53 redirect\n}\n}\n")
	}, state: "online", notes: "dns_intercepted", told: "dns_intercepted, note: DNS on l0 is answered on the way: an address without a server answered"},
	{do: "DNS: a public server, whose port 53 is blocked", with: askPublic, make: gatewayRule("forward", "meta l4proto { tcp, udp } th dport 53 drop"), state: "degraded", root: "resolver_silent4", told: "resolver_silent, degraded: resolver 9.9.9.9 is silent; the gateway, IPv4 and IPv6 work"},
	{do: "DNS: answers are cut short, and TCP is silent", make: func(t *testing.T, l *faultLab) {
		unless(func(w dns.ResponseWriter, q *dns.Msg) bool {
			m := new(dns.Msg).SetReply(q)
			m.Truncated = true
			w.WriteMsg(m)
			return true
		})(t, l)
		filter(t, l.g, "input", "tcp dport 53 drop")
	}, state: "degraded", root: "resolver_failed4", told: "resolver_failed, degraded: resolver 10.50.0.1 answers in part, and not over TCP; the gateway, IPv4 and IPv6 work"},
	{do: "DNS: EDNS is not understood", make: unless(func(w dns.ResponseWriter, q *dns.Msg) bool {
		if q.IsEdns0() != nil {
			w.WriteMsg(new(dns.Msg).SetRcode(q, dns.RcodeFormatError))
			return true
		}
		return false
	}), state: "degraded", root: "resolver_failed4", told: "resolver_failed, degraded: resolver 10.50.0.1 answers questions without EDNS only; the gateway, IPv4 and IPv6 work"},
	{do: "DNS: EDNS is not implemented, and the answer has no question", make: unless(func(w dns.ResponseWriter, q *dns.Msg) bool {
		if q.IsEdns0() != nil {
			m := new(dns.Msg).SetRcode(q, dns.RcodeNotImplemented)
			m.Question = nil
			w.WriteMsg(m)
			return true
		}
		return false
	}), state: "degraded", root: "resolver_failed4", told: "resolver_failed, degraded: resolver 10.50.0.1 answers questions without EDNS only; the gateway, IPv4 and IPv6 work"},
	{do: "DNS: everything is FORMERR, with EDNS or without", make: coded(dns.RcodeFormatError), state: "degraded", root: "resolver_failed4", told: "resolver_failed, degraded: resolver 10.50.0.1 answers FORMERR; the gateway, IPv4 and IPv6 work"},
	{do: "DNS: answers in two pieces lose the second", with: askLarge, make: gatewayRule("forward", "ip frag-off & 0x1fff != 0 drop"), state: "online", notes: "dns_large_lost"},
	{do: "DNS: answers above 600 bytes get lost", make: gatewayRule("output", "udp sport 53 meta length > 600 drop"), state: "online", notes: "dns_large_lost"},
	{do: "DNS: answers above 600 bytes get lost, and TCP is silent", make: gatewayRule("output", "udp sport 53 meta length > 600 drop; tcp sport 53 drop"), state: "online", notes: "dns_large_lost"},
	{do: "DNS: signatures of DNSSEC are left out", make: unless(func(w dns.ResponseWriter, q *dns.Msg) bool {
		m := known.Answer(q)
		m.Answer = slices.DeleteFunc(m.Answer, func(rr dns.RR) bool { return rr.Header().Rrtype == dns.TypeRRSIG })
		netlab.Fit(w, q, m)
		return true
	}), state: "online", notes: "dnssec_stripped"},
	{do: "DNS: questions for other types than addresses are dropped", make: unless(func(_ dns.ResponseWriter, q *dns.Msg) bool {
		return q.Question[0].Qtype != dns.TypeA && q.Question[0].Qtype != dns.TypeAAAA
	}), state: "online"},
	{do: "DNS: stale answers", make: unless(func(w dns.ResponseWriter, q *dns.Msg) bool {
		m := known.Answer(q)
		m.SetEdns0(1232, false)
		m.IsEdns0().Option = append(m.IsEdns0().Option, &dns.EDNS0_EDE{InfoCode: dns.ExtendedErrorCodeStaleAnswer})
		w.WriteMsg(m)
		return true
	}), state: "online", notes: "dns_stale"},
	{do: "DNS: answers over TLS, too", make: func(t *testing.T, l *faultLab) {
		l.g.ServeSealed(t, "10.50.0.1", l.otherCertificate(t, -time.Hour, time.Hour, "router.example"), known)
	}, state: "online", notes: "dot_offered"},
	{do: "DNS: questions for IPv6 are dropped", make: unless(func(_ dns.ResponseWriter, q *dns.Msg) bool {
		return q.Question[0].Qtype == dns.TypeAAAA
	}), state: "degraded", root: "resolver_failed4", told: "resolver_failed, degraded: resolver 10.50.0.1 answers for IPv4 and not for IPv6: silent; the gateway, IPv4 and IPv6 work"},
	{do: "DNS: questions for IPv6 fail", make: unless(func(w dns.ResponseWriter, q *dns.Msg) bool {
		if q.Question[0].Qtype == dns.TypeAAAA {
			w.WriteMsg(new(dns.Msg).SetRcode(q, dns.RcodeServerFailure))
			return true
		}
		return false
	}), state: "degraded", root: "resolver_failed4", told: "resolver_failed, degraded: resolver 10.50.0.1 answers for IPv4 and not for IPv6: SERVFAIL; the gateway, IPv4 and IPv6 work"},
	{do: "DNS: questions for IPv6 are refused", make: unless(func(w dns.ResponseWriter, q *dns.Msg) bool {
		if q.Question[0].Qtype == dns.TypeAAAA {
			w.WriteMsg(new(dns.Msg).SetRcode(q, dns.RcodeRefused))
			return true
		}
		return false
	}), state: "online", notes: "dns_refuses_ipv6"},
	{do: "DNS: no IPv6 addresses at all", make: unless(func(w dns.ResponseWriter, q *dns.Msg) bool {
		if q.Question[0].Qtype == dns.TypeAAAA {
			w.WriteMsg(new(dns.Msg).SetReply(q))
			return true
		}
		return false
	}), state: "online"},
	{do: "DNS: answers to questions that nobody asked", make: answering(func(w dns.ResponseWriter, q *dns.Msg) {
		m := known.Answer(q)
		m.Id++
		w.WriteMsg(m)
	}), state: "degraded", root: "resolver_failed4", told: "resolver_failed, degraded: resolver 10.50.0.1 answers other questions than those asked; the gateway, IPv4 and IPv6 work"},
	{do: "DNS: the one behind it can't be reached", make: inGateway("route add unreachable 203.0.113.53"), state: "degraded", root: "resolver_failed4", told: "resolver_failed, degraded: resolver 10.50.0.1 answers REFUSED: Network Error; the gateway, IPv4 and IPv6 work"},
	{do: "DNS: each answer takes 2 s", make: delayed(2 * time.Second), state: "degraded", root: "latency4", told: "latency, degraded: resolver 10.50.0.1 is slow: 2.0 s"},
	{do: "DNS: each answer takes 2 s from the start", with: delayed(2 * time.Second), state: "degraded", root: "latency4", told: "latency, degraded: resolver 10.50.0.1 is slow: 2.0 s; the gateway, IPv4 and IPv6 work"},
	{do: "DNS: each answer takes 3.5 s", make: delayed(3500 * time.Millisecond), state: "degraded", root: "latency4", told: "latency, degraded: resolver 10.50.0.1 is slow: 3.5 s; the gateway, IPv4 and IPv6 work"},
	{do: "DNS: each answer takes 5 s", make: delayed(5 * time.Second), state: "degraded", root: "resolver_failed4", told: "resolver_failed, degraded: resolver 10.50.0.1 answers nothing in time, though it takes connections; the gateway, IPv4 and IPv6 work"},
	{do: "DNS: questions with EDNS are dropped", make: unless(func(_ dns.ResponseWriter, q *dns.Msg) bool { return q.IsEdns0() != nil }), state: "degraded", root: "resolver_failed4", told: "resolver_failed, degraded: resolver 10.50.0.1 answers questions without EDNS only; the gateway, IPv4 and IPv6 work"},
	{do: "DNS: a filter gives no address, and says so", make: unless(func(w dns.ResponseWriter, q *dns.Msg) bool {
		m := new(dns.Msg).SetReply(q)
		m.SetEdns0(1232, false)
		m.IsEdns0().Option = append(m.IsEdns0().Option, &dns.EDNS0_EDE{InfoCode: dns.ExtendedErrorCodeBlocked})
		w.WriteMsg(m)
		return true
	}), state: "online", notes: "dns_filtered"},
	{do: "DNS: it knows who to ask, and does not ask", make: unless(func(w dns.ResponseWriter, q *dns.Msg) bool {
		m := new(dns.Msg).SetReply(q)
		m.RecursionAvailable = false
		if rr, err := dns.NewRR(". 3600 IN NS a.root-servers.net."); err == nil {
			m.Ns = append(m.Ns, rr)
		}
		w.WriteMsg(m)
		return true
	}), state: "degraded", root: "resolver_lies4", told: "resolver_lies, degraded: resolver 10.50.0.1 lies: no address for names that exist; the gateway, IPv4 and IPv6 work"},
	{do: "DNS: a public server, whose port 53 is prohibited", with: askPublic, make: gatewayRule("forward", "meta l4proto { tcp, udp } th dport 53 reject with icmpx type admin-prohibited"), state: "degraded", root: "resolver_silent4", told: "resolver_silent, degraded: resolver 9.9.9.9 is silent; the gateway, IPv4 and IPv6 work"},
	{do: "DNS: two servers that answer differently", with: func(t *testing.T, l *faultLab) {
		l.i.ServeAnswers(t, "9.9.9.9", netlab.Names{"connectivitycheck.gstatic.com.": {"203.0.113.80", "2001:db8:80::80"}, "example.com.": {"203.0.113.82"}})
		l.ask(t, "10.50.0.1", "9.9.9.9")
	}, state: "online"},
	{
		do: "DNS: of two servers the first goes into a tunnel that is silent", with: func(t *testing.T, l *faultLab) { l.ask(t, "10.99.1.53", "10.50.0.1") },
		make: onHost("link add t9 type veth peer name t8", "link set t9 up", "link set t8 up", "addr add 10.99.0.2/24 dev t9", "route add 10.99.1.0/24 dev t9"), state: "degraded", root: "resolver_silent4", told: "resolver_silent, degraded: resolver 10.99.1.53 is silent; the gateway, IPv4 and IPv6 work",
	},
	{do: "DNS: four servers, of which the first three are silent", with: func(t *testing.T, l *faultLab) {
		l.ask(t, "203.0.113.101", "203.0.113.102", "203.0.113.103", "10.50.0.1")
	}, make: gatewayRule("forward", "ip daddr { 203.0.113.101, 203.0.113.102, 203.0.113.103 } drop"), state: "degraded", root: "resolver_silent4", told: "resolver_silent, degraded: each of resolvers 203.0.113.101, 203.0.113.102 and 203.0.113.103 is silent; the gateway, IPv4 and IPv6 work"},
	{do: "DNS: a search domain in which every name exists", make: func(t *testing.T, l *faultLab) {
		l.ask(t, "10.50.0.1\nsearch lab.example")
		unless(func(w dns.ResponseWriter, q *dns.Msg) bool {
			name := q.Question[0].Name
			found := strings.HasSuffix(name, ".lab.example.")
			if found {
				w.WriteMsg(netlab.Names{name: {"203.0.113.99"}}.Answer(q))
			}
			return found
		})(t, l)
	}, state: "online"},
	{do: "DNS: names lead to the gateway, where a login is, and all else is dropped", make: func(t *testing.T, l *faultLab) {
		l.g.ServePage(t).Answer(http.StatusFound, "http://10.50.0.1/login", "")
		fixed("10.50.0.1", true)(t, l)
		filter(t, l.g, "forward", "drop")
	}, state: "portal", root: "portal4", told: "portal, outage: a captive portal on l0 answers for connectivitycheck.gstatic.com: sign in at http://10.50.0.1/login; the gateway and DNS work"},
	{do: "DNS: IPv6 alone, with a translator", with: translated("64:ff9b::101:101", "64:ff9b::808:808"), state: "online", notes: "nat64", told: "nat64, note: IPv4 on l0 goes by NAT64 64:ff9b::/96\nfamily_absent, note: l0 has no IPv4 address"},
	{do: "DNS: IPv6 alone, with a translator that is silent", with: translated(), state: "degraded", root: "nat64_silent4", told: "nat64_silent, degraded: IPv4 on l0 gets no answer by NAT64 64:ff9b::/96; DNS and IPv6 work\nfamily_absent, note: l0 has no IPv4 address"},
	{do: "DNS: IPv6 alone, with a translator that router advertisements alone name, which a command is too short for", with: untranslated, make: advertised, state: "online", notes: "family_absent", told: "nat64, note: IPv4 on l0 goes by NAT64 64:ff9b::/96\nfamily_absent, note: l0 has no IPv4 address"},
	{do: "DNS: no way to the only one, and IPv6 is well", make: onHost("addr del 10.50.0.2/24 dev l0"), state: "degraded", root: "resolver_silent4", notes: "family_absent", told: "address_lost, outage: l0 has lost its IPv4 address 10.50.0.2"},
	{do: "DNS: none configured", make: func(t *testing.T, l *faultLab) { l.ask(t) }, state: "degraded", root: "resolver_missing", told: "resolver_missing, degraded: this machine has no name server: none is configured; the gateway, IPv4 and IPv6 work"},
}

// askPublic lets the machine ask a public name server.
func askPublic(t *testing.T, l *faultLab) {
	l.i.ServeAnswers(t, "9.9.9.9", known)
	l.ask(t, "9.9.9.9")
}

// askLarge lets it ask one whose keys of the root don't fit into one packet.
func askLarge(t *testing.T, l *faultLab) {
	l.i.ServeAnswers(t, "9.9.9.9", dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		m := known.Answer(q)
		if q.Question[0].Qtype == dns.TypeDNSKEY {
			m.Answer = netlab.RootKeys(6, q)
		}
		netlab.Fit(w, q, m)
	}))
	l.ask(t, "9.9.9.9")
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
		l.ask(t, "2001:db8:50::1")
		l.g.ServeAnswers(t, "2001:db8:50::1", unlessNamed("ipv4only.arpa.", "64:ff9b::192.0.0.170"))
	}
}

// untranslated takes IPv4 from the machine, whose name server knows of no translator.
func untranslated(t *testing.T, l *faultLab) {
	translated("64:ff9b::101:101", "64:ff9b::808:808")(t, l)
	l.i.ServeAnswers(t, "2001:db8:80::80", known)
	l.ask(t, "2001:db8:80::80")
}

// advertised lets the gateway advertise a translator for half an hour (RFC 8781), and
// itself as no default router.
func advertised(t *testing.T, l *faultLab) {
	message := make([]byte, 32)
	message[0], message[4] = 134, 64
	message[16], message[17] = 38, 2
	message[18], message[19] = 1800>>8, 1800&0xff
	copy(message[20:], netip.MustParseAddr("64:ff9b::").AsSlice()[:12])
	l.g.Advertise(t, "l1", message)
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
