package cli_test

import (
	"testing"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
)

// pathScenarios are what takes the path away, as the kernel says it.
var pathScenarios = []scenario{
	{
		name: "carrier-lost", story: "the cable is pulled out",
		deeds: during(onGateway("link set lan0 down"), onGateway("link set lan0 up")),
		want: []expected{{
			what: path.CarrierLost, iface: "eth0", severity: fold.SeverityOutage, to: 1,
			text: "eth0 lost its carrier; nothing worked",
		}},
	},
	{
		name: "admin-down", story: "the interface is set down",
		deeds: during(onMachine("link set eth0 down"), configure),
		want: []expected{{
			what: path.AdminDown, iface: "eth0", severity: fold.SeverityOutage, to: 1,
			text: "eth0 was set down; nothing worked",
		}},
	},
	{
		name: "interface-gone", story: "the interface is removed",
		deeds: during(onMachine("link del eth0"), func(t *testing.T, l *lab) { l.Wire(t); l.Configure(t) }),
		want: []expected{{
			what: path.InterfaceGone, iface: "eth0", severity: fold.SeverityOutage, to: 1,
			text: "eth0 was gone; nothing worked",
		}},
	},
	{
		name: "address-lost", story: "the IPv4 address is removed",
		deeds: during(onMachine("addr del 192.0.2.7/24 dev eth0"), configure),
		want: []expected{{
			what: path.AddressLost, iface: "eth0", family: fact.IPv4, severity: fold.SeverityOutage, to: 1,
			text: "eth0 lost its IPv4 address 192.0.2.7; IPv6 worked",
		}},
	},
	{
		name: "address-expired", story: "the lease of the IPv4 address ends",
		deeds: []deed{
			{0, onMachine("addr change 192.0.2.7/24 dev eth0 valid_lft 4 preferred_lft 4")},
			{4 * time.Second, nothing},
			{labLast, configure},
		},
		want: []expected{{
			what: path.AddressExpired, iface: "eth0", family: fact.IPv4, severity: fold.SeverityOutage, from: 1, to: 2, late: 1500 * time.Millisecond,
			text: "the IPv4 address 192.0.2.7 on eth0 expired; IPv6 worked",
		}},
	},
	{
		name: "ipv6-address-lost", story: "the IPv6 address is removed",
		deeds: during(onMachine("addr del 2001:db8:1::7/64 dev eth0"), configure),
		want: []expected{{
			what: path.AddressLost, iface: "eth0", family: fact.IPv6, severity: fold.SeverityOutage, to: 1,
			text: "eth0 lost its IPv6 address 2001:db8:1::7; DNS and IPv4 worked",
		}},
	},
	{
		name: "both-addresses-lost", story: "both addresses are removed",
		deeds: during(onMachine("addr flush dev eth0 scope global"), configure),
		want: []expected{{
			what: path.AddressLost, iface: "eth0", severity: fold.SeverityOutage, to: 1,
			text: "eth0 lost its addresses 192.0.2.7 and 2001:db8:1::7; nothing worked",
		}},
	},
	{
		name: "route-withdrawn", story: "the IPv4 default route is removed",
		deeds: during(onMachine("route del default via 192.0.2.1"), configure),
		want: []expected{{
			what: path.RouteWithdrawn, iface: "eth0", family: fact.IPv4, severity: fold.SeverityOutage, to: 1,
			text: "the IPv4 default route via 192.0.2.1 on eth0 was withdrawn; IPv6 worked",
		}},
	},
	{
		name: "both-routes-withdrawn", story: "both default routes are removed",
		deeds: during(onMachine("route del default via 192.0.2.1", "route del default via 2001:db8:1::1"), configure),
		want: []expected{{
			what: path.RouteWithdrawn, iface: "eth0", severity: fold.SeverityOutage, to: 1,
			text: "the default routes via 192.0.2.1 and 2001:db8:1::1 on eth0 were withdrawn; nothing worked",
		}},
	},
	{
		name: "blackhole-route", story: "a blackhole route is put before the IPv4 default route",
		deeds: during(onMachine("route add blackhole default metric 0"), onMachine("route del blackhole default metric 0")),
		with:  onMachine("route del default via 192.0.2.1", "route add default via 192.0.2.1 metric 100"),
		want: []expected{{
			what: path.RouteBlocked, iface: "eth0", family: fact.IPv4, severity: fold.SeverityOutage, to: 1,
			text: `route "blackhole default" in table main refused all IPv4 traffic; IPv6 worked`,
		}},
	},
	{
		name: "resolver-without-a-way", story: "the kernel has no way to the only name server",
		deeds: during(onMachine("route add unreachable 203.0.113.53"), onMachine("route del unreachable 203.0.113.53")),
		want: []expected{{
			what: path.ResolverUnreachable, iface: "eth0", family: fact.IPv4, severity: fold.SeverityDegraded, to: 1, late: seldom,
			text: "resolver 203.0.113.53 was out of reach; the gateway, IPv4 and IPv6 worked",
		}},
	},
	{
		name: "prohibit-rule", story: "a rule prohibits all traffic, in both families",
		deeds: during(onMachine("rule add pref 100 prohibit", "-6 rule add pref 100 prohibit"), onMachine("rule del pref 100", "-6 rule del pref 100")),
		want: []expected{{
			what: path.RouteBlocked, iface: "eth0", severity: fold.SeverityOutage, to: 1,
			text: `rule "100: from all prohibit" refused all traffic; nothing worked`,
		}},
	},
}
