package fact

import (
	"net/netip"
	"strings"
	"testing"
)

func TestCleanZone(t *testing.T) {
	for zone, kept := range map[string]bool{
		"eth0": true, "3": true, "wlän0": true, "enp0s31f6.100": true, "br-0123456789ab": true,
		"\x1b]0;x\a": false, "a b": false, "a\nb": false, "a\u202eb": false, "a\u009bb": false, "\xff": false,
		"0123456789abcdef": false, "a/b": false, "a:b": false, "a%b": false, `a\b`: false,
	} {
		a := netip.MustParseAddr("fe80::1").WithZone(zone)
		if got := CleanZone(a) == a; got != kept {
			t.Errorf("%q: kept is %v, want %v", zone, got, kept)
		}
	}
	if a := netip.MustParseAddr("192.0.2.1"); CleanZone(a) != a {
		t.Error("an address without a zone was changed")
	}
}

// TestParseZones: no zone in any fact is free text, however its line is written.
func TestParseZones(t *testing.T) {
	for _, line := range []string{
		`{"kind":"lookup","lookup":{"family":"inet6","dst":"fe80::1%\u001b]0;x","gateway":"fe80::1\u0025a b","source":"fe80::2%eth0"}}`,
		`{"kind":"resolver","resolver":{"source":"resolv.conf","servers":[{"addr":"fe80::1%\u001bc"}]}}`,
		`{"kind":"route","route":{"family":"inet6","dst":"::/0","nexthops":[{"gateway":"fe80::1%\u001bc"}],"gateway":"fe80::1%\u202ea"}}`,
		`{"kind":"address","address":{"ifindex":1,"local":"fe80::1%\u001bc","peer":"fe80::1%\u007f"}}`,
	} {
		o, err := ParseObservation([]byte(line))
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		out := string(AppendObservation(nil, &o))
		if strings.Count(out, "%") != strings.Count(line, "%eth0") {
			t.Errorf("%s became %s", line, out)
		}
	}
}

func TestUnknownVia(t *testing.T) {
	if _, err := ParseObservation([]byte(`{"kind":"mark","via":"\u001bc","mark":{}}`)); err == nil || strings.ContainsRune(err.Error(), 0x1b) {
		t.Errorf("got %v, want an error without control characters", err)
	}
	for _, v := range vias {
		o := Observation{Op: Put, Via: v, Fact: &Mark{}}
		if got, err := ParseObservation(AppendObservation(nil, &o)); err != nil || got.Via != v {
			t.Errorf("%q came back as %q, %v", v, got.Via, err)
		}
	}
}
