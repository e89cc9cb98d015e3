package report

import (
	"testing"
	"time"

	"flapscope/history/timeline"
	"flapscope/monitor/fact"
)

// TestAccessPoints: time, ends and signal go to the access point that was in use,
// and what lies outside of the span counts for nothing.
func TestAccessPoints(t *testing.T) {
	at := func(s int) time.Duration { return time.Duration(s) * time.Second }
	r := newRadios(timeline.Span{From: at(100), To: at(200)})
	up := func(bssid fact.Untrusted, event fact.Untrusted) *fact.Wifi {
		return &fact.Wifi{Index: 3, Event: event, SSID: "n", BSSID: bssid, Frequency: 5180}
	}
	r.wifi(up("a", fact.WifiAssociated), fact.Put, at(50))
	for s := range 250 {
		r.station(&fact.Station{Index: 3, Signal: -50 - s/150*20}, at(s))
		switch s {
		case 120:
			r.wifi(up("b", fact.WifiRoamed), fact.Put, at(s))
		case 160:
			r.wifi(&fact.Wifi{Index: 3, Event: fact.WifiDeauthenticated, ByAP: true, BSSID: "b"}, fact.Put, at(s))
		case 170:
			r.wifi(up("a", fact.WifiAssociated), fact.Put, at(s))
		}
	}
	got := r.accessPoints(func(int) fact.Untrusted { return "wlan0" })
	if len(got) != 2 {
		t.Fatalf("%d access points: %+v", len(got), got)
	}
	a, b := got[0], got[1]
	if a.BSSID != "a" || a.Associated != at(20+30) || a.Times != 1 || a.Ended != 0 || a.Interface != "wlan0" {
		t.Errorf("%+v", a)
	}
	if b.Associated != at(40) || b.Times != 1 || b.Ended != 1 || b.ByAP != 1 || b.N != 40 || b.Signal != -55.5 {
		t.Errorf("%+v", b)
	}
	filled := 0
	for _, c := range r.signals[3] {
		if c.n > 0 {
			filled++
		}
	}
	if filled != 100 {
		t.Errorf("%d columns have a signal, want one for each of 100 samples", filled)
	}
}

func TestChannel(t *testing.T) {
	for mhz, want := range map[int]int{2412: 1, 2437: 6, 2472: 13, 2484: 14, 5180: 36, 5825: 165, 5955: 1, 6115: 33, 0: 0, 900: 0} {
		if got := channel(mhz); got != want {
			t.Errorf("%d MHz is channel %d, want %d", mhz, got, want)
		}
	}
}
