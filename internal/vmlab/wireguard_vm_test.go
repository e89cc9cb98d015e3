package vmlab

import (
	"strings"
	"testing"
)

// wgQuick is a configuration file for wg-quick(8).
func wgQuick(allowed string) []byte {
	return []byte(`[Interface]
PrivateKey = yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=
Address = 10.7.0.2/24, fd07::2/64
[Peer]
PublicKey = xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=
Endpoint = 192.0.2.1:51820
AllowedIPs = ` + allowed + "\n")
}

// TestWireGuard brings tunnels up as wg-quick(8) itself does.
func TestWireGuard(t *testing.T) {
	m := lab(t, Options{
		Modules:  []string{"wireguard", "nf_tables", "nft_ct", "nft_chain_nat"},
		OnDemand: []string{"nft_fib_ipv4", "nft_fib_ipv6", "nf_conntrack", "nft_limit", "crc32c_generic"},
		Programs: []string{"bash", "wg", "wg-quick", "nft"},
		Files: map[string][]byte{
			"/etc/wireguard/full.conf":   wgQuick("0.0.0.0/0, ::/0"),
			"/etc/wireguard/halves.conf": wgQuick("0.0.0.0/1, 128.0.0.0/1, ::/1, 8000::/1"),
			"/etc/wireguard/split.conf":  wgQuick("10.0.0.0/8"),
		},
	})
	wire(t, m, "a")
	w := follow(t, m, "a", "--no-probes")
	up := func(name string) { w.step("ip netns exec a wg-quick up " + name) }
	down := func(name string) { w.step("ip netns exec a wg-quick down " + name) }

	w.part("full", func() {
		up("full")
		w.await("the path through the tunnel", func(e event) bool {
			return e.Scope == "machine" && e.Phase == "settled" && e.Path.tunnel() == "full full over eth0"
		})
		p := status(w.T, m, "a")
		if p.String() != "satisfied full" || p.Type != "tunnel" || p.IPv4.Source != "10.7.0.2" || p.IPv6.Source != "fd07::2" {
			w.Errorf("got %+v, want satisfied through the tunnel in both families", p)
		}
	})
	w.part("underlay-carrier-lost", func() {
		w.step("sleep 2; ip -n a-r link set p0 down") // The rules of the tunnel are no cause by then.
		e := w.becomes("machine", "unsatisfied tunnel_down")
		if got := e.chain(); got != "eth0 carrier lost" {
			w.Errorf("cause: got %q", got)
		}
		w.step("ip -n a-r link set p0 up")
		e = w.becomes("machine", "satisfied")
		if got := e.chain(); !strings.HasPrefix(got, "eth0 carrier back") || e.Path.tunnel() != "full full over eth0" {
			w.Errorf("recovery: got %q and %s", got, e.Path.tunnel())
		}
	})
	w.part("falls-back-when-down", func() {
		w.step("ip -n a link set full down")
		e := w.await("the settled path beside the tunnel", func(e event) bool {
			return e.Scope == "machine" && e.Phase == "settled" && e.Path.tunnel() == "none"
		})
		if e.From != "satisfied" || e.Path.String() != "satisfied eth0" || !strings.HasPrefix(e.chain(), "full set down") {
			w.Errorf("got %s", e)
		}
	})
	w.part("kill-switch", func() {
		w.step(`T=$(ip netns exec a wg show full fwmark); T=$((T))
			ip -n a route add unreachable default table $T; ip -n a -6 route add unreachable default table $T`)
		e := w.becomes("machine", "unsatisfied route_blocked")
		if got := e.chain(); !strings.Contains(got, "unreachable default") {
			w.Errorf("cause: got %q, want the unreachable route", got)
		}
	})
	w.part("removed", func() {
		w.step("ip netns exec a wg-quick down full; for f in -4 -6; do ip -n a $f route flush table 51820; done")
		if e := w.becomes("machine", "satisfied"); e.Path.tunnel() != "none" {
			w.Errorf("got tunnel %s, want none", e.Path.tunnel())
		}
	})
	w.part("halves", func() {
		up("halves")
		w.await("both halves through the tunnel", func(e event) bool {
			return e.Scope == "machine" && e.Phase == "raw" && e.Path.tunnel() == "halves full over eth0" && e.Path.String() == "satisfied halves"
		})
		down("halves")
		w.await("the way back", func(e event) bool { return e.Scope == "machine" && e.Path.Interface == "eth0" })
	})
	w.part("split", func() {
		up("split")
		w.await("a split tunnel", func(e event) bool {
			return e.Scope == "machine" && e.Phase == "raw" && e.Path.tunnel() == "split split over eth0" && e.Path.String() == "satisfied eth0"
		})
		w.step("ip -n a-r link set p0 down")
		if got := w.becomes("machine", "unsatisfied no_carrier").chain(); got != "eth0 carrier lost" {
			w.Errorf("cause: got %q", got)
		}
	})
}
