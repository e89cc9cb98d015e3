package fact

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// observations is one of each kind, with every awkward value.
func observations() []Observation {
	at := time.Date(2026, 11, 20, 14, 32, 7, 123456789, time.FixedZone("", 3600))
	facts := []Fact{
		&Link{
			Index: 3, Name: "w\x1b[2Jlan0", LinkKind: "veth", Type: TypeWired, Hardware: 1,
			Flags: FlagUp | FlagLowerUp | 1<<30, OperState: OperUp, MTU: 1500,
			Address: "02:00:00:00:00:01", Alias: "a\u202eb\\c\xff", AltNames: []Untrusted{"ä"},
		},
		&Address{
			Index: 3, Local: netip.MustParseAddr("2001:db8::1"), PrefixLen: 64,
			Flags: AddrTentative | AddrPermanent, Scope: ScopeLink, ValidUntil: time.Hour,
		},
		&Route{
			Family: IPv6, Table: 254, Type: RouteUnicast, Dst: netip.MustParsePrefix("::/0"),
			Nexthops: []Hop{{Gateway: netip.MustParseAddr("fe80::1"), Index: 3, Weight: 1, Flags: RouteLinkdown}},
			Protocol: 9, Scope: ScopeGlobal, Flags: RouteDead | RouteOnlink, Metric: 1024,
		},
		&Route{Family: IPv4, Table: 51820, Type: 42, Protocol: 99, Dst: netip.MustParsePrefix("10.0.0.0/8"), Scope: 17},
		&Rule{Family: IPv4, Priority: 32765, FwMark: 0xca6c, Not: true, Action: RuleToTable, Table: 51820, SuppressPrefixLen: -1, SuppressIfGroup: -1, Flags: 0x8},
		&Neighbour{Index: 3, Dst: netip.MustParseAddr("192.0.2.1"), LLAddr: "02:00:00:00:00:02", State: NeighbourReachable},
		&Nexthop{ID: 7, Group: []NexthopMember{{ID: 1, Weight: 2}}, Protocol: 3},
		&Netconf{Family: IPv4, Index: -1, IgnoreRoutesWithLinkdown: true, Forwarding: true, RPFilter: 2},
		&Link{Index: 5, Name: "eth5", IPv6: &IPv6Settings{UseTempaddr: -1}},
		&Link{Index: 5, Name: "eth5", IPv6: &IPv6Settings{AcceptRA: 2, UseTempaddr: 2, Disabled: true}},
		&Lookup{Question: Question{Family: IPv4, Dst: netip.MustParseAddr("1.1.1.1"), OIF: 3}, Err: "ENETUNREACH"},
		&Resolvers{Source: "resolv.conf", Servers: []Server{{Addr: netip.MustParseAddr("fe80::1%eth0"), Port: 53}}, Search: []Untrusted{"e\tx"}},
		&Wifi{Index: 3, Event: "deauthenticated", SSID: "\x9b31m", Reason: 4, ByAP: true},
		&Cells{Index: 3, List: []HeardCell{{BSSID: "02:00:00:00:01:00", SSID: "\x9b31m", Frequency: 2412, Signal: -61, Security: "WPA2", Load: true, Stations: 14, Busy: 61}}},
		&WifiEvent{Index: 3, Event: WifiEventScan, SSID: "\x9b31m", Channels: 3},
		&Station{Index: 3, Signal: -61, TxRate: 8667, Beacons: 9, Due: 10},
		&Airtime{Index: 3, Frequency: 5180, Noise: -92, Listened: 9800, Busy: 3300, PowerSave: PowerSaveOn},
		&Target{ID: "ping:1.1.1.1", Name: "1.1.1.1", Method: MethodPing, Role: RoleInternet, Interval: time.Second},
		&Translator{Index: 3, Prefix: netip.MustParsePrefix("64:ff9b::/96"), Until: 9},
		&Capport{Index: 3, API: "https://a\x1b/", Asked: 7, Since: 5, Captive: true, SignIn: "https://b/", Until: 9},
		&Manager{Name: "iwd\x1b", Version: "2.19"},
		&Metering{Name: "wwan\x1b0", Guessed: true},
		&Check{
			Trigger: CheckTrouble, Begun: 7, Took: time.Second, Bytes: 20_000, Index: 3, State: "degraded", Text: "Name server \x9b31m lies.",
			Findings: []CheckFinding{{What: "resolver_lies", Leg: "dns", Family: IPv4, Index: 3, Addr: netip.MustParseAddr("192.0.2.1"), Note: true, Detail: "10.0.0.1", Since: 7, Before: 5}},
			Evidence: []Untrusted{"way over IPv4: 192.0.2.1 0.3 ms", "a\tb"},
		},
		&ProbeResult{Target: "ping:1.1.1.1", Outcome: OutcomeOK, Sent: 5, RTT: 14 * time.Millisecond},
		&ProbeUsage{Packets: 120, Bytes: 9000, MaxPackets: 2000},
		&Traffic{Index: 3, RxBytes: 1 << 40, TxBytes: 7, RxPackets: 5, TxPackets: 1, RxErrors: 2, TxDropped: 3},
		&Gap{Reason: GapSuspend, Source: "clock", From: 1, To: 2, Text: "suspended 1 s"},
		&Mark{Text: "call\nfroze"},
		&Clock{Monotonic: 4, Synced: true},
		&Notice{Key: "ping", Text: "no permission"},
		&Sync{Source: "kernel"},
	}
	var out []Observation
	for i, f := range facts {
		out = append(out, Observation{Time: at, Mono: time.Duration(i) + 1, Op: Put, Fact: f})
	}
	return append(out, Observation{Time: at, Mono: 99, Op: Delete, Via: ViaInferred, Fact: facts[2]})
}

var comparers = cmp.Options{
	cmp.Comparer(func(x, y netip.Addr) bool { return x == y }),
	cmp.Comparer(func(x, y netip.Prefix) bool { return x == y }),
	cmp.Comparer(func(x, y time.Time) bool { return x.Equal(y) }),
}

func equalObservations(a, b Observation) string { return cmp.Diff(a, b, comparers) }

func TestObservationRoundTrip(t *testing.T) {
	for _, o := range observations() {
		line := AppendObservation(nil, &o)
		got, err := ParseObservation(line)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if d := equalObservations(o, got); d != "" {
			t.Errorf("%s: (-want +got)\n%s", line, d)
		}
		for _, b := range line {
			if b < 0x20 || b == 0x7f {
				t.Errorf("%s: control byte %#x", line, b)
			}
		}
	}
}

// TestParseWritten: every line that is written takes the fast way, and one of
// another form is understood all the same.
func TestParseWritten(t *testing.T) {
	for _, o := range observations() {
		line := AppendObservation(nil, &o)
		fast, ok := parseWritten(line)
		if !ok {
			t.Errorf("%s: not read as written", line)
		}
		if diff := equalObservations(o, fast); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", line, diff)
		}
		var indented bytes.Buffer
		if err := json.Indent(&indented, line, "", " "); err != nil {
			t.Fatal(err)
		}
		if _, ok := parseWritten(indented.Bytes()); ok {
			t.Errorf("%s: read as written", indented.Bytes())
		}
		got, err := ParseObservation(indented.Bytes())
		if err != nil {
			t.Fatalf("%s: %v", indented.Bytes(), err)
		}
		if diff := equalObservations(o, got); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", indented.Bytes(), diff)
		}
	}
}

func TestParseObservationErrors(t *testing.T) {
	for _, line := range []string{``, `{`, `{"kind":"link"}`, `{"kind":"quasar","quasar":{}}`, `{"kind":"mark","op":"x","mark":{}}`} {
		if o, err := ParseObservation([]byte(line)); err == nil {
			t.Errorf("%s: got %+v, want an error", line, o)
		}
	}
	if _, err := ParseObservation([]byte(`{"kind":"quasar"}`)); !errors.Is(err, ErrUnknownKind) {
		t.Errorf("unknown kind: got %v, want ErrUnknownKind", err)
	}
}

func FuzzParseObservation(f *testing.F) {
	for _, o := range observations() {
		f.Add(AppendObservation(nil, &o))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		if fast, ok := parseWritten(line); ok {
			slow, err := parseAny(line)
			if err != nil {
				t.Fatalf("%s: read as written, but: %v", line, err)
			}
			if diff := equalObservations(slow, fast); diff != "" {
				t.Fatalf("%s: read as written otherwise (-any +written):\n%s", line, diff)
			}
		}
		o, err := ParseObservation(line)
		if err != nil {
			return
		}
		// What was understood survives a second round unchanged.
		first := AppendObservation(nil, &o)
		again, err := ParseObservation(first)
		if err != nil {
			t.Fatalf("%s: %v", first, err)
		}
		if second := AppendObservation(nil, &again); string(first) != string(second) {
			t.Errorf("not stable:\n%s\n%s", first, second)
		}
	})
}

// TestTextFromOutsideIsEscapedOnce: what a daemon, the kernel or a recording
// said is escaped where it is printed or encoded, and comes back as it was.
func TestTextFromOutsideIsEscapedOnce(t *testing.T) {
	const hostile Untrusted = "a\x1b[2J\u202e"
	for _, f := range []Fact{
		&Link{LinkKind: hostile, SlaveKind: hostile, Address: hostile},
		&Neighbour{LLAddr: hostile},
		&Lookup{Err: hostile},
		&Resolvers{Err: hostile},
		&Wifi{Event: hostile, BSSID: hostile},
		&Gap{Source: hostile, Text: hostile},
		&Notice{Text: hostile},
	} {
		o := Observation{Op: Put, Fact: f}
		line := AppendObservation(nil, &o)
		if !bytes.Contains(line, []byte(`"a\\x1b[2J\\u202e"`)) {
			t.Errorf("%s: not escaped as every name is", line)
		}
		got, err := ParseObservation(line)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if diff := equalObservations(o, got); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", line, diff)
		}
	}
}
