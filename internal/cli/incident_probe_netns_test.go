package cli_test

import (
	"strings"
	"testing"
	"time"

	"flapscope/internal/netlab"
	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
)

const (
	// seldom is how late a date may be of what is asked each 5 s, and portalLate
	// of the portal, which is looked for each 30 s.
	seldom     = 5200 * time.Millisecond
	portalLate = 31 * time.Second
)

// dropForwarded lets the gateway swallow what the machine sends beyond it, and
// refuseForwarded say that it does not pass it on.
func dropForwarded(families ...string) action   { return rule("add", "blackhole", families) }
func passForwarded(families ...string) action   { return rule("del", "", families) }
func rejectForwarded(families ...string) action { return rule("add", "unreachable", families) }

func rule(verb, what string, families []string) action {
	var commands []string
	for _, f := range families {
		commands = append(commands, strings.TrimPrefix(f+" rule "+verb+" pref 200 iif lan0 "+what, "-4 "))
	}
	return onGateway(commands...)
}

// ignorePings lets the gateway answer no pings.
func ignorePings(on string) action {
	return func(t *testing.T, l *lab) {
		l.Gateway.Sysctl(t, "ipv4/icmp_echo_ignore_all", on)
		l.Gateway.Sysctl(t, "ipv6/icmp/echo_ignore_all", on)
	}
}

// swallowPings lets the gateway swallow pings to the internet, and swallowWeb
// HTTP; passPlain lets it pass HTTP and DNS whatever else it swallows.
var (
	swallowPings = onGateway("rule add pref 200 iif lan0 ipproto icmp blackhole", "-6 rule add pref 200 iif lan0 ipproto ipv6-icmp blackhole")
	passPings    = onGateway("rule del pref 200", "-6 rule del pref 200")
	passPlain    = onGateway("rule add pref 190 iif lan0 ipproto tcp dport 80 lookup main", "rule add pref 191 iif lan0 ipproto udp dport 53 lookup main")
	blockPlain   = onGateway("rule del pref 190", "rule del pref 191")
	swallowWeb   = onGateway("rule add pref 201 iif lan0 ipproto tcp dport 80 blackhole")
	passWeb      = onGateway("rule del pref 201")
)

// impatient lets the machine find out within some seconds that a neighbour is
// gone; by default that takes up to a minute.
func impatient(t *testing.T, l *lab) {
	for _, family := range []string{"ipv4", "ipv6"} {
		l.Machine.Sysctl(t, family+"/neigh/eth0/base_reachable_time_ms", "2000")
		l.Machine.Sysctl(t, family+"/neigh/eth0/delay_first_probe_time", "1")
	}
}

// asksAgain is how late the kernel may find a neighbour that is back: it gives up a
// second after its third question, and asks again for the next packet, which is a ping
// within another second.
const asksAgain = 2 * time.Second

// names does something with the provider's name server.
func names(do func(s *netlab.NameServer)) action { return func(_ *testing.T, l *lab) { do(l.DNS) } }

func portal(on bool) action { return func(_ *testing.T, l *lab) { l.Web.Portal(on) } }

// cabled has a cable that can lose and delay.
func cabled(t *testing.T, l *lab) { l.cable = l.Cable(t) }

func quality(q netlab.Quality) action { return func(_ *testing.T, l *lab) { l.cable.Set(q) } }

// gatewayScenarios are what is wrong with the gateway and beyond it.
var gatewayScenarios = []scenario{
	{
		name: "gateway-not-found", story: "the gateway leaves the link",
		with: impatient,
		deeds: during(onGateway("addr del 192.0.2.1/24 dev lan0", "addr del 2001:db8:1::1/64 dev lan0"),
			onGateway("addr add 192.0.2.1/24 dev lan0", "addr add 2001:db8:1::1/64 dev lan0 nodad")),
		want: []expected{{
			what: path.GatewayUnresolved, iface: "eth0", severity: fold.SeverityOutage, to: 1, late: asksAgain,
			text: "gateway 192.0.2.1 and 2001:db8:1::1 on eth0 was not found: no answer to ARP and ND; nothing worked",
		}},
	},
	{
		name: "ipv4-gateway-not-found", story: "the gateway loses its IPv4 address",
		with:  impatient,
		deeds: during(onGateway("addr del 192.0.2.1/24 dev lan0"), onGateway("addr add 192.0.2.1/24 dev lan0")),
		want: []expected{{
			what: path.GatewayUnresolved, iface: "eth0", family: fact.IPv4, severity: fold.SeverityOutage, to: 1, late: asksAgain,
			text: "gateway 192.0.2.1 on eth0 was not found: no answer to ARP; IPv6 worked",
		}},
	},
	{
		name: "ipv6-gateway-not-found", story: "the gateway loses its IPv6 address",
		with:  impatient,
		deeds: during(onGateway("addr del 2001:db8:1::1/64 dev lan0"), onGateway("addr add 2001:db8:1::1/64 dev lan0 nodad")),
		want: []expected{{
			what: path.GatewayUnresolved, iface: "eth0", family: fact.IPv6, severity: fold.SeverityOutage, to: 1, late: asksAgain,
			text: "gateway 2001:db8:1::1 on eth0 was not found: no answer to ND; DNS and IPv4 worked",
		}},
	},
	{
		name: "gateway-silent", story: "the gateway answers ARP and ND and nothing else",
		deeds: during(all(ignorePings("1"), dropForwarded("-4", "-6")), all(ignorePings("0"), passForwarded("-4", "-6"))),
		want: []expected{{
			what: path.GatewaySilent, iface: "eth0", severity: fold.SeverityOutage, to: 1,
			text: "gateway 192.0.2.1 and 2001:db8:1::1 on eth0 was silent; nothing worked",
		}},
	},
	{
		name: "upstream-silent", story: "the gateway swallows what goes beyond it",
		deeds: during(dropForwarded("-4", "-6"), passForwarded("-4", "-6")),
		want: []expected{{
			what: path.UpstreamSilent, iface: "eth0", severity: fold.SeverityOutage, to: 1,
			text: "the internet beyond gateway 192.0.2.1 and 2001:db8:1::1 on eth0 was silent; the gateway worked",
		}},
	},
	{
		name: "upstream-silent-with-resolver-on-the-gateway", story: "the same, and the gateway answers for names",
		with:  func(_ *testing.T, l *lab) { l.resolver = "192.0.2.1" },
		deeds: during(dropForwarded("-4", "-6"), passForwarded("-4", "-6")),
		want: []expected{{
			what: path.UpstreamSilent, iface: "eth0", severity: fold.SeverityOutage, to: 1,
			text: "the internet beyond gateway 192.0.2.1 and 2001:db8:1::1 on eth0 was silent; the gateway and DNS worked",
		}},
	},
	{
		name: "ipv4-upstream-silent", story: "the gateway swallows IPv4",
		deeds: during(dropForwarded("-4"), passForwarded("-4")),
		want: []expected{{
			what: path.UpstreamSilent, iface: "eth0", family: fact.IPv4, severity: fold.SeverityOutage, to: 1,
			text: "the IPv4 internet beyond gateway 192.0.2.1 on eth0 was silent; the gateway and IPv6 worked",
		}},
	},
	{
		name: "ipv6-upstream-silent", story: "the gateway swallows IPv6",
		deeds: during(dropForwarded("-6"), passForwarded("-6")),
		want: []expected{{
			what: path.UpstreamSilent, iface: "eth0", family: fact.IPv6, severity: fold.SeverityOutage, to: 1,
			text: "the IPv6 internet beyond gateway 2001:db8:1::1 on eth0 was silent; the gateway, DNS and IPv4 worked",
		}},
	},
	{
		name: "upstream-unreachable", story: "the gateway says that it can't pass on anything",
		deeds: during(rejectForwarded("-4", "-6"), passForwarded("-4", "-6")),
		want: []expected{{
			what: path.UpstreamUnreachable, iface: "eth0", severity: fold.SeverityOutage, to: 1,
			text: "the internet beyond gateway 192.0.2.1 and 2001:db8:1::1 on eth0 was unreachable, said the gateway; the gateway worked",
		}},
	},
	{
		name: "firewall-resets", story: "a firewall swallows pings and the web, and resets every connection to port 443",
		deeds: during(all(swallowPings, swallowWeb, func(_ *testing.T, l *lab) { l.Web.Refuse() }), all(passPings, passWeb, func(t *testing.T, l *lab) { l.Web.Accept(t) })),
		want: []expected{{
			what: path.UpstreamRefused, iface: "eth0", severity: fold.SeverityOutage, to: 1,
			text: "the internet beyond gateway 192.0.2.1 and 2001:db8:1::1 on eth0 refused every connection; the gateway and DNS worked",
		}},
	},
	{
		name: "uplink-of-the-gateway-down", story: "the gateway's uplink is down",
		deeds: during(onGateway("link set wan0 down"),
			onGateway("link set wan0 up", "route replace default via 198.51.100.2", "route replace default via 2001:db8:2::2")),
		want: []expected{{
			what: path.UpstreamUnreachable, iface: "eth0", severity: fold.SeverityOutage, to: 1,
			text: "the internet beyond gateway 192.0.2.1 and 2001:db8:1::1 on eth0 was unreachable, said the gateway; the gateway worked",
		}},
	},
	{
		name: "mtu-black-hole", story: "beyond the gateway only packets of 1300 bytes pass, and nobody says so",
		deeds: []deed{{0, muteNarrow}, {100 * time.Second, muteWiden}},
		calm:  20 * time.Second,
		want: []expected{{
			what: path.MTUBlackHole, iface: "eth0", severity: fold.SeverityDegraded, to: 1, late: 61 * time.Second,
			text: "the internet beyond gateway 192.0.2.1 and 2001:db8:1::1 on eth0 swallowed packets of 1500 bytes, and nobody said so; the gateway, DNS, IPv4 and IPv6 worked",
		}},
	},
	{
		name: "narrow-way", story: "beyond the gateway only packets of 1300 bytes pass, and the gateway says so",
		deeds: []deed{{0, all(onGateway("link set wan0 mtu 1300"), onWorld("link set isp0 mtu 1300"))}, {70 * time.Second, nothing}},
	},
	{
		name: "walled-garden", story: "a walled garden passes names and the web without encryption, and nothing else",
		deeds: []deed{{0, all(passPlain, dropForwarded("-4", "-6"))}, {40 * time.Second, all(passForwarded("-4", "-6"), blockPlain)}},
		want: []expected{{
			what: path.WalledGarden, iface: "eth0", severity: fold.SeverityOutage, to: 1,
			text: "a walled garden on eth0 let only chosen sites through: connectivitycheck.gstatic.com passed, and nothing else; the gateway and DNS worked",
		}},
	},
	{
		name: "walled-garden-from-the-start", story: "the machine starts within a walled garden that passes names and the web without encryption",
		with:  all(passPlain, dropForwarded("-4", "-6")),
		deeds: []deed{{0, nothing}, {10 * time.Second, all(passForwarded("-4", "-6"), blockPlain)}},
		want: []expected{{
			what: path.WalledGarden, iface: "eth0", severity: fold.SeverityOutage, to: 1, late: 15 * time.Second, chance: true,
			text: "a walled garden on eth0 let only chosen sites through: connectivitycheck.gstatic.com passed, and nothing else; the gateway and DNS worked",
		}},
	},
	{
		name: "portal-from-the-start", story: "the machine starts behind a captive portal that blocks all else but names",
		with:  all(portal(true), passPlain, dropForwarded("-4", "-6")),
		deeds: []deed{{0, nothing}, {10 * time.Second, all(portal(false), passForwarded("-4", "-6"), blockPlain)}},
		calm:  35 * time.Second,
		want: []expected{{
			what: path.CaptivePortal, iface: "eth0", severity: fold.SeverityOutage, to: 1, late: portalLate, chance: true,
			text: "a captive portal on eth0 answered for connectivitycheck.gstatic.com; the gateway and DNS worked",
		}},
	},
	{
		name: "portal-that-blocks", story: "a captive portal answers for the web, and blocks all else but names",
		deeds: []deed{{0, all(portal(true), passPlain, dropForwarded("-4", "-6"))}, {45 * time.Second, all(portal(false), passForwarded("-4", "-6"), blockPlain)}},
		calm:  35 * time.Second,
		want: []expected{{
			what: path.CaptivePortal, iface: "eth0", severity: fold.SeverityOutage, to: 1, late: portalLate,
			text: "a captive portal on eth0 answered for connectivitycheck.gstatic.com; the gateway and DNS worked",
		}},
	},
	{
		name: "portal", story: "a captive portal answers for the web",
		deeds: []deed{{0, portal(true)}, {45 * time.Second, portal(false)}},
		calm:  35 * time.Second,
		want: []expected{{
			what: path.CaptivePortal, iface: "eth0", severity: fold.SeverityDegraded, to: 1, late: portalLate,
			text: "a captive portal on eth0 answered for connectivitycheck.gstatic.com; the gateway, DNS, IPv4 and IPv6 worked",
		}},
	},
	{
		name: "loss", story: "the cable loses a quarter of the packets each way",
		with:  cabled,
		deeds: []deed{{0, quality(netlab.Quality{Loss: 0.25})}, {40 * time.Second, quality(netlab.Quality{})}},
		calm:  25 * time.Second,
		want: []expected{{
			what: path.Loss, iface: "eth0", severity: fold.SeverityDegraded, to: 1, late: 8 * time.Second, chance: true,
			text: "gateway 192.0.2.1 and 2001:db8:1::1 on eth0 lost 9 of 17 packets",
		}},
	},
	{
		name: "latency", story: "the cable takes 200 ms each way",
		with:  cabled,
		deeds: []deed{{0, quality(netlab.Quality{Delay: 200 * time.Millisecond})}, {30 * time.Second, quality(netlab.Quality{})}},
		calm:  12 * time.Second,
		want: []expected{{
			what: path.Latency, iface: "eth0", severity: fold.SeverityDegraded, to: 1,
			text: "gateway 192.0.2.1 and 2001:db8:1::1 on eth0 was slow: 402 ms instead of 2.0 ms",
		}},
	},
}

// resolverScenarios are what is wrong with the name server.
var resolverScenarios = []scenario{
	{
		name: "resolver-silent", story: "the name server answers nothing",
		deeds: during(names(func(s *netlab.NameServer) { s.Silence(true) }), names(func(s *netlab.NameServer) { s.Silence(false) })),
		want: []expected{{
			what: path.ResolverSilent, iface: "eth0", family: fact.IPv4, severity: fold.SeverityDegraded, to: 1, late: seldom,
			text: "resolver 203.0.113.53 was silent; the gateway, IPv4 and IPv6 worked",
		}},
	},
	{
		name: "resolver-dead", story: "the name server is closed",
		deeds: during(names((*netlab.NameServer).Close), names((*netlab.NameServer).Open)),
		want: []expected{{
			what: path.ResolverRefused, iface: "eth0", family: fact.IPv4, severity: fold.SeverityDegraded, to: 1, late: seldom,
			text: "resolver 203.0.113.53 refused: nothing listened on its port; the gateway, IPv4 and IPv6 worked",
		}},
	},
	{
		name: "resolver-servfail", story: "the name server answers SERVFAIL",
		deeds: during(names(func(s *netlab.NameServer) { s.Answer(2) }), names(func(s *netlab.NameServer) { s.Answer(0) })),
		want: []expected{{
			what: path.ResolverFailed, iface: "eth0", family: fact.IPv4, severity: fold.SeverityDegraded, to: 1, late: seldom,
			text: "resolver 203.0.113.53 answered SERVFAIL; the gateway, IPv4 and IPv6 worked",
		}},
	},
	{
		name: "resolver-says-refused", story: "the name server answers REFUSED",
		deeds: during(names(func(s *netlab.NameServer) { s.Answer(5) }), names(func(s *netlab.NameServer) { s.Answer(0) })),
		want: []expected{{
			what: path.ResolverFailed, iface: "eth0", family: fact.IPv4, severity: fold.SeverityDegraded, to: 1, late: seldom,
			text: "resolver 203.0.113.53 answered REFUSED; the gateway, IPv4 and IPv6 worked",
		}},
	},
	{
		name: "resolver-slow", story: "the name server takes 1.5 s",
		deeds: []deed{{0, names(func(s *netlab.NameServer) { s.Delay(1500 * time.Millisecond) })}, {35 * time.Second, names(func(s *netlab.NameServer) { s.Delay(0) })}},
		calm:  20 * time.Second,
		want: []expected{{
			what: path.Latency, iface: "eth0", family: fact.IPv4, severity: fold.SeverityDegraded, to: 1, late: seldom,
			text: "resolver 203.0.113.53 was slow: 1.5 s instead of 2.0 ms; the gateway, IPv4 and IPv6 worked",
		}},
	},
}
