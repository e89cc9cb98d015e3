//go:build linux

package kernel

import (
	"fmt"
	"testing"
	"time"

	"flapscope/internal/netlab"
	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

// TestCrowdIsReadSeldom changes one address each 4 ms on a machine with 80 links:
// every change is reported, and many at a time.
func TestCrowdIsReadSeldom(t *testing.T) {
	netlab.NeedsMachine(t, "a large receive buffer")
	ns := netlab.New(t)
	var pairs []string
	for i := range 40 {
		pairs = append(pairs, fmt.Sprintf("link add a%d type veth peer name b%d", i, i))
	}
	ns.Batch(t, pairs...)
	host := ns.Start(t, New(Options{Audit: time.Hour}))
	host.Synced(t, sourceName)

	const changes = 500
	ip := ns.Command("ip", "-batch", "-")
	in, err := ip.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := ip.Start(); err != nil {
		t.Fatal(err)
	}
	for i := range changes {
		fmt.Fprintf(in, "addr add 10.1.%d.%d/32 dev a0\n", i/250, i%250+1)
		time.Sleep(4 * time.Millisecond)
	}
	in.Close()
	if err := ip.Wait(); err != nil {
		t.Fatal(err)
	}
	turns := map[time.Duration]bool{}
	var first, last time.Duration
	host.Await(t, "all addresses", func(_ *state.State, all []fact.Observation) bool {
		clear(turns)
		first, last = 0, 0
		n := 0
		for _, o := range all {
			if a, ok := o.Fact.(*fact.Address); !ok || o.Via != fact.ViaEvent || a.Family() != fact.IPv4 {
				continue
			}
			if first == 0 {
				first = o.Mono
			}
			n, last, turns[o.Mono] = n+1, o.Mono, true
		}
		return n == changes
	})
	most := int((turnCredit+last-first)/crowdRest) + 20
	if n := len(turns); n > most {
		t.Errorf("%d changes within %v were read in %d turns, want %d at most", changes, last-first, n, most)
	}
}

func TestRestOfTurn(t *testing.T) {
	for _, tt := range []struct {
		name          string
		links, buffer int
		want          time.Duration
	}{
		{"a-laptop", 5, 64 << 20, turnRest},
		{"a-crowd", crowd + 1, 64 << 20, crowdRest},
		{"a-crowd-without-root", crowd + 1, 425_984, smallRest},
	} {
		if got := restOfTurn(tt.links, tt.buffer); got != tt.want {
			t.Errorf("%s: rests for %v, want %v", tt.name, got, tt.want)
		}
	}
}
