package state

import (
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"

	"flapscope/monitor/fact"
)

// randomRoute picks from few enough routes that slots are shared, of links too.
func randomRoute(r *rand.Rand) *fact.Route {
	if r.IntN(3) == 0 {
		return &fact.Route{
			Family: fact.IPv6, Table: 254, Type: fact.RouteUnicast, Metric: 256, Index: r.IntN(4), NexthopID: uint32(r.IntN(4) / 3),
			Dst: netip.MustParsePrefix([]string{"fe80::/64", "ff00::/8"}[r.IntN(2)]),
		}
	}
	bits := []int{0, 1, 24}[r.IntN(3)]
	return &fact.Route{
		Family: fact.IPv4, Table: uint32(254 + r.IntN(2)), Type: fact.RouteUnicast, Metric: uint32(r.IntN(2)),
		Dst:     netip.PrefixFrom(netip.AddrFrom4([4]byte{192, 0, 2, 0}), bits).Masked(),
		Gateway: netip.AddrFrom4([4]byte{10, 0, 0, byte(r.IntN(4))}),
		Flags:   fact.RouteFlags(r.IntN(2)),
	}
}

// TestRouteTableIsASet compares the table with a plain list under random
// changes.
func TestRouteTableIsASet(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	var table RouteTable
	var list []*fact.Route
	find := func(want *fact.Route) int {
		for i, have := range list {
			if have.Same(want) {
				return i
			}
		}
		return -1
	}
	for range 20000 {
		route := randomRoute(r)
		i := find(route)
		switch {
		case r.IntN(2) == 0:
			table.Delete(route)
			if i >= 0 {
				list = append(list[:i], list[i+1:]...)
			}
		case i >= 0:
			table.Put(route)
			list[i] = route
		default:
			table.Put(route)
			list = append(list, route)
		}
		if got := table.Find(route); (got != nil) != (find(route) >= 0) {
			t.Fatalf("Find gave %v, list has it: %v", got, find(route) >= 0)
		}
		if table.Len() != len(list) {
			t.Fatalf("%d routes, want %d", table.Len(), len(list))
		}
	}
	seen := map[*fact.Route]bool{}
	for have := range table.All() {
		if i := find(have); i < 0 || list[i] != have || seen[have] {
			t.Errorf("All gave %+v, which is not in the list or was given before", have)
		}
		seen[have] = true
	}
	if len(seen) != len(list) {
		t.Errorf("All gave %d routes, want %d", len(seen), len(list))
	}
	for index := range 5 {
		for _, f := range fact.Families {
			want := slices.ContainsFunc(list, func(r *fact.Route) bool { return r.Index == index && r.Family == f })
			if got := table.Uses(index, f); got != want {
				t.Errorf("Uses(%d, %v) = %v, want %v", index, f, got, want)
			}
		}
	}
	for _, have := range list {
		at := table.At(have.Slot())
		found := false
		for _, a := range at {
			found = found || a == have
			if a.Slot() != have.Slot() {
				t.Errorf("At gave %+v of another slot than %+v", a, have)
			}
		}
		if !found {
			t.Errorf("At does not give %+v", have)
		}
	}
}

// TestRouteIdentity says what makes two routes one.
func TestRouteIdentity(t *testing.T) {
	leg := func(i byte, weight int) fact.Hop {
		return fact.Hop{Gateway: netip.AddrFrom4([4]byte{10, 0, 0, i}), Index: 2, Weight: weight}
	}
	base := fact.Route{Family: fact.IPv4, Table: 254, Type: fact.RouteUnicast, Dst: netip.MustParsePrefix("0.0.0.0/0")}
	six := base
	six.Family, six.Dst = fact.IPv6, netip.MustParsePrefix("::/0")
	for _, tt := range []struct {
		name   string
		route  fact.Route
		change func(*fact.Route)
		same   bool
	}{
		{"flags", base, func(r *fact.Route) { r.Flags = fact.RouteLinkdown }, true},
		{"expiry", six, func(r *fact.Route) { r.ExpiresAt = 5 }, true},
		{"gateway", base, func(r *fact.Route) { r.Gateway = leg(1, 1).Gateway }, false},
		{"metric", base, func(r *fact.Route) { r.Metric = 1 }, false},
		{"mtu-of-ipv4", base, func(r *fact.Route) { r.MTU = 1400 }, false},
		{"mtu-of-ipv6", six, func(r *fact.Route) { r.MTU = 1400 }, true},
		{"order-of-legs", fact.Route{Nexthops: []fact.Hop{leg(1, 1), leg(2, 1)}}, func(r *fact.Route) { r.Nexthops = []fact.Hop{leg(2, 1), leg(1, 1)} }, true},
		{"weight-of-a-leg", fact.Route{Nexthops: []fact.Hop{leg(1, 1), leg(2, 1)}}, func(r *fact.Route) { r.Nexthops = []fact.Hop{leg(1, 1), leg(2, 2)} }, false},
		{"other-leg-twice", fact.Route{Nexthops: []fact.Hop{leg(1, 1), leg(1, 1), leg(2, 1)}}, func(r *fact.Route) { r.Nexthops = []fact.Hop{leg(1, 1), leg(2, 1), leg(2, 1)} }, false},
		{"gateway-of-a-nexthop-object", fact.Route{NexthopID: 7, Gateway: leg(1, 1).Gateway}, func(r *fact.Route) { r.Gateway = leg(2, 1).Gateway }, true},
		{"other-nexthop-object", fact.Route{NexthopID: 7}, func(r *fact.Route) { r.NexthopID = 8 }, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			other := tt.route
			tt.change(&other)
			if got := tt.route.Same(&other); got != tt.same || other.Same(&tt.route) != tt.same {
				t.Errorf("Same gives %v, want %v", got, tt.same)
			}
		})
	}
}
