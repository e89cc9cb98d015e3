package fold

import (
	"strings"
	"testing"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/fact/facttest"
	"flapscope/monitor/path"
)

// radio makes the interface of the lab one of Wi-Fi, and gives or takes its carrier.
func (l *lab) radio(carrier bool) {
	l.put(facttest.With(facttest.LabLink(2, "eth0", true, carrier), func(l *fact.Link) { l.Type = fact.TypeWifi }))
}

// kicked is what the radio says of a kick by the access point.
func kicked() *fact.Wifi {
	return &fact.Wifi{Index: 2, Event: fact.WifiDeauthenticated, Reason: 4, ByAP: true, Signal: -80}
}

// TestRadioRoots: what the radio says of a loss up to half a second after the
// carrier, or a second before, is the root of it and leads its chain; what it says
// of tries since says why there is no association.
func TestRadioRoots(t *testing.T) {
	lose, back := func(l *lab) { l.radio(false) }, func(l *lab) { l.radio(true) }
	say := func(w *fact.Wifi) func(*lab) { return func(l *lab) { l.put(w) } }
	after := func(d time.Duration) func(*lab) { return func(l *lab) { l.wait(d) } }
	lost := say(&fact.Wifi{Index: 2, Event: fact.WifiBeaconLost, Reason: 4, Signal: -91})
	const kick = "eth0 was deauthenticated by AP (reason 4: it heard nothing) at -80 dBm"
	const kickChain = "eth0 deauthenticated by AP (reason 4: it heard nothing) at -80 dBm, eth0 carrier lost"
	for _, tt := range []struct {
		name  string
		do    []func(*lab)
		what  path.What
		text  string
		chain string
	}{
		{"after", []func(*lab){lose, after(35 * time.Millisecond), say(kicked()), after(2 * time.Second), back}, path.Deauthenticated, kick, kickChain},
		{"late", []func(*lab){lose, after(900 * time.Millisecond), say(kicked()), after(2 * time.Second), back}, path.Deauthenticated, kick, kickChain},
		{"before", []func(*lab){say(kicked()), after(325 * time.Millisecond), lose, after(2 * time.Second), back}, path.Deauthenticated, kick, kickChain},
		{
			"beacons",
			[]func(*lab){lose, after(50 * time.Millisecond), lost, after(2 * time.Second), back},
			path.BeaconLost,
			"eth0 lost its AP: no beacons", "eth0 lost the AP: no beacons at -91 dBm, eth0 carrier lost",
		},
		{
			"refused-since",
			[]func(*lab){lose, after(3 * time.Second), say(&fact.Wifi{Index: 2, Event: fact.WifiRefused, Status: 17}), after(time.Second), back},
			path.NotAssociated, "eth0 was not associated: refused by AP (status 17: the AP is full)", "eth0 carrier lost",
		},
		{
			"tries-since",
			[]func(*lab){
				lose, after(35 * time.Millisecond), say(kicked()), after(300 * time.Millisecond),
				say(&fact.Wifi{Index: 2, Event: fact.WifiUnanswered}), after(300 * time.Millisecond),
				say(&fact.Wifi{Index: 2, Event: fact.WifiAssociated}), after(2 * time.Second),
				say(&fact.Wifi{Index: 2, Event: fact.WifiDeauthenticated, ByAP: true, Reason: 15}), after(2 * time.Second), back,
			},
			path.Deauthenticated, kick + ", then deauthenticated by AP (reason 15: wrong password, or frames lost at login)", kickChain,
		},
		{
			"refused-then",
			[]func(*lab){
				lose, after(35 * time.Millisecond), say(kicked()), after(2 * time.Second),
				say(&fact.Wifi{Index: 2, Event: fact.WifiRefused, Status: 17}), after(time.Second), back,
			},
			path.Deauthenticated, kick + ", then refused by AP (status 17: the AP is full)", kickChain,
		},
		{
			"beacons-then-refused",
			[]func(*lab){
				lose, after(50 * time.Millisecond), lost, after(2 * time.Second),
				say(&fact.Wifi{Index: 2, Event: fact.WifiRefused, Status: 17}), after(time.Second), back,
			},
			path.BeaconLost, "eth0 lost its AP: no beacons, then refused by AP (status 17: the AP is full)", "eth0 lost the AP: no beacons at -91 dBm, eth0 carrier lost",
		},
		{
			"wrong-password",
			[]func(*lab){
				lose, after(1500 * time.Millisecond), say(&fact.Wifi{Index: 2, Event: fact.WifiAssociated}), after(3 * time.Second),
				say(&fact.Wifi{Index: 2, Event: fact.WifiDeauthenticated, ByAP: true, Reason: 15}), after(2 * time.Second), back,
			},
			path.NotAssociated, "eth0 was not associated: deauthenticated by AP (reason 15: wrong password, or frames lost at login)", "eth0 carrier lost",
		},
		{
			"by-us",
			[]func(*lab){lose, after(43 * time.Millisecond), say(&fact.Wifi{Index: 2, Event: fact.WifiDeauthenticated, Reason: 3}), after(2 * time.Second), back},
			path.NotAssociated, "eth0 was not associated: deauthenticated by this machine (reason 3)",
			"eth0 deauthenticated by this machine (reason 3), eth0 carrier lost",
		},
		{
			"another-interface",
			[]func(*lab){lose, say(&fact.Wifi{Index: 3, Event: fact.WifiBeaconLost}), after(2 * time.Second), back},
			path.NotAssociated, "eth0 was not associated", "eth0 carrier lost",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := newLab(t, path.DefaultSettings()).boot()
			l.radio(true)
			l.put(&fact.Wifi{Index: 2, Event: fact.WifiAssociated, SSID: "lab"})
			l.wait(time.Minute)
			l.events = nil
			for _, do := range tt.do {
				do(l)
			}
			l.wait(time.Minute)
			var got *Incident
			for _, e := range l.events {
				if e.Incident != nil {
					got = e.Incident
				}
			}
			if got == nil {
				t.Fatal("no incident")
			}
			if text, _, _ := strings.Cut(got.Text.Display(), ";"); got.Root.What != tt.what || text != tt.text || got.Open() {
				t.Errorf("%s: %s, want %s: %s, closed", got.Root.What, text, tt.what, tt.text)
			}
			if c := chainText(got.Cause); c != tt.chain {
				t.Errorf("chain of the incident: %s, want %s", c, tt.chain)
			}
			if c := l.causes(path.ScopeMachine, PhaseSettled); len(c) == 0 || c[0] != tt.chain {
				t.Errorf("settled chain: %q, want %q", c, tt.chain)
			}
			for _, s := range got.Cause {
				if s.After < 0 {
					t.Errorf("%s is %v before the first fact", s.Text, -s.After)
				}
			}
		})
	}
}

func chainText(steps []path.Step) string {
	var out []string
	for _, s := range steps {
		out = append(out, s.Interface.Display()+" "+s.Text.Display())
	}
	return strings.Join(out, ", ")
}

// TestRoamIsANote: a change of the access point is a note, however often it comes,
// and no outage; also where the carrier is back before the radio says so.
func TestRoamIsANote(t *testing.T) {
	for name, carrierFirst := range map[string]bool{"in-order": false, "carrier-first": true} {
		t.Run(name, func(t *testing.T) { roams(t, carrierFirst) })
	}
}

func roams(t *testing.T, carrierFirst bool) {
	t.Helper()
	l := newLab(t, path.DefaultSettings()).boot()
	l.radio(true)
	l.put(&fact.Wifi{Index: 2, Event: fact.WifiAssociated, SSID: "lab"})
	l.wait(time.Minute)
	l.events = nil
	for range 5 {
		l.radio(false)
		l.wait(46 * time.Millisecond)
		l.put(&fact.Wifi{Index: 2, Event: fact.WifiDeauthenticated, Reason: 1})
		l.wait(84 * time.Millisecond)
		roamed := &fact.Wifi{Index: 2, Event: fact.WifiRoamed, SSID: "lab", From: "02:00:00:00:01:00", BSSID: "02:00:00:00:02:00"}
		if !carrierFirst {
			l.put(roamed)
		}
		l.wait(30 * time.Millisecond)
		l.radio(true)
		if carrierFirst {
			l.wait(5 * time.Millisecond)
			l.put(roamed)
		}
		l.wait(20 * time.Second)
	}
	l.wait(2 * time.Minute)
	notes := 0
	for _, e := range l.events {
		switch i := e.Incident; {
		case e.Episode != nil:
			t.Errorf("episode %s", e.Episode.What)
		case i == nil:
		case i.Root.What != path.Roam || !i.Note() || i.Open():
			t.Errorf("%s %s: %s", i.Severity, i.Root.What, i.Text)
		default:
			notes++
			if i.Duration != 160*time.Millisecond || i.Text != "eth0 roamed lab from 02:00:00:00:01:00 to 02:00:00:00:02:00; no path for 160 ms" {
				t.Errorf("%v: %s", i.Duration, i.Text)
			}
		}
	}
	if notes != 5 {
		t.Errorf("%d notes of 5 roams", notes)
	}
}

// TestRoamWaitsForTheGateway: the note of a roam says for how long nothing could
// leave after it, because the gateway was asked for; where that is at once, or never
// known, it says nothing.
func TestRoamWaitsForTheGateway(t *testing.T) {
	for _, tt := range []struct {
		name  string
		state fact.NeighbourState
		after time.Duration
		want  string
	}{
		{"a-second-late", fact.NeighbourReachable, 866 * time.Millisecond, "; no path for 160 ms, and the gateway was asked for on the link (ARP) for 866 ms more"},
		{"at-once", fact.NeighbourReachable, 20 * time.Millisecond, "; no path for 160 ms"},
		{"asked", fact.NeighbourIncomplete, 866 * time.Millisecond, "; no path for 160 ms"},
		{"much-later", fact.NeighbourReachable, 10 * time.Second, "; no path for 160 ms"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := newLab(t, path.DefaultSettings()).boot()
			l.radio(true)
			l.put(&fact.Wifi{Index: 2, Event: fact.WifiAssociated, SSID: "lab"})
			l.wait(time.Minute)
			l.radio(false)
			l.wait(130 * time.Millisecond)
			l.put(&fact.Wifi{Index: 2, Event: fact.WifiRoamed, SSID: "lab", From: "02:00:00:00:01:00", BSSID: "02:00:00:00:02:00"})
			l.wait(30 * time.Millisecond)
			l.radio(true)
			l.wait(tt.after)
			l.put(&fact.Neighbour{Index: 2, Dst: l.fold.Snapshot().Raw.IPv4.Gateway, State: tt.state})
			l.wait(time.Minute)
			var got []string
			for _, e := range l.events {
				if e.Incident != nil && e.Incident.Root.What == path.Roam {
					got = append(got, string(e.Incident.Text))
				}
			}
			if len(got) != 1 || !strings.HasSuffix(got[0], "02:00:00:00:02:00"+tt.want) {
				t.Errorf("got %q, want one that ends with %q", got, tt.want)
			}
		})
	}
}

// TestWrongPasswordEndsTheGrace: an association that ends before it was of use is no
// settling in.
func TestWrongPasswordEndsTheGrace(t *testing.T) {
	l := newLab(t, path.DefaultSettings()).boot()
	l.radio(true)
	l.wait(time.Minute)
	l.put(&fact.Wifi{Index: 2, Event: fact.WifiAssociated, SSID: "lab"})
	lost := l.now
	l.radio(false)
	l.wait(4 * time.Second)
	l.put(&fact.Wifi{Index: 2, Event: fact.WifiDeauthenticated, Reason: 15, ByAP: true})
	l.wait(time.Second)
	var declared time.Duration
	for _, e := range l.events {
		if tr := e.Transition; tr != nil && tr.Scope == path.ScopeMachine && tr.Phase == PhaseSettled && tr.To != path.Satisfied {
			declared = tr.DeclaredMono - lost
		}
	}
	if declared != 4*time.Second {
		t.Errorf("settled %v after the loss, want 4s", declared)
	}
}
