package vmlab

import (
	"encoding/json"
	"testing"
)

// TestTypes makes one interface of every kind and compares what the program
// says they are.
func TestTypes(t *testing.T) {
	m := lab(t, Options{
		NICs: 2,
		Modules: []string{
			"e1000", "dummy", "8021q", "bonding", "bridge", "vrf", "wireguard", "tun", "ifb", "macvlan",
			"ip_gre", "ip6_gre", "sit", "ipip", "ip6_tunnel", "vxlan", "mac80211_hwsim", "xfrm_interface",
		},
	})
	m.Run(t, `
		ip link add dummy7 type dummy
		ip link add link eth0 name vlan7 type vlan id 7
		ip link add wlan7 type bridge
		ip link add vrf7 type vrf table 7
		ip link add wg7 type wireguard
		ip link add ifb7 type ifb
		ip link add link eth0 name mv7 type macvlan
		ip link add gre7 type gre local 192.0.2.7 remote 192.0.2.1
		ip link add sit7 type sit local 192.0.2.7 remote 192.0.2.1
		ip link add ipip7 type ipip local 192.0.2.7 remote 192.0.2.1
		ip link add tnl7 type ip6tnl local 2001:db8::7 remote 2001:db8::1
		ip link add gre67 type ip6gre local 2001:db8::7 remote 2001:db8::1
		ip link add vxlan7 type vxlan id 7 dstport 4789 remote 192.0.2.1
		ip link add xfrm7 type xfrm dev eth0 if_id 7
		ip link add veth7 type veth peer name veth8
		ip tuntap add tun7 mode tun
		ip tuntap add tap7 mode tap
		ip link add bond7 type bond mode active-backup miimon 100
		ip link add bond8 type bond`)
	want := map[string]string{
		"lo": "loopback", "eth0": "wired", "eth1": "wired", "dummy7": "virtual", "vlan7": "wired", "wlan7": "bridge",
		"vrf7": "virtual", "wg7": "tunnel", "ifb7": "virtual", "mv7": "virtual", "gre7": "tunnel", "sit7": "tunnel",
		"ipip7": "tunnel", "tnl7": "tunnel", "gre67": "tunnel", "vxlan7": "virtual", "xfrm7": "tunnel", "veth7": "virtual",
		"tun7": "tunnel", "tap7": "virtual", "bond8": "other", "wlan0": "wifi", "wlan1": "wifi",
	}
	types := map[string]string{}
	var s struct {
		Links []struct{ Ifname, Type string }
	}
	if err := json.Unmarshal([]byte(m.Run(t, "flapscope state --json")), &s); err != nil {
		t.Fatal(err)
	}
	for _, l := range s.Links {
		types[l.Ifname] = l.Type
	}
	for name, typ := range want {
		if types[name] != typ {
			t.Errorf("%s: got type %q, want %q", name, types[name], typ)
		}
	}
	candidates(t, m, map[string]bool{
		"eth0": true, "eth1": true, "dummy7": false, "vlan7": true, "wlan7": false, "vrf7": false, "ifb7": false, "wlan0": true,
	})

	m.Run(t, "ip link set eth1 master bond7; ip link set bond7 up")
	candidates(t, m, map[string]bool{"eth1": false, "bond7": true})
	m.Run(t, "ip link set eth1 nomaster; ip link set eth1 master wlan7; ip link set wlan7 up; ip link set eth1 up")
	candidates(t, m, map[string]bool{"eth1": false, "wlan7": true})
	m.Run(t, "ip link set eth1 nomaster; ip link set veth7 master wlan7")
	candidates(t, m, map[string]bool{"eth1": true, "wlan7": false, "veth7": false, "veth8": true})
}

// candidates compares which interfaces could carry an uplink.
func candidates(t *testing.T, m *Machine, want map[string]bool) {
	t.Helper()
	got := map[string]bool{}
	for _, i := range status(t, m, "").Interfaces {
		got[i.Name] = i.Candidate
	}
	for name, candidate := range want {
		if is, ok := got[name]; !ok || is != candidate {
			t.Errorf("%s: got candidate %v (known %v), want %v", name, is, ok, candidate)
		}
	}
}

// TestCable pulls the cable of a network card.
func TestCable(t *testing.T) {
	m := lab(t, Options{NICs: 1, Modules: []string{"e1000", "8021q"}})
	m.Run(t, `ip link set eth0 up; ip link add link eth0 name eth0.7 type vlan id 7; ip link set eth0.7 up
		ip addr add 192.0.2.7/24 dev eth0.7; ip route add default via 192.0.2.1
		until [ $(cat /sys/class/net/eth0.7/operstate) = up ]; do sleep 0.1; done`)
	w := follow(t, m, "", "--no-probes")
	if p := w.seen[0].Path; p.String() != "satisfied eth0.7" || p.Type != "wired" {
		t.Errorf("got %s of type %s, want satisfied over the VLAN, wired", p, p.Type)
	}
	w.step("")
	m.Monitor(t, "set_link nic0 off")
	e := w.becomes("machine", "unsatisfied no_carrier")
	if got := e.chain(); got != "eth0.7 carrier lost" && got != "eth0 carrier lost → eth0.7 carrier lost" {
		t.Errorf("cause: got %q", got)
	}
	w.step("")
	m.Monitor(t, "set_link nic0 on")
	w.becomes("machine", "satisfied")
}
