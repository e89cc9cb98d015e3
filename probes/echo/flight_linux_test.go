package echo

import (
	"net/netip"
	"testing"
	"time"

	"flapscope/probes/sock"
)

// aFlight is a request to 192.0.2.1 that was sent some time ago.
func aFlight(ago time.Duration) *Flight {
	s := &socket{record: record{flights: map[uint16]*Flight{}}}
	f := &Flight{socket: s, to: netip.MustParseAddr("192.0.2.1"), sent: time.Now().Add(-ago)}
	s.record.add(f)
	s.record.inAir++
	return f
}

// TestStamps: the round trip is what the kernel stamped, as long as the monotonic
// clock allows that. The names of the rows are what happened.
func TestStamps(t *testing.T) {
	const ago, rtt = 50 * time.Millisecond, 20 * time.Millisecond
	for name, tt := range map[string]struct {
		// stamped is the stamp of the reply, after the send.
		stamped   time.Duration
		none      bool
		slow      bool
		uncertain bool
	}{
		"stamped":                          {stamped: rtt},
		"preempted between clock and send": {stamped: rtt, slow: true, uncertain: true},
		"no stamp: the first are missing":  {none: true, uncertain: true},
		"wall clock set back":              {stamped: rtt - time.Hour, uncertain: true},
		"wall clock set forward":           {stamped: rtt + time.Hour, uncertain: true},
	} {
		t.Run(name, func(t *testing.T) {
			f := aFlight(ago)
			f.slow = tt.slow
			m := sock.Message{Name: f.to, Control: sock.Control{TTL: 57, Index: 3}}
			if !tt.none {
				m.Stamp = f.sent.Round(0).Add(tt.stamped)
			}
			got, ok := f.replied(&m, f.sent.Add(ago))
			want := ago
			if tt.stamped == rtt {
				want = rtt
			}
			if !ok || got.RTT != want || got.Uncertain != tt.uncertain || got.TTL != 57 || got.Index != 3 {
				t.Errorf("%+v, want %v, uncertain: %v", got, want, tt.uncertain)
			}
		})
	}
}

// TestOutcomes: of all that comes back for a request one thing is its outcome.
func TestOutcomes(t *testing.T) {
	reply := &sock.Message{Name: netip.MustParseAddr("192.0.2.1")}
	f := aFlight(time.Second)
	if _, ok := f.replied(&sock.Message{Name: netip.MustParseAddr("192.0.2.9")}, time.Now()); ok || f.over {
		t.Error("a stranger's answer is none")
	}
	if got, ok := f.replied(reply, time.Now()); !ok || got.Late || got.Again {
		t.Errorf("first: %+v", got)
	}
	if got, ok := f.replied(reply, time.Now()); !ok || got.Late || !got.Again {
		t.Errorf("once more: %+v", got)
	}
	if _, waited := f.GiveUp(); waited {
		t.Error("it was answered before it was given up")
	}
	f = aFlight(time.Second)
	if _, waited := f.GiveUp(); !waited || f.socket.record.inAir != 0 {
		t.Error("it was not given up")
	}
	if got, ok := f.replied(reply, time.Now()); !ok || !got.Late || got.Again {
		t.Errorf("after it was given up: %+v", got)
	}
	if got, ok := f.replied(reply, time.Now()); !ok || got.Late || !got.Again {
		t.Errorf("once more after that: %+v", got)
	}
}

// TestRecord: sequence numbers go round, and what is old is forgotten.
func TestRecord(t *testing.T) {
	r := record{flights: map[uint16]*Flight{}, oldest: 65000, next: 65000}
	s := &socket{}
	at := time.Now()
	for range 200_000 {
		at = at.Add(10 * time.Millisecond)
		r.add(&Flight{socket: s, sent: at})
		if limit := int(remembered/(10*time.Millisecond)) + 1; len(r.flights) > limit {
			t.Fatalf("%d are remembered, want %d at most", len(r.flights), limit)
		}
	}
	for range 2 * maxFlights {
		r.add(&Flight{socket: s, sent: at})
	}
	if len(r.flights) > maxFlights {
		t.Errorf("%d are remembered at once, want %d at most", len(r.flights), maxFlights)
	}
}

// TestDepartures: the first stamp of a packet is known by its time, whatever its
// number, and tells the number of the others.
func TestDepartures(t *testing.T) {
	f, g := aFlight(time.Second), aFlight(900*time.Millisecond)
	var d departures
	d.sent(f, 100*time.Microsecond)
	d.sent(g, 100*time.Microsecond)
	at := func(f *Flight, after time.Duration) time.Time { return f.sent.Round(0).Add(after) }
	queued := func(id uint32, at time.Time) { d.left(&sock.Departure{Queued: true, ID: id}, at) }
	sent := func(id uint32, at time.Time) { d.left(&sock.Departure{ID: id}, at) }

	sent(7, at(f, time.Millisecond)) // Of nothing that is known.
	queued(41, at(f, -time.Millisecond))
	queued(41, at(f, time.Second/2))
	if f.queue != 0 || g.queue != 0 {
		t.Errorf("%v and %v of other packets' stamps", f.queue, g.queue)
	}
	queued(9, at(f, 50*time.Microsecond))
	queued(4, at(g, 50*time.Microsecond)) // Numbers are out of step.
	queued(9, at(f, 80*time.Microsecond)) // A tunnel's underlay queues it again,
	sent(9, at(f, 60*time.Microsecond))   // and each lets it go.
	sent(9, at(f, 12050*time.Microsecond))
	sent(4, at(g, 3050*time.Microsecond))
	if f.queue != 12*time.Millisecond || g.queue != 3*time.Millisecond {
		t.Errorf("%v and %v in the queue, want 12 and 3 ms", f.queue, g.queue)
	}
	for range 100 {
		d.sent(f, 0)
	}
	if len(d) != maxDepartures {
		t.Errorf("%d are kept, want %d", len(d), maxDepartures)
	}
}
