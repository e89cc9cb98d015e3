package echo

import (
	"net/netip"
	"time"

	"flapscope/probes/sock"
)

const (
	// remembered is how long a request is remembered after it was sent: answers
	// came after 3 s from a full queue, and satellite modems hold more.
	remembered = 15 * time.Second
	// maxFlights bounds the requests of a socket that are remembered, at half of
	// the sequence numbers.
	maxFlights = 1 << 15
)

// A Flight is a request that was sent.
type Flight struct {
	socket *socket
	to     netip.Addr
	// sent has both clocks: the kernel stamps by that of the wall.
	sent   time.Time
	report func(Answer)
	// seq and what follows are guarded by the socket.
	seq uint16
	// slow is whether the send took so long that sent says little.
	slow bool
	// over is whether an outcome is known, and answered whether that is an answer.
	over, answered bool
	// queue is how long the request waited in this machine's queue, as far as it
	// is known.
	queue time.Duration
	// stranger is who else answered.
	stranger netip.Addr
}

// GiveUp ends the wait for an answer; what comes after it is late. It returns
// who answered without being asked, if anybody did, and whether no outcome was
// known until now.
func (f *Flight) GiveUp() (stranger netip.Addr, waited bool) {
	f.socket.mu.Lock()
	defer f.socket.mu.Unlock()
	return f.stranger, f.end()
}

// end notes that an outcome is known, and returns whether none was until now.
func (f *Flight) end() bool {
	if f.over {
		return false
	}
	f.over = true
	f.socket.record.inAir--
	return true
}

// A delivery is an answer on its way to who asked.
type delivery struct {
	flight *Flight
	answer Answer
}

// A record knows the requests of a socket by their sequence numbers.
type record struct {
	flights map[uint16]*Flight
	// oldest is the sequence number of the oldest request, and next that of the
	// next.
	oldest, next uint16
	// inAir counts the requests whose outcome is not known.
	inAir int
}

// add gives a request the next sequence number, and forgets what is too old.
func (r *record) add(f *Flight) {
	for r.oldest != r.next {
		old := r.flights[r.oldest]
		if old != nil && len(r.flights) < maxFlights && f.sent.Sub(old.sent) < remembered {
			break
		}
		if old != nil {
			old.end()
		}
		delete(r.flights, r.oldest)
		r.oldest++
	}
	f.seq = r.next
	r.flights[f.seq] = f
	r.next++
}

// replied takes in that a request was answered.
func (f *Flight) replied(m *sock.Message, now time.Time) (a Answer, ok bool) {
	if m.Name != f.to {
		f.stranger = m.Name
		return Answer{}, false
	}
	rtt, stamped := sock.RoundTrip(f.sent, m.Stamp, now)
	a.Reply = Reply{RTT: rtt, Uncertain: !stamped || f.slow, TTL: m.TTL, Index: m.Index}
	a.Queue = min(f.queue, a.RTT)
	a.Again, a.Late = f.answered, f.over && !f.answered
	f.end()
	f.answered = true
	return a, true
}
