package fact

import (
	"net/netip"
	"strings"
	"testing"
	"unicode/utf8"
)

// TestDisplayIsBounded: text of the greatest length is shown whole, and longer
// text cut.
func TestDisplayIsBounded(t *testing.T) {
	for _, letter := range []string{"x", "ü", "\x1b"} {
		whole := Untrusted(strings.Repeat(letter, maxDisplay))
		if shown := whole.Display(); strings.Contains(shown, "…") {
			t.Errorf("%d of %q are shown as %q", maxDisplay, letter, shown)
		}
		shown := (whole + Untrusted(strings.Repeat(letter, 1e6))).Display()
		if n := utf8.RuneCountInString(shown); !strings.HasSuffix(shown, "…") || n > 10*maxDisplay {
			t.Errorf("a million of %q are shown as %d characters, want no more than of %d", letter, n, maxDisplay)
		}
	}
}

// TestZoneIsBounded: a zone is as long as the name of an interface can be.
func TestZoneIsBounded(t *testing.T) {
	for n, want := range map[int]int{maxZone: maxZone, maxZone + 1: 0} {
		zone := strings.Repeat("x", n)
		if got := CleanZone(netip.MustParseAddr("fe80::1%" + zone)).Zone(); len(got) != want {
			t.Errorf("of a zone of %d bytes %q is left", n, got)
		}
	}
}
