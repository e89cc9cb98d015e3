package history

import (
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"flapscope/monitor"
)

func TestAnchorOf(t *testing.T) {
	link := func(state monitor.OperState) *monitor.Link {
		return &monitor.Link{Index: 3, Name: "wlan0", Flags: monitor.FlagUp | monitor.FlagLowerUp, OperState: state}
	}
	address := func(local string, flags monitor.AddressFlags, proto uint8, valid time.Duration) *monitor.Address {
		return &monitor.Address{Index: 3, Local: netip.MustParseAddr(local), Flags: flags, Protocol: proto, ValidUntil: valid}
	}
	route := func(dst, gateway string) *monitor.Route {
		return &monitor.Route{
			Family: monitor.IPv4, Table: 254, Type: monitor.RouteUnicast, Index: 3,
			Dst: netip.MustParsePrefix(dst), Gateway: netip.MustParseAddr(gateway),
		}
	}
	const v4, v6 = "192.0.2.7", "2001:db8::7"
	known := []monitor.Fact{
		link(monitor.OperDown),
		address(v4, 0, 0, 2*time.Hour),
		address(v6, 0, addressFromRA, 2*time.Hour),
		address("2001:db8::8", monitor.AddrTentative, 0, 0),
		address("2001:db8::9", 0, 0, 2*time.Hour),
		address("192.0.2.9", 0, 0, 0),
		route("0.0.0.0/0", "192.0.2.1"),
	}
	put := func(f monitor.Fact) monitor.Observation { return monitor.Observation{Op: monitor.Put, Fact: f} }
	dumped := put(link(monitor.OperUp))
	dumped.Via = monitor.ViaDump
	tests := []struct {
		name string
		o    monitor.Observation
		want string
	}{
		{"carrier-up", put(link(monitor.OperUp)), AnchorCarrier},
		{"carrier-still-down", put(link(monitor.OperDormant)), ""},
		{"carrier-found-by-dump", dumped, ""},
		{"link-gone", monitor.Observation{Op: monitor.Delete, Fact: link(monitor.OperUp)}, ""},
		{"new-address", put(address("192.0.2.8", 0, 0, 0)), AnchorAddress},
		{"new-tentative-address", put(address("2001:db8::a", monitor.AddrTentative, 0, 0)), ""},
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
		{"associated", put(&monitor.Wifi{Index: 3, Event: "associated"}), AnchorAssociation},
		{"roamed", put(&monitor.Wifi{Index: 3, Event: "roamed"}), AnchorRoam},
		{"deauthenticated", put(&monitor.Wifi{Index: 3, Event: "deauthenticated"}), ""},
		{"mark", put(&monitor.Mark{}), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			state := monitor.NewState()
			for _, f := range known {
				state.Apply(put(f))
			}
			tt.o.Mono = time.Hour
			var want Anchor
			if tt.want != "" {
				want = Anchor{Kind: tt.want, Interface: "wlan0", At: time.Hour}
			}
			got, ok := AnchorOf(state, tt.o)
			if diff := cmp.Diff(want, got); diff != "" || ok != (tt.want != "") {
				t.Errorf("anchor %v (-want +got):\n%s", ok, diff)
			}
		})
	}
	t.Run("resume", func(t *testing.T) {
		gap := &monitor.Gap{Reason: monitor.GapSuspend, From: time.Second, To: time.Minute}
		if got, ok := AnchorOf(monitor.NewState(), put(gap)); !ok || got != (Anchor{Kind: AnchorResume, At: time.Minute}) {
			t.Errorf("got %+v, %v, want a resume at the end of the gap", got, ok)
		}
	})
}
