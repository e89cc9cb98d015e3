package pattern

import (
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

func TestAnchorOf(t *testing.T) {
	link := func(state fact.OperState) *fact.Link {
		return &fact.Link{Index: 3, Name: "wlan0", Flags: fact.FlagUp | fact.FlagLowerUp, OperState: state}
	}
	address := func(local string, flags fact.AddressFlags, proto uint8, valid time.Duration) *fact.Address {
		return &fact.Address{Index: 3, Local: netip.MustParseAddr(local), Flags: flags, Protocol: proto, ValidUntil: valid}
	}
	route := func(dst, gateway string) *fact.Route {
		return &fact.Route{
			Family: fact.IPv4, Table: 254, Type: fact.RouteUnicast, Index: 3,
			Dst: netip.MustParsePrefix(dst), Gateway: netip.MustParseAddr(gateway),
		}
	}
	const v4, v6 = "192.0.2.7", "2001:db8::7"
	known := []fact.Fact{
		link(fact.OperDown),
		address(v4, 0, 0, 2*time.Hour),
		address(v6, 0, addressFromRA, 2*time.Hour),
		address("2001:db8::8", fact.AddrTentative, 0, 0),
		address("2001:db8::9", 0, 0, 2*time.Hour),
		address("192.0.2.9", 0, 0, 0),
		route("0.0.0.0/0", "192.0.2.1"),
	}
	put := func(f fact.Fact) fact.Observation { return fact.Observation{Op: fact.Put, Fact: f} }
	dumped := put(link(fact.OperUp))
	dumped.Via = fact.ViaDump
	tests := []struct {
		name string
		o    fact.Observation
		want string
	}{
		{"carrier-up", put(link(fact.OperUp)), AnchorCarrier},
		{"carrier-still-down", put(link(fact.OperDormant)), ""},
		{"carrier-found-by-dump", dumped, ""},
		{"link-gone", fact.Observation{Op: fact.Delete, Fact: link(fact.OperUp)}, ""},
		{"new-address", put(address("192.0.2.8", 0, 0, 0)), AnchorAddress},
		{"new-tentative-address", put(address("2001:db8::a", fact.AddrTentative, 0, 0)), ""},
		{"address-no-longer-tentative", put(address("2001:db8::8", 0, 0, 0)), AnchorAddress},
		{"ipv4-renewed", put(address(v4, 0, 0, 3*time.Hour)), AnchorRenewal},
		{"ipv4-repeated", put(address(v4, 0, 0, 2*time.Hour)), ""},
		{"ipv4-lifetime-rounded", put(address(v4, 0, 0, 2*time.Hour+time.Millisecond)), ""},
		{"ipv4-shortened", put(address(v4, 0, 0, time.Hour)), ""},
		{"ipv4-forever", put(address("192.0.2.9", 0, 0, 0)), ""},
		{"ipv6-advertised", put(address(v6, 0, addressFromRA, 3*time.Hour)), AnchorAdvertisement},
		{"ipv6-renewed", put(address("2001:db8::9", 0, 0, 3*time.Hour)), AnchorLifetime},
		{"route-repeated", put(route("0.0.0.0/0", "192.0.2.1")), ""},
		{"route-by-another-gateway", put(route("0.0.0.0/0", "192.0.2.2")), AnchorRoute},
		{"route-to-a-prefix", put(route("198.51.100.0/24", "192.0.2.2")), ""},
		{"associated", put(&fact.Wifi{Index: 3, Event: "associated"}), AnchorAssociation},
		{"roamed", put(&fact.Wifi{Index: 3, Event: "roamed"}), AnchorRoam},
		{"deauthenticated", put(&fact.Wifi{Index: 3, Event: "deauthenticated"}), ""},
		{"mark", put(&fact.Mark{}), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			before := state.NewState()
			for _, f := range known {
				before.Apply(put(f))
			}
			tt.o.Mono = time.Hour
			var want Anchor
			if tt.want != "" {
				want = Anchor{Kind: tt.want, Interface: "wlan0", At: time.Hour}
			}
			got, ok := AnchorOf(before, tt.o)
			if diff := cmp.Diff(want, got); diff != "" || ok != (tt.want != "") {
				t.Errorf("anchor %v (-want +got):\n%s", ok, diff)
			}
		})
	}
	t.Run("resume", func(t *testing.T) {
		gap := &fact.Gap{Reason: fact.GapSuspend, From: time.Second, To: time.Minute}
		if got, ok := AnchorOf(state.NewState(), put(gap)); !ok || got != (Anchor{Kind: AnchorResume, At: time.Minute}) {
			t.Errorf("got %+v, %v, want a resume at the end of the gap", got, ok)
		}
	})
}
