package path

import (
	"net/netip"
	"testing"
)

func TestPublic(t *testing.T) {
	for a, want := range map[string]bool{
		"9.9.9.9": true, "2620:fe::fe": true, "192.168.1.1": false, "10.0.0.1": false, "fd00::1": false,
		"100.100.100.100": false, "100.128.0.1": true, "127.0.0.53": false, "fe80::1": false,
	} {
		if got := public(netip.MustParseAddr(a)); got != want {
			t.Errorf("public(%s) = %v, want %v", a, got, want)
		}
	}
}
