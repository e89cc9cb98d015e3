//go:build linux

package wireless

import (
	"testing"

	"golang.org/x/sys/unix"
)

// BenchmarkEvent decodes a deauthentication and makes a fact of it.
func BenchmarkEvent(b *testing.B) {
	bench := newBench()
	bench.connect(0, firstAP)
	a := about().u32(unix.NL80211_ATTR_WIPHY, 0).add(unix.NL80211_ATTR_FRAME, management(frameDeauthenticate, ownMAC, firstAP, firstAP, 0, 4)...)
	r := bench.radios[3]
	b.ReportAllocs()
	for b.Loop() {
		r.associated, bench.got = true, bench.got[:0]
		e := decodeEvent(unix.NL80211_CMD_DEAUTHENTICATE, a.buf)
		bench.event(&e)
	}
}
