package timeline

import (
	"testing"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/path"
)

// TestScans: a scan lasts until it is over or aborted, or for as long as one can.
func TestScans(t *testing.T) {
	at := func(s float64, what string) RadioEvent {
		return RadioEvent{Mono: time.Duration(s * float64(time.Second)), Event: &fact.WifiEvent{Event: fact.Untrusted(what)}}
	}
	got := Scans([]RadioEvent{
		at(1, fact.WifiEventScanned), at(10, fact.WifiEventScan), at(12, fact.WifiEventScanned),
		{Mono: 1, Wifi: &fact.Wifi{}},
		at(40, fact.WifiEventScan), at(41, fact.WifiEventScanEnded), at(41.5, fact.WifiEventBeaconLoss), at(100, fact.WifiEventScan),
		at(105, fact.WifiEventScan), at(106, fact.WifiEventScanned),
	})
	want := []Span{{10 * time.Second, 12 * time.Second}, {40 * time.Second, 41 * time.Second}, {100 * time.Second, 120 * time.Second}}
	if len(got) != len(want) {
		t.Fatalf("got %v, want %v", got, want)
	}
	for i := range got {
		if got[i] != want[i] {
			t.Errorf("got %v, want %v", got, want)
		}
	}
}

// TestStatsWithoutScans: what is late because the radio visits other channels is no
// part of the percentiles, as long as it is the radio that packets leave by.
func TestStatsWithoutScans(t *testing.T) {
	for name, tt := range map[string]struct {
		index, lane int
		p95         time.Duration
		scanned     uint32
	}{
		"machine":         {0, 2, 2 * time.Millisecond, 40},
		"bound":           {2, 2, 2 * time.Millisecond, 40},
		"other-interface": {7, 2, 60 * time.Millisecond, 0},
		"other-radio":     {0, 9, 60 * time.Millisecond, 0},
	} {
		t.Run(name, func(t *testing.T) {
			tl := NewTimeline(DefaultLimits())
			tl.Event(raw(0, pathOf(path.Satisfied, "", "eth0")), nil)
			see := func(at time.Duration, f fact.Fact) {
				tl.Observed(fact.Observation{Mono: boot + at, Time: time.Unix(0, 0).Add(at), Op: fact.Put, Fact: f}, nil)
			}
			index := tl.lanes[0].Index - 2 + tt.lane
			target := &fact.Target{ID: "x", Index: tt.index, Interval: time.Second}
			if tt.index == 2 {
				target.Index = tl.lanes[0].Index
			}
			see(0, target)
			for s := range 200 {
				at := time.Duration(s) * time.Second
				if s%50 == 10 {
					see(at, &fact.WifiEvent{Index: index, Event: fact.WifiEventScan})
				}
				rtt := 2 * time.Millisecond
				if s%50 >= 10 && s%50 < 20 {
					rtt = 60 * time.Millisecond
				}
				see(at+rtt, &fact.ProbeResult{Target: "x", Sent: boot + at + time.Millisecond, RTT: rtt, Outcome: fact.OutcomeOK})
				if s%50 == 19 {
					see(at+500*time.Millisecond, &fact.WifiEvent{Index: index, Event: fact.WifiEventScanned})
				}
			}
			span := Span{boot, boot + 200*time.Second}
			joined := Join([]Part{{Span: span, View: tl.View(), Exact: true}}, path.DefaultSettings())
			for from, got := range map[string]Stats{"view": tl.View().Stats("x", span), "joined": joined.Stats("x", span)} {
				if got.Answered != 200 || got.Scanned != tt.scanned || (got.P95-tt.p95).Abs() > 2*time.Millisecond {
					t.Errorf("%s: %d answers, %d in scans, p95 %v, want %d and %v", from, got.Answered, got.Scanned, got.P95, tt.scanned, tt.p95)
				}
				if in := got.InScans; tt.scanned > 0 && (in-60*time.Millisecond).Abs() > 2*time.Millisecond {
					t.Errorf("%s: in scans %v, want 60 ms", from, in)
				}
			}
			// A long span has all of them.
			if got := tl.View().Stats("x", Span{boot, boot + longestScanned + 1}); got.Scanned != 0 || got.P95 < 50*time.Millisecond {
				t.Errorf("in more than two hours %d in scans, p95 %v", got.Scanned, got.P95)
			}
		})
	}
}
