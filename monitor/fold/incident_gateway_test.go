package fold

import (
	"testing"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/fact/facttest"
)

// TestGatewayChanged: another machine that answers for the gateway is worth a note,
// two that do so in turns are a conflict, and what a link takes with it is neither.
func TestGatewayChanged(t *testing.T) {
	at := func(s int) time.Duration { return time.Duration(s) * time.Second }
	entry := func(mac fact.Untrusted) *fact.Neighbour {
		return &fact.Neighbour{Index: 2, Dst: facttest.LabRouter, LLAddr: mac, State: fact.NeighbourReachable}
	}
	const one, other = fact.Untrusted("02:00:00:00:00:01"), fact.Untrusted("02:00:00:00:00:02")
	tests := []struct {
		name string
		do   func(w *world)
		want []string
	}{
		{"another-router", func(w *world) {
			w.put(at(50), fact.Put, entry(one))
			w.put(at(60), fact.Put, entry(other))
			w.put(at(61), fact.Put, entry(other))
		}, []string{"1m0s-1m0s note 1× gateway 192.0.2.1 on eth0 has another hardware address: 02:00:00:00:00:02, no longer 02:00:00:00:00:01"}},
		{"two-machines", func(w *world) {
			for i := range 8 {
				w.put(at(60+2*i), fact.Put, entry([]fact.Untrusted{one, other}[i%2]))
			}
		}, []string{
			"1m2s-1m2s note 1× gateway 192.0.2.1 on eth0 has another hardware address: 02:00:00:00:00:02, no longer 02:00:00:00:00:01",
			"1m4s-1m4s note 1× gateway 192.0.2.1 on eth0 has another hardware address: 02:00:00:00:00:01, no longer 02:00:00:00:00:02",
			"1m2s-1m14s degraded 1× gateway 192.0.2.1 on eth0 was claimed by two machines, 02:00:00:00:00:01 and 02:00:00:00:00:02; DNS, IPv4 and IPv6 worked",
		}},
		{"not-known-between", func(w *world) {
			w.put(at(50), fact.Put, entry(one))
			w.put(at(60), fact.Delete, entry(one))
			w.put(at(61), fact.Put, entry(other))
		}, nil},
		{"not-the-gateway", func(w *world) {
			for i, mac := range []fact.Untrusted{one, other, one, other, one} {
				n := entry(mac)
				n.Dst = facttest.LabSource.Next()
				w.put(at(60+i), fact.Put, n)
			}
		}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(3)
			tt.do(w)
			got := lines(incidentsOf(w.observations(4*time.Minute), 4*time.Minute))
			if len(got) != len(tt.want) {
				t.Fatalf("got %q, want %q", got, tt.want)
			}
			for i := range got {
				if got[i] != tt.want[i] {
					t.Errorf("got  %s\nwant %s", got[i], tt.want[i])
				}
			}
		})
	}
}
