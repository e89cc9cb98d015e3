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

// TestStationRoom bounds what an hour of one association takes in a recording,
// sampled every second: a signal that wanders, a rate that follows it, some retries
// and a beacon lost now and then.
func TestStationRoom(t *testing.T) {
	const (
		samples = 3600
		most    = 16 // bytes each
	)
	size := func(stations bool) int64 {
		name := filepath.Join(t.TempDir(), "a"+Suffix)
		at := time.Date(2026, 11, 20, 14, 0, 0, 0, time.UTC)
		w, err := Create(name, at, boot, Header{Settings: path.DefaultSettings()}, nil)
		if err != nil {
			t.Fatal(err)
		}
		r := rand.New(rand.NewPCG(1, 2))
		var sequencer fact.Sequencer
		signal := -62
		for i := range samples {
			since := time.Duration(i)*time.Second + time.Duration(r.IntN(3000))*time.Microsecond
			signal = min(-50, max(-80, signal+r.IntN(5)/4-r.IntN(5)/4))
			mcs := min(9, max(0, (signal+85)/4))
			var f fact.Fact = &fact.Station{
				Index: 3, Signal: signal, BeaconSignal: signal + r.IntN(2), TxRate: 433 * (mcs + 1), RxRate: 433 * (mcs + 1),
				MCS: mcs, NSS: 2, Width: 80, Sent: 3 + r.IntN(5), Retries: r.IntN(8) / 6, Beacons: 10 - r.IntN(20)/19, Due: 10,
			}
			if !stations {
				f = &fact.ProbeUsage{}
			}
			o := sequencer.Next(fact.Observation{Time: at.Add(since), Mono: boot + since, Op: fact.Put, Fact: f})
			if err := w.Append(&o); err != nil {
				t.Fatal(err)
			}
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
	all, base := size(true), size(false)
	each := float64(all-base) / samples
	t.Logf("%.1f bytes a sample, %.1f with its time and the frame of the file", each, float64(all)/samples)
	if float64(all)/samples > most {
		t.Errorf("%.1f bytes a sample, want at most %d", float64(all)/samples, most)
	}
}
