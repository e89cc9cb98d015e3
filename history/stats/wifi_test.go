package stats

import (
	"fmt"
	"testing"
	"time"

	"flapscope/monitor/fact"
)

// TestWifiSummary sums up an evening: who ended associations, and how each access
// point did.
func TestWifiSummary(t *testing.T) {
	var s WifiSummary
	now := time.Hour
	see := func(after time.Duration, f fact.Fact) {
		now += after
		s.Observe(&fact.Observation{Time: time.Unix(0, 0).Add(now), Mono: now, Op: fact.Put, Fact: f})
	}
	const a, b = "02:00:00:00:01:00", "02:00:00:00:02:00"
	joined := fact.Wifi{Index: 3, Event: fact.WifiAssociated, SSID: "lab", BSSID: a, Frequency: 2412}
	see(0, &fact.Link{Index: 3, Name: "wlan0"})
	see(0, &joined)
	see(time.Second, &fact.Station{Index: 3, Signal: -60, Beacons: 9, Due: 10, Sent: 4, Retries: 1})
	again := joined
	see(time.Second, &again) // the snapshot of another minute
	see(0, &fact.Station{Index: 3, Signal: -70, Beacons: 10, Due: 10})
	see(8*time.Second, &fact.Wifi{Index: 3, Event: fact.WifiDeauthenticated, SSID: "lab", BSSID: a, Reason: 4, ByAP: true})
	see(time.Second/2, &fact.Wifi{Index: 3, Event: fact.WifiUnanswered, BSSID: a})
	see(time.Second/2, &fact.Wifi{Index: 3, Event: fact.WifiUnanswered, BSSID: a})
	see(time.Second, &fact.Wifi{Index: 3, Event: fact.WifiRoamed, SSID: "lab", BSSID: b, From: a, Frequency: 5180})
	see(time.Minute, &fact.Station{Index: 3, Signal: -50})
	s.Finish()
	if len(s.Interfaces) != 1 || s.Interfaces[0].Name != "wlan0" || !s.Interfaces[0].Associated() || s.Interfaces[0].Station.Signal != -50 {
		t.Errorf("interfaces: %+v", s.Interfaces[0])
	}
	if len(s.Ends) != 3 || s.Ends[0].Wifi.Reason != 4 || s.Ends[1].Wifi.Event != fact.WifiUnanswered {
		t.Errorf("ends: %+v", s.Ends)
	}
	if len(s.Cells) != 2 {
		t.Fatalf("%d access points", len(s.Cells))
	}
	first := WifiCell{
		BSSID: a, SSID: "lab", Frequency: 2412, Associated: 10 * time.Second, Ended: 1, Failed: 2,
		Signal: -130, Signals: 2, Weakest: -70, Sent: 4, Retries: 1, Beacons: 19, Due: 20,
	}
	if *s.Cells[0] != first {
		t.Errorf("got %+v, want %+v", *s.Cells[0], first)
	}
	if c := s.Cells[1]; c.Roams != 1 || c.Associated != time.Minute {
		t.Errorf("got %+v, want one roam and a minute", *c)
	}
}

// TestWifiSummaryIsBounded: access points are invented by whoever is near.
func TestWifiSummaryIsBounded(t *testing.T) {
	var s WifiSummary
	for n := range 4 * maxCells {
		w := &fact.Wifi{Index: 3, Event: fact.WifiUnanswered, BSSID: fact.Untrusted(fmt.Sprint(n))}
		s.Observe(&fact.Observation{Mono: time.Duration(n), Op: fact.Put, Fact: w})
	}
	if len(s.Cells) > maxCells+1 || len(s.Ends) > keepEnds {
		t.Errorf("%d access points and %d ends are kept", len(s.Cells), len(s.Ends))
	}
}
