//go:build linux

package kernel

import (
	"encoding/binary"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"golang.org/x/sys/unix"

	"flapscope/internal/nlwire"
	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

var compareAddrs = cmpopts.EquateComparable(netip.Addr{}, netip.Prefix{})

// linkBody makes the body of a message about link 2.
func linkBody(attrs ...func(*nlwire.Request)) []byte {
	q := nlwire.Request{Datagram: []byte{0, 0, 1, 0, 2, 0, 0, 0}}
	q.Datagram = binary.NativeEndian.AppendUint32(q.Datagram, uint32(fact.FlagUp|fact.FlagLowerUp|fact.FlagRunning))
	q.Datagram = append(q.Datagram, 0, 0, 0, 0)
	for _, a := range attrs {
		a(&q)
	}
	return q.Datagram
}

func bytesAttr(typ uint16, v string) func(*nlwire.Request) {
	return func(q *nlwire.Request) { q.Attr(typ, []byte(v)) }
}

func nested(typ uint16, attrs ...func(*nlwire.Request)) func(*nlwire.Request) {
	return func(q *nlwire.Request) {
		var in nlwire.Request
		for _, a := range attrs {
			a(&in)
		}
		q.Attr(typ|unix.NLA_F_NESTED, in.Datagram)
	}
}

func TestDecodeLink(t *testing.T) {
	got, err := decodeLink(linkBody(
		bytesAttr(unix.IFLA_IFNAME, "eth0\x00"), bytesAttr(unix.IFLA_ADDRESS, "\x02\x00\x00\x00\x00\x01"),
		bytesAttr(unix.IFLA_OPERSTATE, "\x06"), bytesAttr(unix.IFLA_IFALIAS, "up\x1blink\x00"),
		nested(unix.IFLA_LINKINFO, bytesAttr(unix.IFLA_INFO_KIND, "veth\x00"), bytesAttr(unix.IFLA_INFO_SLAVE_KIND, "bridge\x00")),
		nested(unix.IFLA_PROP_LIST, bytesAttr(unix.IFLA_ALT_IFNAME, "one\x00"), bytesAttr(unix.IFLA_ALT_IFNAME, "two\x00")),
		// As of MCTP and phonet: an address of one byte.
		bytesAttr(unix.IFLA_PERM_ADDRESS, "\x01")))
	want := &fact.Link{
		Index: 2, Name: "eth0", Hardware: 1, Address: "02:00:00:00:00:01", OperState: fact.OperUp, Alias: "up\x1blink",
		Flags: fact.FlagUp | fact.FlagLowerUp | fact.FlagRunning, LinkKind: "veth", SlaveKind: "bridge",
		AltNames: []fact.Untrusted{"one", "two"},
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("error %v (-want +got):\n%s", err, diff)
	}
	bridge := linkBody()
	bridge[0] = unix.AF_BRIDGE
	if l, err := decodeLink(bridge); l != nil || err != nil {
		t.Errorf("the bridge's view of a link gave %v, %v; want nothing", l, err)
	}
}

// TestDecodeWireless takes the event of an association by the wireless
// extensions, as Linux 6.1 sends it: a link with its name alone. The whole link,
// should it ever carry such an event too, is a link.
func TestDecodeWireless(t *testing.T) {
	const associated = "\x1c\x00\x15\x8b\x00\x00\x00\x00\x01\x00\x02\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	name, event := bytesAttr(unix.IFLA_IFNAME, "wlan0\x00"), bytesAttr(unix.IFLA_WIRELESS, associated)
	if l, err := decodeLink(linkBody(name, event)); l != nil || err != nil {
		t.Errorf("got %v, %v; want no link", l, err)
	}
	l, err := decodeLink(linkBody(name, bytesAttr(unix.IFLA_OPERSTATE, "\x05"), event))
	if err != nil || l == nil || l.OperState != fact.OperDormant {
		t.Errorf("a whole link gave %v, %v; want it dormant", l, err)
	}
}

func TestDecodeRoute(t *testing.T) {
	cache := make([]byte, 32)
	binary.NativeEndian.PutUint32(cache[8:], 250)
	gone := make([]byte, 32)
	binary.NativeEndian.PutUint32(gone[8:], uint32(0xffffffff)-1699)
	main := fact.Route{Family: fact.IPv4, Table: 254, Type: fact.RouteUnicast, Protocol: 4}
	with := func(change func(*fact.Route)) fact.Route { r := main; change(&r); return r }
	for _, tt := range []struct {
		name string
		body []byte
		want fact.Route
		left time.Duration
	}{
		{"default", routeBody("0.0.0.0/0", 0, gateway("10.0.0.1")), with(func(r *fact.Route) {
			r.Dst, r.Gateway = netip.MustParsePrefix("0.0.0.0/0"), netip.MustParseAddr("10.0.0.1")
		}), 0},
		{"via-ipv6", routeBody("192.0.2.0/24", uint32(fact.RouteLinkdown), func(q *nlwire.Request) {
			q.Attr(unix.RTA_VIA, append([]byte{unix.AF_INET6, 0}, netip.MustParseAddr("fe80::1").AsSlice()...))
		}), with(func(r *fact.Route) {
			r.Dst, r.Gateway, r.Flags = netip.MustParsePrefix("192.0.2.0/24"), netip.MustParseAddr("fe80::1"), fact.RouteLinkdown
		}), 0},
		{"big-table-and-nexthop", routeBody("192.0.2.0/24", 0, func(q *nlwire.Request) {
			q.Attr32(unix.RTA_TABLE, 51820)
			q.Attr32(rtaNexthopID, 7)
		}, nested(unix.RTA_METRICS, func(q *nlwire.Request) { q.Attr32(unix.RTAX_MTU, 1400) })), with(func(r *fact.Route) {
			r.Dst, r.Table, r.NexthopID, r.MTU = netip.MustParsePrefix("192.0.2.0/24"), 51820, 7, 1400
		}), 0},
		{"mapped", routeBody("::ffff:1.2.3.4/128", 0), with(func(r *fact.Route) {
			r.Family, r.Dst = fact.IPv6, netip.MustParsePrefix("::ffff:1.2.3.4/128")
		}), 0},
		{"expires", routeBody("2001:db8::/32", 0, func(q *nlwire.Request) { q.Attr(unix.RTA_CACHEINFO, cache) }), with(func(r *fact.Route) {
			r.Family, r.Dst = fact.IPv6, netip.MustParsePrefix("2001:db8::/32")
		}), 2500 * time.Millisecond},
		{"expired", routeBody("2001:db8::/32", 0, func(q *nlwire.Request) { q.Attr(unix.RTA_CACHEINFO, gone) }), with(func(r *fact.Route) {
			r.Family, r.Dst = fact.IPv6, netip.MustParsePrefix("2001:db8::/32")
		}), -17 * time.Second},
		{"multipath", routeBody("2001:db8::/32", 0, multipathOf("fe80::1", "fe80::2")), with(func(r *fact.Route) {
			r.Family, r.Dst = fact.IPv6, netip.MustParsePrefix("2001:db8::/32")
			r.Nexthops = []fact.Hop{
				{Gateway: netip.MustParseAddr("fe80::1"), Index: 2, Weight: 1},
				{Gateway: netip.MustParseAddr("fe80::2"), Index: 2, Weight: 1},
			}
		}), 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got routeMessage
			ok, err := decodeRoute(tt.body, &got)
			if !ok || err != nil {
				t.Fatalf("decoded %v, error %v", ok, err)
			}
			if diff := cmp.Diff(tt.want, got.Route, compareAddrs); diff != "" || got.left != tt.left {
				t.Errorf("left %v, want %v (-want +got):\n%s", got.left, tt.left, diff)
			}
		})
	}
}

func TestDecodeAddress(t *testing.T) {
	const now = time.Hour
	q := nlwire.Request{Datagram: []byte{unix.AF_INET, 32, 0x80, 0, 3, 0, 0, 0}}
	q.Attr(unix.IFA_ADDRESS, []byte{10, 0, 0, 2})
	q.Attr(unix.IFA_LOCAL, []byte{10, 0, 0, 1})
	q.Attr32(unix.IFA_FLAGS, 0x280)
	q.Attr32(unix.IFA_RT_PRIORITY, 50)
	life := binary.NativeEndian.AppendUint32(nil, 10)
	life = binary.NativeEndian.AppendUint32(life, forever)
	q.Attr(unix.IFA_CACHEINFO, append(life, make([]byte, 8)...))
	got, err := decodeAddress(q.Datagram, now)
	want := &fact.Address{
		Index: 3, Local: netip.MustParseAddr("10.0.0.1"), Peer: netip.MustParseAddr("10.0.0.2"), PrefixLen: 32,
		Flags: 0x280, Metric: 50, PreferredUntil: now + 10*time.Second,
	}
	if diff := cmp.Diff(want, got, compareAddrs); err != nil || diff != "" {
		t.Errorf("error %v (-want +got):\n%s", err, diff)
	}
}

func TestDecodeRule(t *testing.T) {
	q := nlwire.Request{Datagram: ruleBody(99)}
	q.Datagram[8] = fibRuleInvert
	q.Attr32(unix.FRA_FWMARK, 51820)
	q.Attr32(unix.FRA_TABLE, 51820)
	q.Attr32(unix.FRA_SUPPRESS_PREFIXLEN, 0)
	uids := binary.NativeEndian.AppendUint32(nil, 70000)
	q.Attr(unix.FRA_UID_RANGE, binary.NativeEndian.AppendUint32(uids, 80000))
	q.Attr(unix.FRA_DPORT_RANGE, []byte{53, 0, 54, 0})
	q.Attr(unix.FRA_IP_PROTO, []byte{unix.IPPROTO_UDP})
	q.Attr(unix.FRA_IIFNAME, []byte("eth0\x00"))
	q.Attr(unix.FRA_TUN_ID, []byte{0, 0, 0, 0, 0, 0, 0, 9})
	const dportMask = 29 // younger than this program's list
	q.Attr(dportMask, []byte{0xff, 0xff})
	got, err := decodeRule(q.Datagram)
	want := &fact.Rule{
		Family: fact.IPv4, Priority: 99, Not: true, FwMark: 51820, Table: 51820, Action: fact.RuleToTable,
		SuppressPrefixLen: 0, SuppressIfGroup: -1, UIDRange: [2]uint32{70000, 80000}, HasUID: true, Extra: "29:ffff",
		DestPorts: [2]uint16{53, 54}, IPProto: unix.IPPROTO_UDP, IIF: "eth0", TunnelID: 9,
	}
	if diff := cmp.Diff(want, got, compareAddrs); err != nil || diff != "" {
		t.Errorf("error %v (-want +got):\n%s", err, diff)
	}
}

func TestDecodeNexthop(t *testing.T) {
	q := nlwire.Request{Datagram: []byte{unix.AF_UNSPEC, 0, 4, 0, 0, 0, 0, 0}}
	q.Attr32(unix.NHA_ID, 9)
	q.Attr(unix.NHA_GROUP, []byte{1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 4, 1, 0, 0})
	got, err := decodeNexthop(q.Datagram)
	want := &fact.Nexthop{ID: 9, Protocol: 4, Group: []fact.NexthopMember{{ID: 1, Weight: 1}, {ID: 2, Weight: 261}}}
	if diff := cmp.Diff(want, got, compareAddrs); err != nil || diff != "" {
		t.Errorf("error %v (-want +got):\n%s", err, diff)
	}
}

func TestDecodeNeighbour(t *testing.T) {
	q := nlwire.Request{Datagram: []byte{unix.AF_INET, 0, 0, 0, 2, 0, 0, 0, 0x02, 0, unix.NTF_ROUTER | unix.NTF_EXT_LEARNED, 0}}
	q.Attr(unix.NDA_DST, []byte{10, 0, 0, 1})
	q.Attr(unix.NDA_LLADDR, []byte{2, 0, 0, 0, 0, 1})
	got, err := decodeNeighbour(q.Datagram)
	want := &fact.Neighbour{
		Index: 2, Dst: netip.MustParseAddr("10.0.0.1"), LLAddr: "02:00:00:00:00:01",
		State: fact.NeighbourReachable, Router: true, Flags: unix.NTF_EXT_LEARNED,
	}
	if diff := cmp.Diff(want, got, compareAddrs); err != nil || diff != "" {
		t.Errorf("error %v (-want +got):\n%s", err, diff)
	}
}

// seeds are one well-formed body of each kind.
func seeds(f *testing.F) {
	f.Helper()
	f.Add(uint16(unix.RTM_NEWROUTE), routeBody("0.0.0.0/0", 0, gateway("10.0.0.1")))
	f.Add(uint16(unix.RTM_NEWROUTE), routeBody("2001:db8::/32", 0, multipathOf("fe80::1", "fe80::2")))
	f.Add(uint16(unix.RTM_DELROUTE), routeBody("2001:db8::/32", 0, gateway("fe80::1")))
	f.Add(uint16(unix.RTM_NEWLINK), linkBody(bytesAttr(unix.IFLA_IFNAME, "eth0\x00"),
		nested(unix.IFLA_LINKINFO, bytesAttr(unix.IFLA_INFO_KIND, "veth\x00"))))
	f.Add(uint16(unix.RTM_DELLINK), linkBody())
	f.Add(uint16(unix.RTM_NEWRULE), ruleBody(10))
	f.Add(uint16(unix.RTM_NEWADDR), []byte{unix.AF_INET, 24, 0x80, 0, 2, 0, 0, 0, 8, 0, unix.IFA_LOCAL, 0, 10, 0, 0, 1})
	f.Add(uint16(unix.RTM_NEWNEIGH), []byte{unix.AF_INET, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 8, 0, unix.NDA_DST, 0, 10, 0, 0, 1})
	f.Add(uint16(rtmNewNexthop), []byte{0, 0, 4, 0, 0, 0, 0, 0, 8, 0, unix.NHA_ID, 0, 9, 0, 0, 0})
	f.Add(uint16(rtmNewNetconf), netconfBody())
}

// FuzzDecode gives every decoder any body. Whatever is accepted has a sound
// identity, is decoded the same again, and survives the JSON form.
func FuzzDecode(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, typ uint16, body []byte) {
		got, err := decodeAny(typ, body)
		if err != nil || got == nil {
			return
		}
		again, _ := decodeAny(typ, body)
		if diff := cmp.Diff(got, again, compareAddrs); diff != "" {
			t.Fatalf("decoded twice:\n%s", diff)
		}
		switch row := got.(type) {
		case *fact.Route:
			if !row.Dst.IsValid() {
				t.Errorf("route without a destination: %+v", row)
			}
		case *fact.Address:
			if !row.Local.IsValid() {
				t.Errorf("address without an address: %+v", row)
			}
		case *fact.Neighbour:
			if !row.Dst.IsValid() {
				t.Errorf("neighbour without an address: %+v", row)
			}
		case *fact.Link:
			if row.Index <= 0 {
				t.Errorf("link without an index: %+v", row)
			}
		}
		o := fact.Observation{Op: fact.Put, Fact: got}
		if _, err := fact.ParseObservation(fact.AppendObservation(nil, &o)); err != nil {
			t.Errorf("%+v: %v", got, err)
		}
	})
}

func decodeAny(typ uint16, body []byte) (fact.Fact, error) {
	switch typ {
	case unix.RTM_NEWROUTE, unix.RTM_DELROUTE:
		var m routeMessage
		ok, err := decodeRoute(body, &m)
		if !ok {
			return nil, err
		}
		return &m.Route, err
	case unix.RTM_NEWLINK, unix.RTM_DELLINK:
		return asFact(decodeLink(body))
	case unix.RTM_NEWADDR, unix.RTM_DELADDR:
		return asFact(decodeAddress(body, time.Hour))
	case unix.RTM_NEWRULE, unix.RTM_DELRULE:
		return asFact(decodeRule(body))
	case unix.RTM_NEWNEIGH, unix.RTM_DELNEIGH:
		return asFact(decodeNeighbour(body))
	case rtmNewNexthop, rtmDelNexthop:
		return asFact(decodeNexthop(body))
	}
	n, err := decodeNetconf(body)
	if n == nil {
		return nil, err
	}
	return &n.Netconf, err
}

// fact keeps a nil pointer from becoming a fact.
func asFact[T any, P interface {
	*T
	fact.Fact
}](p P, err error) (fact.Fact, error) {
	if p == nil {
		return nil, err
	}
	return p, err
}

// FuzzMirror gives the mirror any datagrams, as notifications and as answers:
// it must neither panic nor forget that its tables are those of the fold.
func FuzzMirror(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, typ uint16, body []byte) {
		r := newRig(t)
		r.sync()
		r.turn(0, message(typ, unix.NLM_F_REPLACE, body), body)
		if a, ok := r.take(); ok {
			r.turn(0, reply(a, typ, unix.NLM_F_MULTI, body), done(a, 0))
		}
		for range 4 {
			if a, ok := r.take(); ok {
				r.turn(0, reply(a, typ, unix.NLM_F_MULTI, body), done(a, 0))
			}
			r.turn(20 * time.Millisecond)
		}
		again := state.NewState()
		for _, o := range r.log {
			again.Apply(o)
		}
		if diff := difference(mirrorLines(r.state.Tables), mirrorLines(again.Tables)); len(diff) > 0 {
			t.Errorf("the fold of the observations differs: %v", diff)
		}
	})
}
