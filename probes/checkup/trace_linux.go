package checkup

import (
	"net/netip"
	"slices"
	"time"

	"flapscope/monitor/fact"
	"flapscope/probes/burst"
)

// maxHops is how far the way is looked at: where nothing answers, the first
// routers matter.
const maxHops = 12

// trace asks each router on the way to an address, at once.
func (r *run) trace(f fact.Family, a netip.Addr) {
	i := index(f)
	s, err := r.pings.socket(f == fact.IPv6, r.scope.Index)
	if err != nil {
		return
	}
	t := &r.traces[i]
	t.began, t.socket = time.Now(), s
	for ttl := range maxHops {
		t.asked = append(t.asked, s.Send(burst.Packet{To: a, TTL: ttl + 1}))
		r.pings.sent++
		r.pings.traced++
	}
}

// A trace is the way to an address, up to where it ends.
type trace struct {
	asked  []int
	began  time.Time
	socket *burst.Socket
}

func index(f fact.Family) int {
	if f == fact.IPv6 {
		return 1
	}
	return 0
}

// waitsForTraces reports whether a trace may still have answers to come.
func (r *run) waitsForTraces(time.Duration) bool {
	return slices.ContainsFunc(r.traces[:], func(t trace) bool {
		return t.socket != nil && time.Since(t.began) < lostAfter
	})
}

// hops are the routers that answered, up to the last one.
func (r *run) hops() (out [2][]Hop) {
	for i := range r.traces {
		t := &r.traces[i]
		last := 0
		var all []Hop
		for n, number := range t.asked {
			a := t.socket.Answer(number)
			h := Hop{}
			if a.Done() && a.From.IsValid() && (a.Refusal == nil || !a.Refusal.Own) {
				h, last = Hop{a.From, a.RTT}, n+1
			}
			if n > 0 && h.Addr.IsValid() && h.Addr == all[n-1].Addr {
				last = n // It refuses what it passes on no further.
				break
			}
			all = append(all, h)
		}
		out[i] = all[:last]
	}
	return out
}
