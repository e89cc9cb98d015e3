package lan

import (
	"net/netip"
	"testing"
)

// TestAddresses checks that nobody beyond the link's own prefix is asked, and no
// more than a thousand.
func TestAddresses(t *testing.T) {
	for _, tt := range []struct {
		prefix, own string
		n           int
		first, last string
		all         bool
	}{
		{"192.0.2.0/24", "192.0.2.7", 253, "192.0.2.1", "192.0.2.254", true},
		{"192.0.2.0/30", "192.0.2.1", 1, "192.0.2.2", "192.0.2.2", true},
		{"192.0.2.0/31", "192.0.2.1", 1, "192.0.2.0", "192.0.2.0", true},
		{"192.0.2.1/32", "192.0.2.1", 0, "", "", true},
		{"10.0.0.0/22", "10.0.1.1", 1021, "10.0.0.1", "10.0.3.254", true},
		{"10.0.0.0/8", "10.1.2.3", 1023, "10.1.0.0", "10.1.3.255", false},
		{"255.255.255.0/24", "255.255.255.1", 253, "255.255.255.2", "255.255.255.254", true},
		{"2001:db8::/64", "2001:db8::1", 0, "", "", true},
	} {
		got, all := Addresses(netip.MustParsePrefix(tt.prefix), netip.MustParseAddr(tt.own))
		if len(got) != tt.n || all != tt.all || len(got) > MaxAsked {
			t.Errorf("%s: %d addresses, all %v; want %d, %v", tt.prefix, len(got), all, tt.n, tt.all)
			continue
		}
		if tt.n > 0 && (got[0].String() != tt.first || got[len(got)-1].String() != tt.last) {
			t.Errorf("%s: from %s to %s, want %s to %s", tt.prefix, got[0], got[len(got)-1], tt.first, tt.last)
		}
	}
}
