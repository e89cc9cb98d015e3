package checkup

import (
	"net/netip"
	"testing"
)

// TestTranslation: the addresses of RFC 6052 §2.4, and the prefix that is found from
// that of a name which has IPv4 alone.
func TestTranslation(t *testing.T) {
	four := netip.MustParseAddr("192.0.2.33")
	for prefix, want := range map[string]string{
		"2001:db8::/32":             "2001:db8:c000:221::",
		"2001:db8:100::/40":         "2001:db8:1c0:2:21::",
		"2001:db8:122::/48":         "2001:db8:122:c000:2:2100::",
		"2001:db8:122:300::/56":     "2001:db8:122:3c0:0:221::",
		"2001:db8:122:344::/64":     "2001:db8:122:344:c0:2:2100::",
		"2001:db8:122:344::/96":     "2001:db8:122:344::192.0.2.33",
		"64:ff9b::/96":              "64:ff9b::192.0.2.33",
		"2001:db8:122:344:0:1::/96": "2001:db8:122:344:0:1:c000:221",
	} {
		p := netip.MustParsePrefix(prefix)
		if got := embed(p, four); got != netip.MustParseAddr(want) {
			t.Errorf("%s: %s, want %s", prefix, got, want)
		}
		for _, a := range wellKnown {
			if got, ok := translation(embed(p, a)); !ok || got != p {
				t.Errorf("%s: %s, %v from %s", prefix, got, ok, embed(p, a))
			}
		}
	}
	if p, ok := translation(netip.MustParseAddr("2001:db8::1")); ok {
		t.Errorf("%s of an address that stands for none", p)
	}
}
