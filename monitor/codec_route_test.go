package monitor

import (
	"encoding/json"
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"
)

// TestAppendRouteIsJSON compares the encoder of routes with encoding/json on
// random routes.
func TestAppendRouteIsJSON(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	addr := func() netip.Addr {
		return []netip.Addr{{}, netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("fe80::1"), netip.MustParseAddr("::ffff:1.2.3.4")}[r.IntN(4)]
	}
	prefix := func() netip.Prefix {
		if a := addr(); a.IsValid() {
			return netip.PrefixFrom(a, r.IntN(a.BitLen()+1))
		}
		return netip.Prefix{}
	}
	some := func() uint32 { return []uint32{0, 1, r.Uint32()}[r.IntN(3)] }
	for range 5000 {
		route := &Route{
			Family: Family(some()), Table: some(), Type: RouteType(some()), Dst: prefix(), Src: prefix(), TOS: uint8(some()),
			Metric: some(), Gateway: addr(), Index: int(int32(some())), PrefSrc: addr(), Protocol: RouteProtocol(some()),
			Scope: Scope(some()), Flags: RouteFlags(some()), NexthopID: some(), MTU: some(), Pref: uint8(some()),
			ExpiresAt: time.Duration(some()),
		}
		for range r.IntN(3) {
			route.Nexthops = append(route.Nexthops, Leg{addr(), int(some()), int(some()), RouteFlags(some())})
		}
		want, err := json.Marshal(route)
		if err != nil {
			t.Fatal(err)
		}
		if got := appendRoute(nil, route); string(got) != string(want) {
			t.Fatalf("got  %s\nwant %s", got, want)
		}
	}
}

func BenchmarkAppendRoute(b *testing.B) {
	o := Observation{Time: time.Unix(0, 0), Mono: time.Hour, Op: Put, Fact: &Route{
		Family: IPv4, Table: 254, Type: RouteUnicast, Dst: netip.MustParsePrefix("20.0.1.2/32"),
		Gateway: netip.MustParseAddr("10.0.0.1"), Index: 3, Protocol: 3,
	}}
	var line []byte
	b.ReportAllocs()
	for b.Loop() {
		line = AppendObservation(line[:0], &o)
	}
}
