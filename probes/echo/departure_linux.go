package echo

import (
	"slices"
	"time"

	"flapscope/probes/sock"
)

// maxDepartures bounds the requests whose stamps may still come.
const maxDepartures = 16

// departures are the newest requests that are stamped when they leave. The kernel
// counts stamped packets, but not by rules that hold for all its versions where
// sending fails; so the first stamp of a packet is known by its time, which lies
// within the send, and tells the number by which the others are known.
type departures []departure

type departure struct {
	flight *Flight
	// from and to are when the send began and ended, by the wall clock.
	from, to time.Time
	known    bool
	id       uint32
	queued   time.Time
}

// sent adds a request whose send took so long.
func (d *departures) sent(f *Flight, took time.Duration) {
	if len(*d) == maxDepartures {
		*d = slices.Delete(*d, 0, 1)
	}
	began := f.sent.Round(0)
	*d = append(*d, departure{flight: f, from: began, to: began.Add(took)})
}

// left takes in a stamp. A tunnel queues a packet twice, and its underlay sends
// it: the first time into a queue counts, and the last one out of one.
func (d departures) left(stamp *sock.Departure, at time.Time) {
	for i := len(d) - 1; i >= 0; i-- {
		p := &d[i]
		switch {
		case p.known && p.id == stamp.ID:
			if !stamp.Queued && at.After(p.queued) {
				p.flight.queue = at.Sub(p.queued)
			}
			return
		case !p.known && stamp.Queued && !at.Before(p.from) && !at.After(p.to):
			p.known, p.id, p.queued = true, stamp.ID, at
			return
		}
	}
}
