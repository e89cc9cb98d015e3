package vmlab

import (
	"strings"
	"testing"
)

// TestAddresses lets addresses and routes fail and end by themselves.
func TestAddresses(t *testing.T) {
	m := lab(t, Options{
		Programs: []string{"radvd"},
		Files: map[string][]byte{"/etc/radvd.conf": []byte(`interface p0 {
			AdvSendAdvert on; MinRtrAdvInterval 3; MaxRtrAdvInterval 4; AdvDefaultLifetime 6;
			prefix 2001:db8:5::/64 { AdvValidLifetime 60; AdvPreferredLifetime 30; };
		};`)},
	})
	wire(t, m, "a")
	w := follow(t, m, "a", "--no-probes")

	w.part("address-expires", func() {
		w.step("ip -n a -6 route del default; ip -n a addr change 192.0.2.7/24 dev eth0 valid_lft 3 preferred_lft 3")
		e := w.becomes("ipv4", "unsatisfied no_address")
		if got := e.chain(); !strings.HasPrefix(got, "eth0 192.0.2.7/24 ") {
			w.Errorf("cause: got %q, want the end of the address first", got)
		}
	})
	w.part("duplicate", func() {
		w.step("ip -n a -6 addr flush dev eth0 scope global")
		w.await("no address", func(e event) bool { return e.Scope == "ipv6" && e.Reason == "no_address" })
		w.step(`ip -n a-r addr add 2001:db8::8/64 dev p0 nodad
			ip -n a addr add 2001:db8::8/64 dev eth0; ip -n a -6 route add default via 2001:db8::1`)
		e := w.becomes("ipv6", "unsatisfied dad_failed")
		if got := e.chain(); !strings.Contains(got, "eth0 2001:db8::8/64 failed duplicate address detection") {
			w.Errorf("cause: got %q", got)
		}
		w.step("ip -n a addr del 2001:db8::8/64 dev eth0; ip -n a addr add 2001:db8::9/64 dev eth0")
		w.becomes("ipv6", "satisfied")
	})
	w.part("route-expires", func() {
		w.step("ip -n a -6 route replace default via 2001:db8::1 expires 3")
		e := w.becomes("ipv6", "unsatisfied no_route")
		if got := e.chain(); got != "eth0 default via 2001:db8::1 metric 1024 expired" {
			w.Errorf("cause: got %q", got)
		}
	})
	w.part("router-falls-silent", func() {
		m.Run(w.T, `ip netns exec a sysctl -qw net.ipv6.conf.eth0.accept_ra=2
			ip netns exec a-r sysctl -qw net.ipv6.conf.all.forwarding=1`)
		w.step("mkdir -p /var/run; ip netns exec a-r radvd -C /etc/radvd.conf -p /run/radvd.pid -u root")
		e := w.becomes("ipv6", "satisfied")
		if got := e.chain(); !strings.Contains(got, "default via fe80::") {
			w.Errorf("recovery: got %q, want the router's default route", got)
		}
		w.step("kill -9 $(cat /run/radvd.pid)")
		e = w.becomes("ipv6", "unsatisfied no_route")
		// The kernel uses no route that has expired, and removes it up to seconds
		// later: a question meanwhile finds no way first.
		if got := e.chain(); !strings.Contains(got, "expired") && !strings.Contains(got, "nowhere (ENETUNREACH)") {
			w.Errorf("cause: got %q, want the end of the router's lifetime", got)
		}
	})
}

// TestFoldedCarrier loses the carrier for less time than the kernel takes to
// tell: its linkwatch, busy with another interface, says "up" twice.
func TestFoldedCarrier(t *testing.T) {
	nightly(t)
	m := lab(t, Options{})
	wire(t, m, "a")
	m.Run(t, "ip link add f0 type veth peer name f1; ip link set f0 up; ip link set f1 up; sleep 2")
	w := follow(t, m, "a", "--no-probes")
	w.step(`ip link set f1 down; sleep 0.3
		ip -n a-r link set p0 down; ip -n a-r link set p0 up; ip link set f1 up`)
	e := w.becomes("machine", "unsatisfied no_carrier")
	if got := e.chain(); got != "eth0 carrier lost" {
		t.Errorf("cause: got %q", got)
	}
	if got := w.becomes("machine", "satisfied").chain(); got != "eth0 carrier back" {
		t.Errorf("recovery: got %q", got)
	}
	w.step("ip -n a-r link set p0 down")
	if e := w.await("the settled loss", func(e event) bool { return e.Scope == "machine" && e.Phase == "settled" }); e.To != "unsatisfied" {
		t.Errorf("the folded outage was settled as %s; it was shorter than a second", e)
	}
}
