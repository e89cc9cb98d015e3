package stats

import (
	"testing"
	"time"

	"flapscope/history/timeline"
	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
)

// TestWifiCells: each access point has the time, the ends and the samples of its
// own associations, within the span that was asked for.
func TestWifiCells(t *testing.T) {
	const a, b = "02:00:00:00:01:00", "02:00:00:00:02:00"
	tl := timeline.NewTimeline(timeline.DefaultLimits())
	d := fold.NewDriver(path.DefaultSettings(), tl)
	see := func(at time.Duration, f fact.Fact) {
		at += time.Hour
		d.Observe(fact.Observation{Time: time.Unix(0, 0).Add(at), Mono: at, Op: fact.Put, Fact: f})
	}
	see(0, &fact.Link{Index: 3, Name: "wlan0", Type: fact.TypeWifi, Flags: fact.FlagUp})
	see(0, &fact.Sync{Source: "kernel"})
	see(0, &fact.Wifi{Index: 3, Event: fact.WifiAssociated, SSID: "lab", BSSID: a})
	for s := 1; s <= 10; s++ {
		see(time.Duration(s)*time.Second, &fact.Station{Index: 3, Signal: -60, Sent: 10, Retries: 1})
	}
	see(11*time.Second, &fact.Wifi{Index: 3, Event: fact.WifiDeauthenticated, BSSID: a, ByAP: true, Reason: 4})
	see(12*time.Second, &fact.Wifi{Index: 3, Event: fact.WifiUnanswered, BSSID: a})
	see(14*time.Second, &fact.Wifi{Index: 3, Event: fact.WifiRoamed, SSID: "lab", BSSID: b, From: a})
	see(20*time.Second, &fact.Station{Index: 3, Signal: -40, Sent: 5})
	tl.Snapshot(d.Snapshot())
	scope := path.InterfaceScope("wlan0")
	var stretches []time.Duration
	cells := WifiCells(tl.View(), scope, timeline.Span{From: time.Hour + 5*time.Second, To: time.Hour + 24*time.Second}, func(_ *WifiCell, s timeline.Span) {
		stretches = append(stretches, s.To-s.From)
	})
	if len(cells) != 2 || len(stretches) != 2 || stretches[0] != 6*time.Second || stretches[1] != 10*time.Second {
		t.Fatalf("%d access points, associated for %v", len(cells), stretches)
	}
	if c := cells[0]; c.Ended != 1 || c.Failed != 1 || c.Associated != 6*time.Second || c.Sent != 50 || c.Signal/c.Signals != -60 {
		t.Errorf("the first: %+v", *c)
	}
	if c := cells[1]; c.Roams != 1 || c.Associated != 10*time.Second || c.Sent != 5 || c.Weakest != -40 {
		t.Errorf("the second: %+v", *c)
	}
}
