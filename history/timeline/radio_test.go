package timeline

import (
	"testing"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/fold"
	"flapscope/monitor/path"
)

const (
	firstAP  = "02:00:00:00:01:00"
	secondAP = "02:00:00:00:02:00"
)

// radioPast is a quarter of an hour of Wi-Fi: associated with one access point,
// kicked after ten minutes, then with another one.
func radioPast() *Timeline {
	t := NewTimeline(DefaultLimits())
	t.Event(raw(0, pathOf(path.Satisfied, "", "eth0")), nil)
	see := func(at time.Duration, f fact.Fact) {
		t.Observed(fact.Observation{Mono: boot + at, Time: time.Unix(0, 0).Add(at), Op: fact.Put, Fact: f}, nil)
	}
	index := t.lanes[0].Index
	joined := &fact.Wifi{Index: index, Event: fact.WifiAssociated, SSID: "lab", BSSID: firstAP, Frequency: 2412}
	see(0, joined)
	for s := range 600 {
		if s%60 == 59 {
			again := *joined // as the state that a recording repeats
			see(time.Duration(s)*time.Second, &again)
		}
		see(time.Duration(s+1)*time.Second, &fact.Station{Index: index, Signal: -60 - s%2, Sent: 10, Retries: 1, Beacons: 9, Due: 10, TxRate: 650})
	}
	see(600*time.Second+1, &fact.Wifi{Index: index, Event: fact.WifiDeauthenticated, BSSID: firstAP, ByAP: true, Reason: 4})
	see(603*time.Second, &fact.WifiEvent{Index: index, Event: fact.WifiEventScan, Channels: 3})
	see(604*time.Second, &fact.Cells{Index: index, List: []fact.HeardCell{{BSSID: firstAP}, {BSSID: secondAP}}})
	see(605*time.Second, &fact.Wifi{Index: index, Event: fact.WifiAssociated, SSID: "lab", BSSID: secondAP, Frequency: 2437})
	for s := range 295 {
		see(time.Duration(606+s)*time.Second, &fact.Station{Index: index, Signal: -40, Sent: 10, Beacons: 10, Due: 10, TxRate: 1300})
	}
	return t
}

// TestAir: what was counted is counted once, in columns of any width, and nothing
// is said of a time without an association.
func TestAir(t *testing.T) {
	v := radioPast().View()
	scope := v.lanes[0].Scope
	for _, n := range []int{1, 7, 60, 900, 4000} {
		var sum Air
		for _, a := range v.Air(scope, Span{boot, boot + 901*time.Second}, n) {
			sum.Sent, sum.Beacons, sum.Due, sum.Retries = sum.Sent+a.Sent, sum.Beacons+a.Beacons, sum.Due+a.Due, sum.Retries+a.Retries
		}
		if sum.Sent != 8950 || sum.Beacons != 5400+2950 || sum.Due != 8950 || sum.Retries != 600 {
			t.Errorf("%d columns: got %d sent, %d of %d beacons, %d retries", n, sum.Sent, sum.Beacons, sum.Due, sum.Retries)
		}
	}
	all := v.Air(scope, Span{boot, boot + 900*time.Second}, 300)
	if a := all[10]; !a.Known || a.Signal > -60 || a.Signal < -61 || a.Weakest != -61 || a.Rate.TxRate != 650 {
		t.Errorf("got %+v, want what was sampled", a)
	}
	if a := all[200]; a.Known {
		t.Errorf("got %+v while nothing was associated", a)
	}
	if a := all[299]; a.Signal != -40 || a.Rate.TxRate != 1300 {
		t.Errorf("got %+v, want the second access point", a)
	}
}

// TestAirByTheMinute: what is too old to be kept by the second is kept by the
// minute, and not mixed over a change of the access point.
func TestAirByTheMinute(t *testing.T) {
	tl := radioPast()
	index := tl.lanes[0].Index
	r := tl.radios[index]
	var sent int
	for _, s := range r.coarse {
		sent += s.value.Sent
		if s.from < boot+601*time.Second && s.to > boot+601*time.Second {
			t.Errorf("a sum from %v to %v is of two access points", s.from-boot, s.to-boot)
		}
	}
	for _, s := range after(r.fine, r.open) {
		sent += s.value.Sent
	}
	if sent != 8950 {
		t.Errorf("%d packets by the minute, want all 8950", sent)
	}
	r.fine = r.fine[len(r.fine)-10:]
	sum := finishAir(tl.View().Air(tl.lanes[0].Scope, Span{boot, boot + 599*time.Second}, 1))[0]
	if !sum.Known || sum.Signal > -60 || sum.Beacons < 5300 || sum.Beacons > 5400 {
		t.Errorf("got %+v of what is known by the minute", sum)
	}
}

// TestRadio: events come in order, after the word that held before them, and a
// state that a recording repeats is none.
func TestRadio(t *testing.T) {
	v := radioPast().View()
	scope := v.lanes[0].Scope
	words := func(all []RadioEvent) (out []string) {
		for _, e := range all {
			if e.Wifi != nil {
				out = append(out, string(e.Wifi.Event))
			} else {
				out = append(out, string(e.Event.Event))
			}
		}
		return out
	}
	for _, tt := range []struct {
		from, to time.Duration
		want     []string
	}{
		{0, 900, []string{"associated", "deauthenticated", "scan", "associated"}},
		{30, 40, []string{"associated"}},
		{602, 604, []string{"deauthenticated", "scan"}},
		{700, 800, []string{"associated"}},
	} {
		span := Span{boot + tt.from*time.Second, boot + tt.to*time.Second}
		joined := Join([]Part{
			{Span: Span{boot, boot + 300*time.Second}, View: v, Exact: true},
			{Span: Span{boot + 300*time.Second, boot + 901*time.Second}, View: v, Exact: true},
		}, path.DefaultSettings())
		for name, got := range map[string][]string{"view": words(v.Radio(scope, span)), "joined": words(joined.Radio(scope, span))} {
			if len(got) != len(tt.want) {
				t.Errorf("%s from %d to %d: got %v, want %v", name, tt.from, tt.to, got, tt.want)
				continue
			}
			for i := range got {
				if got[i] != tt.want[i] {
					t.Errorf("%s from %d to %d: got %v, want %v", name, tt.from, tt.to, got, tt.want)
				}
			}
		}
	}
}

// TestHeard: what was heard holds until there is something newer, and before the first
// scan nothing is known.
func TestHeard(t *testing.T) {
	v := radioPast().View()
	const shift = time.Hour
	j := Join([]Part{
		{Span: Span{boot + shift, boot + shift + 700*time.Second}, Shift: shift, View: v, Exact: true},
		{Span: Span{boot + shift + 700*time.Second, boot + shift + 900*time.Second}, Shift: shift + 900*time.Second, View: NewTimeline(DefaultLimits()).View()},
	}, path.DefaultSettings())
	scope := v.lanes[0].Scope
	for at, want := range map[time.Duration]int{600 * time.Second: 0, 604 * time.Second: 2, 800 * time.Second: 2} {
		if got := v.Heard(scope, boot+at); got.Cells == nil != (want == 0) || want > 0 && len(got.List) != want {
			t.Errorf("after %v: %+v, want %d access points", at, got, want)
		}
		if got := j.Heard(scope, boot+shift+at); got.Cells == nil != (want == 0) || want > 0 && got.At != boot+shift+604*time.Second {
			t.Errorf("joined, after %v: %+v, want %d access points", at, got, want)
		}
	}
}

// TestRadioIsBounded: interfaces that come and go, and scans without an end.
func TestRadioIsBounded(t *testing.T) {
	r := radios{}
	for i := range 4 * maxRadioEvents {
		at := time.Duration(i) * time.Second
		r.observe(&fact.Observation{Mono: at, Fact: &fact.WifiEvent{Index: 1, Event: fact.WifiEventScan}})
		r.observe(&fact.Observation{Mono: at, Fact: &fact.Cells{Index: 1}})
		r.observe(&fact.Observation{Mono: at, Fact: &fact.Station{Index: 1 + i, Signal: -50}})
		r.observe(&fact.Observation{Mono: at, Fact: &fact.Station{Index: 1, Signal: -50}})
	}
	k := r[1]
	if len(r) > maxRadios || len(k.events) > 2*maxRadioEvents || len(k.fine) > 2*maxFineAirs || len(k.coarse) > 2*maxCoarseAirs || len(k.hearings) > 2*maxHearings {
		t.Errorf("%d radios, %d events, %d and %d samples", len(r), len(k.events), len(k.fine), len(k.coarse))
	}
}

// TestMovedTargets: what was heard of a target last keeps its age on the axis of
// recordings of another boot.
func TestMovedTargets(t *testing.T) {
	tl := NewTimeline(DefaultLimits())
	d := fold.NewDriver(path.DefaultSettings(), tl)
	for i, f := range []fact.Fact{
		&fact.Sync{Source: "kernel"},
		&fact.Target{ID: "ping:x", Name: "x", Method: fact.MethodPing},
		&fact.ProbeResult{Target: "ping:x", Outcome: fact.OutcomeOK, Sent: boot + time.Second, RTT: time.Millisecond},
		&fact.Sync{Source: "kernel"},
	} {
		d.Observe(fact.Observation{Mono: boot + time.Duration(i)*time.Second, Time: time.Unix(int64(i), 0), Op: fact.Put, Fact: f})
		tl.Snapshot(d.Snapshot())
	}
	const shift = 40 * time.Minute
	span := Span{boot + shift, boot + shift + 10*time.Second}
	j := Join([]Part{{Span: span, Shift: shift, View: tl.View(), Exact: true}}, path.DefaultSettings())
	for _, at := range []time.Duration{2500 * time.Millisecond, 5 * time.Second} {
		snap := j.At(boot + shift + at).Snapshot
		if snap == nil || snap.Targets["ping:x"] == nil {
			t.Fatalf("nothing is known after %v", at)
		}
		x := snap.Targets["ping:x"]
		if want := boot + shift + time.Second; x.Last == nil || x.Last.Sent != want || x.LastAt < want || x.LastAt > want+time.Second {
			t.Errorf("after %v: sent at %+v, known at %v, want %v", at, x.Last, x.LastAt, want)
		}
	}
	if tl.View().At(boot + 5*time.Second).Snapshot.Targets["ping:x"].Last.Sent != boot+time.Second {
		t.Error("the view that was moved has changed")
	}
}

// TestAirtime: a channel is as the newest sample before says, for some time.
func TestAirtime(t *testing.T) {
	tl := NewTimeline(DefaultLimits())
	tl.Event(raw(0, pathOf(path.Satisfied, "", "eth0")), nil)
	for _, s := range []int{10, 20} {
		at := boot + time.Duration(s)*time.Second
		tl.Observed(fact.Observation{Mono: at, Op: fact.Put, Fact: &fact.Airtime{Index: tl.lanes[0].Index, Noise: -s}}, nil)
	}
	v := tl.View()
	for at, want := range map[time.Duration]int{9: 0, 10: -10, 19: -10, 20: -20, 50: -20, 51: 0} {
		got := 0
		if a := v.Airtime(v.lanes[0].Scope, boot+at*time.Second); a.Airtime != nil {
			got = a.Noise
		}
		if got != want {
			t.Errorf("at %d s: noise %d, want %d", at, got, want)
		}
	}
}
