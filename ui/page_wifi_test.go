package ui

import (
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"flapscope/history/timeline"
	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
	"flapscope/themes"
)

// A radioFeed is the past of one radio.
type radioFeed struct {
	tl   *timeline.View
	snap *fold.Snapshot
	now  time.Duration
}

// Now implements Feed.
func (r radioFeed) Now() (time.Time, time.Duration) { return time.Unix(0, 0).Add(r.now), r.now }

// Snapshot implements Feed.
func (r radioFeed) Snapshot() *fold.Snapshot { return r.snap }

// Timeline implements Feed.
func (r radioFeed) Timeline() Timeline { return r.tl }

// A heard is what is observed so many seconds after the begin.
type heard struct {
	at float64
	fact.Fact
}

// listenTo folds what is observed of wlan0, interface 3.
func listenTo(all ...heard) radioFeed {
	tl := timeline.NewTimeline(timeline.DefaultLimits())
	d := fold.NewDriver(path.DefaultSettings(), tl)
	const start = time.Hour
	now := start
	see := func(f fact.Fact) {
		d.Observe(fact.Observation{Time: time.Unix(0, 0).Add(now), Mono: now, Op: fact.Put, Fact: f})
		tl.Snapshot(d.Snapshot())
	}
	see(&fact.Link{Index: 3, Name: "wlan0", Type: fact.TypeWifi, Hardware: 1, Flags: fact.FlagUp | fact.FlagLowerUp, OperState: fact.OperUp})
	see(&fact.Sync{Source: "kernel"})
	for _, h := range all {
		now = start + time.Duration(h.at*float64(time.Second))
		see(h.Fact)
	}
	return radioFeed{tl.View(), d.Snapshot(), now}
}

// wifiScreen is the page of Wi-Fi over a feed.
func wifiScreen(t *testing.T, feed Feed, w, h int) string {
	t.Helper()
	m := start(feed, Options{Width: 2 * time.Minute}, w, h)
	press(t, m, "5")
	return written(m)
}

const (
	oneAP   = "02:00:00:00:01:00"
	otherAP = "02:00:00:00:02:00"
)

// TestWifiPageIsClean: the name of a network is any bytes, chosen by whoever is
// near. At no size does it get out of its place, or reach the terminal as it is.
func TestWifiPageIsClean(t *testing.T) {
	names := []fact.Untrusted{
		"\x1b]0;x\a\r\n\x00", "\xff\xfe\xc3\x28\xc0\xaf\xed\xa0\x80", "\u202elab\u00ad\u00a0", "(invalid name)",
		"咖啡店的很长很长的网络名字咖啡", "e\u0301\u0301\u0301👨‍👩‍👧‍👦",
	}
	var all []heard
	for i, name := range names {
		at := float64(10 * i)
		all = append(all,
			heard{at, &fact.Wifi{Index: 3, Event: fact.WifiAssociated, SSID: name, BSSID: fact.Untrusted(oneAP[:16]) + fact.Untrusted(rune('0'+i)), Frequency: 2412}},
			heard{at + 1, &fact.Station{Index: 3, Signal: -60, Beacons: 1, Due: 10, Sent: 5, Retries: 50}},
			heard{at + 8, &fact.Wifi{Index: 3, Event: "\x1b[2J", SSID: name, BSSID: "\x1b[31m", ByAP: true, Reason: 999}})
	}
	feed := listenTo(all...)
	m := start(feed, Options{}, 80, 24)
	press(t, m, "5")
	for _, size := range []screen{{60, 16}, {61, 17}, {80, 24}, {99, 31}, {100, 32}, {120, 40}, {159, 40}, {200, 60}, {40, 10}, {1, 1}} {
		m.Update(tea.WindowSizeMsg{Width: size.w, Height: size.h})
		checkSize(t, m, size.w, size.h)
		for _, r := range onScreen(m) {
			if r < ' ' && r != '\n' || r == '\u202e' {
				t.Fatalf("%dx%d: %q is on the screen", size.w, size.h, r)
			}
		}
	}
	m.Update(tea.WindowSizeMsg{Width: 200, Height: 60})
	shown := map[string]bool{}
	for row := range strings.SplitSeq(onScreen(m), "\n") {
		for i := range names {
			if _, rest, ok := strings.Cut(row, oneAP[:16]+string(rune('0'+i))+"   "); ok {
				shown[strings.Fields(rest)[0]] = true
			}
		}
	}
	if len(shown) != len(names) {
		t.Errorf("%d names are told apart, want %d: %v\n%s", len(shown), len(names), shown, onScreen(m))
	}
}

// TestWhoEndedIt: each way in which an association ends, or does not come about,
// has its sentence.
func TestWhoEndedIt(t *testing.T) {
	joined := &fact.Wifi{Index: 3, Event: fact.WifiAssociated, SSID: "lab", BSSID: oneAP, Frequency: 2412}
	for _, tt := range []struct {
		name string
		fact fact.Wifi
		want []string
	}{
		{"kick", fact.Wifi{Event: fact.WifiDeauthenticated, ByAP: true, Reason: 4, Signal: -61}, []string{"▼ the AP", "kicked us: it heard nothing (reason 4)", "or forged", "-61 dBm"}},
		{"signed-kick", fact.Wifi{Event: fact.WifiDeauthenticated, ByAP: true, Reason: 3, Protected: true}, []string{"the AP shuts down or restarts (reason 3)", "certain: signed"}},
		{"unknown-reason", fact.Wifi{Event: fact.WifiDisassociated, ByAP: true, Reason: 333}, []string{"kicked us (reason 333)"}},
		{"out-of-range", fact.Wifi{Event: fact.WifiBeaconLost, Reason: 4}, []string{"nobody", "heard no beacons any more"}},
		{"own", fact.Wifi{Event: fact.WifiDeauthenticated, Reason: 2}, []string{"this machine", "left: to associate again (reason 2)"}},
		{"refused", fact.Wifi{Event: fact.WifiRefused, Status: 17}, []string{"× the AP", "refused us: the AP is full (status 17)"}},
		{"no-answer", fact.Wifi{Event: fact.WifiUnanswered}, []string{"the AP did not answer"}},
		{"driver", fact.Wifi{Event: fact.WifiDisconnected}, []string{"unknown", "disconnected", "not said"}},
		{"roam", fact.Wifi{Event: fact.WifiRoamed, BSSID: otherAP, From: oneAP}, []string{"⇄ this machine", "roamed …01:00 → …02:00, better by 20 dB", "certain"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := tt.fact
			w.Index, w.SSID = 3, "lab"
			feed := listenTo(heard{0, joined}, heard{1, &fact.Station{Index: 3, Signal: -60}}, heard{8, &w}, heard{9, &fact.Station{Index: 3, Signal: -40}})
			got := wifiScreen(t, feed, 120, 40)
			_, list, _ := strings.Cut(got, "WHO ENDED IT")
			for _, want := range tt.want {
				if !strings.Contains(list, want) {
					t.Errorf("no %q in\n%s", want, got)
				}
			}
		})
	}
}

// TestRoamIsOne: the end before a roam is its begin, and no end of its own.
func TestRoamIsOne(t *testing.T) {
	got := wifiScreen(t, listenTo(
		heard{0, &fact.Wifi{Index: 3, Event: fact.WifiAssociated, SSID: "lab", BSSID: oneAP}},
		heard{8, &fact.Wifi{Index: 3, Event: fact.WifiDeauthenticated, BSSID: oneAP, Reason: 1}},
		heard{8.1, &fact.Wifi{Index: 3, Event: fact.WifiRoamed, SSID: "lab", BSSID: otherAP, From: oneAP}},
		heard{20, &fact.Station{Index: 3, Signal: -50}}), 120, 40)
	if !strings.Contains(got, "0 kicks · 1 roam ·") || strings.Contains(got, "for another AP") {
		t.Errorf("a roam is told as an end:\n%s", got)
	}
}

// TestOneOrAll: whether one access point is at fault, one channel, or all.
func TestOneOrAll(t *testing.T) {
	kick := func(bssid fact.Untrusted, mhz int, at float64) []heard {
		return []heard{
			{at, &fact.Wifi{Index: 3, Event: fact.WifiAssociated, SSID: "lab", BSSID: bssid, Frequency: mhz}},
			{at + 5, &fact.Wifi{Index: 3, Event: fact.WifiDeauthenticated, SSID: "lab", BSSID: bssid, Frequency: mhz, ByAP: true, Reason: 1}},
		}
	}
	calm := []heard{{90, &fact.Wifi{Index: 3, Event: fact.WifiAssociated, SSID: "lab", BSSID: otherAP, Frequency: 2437}}, {100, &fact.Station{Index: 3, Signal: -1}}}
	for want, all := range map[string][]heard{
		"only " + oneAP + " ended or lost it, 2 ×":        append(append(kick(oneAP, 2412, 0), kick(oneAP, 2412, 10)...), calm...),
		"2 access points of one channel":                  append(append(kick(oneAP, 2437, 0), kick(otherAP, 2437, 10)...), calm...),
		"2 access points on 2 channels ended or lost it:": append(append(kick(oneAP, 2412, 0), kick(otherAP, 2437, 10)...), calm...),
	} {
		if got := wifiScreen(t, listenTo(all...), 120, 40); !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}

// TestSignalScale: the range of the chart has what was heard in it, and is thirty
// at least.
func TestSignalScale(t *testing.T) {
	for _, tt := range []struct{ least, most, lo, hi int }{
		{-61, -55, -80, -50}, {-95, -20, -100, -20}, {-1, -1, -30, 0}, {-90, -90, -110, -80}, {0, 0, 0, 0}, {-60, -60, -80, -50},
	} {
		air := []timeline.Air{{Signal: tt.least}, {BeaconSignal: tt.most}, {}}
		lo, hi := signalScale(air)
		if lo != tt.lo || hi != tt.hi {
			t.Errorf("from %d to %d: got %d to %d, want %d to %d", tt.least, tt.most, lo, hi, tt.lo, tt.hi)
		}
	}
	k := look{}
	st := themes.BuiltIn()[0].Styles(themes.Full, false)
	k.Styles = &st
	if k.signalStyle(-50) != st.Good || k.signalStyle(-65) != st.Warn || k.signalStyle(-80) != st.Bad || k.signalStyle(0) != st.Dim {
		t.Error("the colours of a signal are not those of its ranges")
	}
}

// TestWifiPageAtEverySize draws the page of an evening in all shapes of a screen.
func TestWifiPageAtEverySize(t *testing.T) {
	m := staged(t, "wifi", Options{}, 80, 24)
	press(t, m, "5")
	for w := 40; w <= 200; w += 7 {
		for h := 10; h <= 60; h += 3 {
			m.Update(tea.WindowSizeMsg{Width: w, Height: h})
			checkSize(t, m, w, h)
		}
	}
}

// TestWifiPageOfSeveralRadios goes from one radio to the other and back.
func TestWifiPageOfSeveralRadios(t *testing.T) {
	feed := listenTo(
		heard{1, &fact.Wifi{Index: 3, Event: fact.WifiAssociated, SSID: "home", BSSID: oneAP}},
		heard{2, &fact.Link{Index: 4, Name: "wlan1", Type: fact.TypeWifi, Hardware: 1, Flags: fact.FlagUp | fact.FlagLowerUp, OperState: fact.OperUp}},
		heard{3, &fact.Wifi{Index: 4, Event: fact.WifiAssociated, SSID: "dongle", BSSID: otherAP}},
		heard{9, &fact.Station{Index: 4, Signal: -60}},
	)
	m := start(feed, Options{Width: 2 * time.Minute}, 120, 40)
	press(t, m, "5")
	for _, step := range []struct{ key, link, ssid string }{
		{"", "LINK wlan0", "home"}, {"tab", "LINK wlan1", "dongle"}, {"tab", "LINK wlan0", "home"}, {"shift+tab", "LINK wlan1", "dongle"},
	} {
		if step.key != "" {
			press(t, m, step.key)
		}
		if got := written(m); !strings.Contains(got, step.link) || !strings.Contains(got, step.ssid) || !strings.Contains(got, "tab: 1 more") {
			t.Errorf("after %q there is no %s with %s:\n%s", step.key, step.link, step.ssid, got)
		}
	}
}
