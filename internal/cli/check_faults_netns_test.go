package cli_test

import (
	"net"
	"net/http"
	"testing"
	"time"

	"flapscope/internal/netlab"
)

// A fault is something that is done to a lab, and what a diagnosis must say then.
type fault struct {
	// do is what is done, for people.
	do string
	// with is what is so before, and make is what is done.
	with, make func(t *testing.T, l *faultLab)
	// state, root and notes are what is said, in the words of JSON; a root that is
	// of one family has its number behind it.
	state, root, notes string
	args               []string
	// told are the incidents that are told while it is so, a line each, and last is how
	// long that is; 0 is the usual.
	told string
	last time.Duration
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

// unplug takes the carrier away.
func unplug(t *testing.T, l *faultLab) {
	l.g.Batch(t, "link set l1 down")
	l.h.Carrier(t, "l0", false)
}

// localFaults are those of this machine and its link.
var localFaults = []fault{
	{do: "the interface is set down", make: onHost("link set l0 down"), state: "offline", root: "admin_down", told: "admin_down, outage: l0 is set down; nothing works"},
	{do: "the other end is set down", make: unplug, state: "offline", root: "carrier_lost", told: "carrier_lost, outage: l0 has no carrier; nothing works"},
	{do: "the addresses are gone", make: onHost("addr flush dev l0"), state: "offline", root: "no_address", told: "address_lost, outage: l0 has lost its addresses 10.50.0.2 and 2001:db8:50::2; nothing works"},
	{do: "an unreachable IPv6 default route", make: onHost("-6 route add unreachable default metric 1"), state: "degraded", root: "route_blocked6", told: "route_blocked, outage: route \"unreachable default\" in table main refuses all IPv6 traffic"},
	{do: "the default routes are gone", make: onHost("route del default", "-6 route del default"), state: "offline", root: "no_route", told: "route_withdrawn, outage: the default routes via 10.50.0.1 and 2001:db8:50::1 on l0 are withdrawn; nothing works"},
	{do: "unreachable default routes", make: onHost("route replace unreachable default", "-6 route add unreachable default metric 1"), state: "offline", root: "route_blocked", told: "route_blocked, outage: route \"unreachable default\" in table main refuses all traffic; nothing works"},
	{do: "nobody may ping", make: func(t *testing.T, l *faultLab) { l.h.Sysctl(t, "ipv4/ping_group_range", "1 0") }, state: "online", notes: "pings_forbidden"},
	{do: "the own firewall drops pings over IPv4", make: hostRule("output", "meta l4proto icmp drop"), state: "online", notes: "local_firewall", told: "icmp_filtered, note: the IPv4 internet beyond gateway 10.50.0.1 on l0 does not answer pings: filtered by the firewall of this machine"},
	{do: "the own firewall rejects pings over IPv4", make: hostRule("output", "meta l4proto icmp reject"), state: "online", notes: "local_firewall", told: "icmp_filtered, note: the IPv4 internet beyond gateway 10.50.0.1 on l0 does not answer pings: filtered by the firewall of this machine"},
	{do: "the own firewall drops DNS", make: hostRule("output", "udp dport 53 drop"), state: "degraded", root: "local_firewall4", told: "local_firewall, degraded: the firewall of this machine drops what goes to resolver 10.50.0.1; the gateway, IPv4 and IPv6 work"},
	{do: "the own firewall drops port 443", make: hostRule("output", "tcp dport 443 drop"), state: "degraded", root: "https_blocked", told: "https_blocked, degraded: HTTPS on l0 is blocked: no answer from port 443 of any operator; the gateway, DNS, IPv4 and IPv6 work"},
	{do: "all local ports towards 1.1.1.1 are taken", make: takePorts, state: "degraded", root: "port_exhaustion4", told: "port_exhaustion, degraded: this machine is out of local ports towards 1.1.1.1:443; the gateway, DNS, IPv4 and IPv6 work"},
	{do: "two half defaults into an interface that leads nowhere", make: onHost("link add t9 type veth peer name t8", "link set t9 up", "link set t8 up", "addr add 10.99.0.2/24 dev t9", "route add 0.0.0.0/1 dev t9", "route add 128.0.0.0/1 dev t9"), state: "degraded", root: "tunnel_silent4", told: "route_stolen, outage: t9 has taken the IPv4 default route from l0, and nothing answers there; DNS and IPv6 work; l0 could carry it: its gateway answers"},
	{do: "128 kbit/s and a queue of 25 kB", make: func(t *testing.T, l *faultLab) { l.upload(t) }, state: "degraded", root: "own_queue", told: "own_queue, degraded: this machine's own queue on l0"},
	{do: "a second interface, and strict reverse path filters", with: strictFilter, state: "unknown", notes: "strict_rp_filter family_absent", args: []string{"--interface", "l2"}},
}

// gatewayFaults are those of the gateway.
var gatewayFaults = []fault{
	{do: "the gateway has no addresses any more", make: func(t *testing.T, l *faultLab) {
		l.g.Batch(t, "addr flush dev l1")
		l.h.Batch(t, "neigh flush all", "-6 neigh flush all")
	}, state: "no_internet", root: "gateway_unresolved", told: "gateway_unresolved, outage: gateway 10.50.0.1 and 2001:db8:50::1 on l0 is not found: no answer to ARP and ND; nothing works"},
	{do: "the gateway has no IPv6 address any more", make: func(t *testing.T, l *faultLab) {
		l.g.Batch(t, "addr flush dev l1 scope global", "addr add 10.50.0.1/24 dev l1")
		l.h.Batch(t, "-6 neigh flush all")
	}, state: "degraded", root: "gateway_unresolved6", told: "gateway_unresolved, outage: gateway 2001:db8:50::1 on l0 is not found: no answer to ND; DNS and IPv4 work"},
	{do: "the default route goes to a gateway that does not exist", make: onHost("route replace default via 10.50.0.99"), state: "degraded", root: "gateway_unresolved4", told: "gateway_unresolved, outage: gateway 10.50.0.99 on l0 is not found: no answer to ARP; DNS and IPv6 work"},
	{do: "the address is of another network", make: onHost("addr del 10.50.0.2/24 dev l0", "addr add 10.77.0.2/24 dev l0", "route add 10.50.0.1 dev l0 scope link", "route add default via 10.50.0.1 dev l0 onlink"), state: "degraded", root: "wrong_network4", told: "wrong_network, outage: the IPv4 address 10.77.0.2 on l0 is of another network than gateway 10.50.0.1, which does not answer it; IPv6 works"},
	{do: "another machine on the link has the gateway's address", make: rival, state: "degraded", root: "address_conflict4", told: "gateway_changed, note: gateway 10.50.0.1 on l0 has another hardware address\n" +
		"gateway_changed, note: gateway 10.50.0.1 on l0 has another hardware address\n" +
		"address_conflict, degraded: gateway 10.50.0.1 on l0 is claimed by two machines"},
	{do: "the gateway ignores pings", make: gatewayRule("input", "icmp type echo-request drop; icmpv6 type echo-request drop"), state: "online", notes: "gateway_ignores_pings"},
	{do: "the gateway drops all IPv4 that is for itself", make: gatewayRule("input", "meta nfproto ipv4 drop"), state: "degraded", root: "resolver_silent4", notes: "gateway_ignores_pings", told: "resolver_silent, degraded: resolver 10.50.0.1 is silent; IPv4 and IPv6 work"},
	{do: "the gateway answers on the link, and nothing else", make: func(t *testing.T, l *faultLab) {
		filter(t, l.g, "prerouting", "icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept; iifname l1 drop")
	}, state: "no_internet", root: "gateway_silent", told: "gateway_silent, outage: gateway 10.50.0.1 and 2001:db8:50::1 on l0 is silent; nothing works"},
	{do: "the gateway passes on no new connections, as when its table of them is full", make: gatewayRule("forward", "ct state new drop"), state: "no_internet", root: "upstream_silent", told: "upstream_silent, outage: the internet beyond gateway 10.50.0.1 and 2001:db8:50::1 on l0 is silent; the gateway and DNS work"},
	{do: "the gateway does not say where packets expire", make: gatewayRule("output", "icmp type time-exceeded drop; icmpv6 type time-exceeded drop"), state: "online"},
	{do: "the gateway prohibits UDP", make: gatewayRule("forward", "meta l4proto udp reject with icmpx type admin-prohibited"), state: "online"},
	{do: "pings are filtered", make: gatewayRule("forward", "meta l4proto { icmp, ipv6-icmp } drop"), state: "online", notes: "icmp_filtered", told: "icmp_filtered, note: the internet beyond gateway 10.50.0.1 and 2001:db8:50::1 on l0 does not answer pings: filtered"},
	{do: "the uplink of the gateway is down", make: inGateway("link set w0 down"), state: "no_internet", root: "upstream_unreachable", told: "upstream_unreachable, outage: the internet beyond gateway 10.50.0.1 and 2001:db8:50::1 on l0 is unreachable, says the gateway; the gateway works"},
	{do: "the gateway passes nothing on", make: gatewayRule("forward", "drop"), state: "no_internet", root: "upstream_silent", told: "upstream_silent, outage: the internet beyond gateway 10.50.0.1 and 2001:db8:50::1 on l0 is silent; the gateway and DNS work"},
	{do: "the gateway has blackhole default routes", make: inGateway("route replace blackhole default", "-6 route del default", "-6 route add blackhole default"), state: "no_internet", root: "upstream_silent", told: "upstream_silent, outage: the internet beyond gateway 10.50.0.1 and 2001:db8:50::1 on l0 is silent; the gateway works"},
	{do: "IPv6 is dropped", make: gatewayRule("forward", "meta nfproto ipv6 drop"), state: "degraded", root: "upstream_silent6", told: "upstream_silent, outage: the IPv6 internet beyond gateway 2001:db8:50::1 on l0 is silent; the gateway, DNS and IPv4 work"},
	{do: "IPv4 is dropped", make: gatewayRule("forward", "meta nfproto ipv4 drop"), state: "degraded", root: "upstream_silent4", told: "upstream_silent, outage: the IPv4 internet beyond gateway 10.50.0.1 on l0 is silent; the gateway, DNS and IPv6 work"},
	{do: "the gateway has no IPv6 default route", make: inGateway("-6 route del default"), state: "online", notes: "upstream_absent", told: "upstream_absent, note: the IPv6 internet beyond gateway 2001:db8:50::1 on l0 is absent, says the gateway; programs take IPv4 at once"},
	{do: "IPv6 has a link-local address only", with: onHost("addr del 2001:db8:50::2/64 dev l0"), state: "online", notes: "link_local_only", told: "family_absent, note: l0 has no IPv6 address"},
}

// farFaults are those of the way beyond the gateway.
var farFaults = []fault{
	{do: "one operator is silent", make: func(t *testing.T, l *faultLab) { filter(t, l.i, "prerouting", "ip daddr 1.1.1.1 drop") }, state: "online", notes: "one_operator_silent"},
	{do: "30 % of the packets are lost each way", make: gatewayRule("forward", "numgen random mod 100 < 30 drop"), state: "degraded", root: "loss", told: "loss, degraded: the internet beyond gateway 10.50.0.1 and 2001:db8:50::1 on l0 loses 10 of 27 packets"},
	{do: "the way is 1400 bytes wide, and the gateway says so", make: narrow, state: "online", notes: "path_mtu"},
	{do: "the way is 1400 bytes wide, and nobody says so", make: func(t *testing.T, l *faultLab) {
		narrow(t, l)
		filter(t, l.g, "output", "icmp type destination-unreachable drop; icmpv6 type packet-too-big drop")
	}, state: "degraded", root: "mtu_black_hole", last: 90 * time.Second, told: "mtu_black_hole, degraded: the internet beyond gateway 10.50.0.1 and 2001:db8:50::1 on l0 swallows packets of 1500 bytes, and nobody says so; the gateway, DNS, IPv4 and IPv6 work"},
	{do: "port 443 is prohibited", make: gatewayRule("forward", "tcp dport 443 reject with icmpx type admin-prohibited"), state: "degraded", root: "https_blocked", told: "https_blocked, degraded: HTTPS on l0 is blocked: prohibited, says the gateway 10.50.0.1; the gateway, DNS, IPv4 and IPv6 work"},
	{do: "port 443 is dropped", make: gatewayRule("forward", "tcp dport 443 drop"), state: "degraded", root: "https_blocked", told: "https_blocked, degraded: HTTPS on l0 is blocked: no answer from port 443 of any operator; the gateway, DNS, IPv4 and IPv6 work"},
	{do: "port 443 is reset", make: gatewayRule("forward", "tcp dport 443 reject with tcp reset"), state: "degraded", root: "https_blocked", told: "https_blocked, degraded: HTTPS on l0 is blocked: resets from every operator; the gateway, DNS, IPv4 and IPv6 work"},
	{do: "port 443 of public name servers is reset", make: func(t *testing.T, l *faultLab) {
		l.secure.Show(l.otherCertificate(t, -time.Hour, time.Hour, append([]string{"connectivitycheck.gstatic.com"}, publics...)...))
		filter(t, l.g, "forward", "ip daddr != 203.0.113.80 tcp dport 443 reject with tcp reset; ip6 daddr != 2001:db8:80::80 tcp dport 443 reject with tcp reset")
	}, state: "online", notes: "doh_blocked"},
	{do: "port 853 is reset", make: gatewayRule("forward", "tcp dport 853 reject with tcp reset"), state: "online", notes: "dot_blocked"},
	{do: "port 853 is dropped", make: gatewayRule("forward", "tcp dport 853 drop"), state: "online", notes: "dot_blocked"},
	{do: "port 80 is reset", make: gatewayRule("forward", "tcp dport 80 reject with tcp reset"), state: "online", notes: "http_blocked"},
	{do: "everything is reset, and pings are dropped", make: gatewayRule("forward", "meta l4proto { icmp, ipv6-icmp } drop; tcp dport { 80, 443 } reject with tcp reset"), state: "no_internet", root: "upstream_refused", told: "upstream_refused, outage: the internet beyond gateway 10.50.0.1 and 2001:db8:50::1 on l0 refuses every connection; the gateway and DNS work"},
	{do: "a walled garden", make: garden, state: "portal", root: "walled_garden4", told: toldGarden + "; the gateway and DNS work"},
	{do: "a walled garden from the start", with: garden, state: "portal", root: "walled_garden4", told: toldGarden + "; the gateway and DNS work"},
	{do: "a walled garden that answers for a public name server", with: askPublic, make: func(t *testing.T, l *faultLab) {
		filter(t, l.g, "forward", "iifname l1 udp dport 53 accept; iifname l1 ip daddr != 203.0.113.80 drop; meta nfproto ipv6 drop")
	}, state: "portal", root: "walled_garden4", told: toldGarden + "; the gateway and DNS work"},
	{do: "a walled garden that resets connections", make: gatewayRule("forward", "iifname l1 ip daddr { 203.0.113.80, 203.0.113.53 } accept; iifname l1 meta l4proto tcp reject with tcp reset; iifname l1 drop"), state: "portal", root: "walled_garden4", told: toldGarden + "; the gateway and DNS work"},
	{do: "a walled garden that prohibits the rest", make: gatewayRule("forward", "iifname l1 ip daddr != { 203.0.113.80, 203.0.113.53 } reject with icmpx type admin-prohibited; meta nfproto ipv6 reject with icmpx type admin-prohibited"), state: "portal", root: "walled_garden4", told: toldGarden + "; the gateway and DNS work"},
	{do: "answers to pings come twice", make: func(t *testing.T, l *faultLab) {
		l.g.Filter(t, "table ip y {\nchain c {\ntype filter hook postrouting priority 0\noifname l1 icmp type echo-reply dup to 10.50.0.2 device l1\n}\n}\n")
	}, state: "online", notes: "duplicates"},
	{do: "another address answers pings", make: func(t *testing.T, l *faultLab) {
		l.g.Filter(t, "table ip y {\nchain c {\ntype filter hook postrouting priority 0\noifname l1 icmp type echo-reply ip saddr set 10.99.99.99\n}\n}\n")
	}, state: "online", notes: "answered_by_another", told: "icmp_filtered, note: the IPv4 internet beyond gateway 10.50.0.1 on l0 does not answer pings: filtered"},
}

// toldGarden is what is told of a walled garden.
const toldGarden = "walled_garden, outage: a walled garden on l0 lets only chosen sites through: connectivitycheck.gstatic.com passes, and nothing else"

// toldPortal is what is told of a portal that drops the rest.
const toldPortal = "portal, outage: a captive portal on l0 answers for connectivitycheck.gstatic.com"

// garden lets only the page of the portal check and the name server behind the
// gateway's through.
func garden(t *testing.T, l *faultLab) {
	filter(t, l.g, "forward", "iifname l1 ip daddr != { 203.0.113.80, 203.0.113.53 } drop; meta nfproto ipv6 drop")
}

// behind lets the page of the portal check through and answers it, and drops the rest.
func behind(status int, to, body string) func(*testing.T, *faultLab) {
	return func(t *testing.T, l *faultLab) {
		l.page.Answer(status, to, body)
		garden(t, l)
	}
}

// webFaults are those of what is said over connections.
var webFaults = []fault{
	{do: "the certificates have expired", make: func(t *testing.T, l *faultLab) {
		l.secure.Show(l.otherCertificate(t, -48*time.Hour, -24*time.Hour, publics...))
	}, state: "degraded", root: "certificate_invalid4", told: "certificate_invalid, degraded: the certificate of 1.1.1.1 has expired; the gateway, DNS, IPv4 and IPv6 work"},
	{do: "the certificates are good from tomorrow on", make: func(t *testing.T, l *faultLab) {
		l.secure.Show(l.otherCertificate(t, 24*time.Hour, 48*time.Hour, publics...))
	}, state: "degraded", root: "certificate_invalid4", told: "certificate_invalid, degraded: the certificate of 1.1.1.1 is not valid yet; the gateway, DNS, IPv4 and IPv6 work"},
	{do: "the certificates are good from tomorrow on, and it is tomorrow", make: func(t *testing.T, l *faultLab) {
		l.secure.Show(l.otherCertificate(t, 24*time.Hour, 48*time.Hour, publics...))
		l.secure.Ahead(25 * time.Hour)
	}, state: "degraded", root: "clock_wrong4", told: "clock_wrong, degraded: the clock of this machine is 25 h slow; the gateway, DNS, IPv4 and IPv6 work"},
	{do: "the certificates are for other names", make: func(t *testing.T, l *faultLab) {
		l.secure.Show(l.otherCertificate(t, -time.Hour, time.Hour, "192.0.2.99"))
	}, state: "degraded", root: "tls_intercepted4", told: "tls_intercepted, degraded: TLS on l0 is intercepted: no certificate is that of who was asked (wrong name); the gateway, DNS, IPv4 and IPv6 work"},
	{do: "the certificates are of an unknown issuer", make: func(t *testing.T, l *faultLab) {
		other := netlab.NewAuthority(t)
		l.secure.Show(other.Issue(t, time.Now().Add(-time.Hour), time.Now().Add(time.Hour), publics...))
	}, state: "degraded", root: "tls_intercepted4", told: "tls_intercepted, degraded: TLS on l0 is intercepted: no certificate is that of who was asked (unknown issuer); the gateway, DNS, IPv4 and IPv6 work"},
	{do: "all dates are three hours ahead", make: func(_ *testing.T, l *faultLab) { l.secure.Ahead(3 * time.Hour) }, state: "degraded", root: "clock_wrong4", told: "clock_wrong, degraded: the clock of this machine is 3 h slow; the gateway, DNS, IPv4 and IPv6 work"},
	{do: "handshakes are cut", make: func(_ *testing.T, l *faultLab) { l.secure.Cut() }, state: "degraded", root: "https_blocked4", told: "https_blocked, degraded: HTTPS on l0 is blocked: port 443 answers, and not with TLS; the gateway, DNS, IPv4 and IPv6 work"},
	{do: "HTTP: a redirect, and handshakes are cut", make: func(_ *testing.T, l *faultLab) {
		l.page.Answer(http.StatusFound, "http://203.0.113.80/login", "")
		l.secure.Cut()
	}, state: "portal", root: "portal", told: "portal, degraded: a captive portal on l0 answers for connectivitycheck.gstatic.com: sign in at http://203.0.113.80/login; the gateway, DNS, IPv4 and IPv6 work"},
	{do: "HTTP: a page of its own, and handshakes are cut", make: func(_ *testing.T, l *faultLab) {
		l.page.Answer(http.StatusOK, "", "<html>log in</html>")
		l.secure.Cut()
	}, state: "portal", root: "portal", told: "portal, degraded: a captive portal on l0 answers for connectivitycheck.gstatic.com; the gateway, DNS, IPv4 and IPv6 work"},
	{do: "HTTP: 511, and handshakes are cut", make: func(_ *testing.T, l *faultLab) {
		l.page.Answer(http.StatusNetworkAuthenticationRequired, "", "log in")
		l.secure.Cut()
	}, state: "portal", root: "portal", told: "portal, degraded: a captive portal on l0 answers for connectivitycheck.gstatic.com; the gateway, DNS, IPv4 and IPv6 work"},
	{do: "HTTP: a redirect, and all else is dropped", make: behind(http.StatusFound, "http://203.0.113.80/login", ""), state: "portal", root: "portal4", told: toldPortal + ": sign in at http://203.0.113.80/login; the gateway and DNS work"},
	{do: "HTTP: a redirect, and all else is dropped from the start", with: behind(http.StatusFound, "http://203.0.113.80/login", ""), state: "portal", root: "portal4", told: toldPortal + ": sign in at http://203.0.113.80/login; the gateway and DNS work"},
	{do: "HTTP: 511, and all else is dropped", make: behind(http.StatusNetworkAuthenticationRequired, "", "log in"), state: "portal", root: "portal4", told: toldPortal + "; the gateway and DNS work"},
	{do: "HTTP: a page of its own, and all else is dropped", make: behind(http.StatusOK, "", `<html><meta http-equiv="refresh" content="0; url=http://203.0.113.80/login"></html>`), state: "portal", root: "portal4", told: toldPortal + "; the gateway and DNS work"},
	{do: "HTTP: the gateway answers for everybody, and all else is dropped", make: func(t *testing.T, l *faultLab) {
		l.g.ServePage(t).Answer(http.StatusFound, "http://10.50.0.1/login", "")
		l.g.Filter(t, "table inet y {\nchain c {\ntype nat hook prerouting priority -100\niifname l1 tcp dport 80 redirect\n}\n}\n")
		filter(t, l.g, "forward", "drop")
	}, state: "portal", root: "portal", told: toldPortal + ": sign in at http://10.50.0.1/login; the gateway and DNS work"},
	{do: "HTTP: a redirect, and TLS is well", make: func(_ *testing.T, l *faultLab) {
		l.page.Answer(http.StatusFound, "http://203.0.113.80/login", "")
	}, state: "online", notes: "proxy", told: "proxy, note: plain HTTP on l0 is rewritten on the way; TLS is untouched"},
	{do: "HTTP: a page of its own, and TLS is well", make: func(_ *testing.T, l *faultLab) { l.page.Answer(http.StatusOK, "", "<html>by your proxy</html>") }, state: "online", notes: "proxy", told: "proxy, note: plain HTTP on l0 is rewritten on the way; TLS is untouched"},
	{do: "HTTP: 404", make: func(_ *testing.T, l *faultLab) { l.page.Answer(http.StatusNotFound, "", "") }, state: "online", notes: "check_server"},
	{do: "HTTP: connections are made, and nothing is said", make: func(_ *testing.T, l *faultLab) { l.page.Silence() }, state: "online", notes: "http_blocked"},
	{do: "HTTP: 200 and nothing more", make: func(_ *testing.T, l *faultLab) { l.page.Answer(http.StatusOK, "", "") }, state: "online"},
	{do: "HTTP: 301 to HTTPS of the same host", make: func(_ *testing.T, l *faultLab) {
		l.page.Answer(http.StatusMovedPermanently, "https://connectivitycheck.gstatic.com/generate_204", "")
	}, state: "online", notes: "check_server"},
	{do: "HTTP: 500", make: func(_ *testing.T, l *faultLab) { l.page.Answer(http.StatusInternalServerError, "", "") }, state: "online", notes: "check_server"},
	{do: "HTTP: cut off without a word", make: func(_ *testing.T, l *faultLab) { l.page.Nothing() }, state: "online", notes: "check_server"},
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
	tc := l.h.Command("tc", "qdisc", "add", "dev", "l0", "root", "tbf", "rate", "128kbit", "burst", "1600", "limit", "60000")
	if out, err := tc.CombinedOutput(); err != nil {
		t.Skipf("SKIPPED: needs sch_tbf: %v: %s", err, out)
	}
	err := l.h.Do(func() error {
		c, err := net.Dial("udp", "8.8.8.8:9")
		if err != nil {
			return err
		}
		defer c.Close()
		for range 18 {
			c.Write(make([]byte, 1400))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// rival puts a second machine on the link that has the gateway's IPv4 address and
// passes nothing on. Both ask in turn for the machine, again and again: who asks tells
// its own hardware address.
func rival(t *testing.T, l *faultLab) {
	other := netlab.New(t)
	l.g.Batch(t, "link add link l1 name m1 type macvlan mode bridge", "link set m1 netns "+other.Name)
	other.Batch(t, "addr add 10.50.0.1/24 dev m1", "link set m1 up")
	asks := func(ns *netlab.Namespace) {
		ns.Try("-4 neigh flush all") // The lab may be gone.
		ns.Do(func() error {
			c, err := net.Dial("udp4", "10.50.0.2:9")
			if err == nil {
				c.Write([]byte{0})
				c.Close()
			}
			return err
		})
	}
	time.Sleep(1100 * time.Millisecond) // Until then an entry that was confirmed is kept (locktime of arp(7)).
	asks(other)
	go func() {
		for n := 0; t.Context().Err() == nil; n++ {
			time.Sleep(1500 * time.Millisecond)
			asks([]*netlab.Namespace{l.g, other}[n%2])
		}
	}()
}

// strictFilter gives the machine a second interface with a path that its routes
// don't prefer.
func strictFilter(t *testing.T, l *faultLab) {
	l.second(t)
	l.h.Sysctl(t, "ipv4/conf/all/rp_filter", "1")
}
