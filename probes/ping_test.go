package probes

import (
	"net"
	"testing"
	"time"

	probing "github.com/prometheus-community/pro-bing"
)

// The library's round trip is a difference of wall clocks. A step of the clock
// must not show.
func TestEchoSurvivesClockSteps(t *testing.T) {
	for name, told := range map[string]time.Duration{
		"back": -time.Hour, "zero": 0, "forward": time.Hour,
	} {
		t.Run(name, func(t *testing.T) {
			now := time.Now()
			e := libraryEcho{asked: addr("192.0.2.1"), opened: now.Add(-30 * time.Millisecond), sent: now.Add(-20 * time.Millisecond)}
			e.received(&probing.Packet{Rtt: told, IPAddr: &net.IPAddr{IP: net.IPv4(192, 0, 2, 1)}})
			if e.rtt < 20*time.Millisecond || e.rtt > time.Since(e.opened) {
				t.Errorf("round trip %v, want what the monotonic clock allows", e.rtt)
			}
		})
	}
	now := time.Now()
	e := libraryEcho{asked: addr("192.0.2.1"), opened: now.Add(-30 * time.Millisecond), sent: now.Add(-20 * time.Millisecond)}
	e.received(&probing.Packet{Rtt: 25 * time.Millisecond, IPAddr: &net.IPAddr{IP: net.IPv4(192, 0, 2, 1)}})
	if e.rtt != 25*time.Millisecond {
		t.Errorf("round trip %v, want the library's 25 ms: it is possible", e.rtt)
	}
}

func BenchmarkPing(b *testing.B) {
	mode, err := PingMode()
	if err != nil {
		b.Skip("SKIPPED: may not ping: ", err)
	}
	target := echoTarget("127.0.0.1", mode, 0)
	for name, p := range pingers() {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				p.Probe(b.Context(), target)
			}
		})
	}
}
