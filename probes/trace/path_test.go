package trace

import (
	"net/netip"
	"testing"
	"time"

	"flapscope/probes/sock"
)

func router(n byte) Answer {
	return Answer{Addr: netip.AddrFrom4([4]byte{192, 0, 2, n}), RTT: time.Duration(n) * time.Millisecond}
}

func end(n byte) Answer {
	a := router(n)
	a.End = true
	return a
}

// All distances behind the end are answered by it; it counts once.
func TestRound(t *testing.T) {
	var p Path
	p.Round([]Answer{router(1), {}, end(3), end(3), end(3)})
	p.Round([]Answer{router(1), router(2), end(3)})
	if !p.Reached || len(p.Hops) != 3 || p.Hops[1].Sent != 2 || p.Hops[1].Received != 1 || p.Hops[2].Received != 2 {
		t.Fatalf("%+v", p)
	}
	if p.Hops[1].Last[0] != 0 || p.Hops[1].Last[1] == 0 {
		t.Errorf("last of hop 2: %v", p.Hops[1].Last)
	}
	// The way is shorter now.
	p.Round([]Answer{router(1), end(3)})
	if len(p.Hops) != 2 || len(p.Hops[1].Routers) != 2 {
		t.Errorf("%+v", p.Hops)
	}
}

// A way that nobody ends is as long as those who answer.
func TestTrim(t *testing.T) {
	var p Path
	p.Round([]Answer{router(1), {}, router(3), {}, {}})
	p.Again(2, router(2))
	p.Again(9, router(9))
	p.Trim()
	if p.Reached || len(p.Hops) != 3 || p.Hops[1].Received != 1 || p.Hops[1].Sent != 1 {
		t.Errorf("%+v", p.Hops)
	}
}

// A hop that forbids to go on ends the way, and is not its end.
func TestForbids(t *testing.T) {
	no := router(2)
	no.Refusal = &sock.Refusal{Protocol: sock.ICMP, Type: 3, Code: 13, Offender: no.Addr}
	var p Path
	p.Round([]Answer{router(1), router(2), no, no})
	h, r := p.Forbids()
	if p.Reached || len(p.Hops) != 2 || h == nil || h.TTL != 2 || r.Code != 13 {
		t.Errorf("%+v", p.Hops)
	}
}

// Loss counts only where everything behind it is lost too: routers limit how
// many errors they send.
func TestLost(t *testing.T) {
	var p Path
	for i := range 10 {
		round := []Answer{router(1), router(2), router(3), end(4)}
		if i%2 == 0 {
			round[1] = Answer{} // It limits what it says.
		}
		if i < 2 {
			round[2], round[3] = Answer{}, Answer{}
		}
		p.Round(round)
	}
	for i, want := range []float64{0, 0.2, 0.2, 0.2} {
		if got := p.Lost(i); got != want {
			t.Errorf("hop %d loses %v, want %v", i+1, got, want)
		}
	}
	if !p.Limits(1) || p.Limits(0) || p.Limits(2) {
		t.Errorf("limits %v %v %v, want the second only", p.Limits(0), p.Limits(1), p.Limits(2))
	}
	from, to, lost, ok := p.Between()
	if !ok || from != 0 || to != 2 || lost != 0.2 {
		t.Errorf("lost between %d and %d: %v %v", from, to, lost, ok)
	}
}

// A middle hop that loses alone loses nothing.
func TestLostInTheMiddle(t *testing.T) {
	var p Path
	p.Round([]Answer{router(1), {}, end(3)})
	p.Round([]Answer{router(1), router(2), end(3)})
	if _, _, _, ok := p.Between(); ok || p.Lost(1) != 0 || !p.Limits(1) {
		t.Errorf("%+v", p.Hops)
	}
}

func TestTimes(t *testing.T) {
	if best, median, worst := Times([]time.Duration{3, 1, 2}); best != 1 || median != 2 || worst != 3 {
		t.Error(best, median, worst)
	}
	if best, _, _ := Times(nil); best != 0 {
		t.Error(best)
	}
}
