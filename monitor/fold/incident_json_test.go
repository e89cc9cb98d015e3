package fold

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/path"
)

// FuzzParseIncident: whatever ParseIncident takes, it writes in a form that it
// reads as the same.
func FuzzParseIncident(f *testing.F) {
	for _, d := range [][]damage{
		{{what: path.CarrierLost, from: time.Minute, to: 85 * time.Second}},
		{{what: path.UpstreamSilent, family: fact.IPv6, from: time.Minute, to: 85 * time.Second}},
		{{what: path.CaptivePortal, from: time.Minute, to: 125 * time.Second}},
		{{what: path.GatewaySilent, from: time.Minute, to: time.Hour}},
	} {
		for _, i := range incidentsOf(newWorld(3, d...).observations(3*time.Minute), 3*time.Minute) {
			f.Add(AppendEvent(nil, &Event{Time: i.From.Time, Mono: i.From.Mono, Incident: i}, ""))
		}
	}
	f.Add([]byte(`{"from":"2026-11-21T09:00:00Z","root":{"family":"ipv5"}}`))
	f.Add([]byte(`{"from":"2026-11-21T09:00:00Z","phase":"open","evidence":["link eth0 wired: up","\u009b31m"]}`))
	f.Add([]byte(`{"from":"0000-01-01T00:00:00Z","from_earliest":"9999-12-31T23:59:59Z","to":"2026-11-21T09:00:00+14:00","to_mono_ns":-9223372036854775808}`))
	f.Add([]byte(`{"from":"2026-11-21T09:00:00Z","text":"\u009b31m","works":[""],"pattern":{"lag_ns":-1},"cause":[{}]}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		i, evidence, err := ParseIncident(line)
		if err != nil {
			return
		}
		written := AppendEvent(nil, &Event{Time: i.From.Time, Mono: i.From.Mono, Incident: i, Evidence: evidence}, "")
		again, evidence, err := ParseIncident(written)
		if err != nil {
			t.Fatalf("its own form is refused: %v\n%s", err, written)
		}
		if second := AppendEvent(nil, &Event{Time: i.From.Time, Mono: i.From.Mono, Incident: again, Evidence: evidence}, ""); !bytes.Equal(written, second) {
			t.Errorf("read again it is another:\n%s\n%s", written, second)
		}
		// What is reported later of it must not fail either.
		i.Lasts(time.Second).Joined(again)
	})
}

// TestIncidentsJoin: an incident that went on while nobody watched has the begin
// of the one and the end of the other, and what was not watched is not counted.
func TestIncidentsJoin(t *testing.T) {
	at := func(d time.Duration) fact.Instant {
		return fact.Instant{Time: time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC).Add(d), Mono: time.Hour + d}
	}
	flapping := damage{what: path.CarrierLost}
	var first []damage
	for k := range 3 {
		flapping.from = time.Minute + time.Duration(k)*10*time.Second
		flapping.to = flapping.from + 4*time.Second
		first = append(first, flapping)
	}
	first[2].to = time.Hour
	open := incidentsOf(newWorld(3, first...).observations(85*time.Second), 85*time.Second)[0]
	if !open.Open() || open.Count != 3 {
		t.Fatalf("not open: %s", open.line())
	}
	next := *incidentsOf(newWorld(3, damage{what: path.CarrierLost, from: time.Minute, to: 70 * time.Second}).observations(3*time.Minute), 3*time.Minute)[0]
	next.From, next.To = at(0), at(10*time.Second)
	if !open.Continues(&next) || next.Continues(open) {
		t.Error("only what is open goes on")
	}
	both := open.Joined(&next)
	if both.From != open.From || both.To != next.To || both.Count != 3 || both.Down != open.Down+next.Down {
		t.Errorf("joined %+v", both)
	}
	if text := string(both.Text); !strings.HasPrefix(text, "eth0 lost its carrier 3 ×, ") || !strings.HasSuffix(text, "; nothing worked") || strings.Count(text, "×") != 1 {
		t.Errorf("it says %q", text)
	}
	later := open.Lasts(10 * time.Second)
	if later.Duration != open.Duration+10*time.Second || later.Down != open.Down+10*time.Second || later.Text == open.Text {
		t.Errorf("10 s later %+v", later)
	}
}
