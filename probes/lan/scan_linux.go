package lan

import (
	"context"
	"net/netip"
	"sync"
	"time"

	"flapscope/monitor/fact"
	"flapscope/monitor/state"
	"flapscope/probes/burst"
)

// replyWithin is how long the answers of the last who are asked are waited for.
const replyWithin = time.Second

// Run finds who is on a link.
func Run(ctx context.Context, r Request) Scan {
	began := time.Now()
	var out Scan
	var ask []netip.Addr
	r.Look(func(s *state.State) {
		prefixes, own := linkPrefixes(s, r.Index)
		out.Prefixes, out.All = prefixes, true
		if len(prefixes) > 0 && own.IsValid() {
			ask, out.All = Addresses(prefixes[0], own)
		}
	})
	if r.Quiet {
		ask = nil
	}
	rtts := map[netip.Addr]time.Duration{}
	var announced *directory
	var running sync.WaitGroup
	running.Go(func() { announced = listen(ctx, r) })
	if !r.Quiet {
		running.Go(func() { rtts = r.sweep(ctx, ask, &out) })
		running.Go(func() { r.callAll(ctx) })
	}
	running.Wait()
	var found *hosts
	r.Look(func(s *state.State) { found = newHosts(s, r.Index) })
	if !r.Quiet && ctx.Err() == nil {
		announced.names(ctx, r, found.all)
	}
	announced.fill(found)
	for a, rtt := range rtts {
		if x := found.byAddr[a]; x != nil && (x.RTT == 0 || rtt < x.RTT) {
			x.RTT = rtt
		}
	}
	out.Makers = nameMakers(found.all)
	out.Hosts, out.Took = found.list(), time.Since(began)
	return out
}

// sweep asks each address once, and returns the round trips of those that answered.
// Those that do not answer pings answer the kernel's question for their hardware
// address, and so are known after it.
func (r *Request) sweep(ctx context.Context, ask []netip.Addr, out *Scan) map[netip.Addr]time.Duration {
	rtts := map[netip.Addr]time.Duration{}
	if len(ask) == 0 {
		return rtts
	}
	kind := burst.Echo
	if r.Raw {
		kind = burst.RawEcho
	}
	s, err := burst.Open(kind, false, r.Index)
	if err != nil {
		if s, err = burst.Open(burst.Datagram, false, r.Index); err != nil {
			out.Notes = append(out.Notes, fact.Untrusted("addresses were not asked: "+err.Error()))
			return rtts
		}
	}
	defer s.Close()
	tick := time.NewTicker(pace)
	defer tick.Stop()
	for i, a := range ask {
		if i%perPace == 0 {
			select {
			case <-ctx.Done():
				return rtts
			case <-tick.C:
			}
		}
		s.Send(burst.Packet{To: a})
		out.Asked++
	}
	select {
	case <-ctx.Done():
	case <-time.After(replyWithin):
	}
	for i, a := range ask {
		if x := s.Answer(i); x.Replied || x.Refusal != nil && x.Refusal.Target() {
			rtts[a] = x.RTT
		}
	}
	return rtts
}
