package fold

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/path"
)

func TestTransitionJSON(t *testing.T) {
	l := newLab(t, path.DefaultSettings()).boot()
	l.wait(10 * time.Second)
	l.lose()
	l.wait(3 * time.Second)
	for i := range l.events {
		line := AppendEvent(nil, &l.events[i], "")
		var got map[string]any
		if err := json.Unmarshal(line, &got); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if got["kind"] != "path" {
			continue
		}
		for _, key := range []string{"time", "mono_ns", "phase", "initial", "to", "scope", "flapping", "path"} {
			if _, ok := got[key]; !ok {
				t.Errorf("%s: no key %q", line, key)
			}
		}
		if _, ok := got["declared"]; ok != (got["phase"] == "settled") {
			t.Errorf("%s: declared belongs to settled transitions only", line)
		}
	}
}

func TestAppendTimeIsFormat(t *testing.T) {
	zones := []*time.Location{
		time.UTC, time.FixedZone("", 0), time.FixedZone("", 3600), time.FixedZone("", -12600), time.FixedZone("", 5*3600+37),
	}
	at := time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC)
	times := []time.Time{{}, at.Add(-1), at.AddDate(8029, 11, 30), at.AddDate(8030, 0, 0), at.AddDate(-1969, 0, 0), at.AddDate(-3000, 0, 0)}
	for i := range 2000 {
		times = append(times, at.Add(time.Duration(i*i*i)*1234567891*time.Nanosecond))
	}
	for i, at := range times {
		at = at.In(zones[i%len(zones)])
		if got, want := string(fact.AppendTime([]byte("x"), at)), "x"+fact.FormatTime(at); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestReplayIsExact(t *testing.T) {
	live := newLab(t, path.DefaultSettings()).boot()
	live.wait(10 * time.Second)
	for i := range 12 {
		live.lose()
		live.wait(time.Duration(i) * 170 * time.Millisecond)
		live.gain()
		live.wait(time.Duration(12-i) * 110 * time.Millisecond)
	}
	live.wait(20 * time.Minute)
	live.put(&fact.Clock{})

	var replayed []Event
	fold := NewFold(path.DefaultSettings(), func(e Event) { replayed = append(replayed, e) })
	for _, o := range live.seen {
		line := fact.AppendObservation(nil, &o)
		parsed, err := fact.ParseObservation(line)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		fold.Observe(parsed)
	}
	if len(replayed) != len(live.events) {
		t.Fatalf("events: replayed %d, live %d", len(replayed), len(live.events))
	}
	for i := range replayed {
		a, b := AppendEvent(nil, &live.events[i], ""), AppendEvent(nil, &replayed[i], "")
		if string(a) != string(b) {
			t.Errorf("event %d differs:\nlive   %s\nreplay %s", i, a, b)
		}
	}
}

// A recording may claim any time. RFC 3339 ends with the year 9999, and package
// json refuses what is beyond, and zones of a day.
func TestEventJSONOfAnyTime(t *testing.T) {
	for name, at := range map[string]time.Time{
		"late": time.Date(9999, 12, 31, 23, 59, 58, 0, time.UTC),
		"zone": time.Date(2026, 1, 1, 0, 0, 0, 0, time.FixedZone("", 24*3600)),
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t, path.DefaultSettings()).boot()
			l.wait(10 * time.Second)
			l.lose()
			l.wait(3 * time.Second)
			l.gain()
			l.wait(10 * time.Second)
			moved := at.Sub(l.events[0].Time)
			for i := range l.events {
				e := moveEvent(l.events[i], moved, at.Location())
				if line := AppendEvent(nil, &e, ""); !json.Valid(line) {
					t.Errorf("no JSON: %s", line)
				}
			}
		})
	}
}

// moveEvent returns an event at other wall times.
func moveEvent(e Event, by time.Duration, zone *time.Location) Event {
	move := func(at time.Time) time.Time { return at.Add(by).In(zone) }
	steps := func(list []path.Step) []path.Step {
		list = slices.Clone(list)
		for i := range list {
			list[i].Time = move(list[i].Time)
		}
		return list
	}
	e.Time = move(e.Time)
	if e.Transition != nil {
		moved := *e.Transition
		moved.Declared, moved.Cause = move(moved.Declared), steps(moved.Cause)
		e.Transition = &moved
	}
	if e.Episode != nil {
		moved := *e.Episode
		moved.Start, moved.End = move(moved.Start), move(moved.End)
		moved.Cause, moved.Recovery = steps(moved.Cause), steps(moved.Recovery)
		e.Episode = &moved
	}
	return e
}

// TestLinesEscape plants what encoding/json leaves alone into text of facts
// and events, by every encoder that there is.
func TestLinesEscape(t *testing.T) {
	const evil = "a\x7fb\u009b31mc\u202ed\u200be"
	facts := []fact.Fact{
		&fact.Link{Index: 1, LinkKind: evil, Address: evil}, &fact.Lookup{Err: evil}, &fact.Neighbour{LLAddr: evil}, &fact.Resolvers{Source: evil, Err: evil},
		&fact.Gap{Reason: evil, Source: evil, Text: evil}, &fact.Notice{Key: evil, Text: evil}, &fact.Target{ID: evil}, &fact.ProbeResult{Target: evil},
	}
	lines := map[string][]byte{
		"episode":    AppendEvent(nil, &Event{Episode: &Episode{What: evil, Reason: evil}}, ""),
		"transition": AppendEvent(nil, &Event{Transition: &Transition{Scope: evil, Path: &path.Path{}}}, ""),
	}
	for _, f := range facts {
		o := fact.Observation{Op: fact.Put, Via: evil, Fact: f}
		lines[string(f.Kind())] = fact.AppendObservation(nil, &o)
	}
	for kind, line := range lines {
		for _, r := range string(line) {
			if !fact.Printable(r) {
				t.Errorf("%s: %U is raw in %q", kind, r, line)
			}
		}
		if !json.Valid(line) {
			t.Errorf("%s: no JSON: %s", kind, line)
		}
	}
}

// A host of containers has a thousand interfaces, and a loss of its uplink is a
// transition of the machine and of both families: none carries them all.
func TestEventJSONOfManyInterfaces(t *testing.T) {
	p := &path.Path{Interfaces: make([]*path.InterfacePath, 1000)}
	for i := range p.Interfaces {
		p.Interfaces[i] = &path.InterfacePath{Index: i + 1, Reason: path.ReasonNoAddress}
	}
	line := AppendEvent(nil, &Event{Transition: &Transition{Scope: path.ScopeMachine, Path: p}}, "")
	var got struct{ Path path.Path }
	if err := json.Unmarshal(line, &got); err != nil {
		t.Fatal(err)
	}
	if n, more := len(got.Path.Interfaces), got.Path.MoreInterfaces; n != maxListed || more != 1000-maxListed {
		t.Errorf("%d interfaces and %d more in %d bytes", n, more, len(line))
	}
	if len(p.Interfaces) != 1000 || p.MoreInterfaces != 0 {
		t.Error("the path itself was changed, which others hold")
	}
}
