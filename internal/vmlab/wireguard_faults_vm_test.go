package vmlab

import (
	"encoding/json"
	"strings"
	"testing"
)

// tunnelled lets a machine "a" reach everything through a tunnel to its router,
// which answers for the internet.
const tunnelled = `
	mkdir -p /tmp/wg; cd /tmp/wg
	for x in a b c; do wg genkey >$x; wg pubkey <$x >$x.pub; done
	ip -n a-r link add wg0 type wireguard; ip -n a link add wg0 type wireguard
	ip netns exec a-r wg set wg0 private-key b listen-port 51820 peer $(cat a.pub) allowed-ips 10.7.0.2/32,fd07::2/128
	ip -n a-r addr add 10.7.0.1/24 dev wg0; ip -n a-r addr add fd07::1/64 dev wg0 nodad; ip -n a-r link set wg0 up
	for x in 1.1.1.1/32 8.8.8.8/32 9.9.9.9/32 2606:4700:4700::1111/128 2001:4860:4860::8888/128 2620:fe::fe/128; do ip -n a-r addr add $x dev lo; done
	ip -n a addr add 10.7.0.2/24 dev wg0; ip -n a addr add fd07::2/64 dev wg0 nodad; ip -n a link set wg0 up
	ip -n a route replace default dev wg0; ip -n a -6 route flush default; ip -n a -6 route add default dev wg0
	ip netns exec a sysctl -qw net.ipv4.ping_group_range="0 2147483647"
	ip netns exec a wg set wg0 private-key a`

// joined lets the machine have its peer, and waits until the tunnel carries something.
const joined = `cd /tmp/wg; ip netns exec a wg set wg0 peer $(cat b.pub) endpoint 192.0.2.1:51820 allowed-ips 0.0.0.0/0,::/0
	until ip netns exec a ping -c 1 -W 1 1.1.1.1; do sleep 0.2; done`

// TestWireGuardFaults breaks a tunnel that everything goes through, asks what is wrong,
// and reads what a recording says of it.
func TestWireGuardFaults(t *testing.T) {
	nightly(t)
	m := lab(t, Options{
		Modules:  []string{"wireguard"},
		Programs: []string{"bash", "wg", "ping"},
	})
	wire(t, m, "a")
	m.Run(t, tunnelled)
	without := `ip netns exec a wg set wg0 peer $(cat b.pub) remove; ip netns exec a wg set wg0 `
	lost := `ip -n a-r route DO blackhole 10.7.0.2/32; ip -n a-r -6 route DO blackhole fd07::2/128`
	for _, tt := range []struct{ name, fault, undo, root, incident string }{
		{
			name: "no-endpoint", fault: without + `peer $(cat b.pub) allowed-ips 0.0.0.0/0,::/0`,
			root: "tunnel_down", incident: "(tunnel without an endpoint)",
		},
		{
			name: "no-peer", fault: `ip netns exec a wg set wg0 peer $(cat b.pub) allowed-ips 10.0.0.0/8,fd00::/8`,
			root: "tunnel_down", incident: "(no peer of the tunnel has the address)",
		},
		{
			// The handshake fails, and nothing says so.
			name: "another-key", fault: without + `peer $(cat c.pub) allowed-ips 0.0.0.0/0,::/0 endpoint 192.0.2.1:51820`,
			undo: `ip netns exec a wg set wg0 peer $(cat c.pub) remove`,
			root: "tunnel_silent", incident: "beyond tunnel wg0",
		},
		{
			// The handshake is well, and what is inside of the tunnel is dropped.
			name: "nothing-inside", fault: strings.ReplaceAll(lost, "DO", "add"),
			undo: strings.ReplaceAll(lost, "DO", "del"), root: "tunnel_silent", incident: "beyond tunnel wg0",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m.Run(t, joined)
			m.Run(t, "ip netns exec a flapscope record /tmp/"+tt.name+".flap.gz 2>/tmp/record.err & echo $! >/tmp/record.pid; sleep 14")
			m.Run(t, "cd /tmp/wg; "+tt.fault)
			out := m.Try(t, "ip netns exec a flapscope check --json").Stdout
			var said struct {
				Verdict struct {
					State, Text string
					Root        struct{ What, Entity string }
				}
			}
			if err := json.Unmarshal([]byte(out), &said); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			if said.Verdict.State != "no_internet" || said.Verdict.Root.What != tt.root {
				t.Errorf("%s, root %s of %q, want no_internet, root %s: %s", said.Verdict.State, said.Verdict.Root.What, said.Verdict.Root.Entity, tt.root, said.Verdict.Text)
			}
			got := m.Try(t, "sleep 8; kill -INT $(cat /tmp/record.pid); sleep 2; flapscope incidents /tmp/"+tt.name+".flap.gz").Stdout
			if !strings.Contains(got, tt.incident) {
				t.Errorf("incidents, want %q:\n%s", tt.incident, got)
			}
			t.Logf("%s\n%s", said.Verdict.Text, got)
			if tt.undo != "" {
				m.Run(t, "cd /tmp/wg; "+tt.undo)
			}
		})
	}
}
