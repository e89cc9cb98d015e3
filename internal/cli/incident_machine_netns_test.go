package cli_test

import (
	"net"
	"strings"
	"testing"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
)

// filterOut lets the packet filter of the machine drop what leaves it and matches,
// and letOut drops nothing any more.
func filterOut(matches ...string) action {
	return func(t *testing.T, l *lab) {
		l.Machine.Filter(t, "table inet out {\n chain c {\n type filter hook output priority 0\n"+strings.Join(matches, " drop\n")+" drop\n }\n}\n")
	}
}

func letOut(t *testing.T, l *lab) { l.Machine.Filter(t, "delete table inet out\n") }

// usePorts takes all local ports towards the IPv4 addresses that are asked, and
// freePorts gives them back.
func usePorts(t *testing.T, l *lab) {
	l.Machine.Sysctl(t, "ipv4/ip_local_port_range", "40000 40003")
	for _, to := range []string{"1.1.1.1:443", "8.8.8.8:443"} {
		for range 4 {
			var conn net.Conn
			err := l.Machine.Do(func() (err error) {
				conn, err = net.Dial("tcp4", to)
				return err
			})
			if err != nil {
				// The one of the recorder is the fourth.
				continue
			}
			l.connections = append(l.connections, conn)
		}
	}
}

func freePorts(t *testing.T, l *lab) {
	l.Machine.Sysctl(t, "ipv4/ip_local_port_range", "32768 60999")
	for _, c := range l.connections {
		c.(*net.TCPConn).SetLinger(0)
		c.Close()
	}
}

// detectDuplicates lets the machine look whether others have its IPv6 address.
func detectDuplicates(t *testing.T, l *lab) { l.Machine.Sysctl(t, "ipv6/conf/eth0/accept_dad", "1") }

// releaseTunnel lets the program go that holds the near end of the tunnel, which
// stays: its link has no carrier then.
func releaseTunnel(t *testing.T, l *lab) { l.tunnel.Release(t) }

// internet are the commands that give the world all addresses that are asked, or
// take them from it: it has no route to those that it does not have.
func internet(verb string) (out []string) {
	for _, a := range []string{"1.1.1.1/32", "8.8.8.8/32", "2606:4700:4700::1111/128", "2001:4860:4860::8888/128", "203.0.113.53/32", "203.0.113.80/32"} {
		out = append(out, "addr "+verb+" "+a+" dev lo")
	}
	return out
}

// beRouter makes a router of the world, which refuses what it has no route to.
func beRouter(t *testing.T, l *lab) {
	l.World.Batch(t, "route add 192.0.2.0/24 via 198.51.100.1", "route del default via 198.51.100.1", "route add unreachable default",
		"-6 route add 2001:db8:1::/64 via 2001:db8:2::1", "-6 route del default via 2001:db8:2::1", "-6 route add unreachable default")
	l.World.Sysctl(t, "ipv4/ip_forward", "1")
	l.World.Sysctl(t, "ipv6/conf/all/forwarding", "1")
}

// muteNarrow makes the way beyond the gateway narrower than the link, and lets nobody say
// so; muteWiden undoes it.
func muteNarrow(t *testing.T, l *lab) {
	l.Gateway.Filter(t, "table inet mute {\n chain c {\n type filter hook output priority 0\n"+
		"icmp type destination-unreachable drop\nicmpv6 type packet-too-big drop\n }\n}\n")
	l.Gateway.Batch(t, "link set wan0 mtu 1300")
	l.World.Batch(t, "link set isp0 mtu 1300")
}

func muteWiden(t *testing.T, l *lab) {
	l.Gateway.Batch(t, "link set wan0 mtu 1500")
	l.World.Batch(t, "link set isp0 mtu 1500")
	l.Gateway.Filter(t, "delete table inet mute\n")
}

// machineScenarios are what is wrong with this machine itself.
var machineScenarios = []scenario{
	{
		name: "starts-without-addresses", story: "the machine starts without an address",
		with:  onMachine("addr flush dev eth0 scope global"),
		deeds: []deed{{0, nothing}, {10 * time.Second, configure}},
		want: []expected{{
			what: path.NoAddress, iface: "eth0", severity: fold.SeverityOutage, to: 1, late: 15 * time.Second, chance: true,
			text: "eth0 got no address; nothing worked",
		}},
	},
	{
		name: "no-lease-after-the-cable", story: "the cable is out, and when it is back the machine gets no IPv4 address for a minute",
		deeds: []deed{
			{0, all(onGateway("link set lan0 down"), onMachine("addr del 192.0.2.7/24 dev eth0"))},
			{12 * time.Second, all(onGateway("link set lan0 up"), onMachine("addr replace 2001:db8:1::7/64 dev eth0 nodad", "route replace default via 2001:db8:1::1 dev eth0 metric 1024"))},
			{60 * time.Second, configure},
		},
		want: []expected{
			{
				what: path.CarrierLost, iface: "eth0", severity: fold.SeverityOutage, to: 1, late: 2 * time.Second,
				text: "eth0 lost its carrier; nothing worked",
			},
			{
				what: path.NoAddress, iface: "eth0", family: fact.IPv4, severity: fold.SeverityOutage, from: 1, to: 2, late: 2 * time.Second,
				text: "eth0 got no IPv4 address; IPv6 worked",
			},
		},
	},
	{
		name: "no-lease-at-all-after-the-cable", story: "the cable is out, and when it is back the machine gets no address for half a minute",
		deeds: []deed{
			{0, all(onGateway("link set lan0 down"), onMachine("addr flush dev eth0 scope global"))},
			{12 * time.Second, onGateway("link set lan0 up")},
			{30 * time.Second, configure},
		},
		want: []expected{
			{
				what: path.CarrierLost, iface: "eth0", severity: fold.SeverityOutage, to: 1, late: 2 * time.Second,
				text: "eth0 lost its carrier; nothing worked",
			},
			{
				what: path.NoAddress, iface: "eth0", severity: fold.SeverityOutage, from: 1, to: 2, late: 2 * time.Second,
				text: "eth0 got no address; nothing worked",
			},
		},
	},
	{
		name: "no-route-after-the-cable", story: "the cable is out, and when it is back there are no default routes for half a minute",
		deeds: []deed{
			{0, onGateway("link set lan0 down")},
			{6 * time.Second, onMachine("route del default via 192.0.2.1", "route del default via 2001:db8:1::1")},
			{6 * time.Second, onGateway("link set lan0 up")},
			{30 * time.Second, configure},
		},
		want: []expected{
			{
				what: path.CarrierLost, iface: "eth0", severity: fold.SeverityOutage, to: 2, late: 2 * time.Second,
				text: "eth0 lost its carrier; nothing worked",
			},
			{
				what: path.NoRoute, iface: "eth0", severity: fold.SeverityOutage, from: 2, to: 3, late: 2 * time.Second,
				text: "the default route on eth0 was missing; nothing worked",
			},
		},
	},
	{
		name: "duplicate-address", story: "another host has the machine's IPv6 address when it configures it",
		with: detectDuplicates,
		deeds: []deed{
			{0, all(onGateway("addr add 2001:db8:1::7/128 dev lan0 nodad"), onMachine("addr del 2001:db8:1::7/64 dev eth0", "addr add 2001:db8:1::7/64 dev eth0", "route replace default via 2001:db8:1::1 dev eth0 metric 1024"))},
			{labLast, all(onGateway("addr del 2001:db8:1::7/128 dev lan0"), onMachine("addr del 2001:db8:1::7/64 dev eth0"), configure)},
		},
		want: []expected{{
			what: path.DADFailed, iface: "eth0", family: fact.IPv6, severity: fold.SeverityOutage, to: 1,
			text: "the IPv6 address 2001:db8:1::7 on eth0 was in use by another host; DNS and IPv4 worked",
		}},
	},
	{
		name: "address-of-another-network", story: "the machine has the IPv4 address of another network",
		deeds: during(
			onMachine("addr del 192.0.2.7/24 dev eth0", "addr add 10.77.0.2/24 dev eth0", "route add 192.0.2.1 dev eth0 scope link", "route add default via 192.0.2.1 dev eth0"),
			func(t *testing.T, l *lab) {
				l.Machine.Batch(t, "addr del 10.77.0.2/24 dev eth0", "route flush 192.0.2.1")
				l.Configure(t)
			}),
		want: []expected{{
			what: path.WrongNetwork, iface: "eth0", family: fact.IPv4, severity: fold.SeverityOutage, to: 1,
			text: "the IPv4 address 10.77.0.2 on eth0 was of another network than gateway 192.0.2.1, which did not answer it; IPv6 worked",
		}},
	},
	{
		name: "local-firewall", story: "a firewall of the machine drops all that it sends",
		deeds: during(filterOut(`oifname "eth0"`), letOut),
		want: []expected{{
			what: path.LocalFirewall, iface: "eth0", severity: fold.SeverityOutage, to: 1,
			text: "the firewall of this machine dropped all traffic that it sends; nothing worked",
		}},
	},
	{
		name: "local-firewall-drops-names", story: "a firewall of the machine drops questions to name servers",
		deeds: during(filterOut("udp dport 53"), letOut),
		want: []expected{{
			what: path.LocalFirewall, iface: "eth0", family: fact.IPv4, severity: fold.SeverityDegraded, to: 1, late: seldom,
			text: "the firewall of this machine dropped what goes to resolver 203.0.113.53; the gateway, IPv4 and IPv6 worked",
		}},
	},
	{
		name: "local-firewall-drops-pings", story: "a firewall of the machine drops its pings",
		deeds: during(filterOut("icmp type echo-request", "icmpv6 type echo-request"), letOut),
		notes: []path.What{path.ICMPFiltered},
	},
	{
		name: "out-of-ports", story: "the machine has no local ports left for connections to the internet",
		deeds: []deed{{0, usePorts}, {40 * time.Second, freePorts}},
		calm:  15 * time.Second,
		want: []expected{{
			what: path.PortExhaustion, iface: "eth0", family: fact.IPv4, severity: fold.SeverityDegraded, to: 1, late: 11 * time.Second,
			text: "this machine was out of local ports towards 1.1.1.1:443 and 8.8.8.8:443; the gateway, DNS, IPv4 and IPv6 worked",
		}},
	},
	{
		name: "tunnel-released", story: "the program of a VPN that takes IPv4 lets go of its interface",
		with:  tunnelled,
		deeds: during(releaseTunnel, giveIPv4),
		want: []expected{{
			what: path.TunnelDown, iface: "tun0", family: fact.IPv4, severity: fold.SeverityOutage, to: 1,
			text: "tunnel tun0 was down: its program has let go of it; IPv6 worked; eth0 could have carried it: its gateway answered, but the dead route by tun0 wins over that by eth0 (0.0.0.0/1 is narrower, and ignore_routes_with_linkdown is off)",
		}},
	},
	{
		name: "router-refuses", story: "a router beyond the gateway can't pass on anything",
		with:  beRouter,
		deeds: during(onWorld(internet("del")...), onWorld(internet("add")...)),
		want: []expected{{
			what: path.UpstreamUnreachable, iface: "eth0", severity: fold.SeverityOutage, to: 1,
			text: "the internet beyond gateway 192.0.2.1 and 2001:db8:1::1 on eth0 was unreachable, said router 198.51.100.2; the gateway worked",
		}},
	},
}
