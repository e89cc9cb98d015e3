package session

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/path"
)

// TestStationRoom bounds what an association takes in a recording in which a target
// is probed and traffic is counted every second too: the difference that its samples
// make, their instants included. The signal wanders, the rates follow it, some frames
// are sent again and a beacon is not heard now and then.
func TestStationRoom(t *testing.T) {
	const (
		samples = 3600
		most    = 9 // bytes each
	)
	size := func(stations bool) int64 {
		name := filepath.Join(t.TempDir(), "a"+Suffix)
		at := time.Date(2026, 11, 20, 14, 0, 0, 0, time.UTC)
		w, err := Create(name, at, boot, Header{Settings: path.DefaultSettings()}, nil)
		if err != nil {
			t.Fatal(err)
		}
		r, other := rand.New(rand.NewPCG(1, 2)), rand.New(rand.NewPCG(3, 4))
		var sequencer fact.Sequencer
		put := func(since time.Duration, f fact.Fact) {
			o := sequencer.Next(fact.Observation{Time: at.Add(since), Mono: boot + since, Op: fact.Put, Fact: f})
			if err := w.Append(&o); err != nil {
				t.Fatal(err)
			}
		}
		signal, bytes := -62, uint64(1<<20)
		for i := range samples {
			since := time.Duration(i) * time.Second
			if stations {
				signal = min(-50, max(-80, signal+r.IntN(5)/4-r.IntN(5)/4))
				mcs := min(9, max(0, (signal+85)/4))
				// The source stamps whole milliseconds.
				put(since+time.Duration(r.IntN(3))*time.Millisecond, &fact.Station{
					Index: 3, Signal: signal, BeaconSignal: signal + r.IntN(2), TxRate: 433 * (mcs + 1), RxRate: 433 * (mcs + 1),
					MCS: mcs, NSS: 2, Width: 80, Sent: 3 + r.IntN(5), Retries: r.IntN(8) / 6, Beacons: 10 - r.IntN(20)/19, Due: 10,
				})
			}
			bytes += uint64(other.IntN(100_000))
			put(since+400*time.Millisecond+time.Duration(other.IntN(500))*time.Microsecond, &fact.Traffic{Index: 3, RxBytes: bytes, TxBytes: bytes / 7})
			rtt := time.Duration(9000+other.IntN(4000)) * time.Microsecond
			sent := since + 700*time.Millisecond + time.Duration(other.IntN(800))*time.Microsecond
			put(sent+rtt+70*time.Microsecond, &fact.ProbeResult{Target: "ping:192.0.2.1", Outcome: fact.OutcomeOK, Sent: boot + sent, RTT: rtt})
		}
		if err := w.Close(at.Add(samples*time.Second), boot+samples*time.Second, "stop"); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	each := float64(size(true)-size(false)) / samples
	t.Logf("%.1f bytes a sample", each)
	if each > most {
		t.Errorf("%.1f bytes a sample, want at most %d", each, most)
	}
}
