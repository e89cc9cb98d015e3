package fact

import (
	"net/netip"
	"strings"
	"testing"
	"time"
)

func TestWords(t *testing.T) {
	source := netip.MustParseAddr("192.0.2.7")
	dst, gateway := netip.MustParseAddr("1.1.1.1"), netip.MustParseAddr("192.0.2.1")
	ask := Question{Family: IPv4, Dst: dst}
	for _, tt := range []struct {
		fact Fact
		want string
	}{
		{&Lookup{Question: ask, Gateway: gateway, Source: source, Table: 254}, "1.1.1.1 via 192.0.2.1 from " + source.String()},
		{&Lookup{Question: ask, Source: source, Table: 254}, "1.1.1.1 on-link from " + source.String()},
		{&Lookup{Question: ask, Err: "ENETUNREACH"}, "1.1.1.1 nowhere (ENETUNREACH)"},
		{&Lookup{Question: Question{Dst: dst, OIF: 3, Mark: 16}, Table: 99}, "1.1.1.1 bound to 3 mark 0x10 on-link table 99"},
		{&Nexthop{ID: 7, Gateway: gateway}, "id 7 via 192.0.2.1"},
		{&Nexthop{ID: 8, Group: []NexthopMember{{ID: 7}, {ID: 9}}}, "id 8 group 7/9"},
		{&Neighbour{Dst: gateway, State: NeighbourFailed}, "192.0.2.1 FAILED"},
		{&Route{Family: IPv6, Type: RouteUnicast, Table: 254, Dst: netip.MustParsePrefix("::/0"), Metric: 50}, "default (ipv6) metric 50"},
		{&Route{Family: IPv4, Type: RouteProhibit, Table: 7, Dst: netip.MustParsePrefix("10.0.0.0/8")}, "prohibit 10.0.0.0/8 table 7"},
		{&ProbeResult{Target: "t", Outcome: OutcomeOK, RTT: 14 * time.Millisecond}, "t 14 ms"},
		{&ProbeResult{Target: "t", Outcome: OutcomeTimeout}, "t timeout"},
		{&ProbeResult{Target: "t", Outcome: OutcomeUnreachable, Detail: "network unreachable"}, "t network unreachable"},
		{&ProbeResult{Target: "t", Outcome: OutcomeBadAnswer, Detail: "SERVFAIL"}, "t bad answer (SERVFAIL)"},
		{&ProbeResult{Target: "t", Outcome: OutcomeUnreachable, Detail: "network unreachable", By: RefuserGateway, From: netip.MustParseAddr("192.0.2.1")}, "t network unreachable, says gateway 192.0.2.1"},
		{&ProbeResult{Target: "t", Outcome: OutcomeUnreachable, Detail: "host unreachable: no answer to ARP", By: RefuserKernel}, "t host unreachable: no answer to ARP"},
		{&Resolvers{Source: "resolv.conf", Err: "a\x1bb"}, `resolv.conf: cannot be read: a\x1bb`},
		{&Resolvers{Source: "resolv.conf"}, "resolv.conf: no servers"},
		{&Wifi{Event: "deauthenticated", ByAP: true, Reason: 4}, "deauthenticated by AP (reason 4: it heard nothing)"},
		{&Wifi{Event: WifiBeaconLost, Reason: 4, Signal: -84}, "lost the AP: no beacons at -84 dBm"},
		{&Wifi{Event: WifiDisconnected, Reason: 3}, "disconnected by this machine (reason 3)"},
		{&Wifi{Event: WifiRefused, Status: 17}, "refused by AP (status 17: the AP is full)"},
		{&Wifi{Event: WifiRefused, Status: 1, Confirm: true}, "refused by AP (status 1: wrong password)"},
		{&Wifi{Event: WifiRoamed, SSID: "lab", From: "02:00:00:00:01:00", BSSID: "02:00:00:00:02:00"}, "roamed lab from 02:00:00:00:01:00 to 02:00:00:00:02:00"},
		{&Cells{List: make([]HeardCell, 2)}, "2 access points heard"},
		{&WifiEvent{Event: WifiEventSwitched, Frequency: 5180}, "AP went to channel 36 (5 GHz)"},
		{&Airtime{Noise: -92, Listened: 9800, Busy: 3300, PowerSave: PowerSaveOn}, "channel in use 34 %, noise -92 dBm, power save on"},
		{&Airtime{Listened: 10, Busy: 1 << 62}, "channel in use 100 %"},
		{&Airtime{Listened: 10, Busy: -1, PowerSave: PowerSaveOff}, "channel in use unknown, power save off"},
		{&WifiEvent{Event: WifiEventScan, Channels: 3, SSID: "a\x1b]"}, "scan of 3 channels for a\\x1b]"},
		{&ProbeResult{
			Target: "https://example.net/", Outcome: OutcomeOK, RTT: 87 * time.Millisecond, Detail: "200 OK",
			Phases: Phases{3 * time.Millisecond, 12 * time.Millisecond, 24 * time.Millisecond, 51 * time.Millisecond},
		}, "https://example.net/ 87 ms (name 3.0 ms, connect 12 ms, TLS 24 ms, first byte 51 ms): 200 OK"},
		{&ProbeResult{Target: "ping:192.0.2.1", Outcome: OutcomeOK, RTT: 3 * time.Millisecond}, "ping:192.0.2.1 3.0 ms"},
	} {
		if got := tt.fact.Words().Display(); got != tt.want {
			t.Errorf("%+v:\n got %q\nwant %q", tt.fact, got, tt.want)
		}
	}
}

// TestWordsOfEveryKind: whatever is observed can be printed.
func TestWordsOfEveryKind(t *testing.T) {
	for _, o := range observations() {
		if words := o.Fact.Words(); words == "" || strings.Contains(string(words), "invalid") {
			t.Errorf("%s: %q", o.Fact.Kind(), words)
		}
	}
}
