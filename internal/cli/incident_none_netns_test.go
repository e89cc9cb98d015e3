package cli_test

import (
	"syscall"
	"testing"
	"time"

	"flapscope/internal/netlab"
	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
)

// wellScenarios are what is no trouble of the network.
var wellScenarios = []scenario{
	{
		name: "nothing", story: "nothing",
		deeds: []deed{{labLast, nothing}},
	},
	{
		name: "resolver-on-the-gateway", story: "nothing, and the gateway answers for names",
		with:  func(_ *testing.T, l *lab) { l.resolver = "192.0.2.1" },
		deeds: []deed{{labLast, nothing}},
	},
	{
		name: "gateway-ignores-pings", story: "the gateway answers no pings",
		deeds: during(ignorePings("1"), ignorePings("0")),
	},
	{
		name: "pings-filtered", story: "the gateway swallows pings to the internet",
		deeds: during(swallowPings, passPings),
		notes: []path.What{path.ICMPFiltered},
	},
	{
		name: "program-stopped", story: "the program is stopped for 20 s",
		deeds: []deed{
			{0, func(_ *testing.T, l *lab) { l.recorder.process.Process.Signal(syscall.SIGSTOP) }},
			{20 * time.Second, func(_ *testing.T, l *lab) { l.recorder.process.Process.Signal(syscall.SIGCONT) }},
		},
		notes: []path.What{path.NotWatched},
	},
	{
		name: "slow-first-reply", story: "the first replies take 0.7 s",
		with: func(t *testing.T, l *lab) {
			cabled(t, l)
			l.cable.SlowFirst(8, 700*time.Millisecond)
		},
		deeds: []deed{{labLast, nothing}},
	},
	{
		name: "no-ipv6-ever", story: "the machine never had IPv6",
		with:  onMachine("addr flush dev eth0 scope global to 2001:db8:1::/64"),
		deeds: []deed{{labLast + 15*time.Second, nothing}},
		notes: []path.What{path.FamilyAbsent},
	},
	{
		name: "another-router", story: "another machine takes the gateway over, and says so",
		with: func(t *testing.T, l *lab) {
			l.Gateway.Sysctl(t, "ipv4/conf/lan0/arp_notify", "1")
			l.Gateway.Sysctl(t, "ipv6/conf/lan0/ndisc_notify", "1")
		},
		deeds: []deed{{0, onGateway("link set lan0 address 02:00:00:00:00:99")}},
		notes: []path.What{path.GatewayChanged, path.GatewayChanged},
	},
	{
		name: "one-operator-silent", story: "one operator's addresses are gone",
		deeds: during(onWorld("addr del 1.1.1.1/32 dev lo", "addr del 2606:4700:4700::1111/128 dev lo"), onWorld("addr add 1.1.1.1/32 dev lo", "addr add 2606:4700:4700::1111/128 dev lo")),
	},
	{
		name: "short-loss-of-carrier", story: "the cable is out for 0.3 s",
		deeds: []deed{{0, onGateway("link set lan0 down")}, {300 * time.Millisecond, onGateway("link set lan0 up")}},
	},
}

// severalScenarios are more than one fault.
var severalScenarios = []scenario{
	{
		name: "twenty-flaps", story: "the cable is out for 1.5 s, twenty times",
		deeds: flaps(20, 1500*time.Millisecond, time.Second),
		want: []expected{{
			what: path.CarrierLost, iface: "eth0", severity: fold.SeverityOutage, to: 39, count: 20,
			text: "eth0 lost its carrier 20 ×, 1.5 s to 1.6 s each, 30.0 s in all, 1.0 s after the carrier was back, 19 of 19; nothing worked",
		}},
	},
	{
		name: "ipv6-dead-and-resolver-dead", story: "the gateway swallows IPv6, and 12 s later the name server is closed",
		deeds: []deed{
			{0, dropForwarded("-6")},
			{12 * time.Second, names((*netlab.NameServer).Close)},
			{14 * time.Second, passForwarded("-6")},
			{12 * time.Second, names((*netlab.NameServer).Open)},
		},
		want: []expected{
			{
				what: path.UpstreamSilent, iface: "eth0", family: fact.IPv6, severity: fold.SeverityOutage, to: 2,
				text: "the IPv6 internet beyond gateway 2001:db8:1::1 on eth0 was silent; the gateway and IPv4 worked",
			},
			{
				what: path.ResolverRefused, iface: "eth0", family: fact.IPv4, severity: fold.SeverityDegraded, from: 1, to: 3, late: seldom,
				text: "resolver 203.0.113.53 refused: nothing listened on its port; the gateway, IPv4 and IPv6 worked",
			},
		},
	},
	{
		name: "carrier-lost-after-the-provider", story: "the provider is dead for 60 s, and within them the cable is out for 20 s",
		deeds: []deed{
			{0, dropForwarded("-4", "-6")},
			{20 * time.Second, onGateway("link set lan0 down")},
			{20 * time.Second, onGateway("link set lan0 up")},
			{20 * time.Second, passForwarded("-4", "-6")},
		},
		want: []expected{
			{
				what: path.UpstreamSilent, iface: "eth0", severity: fold.SeverityOutage, to: 3,
				// Whether it was dead while nothing could be seen is not known.
				count: 2,
				text:  "the internet beyond gateway 192.0.2.1 and 2001:db8:1::1 on eth0 was silent 2 ×, 19.8 s to 20.1 s each, 39.9 s in all; the gateway worked",
			},
			{
				what: path.CarrierLost, iface: "eth0", severity: fold.SeverityOutage, from: 1, to: 2,
				text: "eth0 lost its carrier; nothing worked",
			},
		},
	},
	{
		name: "provider-dead-behind-a-dead-gateway", story: "the provider dies behind a gateway that is silent",
		deeds: []deed{
			{0, all(ignorePings("1"), dropForwarded("-4", "-6"))},
			{8 * time.Second, onWorld("link set isp0 down")},
			{8 * time.Second, onWorld("link set isp0 up", "route add default via 198.51.100.1", "route add default via 2001:db8:2::1")},
			{10 * time.Second, all(ignorePings("0"), passForwarded("-4", "-6"))},
		},
		want: []expected{{
			what: path.GatewaySilent, iface: "eth0", severity: fold.SeverityOutage, to: 3,
			text: "gateway 192.0.2.1 and 2001:db8:1::1 on eth0 was silent; nothing worked",
		}},
	},
	{
		name: "resolver-dead-while-the-cable-is-out", story: "the name server is silent for a while when the cable is out",
		deeds: []deed{
			{0, onGateway("link set lan0 down")},
			{8 * time.Second, names(func(s *netlab.NameServer) { s.Silence(true) })},
			{8 * time.Second, names(func(s *netlab.NameServer) { s.Silence(false) })},
			{8 * time.Second, onGateway("link set lan0 up")},
		},
		want: []expected{{
			what: path.CarrierLost, iface: "eth0", severity: fold.SeverityOutage, to: 3,
			text: "eth0 lost its carrier; nothing worked",
		}},
	},
}

// flaps takes the carrier away and gives it back.
func flaps(n int, down, up time.Duration) (out []deed) {
	for range n {
		out = append(out, deed{up, onGateway("link set lan0 down")}, deed{down, onGateway("link set lan0 up")})
	}
	return out
}

// tunnelled has a VPN that takes IPv4.
func tunnelled(t *testing.T, l *lab) {
	l.tunnel = l.Tunnel(t)
	takeIPv4(t, l)
}

var (
	takeIPv4 = onMachine("route add 0.0.0.0/1 dev tun0", "route add 128.0.0.0/1 dev tun0")
	giveIPv4 = onMachine("route del 0.0.0.0/1 dev tun0", "route del 128.0.0.0/1 dev tun0")
)

func swallow(on bool) action { return func(_ *testing.T, l *lab) { l.tunnel.Silence(on) } }

// tunnelScenarios are with a VPN.
var tunnelScenarios = []scenario{
	{
		name: "vpn-well", story: "a VPN takes IPv4, and works",
		with:  tunnelled,
		deeds: []deed{{labLast, nothing}},
	},
	{
		name: "vpn-silent", story: "the far end of a VPN that takes IPv4 dies",
		with:  tunnelled,
		deeds: during(swallow(true), swallow(false)),
		want: []expected{{
			what: path.TunnelSilent, iface: "tun0", family: fact.IPv4, severity: fold.SeverityOutage, to: 1,
			text: "tunnel tun0 returned nothing; DNS and IPv6 worked; eth0 might have carried it: its gateway answered",
		}},
	},
	{
		name: "vpn-takes-ipv4-and-swallows-it", story: "a VPN comes up, takes IPv4 and returns nothing",
		with:  func(t *testing.T, l *lab) { l.tunnel = l.Tunnel(t); l.tunnel.Silence(true) },
		deeds: during(takeIPv4, giveIPv4),
		want: []expected{{
			what: path.TunnelSilent, iface: "tun0", family: fact.IPv4, severity: fold.SeverityOutage, to: 1,
			text: "tunnel tun0 returned nothing; DNS and IPv6 worked; eth0 might have carried it: its gateway answered",
		}},
	},
	{
		name: "provider-dead-under-a-vpn", story: "the provider fails, under a VPN that takes IPv4",
		with:  tunnelled,
		deeds: during(all(dropForwarded("-4", "-6"), swallow(true)), all(passForwarded("-4", "-6"), swallow(false))),
		want: []expected{{
			what: path.UpstreamSilent, iface: "eth0", severity: fold.SeverityOutage, to: 1,
			text: "the internet beyond gateway 2001:db8:1::1 on eth0 was silent; the gateway worked",
		}},
	},
	{
		name: "gateway-gone-under-a-vpn", story: "the gateway leaves the link, under a VPN that takes IPv4",
		with: all(impatient, tunnelled),
		deeds: during(all(onGateway("addr del 192.0.2.1/24 dev lan0", "addr del 2001:db8:1::1/64 dev lan0"), swallow(true)),
			all(onGateway("addr add 192.0.2.1/24 dev lan0", "addr add 2001:db8:1::1/64 dev lan0 nodad"), swallow(false))),
		want: []expected{{
			what: path.GatewayUnresolved, iface: "eth0", severity: fold.SeverityOutage, to: 1, late: asksAgain,
			text: "gateway 2001:db8:1::1 on eth0 was not found: no answer to ND; nothing worked",
		}},
	},
	{
		name: "carrier-lost-under-a-vpn", story: "the cable is out under a VPN",
		with:  tunnelled,
		deeds: during(onGateway("link set lan0 down"), onGateway("link set lan0 up")),
		want: []expected{{
			what: path.CarrierLost, iface: "eth0", severity: fold.SeverityOutage, to: 1,
			text: "eth0 lost its carrier; nothing worked",
		}},
	},
	{
		name: "second-interface-takes-the-route", story: "a second interface takes the IPv4 default route to a gateway that does not exist",
		with:  secondInterface,
		deeds: during(onMachine("route add default via 198.51.100.129 dev eth1 metric 0"), onMachine("route del default via 198.51.100.129 dev eth1")),
		want: []expected{{
			what: path.RouteStolen, iface: "eth1", family: fact.IPv4, severity: fold.SeverityOutage, to: 1,
			text: "eth1 took the IPv4 default route via 198.51.100.129 from eth0, and nothing answered there; IPv6 worked; eth0 could have carried it: its gateway answered",
		}},
	},
}

// secondInterface gives the machine one with a gateway that does not exist.
func secondInterface(t *testing.T, l *lab) {
	l.Machine.Batch(t, "link add eth1 type veth peer name lan1 netns "+l.Gateway.Name, "link set eth1 up", "addr add 198.51.100.130/25 dev eth1",
		"route del default via 192.0.2.1", "route add default via 192.0.2.1 dev eth0 metric 100")
	l.Gateway.Batch(t, "link set lan1 up")
}
