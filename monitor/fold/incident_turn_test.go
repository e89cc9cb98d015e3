package fold

import (
	"slices"
	"testing"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/path"
	"flapscope/monitor/state"
)

// TestSlowAfterLoss: a link that loses packets and soon after is slow had two
// troubles, each of its own time. Loss is seen for half a minute after the last
// packet was lost, so that there is none of the two to be seen in between.
func TestSlowAfterLoss(t *testing.T) {
	for _, tt := range []struct {
		name string
		then time.Duration
	}{{"at-once", 90 * time.Second}, {"soon-after", 106 * time.Second}} {
		t.Run(tt.name, func(t *testing.T) {
			loss := damage{what: path.Loss, share: .3, from: time.Minute, to: 90 * time.Second}
			slow := damage{what: path.Latency, leg: path.LegGateway, delay: 600 * time.Millisecond, from: tt.then, to: tt.then + 40*time.Second}
			other := 0
			const seeds = 50
			for seed := range uint64(seeds) {
				got := incidentsOf(newWorld(seed, loss, slow).observations(5*time.Minute), 5*time.Minute)
				if len(got) != 2 || got[0].Root.What != path.Loss || got[1].Root.What != path.Latency ||
					got[0].To.Mono-time.Hour > 100*time.Second || (got[1].From.Mono-time.Hour-tt.then).Abs() > 5*time.Second || got[1].Open() {
					other++
					t.Logf("seed %d: %q", seed, lines(got))
				}
			}
			if other > seeds/10 {
				t.Errorf("%d of %d are told otherwise", other, seeds)
			}
		})
	}
}

// TestFindingOfARemovedLink: where a tunnel is removed, what the probes found there
// has no name any more, until the kernel has said where the way goes now. It says
// nothing new.
func TestFindingOfARemovedLink(t *testing.T) {
	var c incidents
	s := state.NewState()
	p := &path.Path{Status: path.Satisfied}
	at := func(d time.Duration) fact.Instant { return fact.Instant{Mono: time.Hour + d} }
	root := path.Root{What: path.TunnelSilent, Leg: path.LegTunnel, Interface: "tun0", Index: 4, Family: fact.IPv4, Entity: "tun0"}
	c.see(at(0), &path.Finding{Root: root, Down: true, Since: time.Hour}, s, p)
	gone := path.Root{What: path.UpstreamSilent, Leg: path.LegInternet, Index: 4, Family: fact.IPv4}
	c.see(at(time.Second), &path.Finding{Root: gone, Down: true, Since: time.Hour}, s, p)
	if n := len(c.troubles); n != 1 {
		t.Fatalf("got %d troubles, want 1", n)
	}
	if got := c.troubles[0]; len(got.faults) != 1 || got.Root != root {
		t.Errorf("got %d faults with root %+v, want one with %+v", len(got.faults), got.Root, root)
	}
	if slices.ContainsFunc(c.troubles[0].faults, func(f *fault) bool { return f.Interface == "" }) {
		t.Error("a fault without a name")
	}
}
