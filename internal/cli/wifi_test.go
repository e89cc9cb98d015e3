package cli

import (
	"strings"
	"testing"
	"time"

	"flapscope/history/stats"
	"flapscope/monitor/fact"
)

// hostileSSID is a name that anybody near can choose.
const hostileSSID = "\x1b]0;x\a\u202elab"

func wifiEvening() *stats.WifiSummary {
	s := &stats.WifiSummary{}
	for i, f := range []fact.Fact{
		&fact.Link{Index: 3, Name: "wlan0"},
		&fact.Wifi{Index: 3, Event: fact.WifiAssociated, SSID: hostileSSID, BSSID: "02:00:00:00:01:00", Frequency: 5180, Width: 80},
		&fact.Wifi{Index: 3, Event: fact.WifiDeauthenticated, SSID: hostileSSID, BSSID: "02:00:00:00:01:00", Reason: 4, ByAP: true, Signal: -80, Held: time.Second},
		&fact.Wifi{Index: 3, Event: fact.WifiAssociated, SSID: hostileSSID, BSSID: "02:00:00:00:01:00", Frequency: 5180, Width: 80},
		&fact.Cells{Index: 3, List: []fact.HeardCell{
			{BSSID: "02:00:00:00:01:00", SSID: hostileSSID, Frequency: 5180, Signal: -61, Security: "WPA3", Load: true, Stations: 14, Busy: 61},
			{BSSID: "02:00:00:00:02:00", Frequency: 2412},
		}},
		&fact.Airtime{Index: 3, Frequency: 5180, Noise: -95, Listened: 10000, Busy: 4200, PowerSave: fact.PowerSaveOn},
		&fact.Station{Index: 3, Signal: -61, BeaconSignal: -59, TxRate: 8667, MCS: 9, NSS: 2, Width: 80, Sent: 10, Retries: 2, Beacons: 9, Due: 10},
	} {
		at := time.Duration(i) * time.Second
		s.Observe(&fact.Observation{Time: time.Unix(0, 0).UTC().Add(at), Mono: at, Op: fact.Put, Fact: f})
	}
	s.Finish()
	return s
}

// TestWifiPage: the page answers who, why and how, and shows no name as it came.
func TestWifiPage(t *testing.T) {
	var b strings.Builder
	if err := printWifi(&b, wifiEvening()); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`wlan0  \x1b]0;x\a\u202elab  02:00:00:00:01:00  channel 36 (5 GHz), 80 MHz`,
		"signal   -61 dBm, beacons -59 dBm", "rate     867 Mbit/s, MCS 9, 2 streams, 80 MHz", "9 of 10 heard",
		"1970-01-01 00:00:02.000  wlan0  deauthenticated by AP (reason 4: it heard nothing) at -80 dBm, 02:00:00:00:01:00, after 1.0 s",
		`02:00:00:00:01:00  \x1b]0;x\a\u202elab  36, 5 GHz   -61 dBm  WPA3   14        61 %`, "02:00:00:00:02:00  (hidden)",
		"air      channel in use 42 %, noise -95 dBm, power save on", "36, 5 GHz  4.0 s  1      0     0     0       0      -61, least -61  20 %        90 %",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
	b.Reset()
	if err := printWifi(&b, &stats.WifiSummary{}); err != nil || b.String() != "no Wi-Fi was observed\n" {
		t.Errorf("of nothing: %v, %q", err, b.String())
	}
}

// TestWifiDocument: what the JSON form has for scripts.
func TestWifiDocument(t *testing.T) {
	var b strings.Builder
	if err := writeJSON(&b, describeWifi(wifiEvening())); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`"interface": "wlan0"`, `"associated": true`, `"ssid": "\\x1b]0;x\\a\\u202elab"`, `"channel": 36`, `"signal_dbm": -61`,
		`"busy_percent": 61`, `"busy_ms": 4200`, `"reason_code": 4`, `"by_ap": true`, `"ended_by_ap": 1`, `"beacons_due": 10`,
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %s in\n%s", want, b.String())
		}
	}
}
