//go:build linux

package kernel

import (
	"encoding/json"
	"testing"
	"time"

	"flapscope/internal/netlab"
	"flapscope/monitor/fact"
	"flapscope/monitor/state"
)

// counters are those of ip -s.
type counters struct {
	Stats64 struct {
		Rx, Tx struct{ Bytes, Packets, Errors, Dropped uint64 }
	}
}

// TestTraffic reads the counters of an interface beside ip(8), and those of no
// other way to know about the link.
func TestTraffic(t *testing.T) {
	t.Parallel()
	ns, far := netlab.New(t), netlab.New(t)
	ns.IP(t, "link add v0 type veth peer name p0 netns "+far.Name)
	far.IP(t, "link set p0 up")
	ns.IP(t, "link set v0 up")
	host := ns.Start(t, New(Options{Audit: time.Hour, Traffic: true}))
	host.Synced(t, sourceName)
	ns.IP(t, "addr add 192.0.2.7/24 dev v0")
	far.IP(t, "addr add 192.0.2.1/24 dev p0")
	ns.Reaches(t, "192.0.2.1")
	if out, err := ns.Command("ping", "-c", "20", "-i", "0.05", "-s", "1000", "-q", "192.0.2.1").CombinedOutput(); err != nil {
		t.Fatalf("ping: %v, %s", err, out)
	}
	host.Await(t, "the counters of ip", func(_ *state.State, all []fact.Observation) bool {
		var links []counters
		if err := json.Unmarshal([]byte(ns.IP(t, "-s -s -j link show dev v0")), &links); err != nil {
			t.Fatal(err)
		}
		got, reads, first, last := fact.Traffic{}, 0, time.Duration(0), time.Duration(0)
		for _, o := range all {
			f, ok := o.Fact.(*fact.Traffic)
			if !ok {
				continue
			}
			if o.Mono%time.Microsecond != 0 {
				t.Fatalf("read at %v", o.Mono)
			}
			if reads == 0 {
				first = o.Mono
			}
			got, reads, last = *f, reads+1, o.Mono
		}
		// Each second has one, which may be late.
		if most := int((last-first)/time.Second) + 2; reads > most {
			t.Fatalf("%d times within %v, want %d at most", reads, last-first, most)
		}
		rx, tx := links[0].Stats64.Rx, links[0].Stats64.Tx
		return tx.Bytes > 20_000 && got.RxBytes == rx.Bytes && got.TxBytes == tx.Bytes && got.RxPackets == rx.Packets && got.TxPackets == tx.Packets
	})
}
