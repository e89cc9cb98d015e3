package trace

import (
	"net/netip"
	"slices"
	"time"

	"flapscope/probes/sock"
)

// MaxHops is how far a way is followed; the longest in the internet have some
// thirty.
const MaxHops = 30

// An Answer is what one packet of a round got back. Without an address nothing
// came.
type Answer struct {
	Addr netip.Addr
	RTT  time.Duration
	// End is whether it came from where the packet was sent to, Refusal who said
	// no, where that is something else than that the packet had gone far enough.
	End     bool
	Refusal *sock.Refusal
}

// A Router is one of those that answered at one distance.
type Router struct {
	Addr netip.Addr
	// Received is how many answers came, and RTTs how long the last of them took,
	// oldest first.
	Received int
	RTTs     []time.Duration
	// Said is who forbids to go on, or nil.
	Said *sock.Refusal
}

// A Hop is one distance.
type Hop struct {
	TTL int
	// Sent is how many packets were sent so far, Received how many of them were
	// answered by anybody.
	Sent, Received int
	Routers        []Router
	// Last are the newest round trips, 0 for a lost one.
	Last []time.Duration
}

// keep is how many round trips are kept.
const keep = 120

// A Path is a way to an address, and what was counted on it.
type Path struct {
	Hops   []Hop
	Rounds int
	// Reached is whether the end answered, at the distance of the last hop.
	Reached bool
	// MTU is the size of the largest packet that arrives, or 0, and By who said
	// so, if somebody did.
	MTU int
	By  netip.Addr
}

// Round enters the answers of one round, by distance: the first is of hop 1. What
// lies behind the end is the end too, and counts once.
func (p *Path) Round(answers []Answer) {
	p.Rounds++
	end := len(answers)
	for i, a := range answers {
		if a.End || a.Refusal != nil {
			end = i + 1
			p.Reached = p.Reached || a.End
			if i > 0 && a.Refusal != nil && answers[i-1].Addr == a.Addr {
				// It takes what ends at it, and forbids what goes on.
				answers = slices.Clone(answers)
				answers[i-1].Refusal, end = a.Refusal, i
			}
			break
		}
	}
	for i, a := range answers[:end] {
		if i >= len(p.Hops) {
			p.Hops = append(p.Hops, Hop{TTL: i + 1})
		}
		p.Hops[i].count(a)
	}
	if p.Reached && end < len(p.Hops) && answers[end-1].End {
		p.Hops = p.Hops[:end]
	}
}

// Again enters answers of hops that had none: their rate limit, or chance, may
// have been why. They are of the round before.
func (p *Path) Again(ttl int, a Answer) {
	if ttl > len(p.Hops) || !a.Addr.IsValid() {
		return
	}
	h := &p.Hops[ttl-1]
	h.Sent--
	h.Last = h.Last[:len(h.Last)-1]
	h.count(a)
}

func (h *Hop) count(a Answer) {
	h.Sent++
	if h.Last = append(h.Last, a.RTT); len(h.Last) > keep {
		h.Last = slices.Delete(h.Last, 0, 1)
	}
	if !a.Addr.IsValid() {
		return
	}
	h.Received++
	i := slices.IndexFunc(h.Routers, func(r Router) bool { return r.Addr == a.Addr })
	if i < 0 {
		i = len(h.Routers)
		h.Routers = append(h.Routers, Router{Addr: a.Addr})
	}
	r := &h.Routers[i]
	r.Received++
	if r.RTTs = append(r.RTTs, a.RTT); len(r.RTTs) > keep {
		r.RTTs = slices.Delete(r.RTTs, 0, 1)
	}
	if a.Refusal != nil {
		r.Said = a.Refusal
	}
}

// Len returns how many hops there are up to the last that ever answered.
func (p *Path) Len() int {
	last := len(p.Hops)
	for last > 0 && p.Hops[last-1].Received == 0 {
		last--
	}
	return last
}

// Trim takes away the hops behind the last that answered.
func (p *Path) Trim() { p.Hops = p.Hops[:p.Len()] }

// Forbids returns the hop that forbids to go on, or nil.
func (p *Path) Forbids() (*Hop, *sock.Refusal) {
	for i := range p.Hops {
		for _, r := range p.Hops[i].Routers {
			if r.Said != nil {
				return &p.Hops[i], r.Said
			}
		}
	}
	return nil, nil
}

// Lost returns how much is lost up to hop i (from 0), as a share, or -1 where
// that can't be told. Routers answer when they like: what counts is what is lost
// behind a hop too. So a hop loses no more than the one behind it that loses
// least.
func (p *Path) Lost(i int) float64 {
	if p.Hops[i].Received == 0 {
		return -1
	}
	least := 1.0
	for _, h := range p.Hops[i:] {
		if h.Received > 0 {
			least = min(least, float64(h.Sent-h.Received)/float64(h.Sent))
		}
	}
	return least
}

// Limits reports whether a hop answered less often than packets got through it:
// routers limit how many errors they send.
func (p *Path) Limits(i int) bool {
	h := &p.Hops[i]
	own := float64(h.Sent-h.Received) / float64(max(1, h.Sent))
	return h.Received > 0 && own > p.Lost(i)+0.01
}

// Between returns the hops between which loss begins (from 0; the first may be
// -1, this machine) and how much is lost there; ok is false where nothing is.
func (p *Path) Between() (from, to int, lost float64, ok bool) {
	from = -1
	for i := range p.Hops {
		switch lost = p.Lost(i); {
		case lost < 0:
		case lost == 0:
			from = i
		case p.Limits(i):
			// It says less than those behind it.
		default:
			return from, i, lost, true
		}
	}
	return 0, 0, 0, false
}

// Times returns the shortest, the middle and the longest of round trips.
func Times(all []time.Duration) (best, median, worst time.Duration) {
	if len(all) == 0 {
		return 0, 0, 0
	}
	sorted := slices.Sorted(slices.Values(all))
	return sorted[0], sorted[len(sorted)/2], sorted[len(sorted)-1]
}
