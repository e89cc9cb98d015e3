package fold

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/path"
)

// newestIncident returns the last thing said of an incident, and its lines of JSON.
func (l *lab) newestIncident() (out *Incident) {
	for _, e := range l.events {
		if e.Incident != nil && !e.Incident.Note() {
			out = e.Incident
		}
	}
	if out == nil {
		l.t.Fatal("no incident")
	}
	return out
}

// dropped is an association that an access point ends, and that comes back.
func (l *lab) dropped(w fact.Wifi, tries ...fact.Wifi) {
	w.Index = 2
	l.radio(false)
	l.wait(35 * time.Millisecond)
	l.put(&w)
	for _, try := range tries {
		l.wait(500 * time.Millisecond)
		try.Index = 2
		l.put(&try)
	}
	l.wait(2 * time.Second)
	l.put(&fact.Wifi{Index: 2, Event: fact.WifiAssociated, SSID: w.SSID, BSSID: w.BSSID})
	l.radio(true)
	l.wait(20 * time.Second)
}

// TestSeveralAccessPoints: an incident counts who ended associations and who refused
// them, and says how many they are where that is not one.
func TestSeveralAccessPoints(t *testing.T) {
	kick := func(n, mhz int) fact.Wifi {
		return fact.Wifi{Event: fact.WifiDeauthenticated, ByAP: true, Reason: 4, SSID: "lab", BSSID: fact.Untrusted(fmt.Sprint("02:00:00:00:00:0", n)), Frequency: mhz}
	}
	out, roamed := kick(1, 2412), kick(1, 2412)
	out.Event = fact.WifiBeaconLost
	roamed.ByAP, roamed.Reason = false, 2
	refused := fact.Wifi{Event: fact.WifiRefused, Status: 17, BSSID: "02:00:00:00:00:02"}
	silent := fact.Wifi{Event: fact.WifiUnanswered, BSSID: "02:00:00:00:00:03"}
	login := fact.Wifi{Event: fact.WifiDeauthenticated, ByAP: true, Reason: 15, BSSID: "02:00:00:00:00:02"}
	for _, tt := range []struct {
		name string
		do   func(l *lab)
		text string
		want string
	}{
		{"one", func(l *lab) { l.dropped(kick(1, 2412)); l.dropped(kick(1, 2412)) }, "by AP (reason 4", "1: 2 ended, channel 1"},
		{
			"three", func(l *lab) {
				l.dropped(kick(1, 2412))
				l.dropped(kick(2, 2437))
				l.dropped(kick(3, 5180))
				l.dropped(kick(1, 2412))
			},
			"eth0 was deauthenticated by 3 access points (reason 4: it heard nothing) 4 ×", "1: 2 ended, channel 1; 2: 1 ended, channel 6; 3: 1 ended, channel 36",
		},
		{"own", func(l *lab) { l.dropped(roamed) }, "by this machine (reason 2: to associate again)", ""},
		{"beacons", func(l *lab) { l.dropped(out); l.dropped(out) }, "lost its AP: no beacons 2 ×", "1: 2 lost, channel 1"},
		{"full", func(l *lab) { l.dropped(roamed, refused, refused) }, "was not associated: refused by AP (status 17: the AP is full), 2 tries", "2: 2 failed"},
		{
			"refused", func(l *lab) {
				l.radio(false)
				for range 3 {
					l.wait(3 * time.Second)
					l.put(&fact.Wifi{Index: 2, Event: refused.Event, Status: 17, BSSID: refused.BSSID})
				}
			}, "is not associated: refused by AP (status 17: the AP is full), 3 tries", "2: 3 failed",
		},
		{
			"refused-by-two", func(l *lab) {
				l.radio(false)
				for i := range 4 {
					l.wait(3 * time.Second)
					l.put(&fact.Wifi{Index: 2, Event: refused.Event, Status: 17, BSSID: fact.Untrusted(fmt.Sprint("02:00:00:00:00:0", 2+i%2))})
				}
			}, "refused by 2 access points (status 17: the AP is full), 4 tries", "2: 2 failed; 3: 2 failed",
		},
		{
			"wrong-password", func(l *lab) {
				l.radio(false)
				for range 2 {
					l.wait(3 * time.Second)
					l.put(&fact.Wifi{Index: 2, Event: fact.WifiAssociated, BSSID: login.BSSID})
					l.wait(4 * time.Second)
					w := login
					w.Index = 2
					l.put(&w)
				}
			}, "is not associated: deauthenticated by AP (reason 15: wrong password, or frames lost at login), 2 tries", "2: 2 failed",
		},
		{"no-answer", func(l *lab) {
			l.radio(false)
			l.wait(3 * time.Second)
			w := silent
			w.Index = 2
			l.put(&w)
		}, "is not associated: AP does not answer; nothing", "3: 1 failed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := newLab(t, path.DefaultSettings()).boot()
			l.radio(true)
			l.put(&fact.Wifi{Index: 2, Event: fact.WifiAssociated, SSID: "lab"})
			l.wait(time.Minute)
			l.events = nil
			tt.do(l)
			i := l.newestIncident()
			if !strings.Contains(string(i.Text), tt.text) {
				t.Errorf("got %q, want %q in it", i.Text, tt.text)
			}
			if got := cellsText(i.Cells); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func cellsText(cells []Cell) string {
	var out []string
	for _, c := range cells {
		said := string(c.BSSID[max(0, len(c.BSSID)-1):]) + ":"
		for _, n := range []struct {
			n    int
			word string
		}{{c.Ended, "ended"}, {c.Lost, "lost"}, {c.Failed, "failed"}} {
			if n.n > 0 {
				said += fmt.Sprintf(" %d %s", n.n, n.word)
			}
		}
		if c.Channel > 0 {
			said += fmt.Sprint(", channel ", c.Channel)
		}
		out = append(out, said)
	}
	return strings.Join(out, "; ")
}

// TestCellsAreBounded: access points are invented by whoever is near, and no
// incident that was told changes later.
func TestCellsAreBounded(t *testing.T) {
	var all []Cell
	for n := range 10 * maxCells {
		old := all
		before := cellsText(old)
		all = addCell(all, Cell{BSSID: fact.Untrusted(fmt.Sprint(n)), SSID: "x", Failed: 1})
		if cellsText(old) != before {
			t.Fatal("an incident that was told has changed")
		}
	}
	sum := 0
	for _, c := range all {
		sum += c.Failed
	}
	if len(all) != maxCells+1 || sum != 10*maxCells {
		t.Errorf("%d access points with %d tries", len(all), sum)
	}
}
